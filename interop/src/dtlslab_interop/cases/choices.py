# SPDX-License-Identifier: MIT
"""Cipher suites, groups and signature schemes: one case each, made with every one that both sides have."""

from __future__ import annotations

from typing import Any

from dtlslab import Citation
from dtlslab.trace import names
from dtlslab.verdict import failed

from dtlslab_interop.bench import Bench, Judged
from dtlslab_interop.case import case
from dtlslab_interop.cases.handshakes import complete

SUITES = {
    0xC02B: ("ecdhe-ecdsa-aes-128-gcm-sha256", "p256"),
    0xC02C: ("ecdhe-ecdsa-aes-256-gcm-sha384", "p256"),
    0xC0AC: ("ecdhe-ecdsa-aes-128-ccm", "p256"),
    0xC0AD: ("ecdhe-ecdsa-aes-256-ccm", "p256"),
    0xC0AE: ("ecdhe-ecdsa-aes-128-ccm-8", "p256"),
    0xC0AF: ("ecdhe-ecdsa-aes-256-ccm-8", "p256"),
    0xCCA9: ("ecdhe-ecdsa-chacha20-poly1305-sha256", "p256"),
    0xC023: ("ecdhe-ecdsa-aes-128-cbc-sha256", "p256"),
    0xC024: ("ecdhe-ecdsa-aes-256-cbc-sha384", "p256"),
    0xC009: ("ecdhe-ecdsa-aes-128-cbc-sha", "p256"),
    0xC00A: ("ecdhe-ecdsa-aes-256-cbc-sha", "p256"),
    0xC02F: ("ecdhe-rsa-aes-128-gcm-sha256", "rsa2048"),
    0xC030: ("ecdhe-rsa-aes-256-gcm-sha384", "rsa2048"),
    0xCCA8: ("ecdhe-rsa-chacha20-poly1305-sha256", "rsa2048"),
    0xC027: ("ecdhe-rsa-aes-128-cbc-sha256", "rsa2048"),
    0xC028: ("ecdhe-rsa-aes-256-cbc-sha384", "rsa2048"),
    0xC013: ("ecdhe-rsa-aes-128-cbc-sha", "rsa2048"),
    0xC014: ("ecdhe-rsa-aes-256-cbc-sha", "rsa2048"),
    0x009C: ("rsa-aes-128-gcm-sha256", "rsa2048"),
    0x009D: ("rsa-aes-256-gcm-sha384", "rsa2048"),
    0x003C: ("rsa-aes-128-cbc-sha256", "rsa2048"),
    0x003D: ("rsa-aes-256-cbc-sha256", "rsa2048"),
    0x002F: ("rsa-aes-128-cbc-sha", "rsa2048"),
    0x0035: ("rsa-aes-256-cbc-sha", "rsa2048"),
    0x00A8: ("psk-aes-128-gcm-sha256", "psk"),
    0x00A9: ("psk-aes-256-gcm-sha384", "psk"),
    0xC0A4: ("psk-aes-128-ccm", "psk"),
    0xC0A5: ("psk-aes-256-ccm", "psk"),
    0xC0A8: ("psk-aes-128-ccm-8", "psk"),
    0xC0A9: ("psk-aes-256-ccm-8", "psk"),
    0xCCAB: ("psk-chacha20-poly1305-sha256", "psk"),
    0x00AE: ("psk-aes-128-cbc-sha256", "psk"),
    0x00AF: ("psk-aes-256-cbc-sha384", "psk"),
    0x008C: ("psk-aes-128-cbc-sha", "psk"),
    0x008D: ("psk-aes-256-cbc-sha", "psk"),
    0xD001: ("ecdhe-psk-aes-128-gcm-sha256", "psk"),
    0xD002: ("ecdhe-psk-aes-256-gcm-sha384", "psk"),
    0xD003: ("ecdhe-psk-aes-128-ccm-8-sha256", "psk"),
    0xD005: ("ecdhe-psk-aes-128-ccm-sha256", "psk"),
    0xCCAC: ("ecdhe-psk-chacha20-poly1305-sha256", "psk"),
    0xC037: ("ecdhe-psk-aes-128-cbc-sha256", "psk"),
    0xC038: ("ecdhe-psk-aes-256-cbc-sha384", "psk"),
    0xC035: ("ecdhe-psk-aes-128-cbc-sha", "psk"),
    0xC036: ("ecdhe-psk-aes-256-cbc-sha", "psk"),
}
"""Code point → name of the case, credentials."""

GROUPS = {0x001D: "x25519", 0x0017: "p-256", 0x0018: "p-384", 0x0019: "p-521", 0x001E: "x448"}


SCHEMES = {
    0x0403: "p256",
    0x0503: "p384",
    0x0603: "p521",
    0x0807: "ed25519",
    0x0401: "rsa2048",
    0x0501: "rsa2048",
    0x0601: "rsa2048",
    0x0804: "rsa2048",
    0x0805: "rsa2048",
    0x0806: "rsa2048",
    0x0809: "rsapss2048",
    0x080A: "rsapss2048",
    0x080B: "rsapss2048",
}
"""Code point → the key that signs with it."""

AUTHORITY_SCHEME = 0x0403
"""What the laboratory's certificates are signed with; who verifies them has to take it."""


def _suite_case(code: int, name: str, credentials: str) -> None:
    settings: dict[str, Any] = {"psk": True} if credentials == "psk" else {"key": credentials}

    @case(
        f"suite-{name}",
        f"A handshake with the cipher suite {names.suite(code)} (0x{code:04x}).",
        Citation("RFC 5246", "7.4.1.3"),
        needs=("psk" if credentials == "psk" else "certificate", f"suite:{code:04x}"),
        both={**settings, "suites": [code]},
        optional=True,
        thorough=True,
        programs=True,
    )
    def suite(bench: Bench) -> None:
        complete(bench)
        bench.check_agreed("suite", code)


def _group_case(code: int, name: str) -> None:
    @case(
        f"group-{name}",
        f"A handshake with an ephemeral key of the group {name} (0x{code:04x}).",
        Citation("RFC 8422", "5.1.1"),
        needs=("certificate", f"group:{code:04x}"),
        both={"key": "rsa2048", "groups": [code]},
        optional=True,
        thorough=True,
        programs=True,
    )
    def group(bench: Bench) -> None:
        complete(bench)
        bench.check_agreed("group", code)


def _scheme_case(code: int, key: str) -> None:
    name = names.scheme(code)
    # Of two for ECDSA stacks take either: then nobody verifies the certificates, and one is enough.
    one = code in (0x0503, 0x0603)
    schemes = [code] if one else list(dict.fromkeys((code, AUTHORITY_SCHEME)))

    @case(
        f"scheme-{name.replace('_', '-')}",
        f"Server and client sign with {name} (0x{code:04x}).",
        Citation("RFC 5246", "7.4.1.4.1"),
        needs=("certificate", "client-auth", *(f"scheme:{scheme:04x}" for scheme in schemes)),
        both={"key": key, "authenticate": True, "schemes": schemes, "verify": not one},
        optional=True,
        thorough=True,
    )
    def scheme(bench: Bench) -> None:
        complete(bench)
        wire = bench.wire()
        for who, kind in (("server", "server_key_exchange"), ("client", "certificate_verify")):
            used = wire.scheme(who, kind)
            if used != code:
                what = "nothing that can be read" if used is None else names.scheme(used)
                raise Judged(failed(f"the {who} signed with {what}", Citation("RFC 5246", "7.4.3")))


for _code, _key in SCHEMES.items():
    _scheme_case(_code, _key)
for _code, (_name, _credentials) in SUITES.items():
    _suite_case(_code, _name, _credentials)
for _code, _name in GROUPS.items():
    _group_case(_code, _name)
