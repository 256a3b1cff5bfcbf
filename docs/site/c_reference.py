# SPDX-License-Identifier: MIT
"""Writes the reference of libdtls: one page a header, from what the header declares and says."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import generated
import headers
import prose

FOLDER = "reference/libdtls"
CONVENTIONS = headers.ROOT / "docs" / "reference" / "libdtls.md"


def usual_parameters() -> dict[str, str]:
    """The parameters that mean the same in every function, from the table in the reference's first page."""
    table = CONVENTIONS.read_text().split("## Names that mean the same everywhere")[1].split("\n## ")[0]
    found: dict[str, str] = {}
    for names, meaning in re.findall(r"^\| (`.*?) \| (.*?) \|$", table, re.M):
        found |= dict.fromkeys(re.findall(r"`(\w+)`", names), meaning)
    return found


def parameters_without_words(declaration: headers.Declaration) -> list[str]:
    """Parameters that the declaration's comment does not name, or its noun, `out_key` a key."""
    words = set(re.findall(r"\w+", declaration.comment.lower()))
    plain = {name: re.sub(r"^(out|num)_|_(len|ns)$", "", name) for name in declaration.parameters}
    return [name for name, word in plain.items() if not words & {name, word, word + "s", word.rstrip("s")}]


def summary(header: headers.Header) -> str:
    """The first sentence of a header's introduction, for lists and man pages."""
    sentence = re.split(r"(?<=[.:])\s", re.sub(r"\s+", " ", header.introduction))[0].rstrip(".:")
    return sentence[0].lower() + sentence[1:] if sentence[1].islower() else sentence


def _indented(lines: list[str], depth: int) -> list[str]:
    return [" " * depth + line if line else "" for line in "\n".join(lines).split("\n")]


class Page:
    """One header's page, as it grows."""

    def __init__(self, header: headers.Header, known: prose.Names, defined: set[str]) -> None:
        self.header, self.known, self.defined = header, known, defined
        self.usual = usual_parameters()

    def text(self, comment: str) -> list[str]:
        """A comment as lines, a blank one behind each paragraph."""
        made = prose.paragraphs(comment, self.known, self.header.name)
        return [line for paragraph in made for line in (paragraph, "")]

    def signature(self, declaration: headers.Declaration) -> str:
        """A declaration as the C domain's directive takes it."""
        if declaration.kind in ("struct", "enum", "type"):
            return declaration.name
        if declaration.kind == "macro":
            listed = f"({', '.join(declaration.parameters)})" if declaration.parameters else ""
            return declaration.name + listed
        return declaration.code.removeprefix("extern ")

    def directive(self, declarations: list[headers.Declaration], body: list[str]) -> list[str]:
        """A directive for declarations that share their words. Members are left out of tables of contents."""
        opening = f".. c:{declarations[0].kind}:: "
        signatures = [self.signature(declaration) for declaration in declarations]
        rest = [" " * len(opening) + signature for signature in signatures[1:]]
        inner = ["   :no-contents-entry:"] if declarations[0].kind in ("member", "enumerator") else []
        return [opening + signatures[0], *rest, *inner, "", *_indented(body, 3), ""]

    def function_body(self, group: list[headers.Declaration]) -> list[str]:
        """Words, usual parameters and results of functions."""
        purpose, results = prose.split_results(group[0].comment)
        body = self.text(purpose)
        for name in dict.fromkeys(n for d in group for n in d.parameters):
            if name in self.usual and f"`{name}`" not in purpose:
                body.append(f":param {name}: {prose.inline(self.usual[name], self.known)}")
        if results:
            body += [":returns:", ""]
            for entry in results:
                body.append(f"   - {prose.result(entry, self.known, self.header.name)}")
        return body

    def members(self, declaration: headers.Declaration) -> list[str]:
        """A struct's or an enumeration's members."""
        made: list[str] = []
        for above, group in itertools.groupby(declaration.members, lambda member: member.above):
            sharing = list(group)
            alone = len(sharing) == 1
            made += [] if alone else self.text(above)
            for member in sharing:
                made += self.directive([member], self.text(above if alone else "") + self.text(member.behind))
        return made

    def macro_body(self, group: list[headers.Declaration]) -> list[str]:
        """A macro's words and what it stands for."""
        body = self.text(group[0].comment)
        for macro in group:
            value = re.sub(rf"^{macro.name}(?:\([^)]*\))?\s*", "", macro.code).replace("\\ ", "")
            named = f"``{macro.name}``: " if len(group) > 1 else "Value: "
            body += [f"{named}``{value}``", ""] if value else []
        return body

    def group(self, group: list[headers.Declaration]) -> list[str]:
        """Declarations that share a comment."""
        group = [d for d in group if d.name not in self.defined or d.kind != "type"]
        if not group:
            return []
        kind = group[0].kind
        if any(d.kind != kind for d in group):
            return [line for declaration in group for line in self.group([declaration])]
        if kind == "function":
            return self.directive(group, self.function_body(group))
        if kind == "macro":
            return self.directive(group, self.macro_body(group))
        if kind in ("struct", "enum"):
            made: list[str] = []
            for d in group:
                body = self.text(d.above) + self.members(d)
                made += self.directive([d], body) if d.name else body
            return made
        if any(d.behind for d in group):
            each = [self.directive([d], self.text(d.behind)) for d in group]
            return self.text(group[0].above) + [line for lines in each for line in lines]
        return self.directive(group, self.text(group[0].above))

    def lines(self) -> list[str]:
        """The whole page."""
        name = f"dtls/{self.header.name}"
        made = [name, "=" * len(name), "", ".. only:: man", "", "   .. rubric:: Synopsis", ""]
        made += [".. code-block:: c", "", f"   #include <{name}>", ""]
        made += self.text(self.header.introduction)
        for group in self.header.groups:
            made += self.group(group)
        return made


def generate(folder: Path) -> None:
    """Writes the pages into `folder`; leaves alone what has not changed, and removes what is of no header."""
    folder.mkdir(parents=True, exist_ok=True)
    known = prose.all_names()
    read = [headers.read(name) for name in headers.names()]
    defined = {d.name for header in read for d in header.declarations if d.kind in ("struct", "enum")}
    wanted = {}
    for header in read:
        wanted[folder / f"{header.name.removesuffix('.h')}.rst"] = "\n".join(
            Page(header, known, defined).lines()
        )
        defined |= {d.name for d in header.declarations if d.kind == "type"}
    for path in set(folder.glob("*.rst")) - set(wanted):
        path.unlink()
    generated.write_changed(wanted)
