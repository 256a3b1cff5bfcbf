#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the reference of the NetX services in English and in Korean: one page a service, and an overview.

Prototypes come from the headers, codes and their causes from reference/netx/services.toml, the rest from
reference/netx/overview.toml and reference/netx/texts. `netx_reference.py` writes the pages, as every build of
the documentation does; a test sees that they are those of the tables.
"""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import generated

DOCS = Path(__file__).resolve().parents[1]
ROOT = DOCS.parent
HEADERS = ROOT / "libdtls" / "include" / "netx"
EXAMPLES = ROOT / "libdtls" / "examples" / "netx"
TABLES = DOCS / "reference" / "netx"
PREFIX = "nx_secure_dtls_"
PAGES = {
    "EXPLANATION": "explanation/netx.md",
    "LEGACY": "how-to/netx-legacy-devices.md",
    "PORT": "how-to/port-a-netx-program.md",
    "SERVICES": "reference/netx.md",
    "SURROUNDINGS": "reference/netx-surroundings.md",
}
"""What stands in the texts for links to other pages."""


@dataclass(frozen=True)
class Edition:
    """A language: where its pages are, and which of two texts is its own."""

    suffix: str
    docs: Path
    number: int

    @property
    def reference(self) -> Path:
        """Where the reference is."""
        return self.docs / "reference"

    @property
    def folder(self) -> Path:
        """Where the pages of the services are."""
        return self.reference / "netx"

    @property
    def overview(self) -> Path:
        """The page that leads to them."""
        return self.reference / "netx.md"

    def text(self, table: dict[str, Any], key: str = "text") -> str:
        """A table's text in this language."""
        return str(table[key + self.suffix]).strip()

    def word(self, name: str) -> str:
        """A heading or phrase that all pages share."""
        return str(shared()["words"][name][self.number])


ENGLISH = Edition("", DOCS, 0)
KOREAN = Edition("_ko", DOCS / "ko", 1)
EDITIONS = (ENGLISH, KOREAN)


@dataclass(frozen=True)
class Prototype:
    """What a header declares, by its public name."""

    result: str
    name: str
    parameters: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        """The parameters' names; of a function pointer, its own."""
        return [(re.search(r"\(\*(\w+)\)", p) or re.search(r"(\w+)$", p) or [""])[1] for p in self.parameters]

    @property
    def code(self) -> str:
        """On one line if that is not long."""
        opening = f"{self.result} {self.name}("
        whole = f"{opening}{', '.join(self.parameters) or 'VOID'});"
        if len(whole) <= 100:
            return whole
        beside = max(map(len, self.parameters)) + len(opening) < 100
        indent = "\n" + " " * (len(opening) if beside else 4)
        listed = [part if len(part) < 90 else self.broken(part, indent) for part in self.parameters]
        return opening + ("" if beside else indent) + ("," + indent).join(listed) + ");"

    @staticmethod
    def broken(pointer: str, indent: str) -> str:
        """A long function pointer, its first parameter on a line and the others below."""
        first, rest = pointer.split(", ", 1)
        return f"{first},{indent}{' ' * (first.rindex('(') + 1)}{rest}"


@dataclass
class Service:
    """One service with what its pages say."""

    name: str
    """Without the prefix."""
    prototype: Prototype
    texts: dict[str, Any]
    codes: list[dict[str, Any]] = field(default_factory=list)

    @property
    def public(self) -> str:
        """The name that programs use."""
        return PREFIX + self.name

    def parameter(self, name: str) -> dict[str, Any]:
        """What is said of a parameter: in the service's own words, or in those that all share."""
        own = self.texts.get("parameters", {}).get(name)
        if own is None and name == "cert_id" and self.name.endswith("_remove"):
            name = "remove_cert_id"
        return dict(own if own is not None else shared()["parameters"][name])


@dataclass
class Subject:
    """Services that belong together."""

    order: int
    texts: dict[str, Any]
    services: list[Service]


# ---- what the pages are made of ---------------------------------------------


@cache
def shared() -> dict[str, Any]:
    """What the pages have in common."""
    return tomllib.loads((TABLES / "overview.toml").read_text("utf-8"))


@cache
def codes() -> dict[str, list[dict[str, Any]]]:
    """The codes of each service, by its name without the prefix."""
    table = tomllib.loads((TABLES / "services.toml").read_text("utf-8"))
    return {service: [{"code": c, **row} for c, row in rows.items()] for service, rows in table.items()}


def split_parameters(text: str) -> tuple[str, ...]:
    """A list of parameters, at those of its commas that are in no brackets."""
    flat = re.sub(r"\s+", " ", text).strip()
    found, depth, start = [], 0, 0
    for at, character in enumerate(flat):
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            found.append(flat[start:at].strip())
            start = at + 1
    rest = flat[start:].strip()
    return tuple([*found, rest] if rest not in ("", "VOID") else found)


def declared(text: str, prefix: str) -> dict[str, Prototype]:
    """The prototypes in a header's text of functions with this prefix, by their names without it."""
    pattern = rf"^(UINT|VOID) {prefix}(\w+)\((.*?)\);$"
    return {
        m[2]: Prototype(m[1], PREFIX + m[2], split_parameters(m[3]))
        for m in re.finditer(pattern, text, re.M | re.S)
    }


@cache
def prototypes(prefix: str = "_nx_secure_dtls_") -> dict[str, Prototype]:
    """What nx_secure_dtls.h declares."""
    return declared((HEADERS / "nx_secure_dtls.h").read_text(), prefix)


@cache
def subjects() -> list[Subject]:
    """All subjects in their order, each with its services."""
    found = []
    for path in TABLES.glob("texts/*.toml"):
        table = tomllib.loads(path.read_text("utf-8"))
        services = [
            Service(name, prototypes()[name], texts, codes().get(name, []))
            for name, texts in table["services"].items()
        ]
        found.append(Subject(table["order"], table, services))
    return sorted(found, key=lambda subject: subject.order)


def services() -> list[Service]:
    """All services."""
    return [service for subject in subjects() for service in subject.services]


# ---- pages ------------------------------------------------------------------


def path_to(target: Path, page: Path) -> str:
    """A relative link."""
    return os.path.relpath(target, page.parent)


def linked(text: str, page: Path, edition: Edition) -> str:
    """Makes links of services' names, and of the words that stand for pages."""

    def link(match: re.Match[str]) -> str:
        target = edition.folder / f"{match[1]}.md"
        known = match[1].removeprefix(PREFIX) in prototypes() and target != page
        return f"[`{match[1]}`]({path_to(target, page)})" if known else match[0]

    text = re.sub(rf"(?<!\[)`({PREFIX}\w+)`", link, text)
    for word, other in PAGES.items():
        text = text.replace(f"({word})", f"({path_to(edition.docs / other, page)})")
    return text


def prose(text: str) -> str:
    """A text's paragraphs on a line each: Korean is not to be broken within a word's ending."""
    return "\n\n".join(re.sub(r"\s*\n\s*", " ", part).strip() for part in text.split("\n\n"))


def parameter_rows(service: Service, edition: Edition) -> list[str]:
    """The table of parameters."""
    if not service.prototype.names:
        return [edition.word("no_parameters")]
    rows = [f"| {edition.word('parameter')} | {edition.word('meaning')} |", "| --- | --- |"]
    return rows + [
        f"| `{name}` | {prose(edition.text(service.parameter(name)))} |" for name in service.prototype.names
    ]


def code_rows(service: Service, edition: Edition) -> list[str]:
    """The codes with their causes, and behind them those that cannot occur."""
    if service.prototype.result == "VOID":
        return [edition.word("no_codes")]
    rows: dict[bool, list[str]] = {False: [], True: []}
    for row in service.codes:
        mark = " †" if row.get("checked", False) else ""
        line = f"- `{row['code']}` ({value_of(row['code'])}){mark}: {prose(edition.text(row))}"
        rows[row.get("never", False)].append(line)
    if any(row.get("checked", False) for row in service.codes):
        rows[False] += ["", f"† {edition.word('checked')}"]
    never = ["", edition.word("never"), "", *rows[True]] if rows[True] else []
    return rows[False] + never


@cache
def values() -> dict[str, int]:
    """The numbers of the codes, from the headers."""
    text = "".join(path.read_text() for path in HEADERS.glob("*.h"))
    return {m[1]: int(m[2], 0) for m in re.finditer(r"^#define (N?X?\w+) +(0x[0-9A-Fa-f]+|\d+)$", text, re.M)}


def value_of(code: str) -> str:
    """A code's number as NetX writes it."""
    return f"0x{values()[code]:02X}"


def program_of(service: Service) -> Path | None:
    """The example, a program that a test runs."""
    return next(EXAMPLES.glob(f"[0-9][0-9]_{service.name}.c"), None)


def example(service: Service, page: Path, edition: Edition) -> list[str]:
    """The example with its heading."""
    program = program_of(service)
    if program is None:
        return []
    target = path_to(program, page)
    return [
        f"## {edition.word('example')}",
        "",
        f"[`{program.relative_to(ROOT)}`]({target})",
        "",
        f"```{{literalinclude}} {target}",
        ":language: c",
        "```",
        "",
    ]


def page(service: Service, edition: Edition) -> str:
    """A service's page."""
    path = edition.folder / f"{service.public}.md"
    other = EDITIONS[1 - edition.number]
    switch = path_to(other.folder / path.name, path)
    waits = service.texts.get("waits" + edition.suffix)
    callers = "waiting" if waits else service.texts.get("callers", "any")
    lines = [
        f"# {service.public}",
        "",
        f"[{edition.word('other_edition')}]({switch})",
        "",
        f"{edition.text(service.texts, 'title')}.",
        "",
        *(["```c", service.prototype.code, "```", ""]),
        prose(edition.text(service.texts)),
        "",
        *([edition.word("extra"), ""] if service.texts.get("extra") else []),
        f"## {edition.word('parameters')}",
        "",
        *parameter_rows(service, edition),
        "",
        f"## {edition.word('codes')}",
        "",
        *code_rows(service, edition),
        "",
        f"## {edition.word('waits')}",
        "",
        prose(str(waits).strip()) if waits else edition.word("no_wait"),
        "",
        f"## {edition.word('callers')}",
        "",
        edition.text(shared()["callers"][callers]),
        "",
        *example(service, path, edition),
        f"## {edition.word('see')}",
        "",
    ]
    titles = {each.name: edition.text(each.texts, "title") for each in services()}
    lines += [f"- `{PREFIX}{name}`: {titles[name]}" for name in service.texts["see"]]
    lines.append(f"- [{edition.word('all_services')}]({path_to(edition.overview, path)})")
    return linked("\n".join(lines) + "\n", path, edition)


def overview(edition: Edition) -> str:
    """The page of all services by subject."""
    other = EDITIONS[1 - edition.number]
    introduction = edition.text(shared()["overview"])
    switch = f"[{edition.word('other_edition')}]({path_to(other.overview, edition.overview)})"
    lines = [f"# {edition.text(shared()['overview'], 'title')}", "", switch, "", introduction, ""]
    for subject in subjects():
        lines += [f"## {edition.text(subject.texts, 'title')}", ""]
        lines += [prose(edition.text(subject.texts, "introduction")), ""]
        for service in subject.services:
            mark = " \\*" if service.texts.get("extra") else ""
            lines.append(f"- `{service.public}`: {edition.text(service.texts, 'title')}{mark}")
        lines.append("")
    lines.append(f"\\* {edition.word('extra')}")
    return linked("\n".join(lines) + "\n", edition.overview, edition)


def pages() -> dict[Path, str]:
    """All pages of both editions."""
    made = {edition.overview: overview(edition) for edition in EDITIONS}
    for edition in EDITIONS:
        for service in services():
            made[edition.folder / f"{service.public}.md"] = page(service, edition)
    return made


def generate() -> None:
    """Writes the pages that have changed, and removes those of no service."""
    wanted = pages()
    for edition in EDITIONS:
        edition.folder.mkdir(parents=True, exist_ok=True)
        for path in set(edition.folder.glob("*.md")) - set(wanted):
            path.unlink()
    generated.write_changed(wanted)


if __name__ == "__main__":
    generate()
