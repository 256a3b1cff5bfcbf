# SPDX-License-Identifier: MIT
"""What a dissector is given and what it answers.

The dissector of the tester, registered by its plug-in, decrypts with the key
log. Without it, a reader of headers fills in what can be read in the clear.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from dtlslab.trace.records import FlightTracker, parse_datagram


class Datagram(msgspec.Struct, frozen=True):
    """One datagram that was sent, whether or not it arrived."""

    id: int
    time: float
    """Seconds of carrier time."""
    sender: str
    receiver: str
    data: bytes


class Dissected(msgspec.Struct):
    """What is known of one datagram: the fields `records`, `flight` and `retransmission` of its event."""

    records: list[dict[str, Any]]
    flight: int | None = None
    retransmission: bool = False


Dissector = Callable[[list[Datagram], list[str]], dict[int, Dissected]]
"""Datagrams in the order they were sent and key-log lines → what is known of each, by datagram id."""


def dissect_in_clear(datagrams: list[Datagram]) -> dict[int, Dissected]:
    """Dissects by record headers alone."""
    tracker = FlightTracker()
    found: dict[int, Dissected] = {}
    for datagram in datagrams:
        records = parse_datagram(datagram.data)
        seen = tracker.seen(datagram.id, datagram.sender, datagram.receiver, records)
        found[datagram.id] = Dissected(
            [record.as_event_data() for record in records], seen.flight, seen.retransmission
        )
    return found
