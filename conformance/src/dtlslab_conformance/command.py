# SPDX-License-Identifier: MIT
"""The command `dtlslab conformance`."""

from __future__ import annotations

import click
from dtlslab.cli.options import CommonOptions, common_options
from dtlslab.cli.output import run_and_show
from dtlslab.errors import BadInput, NotInstalled

from . import matrix
from .case import ROLES, select_cases


@click.command("conformance")
@click.option(
    "--endpoint", "endpoints", multiple=True, metavar="E", help="Under test; may be given several times."
)
@click.option("--role", type=click.Choice(ROLES), help="Test it as a client or as a server.  [default: both]")
@click.option("--suite", metavar="S", help="Cases of one document, such as rfc6347.")
@click.option(
    "--case", "patterns", multiple=True, metavar="PATTERN", help="Cases, by name; * and ? stand for any."
)
@common_options
def conformance(
    common: CommonOptions,
    endpoints: tuple[str, ...],
    role: str | None,
    suite: str | None,
    patterns: tuple[str, ...],
) -> int:
    """Hold packet-level dialogues with endpoints, and judge each by the requirement that it cites.

    E is a name from `peers` or a path to a shared object that exports the endpoint contract. Without any,
    every
    installed stack is tested. Known failures of released stacks do not count; departures from them do.
    """
    cases = select_cases(patterns, suite)
    if not cases:
        wanted = " ".join([*patterns, *([suite] if suite else [])])
        raise BadInput(f"no case matches {wanted}; --list names them all", field="--case")
    found = matrix.stacks(endpoints)
    if not found:
        raise NotInstalled("any DTLS stack", "apt-get install libssl-dev libgnutls28-dev && dtlslab setup")
    jobs = matrix.jobs(found, cases, (role,) if role else ROLES, seed=common.seed, out=str(common.out))
    return run_and_show(jobs, common, "conformance", {stack.name: stack.version for stack in found})
