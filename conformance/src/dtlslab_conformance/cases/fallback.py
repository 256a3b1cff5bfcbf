# SPDX-License-Identifier: MIT
"""TLS_FALLBACK_SCSV: a client that tries again at a lower version says so (RFC 7507)."""

from __future__ import annotations

from scapy_dtls import ServerHello

from ..case import case
from ..dialogue import Dialogue
from .hello_to_server import greet, greet_through

FALLBACK_SCSV = 0x5600
INAPPROPRIATE_FALLBACK, PROTOCOL_VERSION = 86, 70


@case(
    role="server",
    cites="RFC 7507 3",
    requirement="a client that falls back below the server's highest version is refused",
    faults=("ignore-fallback-scsv",),
)
def inappropriate_fallback_refused(d: Dialogue) -> None:
    """A ClientHello of DTLS 1.0 with TLS_FALLBACK_SCSV gets inappropriate_fallback from a server of DTLS 1.2.

    A server that has no DTLS 1.0 may say protocol_version instead.
    """
    greet(d, lambda hello: setattr(hello, "client_version", 0xFEFF))
    d.peer.suites = (*d.peer.suites, FALLBACK_SCSV)
    greet_through(d)
    d.check(not d.messages(ServerHello.msg_type), "answered a fallback to DTLS 1.0 with ServerHello")
    d.refused(d.arrived, "a fallback to DTLS 1.0")
    alert = d.fatal_alerts()[0]
    d.check(
        alert in (INAPPROPRIATE_FALLBACK, PROTOCOL_VERSION),
        f"answered a fallback to DTLS 1.0 with alert {alert}, not inappropriate_fallback",
    )


@case(
    role="server",
    cites="RFC 7507 3",
    requirement="TLS_FALLBACK_SCSV beside the server's highest version changes nothing",
    faults=("refuse-fallback-scsv",),
)
def fallback_to_highest_version_goes_on(d: Dialogue) -> None:
    """A ClientHello of DTLS 1.2 with TLS_FALLBACK_SCSV is answered like one without."""
    d.peer.suites = (*d.peer.suites, FALLBACK_SCSV)
    d.survives("TLS_FALLBACK_SCSV in a ClientHello of DTLS 1.2")
