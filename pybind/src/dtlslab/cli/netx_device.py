# SPDX-License-Identifier: MIT
"""`dtlslab netx-device`: an unchanged program for NetX Secure DTLS becomes an endpoint."""

from __future__ import annotations

from pathlib import Path

import click

from dtlslab import netx_device as device
from dtlslab.errors import BadInput


@click.command("netx-device")
@click.argument("sources", nargs=-1, required=True, type=click.UNPROCESSED)
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The shared object that is made, such as mydevice.so.",
)
@click.option(
    "--driver",
    "drivers",
    multiple=True,
    metavar="NAME",
    help="The board's network driver, if no source has it.",
)
@click.option("--arguments", default="", metavar="TEXT", help="Of the program's main, as on a command line.")
@click.option(
    "--when",
    "conditional",
    multiple=True,
    nargs=2,
    metavar="FEATURE TEXT",
    help=f"More arguments, if what is configured has {', '.join(device.FEATURES)}.",
)
@click.option("--can", "words", multiple=True, metavar="WORD", help="A capability that the program has.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    type=click.Choice(["client", "server"]),
    help="What the program is, if the services that it calls do not tell.",
)
@click.option(
    "--port",
    default=0,
    metavar="NUMBER",
    type=click.IntRange(0, 65535),
    help="Of a server, if it has several.",
)
def netx_device(
    sources: tuple[str, ...],
    output: Path,
    drivers: tuple[str, ...],
    arguments: str,
    conditional: tuple[tuple[str, str], ...],
    words: tuple[str, ...],
    roles: tuple[str, ...],
    port: int,
) -> int:
    """Compile a program for NetX Secure DTLS, as it is, to an endpoint.

    SOURCES are its files in C; what follows them behind -- is for the compiler. The shared object is a
    client or a server for interop, sim and Lab.
    """
    flags_from = next((i for i, text in enumerate(sources) if text.startswith("-")), len(sources))
    if flags_from == 0:
        raise BadInput("there is no source file before the compiler's flags", field="SOURCES")
    program = device.Program(
        sources=tuple(Path(text) for text in sources[:flags_from]),
        drivers=drivers,
        arguments=arguments,
        conditional=conditional,
        words=words,
        roles=roles,
        port=port,
        flags=sources[flags_from:],
    )
    told = device.build(program, output)
    click.echo(f"{output}: {' '.join(told)}")
    return 0
