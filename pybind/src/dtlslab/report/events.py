# SPDX-License-Identifier: MIT
"""Events of a trace as the report reads them.

The report draws whatever a trace holds: a field that is missing or of another type than documented is taken as
absent, so that a trace of another version, or of a plug-in, still gives a diagram. Only a line that is not an event
at all is an error.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import msgspec

from dtlslab.errors import BadInput


class Event(msgspec.Struct, frozen=True):
    """One line of `events.jsonl`: qlog's names, time in milliseconds of the carrier's clock."""

    time: float
    name: str
    endpoint: str = ""
    data: dict[str, Any] = {}

    def text(self, field: str) -> str:
        """A field of the data as text; empty when it is absent."""
        return text(self.data, field)

    def number(self, field: str) -> int:
        """A field of the data as a number; 0 when it is absent."""
        return number(self.data, field) or 0

    def flag(self, field: str) -> bool:
        return self.data.get(field) is True

    @property
    def datagram(self) -> str:
        """The identity of the datagram that this event is about; empty when there is none."""
        return text(self.data, "datagram_id")

    @property
    def records(self) -> list[dict[str, Any]]:
        return mappings(self.data, "records")


def text(data: dict[str, Any], field: str) -> str:
    value = data.get(field)
    return value if isinstance(value, str) else "" if value is None else str(value)


def number(data: dict[str, Any], field: str) -> int | None:
    value = data.get(field)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return int(value)


def mappings(data: dict[str, Any], field: str) -> list[dict[str, Any]]:
    value = data.get(field)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def read_events(path: Path) -> list[Event]:
    """Reads `events.jsonl`. BadInput names the file, the line and what was expected."""
    decode = msgspec.json.Decoder(Event).decode
    events: list[Event] = []
    append = events.append
    with path.open("rb") as file:
        for line_number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                append(decode(line))
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise BadInput(f"not a trace event: {error}", file=path, line=line_number) from None
    return events
