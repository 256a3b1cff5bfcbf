# SPDX-License-Identifier: MIT
"""Handshakes that must not succeed, and how they must end."""

from __future__ import annotations

from dtlslab import Citation, locations
from dtlslab.configuration import PSK_IDENTITY
from dtlslab.trace import names
from dtlslab.verdict import failed

from dtlslab_interop.bench import FATAL, FLIGHTS, Bench, Judged
from dtlslab_interop.case import case

HANDSHAKE_FAILURE, INSUFFICIENT_SECURITY = 40, 71
NO_SUITE = Citation("RFC 5246", "7.4.1.3")
WRONG_KEY = Citation("RFC 4279", "2")
OTHER_KEY = bytes(range(16, 32))
GIVE_UP = 3600.0
"""Seconds after which a side must have given up a handshake that cannot succeed."""
STORM = 2000
"""Datagrams between two timeouts that no handshake needs."""


@case(
    "no-common-suite",
    "Client and server have no cipher suite in common: the server refuses with handshake_failure.",
    NO_SUITE,
    needs=("certificate",),
    client_needs=("suite:c02b",),
    server_needs=("suite:c02f",),
    client={"key": "p256", "suites": [0xC02B]},
    server={"key": "rsa2048", "suites": [0xC02F]},
    programs=True,
)
def no_common_suite(bench: Bench) -> None:
    def is_over() -> bool:
        return bool(bench.wire().alerts("server")) or any(party.connected for party in bench.parties)

    bench.start()
    bench.wait(is_over, 3.0 if bench.real_time else 60.0)
    bench.settle()
    bench.check_not_connected("and there is no common cipher suite", NO_SUITE)
    sent = bench.wire().alerts("server")
    if not sent:
        raise Judged(failed(f"the server sent no alert: {bench.state()}", NO_SUITE))
    if sent[0].level != FATAL or sent[0].description not in (HANDSHAKE_FAILURE, INSUFFICIENT_SECURITY):
        name = names.alert(sent[0].description)
        reason = f"the server sent {name} at level {sent[0].level}, not a fatal handshake_failure"
        raise Judged(failed(reason, NO_SUITE))


@case(
    "wrong-psk",
    "The two sides have different keys under one identity: neither connects, and both come to rest.",
    WRONG_KEY,
    needs=("psk",),
    client={"psk": (PSK_IDENTITY, OTHER_KEY)},
    server={"psk": True},
)
def wrong_psk(bench: Bench) -> None:
    bench.start()
    bench.wait(lambda: all(p.failure is not None for p in bench.parties), GIVE_UP, max_datagrams=STORM)
    bench.check_not_connected("and its key is not the peer's", WRONG_KEY)
    if not bench.quiet and any(party.failure is None for party in bench.parties):
        raise Judged(failed(f"retransmissions go on after {GIVE_UP:g} s: {bench.state()}", FLIGHTS))


@case(
    "untrusted-server",
    "The client does not know the authority behind the server's certificate, and refuses it.",
    Citation("RFC 5246", "7.4.2"),
    needs=("certificate",),
    client_needs=("verify",),
    both={"key": "p256"},
    client={"trust": locations.credential("client-p256")},
)
def untrusted_server(bench: Bench) -> None:
    bench.start()
    bench.wait(lambda: bench.client.failure is not None or bench.client.connected is True, 60.0)
    bench.settle(1.0)
    citation = Citation("RFC 5246", "7.4.2")
    bench.check_not_connected("and the server's certificate is of an unknown authority", citation)
    sent = [alert for alert in bench.wire().alerts("client") if alert.level == FATAL]
    if not sent:
        raise Judged(
            failed("the client refused the certificate without a fatal alert", Citation("RFC 5246", "7.2.2"))
        )
