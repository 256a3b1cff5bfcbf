# SPDX-License-Identifier: MIT
"""From a premaster secret to keys and verify_data (RFC 5246 5, 6.3, 7.4.9 and 8; RFC 7627 4; RFC 4279 2)."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from .protection import Protection, make_protection
from .suites import Suite


def prf(digest: str, secret: bytes, label: bytes, seed: bytes, length: int) -> bytes:
    """The PRF of TLS 1.2 over HMAC with `digest`."""
    seed = label + seed
    out = b""
    a = seed
    while len(out) < length:
        a = hmac.digest(secret, a, digest)
        out += hmac.digest(secret, a + seed, digest)
    return out[:length]


def psk_premaster(key: bytes, other: bytes | None = None) -> bytes:
    """The premaster secret of PSK suites; `other` is the (EC)DHE secret, zeros for plain PSK."""
    other = bytes(len(key)) if other is None else other
    return len(other).to_bytes(2, "big") + other + len(key).to_bytes(2, "big") + key


def master_secret(suite: Suite, premaster: bytes, client_random: bytes, server_random: bytes) -> bytes:
    """RFC 5246 8.1."""
    return prf(suite.hash, premaster, b"master secret", client_random + server_random, 48)


def extended_master_secret(suite: Suite, premaster: bytes, transcript: bytes) -> bytes:
    """RFC 7627 4; the transcript runs up to and including ClientKeyExchange."""
    session_hash = hashlib.new(suite.hash, transcript).digest()
    return prf(suite.hash, premaster, b"extended master secret", session_hash, 48)


def verify_data(suite: Suite, master: bytes, role: str, transcript: bytes) -> bytes:
    """RFC 5246 7.4.9 for the Finished that `role` ("client" or "server") sends."""
    label = f"{role} finished".encode()
    return prf(suite.hash, master, label, hashlib.new(suite.hash, transcript).digest(), 12)


@dataclass(frozen=True, slots=True)
class TrafficKeys:
    """Protection of both directions of one epoch."""

    client: Protection
    server: Protection

    def of(self, role: str) -> Protection:
        """What `role` protects its records with."""
        return self.client if role == "client" else self.server


def traffic_keys(
    suite: Suite, master: bytes, client_random: bytes, server_random: bytes, *, encrypt_then_mac: bool = False
) -> TrafficKeys:
    """RFC 5246 6.3: cuts up the key block."""
    cipher = suite.cipher
    size = 2 * (cipher.mac_len + cipher.key_len + cipher.iv_len)
    block = prf(suite.hash, master, b"key expansion", server_random + client_random, size)
    parts = []
    for length in (cipher.mac_len, cipher.key_len, cipher.iv_len):
        for _ in range(2):
            parts.append(block[:length])
            block = block[length:]
    client, server = (
        make_protection(cipher, *parts[side::2], encrypt_then_mac=encrypt_then_mac) for side in (0, 1)
    )
    return TrafficKeys(client, server)
