# SPDX-License-Identifier: MIT
"""`dtlslab report`: pages from traces, and traces for other tools."""

from __future__ import annotations

from pathlib import Path

import click

from dtlslab.errors import BadInput


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--qlog", is_flag=True, help="Write qlog (JSON-SEQ) beside every events.jsonl instead of the pages."
)
def report(folder: Path, qlog: bool) -> int:
    """Draw the pages of the out folder FOLDER again, from its results and traces.

    With --qlog, FOLDER may be any folder that has traces somewhere below it.
    """
    if not folder.is_dir():
        raise BadInput("there is no such folder; expected the out folder of a run", file=folder)
    if qlog:
        return _export_qlog(folder)
    from dtlslab import campaign

    if not (folder / "results.jsonl").is_file():
        raise BadInput("has no results.jsonl; expected the out folder of a run", file=folder)
    click.echo(campaign.build_report(folder))
    return 0


def _export_qlog(folder: Path) -> int:
    from dtlslab.trace import qlog
    from dtlslab.trace.events import read_events

    traces = sorted(folder.rglob("events.jsonl"))
    if not traces:
        raise BadInput("holds no events.jsonl; expected traces", file=folder)
    for path in traces:
        target = path.with_name("events.sqlog")
        target.write_bytes(qlog.encode(read_events(path), str(path.parent.relative_to(folder))))
        click.echo(target)
    return 0
