# SPDX-License-Identifier: MIT
"""`dtlslab diff`: what changed between two runs."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console


@click.command()
@click.argument("before", type=click.Path(path_type=Path))
@click.argument("after", type=click.Path(path_type=Path))
def diff(before: Path, after: Path) -> int:
    """Compare the verdicts of the out folders BEFORE and AFTER.

    Prints the cells whose verdict changed and writes AFTER/diff.html. The status
    is 1 when a cell got worse or is gone.
    """
    from dtlslab import report
    from dtlslab.report import difference, terminal

    found = difference.read_difference(before, after)
    Console(highlight=False).print(terminal.difference_table(found))
    click.echo(f"page: {report.diff(before, after)}")
    return 1 if found.worse or found.removed else 0
