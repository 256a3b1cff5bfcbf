# SPDX-License-Identifier: MIT
"""From the events of a trace to the steps of a diagram: datagrams with fates, notes, what is folded away.

A sequence diagram of a megabyte of application data helps nobody. Two things keep diagrams short: a run of
datagrams that carry application data alone becomes one `Bulk` step, and of what is still too long the
middle becomes one `Gap` step. Nothing is lost: the events file has it all, and both steps say how much they
stand for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from dtlslab.report.fields import count, flag, records, text
from dtlslab.report.labels import Label, is_data_only, record_labels, version_name
from dtlslab.report.text import bytes_text, duration_text
from dtlslab.trace.events import Event

FOLD_FROM = 6
"""Runs of at least so many datagrams of application data are folded."""
MOST_DATAGRAMS = 150
"""A diagram draws no more datagrams than this."""
_KEPT_AT_THE_END = 40


class Fate(StrEnum):
    DELIVERED = "delivered"
    LOST = "lost"
    DROPPED = "dropped"
    """Taken out by a hook of the script."""
    REPLACED = "replaced"
    """A hook of the script sent other bytes in its place."""
    UNDERWAY = "underway"
    """The trace ends before the datagram arrives."""


@dataclass(slots=True, eq=False)
class Datagram:
    """One way of one datagram from a sender to a receiver."""

    id: str
    sender: str
    receiver: str
    sent: float
    labels: list[Label]
    length: int = 0
    flight: int = 0
    retransmission: bool = False
    data_only: bool = False
    fate: Fate = Fate.UNDERWAY
    reason: str = ""
    marks: list[str] = field(default_factory=list)
    """What was done to it on its way: `changed: …`, `duplicate`."""
    from_network: bool = False
    """It came into being on the way: injected by the script or duplicated by the network."""
    folded: bool = False


@dataclass(slots=True, eq=False)
class Send:
    time: float
    datagram: Datagram


@dataclass(slots=True, eq=False)
class Receive:
    time: float
    datagram: Datagram


@dataclass(slots=True, eq=False)
class Note:
    """Something that happened at an endpoint: a timer ran out, a connection was made, an alert came."""

    time: float
    endpoint: str
    kind: str
    """`timer`, `good`, `bad` or `plain`."""
    text: str


@dataclass(slots=True, eq=False)
class Data:
    """Application data handed over; only counted, for `Bulk`."""

    time: float
    endpoint: str
    length: int


@dataclass(slots=True, eq=False)
class Marker:
    """A remark of the script or the scenario."""

    time: float
    text: str


@dataclass(slots=True)
class Direction:
    """What went one way in a `Bulk`."""

    sender: str
    receiver: str
    datagrams: int = 0
    datagram_bytes: int = 0
    data_bytes: int = 0
    not_delivered: int = 0
    encrypted: bool = False

    @property
    def text(self) -> str:
        size = bytes_text(self.data_bytes or self.datagram_bytes)
        lost = f", {self.not_delivered:,} not delivered" if self.not_delivered else ""
        return f"application data × {self.datagrams:,} datagrams, {size}{lost}"


@dataclass(slots=True, eq=False)
class Bulk:
    """A run of application data, folded."""

    time: float
    until: float
    directions: list[Direction]


@dataclass(slots=True, eq=False)
class Gap:
    """The middle of a long trace."""

    time: float
    until: float
    datagrams: int


Step = Send | Receive | Note | Data | Marker | Bulk | Gap


def steps_of(events: Iterable[Event]) -> list[Step]:
    """The steps of a diagram, in the order of time; runs of data and overlong middles are folded."""
    return shorten(fold(_Reader().read(events)))


class _Reader:
    """Joins what the events say of each datagram."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.datagrams: dict[str, Datagram] = {}
        self.endpoints: set[str] = set()
        """Who sends by itself. Anyone else is played by the script: what it injects for them, they send."""
        self.replaced: set[str] = set()
        """Datagrams of which there are copies; those that never arrive themselves were replaced."""
        self.timers: dict[str, tuple[object, float]] = {}
        """Of each endpoint: the deadline it waits for, and since when."""

    def read(self, events: Iterable[Event]) -> list[Step]:
        ordered = sorted(events, key=lambda event: event.time)
        self.endpoints = {event.endpoint for event in ordered if event.name == "dtls:datagram_sent"}
        for event in ordered:
            group, _, name = event.name.partition(":")
            handler = getattr(self, f"_{group}_{name}", None) if group in ("dtls", "simulation") else None
            if handler is not None:
                handler(event)
        for identity in self.replaced:
            datagram = self.datagrams[identity]
            if datagram.fate is Fate.UNDERWAY:
                datagram.fate = Fate.REPLACED
        return self.steps

    def _dtls_datagram_sent(self, event: Event) -> None:
        if not event.endpoint:
            return
        self.steps.append(Send(event.time, self._new(event, event.endpoint)))

    def _dtls_datagram_injected(self, event: Event) -> None:
        datagram = self._new(event, event.endpoint or text(event.data, "from"))
        if datagram.sender in self.endpoints or not datagram.sender:
            datagram.from_network = True
            datagram.marks.append("injected")
        self.steps.append(Send(event.time, datagram))

    def _new(self, event: Event, sender: str) -> Datagram:
        found = records(event.data)
        datagram = Datagram(
            id=text(event.data, "datagram_id"),
            sender=sender,
            receiver=text(event.data, "to"),
            sent=event.time,
            labels=record_labels(found),
            length=count(event.data, "length"),
            flight=count(event.data, "flight"),
            retransmission=flag(event.data, "retransmission"),
            data_only=is_data_only(found),
        )
        self.datagrams[text(event.data, "datagram_id")] = datagram
        return datagram

    def _dtls_datagram_received(self, event: Event) -> None:
        datagram = self.datagrams.get(text(event.data, "datagram_id"))
        if datagram is None or not event.endpoint:
            return
        if datagram.fate is Fate.DELIVERED:
            datagram = self._duplicate(datagram)
        datagram.fate = Fate.DELIVERED
        datagram.receiver = event.endpoint
        self.steps.append(Receive(event.time, datagram))

    def _duplicate(self, first: Datagram) -> Datagram:
        """A second arrival of one datagram: drawn as a datagram of its own from the same moment."""
        copy = Datagram(first.id, first.sender, first.receiver, first.sent, first.labels, first.length)
        copy.marks = ["duplicate"]
        copy.from_network = True
        copy.data_only = first.data_only
        copy.flight, copy.retransmission = first.flight, first.retransmission
        self.steps.append(Send(first.sent, copy))
        return copy

    def _dtls_datagram_lost(self, event: Event) -> None:
        self._gone(event, Fate.LOST)

    def _dtls_datagram_dropped(self, event: Event) -> None:
        self._gone(event, Fate.DROPPED)

    def _gone(self, event: Event, fate: Fate) -> None:
        datagram = self.datagrams.get(text(event.data, "datagram_id"))
        if datagram is not None and datagram.fate is Fate.UNDERWAY:
            datagram.fate = fate
            datagram.reason = text(event.data, "trigger")

    def _dtls_datagram_changed(self, event: Event) -> None:
        """A hook delayed a datagram, or sent copies or other bytes under numbers of their own."""
        identity, original = text(event.data, "datagram_id"), text(event.data, "original_id")
        first = self.datagrams.get(original or identity)
        if first is None:
            return
        mark = text(event.data, "trigger") or "changed"
        if identity in ("", first.id):
            first.marks.append(mark)
            return
        self.replaced.add(first.id)
        datagram = self._new(event, first.sender)
        datagram.receiver = first.receiver
        datagram.from_network = True
        datagram.marks.append(mark)
        if datagram.length and datagram.length != first.length:
            datagram.marks.append(f"{first.length} → {bytes_text(datagram.length)}")
        datagram.flight, datagram.retransmission = first.flight, first.retransmission
        self.steps.append(Send(event.time, datagram))

    def _dtls_timer_updated(self, event: Event) -> None:
        match text(event.data, "event_type"):
            case "set":
                deadline = event.data.get("deadline")
                if deadline is None or self.timers.get(event.endpoint, (None, 0.0))[0] != deadline:
                    self.timers[event.endpoint] = deadline, event.time
            case "expired":
                timer = self.timers.pop(event.endpoint, None)
                if timer is None:
                    self._note(event, "timer", "timer expired")
                elif event.time > timer[1]:
                    self._note(event, "timer", f"timer expired after {duration_text(event.time - timer[1])}")
            case _:
                self.timers.pop(event.endpoint, None)

    def _dtls_connection_state_updated(self, event: Event) -> None:
        state = text(event.data, "new")
        if state == "started":
            return
        kind = {"connected": "good", "failed": "bad"}.get(state, "plain")
        parts = [state or "state changed"]
        parts.append(version_name(text(event.data, "version")))
        parts += [text(event.data, name) for name in ("cipher_suite", "group")]
        if flag(event.data, "resumed"):
            parts.append("resumed")
        parts.append(text(event.data, "reason"))
        self._note(event, kind, " · ".join(part for part in parts if part))

    def _dtls_alert_received(self, event: Event) -> None:
        self._alert(event, "received")

    def _dtls_alert_sent(self, event: Event) -> None:
        """Said only where no datagram shows it: an alert that could not be decrypted, or was never sent."""
        for step in reversed(self.steps):
            if isinstance(step, Send) and step.datagram.sender == event.endpoint:
                if any(label.alert and " " in label.text for label in step.datagram.labels):
                    return
                break
        self._alert(event, "sent")

    def _alert(self, event: Event, verb: str) -> None:
        description = text(event.data, "description")
        kind = "plain" if description == "close_notify" else "bad"
        words = [verb, "alert", text(event.data, "level"), description]
        self._note(event, kind, " ".join(word for word in words if word))

    def _note(self, event: Event, kind: str, text: str) -> None:
        if event.endpoint:
            self.steps.append(Note(event.time, event.endpoint, kind, text))

    def _dtls_data_sent(self, event: Event) -> None:
        self.steps.append(Data(event.time, event.endpoint, count(event.data, "length")))

    def _simulation_marker(self, event: Event) -> None:
        if event.endpoint:
            self._note(event, "plain", text(event.data, "message"))
        else:
            self._mark(event, text(event.data, "message"))

    def _simulation_scenario(self, event: Event) -> None:
        self._mark(event, text(event.data, "name"))

    def _mark(self, event: Event, text: str) -> None:
        if text:
            self.steps.append(Marker(event.time, text))


def fold(steps: list[Step]) -> list[Step]:
    """Folds each long run of datagrams that carry application data alone."""
    kept: list[Step] = []
    run: list[Step] = []
    for step in steps:
        if isinstance(step, Send | Receive) and step.datagram.folded:
            if isinstance(step, Send):
                run.append(step)
            continue
        if isinstance(step, Data) or (isinstance(step, Send | Receive) and step.datagram.data_only):
            run.append(step)
            continue
        _end_run(run, kept)
        run = []
        kept.append(step)
    _end_run(run, kept)
    return [step for step in kept if not (isinstance(step, Receive) and step.datagram.folded)]


def _end_run(run: list[Step], kept: list[Step]) -> None:
    sends = [step for step in run if isinstance(step, Send)]
    if len(sends) < FOLD_FROM:
        kept += [step for step in run if not isinstance(step, Data)]
        return
    started = {id(send.datagram) for send in sends}
    kept += [step for step in run if isinstance(step, Receive) and id(step.datagram) not in started]
    directions: dict[tuple[str, str], Direction] = {}
    for send in sends:
        datagram = send.datagram
        datagram.folded = True
        way = datagram.sender, datagram.receiver
        direction = directions.setdefault(way, Direction(*way))
        direction.datagrams += 1
        direction.datagram_bytes += datagram.length
        direction.encrypted |= any(label.encrypted for label in datagram.labels)
        direction.not_delivered += datagram.fate is not Fate.DELIVERED
    for step in run:
        if isinstance(step, Data):
            ways = [way for way in directions if way[0] == step.endpoint]
            if len(ways) == 1:
                directions[ways[0]].data_bytes += step.length
    kept.append(Bulk(run[0].time, run[-1].time, list(directions.values())))


def shorten(steps: list[Step], most: int = MOST_DATAGRAMS) -> list[Step]:
    """Takes out the middle of what has more than `most` datagrams."""
    sends = [step.datagram for step in steps if isinstance(step, Send)]
    if len(sends) <= most:
        return steps
    first_kept, last_kept = most - _KEPT_AT_THE_END, len(sends) - _KEPT_AT_THE_END
    kept = {id(datagram) for datagram in (*sends[:first_kept], *sends[last_kept:])}
    short: list[Step] = []
    gap: Gap | None = None
    seen = 0
    for step in steps:
        if isinstance(step, Send):
            seen += 1
        if isinstance(step, Send | Receive) and id(step.datagram) in kept:
            short.append(step)
        elif not first_kept <= seen <= last_kept:
            if not isinstance(step, Send | Receive):
                short.append(step)
        elif isinstance(step, Send):
            if gap is None:
                gap = Gap(step.time, step.time, 0)
                short.append(gap)
            gap.datagrams += 1
            gap.until = step.time
    return short


def events_in_words(event: Event) -> str:
    """One line that says what an event is about, for the table of events."""
    labels = " · ".join(label.text for label in record_labels(records(event.data)))
    data = {
        key: value for key, value in event.data.items() if key not in ("records", "datagram_id") and value
    }
    rest = ", ".join(
        f"{key.replace('_', ' ')} {value}"
        for key, value in data.items()
        if not isinstance(value, dict | list)
    )
    return f"{labels}: {rest}" if labels and rest else labels or rest
