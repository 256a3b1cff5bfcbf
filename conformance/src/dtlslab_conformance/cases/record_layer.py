# SPDX-License-Identifier: MIT
"""Records: invalid ones are dropped and the association lives on; valid ones have the right form (RFC 6347
4.1).
"""

from __future__ import annotations

from ..case import case
from ..dialogue import Dialogue, describe


def flip_last(wire: bytes) -> bytes:
    """The record with the last bit changed."""
    return wire[:-1] + bytes([wire[-1] ^ 1])


def with_length(wire: bytes, length: int) -> bytes:
    """The record with another length in its header."""
    return wire[:11] + length.to_bytes(2, "big") + wire[13:]


def dropped(d: Dialogue, datagram: bytes, what: str) -> None:
    """Sends a datagram on an established association; it must bring nothing and break nothing."""
    d.judge()
    came = d.exchange(datagram)
    d.check(not came, f"answered {what} with {describe(came)}")
    d.still_echoes(what)


@case(
    role="any",
    level="should",
    cites="RFC 6347 4.1.2.7",
    requirement="a record whose MAC is wrong is silently discarded and the association goes on",
    faults=("alert-on-bad-mac",),
)
def record_with_bad_mac_discarded(d: Dialogue) -> None:
    """A record with a changed authentication tag is dropped without a word."""
    d.handshake()
    dropped(d, flip_last(d.peer.data(b"forged")), "a record with a wrong MAC")


@case(
    role="any",
    cites="RFC 6347 4.1.2.1",
    requirement="an alert for a wrong MAC, if one is sent at all, is bad_record_mac at level fatal",
    faults=("warning-alert-on-bad-mac",),
)
def alert_for_bad_mac_is_fatal(d: Dialogue) -> None:
    """If a wrong MAC is answered at all, it is with a fatal bad_record_mac."""
    d.handshake()
    d.judge()
    came = d.exchange(flip_last(d.peer.data(b"forged")))
    for alert in d.alerts(came):
        d.check(alert == (2, 20), f"answered a wrong MAC with {describe(came)}")


@case(
    role="any",
    level="should",
    cites="RFC 6347 4.1.2.7",
    requirement="a record of an unknown content type is silently discarded",
    faults=("fail-on-unknown-content-type",),
)
def unknown_content_type_discarded(d: Dialogue) -> None:
    """A plaintext record of content type 99 during the handshake changes nothing."""
    d.handshake(through=4 if d.role == "server" else 3)
    d.judge()
    came = d.exchange(d.peer.record(b"?", content_type=99, epoch=0), seconds=0.05)
    d.check(not d.alerts(came), f"answered an unknown content type with {describe(came)}")
    d.survives("a record of unknown content type")


@case(
    role="any",
    level="should",
    cites="RFC 6347 4.1",
    requirement="a record with a version of another protocol is not taken",
    faults=("accept-any-record-version",),
)
def record_of_other_version_discarded(d: Dialogue) -> None:
    """A record that is protected correctly under version 3.3, which is TLS's, is not delivered."""
    d.handshake()
    d.judge()
    came = d.echoes(d.peer.data(b"other version", version=0x0303))
    d.check(not came, "delivered application data from a record of version 0x0303")
    d.still_echoes("a record of version 0x0303")


@case(
    role="any",
    level="should",
    cites="RFC 6347 4.1.1",
    requirement="a record does not span datagrams; one that is longer than its datagram is dropped",
    faults=("alert-on-truncated-record",),
)
def record_longer_than_datagram_discarded(d: Dialogue) -> None:
    """A record whose length points past the end of the datagram is dropped."""
    d.handshake()
    wire = d.peer.data(b"truncated record")
    dropped(d, with_length(wire, len(wire)), "a record longer than its datagram")


@case(
    role="any",
    level="should",
    cites="RFC 6347 4.1.2.7",
    requirement="a datagram too short for a record header is dropped",
    faults=("alert-on-short-datagram",),
)
def datagram_shorter_than_header_discarded(d: Dialogue) -> None:
    """A datagram that ends within the record header is dropped."""
    d.handshake()
    dropped(d, d.peer.data(b"x")[:7], "a datagram of seven bytes")


@case(
    role="any",
    cites="RFC 5246 6.2.1",
    requirement="a record carries at most 2^14 bytes of plaintext",
    faults=("accept-oversized-plaintext",),
)
def plaintext_over_limit_not_delivered(d: Dialogue) -> None:
    """Application data of 2^14+1 bytes in one record is not delivered."""
    d.handshake()
    d.judge()
    came = d.echoes(d.peer.data(bytes(2**14 + 1)))
    d.check(not came, "delivered 2^14+1 bytes from one record")


@case(
    role="any",
    level="should",
    cites="RFC 6347 4.1.2.7",
    requirement="a protected record too short for nonce and tag is dropped",
    faults=("fail-on-tiny-ciphertext",),
)
def ciphertext_shorter_than_tag_discarded(d: Dialogue) -> None:
    """A record of epoch 1 with three bytes, fewer than nonce and tag, is dropped."""
    d.handshake()
    wire = d.peer.data(b"x")
    dropped(d, with_length(wire, 3)[:16], "a protected record of three bytes")


@case(
    role="any",
    level="should",
    cites="RFC 6347 4.1",
    requirement="a record of an epoch that has not begun is not delivered",
    faults=("accept-any-epoch",),
)
def record_of_future_epoch_discarded(d: Dialogue) -> None:
    """Application data in epoch 5, protected with the keys of epoch 1, is not delivered."""
    d.handshake()
    d.judge()
    came = d.echoes(d.peer.data(b"epoch 5", epoch=5))
    d.check(not came, "delivered application data of an epoch that has not begun")
    d.still_echoes("a record of epoch 5")


@case(
    role="any",
    level="should",
    cites="RFC 5246 6.2.1",
    requirement="handshake records are not empty; an empty one is invalid and is dropped",
    faults=("fail-on-empty-record",),
)
def empty_handshake_record_discarded(d: Dialogue) -> None:
    """A plaintext handshake record without content does not disturb the handshake."""
    d.handshake(through=4 if d.role == "server" else 3)
    d.judge()
    d.send(d.peer.record(b"", content_type=22, epoch=0))
    d.survives("an empty handshake record")


@case(
    role="any",
    cites="RFC 5246 6.2.1",
    requirement="application data of length zero is allowed",
    faults=("fail-on-empty-application-data",),
)
def empty_application_data_accepted(d: Dialogue) -> None:
    """A record of application data without content does no harm."""
    d.handshake()
    d.judge()
    came = d.exchange(d.peer.data(b""))
    d.check(not d.alerts(came), f"answered empty application data with {describe(came)}")
    d.still_echoes("empty application data")


@case(
    role="any",
    cites="RFC 6347 4.1.1",
    requirement="several records may stand in one datagram, and all are taken",
    faults=("first-record-only",),
)
def several_records_in_datagram(d: Dialogue) -> None:
    """Three records of application data in one datagram are all delivered."""
    d.handshake()
    d.judge()
    payloads = [b"one", b"two", b"three"]
    came = d.echoes(b"".join(d.peer.data(p) for p in payloads))
    missing = [p.decode() for p in payloads if p not in came]
    d.check(not missing, f"did not deliver {' and '.join(missing)} of three records in a datagram")


@case(
    role="any",
    level="should",
    cites="RFC 6347 4.1.2.7",
    requirement="an invalid record does not take valid ones before it with it",
    faults=("drop-datagram-with-garbage",),
)
def record_before_garbage_accepted(d: Dialogue) -> None:
    """A valid record that is followed by garbage in the same datagram is delivered."""
    d.handshake()
    d.judge()
    came = d.echoes(d.peer.data(b"before garbage") + b"\x17\xfe\xfd")
    d.check(b"before garbage" in came, "did not deliver the valid record before garbage")


@case(
    role="any",
    level="should",
    cites="RFC 6347 4.1.2.7",
    requirement="an invalid record does not take valid ones after it with it",
    faults=("drop-datagram-after-bad-record",),
)
def record_after_bad_mac_accepted(d: Dialogue) -> None:
    """A valid record that follows one with a wrong MAC in the same datagram is delivered."""
    d.handshake()
    d.judge()
    forged = flip_last(d.peer.data(b"forged"))
    came = d.echoes(forged + d.peer.data(b"after forged"))
    d.check(b"after forged" in came, "did not deliver the valid record after one with a wrong MAC")


@case(
    role="server",
    level="should",
    cites="RFC 6347 4.1.1.1",
    requirement="handshake messages are fragmented to fit the path MTU",
    needs=("mtu",),
    settings={"mtu": 300},
    faults=("ignore-mtu",),
)
def hello_flight_fits_mtu(d: Dialogue) -> None:
    """With an MTU of 300 bytes no datagram of the server's flights is longer."""
    d.judge()
    d.handshake()
    longest = max(len(datagram) for _, datagram in d.datagrams)
    d.check(longest <= 300, f"sent a datagram of {longest} bytes with an MTU of 300")


@case(
    role="client",
    level="should",
    cites="RFC 6347 4.1.1.1",
    requirement="handshake messages are fragmented to fit the path MTU",
    needs=("mtu", "client-auth"),
    settings={"mtu": 300, "authenticate": True},
    faults=("ignore-mtu",),
)
def certificate_flight_fits_mtu(d: Dialogue) -> None:
    """With an MTU of 300 bytes no datagram of a client with a certificate is longer."""
    d.judge()
    d.handshake()
    longest = max(len(datagram) for _, datagram in d.datagrams)
    d.check(longest <= 300, f"sent a datagram of {longest} bytes with an MTU of 300")


@case(
    role="any",
    cites="RFC 6347 4.1",
    requirement="epoch and sequence number together are never used twice",
    faults=("reuse-sequence-numbers",),
)
def sequence_numbers_unique(d: Dialogue) -> None:
    """No two records of a handshake and four echoes have the same epoch and number."""
    d.handshake()
    d.judge()
    for number in range(4):
        d.echo(b"%d" % number)
    retransmitted_hello = {3}
    numbers = [
        (r.epoch, r.sequence_number)
        for r in d.arrived
        if not any(h.msg_type in retransmitted_hello for h in r.handshakes)
    ]
    twice = {n for n in numbers if numbers.count(n) > 1}
    d.check(not twice, f"used epoch and sequence number {sorted(twice)[:1]} twice")


@case(
    role="any",
    cites="RFC 6347 4.1",
    requirement="sequence numbers begin at 0 in each epoch",
    faults=("continue-sequence-in-epoch-1",),
)
def sequence_starts_at_zero_in_epoch_1(d: Dialogue) -> None:
    """The first record of epoch 1 has the sequence number 0."""
    d.handshake()
    d.judge()
    first = min((r.sequence_number for r in d.arrived if r.epoch == 1), default=-1)
    d.check(first == 0, f"began epoch 1 with the sequence number {first}")


@case(
    role="any",
    cites="RFC 6347 4.1",
    requirement="the epoch counts up by one with each ChangeCipherSpec",
    faults=("skip-an-epoch",),
)
def epoch_counts_up_by_one(d: Dialogue) -> None:
    """After ChangeCipherSpec records are of epoch 1."""
    d.judge()
    d.begin()
    try:
        d.handshake()
    finally:
        epochs = {r.epoch for r in [*d.arrived, *d.peer.received]}
        d.check(epochs <= {0, 1}, f"used epochs {sorted(epochs)}")


@case(
    role="any",
    cites="RFC 6347 4.1",
    requirement="protected records carry the version in use, DTLS 1.2",
    faults=("wrong-record-version",),
)
def protected_records_are_of_version_in_use(d: Dialogue) -> None:
    """Records of epoch 1 say DTLS 1.2."""
    d.handshake()
    d.judge()
    d.exchange(d.peer.data(b"version"))
    versions = {r.version for r in d.arrived if r.epoch == 1}
    d.check(
        versions == {0xFEFD}, f"sent records of epoch 1 with versions {[hex(v) for v in sorted(versions)]}"
    )


@case(
    role="any",
    cites="RFC 5288 3",
    requirement="the explicit nonce of GCM is different for each record",
    needs=("suite:c02b",),
    faults=("repeat-nonce",),
)
def explicit_nonces_unique(d: Dialogue) -> None:
    """Eight protected records have eight different explicit nonces."""
    d.handshake()
    d.judge()
    for number in range(8):
        d.echo(b"%d" % number)
    nonces = [r.explicit_nonce for r in d.arrived if r.epoch == 1]
    d.check(len(nonces) > 6, "did not send enough protected records to compare")
    d.check(len(set(nonces)) == len(nonces), "used an explicit nonce twice")
