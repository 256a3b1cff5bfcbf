# SPDX-License-Identifier: MIT
"""Runs each libFuzzer target of a build for a while, as many at a time as there are cores.

Prints executions a second, coverage (edges of instrumented code that were
reached), and for a finding the command that repeats it; leaves a JUnit file,
and findings in `out/test/fuzz/`. New inputs are kept in the build, apart from
the committed corpora.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
CORPORA = ROOT / "libdtls" / "fuzz" / "corpus"
PREFIX = "libdtls-fuzz-"
STATUS = re.compile(r"^#(?P<runs>\d+)\s.*?cov: (?P<edges>\d+) ft: \d+ corp: (?P<corpus>\d+)", re.MULTILINE)
ARTIFACT = re.compile(r"Test unit written to (\S+)")
REASON = re.compile(r"(\S+: not so: .*|.*runtime error: .*|SUMMARY: .*|ERROR: libFuzzer: .*)")
# What a hang or a leak of memory is, in seconds and megabytes.
LIMITS = ("-timeout=10", "-rss_limit_mb=2048")
console = Console(stderr=True)


@dataclass(frozen=True)
class Outcome:
    """What became of one target."""

    target: str
    seconds: float
    runs: int
    edges: int
    corpus: int
    finding: str
    repeat: str


def targets(build: Path) -> list[Path]:
    """The fuzzing programs of a build, without the one that writes seeds."""
    folder = next((path for path in (build / "libdtls" / "fuzz", build / "fuzz") if path.is_dir()), build)
    programs = (path for path in folder.glob(f"{PREFIX}*") if path.is_file() and os.access(path, os.X_OK))
    return sorted(path for path in programs if path.name != f"{PREFIX}seeds")


def fuzz(program: Path, seconds: int, out: Path) -> Outcome:
    """One target, for so many seconds at most."""
    target = program.name.removeprefix(PREFIX)
    found, learned = out / target, program.parent / "learned" / target
    for folder in (found, learned):
        folder.mkdir(parents=True, exist_ok=True)
    command = [str(program), f"-max_total_time={seconds}", f"-artifact_prefix={found}/", *LIMITS]
    began = time.monotonic()
    done = subprocess.run(
        [*command, str(learned), str(CORPORA / target)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
        timeout=seconds * 3 + 120,
    )
    (found / "log.txt").write_text(done.stdout)
    status = {"runs": "0", "edges": "0", "corpus": "0"}
    for line in STATUS.finditer(done.stdout):
        status = line.groupdict()
    artifact, reason = ARTIFACT.search(done.stdout), REASON.search(done.stdout)
    finding = "" if done.returncode == 0 else reason.group(1) if reason else f"status {done.returncode}"
    repeat = f"{program} {artifact.group(1)}" if artifact else " ".join(command)
    return Outcome(
        target=target,
        seconds=time.monotonic() - began,
        runs=int(status["runs"]),
        edges=int(status["edges"]),
        corpus=int(status["corpus"]),
        finding=finding,
        repeat=repeat if finding else "",
    )


def write_junit(path: Path, outcomes: list[Outcome]) -> None:
    """One test case a target."""
    failures = sum(1 for outcome in outcomes if outcome.finding)
    suite = ET.Element("testsuite", name="fuzz", tests=str(len(outcomes)), failures=str(failures))
    for outcome in outcomes:
        case = ET.SubElement(suite, "testcase", name=outcome.target, time=f"{outcome.seconds:.1f}")
        if outcome.finding:
            ET.SubElement(case, "failure", message=outcome.finding).text = outcome.repeat
    ET.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)


def show(outcomes: list[Outcome]) -> None:
    """The table, and what to do about findings."""
    table = Table(title="Fuzzing, under the address and undefined-behaviour sanitizers")
    for heading in ("target", "runs", "runs/s", "edges", "inputs", "finding"):
        table.add_column(heading, justify="left" if heading in ("target", "finding") else "right")
    for outcome in outcomes:
        numbers = (outcome.runs, round(outcome.runs / outcome.seconds), outcome.edges, outcome.corpus)
        style = "red" if outcome.finding else None
        table.add_row(
            outcome.target, *(f"{number:,}" for number in numbers), outcome.finding or "none", style=style
        )
    console.print(table)
    for outcome in outcomes:
        if outcome.finding:
            console.print(f"{outcome.target}: {outcome.finding}", style="red")
            console.print(f"  repeat with: {outcome.repeat}", soft_wrap=True)


def run_all(programs: list[Path], seconds: int, out: Path, jobs: int) -> Iterator[Outcome]:
    """The targets in parallel, told as they end."""
    with ThreadPoolExecutor(jobs) as pool:
        for outcome in pool.map(lambda program: fuzz(program, seconds, out), programs):
            console.print(f"{outcome.target}: {outcome.finding or f'{outcome.runs:,} runs'}")
            yield outcome


def main() -> int:
    """0: no findings; 1: some; 2: there is nothing to run."""
    parser = argparse.ArgumentParser(description="Runs each fuzz target for a while.")
    parser.add_argument("--build", type=Path, required=True, help="of the preset fuzz")
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="targets at a time")
    parser.add_argument("--junit", type=Path, help="where the JUnit file goes")
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "test" / "fuzz", help="for findings, logs")
    arguments = parser.parse_args()
    programs = targets(arguments.build)
    if not programs:
        console.print(f"{arguments.build}: no fuzzing programs", style="red")
        return 2
    outcomes = list(run_all(programs, arguments.seconds, arguments.out, arguments.jobs))
    show(outcomes)
    if arguments.junit is not None:
        write_junit(arguments.junit, outcomes)
    return 1 if any(outcome.finding for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
