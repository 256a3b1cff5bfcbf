# SPDX-License-Identifier: MIT
"""Endpoints written in Python: the endpoint contract as a class, placed in a world like any other stack.

An endpoint is given datagrams and the time, and leaves what it produces in
queues: `emit` a datagram, `raise_event`, `deliver` application data, `log_key`.
Times are whole nanoseconds of carrier time, as in the contract. An exception
inside ends the run and is raised again, with its traceback, from `Lab.run`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from enum import IntEnum
from typing import ClassVar

import msgspec

from dtlslab.configuration import EndpointConfig

NO_DEADLINE = (1 << 64) - 1


class EventKind(IntEnum):
    """`enum dtlslab_event_kind`."""

    CONNECTED = 1
    CLOSED = 2
    FAILED = 3
    ALERT_SENT = 4
    ALERT_RECEIVED = 5
    TIMEOUT = 6
    PATH_CHANGED = 7
    SESSION_NEW = 8
    SAID = 9
    """A line of what a program prints; of no session."""


class EndpointEvent(msgspec.Struct, frozen=True, kw_only=True):
    """`struct dtlslab_event`."""

    kind: EventKind
    session: int = 0
    path: int = 0
    version: int = 0
    cipher_suite: int = 0
    group: int = 0
    alert_level: int = 0
    alert_description: int = 0
    resumed: bool = False
    text: str = ""


class WouldBlock(Exception):
    """Raised by `send` before the handshake is over."""


class PythonEndpoint(ABC):
    """An endpoint in Python. Subclasses fill in `connect`, `receive` and, as needed, the rest."""

    name: ClassVar[str] = "python"
    version: ClassVar[str] = "0"
    capabilities: ClassVar[tuple[str, ...]] = ("client", "server", "dtls1.2")

    def __init__(self) -> None:
        self.config: EndpointConfig | None = None
        self.deadline_ns: int = NO_DEADLINE
        """When `timeout` is to be called, absolute; NO_DEADLINE for never."""
        self._datagrams: deque[tuple[int, bytes]] = deque()
        self._events: deque[EndpointEvent] = deque()
        self._data: deque[tuple[int, bytes]] = deque()
        self._keylog: deque[str] = deque()

    # What a subclass fills in

    def configure(self, config: EndpointConfig) -> None:
        """Takes its configuration, once, before anything else."""
        self.config = config

    def connect(self, now: int, path: int) -> int:
        """Client: begins a session with the peer at `path` and answers its id."""
        raise NotImplementedError(f"{type(self).__name__} does not connect")

    @abstractmethod
    def receive(self, now: int, path: int, datagram: bytes) -> None:
        """Takes one whole datagram that came from `path`."""

    def deadline(self, now: int) -> int:  # noqa: ARG002 - part of the contract
        """The earliest time at which `timeout` must be called."""
        return self.deadline_ns

    def timeout(self, now: int) -> None:  # noqa: ARG002 - part of the contract
        """The deadline has come. Must move it or clear it."""
        self.deadline_ns = NO_DEADLINE

    def send(self, now: int, session: int, data: bytes) -> None:
        """Sends application data, one record. Raises WouldBlock before the handshake is over."""
        raise NotImplementedError(f"{type(self).__name__} does not send application data")

    def close(self, now: int, session: int) -> None:
        """Sends close_notify."""
        raise NotImplementedError(f"{type(self).__name__} does not close")

    # What a subclass calls

    def emit(self, path: int, datagram: bytes) -> None:
        """Queues a datagram for the peer at `path`."""
        self._datagrams.append((path, datagram))

    def raise_event(self, event: EndpointEvent) -> None:
        self._events.append(event)

    def deliver(self, session: int, data: bytes) -> None:
        """Hands up application data that was received."""
        self._data.append((session, data))

    def log_key(self, line: str) -> None:
        """One line in the NSS key-log format."""
        self._keylog.append(line)

    # What the world polls

    def next_datagram(self) -> tuple[int, bytes] | None:
        return self._datagrams.popleft() if self._datagrams else None

    def next_event(self) -> EndpointEvent | None:
        return self._events.popleft() if self._events else None

    def next_data(self) -> tuple[int, bytes] | None:
        return self._data.popleft() if self._data else None

    def next_key(self) -> str | None:
        return self._keylog.popleft() if self._keylog else None
