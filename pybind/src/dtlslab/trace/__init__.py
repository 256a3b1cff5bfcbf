# SPDX-License-Identifier: MIT
"""Traces: what every run leaves behind, the same for all. `docs/reference/trace.md` lists the events."""

from __future__ import annotations

from dtlslab.trace.capture import Capture, read_capture
from dtlslab.trace.dissection import Datagram, Dissected, Dissector
from dtlslab.trace.events import Event, read_events, write_events
from dtlslab.trace.trace import Trace, dissect, load_trace

__all__ = [
    "Capture",
    "Datagram",
    "Dissected",
    "Dissector",
    "Event",
    "Trace",
    "dissect",
    "load_trace",
    "read_capture",
    "read_events",
    "write_events",
]
