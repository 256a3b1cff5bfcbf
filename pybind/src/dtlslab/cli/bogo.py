# SPDX-License-Identifier: MIT
"""`dtlslab bogo`: BoringSSL's protocol tests over libdtls."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.table import Table

from dtlslab import bogo as tests_of_boringssl
from dtlslab import campaign
from dtlslab.bogo import Judge, Runner, Test, token_of
from dtlslab.cli.options import CommonOptions, common_options
from dtlslab.cli.output import Bar, console, departure, write_json, write_junit
from dtlslab.errors import BadInput
from dtlslab.results import Result, write_results, write_run
from dtlslab.verdict import Verdict


@click.command()
@click.option(
    "--runner",
    "checkout",
    required=True,
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="A checkout of BoringSSL, whose runner is built with Go.",
)
@click.option(
    "--filter", "patterns", multiple=True, metavar="PATTERN", help="Tests, by name; * and ? stand for any."
)
@common_options
def bogo(common: CommonOptions, checkout: Path, patterns: tuple[str, ...]) -> int:
    """Run the DTLS tests of BoringSSL's runner over libdtls.

    Builds the runner and the shim, runs the tests in parallel and says which passed, which failed and which
    do not apply, the last by reason. A failure that libdtls/tests/bogo/expected.toml does not name gives
    status 1.
    """
    checkout = checkout.absolute()
    with Console(stderr=True).status("building the runner and the shim"):
        runner = tests_of_boringssl.prepare(checkout)
        everything = runner.tests()
    chosen = tests_of_boringssl.select(everything, patterns)
    if not chosen:
        raise BadInput(f"no DTLS test matches {' '.join(patterns)}; --list names them all", field="--filter")
    if common.list:
        for test in chosen:
            click.echo(f"{test.name}  libdtls is the {test.role}")
        return 0
    reasons = runner.reasons()
    results = _run(runner, chosen, Judge(checkout, everything, reasons), common)
    _show(results, reasons, common)
    return campaign.exit_status(results)


def _run(runner: Runner, tests: Sequence[Test], judge: Judge, common: CommonOptions) -> list[Result]:
    transcripts = common.out / "transcripts"
    if (common.out / "run.json").is_file():
        shutil.rmtree(transcripts, ignore_errors=True)
    common.out.mkdir(parents=True, exist_ok=True)
    run = campaign.new_run(common.seed, {})
    write_run(common.out / "run.json", run)
    bar: campaign.Progress = campaign.Progress() if common.quiet else Bar("bogo")
    results: list[Result] = []
    start = time.monotonic()
    bar.start(len(tests))
    try:
        # The generator ends the runner when this function is left early.
        with contextlib.closing(runner.run(tests, transcripts, jobs=common.jobs)) as ended_tests:
            for ended in ended_tests:
                results.append(judge.result(ended, transcripts))
                bar.advance(1, results[-1:])
        _run_again(runner, tests, judge, common, results)
        run = msgspec.structs.replace(run, complete=True)
    finally:
        bar.stop()
        results.sort(key=lambda result: result.case)
        write_results(common.out / "results.jsonl", results)
        write_run(
            common.out / "run.json", msgspec.structs.replace(run, real_seconds=time.monotonic() - start)
        )
    return results


def _run_again(
    runner: Runner, tests: Sequence[Test], judge: Judge, common: CommonOptions, results: list[Result]
) -> None:
    """Runs at DTLS 1.2 what leaves the version open and was offered DTLS 1.3; that result counts."""
    places = {result.case: i for i, result in enumerate(results) if judge.leaves_version_open(result)}
    again = [test for test in tests if test.name in places]
    if not again:
        return
    transcripts = common.out / "transcripts" / "1.2"
    running = runner.run(again, transcripts, jobs=common.jobs, highest_1_2=True)
    with contextlib.closing(running) as ended_tests:
        for ended in ended_tests:
            results[places[ended.name]] = judge.result(ended, transcripts, highest_1_2=True)


def _show(results: Sequence[Result], reasons: Mapping[str, str], common: CommonOptions) -> None:
    write_json(results, common.json)
    write_junit(results, common.junit)
    screen = console(common)
    wrong = [result for result in results if not result.expected]
    known = [result for result in results if result.expected and result.verdict is Verdict.FAIL]
    for result in wrong:
        screen.print(departure(result))
    if common.quiet:
        return
    for result in known:
        screen.print(f"  known        {result.case}: {result.reason}", soft_wrap=True, style="dim")
    screen.print(_not_applicable(results, reasons))
    counts = Counter(result.verdict for result in results)
    screen.print(
        f"\n{counts[Verdict.PASS]} passed, {counts[Verdict.FAIL]} failed ({len(known)} of them known), "
        f"{counts[Verdict.UNSUPPORTED]} not applicable"
    )


def _not_applicable(results: Sequence[Result], reasons: Mapping[str, str]) -> Table:
    """How many tests each reason turns away."""
    counts = Counter(token_of(result) for result in results if result.verdict is Verdict.UNSUPPORTED)
    table = Table(box=None, pad_edge=False, title="Not applicable", title_justify="left")
    for name in ("tests", "reason", "what libdtls does not set out to do"):
        table.add_column(name, justify="right" if name == "tests" else "left")
    for token, count in counts.most_common():
        table.add_row(str(count), token, reasons[token])
    return table
