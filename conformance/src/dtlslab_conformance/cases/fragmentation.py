# SPDX-License-Identifier: MIT
"""Fragmentation and reassembly of handshake messages (RFC 6347 4.2.3)."""

from __future__ import annotations

from collections.abc import Iterable

from scapy.packet import Raw
from scapy_dtls import Handshake, fragment

from ..case import case
from ..dialogue import Dialogue, describe
from ..tester import Outgoing

Ranges = list[tuple[int, int]]


def fragmentable(d: Dialogue) -> tuple[Outgoing, list[Outgoing]]:
    """Our key exchange message, long enough to cut, and the rest of its flight."""
    before = 4 if d.role == "server" else 3
    d.handshake(through=before)
    flight = d.peer.flight(before + 1)
    long_ones = (16,) if d.role == "server" else (11, 12)
    index = next(i for i, m in enumerate(flight) if getattr(m.packet, "msg_type", None) in long_ones)
    if index:
        d.send(*d.peer.pack(flight[:index]))
    return flight[index], flight[index + 1 :]


def pieces(message: Outgoing, ranges: int | Ranges) -> list[Handshake]:
    """A message cut up."""
    assert isinstance(message.packet, Handshake)
    return fragment(message.packet, ranges)


def halves(message: Outgoing) -> Ranges:
    """Two ranges that make up the message."""
    length = len(message.packet.payload)
    return [(0, length // 2), (length // 2, length - length // 2)]


def send_parts(d: Dialogue, parts: Iterable[Handshake]) -> None:
    """Each part in a datagram of its own."""
    for part in parts:
        d.send(d.peer.record(part, epoch=0))


def completes(d: Dialogue, parts: Iterable[Handshake], rest: list[Outgoing], what: str) -> None:
    """Sends the parts and the rest of the flight; the handshake must go on."""
    d.judge()
    send_parts(d, parts)
    d.send(*d.peer.pack(rest))
    d.survives(what)


@case(
    role="any",
    cites="RFC 6347 4.2.3",
    requirement="fragments are kept until the message is whole",
    faults=("no-reassembly",),
)
def fragments_in_order_reassembled(d: Dialogue) -> None:
    """A message in fragments of sixteen bytes, in order, is reassembled."""
    message, rest = fragmentable(d)
    completes(d, pieces(message, 16), rest, "a message in fragments of sixteen bytes")


@case(
    role="any",
    cites="RFC 6347 4.2.3",
    requirement="fragments are kept in whatever order they come",
    faults=("fragments-in-order-only",),
)
def fragments_in_reverse_order_reassembled(d: Dialogue) -> None:
    """A message whose fragments come last one first is reassembled."""
    message, rest = fragmentable(d)
    completes(d, reversed(pieces(message, 12)), rest, "fragments in reverse order")


@case(
    role="any",
    cites="RFC 6347 4.2.3",
    requirement="overlapping fragment ranges are handled",
    faults=("refuse-overlap",),
)
def overlapping_fragments_reassembled(d: Dialogue) -> None:
    """A message whose fragments overlap is reassembled."""
    message, rest = fragmentable(d)
    length = len(message.packet.payload)
    ranges = [(0, 20), (5, 3), (10, length - 10)]
    completes(d, pieces(message, ranges), rest, "overlapping fragments")


@case(
    role="any",
    cites="RFC 6347 4.2.3",
    requirement="a message is whole when all its bytes are there, not when enough bytes have come",
    faults=("count-bytes-received",),
)
def repeated_fragments_counted_once(d: Dialogue) -> None:
    """A fragment that comes three times does not stand for the bytes that are missing."""
    message, rest = fragmentable(d)
    first, second = halves(message)
    completes(d, pieces(message, [first, first, first, second]), rest, "a fragment repeated three times")


@case(
    role="any",
    level="should",
    cites="RFC 6347 4.2.3",
    requirement="a fragment of length zero of a longer message does no harm",
    faults=("fail-on-empty-fragment",),
)
def empty_fragments_harmless(d: Dialogue) -> None:
    """Fragments of length zero at the start, in the middle and at the end do not disturb reassembly."""
    message, rest = fragmentable(d)
    first, second = halves(message)
    length = first[1] + second[1]
    ranges = [(0, 0), first, (first[1], 0), (length, 0), second]
    completes(d, pieces(message, ranges), rest, "fragments of length zero")


def contradicted(d: Dialogue, part: Handshake, message: Outgoing, rest: list[Outgoing], what: str) -> None:
    """After the first half comes a second half that contradicts it. It must not be taken for the right one.

    A fatal alert is right, and so is dropping it and going on with the honest half.
    """
    first, second = halves(message)
    d.judge()
    send_parts(d, pieces(message, [first]))
    send_parts(d, [part])
    came = d.exchange(*d.peer.pack(rest), seconds=0.1)
    if d.fatal_alerts(came):
        d.check(not d.connected, f"gave an alert for {what} but thinks itself connected")
        return
    done = d.connected or d.peer.finished
    d.check(not done, f"went on with the handshake in spite of {what}")
    send_parts(d, pieces(message, [second]))
    d.exchange(*d.peer.pack(rest))
    d.survives(what)


def second_half(message: Outgoing) -> Handshake:
    """The second half as a fragment whose header can be changed."""
    return pieces(message, [halves(message)[1]])[0]


@case(
    role="any",
    cites="RFC 6347 4.2.3",
    requirement="all fragments of a message have the same length field",
    faults=("ignore-fragment-length-mismatch",),
)
def fragments_of_different_total_length_not_joined(d: Dialogue) -> None:
    """A fragment that says another total length than the first is not joined with it."""
    message, rest = fragmentable(d)
    part = second_half(message)
    part.length += 5
    contradicted(d, part, message, rest, "fragments with different total lengths")


@case(
    role="any",
    cites="RFC 6347 4.2.3",
    requirement="all fragments of a message belong to the same message, so have the same type",
    faults=("ignore-fragment-type-mismatch",),
)
def fragments_of_different_type_not_joined(d: Dialogue) -> None:
    """A fragment of another handshake type than the first with the same message_seq is not joined with it."""
    message, rest = fragmentable(d)
    part = second_half(message)
    part.msg_type = 2 if part.msg_type != 2 else 11
    contradicted(d, part, message, rest, "fragments of different types")


@case(
    role="any",
    cites="RFC 6347 4.2.3",
    requirement="a fragment lies within its message",
    faults=("accept-fragment-overrun",),
)
def fragment_beyond_message_end_not_accepted(d: Dialogue) -> None:
    """A fragment that runs four bytes past the length of its message is not accepted."""
    message, rest = fragmentable(d)
    part = second_half(message)
    data = part.body_bytes + b"over"
    part.fragment_length = len(data)
    part.remove_payload()
    contradicted(d, part / Raw(data), message, rest, "a fragment that runs past the end of its message")


@case(
    role="any",
    cites="RFC 6347 4.2.2",
    requirement="the fragment length says how many bytes follow",
    faults=("accept-fragment-short-of-record",),
)
def fragment_longer_than_record_not_accepted(d: Dialogue) -> None:
    """A message whose fragment length points past the end of its record is not accepted."""
    message, rest = fragmentable(d)
    whole = pieces(message, 4000)[0]
    whole.length += 8
    whole.fragment_length += 8
    d.judge()
    send_parts(d, [whole])
    came = d.exchange(*d.peer.pack(rest), seconds=0.1)
    if d.fatal_alerts(came):
        return
    done = d.connected or d.peer.finished
    d.check(not done, "went on with the handshake after a fragment that is longer than its record")
    d.exchange(*d.peer.pack([message, *rest]))
    d.survives("a fragment that is longer than its record")


@case(
    role="any",
    cites="RFC 6347 4.2.3",
    requirement="a claim of an enormous message is refused or ignored, and blocks nothing else",
    faults=("wedge-on-huge-message",),
)
def claim_of_huge_message_survived(d: Dialogue) -> None:
    """A fragment that claims to begin a message of 16 MiB is refused with an alert or ignored."""
    message, rest = fragmentable(d)
    part = pieces(message, [halves(message)[0]])[0]
    part.length = 2**24 - 1
    d.judge()
    send_parts(d, [part])
    came = d.listen(0.1)
    if d.fatal_alerts(came):
        return
    came = d.exchange(*d.peer.pack([message, *rest]))
    if d.fatal_alerts(came):
        return
    d.survives("a fragment that claims a message of 16 MiB")


@case(
    role="any",
    level="should",
    cites="RFC 6347 4.2.2",
    needs=("client-auth",),
    settings={"authenticate": True},
    requirement="fragments of later messages are kept while an earlier message is incomplete",
    faults=("one-reassembly-at-a-time",),
)
def interleaved_fragments_reassembled(d: Dialogue) -> None:
    """Fragments of two messages that come in turns are both reassembled."""
    before = 4 if d.role == "server" else 3
    d.handshake(through=before)
    flight = d.peer.flight(before + 1)
    handshakes = [m for m in flight if isinstance(m.packet, Handshake) and m.epoch == 0]
    one, two = (pieces(m, (len(m.packet.payload) + 2) // 3) for m in handshakes[:2])
    rest = flight[2:]
    mixed = [part for pair in zip(two, one, strict=False) for part in pair]
    mixed += [*one[len(two) :], *two[len(one) :]]
    completes(d, mixed, rest, "interleaved fragments of two messages")


@case(
    role="any",
    cites="RFC 6347 4.2.3",
    requirement="several handshake messages may stand in one record",
    needs=("client-auth",),
    settings={"authenticate": True},
    faults=("one-message-per-record",),
)
def several_messages_in_record(d: Dialogue) -> None:
    """All messages of a flight that are in epoch 0 stand in one record and are all taken."""
    before = 4 if d.role == "server" else 3
    d.handshake(through=before)
    flight = d.peer.flight(before + 1)
    together = [m for m in flight if isinstance(m.packet, Handshake) and m.epoch == 0]
    rest = flight[len(together) :]
    d.judge()
    content = b"".join(bytes(m.packet) for m in together)
    d.send(d.peer.record(content, content_type=22, epoch=0))
    d.send(*d.peer.pack(rest))
    d.survives("several messages in one record")


@case(
    role="any",
    cites="RFC 6347 4.2.6",
    requirement="the Finished calculation takes each message as if it had come unfragmented",
    faults=("hash-fragments-as-received",),
)
def transcript_ignores_fragmentation(d: Dialogue) -> None:
    """A handshake whose messages came in fragments has the same Finished as one without fragments."""
    message, rest = fragmentable(d)
    completes(d, pieces(message, 20), rest, "a message in fragments of twenty bytes")


@case(
    role="server",
    cites="RFC 6347 4.2.3",
    requirement="an encrypted handshake message may be fragmented too",
    faults=("no-reassembly",),
)
def fragmented_finished_reassembled(d: Dialogue) -> None:
    """A Finished in three protected fragments is accepted."""
    d.handshake(through=4)
    *rest, finished = d.peer.flight(5)
    d.judge()
    d.send(*d.peer.pack(rest))
    for part in pieces(finished, 4):
        d.send(d.peer.record(part, epoch=1))
    d.listen(0.05)
    if d.fatal_alerts():
        d.fail(f"answered a fragmented Finished with {describe(d.arrived[-1:])}")
    d.survives("a Finished in three fragments")
