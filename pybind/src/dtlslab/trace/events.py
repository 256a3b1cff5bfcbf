# SPDX-License-Identifier: MIT
"""Events, one JSON object a line, with qlog's field names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from dtlslab.errors import BadInput


class Event(msgspec.Struct, kw_only=True):
    """One thing that happened."""

    time: float
    """Milliseconds of carrier time."""
    name: str
    """`dtls:datagram_sent` and so on."""
    endpoint: str = ""
    """The endpoint that it happened to: `client`, `server`; empty for the network and the script."""
    data: dict[str, Any] = {}


def write_events(path: Path, events: Iterable[Event]) -> None:
    """Writes events.jsonl."""
    encode = msgspec.json.Encoder().encode
    with path.open("wb") as file:
        file.writelines(encode(event) + b"\n" for event in events)


def read_events(path: Path) -> list[Event]:
    """Reads events.jsonl back. BadInput names file, line and what was expected."""
    return list(_lines(path))


def _lines(path: Path) -> Iterator[Event]:
    decoder = msgspec.json.Decoder(Event)
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                yield decoder.decode(line)
            except msgspec.DecodeError as error:
                raise BadInput(f"not an event of a dtlslab trace: {error}", file=path, line=number) from None
