# SPDX-License-Identifier: MIT
"""Traces as qlog, in its JSON-SEQ form (RFC 7464, draft-ietf-quic-qlog-main-schema)."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from dtlslab.trace.events import Event
from dtlslab.version import __version__

_RECORD_SEPARATOR = b"\x1e"
_SCHEMA = "urn:ietf:params:qlog:file:sequential"
_EVENT_SCHEMA = "urn:dtlslab:schemas:dtls-events-01"


def encode(events: Iterable[Event], title: str) -> bytes:
    """A qlog file: a header record, then one record an event.

    The endpoint goes into `group_id`, since one trace holds all of them; times
    are milliseconds from carrier time 0.
    """
    header = {
        "file_schema": _SCHEMA,
        "serialization_format": "application/qlog+json-seq",
        "title": title,
        "trace": {
            "title": title,
            "vantage_point": {"name": f"dtlslab {__version__}", "type": "network"},
            "event_schemas": [_EVENT_SCHEMA],
            "common_fields": {
                "time_format": "relative_to_epoch",
                "reference_time": {"clock_type": "monotonic", "epoch": "unknown"},
            },
        },
    }
    encoded = [_record(header)]
    for event in events:
        fields = {"time": event.time, "name": event.name, "data": event.data}
        if event.endpoint:
            fields["group_id"] = event.endpoint
        encoded.append(_record(fields))
    return b"".join(encoded)


def _record(value: object) -> bytes:
    return _RECORD_SEPARATOR + msgspec.json.encode(value) + b"\n"
