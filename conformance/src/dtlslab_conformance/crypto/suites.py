# SPDX-License-Identifier: MIT
"""Cipher suites: what a code point means for the key schedule and for record protection."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cipher:
    """How records are protected. Lengths in bytes."""

    name: str
    kind: str
    """`gcm`, `ccm`, `chacha20` or `cbc`."""
    key_len: int
    iv_len: int
    """Of the part of the nonce that the key block gives."""
    tag_len: int = 16
    mac: str = ""
    """Hash of the record MAC; CBC only."""
    mac_len: int = 0


@dataclass(frozen=True, slots=True)
class Suite:
    """A cipher suite."""

    code: int
    name: str
    exchange: str
    """`ecdhe`, `psk`, or another word that only the dissector meets."""
    authentication: str
    """`ecdsa`, `rsa`, or `` for PSK alone."""
    cipher: Cipher
    hash: str
    """Of the PRF: `sha256` or `sha384`."""


_CIPHERS = {
    "AES_128_GCM": Cipher("AES_128_GCM", "gcm", 16, 4),
    "AES_256_GCM": Cipher("AES_256_GCM", "gcm", 32, 4),
    "AES_128_CCM": Cipher("AES_128_CCM", "ccm", 16, 4),
    "AES_256_CCM": Cipher("AES_256_CCM", "ccm", 32, 4),
    "AES_128_CCM_8": Cipher("AES_128_CCM_8", "ccm", 16, 4, 8),
    "AES_256_CCM_8": Cipher("AES_256_CCM_8", "ccm", 32, 4, 8),
    "CHACHA20_POLY1305": Cipher("CHACHA20_POLY1305", "chacha20", 32, 12),
    "AES_128_CBC_SHA": Cipher("AES_128_CBC_SHA", "cbc", 16, 0, 0, "sha1", 20),
    "AES_256_CBC_SHA": Cipher("AES_256_CBC_SHA", "cbc", 32, 0, 0, "sha1", 20),
    "AES_128_CBC_SHA256": Cipher("AES_128_CBC_SHA256", "cbc", 16, 0, 0, "sha256", 32),
    "AES_256_CBC_SHA256": Cipher("AES_256_CBC_SHA256", "cbc", 32, 0, 0, "sha256", 32),
    "AES_256_CBC_SHA384": Cipher("AES_256_CBC_SHA384", "cbc", 32, 0, 0, "sha384", 48),
}

_ROWS = """
    c02b ECDHE_ECDSA AES_128_GCM sha256
    c02c ECDHE_ECDSA AES_256_GCM sha384
    c02f ECDHE_RSA AES_128_GCM sha256
    c030 ECDHE_RSA AES_256_GCM sha384
    c0ac ECDHE_ECDSA AES_128_CCM sha256
    c0ad ECDHE_ECDSA AES_256_CCM sha256
    c0ae ECDHE_ECDSA AES_128_CCM_8 sha256
    c0af ECDHE_ECDSA AES_256_CCM_8 sha256
    cca8 ECDHE_RSA CHACHA20_POLY1305 sha256
    cca9 ECDHE_ECDSA CHACHA20_POLY1305 sha256
    00a8 PSK AES_128_GCM sha256
    00a9 PSK AES_256_GCM sha384
    c0a4 PSK AES_128_CCM sha256
    c0a5 PSK AES_256_CCM sha256
    c0a8 PSK AES_128_CCM_8 sha256
    c0a9 PSK AES_256_CCM_8 sha256
    ccab PSK CHACHA20_POLY1305 sha256
    ccac ECDHE_PSK CHACHA20_POLY1305 sha256
    ccaa DHE_RSA CHACHA20_POLY1305 sha256
    d001 ECDHE_PSK AES_128_GCM sha256
    d002 ECDHE_PSK AES_256_GCM sha384
    d003 ECDHE_PSK AES_128_CCM_8 sha256
    d005 ECDHE_PSK AES_128_CCM sha256
    009c RSA AES_128_GCM sha256
    009d RSA AES_256_GCM sha384
    c09c RSA AES_128_CCM sha256
    c09d RSA AES_256_CCM sha256
    c0a0 RSA AES_128_CCM_8 sha256
    c0a1 RSA AES_256_CCM_8 sha256
    009e DHE_RSA AES_128_GCM sha256
    009f DHE_RSA AES_256_GCM sha384
    c09e DHE_RSA AES_128_CCM sha256
    c09f DHE_RSA AES_256_CCM sha256
    00aa DHE_PSK AES_128_GCM sha256
    00ab DHE_PSK AES_256_GCM sha384
    c009 ECDHE_ECDSA AES_128_CBC_SHA sha256
    c00a ECDHE_ECDSA AES_256_CBC_SHA sha256
    c013 ECDHE_RSA AES_128_CBC_SHA sha256
    c014 ECDHE_RSA AES_256_CBC_SHA sha256
    c023 ECDHE_ECDSA AES_128_CBC_SHA256 sha256
    c024 ECDHE_ECDSA AES_256_CBC_SHA384 sha384
    c027 ECDHE_RSA AES_128_CBC_SHA256 sha256
    c028 ECDHE_RSA AES_256_CBC_SHA384 sha384
    002f RSA AES_128_CBC_SHA sha256
    0035 RSA AES_256_CBC_SHA sha256
    003c RSA AES_128_CBC_SHA256 sha256
    003d RSA AES_256_CBC_SHA256 sha256
    0033 DHE_RSA AES_128_CBC_SHA sha256
    0039 DHE_RSA AES_256_CBC_SHA sha256
    0067 DHE_RSA AES_128_CBC_SHA256 sha256
    006b DHE_RSA AES_256_CBC_SHA256 sha256
    008c PSK AES_128_CBC_SHA sha256
    008d PSK AES_256_CBC_SHA sha256
    00ae PSK AES_128_CBC_SHA256 sha256
    c035 ECDHE_PSK AES_128_CBC_SHA sha256
    c036 ECDHE_PSK AES_256_CBC_SHA sha256
    c037 ECDHE_PSK AES_128_CBC_SHA256 sha256
"""


def _read_rows() -> dict[int, Suite]:
    suites = {}
    for row in _ROWS.strip().splitlines():
        code, exchange, cipher, digest = row.split()
        kind, _, authentication = exchange.lower().partition("_")
        suffix = "" if "_CCM" in cipher or "_CBC" in cipher else f"_{digest.upper()}"
        if kind == "rsa":
            authentication = "rsa"
        suites[int(code, 16)] = Suite(
            code=int(code, 16),
            name=f"TLS_{exchange}_WITH_{cipher}{suffix}",
            exchange=f"{kind}_psk" if authentication == "psk" else kind,
            authentication="" if authentication == "psk" else authentication,
            cipher=_CIPHERS[cipher],
            hash=digest,
        )
    return suites


SUITES = _read_rows()
"""By code point: all that the dissector can decrypt."""

TESTER_SUITES = tuple(
    suite.code
    for suite in SUITES.values()
    if suite.cipher.kind != "cbc" and (suite.exchange == "psk" or (suite.exchange == "ecdhe"))
)
"""Those that the tester speaks, most usual first."""
