# SPDX-License-Identifier: MIT
"""What the other side must have if a program has credentials of its own: words of its capability list.

`peer:FIELD=HEX` is a field of a configuration, such as the key that the program has built in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

FIELDS = ("psk_identity", "psk_key", "trust", "certificate", "private_key", "server_name")

_PREFIX = "peer:"


def words(fields: Mapping[str, bytes]) -> list[str]:
    """The words that tell of these fields."""
    return [f"{_PREFIX}{name}={value.hex()}" for name, value in fields.items()]


def is_word(word: str) -> bool:
    """Whether a word of a capability list is one of these."""
    return word.startswith(_PREFIX)


def fields(capabilities: Iterable[str]) -> dict[str, bytes]:
    """The fields that a capability list tells."""
    told = (word.removeprefix(_PREFIX).partition("=") for word in capabilities if is_word(word))
    return {name: bytes.fromhex(value) for name, _, value in told if name in FIELDS}


def settings_beside(capabilities: Iterable[str], role: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    """What a side in `role` needs beside an endpoint with these capabilities, for
    `dtlslab.configuration.make_config`, on top of `asked`.
    """
    known = fields(capabilities)
    if asked.get("psk"):
        return {"psk": (known["psk_identity"], known["psk_key"])} if "psk_key" in known else {}
    settings: dict[str, Any] = {}
    if "certificate" in known and (role == "server" or asked.get("authenticate")):
        settings |= {name: known[name] for name in ("certificate", "private_key")}
    if "trust" in known and (role == "client" or asked.get("authenticate")):
        settings["trust"] = known["trust"]
        if role == "client":
            settings["server_name"] = known["server_name"].decode() if "server_name" in known else None
    return settings
