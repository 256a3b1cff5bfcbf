# SPDX-License-Identifier: MIT
"""The trace of one run: raw log entries, turned into events when they are asked for."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from dtlslab.plugins import registry
from dtlslab.python_endpoint import NO_DEADLINE, EndpointEvent, EventKind
from dtlslab.trace import names, pcapng
from dtlslab.trace.capture import CLIENT_PORT, SERVER_PORT, Address, read_capture, udp_packet
from dtlslab.trace.dissection import Datagram, Dissected, dissect_in_clear
from dtlslab.trace.events import Event, read_events, write_events
from dtlslab.trace.log import Entry, LogKind
from dtlslab.trace.table import table

EVENTS = "events.jsonl"
CAPTURE = "capture.pcapng"


class Trace:
    """What happened in a lab so far."""

    def __init__(self, name_of: Callable[[int], str], is_server: Callable[[int], bool] | None = None) -> None:
        self._name_of = name_of
        self._is_server = is_server or (lambda _: False)
        self._entries: list[Entry] = []
        self._outside_keys: dict[str, None] = {}
        self._events: list[Event] | None = None

    def extend(self, entries: Sequence[Entry]) -> None:
        """Takes over entries of the world's log."""
        if entries:
            self._entries += entries
            self._events = None

    def add_keys(self, lines: Iterable[str]) -> None:
        """Takes over key-log lines that endpoints outside the lab wrote, those that are not there yet."""
        new = {line: None for line in lines if line not in self._outside_keys}
        if new:
            self._outside_keys |= new
            self._events = None

    def scenario(self, name: str, details: dict[str, Any]) -> None:
        """Says what the run is: the first event of the trace."""
        self._scenario = Event(time=0.0, name="simulation:scenario", data={"name": name, "details": details})
        self._events = None

    _scenario: Event | None = None

    @property
    def entries(self) -> Sequence[Entry]:
        """The raw log, for those who count rather than read."""
        return self._entries

    @property
    def events(self) -> list[Event]:
        """Everything, in order, with dissected records."""
        if self._events is None:
            self._events = list(self._convert())
        return self._events

    @property
    def keylog(self) -> list[str]:
        """Lines in the NSS format, each once."""
        told = (entry.text for entry in self._entries if entry.kind == LogKind.KEYLOG)
        return list(dict.fromkeys([*told, *self._outside_keys]))

    @property
    def datagrams(self) -> list[Datagram]:
        """All datagrams that left for the network or were to leave, in order."""
        return [
            Datagram(e.datagram, e.time / 10**9, self._name_of(e.node), self._name_of(e.peer), e.data or b"")
            for e in self._entries
            if e.is_new_datagram
        ]

    def table(self) -> str:
        """What happened, one line an event, for people."""
        return table(self.events)

    def capture(self) -> bytes:
        """A pcapng file with the decryption secrets inside."""
        return pcapng.encode(self._packets(), self.keylog)

    def write(self, folder: Path | str) -> Path:
        """Writes events.jsonl and capture.pcapng to `folder`, whole or not at all; answers the folder."""
        folder = Path(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        partial = folder.with_name(f".{folder.name}.{os.getpid()}.partial")
        partial.mkdir()
        write_events(partial / EVENTS, self.events)
        (partial / CAPTURE).write_bytes(self.capture())
        if folder.exists():
            shutil.rmtree(folder)
        partial.rename(folder)
        return folder

    def _convert(self) -> list[Event]:
        try:
            dissected, trouble = dissect(self.datagrams, self.keylog), ""
        except Exception as error:  # whatever the bytes of a trace do to a dissector, the trace is kept
            dissected = dissect_in_clear(self.datagrams)
            trouble = f"dissected without keys, for the dissector failed: {type(error).__name__}: {error}"
        events = [self._event(entry, dissected) for entry in self._entries if entry.kind != LogKind.KEYLOG]
        if trouble:
            events.append(Event(time=events[-1].time, name="simulation:marker", data={"message": trouble}))
        return ([self._scenario] if self._scenario is not None else []) + events

    def _event(self, entry: Entry, dissected: dict[int, Dissected]) -> Event:
        name, data = self._describe(entry, dissected)
        endpoint = "" if entry.kind == LogKind.MARKER else self._name_of(entry.node)
        return Event(time=entry.time / 10**6, name=name, endpoint=endpoint, data=data)

    def _describe(self, entry: Entry, dissected: dict[int, Dissected]) -> tuple[str, dict[str, Any]]:
        number = {"datagram_id": entry.datagram}
        peer = self._name_of(entry.peer)
        length = entry.length or entry.value
        match entry.kind:
            case LogKind.DATAGRAM_SENT:
                return "dtls:datagram_sent", {
                    **number,
                    "to": peer,
                    "length": length,
                    **_found(entry, dissected),
                }
            case LogKind.DATAGRAM_DELIVERED:
                return "dtls:datagram_received", {**number, "from": peer, "length": length}
            case LogKind.DATAGRAM_LOST:
                return "dtls:datagram_lost", {**number, "trigger": entry.text or "loss"}
            case LogKind.DATAGRAM_DROPPED:
                return "dtls:datagram_dropped", {**number, "trigger": entry.text or "script"}
            case LogKind.DATAGRAM_CHANGED:
                change = {"original_id": entry.value, "trigger": entry.text or "script", "length": length}
                return "dtls:datagram_changed", {**number, **change, **_found(entry, dissected)}
            case LogKind.DATAGRAM_INJECTED:
                return "dtls:datagram_injected", {
                    **number,
                    "to": peer,
                    "length": length,
                    **_found(entry, dissected),
                }
            case LogKind.DEADLINE:
                if entry.value == NO_DEADLINE:
                    return "dtls:timer_updated", {"event_type": "cancelled"}
                return "dtls:timer_updated", {"event_type": "set", "deadline": entry.value / 10**6}
            case LogKind.TIMEOUT:
                return "dtls:timer_updated", {"event_type": "expired"}
            case LogKind.EVENT if entry.event is not None and entry.event.kind is EventKind.SAID:
                return "simulation:marker", {"message": entry.event.text}
            case LogKind.EVENT if entry.event is not None:
                return _endpoint_event(entry.event)
            case LogKind.DATA_SENT:
                return "dtls:data_sent", {"session": entry.session, "length": entry.value}
            case LogKind.DATA_RECEIVED:
                return "dtls:data_received", {"session": entry.session, "length": length}
            case _:
                return "simulation:marker", {"message": entry.text}

    def _packets(self) -> list[pcapng.Packet]:
        comments = self._comments()
        replaced = self._replaced()
        packets = []
        for entry in self._entries:
            if not entry.is_new_datagram or entry.data is None or entry.datagram in replaced:
                continue
            data = udp_packet(
                self._address(entry.node), self._address(entry.peer), entry.data, entry.datagram
            )
            packets.append(pcapng.Packet(entry.time, data, "; ".join(comments.get(entry.datagram, ()))))
        return packets

    def _replaced(self) -> set[int]:
        """Datagrams that never left, because a hook put other bytes in their place."""
        sent = {entry.datagram: entry.data for entry in self._entries if entry.kind == LogKind.DATAGRAM_SENT}
        changed = [e for e in self._entries if e.kind == LogKind.DATAGRAM_CHANGED and e.is_new_datagram]
        return {entry.value for entry in changed if entry.data != sent.get(entry.value)}

    def _comments(self) -> dict[int, list[str]]:
        comments: dict[int, list[str]] = {}
        for entry in self._entries:
            if entry.kind == LogKind.DATAGRAM_LOST:
                text = f"lost by the network: {entry.text or 'loss'}"
            elif entry.kind == LogKind.DATAGRAM_DROPPED:
                text = f"dropped: {entry.text or 'by the script'}"
            elif entry.kind == LogKind.DATAGRAM_CHANGED:
                text = (
                    entry.text
                    if entry.datagram == entry.value
                    else f"{entry.text}, from datagram {entry.value}"
                )
            elif entry.kind == LogKind.DATAGRAM_INJECTED:
                text = "injected by the script"
            else:
                continue
            comments.setdefault(entry.datagram, []).append(text)
        return comments

    def _address(self, node: int) -> Address:
        port = SERVER_PORT if self._is_server(node) else CLIENT_PORT + node
        return Address(f"10.0.{(node + 1) >> 8}.{(node + 1) & 0xFF}", port)


class StoredTrace:
    """A trace that was read back from its folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.events = read_events(folder / EVENTS)

    @property
    def datagrams(self) -> list[Datagram]:
        return read_capture(self.folder / CAPTURE).conversation()

    @property
    def keylog(self) -> list[str]:
        return read_capture(self.folder / CAPTURE).keylog

    def table(self) -> str:
        return table(self.events)


def dissect(datagrams: list[Datagram], keylog: list[str]) -> dict[int, Dissected]:
    """Dissects with the registered dissector, or without keys when there is none."""
    dissector = registry().find_dissector()
    return dissect_in_clear(datagrams) if dissector is None else dissector(datagrams, keylog)


def load_trace(folder: Path | str) -> StoredTrace:
    """Reads a trace folder back. BadInput names the file that is missing or broken."""
    return StoredTrace(Path(folder))


def _found(entry: Entry, dissected: dict[int, Dissected]) -> dict[str, Any]:
    known = dissected.get(entry.datagram)
    if known is None:
        return {"records": [], "flight": None, "retransmission": False}
    return {"records": known.records, "flight": known.flight, "retransmission": known.retransmission}


def _endpoint_event(event: EndpointEvent) -> tuple[str, dict[str, Any]]:
    state = _STATES.get(event.kind)
    if state is not None:
        return "dtls:connection_state_updated", _state_data(event, state)
    session = {"session": event.session}
    match event.kind:
        case EventKind.ALERT_SENT | EventKind.ALERT_RECEIVED:
            verb = "sent" if event.kind is EventKind.ALERT_SENT else "received"
            level, description = names.alert_level(event.alert_level), names.alert(event.alert_description)
            return f"dtls:alert_{verb}", {**session, "level": level, "description": description}
        case EventKind.TIMEOUT:
            return "dtls:flight_retransmitted", session
        case _:
            return "dtls:path_updated", {**session, "path": event.path}


_STATES = {
    EventKind.SESSION_NEW: "started",
    EventKind.CONNECTED: "connected",
    EventKind.CLOSED: "closed",
    EventKind.FAILED: "failed",
}


def _state_data(event: EndpointEvent, state: str) -> dict[str, Any]:
    data: dict[str, Any] = {"session": event.session, "new": state}
    if event.kind is EventKind.CONNECTED:
        data |= {
            "version": names.version(event.version),
            "cipher_suite": names.suite(event.cipher_suite),
            "group": names.group(event.group) if event.group else None,
            "resumed": event.resumed,
        }
    if event.text:
        data["reason"] = event.text
    return data
