# SPDX-License-Identifier: MIT
"""What the wire says: facts of a trace that the cases hold against what the endpoints say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from dtlslab.trace import Event


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

    def largest_datagram(self, sender: str) -> int:
        """The length of the longest datagram sent, in bytes; 0 when there is none."""
        return max((event.data["length"] for event in self._sent if event.endpoint == sender), default=0)

    def alerts(self, sender: str | None = None) -> list[WireAlert]:
        """The alerts that could be read."""
        found = []
        for event in self._sent:
            if sender is None or event.endpoint == sender:
                found += [
                    WireAlert(event.endpoint, record["alert"]["level"], record["alert"]["description"])
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

    def offers_extension(self, kind: str, name: str) -> bool | None:
        """Whether that hello carries the extension; None when the dissector does not tell."""
        extensions = (self.hello(kind) or {}).get("extensions")
        if extensions is None:
            return None
        return any(name in (e, e.get("type") if isinstance(e, dict) else None) for e in extensions)
