# SPDX-License-Identifier: MIT
"""Plays a script as an endpoint of the laboratory: each flight when the other side's is complete, with the
captured timing, retransmitted like an honest peer's when no answer comes (RFC 6347 4.2.4).
"""

from __future__ import annotations

import dataclasses
import heapq
import random
from typing import ClassVar

from dtlslab.configuration import EndpointConfig
from dtlslab.python_endpoint import NO_DEADLINE, EndpointEvent, EventKind, PythonEndpoint, WouldBlock
from scapy_dtls import APPLICATION_DATA, ChangeCipherSpec, Handshake

from ..crypto.protection import Header
from ..tester.peer import DTLS12, Arrived, Outgoing, ProtocolFault
from .live import Misfit, ReplayClient, ReplayServer, make_live
from .recording import AFTER_HANDSHAKE, FINISHED
from .script import Datagram, Message, Piece, Record, Script

SECOND = 1_000_000_000
RETRANSMISSIONS = 4
REPEATS = 6
"""How often the last flight is sent again because the other side repeats its own."""

_WAITS_FOR = {2: 1, 3: 2, 4: 3, 5: 4, 6: 5}


class Player(PythonEndpoint):
    """The replayed side of a recording."""

    name: ClassVar[str] = "tester"
    version: ClassVar[str] = "1"
    capabilities: ClassVar[tuple[str, ...]] = ("client", "server", "dtls1.2", "keylog")

    peer: ReplayClient | ReplayServer

    def __init__(self, script: Script, seed: int, captured_session_id: bytes = b"") -> None:
        super().__init__()
        self.script = script
        self.seed = seed
        self.captured_session_id = captured_session_id
        self.path = 0
        self.connected = False
        """The script's handshake is done, and the other side's Finished was right."""
        self.finished_at: float | None = None
        """When our Finished was first sent, in seconds."""
        self.authentic: list[bytes] = []
        """Application data that was sent under protection."""
        self.received: list[Arrived] = []
        self.misfit = ""
        """Why the mutation of the script does not apply to this endpoint."""
        self.retransmissions = 0
        self._order = [number for number in sorted(script.flights) if script.flights[number]]
        self._queue: list[tuple[int, int, bytes, bool]] = []
        self._count = 0
        self._current = 0
        self._busy_until = 0
        self._timer = NO_DEADLINE
        self._timeout = SECOND
        self._tries = 0
        self._repeats = 0
        self._started = False

    # The contract

    def configure(self, config: EndpointConfig) -> None:
        super().configure(config)
        self.peer = make_live(self.script, config, random.Random(self.seed), self.script.suite)
        if isinstance(self.peer, ReplayServer):
            self.peer.captured_session_id = self.captured_session_id
        self.peer.on_keys = self.log_key

    def connect(self, now: int, path: int) -> int:
        self.path = path
        self._started = True
        self._go_on(now)
        return 1

    def receive(self, now: int, path: int, datagram: bytes) -> None:
        if not self._started:
            self.path, self._started = path, True
            self.raise_event(EndpointEvent(kind=EventKind.SESSION_NEW, session=1, path=path))
        before = self.peer.flight_done
        came = self.peer.receive(datagram, now / SECOND)
        self.received += came
        if isinstance(self.peer, ReplayServer) and self.peer.live_hello_sequence is None and came:
            self.peer.live_hello_sequence = came[0].sequence_number
        if self.peer.flight_done > before or not self._order:
            self._timer = NO_DEADLINE
        self._go_on(now)
        if self.peer.flight_done == before and self._is_repetition(came):
            self._repeat(now)

    def deadline(self, now: int) -> int:  # noqa: ARG002 - part of the contract
        return min(self._queue[0][0] if self._queue else NO_DEADLINE, self._timer)

    def timeout(self, now: int) -> None:
        while self._queue and self._queue[0][0] <= now:
            _, _, datagram, finishes = heapq.heappop(self._queue)
            if finishes and self.finished_at is None:
                self.finished_at = now / SECOND
            self.emit(self.path, datagram)
        if self._timer <= now:
            self._timer = NO_DEADLINE
            self._retransmit(now)
        self._go_on(now)

    def send(self, now: int, session: int, data: bytes) -> None:  # noqa: ARG002 - part of the contract
        if self.peer.keys is None:
            raise WouldBlock
        self.authentic.append(data)
        self.emit(self.path, self.peer.data(data, epoch=1))

    def close(self, now: int, session: int) -> None:  # noqa: ARG002 - part of the contract
        self.emit(self.path, self.peer.alert(0, 1, epoch=1 if self.peer.keys is not None else 0))

    def rest(self) -> None:
        """Says nothing more by itself."""
        self._order.clear()
        self._queue.clear()
        self._timer = NO_DEADLINE
        self._repeats = REPEATS

    # Flights

    @property
    def done(self) -> bool:
        """All of the script has been sent."""
        return not self._order and not self._queue

    def _go_on(self, now: int) -> None:
        """Schedules the next flight when its time has come."""
        while self._order and self.peer.complaint is None and self._may_send(self._order[0]):
            number = self._order.pop(0)
            try:
                self.peer.flight(min(number, 6) if number == AFTER_HANDSHAKE else number)
            except ProtocolFault as fault:
                self.peer.complaint = fault
                return
            except Misfit as reason:
                self.misfit = str(reason)
                self.peer.complaint = ProtocolFault(0, self.misfit)
                return
            self._current = number if number != AFTER_HANDSHAKE else self._current
            self._schedule(now, number)
        self._check_connected()

    def _may_send(self, number: int) -> bool:
        if number in (1, 2, 3, 4, 5, 6):
            wanted = _WAITS_FOR.get(number, 0)
            if number == 5 and 3 not in self.script.flights and 1 in self.script.flights:
                wanted = 4
            return self.peer.flight_done >= wanted
        last = 6 if self.script.role == "client" else 5
        return self.peer.finished and self.peer.flight_done >= last

    def _schedule(self, now: int, number: int) -> None:
        self._tries, self._timeout = 0, SECOND
        think = round(self.script.think.get(number, 0.0) * SECOND)
        if number == AFTER_HANDSHAKE:
            start = max(now, self._busy_until + think)
        else:
            start = max(now, self._busy_until) + think
        for datagram in self.script.flights[number]:
            at = start + round(datagram.offset * SECOND)
            self._busy_until = max(self._busy_until, at)
            data, finishes = self._build(datagram)
            if data:
                self._count += 1
                heapq.heappush(
                    self._queue, (at + round(datagram.delay * SECOND), self._count, data, finishes)
                )
        answered = (number < 6 and self.script.role == "client") or number in (4,)
        self._timer = self._busy_until + self._timeout if answered else NO_DEADLINE

    def _check_connected(self) -> None:
        over = self.peer.flight_done >= 6 if self.script.role == "client" else self.finished_at is not None
        if not self.connected and self.peer.finished and over:
            self.connected = True
            self.raise_event(
                EndpointEvent(
                    kind=EventKind.CONNECTED,
                    session=1,
                    path=self.path,
                    version=DTLS12,
                    cipher_suite=self.script.suite.code,
                    group=self.peer.group,
                )
            )

    # Retransmission

    def _retransmit(self, now: int) -> None:
        """Sends the current flight again when no answer came."""
        if self._tries >= RETRANSMISSIONS or self.peer.complaint is not None:
            return
        self._tries += 1
        self._timeout *= 2
        self._send_again(now)
        self._timer = now + self._timeout

    def _repeat(self, now: int) -> None:
        if self._repeats < REPEATS:
            self._repeats += 1
            if (
                self._current == 2
            ):  # the answer of a server without state bears the hello's number (RFC 6347 4.2.1)
                self.peer.sequence[0] = self.received[-1].sequence_number
            self._send_again(now)

    def _send_again(self, now: int) -> None:
        """The current flight once more, as an honest peer would send it: the same messages in new records."""
        self.retransmissions += 1
        datagrams = self._as_scripted(now) if self.script.repeats_as_scripted else self._as_messages(now)
        for datagram in datagrams:
            self.emit(self.path, datagram)
        self.raise_event(EndpointEvent(kind=EventKind.TIMEOUT, session=1, path=self.path))
        self._check_connected()

    def _as_scripted(self, now: int) -> list[bytes]:
        """The datagrams of the script with new record numbers."""
        datagrams = []
        for datagram in self.script.flights[self._current]:
            records = [dataclasses.replace(r, sequence=None, explicit=None) for r in datagram.records]
            data, finishes = self._build(Datagram(self._current, 0.0, records))
            if finishes and self.finished_at is None:
                self.finished_at = now / SECOND
            datagrams.append(data)
        return datagrams

    def _as_messages(self, now: int) -> list[bytes]:
        """The messages as wholes, whatever a mutation did to their records."""
        flight: list[Outgoing] = []
        for message in self.script.in_order():
            whole = self.peer.built.get(message.index)
            if message.flight != self._current or whole is None:
                continue
            if message.msg_type == FINISHED and self.script.changes_cipher and not message.literal:
                flight.append(Outgoing(0, ChangeCipherSpec()))
            for edit in message.tampering:
                whole = whole[:12] + edit(whole[12:])
            flight.append(Outgoing(message.epoch, Handshake(whole)))
            if message.msg_type == FINISHED and self.finished_at is None:
                self.finished_at = now / SECOND
        return self.peer.pack(flight)

    def _is_repetition(self, came: list[Arrived]) -> bool:
        """Whether the other side repeats a flight whose answer has no timer: HelloVerifyRequest and the last
        flight.
        """
        types = {part.msg_type for record in came for part in record.handshakes}
        if self._current == 2:
            return 1 in types
        return self._current == 6 and bool(types & {FINISHED, 16})

    # Bytes

    def _build(self, datagram: Datagram) -> tuple[bytes, bool]:
        """The bytes of a datagram, and whether our Finished is in it."""
        built, finishes = [], False
        for record in datagram.records:
            wire, finished = self._record(record)
            built.append(wire)
            finishes = finishes or finished
        data = b"".join(built)
        for edit in datagram.edits:
            data = edit(data)
        return data, finishes

    def _record(self, record: Record) -> tuple[bytes, bool]:
        parts = [self._piece(piece) for piece in record.pieces]
        if record.pieces and not any(parts) and not record.content:
            return b"", False
        content = b"".join(parts) + record.content
        for edit in record.plain_edits:
            content = edit(content)
        header = Header(record.content_type, record.version, record.epoch, self._sequence(record))
        keys = self.peer.keys
        if record.protected and keys is not None:
            if record.content_type == APPLICATION_DATA:
                self.authentic.append(content)
            content = keys.of(self.peer.role).seal(header, content, record.explicit)
        for edit in record.sealed_edits:
            content = edit(content)
        wire = (
            bytes([record.content_type])
            + record.version.to_bytes(2, "big")
            + header.number
            + (len(content) & 0xFFFF).to_bytes(2, "big")
            + content
        )
        for edit in record.wire_edits:
            wire = edit(wire)
        messages = self.script.messages
        return wire, any(messages[piece.message].msg_type == FINISHED for piece in record.pieces)

    def _sequence(self, record: Record) -> int:
        number = record.sequence
        free = self.peer.sequence.get(record.epoch, 0)
        if number is None:
            number = free
        elif record.epoch == 0 and isinstance(self.peer, ReplayServer):
            live = self.peer.live_hello_sequence or 0
            number = max(0, number + live - self.script.first_hello_sequence)
        if number < 1 << 47:
            self.peer.sequence[record.epoch] = max(free, number + 1)
        return number

    def _piece(self, piece: Piece) -> bytes:
        message: Message = self.script.messages[piece.message]
        whole = self.peer.built.get(message.index)
        if whole is None:
            return b""
        body = whole[12:]
        start, end = self._range(message, piece, len(body))
        for edit in message.tampering:
            body = edit(body)
        if start >= end and piece.size:
            return b""
        fields = {
            "msg_type": whole[0],
            "length": len(whole) - 12,
            "message_seq": int.from_bytes(whole[4:6], "big"),
            "fragment_offset": start,
            "fragment_length": end - start,
        } | piece.header
        sizes = {"msg_type": 1, "length": 3, "message_seq": 2, "fragment_offset": 3, "fragment_length": 3}
        head = b"".join(
            (fields[name] & ((1 << 8 * size) - 1)).to_bytes(size, "big") for name, size in sizes.items()
        )
        return head + body[start:end]

    def _range(self, message: Message, piece: Piece, length: int) -> tuple[int, int]:
        """Where a captured fragment begins and ends in a message that may have another length by now.

        The last one takes what is more; when some would have nothing left, all shrink alike.
        """
        captured, stop = len(message.template), piece.offset + piece.size
        pieces = [p for _, _, p in self.script.pieces_of(message)]
        if any(p.size and p.offset >= length for p in pieces):
            return piece.offset * length // captured, stop * length // captured
        return min(piece.offset, length), length if stop >= captured else min(stop, length)
