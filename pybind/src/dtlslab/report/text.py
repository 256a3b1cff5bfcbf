# SPDX-License-Identifier: MIT
"""How the report writes numbers, times and names."""

from __future__ import annotations

import re
import unicodedata

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_text(value: object) -> str:
    """Any value as text that XML 1.0 allows: characters that it forbids become U+FFFD."""
    return _NOT_XML.sub("\ufffd", str(value))


def duration_text(milliseconds: float) -> str:
    """Milliseconds as people say them: `7.000 s`, `20.1 ms`, `3 min 5 s`."""
    seconds = milliseconds / 1000
    if abs(seconds) >= 120:
        minutes, rest = divmod(round(seconds), 60)
        return f"{minutes:,} min {rest} s" if rest else f"{minutes:,} min"
    if abs(seconds) >= 0.9995:
        return f"{seconds:.3f} s"
    return f"{milliseconds:.3g} ms"


def seconds_text(seconds: float) -> str:
    return duration_text(seconds * 1000)


def bytes_text(count: int) -> str:
    """A size with at most three figures: `837 bytes`, `1 MiB`, `1.25 KiB`."""
    if count < 1024:
        return "1 byte" if count == 1 else f"{count} bytes"
    size = float(count)
    units = ["KiB", "MiB", "GiB"]
    while size >= 1024 * 1024 and len(units) > 1:
        size /= 1024
        units.pop(0)
    size /= 1024
    return f"{size:.3g} {units[0]}" if size < 1000 else f"{size:,.0f} {units[0]}"


def percent_text(share: float) -> str:
    """A share of one, as per cent: `10 %`, `0.5 %`."""
    return f"{share * 100:.3g} %"


def columns(text: str) -> int:
    """How many columns a monospaced text takes; wide characters take two."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def shortened(text: str, most: int) -> str:
    """The text, cut to `most` columns with an ellipsis at its end."""
    if columns(text) <= most:
        return text
    taken = 1
    for index, c in enumerate(text):
        taken += columns(c)
        if taken > most:
            return text[:index].rstrip() + "…"
    return text
