# SPDX-License-Identifier: MIT
"""What a replayed side is to send: flights of datagrams of records of pieces of messages, all open to change.

A script is made from one side of a recording, is changed by mutation operators, and is played by
`dtlslab_conformance.replay.player`. Places in it have names: `4/datagram[1]`, `4/datagram[1]/record[0]`,
`Certificate`, `ClientHello.cipher_suites[0]` (see `dtlslab_conformance.replay.fields` for what follows a
message).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from dtlslab.errors import BadInput
from scapy_dtls import ALERT, CHANGE_CIPHER_SPEC, HANDSHAKE
from scapy_dtls.registries import HANDSHAKE_TYPES

from ..crypto.suites import Suite
from .fields import Value
from .recording import AFTER_HANDSHAKE, RecordedDatagram, RecordedRecord, Recording

Edit = Callable[[bytes], bytes]

MESSAGE_NAMES = {
    code: "".join(word.capitalize() for word in name.split("_")) for code, name in HANDSHAKE_TYPES.items()
}


@dataclass(slots=True)
class Message:
    """A handshake message of the replayed side."""

    index: int
    flight: int
    epoch: int
    msg_type: int
    message_seq: int
    """As captured; what is inserted or left out before it shifts it."""
    template: bytes
    """The body as captured."""
    literal: bool = False
    """The body is sent as it is, nothing is recomputed."""
    repeats: int | None = None
    """The message of this index once more, as it was sent."""
    omitted: bool = False
    """Left out, as if it had never been: later messages move up."""
    fields: list[tuple[str, Value]] = field(default_factory=list)
    """Fields to set, by path, before anything is signed."""
    edits: list[Edit] = field(default_factory=list)
    """Changes of the body, which enters the transcript as changed."""
    tampering: list[Edit] = field(default_factory=list)
    """Changes of the body on its way: the transcript does not know of them."""

    @property
    def name(self) -> str:
        """`ClientHello`."""
        return MESSAGE_NAMES.get(self.msg_type, f"Type{self.msg_type}")


@dataclass(slots=True)
class Piece:
    """A message or a fragment of it; offset and size are those of the captured body."""

    message: int
    offset: int
    size: int
    header: dict[str, int] = field(default_factory=dict)
    """Header fields that are set by hand, absolute: msg_type, length, message_seq, fragment_offset,
    fragment_length."""


@dataclass(slots=True)
class Record:
    """A record of the script."""

    content_type: int
    version: int
    epoch: int
    sequence: int | None
    """None: the next free number."""
    explicit: bytes | None
    protected: bool
    pieces: list[Piece] = field(default_factory=list)
    content: bytes = b""
    """What it carries beside pieces."""
    plain_edits: list[Edit] = field(default_factory=list)
    """Of the content before protection."""
    sealed_edits: list[Edit] = field(default_factory=list)
    """Of the fragment after protection."""
    wire_edits: list[Edit] = field(default_factory=list)
    """Of the whole record, header included."""


@dataclass(slots=True)
class Datagram:
    """A datagram of the script."""

    flight: int
    offset: float
    """Seconds after the first datagram of its flight."""
    records: list[Record]
    edits: list[Edit] = field(default_factory=list)
    delay: float = 0.0
    """Seconds by which a mutation keeps it back."""


@dataclass(slots=True)
class Script:
    """One side of a recording, ready to be changed and played."""

    role: str
    """The side that is replayed."""
    suite: Suite
    messages: list[Message]
    flights: dict[int, list[Datagram]]
    """By number, in order."""
    think: dict[int, float]
    """Seconds between the last datagram of the other side and the first of each flight; for what comes after
    the handshake, since this side's own last datagram."""
    repeats_as_scripted: bool = True
    """Whether a retransmission has the datagrams and fragments of the script, rather than whole messages."""
    changes_cipher: bool = True
    """Whether ChangeCipherSpec is sent; a mutation may leave it out."""
    order: list[int] = field(default_factory=list)
    """Indices of the messages in the order in which they are said and hashed."""
    first_hello_sequence: int = 0
    """Record number of the captured ClientHello that was answered first."""

    def copy(self) -> Script:
        """A script of its own, to be changed."""
        return copy.deepcopy(self)

    def datagrams(self) -> Iterator[tuple[str, Datagram]]:
        """All datagrams with the names of their places."""
        for number, flight in self.flights.items():
            for index, datagram in enumerate(flight):
                yield f"{number}/datagram[{index}]", datagram

    def records(self) -> Iterator[tuple[str, Record]]:
        """All records with the names of their places."""
        for place, datagram in self.datagrams():
            for index, record in enumerate(datagram.records):
                yield f"{place}/record[{index}]", record

    def named(self, name: str) -> list[Message]:
        """The messages of a name; a ClientHello is there twice when there was a cookie exchange."""
        flight, _, bare = name.rpartition("/")
        found = [m for m in self.messages if m.name == bare and (not flight or m.flight == int(flight))]
        if not found:
            raise BadInput(f"the recording has no {name} of the {self.role}", field="place")
        return found

    def in_order(self) -> Iterator[Message]:
        """The messages in the order in which they are said."""
        return (self.messages[index] for index in self.order)

    def message_names(self) -> list[str]:
        """The names of the messages, each once, in order."""
        return list(dict.fromkeys(m.name for m in self.messages if m.flight != AFTER_HANDSHAKE))

    def datagram_at(self, place: str) -> Datagram:
        """The datagram at a place. BadInput when there is none."""
        for name, datagram in self.datagrams():
            if name == place:
                return datagram
        raise BadInput(f"the recording has no {place} of the {self.role}", field="place")

    def record_at(self, place: str) -> Record:
        """The record at a place. BadInput when there is none."""
        for name, record in self.records():
            if name == place:
                return record
        raise BadInput(f"the recording has no {place} of the {self.role}", field="place")

    def pieces_of(self, message: Message) -> Iterator[tuple[Datagram, Record, Piece]]:
        """Where a message stands."""
        for flight in self.flights.values():
            for datagram in flight:
                for record in datagram.records:
                    for piece in record.pieces:
                        if piece.message == message.index:
                            yield datagram, record, piece

    def insert_record(self, before: Record, inserted: Record) -> None:
        """Puts a record before another one of the same datagram; later record numbers move up."""
        for flight in self.flights.values():
            for datagram in flight:
                for index, record in enumerate(datagram.records):
                    if record is before:
                        self._make_room(inserted, record)
                        datagram.records.insert(index, inserted)
                        return

    def _make_room(self, inserted: Record, before: Record) -> None:
        later = False
        inserted.sequence = None
        for _, record in self.records():
            later = later or record is before
            if later and record.epoch == inserted.epoch and record.sequence is not None:
                if inserted.sequence is None:
                    inserted.sequence = record.sequence
                record.sequence += 1

    def honest(self) -> Script:
        """Ready for a mutation: without what ends the session, so that application data can be tried.

        What the mutation does to records and fragments is not repeated in a retransmission.
        """
        for number in list(self.flights):
            kept = [d for d in self.flights[number] if any(r.content_type != ALERT for r in d.records)]
            for datagram in kept:
                datagram.records = [r for r in datagram.records if r.content_type != ALERT]
            self.flights[number] = kept
        self.repeats_as_scripted = False
        if not self.flights.get(AFTER_HANDSHAKE):
            self.flights.pop(AFTER_HANDSHAKE, None)
        return self


def make_script(recording: Recording, role: str) -> Script:
    """The script of one side of a recording."""
    messages = [
        Message(index, m.flight, m.epoch, m.msg_type, m.message_seq, m.body)
        for index, m in enumerate(recording.messages[role])
    ]
    script = Script(
        role, recording.suite, messages, {}, {}, first_hello_sequence=_first_hello_sequence(recording)
    )
    script.order = [m.index for m in sorted(messages, key=lambda m: (m.message_seq, m.index))]
    starts: dict[int, float] = {}
    heard = said = 0.0
    for datagram in recording.datagrams:
        if datagram.sender != role:
            heard = datagram.time
            continue
        if datagram.flight not in starts:
            starts[datagram.flight] = datagram.time
            since = said if datagram.flight == AFTER_HANDSHAKE else heard
            script.think[datagram.flight] = datagram.time - since
        said = datagram.time
        offset = datagram.time - starts[datagram.flight]
        script.flights.setdefault(datagram.flight, []).append(_datagram(recording, datagram, offset))
    return script


def _first_hello_sequence(recording: Recording) -> int:
    for datagram in recording.of("client"):
        for record in datagram.records:
            if record.fragments:
                return record.sequence_number
    return 0


def _datagram(recording: Recording, datagram: RecordedDatagram, offset: float) -> Datagram:
    records = [_record(recording, datagram.sender, record) for record in datagram.records]
    return Datagram(datagram.flight, offset, records)


def _record(recording: Recording, side: str, record: RecordedRecord) -> Record:
    return Record(
        record.content_type,
        record.version,
        record.epoch,
        record.sequence_number,
        record.explicit or None,
        protected=record.epoch > 0 and not record.opaque,
        pieces=[
            Piece(
                part.message,
                part.fragment_offset,
                part.fragment_length,
                _contradictions(part, recording, side),
            )
            for part in record.fragments
        ],
        content=record.content,
    )


def _contradictions(part: object, recording: Recording, side: str) -> dict[str, int]:
    whole = recording.messages[side][part.message]  # type: ignore[attr-defined]
    length = part.length  # type: ignore[attr-defined]
    return {} if length == len(whole.body) else {"length": length}


def change_cipher_spec_of(script: Script) -> tuple[Datagram, Record] | None:
    """Where ChangeCipherSpec stands."""
    for flight in script.flights.values():
        for datagram in flight:
            for record in datagram.records:
                if record.content_type == CHANGE_CIPHER_SPEC:
                    return datagram, record
    return None


def handshake_record(message: Message, like: Record) -> Record:
    """A record with one whole message, of the same epoch and version as another."""
    return Record(
        HANDSHAKE,
        like.version,
        like.epoch,
        None,
        None,
        protected=like.protected,
        pieces=[Piece(message.index, 0, len(message.template))],
    )
