# SPDX-License-Identifier: MIT
"""Fields of trace events, read with lenience.

The report draws whatever a trace holds: a field that is missing or of another type than documented is taken
as absent, so that a trace of another version, or of a plug-in, still gives a diagram.
"""

from __future__ import annotations

import math
from typing import Any

Fields = dict[str, Any]


def text(data: Fields, field: str) -> str:
    """A field as text; empty when it is absent."""
    value = data.get(field)
    return value if isinstance(value, str) else "" if value is None else str(value)


def number(data: Fields, field: str) -> int | None:
    """A field as a whole number; None when it is absent or not a number."""
    value = data.get(field)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return int(value)


def count(data: Fields, field: str) -> int:
    """A field as a number from 0 up; 0 when it is absent."""
    return max(number(data, field) or 0, 0)


def flag(data: Fields, field: str) -> bool:
    return data.get(field) is True


def mappings(data: Fields, field: str) -> list[Fields]:
    """A field as a list of objects; empty when it is absent."""
    value = data.get(field)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def records(data: Fields) -> list[Fields]:
    """The records of a datagram."""
    return mappings(data, "records")
