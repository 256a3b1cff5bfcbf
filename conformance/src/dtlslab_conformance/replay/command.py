# SPDX-License-Identifier: MIT
"""The commands `dtlslab replay` and `dtlslab mutate`."""

from __future__ import annotations

from pathlib import Path

import click
from dtlslab.cli.options import CommonOptions, common_options
from dtlslab.cli.output import run_and_show
from dtlslab.endpoints import find, installed
from dtlslab.errors import BadInput, NotInstalled
from dtlslab.stack import Stack

from . import campaign
from .capture import KINDS, Source
from .cells import Plan
from .finding import load
from .operators import select_operators

_ROLE = click.option(
    "--role", type=click.Choice(campaign.ROLES), help="The role of the endpoint.  [default: both]"
)
_ENDPOINT = click.option(
    "--endpoint", "endpoints", multiple=True, metavar="E", help="Under test; may be given several times."
)
_KEYLOG = click.option(
    "--keylog", type=click.Path(dir_okay=False), metavar="FILE", help="Key log of a capture without secrets."
)
_FROM = click.option(
    "--from",
    "origins",
    multiple=True,
    metavar="S",
    help="Record a handshake of this stack with itself, and use that.",
)


@click.command("replay")
@click.argument("file", type=click.Path(dir_okay=False), required=False)
@_ENDPOINT
@_ROLE
@_KEYLOG
@_FROM
@common_options
def replay(
    common: CommonOptions,
    file: str | None,
    endpoints: tuple[str, ...],
    role: str | None,
    keylog: str | None,
    origins: tuple[str, ...],
) -> int:
    """Replay a captured handshake against live endpoints, or repeat a finding.

    FILE is a capture (pcapng with its secrets inside, or pcap or pcapng with --keylog), or a finding
    (.toml). The endpoint plays ROLE; the other side of the capture is replayed: flights, fragments, order,
    timing and every field are kept, and only what must live is made anew.
    """
    if file is not None and file.endswith(".toml"):
        return _repeat(common, Path(file), endpoints)
    sources = _sources(file, keylog, origins)
    if not sources:
        raise BadInput("expected a capture, a finding, or --from STACK", field="FILE")
    stacks = _stacks(endpoints)
    jobs = campaign.replay_jobs(
        stacks, (role,) if role else campaign.ROLES, sources, seed=common.seed, out=str(common.out)
    )
    return run_and_show(jobs, common, "replay", _versions(stacks))


@click.command("mutate")
@click.argument("file", type=click.Path(dir_okay=False), required=False)
@_ENDPOINT
@_ROLE
@_KEYLOG
@_FROM
@click.option(
    "--operator",
    "patterns",
    multiple=True,
    metavar="PATTERN",
    help="Operators, by name; * and ? stand for any.",
)
@click.option("--places", type=click.IntRange(1), metavar="N", help="Try N places of each operator, not all.")
@click.option(
    "--runs", type=click.IntRange(1), metavar="N", help="N mutations of each operator by chance, by --seed."
)
@common_options
def mutate(
    common: CommonOptions,
    file: str | None,
    endpoints: tuple[str, ...],
    role: str | None,
    keylog: str | None,
    origins: tuple[str, ...],
    patterns: tuple[str, ...],
    places: int | None,
    runs: int | None,
) -> int:
    """Replay a captured handshake with one change at a time, and judge what endpoints make of it.

    Without FILE, handshakes of the endpoint with itself are recorded first, or of the stacks that --from
    names. Every operator is tried at every place, unless --places or --runs say otherwise. What an oracle
    objects to is kept in findings/ below the out folder, as a file that `dtlslab replay` repeats.
    """
    operators = select_operators(patterns)
    if places and runs:
        raise BadInput("give --places or --runs, not both", field="--runs")
    if common.list:
        for operator in operators:
            click.echo(f"{operator.name:24} {operator.title}")
        return 0
    stacks = _stacks(endpoints)
    plan = Plan(places or 0, runs or 0)
    sources = _sources(file, keylog, origins)
    roles = (role,) if role else campaign.ROLES
    jobs = []
    for stack in stacks:
        jobs += campaign.mutation_jobs(
            [stack],
            roles,
            sources or campaign.own_sources([stack]),
            operators,
            plan,
            seed=common.seed,
            out=str(common.out),
        )
    return run_and_show(jobs, common, "mutate", _versions(stacks))


def _repeat(common: CommonOptions, path: Path, endpoints: tuple[str, ...]) -> int:
    saved = load(path)
    stacks = [find(name) for name in endpoints or (saved.finding.endpoint,)]
    jobs = [campaign.finding_job(saved, stack, str(path), out=str(common.out)) for stack in stacks]
    return run_and_show(jobs, common, "replay", _versions(stacks))


def _sources(file: str | None, keylog: str | None, origins: tuple[str, ...]) -> list[Source]:
    """The recordings that were asked for. A file is read at once, so that what is wrong with it is said
    first.
    """
    if file is not None and origins:
        raise BadInput("give FILE or --from, not both", field="--from")
    if file is not None:
        source = Source(
            file=str(Path(file).absolute()), keylog=str(Path(keylog).absolute()) if keylog else ""
        )
        source.recording()
        return [source]
    return campaign.own_sources([find(name) for name in origins], KINDS)


def _stacks(names: tuple[str, ...]) -> list[Stack]:
    found = [find(name) for name in names] or installed()
    if not found:
        raise NotInstalled("any DTLS stack", "apt-get install libssl-dev libgnutls28-dev && dtlslab setup")
    return found


def _versions(stacks: list[Stack]) -> dict[str, str]:
    return {stack.name: stack.version for stack in stacks}
