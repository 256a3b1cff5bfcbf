# SPDX-License-Identifier: MIT
"""A reader of record headers without keys: RFC 6347 sections 4.1 and 4.2.2.

It tells content types, epochs and, where nothing is encrypted, the kinds of
handshake messages: enough for hooks and for flights. Decryption is the
dissector's job. It never fails: what it cannot read is an `unknown` record.
"""

from __future__ import annotations

from typing import Any

import msgspec

RECORD_HEADER = 13
HANDSHAKE_HEADER = 12

CONTENT_TYPES = {
    20: "change_cipher_spec",
    21: "alert",
    22: "handshake",
    23: "application_data",
    25: "tls12_cid",
}

HANDSHAKE_TYPES = {
    0: "hello_request",
    1: "client_hello",
    2: "server_hello",
    3: "hello_verify_request",
    4: "new_session_ticket",
    11: "certificate",
    12: "server_key_exchange",
    13: "certificate_request",
    14: "server_hello_done",
    15: "certificate_verify",
    16: "client_key_exchange",
    20: "finished",
    22: "certificate_status",
}

_SERVER_FLIGHT_4 = {
    "server_hello",
    "server_key_exchange",
    "certificate_request",
    "server_hello_done",
    "certificate_status",
}
_CLIENT_FLIGHT_5 = {"client_key_exchange", "certificate_verify"}


class Message(msgspec.Struct, frozen=True):
    """The header of one handshake fragment."""

    type: str
    message_seq: int
    fragment_offset: int
    fragment_length: int
    length: int


class Alert(msgspec.Struct, frozen=True):
    level: int
    description: int


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One record of a datagram."""

    content_type: str
    version: str = "0x0000"
    epoch: int = 0
    sequence_number: int = 0
    length: int = 0
    encrypted: bool = False
    messages: list[Message] = []
    alert: Alert | None = None
    has_cookie: bool = False
    """A ClientHello with a cookie in it."""

    def as_event_data(self) -> dict[str, Any]:
        """The record as it stands in the data of an event."""
        data: dict[str, Any] = {
            "content_type": self.content_type,
            "version": self.version,
            "epoch": self.epoch,
            "sequence_number": self.sequence_number,
            "length": self.length,
            "encrypted": self.encrypted,
            "decrypted": False,
        }
        if self.messages:
            data["messages"] = [msgspec.structs.asdict(message) for message in self.messages]
        if self.alert is not None:
            data["alert"] = msgspec.structs.asdict(self.alert)
        return data


def parse_datagram(data: bytes) -> list[Record]:
    """The records of one datagram, in order. What follows a broken header is one `unknown` record."""
    records: list[Record] = []
    at = 0
    while at < len(data):
        length = int.from_bytes(data[at + 11 : at + 13], "big")
        end = at + RECORD_HEADER + length
        kind = CONTENT_TYPES.get(data[at])
        if at + RECORD_HEADER > len(data) or end > len(data) or kind is None or kind == "tls12_cid":
            records.append(Record(content_type="unknown", length=len(data) - at))
            break
        records.append(_record(kind, data[at : at + RECORD_HEADER], data[at + RECORD_HEADER : end]))
        at = end
    return records


def _record(kind: str, header: bytes, body: bytes) -> Record:
    epoch = int.from_bytes(header[3:5], "big")
    encrypted = epoch > 0
    messages: list[Message] = []
    alert = None
    has_cookie = False
    if kind == "handshake" and not encrypted:
        messages, has_cookie = _messages(body)
    elif kind == "alert" and not encrypted and len(body) == 2:
        alert = Alert(body[0], body[1])
    return Record(
        content_type=kind,
        version=f"0x{int.from_bytes(header[1:3], 'big'):04x}",
        epoch=epoch,
        sequence_number=int.from_bytes(header[5:11], "big"),
        length=len(body),
        encrypted=encrypted,
        messages=messages,
        alert=alert,
        has_cookie=has_cookie,
    )


def _messages(body: bytes) -> tuple[list[Message], bool]:
    messages: list[Message] = []
    has_cookie = False
    at = 0
    while at + HANDSHAKE_HEADER <= len(body):
        header = body[at : at + HANDSHAKE_HEADER]
        fragment_length = int.from_bytes(header[9:12], "big")
        start = at + HANDSHAKE_HEADER
        if start + fragment_length > len(body):
            break
        message = Message(
            type=HANDSHAKE_TYPES.get(header[0], f"type_{header[0]}"),
            message_seq=int.from_bytes(header[4:6], "big"),
            fragment_offset=int.from_bytes(header[6:9], "big"),
            fragment_length=fragment_length,
            length=int.from_bytes(header[1:4], "big"),
        )
        messages.append(message)
        if message.type == "client_hello" and message.fragment_offset == 0:
            has_cookie = has_cookie or _hello_has_cookie(body[start : start + fragment_length])
        at = start + fragment_length
    return messages, has_cookie


def _hello_has_cookie(hello: bytes) -> bool:
    session_id_at = 2 + 32
    if len(hello) <= session_id_at:
        return False
    cookie_at = session_id_at + 1 + hello[session_id_at]
    return cookie_at < len(hello) and hello[cookie_at] > 0


class Seen(msgspec.Struct, frozen=True):
    """What the flight tracker says of one datagram."""

    flight: int | None
    retransmission: bool


class FlightTracker:
    """Numbers the flights of a handshake by what can be read without keys.

    A full handshake is numbered as in figure 1 of RFC 6347. Records of the first
    encrypted epoch belong to the flight that their sender is in.
    """

    def __init__(self) -> None:
        self._last: dict[tuple[str, str], int] = {}
        self._sent: dict[tuple[str, str], set[tuple[object, ...]]] = {}
        self._known: dict[int, Seen] = {}

    def seen(self, datagram: int, sender: str, receiver: str, records: list[Record]) -> Seen:
        """Takes note of a datagram, once, and says which flight it belongs to."""
        known = self._known.get(datagram)
        if known is None:
            known = self._known[datagram] = self._judge((sender, receiver), records)
        return known

    def _judge(self, way: tuple[str, str], records: list[Record]) -> Seen:
        flight: int | None = None
        pieces: list[tuple[object, ...]] = []
        for record in records:
            if record.content_type in ("handshake", "change_cipher_spec"):
                now = self._flight_of(way, record)
                flight = flight if flight is not None else now
                if now is not None:
                    self._last[way] = now
                pieces += self._pieces(record, now)
        sent = self._sent.setdefault(way, set())
        retransmission = bool(pieces) and all(piece in sent for piece in pieces)
        sent.update(pieces)
        return Seen(flight, retransmission)

    def _flight_of(self, way: tuple[str, str], record: Record) -> int | None:
        kinds = {message.type for message in record.messages}
        if "client_hello" in kinds:
            return 3 if record.has_cookie else 1
        if "hello_verify_request" in kinds:
            return 2
        if kinds & _SERVER_FLIGHT_4:
            return 4
        if "new_session_ticket" in kinds:
            return 6
        if kinds & _CLIENT_FLIGHT_5:
            return 5
        last = self._last.get(way)
        if "certificate" in kinds:
            return 4 if self._is_server(way) else 5
        if record.content_type == "change_cipher_spec" or record.encrypted:
            return 6 if self._is_server(way) else 5
        return last

    def _is_server(self, way: tuple[str, str]) -> bool:
        return self._last.get(way) in (2, 4, 6)

    def _pieces(self, record: Record, flight: int | None) -> list[tuple[object, ...]]:
        if record.messages:
            return [
                (flight, message.type, message.message_seq, message.fragment_offset, message.fragment_length)
                for message in record.messages
            ]
        return [(flight, record.content_type, record.epoch, record.length)]
