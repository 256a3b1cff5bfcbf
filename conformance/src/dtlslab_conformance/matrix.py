# SPDX-License-Identifier: MIT
"""Which cells there are for a choice of endpoints, roles and cases, as jobs for the workers; and one cell
carried out.
"""

from __future__ import annotations

import functools
import shlex
import time
from collections.abc import Sequence
from pathlib import Path

from dtlslab import locations
from dtlslab.endpoints import Stack, find, installed
from dtlslab.errors import EndpointError, Unsupported
from dtlslab.expected import Expectations, Side
from dtlslab.plugins import PlanOptions
from dtlslab.results import Cell, Result
from dtlslab.verdict import Outcome, Verdict
from dtlslab.workers import Job

from .case import Case, all_cases, select_cases
from .run_case import judge, missing_capabilities, settings_of_subject

PART = "conformance"
TESTER = "tester"
CPU_SECONDS = 30.0


@functools.cache
def expectations() -> Expectations:
    """The known failures of released stacks."""
    package = Path(__file__).resolve().parent
    beside = package.parents[1] / "expected"
    return Expectations.read(beside if beside.is_dir() else package / "expected")


def stacks(names: Sequence[str]) -> list[Stack]:
    """The endpoints of these names, or all that are installed."""
    return [find(name) for name in names] or installed()


def cell_of(case: Case, stack: Stack, role: str, seed: int, target: str | None = None) -> Cell:
    """The cell of a case and an endpoint, with the command that repeats it."""
    arguments = ["conformance", "--endpoint", target or stack.name, "--role", role, "--case", case.name]
    if seed != 1:
        arguments += ["--seed", str(seed)]
    pair = (stack.name, TESTER) if role == "client" else (TESTER, stack.name)
    return Cell(
        part=PART,
        case=case.name,
        client=pair[0],
        server=pair[1],
        title=case.title,
        command=f"{locations.how_to_run()} {shlex.join(arguments)}",
    )


def jobs(
    found: Sequence[Stack], cases: Sequence[Case], roles: Sequence[str], *, seed: int, out: str
) -> list[Job]:
    """One job for each cell."""
    return [
        Job(
            function=f"{__name__}:run",
            arguments={"path": str(stack.path), "role": role, "case": case.name, "seed": seed, "out": out},
            cell=cell_of(case, stack, role, seed, _target(stack)),
            seed=seed,
            timeout_cpu_seconds=CPU_SECONDS,
        )
        for stack in found
        for role in roles
        for case in cases
        if role in case.roles
    ]


def _target(stack: Stack) -> str:
    """What names a stack on the command line: its path when it is not one of the installed ones."""
    return stack.name if locations.shared_object("endpoint", stack.name) == stack.path else str(stack.path)


def plan(options: PlanOptions) -> list[Job]:
    """The part of the default campaign."""
    roles = ("server", "client")
    return jobs(options.stacks, all_cases(), roles, seed=options.seed, out=options.out)


@functools.cache
def _by_name() -> dict[str, Case]:
    return {case.name: case for case in select_cases()}


def run(path: str, role: str, case: str, seed: int, out: str) -> list[Result]:
    """Carries out one cell and answers its one result. Called in a worker."""
    return [run_cell(_by_name()[case], find(path), role, seed=seed, out=Path(out))]


def run_cell(case: Case, stack: Stack, role: str, *, seed: int, out: Path | None) -> Result:
    """Carries out one cell; its trace goes below `out`, unless that is None."""
    from dtlslab.lab import Lab

    from .lab_subject import LabSubject

    cell = cell_of(case, stack, role, seed, _target(stack))
    start = time.monotonic()
    virtual, trace = 0.0, None
    missing = missing_capabilities(case, role, stack.capabilities)
    if missing:
        reason = f"{stack.name} does not claim {', '.join(missing)}"
        outcome = Outcome(Verdict.UNSUPPORTED, reason, case.citation)
    else:
        lab = Lab(seed=seed, nodes=3 if role == "server" else 2)
        try:
            settings = settings_of_subject(case, role, stack.capabilities)
            outcome = judge(case, LabSubject(lab, str(stack.path), role, **settings), seed)
        except Unsupported as error:
            outcome = Outcome(
                Verdict.FAIL, f"A capability is claimed that is refused: {error}", case.citation
            )
        except EndpointError as error:
            outcome = Outcome(Verdict.FAIL, str(error), case.citation)
        virtual = lab.now
        if out is not None:
            trace = cell.folder
            lab.mark(f"{outcome.verdict.value}: {outcome.reason}")
            lab.write(out / trace)
    client, server = _sides(stack, role)
    return Result.of(
        cell,
        outcome,
        expected=expectations().expected(outcome, case.name, client, server),
        seed=seed,
        virtual_seconds=virtual,
        real_seconds=time.monotonic() - start,
        trace=trace,
    )


def _sides(stack: Stack, role: str) -> tuple[Side, Side]:
    under_test, tester = Side(stack.name, stack.version), Side(TESTER)
    return (under_test, tester) if role == "client" else (tester, under_test)
