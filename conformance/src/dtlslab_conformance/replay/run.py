# SPDX-License-Identifier: MIT
"""One play: a live endpoint, the player of a script beside it, and afterwards, if wanted, an honest peer.

What was seen is a `Played`; judging it is the business of `dtlslab_conformance.replay.oracles`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from dtlslab.configuration import PSK_KEY
from dtlslab.lab import Lab, StopReason
from dtlslab.python_endpoint import EventKind, PythonEndpoint
from dtlslab.session import Endpoint, Session
from scapy_dtls import APPLICATION_DATA
from scapy_dtls.registries import ALERTS

from ..tester import TesterEndpoint
from .player import Player
from .recording import Recording
from .script import Script

OTHER = {"client": "server", "server": "client"}
LONGEST = 12.0
"""Seconds of virtual time that a handshake may take, retransmissions included."""
PROBE = b"the tester's own application data"


@dataclass(slots=True)
class Played:
    """What was seen in one play."""

    lab: Lab
    live_connected: bool = False
    connected_at: float | None = None
    live_ended: bool = False
    """The endpoint closed or gave up the session."""
    failure: str = ""
    player_connected: bool = False
    finished_at: float | None = None
    complaint: str = ""
    """What the player found wrong with the endpoint's messages."""
    stalled: bool = False
    alerts: list[tuple[int, int]] = field(default_factory=list)
    """Level and description of the endpoint's alerts, as far as they could be read."""
    delivered: list[bytes] = field(default_factory=list)
    """Application data that the endpoint handed up."""
    authentic: list[bytes] = field(default_factory=list)
    """Application data that was sent under protection."""
    echoed: bool | None = None
    """Whether the probe came back; None when there was none."""
    sent: list[bytes] = field(default_factory=list)
    """The endpoint's datagrams."""
    secrets: dict[str, bytes] = field(default_factory=dict)
    """What must never be seen in clear, by name."""
    fresh: bool | None = None
    """Whether a fresh honest handshake with the same endpoint was completed; None when none was tried."""
    retransmissions: int = 0
    one_at_a_time: bool = False
    """Whether the endpoint may serve one client alone, and so still wait for the one that has left."""

    @property
    def fatal(self) -> list[int]:
        """Descriptions of fatal alerts."""
        return [description for level, description in self.alerts if level == 2]


def settings_of(recording: Recording, role: str, capabilities: frozenset[str]) -> dict[str, Any]:
    """The settings with which a live endpoint meets a recording: its suite, group, credentials, cookie."""
    suite = recording.suite
    settings: dict[str, Any] = {"suites": (suite.code,)}
    if suite.exchange == "psk":
        exchange = recording.body("client", 16)
        settings["psk"] = (getattr(exchange, "identity", b"dtlslab"), PSK_KEY)
    else:
        settings["key"] = "rsa2048" if suite.authentication == "rsa" else "p256"
        group = getattr(recording.body("server", 12), "group", None)
        if group is not None and f"group:{group:04x}" in capabilities:
            # The curve of an ECDSA key must be among the groups as well (RFC 8422 5.1).
            settings["groups"] = tuple(dict.fromkeys((group, 23)))
        certificate = recording.body("client", 11)
        if recording.asks_certificate and getattr(certificate, "certificates", None):
            settings["authenticate"] = True
        elif recording.asks_certificate and role == "server":
            settings["client_auth"] = "request"
    if role == "server":
        settings["cookies"] = recording.has_cookie
    return settings


def missing_capabilities(recording: Recording, role: str, capabilities: frozenset[str]) -> list[str]:
    """What an endpoint lacks for a recording, by its own list."""
    wanted = [role, "dtls1.2", f"suite:{recording.suite.code:04x}"]
    if role == "server":
        wanted.append("cookie" if recording.has_cookie else "no-cookie")
    if recording.asks_certificate:
        wanted.append("client-auth")
    return [word for word in wanted if word not in capabilities]


@dataclass(slots=True)
class Play:
    """A live endpoint under test and the player of a script, on a network of their own."""

    lab: Lab
    live: Endpoint
    player: Player
    tester: Endpoint
    spare: Endpoint
    session: Session | None = None

    @classmethod
    def prepare(
        cls,
        stack: str | PythonEndpoint,
        role: str,
        recording: Recording,
        script: Script,
        seed: int,
        capabilities: frozenset[str],
    ) -> Play:
        """Places the endpoint under test, the player, and an honest peer for afterwards."""
        settings = settings_of(recording, role, capabilities)
        other = OTHER[role]
        hello = recording.body("client", 1)
        player = Player(script, seed, getattr(hello, "session_id", b""))
        lab = Lab(seed=seed, nodes=3)
        place = {"client": lab.client, "server": lab.server}
        live = place[role](stack, **settings)
        honest = settings_of(recording, other, frozenset(TesterEndpoint.capabilities))
        honest.pop("cookies", None)
        tester = place[other](player, name="tester", **honest)
        spare = place[other](TesterEndpoint(), name="honest peer", **honest)
        live.echo()
        return cls(lab, live, player, tester, spare)

    def run(self, longest: float = LONGEST) -> Played:
        """Plays the script to its end, or until nothing comes of it any more."""
        played = Played(self.lab)
        if self.live.config.role == "client":
            self.session = self.live.connect(self.tester)
        else:
            self.tester.connect(self.live)
        stopped = self.lab.run(longest, stop=self._is_settled)
        played.stalled = stopped.why is StopReason.STALLED
        if not played.stalled:
            self.lab.run_for(0.05)
        self._observe(played)
        return played

    def probe(self, played: Played) -> None:
        """Sends application data and sees whether it comes back."""
        if not (played.live_connected and played.player_connected) or played.stalled:
            return
        session = self._live_session()
        before = len(session.received) if session is not None else 0
        self.tester.sessions[0].send(PROBE)
        stopped = self.lab.run_for(0.3)
        played.stalled = stopped.why is StopReason.STALLED
        self._observe(played)
        back = [r.content for r in self.player.received if r.content_type == APPLICATION_DATA]
        played.echoed = PROBE in back and session is not None and len(session.received) > before

    def fresh_handshake(self, played: Played) -> None:
        """Has an honest peer that knows nothing of what was do a handshake with the same endpoint."""
        if played.stalled:
            return
        if self.live.config.role == "client":
            session = self.live.connect(self.spare)
        else:
            session = self.spare.connect(self.live)
        stopped = self.lab.run_for(LONGEST, stop=lambda: self._both_connected(session))
        played.fresh = self._both_connected(session)
        played.stalled = stopped.why is StopReason.STALLED
        self._observe(played)

    def _both_connected(self, session: Session) -> bool:
        peer = session.peer
        return session.connected and peer is not None and peer.connected

    def _live_session(self) -> Session | None:
        if self.session is not None:
            return self.session
        world = self.lab.world
        found = [s for s in self.live.sessions if world.node_of(self.live.node, s.path) == self.tester.node]
        connected = [s for s in found if s.connected]
        return connected[-1] if connected else found[-1] if found else None

    def _is_settled(self) -> bool:
        session = self._live_session()
        if self.player.misfit:
            return True
        if session is None:
            return False
        over = self.player.connected or self.player.peer.complaint is not None
        return session.failed or session.closed or (session.connected and over and self.player.done)

    def _first_connected(self, session: Session) -> float | None:
        """When the endpoint first said that it was connected, in seconds."""
        for entry in self.lab.trace.entries:
            event = entry.event
            if event is None or entry.node != self.live.node or event.session != session.id:
                continue
            if event.kind is EventKind.CONNECTED:
                return entry.time / 10**9
        return None

    def leave(self) -> None:
        """Takes leave of an endpoint that lives on; one in a lab ends with it."""

    def _observe(self, played: Played) -> None:
        self._observe_player(played)
        session = self._live_session()
        if session is not None:
            played.live_connected = session.connected
            played.connected_at = self._first_connected(session)
            played.live_ended = session.failed or session.closed
            played.failure = session.failure
            played.delivered = session.records_received

    def _observe_player(self, played: Played) -> None:
        """What the player's side of it shows, whatever stands at the other."""
        peer = self.player.peer
        played.player_connected = self.player.connected
        played.finished_at = self.player.finished_at
        played.complaint = peer.complaint.reason if peer.complaint is not None else ""
        played.alerts = [
            (r.alert.level, r.alert.description) for r in self.player.received if r.alert is not None
        ]
        played.authentic = self.player.authentic
        played.retransmissions = self.player.retransmissions
        played.sent = [d.data for d in self.lab.trace.datagrams if d.sender == self.live.name]
        secrets = {"the application data": PROBE, "the PSK": peer.config.psk_key}
        secrets |= {"the master secret": peer.master, "the premaster secret": peer.premaster}
        played.secrets = {name: value for name, value in secrets.items() if len(value) >= 16}


def alert_name(description: int) -> str:
    """The name of an alert."""
    return ALERTS.get(description, str(description))
