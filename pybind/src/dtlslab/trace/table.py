# SPDX-License-Identifier: MIT
"""A trace as a table for people: a line for each datagram, timer and change of state."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from dtlslab.trace.events import Event

_TITLES = ("time", "endpoint", "", "flight", "what")

_WORDS = {
    "client_hello": "ClientHello",
    "hello_verify_request": "HelloVerifyRequest",
    "server_hello": "ServerHello",
    "certificate": "Certificate",
    "server_key_exchange": "ServerKeyExchange",
    "certificate_request": "CertificateRequest",
    "server_hello_done": "ServerHelloDone",
    "client_key_exchange": "ClientKeyExchange",
    "certificate_verify": "CertificateVerify",
    "finished": "Finished",
    "new_session_ticket": "NewSessionTicket",
}
_CONTENT = {
    "change_cipher_spec": "ChangeCipherSpec",
    "application_data": "application data",
    "handshake": "encrypted handshake",
    "alert": "alert",
    "unknown": "unknown",
}


def table(events: Iterable[Event]) -> str:
    """The events as lines of columns."""
    events = list(events)
    fates = _fates(events)
    rows = [row for row in (_row(event, fates) for event in events) if row is not None]
    return _laid_out([_TITLES, *rows])


def describe_records(records: Sequence[dict[str, Any]]) -> str:
    """The messages of a datagram in the words of the RFCs."""
    parts: list[str] = []
    for record in records:
        messages = record.get("messages") or []
        for message in messages:
            word = _WORDS.get(message["type"], message["type"])
            if message["fragment_length"] < message["length"]:
                start = message["fragment_offset"]
                word += f"[{start}..{start + message['fragment_length']} of {message['length']}]"
            parts.append(word)
        alert = record.get("alert")
        if alert:
            parts.append(f"alert {alert['description']}")
        elif not messages:
            parts.append(_CONTENT.get(record["content_type"], record["content_type"]))
    return ", ".join(parts)


def _fates(events: Iterable[Event]) -> dict[int, str]:
    """What became of each datagram that did not arrive as it was."""
    fates: dict[int, str] = {}
    for event in events:
        if event.name == "dtls:datagram_lost":
            fates[event.data["datagram_id"]] = f"lost ({event.data['trigger']})"
        elif event.name == "dtls:datagram_dropped":
            fates[event.data["datagram_id"]] = f"dropped ({event.data['trigger']})"
        elif event.name == "dtls:datagram_changed":
            fates[event.data["original_id"]] = event.data["trigger"]
    return fates


def _row(event: Event, fates: dict[int, str]) -> tuple[str, ...] | None:
    data = event.data
    time = f"{event.time / 1000:.6f} s"
    match event.name:
        case "dtls:datagram_sent" | "dtls:datagram_injected":
            what = describe_records(data["records"]) or f"{data['length']} bytes"
            if data.get("retransmission"):
                what += ", again"
            if event.name.endswith("injected"):
                what += ", injected"
            fate = fates.get(data["datagram_id"])
            mark = f"→ {data['to']}" if fate is None else f"✗ {data['to']}"
            flight = str(data["flight"] or "")
            return (time, event.endpoint, mark, flight, what + (f"  [{fate}]" if fate else ""))
        case "dtls:connection_state_updated":
            text = data["new"]
            if data["new"] == "connected":
                text += f", {data['cipher_suite']}"
            if data.get("reason"):
                text += f": {data['reason']}"
            return (time, event.endpoint, "", "", text)
        case "dtls:timer_updated" if data["event_type"] == "expired":
            return (time, event.endpoint, "", "", "timer expired")
        case "dtls:alert_sent" | "dtls:alert_received":
            verb = event.name.rpartition("_")[2]
            return (time, event.endpoint, "", "", f"{data['level']} alert {verb}: {data['description']}")
        case "dtls:data_received":
            return (time, event.endpoint, "", "", f"received {data['length']} bytes")
        case "simulation:marker":
            return (time, event.endpoint, "", "", f"— {data['message']}")
        case _:
            return None


def _laid_out(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(_TITLES) - 1)]
    lines = []
    for row in rows:
        cells = [f"{row[0]:>{widths[0]}}"]
        cells += [f"{row[column]:<{widths[column]}}" for column in range(1, len(widths))]
        lines.append("  ".join([*cells, row[-1]]).rstrip())
    return "\n".join(lines)
