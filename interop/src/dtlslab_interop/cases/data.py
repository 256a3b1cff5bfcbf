# SPDX-License-Identifier: MIT
"""Application data, and the end of a session."""

from __future__ import annotations

from dtlslab import Citation
from dtlslab.verdict import failed

from dtlslab_interop.bench import CLOSURE, Bench, Judged
from dtlslab_interop.case import case
from dtlslab_interop.parties import Party, StackParty

MEBIBYTE = 1 << 20


@case(
    "transfer-1mib",
    "One mebibyte goes to the server and comes back, in records of 1,024 bytes, eight at most under way.",
    Citation("RFC 6347", "4.1"),
    needs=("certificate",),
    client_needs=("script",),
    server_needs=("echo",),
    both={"key": "p256"},
    programs=True,
)
def transfer(bench: Bench) -> None:
    bench.handshake()
    bench.echo(bench.payload(MEBIBYTE))
    bench.check_agreement()
    bench.check_undisturbed()


def _closes(bench: Bench, closer: Party, other: Party) -> None:
    bench.handshake()
    bench.echo(bench.payload(64))
    closer.close()
    closed = bench.wait(lambda: closer.closed is not False and other.closed is not False, 10.0)
    bench.settle()
    if not closed:
        open_one = closer if closer.closed is False else other
        raise Judged(failed(f"the {open_one.role} did not see the session closed: {bench.state()}", CLOSURE))
    for party, why in ((closer, "was told to close"), (other, "got close_notify")):
        alerts = [alert.description for alert in bench.wire().alerts(party.role)]
        if 0 not in alerts and not _claims_close(bench, party):
            raise Judged(failed(f"the {party.role} {why} and sent no close_notify", CLOSURE))
    bench.check_no_alerts()


def _claims_close(bench: Bench, party: Party) -> bool:
    """Whether the party sent close_notify as far as an observer without its keys can tell."""
    if isinstance(party, StackParty):
        return any(alert.sent and alert.description == 0 for alert in party.alerts)
    return bench.wire().unreadable_alerts(party.role) > 0


@case(
    "close-by-client",
    "The client closes the session with close_notify, and the server answers with its own.",
    CLOSURE,
    needs=("certificate",),
    client_needs=("script",),
    both={"key": "p256"},
    programs=True,
)
def close_by_client(bench: Bench) -> None:
    _closes(bench, bench.client, bench.server)


@case(
    "close-by-server",
    "The server closes the session with close_notify, and the client answers with its own.",
    CLOSURE,
    needs=("certificate",),
    server_needs=("script",),
    both={"key": "p256"},
)
def close_by_server(bench: Bench) -> None:
    _closes(bench, bench.server, bench.client)
