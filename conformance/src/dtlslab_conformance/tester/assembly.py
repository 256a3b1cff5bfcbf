# SPDX-License-Identifier: MIT
"""Reassembly with planted faults, for the deliberately wrong peers that prove the cases."""

from __future__ import annotations

from scapy.packet import Raw
from scapy_dtls import Handshake, Reassembler


class FaultyReassembler:
    """A Reassembler that makes the mistakes it is told to make, each one that has been seen in the field."""

    def __init__(self, faults: frozenset[str]) -> None:
        self.faults = faults
        self.expected = 0
        self.fragmented: dict[int, int] = {}
        """Offset of the last fragment of each message that came in pieces."""
        self._honest = Reassembler()
        self._received: dict[int, int] = {}
        self._first: dict[int, Handshake] = {}

    def add(self, part: Handshake) -> Handshake | None:
        """As Reassembler.add, but for the faults."""
        if part.fragment_offset:
            self.fragmented[part.message_seq] = part.fragment_offset
        if self._refuses(part):
            return None
        first = self._first.setdefault(part.message_seq, part)
        if "ignore-fragment-length-mismatch" in self.faults:
            part = _like(part, length=first.length)
        if "ignore-fragment-type-mismatch" in self.faults:
            part = _like(part, msg_type=first.msg_type)
        if "accept-fragment-overrun" in self.faults:
            part = _cut(part)
        if "count-bytes-received" in self.faults and not part.is_whole:
            return self._counted(part)
        return self._honest.add(part)

    def patch(self, data: bytes) -> Handshake | None:
        """What becomes of handshake bytes whose fragment length runs past the record."""
        if "accept-fragment-short-of-record" not in self.faults or len(data) < 12:
            return None
        size = (len(data) - 12).to_bytes(3, "big")
        return Handshake(data[:1] + size + data[4:9] + size + data[12:])

    def wedges(self, part: Handshake) -> bool:
        """Whether this fragment makes the whole association stand still."""
        if "wedge-on-huge-message" in self.faults and part.length > 100_000:
            return True
        return "fail-on-empty-fragment" in self.faults and part.fragment_length == 0 and part.length > 0

    def _refuses(self, part: Handshake) -> bool:
        faults = self.faults
        if "no-reassembly" in faults and not part.is_whole:
            return True
        if "one-reassembly-at-a-time" in faults and not part.is_whole and part.message_seq != self.expected:
            return True
        received = self._received.get(part.message_seq, 0)
        if "fragments-in-order-only" in faults:
            if part.fragment_offset > received:
                return True
            self._received[part.message_seq] = part.fragment_offset + part.fragment_length
        if "refuse-overlap" in faults:
            if part.fragment_offset < received:
                return True
            self._received[part.message_seq] = part.fragment_offset + part.fragment_length
        return False

    def _counted(self, part: Handshake) -> Handshake | None:
        total = self._received.get(part.message_seq, 0) + part.fragment_length
        self._received[part.message_seq] = total
        whole = self._honest.add(part)
        if whole is None and total >= part.length:
            head = (
                bytes([part.msg_type]) + part.length.to_bytes(3, "big") + part.message_seq.to_bytes(2, "big")
            )
            return Handshake(head + bytes(3) + part.length.to_bytes(3, "big") + bytes(part.length))
        return whole


def _like(part: Handshake, **fields: int) -> Handshake:
    copy = part.copy()
    for name, value in fields.items():
        setattr(copy, name, value)
    return Handshake(bytes(copy))


def _cut(part: Handshake) -> Handshake:
    over = part.fragment_offset + part.fragment_length - part.length
    if over <= 0:
        return part
    data = part.body_bytes[: part.fragment_length - over]
    head = Handshake(
        msg_type=part.msg_type,
        length=part.length,
        message_seq=part.message_seq,
        fragment_offset=part.fragment_offset,
        fragment_length=len(data),
    )
    return Handshake(bytes(head / Raw(data)))
