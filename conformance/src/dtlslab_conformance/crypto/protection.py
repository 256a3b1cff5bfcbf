# SPDX-License-Identifier: MIT
"""Protection of records: AEAD (RFC 5246 6.2.3.3 with the nonces of RFC 5288, 6655 and 7905) and CBC
(6.2.3.2, RFC 7366), with and without a connection ID (RFC 9146 5).
"""

from __future__ import annotations

import hmac
from abc import ABC, abstractmethod
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher as BlockCipher
from cryptography.hazmat.primitives.ciphers import algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM, ChaCha20Poly1305

from .suites import Cipher


@dataclass(frozen=True, slots=True)
class Header:
    """The parts of a record header that protection covers."""

    content_type: int
    version: int
    epoch: int
    sequence_number: int
    cid: bytes = b""

    @property
    def number(self) -> bytes:
        """Epoch and sequence number, which stand for TLS's implicit number (RFC 6347 4.1.2.1)."""
        return self.epoch.to_bytes(2, "big") + self.sequence_number.to_bytes(6, "big")

    def covered(self, length: int) -> bytes:
        """The additional data, or the header of the MAC input; with a connection ID, that of RFC 9146 5."""
        if self.cid:
            kind, version = bytes([self.content_type]), self.version.to_bytes(2, "big")
            sizes = bytes([len(self.cid)]), length.to_bytes(2, "big")
            return bytes([0xFF] * 8) + kind + sizes[0] + kind + version + self.number + self.cid + sizes[1]
        return (
            self.number
            + bytes([self.content_type])
            + self.version.to_bytes(2, "big")
            + length.to_bytes(2, "big")
        )


class Protection(ABC):
    """One direction of one epoch."""

    @abstractmethod
    def seal(self, header: Header, plaintext: bytes, explicit: bytes | None = None) -> bytes:
        """Protects; `explicit` overrides the explicit part of the nonce."""

    @abstractmethod
    def open(self, header: Header, fragment: bytes) -> bytes | None:
        """The plaintext, or None when it is not authentic."""


class _AeadProtection(Protection):
    def __init__(self, cipher: Cipher, key: bytes, iv: bytes) -> None:
        self.iv = iv
        self.explicit_len = 0 if cipher.kind == "chacha20" else 8
        self.tag_len = cipher.tag_len
        self.aead: AESGCM | AESCCM | ChaCha20Poly1305
        if cipher.kind == "gcm":
            self.aead = AESGCM(key)
        elif cipher.kind == "ccm":
            self.aead = AESCCM(key, tag_length=cipher.tag_len)
        else:
            self.aead = ChaCha20Poly1305(key)

    def _nonce(self, header: Header, explicit: bytes) -> bytes:
        if self.explicit_len:
            return self.iv + explicit
        padded = bytes(4) + header.number
        return bytes(a ^ b for a, b in zip(self.iv, padded, strict=True))

    def seal(self, header: Header, plaintext: bytes, explicit: bytes | None = None) -> bytes:
        explicit = header.number if explicit is None else explicit
        sealed = self.aead.encrypt(self._nonce(header, explicit), plaintext, header.covered(len(plaintext)))
        return (explicit if self.explicit_len else b"") + sealed

    def open(self, header: Header, fragment: bytes) -> bytes | None:
        size = len(fragment) - self.explicit_len - self.tag_len
        if size < 0:
            return None
        nonce = self._nonce(header, fragment[: self.explicit_len])
        try:
            return self.aead.decrypt(nonce, fragment[self.explicit_len :], header.covered(size))
        except InvalidTag:
            return None


class _CbcProtection(Protection):
    def __init__(self, cipher: Cipher, mac_key: bytes, key: bytes, encrypt_then_mac: bool) -> None:
        self.cipher = cipher
        self.mac_key = mac_key
        self.key = key
        self.encrypt_then_mac = encrypt_then_mac

    def _mac(self, header: Header, data: bytes) -> bytes:
        return hmac.digest(self.mac_key, header.covered(len(data)) + data, self.cipher.mac)

    def seal(self, header: Header, plaintext: bytes, explicit: bytes | None = None) -> bytes:
        iv = explicit or header.number * 2
        inner = plaintext if self.encrypt_then_mac else plaintext + self._mac(header, plaintext)
        padding = 15 - len(inner) % 16
        encryptor = BlockCipher(algorithms.AES(self.key), modes.CBC(iv)).encryptor()
        sealed = iv + encryptor.update(inner + bytes([padding]) * (padding + 1))
        return sealed + self._mac(header, sealed) if self.encrypt_then_mac else sealed

    def open(self, header: Header, fragment: bytes) -> bytes | None:
        mac_len = self.cipher.mac_len
        if self.encrypt_then_mac:
            fragment, mac = fragment[:-mac_len], fragment[-mac_len:]
            if self._mac(header, fragment) != mac:
                return None
        if len(fragment) < 32 or len(fragment) % 16:
            return None
        decryptor = BlockCipher(algorithms.AES(self.key), modes.CBC(fragment[:16])).decryptor()
        inner = decryptor.update(fragment[16:])
        padding = inner[-1]
        if padding >= len(inner) or inner[-1 - padding :] != bytes([padding]) * (padding + 1):
            return None
        inner = inner[: -1 - padding]
        if self.encrypt_then_mac:
            return inner
        plaintext, mac = inner[: len(inner) - mac_len], inner[len(inner) - mac_len :]
        return plaintext if len(inner) >= mac_len and self._mac(header, plaintext) == mac else None


def make_protection(
    cipher: Cipher, mac_key: bytes, key: bytes, iv: bytes, *, encrypt_then_mac: bool = False
) -> Protection:
    """One direction's protection from its part of the key block."""
    if cipher.kind == "cbc":
        return _CbcProtection(cipher, mac_key, key, encrypt_then_mac)
    return _AeadProtection(cipher, key, iv)
