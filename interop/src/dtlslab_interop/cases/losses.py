# SPDX-License-Identifier: MIT
"""Networks that lose, repeat and reorder datagrams: RFC 6347 sections 4.2.4, 4.1.2.6 and 4.2.2."""

from __future__ import annotations

from dtlslab import Citation, memory
from dtlslab.fate import Fate, delay, drop
from dtlslab.passing import Passing
from dtlslab.verdict import failed, inconclusive

from dtlslab_interop.bench import FLIGHTS, Bench, Judged
from dtlslab_interop.case import ONE_WAY, case

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


REPLAY = Citation("RFC 6347", "4.1.2.6")


@case(
    "duplicated-datagrams",
    "Every datagram arrives twice: the handshake completes, and application data counts once.",
    REPLAY,
    needs=("certificate",),
    client_needs=("script",),
    server_needs=("echo",),
    both={"key": "p256"},
    network=memory(delay=ONE_WAY, duplicate=1.0),
)
def duplicated_datagrams(bench: Bench) -> None:
    bench.handshake()
    data = bench.payload(4096)
    bench.echo(data)
    bench.settle()
    bench.check_agreement()
    bench.check_no_alerts()
    for party in bench.parties:
        if party.received_len != len(data):
            reason = (
                f"the {party.role} took {party.received_len} bytes of application data; {len(data)} were sent"
            )
            raise Judged(failed(reason, REPLAY))


@case(
    "reordered-flights",
    "The first datagram of the server's and the client's key exchange arrives after the rest of its flight.",
    Citation("RFC 6347", "4.2.2"),
    needs=("certificate", "mtu"),
    both={"key": "rsa2048", "mtu": 512, "authenticate": True},
    client_needs=("client-auth",),
    server_needs=("client-auth",),
)
def reordered_flights(bench: Bench) -> None:
    seen: dict[int, int] = {}

    @bench.lab.on_datagram
    def hold_back(datagram: Passing) -> Fate | None:
        if datagram.flight not in (4, 5) or datagram.retransmission:
            return None
        seen[datagram.flight] = seen.get(datagram.flight, 0) + 1
        return delay("50ms", "held back") if seen[datagram.flight] == 1 else None

    bench.handshake()
    bench.echo(bench.payload(64))
    bench.settle()
    bench.check_agreement()
    bench.check_no_alerts()
    short = [flight for flight in (4, 5) if seen.get(flight, 0) < 2]
    if short:
        raise Judged(
            inconclusive(f"flight {short[0]} went out in one datagram: there was nothing to reorder")
        )


for _flight, _what in FLIGHT_NAMES.items():
    _loss_case(_flight, _what)
