# SPDX-License-Identifier: MIT
"""`dtlslab bench`: builds and runs the benchmark programs, on one core."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from dtlslab import locations
from dtlslab.cli.options import CommonOptions, common_options
from dtlslab.cli.output import write_text
from dtlslab.errors import NotInstalled

_FOLDERS = {
    "libdtls/bench": "libdtls, OpenSSL and the bare primitives",
    "sim/bench": "the world and its carriers, with endpoints that cost nothing",
}


class Measurement(msgspec.Struct):
    """What one program printed."""

    program: str
    title: str
    lines: list[str]


@click.command()
@click.argument("words", nargs=-1)
@common_options
def bench(common: CommonOptions, words: tuple[str, ...]) -> int:
    """Measure, and print figures as ratios.

    Each program measures libdtls and what it is compared with in one process on
    one core, so that the ratios mean something on any machine. With WORDS, only
    programs whose names contain one of them.
    """
    build = locations.build_folder()
    _build(build)
    programs = [
        (path, title) for path, title in _programs(build) if not words or any(w in path.name for w in words)
    ]
    if common.list:
        for path, title in programs:
            click.echo(f"{path.name}  {title}")
        return 0
    if not programs:
        raise NotInstalled("a benchmark program of that name", f"{locations.how_to_run()} setup")
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    aside = common.json == "-"
    measured = [_run(path, title, aside=aside) for path, title in programs]
    if common.json is not None:
        write_text(common.json, msgspec.json.format(msgspec.json.encode(measured), indent=2).decode() + "\n")
    return 0


def _build(build: Path) -> None:
    """Brings the programs up to date; says nothing when they are."""
    if not (build / "build.ninja").is_file():
        raise NotInstalled("the build", f"{locations.how_to_run()} setup")
    known = subprocess.run(
        ["ninja", "-C", str(build), "-t", "targets", "all"], capture_output=True, text=True, check=True
    ).stdout
    targets = [f"{folder}/all" for folder in _FOLDERS if f"{folder}/all:" in known]
    ran = subprocess.run(["ninja", "-C", str(build), *targets], capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        raise click.ClickException(f"the benchmark programs do not build:\n{ran.stdout}{ran.stderr}")


def _programs(build: Path) -> Iterator[tuple[Path, str]]:
    for folder, title in _FOLDERS.items():
        for path in sorted((build / folder).glob("*bench*")):
            if path.is_file() and os.access(path, os.X_OK):
                yield path, title


def _run(path: Path, title: str, *, aside: bool) -> Measurement:
    """Runs one program and shows its lines as they come; `aside` on standard error."""
    click.echo(f"{path.name}: {title}", err=aside)
    ns3 = locations.shared_object("carrier", "ns3")
    arguments = [str(ns3)] if path.name == "dtlslab-sim-bench" and ns3 is not None else []
    lines = []
    # Through a pipe, a program's lines would otherwise come all at once, at its end.
    by_line = ["stdbuf", "-oL"] if shutil.which("stdbuf") else []
    with subprocess.Popen([*by_line, str(path), *arguments], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line.rstrip("\n"))
            click.echo(f"  {lines[-1]}", err=aside)
    if process.returncode != 0:
        raise click.ClickException(f"{path.name} ended with status {process.returncode}")
    return Measurement(path.name, title, lines)
