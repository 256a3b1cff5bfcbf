# SPDX-License-Identifier: MIT
"""Whether the Scapy layers for DTLS are installed, and what the commands say when they are not.

They are a package of their own, scapy-dtls, under Scapy's licence, GPL-2.0-only; no other package of dtlslab
brings them along.
"""

from __future__ import annotations

import importlib.util

import click
from dtlslab.errors import NotInstalled

INSTALL = "pip install ./conformance/scapy_dtls  (in a checkout of dtlslab)"


def layers_missing() -> NotInstalled | None:
    """What to say when the layers are not installed; None when they are."""
    if importlib.util.find_spec("scapy_dtls") is not None:
        return None
    return NotInstalled("scapy-dtls, the packet layers of the tester,", INSTALL)


def _refusal(name: str) -> click.Command:
    settings = {"ignore_unknown_options": True, "help_option_names": []}

    @click.command(name, help=f"Needs scapy-dtls: {INSTALL}", context_settings=settings)
    @click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
    def command(arguments: tuple[str, ...]) -> int:  # noqa: ARG001 - whatever they are
        raise NotInstalled("scapy-dtls, the packet layers of the tester,", INSTALL)

    return command


conformance = _refusal("conformance")
replay = _refusal("replay")
mutate = _refusal("mutate")
