# SPDX-License-Identifier: MIT
"""The cases, one module for each area, and the choice of some of them. A new module is found by itself."""

from __future__ import annotations

import fnmatch
import functools
import importlib
import pkgutil
from collections.abc import Sequence

from ..case import REGISTERED, Case


def all_cases() -> list[Case]:
    """Every case, by document and section."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return sorted(REGISTERED.values(), key=_order)


@functools.cache
def by_name() -> dict[str, Case]:
    """All cases by name."""
    return {case.name: case for case in all_cases()}


def select_cases(patterns: Sequence[str] = (), suite: str | None = None) -> list[Case]:
    """The cases whose name fits any of these shell patterns, or contains it, and which belong to a suite.

    No pattern means all; a suite is a document, such as `rfc6347`.
    """
    chosen = all_cases()
    if suite is not None:
        chosen = [c for c in chosen if c.suite == suite.lower().replace(" ", "")]
    if patterns:
        chosen = [c for c in chosen if any(fnmatch.fnmatch(c.name, p) or p in c.name for p in patterns)]
    return chosen


def _order(item: Case) -> tuple[str, list[int], str]:
    numbers = [int(part) if part.isdigit() else 0 for part in item.citation.section.split(".")]
    return item.citation.document, numbers, item.name
