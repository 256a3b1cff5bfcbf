# SPDX-License-Identifier: MIT
"""What both roles of the tester share: records, epochs, messages, transcript, keys (RFC 6347 4.1 and 4.2).

A peer is sans-I/O and does nothing by itself. A script asks it for the messages of a flight
(`flight`), packs them into datagrams (`pack`), sends them, and gives it what comes back (`receive`). Every
layer can be
entered on its own: `record` makes a single record with any header; `alter` changes a message before it
enters the transcript; fields such as `sequence` or `transcript` are there to be set.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from dtlslab.configuration import EndpointConfig
from scapy.packet import Packet, Raw
from scapy_dtls import (
    ALERT,
    APPLICATION_DATA,
    CHANGE_CIPHER_SPEC,
    HANDSHAKE,
    TLS12_CID,
    Alert,
    Body,
    ChangeCipherSpec,
    CidRecord,
    Ciphertext,
    ConnectionId,
    Finished,
    Handshake,
    Reassembler,
    Record,
    dissect_content,
    dissect_datagram,
    fragment,
)

from ..crypto.exchange import KeyShare
from ..crypto.keyschedule import (
    TrafficKeys,
    extended_master_secret,
    master_secret,
    traffic_keys,
    verify_data,
)
from ..crypto.protection import Header, Protection
from ..crypto.suites import SUITES, TESTER_SUITES, Suite

DTLS10, DTLS12 = 0xFEFF, 0xFEFD
DEFAULT_MTU = 1200
PENDING_RECORDS = 32

Alteration = Callable[[Any], "Packet | list[Packet] | None"]


class ProtocolFault(Exception):
    """The other side broke a rule; `alert` is the description that TLS has for it."""

    def __init__(self, alert: int, reason: str) -> None:
        super().__init__(reason)
        self.alert = alert
        self.reason = reason


@dataclass(slots=True)
class Outgoing:
    """A message of a flight: a whole handshake message, ChangeCipherSpec, alert or data, and its epoch."""

    epoch: int
    packet: Packet

    @property
    def body(self) -> Packet:
        """The handshake message body, or the packet itself."""
        return self.packet.payload if isinstance(self.packet, Handshake) else self.packet


@dataclass(slots=True)
class Arrived:
    """A record that came in."""

    content_type: int
    version: int
    epoch: int
    sequence_number: int
    wire: bytes
    time: float = 0.0
    cid: bytes = b""
    """The connection ID in its header."""
    content: bytes | None = None
    """Plaintext; None when it could not be decrypted."""
    parts: list[Packet] = field(default_factory=list)
    """The content as packets: Handshake (perhaps fragments), Alert, ChangeCipherSpec, Raw."""

    @property
    def alert(self) -> Alert | None:
        """The alert in it, if it is one."""
        return self.parts[0] if self.parts and isinstance(self.parts[0], Alert) else None

    @property
    def handshakes(self) -> list[Handshake]:
        """The handshake messages and fragments in it."""
        return [part for part in self.parts if isinstance(part, Handshake)]

    @property
    def fragment(self) -> bytes:
        """What is behind the header."""
        return self.wire[13 + len(self.cid) :]

    @property
    def explicit_nonce(self) -> bytes:
        """The first eight bytes of the protected fragment: the explicit nonce of GCM and CCM suites."""
        return self.fragment[:8]


class Peer:
    """One association of the tester. Subclasses know the messages of their role."""

    role: str
    flights: tuple[int, ...]

    def __init__(self, config: EndpointConfig, source: random.Random, faults: Iterable[str] = ()) -> None:
        self.config = config
        self.source = source
        self.faults = frozenset(faults)
        self.suites = config.suites or TESTER_SUITES
        self.alterations: dict[type[Packet], Alteration] = {}
        self.mtu = config.mtu or DEFAULT_MTU
        self.write_epoch = 0
        self.read_epoch = 0
        self.sequence: dict[int, int] = {0: 0}
        """Next record sequence number of each epoch."""
        self.message_seq = 0
        self.next_receive_seq = 0
        self.transcript = bytearray()
        self.flight_done = 0
        """Number (RFC 6347 figure 1) of the last flight that is complete."""
        self.suite: Suite | None = None
        self.extended = False
        self.client_random = b""
        self.server_random = b""
        self.share: KeyShare | None = None
        self.premaster = b""
        self.master = b""
        self.keys: TrafficKeys | None = None
        self.group = 0
        self.certificates: tuple[bytes, ...] = ()
        """The other side's chain."""
        self.finished = False
        """The other side's Finished was right."""
        self.received: list[Arrived] = []
        self.pending: list[Arrived] = []
        self.complaint: ProtocolFault | None = None
        """What was wrong with a message from the other side; the honest dialogue ends there."""
        self.on_keys: Callable[[str], None] = lambda _: None
        self.own_cid = config.local_connection_id if config.connection_id else b""
        """What we want in records to us (RFC 9146 3)."""
        self.read_cid = b""
        self.write_cid = b""
        """What was agreed on; empty: that direction has records of RFC 6347."""
        self._reassembler = Reassembler()
        self._waiting: dict[int, Handshake] = {}

    def faulty(self, name: str) -> bool:
        """Whether this peer was made with a planted fault."""
        return name in self.faults

    # Making messages

    def alter(self, layer: type[Packet], change: Alteration) -> None:
        """Has `change` edit every message body of this layer before it is hashed and sent; None leaves it
        out, a list puts several in its place.
        """
        self.alterations[layer] = change

    def message(self, body: Body, *, hashed: bool = True) -> list[Outgoing]:
        """Numbers a message and puts it into the transcript; an empty list when an alteration leaves it
        out.
        """
        change = self.alterations.get(type(body))
        changed = body if change is None else change(body)
        if isinstance(changed, list):
            return [made for each in changed for made in self._message(each, body, hashed)]
        return [] if changed is None else self._message(changed, body, hashed)

    def _message(self, changed: Packet, body: Body, hashed: bool) -> list[Outgoing]:
        kind = getattr(type(changed), "msg_type", body.msg_type)
        message: Packet = Handshake(msg_type=kind, message_seq=self.message_seq) / changed
        skips = self.faulty("skip-message-seq") and (
            body.msg_type == 2 or (body.msg_type == 1 and self.message_seq)
        )
        self.message_seq += 2 if skips else 1
        wire = bytes(message)
        if hashed:
            self.transcript += wire
        return [Outgoing(self.write_epoch, Handshake(wire))]

    def flight(self, number: int) -> list[Outgoing]:
        """The messages of a flight of ours, by its number in RFC 6347 figure 1. Each call makes them anew."""
        raise NotImplementedError

    def change_cipher_spec(self) -> Outgoing:
        """ChangeCipherSpec; what is made after it belongs to the next epoch."""
        outgoing = Outgoing(self.write_epoch, ChangeCipherSpec())
        self.write_epoch += 2 if self.faulty("skip-an-epoch") else 1
        start = self.sequence[0] if self.faulty("continue-sequence-in-epoch-1") else 0
        self.sequence.setdefault(self.write_epoch, start)
        return outgoing

    def finished_message(self) -> list[Outgoing]:
        """Finished over the transcript so far."""
        assert self.suite is not None
        data = verify_data(self.suite, self.master, self.role, bytes(self.transcript))
        return self.message(Finished(verify_data=data))

    def agree_on_cids(self, answer: ConnectionId | None) -> None:
        """The other side's extension, None when there is none, settles both directions (RFC 9146 3)."""
        if answer is not None or self.faulty("cid-without-agreement"):
            self.read_cid = self.own_cid
            self.write_cid = answer.cid if answer is not None else b"?"

    # Making records and datagrams

    def record(
        self,
        content: Packet | bytes,
        *,
        content_type: int | None = None,
        epoch: int | None = None,
        sequence: int | None = None,
        version: int = DTLS12,
        explicit: bytes | None = None,
        cid: bytes | None = None,
        padding: int = 0,
    ) -> bytes:
        """One record. Epoch and sequence number default to the current ones; the number counts up by itself.

        Epochs from 1 are protected with our keys of the association; `explicit` sets the explicit nonce.
        `cid` replaces the connection ID that was agreed on (empty: a record of RFC 6347), and a record that
        has one is padded with so many zeros.
        """
        epoch = self.write_epoch if epoch is None else epoch
        if sequence is None:
            sequence = self.sequence.get(epoch, 0)
            self.sequence[epoch] = sequence + 1
        plaintext = content if isinstance(content, bytes) else bytes(content)
        if content_type is None:
            content_type = _content_type(content)
        protection = self.write_protection(epoch)
        cid = self.write_cid if cid is None else cid
        if protection is not None and (cid or self.faulty("header-for-empty-cid")):
            inner = plaintext + bytes([content_type]) + bytes(padding)
            return self._cid_record(protection, Header(TLS12_CID, version, epoch, sequence, cid), inner)
        header = Header(content_type, version, epoch, sequence)
        sealed = plaintext if protection is None else protection.seal(header, plaintext, explicit)
        return bytes(
            Record(
                type=content_type,
                version=version,
                epoch=epoch,
                sequence_number=sequence,
                content=[Raw(sealed) if epoch == 0 else Ciphertext(data=sealed)],
            )
        )

    def _cid_record(self, protection: Protection, header: Header, inner: bytes) -> bytes:
        if self.faulty("records-without-cid"):
            header = Header(APPLICATION_DATA, header.version, header.epoch, header.sequence_number)
            content = [Ciphertext(data=protection.seal(header, inner[:-1]))]
            place: dict[str, Any] = {"epoch": header.epoch, "sequence_number": header.sequence_number}
            return bytes(Record(type=header.content_type, content=content, **place))
        covered = replace(header, cid=b"") if self.faulty("old-additional-data") else header
        return bytes(
            CidRecord(
                version=header.version,
                epoch=header.epoch,
                sequence_number=header.sequence_number,
                cid=header.cid,
                content=[Ciphertext(data=protection.seal(covered, inner))],
            )
        )

    def write_protection(self, epoch: int) -> Protection | None:
        """Our protection in an epoch; None in epoch 0 and before there are keys."""
        return None if epoch == 0 or self.keys is None else self.keys.of(self.role)

    def records(self, outgoing: Outgoing, size: int | None = None) -> list[bytes]:
        """The records that carry a message, its handshake message cut into fragments of at most `size`
        bytes.
        """
        packet = outgoing.packet
        if not isinstance(packet, Handshake):
            return [self.record(packet, epoch=outgoing.epoch)]
        room = self.mtu - 13 - 12 - (24 + len(self.write_cid) + 1 if outgoing.epoch else 0)
        size = room if size is None else size
        if len(packet.payload) <= size:
            return [self.record(packet, epoch=outgoing.epoch)]
        return [self.record(part, epoch=outgoing.epoch) for part in fragment(packet, size)]

    def pack(self, flight: Sequence[Outgoing], size: int | None = None) -> list[bytes]:
        """The datagrams of a flight, as few as the MTU allows. Packing again makes new records, a
        retransmission.
        """
        datagrams: list[bytes] = []
        current = b""
        for outgoing in flight:
            for record in self.records(outgoing, size):
                if current and len(current) + len(record) > self.mtu:
                    datagrams.append(current)
                    current = b""
                current += record
        return [*datagrams, current] if current else datagrams

    def data(self, payload: bytes, **header: Any) -> bytes:
        """A record of application data."""
        return self.record(payload, content_type=APPLICATION_DATA, **header)

    def alert(self, description: int, level: int = 2, **header: Any) -> bytes:
        """A record with an alert."""
        return self.record(Alert(level=level, description=description), **header)

    # Taking in

    def receive(self, datagram: bytes, time: float = 0.0) -> list[Arrived]:
        """Takes in a datagram: decrypts, reassembles, follows the handshake. Returns its records.

        What breaks a rule ends up in `complaint`; records of an epoch whose keys are not there yet are kept
        and
        tried again.
        """
        arrived = read_records(datagram, time, len(self.own_cid))
        for record in arrived:
            self.received.append(record)
            self._open(record)
            if self.keys is not None and self.pending:
                waiting, self.pending = self.pending, []
                for held in waiting:
                    self._open(held)
        return arrived

    def _open(self, record: Arrived) -> None:
        if not self.decrypt(record):
            if len(self.pending) < PENDING_RECORDS:
                self.pending.append(record)
            return
        for part in record.handshakes:
            self._take_part(part)
        for element in record.parts:
            if isinstance(element, ChangeCipherSpec) and record.epoch == self.read_epoch:
                self.read_epoch += 1

    def decrypt(self, record: Arrived) -> bool:
        """Fills in content and parts; False when the keys are not there or do not fit."""
        if record.epoch == 0:
            record.content = record.fragment
        elif self.keys is not None and self.takes_form(record):
            other = self.keys.server if self.role == "client" else self.keys.client
            cid = b"" if self.faulty("old-additional-data") else record.cid
            header = Header(record.content_type, record.version, record.epoch, record.sequence_number, cid)
            record.content = other.open(header, record.fragment)
        if record.content is None:
            return False
        if record.cid:
            self._unwrap(record)
        record.parts = dissect_content(record.content_type, record.content)
        return True

    def takes_form(self, record: Arrived) -> bool:
        """Whether a protected record has the connection ID that is due, or none when none is (RFC 9146 3)."""
        if record.cid == self.read_cid:
            return True
        return self.faulty("accept-any-cid") if record.cid else self.faulty("accept-record-without-cid")

    def _unwrap(self, record: Arrived) -> None:
        """DTLSInnerPlaintext (RFC 9146 4). A content type of 0: there is none."""
        assert record.content is not None
        inner = record.content if self.faulty("keep-padding") else record.content.rstrip(b"\0")
        record.content_type = inner[-1] if inner else 0
        record.content = inner[:-1]
        if self.faulty("keep-padding") and not record.content_type:
            record.content_type = APPLICATION_DATA

    def restarts_sequence(self, part: Handshake) -> bool:  # noqa: ARG002 - for the roles to say
        """Whether this message sets the number that is expected, as a stateless server's answers do."""
        return False

    def _take_part(self, part: Handshake) -> None:
        if self.restarts_sequence(part):
            self.next_receive_seq = part.message_seq
        if part.message_seq < self.next_receive_seq:
            return
        whole = self._reassembler.add(part)
        if whole is None:
            return
        self._waiting[whole.message_seq] = whole
        while self.next_receive_seq in self._waiting and self.complaint is None:
            message = self._waiting.pop(self.next_receive_seq)
            self.next_receive_seq += 1
            try:
                self.absorb(message)
            except ProtocolFault as fault:
                self.complaint = fault

    def absorb(self, message: Handshake) -> None:
        """Follows the handshake by one whole message in sequence. Raises ProtocolFault when it breaks a
        rule.
        """
        raise NotImplementedError

    # Keys

    def derive_keys(self, session_transcript: bytes) -> None:
        """Master secret and traffic keys; the transcript runs up to ClientKeyExchange."""
        assert self.suite is not None
        if self.extended and not self.faulty("classic-master-secret"):
            self.master = extended_master_secret(self.suite, self.premaster, session_transcript)
        else:
            self.master = master_secret(self.suite, self.premaster, self.client_random, self.server_random)
        self.on_keys(f"CLIENT_RANDOM {self.client_random.hex()} {self.master.hex()}")
        self.keys = traffic_keys(self.suite, self.master, self.client_random, self.server_random)

    def check_finished(self, message: Handshake) -> None:
        """Compares the other side's verify_data with ours, and puts its message into the transcript."""
        assert self.suite is not None
        other = "server" if self.role == "client" else "client"
        expected = verify_data(self.suite, self.master, other, bytes(self.transcript))
        body = message.payload
        right = isinstance(body, Finished) and body.verify_data == expected
        if not right and not self.faulty("skip-finished-check"):
            raise ProtocolFault(51, "verify_data of Finished is wrong")
        self.transcript += bytes(message)
        self.finished = True

    def choose_suite(self, code: int) -> None:
        """Settles the cipher suite."""
        suite = SUITES.get(code)
        if suite is None:
            raise ProtocolFault(47, f"cipher suite {code:#06x} is not one that the tester speaks")
        self.suite = suite


def read_records(datagram: bytes, time: float = 0.0, cid_length: int = 0) -> list[Arrived]:
    """The records of a datagram, nothing decrypted; what is not a record is left out."""
    found = dissect_datagram(datagram, cid_length)
    return [as_arrived(record, time) for record in found if isinstance(record, Record | CidRecord)]


def as_arrived(record: Record | CidRecord, time: float = 0.0) -> Arrived:
    """A dissected record as an Arrived, nothing decrypted."""
    return Arrived(
        content_type=record.type,
        version=record.version,
        epoch=record.epoch,
        sequence_number=record.sequence_number,
        wire=bytes(record),
        time=time,
        cid=record.cid if isinstance(record, CidRecord) else b"",
    )


def _content_type(content: Packet | bytes) -> int:
    if isinstance(content, Handshake):
        return HANDSHAKE
    if isinstance(content, Alert):
        return ALERT
    if isinstance(content, ChangeCipherSpec):
        return CHANGE_CIPHER_SPEC
    return APPLICATION_DATA
