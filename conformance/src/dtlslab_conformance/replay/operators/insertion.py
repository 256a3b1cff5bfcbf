# SPDX-License-Identifier: MIT
"""Messages and records that do not belong where they come, and messages that are missing."""

from __future__ import annotations

import random
from collections.abc import Iterator

from dtlslab.errors import BadInput
from scapy_dtls import (
    ALERT,
    APPLICATION_DATA,
    CHANGE_CIPHER_SPEC,
    HANDSHAKE,
    Certificate,
    CertificateRequest,
    CertificateVerify,
    ClientHello,
    ClientKeyExchangeEcdhe,
    Finished,
    HelloRequest,
    HelloVerifyRequest,
    NewSessionTicket,
    ServerHello,
    ServerHelloDone,
    ServerKeyExchangeEcdhe,
)

from ..mutation import (
    DECRYPT_ERROR,
    HANDSHAKE_ALERTS,
    HANDSHAKE_FAILURE,
    MALFORMED,
    RECORD_ALERTS,
    UNEXPECTED_MESSAGE,
    Expectation,
    Mutation,
    Operator,
    either,
    invalid_record,
    number,
    refused,
    rfc,
    text,
)
from ..recording import AFTER_HANDSHAKE
from ..script import Message, Record, Script, handshake_record

BODIES: dict[int, bytes] = {
    0: bytes(HelloRequest()),
    1: bytes(ClientHello(cipher_suites=[0xC02B], compression_methods=[0])),
    2: bytes(ServerHello(cipher_suite=0xC02B)),
    3: bytes(HelloVerifyRequest(cookie=b"cookie")),
    4: bytes(NewSessionTicket(ticket=b"ticket")),
    11: bytes(Certificate(certificates=[])),
    12: bytes(ServerKeyExchangeEcdhe(point=bytes(32), signature=bytes(70))),
    13: bytes(CertificateRequest(types=[64], schemes=[0x0403])),
    14: bytes(ServerHelloDone()),
    15: bytes(CertificateVerify(signature=bytes(70))),
    16: bytes(ClientKeyExchangeEcdhe(point=bytes([9]) + bytes(31))),
    20: bytes(Finished()),
    22: b"\x01\x00\x00\x01\x00",
    23: b"\x00\x00\x00",
    77: b"\x00",
    255: b"",
}
"""A body for a message of each type, of its format and no more."""

REFUSALS = MALFORMED | {UNEXPECTED_MESSAGE, HANDSHAKE_FAILURE}
_OPTIONAL = {"NewSessionTicket", "CertificateRequest", "CertificateStatus"}


class InsertMessage(Operator):
    """A message of type `msg_type` comes before the message at `place`, numbered and hashed in sequence."""

    name = "insert-message"
    title = "A message that does not belong there comes in sequence."

    def places(self, script: Script) -> Iterator[Mutation]:
        for message in self._befores(script):
            for msg_type in BODIES:
                if msg_type != message.msg_type:
                    yield self.at(f"{message.flight}/{message.name}", msg_type=msg_type)

    @staticmethod
    def _befores(script: Script) -> list[Message]:
        return [m for m in script.messages if 4 <= m.flight <= 6]

    def apply(self, script: Script, mutation: Mutation) -> Expectation:
        before, msg_type = script.named(mutation.place)[0], number(mutation, "msg_type")
        body = BODIES.get(msg_type, b"")
        insert_message(script, before, msg_type, body)
        if msg_type in (0, 3) or (msg_type == 13 and before.flight == 4):
            return either("a server may ask, and ask again", rfc(5246, "7.4.1.1"), HANDSHAKE_ALERTS)
        if msg_type == 4 and before.flight == 6:
            return either("a ticket that was promised may come there", rfc(5077, "3.3"))
        if msg_type == 22 and before.flight == 4:
            return either("a certificate status that was promised may come there", rfc(6066, "8"))
        return refused(
            "a message out of its order ends the handshake", rfc(5246, "7.4"), REFUSALS | _UNREADABLE
        )


_UNREADABLE = frozenset({DECRYPT_ERROR})


class RepeatMessage(Operator):
    """A message comes twice, the second time as a new message with the next number."""

    name = "repeat-message"
    title = "A message comes twice with two message numbers."

    def places(self, script: Script) -> Iterator[Mutation]:
        for message in script.messages:
            if 4 <= message.flight <= 6 and _next(script, message) is not None:
                yield self.at(f"{message.flight}/{message.name}")

    def apply(self, script: Script, mutation: Mutation) -> Expectation:
        message = script.named(mutation.place)[0]
        following = _next(script, message)
        if following is None:
            raise BadInput(f"nothing comes after {mutation.place} in its flight", field="place")
        inserted = insert_message(script, following, message.msg_type, message.template)
        inserted.repeats = message.index
        rule = "a message that has had its turn ends the handshake when it comes as a new one"
        return refused(rule, rfc(5246, "7.4"), REFUSALS | _UNREADABLE)


def _next(script: Script, message: Message) -> Message | None:
    """The message after another one in its flight."""
    at = script.order.index(message.index) + 1
    if at >= len(script.order):
        return None
    following = script.messages[script.order[at]]
    return following if following.flight == message.flight else None


class Omit(Operator):
    """A message is left out and later ones are numbered as if it had never been; or ChangeCipherSpec is left
    out.
    """

    name = "omit"
    title = "A message is left out of its flight, within a consistent transcript."

    def places(self, script: Script) -> Iterator[Mutation]:
        for message in script.messages:
            if 4 <= message.flight <= 6:
                yield self.at(f"{message.flight}/{message.name}")
        yield self.at("ChangeCipherSpec")

    def apply(self, script: Script, mutation: Mutation) -> Expectation:
        if mutation.place == "ChangeCipherSpec":
            script.changes_cipher = False
            for _, datagram in script.datagrams():
                datagram.records = [r for r in datagram.records if r.content_type != CHANGE_CIPHER_SPEC]
            rule = "Finished without ChangeCipherSpec before it ends nothing"
            return refused(rule, rfc(5246, "7.4.9"), HANDSHAKE_ALERTS | RECORD_ALERTS)
        message = script.named(mutation.place)[0]
        message.omitted = True
        optional = message.name in _OPTIONAL or (
            message.name == "ServerKeyExchange" and script.suite.exchange == "psk"
        )
        if optional:
            return either("the message is optional, or was promised", rfc(5246, "7.3"))
        if script.role == "client" and message.name in ("Certificate", "CertificateVerify"):
            rule = "a client that was asked for a certificate answers"
            return refused(rule, rfc(5246, "7.4.6"), HANDSHAKE_ALERTS)
        return refused(
            "a message that is missing ends the handshake", rfc(5246, "7.4"), REFUSALS | RECORD_ALERTS
        )


class InsertRecord(Operator):
    """A record that is no part of the handshake comes before the one at `place`. `what` says which."""

    name = "insert-record"
    title = "A record that is no part of the handshake comes in between, unprotected."

    KINDS = (
        "application-data",
        "warning-alert",
        "unknown-warning-alert",
        "long-alert",
        "empty-alert",
        "change-cipher-spec",
        "long-change-cipher-spec",
        "heartbeat",
        "unknown-type",
        "empty-handshake",
        "handshake-header-cut-off",
        "garbage-in-epoch-1",
    )

    def places(self, script: Script) -> Iterator[Mutation]:
        for place, record in script.records():
            if record.epoch == 0 and not place.startswith(f"{AFTER_HANDSHAKE}/"):
                for what in self.KINDS:
                    yield self.at(place, what=what)

    def draw(self, script: Script, source: random.Random) -> Mutation | None:
        places = [p for p, r in script.records() if r.epoch == 0 and not p.startswith(f"{AFTER_HANDSHAKE}/")]
        return self.at(source.choice(places), what=source.choice(self.KINDS)) if places else None

    def apply(self, script: Script, mutation: Mutation) -> Expectation:
        before, what = script.record_at(mutation.place), text(mutation, "what")
        content_type, content, epoch = {
            "application-data": (APPLICATION_DATA, b"application data in clear", 0),
            "warning-alert": (ALERT, b"\x01\x5a", 0),
            "unknown-warning-alert": (ALERT, b"\x01\xfe", 0),
            "long-alert": (ALERT, b"\x01\x5a\x00", 0),
            "empty-alert": (ALERT, b"", 0),
            "change-cipher-spec": (CHANGE_CIPHER_SPEC, b"\x01", 0),
            "long-change-cipher-spec": (CHANGE_CIPHER_SPEC, b"\x01\x01", 0),
            "heartbeat": (24, b"\x01\x00\x04beat" + bytes(16), 0),
            "unknown-type": (99, b"unknown", 0),
            "empty-handshake": (HANDSHAKE, b"", 0),
            "handshake-header-cut-off": (HANDSHAKE, b"\x01\x00\x00\x10", 0),
            "garbage-in-epoch-1": (HANDSHAKE, bytes(40), 1),
        }.get(what, (99, b"", 0))
        record = Record(content_type, before.version, epoch, None, None, protected=False, content=content)
        script.insert_record(before, record)
        if what in ("change-cipher-spec", "application-data", "empty-handshake", "handshake-header-cut-off"):
            rule = "what is out of order may be discarded or end the handshake"
            return either(rule, rfc(5246, "7.2.2"), HANDSHAKE_ALERTS | RECORD_ALERTS)
        if "warning" in what:
            rule = "a warning may be ignored, or end the handshake with a fatal alert"
            return Expectation(rule, rfc(5246, "7.2.2"), True, HANDSHAKE_ALERTS)
        return invalid_record()


class GarbageDatagram(Operator):
    """A datagram of `bytes` bytes, each `value`, comes before the one at `place`."""

    name = "garbage"
    title = "A datagram that is no DTLS comes in between."

    def places(self, script: Script) -> Iterator[Mutation]:
        for place, datagram in script.datagrams():
            if datagram.flight != AFTER_HANDSHAKE:
                for size, value in ((1, 0), (12, 0x16), (13, 0xFF), (100, 0), (1400, 0x17)):
                    yield self.at(place, bytes=size, value=value)

    def apply(self, script: Script, mutation: Mutation) -> Expectation:
        datagram = script.datagram_at(mutation.place)
        junk = bytes([number(mutation, "value") & 0xFF]) * number(mutation, "bytes")
        flight = script.flights[datagram.flight]
        at = next(i for i, known in enumerate(flight) if known is datagram)
        added = type(datagram)(datagram.flight, datagram.offset, [], edits=[lambda _: junk])
        flight.insert(at, added)
        return invalid_record("a datagram without a valid record is discarded")


def insert_message(script: Script, before: Message, msg_type: int, body: bytes) -> Message:
    """Puts a message before another one: numbered and hashed in sequence, in a record of its own."""
    _, record, _ = next(script.pieces_of(before))
    inserted = Message(
        len(script.messages), before.flight, before.epoch, msg_type, before.message_seq, body, literal=True
    )
    script.order.insert(script.order.index(before.index), inserted.index)
    script.messages.append(inserted)
    script.insert_record(record, handshake_record(inserted, record))
    return inserted


OPERATORS: tuple[Operator, ...] = (
    InsertMessage(),
    RepeatMessage(),
    Omit(),
    InsertRecord(),
    GarbageDatagram(),
)
