# SPDX-License-Identifier: MIT
"""Titles and order of the sections of RFCs that cases check."""

from __future__ import annotations

TITLES = {
    "RFC 4279": {
        "2": "PSK Key Exchange Algorithm",
    },
    "RFC 5246": {
        "6.2.1": "Fragmentation",
        "7.1": "Change Cipher Spec Protocol",
        "7.2": "Alert Protocol",
        "7.2.1": "Closure Alerts",
        "7.2.2": "Error Alerts",
        "7.3": "Handshake Protocol Overview",
        "7.4": "Handshake Protocol",
        "7.4.1": "Hello Messages",
        "7.4.1.1": "Hello Request",
        "7.4.1.2": "Client Hello",
        "7.4.1.3": "Server Hello",
        "7.4.1.4": "Hello Extensions",
        "7.4.2": "Server Certificate",
        "7.4.3": "Server Key Exchange Message",
        "7.4.4": "Certificate Request",
        "7.4.6": "Client Certificate",
        "7.4.8": "Certificate Verify",
        "7.4.9": "Finished",
        "10": "Application Data Protocol",
        "E.1": "Compatibility with TLS 1.0/1.1 and SSL 3.0",
    },
    "RFC 5288": {
        "3": "AES-GCM Cipher Suites",
    },
    "RFC 5746": {
        "3.4": "Client Behavior: Initial Handshake",
        "3.6": "Server Behavior: Initial Handshake",
    },
    "RFC 6347": {
        "3.2.1": "Packet Loss",
        "3.2.2": "Reordering",
        "3.3": "Replay Detection",
        "4.1": "Record Layer",
        "4.1.1": "Transport Layer Mapping",
        "4.1.1.1": "PMTU Issues",
        "4.1.2": "Record Payload Protection",
        "4.1.2.1": "MAC",
        "4.1.2.2": "Null or Standard Stream Cipher",
        "4.1.2.4": "AEAD Ciphers",
        "4.1.2.6": "Anti-Replay",
        "4.1.2.7": "Handling Invalid Records",
        "4.2": "The DTLS Handshake Protocol",
        "4.2.1": "Denial-of-Service Countermeasures",
        "4.2.2": "Handshake Message Format",
        "4.2.3": "Handshake Message Fragmentation and Reassembly",
        "4.2.4": "Timeout and Retransmission",
        "4.2.4.1": "Timer Values",
        "4.2.5": "ChangeCipherSpec",
        "4.2.6": "CertificateVerify and Finished Messages",
        "4.2.7": "Alert Messages",
        "4.2.8": "Establishing New Associations with Existing Parameters",
    },
    "RFC 7627": {
        "5.2": "Client and Server Behavior: Full Handshake",
        "5.3": "Client and Server Behavior: Abbreviated Handshake",
    },
    "RFC 8422": {
        "5.1.1": "Supported Elliptic Curves Extension",
        "5.4": "Server Key Exchange",
        "5.11": "Public Key Validation",
    },
}

_FIRST = ("RFC 6347", "RFC 9147", "RFC 9146")
"""The documents of DTLS itself stand before those that it builds on."""


def title(document: str, section: str) -> str:
    """The title of a section; empty when it is not known here."""
    return TITLES.get(document, {}).get(section, "")


def order(document: str, section: str) -> tuple[object, ...]:
    """A key that sorts sections: DTLS first, then by document, appendices after the numbered sections."""
    place = _FIRST.index(document) if document in _FIRST else len(_FIRST)
    parts = [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in section.split(".")]
    return document == "", place, document, parts
