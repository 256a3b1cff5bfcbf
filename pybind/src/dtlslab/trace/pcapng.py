# SPDX-License-Identifier: MIT
"""pcapng files: what is needed of draft-ietf-opsawg-pcapng, and the older pcap format for reading.

Written: one section, one interface with nanosecond time stamps, the key log in
a Decryption Secrets Block before the packets that it opens, packets with
comments. Read: any section, byte order and resolution; BadInput names the file
and the offset of what is broken.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from dtlslab.errors import BadInput

SECTION = 0x0A0D0D0A
INTERFACE = 1
SIMPLE_PACKET = 3
ENHANCED_PACKET = 6
DECRYPTION_SECRETS = 10

LINK_RAW = 101  # LINKTYPE_RAW: the packet begins with its IPv4 or IPv6 header
SECRETS_TLS = 0x544C534B  # "TLSK": a key log in the NSS format

_BYTE_ORDER = 0x1A2B3C4D
_OPT_END, _OPT_COMMENT, _IF_NAME, _IF_TSRESOL, _SHB_USERAPPL = 0, 1, 2, 9, 4
_IF_TSOFFSET = 14
_MAX_BLOCK = 1 << 26
_PCAP_MAGICS = {0xA1B2C3D4: 10**6, 0xA1B23C4D: 10**9}


class Packet(msgspec.Struct, frozen=True):
    """One packet of a capture."""

    time_ns: int
    data: bytes
    comment: str = ""
    link_type: int = LINK_RAW
    offset: int = 0
    """Where it stands in the file that it was read from."""


class Contents(msgspec.Struct):
    """All of a capture file that matters here."""

    packets: list[Packet]
    keylog: list[str]


def encode(packets: Iterable[Packet], keylog: Iterable[str] = (), *, interface: str = "dtlslab") -> bytes:
    """A pcapng file. All packets must have the link type LINK_RAW."""
    parts = [
        _block(
            SECTION, struct.pack("<IHHq", _BYTE_ORDER, 1, 0, -1) + _options([(_SHB_USERAPPL, b"dtlslab")])
        ),
        _block(
            INTERFACE,
            struct.pack("<HHI", LINK_RAW, 0, 0)
            + _options([(_IF_NAME, interface.encode()), (_IF_TSRESOL, b"\x09")]),
        ),
    ]
    secrets = "".join(f"{line}\n" for line in keylog).encode()
    if secrets:
        parts.append(
            _block(DECRYPTION_SECRETS, struct.pack("<II", SECRETS_TLS, len(secrets)) + _padded(secrets))
        )
    parts += [_packet_block(packet) for packet in packets]
    return b"".join(parts)


def read(path: Path) -> Contents:
    """Reads a pcapng or pcap file."""
    return decode(path.read_bytes(), path)


def decode(data: bytes, path: Path | str = "capture") -> Contents:
    """Reads the bytes of a pcapng or pcap file. `path` is named in errors."""
    if len(data) < 4:
        raise BadInput("the file is too short for a capture; expected pcapng or pcap", file=path)
    magic = int.from_bytes(data[:4], "little")
    if magic == SECTION:
        return _Reader(data, path).read()
    if magic in _PCAP_MAGICS or int.from_bytes(data[:4], "big") in _PCAP_MAGICS:
        return Contents(list(_pcap_packets(data, path)), [])
    raise BadInput(f"begins with 0x{magic:08x}; expected a pcapng or pcap file", file=path, field="offset 0")


def _block(kind: int, body: bytes) -> bytes:
    length = 12 + len(body)
    return struct.pack("<II", kind, length) + body + struct.pack("<I", length)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def _options(options: list[tuple[int, bytes]]) -> bytes:
    if not options:
        return b""
    coded = b"".join(struct.pack("<HH", code, len(value)) + _padded(value) for code, value in options)
    return coded + struct.pack("<HH", _OPT_END, 0)


def _packet_block(packet: Packet) -> bytes:
    options = [(_OPT_COMMENT, packet.comment.encode()[:65535])] if packet.comment else []
    head = struct.pack(
        "<IIIII", 0, packet.time_ns >> 32, packet.time_ns & 0xFFFFFFFF, len(packet.data), len(packet.data)
    )
    return _block(ENHANCED_PACKET, head + _padded(packet.data) + _options(options))


class _Interface(msgspec.Struct):
    link_type: int
    unit_divisor: int
    """Time-stamp units in a second."""
    offset_seconds: int
    snap_length: int

    def nanoseconds(self, units: int) -> int:
        return units * 10**9 // self.unit_divisor + self.offset_seconds * 10**9


class _Reader:
    """Reads blocks one after the other, in the byte order of their section."""

    def __init__(self, data: bytes, path: Path | str) -> None:
        self._data = data
        self._path = path
        self._order = "<"
        self._interfaces: list[_Interface] = []
        self._found = Contents([], [])
        self._at = 0
        self._number = 0

    def read(self) -> Contents:
        readers = {
            INTERFACE: self._interface,
            ENHANCED_PACKET: self._enhanced_packet,
            SIMPLE_PACKET: self._simple_packet,
            DECRYPTION_SECRETS: self._secrets,
        }
        while self._at < len(self._data):
            self._number += 1
            kind, body = self._next_block()
            if kind in readers:
                try:
                    readers[kind](body)
                except (struct.error, IndexError):
                    raise self._bad(f"a block of type {kind} that is too short for its fields") from None
        return self._found

    def _next_block(self) -> tuple[int, bytes]:
        if self._at + 12 > len(self._data):
            raise self._bad("the file ends inside the header of a block; expected 12 bytes or more")
        if self._data[self._at : self._at + 4] == struct.pack("<I", SECTION):
            self._section()
        kind, length = struct.unpack_from(self._order + "II", self._data, self._at)
        if length < 12 or length % 4 or length > _MAX_BLOCK:
            raise self._bad(f"a block length of {length}; expected a multiple of 4 from 12 to {_MAX_BLOCK}")
        end = self._at + length
        if end > len(self._data):
            raise self._bad(f"a block of {length} bytes, of which {len(self._data) - self._at} are there")
        (again,) = struct.unpack_from(self._order + "I", self._data, end - 4)
        if again != length:
            raise self._bad(f"a block that says {length} at its start and {again} at its end")
        body = self._data[self._at + 8 : end - 4]
        self._block_at, self._at = self._at, end
        return kind, body

    def _section(self) -> None:
        magic = self._data[self._at + 8 : self._at + 12]
        orders = {struct.pack(order + "I", _BYTE_ORDER): order for order in "<>"}
        if magic not in orders:
            raise self._bad(f"byte-order magic {magic.hex()}; expected 4d3c2b1a or 1a2b3c4d")
        self._order = orders[magic]
        self._interfaces = []

    def _interface(self, body: bytes) -> None:
        link_type, _, snap_length = struct.unpack_from(self._order + "HHI", body)
        options = self._options_of(body[8:])
        resolution = options.get(_IF_TSRESOL, b"\x06")[0]
        divisor = 2 ** (resolution & 0x7F) if resolution & 0x80 else 10 ** (resolution & 0x7F)
        offset = int.from_bytes(
            options.get(_IF_TSOFFSET, bytes(8)), "little" if self._order == "<" else "big"
        )
        self._interfaces.append(_Interface(link_type, divisor, offset, snap_length))

    def _enhanced_packet(self, body: bytes) -> None:
        index, high, low, captured, original = struct.unpack_from(self._order + "IIIII", body)
        interface = self._interface_of(index)
        if captured > len(body) - 20:
            raise self._bad(f"a packet of {captured} bytes in a block with room for {len(body) - 20}")
        if captured < original:
            raise self._bad(f"a packet cut from {original} to {captured} bytes; expected whole packets")
        options = self._options_of(body[20 + captured + (-captured % 4) :])
        self._found.packets.append(
            Packet(
                interface.nanoseconds(high << 32 | low),
                body[20 : 20 + captured],
                options.get(_OPT_COMMENT, b"").decode(errors="replace"),
                interface.link_type,
                self._block_at,
            )
        )

    def _simple_packet(self, body: bytes) -> None:
        (original,) = struct.unpack_from(self._order + "I", body)
        interface = self._interface_of(0)
        captured = min(original, interface.snap_length or original)
        if captured < original or captured > len(body) - 4:
            raise self._bad(f"a packet cut from {original} bytes; expected whole packets")
        self._found.packets.append(Packet(0, body[4 : 4 + captured], "", interface.link_type, self._block_at))

    def _secrets(self, body: bytes) -> None:
        kind, length = struct.unpack_from(self._order + "II", body)
        if length > len(body) - 8:
            raise self._bad(f"secrets of {length} bytes in a block with room for {len(body) - 8}")
        if kind == SECRETS_TLS:
            lines = body[8 : 8 + length].decode(errors="replace").splitlines()
            self._found.keylog += [line for line in lines if line.strip()]

    def _interface_of(self, index: int) -> _Interface:
        if index >= len(self._interfaces):
            raise self._bad(
                f"a packet of interface {index}; {len(self._interfaces)} were described before it"
            )
        return self._interfaces[index]

    def _options_of(self, data: bytes) -> dict[int, bytes]:
        options: dict[int, bytes] = {}
        at = 0
        while at + 4 <= len(data):
            code, length = struct.unpack_from(self._order + "HH", data, at)
            if code == _OPT_END:
                break
            if at + 4 + length > len(data):
                raise self._bad(f"an option of {length} bytes that runs past its block")
            options.setdefault(code, data[at + 4 : at + 4 + length])
            at += 4 + length + (-length % 4)
        return options

    def _bad(self, message: str) -> BadInput:
        return BadInput(message, file=self._path, field=f"block {self._number} at offset {self._at}")


def _pcap_packets(data: bytes, path: Path | str) -> Iterator[Packet]:
    order = "<" if int.from_bytes(data[:4], "little") in _PCAP_MAGICS else ">"
    if len(data) < 24:
        raise BadInput("the file ends inside its header of 24 bytes", file=path, field="offset 0")
    magic, _, _, _, _, _, link = struct.unpack_from(order + "IHHiIII", data)
    scale = 10**9 // _PCAP_MAGICS[magic]
    at = 24
    while at < len(data):
        if at + 16 > len(data):
            raise BadInput("the file ends inside the header of a packet", file=path, field=f"offset {at}")
        seconds, fraction, captured, original = struct.unpack_from(order + "IIII", data, at)
        if captured < original:
            raise BadInput(
                f"a packet cut from {original} to {captured} bytes; expected whole packets",
                file=path,
                field=f"offset {at}",
            )
        if at + 16 + captured > len(data):
            raise BadInput(
                f"a packet of {captured} bytes, of which {len(data) - at - 16} are there",
                file=path,
                field=f"offset {at}",
            )
        packet = data[at + 16 : at + 16 + captured]
        yield Packet(seconds * 10**9 + fraction * scale, packet, "", link & 0xFFFF, at)
        at += 16 + captured
