# SPDX-License-Identifier: MIT
"""One cell: a shape, a kind of fault and two stacks; or one schedule of it, with its trace."""

from __future__ import annotations

import functools
import shlex
import time
from collections.abc import Sequence
from pathlib import Path

from dtlslab import Outcome, Result, Verdict, locations
from dtlslab.expected import Expectations
from dtlslab.results import Cell
from dtlslab.trials import End, Fault, FaultKind, Schedule, Trial
from dtlslab.verdict import failed, inconclusive, passed

from dtlslab_interop import implementations
from dtlslab_interop.bench import FLIGHTS
from dtlslab_interop.cell import carry_out
from dtlslab_interop.implementations import Implementation
from dtlslab_interop.losses import repeat
from dtlslab_interop.losses.search import Search, search, trials_of
from dtlslab_interop.losses.shapes import KIND_TITLES, SHAPES, Shape

PART = "losses"
MOST_LISTED = 100

ENDS = {
    End.NO_SETUP: "an endpoint could not be made",
    End.UNDISTURBED_FAILED: "the session to be resumed was not completed",
    End.NOT_CONNECTED: "the handshake was not completed",
    End.DISAGREED: "the sides disagree on what was agreed",
    End.NO_DATA: "application data did not go there and back once",
    End.ALERT: "an alert was sent",
    End.FAILED_LATER: "the session did not last",
    End.NO_REST: "datagrams answer datagrams without end",
    End.STALLED: "a deadline does not move",
    End.BROKEN: "an endpoint broke the contract",
}


@functools.cache
def expectations() -> Expectations:
    """The known failures of `interop/expected/losses`.

    Their cases are `SHAPE-KIND`; with `@last` behind it, what fails when the last datagram of a handshake is
    among those that the schedule spoils.
    """
    root = locations.checkout()
    base = root / "interop" if root is not None else implementations.PACKAGE
    return Expectations.read(base / "expected" / "losses")


def cell_of(
    shape: Shape,
    kind: str,
    client: Implementation,
    server: Implementation,
    seed: int,
    schedule: Schedule = (),
) -> Cell:
    """The cell, with the command that repeats it, or one schedule of it."""
    arguments = ["losses", "--client", client.target, "--server", server.target, "--shape", shape.name]
    arguments += ["--kind", kind] if not schedule else []
    for fault in schedule:
        arguments += [f"--{fault.kind.value}", str(fault.nth)]
    if seed != 1:
        arguments += ["--seed", str(seed)]
    return Cell(
        part=PART,
        case=f"{shape.name}-{kind}",
        client=client.name,
        server=server.name,
        title=f"{KIND_TITLES.get(kind, 'One schedule')}: {shape.title}.",
        command=f"{locations.how_to_run()} {shlex.join(arguments)}",
    )


def run(client: str, server: str, shape: str, kind: str, seed: int, out: str) -> list[Result]:
    """Carries out every schedule of a cell and answers its one result. Called in a worker."""
    sides = implementations.find(client), implementations.find(server)
    start = time.monotonic()
    found = search(trials_of(SHAPES[shape], *sides, seed), kind)
    result = _result(SHAPES[shape], kind, *sides, seed, found, Path(out))
    result.real_seconds = time.monotonic() - start
    return [result]


def run_one(
    client: str, server: str, shape: str, faults: Sequence[tuple[str, int]], seed: int, out: str
) -> list[Result]:
    """Carries out one schedule, and leaves its trace. Called in a worker."""
    sides = implementations.find(client), implementations.find(server)
    schedule = tuple(Fault(FaultKind(kind), nth) for kind, nth in faults)
    start = time.monotonic()
    cell = cell_of(SHAPES[shape], "schedule", *sides, seed, schedule)
    case = repeat.case_of(cell.case, SHAPES[shape], schedule, *sides, seed)
    done = carry_out(case, *sides, seed, Path(out) / cell.folder)
    return [
        Result.of(
            cell,
            done.outcome,
            seed=seed,
            virtual_seconds=done.virtual_seconds,
            real_seconds=time.monotonic() - start,
            trace=cell.folder,
            metrics=done.metrics,
            details=done.details,
        )
    ]


def _result(
    shape: Shape,
    kind: str,
    client: Implementation,
    server: Implementation,
    seed: int,
    found: Search,
    out: Path,
) -> Result:
    failures = found.failures if found.undisturbed.end is End.COMPLETE else [found.undisturbed]
    cell = cell_of(shape, kind, client, server, seed)
    times = [trial.seconds for trial in found.trials if trial.end is End.COMPLETE]
    fields = {
        "seed": seed,
        "virtual_seconds": max(times, default=0.0),
        "metrics": {
            "runs": float(len(found.trials)),
            "failed": float(len(found.failures)),
            "datagrams": float(found.undisturbed.datagrams),
        },
        "series": {"handshake_seconds": times},
    }
    expected = _expected(cell.case, client, server, found)
    if not failures:
        longest = f"the longest took {max(times):.2f} s" if times else "there were none"
        return Result.of(
            cell, passed(f"{len(found.trials)} schedules, {longest}"), expected=expected, **fields
        )
    first = cell_of(shape, kind, client, server, seed, failures[0].schedule)
    case = repeat.case_of(cell.case, shape, failures[0].schedule, client, server, seed)
    done = carry_out(case, client, server, seed, out / cell.folder)
    return Result.of(
        first,
        _outcome(failures, len(found.trials), done.outcome),
        expected=expected,
        trace=cell.folder,
        details=_listed(shape, kind, client, server, seed, failures),
        **fields,
    )


def _outcome(failures: Sequence[Trial], runs: int, seen: Outcome) -> Outcome:
    """What the cell says when some of its runs failed; `seen` is how the first of them went with a trace."""
    first = failures[0]
    if not first.schedule:
        return failed(f"with nothing lost: {seen.reason or ENDS[first.end]}", seen.citation or FLIGHTS)
    what = f"{len(failures)} of {runs} schedules are not survived; when {repeat.words(first.schedule)}: "
    if seen.verdict is Verdict.PASS:
        return inconclusive(f"{what}{ENDS[first.end]}, but not when it was repeated")
    return Outcome(seen.verdict, what + seen.reason, seen.citation or FLIGHTS)


def _listed(
    shape: Shape,
    kind: str,
    client: Implementation,
    server: Implementation,
    seed: int,
    failures: Sequence[Trial],
) -> str:
    lines = []
    for trial in failures[:MOST_LISTED]:
        said = f" ({trial.text})" if trial.text else ""
        command = cell_of(shape, kind, client, server, seed, trial.schedule).command
        lines.append(f"{repeat.words(trial.schedule)}: {ENDS[trial.end]}{said}\n    {command}")
    if len(failures) > MOST_LISTED:
        lines.append(f"… and {len(failures) - MOST_LISTED} more")
    return "\n".join(lines)


def _expected(case: str, client: Implementation, server: Implementation, found: Search) -> bool:
    """Whether every failure is a known one, and nothing that is known to fail passes."""
    known = expectations()
    if found.undisturbed.end is not End.COMPLETE:
        return False
    labels = {case + ("@last" if trial.schedule in found.last else "") for trial in found.failures}
    entries = {
        label for label in (case, f"{case}@last") if known.find(label, client.side, server.side) is not None
    }
    return labels == entries
