# SPDX-License-Identifier: MIT
"""Connection IDs: agreement, the records that carry them, and what a new address does (RFC 9146)."""

from __future__ import annotations

from typing import Any

from ..case import case
from ..dialogue import Dialogue, describe
from ..tester import Arrived
from .record_layer import flip_last

ENDPOINTS_ID, TESTERS_ID = b"\x5a\x01\x02\x03", b"tester"
BOTH: dict[str, Any] = {"connection_id": True, "local_connection_id": ENDPOINTS_ID}
TOWARDS_TESTER_ALONE: dict[str, Any] = {"connection_id": True, "local_connection_id": b""}


def connect(d: Dialogue, own: bytes = TESTERS_ID) -> None:
    """A handshake in which the tester asks for the connection ID `own`."""
    d.peer = d.new_peer(local_connection_id=own)
    d.handshake()
    if d.peer.write_cid != d.settings["local_connection_id"] or d.peer.read_cid != own:
        d.stuck("did not agree on connection IDs")


def protected(d: Dialogue) -> list[Arrived]:
    """The protected records that came from the endpoint under test."""
    return [record for record in d.arrived if record.epoch]


def overtaken(d: Dialogue) -> bytes:
    """A record that another has overtaken: whoever answers it does not learn an address from it."""
    held = d.peer.data(b"overtaken")
    d.check(d.echo(b"newer"), "did not deliver a record after a gap")
    return held


def only_here(d: Dialogue, held: bytes, what: str) -> None:
    """Fails when the endpoint sends to the other address, now or in answer to the record held back."""
    sent = d.subject.sent_elsewhere()
    d.check(not sent, f"sent {len(sent)} datagrams to another address after {what}")
    d.echoes(held)
    d.check(not d.subject.sent_elsewhere(), f"sent to another address after {what}")
    d.still_echoes(what)


@case(
    role="any",
    cites="RFC 9146 3",
    requirement="with a connection ID agreed on, every protected record carries it",
    needs=("cid",),
    settings=BOTH,
    faults=("records-without-cid", "old-additional-data"),
)
def both_directions_carry_their_own(d: Dialogue) -> None:
    """Each side asks for an ID of another length; the endpoint's Finished and data carry the tester's."""
    d.judge()
    connect(d)
    d.still_echoes("agreeing on connection IDs")
    d.check(protected(d), "sent no protected record")
    d.check(all(r.cid == TESTERS_ID for r in protected(d)), "sent a record without the ID that is due")


@case(
    role="any",
    cites="RFC 9146 3",
    requirement="a direction for which an empty ID was advertised has the records of RFC 6347",
    needs=("cid",),
    settings=BOTH,
    faults=("header-for-empty-cid",),
)
def empty_id_of_peer_means_old_records(d: Dialogue) -> None:
    """The tester wants no ID: the endpoint's records are those of RFC 6347; it takes those with its own."""
    d.judge()
    connect(d, own=b"")
    d.still_echoes("agreeing on an ID in one direction")
    d.check(all(r.cid == b"" for r in protected(d)), "sent a record with a connection ID")


@case(
    role="any",
    cites="RFC 9146 3",
    requirement="an endpoint that advertises an empty ID sends with that of the peer",
    needs=("cid",),
    settings=TOWARDS_TESTER_ALONE,
    faults=("records-without-cid",),
)
def own_empty_id_leaves_the_other_direction(d: Dialogue) -> None:
    """The endpoint wants no ID: it takes records of RFC 6347 and sends with the tester's ID."""
    d.judge()
    connect(d)
    d.still_echoes("agreeing on an ID in one direction")
    d.check(all(r.cid == TESTERS_ID for r in protected(d)), "sent a record without the ID that is due")


@case(
    role="any",
    cites="RFC 9146 3",
    requirement="without agreement on connection IDs records are those of RFC 6347",
    needs=("cid",),
    settings=BOTH,
    faults=("cid-without-agreement",),
)
def peer_without_extension(d: Dialogue) -> None:
    """A tester that knows nothing of connection IDs completes the handshake, and no record has one."""
    d.judge()
    d.peer = d.new_peer(connection_id=False, local_connection_id=b"")
    d.handshake()
    d.still_echoes("a handshake without connection IDs")


@case(
    role="any",
    cites="RFC 9146 3",
    requirement="a protected record without the connection ID that is due is invalid",
    needs=("cid",),
    settings=BOTH,
    faults=("accept-record-without-cid",),
)
def record_without_id_dropped(d: Dialogue) -> None:
    """A record in the format of RFC 6347, good but for the missing ID, is not delivered."""
    connect(d)
    d.judge()
    d.check(not d.echoes(d.peer.data(b"bare", cid=b"")), "delivered a record without the ID that is due")
    d.still_echoes("a record without a connection ID")


@case(
    role="any",
    cites="RFC 9146 3",
    requirement="the connection ID selects the association: a record with another one is not its",
    needs=("cid",),
    settings=BOTH,
    faults=("accept-any-cid",),
)
def record_with_another_id_dropped(d: Dialogue) -> None:
    """A record that authenticates with another ID of the same length is not delivered."""
    connect(d)
    d.judge()
    d.check(
        not d.echoes(d.peer.data(b"other", cid=b"none")), "delivered a record with another ID than its own"
    )
    d.still_echoes("a record with another connection ID")


@case(
    role="any",
    cites="RFC 9146 4",
    requirement="zeros behind the content type are padding of any length",
    needs=("cid",),
    settings=BOTH,
    faults=("keep-padding",),
)
def padding_removed(d: Dialogue) -> None:
    """Data with 1, 40 and 900 zeros of padding is delivered as it was sent; content may end in zeros too."""
    connect(d)
    d.judge()
    for padding in (1, 40, 900):
        payload = b"padded\0\0"
        came = d.echoes(d.peer.data(payload, padding=padding))
        d.check(came == payload, f"delivered {came!r}, not {payload!r}, of a record with padding")


@case(
    role="any",
    cites="RFC 9146 4",
    requirement="an inner plaintext of zeros alone, which has no type, ends the connection",
    needs=("cid",),
    settings=BOTH,
    faults=("ignore-untyped-record",),
)
def inner_plaintext_of_zeros_refused(d: Dialogue) -> None:
    """An authenticated record with nothing but zeros inside is answered with unexpected_message."""
    connect(d)
    d.judge()
    came = d.exchange(d.peer.record(b"", content_type=0, padding=20))
    d.check(d.fatal_alerts(came) == [10], f"sent {describe(came)}, not the fatal alert unexpected_message")


@case(
    role="server",
    cites="RFC 9146 4",
    requirement="plaintext never has the new record format",
    needs=("cid",),
    settings=BOTH,
    faults=("accept-plaintext-with-cid",),
)
def plaintext_with_id_dropped(d: Dialogue) -> None:
    """A record of epoch 0 in the new format, with a fatal alert inside, does not end the handshake."""
    d.peer = d.new_peer(local_connection_id=TESTERS_ID)
    d.handshake(through=4)
    inner = b"\x02\x28\x15"
    header = b"\x19\xfe\xfd" + bytes(2) + (77).to_bytes(6, "big") + ENDPOINTS_ID
    d.exchange(header + len(inner).to_bytes(2, "big") + inner)
    d.survives("a plaintext record with a connection ID")


@case(
    role="server",
    cites="RFC 9146 6",
    requirement="a record that verifies is passed on, wherever it comes from",
    needs=("cid",),
    settings=BOTH,
    faults=("drop-from-elsewhere",),
)
def record_from_new_address_delivered(d: Dialogue) -> None:
    """The client has a new address; the connection ID finds the association, and the data is delivered."""
    connect(d)
    d.judge()
    before = d.delivered
    d.subject.deliver_elsewhere(d.peer.data(b"moved"))
    d.listen()
    d.check(
        d.delivered > before or d.subject.sent_elsewhere(), "did not deliver a new record from a new address"
    )


@case(
    role="server",
    cites="RFC 9146 6",
    requirement="only a record newer than all before may change the address of the peer",
    needs=("cid",),
    settings=BOTH,
    faults=("follow-older-record",),
)
def older_record_moves_nobody(d: Dialogue) -> None:
    """A record that was overtaken comes from another address; answers still go to the old one."""
    connect(d)
    d.judge()
    held = d.peer.data(b"held back")
    d.subject.deliver_elsewhere(overtaken(d))
    d.listen()
    only_here(d, held, "an older record from there")


@case(
    role="server",
    cites="RFC 9146 6",
    requirement="only a record that verifies may change the address of the peer",
    needs=("cid",),
    settings=BOTH,
    faults=("follow-forged-record",),
)
def forged_record_moves_nobody(d: Dialogue) -> None:
    """A forged record with the right ID and a new number comes from another address: nothing changes."""
    connect(d)
    d.judge()
    held = overtaken(d)
    d.subject.deliver_elsewhere(flip_last(d.peer.data(b"forged")))
    d.listen()
    only_here(d, held, "a forged record from there")


@case(
    role="server",
    cites="RFC 9146 6",
    requirement="a replayed record does not change the address of the peer",
    needs=("cid",),
    settings=BOTH,
    faults=("follow-replayed-record",),
)
def replayed_record_moves_nobody(d: Dialogue) -> None:
    """The newest record comes again, from another address: nothing changes."""
    connect(d)
    d.judge()
    held = overtaken(d)
    newest = d.peer.data(b"newest")
    d.check(d.echoes(newest), "did not deliver a record")
    d.subject.deliver_elsewhere(newest)
    d.listen()
    only_here(d, held, "a replayed record from there")
