# SPDX-License-Identifier: MIT
"""What the wire says: facts of a trace that the cases hold against what the endpoints say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from dtlslab.trace import Event, names


class WireAlert(msgspec.Struct, frozen=True):
    """An alert that could be read on the wire."""

    sender: str
    level: int
    description: int


class Wire:
    """The datagrams of one trace, by sender. Senders are the names of the endpoints: `client`, `server`."""

    def __init__(self, events: Sequence[Event]) -> None:
        self._sent = [event for event in events if event.name == "dtls:datagram_sent"]

    def records(self, sender: str | None = None) -> Iterator[dict[str, Any]]:
        """Every record sent, in order."""
        for event in self._sent:
            if sender is None or event.endpoint == sender:
                yield from event.data.get("records") or ()

    def messages(self, sender: str | None = None) -> Iterator[dict[str, Any]]:
        """Every handshake message or fragment sent that could be read, in order."""
        for record in self.records(sender):
            yield from record.get("messages") or ()

    def message_types(self, sender: str) -> list[str]:
        """The types of the handshake messages sent, each time they change."""
        types: list[str] = []
        for message in self.messages(sender):
            if not types or types[-1] != message["type"]:
                types.append(message["type"])
        return types

    def fragmented(self, sender: str) -> list[str]:
        """The types of the messages that went out in more than one fragment."""
        return sorted({m["type"] for m in self.messages(sender) if m["fragment_length"] < m["length"]})

    def retransmissions(self) -> list[Event]:
        """The datagrams in which everything had been sent before."""
        return [event for event in self._sent if event.data.get("retransmission")]

    def lengths(self) -> list[int]:
        """The lengths of all datagrams sent, in bytes of UDP payload."""
        return [event.data["length"] for event in self._sent]

    def largest_datagram(self, sender: str) -> int:
        """The length of the longest datagram sent, in bytes; 0 when there is none."""
        return max((event.data["length"] for event in self._sent if event.endpoint == sender), default=0)

    def longest_protected_record(self, sender: str) -> int:
        """The most bytes behind the header of a protected record of that side; 0: there is none."""
        return max((record["length"] for record in self.records(sender) if record["epoch"] > 0), default=0)

    def has_connection_ids(self, sender: str) -> bool:
        """Whether records of that side carry a connection ID."""
        return any(record.get("connection_id") for record in self.records(sender))

    def alerts(self, sender: str | None = None) -> list[WireAlert]:
        """The alerts that could be read."""
        found = []
        for event in self._sent:
            if sender is None or event.endpoint == sender:
                found += [
                    _alert(event.endpoint, record["alert"])
                    for record in event.data.get("records") or ()
                    if record.get("alert")
                ]
        return found

    def unreadable_alerts(self, sender: str) -> int:
        """How many alert records could not be decrypted."""
        return sum(
            record["content_type"] == "alert" and not record.get("alert") for record in self.records(sender)
        )

    def hello(self, kind: str) -> dict[str, Any] | None:
        """The last `client_hello` or `server_hello` that could be read, as the dissector describes it."""
        found = [message for message in self.messages() if message["type"] == kind]
        return found[-1] if found else None

    @property
    def suite(self) -> int | None:
        """The cipher suite of the last ServerHello, where the dissector tells it."""
        name = (self.hello("server_hello") or {}).get("cipher_suite")
        return None if name is None else _number(name, names.SUITES)

    @property
    def group(self) -> int | None:
        """The group of the last ServerKeyExchange, where the dissector tells it."""
        found = [
            m["group"] for m in self.messages("server") if m["type"] == "server_key_exchange" and "group" in m
        ]
        return _number(found[-1], names.GROUPS) if found else None

    def scheme(self, sender: str, kind: str) -> int | None:
        """What the last `server_key_exchange` or `certificate_verify` that could be read is signed with."""
        found = [
            m["signature_scheme"]
            for m in self.messages(sender)
            if m["type"] == kind and "signature_scheme" in m
        ]
        return _number(found[-1], names.SCHEMES) if found else None

    def offers_extension(self, kind: str, name: str) -> bool | None:
        """Whether that hello carries the extension; None when the dissector does not tell."""
        extensions = (self.hello(kind) or {}).get("extensions")
        if extensions is None:
            return None
        return name in extensions


def _alert(sender: str, said: Mapping[str, int | str]) -> WireAlert:
    level = _number(said["level"], names.ALERT_LEVELS)
    description = _number(said["description"], names.ALERTS)
    return WireAlert(sender, *(255 if number is None else number for number in (level, description)))


def _number(value: int | str, known: Mapping[int, str]) -> int | None:
    """The code point of a name; what has no name is a number in hexadecimal, or one after a `_`."""
    if isinstance(value, int):
        return value
    for number, name in known.items():
        if name == value:
            return number
    digits = value.removeprefix("0x") if value.startswith("0x") else value.rpartition("_")[2]
    try:
        return int(digits, 16 if value.startswith("0x") else 10)
    except ValueError:
        return None
