# SPDX-License-Identifier: MIT
"""Key shares, signatures and certificates (RFC 8422 5, RFC 5246 7.4.1.4.1, 7.4.3, 7.4.8)."""

from __future__ import annotations

import datetime
import functools
import random
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

X25519, P256, P384 = 29, 23, 24
TESTER_GROUPS = (X25519, P256, P384)
TESTER_SCHEMES = (0x0403, 0x0401, 0x0503, 0x0501, 0x0603, 0x0601, 0x0804)
"""Those that give the same signature for the same input first."""

_CURVES: dict[int, type[ec.SECP256R1] | type[ec.SECP384R1]] = {P256: ec.SECP256R1, P384: ec.SECP384R1}
_HASHES: dict[int, type[hashes.HashAlgorithm]] = {
    2: hashes.SHA1,
    4: hashes.SHA256,
    5: hashes.SHA384,
    6: hashes.SHA512,
}
_PSS_HASHES: dict[int, type[hashes.HashAlgorithm]] = {4: hashes.SHA256, 5: hashes.SHA384, 6: hashes.SHA512}

SigningKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class BadShare(ValueError):
    """The peer's public value is not valid for its group."""


class KeyShare(Protocol):
    """One side's part of an ECDHE exchange. A case may bring its own."""

    group: int
    public: bytes

    def secret(self, peer: bytes) -> bytes:
        """The premaster secret with the peer's public value; raises BadShare."""
        ...


class X25519Share:
    """A share on X25519 (RFC 7748)."""

    group = X25519

    def __init__(self, source: random.Random) -> None:
        self._key = X25519PrivateKey.from_private_bytes(source.randbytes(32))
        self.public = self._key.public_key().public_bytes_raw()

    def secret(self, peer: bytes) -> bytes:
        try:
            return self._key.exchange(X25519PublicKey.from_public_bytes(peer))
        except ValueError as error:
            raise BadShare(str(error)) from None


class CurveShare:
    """A share on a NIST curve, uncompressed points."""

    def __init__(self, group: int, source: random.Random) -> None:
        curve = _CURVES[group]()
        self.group = group
        self._curve = curve
        self._key = ec.derive_private_key(source.getrandbits(curve.key_size - 1) | 1, curve)
        self.public = self._key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )

    def secret(self, peer: bytes) -> bytes:
        try:
            return self._key.exchange(
                ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(self._curve, peer)
            )
        except ValueError as error:
            raise BadShare(str(error)) from None


@dataclass(slots=True)
class FixedShare:
    """A share with a public value of the script's choice; `known_secret` is what both ends arrive at."""

    group: int
    public: bytes
    known_secret: bytes

    def secret(self, peer: bytes) -> bytes:  # noqa: ARG002 - part of the protocol
        return self.known_secret


def make_share(group: int, source: random.Random) -> KeyShare:
    """A fresh share; its private value comes from `source`, so that a seed brings it back."""
    return X25519Share(source) if group == X25519 else CurveShare(group, source)


def scheme_fits(scheme: int, key: SigningKey | PublicKeyTypes) -> bool:
    """Whether a signature scheme can be used with a key, TLS 1.2 rules (any curve with any hash)."""
    if isinstance(key, ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey):
        return scheme & 0xFF == 3 and scheme >> 8 in _HASHES
    if isinstance(key, rsa.RSAPrivateKey | rsa.RSAPublicKey):
        return (scheme & 0xFF == 1 and scheme >> 8 in _HASHES) or (
            scheme >> 8 == 8 and scheme & 0xFF in _PSS_HASHES
        )
    return False


def sign(key: SigningKey, scheme: int, data: bytes) -> bytes:
    """Signs with a scheme that fits the key. The same input gives the same signature, RSA-PSS apart."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(data, ec.ECDSA(_HASHES[scheme >> 8](), deterministic_signing=True))
    return key.sign(data, *_rsa_parameters(scheme))


def verify(key: PublicKeyTypes, scheme: int, signature: bytes, data: bytes) -> bool:
    """Whether a signature is right."""
    if not scheme_fits(scheme, key):
        return False
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, data, ec.ECDSA(_HASHES[scheme >> 8]()))
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, data, *_rsa_parameters(scheme))
    except InvalidSignature:
        return False
    return True


def _rsa_parameters(scheme: int) -> tuple[padding.AsymmetricPadding, hashes.HashAlgorithm]:
    if scheme >> 8 == 8:
        digest = _PSS_HASHES[scheme & 0xFF]()
        return padding.PSS(padding.MGF1(digest), digest.digest_size), digest
    return padding.PKCS1v15(), _HASHES[scheme >> 8]()


@functools.lru_cache(maxsize=64)
def load_chain(pem: bytes) -> tuple[bytes, ...]:
    """The certificates of a PEM text as DER, in its order."""
    if not pem:
        return ()
    return tuple(c.public_bytes(serialization.Encoding.DER) for c in x509.load_pem_x509_certificates(pem))


@functools.lru_cache(maxsize=64)
def load_key(pem: bytes) -> SigningKey:
    """A private key in PKCS#8."""
    key = serialization.load_pem_private_key(pem, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise ValueError("only EC and RSA keys sign here")
    return key


@functools.lru_cache(maxsize=64)
def public_key(certificate: bytes) -> PublicKeyTypes:
    """The key in a DER certificate; raises ValueError when it is broken."""
    return x509.load_der_x509_certificate(certificate).public_key()


@functools.lru_cache(maxsize=64)
def chain_is_trusted(chain: tuple[bytes, ...], anchors: bytes, calendar_seconds: int) -> bool:
    """Whether each certificate is issued by the next and the last by an anchor, all valid at that time."""
    now = datetime.datetime.fromtimestamp(calendar_seconds, datetime.UTC)
    certificates = [x509.load_der_x509_certificate(der) for der in chain]
    trusted = x509.load_pem_x509_certificates(anchors)
    if any(not c.not_valid_before_utc <= now <= c.not_valid_after_utc for c in certificates):
        return False
    for subject, issuer in pairwise(certificates):
        if not _issued_by(subject, issuer):
            return False
    return any(certificates[-1] == anchor or _issued_by(certificates[-1], anchor) for anchor in trusted)


def _issued_by(subject: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        subject.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True
