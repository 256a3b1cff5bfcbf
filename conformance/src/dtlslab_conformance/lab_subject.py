# SPDX-License-Identifier: MIT
"""Any stack under test, in a world of the laboratory, with a silent node beside it in whose name the tester
speaks.
"""

from __future__ import annotations

from typing import Any

from dtlslab.lab import Lab, StopReason
from dtlslab.python_endpoint import EventKind, PythonEndpoint, WouldBlock

from .subject import SECOND, Hang, Subject


class _SilentNode(PythonEndpoint):
    """Stands where the tester speaks from: keeps what comes, does nothing by itself."""

    name = "tester"
    version = "1"

    def __init__(self) -> None:
        super().__init__()
        self.came: list[tuple[float, bytes]] = []

    def connect(self, now: int, path: int) -> int:  # noqa: ARG002 - part of the contract
        return 1

    def receive(self, now: int, path: int, datagram: bytes) -> None:  # noqa: ARG002 - part of the contract
        self.came.append((now / SECOND, datagram))

    def send(self, now: int, session: int, data: bytes) -> None:  # noqa: ARG002 - part of the contract
        raise WouldBlock


class LabSubject(Subject):
    """A stack in a world of the laboratory, which needs three nodes when the stack is a server."""

    def __init__(self, lab: Lab, stack: str | PythonEndpoint, role: str, **settings: Any) -> None:
        self.role = role
        self.lab = lab
        self._node = _SilentNode()
        self.endpoint = (lab.client if role == "client" else lab.server)(stack, **settings)
        self._tester = (lab.server if role == "client" else lab.client)(self._node, name="tester")
        self._elsewhere = _SilentNode()
        if role == "server":
            self._other = lab.client(self._elsewhere, name="elsewhere")
        self.endpoint.echo()

    @property
    def now(self) -> float:
        return self.lab.now

    def connect(self) -> None:
        self.endpoint.connect(self._tester)

    def deliver(self, datagram: bytes) -> None:
        self._tester.inject(self.endpoint, datagram)

    def deliver_elsewhere(self, datagram: bytes) -> None:
        self._other.inject(self.endpoint, datagram)

    def sent_elsewhere(self) -> list[bytes]:
        came, self._elsewhere.came = self._elsewhere.came, []
        return [datagram for _, datagram in came]

    def run(self, seconds: float) -> list[tuple[float, bytes]]:
        stopped = self.lab.run_for(seconds)
        if stopped.why is StopReason.STALLED:
            raise Hang("a deadline of the endpoint does not move")
        came, self._node.came = self._node.came, []
        return came

    def seen(self, kind: EventKind) -> int:
        return sum(event.kind == kind for event in self.endpoint.events)

    def delivered(self) -> int:
        return sum(len(session.records_received) for session in self.endpoint.sessions)

    def log_key(self, line: str) -> None:
        self._node.log_key(line)
