# SPDX-License-Identifier: MIT
"""What a command shows: a progress bar, a table, JSON, JUnit."""

from __future__ import annotations

import contextlib
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as Xml

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress
from rich.table import Table
from rich.text import Text

from dtlslab import campaign
from dtlslab.cli.options import CommonOptions
from dtlslab.report import terminal
from dtlslab.results import Result
from dtlslab.verdict import Verdict
from dtlslab.workers import Job

STYLES = {
    Verdict.PASS: "green",
    Verdict.FAIL: "red",
    Verdict.UNSUPPORTED: "dim",
    Verdict.INCONCLUSIVE: "yellow",
    Verdict.CRASH: "bold red",
    Verdict.HANG: "bold red",
}


_WIDTH_OF_FILES = 160


def console(common: CommonOptions) -> Console:
    """Where tables go: standard output, or standard error when that carries results."""
    stream = sys.stderr if common.stdout_is_taken else sys.stdout
    width = None if stream.isatty() else _WIDTH_OF_FILES
    return Console(stderr=common.stdout_is_taken, highlight=False, width=width)


class Bar(campaign.Progress):
    """A progress bar on standard error that counts verdicts as they come."""

    def __init__(self, title: str) -> None:
        self._verdicts: Counter[str] = Counter()
        self._progress = RichProgress(
            TextColumn(f"{title:12}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[verdicts]}"),
            console=Console(stderr=True),
            transient=not sys.stderr.isatty(),
            disable=not sys.stderr.isatty(),
        )

    def start(self, total: int) -> None:
        self._progress.start()
        self._task = self._progress.add_task("", total=total, verdicts="")

    def advance(self, runs: int, results: Sequence[Result]) -> None:
        self._verdicts.update(result.verdict.value for result in results)
        shown = "  ".join(f"{count} {name}" for name, count in sorted(self._verdicts.items()))
        self._progress.update(self._task, advance=runs, verdicts=shown)

    def stop(self) -> None:
        self._progress.stop()


def run_and_show(jobs: Sequence[Job], common: CommonOptions, title: str, versions: dict[str, str]) -> int:
    """What a command does with its plan: list it, or run it, write, report and show; answers the status."""
    if common.list:
        list_jobs(jobs)
        return 0
    results = campaign.carry_out(
        jobs,
        common.out,
        campaign.new_run(common.seed, versions),
        processes=common.jobs,
        progress=Bar(title) if not common.quiet else None,
        report=False,
    )
    with Console(stderr=True).status("drawing the report") if not common.quiet else contextlib.nullcontext():
        campaign.build_report(common.out)
    show(results, common)
    return campaign.exit_status(results)


def list_jobs(jobs: Sequence[Job]) -> None:
    for job in jobs:
        if job.cell is not None:
            cell = job.cell
            pair = " → ".join(name for name in (cell.client, cell.server) if name)
            click.echo(f"{cell.part}  {cell.case}  {pair}")


def show(results: Sequence[Result], common: CommonOptions) -> None:
    """The table in the terminal, and the files asked for."""
    write_json(results, common.json)
    write_junit(results, common.junit)
    screen = console(common)
    if common.verbose:
        screen.print(cell_table(results))
    elif not common.quiet:
        for table in terminal.tables(results):
            screen.print(table)
    departures = [result for result in results if not result.expected]
    if departures and not common.verbose:
        screen.print(Text(f"\n{len(departures)} not as expected:", style="bold"))
        for result in departures[:40]:
            screen.print(departure(result))
        if len(departures) > 40:
            screen.print(f"  … and {len(departures) - 40} more")
    if not common.quiet:
        page = common.out / "index.html"
        screen.print(
            f"\n{summary(results)}" + (f"\nreport: {page}" if page.is_file() else ""), soft_wrap=True
        )


def summary(results: Sequence[Result]) -> str:
    """`32 pass, 2 fail (2 expected)`."""
    counts = Counter(result.verdict for result in results)
    expected = Counter(result.verdict for result in results if result.expected)
    parts = []
    for verdict in Verdict:
        if counts[verdict]:
            note = f" ({expected[verdict]} expected)" if verdict is Verdict.FAIL and expected[verdict] else ""
            parts.append(f"{counts[verdict]} {verdict.value}{note}")
    return ", ".join(parts) or "nothing was run"


def cell_table(results: Sequence[Result]) -> Table:
    """A row for each cell, with its reason."""
    table = Table(box=None, pad_edge=False)
    for name in ("part", "case", "client", "server", "verdict", "reason"):
        table.add_column(name, overflow="fold")
    for result in results:
        note = "" if result.expected else " (not as expected)"
        table.add_row(
            result.part,
            result.case,
            result.client,
            result.server,
            Text(result.verdict.value + note, style=STYLES[result.verdict]),
            _reason(result),
        )
    return table


def departure(result: Result) -> Text:
    pair = " → ".join(name for name in (result.client, result.server) if name)
    text = Text("  ")
    text.append(f"{result.verdict.value:12}", style=STYLES[result.verdict])
    text.append(f" {result.part} {result.case}  {pair}\n")
    text.append(f"               {_reason(result)}")
    if result.command:
        text.append(f"\n               {result.command}", style="dim")
    return text


def write_json(results: Sequence[Result], file: str | None) -> None:
    if file is not None:
        write_text(file, msgspec.json.format(msgspec.json.encode(list(results)), indent=2).decode() + "\n")


def write_junit(results: Sequence[Result], file: str | None) -> None:
    """JUnit XML: a departure is a failure, unsupported is skipped, known failures pass with their reason."""
    if file is None:
        return
    suites = Xml.Element("testsuites", name="dtlslab")
    for part in dict.fromkeys(result.part for result in results):
        group = [result for result in results if result.part == part]
        suite = Xml.SubElement(
            suites,
            "testsuite",
            name=part,
            tests=str(len(group)),
            failures=str(sum(not result.expected for result in group)),
            skipped=str(sum(r.expected and r.verdict is Verdict.UNSUPPORTED for r in group)),
        )
        for result in group:
            _junit_case(suite, result)
    Xml.indent(suites)
    write_text(file, Xml.tostring(suites, encoding="unicode", xml_declaration=True) + "\n")


def _junit_case(suite: Xml.Element, result: Result) -> None:
    pair = "--".join(name for name in (result.client, result.server) if name)
    case = Xml.SubElement(
        suite,
        "testcase",
        classname=f"{result.part}.{pair}",
        name=result.case,
        time=f"{result.real_seconds:.3f}",
    )
    if not result.expected:
        failure = Xml.SubElement(case, "failure", type=result.verdict.value, message=_reason(result))
        failure.text = "\n".join(text for text in (result.title, result.command, result.details) if text)
    elif result.verdict is Verdict.UNSUPPORTED:
        Xml.SubElement(case, "skipped", message=result.reason)
    elif result.verdict is not Verdict.PASS:
        Xml.SubElement(case, "system-out").text = f"known {result.verdict.value}: {_reason(result)}"


def _reason(result: Result) -> str:
    return f"{result.reason} [{result.citation}]" if result.citation is not None else result.reason


def write_text(file: str, text: str) -> None:
    """Writes to a file, or to standard output for `-`."""
    if file == "-":
        click.echo(text, nl=False)
    else:
        Path(file).write_text(text, encoding="utf-8")
