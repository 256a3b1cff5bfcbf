# SPDX-License-Identifier: MIT
"""Handshake messages that are changed and hashed as changed: fields, lengths inside, ends, bits."""

from __future__ import annotations

import random
from abc import abstractmethod
from collections.abc import Iterator

from dtlslab.errors import BadInput
from scapy.packet import Packet, Raw

from ..fields import CODES, LENGTH, FieldAt, Value, boundary_values, field_at, fields_of, set_field
from ..mutation import (
    HANDSHAKE_ALERTS,
    RECORD_ALERTS,
    Expectation,
    Mutation,
    Operator,
    Parameter,
    either,
    number,
    refused,
    rfc,
)
from ..recording import dissect_message
from ..rules import expectation, malformed
from ..script import Message, Script
from .records import flip

FRESH = {
    "ClientHello": ("cookie",),
    "ServerKeyExchange": ("signature",),
    "CertificateVerify": ("signature",),
    "Finished": ("verify_data",),
}
"""Fields that are recomputed: their captured value does not tell the length of the live one."""


def body_of(script: Script, message: Message) -> Packet:
    """The captured body of a message."""
    return dissect_message(message.msg_type, message.template, script.suite)


def encode(value: Value) -> Parameter:
    """A value as a parameter: a number, `hex:…` for bytes, `codes:1,2` for a list, `none` for taking away."""
    if value is None:
        return "none"
    if isinstance(value, bytes):
        return f"hex:{value.hex()}"
    if isinstance(value, list):
        return "codes:" + ",".join(str(code) for code in value)
    return value


def decode(value: Parameter | None) -> Value:
    """The value of a parameter. BadInput when it is of no such form."""
    if isinstance(value, int):
        return value
    try:
        if value == "none":
            return None
        if isinstance(value, str) and value.startswith("hex:"):
            return bytes.fromhex(value[4:])
        if isinstance(value, str) and value.startswith("codes:"):
            return [int(code, 0) for code in value[6:].split(",") if code]
    except ValueError:
        pass
    raise BadInput(f"expected an integer, hex:…, codes:… or none, found {value!r}", field="parameters.value")


def split_path(place: str) -> tuple[str, str]:
    """`ClientHello` and `cipher_suites[0]`."""
    name, _, path = place.partition(".")
    if not path:
        raise BadInput(f"expected MESSAGE.FIELD, found {place!r}", field="place")
    return name, path


def changed(script: Script, message: Message) -> Packet:
    """The captured body with the fields of the mutation set, as its receiver reads it."""
    body = body_of(script, message)
    for path, value in message.fields:
        set_field(body, path, value)
    wire = bytes(body)
    for edit in message.edits:
        wire = edit(wire)
    return dissect_message(message.msg_type, wire, script.suite)


def _typed(script: Script) -> Iterator[tuple[Message, Packet]]:
    """The last message of each name that has a format."""
    for name in script.message_names():
        message = script.named(name)[-1]
        body = body_of(script, message)
        if not isinstance(body, Raw):
            yield message, body


def _set(script: Script, name: str, path: str, value: Value) -> list[Message]:
    messages = script.named(name)
    if "." in name or "/" in name:
        raise BadInput(f"expected MESSAGE.FIELD, found {name}.{path}", field="place")
    field_at(body_of(script, messages[-1]), path)
    for message in messages:
        try:
            field_at(body_of(script, message), path)
        except BadInput:
            continue
        message.fields.append((path, value))
    return messages


class _OfMessage(Operator):
    """An operator over one message, judged by the message as it was sent."""

    def message(self, script: Script, mutation: Mutation) -> int | None:
        return script.named(mutation.place.partition(".")[0])[-1].index

    def apply(self, script: Script, mutation: Mutation) -> Expectation:
        message = self.change(script, mutation)
        return self.review(script, mutation, changed(script, message))

    @abstractmethod
    def change(self, script: Script, mutation: Mutation) -> Message:
        """Changes the script; answers the message, the last of its name."""

    @abstractmethod
    def review(self, script: Script, mutation: Mutation, body: Packet) -> Expectation: ...


class ChangeField(_OfMessage):
    """The field at `place` is `value`; lengths follow, and what is signed is signed as changed."""

    name = "change-field"
    title = "A field of a message is changed, within a consistent transcript."

    def places(self, script: Script) -> Iterator[Mutation]:
        for message, body in _typed(script):
            for field in fields_of(body):
                if field.kind == LENGTH:
                    continue
                for value in _values(message, field):
                    yield self.at(f"{message.name}.{field.path}", value=encode(value))

    def draw(self, script: Script, source: random.Random) -> Mutation | None:
        found = [(m, f) for m, body in _typed(script) for f in fields_of(body) if f.kind != LENGTH]
        if not found:
            return None
        message, field = source.choice(found)
        return self.at(f"{message.name}.{field.path}", value=encode(_random_value(field, source)))

    def change(self, script: Script, mutation: Mutation) -> Message:
        name, path = split_path(mutation.place)
        return _set(script, name, path, decode(mutation.parameters.get("value")))[-1]

    def review(self, script: Script, mutation: Mutation, body: Packet) -> Expectation:
        return expectation(*split_path(mutation.place), body, script.suite)


def _values(message: Message, field: FieldAt) -> list[Value]:
    values = boundary_values(field)
    if field.path in FRESH.get(message.name, ()) and isinstance(field.value, bytes):
        values = [v for v in values if not isinstance(v, bytes) or set(v) <= {0} or len(set(v)) == 1]
    return values


def _lengths(message: Message, field: FieldAt) -> list[Value]:
    values = boundary_values(field)
    if field.path.removesuffix("_length") in FRESH.get(message.name, ()):
        return [values[0], values[-1]]
    return values


def _random_value(field: FieldAt, source: random.Random) -> Value:
    if isinstance(field.value, int):
        return source.getrandbits(8 * field.size)
    if isinstance(field.value, bytes) and field.kind != "element":
        size = len(field.value) if field.kind == "fixed" else source.randint(0, min(field.size, 300))
        return source.randbytes(size)
    if field.kind == CODES:
        return [source.getrandbits(8 * field.size) for _ in range(source.randint(0, 8))]
    return None


class WrongVectorLength(_OfMessage):
    """A length inside a message is `value`, whatever it measures."""

    name = "wrong-vector-length"
    title = "A length inside a message does not fit what it measures."

    def places(self, script: Script) -> Iterator[Mutation]:
        for message, body in _typed(script):
            for field in fields_of(body):
                if field.kind == LENGTH:
                    for value in _lengths(message, field):
                        yield self.at(f"{message.name}.{field.path}", value=encode(value))

    def change(self, script: Script, mutation: Mutation) -> Message:
        return _set(script, *split_path(mutation.place), number(mutation, "value"))[-1]

    def review(self, script: Script, mutation: Mutation, body: Packet) -> Expectation:  # noqa: ARG002
        if isinstance(body, Raw):
            return malformed(split_path(mutation.place)[0])
        return either("what the lengths say may still be read as a message", rfc(5246, "7.4"))


class Truncate(_OfMessage):
    """The last `bytes` bytes of a message body are missing; its length says so."""

    name = "truncate"
    title = "A message is cut off, and its length follows."

    def places(self, script: Script) -> Iterator[Mutation]:
        for message, _ in _typed(script):
            length = len(message.template)
            for missing in dict.fromkeys((1, 2, length // 2, length - 1, length)):
                if 0 < missing <= length:
                    yield self.at(message.name, bytes=missing)

    def change(self, script: Script, mutation: Mutation) -> Message:
        missing = number(mutation, "bytes")
        for message in script.named(mutation.place):
            message.edits.append(lambda body: body[: max(0, len(body) - missing)])
        return script.named(mutation.place)[-1]

    def review(self, script: Script, mutation: Mutation, body: Packet) -> Expectation:  # noqa: ARG002
        return _reading(mutation.place, body)


class Extend(_OfMessage):
    """A message body has `bytes` bytes more, each `value`; its length says so."""

    name = "extend"
    title = "A message has bytes after its end, and its length follows."

    def places(self, script: Script) -> Iterator[Mutation]:
        for message, _ in _typed(script):
            for added, value in ((1, 0), (4, 0xFF), (200, 0)):
                yield self.at(message.name, bytes=added, value=value)

    def change(self, script: Script, mutation: Mutation) -> Message:
        extra = bytes([number(mutation, "value") & 0xFF]) * number(mutation, "bytes")
        for message in script.named(mutation.place):
            message.edits.append(lambda body: body + extra)
        return script.named(mutation.place)[-1]

    def review(self, script: Script, mutation: Mutation, body: Packet) -> Expectation:  # noqa: ARG002
        return _reading(mutation.place, body)


def _reading(name: str, body: Packet) -> Expectation:
    if isinstance(body, Raw):
        return malformed(name)
    return either("what is left or added may still be read as a message", rfc(5246, "7.4"))


class FlipPlaintext(_OfMessage):
    """Bit `bit` of a message body is flipped, and hashed so."""

    name = "flip-plaintext"
    title = "A bit of a message is flipped, within a consistent transcript."

    def places(self, script: Script) -> Iterator[Mutation]:
        for message in (script.named(name)[-1] for name in script.message_names()):
            bits = 8 * len(message.template)
            for part in range(6):
                if bits:
                    yield self.at(message.name, bit=(bits * part) // 6 + part)

    def draw(self, script: Script, source: random.Random) -> Mutation | None:
        message = script.named(source.choice(script.message_names()))[-1]
        return self.at(message.name, bit=source.randrange(8 * len(message.template) or 1))

    def change(self, script: Script, mutation: Mutation) -> Message:
        messages = script.named(mutation.place)
        for message in messages:
            message.edits.append(flip(number(mutation, "bit")))
        return messages[-1]

    def review(self, script: Script, mutation: Mutation, body: Packet) -> Expectation:
        name = mutation.place
        if name == "Finished":
            return expectation(name, "verify_data", body, script.suite)
        if name in ("ServerKeyExchange", "CertificateVerify", "ClientKeyExchange"):
            rule = "what is signed, and key shares, must be the sender's"
            return either(rule, rfc(5246, "7.4"), HANDSHAKE_ALERTS | RECORD_ALERTS)
        return _reading(name, body)


class Tamper(Operator):
    """Bit `bit` of a message body is flipped on its way: the sender's transcript does not know of it."""

    name = "tamper"
    title = "A bit of a message is flipped by somebody in between, in every transmission."

    def places(self, script: Script) -> Iterator[Mutation]:
        for message in script.messages:
            if self._hashed(script, message):
                bits = 8 * len(message.template)
                for part in range(6):
                    yield self.at(f"{message.flight}/{message.name}", bit=(bits * part) // 6 + part)

    def draw(self, script: Script, source: random.Random) -> Mutation | None:
        found = [m for m in script.messages if self._hashed(script, m)]
        message = source.choice(found)
        return self.at(f"{message.flight}/{message.name}", bit=source.randrange(8 * len(message.template)))

    @staticmethod
    def _hashed(script: Script, message: Message) -> bool:
        if message.msg_type == 1 and message.flight == 1 and 3 in script.flights:
            return False
        return message.msg_type not in (0, 3) and message.flight <= 6 and bool(message.template)

    def apply(self, script: Script, mutation: Mutation) -> Expectation:
        for message in script.named(mutation.place):
            message.tampering.append(flip(number(mutation, "bit")))
        rule = "Finished covers every message, so that a changed one ends the handshake"
        return refused(rule, rfc(5246, "7.4.9"), HANDSHAKE_ALERTS | RECORD_ALERTS)


OPERATORS: tuple[Operator, ...] = (
    ChangeField(),
    WrongVectorLength(),
    Truncate(),
    Extend(),
    FlipPlaintext(),
    Tamper(),
)
