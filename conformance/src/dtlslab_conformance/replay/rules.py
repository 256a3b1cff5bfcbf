# SPDX-License-Identifier: MIT
"""What an endpoint must make of a handshake message that was changed, hashed as it was sent.

`expectation` answers by the first row of the table that fits; what no row speaks of is left to the endpoint,
within the alerts that say something of a handshake message.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dtlslab.verdict import Citation
from scapy.packet import Packet, Raw

from ..crypto.suites import Suite
from .mutation import (
    BAD_RECORD_MAC,
    CERTIFICATE_ALERTS,
    DECODE_ERROR,
    DECRYPT_ERROR,
    HANDSHAKE_ALERTS,
    HANDSHAKE_FAILURE,
    ILLEGAL_PARAMETER,
    INSUFFICIENT_SECURITY,
    MALFORMED,
    PROTOCOL_VERSION,
    UNEXPECTED_MESSAGE,
    UNKNOWN_PSK_IDENTITY,
    UNSUPPORTED_EXTENSION,
    Expectation,
    either,
    refused,
    rfc,
)

Condition = Callable[[Any, Suite], bool]
"""Over the changed body and the suite of the recording."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A row: which fields of which message, and what follows."""

    path: str
    """A pattern over `ServerHello.cipher_suite`."""
    condition: Condition
    completes: bool | None
    alerts: frozenset[int]
    words: str
    citation: Citation


def _always(_: Any, __: Suite) -> bool:
    return True


def _offers_suite(body: Any, suite: Suite) -> bool:
    return suite.code in body.cipher_suites


def _no_suite(body: Any, suite: Suite) -> bool:
    return suite.code not in body.cipher_suites


def _offers_no_compression(body: Any, _: Suite) -> bool:
    return 0 not in body.compression_methods


def _null_compression(body: Any, _: Suite) -> bool:
    return 0 in body.compression_methods


def _later_version(body: Any, _: Suite) -> bool:
    return bool(0xFE00 <= body.client_version < 0xFEFD)


def _is_12(body: Any, _: Suite) -> bool:
    return bool(body.server_version in (0xFEFF, 0xFEFD))


def _short_id(body: Any, _: Suite) -> bool:
    return len(body.session_id) <= 32


def _has_cookie(body: Any, _: Suite) -> bool:
    return bool(body.cookie)


_SIGNATURE = frozenset({DECRYPT_ERROR, DECODE_ERROR, ILLEGAL_PARAMETER, HANDSHAKE_FAILURE})
_KEYS_DIFFER = MALFORMED | {HANDSHAKE_FAILURE, DECRYPT_ERROR, BAD_RECORD_MAC}

RULES = (
    Rule("ClientHello.random", _always, True, frozenset(), "any random will do", rfc(5246, "7.4.1.2")),
    Rule(
        "ClientHello.session_id",
        _short_id,
        True,
        frozenset(),
        "an unknown session id leads to a full handshake",
        rfc(5246, "7.4.1.2"),
    ),
    Rule(
        "ClientHello.client_version",
        _later_version,
        True,
        frozenset(),
        "to a version above its own a server answers with its own",
        rfc(5246, "E.1"),
    ),
    Rule(
        "ClientHello.cipher_suites*",
        _no_suite,
        False,
        MALFORMED | {HANDSHAKE_FAILURE, INSUFFICIENT_SECURITY},
        "without a suite in common there is no handshake",
        rfc(5246, "7.4.1.3"),
    ),
    Rule(
        "ClientHello.cipher_suites*",
        _offers_suite,
        True,
        frozenset({HANDSHAKE_FAILURE, ILLEGAL_PARAMETER}),
        "suites that are not known are ignored; secure renegotiation may be insisted on",
        rfc(5246, "7.4.1.2"),
    ),
    Rule(
        "ClientHello.compression_methods*",
        _offers_no_compression,
        False,
        MALFORMED | {HANDSHAKE_FAILURE},
        "a hello without null compression is refused",
        rfc(5246, "7.4.1.2"),
    ),
    Rule(
        "ClientHello.compression_methods*",
        _null_compression,
        True,
        frozenset(),
        "compression methods that are not known are ignored",
        rfc(5246, "7.4.1.2"),
    ),
    Rule(
        "HelloVerifyRequest.cookie",
        _has_cookie,
        True,
        frozenset(),
        "a cookie of any length is sent back",
        rfc(6347, "4.2.1"),
    ),
    Rule(
        "HelloVerifyRequest.server_version",
        _is_12,
        True,
        frozenset(),
        "the version of HelloVerifyRequest is not the negotiated one",
        rfc(6347, "4.2.1"),
    ),
    Rule("ServerHello.random", _always, True, frozenset(), "any random will do", rfc(5246, "7.4.1.3")),
    Rule(
        "ServerHello.session_id", _short_id, True, frozenset(), "any session id will do", rfc(5246, "7.4.1.3")
    ),
    Rule(
        "ServerHello.server_version",
        _always,
        False,
        MALFORMED | {PROTOCOL_VERSION, HANDSHAKE_FAILURE, DECRYPT_ERROR, UNEXPECTED_MESSAGE},
        "a version that is not supported ends the handshake",
        rfc(5246, "E.1"),
    ),
    Rule(
        "ServerHello.cipher_suite",
        _always,
        False,
        MALFORMED | {HANDSHAKE_FAILURE},
        "a suite that was not offered is refused",
        rfc(5246, "7.4.1.3"),
    ),
    Rule(
        "ServerHello.compression_method",
        _always,
        False,
        MALFORMED | {HANDSHAKE_FAILURE},
        "a compression method that was not offered is refused",
        rfc(5246, "7.4.1.3"),
    ),
    Rule(
        "ServerHello.extensions.*.type",
        _always,
        None,
        frozenset({UNSUPPORTED_EXTENSION, HANDSHAKE_FAILURE, UNEXPECTED_MESSAGE}) | MALFORMED,
        "an extension that was not offered is refused, and one that is missing promises nothing",
        rfc(5246, "7.4.1.4"),
    ),
    Rule(
        "Certificate.certificates",
        _always,
        False,
        CERTIFICATE_ALERTS | MALFORMED | {HANDSHAKE_FAILURE, UNEXPECTED_MESSAGE},
        "without a certificate nobody is authenticated",
        rfc(5246, "7.4.2"),
    ),
    Rule(
        "Certificate.certificates[0]",
        _always,
        False,
        CERTIFICATE_ALERTS | MALFORMED | {DECRYPT_ERROR},
        "a certificate that is not what was signed is refused",
        rfc(5246, "7.4.2"),
    ),
    Rule(
        "ServerKeyExchange.signature",
        _always,
        False,
        _SIGNATURE,
        "a signature that is wrong ends the handshake",
        rfc(5246, "7.4.3"),
    ),
    Rule(
        "ServerKeyExchange.curve_type",
        _always,
        False,
        _KEYS_DIFFER | {UNEXPECTED_MESSAGE},
        "a curve that was not offered is refused",
        rfc(8422, "5.4"),
    ),
    Rule(
        "ServerKeyExchange.point",
        _always,
        False,
        _KEYS_DIFFER,
        "another key share leads to other keys",
        rfc(8422, "5.4"),
    ),
    Rule(
        "ClientKeyExchange.point",
        _always,
        False,
        _KEYS_DIFFER,
        "another key share leads to other keys",
        rfc(8422, "5.7"),
    ),
    Rule(
        "ClientKeyExchange.identity",
        _always,
        False,
        frozenset({UNKNOWN_PSK_IDENTITY, DECRYPT_ERROR, BAD_RECORD_MAC}) | MALFORMED,
        "an identity that is not known has no key",
        rfc(4279, "2"),
    ),
    Rule(
        "CertificateVerify.signature",
        _always,
        False,
        _SIGNATURE,
        "a signature that is wrong ends the handshake",
        rfc(5246, "7.4.8"),
    ),
    Rule(
        "Finished.verify_data",
        _always,
        False,
        MALFORMED | {DECRYPT_ERROR, HANDSHAKE_FAILURE},
        "a Finished that is wrong ends the handshake",
        rfc(5246, "7.4.9"),
    ),
)


def expectation(name: str, path: str, body: Packet, suite: Suite) -> Expectation:
    """What follows from a change of `path` in a message, given the message as changed."""
    if isinstance(body, Raw):
        return malformed(name)
    for rule in RULES:
        pattern = rule.path.replace("[", "[[]")
        if fnmatch.fnmatchcase(f"{name}.{path}", pattern) and rule.condition(body, suite):
            if rule.completes is True:
                return Expectation(rule.words, rule.citation, True, rule.alerts)
            if rule.completes is False:
                return refused(rule.words, rule.citation, rule.alerts)
            return either(rule.words, rule.citation, rule.alerts)
    return either("the field is for the endpoint to judge", rfc(5246, "7.4"), HANDSHAKE_ALERTS)


def malformed(name: str) -> Expectation:
    """A message that does not have its format."""
    alerts = MALFORMED
    if name in ("Certificate", "CertificateVerify", "ServerKeyExchange", "ClientKeyExchange"):
        alerts |= CERTIFICATE_ALERTS | {HANDSHAKE_FAILURE, DECRYPT_ERROR}
    if name == "ClientKeyExchange":
        alerts |= {UNKNOWN_PSK_IDENTITY}
    if name == "Finished":
        alerts |= {DECRYPT_ERROR, HANDSHAKE_FAILURE}
    if name == "ClientHello":
        alerts |= {HANDSHAKE_FAILURE, PROTOCOL_VERSION}
    return refused("a message that does not have its format is refused", rfc(5246, "7.2.2"), alerts)
