# SPDX-License-Identifier: MIT
"""What workers call: arguments as they come over a pipe, turned into structures again."""

from __future__ import annotations

from typing import Any

import msgspec
from dtlslab.results import Cell, Result

from . import cells
from .capture import Source
from .finding import Finding


def run_replay(path: str, role: str, source: Any, cell: Any, seed: int, out: str) -> list[Result]:
    """See `cells.run_replay`."""
    return cells.run_replay(
        path, role, msgspec.convert(source, Source), msgspec.convert(cell, Cell), seed, out
    )


def run_operator(
    path: str, role: str, operator: str, sources: Any, plan: Any, cell: Any, seed: int, out: str
) -> list[Result]:
    """See `cells.run_operator`."""
    return cells.run_operator(
        path,
        role,
        operator,
        msgspec.convert(sources, list[Source]),
        msgspec.convert(plan, cells.Plan),
        msgspec.convert(cell, Cell),
        seed,
        out,
    )


def run_finding(path: str, capture: str, finding: Any, cell: Any, out: str) -> list[Result]:
    """See `cells.run_finding`."""
    return cells.run_finding(
        path, capture, msgspec.convert(finding, Finding), msgspec.convert(cell, Cell), out
    )
