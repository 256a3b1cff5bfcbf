# SPDX-License-Identifier: MIT
"""New handshakes on an old association: re-association and renegotiation (RFC 6347 4.2.8, RFC 5246
7.4.1.1).
"""

from __future__ import annotations

from scapy_dtls import ClientHello, Handshake, HelloRequest

from ..case import case
from ..dialogue import Dialogue, describe
from ..tester import Peer


def second_peer(d: Dialogue) -> Peer:
    """A client that has forgotten the association and begins anew from the same address."""
    old, d.peer = d.peer, d.new_peer()
    return old


@case(
    role="server",
    cites="RFC 6347 4.2.8",
    requirement="a ClientHello in epoch 0 does not destroy the association before reachability is shown",
    faults=("plaintext-hello-destroys-association",),
)
def forged_hello_does_not_destroy_association(d: Dialogue) -> None:
    """A ClientHello without a cookie on an established association leaves it alive."""
    d.handshake()
    old = second_peer(d)
    d.judge()
    d.exchange(*d.peer.pack(d.peer.flight(1)))
    d.peer = old
    d.still_echoes("a ClientHello of a blind attacker")


@case(
    role="server",
    needs=("cookie",),
    cites="RFC 6347 4.2.2",
    requirement="a message that was processed before is discarded, when it comes after the handshake too",
    faults=("duplicate-hello-begins-anew",),
)
def late_duplicate_of_hello_ignored(d: Dialogue) -> None:
    """The datagram of the ClientHello that was accepted, come again after the handshake, changes nothing."""
    d.send_flight(1)
    d.listen()
    flight = d.peer.flight(3) if d.peer.flight_done == 2 else []
    hello = d.peer.pack(flight)
    if not hello:
        d.stuck("did not ask for a cookie")
    d.send(*hello)
    d.handshake()
    d.judge()
    d.exchange(*hello)
    d.still_echoes("a late duplicate of its ClientHello")


@case(
    role="server",
    level="should",
    cites="RFC 6347 4.2.8",
    requirement="a ClientHello in epoch 0 on an established association begins a new handshake",
    faults=("ignore-new-hello-when-connected",),
)
def new_handshake_on_established_association(d: Dialogue) -> None:
    """A client that begins anew from the same address gets a new association."""
    d.handshake()
    second_peer(d)
    d.judge()
    d.handshake()
    d.still_echoes("a new handshake from the same address")


@case(
    role="server",
    cites="RFC 6347 4.2.8",
    requirement="after the Finished of a new handshake the old association is abandoned",
    faults=("keep-old-association",),
)
def old_association_abandoned(d: Dialogue) -> None:
    """When a new handshake from the same address is over, records of the old association are not taken."""
    d.handshake()
    old = second_peer(d)
    d.judge()
    d.handshake()
    stale = old.data(b"from the old association", sequence=old.sequence[1] + 40)
    before = d.delivered
    d.exchange(stale)
    d.check(d.delivered == before, "delivered application data of the association that was replaced")
    d.still_echoes("a record of the old association")


@case(
    role="client",
    cites="RFC 5246 7.4.1.1",
    requirement="HelloRequest leads to a new handshake, a no_renegotiation warning or nothing",
    faults=("die-on-hello-request",),
)
def hello_request_survived(d: Dialogue) -> None:
    """A protected HelloRequest after the handshake does not end the association."""
    d.handshake()
    d.judge()
    came = d.exchange(d.peer.record(Handshake(message_seq=0) / HelloRequest()))
    d.check(not d.fatal_alerts(came), f"answered HelloRequest with {describe(came)}")
    if not d.messages(ClientHello.msg_type, came):
        d.still_echoes("a HelloRequest")


@case(
    role="server",
    cites="RFC 5246 7.2.2",
    requirement="a renegotiation that is not wanted is refused with a warning at most",
    faults=("die-on-renegotiation",),
)
def protected_hello_survived(d: Dialogue) -> None:
    """A ClientHello within the association is refused with a warning, ignored, or begins a renegotiation."""
    d.handshake()
    hello = ClientHello(random=bytes(range(32)), cipher_suites=[0xC02B, 0x00FF], compression_methods=[0])
    d.judge()
    came = d.exchange(d.peer.record(Handshake(message_seq=0) / hello))
    d.check(not d.fatal_alerts(came), f"answered a ClientHello within the association with {describe(came)}")
    if not any(r.handshakes for r in came):
        d.still_echoes("a ClientHello within the association")
