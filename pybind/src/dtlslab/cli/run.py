# SPDX-License-Identifier: MIT
"""`dtlslab run`: the default campaign, made of the parts that plug-ins and the simulation bring."""

from __future__ import annotations

import click

from dtlslab import endpoints
from dtlslab.cli.options import CommonOptions, common_options
from dtlslab.cli.output import run_and_show
from dtlslab.errors import NotInstalled
from dtlslab.locations import how_to_run
from dtlslab.plugins import CampaignPart, PlanOptions, registry

SIMULATION = CampaignPart(
    "sim", "Handshakes on a lossy ns-3 link", "dtlslab.simulation:campaign_plan", order=90
)


@click.command()
@click.option("--quick", "scale", flag_value="quick", help="A sample of everything, in seconds.")
@click.option("--all", "scale", flag_value="all", help="Everything, for as long as it takes.")
@click.option("--part", "only", multiple=True, help="Only this part of the campaign; may be given again.")
@common_options
def run(common: CommonOptions, scale: str | None, only: tuple[str, ...]) -> int:
    """Run the default campaign against all installed stacks.

    Leaves a table here and pages in the out folder: index.html, results.jsonl,
    run.json and a trace of every cell.
    """
    stacks = endpoints.installed()
    if not stacks:
        raise NotInstalled("every stack", f"{how_to_run()} setup")
    parts = sorted([*registry().parts.values(), SIMULATION], key=lambda part: part.order)
    _leave_out(registry().missing, only)
    unknown = set(only) - {part.name for part in parts}
    if unknown:
        known = ", ".join(part.name for part in parts)
        raise click.BadParameter(f"there is no part {', '.join(sorted(unknown))}; expected {known}")
    options = PlanOptions(stacks=stacks, seed=common.seed, out=str(common.out), scale=scale or "default")
    jobs = [job for part in parts if not only or part.name in only for job in part.jobs(options)]
    return run_and_show(jobs, common, "campaign", {stack.name: stack.version for stack in stacks})


def _leave_out(missing: dict[str, tuple[CampaignPart, NotInstalled]], only: tuple[str, ...]) -> None:
    """Says which parts are left out for want of what; refuses to when one of them was asked for by name."""
    for name, (part, why) in missing.items():
        if name in only:
            raise why
        if not only:
            click.echo(f"left out: {part.title} ({name}). {why}", err=True)
