# SPDX-License-Identifier: MIT
"""Any stack under test, in a world of the laboratory, with a silent node beside it in whose name the tester
speaks.
"""

from __future__ import annotations

from typing import Any

from dtlslab.lab import Lab, StopReason
from dtlslab.python_endpoint import EventKind, PythonEndpoint, WouldBlock
from dtlslab.session import Endpoint

from .subject import SECOND, Hang, Subject

TESTER_NODE = 1
"""The endpoint under test is node 0."""


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


class SubjectInLab(Subject):
    """What has a place in a lab, three nodes when it is a server, with the tester's nodes beside it."""

    def __init__(self, lab: Lab, role: str, endpoint: Endpoint) -> None:
        self.role = role
        self.lab = lab
        self.endpoint = endpoint
        self.node = _SilentNode()
        self.tester = (lab.server if role == "client" else lab.client)(self.node, name="tester")
        self._elsewhere = _SilentNode()
        if role == "server":
            self._other = lab.client(self._elsewhere, name="elsewhere")

    @property
    def now(self) -> float:
        return self.lab.now

    def deliver(self, datagram: bytes) -> None:
        self.tester.inject(self.endpoint, datagram)

    def deliver_elsewhere(self, datagram: bytes) -> None:
        self._other.inject(self.endpoint, datagram)

    def sent_elsewhere(self) -> list[bytes]:
        came, self._elsewhere.came = self._elsewhere.came, []
        return [datagram for _, datagram in came]

    def run(self, seconds: float) -> list[tuple[float, bytes]]:
        stopped = self.lab.run_for(seconds)
        if stopped.why is StopReason.STALLED:
            raise Hang("a deadline of the endpoint does not move")
        came, self.node.came = self.node.came, []
        return came

    def log_key(self, line: str) -> None:
        self.node.log_key(line)


class LabSubject(SubjectInLab):
    """A stack behind the endpoint contract, application data echoed."""

    def __init__(self, lab: Lab, stack: str | PythonEndpoint, role: str, **settings: Any) -> None:
        place = lab.client if role == "client" else lab.server
        super().__init__(lab, role, place(stack, **settings))
        self.endpoint.echo()

    def connect(self) -> None:
        self.endpoint.connect(self.tester)

    def seen(self, kind: EventKind) -> int:
        return sum(event.kind == kind for event in self.endpoint.events)

    def delivered(self) -> int:
        return sum(len(session.records_received) for session in self.endpoint.sessions)
