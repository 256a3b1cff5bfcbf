# SPDX-License-Identifier: MIT
"""One cell, carried out: both sides placed, the case's check made, the trace written, the verdict given."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from dtlslab import Outcome, Result
from dtlslab.errors import EndpointError, Unsupported
from dtlslab.verdict import Verdict, failed, passed, unsupported

from dtlslab_interop import implementations, matrix
from dtlslab_interop.bench import Bench, Judged
from dtlslab_interop.case import Case, all_cases
from dtlslab_interop.implementations import Implementation
from dtlslab_interop.process import ProgramFailed
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
    virtual, trace = 0.0, None
    outcome = _lacking(case, client, server)
    if outcome is None:
        trace = cell.folder
        for _ in range(TRIES if client.is_outside or server.is_outside else 1):
            outcome, virtual, disturbed = _carry_out(case, client, server, seed, out / trace, prepare)
            if not disturbed:
                break
    assert outcome is not None
    return Result.of(
        cell,
        outcome,
        expected=implementations.expectations().expected(outcome, case.name, client.side, server.side),
        seed=seed,
        virtual_seconds=virtual,
        real_seconds=time.monotonic() - start,
        trace=trace,
    )


def _lacking(case: Case, client: Implementation, server: Implementation) -> Outcome | None:
    """Unsupported, by the capability lists alone, when a side lacks what the case needs."""
    for role, side in (("client", client), ("server", server)):
        lacking = side.lacks(role, case.needs(role))
        if lacking:
            return unsupported(f"{side.name} as {role} does not claim: {', '.join(lacking)}")
    return None


def _carry_out(
    case: Case,
    client: Implementation,
    server: Implementation,
    seed: int,
    folder: Path,
    prepare: Prepare | None,
) -> tuple[Outcome, float, bool]:
    """The outcome, the seconds on the carrier's clock, and whether a busy host may be to blame for it."""
    disturbed = False
    with (
        tempfile.TemporaryDirectory(prefix="dtlslab-") as scratch,
        Setting(case, client, server, seed, Path(scratch)) as setting,
    ):
        try:
            bench = setting.bench()
            if prepare is not None:
                prepare(bench)
            case.check(bench)
            outcome = passed(bench.note)
        except Judged as judged:
            outcome, disturbed = judged.outcome, judged.disturbed
        except Unsupported as error:
            outcome = failed(f"a capability is claimed that is refused: {error}")
        except EndpointError as error:
            outcome = failed(str(error))
        except ProgramFailed as error:
            outcome = Outcome(Verdict.UNSUPPORTED if error.unsupported else Verdict.FAIL, str(error))
        return outcome, setting.finish(folder), disturbed
