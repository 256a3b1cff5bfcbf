# SPDX-License-Identifier: MIT
"""`dtlslab netx-tests`: the public regression tests of NetX Secure DTLS over this library's services."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from dtlslab import campaign
from dtlslab import netx_tests as regression
from dtlslab.cli.options import CommonOptions, common_options
from dtlslab.cli.output import STYLES, Bar, console, departure, write_json, write_junit
from dtlslab.errors import BadInput
from dtlslab.netx_tests import Builder, Expected, Judge, Sanitizer
from dtlslab.results import Result, write_results, write_run
from dtlslab.verdict import Verdict

_WORDS = {Verdict.PASS: "passed", Verdict.FAIL: "failed", Verdict.UNSUPPORTED: "not applicable"}


@click.command("netx-tests")
@click.option(
    "--from",
    "checkout",
    required=True,
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="A checkout of NetX Duo, whose DTLS tests are compiled.",
)
@click.option(
    "--filter", "patterns", multiple=True, metavar="PATTERN", help="Tests, by name; * and ? stand for any."
)
@click.option("--repeat", default=1, show_default=True, type=click.IntRange(min=1), help="Runs of each test.")
@click.option(
    "--sanitize",
    type=click.Choice(["address", "thread"]),
    help="Build the library and the tests with the address and undefined behaviour, or the thread sanitizer.",
)
@common_options
def netx_tests(
    common: CommonOptions,
    checkout: Path,
    patterns: tuple[str, ...],
    repeat: int,
    sanitize: Sanitizer | None,
) -> int:
    """Run the public regression tests of NetX Secure DTLS.

    Compiles them from a checkout of NetX Duo against this library's headers, runs them in virtual time and in
    parallel, and says which passed, which failed and which do not apply, each with the reason. A test that
    ends in another way than libdtls/tests/netx-tests/expected.toml says gives status 1.
    """
    checkout = checkout.absolute()
    tests = regression.select(regression.find_tests(checkout), patterns)
    if not tests:
        raise BadInput(f"no DTLS test matches {' '.join(patterns)}; --list names them all", field="--filter")
    expected = regression.read_expected()
    if common.list:
        for name in tests:
            known = expected.known.get(name)
            click.echo(name if known is None else f"{name}  not expected to pass: {known.cause}")
        return 0
    with Console(stderr=True).status("building the library"):
        builder = regression.prepare(sanitize)
    options = f" --sanitize {sanitize}" if sanitize else ""
    results = _run(builder, tests, expected, Judge(checkout, expected, options), repeat, common)
    _show(results, repeat, common)
    return campaign.exit_status(results)


def _run(
    builder: Builder,
    tests: dict[str, Path],
    expected: Expected,
    judge: Judge,
    repeat: int,
    common: CommonOptions,
) -> list[Result]:
    common.out.mkdir(parents=True, exist_ok=True)
    run = campaign.new_run(common.seed, {})
    write_run(common.out / "run.json", run)
    bar: campaign.Progress = campaign.Progress() if common.quiet else Bar("netx-tests")
    results: list[Result] = []
    start = time.monotonic()
    bar.start(len(tests) * repeat)
    try:
        for name, ended, runs in regression.run_all(builder, tests, expected, repeat, common.jobs):
            if ended is not None:
                results.append(judge.result(name, ended))
            bar.advance(runs, results[-1:] if ended is not None else [])
        run = msgspec.structs.replace(run, complete=True)
    finally:
        bar.stop()
        results.sort(key=lambda result: result.case)
        write_results(common.out / "results.jsonl", results)
        write_run(
            common.out / "run.json", msgspec.structs.replace(run, real_seconds=time.monotonic() - start)
        )
    return results


def _show(results: Sequence[Result], repeat: int, common: CommonOptions) -> None:
    write_json(results, common.json)
    write_junit(results, common.junit)
    screen = console(common)
    wrong = [result for result in results if not result.expected]
    if not common.quiet:
        screen.print(_table(results))
    for result in wrong:
        screen.print(departure(result))
    if common.quiet:
        return
    counts = Counter(result.verdict for result in results)
    failed = sum(counts.values()) - counts[Verdict.PASS] - counts[Verdict.UNSUPPORTED]
    known = sum(result.expected and result.verdict is Verdict.FAIL for result in results)
    each = f", {repeat} runs of each" if repeat > 1 else ""
    screen.print(
        f"\n{counts[Verdict.PASS]} passed, {failed} failed ({known} of them known), "
        f"{counts[Verdict.UNSUPPORTED]} not applicable{each}"
    )


def _table(results: Sequence[Result]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("test", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("ms", justify="right")
    table.add_column("why")
    for result in results:
        runs = result.metrics["runs"]
        style = "yellow" if result.expected and result.verdict is Verdict.FAIL else STYLES[result.verdict]
        table.add_row(
            result.case,
            Text(_WORDS.get(result.verdict, result.verdict.value), style=style),
            f"{1000 * result.real_seconds / runs:.0f}" if runs else "",
            Text(result.reason),
        )
    return table
