# SPDX-License-Identifier: MIT
"""Fields of message bodies by name: `cipher_suites[0]`, `extensions.supported_groups.groups[1]`,
`point_length`.

Extensions and server names go by their own names, with `#2` for the second of a kind; lists of codes and of
vectors by index. `None` as a value takes the element away.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dtlslab.errors import BadInput
from scapy.packet import Packet
from scapy_dtls.extensions import Extension, ServerName
from scapy_dtls.fields import (
    CodesField,
    FixedField,
    LengthField,
    OpaqueField,
    PacketsField,
    UIntField,
    VectorsField,
)
from scapy_dtls.record import clear_lengths
from scapy_dtls.registries import EXTENSIONS

Value = int | bytes | list[int] | list[bytes] | list[Packet] | None

NUMBER, CODES, CODE, LENGTH, ELEMENT = "number", "codes", "code", "length", "element"


@dataclass(frozen=True, slots=True)
class FieldAt:
    """A field of a message body."""

    path: str
    kind: str
    """`number`, `codes`, `code`, `bytes`, `fixed`, `vectors`, `vector`, `length` or `element`."""
    size: int
    """Bytes of a number, code or length; largest length in bytes of the rest."""
    value: Value


def fields_of(body: Packet, prefix: str = "") -> Iterator[FieldAt]:
    """All fields of a body, in the order in which they are sent."""
    for field in body.fields_desc:
        value = body.getfieldval(field.name)
        path = prefix + field.name
        if isinstance(field, LengthField) or (isinstance(field, UIntField) and field.name == "length"):
            if value is not None:
                yield FieldAt(path, LENGTH, field.sz, value)
        elif isinstance(field, UIntField):
            yield FieldAt(path, NUMBER, field.sz, value)
        elif isinstance(field, CodesField):
            yield FieldAt(path, CODES, field.size, list(value))
            for index, code in enumerate(value):
                yield FieldAt(f"{path}[{index}]", CODE, field.size, code)
        elif isinstance(field, VectorsField):
            yield FieldAt(path, "vectors", field.size, list(value))
            for index, item in enumerate(value):
                yield FieldAt(f"{path}[{index}]", "vector", 1 << 16, item)
        elif isinstance(field, PacketsField):
            for name, item in _named_items(value or ()):
                yield FieldAt(f"{path}.{name}", ELEMENT, 0, bytes(item))
                if isinstance(item, Packet):
                    yield from fields_of(item, f"{path}.{name}.")
        elif isinstance(field, OpaqueField):
            yield FieldAt(path, "bytes", _room(body, field.name), value)
        elif isinstance(field, FixedField):
            yield FieldAt(path, "fixed", field.size, value)


def _room(body: Packet, name: str) -> int:
    """How long the vector `name` may be by the size of its length."""
    for field in body.fields_desc:
        if isinstance(field, LengthField) and field.measured == name:
            return int((1 << (8 * field.sz)) - 1)
    return (1 << 16) - 1


def _named_items(items: Any) -> Iterator[tuple[str, Any]]:
    seen: dict[str, int] = {}
    for item in items:
        name = item_name(item)
        seen[name] = seen.get(name, 0) + 1
        yield (name if seen[name] == 1 else f"{name}#{seen[name]}"), item


def item_name(item: Any) -> str:
    """The name of an extension or of an entry of a server_name list."""
    if isinstance(item, ServerName):
        return "name"
    if isinstance(item, Extension):
        return EXTENSIONS.get(item.type, f"extension_{item.type}")
    return "bytes"


def field_at(body: Packet, path: str) -> FieldAt:
    """The field at a path. BadInput when there is none."""
    for found in fields_of(body):
        if found.path == path:
            return found
    raise BadInput(f"{body.name} has no field {path}", field="place")


def has_field(body: Packet, path: str) -> bool:
    """Whether there is such a field."""
    return any(found.path == path for found in fields_of(body))


def set_field(body: Packet, path: str, value: Value) -> None:
    """Sets a field of a body in place. Lengths follow, unless a length itself is set.

    None takes an element of a list or an extension away; for `extensions.NAME` bytes put others in its place.
    """
    owner, name, index = _resolve(body, path)
    field = owner.get_field(name)
    forget_wire(body)
    if not (isinstance(field, LengthField) or name == "length"):
        clear_lengths(body)
    if isinstance(field, PacketsField) and index >= 0:
        items = list(owner.getfieldval(name))
        items[index : index + 1] = [] if value is None else [value]
        owner.setfieldval(name, items)
    elif index >= 0:
        values = list(owner.getfieldval(name))
        values[index : index + 1] = [] if value is None else [value]
        owner.setfieldval(name, values)
    else:
        owner.setfieldval(name, value)


def forget_wire(packet: Any) -> None:
    """Has a dissected packet build its bytes from its fields."""
    if not isinstance(packet, Packet):
        return
    packet.raw_packet_cache = None
    packet.raw_packet_cache_fields = None
    for value in packet.fields.values():
        for item in value if isinstance(value, list) else ():
            forget_wire(item)


def _resolve(body: Packet, path: str) -> tuple[Packet, str, int]:
    """The packet, the name of its field and the index in it (-1: the whole field) that a path means."""
    owner = body
    parts = path.split(".")
    at = 0
    while True:
        name, index = _split(parts[at])
        try:
            field = owner.get_field(name)
        except KeyError:
            raise BadInput(f"{owner.name} has no field {name}", field="place") from None
        at += 1
        if at == len(parts):
            return owner, name, index
        if not isinstance(field, PacketsField):
            raise BadInput(f"{name} of {owner.name} has no parts", field="place")
        items = list(_named_items(owner.getfieldval(name) or ()))
        index = next((i for i, (known, _) in enumerate(items) if known == parts[at]), -1)
        if index < 0:
            raise BadInput(f"{owner.name} has no {parts[at]} in {name}", field="place")
        at += 1
        if at == len(parts):
            return owner, name, index
        owner = items[index][1]


def _split(part: str) -> tuple[str, int]:
    found = re.fullmatch(r"(\w+)(?:\[(\d+)\])?", part)
    if found is None:
        raise BadInput(f"{part!r} is not the name of a field", field="place")
    return found[1], int(found[2]) if found[2] is not None else -1


def boundary_values(field: FieldAt) -> list[Value]:
    """Values at the edges of what a field can hold, other than what it holds."""
    match field.kind, field.value:
        case (("number" | "code"), int(value)):
            top = (1 << (8 * field.size)) - 1
            wanted: list[Value] = [0, top, (value + 1) & top, (value - 1) & top, (top + 1) // 2]
            if field.kind == CODE:
                wanted.append(None)
        case "length", int(value):
            top = (1 << (8 * field.size)) - 1
            wanted = [0, value - 1 if value else 1, min(top, value + 1), top]
        case "fixed", bytes(value):
            wanted = [bytes(len(value)), b"\xff" * len(value)]
        case (("bytes" | "vector"), bytes(value)):
            wanted = [b"", value[:-1], value[:1], bytes(len(value)), b"\xff" * len(value)]
            if len(value) < field.size:
                wanted.append(value + b"\x00")
            if field.size <= 255:
                wanted.append(b"\xa5" * field.size)
        case "codes", list():
            codes = [code for code in field.value if isinstance(code, int)]
            wanted = [[], codes + codes[:1]]
        case "vectors", list():
            wanted = [[]]
        case "element", bytes():
            wanted = [None]
        case _:
            wanted = []
    unique: list[Value] = []
    for item in wanted:
        if item != field.value and item not in unique:
            unique.append(item)
    return unique
