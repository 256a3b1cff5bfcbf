# SPDX-License-Identifier: MIT
"""A captured DTLS 1.2 handshake: datagrams, records and messages of both sides, decrypted, with everything
that a replay keeps.

A capture is a pcapng file with its secrets inside, or a pcap file with a key log beside it. What cannot be
replayed is refused with the file, the datagram and what was expected.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dtlslab.errors import BadInput
from dtlslab.trace.capture import read_capture
from dtlslab.trace.dissection import Datagram
from scapy.packet import Packet, Raw
from scapy_dtls import (
    ALERT,
    APPLICATION_DATA,
    CHANGE_CIPHER_SPEC,
    HANDSHAKE,
    ClientHello,
    EncryptThenMac,
    Handshake,
    HelloVerifyRequest,
    Reassembler,
    ServerHello,
    dissect_body,
)
from scapy_dtls.registries import HANDSHAKE_TYPES

from ..crypto.keyschedule import TrafficKeys, traffic_keys
from ..crypto.protection import Header
from ..crypto.suites import SUITES, TESTER_SUITES, Suite

RECORD_HEADER, MESSAGE_HEADER = 13, 12
DTLS12 = 0xFEFD
FINISHED = 20
AFTER_HANDSHAKE = 7
"""The number given to what a side sends after its last flight: application data and alerts."""

_CLIENT_FLIGHT_5, _SERVER_FLIGHT_6 = (11, 15, 16, 20), (4, 20)


@dataclass(frozen=True, slots=True)
class RecordedFragment:
    """A handshake message, or a fragment of one, in a record."""

    message: int
    """Index into the messages of its side."""
    msg_type: int
    length: int
    message_seq: int
    fragment_offset: int
    fragment_length: int


@dataclass(frozen=True, slots=True)
class RecordedRecord:
    """A record in plain text."""

    content_type: int
    version: int
    epoch: int
    sequence_number: int
    explicit: bytes
    """The explicit part of the nonce; empty in epoch 0 and for suites that have none."""
    fragments: tuple[RecordedFragment, ...]
    content: bytes
    """What it carries when that is not handshake messages, or could not be decrypted."""
    opaque: bool = False
    """It could not be decrypted; `content` is its protected fragment."""


@dataclass(frozen=True, slots=True)
class RecordedDatagram:
    """A datagram of one side."""

    number: int
    """Of the datagram in the capture, from 1."""
    time: float
    """Seconds since the beginning of the capture."""
    sender: str
    flight: int
    """1 to 6 as in figure 1 of RFC 6347, or AFTER_HANDSHAKE."""
    records: tuple[RecordedRecord, ...]


@dataclass(frozen=True, slots=True)
class RecordedMessage:
    """A whole handshake message."""

    flight: int
    epoch: int
    msg_type: int
    message_seq: int
    body: bytes

    @property
    def name(self) -> str:
        """`client_hello`."""
        return HANDSHAKE_TYPES.get(self.msg_type, f"type_{self.msg_type}")


@dataclass(slots=True)
class Recording:
    """One handshake between one client and one server, with the application data after it."""

    path: Path
    suite: Suite
    datagrams: list[RecordedDatagram]
    messages: dict[str, list[RecordedMessage]]
    """Of `client` and of `server`, in the order in which they were first seen."""
    master: bytes = field(repr=False)

    def of(self, side: str) -> list[RecordedDatagram]:
        """The datagrams of one side."""
        return [datagram for datagram in self.datagrams if datagram.sender == side]

    def message(self, side: str, msg_type: int) -> RecordedMessage | None:
        """The last message of a type."""
        return next((m for m in reversed(self.messages[side]) if m.msg_type == msg_type), None)

    def body(self, side: str, msg_type: int) -> Any:
        """The dissected body of the last message of a type; None when there is none."""
        found = self.message(side, msg_type)
        return None if found is None else dissect_message(found.msg_type, found.body, self.suite)

    @property
    def has_cookie(self) -> bool:
        """Whether the server asked for a cookie."""
        return self.message("server", HelloVerifyRequest.msg_type or 3) is not None

    @property
    def asks_certificate(self) -> bool:
        """Whether the server asked for the client's certificate."""
        return self.message("server", 13) is not None


def dissect_message(msg_type: int, body: bytes, suite: Suite | None) -> Packet:
    """Dissects a message body; of the formats of a key exchange, the one that belongs to the suite."""
    if suite is not None and msg_type in (12, 16):
        wanted = "psk" if suite.exchange == "psk" else "ecdhe"
        for layer in _layers(msg_type):
            if layer.__name__.lower().endswith(wanted):
                try:
                    return layer(body)
                except ValueError:
                    return Raw(body)
    return dissect_body(msg_type, body)


def _layers(msg_type: int) -> list[type[Packet]]:
    from scapy_dtls.handshake import Body

    return list(Body.registry.get(msg_type, ()))


def read_recording(path: Path | str, keylog: Path | str | None = None) -> Recording:
    """Reads a capture. BadInput names the file, the datagram, the field and what was expected."""
    capture = read_capture(path, keylog)
    return _Reader(capture.path, capture.conversation(), capture.keylog).read()


@dataclass(slots=True)
class _RawRecord:
    datagram: Datagram
    index: int
    header: Header
    fragment: bytes
    content: bytes | None = None


class _Reader:
    """Two passes: find the keys in what is in the clear, then read everything in order."""

    def __init__(self, path: Path, datagrams: list[Datagram], keylog: list[str]) -> None:
        self.path = path
        self.keylog = keylog
        self.records = [record for datagram in datagrams for record in self._records(datagram)]
        self.times = {datagram.id: datagram.time for datagram in datagrams}
        self.messages: dict[str, list[RecordedMessage]] = {"client": [], "server": []}
        self.places: dict[str, dict[tuple[int, int], int]] = {"client": {}, "server": {}}
        self.current = {"client": 1, "server": 2}
        self.opened: set[str] = set()
        self.finished: set[str] = set()

    def read(self) -> Recording:
        hello, answer = self._hellos()
        suite = self._suite(answer)
        master = self._master(hello.random)
        keys = traffic_keys(suite, master, hello.random, answer.random)
        for record in self.records:
            self._decrypt(record, keys)
        end = self._end_of_first_handshake(hello.random)
        self.records = [record for record in self.records if record.datagram.id < end]
        self._collect_messages()
        datagrams = self._datagrams(suite)
        for side in ("client", "server"):
            if side not in self.finished:
                raise self._bad(f"there is no Finished of the {side}; expected a whole handshake")
        return Recording(self.path, suite, datagrams, self.messages, master)

    # What is in the clear

    def _records(self, datagram: Datagram) -> Iterator[_RawRecord]:
        data, index = datagram.data, 0
        if not data:
            raise self._bad("it is empty; expected one record or more", datagram)
        while data:
            if len(data) < RECORD_HEADER:
                message = f"{len(data)} bytes are left; expected a record header of {RECORD_HEADER}"
                raise self._bad(message, datagram, index)
            length = int.from_bytes(data[11:13], "big")
            if RECORD_HEADER + length > len(data):
                left = len(data) - RECORD_HEADER
                raise self._bad(
                    f"length is {length}; expected at most the {left} bytes left", datagram, index
                )
            header = Header(
                data[0],
                int.from_bytes(data[1:3], "big"),
                int.from_bytes(data[3:5], "big"),
                int.from_bytes(data[5:11], "big"),
            )
            if header.content_type not in (CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE, APPLICATION_DATA):
                message = f"content type is {header.content_type}; expected 20, 21, 22 or 23 (DTLS 1.2)"
                raise self._bad(message, datagram, index)
            fragment = data[RECORD_HEADER : RECORD_HEADER + length]
            yield _RawRecord(datagram, index, header, fragment, None if header.epoch else fragment)
            data = data[RECORD_HEADER + length :]
            index += 1

    def _hellos(self) -> tuple[ClientHello, ServerHello]:
        """The ClientHello that was answered, and the answer."""
        pieces = {"client": Reassembler(), "server": Reassembler()}
        hello: ClientHello | None = None
        for record in self.records:
            if record.header.epoch or record.header.content_type != HANDSHAKE:
                continue
            for part in self._parts(record):
                whole = pieces[record.datagram.sender].add(part)
                body = whole.payload if whole is not None else None
                if isinstance(body, ClientHello):
                    hello = body
                elif isinstance(body, ServerHello) and hello is not None:
                    return hello, body
        what = "ServerHello" if hello is not None else "whole ClientHello"
        raise self._bad(f"there is no {what}; expected a whole handshake")

    def _suite(self, answer: Any) -> Suite:
        if answer.server_version != DTLS12:
            raise self._bad(
                f"{answer.server_version:#06x}; expected 0xfefd, DTLS 1.2", field="ServerHello.server_version"
            )
        if any(extension.type == 43 for extension in answer.extensions or ()):
            raise self._bad("a later version than DTLS 1.2 was chosen", field="ServerHello.extensions")
        suite = SUITES.get(answer.cipher_suite)
        if suite is None or suite.code not in TESTER_SUITES:
            known = ", ".join(SUITES[code].name for code in TESTER_SUITES)
            name = suite.name if suite is not None else f"{answer.cipher_suite:#06x}"
            raise self._bad(f"{name}; expected one of {known}", field="ServerHello.cipher_suite")
        if answer.extension(EncryptThenMac) is not None:
            raise self._bad("encrypt_then_mac with an AEAD suite", field="ServerHello.extensions")
        return suite

    def _master(self, client_random: bytes) -> bytes:
        wanted = client_random.hex()
        for line in self.keylog:
            words = line.split()
            if len(words) == 3 and words[0] == "CLIENT_RANDOM" and words[1].lower() == wanted:
                try:
                    secret = bytes.fromhex(words[2])
                except ValueError:
                    secret = b""
                if len(secret) != 48:
                    raise self._bad(
                        "the secret of CLIENT_RANDOM is not 48 bytes in hexadecimal", field="key log"
                    )
                return secret
        raise self._bad(
            f"there is no secret for the client random {wanted[:16]}…; expected a line CLIENT_RANDOM in a "
            "Decryption Secrets Block, or in the file given with --keylog",
            field="key log",
        )

    # With keys

    def _decrypt(self, record: _RawRecord, keys: TrafficKeys) -> None:
        if record.header.epoch == 0:
            return
        side = record.datagram.sender
        record.content = keys.of(side).open(record.header, record.fragment)
        if record.content is None and side not in self.opened:
            raise self._bad(
                "cannot be decrypted; expected a record protected with the keys of the key log",
                record.datagram,
                record.index,
            )
        self.opened.add(side)

    def _end_of_first_handshake(self, client_random: bytes) -> int:
        """The number of the datagram with which another handshake begins."""
        finished = set()
        for record in self.records:
            if record.header.content_type != HANDSHAKE or record.content is None:
                continue
            for part in self._parts(record):
                if part.msg_type == FINISHED:
                    finished.add(record.datagram.sender)
                random = getattr(part.payload, "random", client_random)
                if part.msg_type == 1 and len(finished) == 2 and random != client_random:
                    return record.datagram.id
        return self.records[-1].datagram.id + 1

    def _collect_messages(self) -> None:
        pieces = {"client": Reassembler(), "server": Reassembler()}
        for record in self.records:
            if record.header.content_type != HANDSHAKE or record.content is None:
                continue
            side = record.datagram.sender
            for part in self._parts(record):
                key = (part.message_seq, part.msg_type)
                whole = pieces[side].add(part)
                if key not in self.places[side]:
                    self.places[side][key] = len(self.messages[side])
                    body = b"" if whole is None else whole.body_bytes
                    flight = self._flight_of(side, part, whole)
                    self.messages[side].append(
                        RecordedMessage(flight, record.header.epoch, *_head(part), body)
                    )
                if whole is not None:
                    self._complete(side, key, whole)
        for side in ("client", "server"):
            for message in self.messages[side]:
                if not message.body and message.flight < 0:
                    raise self._bad(
                        f"the {side}'s {message.name} is not there as a whole; expected all its fragments"
                    )

    def _complete(self, side: str, key: tuple[int, int], whole: Handshake) -> None:
        index = self.places[side][key]
        known = self.messages[side][index]
        if known.flight < 0:
            flight = self._flight_of(side, whole, whole)
            self.messages[side][index] = RecordedMessage(flight, known.epoch, *_head(whole), whole.body_bytes)
        if whole.msg_type == FINISHED:
            self.finished.add(side)

    def _flight_of(self, side: str, part: Handshake, whole: Handshake | None) -> int:
        """The flight of a message; below zero while it is not whole."""
        if whole is None:
            return -1
        if side == "client":
            if part.msg_type == 1:
                return 3 if getattr(whole.payload, "cookie", b"") else 1
            return 5 if part.msg_type in _CLIENT_FLIGHT_5 else AFTER_HANDSHAKE
        if part.msg_type == 3:
            return 2
        return 6 if part.msg_type in _SERVER_FLIGHT_6 else 4

    def _datagrams(self, suite: Suite) -> list[RecordedDatagram]:
        explicit = 0 if suite.cipher.kind == "chacha20" else 8
        grouped: dict[int, list[_RawRecord]] = {}
        for record in self.records:
            grouped.setdefault(record.datagram.id, []).append(record)
        found = []
        for number, records in grouped.items():
            side = records[0].datagram.sender
            converted = tuple(self._record(record, explicit) for record in records)
            flight = self._flight_of_datagram(side, converted)
            found.append(RecordedDatagram(number, self.times[number], side, flight, converted))
        return found

    def _record(self, record: _RawRecord, explicit: int) -> RecordedRecord:
        header, side = record.header, record.datagram.sender
        fragments: list[RecordedFragment] = []
        if header.content_type == HANDSHAKE and record.content is not None:
            for part in self._parts(record):
                index = self.places[side][(part.message_seq, part.msg_type)]
                fragments.append(
                    RecordedFragment(
                        index,
                        part.msg_type,
                        part.length,
                        part.message_seq,
                        part.fragment_offset,
                        part.fragment_length,
                    )
                )
        content = b"" if fragments else record.fragment if record.content is None else record.content
        return RecordedRecord(
            header.content_type,
            header.version,
            header.epoch,
            header.sequence_number,
            record.fragment[:explicit] if header.epoch else b"",
            tuple(fragments),
            content,
            opaque=record.content is None,
        )

    def _flight_of_datagram(self, side: str, records: tuple[RecordedRecord, ...]) -> int:
        last = 5 if side == "client" else 6
        for record in records:
            flight = 0
            if record.fragments:
                flight = self.messages[side][record.fragments[0].message].flight
            elif record.content_type == CHANGE_CIPHER_SPEC:
                flight = last
            elif record.epoch > 0:
                flight = AFTER_HANDSHAKE
            if flight:
                self.current[side] = flight
                return flight
        return self.current[side]

    def _parts(self, record: _RawRecord) -> list[Handshake]:
        data, parts = record.content or b"", []
        while data:
            size = MESSAGE_HEADER + int.from_bytes(data[9:12], "big")
            if len(data) < MESSAGE_HEADER or size > len(data):
                found = (
                    f"fragment_length is {size - MESSAGE_HEADER}"
                    if len(data) >= 12
                    else "the header is cut off"
                )
                left = max(0, len(data) - MESSAGE_HEADER)
                message = f"{found}; expected a handshake fragment in the {left} bytes left"
                raise self._bad(message, record.datagram, record.index)
            parts.append(Handshake(data[:size]))
            data = data[size:]
        return parts

    def _bad(
        self, message: str, datagram: Datagram | None = None, record: int | None = None, field: str = ""
    ) -> BadInput:
        if datagram is not None:
            field = f"datagram {datagram.id}" + ("" if record is None else f", record {record + 1}")
        return BadInput(message, file=self.path, field=field)


def _head(part: Handshake) -> tuple[int, int]:
    return part.msg_type, part.message_seq
