# SPDX-License-Identifier: MIT
"""Worker processes: reuse, crashes, hangs, errors, and that none is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from dtlslab import campaign
from dtlslab.results import Cell
from dtlslab.verdict import Verdict
from dtlslab.workers import Job, JobResult, Pool, run_jobs

HERE = Path(__file__).parent


@pytest.fixture(autouse=True)
def _jobs_on_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(HERE))


def job(name: str, **arguments: object) -> Job:
    cell = Cell(part="test", case=name, client="a", server="b")
    return Job(function=f"jobs:{name}", arguments=arguments, cell=cell, timeout_cpu_seconds=0.3)


def test_results_come_in_the_order_of_the_jobs() -> None:
    seen: list[JobResult] = []
    results = run_jobs([job("square", number=n) for n in range(20)], 2, seen.append)
    assert [result.decode(int) for result in results] == [n * n for n in range(20)]
    assert len(seen) == 20


def test_a_worker_is_used_again() -> None:
    with Pool(1) as pool:
        first = pool.run([job("process_id"), job("process_id")])
        second = pool.run([job("process_id")])
    ids = {result.decode(int) for result in first + second}
    assert len(ids) == 1
    assert os.getpid() not in ids


def test_crash_hang_error_and_the_run_goes_on() -> None:
    jobs = [
        job("die", number=signal.SIGSEGV),
        job("spin"),
        job("fail"),
        job("leave", status=7),
        job("square", number=3),
    ]
    crash, hang, error, left, fine = run_jobs(jobs, 1)
    assert crash.verdict is Verdict.CRASH
    assert "SIGSEGV" in crash.error
    assert "last words" in crash.details
    assert hang.verdict is Verdict.HANG
    assert "processor time" in hang.error
    assert error.verdict is None
    assert error.error == "LookupError: not to be found"
    assert "in fail" in error.details
    assert "status 7" in left.error
    assert fine.decode(int) == 9


def test_a_job_that_waits_for_ever_is_a_hang() -> None:
    (hang,) = run_jobs([Job(function="jobs:wait", timeout_seconds=0.3)])
    assert hang.verdict is Verdict.HANG
    assert "no answer in" in hang.error


def test_a_campaign_has_a_result_for_every_job() -> None:
    jobs = [job("die", number=signal.SIGABRT), job("passing", case="x"), job("fail")]
    crash, fine, error = campaign.execute(jobs, processes=2)
    assert (crash.verdict, crash.case, crash.expected) == (Verdict.CRASH, "die", False)
    assert (fine.verdict, fine.case, fine.expected) == (Verdict.PASS, "x", True)
    assert error.verdict is Verdict.INCONCLUSIVE
    assert campaign.exit_status([crash, fine]) == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_is_left_behind(tmp_path: Path, number: signal.Signals) -> None:
    notes = tmp_path / "ids"
    process = subprocess.Popen([sys.executable, str(HERE / "jobs.py"), str(notes)], stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: notes.exists() and len(notes.read_text().split()) == 2)
        worker, child = (int(word) for word in notes.read_text().split())
        process.send_signal(number)
        process.wait(20)
        wait_for(lambda: not alive(worker))
        if number is signal.SIGINT:
            wait_for(lambda: not alive(child))
        elif alive(child):
            os.kill(child, signal.SIGKILL)
    finally:
        process.kill()
        process.wait()


def alive(process_id: int) -> bool:
    try:
        status = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return status != "Z"


def wait_for(condition: object) -> None:
    """Waits until a condition on other processes holds; they are real, and so is the time."""
    assert callable(condition)
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        os.sched_yield()
