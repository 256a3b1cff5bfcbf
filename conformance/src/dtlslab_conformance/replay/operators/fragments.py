# SPDX-License-Identifier: MIT
"""Handshake fragments: other cuts, overlaps, and headers that are wrong (RFC 6347 4.2.2 and 4.2.3)."""

from __future__ import annotations

import random
from collections.abc import Iterator

from ..mutation import (
    HANDSHAKE_ALERTS,
    RECORD_ALERTS,
    Expectation,
    Mutation,
    Operator,
    either,
    harmless,
    number,
    rfc,
    text,
)
from ..script import Datagram, Message, Piece, Record, Script

LARGEST_DATAGRAM = 1232
"""The UDP payload that every path of IPv6 carries: 1,280 bytes less the headers."""
_RECORD_HEADER, _HANDSHAKE_HEADER, _PROTECTION = 13, 12, 64

CUT_INITIAL = "a server without state may require that a ClientHello is whole"


def _single(script: Script, name: str) -> list[Message]:
    """The messages of a name that stand in one piece."""
    return [m for m in script.named(name) if len(list(script.pieces_of(m))) == 1]


def _names(script: Script) -> Iterator[str]:
    for name in script.message_names():
        if _single(script, name):
            yield name


def _cut(script: Script, message: Message, ranges: list[tuple[int, int]]) -> None:
    """Puts fragments in the place of a whole message, each in a record of its own."""
    datagram, record, piece = next(script.pieces_of(message))
    pieces = [Piece(message.index, offset, size) for offset, size in ranges]
    if len(record.pieces) > 1:
        at = record.pieces.index(piece)
        record.pieces[at : at + 1] = pieces
        return
    record.pieces = [pieces[-1]]
    for part in pieces[:-1]:
        inserted = Record(
            record.content_type,
            record.version,
            record.epoch,
            None,
            None,
            protected=record.protected,
            pieces=[part],
        )
        script.insert_record(record, inserted)
    _spread(script, datagram)


def _length(record: Record) -> int:
    """About how many bytes of a datagram a record takes; more rather than less."""
    content = len(record.content) + sum(_HANDSHAKE_HEADER + piece.size for piece in record.pieces)
    return _RECORD_HEADER + content + (_PROTECTION if record.protected else 0)


def _spread(script: Script, datagram: Datagram) -> None:
    """Parts a datagram that fragments have made larger than some paths carry.

    What a receiver makes of it would say nothing about fragments: wolfSSL reads the first 1,400 bytes.
    """
    parts: list[list[Record]] = [[]]
    for record in datagram.records:
        if parts[-1] and sum(map(_length, parts[-1])) + _length(record) > LARGEST_DATAGRAM:
            parts.append([])
        parts[-1].append(record)
    if len(parts) > 1:
        flight = script.flights[datagram.flight]
        at = next(i for i, known in enumerate(flight) if known is datagram)
        flight[at : at + 1] = [Datagram(datagram.flight, datagram.offset, part) for part in parts]


def _expectation(name: str, rule: str) -> Expectation:
    if name == "ClientHello":
        return either(CUT_INITIAL, rfc(6347, "4.2.1"), HANDSHAKE_ALERTS)
    return harmless(rule, rfc(6347, "4.2.3"))


class Refragment(Operator):
    """A message is cut into fragments of `size` bytes; `order` is `forward`, `backward` or `inside-out`."""

    name = "refragment"
    title = "A message is cut into other fragments, sent in any order."

    def places(self, script: Script) -> Iterator[Mutation]:
        for name in _names(script):
            length = max(len(m.template) for m in _single(script, name))
            for size in dict.fromkeys((max(1, length // 2), max(1, length // 5), 16)):
                if size < length:
                    for order in ("forward", "backward", "inside-out"):
                        yield self.at(name, size=size, order=order)

    def draw(self, script: Script, source: random.Random) -> Mutation | None:
        names = list(_names(script))
        if not names:
            return None
        order = source.choice(("forward", "backward", "inside-out"))
        return self.at(source.choice(names), size=source.randint(8, 300), order=order)

    def apply(self, script: Script, mutation: Mutation) -> Expectation:
        size, order = number(mutation, "size"), text(mutation, "order")
        for message in _single(script, mutation.place):
            length = len(message.template)
            ranges = [(at, min(size, length - at)) for at in range(0, length, max(1, size))] or [(0, 0)]
            if order == "backward":
                ranges.reverse()
            elif order == "inside-out":
                ranges = ranges[1::2] + ranges[0::2]
            _cut(script, message, ranges)
        script.repeats_as_scripted = True
        return _expectation(mutation.place, "fragments are buffered until the message is whole")


class Overlap(Operator):
    """A message comes in fragments that share `bytes` bytes; with `whole` = 1, once more as a whole."""

    name = "overlap"
    title = "Fragments of a message overlap."

    def places(self, script: Script) -> Iterator[Mutation]:
        for name in _names(script):
            length = max(len(m.template) for m in _single(script, name))
            if length >= 8:
                for shared in dict.fromkeys((1, length // 4, length // 2)):
                    yield self.at(name, bytes=shared, whole=0)
                yield self.at(name, bytes=length // 4, whole=1)

    def apply(self, script: Script, mutation: Mutation) -> Expectation:
        shared, whole = number(mutation, "bytes"), number(mutation, "whole")
        for message in _single(script, mutation.place):
            length = len(message.template)
            half = length // 2
            first = min(length, half + shared)
            ranges = [(0, first), (max(0, half - shared), length - max(0, half - shared))]
            if whole:
                ranges.insert(1, (0, length))
            _cut(script, message, ranges)
        script.repeats_as_scripted = True
        return _expectation(mutation.place, "overlapping fragments are handled")


class WrongMessageSeq(Operator):
    """The first transmission of a message has another message_seq, `by` more than the right one, or
    `value`.
    """

    name = "wrong-message-seq"
    title = "A message first comes with another message_seq, then, retransmitted, with the right one."

    def places(self, script: Script) -> Iterator[Mutation]:
        for name in _names(script):
            if name in ("ClientHello", "HelloVerifyRequest"):
                continue
            for by in (-1, 1, 100):
                yield self.at(name, by=by)
            yield self.at(name, value=0xFFFF)

    def apply(self, script: Script, mutation: Mutation) -> Expectation:
        for message in script.named(mutation.place):
            if "value" in mutation.parameters:
                wrong = number(mutation, "value")
            else:
                wrong = (message.message_seq + number(mutation, "by")) & 0xFFFF
            for _, _, piece in script.pieces_of(message):
                piece.header["message_seq"] = wrong
        ahead = wrong - message.message_seq
        if ahead < 0:
            return harmless("a message with a number that is past is discarded", rfc(6347, "4.2.2"))
        if ahead < 20:
            return either("a message with a number to come is queued or discarded", rfc(6347, "4.2.2"))
        return harmless("a message with a number far ahead is queued or discarded", rfc(6347, "4.2.2"))


class WrongFragment(Operator):
    """A field of the fragment header of a message is `value` in its first transmission."""

    name = "wrong-fragment-header"
    title = "The length, offset or fragment length of a message is wrong at first."

    def places(self, script: Script) -> Iterator[Mutation]:
        for name in _names(script):
            length = max(len(m.template) for m in _single(script, name))
            for value in (0, length + 1, 0xFFFFFF):
                yield self.at(name, field="length", value=value)
            for value in (1, length, 0xFFFFFF):
                yield self.at(name, field="fragment_offset", value=value)
            for value in (0, max(0, length - 1), length + 1, 0xFFFFFF):
                if value != length:
                    yield self.at(name, field="fragment_length", value=value)

    def apply(self, script: Script, mutation: Mutation) -> Expectation:
        field, value = text(mutation, "field"), number(mutation, "value")
        for message in script.named(mutation.place):
            for _, _, piece in script.pieces_of(message):
                piece.header[field] = value
        rule = "a fragment that contradicts itself or others may be discarded or end the handshake"
        return either(rule, rfc(6347, "4.2.3"), HANDSHAKE_ALERTS | RECORD_ALERTS)


class ContradictingFragments(Operator):
    """Two fragments of a message differ in `field`: `length`, `msg_type` or the bytes that they share."""

    name = "contradict"
    title = "Fragments of one message contradict each other in length, type or content."

    def places(self, script: Script) -> Iterator[Mutation]:
        for name in _names(script):
            if name != "ClientHello" and all(len(m.template) >= 8 for m in _single(script, name)):
                for field in ("length", "msg_type"):
                    yield self.at(name, field=field)

    def apply(self, script: Script, mutation: Mutation) -> Expectation:
        field = text(mutation, "field")
        for message in _single(script, mutation.place):
            length = len(message.template)
            _cut(script, message, [(0, length // 2), (length // 2, length - length // 2)])
            last = list(script.pieces_of(message))[-1][2]
            last.header[field] = length + 16 if field == "length" else (message.msg_type ^ 0x40)
        rule = "fragments agree on type and length; what does not agree may be discarded or be fatal"
        return either(rule, rfc(6347, "4.2.3"))


OPERATORS: tuple[Operator, ...] = (
    Refragment(),
    Overlap(),
    WrongMessageSeq(),
    WrongFragment(),
    ContradictingFragments(),
)
