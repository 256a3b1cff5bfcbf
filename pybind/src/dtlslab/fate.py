# SPDX-License-Identifier: MIT
"""What a hook may decide about a datagram on its way."""

from __future__ import annotations

from dataclasses import dataclass

from dtlslab import units


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a datagram: made by `drop`, `delay`, `hold`, `duplicate` and `replace`.

    None lets it pass.
    """

    dropped: bool = False
    held: bool = False
    delay_ns: int = 0
    copies: int = 1
    data: bytes | None = None
    reason: str = ""


def drop(reason: str = "dropped by the script") -> Fate:
    """The datagram never leaves. `reason` stands in the trace."""
    return Fate(dropped=True, reason=reason)


def delay(by: float | str, reason: str = "delayed by the script") -> Fate:
    """The datagram leaves later, by seconds or text such as `15ms`."""
    return Fate(delay_ns=units.nanoseconds(by), reason=reason)


def hold(reason: str = "held back by the script") -> Fate:
    """The datagram leaves right after the next one from the same sender to the same receiver."""
    return Fate(held=True, reason=reason)


def duplicate(copies: int = 2, reason: str = "duplicated by the script") -> Fate:
    """The datagram goes out `copies` times in all."""
    return Fate(copies=copies, reason=reason)


def replace(data: bytes, reason: str = "changed by the script") -> Fate:
    """Other bytes go out in its place."""
    return Fate(data=data, reason=reason)
