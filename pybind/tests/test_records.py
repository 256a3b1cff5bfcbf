# SPDX-License-Identifier: MIT
"""The reader of record headers."""

from __future__ import annotations

from dtlslab.trace.records import FlightTracker, parse_datagram
from hypothesis import given
from hypothesis import strategies as st


def record(kind: int, body: bytes, epoch: int = 0, number: int = 0) -> bytes:
    header = bytes([kind]) + b"\xfe\xfd" + epoch.to_bytes(2, "big") + number.to_bytes(6, "big")
    return header + len(body).to_bytes(2, "big") + body


def message(kind: int, body: bytes, sequence: int = 0) -> bytes:
    length = len(body).to_bytes(3, "big")
    return bytes([kind]) + length + sequence.to_bytes(2, "big") + bytes(3) + length + body


def hello(cookie: bytes = b"") -> bytes:
    body = b"\xfe\xfd" + bytes(32) + b"\0" + bytes([len(cookie)]) + cookie + b"\0\2\xc0\x2b\1\0"
    return message(1, body, 1 if cookie else 0)


@given(st.binary(max_size=300))
def test_any_bytes_are_read(data: bytes) -> None:
    records = parse_datagram(data)
    assert sum(r.length + 13 for r in records if r.content_type != "unknown") <= len(data)
    assert bool(records) == bool(data)


def test_handshake_headers_and_alerts_are_read() -> None:
    hello_record, alert = parse_datagram(record(22, hello(b"biscuit"), number=3) + record(21, b"\2\x28"))
    assert hello_record.messages[0].type == "client_hello"
    assert hello_record.has_cookie
    assert hello_record.sequence_number == 3
    assert alert.alert is not None
    assert (alert.alert.level, alert.alert.description) == (2, 40)


def test_nothing_is_read_into_encrypted_records() -> None:
    (finished,) = parse_datagram(record(22, bytes(40), epoch=1))
    assert finished.encrypted
    assert not finished.messages


def test_flights_of_a_full_handshake() -> None:
    tracker = FlightTracker()
    client, server = ("c", "s"), ("s", "c")
    story = [
        (client, record(22, hello()), 1, False),
        (server, record(22, message(3, b"\xfe\xff\x00")), 2, False),
        (client, record(22, hello(b"x")), 3, False),
        (server, record(22, message(2, bytes(38), 1) + message(14, b"", 2)), 4, False),
        (client, record(22, hello(b"x")), 3, True),
        (server, record(22, message(2, bytes(38), 1) + message(14, b"", 2)), 4, True),
        (client, record(22, message(16, b"", 2)) + record(20, b"\1") + record(22, bytes(40), 1), 5, False),
        (server, record(20, b"\1") + record(22, bytes(40), 1), 6, False),
        (client, record(23, bytes(40), 1), None, False),
    ]
    for number, ((sender, receiver), data, flight, again) in enumerate(story):
        seen = tracker.seen(number, sender, receiver, parse_datagram(data))
        assert (seen.flight, seen.retransmission) == (flight, again), number
