# SPDX-License-Identifier: MIT
"""The order of handshake messages: message_seq, queueing, old and wrong messages (RFC 6347 4.2.2, RFC 5246
7.4).
"""

from __future__ import annotations

from scapy.packet import Raw
from scapy_dtls import Certificate, Handshake, ServerHelloDone, ServerKeyExchangeEcdhe

from ..case import case
from ..dialogue import Dialogue


@case(
    role="any",
    level="should",
    cites="RFC 6347 4.2.2",
    requirement="a message that comes before its turn is queued",
    needs=("client-auth",),
    settings={"authenticate": True},
    faults=("drop-future-messages",),
)
def messages_out_of_order_queued(d: Dialogue) -> None:
    """The messages of a flight in reverse order are all taken, without a retransmission."""
    before = 4 if d.role == "server" else 3
    d.handshake(through=before)
    flight = d.peer.flight(before + 1)
    clear = [m for m in flight if m.epoch == 0 and isinstance(m.packet, Handshake)]
    rest = flight[len(clear) :]
    d.judge()
    for message in reversed(clear):
        d.send(*d.peer.records(message))
    d.send(*d.peer.pack(rest))
    d.survives("a flight in reverse order")


@case(
    role="any",
    cites="RFC 6347 4.2.2",
    requirement="a message with a number that is behind is discarded",
    faults=("fail-on-old-message",),
)
def old_message_discarded(d: Dialogue) -> None:
    """A message of an earlier flight that comes again does not break the handshake."""
    d.handshake(through=4 if d.role == "server" else 3)
    old = Handshake(msg_type=1 if d.role == "server" else 3, message_seq=0) / Raw(bytes(40))
    d.judge()
    d.send(d.peer.record(old, epoch=0))
    d.listen(0.05)
    d.survives("a message with message_seq 0 that had its turn before")


@case(
    role="any",
    level="should",
    cites="RFC 6347 4.2.2",
    requirement="a message far ahead of its turn is queued or dropped, and does no harm",
    faults=("fail-on-far-future-message",),
)
def message_far_ahead_harmless(d: Dialogue) -> None:
    """Messages with message_seq 200 and 65535 do not break the handshake."""
    d.handshake(through=4 if d.role == "server" else 3)
    d.judge()
    for number in (200, 65535):
        ahead = Handshake(msg_type=11, message_seq=number) / Raw(bytes(8))
        d.send(d.peer.record(ahead, epoch=0))
    d.survives("messages with message_seq 200 and 65535")


@case(
    role="any",
    cites="RFC 6347 4.2.2",
    requirement="each new message has the next message_seq",
    faults=("skip-message-seq",),
)
def message_seq_counts_up_by_one(d: Dialogue) -> None:
    """The messages of a handshake are numbered without a gap, from 0."""
    d.judge()
    d.handshake()
    d.peer.message_seq = 0
    numbers = sorted({h.message_seq for r in d.arrived for h in r.handshakes})
    d.check(numbers == list(range(len(numbers))), f"numbered its messages {numbers}")


@case(
    role="client",
    level="should",
    cites="RFC 5246 7.4",
    requirement="a handshake message out of order is answered with a fatal alert",
    faults=("ignore-unexpected-message",),
    needs=("suite:c02b",),
)
def server_hello_done_too_early_refused(d: Dialogue) -> None:
    """ServerHelloDone right after ServerHello of an ECDHE suite ends the handshake."""
    d.handshake(through=3)
    d.peer.alter(Certificate, lambda _: None)
    d.peer.alter(ServerKeyExchangeEcdhe, lambda _: None)
    d.judge()
    d.send_flight(4)
    d.refused(d.listen(), "ServerHelloDone in place of Certificate")


@case(
    role="server",
    level="should",
    cites="RFC 5246 7.4",
    requirement="a handshake message out of order is answered with a fatal alert",
    faults=("ignore-unexpected-message",),
)
def server_message_from_client_refused(d: Dialogue) -> None:
    """ServerHelloDone from a client, in place of ClientKeyExchange, ends the handshake."""
    d.handshake(through=4)
    wrong = d.peer.message(ServerHelloDone())
    d.judge()
    d.send(*d.peer.pack(wrong))
    d.refused(d.listen(), "ServerHelloDone from a client", alert=10)
