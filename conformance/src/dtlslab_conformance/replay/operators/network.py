# SPDX-License-Identifier: MIT
"""What any network does to datagrams: loss, duplication, reordering, delay, other sizes. A handshake bears
all of it.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..mutation import Expectation, Mutation, Operator, harmless, number, rfc, seconds
from ..recording import AFTER_HANDSHAKE
from ..script import Datagram, Script


def _handshake_datagrams(script: Script) -> Iterator[tuple[str, Datagram]]:
    for place, datagram in script.datagrams():
        if datagram.flight != AFTER_HANDSHAKE:
            yield place, datagram


class Drop(Operator):
    """A datagram is lost; the flight is retransmitted by timer."""

    name = "drop"
    title = "A datagram is lost and its flight is retransmitted."

    def places(self, script: Script) -> Iterator[Mutation]:
        for place, _ in _handshake_datagrams(script):
            yield self.at(place)

    def apply(self, script: Script, mutation: Mutation) -> Expectation:
        script.datagram_at(mutation.place).edits.append(lambda _: b"")
        return harmless("what is lost is made up for by retransmission", rfc(6347, "4.2.4"))


class Duplicate(Operator):
    """A datagram arrives `times` more."""

    name = "duplicate"
    title = "A datagram arrives several times."

    def places(self, script: Script) -> Iterator[Mutation]:
        for place, _ in _handshake_datagrams(script):
            for times in (1, 3):
                yield self.at(place, times=times)

    def apply(self, script: Script, mutation: Mutation) -> Expectation:
        datagram, times = script.datagram_at(mutation.place), number(mutation, "times")
        flight = script.flights[datagram.flight]
        index = next(i for i, known in enumerate(flight) if known is datagram)
        flight[index + 1 : index + 1] = [
            Datagram(datagram.flight, datagram.offset, datagram.records) for _ in range(times)
        ]
        return harmless("a message that has been received before is discarded", rfc(6347, "4.2.2"))


class Reorder(Operator):
    """A datagram changes places with the one that is `by` after it, or a record with the next of its
    datagram.
    """

    name = "reorder"
    title = "Datagrams of a flight, or records of a datagram, come in another order."

    def places(self, script: Script) -> Iterator[Mutation]:
        for number_, flight in script.flights.items():
            if number_ == AFTER_HANDSHAKE:
                continue
            for index in range(len(flight) - 1):
                for by in {1, len(flight) - 1 - index}:
                    yield self.at(f"{number_}/datagram[{index}]", by=by)
            for index, datagram in enumerate(flight):
                for at in range(len(datagram.records) - 1):
                    for by in {1, len(datagram.records) - 1 - at}:
                        yield self.at(f"{number_}/datagram[{index}]/record[{at}]", by=by)

    def apply(self, script: Script, mutation: Mutation) -> Expectation:
        by = number(mutation, "by")
        if "/record[" in mutation.place:
            record = script.record_at(mutation.place)
            records = next(d.records for _, d in script.datagrams() if any(r is record for r in d.records))
            at = next(i for i, known in enumerate(records) if known is record)
            records[at], records[(at + by) % len(records)] = records[(at + by) % len(records)], records[at]
        else:
            datagram = script.datagram_at(mutation.place)
            flight = script.flights[datagram.flight]
            at = next(i for i, known in enumerate(flight) if known is datagram)
            other = flight[(at + by) % len(flight)]
            datagram.records, other.records = other.records, datagram.records
        return harmless("messages and epochs may arrive in any order", rfc(6347, "4.2.2"))


class Delay(Operator):
    """A datagram is `seconds` late."""

    name = "delay"
    title = "A datagram is late, past what comes after it and past retransmission timers."

    def places(self, script: Script) -> Iterator[Mutation]:
        for place, _ in _handshake_datagrams(script):
            for late in (0.3, 1.7):
                yield self.at(place, seconds=late)

    def apply(self, script: Script, mutation: Mutation) -> Expectation:
        script.datagram_at(mutation.place).delay = seconds(mutation, "seconds")
        return harmless("late datagrams are repetitions by then, or fill the gap", rfc(6347, "4.2.4"))


class Split(Operator):
    """Every record of a datagram travels in a datagram of its own."""

    name = "split"
    title = "The records of a datagram come in datagrams of their own."

    def places(self, script: Script) -> Iterator[Mutation]:
        for place, datagram in _handshake_datagrams(script):
            if len(datagram.records) > 1:
                yield self.at(place)

    def apply(self, script: Script, mutation: Mutation) -> Expectation:
        datagram = script.datagram_at(mutation.place)
        flight = script.flights[datagram.flight]
        index = next(i for i, known in enumerate(flight) if known is datagram)
        flight[index : index + 1] = [
            Datagram(datagram.flight, datagram.offset, [r]) for r in datagram.records
        ]
        script.repeats_as_scripted = True
        return harmless("how records are packed into datagrams is the sender's choice", rfc(6347, "4.1.1"))


class Merge(Operator):
    """All records of a flight travel in one datagram."""

    name = "merge"
    title = "All records of a flight come in one datagram."

    def places(self, script: Script) -> Iterator[Mutation]:
        for flight, datagrams in script.flights.items():
            if len(datagrams) > 1 and flight != AFTER_HANDSHAKE:
                yield self.at(f"{flight}/datagram[0]")

    def apply(self, script: Script, mutation: Mutation) -> Expectation:
        datagram = script.datagram_at(mutation.place)
        flight = script.flights[datagram.flight]
        records = [record for each in flight for record in each.records]
        script.flights[datagram.flight] = [Datagram(datagram.flight, datagram.offset, records)]
        script.repeats_as_scripted = True
        return harmless("how records are packed into datagrams is the sender's choice", rfc(6347, "4.1.1"))


OPERATORS: tuple[Operator, ...] = (Drop(), Duplicate(), Reorder(), Delay(), Split(), Merge())
