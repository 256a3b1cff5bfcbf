# SPDX-License-Identifier: MIT
"""Functions that the tests of the workers run as jobs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from dtlslab.results import Cell, Result
from dtlslab.verdict import passed
from dtlslab.workers import Job, run_jobs


def square(number: int) -> int:
    return number * number


def process_id() -> int:
    return os.getpid()


def die(number: int) -> None:
    print("last words", file=sys.stderr, flush=True)
    os.kill(os.getpid(), number)


def leave(status: int) -> None:
    os._exit(status)


def spin() -> None:
    while True:
        pass


def wait() -> None:
    signal.pause()


def fail() -> None:
    raise LookupError("not to be found")


def passing(case: str) -> list[Result]:
    return [Result.of(Cell(part="test", case=case, client="a", server="b"), passed("well"))]


def start_child_and_wait(notes: str) -> None:
    """Starts a process that would never end, writes down both ids and waits for ever."""
    child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
    Path(notes).write_text(f"{os.getpid()} {child.pid}")
    signal.pause()


def main() -> None:
    """A program that is to be interrupted while a job is under way."""
    run_jobs([Job(function="jobs:start_child_and_wait", arguments={"notes": sys.argv[1]})])


if __name__ == "__main__":
    main()
