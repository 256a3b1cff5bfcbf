# SPDX-License-Identifier: GPL-2.0-only
"""Datagrams and records of DTLS 1.2 (RFC 6347 4.1): alerts, ChangeCipherSpec, handshake, opaque ciphertext.

``DTLS(datagram)`` never raises: what is not a record becomes a Raw element at the end of
``records``. A record's
content is typed in epoch 0 only; in later epochs it is one :class:`Ciphertext`, since without keys there is
nothing more to say. To build a protected record, put the protected bytes into ``Ciphertext``.
"""

from __future__ import annotations

from typing import Any

from scapy.packet import Packet, Raw

from .fields import LengthField, OpaqueField, PacketsField, UIntField
from .handshake import Handshake, dissect_handshake
from .registries import ALERT_LEVELS, ALERTS, CONTENT_TYPES, VERSIONS

RECORD_HEADER_LENGTH = 13

CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE, APPLICATION_DATA = 20, 21, 22, 23
TLS12_CID = 25


class _Leaf(Packet):
    def extract_padding(self, s: bytes) -> tuple[bytes, bytes | None]:
        return b"", s


class Alert(_Leaf):
    """RFC 5246 7.2."""

    name = "Alert"
    fields_desc = [UIntField("level", 2, 1, ALERT_LEVELS), UIntField("description", 0, 1, ALERTS)]


class ChangeCipherSpec(_Leaf):
    """RFC 5246 7.1."""

    name = "ChangeCipherSpec"
    fields_desc = [UIntField("value", 1, 1)]


class Ciphertext(_Leaf):
    """The protected fragment of a record: explicit nonce or IV, encrypted content, tag or MAC."""

    name = "Ciphertext"
    fields_desc = [OpaqueField("data", None)]


def dissect_content(content_type: int, data: bytes) -> list[Packet]:
    """Dissects the plaintext content of one record into its messages; what does not fit is Raw."""
    if content_type == HANDSHAKE:
        messages = []
        while data:
            message, data = dissect_handshake(Raw(), data)
            messages.append(message)
        return messages
    if content_type == ALERT and len(data) == 2:
        return [Alert(data)]
    if content_type == CHANGE_CIPHER_SPEC and len(data) == 1:
        return [ChangeCipherSpec(data)]
    return [Raw(data)] if data else []


def _dissect_element(pkt: Packet, data: bytes) -> tuple[Packet, bytes]:
    if pkt.epoch:
        return Ciphertext(data), b""
    if pkt.type == HANDSHAKE:
        return dissect_handshake(pkt, data)
    return dissect_content(pkt.type, data)[0], b""


_TYPES: dict[type[Packet], int] = {Handshake: HANDSHAKE, Alert: ALERT, ChangeCipherSpec: CHANGE_CIPHER_SPEC}


class Record(Packet):
    """One record. A type of None is taken from the first element of ``content``."""

    name = "DTLS record"
    fields_desc = [
        UIntField("type", None, 1, CONTENT_TYPES),
        UIntField("version", 0xFEFD, 2, VERSIONS),
        UIntField("epoch", 0, 2),
        UIntField("sequence_number", 0, 6),
        LengthField("length", "content", 2),
        PacketsField("content", "length", _dissect_element),
    ]

    def post_build(self, pkt: bytes, pay: bytes) -> bytes:
        if self.type is None:
            first = type(self.content[0]) if self.content else Raw
            pkt = bytes([_TYPES.get(first, APPLICATION_DATA)]) + pkt[1:]
        return pkt + pay

    def extract_padding(self, s: bytes) -> tuple[bytes, bytes | None]:
        return b"", s

    def mysummary(self) -> str:
        kind = CONTENT_TYPES.get(self.type, self.type)
        return f"{kind} {self.epoch}/{self.sequence_number} ({self.length} bytes)"


class CidRecord(Packet):
    """A protected record with a connection ID (RFC 9146 4). The header does not tell how long the ID is,
    so these are dissected by :func:`dissect_datagram` alone.
    """

    name = "DTLS record with a connection ID"
    fields_desc = [
        UIntField("type", TLS12_CID, 1, CONTENT_TYPES),
        UIntField("version", 0xFEFD, 2, VERSIONS),
        UIntField("epoch", 1, 2),
        UIntField("sequence_number", 0, 6),
        OpaqueField("cid", None),
        LengthField("length", "content", 2),
        PacketsField("content", "length", _dissect_element),
    ]

    def extract_padding(self, s: bytes) -> tuple[bytes, bytes | None]:
        return b"", s

    def mysummary(self) -> str:
        return f"tls12_cid {self.cid.hex()} {self.epoch}/{self.sequence_number} ({self.length} bytes)"


def dissect_datagram(data: bytes, cid_length: int = 0) -> list[Packet]:
    """The records of a datagram whose connection IDs have this length; Raw for what is no record."""
    found: list[Packet] = []
    while data:
        if data[0] == TLS12_CID and cid_length:
            element, data = _dissect_cid_record(data, cid_length)
        else:
            element, data = dissect_record(Raw(), data)
        found.append(element)
    return found


def _dissect_cid_record(data: bytes, cid_length: int) -> tuple[Packet, bytes]:
    start = RECORD_HEADER_LENGTH + cid_length
    end = start + int.from_bytes(data[start - 2 : start], "big")
    if len(data) < start or len(data) < end:
        return Raw(data), b""
    record = CidRecord(
        version=int.from_bytes(data[1:3], "big"),
        epoch=int.from_bytes(data[3:5], "big"),
        sequence_number=int.from_bytes(data[5:11], "big"),
        cid=data[11 : 11 + cid_length],
        length=end - start,
        content=[Ciphertext(data=data[start:end])],
    )
    return record, data[end:]


def dissect_record(_: Packet, data: bytes) -> tuple[Packet, bytes]:
    """Dissects the record at the start of ``data``; Raw for all of it when header or length do not fit."""
    if len(data) >= RECORD_HEADER_LENGTH:
        size = RECORD_HEADER_LENGTH + int.from_bytes(data[11:13], "big")
        if size <= len(data):
            return Record(data[:size]), data[size:]
    return Raw(data), b""


class DTLS(Packet):
    """A datagram: one or more records, encoded one after the other (RFC 6347 4.1.1)."""

    name = "DTLS"
    fields_desc = [PacketsField("records", None, dissect_record)]

    def mysummary(self) -> str:
        return "DTLS " + ", ".join(r.mysummary() if isinstance(r, Record) else "?" for r in self.records)


def bind_udp(*ports: int) -> None:
    """Has Scapy dissect UDP datagrams of these ports as DTLS. Imports Scapy's IP layers."""
    from scapy.layers.inet import UDP
    from scapy.packet import bind_bottom_up, bind_layers

    for port in ports:
        bind_bottom_up(UDP, DTLS, sport=port)
        bind_bottom_up(UDP, DTLS, dport=port)
        bind_layers(UDP, DTLS, sport=port, dport=port)


def clear_lengths(packet: Any) -> None:
    """Forgets every dissected length in a packet and below, so that building computes them anew."""
    if not isinstance(packet, Packet):
        return
    packet.raw_packet_cache = None
    for field in packet.fields_desc:
        value = packet.fields.get(field.name)
        computed = isinstance(field, LengthField) or field.name in ("length", "fragment_length")
        if computed and (field.name != "extensions_length" or packet.getfieldval("extensions") is not None):
            packet.fields.pop(field.name, None)
        elif isinstance(value, list):
            for item in value:
                clear_lengths(item)
    clear_lengths(packet.payload if packet.payload else None)
