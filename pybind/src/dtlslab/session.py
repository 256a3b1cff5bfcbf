# SPDX-License-Identifier: MIT
"""Endpoints at the nodes of a lab, and their sessions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from dtlslab.binding import Node, World
from dtlslab.configuration import EndpointConfig
from dtlslab.contract import SessionInfo
from dtlslab.errors import BadInput
from dtlslab.python_endpoint import EndpointEvent, EventKind
from dtlslab.trace.log import Entry, LogKind


class Surroundings(Protocol):
    """What an endpoint needs of the lab that it stands in."""

    @property
    def world(self) -> World: ...

    @property
    def endpoints(self) -> Mapping[int, Endpoint]: ...

    def drain(self) -> None:
        """Takes over what the world has logged, into the trace and the sessions."""


class Session:
    """One DTLS session as one endpoint sees it. Its state is that of the last run."""

    def __init__(self, endpoint: Endpoint, id_: int, path: int, peer_node: int | None) -> None:
        self.endpoint = endpoint
        self.id = id_
        self.path = path
        self.connected = False
        """The handshake is over (and was, even if the session is closed by now)."""
        self.closed = False
        self.failed = False
        self.failure = ""
        """Why it failed, in the stack's words."""
        self.connected_at: float | None = None
        """Seconds of carrier time."""
        self.version = 0
        self.cipher_suite = 0
        self.group = 0
        self.resumed = False
        self.alerts: list[EndpointEvent] = []
        """Alerts sent and received."""
        self.events: list[EndpointEvent] = []
        self._peer_node = peer_node
        self._received: list[bytes] = []

    @property
    def received(self) -> bytes:
        """All application data received so far."""
        return b"".join(self._received)

    @property
    def records_received(self) -> list[bytes]:
        """Application data received so far, one item a record."""
        return list(self._received)

    @property
    def peer(self) -> Session | None:
        """The same session at the other end, when that end is in the lab and has begun it."""
        if self._peer_node is None:
            return None
        other = self.endpoint.lab.endpoints[self._peer_node]
        matching = [s for s in other.sessions if s._peer_node == self.endpoint.node]
        return matching[-1] if matching else None

    @property
    def info(self) -> SessionInfo | None:
        """What was agreed on, once connected; None when there is nobody who tells."""
        return self.endpoint.lab.world.session_info(self.endpoint.node, self.id)

    def send(self, data: bytes) -> None:
        """Sends application data, one record. BlockingIOError before the handshake is over."""
        self.endpoint.lab.world.send(self.endpoint.node, self.id, data)
        self.endpoint.lab.drain()

    def close(self) -> None:
        """Sends close_notify."""
        self.endpoint.lab.world.close_session(self.endpoint.node, self.id)
        self.endpoint.lab.drain()

    def _note(self, event: EndpointEvent, time: float) -> None:
        self.events.append(event)
        match event.kind:
            case EventKind.CONNECTED:
                self.connected, self.connected_at = True, time
                self.version, self.cipher_suite = event.version, event.cipher_suite
                self.group, self.resumed = event.group, event.resumed
            case EventKind.CLOSED:
                self.closed = True
            case EventKind.FAILED:
                self.failed, self.failure = True, event.text
            case EventKind.ALERT_SENT | EventKind.ALERT_RECEIVED:
                self.alerts.append(event)
            case EventKind.PATH_CHANGED:
                self.path = event.path
            case _:
                pass

    def __repr__(self) -> str:
        states = [name for name in ("connected", "closed", "failed") if getattr(self, name)]
        return f"<session {self.id} of {self.endpoint.name}: {' '.join(states) or 'under way'}>"


class Endpoint:
    """An endpoint at a node of the lab's network. Made by `Lab.client` and `Lab.server`."""

    def __init__(self, lab: Surroundings, node: int, name: str, config: EndpointConfig, placed: Node) -> None:
        self.lab = lab
        self.node = node
        self.name = name
        """`client`, `server`, or as given: the name in the trace."""
        self.config = config
        self.stack = placed.name
        self.version = placed.version
        self.capabilities = placed.capabilities
        self.sessions: list[Session] = []
        self.events: list[EndpointEvent] = []

    @property
    def said(self) -> list[str]:
        """What its program has printed, line by line."""
        return [event.text for event in self.events if event.kind is EventKind.SAID]

    def connect(self, peer: Endpoint) -> Session:
        """Client: begins a session with another endpoint of the lab."""
        return self.connect_node(peer.node)

    def connect_node(self, node: int) -> Session:
        """Client: begins a session with whatever is at a node, such as a remote peer."""
        if self.config.role != "client":
            raise BadInput(f"{self.name} is a server; only a client connects")
        session_id = self.lab.world.connect(self.node, node)
        self.lab.drain()
        return self._session(session_id, self.lab.world.path(self.node, node), node)

    def inject(self, peer: Endpoint, data: bytes) -> None:
        """Puts a datagram on the network as if this endpoint had sent it to `peer`. No hook sees it."""
        self.lab.world.inject(self.node, peer.node, data)
        self.lab.drain()

    def echo(self, on: bool = True) -> None:
        """Sends application data back as it is received, without entering Python."""
        self.lab.world.set_echo(self.node, on)

    def take(self, entry: Entry) -> None:
        """Takes over what the world has logged of this endpoint: an event, or data received."""
        if entry.event is not None:
            self.events.append(entry.event)
            if entry.event.kind is EventKind.SAID:
                return
            self._session(entry.session, entry.path)._note(entry.event, entry.time / 10**9)
        elif entry.kind == LogKind.DATA_RECEIVED and entry.data is not None:
            self._session(entry.session, entry.path)._received.append(entry.data)

    def _session(self, id_: int, path: int, peer_node: int | None = None) -> Session:
        for session in self.sessions:
            if session.id == id_:
                if peer_node is not None:
                    session._peer_node = peer_node
                return session
        if peer_node is None:
            peer_node = self.lab.world.node_of(self.node, path)
        session = Session(self, id_, path, peer_node)
        self.sessions.append(session)
        return session

    def __repr__(self) -> str:
        return f"<{self.name}: {self.stack} {self.version}>"
