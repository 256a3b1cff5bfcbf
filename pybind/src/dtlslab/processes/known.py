# SPDX-License-Identifier: MIT
"""The contracts that come with dtlslab, and how a program is named on the command line."""

from __future__ import annotations

import functools
from pathlib import Path

from dtlslab import locations
from dtlslab.errors import BadInput
from dtlslab.processes import contract as contracts
from dtlslab.processes.contract import Contract


def folder() -> Path:
    """Where the contract files are: in the checkout, or installed beside this module."""
    root = locations.checkout()
    return root / "interop" / "processes" if root is not None else Path(__file__).resolve().parent


@functools.cache
def known() -> dict[str, Contract]:
    """The contracts that come with dtlslab, by name."""
    read = [contracts.read(path) for path in sorted(folder().glob("*.toml"))]
    return {contract.name: contract for contract in read}


def find(target: str) -> tuple[str, Contract] | None:
    """The contract that `target` names, and the name or absolute path by which it is found again.

    None when it names no program. BadInput when a contract file is not there, or broken.
    """
    if not target.endswith(".toml"):
        found = known().get(target)
        return (target, found) if found is not None else None
    path = Path(target).expanduser()
    if not path.is_file():
        raise BadInput(f"there is no contract file at {target}", field="endpoint")
    path = path.resolve()
    return str(path), contracts.read(path)
