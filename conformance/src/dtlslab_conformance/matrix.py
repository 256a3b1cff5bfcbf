# SPDX-License-Identifier: MIT
"""Which cells there are for a choice of endpoints, roles and cases, as jobs for the workers; and one cell
carried out.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from dtlslab import locations
from dtlslab.endpoints import find, installed
from dtlslab.errors import BadInput, EndpointError, Unsupported
from dtlslab.expected import Side
from dtlslab.plugins import PlanOptions
from dtlslab.processes.known import known
from dtlslab.results import Result
from dtlslab.stack import Stack
from dtlslab.verdict import Outcome, Verdict
from dtlslab.workers import Job

from . import outside
from .case import Case
from .cases import all_cases, by_name
from .cell import cell_of, expected
from .outside import Outside
from .run_case import judge, missing_capabilities, settings_of_subject

CPU_SECONDS = 30.0


def endpoints_of(names: Sequence[str], *, own_host: bool = False) -> list[Stack | Outside]:
    """The endpoints of these names, or all stacks that are installed. `own_host` allows udp:// beyond
    loopback.
    """
    if not names:
        return [*installed()]
    return [outside.find(name, own_host=own_host) or find_stack(name) for name in names]


def find_stack(name: str) -> Stack:
    """The stack of that name. BadInput names the programs too."""
    try:
        return find(name)
    except BadInput as error:
        if "/" in name or name.endswith(".so"):
            raise
        raise BadInput(f"{error.message}. Programs: {', '.join(known())}", field="endpoint") from None


def jobs(
    found: Sequence[Stack], cases: Sequence[Case], roles: Sequence[str], *, seed: int, out: str
) -> list[Job]:
    """One job for each cell."""
    return [
        Job(
            function=f"{__name__}:run",
            arguments={"path": str(stack.path), "role": role, "case": case.name, "seed": seed, "out": out},
            cell=cell_of(case, stack.name, role, seed, _target(stack)),
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


def run(path: str, role: str, case: str, seed: int, out: str) -> list[Result]:
    """Carries out one cell and answers its one result. Called in a worker."""
    return [run_cell(by_name()[case], find(path), role, seed=seed, out=Path(out))]


def run_cell(case: Case, stack: Stack, role: str, *, seed: int, out: Path | None) -> Result:
    """Carries out one cell; its trace goes below `out`, unless that is None."""
    from dtlslab.lab import Lab

    from .lab_subject import LabSubject

    cell = cell_of(case, stack.name, role, seed, _target(stack))
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
    # A program that does as it likes need not do all that there is.
    left_out = bool(missing) and stack.supports("own-data")
    return Result.of(
        cell,
        outcome,
        expected=left_out or expected(outcome, case, role, (Side(stack.name, stack.version),)),
        seed=seed,
        virtual_seconds=virtual,
        real_seconds=time.monotonic() - start,
        trace=trace,
    )
