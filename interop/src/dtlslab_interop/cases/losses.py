# SPDX-License-Identifier: MIT
"""Handshakes in which a flight is lost once: RFC 6347 section 4.2.4."""

from __future__ import annotations

from dtlslab import Citation
from dtlslab.passing import Fate, Passing, drop
from dtlslab.verdict import failed, inconclusive

from dtlslab_interop.bench import FLIGHTS, Bench, Judged
from dtlslab_interop.case import case

FLIGHT_NAMES = {
    1: "the first ClientHello",
    2: "HelloVerifyRequest",
    3: "the ClientHello with the cookie",
    4: "the server's hello and key exchange",
    5: "the client's key exchange and Finished",
    6: "the server's Finished",
}
LONGEST = 30.0
"""Seconds after which one lost flight must be made good whatever the stack's timer."""


def _loss_case(flight: int, what: str) -> None:
    @case(
        f"lost-flight-{flight}",
        f"Flight {flight}, {what}, is lost once; it is sent again and the handshake completes.",
        Citation("RFC 6347", "4.2.4"),
        needs=("certificate",),
        server_needs=("cookie",),
        both={"key": "p256"},
        server={"cookies": True},
        programs=flight == 1,
    )
    def lost_flight(bench: Bench) -> None:
        lost = 0

        @bench.lab.on_datagram
        def lose(datagram: Passing) -> Fate | None:
            nonlocal lost
            if datagram.flight != flight or datagram.retransmission:
                return None
            lost += 1
            return drop(f"flight {flight} is lost once")

        bench.handshake(LONGEST)
        bench.echo(bench.payload(64))
        bench.settle(LONGEST if not bench.real_time else None)
        if not lost:
            raise Judged(inconclusive(f"no datagram of flight {flight} was seen"))
        bench.check_agreement()
        bench.check_no_alerts()
        if not bench.wire().retransmissions():
            raise Judged(failed(f"flight {flight} was lost, and nothing was sent again", FLIGHTS))


for _flight, _what in FLIGHT_NAMES.items():
    _loss_case(_flight, _what)
