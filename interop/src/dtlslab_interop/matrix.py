# SPDX-License-Identifier: MIT
"""The matrix: which cells there are for a choice of clients, servers and cases, as jobs for the workers."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from dtlslab import locations
from dtlslab.plugins import PlanOptions
from dtlslab.results import Cell
from dtlslab.workers import Job

from dtlslab_interop import implementations
from dtlslab_interop.case import Case
from dtlslab_interop.cases import matching
from dtlslab_interop.implementations import Implementation

PART = "interop"
Pair = tuple[Implementation, Implementation]

QUICK = ("handshake-certificate", "handshake-psk", "transfer-1mib", "close-by-client")
"""The cases of `run --quick`."""


def pairs(clients: Sequence[str], servers: Sequence[str], *, own_host: bool = False) -> list[Pair]:
    """Every pair to run, client first.

    Nothing chosen: each stack with each stack, the first stack, which is libdtls where it is built, with each
    program, and its own programs with the others. A side that is not chosen is every stack, and for the first
    stack and its programs every program too.
    """
    stacks = implementations.stacks()
    chosen_clients = [implementations.find(name) for name in clients] or stacks
    chosen_servers = [implementations.find(name, own_host=own_host) for name in servers] or stacks
    found = [(client, server) for client in chosen_clients for server in chosen_servers]
    first = stacks[0].name if stacks else ""
    outside = implementations.programs() if not (clients and servers) else []
    if not servers:
        found += [(c, p) for c in chosen_clients if c.name == first for p in _in_role(outside, "server")]
    if not clients:
        found += [(p, s) for p in _in_role(outside, "client") for s in chosen_servers if s.name == first]
    if not (clients or servers):
        found += [
            (client, server)
            for client in _in_role(outside, "client")
            for server in _in_role(outside, "server")
            if first in (client.stack, server.stack)
        ]
    return found


def jobs(
    found: Sequence[Pair], cases: Sequence[Case], *, seed: int, out: str, own_host: bool = False
) -> list[Job]:
    """One job for each cell; none for programs in cases not meant for them, nor optional ones not claimed."""
    return [
        Job(
            function="dtlslab_interop.cell:run",
            arguments={
                "client": client.target,
                "server": server.target,
                "case": case.name,
                "seed": seed,
                "out": out,
                "own_host": own_host,
            },
            cell=cell_of(case, client, server, seed),
            seed=seed,
            timeout_seconds=120.0,
        )
        for case in cases
        for client, server in found
        if _applies(case, client, server)
    ]


def cell_of(case: Case, client: Implementation, server: Implementation, seed: int) -> Cell:
    """The cell of a case and a pair, with the command that repeats it."""
    arguments = ["interop", "--client", client.target, "--server", server.target, "--case", case.name]
    if seed != 1:
        arguments += ["--seed", str(seed)]
    return Cell(
        part=PART,
        case=case.name,
        client=client.name,
        server=server.name,
        title=case.title,
        command=f"{locations.how_to_run()} {shlex.join(arguments)}",
    )


def plan(options: PlanOptions) -> list[Job]:
    """The part of the campaign. Unless all is asked for, only the first stack tries each suite with all."""
    names = [stack.name for stack in options.stacks]
    found = [
        (client, server)
        for client, server in pairs([], [])
        if all(side.is_program or side.name in names for side in (client, server))
        and (options.scale == "all" or not (client.is_program and server.is_program))
    ]
    cases = matching(QUICK if options.scale == "quick" else ())
    planned = jobs(
        found,
        [c for c in cases if options.scale == "all" or not c.thorough],
        seed=options.seed,
        out=options.out,
    )
    if options.scale != "all":
        first = [
            (client, server)
            for client, server in found
            if names[:1] in ([client.name], [server.name]) and not (client.is_program or server.is_program)
        ]
        planned += jobs(first, [c for c in cases if c.thorough], seed=options.seed, out=options.out)
    return planned


def _in_role(found: Sequence[Implementation], role: str) -> list[Implementation]:
    return [program for program in found if program.capabilities(role)]


def _applies(case: Case, client: Implementation, server: Implementation) -> bool:
    if (client.is_outside or server.is_outside) and not case.programs:
        return False
    lacking = client.lacks("client", case.needs("client")) or server.lacks("server", case.needs("server"))
    return not (case.optional and lacking)
