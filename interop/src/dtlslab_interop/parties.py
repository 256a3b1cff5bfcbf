# SPDX-License-Identifier: MIT
"""The two sides of a cell, alike to the cases: a stack in this process, or an external program.

What a stack in process says is taken from its events. What a program says is taken from its messages by the
patterns of its contract, and is None where the contract has none: then the wire and the other side must do.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from dtlslab import Session
from dtlslab.processes.program import Program
from dtlslab.python_endpoint import EventKind
from dtlslab.session import Endpoint
from dtlslab.trace import names

from dtlslab_interop.implementations import OWN_DATA


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert that one side tells of."""

    level: int
    description: int
    sent: bool

    def __str__(self) -> str:
        level = names.alert_level(self.level)
        way = "sent" if self.sent else "received"
        return f"{way} {level} alert {names.alert(self.description)} ({self.description})"


@dataclass(frozen=True, slots=True)
class Agreed:
    """What one side says was agreed on; None where it does not say."""

    version: int | None = None
    suite: int | None = None
    group: int | None = None
    resumed: bool | None = None


class Party(ABC):
    """One side."""

    def __init__(self, role: str, endpoint: Endpoint) -> None:
        self.role = role
        self.endpoint = endpoint
        """Its place in the lab."""
        self.name = endpoint.stack
        """Of the stack or the program, for reasons in words."""

    @property
    @abstractmethod
    def connected(self) -> bool | None:
        """Whether it says that the handshake is over; None when it never says."""

    @property
    @abstractmethod
    def failure(self) -> str | None:
        """Why its session failed, in its own words; None when it did not."""

    @property
    @abstractmethod
    def closed(self) -> bool | None:
        """Whether it says that the session was closed by close_notify; None when it never says."""

    @property
    @abstractmethod
    def agreed(self) -> Agreed:
        """What it says was agreed on."""

    @property
    @abstractmethod
    def alerts(self) -> list[Alert]:
        """The alerts it tells of, close_notify among them."""

    @property
    @abstractmethod
    def received(self) -> bytes:
        """The application data it has received so far, as one string of bytes."""

    @property
    @abstractmethod
    def received_len(self) -> int:
        """How many bytes of it."""

    @property
    def is_told(self) -> bool:
        """Whether it sends what it is told to, not what a program of its own wants."""
        return True

    @abstractmethod
    def send(self, data: bytes) -> None:
        """Sends application data, one record for stacks in process."""

    @abstractmethod
    def close(self) -> None:
        """Sends close_notify."""


class StackParty(Party):
    """A stack in this process: a session of an endpoint of the lab."""

    @property
    def session(self) -> Session | None:
        """Its newest session."""
        return self.endpoint.sessions[-1] if self.endpoint.sessions else None

    @property
    def connected(self) -> bool:
        return self.session is not None and self.session.connected

    @property
    def failure(self) -> str | None:
        session = self.session
        return (session.failure or "no reason given") if session is not None and session.failed else None

    @property
    def closed(self) -> bool:
        return self.session is not None and self.session.closed

    @property
    def agreed(self) -> Agreed:
        session = self.session
        if session is None or not session.connected:
            return Agreed()
        return Agreed(session.version, session.cipher_suite, session.group or None, session.resumed)

    @property
    def alerts(self) -> list[Alert]:
        events = self.session.alerts if self.session is not None else ()
        return [
            Alert(event.alert_level, event.alert_description, event.kind is EventKind.ALERT_SENT)
            for event in events
        ]

    @property
    def received(self) -> bytes:
        return self.session.received if self.session is not None else b""

    @property
    def received_len(self) -> int:
        return sum(map(len, self.session.records_received)) if self.session is not None else 0

    @property
    def is_told(self) -> bool:
        return OWN_DATA not in self.endpoint.capabilities

    def send(self, data: bytes) -> None:
        session = self.session
        assert session is not None
        session.send(data)

    def close(self) -> None:
        session = self.session
        assert session is not None
        session.close()


class ProgramParty(Party):
    """An external program."""

    def __init__(self, role: str, endpoint: Endpoint, program: Program) -> None:
        super().__init__(role, endpoint)
        self.program = program

    @property
    def connected(self) -> bool | None:
        pattern = self.program.role.says.connected
        if pattern is None or (self.program.role.messages == "at end" and self.program.running):
            return None
        return self.program.says(pattern) is not None

    @property
    def failure(self) -> str | None:
        found = self.program.says(self.program.role.says.failed)
        return self._line(found.start()) if found else None

    @property
    def closed(self) -> bool | None:
        if not self.program.role.ends:
            return None
        return self.program.status in self.program.contract.exit.success

    @property
    def agreed(self) -> Agreed:
        contract = self.program.contract
        suite = [code for code, choice in contract.suites.items() if self.program.says(choice.says)]
        group = [code for code, choice in contract.groups.items() if self.program.says(choice.says)]
        return Agreed(suite=_code(suite), group=_code(group))

    @property
    def alerts(self) -> list[Alert]:
        found = self.program.says(self.program.role.says.alert_received)
        if found is None or not found.groups():
            return []
        return [Alert(2, int(found[1]), sent=False)]

    @property
    def received(self) -> bytes:
        return bytes(self.program.received)

    @property
    def received_len(self) -> int:
        return len(self.program.received)

    def send(self, data: bytes) -> None:
        self.program.write(data)

    def close(self) -> None:
        self.program.end_input()

    def said(self, feature: str) -> str | None:
        """The first group, or all, of what its contract says that it writes when it has the feature."""
        pattern = self.program.role.features[feature].says if feature in self.program.role.features else None
        found = self.program.says(pattern)
        if found is None:
            return None
        return found[1] if found.groups() else found[0]

    def claims(self, feature: str) -> bool | None:
        """Whether it says that it has the feature; None when its contract does not tell how it says so."""
        known = self.program.role.features.get(feature)
        if known is None or known.says is None:
            return None
        if self.program.role.messages == "at end" and self.program.running:
            return None
        return self.said(feature) is not None

    def _line(self, at: int) -> str:
        return self.program.messages[at:].split("\n", 1)[0].strip()


class RemoteParty(Party):
    """A server that runs already, of which only datagrams are known. It is expected to echo."""

    connected = None
    failure = None
    closed = None
    agreed = Agreed()
    received = b""
    received_len = 0

    @property
    def alerts(self) -> list[Alert]:
        return []

    def send(self, data: bytes) -> None:
        raise NotImplementedError("a server outside sends when it likes")

    def close(self) -> None:
        raise NotImplementedError("a server outside closes when it likes")


def _code(codes: Sequence[str]) -> int | None:
    return int(codes[0], 16) if len(codes) == 1 else None
