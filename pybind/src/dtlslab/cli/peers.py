# SPDX-License-Identifier: MIT
"""`dtlslab peers`: the stacks that are there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from dtlslab import endpoints, locations
from dtlslab.cli.options import CommonOptions, common_options
from dtlslab.cli.output import console, write_text
from dtlslab.errors import DtlslabError
from dtlslab.stack import Stack


@click.command()
@click.argument("action", type=click.Choice(["list", "show"]), default="list")
@click.argument("name", required=False)
@common_options
def peers(common: CommonOptions, action: str, name: str | None) -> int:
    """List the stacks, or show what one of them can do.

    NAME is a name from the list or a path to a shared object that exports the
    endpoint contract. A stack that is missing ends with status 3 and the
    command that installs it.
    """
    if action == "show":
        if name is None:
            raise click.UsageError("peers show needs the name of a stack; peers list has them")
        _show(endpoints.find(name), common)
        return 0
    stacks, broken = _all()
    if common.json is not None:
        write_text(common.json, _json(stacks))
    if common.json != "-":
        _print_list(stacks, broken, console(common))
    return 0


def _all() -> tuple[list[Stack], dict[str, str]]:
    """The stacks that load, and why the others do not."""
    stacks: list[Stack] = []
    broken: dict[str, str] = {}
    for name in endpoints.names():
        try:
            stacks.append(endpoints.find(name))
        except DtlslabError as error:
            broken[name] = str(error)
    return stacks, broken


def _print_list(stacks: list[Stack], broken: dict[str, str], screen: Console) -> None:
    table = Table(box=None, pad_edge=False)
    for title in ("stack", "version", "roles", "DTLS", "how it is installed"):
        table.add_column(title)
    for stack in stacks:
        roles = " ".join(role for role in ("client", "server") if stack.supports(role))
        versions = " ".join(v for v in ("1.0", "1.2", "1.3") if stack.supports(f"dtls{v}"))
        table.add_row(stack.name, stack.version, roles, versions, _origin(stack.path))
    for name, reason in broken.items():
        table.add_row(name, "–", "", "", reason)
    screen.print(table)


def _show(stack: Stack, common: CommonOptions) -> None:
    if common.json is not None:
        write_text(common.json, _json([stack]))
        if common.json == "-":
            return
    screen = console(common)
    screen.print(f"[bold]{stack.name}[/] {stack.version}")
    screen.print(f"  {stack.path}", soft_wrap=True)
    plain = sorted(word for word in stack.capabilities if ":" not in word)
    screen.print(f"  can: {' '.join(plain)}", soft_wrap=True)
    for kind, title, look_up in _CODES:
        codes = sorted(word.partition(":")[2] for word in stack.capabilities if word.startswith(f"{kind}:"))
        if codes:
            words = [look_up(int(code, 16)) for code in codes]
            named = [word for word in words if not word.startswith("0x") or common.verbose]
            more = f" and {len(words) - len(named)} more (-v)" if len(named) < len(words) else ""
            screen.print(f"  {title}: {', '.join(named)}{more}", soft_wrap=True)


def _codes() -> tuple[tuple[str, str, Any], ...]:
    from dtlslab.trace import names

    return (
        ("suite", "suites", names.suite),
        ("group", "groups", names.group),
        ("scheme", "signature schemes", names.scheme),
    )


_CODES = _codes()


def _origin(path: Path) -> str:
    for folder in locations.library_folders():
        if path.is_relative_to(folder):
            return "with dtlslab"
    return str(path)


def _json(stacks: list[Stack]) -> str:
    import msgspec

    plain = [
        {
            "name": stack.name,
            "version": stack.version,
            "capabilities": sorted(stack.capabilities),
            "path": str(stack.path),
        }
        for stack in stacks
    ]
    return msgspec.json.format(msgspec.json.encode(plain), indent=2).decode() + "\n"
