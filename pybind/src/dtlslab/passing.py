# SPDX-License-Identifier: MIT
"""A datagram on its way, as a hook sees it."""

from __future__ import annotations

from functools import cached_property

from dtlslab.fate import Fate, delay, drop, duplicate, hold, replace
from dtlslab.session import Endpoint
from dtlslab.trace.records import FlightTracker, Record, Seen, parse_datagram


class Passing:
    """A datagram about to be given to the network."""

    def __init__(
        self,
        *,
        time: float,
        datagram: int,
        sender: Endpoint,
        receiver: Endpoint,
        nth: int,
        data: bytes,
        tracker: FlightTracker,
    ) -> None:
        self.time = time
        """Seconds of carrier time."""
        self.datagram = datagram
        """Its number in the trace."""
        self.sender = sender
        self.receiver = receiver
        self.nth = nth
        """The n-th datagram that this sender sends to this receiver, from 1."""
        self.data = data
        self._tracker = tracker

    @cached_property
    def records(self) -> list[Record]:
        """The records in it, as far as a reader without keys can tell."""
        return parse_datagram(self.data)

    @property
    def flight(self) -> int | None:
        """Its flight, 1 to 6 as in figure 1 of RFC 6347; None for application data and alerts."""
        return self._seen.flight

    @property
    def retransmission(self) -> bool:
        """Whether all its handshake messages were sent before."""
        return self._seen.retransmission

    @cached_property
    def _seen(self) -> Seen:
        return self._tracker.seen(self.datagram, self.sender.name, self.receiver.name, self.records)

    def drop(self, reason: str = "dropped by the script") -> Fate:
        """The fate that it never leaves; to be returned by the hook."""
        return drop(reason)

    def delay(self, by: float | str, reason: str = "delayed by the script") -> Fate:
        """The fate that it leaves later, by seconds or text such as `15ms`."""
        return delay(by, reason)

    def hold(self, reason: str = "held back by the script") -> Fate:
        """The fate that it leaves right after the sender's next one; to be returned by the hook."""
        return hold(reason)

    def duplicate(self, copies: int = 2, reason: str = "duplicated by the script") -> Fate:
        """The fate that it goes out `copies` times in all."""
        return duplicate(copies, reason)

    def replace(self, data: bytes, reason: str = "changed by the script") -> Fate:
        """The fate that other bytes go out in its place."""
        return replace(data, reason)

    def __repr__(self) -> str:
        return (
            f"<datagram {self.datagram}, {self.sender.name} to {self.receiver.name}, "
            f"{len(self.data)} bytes at {self.time:.6f} s>"
        )
