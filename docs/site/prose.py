# SPDX-License-Identifier: MIT
"""Turns the comments of headers into reStructuredText: names become links, RFC sections too."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import headers

RFC = re.compile(r"RFC (\d{4})(?: sections? ([\d.]*\d))?")
NAME = re.compile(r"\b(?:dtls|DTLS)_\w+")
TOKEN = re.compile(rf"`[^`]+`|{RFC.pattern}|{NAME.pattern}(?:_?\*)?|\b[a-z_]+\.h\b")
RESULT = r"DTLS_(?:OK|NOTHING|ERROR_[A-Z0-9_]+)"
UNDERLINE = re.compile(r"^([A-Z].*)\n-{3,}$", re.M)


@dataclass
class Names:
    """What prose can link to: every public name, and the members of structs by their own names."""

    kinds: dict[str, str] = field(default_factory=dict)
    members: dict[str, list[str]] = field(default_factory=dict)

    def add(self, declaration: headers.Declaration) -> None:
        """Takes in a declaration of the top level with its members."""
        if declaration.name:
            self.kinds.setdefault(declaration.name, declaration.kind)
        for member in declaration.members:
            if member.kind == "enumerator":
                self.kinds[member.name] = member.kind
            else:
                self.kinds[f"{declaration.name}.{member.name}"] = member.kind
                self.members.setdefault(member.name, []).append(f"{declaration.name}.{member.name}")

    def role(self, name: str) -> str | None:
        """The role that links to a name; None if nothing has it."""
        kind = self.kinds.get(name)
        owner, _, own = name.rpartition(".")
        if kind is None and len(self.members.get(own, [])) == 1 and self.kinds.get(owner, "var") == "var":
            return f":c:member:`{name} <{self.members[own][0]}>`"
        return f":c:{'func' if kind == 'function' else kind}:`{name}`" if kind else None


def all_names() -> Names:
    """The names of all public headers."""
    known = Names()
    for name in headers.names():
        for declaration in headers.read(name).declarations:
            known.add(declaration)
    return known


def _escaped(text: str) -> str:
    return re.sub(r"([\\*_|`])", r"\\\1", text)


def _link(token: str, known: Names, own: str) -> str:
    """One token of prose as markup."""
    if match := RFC.fullmatch(token):
        anchor = f"#section-{match[2]}" if match[2] else ""
        return f"`{token} <https://www.rfc-editor.org/rfc/rfc{match[1]}{anchor}>`__"
    bare = token.strip("`")
    if bare.endswith(".h"):
        linked = bare in headers.names() and bare != own
        return f":doc:`{bare} <{bare.removesuffix('.h')}>`" if linked else f"``{bare}``"
    return known.role(bare) or f"``{bare}``"


def inline(text: str, known: Names, own: str = "") -> str:
    """A paragraph's text as markup. `own` is the header that it stands in."""
    text = re.sub(r"\s+", " ", text).strip()
    made, at = "", 0
    for match in TOKEN.finditer(text):
        before = text[at : match.start()]
        made += _escaped(before)
        if made and not re.search(r"[\s(\[\"'/-]$", made):
            made += "\\ "
        made += _link(match[0], known, own)
        at = match.end()
        if at < len(text) and re.match(r"\w", text[at]):
            made += "\\ "
    return made + _escaped(text[at:])


def paragraphs(text: str, known: Names, own: str = "") -> list[str]:
    """A comment as paragraphs of markup; underlined lines become small headings."""
    made = []
    for part in re.split(r"\n\s*\n", UNDERLINE.sub(r"\n\n=\1\n\n", text)):
        if part.strip():
            heading = part.strip().startswith("=")
            made.append(f".. rubric:: {part.strip()[1:]}" if heading else inline(part, known, own))
    return made


def split_results(text: str) -> tuple[str, list[str]]:
    """What a function does, and one entry for each of its results, in the words of its comment."""
    flat = re.sub(r"[ \t]*\n(?!\s*\n)[ \t]*", " ", text)
    start = re.search(rf"(?:^|(?<=[.;] )|(?<=\n)){RESULT}(?: \(|[:,.])", flat)
    if start is None:
        return text, []
    entries = []
    for sentence in re.split(rf"(?<=[.;]) (?={RESULT}\b)", flat[start.start() :].strip()):
        listed = re.split(rf", (?={RESULT}\b)(?![^(]*\))", sentence) if ":" not in sentence else [sentence]
        entries += [entry.rstrip(".") for entry in listed]
    return flat[: start.start()].strip(), entries


def result(entry: str, known: Names, own: str = "") -> str:
    """One result as markup: `DTLS_ERROR_STATE (closed)` and `DTLS_ERROR_STATE: closed` look the same."""
    match = re.fullmatch(rf"({RESULT})(?: \((.*)\)|: (.*))?", entry, re.S)
    if match is None:
        return inline(entry, known, own)
    reason = match[2] or match[3]
    return inline(match[1], known, own) + (f": {inline(reason, known, own)}" if reason else "")
