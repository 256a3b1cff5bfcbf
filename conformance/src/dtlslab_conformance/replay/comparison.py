# SPDX-License-Identifier: MIT
"""A capture and its replay, field by field: what differs, and which row of `live.DIFFERENCES` allows it."""

from __future__ import annotations

import dataclasses
import fnmatch
from collections.abc import Iterator
from dataclasses import dataclass

from scapy.packet import Raw

from .fields import ELEMENT, fields_of
from .live import DIFFERENCES, Difference
from .recording import AFTER_HANDSHAKE, RecordedDatagram, RecordedRecord, Recording, dissect_message
from .script import MESSAGE_NAMES

TIME_TOLERANCE = 1e-6
"""Seconds by which the spacing of datagrams may differ; captures keep nanoseconds."""

Fields = dict[str, object]


@dataclass(frozen=True, slots=True)
class Departure:
    """A field that is not in the replay what it is in the capture."""

    place: str
    """Where: `4/datagram[0]/record[1]/ServerHello.random`."""
    captured: object
    replayed: object
    allowed: Difference | None

    def __str__(self) -> str:
        return f"{self.place}: {self.captured!r} in the capture, {self.replayed!r} in the replay"


def compare(
    captured: Recording, replayed: Recording, side: str, *, tolerance: float = TIME_TOLERANCE
) -> list[Departure]:
    """All fields of one side that differ between a capture and its replay, in the order of the capture.

    `tolerance` is how many seconds late or early is still in time.
    """
    left_out = _types(captured, side) - _types(replayed, side)
    before = dict(_fields(captured, side, left_out))
    after = dict(_fields(replayed, side, left_out))
    departures = []
    for place in dict.fromkeys([*before, *after]):
        old, new = before.get(place), after.get(place)
        if not _same(place, old, new, tolerance):
            departures.append(Departure(place, old, new, _allowed(place, side)))
    changed = {_message_of(d.place) for d in departures if not _is_length(d.place)}
    return [
        dataclasses.replace(d, allowed=None)
        if _is_length(d.place) and _message_of(d.place) not in changed
        else d
        for d in departures
    ]


def unexplained(departures: list[Departure]) -> list[Departure]:
    """Those that no row of the table allows."""
    return [departure for departure in departures if departure.allowed is None]


def _types(recording: Recording, side: str) -> set[int]:
    return {message.msg_type for message in recording.messages[side]}


def _is_length(place: str) -> bool:
    return place.endswith(("_length", ".length"))


def _message_of(place: str) -> str:
    """`4/ServerHello` of `4/datagram[0]/record[1]/ServerHello.random`."""
    flight, name = place.partition("/")[0], place.rpartition("/")[2]
    return f"{flight}/{name.partition('.')[0].partition('#')[0]}"


def _same(place: str, old: object, new: object, tolerance: float) -> bool:
    if place.endswith(".time") and isinstance(old, float) and isinstance(new, float):
        return abs(old - new) <= tolerance
    return old == new


def _allowed(place: str, side: str) -> Difference | None:
    for row in DIFFERENCES:
        if row.side not in (side, "both"):
            continue
        if fnmatch.fnmatchcase(place, f"*{_literal(row.path)}"):
            return row
    return None


def _literal(pattern: str) -> str:
    return pattern.replace("[", "[[]")


def _fields(recording: Recording, side: str, left_out: set[int]) -> Iterator[tuple[str, object]]:
    flights: dict[int, list[RecordedDatagram]] = {}
    heard = said = 0.0
    for datagram in recording.datagrams:
        if datagram.sender != side:
            heard = datagram.time
            continue
        flight = flights.setdefault(datagram.flight, [])
        place = f"{datagram.flight}/datagram[{len(flight)}]"
        since = said if flight or datagram.flight == AFTER_HANDSHAKE else heard
        yield f"{place}.time", datagram.time - since
        flight.append(datagram)
        said = datagram.time
        yield from _datagram_fields(recording, datagram, place, left_out)
    for message in recording.messages[side]:
        if message.msg_type in left_out:
            yield f"{message.flight}/{MESSAGE_NAMES[message.msg_type]}", "sent"


def _datagram_fields(
    recording: Recording, datagram: RecordedDatagram, place: str, left_out: set[int]
) -> Iterator[tuple[str, object]]:
    records = [
        r for r in datagram.records if not r.fragments or any(f.msg_type not in left_out for f in r.fragments)
    ]
    for index, record in enumerate(records):
        yield from _record_fields(recording, datagram.sender, record, f"{place}/record[{index}]")


def _record_fields(
    recording: Recording, side: str, record: RecordedRecord, place: str
) -> Iterator[tuple[str, object]]:
    for name in ("content_type", "version", "epoch", "sequence_number", "explicit", "opaque"):
        yield f"{place}.record.{name}", getattr(record, name)
    yield f"{place}.record.content", record.content
    seen: list[int] = []
    for part in record.fragments:
        message = recording.messages[side][part.message]
        at = f"{place}/{MESSAGE_NAMES.get(part.msg_type, part.msg_type)}"
        again = seen.count(part.message)
        seen.append(part.message)
        at += f"#{again + 1}" if again else ""
        for name in ("msg_type", "length", "message_seq", "fragment_offset", "fragment_length"):
            yield f"{at}.header.{name}", getattr(part, name)
        if part.fragment_offset == 0:
            yield from _body_fields(recording, message.msg_type, message.body, at)


def _body_fields(
    recording: Recording, msg_type: int, body: bytes, place: str
) -> Iterator[tuple[str, object]]:
    packet = dissect_message(msg_type, body, recording.suite)
    if isinstance(packet, Raw):
        yield f"{place}.bytes", body
        return
    for found in fields_of(packet):
        if found.kind != ELEMENT:
            yield (
                f"{place}.{found.path}",
                tuple(found.value) if isinstance(found.value, list) else found.value,
            )
