# SPDX-License-Identifier: MIT
"""Durations, rates and sizes as people write them: `15ms`, `10Mbps`, `1MiB`."""

from __future__ import annotations

import math
import re

from dtlslab.errors import BadInput

_NUMBER = re.compile(r"\s*([0-9]+(?:\.[0-9]*)?(?:e[+-]?[0-9]+)?|\.[0-9]+)\s*([a-zA-Zµ/]*)\s*\Z")

_NANOSECONDS = {
    "ns": 1,
    "us": 10**3,
    "µs": 10**3,
    "ms": 10**6,
    "s": 10**9,
    "min": 60 * 10**9,
    "h": 3600 * 10**9,
}
_RATES = {"bps": 1, "kbps": 10**3, "Mbps": 10**6, "Gbps": 10**9}
_SIZES = {"": 1, "B": 1, "kB": 10**3, "MB": 10**6, "KiB": 2**10, "MiB": 2**20}


def nanoseconds(duration: float | str) -> int:
    """A duration, in seconds or as text with a unit, in whole nanoseconds."""
    if isinstance(duration, str):
        return _parse(duration, _NANOSECONDS, "a duration such as 15ms, 1.5s or 2min")
    if not math.isfinite(duration) or duration < 0:
        raise BadInput(f"{duration!r} is not a duration; expected seconds from 0 up")
    return round(duration * 10**9)


def seconds(duration: float | str) -> float:
    """A duration, in seconds or as text with a unit, in seconds."""
    return nanoseconds(duration) / 10**9


def bits_per_second(rate: int | str) -> int:
    """A rate: a number of bits a second, or text such as `10Mbps`."""
    return rate if isinstance(rate, int) else _parse(rate, _RATES, "a rate such as 250kbps or 10Mbps")


def size(amount: int | str) -> int:
    """A number of bytes, or text such as `64KiB`."""
    return amount if isinstance(amount, int) else _parse(amount, _SIZES, "a size such as 1200, 64KiB or 1MiB")


def duration_text(ns: int) -> str:
    """Nanoseconds as the shortest exact text with a unit: 15000000 is `15ms`."""
    for unit in ("s", "ms", "us"):
        if ns % _NANOSECONDS[unit] == 0:
            return f"{ns // _NANOSECONDS[unit]}{unit}"
    return f"{ns}ns"


def _parse(text: str, units: dict[str, int], expected: str) -> int:
    match = _NUMBER.match(text)
    if match is None or match[2] not in units:
        raise BadInput(f"{text!r} is not {expected}")
    number, factor = match[1], units[match[2]]
    return int(number) * factor if number.isdigit() else round(float(number) * factor)
