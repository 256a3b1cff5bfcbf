# SPDX-License-Identifier: MIT
"""The interop cases, one function each, and the choice of some of them. A new case is a function with the
decorator in one of these modules.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Sequence
from fnmatch import fnmatchcase

from dtlslab_interop.case import REGISTERED, Case


def all_cases() -> dict[str, Case]:
    """All cases by name, in the order they are told."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return REGISTERED


def matching(patterns: Sequence[str]) -> list[Case]:
    """The cases whose names match one of the patterns (as file names do); all when there is none."""
    chosen = all_cases().values()
    return [c for c in chosen if not patterns or any(fnmatchcase(c.name, pattern) for pattern in patterns)]
