# SPDX-License-Identifier: MIT
"""The world's log, as it comes out of C: what events are made of. Needs no compiled module."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from dtlslab.python_endpoint import EndpointEvent


class LogKind(IntEnum):
    """`enum dtlslab_log_kind`."""

    DATAGRAM_SENT = 1
    DATAGRAM_DELIVERED = 2
    DATAGRAM_LOST = 3
    DATAGRAM_DROPPED = 4
    DATAGRAM_CHANGED = 5
    DATAGRAM_INJECTED = 6
    DEADLINE = 7
    TIMEOUT = 8
    EVENT = 9
    KEYLOG = 10
    DATA_SENT = 11
    DATA_RECEIVED = 12
    MARKER = 13


class Entry(NamedTuple):
    """`struct dtlslab_log_entry`."""

    time: int
    kind: int
    node: int
    peer: int
    path: int
    session: int
    datagram: int
    value: int
    length: int
    """Of the bytes, even where the log does not keep them."""
    data: bytes | None
    text: str
    event: EndpointEvent | None

    @property
    def is_new_datagram(self) -> bool:
        """Whether it tells of a datagram for the first time: sent, injected, or put out by a hook."""
        if self.kind == LogKind.DATAGRAM_CHANGED:
            return self.datagram != self.value
        return self.kind in (LogKind.DATAGRAM_SENT, LogKind.DATAGRAM_INJECTED)
