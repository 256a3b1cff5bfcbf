# SPDX-License-Identifier: MIT
"""The dialogue of a case with the endpoint under test: flights step by step, silence, judgement.

Time passes only in `listen` and what is built on it; between two calls nothing happens. Until `judge` is
called a dialogue that
cannot go on is inconclusive; afterwards it is a failure of the endpoint under test.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any, NoReturn

from dtlslab import units
from dtlslab.configuration import EndpointConfig, make_config
from dtlslab.python_endpoint import EventKind
from scapy.packet import Packet
from scapy_dtls import APPLICATION_DATA, CHANGE_CIPHER_SPEC, Handshake
from scapy_dtls.registries import ALERTS, HANDSHAKE_TYPES

from .subject import Subject
from .tester import Arrived, ClientPeer, Outgoing, Peer, ServerPeer

STEP = 0.2
"""Seconds that an answer may take; well under the first retransmission timeout."""

SHORTEST_STEP = 0.05
"""What is shorter is no time for an answer, only for what is under way to arrive."""

FLIGHT_NAMES = {
    1: "ClientHello",
    2: "HelloVerifyRequest",
    3: "ClientHello with a cookie",
    4: "the server's hello flight",
}
FLIGHT_NAMES |= {5: "the client's second flight", 6: "the server's ChangeCipherSpec and Finished"}


class CaseFailed(Exception):
    """The requirement is not met; the text is the reason."""


class CaseInconclusive(Exception):
    """The dialogue did not come to the point; the text is the reason."""


class Dialogue:
    """The tester and the endpoint under test, alone on a network without faults."""

    def __init__(self, subject: Subject, seed: int = 1, **settings: Any) -> None:
        self.subject = subject
        self.role = subject.role
        self.random = random.Random(seed)
        self.settings = settings
        self.peer = self.new_peer()
        self.arrived: list[Arrived] = []
        """Every record that came from the endpoint under test."""
        self.datagrams: list[tuple[float, bytes]] = []
        self.judging = False
        self._begun = False

    def new_peer(self, **settings: Any) -> Peer:
        """A tester for a new association, in the role that the endpoint under test does not have."""
        role = "server" if self.role == "client" else "client"
        config = make_config(role, **{**self.settings, **settings})
        source = random.Random(self.random.getrandbits(64))
        peer = ClientPeer(config, source) if role == "client" else ServerPeer(config, source)
        peer.on_keys = self.subject.log_key
        return peer

    @property
    def config(self) -> EndpointConfig:
        """The tester's own configuration."""
        return self.peer.config

    # Judgement

    def judge(self) -> None:
        """The case is at its point: what goes wrong from here is the endpoint's fault."""
        self.judging = True

    def fail(self, reason: str) -> NoReturn:
        """The requirement is not met."""
        raise CaseFailed(reason)

    def check(self, condition: object, reason: str) -> None:
        """Fails with the reason unless the condition holds."""
        if not condition:
            self.fail(reason)

    def stuck(self, reason: str) -> NoReturn:
        """The dialogue cannot go on."""
        if self.judging:
            raise CaseFailed(reason)
        raise CaseInconclusive(reason)

    # Sending and listening

    def send(self, *datagrams: bytes) -> None:
        """Sends datagrams as they are, in this order, all before the answer to any of them."""
        for datagram in datagrams:
            self.subject.deliver(datagram)

    def exchange(self, *datagrams: bytes, seconds: float = STEP) -> list[Arrived]:
        """Sends, and returns the records of the answer."""
        self.send(*datagrams)
        return self.listen(seconds)

    def begin(self) -> None:
        """Has a client under test begin its handshake; nothing for a server."""
        if not self._begun and self.role == "client":
            self.subject.connect()
        self._begun = True

    def listen(self, seconds: float = STEP) -> list[Arrived]:
        """Lets time pass; the records that came meanwhile."""
        if SHORTEST_STEP <= seconds <= STEP:
            seconds *= self.subject.stretch
        came: list[Arrived] = []
        for time, datagram in self.subject.run(seconds):
            self.datagrams.append((time, datagram))
            came += self.peer.receive(datagram, time)
        self.arrived += came
        return came

    def silence(self, duration: float | str, when: str = "when nothing was due") -> None:
        """Fails when anything comes in this time, `70` seconds or `"70s"`."""
        came = self.listen(units.seconds(duration))
        self.check(not came, f"sent {describe(came)} {when}")

    # Flights

    def send_flight(self, number: int, size: int | None = None) -> list[Outgoing]:
        """Makes and sends a flight of ours in order; returns its messages."""
        flight = self.peer.flight(number)
        self.send(*self.peer.pack(flight, size))
        return flight

    def receive_flight(self, number: int, seconds: float = STEP) -> list[Arrived]:
        """Waits for a flight of the endpoint under test; stuck when it does not come whole and right."""
        self.begin()
        came = self.listen(0.001)
        for _ in range(self.subject.patience):
            if self.peer.flight_done < number and self.peer.complaint is None:
                came += self.listen(seconds)
        if self.peer.complaint is not None:
            self.stuck(f"sent a wrong flight: {self.peer.complaint.reason}")
        if self.peer.flight_done < number:
            gave_up = " and gave the session up" if self.subject.seen(EventKind.FAILED) else ""
            self.stuck(f"sent {describe(came)}, not {FLIGHT_NAMES[number]}{gave_up}")
        return came

    def handshake(self, through: int = 6, size: int | None = None) -> None:
        """Carries an honest handshake from where it stands through flight `through`."""
        while self.peer.flight_done < through:
            number = self.peer.flight_done + 1
            if number in self.peer.flights:
                self.send_flight(number, size if number > 3 else None)
            else:
                self.receive_flight(number)
        if through == 6 and self.role == "client":
            self.listen(0.01)

    def survives(self, what: str) -> None:
        """Fails unless the honest handshake still comes to its end and application data is echoed."""
        self.judge()
        try:
            self.handshake()
        except CaseFailed as failure:
            self.fail(f"did not complete the handshake after {what}: it {failure}")
        self.still_echoes(what)

    # Application data

    def echo(self, payload: bytes) -> bool:
        """Sends application data; whether it came back."""
        return payload in self._sent_back(self.peer.data(payload))

    def echoes(self, *datagrams: bytes) -> bytes:
        """Sends datagrams; the application data that was delivered, run together.

        It shows by coming back, or by being told of: a program may take it but be too busy to echo it.
        """
        self.subject.taken()
        return self._sent_back(*datagrams) or self.subject.taken()

    def _sent_back(self, *datagrams: bytes) -> bytes:
        return b"".join(r.content or b"" for r in self.exchange(*datagrams) if _has_data(r))

    def still_echoes(self, what: str) -> None:
        """Fails unless application data is still echoed."""
        self.check(self.echo(b"still there"), f"did not deliver application data any more after {what}")

    # What was seen

    def alerts(self, records: Iterable[Arrived] | None = None) -> list[tuple[int, int]]:
        """Level and description of the alerts among the records, of all by default."""
        found = [r.alert for r in (self.arrived if records is None else records)]
        return [(a.level, a.description) for a in found if a is not None]

    def fatal_alerts(self, records: Iterable[Arrived] | None = None) -> list[int]:
        """Descriptions of fatal alerts."""
        return [description for level, description in self.alerts(records) if level == 2]

    def messages(self, msg_type: int, records: Iterable[Arrived] | None = None) -> list[Handshake]:
        """Handshake messages or fragments of a type among the records, of all by default."""
        return [
            h
            for r in (self.arrived if records is None else records)
            for h in r.handshakes
            if h.msg_type == msg_type
        ]

    def first(self, layer: type[Packet]) -> Any:
        """The first whole message body of a layer that came; stuck when there is none."""
        bodies = [h.payload for record in self.arrived for h in record.handshakes]
        found = next((body for body in bodies if isinstance(body, layer)), None)
        return found if found is not None else self.stuck(f"sent no {layer.__name__}")

    @property
    def connected(self) -> bool:
        """Whether a handshake is over for the endpoint under test.

        One that does not say so shows it: a server by its ChangeCipherSpec, a client by sending data.
        """
        told = self.subject.seen(EventKind.CONNECTED)
        if told is not None:
            return told > 0
        if self.role == "server":
            return any(r.content_type == CHANGE_CIPHER_SPEC for r in self.arrived)
        if not self.subject.prompt():
            raise CaseInconclusive("does not tell whether it is connected")
        self.listen()
        return any(r.content_type == APPLICATION_DATA for r in self.arrived)

    @property
    def delivered(self) -> int:
        """How much application data the endpoint has delivered; what it echoed, when it does not tell."""
        told = self.subject.delivered()
        return told if told is not None else sum(_has_data(record) for record in self.arrived)

    @property
    def ended(self) -> bool | None:
        """Whether it has told that a session ended; None when it does not tell of that."""
        told = self.subject.seen(EventKind.FAILED), self.subject.seen(EventKind.CLOSED)
        return None if None in told else any(told)

    def refused(self, came: list[Arrived], what: str, alert: int | None = None) -> None:
        """Fails unless the endpoint answered with a fatal alert and does not think itself connected."""
        self.check(not self.connected, f"completed the handshake in spite of {what}")
        fatal = self.fatal_alerts(came)
        self.check(fatal, f"sent {describe(came)} instead of a fatal alert for {what}")
        if alert is not None:
            named = ALERTS.get(fatal[0], str(fatal[0]))
            self.check(fatal[0] == alert, f"answered {what} with {named}, not {ALERTS[alert]}")


def _has_data(record: Arrived) -> bool:
    return record.content_type == APPLICATION_DATA and bool(record.content)


def describe(records: Iterable[Arrived]) -> str:
    """Records in words: `ServerHello, Certificate and the fatal alert decode_error`."""
    words: list[str] = []
    for record in records:
        found = [HANDSHAKE_TYPES.get(h.msg_type, f"message {h.msg_type}") for h in record.handshakes]
        if record.alert is not None:
            level = "fatal alert" if record.alert.level == 2 else "warning"
            found = [f"the {level} {ALERTS.get(record.alert.description, record.alert.description)}"]
        words += found or [_CONTENT.get(record.content_type, "a record of unknown type")]
    unique = list(dict.fromkeys(words))
    if len(unique) > 1:
        return ", ".join(unique[:-1]) + " and " + unique[-1]
    return unique[0] if unique else "nothing"


_CONTENT = {
    20: "ChangeCipherSpec",
    21: "an encrypted alert",
    22: "an encrypted handshake message",
    23: "application data",
}
