# SPDX-License-Identifier: MIT
"""The endpoint under test as a dialogue sees it: datagrams in, time, datagrams out.

`LocalSubject` is an endpoint in Python called directly, for tests of the cases themselves; for any other
stack there is `dtlslab_conformance.lab_subject`, and for programs `dtlslab_conformance.outside_subject`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from dtlslab.configuration import EndpointConfig
from dtlslab.python_endpoint import EventKind, PythonEndpoint, WouldBlock

SECOND = 1_000_000_000


class Hang(Exception):
    """The endpoint under test stopped making progress."""


class Subject(ABC):
    """The endpoint under test."""

    role: str
    patience: ClassVar[int] = 1
    """How many times longer than usual a flight may take to come: more where the time is real."""
    stretch: ClassVar[float] = 1
    """How many times longer than usual to wait for an answer, which may as well not come."""

    @property
    @abstractmethod
    def now(self) -> float:
        """Seconds of the time that the endpoint lives in, virtual or real."""

    @abstractmethod
    def connect(self) -> None:
        """Client: begins a handshake with the tester."""

    @abstractmethod
    def deliver(self, datagram: bytes) -> None:
        """Gives it a datagram as if it came from the tester."""

    @abstractmethod
    def deliver_elsewhere(self, datagram: bytes) -> None:
        """Gives it a datagram as if it came from another address than the tester's."""

    @abstractmethod
    def sent_elsewhere(self) -> list[bytes]:
        """What it sent to that other address, each datagram once."""

    @abstractmethod
    def run(self, seconds: float) -> list[tuple[float, bytes]]:
        """Lets time pass; what it sent to the tester meanwhile, with times."""

    @abstractmethod
    def seen(self, kind: EventKind) -> int | None:
        """How many events of this kind it has told of; None when it does not tell of them."""

    @abstractmethod
    def delivered(self) -> int | None:
        """How much application data it has delivered, in any unit that grows; None when it does not tell."""

    def taken(self) -> bytes:
        """Application data that it has told of since the last call, when it tells of any."""
        return b""

    def prompt(self) -> bool:
        """Has it send application data as soon as it can; whether there is a way to do so."""
        return False

    @abstractmethod
    def log_key(self, line: str) -> None:
        """Puts a key-log line of the tester into the trace, for stacks that tell none."""


class LocalSubject(Subject):
    """A Python endpoint called directly, application data echoed."""

    def __init__(self, endpoint: PythonEndpoint, config: EndpointConfig) -> None:
        self.role = config.role
        self.endpoint = endpoint
        self._now = 0
        self._sent: list[tuple[float, bytes]] = []
        self._sent_elsewhere: list[bytes] = []
        self._seen: dict[EventKind, int] = {}
        self._delivered = 0
        endpoint.configure(config)

    @property
    def now(self) -> float:
        return self._now / SECOND

    def connect(self) -> None:
        self.endpoint.connect(self._now, 0)
        self._poll()

    def deliver(self, datagram: bytes) -> None:
        self.endpoint.receive(self._now, 0, datagram)
        self._poll()

    def deliver_elsewhere(self, datagram: bytes) -> None:
        self.endpoint.receive(self._now, 1, datagram)
        self._poll()

    def sent_elsewhere(self) -> list[bytes]:
        sent, self._sent_elsewhere = self._sent_elsewhere, []
        return sent

    def run(self, seconds: float) -> list[tuple[float, bytes]]:
        end = self._now + round(seconds * SECOND)
        while (deadline := self.endpoint.deadline(self._now)) <= end:
            self._now = max(self._now, deadline)
            self.endpoint.timeout(self._now)
            self._poll()
            if self.endpoint.deadline(self._now) <= deadline:
                raise Hang("a deadline does not move")
        self._now = end
        sent, self._sent = self._sent, []
        return sent

    def seen(self, kind: EventKind) -> int:
        return self._seen.get(kind, 0)

    def delivered(self) -> int:
        return self._delivered

    def log_key(self, line: str) -> None:
        pass

    def _poll(self) -> None:
        while (data := self.endpoint.next_data()) is not None:
            self._delivered += 1
            try:
                self.endpoint.send(self._now, *data)
            except WouldBlock:
                continue
        while (event := self.endpoint.next_event()) is not None:
            self._seen[event.kind] = self._seen.get(event.kind, 0) + 1
        while (datagram := self.endpoint.next_datagram()) is not None:
            if datagram[0]:
                self._sent_elsewhere.append(datagram[1])
            else:
                self._sent.append((self.now, datagram[1]))
        while self.endpoint.next_key() is not None:
            pass
