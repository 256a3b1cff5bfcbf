# SPDX-License-Identifier: MIT
"""Credentials that no trust anchor stands behind; no cases of its own."""

from __future__ import annotations

import datetime
import functools

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@functools.lru_cache(maxsize=4)
def untrusted_credentials(name: str) -> tuple[bytes, bytes]:
    """A self-signed certificate and its key in PEM, always the same."""
    key = ec.derive_private_key(0xD715_1AB0_0BAD_CA11, ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), 0xBAD)
    builder = builder.not_valid_before(datetime.datetime(2000, 1, 1)).not_valid_after(
        datetime.datetime(2099, 1, 1)
    )
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    certificate = builder.sign(key, hashes.SHA256(), ecdsa_deterministic=True)
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return pem, private
