# SPDX-License-Identifier: MIT
"""What a case is: a function with a requirement, and the registry in which the decorator puts it.

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

from collections.abc import Callable, Mapping
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


REGISTERED: dict[str, Case] = {}
"""By name; `dtlslab_conformance.cases.all_cases` has had all of them registered."""


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
        if name in REGISTERED:
            raise ValueError(f"there are two cases named {name}")
        REGISTERED[name] = Case(
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
