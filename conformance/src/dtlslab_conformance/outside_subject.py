# SPDX-License-Identifier: MIT
"""A program under test: outside the laboratory, in real time, met by the tester over UDP sockets.

A program that is run under a process contract gets back on its standard input what it writes to its standard
output, which makes the echo that cases rely on. A server that runs already is known by its datagrams alone.
"""

from __future__ import annotations

from dtlslab.lab import Lab
from dtlslab.processes.program import Program, ProgramFailed
from dtlslab.python_endpoint import EventKind
from dtlslab.session import Endpoint
from dtlslab.verdict import Verdict

from .lab_subject import SubjectInLab

SLICE = 0.004
"""Seconds between two looks at what a program has written."""


PROMPT = b"is anybody there?\n"

PATIENCE = 12
STRETCH = 2
"""Programs may be slow: on a blocking socket GnuTLS sleeps 50 ms for each record that completes nothing."""


class RemoteSubject(SubjectInLab):
    """A server that runs already."""

    patience = PATIENCE
    stretch = STRETCH

    def connect(self) -> None:
        raise NotImplementedError("a server does not connect")

    def seen(self, kind: EventKind) -> int | None:  # noqa: ARG002 - nothing is told of
        return None

    def delivered(self) -> int | None:
        return None


class ProgramSubject(SubjectInLab):
    """A program under its contract: a server that is ready, or a client that `connect` starts."""

    patience = PATIENCE
    stretch = STRETCH

    def __init__(self, lab: Lab, role: str, endpoint: Endpoint, program: Program) -> None:
        super().__init__(lab, role, endpoint)
        self.program = program
        self._echoed = 0
        self._told = 0

    def connect(self) -> None:
        """Starts the client and waits for its first datagram, which it may take its time for."""
        self.program.start()
        end = self.now + self.program.role.ready.seconds
        while not self.node.came and self.now < end:
            self._let_pass(SLICE)

    def run(self, seconds: float) -> list[tuple[float, bytes]]:
        end = self.now + seconds
        while (left := end - self.now) > 0:
            self._let_pass(min(SLICE, left))
        return super().run(0)

    def seen(self, kind: EventKind) -> int | None:
        says = self.program.role.says
        if kind is EventKind.CLOSED and self.program.role.ends:
            return int(self.program.ended)
        pattern = {EventKind.CONNECTED: says.connected, EventKind.FAILED: says.failed}.get(kind)
        if pattern is None or (self.program.role.messages == "at end" and self.program.running):
            return None
        return int(self.program.says(pattern) is not None)

    def delivered(self) -> int | None:
        return len(self.program.received) if self.program.role.data == "stdio" else None

    def taken(self) -> bytes:
        new = bytes(self.program.received[self._told :])
        self._told += len(new)
        return new

    def prompt(self) -> bool:
        if self.program.role.data != "stdio":
            return False
        self.program.write(PROMPT)
        return True

    def _let_pass(self, seconds: float) -> None:
        self.lab.run_for(seconds)
        self.program.pump()
        if self.program.role.data == "stdio" and self.program.running:
            self._echo()
        try:
            self.program.check_alive()
        except ProgramFailed as error:
            if error.verdict is not Verdict.FAIL:
                raise

    def _echo(self) -> None:
        new = bytes(self.program.received[self._echoed :])
        self._echoed += len(new)
        if new:
            self.program.write(new + b"\n" if self.program.role.lines else new)
