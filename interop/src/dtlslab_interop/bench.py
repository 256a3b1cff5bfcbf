# SPDX-License-Identifier: MIT
"""The bench of one cell: two sides on one network, and the steps and checks that the cases are made of.

A step or a check that does not hold raises `Judged`, with the outcome of the case.
"""

from __future__ import annotations

import base64
import random
from collections.abc import Callable
from functools import cached_property

from dtlslab import Citation, Lab, Outcome, Verdict, configuration
from dtlslab.contract import SessionInfo
from dtlslab.lab import StopReason
from dtlslab.processes.program import ProgramFailed
from dtlslab.python_endpoint import EventKind
from dtlslab.trace import names
from dtlslab.verdict import failed, inconclusive

from dtlslab_interop.parties import Party, ProgramParty, StackParty
from dtlslab_interop.wire import Wire

DATAGRAMS_IN_FLIGHT = 8
"""The most that a sender has under way while its data is echoed."""

RECORD_SIZE = 1024
_REAL_TIME_SLICE = 0.001

FLIGHTS = Citation("RFC 6347", "4.2.4")
CLOSURE = Citation("RFC 5246", "7.2.1")
ALERTS = Citation("RFC 5246", "7.2.2")
HELLO = Citation("RFC 5246", "7.4.1")
RECORDS = Citation("RFC 6347", "4.1")
FATAL = 2

VERSIONS = {"dtls1.0": 0xFEFF, "dtls1.2": 0xFEFD, "dtls1.3": 0xFEFC}
"""Words of capability lists → versions on the wire, which count downwards."""


class Judged(Exception):
    """The case is over before its end: its outcome."""

    def __init__(self, outcome: Outcome, *, disturbed: bool = False) -> None:
        super().__init__(outcome.reason)
        self.outcome = outcome
        self.disturbed = disturbed
        """In real time a busy host can bring this outcome about as well."""


class Bench:
    """Two sides in one lab."""

    def __init__(
        self, lab: Lab, client: Party, server: Party, start: Callable[[], None], *, seed: int
    ) -> None:
        self.lab = lab
        self.client = client
        self.server = server
        self.seed = seed
        self.note = ""
        """What a pass has to say for itself."""
        self.quiet = False
        """The last wait ended because nothing was under way and no timer was set."""
        self._start = start
        self._piped = {"client": 0, "server": 0}

    @property
    def parties(self) -> tuple[Party, Party]:
        return self.client, self.server

    @cached_property
    def real_time(self) -> bool:
        return not all(isinstance(party, StackParty) for party in self.parties)

    def wire(self) -> Wire:
        """What has been on the wire so far, decrypted with the keys that either side has told."""
        for party in self.parties:
            if isinstance(party, ProgramParty):
                self.lab.trace.add_keys(party.program.secrets)
        return Wire(self.lab.trace.events)

    # Steps

    def start(self) -> None:
        """The client sends its first ClientHello."""
        self._start()

    def wait(self, condition: Callable[[], bool], seconds: float, *, max_datagrams: int = 0) -> bool:
        """Runs until `condition` holds; False when `seconds` are over, or all is quiet, before it does.

        `max_datagrams` is how many are sent at most without either side telling of anything.
        """
        end = self.lab.now + seconds
        while not condition():
            if self.lab.now >= end:
                return False
            until = min(end, self.lab.now + _REAL_TIME_SLICE) if self.real_time else end
            stopped = self.lab.run(until, condition, max_datagrams=max_datagrams)
            if stopped.why is StopReason.STALLED:
                who = stopped.endpoint.name if stopped.endpoint is not None else "an endpoint"
                raise Judged(Outcome(Verdict.HANG, f"the deadline of the {who} does not move"))
            if stopped.why is StopReason.DATAGRAMS:
                raise Judged(failed("datagrams answer datagrams without end", FLIGHTS))
            self.quiet = stopped.why is StopReason.QUIET
            if self.quiet and not self.real_time:
                return condition()
            self._pump()
        return True

    def settle(self, seconds: float | None = None) -> None:
        """Lets what is under way arrive and timers fire that should not."""
        self.wait(lambda: False, seconds if seconds is not None else (0.1 if self.real_time else 20.0))

    def handshake(self, seconds: float = 60.0) -> None:
        """Carries the handshake through on both sides, or fails with what each side said."""
        self.start()
        limit = min(seconds, 15.0) if self.real_time else seconds
        done = self.wait(lambda: self._all(connected=True) or self._any_failed(), limit)
        if not done or self._any_failed() or not self._all(connected=True):
            raise Judged(failed(f"the handshake was not completed: {self.state()}", FLIGHTS))

    def echo(self, data: bytes, piece: int = RECORD_SIZE, seconds: float = 300.0) -> None:
        """The client sends `data` in pieces, the server sends back what it gets, and both are compared."""
        self._echo_at_server()
        if not self.client.is_told:
            self._watch_client()
            return
        if not self.server.is_told and "echo" not in self.server.endpoint.capabilities:
            self._fill_server(data, piece)
            return
        window = piece * (1 if self.text_only() else DATAGRAMS_IN_FLIGHT)
        start, sent = self.client.received_len, 0
        server_start = self.server.received_len
        limit = self.lab.now + (min(seconds, 30.0) if self.real_time else seconds)
        while (back := self.client.received_len - start) < len(data):
            while sent < len(data) and sent - back + piece <= window:
                self.client.send(data[sent : sent + piece])
                sent += len(data[sent : sent + piece])
            goal = start + min(len(data), back + 1)
            if not self.wait(lambda goal=goal: self.client.received_len >= goal, limit - self.lab.now):  # type: ignore[misc]
                raise Judged(failed(f"of {len(data)} bytes sent, {back} came back: {self.state()}", RECORDS))
        self._compare("client", self.client.received[start:], data)
        if isinstance(self.server, StackParty) or self.server.received_len > server_start:
            self._compare("server", self.server.received[server_start:], data)

    def _watch_client(self) -> None:
        """The client's program says what it likes, and hears something of it, or has closed the session."""
        party = self.client
        if not self.wait(
            lambda: party.received_len > 0 or party.closed is True or party.failure is not None, 300.0
        ):
            raise Judged(
                inconclusive(f"the client's program heard nothing and closed nothing: {self.state()}")
            )
        if party.failure is not None:
            raise Judged(failed(f"the session did not last: {self.state()}", RECORDS))
        if self.server.is_told and not self.server.received.startswith(party.received):
            self._compare("client", party.received, self.server.received)

    def _fill_server(self, data: bytes, piece: int) -> None:
        """The server's program takes what the client says, and answers what it likes."""
        start = self.server.received_len
        for at in range(0, len(data), piece):
            self.client.send(data[at : at + piece])
            goal = start + len(data[: at + piece])
            if not self.wait(lambda goal=goal: self.server.received_len >= goal, 60.0):  # type: ignore[misc]
                raise Judged(failed(f"the server did not take {len(data)} bytes: {self.state()}", RECORDS))
        self._compare("server", self.server.received[start:], data)

    def payload(self, size: int) -> bytes:
        """Test data of about `size` bytes: random, or lines of base64 for programs that need text."""
        bits = random.Random(self.seed)
        if not self.text_only():
            return bits.randbytes(size)
        self.note = f"the data was lines of base64, for {' and '.join(self.text_only())} sends text"
        length = min(size, RECORD_SIZE)
        count = -(-size // length)
        lines = (base64.b64encode(bits.randbytes(length))[: length - 1] + b"\n" for _ in range(count))
        return b"".join(lines)

    def text_only(self) -> list[str]:
        """The programs that can only send text."""
        return [p.name for p in self.parties if isinstance(p, ProgramParty) and p.program.role.lines]

    # Checks

    def info(self, party: Party) -> SessionInfo | None:
        """What a stack in process tells of its session; None for programs and whoever does not tell."""
        session = party.session if isinstance(party, StackParty) else None
        return session.info if session is not None else None

    def check_told(self, field: str, expected: object, citation: Citation) -> None:
        """Every side in process that tells of `field` of its `SessionInfo` tells `expected`."""
        for party in self.parties:
            info = self.info(party)
            told = getattr(info, field) if info is not None else None
            if told is not None and told != expected:
                reason = f"the {party.role} has {field.replace('_', ' ')} {told!r}, not {expected!r}"
                raise Judged(failed(reason, citation))

    def check_same(self, field: str, citation: Citation) -> None:
        """Both sides tell the same of a field of `SessionInfo`, and not nothing; programs say so in words."""
        told: dict[str, bytes] = {}
        for party in self.parties:
            info = self.info(party)
            if info is not None:
                told[party.role] = getattr(info, field)
            elif isinstance(party, ProgramParty) and (said := party.said("exporter")):
                told[party.role] = bytes.fromhex(said)
        for who, value in told.items():
            if not value:
                raise Judged(failed(f"the {who} has no {field.replace('_', ' ')}", citation))
        if len(set(told.values())) > 1:
            words = ", ".join(f"the {who} has {value.hex()}" for who, value in told.items())
            raise Judged(failed(f"the sides differ in {field.replace('_', ' ')}: {words}", citation))

    def check_claims(self, feature: str, citation: Citation) -> None:
        """Every program whose contract says how it tells of the feature does tell of it."""
        for party in self.parties:
            if isinstance(party, ProgramParty) and party.claims(feature) is False:
                raise Judged(failed(f"the {party.role} ({party.name}) does not tell of {feature}", citation))

    def check_agreement(self) -> None:
        """Both sides and the wire agree on version, cipher suite, group and resumption."""
        for field in ("version", "suite", "group", "resumed"):
            told = self._told(field)
            if len(set(told.values())) > 1:
                said = ", ".join(f"the {who} has {_show(field, value)}" for who, value in told.items())
                raise Judged(failed(f"the sides disagree on the {field}: {said}", HELLO))
        self._check_version()

    def check_agreed(self, field: str, expected: int) -> None:
        """Every side that tells of `field` (`suite`, `group`, …) tells `expected`, and one at least does."""
        told = self._told(field)
        if not told:
            raise Judged(inconclusive(f"neither side nor the wire tells the {field}"))
        for who, value in told.items():
            if value != expected:
                reason = f"the {who} has {field} {_show(field, value)}, not {_show(field, expected)}"
                raise Judged(failed(reason, HELLO))

    def check_undisturbed(self) -> None:
        """On a network that loses nothing: nothing sent twice, no timer fired, no alert but close_notify."""
        repeated = self.wire().retransmissions()
        if repeated:
            first = repeated[0]
            reason = (
                f"the {first.endpoint} sent datagram {first.data['datagram_id']} again, and nothing was lost"
            )
            raise Judged(failed(reason, FLIGHTS), disturbed=self.real_time)
        self.check_no_timeouts()
        self.check_no_alerts()

    def check_no_timeouts(self) -> None:
        """No retransmission timer fired."""
        for party in self.parties:
            session = party.session if isinstance(party, StackParty) else None
            if session is not None and any(event.kind is EventKind.TIMEOUT for event in session.events):
                reason = f"a retransmission timer of the {party.role} fired"
                raise Judged(failed(reason, FLIGHTS), disturbed=self.real_time)

    def check_no_alerts(self) -> None:
        """No alert but close_notify, neither told of nor on the wire."""
        for party in self.parties:
            for alert in party.alerts:
                if alert.description != 0:
                    raise Judged(failed(f"the {party.role} {alert}", ALERTS))
        for seen in self.wire().alerts():
            if seen.description != 0:
                name = names.alert(seen.description)
                raise Judged(failed(f"the {seen.sender} sent the alert {name} ({seen.description})", ALERTS))

    def check_not_connected(self, why: str, citation: Citation) -> None:
        """Neither side believes in a session, and no application data was taken."""
        for party in self.parties:
            if party.connected:
                raise Judged(failed(f"the {party.role} is connected, {why}", citation))
            if party.received_len:
                raise Judged(failed(f"the {party.role} took application data, {why}", citation))

    def state(self) -> str:
        """Both sides in words, for reasons."""
        return "; ".join(self._state(party) for party in self.parties)

    def metrics(self) -> dict[str, float]:
        """Figures of the cell: datagrams and bytes sent, and when the last side in process was connected."""
        lengths = self.wire().lengths()
        found = {"datagrams": float(len(lengths)), "bytes": float(sum(lengths))}
        sessions = [p.session for p in self.parties if isinstance(p, StackParty) and p.session is not None]
        times = [session.connected_at for session in sessions if session.connected_at is not None]
        return found | ({"handshake_seconds": max(times)} if times else {})

    # Inside

    def _told(self, field: str) -> dict[str, int]:
        """What each side, and the wire, tell of a field of `Agreed`."""
        told = {party.role: getattr(party.agreed, field) for party in self.parties}
        told["wire"] = {"suite": self.wire().suite, "group": self.wire().group}.get(field)
        return {who: value for who, value in told.items() if value is not None}

    def _check_version(self) -> None:
        """No lower version was agreed on than both claim."""
        claims = [party.endpoint.capabilities for party in self.parties]
        shared = claims[0] & claims[1]
        # The higher a version, the lower its number.
        limits = [party.endpoint.config.max_version for party in self.parties]
        limit = max((configuration.VERSIONS[text] for text in limits if text is not None), default=0)
        claimed = (wire for word, wire in VERSIONS.items() if word in shared and wire >= limit)
        best = min(claimed, default=None)
        for who, version in self._told("version").items():
            if best is not None and version > best:
                reason = f"the {who} has version 0x{version:04x}, and both claim 0x{best:04x}"
                raise Judged(failed(reason, Citation("RFC 5246", "E.1")))

    def _all(self, *, connected: bool) -> bool:
        return all(party.connected in (connected, None) for party in self.parties)

    def _any_failed(self) -> bool:
        return any(party.failure is not None for party in self.parties)

    def _state(self, party: Party) -> str:
        words = f"{party.role} ({party.name})"
        if party.failure is not None:
            words += f" failed: {party.failure}"
        elif party.connected is None:
            words += " does not say"
        else:
            words += " is connected" if party.connected else " is not connected"
        fatal = [str(alert) for alert in party.alerts if alert.description != 0]
        return words + (f", {', '.join(fatal)}" if fatal else "")

    def _echo_at_server(self) -> None:
        if isinstance(self.server, StackParty):
            self.server.endpoint.echo()

    def _pump(self) -> None:
        """Moves the data of programs; what a server wrote to its output goes back to its input."""
        for party in self.parties:
            if not isinstance(party, ProgramParty):
                continue
            program = party.program
            program.pump()
            if party.role == "server" and program.role.data == "stdio":
                new = program.received[self._piped["server"] :]
                self._piped["server"] += len(new)
                if new:
                    program.write(bytes(new))
            try:
                program.check_alive()
            except ProgramFailed as error:
                if error.verdict is not Verdict.FAIL:
                    raise Judged(Outcome(error.verdict, str(error))) from None

    def _compare(self, who: str, received: bytes, sent: bytes) -> None:
        if received == sent:
            return
        at = next(
            (i for i, (a, b) in enumerate(zip(received, sent, strict=False)) if a != b),
            min(len(received), len(sent)),
        )
        reason = (
            f"the {who} received {len(received)} bytes for {len(sent)} sent; they differ from byte {at} on"
        )
        raise Judged(failed(reason, RECORDS))


def _show(field: str, value: int) -> str:
    return str(value) if field == "resumed" else f"0x{value:04x}"
