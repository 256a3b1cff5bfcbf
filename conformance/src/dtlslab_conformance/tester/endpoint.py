# SPDX-License-Identifier: MIT
"""The tester as an endpoint of its own: an honest DTLS 1.2 peer, or one with planted faults to prove cases
by.

As a server it answers a ClientHello without state (RFC 6347 4.2.1) and keeps an old association until a new
one
on the same path is complete (RFC 6347 4.2.8).
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any, ClassVar

from dtlslab.configuration import EndpointConfig
from dtlslab.python_endpoint import NO_DEADLINE, EndpointEvent, EventKind, PythonEndpoint, WouldBlock
from scapy_dtls import DTLS, ClientHello, Handshake, Record, dissect_body

from ..crypto.exchange import TESTER_SCHEMES
from ..crypto.suites import TESTER_SUITES
from .association import DECODE_ERROR, SECOND, Association
from .client import ClientPeer
from .peer import ProtocolFault
from .server import ServerPeer

_FEATURES = (
    "client server dtls1.2 certificate psk psk-hint client-auth cookie no-cookie ems no-ems mtu keylog "
    "alert-events initial-timeout deterministic verify cid ocsp group:001d group:0017 group:0018"
)


class TesterEndpoint(PythonEndpoint):
    """A DTLS 1.2 endpoint in Python."""

    __test__ = False  # pytest would take the name for a class of tests
    name: ClassVar[str] = "tester"
    version: ClassVar[str] = "1"
    capabilities: ClassVar[tuple[str, ...]] = (
        *_FEATURES.split(),
        *(f"suite:{code:04x}" for code in TESTER_SUITES),
        *(f"scheme:{code:04x}" for code in TESTER_SCHEMES),
    )

    def __init__(self, faults: Iterable[str] = ()) -> None:
        super().__init__()
        self.faults = frozenset(faults)
        self.sessions: dict[int, Association] = {}
        self.current: dict[int, Association] = {}
        """The association of each path."""
        self.replacing: dict[int, Association] = {}
        """An association under way beside an established one on the same path."""
        self._random = random.Random()
        self._deaf = False
        self._kept: list[Association] = []
        self._hellos_seen: set[int] = set()
        self._hello_repeats: dict[int, bytes] = {}

    def configure(self, config: EndpointConfig) -> None:
        super().configure(config)
        self._random = random.Random(config.seed)
        self._stateless = self._server_peer()

    def connect(self, now: int, path: int) -> int:
        assert self.config is not None
        association = self._associate(ClientPeer(self.config, self._source(), self.faults), path)
        self.current[path] = association
        association.now = now
        association.send_flight(1)
        return association.session

    def receive(self, now: int, path: int, datagram: bytes) -> None:
        current = self.current.get(path)
        if self.config is not None and self.config.role == "server":
            hello = self._initial_hello(datagram)
            if hello is not None and self._begins_anew(path, hello[1]):
                self._greet(now, path, *hello)
                return
        pending = self.replacing.get(path)
        if pending is not None:
            pending.receive(now, datagram)
        if current is not None and self.current.get(path) is current:
            current.receive(now, datagram)
        elif current is None:
            self._receive_by_cid(now, path, datagram)
        for old in self._kept:
            old.receive(now, datagram)
        if current is None and pending is None and "answer-garbage" in self.faults:
            self.emit(path, self._stateless.alert(DECODE_ERROR, epoch=0))

    def _receive_by_cid(self, now: int, path: int, datagram: bytes) -> None:
        """Finds the association by the connection ID in the datagram (RFC 9146 3)."""
        for association in reversed(self.sessions.values()):
            cid = association.peer.read_cid
            if cid and not association.ended and datagram[:1] == b"\x19" and datagram[11:].startswith(cid):
                before = association.path
                association.receive(now, datagram, path)
                if association.path != before and self.current.get(before) is association:
                    self.current[association.path] = self.current.pop(before)
                return

    def deadline(self, now: int) -> int:  # noqa: ARG002 - part of the contract
        return min((a.deadline for a in self.sessions.values()), default=NO_DEADLINE)

    def timeout(self, now: int) -> None:
        for association in list(self.sessions.values()):
            if association.deadline <= now:
                association.timeout(now)
        if self._hello_repeats:
            for path, datagram in self._hello_repeats.items():
                self.emit(path, datagram)
            self._hello_repeats.clear()

    def send(self, now: int, session: int, data: bytes) -> None:
        association = self.sessions[session]
        if not association.connected:
            raise WouldBlock
        association.now = now
        association.send_data(data)

    def close(self, now: int, session: int) -> None:
        association = self.sessions[session]
        association.now = now
        association.close()

    # The stateless part of a server

    def _initial_hello(self, datagram: bytes) -> tuple[Record, Handshake] | None:
        records = DTLS(datagram).records
        record = records[0] if records else None
        if not isinstance(record, Record) or record.type != 22 or record.epoch or not record.content:
            return None
        message = record.content[0]
        if not isinstance(message, Handshake) or message.msg_type != 1 or not message.is_whole:
            return None
        return record, message

    def _begins_anew(self, path: int, message: Handshake) -> bool:
        """Whether this ClientHello opens an association rather than repeats one that is there."""
        if path in self.replacing:
            return self._is_new_for(self.replacing[path], message)
        current = self.current.get(path)
        if current is None or current.ended:
            return current is None or "no-new-alert" not in self.faults
        if current.connected and "duplicate-hello-begins-anew" in self.faults:
            self.current.pop(path)
            return True
        if current.connected:
            return getattr(message.payload, "random", b"") != current.peer.client_random
        return self._is_new_for(current, message)

    @staticmethod
    def _is_new_for(association: Association, message: Handshake) -> bool:
        return bool(message.message_seq >= association.peer.next_receive_seq)

    def _greet(self, now: int, path: int, record: Record, message: Handshake) -> None:
        current = self.current.get(path)
        established = current is not None and current.connected and not current.ended
        if established and "plaintext-hello-destroys-association" in self.faults:
            self.current.pop(path)
        if established and "ignore-new-hello-when-connected" in self.faults:
            return
        hello = self._read_hello(message)
        if hello is None:
            self.emit(path, self._stateless.alert(DECODE_ERROR, epoch=0, sequence=record.sequence_number))
            self._deaf = "fail-on-malformed-hello" in self.faults
        if hello is None or self._deaf:
            return
        self._stateless.path = path
        if self._stateless.asks_cookie and not self._cookie_is_right(path, record, message, hello):
            return
        self._begin(now, path, record, message, hello)

    def _read_hello(self, message: Handshake) -> ClientHello | None:
        if isinstance(message.payload, ClientHello):
            return message.payload
        data = message.body_bytes
        if "accept-trailing-bytes-in-hello" in self.faults:
            for cut in range(1, 9):
                body = dissect_body(ClientHello.msg_type, data[:-cut])
                if isinstance(body, ClientHello):
                    return body
        return None

    def _cookie_is_right(self, path: int, record: Record, message: Handshake, hello: ClientHello) -> bool:
        right = hello.cookie and hello.cookie == self._stateless.cookie_for(hello)
        if right or "no-cookie-exchange" in self.faults:
            return True
        if hello.cookie and "alert-on-bad-cookie" in self.faults:
            self.emit(path, self._stateless.alert(40, epoch=0, sequence=record.sequence_number))
            return False
        if path in self._hellos_seen and "one-verify-request-only" in self.faults:
            return False
        self._hellos_seen.add(path)
        self._ask_cookie(path, record, message, hello)
        return False

    def _ask_cookie(self, path: int, record: Record, message: Handshake, hello: ClientHello) -> None:
        peer = self._stateless
        peer.hello = hello
        peer.message_seq = message.message_seq
        sequence = record.sequence_number
        if "verify-request-own-sequence" in self.faults:
            sequence = len(self._hellos_seen) + 40
        packet = peer.verify_request_flight()[0].packet
        datagram = peer.record(packet, epoch=0, sequence=sequence)
        self.emit(path, datagram)
        if "retransmit-verify-request" in self.faults:
            self._hello_repeats[path] = datagram
            ghost = self._associate(self._server_peer(), path)
            ghost.end(EventKind.CLOSED)
            ghost.deadline = SECOND

    def _begin(self, now: int, path: int, record: Record, message: Handshake, hello: ClientHello) -> None:
        peer = self._server_peer()
        sequence = record.sequence_number
        peer.sequence[0] = 0 if "server-hello-own-sequence" in self.faults else sequence
        peer.message_seq = message.message_seq
        peer.next_receive_seq = message.message_seq + 1
        if "transcript-includes-verify-request" in self.faults:
            peer.transcript += b"\x01"
        association = self._associate(peer, path)
        association.now = now
        association.note_received(0, sequence)
        previous = self.current.get(path)
        if previous is not None and previous.connected and not previous.ended:
            self.replacing[path] = association
            association.on_connected = self._replace
        else:
            self.current[path] = association
        self.raise_event(EndpointEvent(kind=EventKind.SESSION_NEW, session=association.session, path=path))
        try:
            peer.accept_hello(message, hello)
            peer.state = "client"
            peer.flight_done = 3
            association.send_flight(4)
        except ProtocolFault as fault:
            association.alert(fault.alert)

    def _replace(self, association: Association) -> None:
        old = self.current.get(association.path)
        self.current[association.path] = association
        self.replacing.pop(association.path, None)
        if old is not None and "keep-old-association" in self.faults:
            self._kept.append(old)
        elif old is not None:
            old.end(EventKind.CLOSED, text="replaced by a new association")

    def _associate(self, peer: Any, path: int) -> Association:
        session = len(self.sessions) + 1
        association = Association(self, peer, session, path)
        peer.on_keys = self.log_key
        self.sessions[session] = association
        return association

    def _server_peer(self) -> ServerPeer:
        assert self.config is not None
        if self.config.min_version not in (None, "1.2"):
            raise ValueError("the tester speaks DTLS 1.2 alone")
        return ServerPeer(self.config, self._source(), self.faults)

    def _source(self) -> random.Random:
        return random.Random(self._random.getrandbits(64))
