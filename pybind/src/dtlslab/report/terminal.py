# SPDX-License-Identifier: MIT
"""The report in short, as tables for the terminal."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from dtlslab.report.difference import Difference
from dtlslab.report.simulation import networks
from dtlslab.report.text import percent_text
from dtlslab.report.verdicts import FINDINGS, LETTERS, WORST_FIRST, Role, is_known, role_of, who, worst
from dtlslab.report.views import MOST_GRIDS, PART_TITLES
from dtlslab.results import Result
from dtlslab.verdict import Verdict

STYLES = {
    Verdict.PASS: "green",
    Verdict.FAIL: "bold red",
    Verdict.UNSUPPORTED: "dim",
    Verdict.INCONCLUSIVE: "yellow",
    Verdict.CRASH: "bold magenta",
    Verdict.HANG: "bold magenta",
}


def tables(results: Sequence[Result]) -> list[RenderableType]:
    """A table for each part that has results, and a key to the letters when there is a grid."""
    parts: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        parts[result.part].append(result)
    order = list(PART_TITLES)
    shown: list[RenderableType] = []
    for part in sorted(parts, key=lambda part: order.index(part) if part in order else len(order)):
        match part:
            case "interop" | "losses":
                shown += [pair_table(parts[part], PART_TITLES[part]), key(parts[part])]
            case "sim":
                shown.append(simulation_table(parts[part]))
            case _:
                shown.append(stack_table(parts[part], PART_TITLES.get(part, part.capitalize())))
    return shown


def pair_table(results: Sequence[Result], title: str) -> Table:
    """Clients down, servers across; in each cell one letter a case."""
    cases = list(dict.fromkeys(result.case for result in results))
    clients = list(dict.fromkeys(result.client for result in results))
    servers = list(dict.fromkeys(result.server for result in results))
    cells: dict[tuple[str, str, str], list[Result]] = defaultdict(list)
    for result in results:
        cells[result.client, result.server, result.case].append(result)
    few = len(cases) <= MOST_GRIDS
    table = _table(title, f"the letters of a cell: {', '.join(cases)}" if few else f"{len(cases)} cases")
    table.add_column("client ↓ server →", no_wrap=True)
    for server in servers:
        table.add_column(server, justify="left")
    for client in clients:
        row = []
        for server in servers:
            found = [cells.get((client, server, case)) for case in cases]
            row.append(_letters(found) if few else _tally([one for some in found for one in some or ()]))
        table.add_row(client, *row)
    return table


def stack_table(results: Sequence[Result], title: str) -> Table:
    """A row for each stack and role, a column for each verdict; known failures apart from departures."""
    rows: dict[Role, list[Result]] = defaultdict(list)
    for result in results:
        rows[role_of(result)].append(result)
    present = [v for v in reversed(WORST_FIRST) if any(result.verdict is v for result in results)]
    table = _table(title)
    table.add_column("stack", no_wrap=True)
    table.add_column("as")
    for verdict in present:
        table.add_column(verdict.value, justify="right")
    table.add_column("known", justify="right")
    table.add_column("departures", justify="right")
    for role, some in rows.items():
        counts = Counter(result.verdict for result in some)
        known = sum(is_known(result) for result in some)
        odd = sum(not result.expected for result in some)
        table.add_row(
            role.stack,
            role.role,
            *(Text(f"{counts[v]:,}" if counts[v] else "", style=STYLES[v]) for v in present),
            f"{known:,}" if known else "",
            Text(f"{odd:,}" if odd else "", style="bold reverse"),
        )
    return table


def simulation_table(results: Sequence[Result]) -> Table:
    """A row for each network and pair of stacks: completion times, and runs without retransmission."""
    table = _table("Simulation", "clean: runs without retransmission, with the 95 % interval, beside (1-p)^n")
    for name in ("network", "stack", ""):
        table.add_column(name, no_wrap=True)
    for name in ("completed", "median", "90 %", "longest", "clean", "(1-p)^n"):
        table.add_column(name, justify="right", no_wrap=True)
    for network in networks(list(results), lambda _: ""):
        for place, row in enumerate(network.rows):
            clean, wanted = Text("–"), Text("–")
            if row.share is not None:
                interval = f"{percent_text(row.share.low)} to {percent_text(row.share.high)}"
                clean = Text(f"{percent_text(row.share.observed)} [{interval}]")
                wanted = Text(percent_text(row.share.wanted), style="" if row.share.agrees else "bold red")
            table.add_row(
                "" if place else network.label,
                row.name,
                Text(row.cell.letter, style=STYLES[row.cell.verdict]),
                f"{row.completed:,}/{row.runs:,}",
                row.median,
                row.ninetieth,
                row.longest,
                clean,
                wanted,
            )
    return table


def difference_table(difference: Difference) -> Table:
    """What changed between two runs."""
    table = _table("Changes", f"{difference.same:,} cells are as they were")
    for name in ("", "case", "who", "before", "after", "reason"):
        table.add_column(name, overflow="fold")
    for name, _, changes in difference.groups:
        for change in changes:
            table.add_row(
                name,
                f"{change.result.part}/{change.result.case}",
                who(change.result),
                _word(change.before),
                _word(change.after),
                change.result.reason,
            )
    return table


def key(results: Iterable[Result]) -> Text:
    """What the letters mean that occur."""
    found = list(results)
    text = Text()
    for verdict in reversed(WORST_FIRST):
        if any(result.verdict is verdict for result in found):
            text.append(LETTERS[verdict], style=STYLES[verdict])
            text.append(f" {verdict.value}   ")
    if any(is_known(result) for result in found):
        text.append("f", style="yellow")
        text.append(" known failure   ")
    if any(not result.expected for result in found):
        text.append("F", style="reverse")
        text.append(" reversed: not as expected")
    return text


def _table(title: str, caption: str | None = None) -> Table:
    return Table(
        title=title,
        caption=caption,
        title_justify="left",
        caption_justify="left",
        title_style="bold",
        caption_style="dim",
        box=None,
        pad_edge=False,
        padding=(0, 2, 0, 0),
        header_style="dim",
    )


def _letters(found: Iterable[list[Result] | None]) -> Text:
    """One letter a case."""
    return Text().join(_letter(worst(some)) if some else Text("·", style="dim") for some in found)


def _tally(results: list[Result]) -> Text:
    """How often each letter occurs."""
    if not results:
        return Text("·", style="dim")
    counts = Counter((letter.plain, str(letter.style)) for letter in map(_letter, results))
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    return Text(" ").join(Text(f"{count}{letter}", style=style) for (letter, style), count in ordered)


def _letter(result: Result) -> Text:
    letter = LETTERS[result.verdict]
    if is_known(result):
        return Text(letter.lower(), style="yellow")
    style = STYLES[result.verdict]
    return Text(letter, style=style if result.expected else f"{style} reverse")


def _word(result: Result | None) -> Text:
    if result is None:
        return Text("–", style="dim")
    known = " (known)" if result.verdict in FINDINGS and result.expected else ""
    return Text(result.verdict.value + known, style=STYLES[result.verdict])
