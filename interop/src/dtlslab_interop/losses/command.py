# SPDX-License-Identifier: MIT
"""The command `dtlslab losses`, and its part of the campaign of `run`."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

import click
from dtlslab.cli.options import CommonOptions, common_options
from dtlslab.cli.output import run_and_show
from dtlslab.errors import BadInput
from dtlslab.plugins import PlanOptions
from dtlslab.trials import FaultKind
from dtlslab.workers import Job

from dtlslab_interop import implementations
from dtlslab_interop.losses.cell import cell_of, run_one
from dtlslab_interop.losses.shapes import KINDS, SHAPES
from dtlslab_interop.matrix import Pair

QUICK = ("certificate-cookie", "psk-cookie")
"""The shapes of `run --quick`, for libdtls with itself."""
SINGLE = ("drop", "duplicate", "swap")
MOST_FAULTS = 4


@click.command("losses")
@click.option("--client", "clients", multiple=True, metavar="C", help="A client; may be given several times.")
@click.option("--server", "servers", multiple=True, metavar="S", help="A server; may be given several times.")
@click.option(
    "--shape", "shapes", multiple=True, metavar="PATTERN", help="Handshakes, by name; * and ? stand for any."
)
@click.option("--kind", "kinds", multiple=True, type=click.Choice(list(KINDS)), help="What is done to them.")
@click.option("--drop", "drops", multiple=True, type=click.IntRange(1), metavar="N", help="Lose datagram N.")
@click.option(
    "--duplicate", "duplicates", multiple=True, type=click.IntRange(1), metavar="N", help="Double datagram N."
)
@click.option(
    "--swap",
    "swaps",
    multiple=True,
    type=click.IntRange(1),
    metavar="N",
    help="Deliver datagram N after its sender's next one.",
)
@common_options
def losses(
    common: CommonOptions,
    clients: tuple[str, ...],
    servers: tuple[str, ...],
    shapes: tuple[str, ...],
    kinds: tuple[str, ...],
    drops: tuple[int, ...],
    duplicates: tuple[int, ...],
    swaps: tuple[int, ...],
) -> int:
    """Lose, double and swap every datagram of a handshake, and lose every two of them.

    Each shape of handshake is carried out once for every schedule of faults, in
    memory and virtual time. Without --client and --server, libdtls meets itself
    and every other stack in both roles.

    With --drop, --duplicate or --swap just this one schedule is carried out, and
    leaves a trace and a diagram. N counts the datagrams of both sides in the
    order in which they are sent, from 1.
    """
    chosen = matching(shapes)
    if not chosen:
        raise BadInput(f"no shape matches {' '.join(shapes)}; there are {', '.join(SHAPES)}", field="--shape")
    faults = [
        (kind.value, nth)
        for kind, numbers in (
            (FaultKind.DROP, drops),
            (FaultKind.DUPLICATE, duplicates),
            (FaultKind.SWAP, swaps),
        )
        for nth in numbers
    ]
    found = pairs(clients, servers)
    out = str(common.out)
    if faults:
        plan_ = schedule_jobs(found, chosen, faults, seed=common.seed, out=out)
    else:
        plan_ = jobs(found, chosen, kinds or tuple(KINDS), seed=common.seed, out=out)
    if not plan_:
        raise BadInput("these stacks have none of these handshakes in common", field="--shape")
    versions = {side.name: side.version for pair in found for side in pair}
    return run_and_show(plan_, common, "losses", versions)


def matching(patterns: Sequence[str]) -> list[str]:
    """The shapes whose names match one of the patterns; all when there is none."""
    return [name for name in SHAPES if not patterns or any(fnmatchcase(name, p) for p in patterns)]


def pairs(clients: Sequence[str] = (), servers: Sequence[str] = ()) -> list[Pair]:
    """The pairs to try: those named. A side that is not named is every stack, if the other one is libdtls."""
    stacks = implementations.stacks()
    first = stacks[:1]
    named_clients = [implementations.find(name) for name in clients]
    named_servers = [implementations.find(name) for name in servers]
    if clients and servers:
        return [(client, server) for client in named_clients for server in named_servers]
    if clients:
        return [(c, s) for c in named_clients for s in (stacks if c.name == first[0].name else first)]
    if servers:
        return [(c, s) for s in named_servers for c in (stacks if s.name == first[0].name else first)]
    forth = [(client, server) for client in first for server in stacks]
    return forth + [(client, server) for client in stacks[1:] for server in first]


def jobs(
    found: Sequence[Pair], shapes: Sequence[str], kinds: Sequence[str], *, seed: int, out: str
) -> list[Job]:
    """A job for each shape that a pair can do, and each kind of fault."""
    return [
        Job(
            function="dtlslab_interop.losses.cell:run",
            arguments={
                "client": client.target,
                "server": server.target,
                "shape": shape,
                "kind": kind,
                "seed": seed,
                "out": out,
            },
            cell=cell_of(SHAPES[shape], kind, client, server, seed),
            seed=seed,
            timeout_cpu_seconds=600.0,
            timeout_seconds=3600.0,
        )
        for shape in shapes
        for kind in kinds
        for client, server in found
        if SHAPES[shape].fits(client, server)
    ]


def schedule_jobs(
    found: Sequence[Pair], shapes: Sequence[str], faults: Sequence[tuple[str, int]], *, seed: int, out: str
) -> list[Job]:
    """A job for each shape that a pair can do, with one schedule."""
    if len(faults) > MOST_FAULTS or len({nth for _, nth in faults}) < len(faults):
        raise BadInput(f"expected at most {MOST_FAULTS} faults, each at another datagram", field="schedule")
    return [
        Job(
            function=f"{run_one.__module__}:{run_one.__name__}",
            arguments={
                "client": client.target,
                "server": server.target,
                "shape": shape,
                "faults": faults,
                "seed": seed,
                "out": out,
            },
            cell=cell_of(SHAPES[shape], "schedule", client, server, seed),
            seed=seed,
        )
        for shape in shapes
        for client, server in found
        if SHAPES[shape].fits(client, server)
    ]


def plan(options: PlanOptions) -> list[Job]:
    """The part of the campaign.

    By default libdtls with itself, exhaustively, and single faults with the others; all of it with `--all`.
    """
    names = {stack.name for stack in options.stacks}
    found = [pair for pair in pairs() if {side.name for side in pair} <= names]
    alone = [pair for pair in found if pair[0].name == pair[1].name]
    others = [pair for pair in found if pair[0].name != pair[1].name]
    seed, out = options.seed, options.out
    if options.scale == "quick":
        return jobs(alone, QUICK, SINGLE, seed=seed, out=out)
    kinds = tuple(KINDS) if options.scale == "all" else SINGLE
    return [
        *jobs(alone, matching(()), tuple(KINDS), seed=seed, out=out),
        *jobs(others, matching(()), kinds, seed=seed, out=out),
    ]
