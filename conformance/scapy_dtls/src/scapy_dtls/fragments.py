# SPDX-License-Identifier: GPL-2.0-only
"""Cutting handshake messages into fragments and putting them together again (RFC 6347 4.2.3)."""

from __future__ import annotations

from collections.abc import Iterable

from scapy.packet import Raw

from .handshake import HEADER_LENGTH, Handshake


def fragment(message: Handshake, ranges: int | Iterable[tuple[int, int]]) -> list[Handshake]:
    """Cuts a whole message into fragments.

    ``ranges`` is the largest fragment length, or the wanted (offset, length) pairs, which may overlap, leave
    gaps, repeat and stand in any order.
    """
    wire = bytes(message)
    body = wire[HEADER_LENGTH:]
    if isinstance(ranges, int):
        size = ranges
        ranges = [(start, min(size, len(body) - start)) for start in range(0, len(body), size)] or [(0, 0)]
    return [
        Handshake(
            msg_type=wire[0],
            length=len(body),
            message_seq=message.message_seq,
            fragment_offset=offset,
            fragment_length=length,
        )
        / Raw(body[offset : offset + length])
        for offset, length in ranges
    ]


class Reassembler:
    """Collects fragments of many messages; overlaps and repetitions are welcome, contradictions are not.

    A fragment that contradicts what is already there (type or total length), or that runs past its own
    message,
    is refused: :meth:`add` returns None for it and it leaves no mark.
    """

    def __init__(self) -> None:
        self._parts: dict[int, tuple[int, int, dict[int, bytes]]] = {}

    def add(self, part: Handshake) -> Handshake | None:
        """Takes a fragment; returns the whole message once all its bytes are there, else None."""
        data = part.body_bytes
        if part.fragment_offset + len(data) > part.length or len(data) != part.fragment_length:
            return None
        if part.is_whole:
            self._parts.pop(part.message_seq, None)
            return part
        known = self._parts.setdefault(part.message_seq, (part.msg_type, part.length, {}))
        if known[:2] != (part.msg_type, part.length):
            return None
        held = known[2].get(part.fragment_offset, b"")
        if len(data) >= len(held):
            known[2][part.fragment_offset] = data
        body = bytearray()
        for offset in sorted(known[2]):
            if offset > len(body):
                return None
            body[offset : offset + len(known[2][offset])] = known[2][offset]
        if len(body) < part.length:
            return None
        del self._parts[part.message_seq]
        header = bytes([part.msg_type]) + len(body).to_bytes(3, "big") + part.message_seq.to_bytes(2, "big")
        return Handshake(header + bytes(3) + len(body).to_bytes(3, "big") + bytes(body))
