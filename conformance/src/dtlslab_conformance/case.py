# SPDX-License-Identifier: MIT
"""Cases: functions with a requirement, and the registry of all of them.

A case is a short function that holds a dialogue with the endpoint under test:

    @case(
        role="any",
        cites="RFC 6347 4.1.2.6",
        requirement="a record that was received before is dropped",
        faults=("accept-replay",),
    )
    def replayed_record_dropped(d: Dialogue) -> None:
        \"\"\"A record of application data that comes twice is delivered once.\"\"\"

The name of the function, the document and the section make the case's name; the docstring is its title.
`faults` names the planted faults (see `dtlslab_conformance.tester.association`) that must make it fail.
"""

from __future__ import annotations

import fnmatch
import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dtlslab.verdict import Citation

if TYPE_CHECKING:
    from .dialogue import Dialogue

Body = Callable[["Dialogue"], None]
ROLES = ("server", "client")


@dataclass(frozen=True, slots=True)
class Case:
    """One requirement and the dialogue that checks it."""

    name: str
    """`rfc6347-4.1.2.6-replayed-record-dropped`."""
    title: str
    roles: tuple[str, ...]
    """Roles of the endpoint under test that it applies to."""
    citation: Citation
    requirement: str
    level: str
    """`must` or `should`: how strongly the document asks for it."""
    needs: tuple[str, ...]
    """Capabilities without which it is unsupported."""
    settings: Mapping[str, Any]
    """Of the endpoint under test, beside the usual."""
    faults: tuple[str, ...]
    waits: float
    """Seconds that it lasts, for a case that waits for over ten of them; else 0."""
    area: str
    """The module it stands in: `record_layer`, `cookie`."""
    body: Body

    @property
    def suite(self) -> str:
        """The document as a word: `rfc6347`."""
        return self.name.partition("-")[0]


_CASES: dict[str, Case] = {}


def case(
    *,
    role: str,
    cites: str,
    requirement: str,
    faults: tuple[str, ...],
    level: str = "must",
    needs: tuple[str, ...] = (),
    settings: Mapping[str, Any] | None = None,
    waits: float = 0.0,
) -> Callable[[Body], Body]:
    """Registers a case. `cites` is a document and a section: `RFC 6347 4.2.1`."""
    kind, number, section = cites.split()

    def register(body: Body) -> Body:
        words = getattr(body, "__name__", "").replace("_", "-")
        name = f"{kind.lower()}{number}-{section}-{words}"
        if name in _CASES:
            raise ValueError(f"there are two cases named {name}")
        _CASES[name] = Case(
            name=name,
            title=" ".join((body.__doc__ or "").split()),
            roles=ROLES if role == "any" else (role,),
            citation=Citation(f"{kind} {number}", section),
            requirement=requirement,
            level=level,
            needs=needs,
            settings=settings or {},
            faults=faults,
            waits=waits,
            area=body.__module__.rpartition(".")[2],
            body=body,
        )
        return body

    return register


def all_cases() -> list[Case]:
    """Every case, by document and section."""
    from . import cases

    for module in pkgutil.iter_modules(cases.__path__):
        importlib.import_module(f"{cases.__name__}.{module.name}")
    return sorted(_CASES.values(), key=_order)


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
