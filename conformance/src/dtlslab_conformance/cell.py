# SPDX-License-Identifier: MIT
"""One cell of the table: a case with an endpoint in a role, the command that repeats it, and what is known
of it.
"""

from __future__ import annotations

import functools
import shlex
from collections.abc import Sequence
from pathlib import Path

from dtlslab import locations
from dtlslab.expected import Expectations, Side
from dtlslab.results import Cell
from dtlslab.verdict import Outcome, Verdict

from .case import Case

PART = "conformance"
TESTER = "tester"


@functools.cache
def expectations() -> Expectations:
    """The known failures of released stacks."""
    package = Path(__file__).resolve().parent
    beside = package.parents[1] / "expected"
    return Expectations.read(beside if beside.is_dir() else package / "expected")


def cell_of(case: Case, name: str, role: str, seed: int, target: str) -> Cell:
    """The cell of a case and an endpoint, with the command that repeats it."""
    arguments = ["conformance", "--endpoint", target, "--role", role, "--case", case.name]
    if seed != 1:
        arguments += ["--seed", str(seed)]
    pair = (name, TESTER) if role == "client" else (TESTER, name)
    return Cell(
        part=PART,
        case=case.name,
        client=pair[0],
        server=pair[1],
        title=case.title,
        command=f"{locations.how_to_run()} {shlex.join(arguments)}",
    )


def expected(outcome: Outcome, case: Case, role: str, names: Sequence[Side]) -> bool:
    """Whether the outcome is no news, by the first of the endpoint's names that something is known of."""
    tester = Side(TESTER)
    for own in names:
        sides = (own, tester) if role == "client" else (tester, own)
        entry = expectations().find(case.name, *sides)
        if entry is not None:
            return outcome.verdict is Verdict(entry.verdict)
    return outcome.verdict is Verdict.PASS
