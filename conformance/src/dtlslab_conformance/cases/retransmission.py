# SPDX-License-Identifier: MIT
"""Timers and retransmission (RFC 6347 4.2.4)."""

from __future__ import annotations

from itertools import pairwise

from scapy_dtls import CHANGE_CIPHER_SPEC

from ..case import case
from ..dialogue import Dialogue, describe
from ..tester import Arrived
from .finished import wrong_finished

TOLERANCE = 0.05
SMALLEST_PATH = 548
"""Bytes of UDP payload that every IPv4 path is sure to carry: 576 less two headers."""


def waiting_flight(d: Dialogue) -> tuple[float, list[Arrived]]:
    """Brings the endpoint to wait for an answer to a flight; when it sent it, and the flight."""
    if d.role == "client":
        d.begin()
        d.listen(0.01)
        return d.datagrams[-1][0] if d.datagrams else 0.0, list(d.arrived)
    d.handshake(through=4)
    hello_flight = {2, 11, 12, 13, 14}
    came = [r for r in d.arrived if any(h.msg_type in hello_flight for h in r.handshakes)]
    return came[0].time, came


def repetitions(d: Dialogue, seconds: float) -> list[tuple[float, list[Arrived]]]:
    """What came by itself, grouped by the time it was sent."""
    groups: list[tuple[float, list[Arrived]]] = []
    for record in d.listen(seconds):
        if groups and abs(groups[-1][0] - record.time) < TOLERANCE:
            groups[-1][1].append(record)
        else:
            groups.append((record.time, [record]))
    return groups


def first_repetition(d: Dialogue, seconds: float = 4.0) -> tuple[float, list[Arrived]]:
    """The first retransmission; stuck when there is none."""
    groups = repetitions(d, seconds)
    if not groups:
        d.stuck(f"retransmitted nothing within {seconds:.0f} s")
    return groups[0]


@case(
    role="any",
    level="should",
    cites="RFC 6347 4.2.4.1",
    requirement="the first retransmission comes after one second",
    faults=("initial-timer-3s",),
)
def initial_timer_is_one_second(d: Dialogue) -> None:
    """A flight that is not answered is repeated after one second."""
    start, _ = waiting_flight(d)
    d.judge()
    time, _ = first_repetition(d)
    d.check(abs(time - start - 1) < TOLERANCE, f"retransmitted after {time - start:.3f} s, not 1 s")


@case(
    role="any",
    level="should",
    cites="RFC 6347 4.2.4.1",
    requirement="the timer doubles at each retransmission",
    faults=("timer-constant",),
    waits=17,
)
def timer_doubles(d: Dialogue) -> None:
    """The intervals between the first four transmissions of a flight double."""
    start, _ = waiting_flight(d)
    d.judge()
    times = [start, *(time for time, _ in repetitions(d, 16))][:4]
    gaps = [b - a for a, b in pairwise(times)]
    d.check(len(gaps) == 3, f"retransmitted {len(gaps)} times in 16 s")
    doubled = all(abs(b - 2 * a) < TOLERANCE * 2 for a, b in pairwise(gaps))
    d.check(doubled, "retransmitted at intervals of " + ", ".join(f"{gap:.2f} s" for gap in gaps))


@case(
    role="any",
    level="should",
    cites="RFC 6347 4.2.4.1",
    requirement="the timer may grow to 60 seconds before it is held",
    faults=("timer-cap-8s",),
    waits=201,
)
def timer_grows_to_sixty_seconds(d: Dialogue) -> None:
    """The interval between retransmissions grows to at least 32 seconds, unless the endpoint gives up
    before.
    """
    start, _ = waiting_flight(d)
    d.judge()
    times = [start, *(time for time, _ in repetitions(d, 200))]
    gaps = [b - a for a, b in pairwise(times)]
    held = [b for a, b in pairwise(gaps) if b < a * 1.5 and b < 59]
    d.check(not held, f"stopped backing off at an interval of {held[0]:.1f} s" if held else "")


@case(
    role="any",
    cites="RFC 6347 4.2.2",
    requirement="a retransmission is a new record, with a new sequence number",
    faults=("retransmit-same-record",),
)
def retransmission_has_new_record_numbers(d: Dialogue) -> None:
    """No record of a retransmitted flight has a sequence number that was used before."""
    _, flight = waiting_flight(d)
    d.judge()
    _, again = first_repetition(d)
    used = {(r.epoch, r.sequence_number) for r in flight}
    same = [r.sequence_number for r in again if (r.epoch, r.sequence_number) in used]
    d.check(not same, f"used sequence number {same[0] if same else ''} again in a retransmission")


@case(
    role="any",
    cites="RFC 6347 4.2.2",
    requirement="a retransmitted message has the same message_seq",
    faults=("retransmit-new-message-seq",),
)
def retransmission_keeps_message_seq(d: Dialogue) -> None:
    """The messages of a retransmitted flight have the numbers of the first transmission."""
    _, flight = waiting_flight(d)
    d.judge()
    _, again = first_repetition(d)
    before = {(h.msg_type, h.message_seq) for r in flight for h in r.handshakes}
    after = {(h.msg_type, h.message_seq) for r in again for h in r.handshakes}
    d.check(after <= before, f"gave other message_seq to a retransmission: {sorted(after - before)}")


def bodies(records: list[Arrived]) -> dict[int, bytes]:
    """The handshake messages among records, put together from their fragments."""
    found: dict[int, bytearray] = {}
    for record in records:
        for part in record.handshakes:
            body = found.setdefault(part.message_seq, bytearray(part.length))
            body[part.fragment_offset : part.fragment_offset + part.fragment_length] = part.body_bytes
    return {number: bytes(body) for number, body in found.items()}


@case(
    role="any",
    cites="RFC 6347 4.2.4",
    requirement="a retransmission repeats the messages that were sent, byte for byte",
    faults=("retransmit-new-random",),
)
def retransmission_is_same_message(d: Dialogue) -> None:
    """The messages of a retransmitted flight are the same as before."""
    _, flight = waiting_flight(d)
    d.judge()
    _, again = first_repetition(d)
    first, second = bodies(flight), bodies(again)
    changed = [number for number in second if second[number] != first.get(number)]
    d.check(not changed, f"changed the message of message_seq {changed[:1]} in a retransmission")


@case(
    role="server",
    cites="RFC 6347 4.2.4",
    requirement="a flight is retransmitted as a whole",
    faults=("retransmit-first-message-only",),
)
def whole_flight_retransmitted(d: Dialogue) -> None:
    """When the timer fires, every message of the server's hello flight is repeated."""
    _, flight = waiting_flight(d)
    d.judge()
    _, again = first_repetition(d)
    missing = set(bodies(flight)) - set(bodies(again))
    d.check(not missing, f"left the messages {sorted(missing)} out of a retransmission")


@case(
    role="any",
    level="should",
    cites="RFC 6347 4.2.4",
    requirement="a repeated flight of the peer makes a waiting endpoint repeat its own",
    faults=("ignore-repeated-flight",),
)
def repeated_flight_answered_with_repetition(d: Dialogue) -> None:
    """When the previous flight comes again, the endpoint repeats its own before its timer fires."""
    if d.role == "server":
        d.send_flight(1)
        d.listen()
        if d.peer.flight_done == 2:
            d.peer.flight_done = 1
            flight = d.send_flight(3)
        else:
            d.stuck("did not ask for a cookie")
        d.receive_flight(4)
    else:
        d.handshake(through=3)
        flight = d.send_flight(4)
        d.receive_flight(5)
    d.listen(0.5)
    d.judge()
    came = d.exchange(*d.peer.pack(flight), seconds=0.3)
    d.check(came, "did not repeat its flight when the previous one came again")


@case(
    role="server",
    cites="RFC 6347 4.2.4",
    requirement="the last flight is repeated when the peer's last flight comes again",
    faults=("forget-last-flight",),
)
def last_flight_repeated_on_request(d: Dialogue) -> None:
    """A client that sends its last flight again, in new records, gets ChangeCipherSpec and Finished again."""
    d.handshake(through=4)
    flight = d.send_flight(5)
    d.receive_flight(6)
    d.listen(1.0)
    d.judge()
    came = d.exchange(*d.peer.pack(flight))
    finished = [h for r in came for h in r.handshakes if h.msg_type == 20]
    d.check(finished, f"answered the repeated last flight with {describe(came)}, not with its own")
    d.still_echoes("a repeated last flight")


@case(
    role="server",
    level="should",
    cites="RFC 6347 4.2.4",
    requirement="a part of the next flight does not reset the timer",
    faults=("partial-read-resets-timer",),
)
def partial_flight_does_not_reset_timer(d: Dialogue) -> None:
    """A fragment of ClientKeyExchange that comes after half a second does not put the retransmission off."""
    start, _ = waiting_flight(d)
    d.listen(0.5 - (d.subject.now - start))
    key_exchange = d.peer.flight(5)[0]
    d.judge()
    d.send(d.peer.records(key_exchange, 16)[0])
    time, _ = first_repetition(d)
    d.check(abs(time - start - 1) < 2 * TOLERANCE, f"retransmitted after {time - start:.2f} s, not 1 s")


@case(
    role="any",
    cites="RFC 6347 4.2.7",
    requirement="alerts are not retransmitted",
    faults=("retransmit-alert",),
    waits=72,
)
def alert_not_retransmitted(d: Dialogue) -> None:
    """After a fatal alert the endpoint is silent for 70 seconds."""
    wrong_finished(d)
    d.judge()
    d.listen()
    d.silence("70s", "after the handshake had failed")


@case(
    role="any",
    cites="RFC 6347 4.2.4",
    requirement="when the handshake is over nothing is retransmitted by a timer",
    faults=("retransmit-after-finish",),
    waits=102,
)
def silent_after_handshake(d: Dialogue) -> None:
    """An endpoint whose handshake is over sends nothing by itself for 100 seconds."""
    d.handshake()
    d.echo(b"over")
    d.judge()
    d.silence("100s", "by itself after the handshake")


@case(
    role="client",
    cites="RFC 6347 4.2.5",
    requirement="ChangeCipherSpec is part of the flight of its Finished when it is retransmitted",
    faults=("retransmit-without-ccs",),
)
def retransmission_has_change_cipher_spec(d: Dialogue) -> None:
    """The client's second flight is repeated with its ChangeCipherSpec."""
    d.handshake(through=5)
    d.judge()
    _, again = first_repetition(d)
    found = any(r.content_type == CHANGE_CIPHER_SPEC for r in again)
    d.check(found, f"retransmitted {describe(again)} without ChangeCipherSpec")


@case(
    role="client",
    cites="RFC 6347 4.1",
    requirement="a retransmitted message is of the epoch that it was sent in first",
    faults=("retransmit-in-current-epoch",),
)
def retransmission_keeps_epoch(d: Dialogue) -> None:
    """In a repetition of the client's second flight ClientKeyExchange is in epoch 0 and Finished in epoch
    1.
    """
    d.handshake(through=5)
    d.judge()
    _, again = first_repetition(d)
    epochs = {h.msg_type: r.epoch for r in again for h in r.handshakes}
    d.check(epochs.get(16) == 0, f"repeated ClientKeyExchange in epoch {epochs.get(16)}")
    d.check(epochs.get(20) == 1, f"repeated Finished in epoch {epochs.get(20)}")


@case(
    role="any",
    level="should",
    cites="RFC 6347 4.1.1.1",
    requirement="when repeated retransmissions bring no answer, datagrams become smaller",
    needs=("client-auth", "suite:c02f"),
    settings={"authenticate": True, "key": "rsa2048", "suites": (0xC02F,)},
    faults=("no-mtu-back-off",),
    waits=41,
)
def datagrams_shrink_after_repeated_timeouts(d: Dialogue) -> None:
    """A flight with an RSA certificate is repeated in smaller datagrams after some timeouts.

    The path MTU is not known, and handshake messages can be fragmented.
    """
    before = len(d.datagrams)
    d.handshake(through=4 if d.role == "server" else 5)
    first = max(len(datagram) for _, datagram in d.datagrams[before:])
    if first <= SMALLEST_PATH:
        d.stuck(f"sent nothing of over {SMALLEST_PATH} bytes")
    d.judge()
    start = len(d.datagrams)
    groups = repetitions(d, 40)
    d.check(len(groups) > 1, f"retransmitted {len(groups)} times in 40 s")
    last = max(len(datagram) for time, datagram in d.datagrams[start:] if time >= groups[-1][0])
    d.check(
        last < first,
        f"sent datagrams of up to {last} bytes at retransmission {len(groups)}, {first} bytes at first",
    )
