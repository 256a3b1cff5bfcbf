# SPDX-License-Identifier: MIT
"""Facts of a trace: named and numbered code points, alerts, fragments."""

from __future__ import annotations

from typing import Any

import pytest
from dtlslab.trace import Event
from dtlslab_interop.wire import Wire, WireAlert


def sent(sender: str, *records: dict[str, Any], **data: Any) -> Event:
    return Event(
        time=0.0, name="dtls:datagram_sent", endpoint=sender, data={"records": list(records), **data}
    )


def handshake(**message: Any) -> dict[str, Any]:
    return {"content_type": "handshake", "messages": [{"fragment_length": 10, "length": 10, **message}]}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("TLS_PSK_WITH_AES_128_CCM_8", 0xC0A8),
        ("0xc0a8", 0xC0A8),
        (0xC0A8, 0xC0A8),
        ("TLS_OF_SOMEBODY_ELSE", None),
    ],
)
def test_suites_by_name_and_number(name: object, code: int | None) -> None:
    assert Wire([sent("server", handshake(type="server_hello", cipher_suite=name))]).suite == code


def test_what_the_dissector_does_not_tell_is_none() -> None:
    wire = Wire([sent("server", handshake(type="server_hello"), handshake(type="server_key_exchange"))])
    assert (wire.suite, wire.group, wire.offers_extension("server_hello", "any")) == (None, None, None)
    assert Wire([]).largest_datagram("client") == 0


@pytest.mark.parametrize(
    ("level", "description", "expected"),
    [
        ("fatal", "handshake_failure", (2, 40)),
        (2, 40, (2, 40)),
        ("level_7", "alert_199", (7, 199)),
        ("?", "?", (255, 255)),
    ],
)
def test_alerts_by_name_and_number(level: object, description: object, expected: tuple[int, int]) -> None:
    record = {"content_type": "alert", "alert": {"level": level, "description": description}}
    wire = Wire([sent("client", record), sent("server", {"content_type": "alert"})])
    assert wire.alerts() == [WireAlert("client", *expected)]
    assert wire.alerts("server") == []
    assert wire.unreadable_alerts("server") == 1


def test_fragments_and_lengths() -> None:
    wire = Wire(
        [
            sent("server", handshake(type="certificate", fragment_length=4), length=40),
            sent("server", handshake(type="certificate", fragment_length=6), length=60, retransmission=True),
            sent("server", handshake(type="server_hello_done"), length=50),
        ]
    )
    assert wire.fragmented("server") == ["certificate"]
    assert wire.message_types("server") == ["certificate", "server_hello_done"]
    assert wire.largest_datagram("server") == 60
    assert len(wire.retransmissions()) == 1
