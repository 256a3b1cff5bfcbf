# SPDX-License-Identifier: MIT
"""`dtlslab sim`: scenario files."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from dtlslab import endpoints
from dtlslab.cli.options import CommonOptions, common_options
from dtlslab.cli.output import run_and_show
from dtlslab.scenario import read_scenario, variants


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--set", "settings", multiple=True, metavar="KEY=VALUE", help="Change a field: --set network.loss=0.2"
)
@click.option(
    "--runs", type=click.IntRange(1, 10_000_000), help="Runs of each variant, with seeds from --seed up."
)
@common_options
def sim(common: CommonOptions, file: Path, settings: tuple[str, ...], runs: int | None) -> int:
    """Run the scenario FILE.

    A scenario that varies fields is run once for each combination. Each run has
    its own seed, counted from --seed; the same seed gives the same events, and
    the seed of any run brings back its whole trace: --runs 1 --seed N.
    """
    from dtlslab.simulation import plan

    scenario = read_scenario(file, settings)
    if runs is not None:
        scenario = msgspec.structs.replace(scenario, run=msgspec.structs.replace(scenario.run, runs=runs))
    stacks = endpoints.installed()
    versions = {stack.name: stack.version for stack in stacks}
    jobs = []
    for variant in variants(scenario, [stack.name for stack in stacks]):
        for spec in (variant.scenario.client, variant.scenario.server):
            endpoints.find(spec.stack)
        jobs += plan(variant, seed=common.seed, out=common.out, file=str(file), settings=settings)
    return run_and_show(jobs, common, scenario.name, versions)
