# SPDX-License-Identifier: MIT
"""The options that every command has."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click


@dataclass(frozen=True, slots=True)
class CommonOptions:
    """What the user asked for with the common options."""

    out: Path
    seed: int
    jobs: int | None
    """Worker processes; None for one a core."""
    json: str | None
    """File for the results as a JSON array; `-` is standard output."""
    junit: str | None
    list: bool
    """Say what would be run, and run nothing."""
    quiet: bool
    verbose: bool

    @property
    def stdout_is_taken(self) -> bool:
        """Whether standard output carries JSON or JUnit, so that tables go to standard error."""
        return "-" in (self.json, self.junit)


_OPTIONS = (
    click.option(
        "--out", type=click.Path(file_okay=False, path_type=Path), help="Folder for traces and report."
    ),
    click.option(
        "--seed", type=click.IntRange(0, 2**63 - 1), default=1, show_default=True, help="Of everything."
    ),
    click.option("--jobs", type=click.IntRange(1, 1024), help="Worker processes.  [default: one a core]"),
    click.option("--json", metavar="FILE", help="Write the results as JSON; - is standard output."),
    click.option("--junit", metavar="FILE", help="Write the results as JUnit XML; - is standard output."),
    click.option("--list", is_flag=True, help="Say what would be run, and run nothing."),
    click.option("--quiet", "-q", is_flag=True, help="Print only what departs from expectation."),
    click.option("--verbose", "-v", is_flag=True, help="Print every cell, with reasons."),
)


def common_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the common options to a click command, which gets them as its first argument `common`.

    Put it nearest to the function. The default of `--out` is `out/<command>`.
    """

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        names = CommonOptions.__dataclass_fields__
        given = {name: kwargs.pop(name) for name in names}
        if given["out"] is None:
            info = click.get_current_context().info_name or "dtlslab"
            given["out"] = Path("out") / info
        given["out"] = given["out"].absolute()
        return function(CommonOptions(**given), *args, **kwargs)

    for option in reversed(_OPTIONS):
        wrapper = option(wrapper)
    return wrapper
