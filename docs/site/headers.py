# SPDX-License-Identifier: MIT
"""Reads the public headers of libdtls: what they declare, and what their comments say of it.

The parser is clang's own; comments are ordinary ones, so a header has no marks that only a generator wants.
A comment belongs to what stands right below it, down to the next empty line, or to what it stands behind.
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from clang.cindex import Cursor, CursorKind, Index, TranslationUnit, TypeKind

ROOT = Path(__file__).resolve().parents[2]
INCLUDE = ROOT / "libdtls" / "include"

KINDS = {
    CursorKind.FUNCTION_DECL: "function",
    CursorKind.STRUCT_DECL: "struct",
    CursorKind.ENUM_DECL: "enum",
    CursorKind.TYPEDEF_DECL: "type",
    CursorKind.VAR_DECL: "var",
    CursorKind.MACRO_DEFINITION: "macro",
    CursorKind.FIELD_DECL: "member",
    CursorKind.ENUM_CONSTANT_DECL: "enumerator",
}


def version() -> str:
    """The version of libdtls, as dtls/version.h has it."""
    text = (INCLUDE / "dtls" / "version.h").read_text()
    parts = [re.search(rf"DTLS_VERSION_{part} (\d+)", text) for part in ("MAJOR", "MINOR", "PATCH")]
    return ".".join(part[1] for part in parts if part)


@dataclass
class Comment:
    """A comment without its marks, by the lines that it stands on."""

    first: int
    last: int
    text: str


@dataclass
class Declaration:
    """Something that a header declares. `kind` is the name of its object type in Sphinx's C domain."""

    kind: str
    name: str
    header: str
    first: int
    last: int
    code: str
    parameters: list[str] = field(default_factory=list)
    members: list[Declaration] = field(default_factory=list)
    above: str = ""
    """The comment above it, or above the group that it belongs to."""
    behind: str = ""

    @property
    def comment(self) -> str:
        """Everything that is said of it."""
        return "\n\n".join(text for text in (self.above, self.behind) if text)


@dataclass
class Header:
    """A header: what it is for, and its declarations in groups that share a comment."""

    name: str
    introduction: str
    groups: list[list[Declaration]]

    @property
    def declarations(self) -> list[Declaration]:
        """All of them, in order, without members."""
        return [declaration for group in self.groups for declaration in group]


def names() -> list[str]:
    """The public headers' names, such as `connection.h`."""
    return sorted(path.name for path in (INCLUDE / "dtls").glob("*.h"))


def _unmarked(comment: str) -> str:
    """A comment's text: without marks, its paragraphs and lines as they stand."""
    lines = comment.removeprefix("/*").removesuffix("*/").split("\n")
    lines = [re.sub(r"^\s*\* ?", "", line) if i else line for i, line in enumerate(lines)]
    return "\n".join(line.strip() for line in lines).strip()


def _comments(unit: TranslationUnit) -> list[Comment]:
    tokens = unit.get_tokens(extent=unit.cursor.extent)
    return [
        Comment(token.extent.start.line, token.extent.end.line, _unmarked(token.spelling))
        for token in tokens
        if token.kind.name == "COMMENT"
    ]


def _code(source: list[str], cursor: Cursor) -> str:
    """The source text of a declaration, on one line and without comments."""
    first, last = cursor.extent.start, cursor.extent.end
    lines = source[first.line - 1 : last.line]
    lines[-1] = lines[-1][: last.column - 1]
    lines[0] = lines[0][first.column - 1 :]
    return re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/", " ", "\n".join(lines), flags=re.S)).strip()


def _attach(declarations: list[Declaration], comments: list[Comment]) -> list[list[Declaration]]:
    """Gives each declaration its comments; the answer is the groups."""
    groups: list[list[Declaration]] = []
    line = 0  # the last that the declaration before takes, its comment included
    for declaration in declarations:
        above = next((c for c in comments if c.last == declaration.first - 1 and c.first > line), None)
        behind = next((c for c in comments if c.first == declaration.last), None)
        if above is not None or not groups or declaration.first > line + 1:
            groups.append([])
        declaration.above = above.text if above else (groups[-1][0].above if groups[-1] else "")
        declaration.behind = behind.text if behind else ""
        groups[-1].append(declaration)
        line = max(declaration.last, behind.last if behind else 0)
    return groups


def _declaration(cursor: Cursor, header: str, source: list[str], comments: list[Comment]) -> Declaration:
    made = Declaration(
        KINDS[cursor.kind],
        "" if cursor.is_anonymous() else cursor.spelling,
        header,
        cursor.extent.start.line,
        cursor.extent.end.line,
        _code(source, cursor),
    )
    if made.kind == "function":
        made.parameters = [argument.spelling for argument in cursor.get_arguments()]
    if made.kind == "macro":
        match = re.match(rf"{made.name}\(([^)]*)\)", made.code)
        made.parameters = [word.strip() for word in match[1].split(",")] if match else []
    if made.kind in ("struct", "enum"):
        members = [child for child in cursor.get_children() if child.kind in KINDS]
        inside = [comment for comment in comments if made.first < comment.first < made.last]
        made.members = [_declaration(member, header, source, comments) for member in members]
        _attach(made.members, inside)
    return made


def _wanted(cursor: Cursor, path: Path) -> bool:
    here = cursor.location.file is not None and Path(cursor.location.file.name) == path
    if not here or cursor.kind not in KINDS or cursor.spelling == f"DTLS_{path.stem.upper()}_H":
        return False
    # `typedef struct name { … } name;` is the struct; `typedef struct name name;` is a type without one here.
    if cursor.kind == CursorKind.TYPEDEF_DECL:
        canonical = cursor.underlying_typedef_type.get_canonical()
        declared = canonical.get_declaration()
        return (
            canonical.kind not in (TypeKind.RECORD, TypeKind.ENUM)
            or declared.location.line == 0
            or not (declared.extent.start.line >= cursor.extent.start.line and declared.is_definition())
        )
    return cursor.kind not in (CursorKind.STRUCT_DECL, CursorKind.ENUM_DECL) or cursor.is_definition()


@cache
def compiler_includes() -> list[str]:
    """Where the C compiler keeps <stddef.h> and its kin."""
    found = subprocess.run(["cc", "-print-file-name=include"], capture_output=True, text=True, check=True)
    return ["-isystem", found.stdout.strip()]


@cache
def read(name: str) -> Header:
    """Reads one public header. Raises ValueError when clang finds an error in it."""
    path = INCLUDE / "dtls" / name
    arguments = ["-xc", "-std=c17", f"-I{INCLUDE}", "-D_GNU_SOURCE", *compiler_includes()]
    unit = Index.create().parse(
        str(path), arguments, options=TranslationUnit.PARSE_DETAILED_PROCESSING_RECORD
    )
    problems = [str(problem) for problem in unit.diagnostics if problem.severity >= 3]
    if problems:
        raise ValueError(f"{path}: {problems[0]}")
    source = path.read_text().split("\n")
    comments = _comments(unit)
    cursors = [cursor for cursor in _flat(unit.cursor) if _wanted(cursor, path)]
    cursors.sort(key=lambda cursor: cursor.extent.start.line)
    declarations = [_declaration(cursor, name, source, comments) for cursor in cursors]
    introduction = re.sub(r"^SPDX-License-Identifier:.*\n+", "", comments[0].text)
    return Header(name, introduction, _attach(declarations, comments[1:]))


def _flat(cursor: Cursor) -> list[Cursor]:
    """The declarations at the top, those in `extern "C"` among them."""
    found = []
    for child in cursor.get_children():
        inside = child.kind in (CursorKind.LINKAGE_SPEC, CursorKind.UNEXPOSED_DECL)
        found += _flat(child) if inside else [child]
    return found
