# SPDX-License-Identifier: MIT
"""What the report says of simulations: distributions of completion times, and handshakes that lost nothing.

A result of part `sim` stands for many runs of one pair of stacks over one network. It brings

- `series["completion_times"]`: seconds from the first datagram to the end of the handshake, of each run
  that had one;
- `metrics["runs"]`: how many runs there were, the ones without an end included;
- `metrics["loss"]`: the probability p with which the link loses a datagram;
- `metrics["datagrams"]`: n, the datagrams of the handshake when nothing is lost;
- `metrics["without_retransmission"]`: in how many runs nobody sent anything twice.

The last three are optional. Where they are there, the share of the runs without retransmission is compared
with (1-p)^n, the probability that n datagrams all arrive.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from dtlslab.report.statistics import quantile, wilson
from dtlslab.report.text import percent_text, seconds_text
from dtlslab.report.verdicts import stacks_of
from dtlslab.report.views import CellView, PageOf, cell_of
from dtlslab.results import Result

_SERIES = "completion_times"


@dataclass(slots=True)
class Share:
    """The observed share of runs without retransmission beside (1-p)^n."""

    observed: float
    low: float
    high: float
    wanted: float

    @property
    def agrees(self) -> bool:
        return self.low - 1e-12 <= self.wanted <= self.high + 1e-12


@dataclass(slots=True)
class Row:
    """One pair of stacks over one network."""

    name: str
    cell: CellView
    runs: int
    completed: int
    times: list[float]
    """Completion times in seconds, sorted."""
    datagrams: int
    share: Share | None
    colour: int = 0
    """The number of the stack's colour and dash pattern."""

    @property
    def median(self) -> str:
        return _time(self.times, 0.5)

    @property
    def ninetieth(self) -> str:
        return _time(self.times, 0.9)

    @property
    def longest(self) -> str:
        return _time(self.times, 1.0)


@dataclass(slots=True)
class Curve:
    colour: int
    name: str
    path: str


@dataclass(slots=True)
class Plot:
    """An empirical distribution function: time across on a logarithmic scale, share of the runs up."""

    title: str
    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    curves: list[Curve] = field(default_factory=list)
    x_ticks: list[tuple[float, str]] = field(default_factory=list)
    x_lines: list[float] = field(default_factory=list)
    y_ticks: list[tuple[float, str]] = field(default_factory=list)


@dataclass(slots=True)
class Network:
    """One scenario with one set of parameters: a plot and a row for each pair of stacks."""

    case: str
    title: str
    label: str
    rows: list[Row]
    plot: Plot | None = None


def networks(results: list[Result], page_of: PageOf) -> list[Network]:
    """Groups by case, the least loss first; all plots share their time axis, and a stack its colour."""
    names = list(dict.fromkeys(_pair(result) for result in results))
    by_case: dict[str, list[Result]] = {}
    for result in results:
        by_case.setdefault(result.case, []).append(result)
    found = []
    for case, some in by_case.items():
        rows = [_row(result, page_of, names.index(_pair(result))) for result in some]
        loss = some[0].metrics.get("loss")
        label = f"{percent_text(loss)} loss" if loss is not None else case
        found.append((loss if loss is not None else math.inf, Network(case, some[0].title, label, rows)))
    ordered = [network for _, network in sorted(found, key=lambda pair: pair[0])]
    often = Counter(network.label for network in ordered)
    for network in ordered:
        if often[network.label] > 1:
            network.label = network.case
    times = [time for network in ordered for row in network.rows for time in row.times if time > 0]
    if times:
        for network in ordered:
            network.plot = _plot(network, min(times), max(times))
    return ordered


def _row(result: Result, page_of: PageOf, colour: int) -> Row:
    times = sorted(time for time in result.series.get(_SERIES, []) if math.isfinite(time))
    runs = max(int(result.metrics.get("runs", len(times))), len(times))
    datagrams = int(result.metrics.get("datagrams", 0))
    share = None
    loss, clean = result.metrics.get("loss"), result.metrics.get("without_retransmission")
    if loss is not None and clean is not None and datagrams and runs:
        low, high = wilson(min(int(clean), runs), runs)
        share = Share(clean / runs, low, high, (1 - loss) ** datagrams)
    cell = cell_of([result], page_of)
    return Row(_pair(result), cell, runs, len(times), times, datagrams, share, colour)


def _pair(result: Result) -> str:
    stacks = stacks_of(result)
    return stacks[0] if len(stacks) == 1 else f"{result.client} → {result.server}"


def _time(times: list[float], share: float) -> str:
    return seconds_text(quantile(times, share)) if times else "–"


def _plot(network: Network, least: float, most: float) -> Plot:
    low = math.log10(least) - 0.05
    high = max(math.log10(most) + 0.05, low + 0.5)
    plot = Plot(network.label, 380, 236, 44, 370, 12, 196)

    def x(time: float) -> float:
        share = (math.log10(max(time, 1e-9)) - low) / (high - low)
        return plot.left + min(max(share, 0.0), 1.0) * (plot.right - plot.left)

    def y(share: float) -> float:
        return plot.bottom - share * (plot.bottom - plot.top)

    for row in network.rows:
        plot.curves.append(Curve(row.colour, row.name, _steps([x(t) for t in row.times], row.runs, y, plot)))
    plot.y_ticks = [(y(share), f"{share:.0%}") for share in (0, 0.25, 0.5, 0.75, 1)]
    decades = range(math.floor(low), math.ceil(high) + 1)
    inside = [value * 10.0**decade for decade in decades for value in range(1, 10)]
    inside = [time for time in inside if low <= math.log10(time) <= high]
    plot.x_lines = [x(time) for time in inside]
    last = -math.inf
    wanted = (1,) if high - low > 2.5 else (1, 3) if high - low > 1.2 else (1, 2, 5)
    for time in inside:
        leading = round(time / 10 ** math.floor(math.log10(time) + 1e-9))
        if leading in wanted and x(time) - last > 40:
            plot.x_ticks.append((x(time), _tick(time)))
            last = x(time)
    return plot


def _steps(xs: list[float], runs: int, y: Callable[[float], float], plot: Plot) -> str:
    """The path of a step function, one step a pixel at most."""
    if not xs or not runs:
        return ""
    path = [f"M{plot.left:.1f} {y(0):.1f}"]
    drawn = plot.left - 1
    for place, at in enumerate(xs):
        if place + 1 < len(xs) and xs[place + 1] - drawn < 0.7:
            continue
        path.append(f"H{at:.1f}V{y((place + 1) / runs):.1f}")
        drawn = at
    path.append(f"H{plot.right:.1f}")
    return "".join(path)


def _tick(seconds: float) -> str:
    return f"{seconds * 1000:.3g} ms" if seconds < 0.9995 else f"{seconds:,.0f} s"


def series_of(found: list[Network]) -> list[tuple[str, int]]:
    """Each pair of stacks with its colour, for the key of the plots."""
    return list({row.name: row.colour for network in found for row in network.rows}.items())


def share_axis(share: Share, width: float) -> Sequence[float]:
    """Where low, high, observed and wanted share stand on an axis from 0 to `width`."""
    return [value * width for value in (share.low, share.high, share.observed, share.wanted)]
