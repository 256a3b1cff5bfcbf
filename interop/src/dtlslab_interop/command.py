# SPDX-License-Identifier: MIT
"""The command `dtlslab interop`."""

from __future__ import annotations

import click
from dtlslab.cli.options import CommonOptions, common_options
from dtlslab.cli.output import run_and_show
from dtlslab.errors import BadInput, NotInstalled

from dtlslab_interop import matrix
from dtlslab_interop.cases import matching


@click.command("interop")
@click.option("--client", "clients", multiple=True, metavar="C", help="A client; may be given several times.")
@click.option("--server", "servers", multiple=True, metavar="S", help="A server; may be given several times.")
@click.option(
    "--case", "patterns", multiple=True, metavar="PATTERN", help="Cases, by name; * and ? stand for any."
)
@click.option("--i-own-this-host", "own_host", is_flag=True, help="Allow udp:// beyond loopback.")
@common_options
def interop(
    common: CommonOptions,
    clients: tuple[str, ...],
    servers: tuple[str, ...],
    patterns: tuple[str, ...],
    own_host: bool,
) -> int:
    """Run stack against stack.

    C and S are a name from `peers`, the name of a program (openssl-s_server, openssl-s_client, gnutls-serv,
    gnutls-cli), a path to a shared object that exports the endpoint contract, or a path to a process contract
    (.toml). S may be udp://host:port, a server with the laboratory's credentials that echoes what it gets.
    Without any, every installed stack meets every other, and the first of them the programs.
    """
    cases = matching(patterns)
    if not cases:
        raise BadInput(f"no case matches {' '.join(patterns)}; --list names them all", field="--case")
    pairs = matrix.pairs(clients, servers, own_host=own_host)
    if not pairs:
        raise NotInstalled("any DTLS stack", "apt-get install libssl-dev libgnutls28-dev && dtlslab setup")
    jobs = matrix.jobs(pairs, cases, seed=common.seed, out=str(common.out), own_host=own_host)
    versions = {side.name: side.version for pair in pairs for side in pair}
    return run_and_show(jobs, common, "interop", versions)
