# SPDX-License-Identifier: MIT
"""A play with a server that runs already, `udp://host:port`: over sockets, in real time, and known by its
datagrams alone.

Its Finished says that it is connected, for a server sends that after it has judged the client's. What data it
delivers is seen if it sends it back. It may serve one client at a time: each takes its leave before the next
one comes.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

from dtlslab.endpoints import Remote
from dtlslab.lab import Lab
from dtlslab.networks import udp
from dtlslab.python_endpoint import PythonEndpoint
from dtlslab.session import Session
from scapy_dtls import ALERT, APPLICATION_DATA

from ..outside import way_to
from ..tester import TesterEndpoint
from .player import Player
from .recording import AFTER_HANDSHAKE, Recording
from .run import PROBE, Play, Played, settings_of
from .script import Script

PATIENCE = 8.0
"""Seconds of real time that a handshake may take: two retransmissions of either side."""

TRIES = 2
"""How often an honest handshake is tried: a busy host completes it, a fault repeats."""

LINGER = 0.1
"""Seconds for a server to see that its client has left."""

SLICE = 0.01
"""Seconds between two looks at what has come."""

TIMELY = 0.25
"""Seconds by which a busy host may be late."""

CLOSE_NOTIFY, HANDSHAKE_FAILURE = 0, 40
SERVER_HELLO_FLIGHT = 4


@dataclass(slots=True)
class RemotePlay(Play):
    """The player of a script, and an honest client for afterwards, with a server that runs already."""

    echoes: bool = True
    """Whether the server is known to send back what it gets: without that, its silence says nothing."""
    finished_seen: float | None = None

    @classmethod
    def begin(cls, remote: Remote, recording: Recording, script: Script, seed: int) -> RemotePlay:
        """Opens sockets for the player and an honest client."""
        hello = recording.body("client", 1)
        player = Player(script, seed, getattr(hello, "session_id", b""))
        honest = settings_of(recording, "client", frozenset(TesterEndpoint.capabilities))
        lab = Lab(udp(**way_to(remote)), seed=seed, nodes=3)
        live = lab.outside("server", stack=remote.name)
        tester = lab.client(player, name="tester", **honest)
        spare = lab.client(TesterEndpoint(), name="honest peer", **honest)
        return cls(lab, live, player, tester, spare)

    def run(self, longest: float | None = None) -> Played:
        played = Played(self.lab, one_at_a_time=True)
        self.tester.connect(self.live)
        self._wait(PATIENCE if longest is None else longest)
        self.lab.run_for(LINGER)
        self._observe(played)
        return played

    def probe(self, played: Played) -> None:
        if not (played.live_connected and played.player_connected and self.echoes):
            return
        self.tester.sessions[0].send(PROBE)
        self.lab.run_for(0.3)
        self._observe(played)
        played.echoed = PROBE in self._came_back()

    def fresh_handshake(self, played: Played) -> None:
        self.leave()
        for _ in range(TRIES):
            session = self.spare.connect(self.live)
            self.lab.run_for(PATIENCE, stop=functools.partial(_is_over, session))
            if session.connected:
                session.close()
                self.lab.run_for(LINGER)
            played.fresh = session.connected
            if played.fresh:
                return

    def leave(self) -> None:
        """Ends an association that has not ended, so that the server is free for the next one."""
        peer = self.player.peer
        ended = self._has_ended()
        self.player.rest()
        if ended or peer.flight_done < SERVER_HELLO_FLIGHT:
            return
        if self.player.connected:
            self.tester.inject(self.live, peer.alert(CLOSE_NOTIFY, 1, epoch=1))
        else:
            for epoch in (1, 0) if peer.keys is not None else (0,):
                self.tester.inject(self.live, peer.alert(HANDSHAKE_FAILURE, epoch=epoch))
        self.lab.run_for(LINGER)

    def _has_ended(self) -> bool:
        """Whether the server has closed or given up, or the capture itself closes. What comes later is of
        nobody, and not every server bears that.
        """
        said = any(
            r.alert is not None and (r.alert.level == 2 or r.alert.description == CLOSE_NOTIFY)
            for r in self.player.received
        )
        last = self.player.script.flights.get(AFTER_HANDSHAKE, [])
        closes = any(record.content_type == ALERT for datagram in last for record in datagram.records)
        return said or (closes and self.player.done)

    def _wait(self, longest: float) -> None:
        end = self.lab.now + longest
        while self.lab.now < end and not self._is_settled():
            self.lab.run_for(min(SLICE, end - self.lab.now))
            if self.finished_seen is None and self.player.peer.finished:
                self.finished_seen = self.lab.now

    def _is_settled(self) -> bool:
        over = self.player.peer.complaint is not None or self._gave_up()
        return bool(self.player.misfit) or over or (self.player.connected and self.player.done)

    def _gave_up(self) -> bool:
        return any(r.alert is not None and r.alert.level == 2 for r in self.player.received)

    def _came_back(self) -> list[bytes]:
        return [r.content or b"" for r in self.player.received if r.content_type == APPLICATION_DATA]

    def _observe(self, played: Played) -> None:
        self._observe_player(played)
        played.live_connected = self.player.peer.finished
        played.connected_at = self.finished_seen
        played.live_ended = self._gave_up()
        played.delivered = self._came_back() if self.echoes else []


def _is_over(session: Session) -> bool:
    return session.connected or session.failed


def prepare(
    target: str | PythonEndpoint | Remote,
    role: str,
    recording: Recording,
    script: Script,
    seed: int,
    capabilities: frozenset[str],
    *,
    echoes: bool = True,
) -> Play:
    """The play that fits the endpoint under test. `echoes`: whether one outside sends back what it gets."""
    if not isinstance(target, Remote):
        return Play.prepare(target, role, recording, script, seed, capabilities)
    play = RemotePlay.begin(target, recording, script, seed)
    play.echoes = echoes
    return play
