# SPDX-License-Identifier: MIT
"""What an interop case is: a name, a sentence and a check, with what it needs and its settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dtlslab import Citation, Network, memory

from dtlslab_interop.bench import Bench

Check = Callable[[Bench], None]
Settings = Mapping[str, Any]
"""Settings of `dtlslab.configuration.make_config`."""

ONE_WAY = "10ms"
"""The delay of the network unless a case says otherwise: enough to tell what comes after what."""

REGISTERED: dict[str, Case] = {}
"""By name; `dtlslab_interop.cases.all_cases` has had all of them registered."""


@dataclass(frozen=True, slots=True)
class Case:
    """A case. `check` carries it out on a bench and raises `Judged` when something does not hold."""

    name: str
    title: str
    check: Check
    citation: Citation
    """What the case as a whole is about."""
    client: Settings = field(default_factory=dict)
    server: Settings = field(default_factory=dict)
    client_needs: tuple[str, ...] = ()
    """Words that must be among the capabilities of the client."""
    server_needs: tuple[str, ...] = ()
    network: Network = field(default_factory=lambda: memory(delay=ONE_WAY))
    programs: bool = False
    """Also run with external programs, in real time."""
    optional: bool = False
    """Left out, instead of `unsupported`, where a side lacks what it needs: suites, groups, extensions."""
    thorough: bool = False
    """One of many of its kind: in the default campaign only for pairs with the first stack in them."""

    def needs(self, role: str) -> tuple[str, ...]:
        """The words that the side in `role` must have."""
        return (role, *(self.client_needs if role == "client" else self.server_needs))

    def settings(self, role: str) -> Settings:
        return self.client if role == "client" else self.server


def case(
    name: str,
    title: str,
    citation: Citation,
    *,
    needs: tuple[str, ...] = (),
    client_needs: tuple[str, ...] = (),
    server_needs: tuple[str, ...] = (),
    both: Settings | None = None,
    client: Settings | None = None,
    server: Settings | None = None,
    network: Network | None = None,
    programs: bool = False,
    optional: bool = False,
    thorough: bool = False,
) -> Callable[[Check], Check]:
    """Decorator: makes a case of a check. `needs` and `both` hold for either side."""

    def register(check: Check) -> Check:
        if name in REGISTERED:
            raise ValueError(f"there are two cases named {name}")
        REGISTERED[name] = Case(
            name=name,
            title=title,
            check=check,
            citation=citation,
            client={**(both or {}), **(client or {})},
            server={**(both or {}), **(server or {})},
            client_needs=(*needs, *client_needs),
            server_needs=(*needs, *server_needs),
            network=network or memory(delay=ONE_WAY),
            programs=programs,
            optional=optional,
            thorough=thorough,
        )
        return check

    return register
