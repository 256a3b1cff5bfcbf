# SPDX-License-Identifier: MIT
"""The layout of a sequence diagram: a pure function from events to boxes, arrows and texts with coordinates.

Time runs down and is not to scale: each lifeline shows its own events in their true order, with the
carrier's time beside it. An arrow is drawn short and even unless something happened at the receiver before
it arrived; then it is long and crosses what overtook it. `templates/sequence.svg.j2` draws the model;
nothing is measured there. All text is monospaced, so that its width is known here and nothing can overlap.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from dtlslab.report.labels import Label
from dtlslab.report.steps import Bulk, Datagram, Fate, Gap, Marker, Note, Receive, Send, Step, steps_of
from dtlslab.report.text import bytes_text, columns, duration_text, seconds_text, shortened
from dtlslab.trace.events import Event

CHAR = 6.65
"""Width of a column of the monospaced font at the size that the style sheet gives it, 11 px."""
PILL = 18.0
"""Height of a pill and of a line of pills."""
GUTTER = 96.0
"""Room for the times at either side."""
_HEAD = 72.0
_SLOPE = 12.0
_ROW_GAP = 11.0
_HEADING = 20.0
_NOTE = 26.0
_LINE = 14.0
_BETWEEN_EVENTS = 14.0
_PADDING = 6.5
_ICON = 13.0
_MOST_LIFELINES = 10
_REACH = {Fate.LOST: 0.58, Fate.DROPPED: 0.58, Fate.REPLACED: 0.42, Fate.UNDERWAY: 0.86}
"""How far an arrow goes that does not arrive."""
_UNIT_IS_SECONDS_FROM = 100.0


@dataclass(slots=True)
class Lifeline:
    name: str
    x: float
    detail: str = ""
    """Who plays this role: the stack and its version."""


@dataclass(slots=True)
class Pill:
    """A rounded box with one text: a record, or a mark such as `↻`."""

    x: float
    y: float
    width: float
    text: str
    tooltip: str
    kind: str
    """`plain`, `locked`, `alert` or `mark`."""
    icon: str = ""

    @property
    def text_x(self) -> float:
        inset = _ICON if self.icon else 0.0
        return self.x + inset + (self.width - inset) / 2


@dataclass(slots=True)
class Arrow:
    x1: float
    y1: float
    x2: float
    y2: float
    kind: str
    """A value of `Fate`, or `bulk`."""
    tooltip: str
    pills: list[Pill]
    retransmission: bool = False
    from_network: bool = False
    note: str = ""
    """Why it did not arrive; stands beyond its end."""
    rank: int = 0
    """1 when it points right, -1 when it points left."""

    @property
    def note_x(self) -> float:
        return self.x2 + 12 * self.rank


@dataclass(slots=True)
class Chip:
    """A note on a lifeline."""

    x: float
    y: float
    width: float
    lifeline_x: float
    text: str
    tooltip: str
    kind: str
    icon: str = ""

    @property
    def text_x(self) -> float:
        return self.x + _PADDING + (_ICON if self.icon else 2.0)


@dataclass(slots=True)
class Band:
    """The background of the datagrams of one flight, with its heading."""

    y: float
    height: float
    sender: int
    label: str
    label_x: float
    label_anchor: str
    retransmission: bool


@dataclass(slots=True)
class TimeLabel:
    x: float
    y: float
    anchor: str
    text: str


@dataclass(slots=True)
class Separator:
    """A remark across all lifelines."""

    x: float
    y: float
    width: float
    height: float
    lines: list[str]
    kind: str
    """`marker` or `gap`."""


@dataclass(slots=True)
class Diagram:
    """All that the template draws."""

    width: float
    height: float = 0.0
    unit: str = "s"
    lifelines: list[Lifeline] = field(default_factory=list)
    bands: list[Band] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)
    chips: list[Chip] = field(default_factory=list)
    times: list[TimeLabel] = field(default_factory=list)
    separators: list[Separator] = field(default_factory=list)
    summary: str = ""
    """One sentence for those who cannot see it."""

    @property
    def left(self) -> float:
        return self.lifelines[0].x

    @property
    def right(self) -> float:
        return self.lifelines[-1].x

    @property
    def empty(self) -> bool:
        return not (self.arrows or self.chips or self.separators)


def diagram_of(events: Iterable[Event], players: Mapping[str, str] | None = None) -> Diagram:
    """The diagram of a trace. `players` says which stack is behind an endpoint, to head its lifeline."""
    return _Layout(steps_of(events), players or {}).run()


class _Layout:
    def __init__(self, steps: list[Step], players: Mapping[str, str]) -> None:
        self.steps = steps
        names = _lifeline_names(steps)
        shown = names[:_MOST_LIFELINES]
        if len(names) > _MOST_LIFELINES:
            shown[-1] = f"{len(names) - _MOST_LIFELINES + 1} others"
        self.index = {name: min(i, _MOST_LIFELINES - 1) for i, name in enumerate(names)}
        gap = 548.0 if len(shown) <= 2 else max(1080.0 / (len(shown) - 1), 180.0)
        span = gap * max(len(shown) - 1, 1)
        self.diagram = Diagram(width=span + 2 * GUTTER)
        most = int(min(gap, 1.4 * GUTTER + gap / 2) / (CHAR * 1.1))
        self.diagram.lifelines = [
            Lifeline(shortened(name, most), GUTTER + i * gap, shortened(players.get(name, ""), most))
            for i, name in enumerate(shown)
        ]
        times = [step.time for step in steps]
        self.seconds = not times or max(times) - min(times) >= _UNIT_IS_SECONDS_FROM
        self.diagram.unit = "s" if self.seconds else "ms"
        self.y = _HEAD
        self.last_y = [_HEAD] * len(shown)
        self.last_time = [""] * len(shown)
        self.arrows: dict[int, Arrow] = {}
        self.band: tuple[object, ...] = ()

    def run(self) -> Diagram:
        for step in self.steps:
            match step:
                case Send():
                    self._send(step)
                case Receive():
                    self._receive(step)
                case Note():
                    self._note(step)
                case Marker():
                    self._separator(step.text, "marker", step.time)
                case Bulk():
                    self._bulk(step)
                case Gap():
                    until = f"{self._clock(step.time)} to {self._clock(step.until)} {self.diagram.unit}"
                    text = f"{step.datagrams:,} datagrams from {until} are not drawn"
                    self._separator(text, "gap", step.time)
        diagram = self.diagram
        diagram.height = max([self.y, *self.last_y]) + 24
        diagram.summary = _summary(self.steps, diagram)
        return diagram

    def _send(self, step: Send) -> None:
        datagram = step.datagram
        source, target = self._ways(datagram)
        x_source, x_target = self._x(source), self._x(target)
        rank = 1 if x_target > x_source or (x_target == x_source and source == 0) else -1
        if source == target:
            x_target = x_source + rank * 60
        self._start_band(datagram, source, rank)
        width = max(abs(x_target - x_source) - 28, 120.0)
        pills = _flow(_pills(datagram), x_source, rank, width, self.y)
        if pills:
            self.y = pills[-1].y + PILL
        self.y += 7 if datagram.from_network else 4
        x1 = x_source + (x_target - x_source) * 0.42 if datagram.from_network else x_source
        note, tooltip = _why(datagram), _tooltip(datagram)
        wanted = 1 - (columns(note) * CHAR + 28) / abs(x_target - x_source)
        share = _REACH.get(datagram.fate, 1.0)
        if note and not datagram.from_network:
            share = min(share, max(wanted, 0.3))
        x2 = x_source + (x_target - x_source) * share
        room = int((abs(x_target - x2) - 18) / CHAR)
        arrow = Arrow(
            x1, self.y, x2, self.y + _SLOPE * share, datagram.fate.value, tooltip, pills,
            datagram.retransmission, datagram.from_network, shortened(note, max(room, 4)), rank,
        )  # fmt: skip
        self.diagram.arrows.append(arrow)
        self.arrows[id(datagram)] = arrow
        if not datagram.from_network:
            self._time(source, step.time, self.y)
            self.last_y[source] = self.y
        self.y += _SLOPE + _ROW_GAP
        self._extend_band(self.y - _ROW_GAP / 2)

    def _receive(self, step: Receive) -> None:
        """Puts the head of an arrow where its receiver's other events allow it."""
        arrow = self.arrows.get(id(step.datagram))
        if arrow is None:
            return
        target = self.index[step.datagram.receiver]
        arrow.y2 = max(arrow.y2, self.last_y[target] + _BETWEEN_EVENTS)
        self.last_y[target] = arrow.y2
        self._time(target, step.time, arrow.y2)
        self.y = max(self.y, arrow.y2 + _ROW_GAP)

    def _note(self, step: Note) -> None:
        at = self.index[step.endpoint]
        x = self._x(at)
        self._end_band()
        icon = "clock" if step.kind == "timer" else ""
        room = int((self.diagram.right - self.diagram.left - 24 - 2 * _PADDING - _ICON) / CHAR)
        text = shortened(step.text, room)
        width = columns(text) * CHAR + 2 * _PADDING + (_ICON if icon else 4.0)
        at_right = at == len(self.diagram.lifelines) - 1 and at > 0
        left = x - 12 - width if at_right else min(x + 12, self.diagram.right - 12 - width)
        y = self.y + PILL / 2
        self.diagram.chips.append(
            Chip(left, self.y, width, x, text, f"{self._long(step.time)}: {step.text}", step.kind, icon)
        )
        self._time(at, step.time, y)
        self.last_y[at] = y
        self.y += _NOTE

    def _bulk(self, step: Bulk) -> None:
        self._end_band()
        self.y += 6
        top = self.y
        for direction in step.directions:
            source, target = self.index[direction.sender], self.index.get(direction.receiver, 0)
            x1, x2 = self._x(source), self._x(target)
            rank = 1 if x2 >= x1 else -1
            kind = "locked" if direction.encrypted else "plain"
            pill = _pill(direction.text, direction.text, kind)
            _flow([pill], x1, rank, abs(x2 - x1), self.y)
            y = self.y + PILL + 5
            self.diagram.arrows.append(Arrow(x1, y, x2, y, "bulk", direction.text, [pill], rank=rank))
            self._time(source, step.time, y)
            self.y = y + 14
        for i in range(len(self.last_y)):
            self.last_y[i] = self.y
        self._time(0, step.until, self.y)
        self._time(len(self.last_y) - 1, step.until, self.y)
        self.diagram.bands.append(Band(top - 4, self.y - top + 8, -1, "", 0.0, "start", False))
        self.y += _ROW_GAP + 6

    def _separator(self, text: str, kind: str, time: float) -> None:
        self._end_band()
        lines = _wrapped(text, int((self.diagram.right - self.diagram.left - 80) / CHAR))
        width = max(map(columns, lines)) * CHAR + 20
        height = _LINE * len(lines) + 6
        y = max(self.y, *self.last_y) + 4
        x = (self.diagram.left + self.diagram.right - width) / 2
        self.diagram.separators.append(Separator(x, y, width, height, lines, kind))
        if kind == "marker":
            self._time(0, time, y + height / 2)
        self.last_y = [y + height / 2] * len(self.last_y)
        self.y = y + height + 8

    def _start_band(self, datagram: Datagram, source: int, rank: int) -> None:
        key = (datagram.flight, datagram.sender, datagram.retransmission)
        if datagram.from_network or not datagram.flight:
            if not datagram.from_network:
                self._end_band()
            return
        if key == self.band:
            return
        self._end_band()
        self.band = key
        label = f"Flight {datagram.flight}" + (" again" if datagram.retransmission else "")
        x = self._x(source) + 14 * rank
        anchor = "start" if rank > 0 else "end"
        band = Band(self.y, _HEADING, source, label, x, anchor, datagram.retransmission)
        self.diagram.bands.append(band)
        self.y += _HEADING

    def _extend_band(self, bottom: float) -> None:
        if self.band:
            band = self.diagram.bands[-1]
            band.height = bottom - band.y

    def _end_band(self) -> None:
        if self.band:
            self.y += 8
        self.band = ()

    def _ways(self, datagram: Datagram) -> tuple[int, int]:
        last = len(self.diagram.lifelines) - 1
        target = self.index.get(datagram.receiver)
        source = self.index.get(datagram.sender)
        if source is None:
            source = 0 if target is None else last if target == 0 else 0
        if target is None:
            target = last if source == 0 else 0
        return source, target

    def _x(self, lifeline: int) -> float:
        return self.diagram.lifelines[lifeline].x

    def _time(self, lifeline: int, time: float, y: float) -> None:
        """The time of an event beside its lifeline, once for events at the same time."""
        text = self._clock(time)
        if self.last_time[lifeline] == text:
            return
        self.last_time[lifeline] = text
        last = len(self.diagram.lifelines) - 1
        if lifeline == 0:
            self.diagram.times.append(TimeLabel(self._x(0) - 12, y + 4, "end", text))
        elif lifeline == last:
            self.diagram.times.append(TimeLabel(self._x(last) + 12, y + 4, "start", text))
        else:
            self.diagram.times.append(TimeLabel(self._x(lifeline) + 8, y + 13, "start", text))

    def _clock(self, time: float) -> str:
        value = time / 1000 if self.seconds else time
        return f"{value:,.3f}" if abs(value) < 1e9 else f"{value:.3g}"

    def _long(self, time: float) -> str:
        return f"{self._clock(time)} {self.diagram.unit}"


def _lifeline_names(steps: list[Step]) -> list[str]:
    """Endpoints in the order in which they appear, those called client first and those called server last."""
    names: dict[str, None] = {}
    for step in steps:
        match step:
            case Send() | Receive():
                for name in (step.datagram.sender, step.datagram.receiver):
                    names.setdefault(name)
            case Note():
                names.setdefault(step.endpoint)
            case Bulk():
                for direction in step.directions:
                    names.setdefault(direction.sender)
                    names.setdefault(direction.receiver)
    names.pop("", None)
    if len(names) < 2:
        names.setdefault("client" if any(name.startswith("server") for name in names) else "server")
    if len(names) < 2:
        names.setdefault("client")
    rank = {name: name.startswith("server") - name.startswith("client") for name in names}
    return sorted(names, key=lambda name: rank[name])


def _pills(datagram: Datagram) -> list[Pill]:
    pills = []
    if datagram.retransmission:
        pills.append(_pill("", "retransmission", "mark", "again"))
    pills += [_label_pill(label) for label in datagram.labels]
    if not datagram.labels:
        pills.append(_pill(bytes_text(datagram.length), "not dissected", "plain"))
    pills += [_pill(shortened(mark, 60), mark, "mark") for mark in datagram.marks]
    return pills


def _label_pill(label: Label) -> Pill:
    alarming = label.alert and "close_notify" not in label.text
    kind = "alert" if alarming else "locked" if label.encrypted else "plain"
    return _pill(shortened(label.text, 60), label.tooltip, kind, "lock" if label.encrypted else "")


def _pill(text: str, tooltip: str, kind: str, icon: str = "") -> Pill:
    icon = icon or ("lock" if kind == "locked" else "")
    width = columns(text) * CHAR + 2 * _PADDING + (_ICON if icon and text else 5.0 if icon else 0.0)
    return Pill(0.0, 0.0, width, text, tooltip, kind, icon)


def _flow(pills: list[Pill], x: float, rank: int, width: float, y: float) -> list[Pill]:
    """Lays pills out from the sender, in lines no longer than `width`, read from left to right."""
    lines: list[list[Pill]] = [[]]
    used = 0.0
    for pill in pills:
        if lines[-1] and used + pill.width > width:
            lines.append([])
            used = 0.0
        lines[-1].append(pill)
        used += pill.width + 4
    for number, line in enumerate(lines):
        taken = sum(pill.width + 4 for pill in line) - 4
        left = x + 14 if rank > 0 else x - 14 - taken
        for pill in line:
            pill.x, pill.y = left, y + number * (PILL + 3)
            left += pill.width + 4
    return pills


def _why(datagram: Datagram) -> str:
    match datagram.fate:
        case Fate.LOST:
            return "lost" if datagram.reason in ("", "loss") else f"lost: {datagram.reason}"
        case Fate.DROPPED:
            return f"dropped: {datagram.reason}" if datagram.reason else "dropped"
        case Fate.REPLACED:
            return "replaced"
        case _:
            return ""


def _tooltip(datagram: Datagram) -> str:
    parts = [
        f"datagram {datagram.id}",
        bytes_text(datagram.length),
        f"sent at {duration_text(datagram.sent)}",
    ]
    if why := _why(datagram):
        parts.append(why)
    elif datagram.fate is Fate.UNDERWAY:
        parts.append("not received in this trace")
    return ", ".join(parts)


def _wrapped(text: str, most: int) -> list[str]:
    """The text in up to three lines of at most `most` columns."""
    lines = [shortened(line, most) for line in textwrap.wrap(text, most)] or [""]
    return lines if len(lines) <= 3 else [*lines[:2], shortened(lines[2] + " …", most)]


def _summary(steps: list[Step], diagram: Diagram) -> str:
    sends = [step.datagram for step in steps if isinstance(step, Send)]
    again = sum(datagram.retransmission for datagram in sends)
    gone = sum(datagram.fate in (Fate.LOST, Fate.DROPPED) for datagram in sends)
    between = " and ".join(line.name for line in diagram.lifelines)
    times = [step.time for step in steps]
    span = seconds_text((max(times) - min(times)) / 1000) if times else "no time"
    return (
        f"Sequence diagram between {between}: {len(sends)} datagrams drawn over {span}, "
        f"{again} retransmitted, {gone} lost or dropped."
    )
