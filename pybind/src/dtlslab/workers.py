# SPDX-License-Identifier: MIT
"""Worker processes: spawned, never forked, each reused for many jobs.

A job names a function and its arguments. A worker that dies of a signal is the
verdict `crash`; one that burns its budget of processor time without an answer
is killed, and is a `hang`; the run goes on with a new worker either way. No
worker outlives the process that started it.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import IO, Any, Self, TypeVar

import msgspec

from dtlslab.results import Cell
from dtlslab.verdict import Verdict

T = TypeVar("T")

CPU_SECONDS = 60.0
_POLL_SECONDS = 0.2
_GRACE_SECONDS = 2.0
_TICKS = os.sysconf("SC_CLK_TCK")
_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from dtlslab.worker_main import main; main(int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))"
)


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A call to be made in a worker. What the function answers must be fit for msgpack (structs are)."""

    function: str
    """`module:function`."""
    arguments: dict[str, Any] = {}
    cell: Cell | None = None
    """What it judges: names the result of a job that crashes or hangs."""
    timeout_cpu_seconds: float = CPU_SECONDS
    """Processor time after which a worker without an answer is a hang."""
    timeout_seconds: float = 600.0
    """Real time after which a worker without an answer is a hang, for jobs that wait."""
    merge: str | None = None
    """`module:function` that makes one `Result` of the `JobResult`s of all jobs with the same cell.

    Without it, the function answers `list[Result]`.
    """
    runs: int = 1
    """How many runs it stands for in a progress bar."""
    seed: int = 1


class JobResult(msgspec.Struct, kw_only=True):
    """How a job ended. `verdict` is None when the function answered or raised."""

    job: Job
    value: msgspec.Raw | None = None
    verdict: Verdict | None = None
    """CRASH or HANG when the worker did not survive."""
    error: str = ""
    """What went wrong in one sentence; empty when the function answered."""
    details: str = ""
    """The traceback, or the last lines that the worker wrote to its standard error."""
    real_seconds: float = 0.0

    @property
    def ok(self) -> bool:
        return self.value is not None

    def decode(self, kind: type[T]) -> T:
        """What the function answered, as `kind`."""
        if self.value is None:
            raise ValueError(f"{self.job.function} gave no answer: {self.error}")
        return msgspec.msgpack.decode(self.value, type=kind)


class Request(msgspec.Struct):
    """What goes to a worker."""

    function: str
    arguments: dict[str, Any]


class Reply(msgspec.Struct):
    """What comes back. Raw has no union with None in msgspec: nil stands for no value."""

    value: msgspec.Raw = msgspec.Raw(b"\xc0")
    error: str = ""
    details: str = ""
    real_seconds: float = 0.0


OnDone = Callable[[JobResult], None]


def run_jobs(
    jobs: Sequence[Job], processes: int | None = None, on_done: OnDone | None = None
) -> list[JobResult]:
    """Runs the jobs over `processes` workers (default: one a core) and answers in the order of the jobs.

    `on_done` is called in this thread as each job ends. On an exception here,
    KeyboardInterrupt included, jobs under way have two seconds to end; then
    every worker is killed.
    """
    with Pool(processes) as pool:
        return pool.run(jobs, on_done)


class Pool:
    """A set of workers that several calls of `run` share."""

    def __init__(self, processes: int | None = None) -> None:
        self.processes = max(1, processes or len(os.sched_getaffinity(0)))
        self._workers: list[_Worker] = []
        self._selector = selectors.DefaultSelector()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(grace=_GRACE_SECONDS if kind is not None else 0.0)

    def run(self, jobs: Sequence[Job], on_done: OnDone | None = None) -> list[JobResult]:
        waiting = deque(enumerate(jobs))
        results: list[JobResult | None] = [None] * len(jobs)
        left = len(jobs)
        while left:
            self._hand_out(waiting)
            for worker in self._finished():
                result = worker.take()
                if worker.dead:
                    self._forget(worker)
                results[worker.index] = result
                left -= 1
                if on_done is not None:
                    on_done(result)
        return [result for result in results if result is not None]

    def close(self, grace: float = 0.0) -> None:
        """Ends all workers; those at work have `grace` seconds to finish what they do."""
        end = time.monotonic() + grace
        for worker in self._workers:
            if worker.busy:
                worker.wait(max(0.0, end - time.monotonic()))
        for worker in list(self._workers):
            worker.kill()
            self._forget(worker)

    def _hand_out(self, waiting: deque[tuple[int, Job]]) -> None:
        idle = [worker for worker in self._workers if not worker.busy]
        while waiting and (idle or len(self._workers) < self.processes):
            worker = idle.pop() if idle else self._start()
            index, job = waiting.popleft()
            worker.give(index, job)

    def _finished(self) -> list[_Worker]:
        """Waits a moment, and tells which workers have an answer, have died or have used up their budget."""
        ready = {id(key.data) for key, _ in self._selector.select(_POLL_SECONDS)}
        return [w for w in self._workers if w.busy and ((id(w) in ready and w.read()) or w.over_budget())]

    def _start(self) -> _Worker:
        worker = _Worker()
        self._workers.append(worker)
        self._selector.register(worker.answers, selectors.EVENT_READ, worker)
        return worker

    def _forget(self, worker: _Worker) -> None:
        self._selector.unregister(worker.answers)
        self._workers.remove(worker)
        worker.free()


class _Worker:
    """One worker process and the job it is at."""

    def __init__(self) -> None:
        requests_read, requests_write = os.pipe()
        answers_read, answers_write = os.pipe()
        self.errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `free`
        arguments = [json.dumps(sys.path), str(requests_read), str(answers_write), str(os.getpid())]
        self.process = subprocess.Popen(
            [sys.executable, "-c", _START, *arguments],
            pass_fds=(requests_read, answers_write),
            stdin=subprocess.DEVNULL,
            stdout=self.errors,
            stderr=self.errors,
            start_new_session=True,
        )
        os.close(requests_read)
        os.close(answers_write)
        self.requests = requests_write
        self.answers = answers_read
        self.dead = False
        self.index = -1
        self.job: Job | None = None
        self._buffer = bytearray()
        self._result: JobResult | None = None
        self._cpu_at_start = 0.0
        self._started = 0.0

    @property
    def busy(self) -> bool:
        return self.job is not None

    def give(self, index: int, job: Job) -> None:
        self.index, self.job, self._result = index, job, None
        self._buffer.clear()
        self._cpu_at_start = self._cpu_seconds()
        self._started = time.monotonic()
        self.errors.truncate(0)
        self.errors.seek(0)
        frame = msgspec.msgpack.encode(Request(job.function, job.arguments))
        with contextlib.suppress(BrokenPipeError):
            _write_all(self.requests, len(frame).to_bytes(4, "big") + frame)

    def read(self) -> bool:
        """Reads what has come; True when the job has ended."""
        chunk = os.read(self.answers, 1 << 16)
        if not chunk:
            self._result = self._died()
            return True
        self._buffer += chunk
        if len(self._buffer) < 4:
            return False
        length = int.from_bytes(self._buffer[:4], "big")
        if len(self._buffer) < 4 + length:
            return False
        reply = msgspec.msgpack.decode(bytes(self._buffer[4 : 4 + length]), type=Reply)
        assert self.job is not None
        self._result = JobResult(
            job=self.job,
            value=reply.value if not reply.error else None,
            error=reply.error,
            details=reply.details,
            real_seconds=reply.real_seconds,
        )
        return True

    def over_budget(self) -> bool:
        """Whether the job has used up its processor or its real time; then it is a hang."""
        if self.job is None or self._result is not None:
            return False
        real = time.monotonic() - self._started
        if real < min(self.job.timeout_cpu_seconds, self.job.timeout_seconds):
            return False
        cpu = self._cpu_seconds() - self._cpu_at_start
        if cpu >= self.job.timeout_cpu_seconds:
            reason = f"burnt {cpu:.1f} s of processor time without an answer"
        elif real >= self.job.timeout_seconds:
            reason = f"gave no answer in {real:.0f} s"
        else:
            return False
        self.kill()
        self._result = self._ended(Verdict.HANG, reason)
        return True

    def take(self) -> JobResult:
        """The result of the job that has ended."""
        assert self._result is not None
        result, self._result, self.job = self._result, None, None
        return result

    def wait(self, seconds: float) -> None:
        """Waits for the answer of the job under way, which nobody will take."""
        with selectors.DefaultSelector() as selector:
            selector.register(self.answers, selectors.EVENT_READ)
            end = time.monotonic() + seconds
            while selector.select(max(0.0, end - time.monotonic())):
                if self.read():
                    return

    def kill(self) -> None:
        """Ends the process and whatever it has started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.dead = True

    def free(self) -> None:
        os.close(self.requests)
        os.close(self.answers)
        self.errors.close()

    def _died(self) -> JobResult:
        status = self.process.wait()
        self.kill()
        if status < 0:
            return self._ended(Verdict.CRASH, f"the process died of {_signal_name(-status)}")
        return self._ended(Verdict.CRASH, f"the process ended by itself with status {status}")

    def _ended(self, verdict: Verdict, reason: str) -> JobResult:
        assert self.job is not None
        self.errors.seek(0)
        tail = self.errors.read()[-8000:].decode(errors="replace")
        real = time.monotonic() - self._started
        return JobResult(job=self.job, verdict=verdict, error=reason, details=tail, real_seconds=real)

    def _cpu_seconds(self) -> float:
        try:
            with open(f"/proc/{self.process.pid}/stat", "rb") as file:
                fields = file.read().rpartition(b")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return 0.0
        user, system = int(fields[11]), int(fields[12])
        return (user + system) / _TICKS


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
