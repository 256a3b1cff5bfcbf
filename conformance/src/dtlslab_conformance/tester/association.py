# SPDX-License-Identifier: MIT
"""One association of the autonomous tester: strict reception, flights by themselves, timers (RFC 6347
4.1.2.7, 4.2.4).

The planted faults stand where a careless implementation would go wrong; each is a word that `faulty` asks
for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from dtlslab.python_endpoint import NO_DEADLINE, EndpointEvent, EventKind
from scapy.packet import Packet
from scapy_dtls import (
    ALERT,
    APPLICATION_DATA,
    CHANGE_CIPHER_SPEC,
    HANDSHAKE,
    ChangeCipherSpec,
    CidRecord,
    ClientHello,
    Handshake,
    HelloRequest,
    Reassembler,
    Record,
    dissect_content,
    dissect_datagram,
)

from .assembly import FaultyReassembler
from .peer import DTLS10, DTLS12, Arrived, Outgoing, Peer, ProtocolFault, as_arrived
from .window import ReplayWindow

SECOND = 1_000_000_000
INITIAL_TIMEOUT, LONGEST_TIMEOUT = 1 * SECOND, 60 * SECOND
TRANSMISSIONS = 12
LARGEST_FRAGMENT, LARGEST_PLAINTEXT = 2**14 + 2048, 2**14
REPETITIONS_AT_FULL_SIZE, SMALL_DATAGRAM = 2, 548
BUFFERED_RECORDS, QUEUED_MESSAGES = 16, 16

CLOSE_NOTIFY, UNEXPECTED_MESSAGE, BAD_RECORD_MAC, DECODE_ERROR = 0, 10, 20, 50
NO_RENEGOTIATION = 100


class Surroundings(Protocol):
    """What an association needs of its endpoint."""

    def emit(self, path: int, datagram: bytes) -> None: ...

    def raise_event(self, event: EndpointEvent) -> None: ...

    def deliver(self, session: int, data: bytes) -> None: ...


class Association:
    """A session of the autonomous tester with one peer."""

    def __init__(self, surroundings: Surroundings, peer: Peer, session: int, path: int) -> None:
        self.out = surroundings
        self.peer = peer
        self.session = session
        self.path = path
        self.connected = False
        self.ended = False
        self.wedged = False
        self.deadline = NO_DEADLINE
        self.on_connected: Callable[[Association], None] = lambda _: None
        self.last_flight: list[Outgoing] = []
        self.last_datagrams: list[bytes] = []
        self.timeout_ns = self._initial_timeout()
        self.transmissions = 0
        self.changed = False
        """The peer's ChangeCipherSpec has been taken."""
        self.windows: dict[int, ReplayWindow] = {}
        self.early: list[Arrived] = []
        self.queue: dict[int, Handshake] = {}
        self.reassembler: Reassembler | FaultyReassembler = (
            FaultyReassembler(peer.faults) if peer.faults else Reassembler()
        )
        self.now = 0
        self._repeated = False
        self._came_by = path

    def faulty(self, name: str) -> bool:
        """Whether a fault is planted."""
        return self.peer.faulty(name)

    # Sending

    def send_flight(self, number: int) -> None:
        """Makes and sends the next flight; the timer runs unless it is the last one of the handshake."""
        self.last_flight = self.peer.flight(number)
        self.transmissions = 1
        self.timeout_ns = self._initial_timeout()
        self._transmit()
        if number != 6:
            self.deadline = self.now + self.timeout_ns

    def _transmit(self) -> None:
        repeats = self.transmissions > 1
        flight = self.last_flight
        if repeats and self.faulty("retransmit-first-message-only"):
            flight = flight[:1]
        if repeats and self.faulty("retransmit-without-ccs"):
            flight = [m for m in flight if not isinstance(m.packet, ChangeCipherSpec)]
        if repeats and self.faulty("retransmit-in-current-epoch"):
            flight = [Outgoing(self.peer.write_epoch, m.packet) for m in flight]
        if repeats and self.faulty("retransmit-new-message-seq"):
            flight = [_renumbered(m) for m in flight]
        if repeats and self.faulty("retransmit-new-random"):
            flight = [_changed(m) for m in flight]
        if repeats and self.faulty("retransmit-same-record"):
            datagrams = self.last_datagrams
        else:
            datagrams = self.pack(flight)
        self.last_datagrams = datagrams
        for datagram in datagrams:
            self.out.emit(self.path, datagram)

    def pack(self, flight: list[Outgoing]) -> list[bytes]:
        """Packs a flight, with the record-layer faults."""
        mtu = self.peer.mtu
        if self.faulty("ignore-mtu"):
            self.peer.mtu = 16000
        elif self.transmissions > 1 + REPETITIONS_AT_FULL_SIZE and not self.faulty("no-mtu-back-off"):
            self.peer.mtu = min(mtu, SMALL_DATAGRAM)
        datagrams = self.peer.pack(flight)
        self.peer.mtu = mtu
        return datagrams

    def send_record(self, wire: bytes) -> None:
        """Sends a datagram of one record."""
        self.out.emit(self.path, wire)

    def send_data(self, data: bytes) -> None:
        """Sends application data."""
        explicit = bytes(8) if self.faulty("repeat-nonce") else None
        epoch = self.peer.write_epoch
        version = DTLS10 if self.faulty("wrong-record-version") else DTLS12
        wire = self.peer.data(data, explicit=explicit, version=version)
        if self.faulty("reuse-sequence-numbers"):
            self.peer.sequence[epoch] -= 1
        self.send_record(wire)

    def alert(self, description: int, level: int = 2) -> None:
        """Sends an alert; a fatal one ends the association."""
        self.send_record(self.peer.alert(description, level))
        self._event(EventKind.ALERT_SENT, alert_level=level, alert_description=description)
        if level == 2:
            self.end(EventKind.FAILED, text=f"sent the fatal alert {description}")
            if self.faulty("retransmit-alert"):
                self.last_flight = []
                self.last_datagrams = [self.peer.alert(description, level)]
                self.deadline = self.now + SECOND

    def end(self, kind: EventKind, text: str = "") -> None:
        """The association is over."""
        if not self.ended:
            self.ended = True
            self.deadline = NO_DEADLINE
            self._event(kind, text=text)

    def close(self) -> None:
        """Sends close_notify."""
        if not self.ended:
            self.alert(CLOSE_NOTIFY, 1)
            self.end(EventKind.CLOSED)

    # Time

    def timeout(self, now: int) -> None:
        """The retransmission timer fired (RFC 6347 4.2.4)."""
        self.now = now
        if self.ended:
            for datagram in self.last_datagrams:
                self.out.emit(self.path, datagram)
            self.deadline = NO_DEADLINE
            return
        if self.transmissions >= TRANSMISSIONS:
            self.end(EventKind.FAILED, text="gave up after the last retransmission")
            return
        self.transmissions += 1
        self._event(EventKind.TIMEOUT)
        if not self.faulty("timer-constant"):
            longest = 8 * SECOND if self.faulty("timer-cap-8s") else LONGEST_TIMEOUT
            self.timeout_ns = min(2 * self.timeout_ns, longest)
        self._transmit()
        self.deadline = now + self.timeout_ns

    def _initial_timeout(self) -> int:
        if self.faulty("initial-timer-3s"):
            return 3 * SECOND
        config = self.peer.config
        return config.initial_timeout_ns or INITIAL_TIMEOUT

    # Receiving

    def receive(self, now: int, datagram: bytes, path: int | None = None) -> None:
        """Takes in a datagram: its records one by one; what is invalid is dropped without a word.

        `path` is where it came from when the association was found by its connection ID.
        """
        self.now = now
        self._repeated = False
        self._came_by = self.path if path is None else path
        elements = dissect_datagram(datagram, len(self.peer.own_cid))
        broken = any(not isinstance(element, Record | CidRecord) for element in elements)
        if broken and self.faulty("drop-datagram-with-garbage"):
            return
        for element in elements:
            if self.ended and not self._lingers():
                return
            if not isinstance(element, Record | CidRecord):
                self._invalid_element(bytes(element))
                continue
            accepted = self._record(as_arrived(element))
            if self.connected and self.faulty("first-record-only"):
                return
            if self.faulty("drop-datagram-after-bad-record") and not accepted:
                return

    def _lingers(self) -> bool:
        return self.faulty("deliver-after-close") or self.faulty("ignore-fatal-alert")

    def _invalid_element(self, data: bytes) -> None:
        if len(data) < 13 and self.faulty("alert-on-short-datagram"):
            self.alert(DECODE_ERROR)
        if len(data) >= 13 and self.faulty("alert-on-truncated-record"):
            self.alert(DECODE_ERROR)

    def _record(self, record: Arrived) -> bool:
        """Checks, opens and dispatches a record; False when it is dropped."""
        if not self._header_is_valid(record):
            return False
        needs_change = record.epoch > 0 and not self.changed
        if needs_change and not (self.peer.keys and self.faulty("deliver-before-finished")):
            if len(self.early) < BUFFERED_RECORDS and self.peer.keys is not None:
                self.early.append(record)
            return False
        window = self._window(record.epoch)
        moves = bool(record.cid) and self._came_by != self.path
        if moves and self.faulty("drop-from-elsewhere"):
            return False
        if not window.is_new(record.sequence_number) and not self.faulty("accept-replay"):
            if moves and self.faulty("follow-replayed-record"):
                self.path = self._came_by
            return False
        if self.faulty("window-before-mac"):
            window.mark(record.sequence_number)
        if not self._open(record):
            if moves and self.faulty("follow-forged-record"):
                self.path = self._came_by
            return False
        if moves and (record.sequence_number > window.highest or self.faulty("follow-older-record")):
            self._move()
        window.mark(record.sequence_number)
        self._dispatch(record)
        return True

    def _move(self) -> None:
        """The peer is where its newest authentic record came from (RFC 9146 6)."""
        self.path = self._came_by
        self._event(EventKind.PATH_CHANGED)

    def _header_is_valid(self, record: Arrived) -> bool:
        versions = (DTLS12,) if record.epoch else (DTLS12, DTLS10)
        if record.version not in versions and not self.faulty("accept-any-record-version"):
            return False
        if record.cid:
            return self._cid_header_is_valid(record)
        if record.content_type not in (CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE, APPLICATION_DATA):
            if self.faulty("fail-on-unknown-content-type"):
                self.alert(UNEXPECTED_MESSAGE)
            return False
        if len(record.fragment) > LARGEST_FRAGMENT:
            return False
        if record.epoch == 0 and self.connected:
            return self._plaintext_after_handshake(record)
        if record.epoch == 0 and len(record.wire) == 13:
            if self.faulty("fail-on-empty-record"):
                self.alert(DECODE_ERROR)
            return False
        return record.epoch <= 1 or self.faulty("accept-any-epoch") or self.faulty("skip-an-epoch")

    def _cid_header_is_valid(self, record: Arrived) -> bool:
        """Only protected records have a connection ID, and only once one was agreed on (RFC 9146 4)."""
        if record.epoch == 0 and self.faulty("accept-plaintext-with-cid"):
            self.end(EventKind.FAILED, text="a record of epoch 0 with a connection ID")
        fits = record.version == DTLS12 and len(record.fragment) <= LARGEST_FRAGMENT
        return fits and record.epoch == 1 and bool(self.peer.read_cid)

    def _plaintext_after_handshake(self, record: Arrived) -> bool:
        """Records of epoch 0 after the handshake are dropped (RFC 6347 4.1)."""
        if record.content_type == HANDSHAKE and self.faulty("fail-on-plaintext-handshake-after-finish"):
            self.alert(UNEXPECTED_MESSAGE)
        if record.content_type == CHANGE_CIPHER_SPEC and self.faulty("ccs-resets-keys"):
            self.wedged = True
        wanted = {ALERT: "accept-plaintext-alert", APPLICATION_DATA: "accept-plaintext-data"}
        return self.faulty(wanted.get(record.content_type, ""))

    def note_received(self, epoch: int, sequence_number: int) -> None:
        """Marks a record that was taken before the association began: the ClientHello with the cookie."""
        self._window(epoch).mark(sequence_number)

    def _window(self, epoch: int) -> ReplayWindow:
        if epoch not in self.windows:
            size = 16 if self.faulty("window-of-16") else 32 if self.faulty("window-of-32") else 64
            self.windows[epoch] = ReplayWindow(size, left_edge=not self.faulty("no-left-edge"))
        return self.windows[epoch]

    def _open(self, record: Arrived) -> bool:
        if record.epoch and len(record.fragment) < 16 and self.faulty("fail-on-tiny-ciphertext"):
            self.alert(DECODE_ERROR)
            return False
        if self.wedged or not self.peer.decrypt(record):
            if self.faulty("alert-on-bad-mac"):
                self.alert(BAD_RECORD_MAC)
            if self.faulty("warning-alert-on-bad-mac"):
                self.alert(BAD_RECORD_MAC, 1)
            if record.epoch and self.faulty("connect-without-finished") and not self.connected:
                self._finish()
            return False
        assert record.content is not None
        if record.content_type == 0 and not self.faulty("ignore-untyped-record"):
            self.alert(UNEXPECTED_MESSAGE)
        if record.content_type not in (CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE, APPLICATION_DATA):
            return False
        if len(record.content) > LARGEST_PLAINTEXT and not self.faulty("accept-oversized-plaintext"):
            return False
        if not record.content and self.faulty("fail-on-empty-application-data"):
            self.alert(DECODE_ERROR)
            return False
        return True

    def _dispatch(self, record: Arrived) -> None:
        assert record.content is not None
        if record.content_type == HANDSHAKE:
            self._handshake(record)
        elif record.content_type == CHANGE_CIPHER_SPEC:
            self._change_cipher_spec(record.content)
        elif record.content_type == ALERT:
            self._alert_came(record)
        else:
            self._data_came(record)

    # Application data and alerts

    def _data_came(self, record: Arrived) -> None:
        assert record.content is not None
        if record.epoch == 0 and not self.faulty("accept-plaintext-data"):
            return
        if (self.connected and not self.ended) or self._delivers_wrongly():
            self.out.deliver(self.session, record.content)

    def _delivers_wrongly(self) -> bool:
        return self.faulty("deliver-before-finished") or self._lingers()

    def _alert_came(self, record: Arrived) -> None:
        alert = record.alert
        if alert is None:
            if self.faulty("fail-on-malformed-alert"):
                self.wedged = True
                self.deadline = NO_DEADLINE
            return
        if alert.level not in (1, 2):
            return
        self._event(EventKind.ALERT_RECEIVED, alert_level=alert.level, alert_description=alert.description)
        if alert.description == CLOSE_NOTIFY:
            if not self.faulty("no-close-notify-reply"):
                self.alert(CLOSE_NOTIFY, 1)
            self.end(EventKind.CLOSED)
        elif alert.level == 2 and not self.faulty("ignore-fatal-alert"):
            self.end(EventKind.FAILED, text=f"received the fatal alert {alert.description}")
        elif alert.level == 1 and self.faulty("fatal-on-warning"):
            self.end(EventKind.FAILED, text="took a warning for the end")

    # Handshake

    def _change_cipher_spec(self, content: bytes) -> None:
        if content != b"\x01" and not self.faulty("accept-malformed-ccs"):
            return
        if self.peer.keys is None:
            self.wedged = self.wedged or self.faulty("early-ccs-switches")
            return
        if self.changed or self.connected:
            return
        self.changed = True
        early, self.early = self.early, []
        if early and self.faulty("wedge-on-reordered-finished"):
            self.wedged = True
        for record in early:
            self._record(record)

    def _handshake(self, record: Arrived) -> None:
        messages = dissect_content(HANDSHAKE, record.content or b"")
        if self.faulty("one-message-per-record"):
            messages = messages[:1]
        for part in messages:
            if self.ended:
                return
            if isinstance(part, Handshake):
                self._part(record, part)
            elif isinstance(self.reassembler, FaultyReassembler):
                patched = self.reassembler.patch(bytes(part))
                if patched is not None:
                    self._part(record, patched)

    def _part(self, record: Arrived, part: Handshake) -> None:
        finished_in_clear = part.msg_type == 20 and record.epoch == 0
        if finished_in_clear and not self.faulty("accept-plaintext-finished"):
            return
        if part.msg_type == HelloRequest.msg_type or (
            self.connected and part.msg_type == ClientHello.msg_type
        ):
            self._rehandshake(part)
            return
        if part.message_seq < self.peer.next_receive_seq:
            self._old_message(part)
            return
        if part.message_seq >= self.peer.next_receive_seq + QUEUED_MESSAGES:
            if self.faulty("fail-on-far-future-message"):
                self.alert(UNEXPECTED_MESSAGE)
            return
        if isinstance(self.reassembler, FaultyReassembler):
            self.reassembler.expected = self.peer.next_receive_seq
            self.wedged = self.wedged or self.reassembler.wedges(part)
        whole = None if self.wedged else self.reassembler.add(part)
        future = part.message_seq > self.peer.next_receive_seq
        if whole is None or (future and self.faulty("drop-future-messages")):
            if whole is None and self.faulty("partial-read-resets-timer") and self.deadline != NO_DEADLINE:
                self.deadline = self.now + self.timeout_ns
            return
        self.queue[whole.message_seq] = whole
        self._advance(record.epoch)

    def _old_message(self, part: Handshake) -> None:
        if self.faulty("fail-on-old-message") and not self.connected:
            self.alert(UNEXPECTED_MESSAGE)
            return
        forgotten = self.connected and self.faulty("forget-last-flight")
        ignored = not self.connected and self.faulty("ignore-repeated-flight")
        ends_flight = part.message_seq == self.peer.next_receive_seq - 1
        if self._repeated or not self.last_flight or forgotten or ignored or not ends_flight:
            return
        if self.connected and self.peer.role == "client":
            return
        self._repeated = True
        self.transmissions += 1
        self._transmit()
        if self.deadline != NO_DEADLINE:
            self.deadline = self.now + self.timeout_ns

    def _rehandshake(self, part: Handshake) -> None:
        """Renegotiation is refused with a warning (RFC 5746 4.5); a HelloRequest while negotiating is
        ignored.
        """
        if not self.connected:
            return
        word = "die-on-hello-request" if part.msg_type == HelloRequest.msg_type else "die-on-renegotiation"
        if self.faulty(word):
            self.end(EventKind.FAILED, text="renegotiation")
            return
        self.alert(NO_RENEGOTIATION, 1)

    def _advance(self, epoch: int) -> None:
        peer = self.peer
        while not self.ended and peer.next_receive_seq in self.queue:
            message = self.queue.pop(peer.next_receive_seq)
            peer.next_receive_seq += 1
            before = peer.flight_done
            try:
                self._absorb(message)
            except ProtocolFault as fault:
                if self.faulty("silent-on-protocol-fault"):
                    self.wedged = True
                    self.deadline = NO_DEADLINE
                    return
                self.alert(fault.alert)
                return
            if peer.flight_done != before:
                self._flight_came(peer.flight_done, epoch)

    def _absorb(self, message: Handshake) -> None:
        if self.faulty("client-restarts-on-late-hvr") and message.msg_type == 3:
            self.peer.state = "hello"  # type: ignore[attr-defined]
        start = len(self.peer.transcript)
        self.peer.absorb(message)
        if self.faulty("hash-fragments-as-received") and isinstance(self.reassembler, FaultyReassembler):
            offset = self.reassembler.fragmented.pop(message.message_seq, None)
            if offset is not None:
                self.peer.transcript[start + 9 : start + 12] = offset.to_bytes(3, "big")

    def _flight_came(self, number: int, epoch: int) -> None:  # noqa: ARG002 - the epoch is for the reader of a trace
        self.deadline = NO_DEADLINE
        if number == 6:
            self._finish()
        elif number == 5:
            self.send_flight(6)
            self._finish()
        else:
            try:
                self.send_flight(number + 1)
            except ProtocolFault as fault:
                self.alert(fault.alert)

    def _finish(self) -> None:
        suite = self.peer.suite
        self.connected = True
        self.peer.pending.clear()
        if self.faulty("retransmit-after-finish"):
            self.deadline = self.now + self.timeout_ns
        self._event(
            EventKind.CONNECTED,
            version=DTLS12,
            cipher_suite=suite.code if suite else 0,
            group=self.peer.group,
        )
        self.on_connected(self)

    def _event(self, kind: EventKind, **fields: Any) -> None:
        self.out.raise_event(EndpointEvent(kind=kind, session=self.session, path=self.path, **fields))


def _renumbered(outgoing: Outgoing) -> Outgoing:
    packet = outgoing.packet.copy()
    if isinstance(packet, Handshake):
        packet.message_seq += 1
    return Outgoing(outgoing.epoch, packet)


def _changed(outgoing: Outgoing) -> Outgoing:
    packet: Packet = outgoing.packet
    if isinstance(packet, Handshake) and packet.msg_type in (1, 2):
        wire = bytearray(bytes(packet))
        wire[12 + 2 + 31] ^= 1
        packet = Handshake(bytes(wire))
    return Outgoing(outgoing.epoch, packet)
