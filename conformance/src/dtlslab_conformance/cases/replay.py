# SPDX-License-Identifier: MIT
"""The replay window (RFC 6347 4.1.2.6)."""

from __future__ import annotations

from ..case import case
from ..dialogue import Dialogue, describe
from .record_layer import flip_last


def behind(d: Dialogue, distance: int) -> bytes:
    """Sends a record `distance` numbers ahead, then the record that is that far behind; what was echoed."""
    base = d.peer.sequence[1]
    d.peer.sequence[1] = base + distance + 1
    ahead = d.echoes(d.peer.data(b"ahead", sequence=base + distance))
    if b"ahead" not in ahead:
        d.stuck("did not deliver a record after a gap in the sequence numbers")
    return d.echoes(d.peer.data(b"behind", sequence=base))


@case(
    role="any",
    cites="RFC 6347 4.1.2.6",
    requirement="a sequence number that was received before is rejected",
    faults=("accept-replay",),
)
def replayed_record_dropped(d: Dialogue) -> None:
    """A record of application data that comes a second time is not delivered again."""
    d.handshake()
    wire = d.peer.data(b"once")
    if b"once" not in d.echoes(wire):
        d.stuck("did not deliver a valid record")
    d.judge()
    d.check(not d.echoes(wire), "delivered a replayed record")
    d.still_echoes("a replayed record")


@case(
    role="any",
    cites="RFC 6347 4.1.2.6",
    requirement="the receive window holds at least 32 numbers",
    faults=("window-of-16",),
)
def window_of_32_supported(d: Dialogue) -> None:
    """A record that is 31 numbers behind the highest one is delivered."""
    d.handshake()
    d.judge()
    d.check(b"behind" in behind(d, 31), "dropped a new record 31 numbers behind the highest one")


@case(
    role="any",
    level="should",
    cites="RFC 6347 4.1.2.6",
    requirement="the receive window holds 64 numbers by default",
    faults=("window-of-32",),
)
def window_of_64_by_default(d: Dialogue) -> None:
    """A record that is 63 numbers behind the highest one is delivered."""
    d.handshake()
    d.judge()
    d.check(b"behind" in behind(d, 63), "dropped a new record 63 numbers behind the highest one")


@case(
    role="any",
    cites="RFC 6347 4.1.2.6",
    requirement="numbers left of the window are rejected",
    faults=("no-left-edge",),
)
def record_left_of_window_dropped(d: Dialogue) -> None:
    """A record that is 100,000 numbers behind the highest one is dropped, although it is new."""
    d.handshake()
    d.judge()
    d.check(not behind(d, 100_000), "delivered a record 100,000 numbers behind the highest one")
    d.still_echoes("a record left of the window")


@case(
    role="any",
    cites="RFC 6347 4.1.2.6",
    requirement="the window moves only after the MAC has been verified",
    faults=("window-before-mac",),
)
def forged_record_does_not_move_window(d: Dialogue) -> None:
    """A forged record with a huge sequence number does not shut out the honest ones."""
    d.handshake()
    d.judge()
    d.exchange(flip_last(d.peer.data(b"forged", sequence=2**40)))
    d.still_echoes("a forged record with a huge sequence number")


@case(
    role="any",
    cites="RFC 6347 4.1.2.6",
    requirement="a forged record does not use up the sequence number that it carries",
    faults=("window-before-mac",),
)
def forged_record_does_not_use_up_number(d: Dialogue) -> None:
    """A forged record does not keep the honest one of the same number from being delivered."""
    d.handshake()
    d.judge()
    honest = d.peer.data(b"honest")
    d.exchange(flip_last(honest))
    d.check(b"honest" in d.echoes(honest), "dropped the honest record whose number a forged one had used")


@case(
    role="server",
    cites="RFC 6347 4.1.2.6",
    requirement="a replayed handshake record is dropped like any other and repeats nothing",
    faults=("accept-replay",),
)
def replayed_finished_repeats_nothing(d: Dialogue) -> None:
    """The very record of the client's Finished, sent again, does not bring the last flight again."""
    d.handshake(through=4)
    flight = d.peer.flight(5)
    *rest, finished = [record for message in flight for record in d.peer.records(message)]
    d.send(b"".join(rest), finished)
    d.receive_flight(6)
    d.judge()
    came = d.exchange(finished)
    d.check(not came, f"answered a replayed Finished record with {describe(came)}")
    d.still_echoes("a replayed Finished record")
