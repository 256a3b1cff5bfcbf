# SPDX-License-Identifier: MIT
"""TOML files that people write: read into a typed structure, or refused with file, line, field and reason.

`tomllib` reads the text, `msgspec` holds it against a `msgspec.Struct`, and tree-sitter's TOML grammar tells
on which line a field stands, which the other two do not know.

    document = toml_file.read(Path("scenarios/loss.toml"), Scenario)
    if document.value.runs < 1:
        raise document.bad(("runs",), "expected at least 1")
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec
import tree_sitter
import tree_sitter_toml

from dtlslab.errors import BadInput

T = TypeVar("T")
Field = tuple[str | int, ...]
"""Where a value stands: `("server", "features", "psk", 0)`."""

_WORDS = {
    "int": "an integer",
    "float": "a number",
    "str": "a string",
    "bool": "true or false",
    "array": "an array",
    "object": "a table",
}


@dataclass(frozen=True, slots=True)
class Document(Generic[T]):
    """A file that was read: its value, and where each field of it stands."""

    path: Path
    value: T
    _lines: Mapping[Field, int]

    def line(self, field: Sequence[str | int]) -> int:
        """The line of `field`, or of the nearest table around it; 1 for the file as a whole."""
        return _line(self._lines, tuple(field))

    def bad(self, field: Sequence[str | int], message: str) -> BadInput:
        """The error to raise when `field` is of the right type and still wrong."""
        return BadInput(message, file=self.path, line=self.line(field), field=field_name(field))


def read(path: Path, kind: type[T]) -> Document[T]:
    """Reads `path` as a `kind`. BadInput names file, line, field and what was expected."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}", file=path) from None
    return parse(text, kind, path)


def parse(text: bytes, kind: type[T], path: Path) -> Document[T]:
    """As `read`, of a text that is there already. `path` is for messages."""
    try:
        plain = tomllib.loads(text.decode())
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        raise BadInput("expected TOML in UTF-8", file=path, line=line) from None
    except tomllib.TOMLDecodeError as error:
        raise _syntax_error(str(error), text, path) from None
    lines = _positions(text)
    try:
        value = msgspec.convert(plain, kind)
    except msgspec.ValidationError as error:
        field = _locate(plain, kind, str(error))
        message, last = _plain_words(str(error))
        field = (*field, *last)
        raise BadInput(message, file=path, line=_line(lines, field), field=field_name(field)) from None
    return Document(path, value, lines)


def field_name(field: Sequence[str | int]) -> str:
    """`server.features."suite:c02b"[0]`, as it would be written in TOML."""
    out = ""
    for part in field:
        if isinstance(part, int):
            out += f"[{part}]"
        else:
            key = part if re.fullmatch(r"[A-Za-z0-9_-]+", part) else f'"{part}"'
            out += f".{key}" if out else key
    return out


def _syntax_error(message: str, text: bytes, path: Path) -> BadInput:
    found = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", message)
    line = int(found[1]) if found and found[1] else text.count(b"\n") + 1
    what = message[: found.start()] if found else message
    return BadInput(f"not valid TOML: {what[:1].lower()}{what[1:]}", file=path, line=line)


def _line(lines: Mapping[Field, int], field: Field) -> int:
    while field and field not in lines:
        field = field[:-1]
    return lines.get(field, 1)


def _positions(text: bytes) -> dict[Field, int]:
    """The line of every key and array element."""
    language = tree_sitter.Language(tree_sitter_toml.language())
    root = tree_sitter.Parser(language).parse(text).root_node
    lines: dict[Field, int] = {}
    counts: dict[Field, int] = {}
    for node in root.named_children:
        if node.type == "pair":
            _place_pair(node, (), lines)
        elif node.type in {"table", "table_array_element"}:
            field: Field = ()
            names = _key(node.named_children[0])
            for number, name in enumerate(names, 1):
                field = (*field, name)
                opens = number == len(names) and node.type == "table_array_element"
                if field in counts and not opens:
                    field = (*field, counts[field] - 1)
            if node.type == "table_array_element":
                index = counts.get(field, 0)
                counts[field] = index + 1
                lines.setdefault(field, node.start_point.row + 1)
                field = (*field, index)
            lines.setdefault(field, node.start_point.row + 1)
            for child in node.named_children[1:]:
                if child.type == "pair":
                    _place_pair(child, field, lines)
    return lines


def _place_pair(node: tree_sitter.Node, base: Field, lines: dict[Field, int]) -> None:
    key, value = (child for child in node.named_children if child.type != "comment")
    field = base
    for part in _key(key):
        field = (*field, part)
        lines.setdefault(field, node.start_point.row + 1)
    _place_value(value, field, lines)


def _place_value(node: tree_sitter.Node, field: Field, lines: dict[Field, int]) -> None:
    lines.setdefault(field, node.start_point.row + 1)
    if node.type == "inline_table":
        for child in node.named_children:
            if child.type == "pair":
                _place_pair(child, field, lines)
    elif node.type == "array":
        elements = [child for child in node.named_children if child.type != "comment"]
        for index, child in enumerate(elements):
            _place_value(child, (*field, index), lines)


def _key(node: tree_sitter.Node) -> Field:
    if node.type == "dotted_key":
        return tuple(part for child in node.named_children for part in _key(child))
    text = (node.text or b"").decode()
    return (next(iter(tomllib.loads(f"{text} = 0"))),) if node.type == "quoted_key" else (text,)


def _locate(plain: Any, kind: type[Any], message: str) -> Field:
    """The field that msgspec complains of.

    It writes `[...]` for the key of a mapping; which one that is, is found by leaving the others out.
    """
    path = re.search(r" - at `(?:key(?: in)? )?\$(.*)`$", message)
    if path is None:
        return ()
    steps = re.findall(r"\.([^.\[]+)|\[(\d+)\]|(\[\.\.\.\])", path[1])
    field: Field = ()
    at = plain
    for name, index, unknown in steps:
        if unknown:
            key = next((k for k in at if _still_wrong(plain, kind, field, k, message)), None)
            if key is None:
                return field
            part: str | int = key
        else:
            part = name or int(index)
        field = (*field, part)
        try:
            at = at[part]
        except (KeyError, IndexError, TypeError):
            return field
    return field


def _still_wrong(plain: Any, kind: type[Any], field: Field, key: str, message: str) -> bool:
    try:
        msgspec.convert(_with_only(plain, field, key), kind)
    except msgspec.ValidationError as error:
        return str(error) == message
    return False


def _with_only(plain: Any, field: Field, key: str) -> Any:
    if not field:
        return {key: plain[key]}
    head, rest = field[0], field[1:]
    if isinstance(plain, list):
        return [_with_only(v, rest, key) if i == head else v for i, v in enumerate(plain)]
    return {k: _with_only(v, rest, key) if k == head else v for k, v in plain.items()}


def _plain_words(message: str) -> tuple[str, Field]:
    """The message in words of TOML, and the field it names by itself, if any."""
    what = message.split(" - at `", 1)[0]
    if found := re.fullmatch(r"Object missing required field `(.*)`", what):
        return f"the field {found[1]} is missing", ()
    if found := re.fullmatch(r"Object contains unknown field `(.*)`", what):
        return "no such field", (found[1],)
    if found := re.fullmatch(r"Expected `(.*)`, got `(.*)`", what):
        expected = " or ".join(_WORDS.get(word, word) for word in found[1].split(" | "))
        return f"expected {expected}, found {_WORDS.get(found[2], found[2])}", ()
    return what[:1].lower() + what[1:].replace("`", "'"), ()
