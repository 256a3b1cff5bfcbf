# SPDX-License-Identifier: MIT
"""One cell, carried out: both sides placed, the case's check made, the trace written, the verdict given."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from dtlslab import Outcome, Result
from dtlslab.errors import EndpointError, Unsupported
from dtlslab.processes.program import ProgramFailed
from dtlslab.verdict import Verdict, failed, passed, unsupported

from dtlslab_interop import implementations, matrix
from dtlslab_interop.bench import Bench, Judged
from dtlslab_interop.case import Case
from dtlslab_interop.cases import all_cases
from dtlslab_interop.implementations import Implementation
from dtlslab_interop.setting import Setting

TRIES = 3
"""How often a cell in real time is tried when it was disturbed: a busy host passes, a fault repeats."""

Prepare = Callable[[Bench], None]


def run(client: str, server: str, case: str, seed: int, out: str, *, own_host: bool = False) -> list[Result]:
    """Carries out one cell and answers its one result. Called in a worker."""
    sides = implementations.find(client), implementations.find(server, own_host=own_host)
    return [run_cell(all_cases()[case], *sides, seed=seed, out=Path(out))]


def run_cell(
    case: Case,
    client: Implementation,
    server: Implementation,
    *,
    seed: int,
    out: Path,
    prepare: Prepare | None = None,
) -> Result:
    """Carries out one cell. `prepare` is given the bench before the check, to set a hook for instance."""
    cell = matrix.cell_of(case, client, server, seed)
    start = time.monotonic()
    outcome = _lacking(case, client, server)
    if outcome is not None:
        done = Done(outcome)
    else:
        for _ in range(TRIES if client.is_outside or server.is_outside else 1):
            done = carry_out(case, client, server, seed, out / cell.folder, prepare)
            if not done.disturbed:
                break
    return Result.of(
        cell,
        done.outcome,
        expected=_is_expected(done.outcome, case, client, server),
        seed=seed,
        virtual_seconds=done.virtual_seconds,
        real_seconds=time.monotonic() - start,
        trace=cell.folder if outcome is None else None,
        metrics=done.metrics,
        details=done.details,
    )


def _is_expected(outcome: Outcome, case: Case, client: Implementation, server: Implementation) -> bool:
    """By the tables of known failures; and a program that does as it likes need not do all that there is."""
    if outcome.verdict is Verdict.UNSUPPORTED and (client.has_own_data or server.has_own_data):
        return True
    return implementations.expectations().expected(outcome, case.name, client.side, server.side)


@dataclass(slots=True)
class Done:
    """How one try ended."""

    outcome: Outcome
    disturbed: bool = False
    virtual_seconds: float = 0.0
    metrics: dict[str, float] = field(default_factory=dict)
    details: str = ""


def _lacking(case: Case, client: Implementation, server: Implementation) -> Outcome | None:
    """Unsupported, by the capability lists alone, when a side lacks what the case needs."""
    for role, side in (("client", client), ("server", server)):
        lacking = side.lacks(role, case.needs(role))
        if lacking:
            return unsupported(f"{side.name} as {role} does not claim: {', '.join(lacking)}")
    return None


def carry_out(
    case: Case,
    client: Implementation,
    server: Implementation,
    seed: int,
    folder: Path,
    prepare: Prepare | None = None,
) -> Done:
    """Carries out a case once, leaves its trace in `folder`, and tells how it ended."""
    with (
        tempfile.TemporaryDirectory(prefix="dtlslab-") as scratch,
        Setting(case, client, server, seed, Path(scratch)) as setting,
    ):
        done = _judge(case, setting, prepare)
        if done.outcome.verdict is Verdict.FAIL and done.outcome.citation is None:
            done.outcome = replace(done.outcome, citation=case.citation)
        done.virtual_seconds = setting.finish(folder)
        if done.outcome.verdict is not Verdict.PASS:
            done.details = setting.last_words()
        return done


def _judge(case: Case, setting: Setting, prepare: Prepare | None) -> Done:
    """Makes the check, and turns every way it can end into an outcome."""
    try:
        bench = setting.bench()
        if prepare is not None:
            prepare(bench)
        try:
            case.check(bench)
        except Judged as judged:
            return Done(judged.outcome, judged.disturbed, metrics=bench.metrics())
        return Done(passed(bench.note), metrics=bench.metrics())
    except Unsupported as error:
        return Done(failed(f"a capability is claimed that is refused: {error}"))
    except EndpointError as error:
        return Done(failed(str(error)))
    except ProgramFailed as error:
        return Done(Outcome(error.verdict, str(error)))
