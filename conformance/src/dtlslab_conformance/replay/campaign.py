# SPDX-License-Identifier: MIT
"""The jobs of replay and mutation: for the commands and for the default campaign."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import msgspec
from dtlslab.plugins import PlanOptions
from dtlslab.results import Cell
from dtlslab.stack import Stack
from dtlslab.workers import Job

from .capture import KINDS, Source
from .cells import Plan, make_cell, pairs
from .finding import SavedFinding
from .mutation import Operator
from .operators import OPERATORS
from .party import Party, is_remote, place_of, target_of

ROLES = ("server", "client")
CAPTURED_WITH = ("openssl", "gnutls")
"""The stacks whose handshakes the default campaign captures."""
PLACES = {"quick": 3, "default": 9, "all": 0}
"""Places of each operator and capture that the default campaign tries, shared among the stacks; 0 for all."""
REMOTE_PLACES = 3
"""Places of each operator and capture that are tried on a server that runs already, unless told otherwise."""
SECONDS, REMOTE_SECONDS = 600.0, 4 * 3600.0
"""Of real time for a cell, with a stack and with a server that runs already."""


def replay_jobs(
    parties: Sequence[Party], roles: Sequence[str], sources: Sequence[Source], *, seed: int, out: str
) -> list[Job]:
    """One job for each endpoint, role and recording."""
    jobs = []
    for source in sources:
        for party, role in pairs(parties, roles):
            name = source.name
            title = f"The {'client' if role == 'server' else 'server'} of the capture {name}, replayed."
            arguments = [*_file_arguments([source]), *_seed_argument(seed)]
            cell = make_cell("replay", name, title, party, role, arguments)
            jobs.append(_job("run_replay", cell, party, role, seed, out, source=msgspec.to_builtins(source)))
    return jobs


def mutation_jobs(
    parties: Sequence[Party],
    roles: Sequence[str],
    sources: Sequence[Source],
    operators: Sequence[Operator],
    plan: Plan,
    *,
    seed: int,
    out: str,
) -> list[Job]:
    """One job for each endpoint, role and operator, over all recordings."""
    jobs = []
    for party, role in pairs(parties, roles):
        for operator in operators:
            arguments = [*_file_arguments(sources), "--operator", operator.name]
            arguments += ["--places", str(plan.places)] if plan.places else []
            arguments += ["--runs", str(plan.runs)] if plan.runs else []
            cell = make_cell(
                "mutate", operator.name, operator.title, party, role, [*arguments, *_seed_argument(seed)]
            )
            job = _job(
                "run_operator",
                cell,
                party,
                role,
                seed,
                out,
                operator=operator.name,
                sources=msgspec.to_builtins(list(sources)),
                plan=msgspec.to_builtins(plan),
            )
            jobs.append(job)
    return jobs


def finding_job(saved: SavedFinding, party: Party, path: str, *, out: str) -> Job:
    """The job that repeats a finding."""
    finding = saved.finding
    title = f"{finding.mutation}, again."
    cell = make_cell("mutate", finding.operator, title, party, finding.role, [])
    cell = msgspec.structs.replace(cell, command=cell.command.partition(" mutate ")[0] + f" replay {path}")
    return Job(
        function="dtlslab_conformance.replay.work:run_finding",
        arguments={
            "path": place_of(party),
            "capture": str(saved.capture),
            "finding": msgspec.to_builtins(finding),
            "cell": msgspec.to_builtins(cell),
            "out": out,
        },
        cell=cell,
        seed=finding.seed,
    )


def own_sources(stacks: Sequence[Stack], kinds: Sequence[str] = KINDS) -> list[Source]:
    """Handshakes to be recorded on the spot with these stacks."""
    return [Source(stack=target_of(stack), kind=kind) for stack in stacks for kind in kinds]


def plan_replay(options: PlanOptions) -> list[Job]:
    """The part of the default campaign that replays."""
    return replay_jobs(options.stacks, ROLES, _campaign_sources(options), seed=options.seed, out=options.out)


def plan_mutation(options: PlanOptions) -> list[Job]:
    """The part of the default campaign that mutates."""
    sources = _campaign_sources(options)
    share = PLACES.get(options.scale, PLACES["default"]) / max(1, len(options.stacks))
    plan = Plan(places=math.ceil(share))
    operators = list(OPERATORS.values())
    if not sources:
        return []
    return mutation_jobs(options.stacks, ROLES, sources, operators, plan, seed=options.seed, out=options.out)


def _campaign_sources(options: PlanOptions) -> list[Source]:
    return own_sources([stack for stack in options.stacks if stack.name in CAPTURED_WITH])


def _job(function: str, cell: Cell, party: Party, role: str, seed: int, out: str, **arguments: Any) -> Job:
    return Job(
        function=f"dtlslab_conformance.replay.work:{function}",
        arguments={
            "path": place_of(party),
            "role": role,
            "cell": msgspec.to_builtins(cell),
            "seed": seed,
            "out": out,
            **arguments,
        },
        cell=cell,
        seed=seed,
        timeout_cpu_seconds=300.0,
        timeout_seconds=REMOTE_SECONDS if is_remote(party) else SECONDS,
    )


def _file_arguments(sources: Sequence[Source]) -> list[str]:
    words: list[str] = []
    for source in sources:
        if source.file:
            words += [source.file, *(["--keylog", source.keylog] if source.keylog else [])]
        else:
            words += ["--from", source.stack]
    return list(dict.fromkeys(words)) if any(s.file for s in sources) else _unique_pairs(words)


def _unique_pairs(words: list[str]) -> list[str]:
    pairs_found = dict.fromkeys(zip(words[::2], words[1::2], strict=True))
    return [word for pair in pairs_found for word in pair]


def _seed_argument(seed: int) -> list[str]:
    return ["--seed", str(seed)] if seed != 1 else []
