# SPDX-License-Identifier: MIT
"""The imports of the Python packages run one way: no circle among modules, none back up among packages.

An import counts wherever it stands, inside a function or for types alone too. One of a package counts for its
`__init__`, and one of a module not for the packages around it.
"""

from __future__ import annotations

import ast
import graphlib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [ROOT / part / "src" for part in ("pybind", "interop", "conformance", "conformance/scapy_dtls")]

BELOW = {
    "dtlslab": set[str](),
    "scapy_dtls": set[str](),
    "dtlslab_interop": {"dtlslab"},
    "dtlslab_conformance": {"dtlslab", "scapy_dtls"},
}
"""Each package, and those it may import."""


def modules() -> dict[str, Path]:
    """All modules by name."""
    found = {}
    for source in SOURCES:
        for path in source.rglob("*.py"):
            words = path.relative_to(source).with_suffix("").parts
            found[".".join(words[:-1] if words[-1] == "__init__" else words)] = path
    return found


def imported(module: str, path: Path, known: dict[str, Path]) -> Iterator[str]:
    """The modules of `known` that a module imports."""
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: package.count(".") + 2 - node.level] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            inside = [f"{base}.{alias.name}" for alias in node.names]
            names = [name if name in known else base for name in inside]
        else:
            continue
        yield from (name for name in names if name in known and name != module)


@pytest.fixture(scope="module")
def graph() -> dict[str, set[str]]:
    known = modules()
    return {module: set(imported(module, path, known)) for module, path in known.items()}


def test_no_module_imports_what_imports_it(graph: dict[str, set[str]]) -> None:
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        pytest.fail("imports in a circle: " + " <- ".join(error.args[1]))


def test_no_package_imports_one_above_it(graph: dict[str, set[str]]) -> None:
    back = {
        f"{module} imports {other}"
        for module, others in graph.items()
        for other in others
        if other.split(".")[0] not in {module.split(".")[0], *BELOW[module.split(".")[0]]}
    }
    assert back == set()


def test_imports_of_each_form_are_seen(graph: dict[str, set[str]]) -> None:
    assert {"dtlslab.locations", "dtlslab.version", "dtlslab.session"} <= graph["dtlslab"]
    assert {"dtlslab_conformance.cell", "dtlslab_conformance.outside"} <= graph["dtlslab_conformance.matrix"]
    assert "dtlslab_conformance.case" in graph["dtlslab_conformance.cases.cookie"]
    assert "dtlslab.binding" in graph["dtlslab.endpoints"]
