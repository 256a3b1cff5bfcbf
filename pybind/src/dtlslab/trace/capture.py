# SPDX-License-Identifier: MIT
"""Captures: the datagrams of a trace as packets with IP and UDP headers, and back.

Node n of a lab is 10.0.0.(n+1). The port of a server is 4433, which Wireshark
takes for DTLS by itself; a client's is 40000 + n.
"""

from __future__ import annotations

import ipaddress
import struct
from pathlib import Path

import msgspec

from dtlslab.errors import BadInput
from dtlslab.trace import pcapng
from dtlslab.trace.dissection import Datagram
from dtlslab.trace.records import parse_datagram

SERVER_PORT = 4433
CLIENT_PORT = 40000

_UDP = 17
_ETHERNET, _LOOPBACK, _LINUX_COOKED, _LINUX_COOKED_2, _PPP = 1, 0, 113, 276, 9
_LINK_HEADERS = {pcapng.LINK_RAW: 0, 12: 0, 228: 0, 229: 0, _LOOPBACK: 4, 108: 4, _ETHERNET: 14, _PPP: 2}


class Address(msgspec.Struct, frozen=True, order=True):
    """An IP address and a UDP port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class CapturedDatagram(msgspec.Struct, frozen=True):
    """One UDP datagram of a capture."""

    time: float
    """Seconds since the first packet."""
    source: Address
    destination: Address
    data: bytes
    comment: str = ""


class Capture(msgspec.Struct):
    """The UDP datagrams of a file, and the key log that was in it or beside it."""

    path: Path
    datagrams: list[CapturedDatagram]
    keylog: list[str]

    def client(self) -> Address:
        """The end that sent the first ClientHello. BadInput when there is none."""
        for datagram in self.datagrams:
            for record in parse_datagram(datagram.data):
                if any(message.type == "client_hello" for message in record.messages):
                    return datagram.source
        raise BadInput("there is no ClientHello in this capture; expected a whole handshake", file=self.path)

    def conversation(self) -> list[Datagram]:
        """The datagrams between the first client and its server, sender and receiver named by role."""
        client = self.client()
        server = next(datagram.destination for datagram in self.datagrams if datagram.source == client)
        roles = {client: "client", server: "server"}
        return [
            Datagram(
                number, datagram.time, roles[datagram.source], roles[datagram.destination], datagram.data
            )
            for number, datagram in enumerate(self.datagrams, 1)
            if {datagram.source, datagram.destination} == {client, server}
        ]


def read_capture(path: Path | str, keylog: Path | str | None = None) -> Capture:
    """Reads a pcapng or pcap file, with a key-log file beside it or its secrets inside.

    BadInput names the file, the block and its offset. Packets that are not UDP
    are passed over; a file without any UDP is an error.
    """
    path = Path(path)
    if not path.is_file():
        raise BadInput("there is no such file; expected a capture", file=path)
    contents = pcapng.read(path)
    lines = contents.keylog + (_read_keylog(Path(keylog)) if keylog is not None else [])
    start = contents.packets[0].time_ns if contents.packets else 0
    datagrams = []
    for packet in contents.packets:
        found = _udp_datagram(packet)
        if found is not None:
            source, destination, data = found
            time = (packet.time_ns - start) / 10**9
            datagrams.append(CapturedDatagram(time, source, destination, data, packet.comment))
    if not datagrams:
        raise BadInput(
            f"{len(contents.packets)} packets, none of them UDP; expected DTLS over UDP", file=path
        )
    return Capture(path, datagrams, lines)


def udp_packet(source: Address, destination: Address, data: bytes, identification: int = 0) -> bytes:
    """An IPv4 packet with a UDP datagram, both checksums filled in."""
    addresses = _packed(source.host) + _packed(destination.host)
    length = 8 + len(data)
    pseudo = addresses + struct.pack(">BBH", 0, _UDP, length & 0xFFFF)
    udp = struct.pack(">HHH", source.port, destination.port, length & 0xFFFF)
    checksum = _checksum(pseudo + udp + b"\0\0" + data) or 0xFFFF
    total = (20 + length) & 0xFFFF
    ip = struct.pack(">BBHHHBB", 0x45, 0, total, identification & 0xFFFF, 0x4000, 64, _UDP)
    ip_checksum = _checksum(ip + b"\0\0" + addresses)
    return ip + struct.pack(">H", ip_checksum) + addresses + udp + struct.pack(">H", checksum) + data


def _packed(host: str) -> bytes:
    return ipaddress.IPv4Address(host).packed


def _checksum(data: bytes) -> int:
    """The Internet checksum, RFC 1071. 65535 divides 2^16 - 1, so the sum is one big number's remainder."""
    if len(data) % 2:
        data += b"\0"
    total = int.from_bytes(data, "big") % 0xFFFF
    return 0xFFFF - total


def _udp_datagram(packet: pcapng.Packet) -> tuple[Address, Address, bytes] | None:
    data = _network_layer(packet)
    if not data:
        return None
    if data[0] >> 4 == 4 and len(data) >= 28:
        header = (data[0] & 0xF) * 4
        fragmented = int.from_bytes(data[6:8], "big") & 0x3FFF
        if data[9] != _UDP or fragmented:
            return None
        hosts = str(ipaddress.IPv4Address(data[12:16])), str(ipaddress.IPv4Address(data[16:20]))
    elif data[0] >> 4 == 6 and len(data) >= 48 and data[6] == _UDP:
        header = 40
        hosts = str(ipaddress.IPv6Address(data[8:24])), str(ipaddress.IPv6Address(data[24:40]))
    else:
        return None
    if len(data) < header + 8:
        return None
    source, destination, length = struct.unpack_from(">HHH", data, header)
    payload = data[header + 8 : header + length] if length >= 8 else data[header + 8 :]
    return Address(hosts[0], source), Address(hosts[1], destination), payload


def _network_layer(packet: pcapng.Packet) -> bytes | None:
    data, link = packet.data, packet.link_type
    if link == _LINUX_COOKED:
        return data[16:]
    if link == _LINUX_COOKED_2:
        return data[20:]
    if link == _ETHERNET and data[12:14] == b"\x81\x00":
        return data[18:]
    header = _LINK_HEADERS.get(link)
    return None if header is None else data[header:]


def _read_keylog(path: Path) -> list[str]:
    if not path.is_file():
        raise BadInput("there is no such file; expected a key log in the NSS format", file=path)
    lines = []
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        if len(text.split()) != 3:
            raise BadInput("expected three words: LABEL CLIENT_RANDOM SECRET", file=path, line=number)
        lines.append(text)
    return lines
