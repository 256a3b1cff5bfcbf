# SPDX-License-Identifier: MIT
"""Names for what a datagram carries: one short label a record, with the long form for the tooltip."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dtlslab.report.fields import Fields, mappings, number, text

_SPECIAL = {
    "hello_verify_request": "HelloVerifyRequest",
    "change_cipher_spec": "ChangeCipherSpec",
    "application_data": "application data",
    "ack": "ACK",
}


_VERSIONS = {"0xfeff": "DTLS 1.0", "0xfefd": "DTLS 1.2", "0xfefc": "DTLS 1.3"}


@dataclass(frozen=True, slots=True)
class Label:
    """What stands in a diagram for one record, or for one message of a record that holds several."""

    text: str
    """Short: `Certificate 0–512/1180`."""
    tooltip: str
    encrypted: bool = False
    alert: bool = False


def message_name(kind: str) -> str:
    """The name that the RFCs give to a message: `server_key_exchange` is ServerKeyExchange."""
    if kind in _SPECIAL:
        return _SPECIAL[kind]
    return "".join(word[:1].upper() + word[1:] for word in kind.split("_")) or "unknown"


def version_name(version: str) -> str:
    """`DTLS 1.2` for 0xfefd; what is not the number of a version stays as it is."""
    return _VERSIONS.get(version, version)


def record_labels(records: list[Fields]) -> list[Label]:
    """The labels of a datagram in the order of its records; equal neighbours of no interest are counted."""
    labels: list[Label] = []
    count = 1
    for label in _each(records):
        if labels and label.text == labels[-1].text and label.text == _SPECIAL["application_data"]:
            count += 1
            continue
        _close(labels, count)
        labels.append(label)
        count = 1
    _close(labels, count)
    return labels


def is_data_only(records: list[Fields]) -> bool:
    """Whether a datagram carries application data and nothing else."""
    return bool(records) and all(record.get("content_type") == "application_data" for record in records)


def _close(labels: list[Label], count: int) -> None:
    if count > 1:
        last = labels[-1]
        labels[-1] = Label(f"{last.text} ×{count}", last.tooltip, last.encrypted, last.alert)


def _each(records: list[Fields]) -> Iterator[Label]:
    for record in records:
        kind = text(record, "content_type") or "unknown"
        encrypted = record.get("encrypted") is True
        head = _record_line(record, kind, encrypted)
        messages = mappings(record, "messages")
        alert = record.get("alert")
        if kind == "handshake" and messages:
            for message in messages:
                yield Label(_message_text(message), f"{head}\n{_message_line(message)}", encrypted)
        elif kind == "alert" and isinstance(alert, dict) and text(alert, "description"):
            level, description = text(alert, "level"), text(alert, "description")
            yield Label(f"Alert {level} {description}".replace("  ", " "), head, encrypted, alert=True)
        elif kind == "handshake":
            yield Label("Handshake", f"{head}\nnot decrypted" if encrypted else head, encrypted)
        else:
            yield Label(message_name(kind), head, encrypted, alert=kind == "alert")


def _message_text(message: Fields) -> str:
    name = message_name(text(message, "type"))
    offset, taken, whole = (number(message, key) for key in ("fragment_offset", "fragment_length", "length"))
    if offset is None or taken is None or whole is None or (offset == 0 and taken == whole):
        return name
    return f"{name} {offset}–{offset + taken}/{whole}"


def _record_line(record: Fields, kind: str, encrypted: bool) -> str:
    parts = [f"record: {kind}"]
    for field, name in (("epoch", "epoch"), ("sequence_number", "sequence number")):
        if (value := number(record, field)) is not None:
            parts.append(f"{name} {value}")
    if (length := number(record, "length")) is not None:
        parts.append(f"{length} bytes")
    if version := text(record, "version"):
        parts.append(f"version {version}")
    if encrypted:
        parts.append("encrypted" if record.get("decrypted") is True else "encrypted, not decrypted")
    return ", ".join(parts)


def _message_line(message: Fields) -> str:
    parts = [message_name(text(message, "type"))]
    if (sequence := number(message, "message_seq")) is not None:
        parts.append(f"message_seq {sequence}")
    offset, taken, whole = (number(message, key) for key in ("fragment_offset", "fragment_length", "length"))
    if offset is not None and taken is not None and whole is not None:
        parts.append(f"bytes {offset} to {offset + taken} of {whole}")
    line = ", ".join(parts)
    for field in ("cipher_suites", "cipher_suite", "extensions"):
        value = message.get(field)
        if value:
            shown = ", ".join(map(_item, value)) if isinstance(value, list) else str(value)
            line += f"\n{field.replace('_', ' ')}: {shown}"
    return line


def _item(value: object) -> str:
    if isinstance(value, dict):
        return str(value.get("type", value.get("name", value)))
    return str(value)
