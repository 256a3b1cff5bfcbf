#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the reference of what is around the NetX services: as much of ThreadX and NetX Duo as is here.

One page a language. Prototypes and numbers come from the headers, the rest from surroundings.toml and, with
the same names and codes, surroundings.ko.toml in reference/netx. `netx_surroundings.py` writes the pages, as
every build of the documentation does; a test sees that they are those of the tables.
"""

from __future__ import annotations

import itertools
import re
import tomllib
from functools import cache
from pathlib import Path

import generated
import netx_reference as netx

TABLES = {"": "surroundings.toml", "_ko": "surroundings.ko.toml"}


def page(edition: netx.Edition) -> Path:
    """Where the page is."""
    return edition.reference / "netx-surroundings.md"


@cache
def table(edition: netx.Edition) -> dict[str, dict[str, str]]:
    """For each name a remark, if there is one, and the causes of its codes."""
    return tomllib.loads((netx.TABLES / TABLES[edition.suffix]).read_text("utf-8"))


@cache
def prototypes() -> dict[str, str]:
    """What the headers declare, by the names that programs use."""
    text = "\n".join(path.read_text() for path in sorted(netx.HEADERS.glob("*.h")))
    declared = {m[2]: m for m in re.finditer(r"^(\w+ \*?)(_?[nt]xd?_\w+)\(([^;]*)\);$", text, re.M)}
    names = {name: (name, "") for name in declared}
    for macro in re.finditer(r"^#define ([nt]xd?_\w+)(?:\((\w+)\))? +(_\w+)(?:\(&\(\w+\)\))?$", text, re.M):
        names[macro[1]] = (macro[3], macro[2])
    return {n: prototype(n, declared[own], by) for n, (own, by) in names.items() if own in declared}


def prototype(name: str, declared: re.Match[str], by_address: str | None) -> str:
    """A declaration by a program's name. What a macro gives by address, the program gives by itself."""
    parameters = netx.split_parameters(declared[3])
    if by_address:
        parameters = tuple(re.sub(r"\*\*\w+", f"*{by_address}", each) for each in parameters)
    return netx.Prototype(declared[1].strip(), name, parameters).code.replace("* ", "*", 1)


@cache
def values() -> dict[str, int]:
    """The numbers of the codes, ThreadX's among them."""
    text = "".join(path.read_text() for path in netx.HEADERS.glob("*.h"))
    return {m[1]: int(m[2], 0) for m in re.finditer(r"^#define ([NT]X_\w+) +(0x[0-9A-Fa-f]+)$", text, re.M)}


def subject(name: str) -> dict[str, str]:
    """What a name belongs to."""
    known: list[dict[str, str]] = netx.shared()["surroundings"]["subjects"]
    return next(each for each in known if re.match(each["names"], name))


def entry(name: str, edition: netx.Edition) -> list[str]:
    """What is said of a name."""
    rows = dict(table(edition)[name])
    remark = rows.pop("remark", "")
    codes = [f"- `{code}` (0x{values()[code]:02X}): {cause}" for code, cause in rows.items()]
    said = remark or ("" if codes else edition.word("no_code"))
    parts = [f"### {name}", f"```c\n{prototypes()[name]}\n```", said, "\n".join(codes)]
    return [line for part in parts if part for line in (part, "")]


def text(edition: netx.Edition) -> str:
    """The page."""
    here, other = page(edition), page(netx.EDITIONS[1 - edition.number])
    shared = netx.shared()["surroundings"]
    switch = f"[{edition.word('other_edition')}]({netx.path_to(other, here)})"
    lines = [f"# {edition.text(shared, 'title')}", "", switch, "", edition.text(shared), ""]
    for each, names in itertools.groupby(table(edition), subject):
        lines += [f"## {edition.text(each, 'title')}", ""]
        lines += [line for name in names for line in entry(name, edition)]
    return netx.linked("\n".join(lines).rstrip() + "\n", here, edition)


def pages() -> dict[Path, str]:
    """The page in both languages."""
    return {page(edition): text(edition) for edition in netx.EDITIONS}


def generate() -> None:
    """Writes the pages that have changed."""
    generated.write_changed(pages())


if __name__ == "__main__":
    generate()
