# SPDX-License-Identifier: MIT
"""The commands `dtlslab replay` and `dtlslab mutate`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click
from dtlslab.cli.options import CommonOptions, common_options
from dtlslab.cli.output import run_and_show
from dtlslab.endpoints import find as find_stack
from dtlslab.endpoints import installed
from dtlslab.errors import BadInput, NotInstalled
from dtlslab.stack import Stack

from . import campaign
from .capture import KINDS, Source
from .cells import Plan
from .finding import load
from .operators import select_operators
from .party import Party, can_be, find, is_remote, side_of

_ROLE = click.option(
    "--role", type=click.Choice(campaign.ROLES), help="The role of the endpoint.  [default: both]"
)
_ENDPOINT = click.option(
    "--endpoint", "endpoints", multiple=True, metavar="E", help="Under test; may be given several times."
)
_KEYLOG = click.option(
    "--keylog", type=click.Path(dir_okay=False), metavar="FILE", help="Key log of a capture without secrets."
)
_OWN_HOST = click.option("--i-own-this-host", "own_host", is_flag=True, help="Allow udp:// beyond loopback.")
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
@_OWN_HOST
@common_options
def replay(
    common: CommonOptions,
    file: str | None,
    endpoints: tuple[str, ...],
    role: str | None,
    keylog: str | None,
    origins: tuple[str, ...],
    own_host: bool,
) -> int:
    """Replay a captured handshake against live endpoints, or repeat a finding.

    FILE is a capture (pcapng with its secrets inside, or pcap or pcapng with --keylog), or a finding
    (.toml). The endpoint plays ROLE; the other side of the capture is replayed: flights, fragments, order,
    timing and every field are kept, and only what must live is made anew. E is a name from `peers`, a path to
    a shared object, or udp://host:port, a server that runs already and is set up as the captured one was.
    """
    if file is not None and file.endswith(".toml"):
        return _repeat(common, Path(file), endpoints, own_host)
    sources = _sources(file, keylog, origins)
    if not sources:
        raise BadInput("expected a capture, a finding, or --from STACK", field="FILE")
    parties = _parties(endpoints, role, own_host)
    roles = (role,) if role else campaign.ROLES
    jobs = []
    for found in parties:
        chosen = _for_party(found, sources)
        jobs += campaign.replay_jobs([found], roles, chosen, seed=common.seed, out=str(common.out))
    return run_and_show(jobs, _one_by_one(common, parties), "replay", _versions(parties))


@click.command("mutate")
@click.argument("file", type=click.Path(dir_okay=False), required=False)
@_ENDPOINT
@_ROLE
@_KEYLOG
@_FROM
@_OWN_HOST
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
    own_host: bool,
    patterns: tuple[str, ...],
    places: int | None,
    runs: int | None,
) -> int:
    """Replay a captured handshake with one change at a time, and judge what endpoints make of it.

    Without FILE, handshakes of the endpoint with itself are recorded first, or of the stacks that --from
    names. Every operator is tried at every place, and on udp://host:port, which takes real time, at three,
    unless --places or --runs say otherwise. What an oracle objects to is kept in findings/ below the out
    folder, as a file that `dtlslab replay` repeats. E is what it is for `replay`.
    """
    operators = select_operators(patterns)
    if places and runs:
        raise BadInput("give --places or --runs, not both", field="--runs")
    if common.list:
        for operator in operators:
            click.echo(f"{operator.name:24} {operator.title}")
        return 0
    parties = _parties(endpoints, role, own_host)
    sources = _sources(file, keylog, origins)
    roles = (role,) if role else campaign.ROLES
    jobs = []
    for found in parties:
        default = campaign.REMOTE_PLACES if is_remote(found) and not runs else 0
        jobs += campaign.mutation_jobs(
            [found],
            roles,
            _for_party(found, sources) or _of_itself(found),
            operators,
            Plan(places or default, runs or 0),
            seed=common.seed,
            out=str(common.out),
        )
    return run_and_show(jobs, _one_by_one(common, parties), "mutate", _versions(parties))


def _repeat(common: CommonOptions, path: Path, endpoints: tuple[str, ...], own_host: bool) -> int:
    saved = load(path)
    parties = [find(name, own_host=own_host) for name in endpoints or (saved.finding.endpoint,)]
    jobs = [campaign.finding_job(saved, found, str(path), out=str(common.out)) for found in parties]
    return run_and_show(jobs, _one_by_one(common, parties), "replay", _versions(parties))


def _for_party(party: Party, sources: list[Source]) -> list[Source]:
    """The sources that fit: what is recorded for a server that runs already is a certificate handshake."""
    return [s for s in sources if s.file or not is_remote(party) or s.kind == "certificate"]


def _of_itself(party: Party) -> list[Source]:
    """Handshakes of a stack with itself."""
    if not isinstance(party, Stack):
        raise BadInput(
            f"no handshake of {party.name} with itself can be recorded; expected a capture or --from STACK",
            field="FILE",
        )
    return campaign.own_sources([party])


def _one_by_one(common: CommonOptions, parties: list[Party]) -> CommonOptions:
    """One cell at a time where a server takes part that runs already: it may serve one client at a time."""
    alone = any(is_remote(found) for found in parties)
    return replace(common, jobs=common.jobs or 1) if alone else common


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
    return campaign.own_sources([find_stack(name) for name in origins], KINDS)


def _parties(names: tuple[str, ...], role: str | None, own_host: bool) -> list[Party]:
    found = [find(name, own_host=own_host) for name in names] or [*installed()]
    if not found:
        raise NotInstalled("any DTLS stack", "apt-get install libssl-dev libgnutls28-dev && dtlslab setup")
    for one in found:
        if role is not None and not can_be(one, role):
            raise BadInput(f"{one.name} cannot be a {role}", field="--role")
    return found


def _versions(parties: list[Party]) -> dict[str, str]:
    return {found.name: side_of(found).version for found in parties}
