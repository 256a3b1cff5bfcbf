# SPDX-License-Identifier: MIT
"""All mutation operators, by name."""

from __future__ import annotations

import fnmatch

from dtlslab.errors import BadInput

from ..mutation import Operator
from . import fragments, insertion, messages, network, records

OPERATORS: dict[str, Operator] = {
    operator.name: operator
    for module in (network, fragments, records, messages, insertion)
    for operator in module.OPERATORS
}


def select_operators(patterns: tuple[str, ...] = ()) -> list[Operator]:
    """The operators whose name fits any of these shell patterns; no pattern means all. BadInput when none
    does.
    """
    if not patterns:
        return list(OPERATORS.values())
    found = [o for name, o in OPERATORS.items() if any(fnmatch.fnmatch(name, p) for p in patterns)]
    if not found:
        raise BadInput(
            f"no operator matches {' '.join(patterns)}; there are {', '.join(OPERATORS)}", field="--operator"
        )
    return found


def find_operator(name: str) -> Operator:
    """The operator of a name. BadInput when there is none."""
    if name not in OPERATORS:
        raise BadInput(f"{name!r} is not an operator; there are {', '.join(OPERATORS)}", field="operator")
    return OPERATORS[name]
