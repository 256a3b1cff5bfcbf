# SPDX-License-Identifier: MIT
"""`dtlslab netx-device`: an unchanged program for NetX Secure DTLS becomes an endpoint."""

from __future__ import annotations

from pathlib import Path

import click

from dtlslab import netx_device as device
from dtlslab.errors import BadInput

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


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
@click.option(
    "--psk", metavar="IDENTITY:KEY", help="A key that the program has built in, in hexadecimal digits."
)
@click.option(
    "--trust", metavar="FILE", type=_FILE, help="PEM: who has issued the certificate that the program shows."
)
@click.option(
    "--certificate",
    metavar="FILE",
    type=_FILE,
    help="PEM: one that the program will accept of the other side.",
)
@click.option("--key", metavar="FILE", type=_FILE, help="PEM: the private key of that certificate.")
@click.option(
    "--name", metavar="NAME", help="In the certificate that the program shows, if that is to be checked."
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
    psk: str | None,
    trust: Path | None,
    certificate: Path | None,
    key: Path | None,
    name: str | None,
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
        peer=_peer(psk, trust, certificate, key, name),
        roles=roles,
        port=port,
        flags=sources[flags_from:],
    )
    told = device.build(program, output)
    click.echo(f"{output}: {' '.join(told)}")
    return 0


def _peer(
    psk: str | None, trust: Path | None, certificate: Path | None, key: Path | None, name: str | None
) -> dict[str, bytes]:
    """What the other side is to have."""
    if (certificate is None) != (key is None):
        raise BadInput("a certificate and its key go together", field="--certificate")
    fields: dict[str, bytes] = {}
    if psk is not None:
        identity, _, digits = psk.rpartition(":")
        try:
            fields |= {"psk_identity": identity.encode(), "psk_key": bytes.fromhex(digits)}
        except ValueError:
            raise BadInput(f"{psk!r} is not IDENTITY:KEY in hexadecimal digits", field="--psk") from None
    files = {"trust": trust, "certificate": certificate, "private_key": key}
    fields |= {field: path.read_bytes() for field, path in files.items() if path is not None}
    return fields if name is None else {**fields, "server_name": name.encode()}
