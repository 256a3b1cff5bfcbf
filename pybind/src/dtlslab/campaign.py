# SPDX-License-Identifier: MIT
"""Carries out a plan of jobs and leaves what every command leaves.

Each job's function answers a list of `Result`; its traces it writes itself, to
`Cell.folder` below the out folder. Here the jobs are run over the workers with
a progress bar, and the out folder gets `run.json`, `results.jsonl` and the
report.
"""

from __future__ import annotations

import datetime
import os
import platform
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from dtlslab.plugins import resolve
from dtlslab.results import Cell, Result, Run, write_results, write_run
from dtlslab.verdict import Outcome, Verdict
from dtlslab.version import __version__
from dtlslab.workers import Job, JobResult, run_jobs


class Progress:
    """Told of each job as it ends. The command line draws it as a bar; this one is silent."""

    def start(self, total: int) -> None:
        """So many runs lie ahead."""

    def advance(self, runs: int, results: Sequence[Result]) -> None:
        """A job that stood for `runs` runs has ended."""

    def stop(self) -> None:
        """All is over, or interrupted."""


def new_run(seed: int, versions: dict[str, str]) -> Run:
    """What `run.json` says at the start."""
    return Run(
        command=["dtlslab", *sys.argv[1:]],
        seed=seed,
        started=datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
        host={
            "system": platform.platform(),
            "machine": platform.machine(),
            "cores": str(os.cpu_count() or 1),
        },
        versions={"dtlslab": __version__, "python": platform.python_version(), **versions},
    )


def execute(
    jobs: Sequence[Job], *, processes: int | None = None, progress: Progress | None = None
) -> list[Result]:
    """Runs the jobs and gathers their results, in the order of the jobs.

    A job that crashed, hung or raised gives one result for its cell.
    """
    bar = progress or Progress()
    bar.start(sum(job.runs for job in jobs))
    groups = _Groups(jobs)
    gathered: dict[int, list[Result]] = {}

    def done(ended: JobResult) -> None:
        complete = groups.add(ended)
        results = results_of(complete) if complete else []
        if complete:
            gathered[groups.position(complete[0].job)] = results
        bar.advance(ended.job.runs, results)

    try:
        run_jobs(jobs, processes, done)
    finally:
        bar.stop()
    return [result for index in sorted(gathered) for result in gathered[index]]


class _Groups:
    """Jobs that are merged, by their cell; any other job is a group of its own."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self._members: dict[object, list[Job]] = {}
        self._ended: dict[object, list[JobResult]] = {}
        self._positions: dict[int, int] = {}
        for position, job in enumerate(jobs):
            self._members.setdefault(self._key(job), []).append(job)
            self._positions[id(job)] = position

    def add(self, ended: JobResult) -> list[JobResult]:
        """Takes note of a job that has ended; answers its whole group once that is complete, in order."""
        key = self._key(ended.job)
        there = self._ended.setdefault(key, [])
        there.append(ended)
        if len(there) < len(self._members[key]):
            return []
        return sorted(there, key=lambda result: self.position(result.job))

    def position(self, job: Job) -> int:
        return self._positions[id(job)]

    @staticmethod
    def _key(job: Job) -> object:
        return job.cell if job.merge is not None else id(job)


def carry_out(
    jobs: Sequence[Job],
    out: Path,
    run: Run,
    *,
    processes: int | None = None,
    progress: Progress | None = None,
    report: bool = True,
) -> list[Result]:
    """`execute`, with run.json, results.jsonl and the report in `out`.

    Interrupted, it leaves what was done so far, and `complete` false in run.json.
    Traces of an earlier run in the same folder are removed.
    """
    if (out / "run.json").is_file():
        shutil.rmtree(out / "traces", ignore_errors=True)
    out.mkdir(parents=True, exist_ok=True)
    write_run(out / "run.json", run)
    start = time.monotonic()
    keeper = _Keeper(progress or Progress())
    try:
        results = execute(jobs, processes=processes, progress=keeper)
        run = msgspec.structs.replace(run, complete=True)
    finally:
        run = msgspec.structs.replace(run, real_seconds=time.monotonic() - start)
        for unfinished in out.glob("traces/**/.*.partial"):
            shutil.rmtree(unfinished, ignore_errors=True)
        write_results(out / "results.jsonl", keeper.results)
        write_run(out / "run.json", run)
    write_results(out / "results.jsonl", results)
    if report:
        build_report(out)
    return results


def results_of(group: Sequence[JobResult]) -> list[Result]:
    """The results of a group of jobs, or the one that says why there are none."""
    for ended in group:
        if not ended.ok:
            return [_without_answer(ended)]
    merge = group[0].job.merge
    if merge is not None:
        return [resolve(merge)(group)]
    return group[0].decode(list[Result])


def _without_answer(ended: JobResult) -> Result:
    cell = ended.job.cell or Cell(part="job", case=ended.job.function)
    outcome = Outcome(ended.verdict or Verdict.INCONCLUSIVE, ended.error)
    return Result.of(
        cell, outcome, details=ended.details, real_seconds=ended.real_seconds, seed=ended.job.seed
    )


def build_report(out: Path) -> Path | None:
    """Draws `index.html` of an out folder from what is in it."""
    from dtlslab import report

    return report.build(out)


def exit_status(results: Sequence[Result]) -> int:
    """0 when all is as expected, else 1."""
    return 0 if all(result.expected for result in results) else 1


class _Keeper(Progress):
    """Keeps results as they come, so that an interrupted run has them."""

    def __init__(self, inner: Progress) -> None:
        self.results: list[Result] = []
        self._inner = inner

    def start(self, total: int) -> None:
        self._inner.start(total)

    def advance(self, runs: int, results: Sequence[Result]) -> None:
        self.results += results
        self._inner.advance(runs, results)

    def stop(self) -> None:
        self._inner.stop()
