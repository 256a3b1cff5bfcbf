# SPDX-License-Identifier: MIT
"""One schedule carried out again where it can be seen: in a lab, with a trace, judged in words.

The lab is given the seeds of the trial and takes the same course.
"""

from __future__ import annotations

from collections.abc import Callable

from dtlslab import Citation
from dtlslab.fate import Fate, drop, duplicate, hold
from dtlslab.passing import Passing
from dtlslab.trials import FaultKind, Schedule
from dtlslab.verdict import failed

from dtlslab_interop.bench import FLIGHTS, Bench, Judged
from dtlslab_interop.case import Case
from dtlslab_interop.implementations import Implementation
from dtlslab_interop.losses.search import DATA_LEN, HANDSHAKE_SECONDS, REST_SECONDS
from dtlslab_interop.losses.shapes import Shape

MOST_DATAGRAMS = 2000
RESUMED = Citation("RFC 5246", "7.3")

_FATES: dict[FaultKind, Callable[[str], Fate]] = {
    FaultKind.DROP: drop,
    FaultKind.DUPLICATE: lambda reason: duplicate(2, reason),
    FaultKind.SWAP: hold,
}
_REASONS = {
    FaultKind.DROP: "lost by the schedule",
    FaultKind.DUPLICATE: "doubled by the schedule",
    FaultKind.SWAP: "held back until the next has gone",
}


def case_of(
    name: str, shape: Shape, schedule: Schedule, client: Implementation, server: Implementation, seed: int
) -> Case:
    """The schedule as a case for `dtlslab_interop.cell`."""
    return Case(
        name=name,
        title=f"{shape.title[0].upper()}{shape.title[1:]}; {words(schedule)}.",
        check=lambda bench: _check(bench, shape, schedule),
        citation=FLIGHTS,
        client=shape.settings("client", client, server, seed),
        server=shape.settings("server", client, server, seed),
    )


def words(schedule: Schedule) -> str:
    """`datagrams 3 and 5 are lost`."""
    if not schedule:
        return "nothing is lost"
    done = {
        FaultKind.DROP: ("is lost", "are lost"),
        FaultKind.DUPLICATE: ("arrives twice", "arrive twice"),
        FaultKind.SWAP: (
            "arrives after the next of its sender",
            "arrive after the next of their senders",
        ),
    }
    parts = []
    for kind, (one, many) in done.items():
        numbers = [str(fault.nth) for fault in schedule if fault.kind is kind]
        if numbers:
            noun, verb = ("datagram", one) if len(numbers) == 1 else ("datagrams", many)
            parts.append(f"{noun} {' and '.join(numbers)} {verb}")
    return ", ".join(parts)


def _check(bench: Bench, shape: Shape, schedule: Schedule) -> None:
    if shape.resume:
        _exchange(bench)
        bench.client.close()
        bench.settle(REST_SECONDS)
    before = [party.received_len for party in bench.parties]
    watch = bench.lab.on_datagram(_Spoiler(schedule))
    bench.lab.mark(f"from here on, {words(schedule)}")
    bench.handshake(HANDSHAKE_SECONDS)
    watch.over = True
    _exchange(bench, connect=False)
    bench.check_agreement()
    bench.check_no_alerts()
    for party, already in zip(bench.parties, before, strict=True):
        if party.failure is not None or party.closed:
            reason = f"the session did not last: {bench.state()}"
            raise Judged(failed(reason, FLIGHTS))
        if shape.resume and party.agreed.resumed is not True:
            raise Judged(failed(f"the {party.role} made a full handshake the second time", RESUMED))
        if party.received_len - (0 if shape.resume else already) != DATA_LEN:
            raise Judged(failed(f"the {party.role} did not receive the data once", FLIGHTS))


def _exchange(bench: Bench, *, connect: bool = True) -> None:
    if connect:
        bench.handshake(HANDSHAKE_SECONDS)
    bench.echo(bytes(DATA_LEN), seconds=10.0)
    bench.wait(lambda: False, REST_SECONDS, max_datagrams=MOST_DATAGRAMS)


class _Spoiler:
    """Counts the datagrams of the handshake and spoils those of the schedule."""

    def __init__(self, schedule: Schedule) -> None:
        self.over = False
        self._schedule = schedule
        self._sent = 0

    def __call__(self, _: Passing) -> Fate | None:
        if self.over:
            return None
        self._sent += 1
        found = [fault.kind for fault in self._schedule if fault.nth == self._sent]
        return _FATES[found[0]](_REASONS[found[0]]) if found else None
