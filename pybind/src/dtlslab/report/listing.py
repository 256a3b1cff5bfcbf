# SPDX-License-Identifier: MIT
"""The table of events and the facts beside a diagram."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dtlslab.report.fields import count, flag, records, text
from dtlslab.report.labels import is_data_only, record_labels, version_name
from dtlslab.report.steps import FOLD_FROM
from dtlslab.report.text import bytes_text, duration_text
from dtlslab.trace.events import Event

MOST_ROWS = 400
_LAST_ROWS = 80
_UNSAID = frozenset({"records", "datagram_id", "length", "to", "from", "flight", "retransmission"})

_SELF_EVIDENT = frozenset(
    {"event_type", "new", "trigger", "version", "cipher_suite", "group", "reason", "message"}
)
"""Fields whose value says what it is."""


@dataclass(frozen=True, slots=True)
class EventRow:
    time: str
    endpoint: str
    name: str
    datagram: str
    text: str
    folded: bool = False


@dataclass(slots=True)
class Facts:
    """What a trace says in a few figures."""

    suite: str = ""
    version: str = ""
    group: str = ""
    datagrams: int = 0
    octets: int = 0
    retransmissions: int = 0
    not_delivered: int = 0
    last: float = 0.0

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Names and values, those that are known."""
        found = [("version", self.version), ("cipher suite", self.suite), ("group", self.group)]
        found += [
            ("datagrams", f"{self.datagrams:,}, {bytes_text(self.octets)}"),
            ("retransmitted", f"{self.retransmissions:,}"),
            ("not delivered", f"{self.not_delivered:,}"),
            ("last event at", duration_text(self.last)),
        ]
        return [(name, value) for name, value in found if value]


def facts_of(events: list[Event]) -> Facts:
    facts = Facts()
    for event in events:
        facts.last = max(facts.last, event.time)
        match event.name:
            case "dtls:datagram_sent" | "dtls:datagram_injected":
                facts.datagrams += 1
                facts.octets += count(event.data, "length")
                facts.retransmissions += flag(event.data, "retransmission")
            case "dtls:datagram_lost" | "dtls:datagram_dropped":
                facts.not_delivered += 1
            case "dtls:connection_state_updated" if text(event.data, "new") == "connected":
                facts.suite = text(event.data, "cipher_suite") or facts.suite
                facts.version = version_name(text(event.data, "version")) or facts.version
                facts.group = text(event.data, "group") or facts.group
    return facts


def rows_of(events: list[Event]) -> list[EventRow]:
    """The rows of the table; long runs of application data and the middle of a long table are folded."""
    rows = list(_folded(events))
    if len(rows) <= MOST_ROWS:
        return rows
    out = len(rows) - MOST_ROWS
    first = MOST_ROWS - _LAST_ROWS
    gap = EventRow(rows[first].time, "", "", "", f"{out:,} more rows are in events.jsonl", folded=True)
    return [*rows[:first], gap, *rows[-_LAST_ROWS:]]


def _folded(events: list[Event]) -> Iterator[EventRow]:
    data: set[str] = set()
    run: list[Event] = []
    for event in events:
        if is_data_only(records(event.data)):
            data.add(text(event.data, "datagram_id") or "?")
        of_data = event.name in ("dtls:data_sent", "dtls:data_received")
        if of_data or text(event.data, "datagram_id") in data:
            run.append(event)
            continue
        yield from _run(run)
        run = []
        yield _row(event)
    yield from _run(run)


def _run(run: list[Event]) -> Iterator[EventRow]:
    if len(run) <= 4 * FOLD_FROM:
        yield from map(_row, run)
        return
    text = f"{len(run):,} events of application data until {_clock(run[-1].time)} ms"
    yield EventRow(_clock(run[0].time), "", "", "", text, folded=True)


def _row(event: Event) -> EventRow:
    name = event.name.partition(":")[2].replace("_", " ")
    return EventRow(_clock(event.time), event.endpoint, name, text(event.data, "datagram_id"), _words(event))


def _words(event: Event) -> str:
    """One line that says what an event is about."""
    parts = [" · ".join(label.text for label in record_labels(records(event.data)))]
    if flight := count(event.data, "flight"):
        parts.append(f"flight {flight}{' again' if flag(event.data, 'retransmission') else ''}")
    parts += [f"{name} {text(event.data, name)}" for name in ("to", "from") if text(event.data, name)]
    if "length" in event.data:
        parts.append(bytes_text(count(event.data, "length")))
    for name, value in event.data.items():
        if name in _UNSAID or value in (None, "", False) or isinstance(value, dict | list):
            continue
        parts.append(_said(name, value))
    return ", ".join(part for part in parts if part)


def _said(name: str, value: object) -> str:
    words = name.replace("_", " ")
    if value is True:
        return words
    if name in _SELF_EVIDENT:
        return version_name(str(value))
    shown = f"{value:.10g}" if isinstance(value, float) else str(value)
    return f"{words} {shown} ms" if name == "deadline" else f"{words} {shown}"


def _clock(time: float) -> str:
    return f"{time:,.3f}" if abs(time) < 1e12 else f"{time:.3g}"
