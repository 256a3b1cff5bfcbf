# SPDX-License-Identifier: MIT
"""The dissector of traces: datagrams and a key log in, decrypted records, message types, flights,
retransmissions out.

Works for any stack and for every suite of `crypto.suites`. It judges nothing and never raises: what cannot be
read is an
`unknown` record, what cannot be decrypted says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from dtlslab.trace import names
from dtlslab.trace.dissection import Datagram, Dissected
from scapy.packet import Packet
from scapy_dtls import (
    TLS12_CID,
    Certificate,
    CertificateVerify,
    ClientHello,
    ConnectionId,
    EncryptThenMac,
    Finished,
    Handshake,
    HelloVerifyRequest,
    Reassembler,
    ServerHello,
    ServerKeyExchangeEcdhe,
    dissect_content,
)
from scapy_dtls.registries import CONTENT_TYPES, EXTENSIONS, GROUPS, HANDSHAKE_TYPES

from .crypto.keyschedule import TrafficKeys, traffic_keys
from .crypto.protection import Header
from .crypto.suites import SUITES

RECORD_HEADER = 13
_SERVER_FLIGHT_4 = {2, 11, 12, 13, 14, 22}
_CLIENT_FLIGHT_5 = {11, 16, 15, 20}


def dissect(datagrams: list[Datagram], keylog: list[str]) -> dict[int, Dissected]:
    """Dissects the datagrams of one trace, given in the order they were sent."""
    secrets = dict(_read_keylog(keylog))
    conversations: dict[frozenset[str], _Conversation] = {}
    found = {}
    for datagram in datagrams:
        pair = frozenset((datagram.sender, datagram.receiver))
        conversation = conversations.setdefault(pair, _Conversation(secrets))
        found[datagram.id] = conversation.dissect(datagram.sender, datagram.data)
    return found


def _read_keylog(lines: Iterable[str]) -> Iterable[tuple[bytes, bytes]]:
    for line in lines:
        words = line.split()
        if len(words) == 3 and words[0] == "CLIENT_RANDOM":
            try:
                yield bytes.fromhex(words[1]), bytes.fromhex(words[2])
            except ValueError:
                continue


@dataclass(slots=True)
class _Handshake:
    """One handshake of a conversation, from its ClientHello on."""

    client: str
    client_random: bytes
    keys: TrafficKeys | None = None
    covered: dict[tuple[object, ...], int] = field(default_factory=dict)
    """Bytes of each message that have been sent, as a bit mask."""
    pieces: dict[str, Reassembler] = field(default_factory=dict)
    cids: dict[str, bytes] = field(default_factory=dict)
    """The connection ID that each side wants in records to it."""

    def is_new(self, key: tuple[object, ...], offset: int, length: int) -> bool:
        """Notes a range of a message; whether any of it is sent for the first time."""
        mask = ((1 << length) - 1) << offset if length else 1
        known = self.covered.get(key, 0)
        self.covered[key] = known | mask
        return known & mask != mask


class _Conversation:
    """What two endpoints say to each other."""

    def __init__(self, secrets: dict[bytes, bytes]) -> None:
        self._secrets = secrets
        self._handshakes: list[_Handshake] = []

    def dissect(self, sender: str, data: bytes) -> Dissected:
        records: list[dict[str, Any]] = []
        flights: list[int] = []
        pieces: list[bool] = []
        at = 0
        while at < len(data):
            header = RECORD_HEADER + len(self._cid_in(sender, data[at:]))
            end = at + header + int.from_bytes(data[at + header - 2 : at + header], "big")
            if at + header > len(data) or end > len(data) or not self._is_known(data[at], header):
                records.append(_unknown(len(data) - at))
                break
            records.append(self._record(sender, data[at:end], flights, pieces))
            at = end
        return Dissected(records, flights[0] if flights else None, bool(pieces) and not any(pieces))

    @staticmethod
    def _is_known(content_type: int, header_length: int) -> bool:
        has_cid = header_length > RECORD_HEADER
        return content_type in CONTENT_TYPES and has_cid == (content_type == TLS12_CID)

    def _cid_in(self, sender: str, data: bytes) -> bytes:
        """The connection ID at the start of a datagram's rest: one that the other side has asked for."""
        if data[0] != TLS12_CID:
            return b""
        wanted = [cid for h in self._handshakes for asker, cid in h.cids.items() if asker != sender]
        return next((cid for cid in reversed(wanted) if cid and data[11:].startswith(cid)), b"")

    def _record(self, sender: str, wire: bytes, flights: list[int], pieces: list[bool]) -> dict[str, Any]:
        header = Header(
            wire[0],
            int.from_bytes(wire[1:3], "big"),
            int.from_bytes(wire[3:5], "big"),
            int.from_bytes(wire[5:11], "big"),
            self._cid_in(sender, wire),
        )
        fragment = wire[RECORD_HEADER + len(header.cid) :]
        content = fragment if header.epoch == 0 else self._decrypt(sender, header, fragment)
        if header.cid and content is not None:
            inner = content.rstrip(b"\0")
            content, header = inner[:-1], replace(header, content_type=inner[-1] if inner else TLS12_CID)
        record: dict[str, Any] = {
            "content_type": CONTENT_TYPES.get(header.content_type, "unknown"),
            "version": f"{header.version:#06x}",
            "epoch": header.epoch,
            "sequence_number": header.sequence_number,
            "length": len(fragment),
            "encrypted": header.epoch > 0,
            "decrypted": header.epoch > 0 and content is not None,
        }
        if header.cid:
            record["connection_id"] = header.cid.hex()
        if header.content_type == 22:
            self._handshake(sender, header, content, record, flights, pieces)
        elif header.content_type == 20:
            self._note_change(sender, header, flights, pieces)
        elif header.content_type == 21 and content is not None and len(content) == 2:
            record["alert"] = {"level": names.alert_level(content[0]), "description": names.alert(content[1])}
        return record

    def _decrypt(self, sender: str, header: Header, fragment: bytes) -> bytes | None:
        for handshake in reversed(self._handshakes):
            if handshake.keys is not None:
                side = handshake.keys.client if sender == handshake.client else handshake.keys.server
                content = side.open(header, fragment)
                if content is not None:
                    return content
        return None

    def _handshake(
        self,
        sender: str,
        header: Header,
        content: bytes | None,
        record: dict[str, Any],
        flights: list[int],
        pieces: list[bool],
    ) -> None:
        if content is None:
            self._note_change(sender, header, flights, pieces)
            return
        messages = [m for m in dissect_content(22, content) if isinstance(m, Handshake)]
        described = [self._message(sender, header, m, flights, pieces) for m in messages]
        if described:
            record["messages"] = described

    def _note_change(self, sender: str, header: Header, flights: list[int], pieces: list[bool]) -> None:
        """ChangeCipherSpec, or a handshake record that cannot be read."""
        if not self._handshakes:
            return
        handshake = self._handshakes[-1]
        flights.append(5 if sender == handshake.client else 6)
        pieces.append(handshake.is_new((sender, header.content_type, header.epoch), 0, 0))

    def _message(
        self, sender: str, header: Header, message: Handshake, flights: list[int], pieces: list[bool]
    ) -> dict[str, Any]:
        described: dict[str, Any] = {
            "type": HANDSHAKE_TYPES.get(message.msg_type, f"type_{message.msg_type}"),
            "message_seq": message.message_seq,
            "fragment_offset": message.fragment_offset,
            "fragment_length": message.fragment_length,
            "length": message.length,
        }
        if message.msg_type == 1 and header.epoch == 0:
            self._note_hello(sender, message)
        handshake = self._handshakes[-1] if self._handshakes else None
        whole = message
        if handshake is not None:
            key = (sender, header.epoch, message.message_seq, message.msg_type)
            pieces.append(handshake.is_new(key, message.fragment_offset, message.fragment_length))
            joined = handshake.pieces.setdefault(sender, Reassembler()).add(message)
            whole = message if joined is None else joined
            if isinstance(whole.payload, ClientHello | ServerHello):
                cid = whole.payload.extension(ConnectionId)
                handshake.cids[sender] = cid.cid if cid is not None else b""
            if isinstance(whole.payload, ServerHello):
                self._note_server_hello(handshake, whole.payload)
        described |= _details(whole.payload)
        flight = self._flight(sender, message, whole.payload)
        if flight is not None:
            flights.append(flight)
        return described

    def _note_hello(self, sender: str, message: Handshake) -> None:
        """A ClientHello with a random that is new here begins a handshake."""
        body = message.payload
        value = body.random if isinstance(body, ClientHello) else b""
        if not value and message.fragment_offset == 0:
            value = message.body_bytes[2:34]
        if not value or any(h.client_random == value for h in self._handshakes):
            return
        self._handshakes.append(_Handshake(sender, value))

    def _note_server_hello(self, handshake: _Handshake, hello: Any) -> None:
        suite = SUITES.get(hello.cipher_suite)
        master = self._secrets.get(handshake.client_random)
        if suite is None or master is None:
            return
        encrypt_then_mac = hello.extension(EncryptThenMac) is not None
        handshake.keys = traffic_keys(
            suite, master, handshake.client_random, hello.random, encrypt_then_mac=encrypt_then_mac
        )

    def _flight(self, sender: str, message: Handshake, body: Packet) -> int | None:
        from_client = bool(self._handshakes) and sender == self._handshakes[-1].client
        kind = message.msg_type
        if kind == 1:
            return 3 if getattr(body, "cookie", b"") or message.message_seq == 1 else 1
        if kind == 3:
            return 2
        if from_client:
            return 5 if kind in _CLIENT_FLIGHT_5 else None
        if kind in (4, 20):
            return 6
        return 4 if kind in _SERVER_FLIGHT_4 else None


def _unknown(length: int) -> dict[str, Any]:
    return {
        "content_type": "unknown",
        "version": "0x0000",
        "epoch": 0,
        "sequence_number": 0,
        "length": length,
        "encrypted": False,
        "decrypted": False,
    }


def _suite_name(code: int) -> str:
    return SUITES[code].name if code in SUITES else f"{code:#06x}"


def _extension_names(hello: Any) -> list[str]:
    return [EXTENSIONS.get(e.type, f"{e.type:#06x}") for e in hello.extensions or ()]


def _details(body: Packet) -> dict[str, Any]:
    """What is worth showing of a message body."""
    found: Any = body
    if isinstance(body, ClientHello):
        return {
            "client_version": f"{found.client_version:#06x}",
            "random": found.random.hex(),
            "session_id": found.session_id.hex(),
            "cookie": found.cookie.hex(),
            "cipher_suites": [_suite_name(code) for code in found.cipher_suites],
            "extensions": _extension_names(found),
        }
    if isinstance(body, ServerHello):
        return {
            "server_version": f"{found.server_version:#06x}",
            "random": found.random.hex(),
            "session_id": found.session_id.hex(),
            "cipher_suite": _suite_name(found.cipher_suite),
            "extensions": _extension_names(found),
        }
    if isinstance(body, HelloVerifyRequest):
        return {"server_version": f"{found.server_version:#06x}", "cookie": found.cookie.hex()}
    if isinstance(body, Certificate):
        return {"certificates": [len(der) for der in found.certificates]}
    if isinstance(body, ServerKeyExchangeEcdhe):
        return {
            "group": GROUPS.get(found.group, str(found.group)),
            "signature_scheme": names.scheme(found.scheme),
        }
    if isinstance(body, CertificateVerify):
        return {"signature_scheme": names.scheme(found.scheme)}
    if isinstance(body, Finished):
        return {"verify_data": found.verify_data.hex()}
    return {}
