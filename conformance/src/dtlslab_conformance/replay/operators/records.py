# SPDX-License-Identifier: MIT
"""Records that are not valid: header, length, epoch, number, ciphertext; truncated and extended datagrams.

Each is followed by an honest retransmission, so that a record that is discarded leaves no mark.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from scapy_dtls import ALERT, APPLICATION_DATA, CHANGE_CIPHER_SPEC, HANDSHAKE

from ..mutation import (
    HANDSHAKE_ALERTS,
    RECORD_ALERTS,
    Expectation,
    Mutation,
    Operator,
    either,
    harmless,
    invalid_record,
    number,
    rfc,
    text,
)
from ..recording import AFTER_HANDSHAKE, RECORD_HEADER
from ..script import Edit, Record, Script

ANY_ALERT = HANDSHAKE_ALERTS | RECORD_ALERTS
HEADER_BITS = 8 * RECORD_HEADER
MISREAD = "bytes that are not protected may be taken for another record or message"


def _handshake_records(script: Script) -> Iterator[tuple[str, Record]]:
    for place, record in script.records():
        if not place.startswith(f"{AFTER_HANDSHAKE}/"):
            yield place, record


def flip(bit: int) -> Edit:
    """Flips one bit, counted from the first of the bytes that are there."""

    def edit(data: bytes) -> bytes:
        if not data:
            return data
        at = bit % (8 * len(data))
        return data[: at // 8] + bytes([data[at // 8] ^ (0x80 >> at % 8)]) + data[at // 8 + 1 :]

    return edit


class WrongEpoch(Operator):
    """A record has epoch `value` in its header; it is protected as before."""

    name = "wrong-epoch"
    title = "A record first comes with another epoch."

    def places(self, script: Script) -> Iterator[Mutation]:
        for place, record in _handshake_records(script):
            for value in (0, 1, 2, 0xFFFF):
                if value != record.epoch:
                    yield self.at(place, value=value)

    def apply(self, script: Script, mutation: Mutation) -> Expectation:
        record, value = script.record_at(mutation.place), number(mutation, "value")
        was, record.epoch = record.epoch, value
        if was and not value:
            return either(MISREAD, rfc(6347, "4.1"), ANY_ALERT)
        return invalid_record("a record of an epoch without keys is discarded or kept for later")


class WrongSequence(Operator):
    """A record has the number `value`, or that of the record before it (`value` -1)."""

    name = "wrong-sequence-number"
    title = "A record comes with another sequence number, or with one that was used before."

    def places(self, script: Script) -> Iterator[Mutation]:
        seen = set()
        for place, record in _handshake_records(script):
            yield self.at(place, value=1000)
            if not record.protected:  # it leaves no number for application data
                yield self.at(place, value=(1 << 48) - 1)
            if record.epoch in seen:
                yield self.at(place, value=-1)
            seen.add(record.epoch)

    def apply(self, script: Script, mutation: Mutation) -> Expectation:
        record, value = script.record_at(mutation.place), number(mutation, "value")
        if value < 0:
            before = [r for _, r in script.records() if r.epoch == record.epoch]
            at = next(i for i, known in enumerate(before) if known is record)
            record.sequence = before[max(0, at - 1)].sequence
            return harmless(
                "a record whose number was used before is discarded, or taken", rfc(6347, "4.1.2.6")
            )
        record.sequence = value
        if value > 1 << 47:
            rule = "a number at the end of the window may leave no room for those after it"
            return either(rule, rfc(6347, "4.1.2.6"), ANY_ALERT)
        return harmless("numbers may leave gaps", rfc(6347, "4.1.2.6"))


class WrongRecordHeader(Operator):
    """`field` of a record header, `content_type`, `version` or `length`, is `value`."""

    name = "wrong-record-header"
    title = "The content type, version or length of a record is wrong at first."

    def places(self, script: Script) -> Iterator[Mutation]:
        for place, record in _handshake_records(script):
            for value in (0, 19, 20, 21, 23, 24, 255):
                if value != record.content_type:
                    yield self.at(place, field="content_type", value=value)
            for value in (0x0000, 0x0303, 0xFEFE, 0xFFFF):
                yield self.at(place, field="version", value=value)
            for value in (0, 1, 0x3FFF, 0xFFFF):
                yield self.at(place, field="length", value=value)

    def apply(self, script: Script, mutation: Mutation) -> Expectation:
        record = script.record_at(mutation.place)
        field, value = text(mutation, "field"), number(mutation, "value")
        at, size = {"content_type": (0, 1), "version": (1, 2), "length": (11, 2)}[field]
        record.wire_edits.append(lambda wire: wire[:at] + value.to_bytes(size, "big") + wire[at + size :])
        unknown = field == "content_type" and value not in (
            CHANGE_CIPHER_SPEC,
            ALERT,
            HANDSHAKE,
            APPLICATION_DATA,
        )
        if record.protected or unknown or (field == "length" and value > 0x1000):
            return invalid_record()
        if field == "version":
            return either(
                "the version of an unprotected record is for negotiation", rfc(6347, "4.2.1"), ANY_ALERT
            )
        return either(MISREAD, rfc(6347, "4.1"), ANY_ALERT)


class FlipCiphertext(Operator):
    """Bit `bit` of the protected fragment of a record is flipped: nonce, ciphertext or tag."""

    name = "flip-ciphertext"
    title = "A bit of a protected record is flipped."

    def places(self, script: Script) -> Iterator[Mutation]:
        for place, record in script.records():
            if record.protected:
                for bit in (0, 64, 8 * 12 + 3, -1, -60):
                    yield self.at(place, bit=bit)

    def draw(self, script: Script, source: random.Random) -> Mutation | None:
        found = [place for place, record in script.records() if record.protected]
        return self.at(source.choice(found), bit=source.randrange(400)) if found else None

    def apply(self, script: Script, mutation: Mutation) -> Expectation:
        script.record_at(mutation.place).sealed_edits.append(flip(number(mutation, "bit")))
        return invalid_record("a record whose MAC is wrong is discarded")


class FlipHeader(Operator):
    """Bit `bit` of a record header is flipped."""

    name = "flip-header"
    title = "A bit of a record header is flipped."

    def places(self, script: Script) -> Iterator[Mutation]:
        for place, _ in _handshake_records(script):
            for bit in (3, 7, 15, 23, 31, 39, 60, 87, 95, 103):
                yield self.at(place, bit=bit)

    def draw(self, script: Script, source: random.Random) -> Mutation | None:
        found = [place for place, _ in _handshake_records(script)]
        return self.at(source.choice(found), bit=source.randrange(HEADER_BITS)) if found else None

    def apply(self, script: Script, mutation: Mutation) -> Expectation:
        record, bit = script.record_at(mutation.place), number(mutation, "bit")
        record.wire_edits.append(lambda wire: flip(bit)(wire[:RECORD_HEADER]) + wire[RECORD_HEADER:])
        if record.protected and not 24 <= bit < 40:
            return invalid_record("a record whose header is not what was protected is discarded")
        return either(MISREAD, rfc(6347, "4.1"), ANY_ALERT)


class TruncateDatagram(Operator):
    """The last `bytes` bytes of a datagram are missing."""

    name = "truncate-datagram"
    title = "A datagram is cut off."

    def places(self, script: Script) -> Iterator[Mutation]:
        for place, datagram in script.datagrams():
            if datagram.flight != AFTER_HANDSHAKE:
                for missing in (1, 13, 40):
                    yield self.at(place, bytes=missing)

    def apply(self, script: Script, mutation: Mutation) -> Expectation:
        missing = number(mutation, "bytes")
        script.datagram_at(mutation.place).edits.append(lambda data: data[:-missing])
        return invalid_record("a record that is longer than what is left of its datagram is discarded")


class ExtendDatagram(Operator):
    """A datagram has `bytes` bytes more, each `value`."""

    name = "extend-datagram"
    title = "A datagram has bytes after its last record."

    def places(self, script: Script) -> Iterator[Mutation]:
        for place, datagram in script.datagrams():
            if datagram.flight != AFTER_HANDSHAKE:
                for added, value in ((1, 0), (12, 0xFF), (13, 0), (40, 0x16)):
                    yield self.at(place, bytes=added, value=value)

    def apply(self, script: Script, mutation: Mutation) -> Expectation:
        extra = bytes([number(mutation, "value") & 0xFF]) * number(mutation, "bytes")
        script.datagram_at(mutation.place).edits.append(lambda data: data + extra)
        return invalid_record("what follows the last record is discarded as not valid")


OPERATORS: tuple[Operator, ...] = (
    WrongEpoch(),
    WrongSequence(),
    WrongRecordHeader(),
    FlipCiphertext(),
    FlipHeader(),
    TruncateDatagram(),
    ExtendDatagram(),
)
