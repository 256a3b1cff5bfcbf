# SPDX-License-Identifier: MIT
"""The command `dtlslab conformance`."""

from __future__ import annotations

from dataclasses import replace

import click
from dtlslab.cli.options import CommonOptions, common_options
from dtlslab.cli.output import run_and_show
from dtlslab.errors import BadInput, NotInstalled
from dtlslab.stack import Stack

from . import matrix, outside
from .case import ROLES
from .cases import select_cases
from .outside import Outside


@click.command("conformance")
@click.option(
    "--endpoint", "endpoints", multiple=True, metavar="E", help="Under test; may be given several times."
)
@click.option("--role", type=click.Choice(ROLES), help="Test it as a client or as a server.  [default: both]")
@click.option("--suite", metavar="S", help="Cases of one document, such as rfc6347.")
@click.option(
    "--case", "patterns", multiple=True, metavar="PATTERN", help="Cases, by name; * and ? stand for any."
)
@click.option("--long", "any_length", is_flag=True, help="With programs: also cases that wait for over 10 s.")
@click.option("--i-own-this-host", "own_host", is_flag=True, help="Allow udp:// beyond loopback.")
@common_options
def conformance(
    common: CommonOptions,
    endpoints: tuple[str, ...],
    role: str | None,
    suite: str | None,
    patterns: tuple[str, ...],
    any_length: bool,
    own_host: bool,
) -> int:
    """Hold packet-level dialogues with endpoints, and judge each by the requirement that it cites.

    E is a name from `peers`, the name of a program (openssl-s_server, gnutls-cli, …), a path to a shared
    object that exports the endpoint contract or to a process contract (.toml), or udp://host:port, a server
    with the laboratory's credentials that echoes what it gets. Without any, every installed stack is tested.
    Programs live in real time: there, cases that wait for over 10 s are left out unless --long, or --case
    with the whole name, asks for them. Known failures of released stacks do not count; departures do.
    """
    cases = select_cases(patterns, suite)
    if not cases:
        wanted = " ".join([*patterns, *([suite] if suite else [])])
        raise BadInput(f"no case matches {wanted}; --list names them all", field="--case")
    found = matrix.endpoints_of(endpoints, own_host=own_host)
    if not found:
        raise NotInstalled("any DTLS stack", "apt-get install libssl-dev libgnutls28-dev && dtlslab setup")
    roles = (role,) if role else ROLES
    stacks = [endpoint for endpoint in found if isinstance(endpoint, Stack)]
    jobs = matrix.jobs(stacks, cases, roles, seed=common.seed, out=str(common.out))
    outsiders = [endpoint for endpoint in found if isinstance(endpoint, Outside)]
    if outsiders:
        long = [case.name for case in cases] if any_length else patterns
        more = outside.jobs(outsiders, cases, roles, common, own_host=own_host, any_length=long)
        if not more:
            raise BadInput(f"{outsiders[0].name} cannot be a {role}", field="--role")
        jobs += more
        common = replace(common, jobs=common.jobs or outside.workers(outsiders))
    return run_and_show(jobs, common, "conformance", {endpoint.name: endpoint.version for endpoint in found})
