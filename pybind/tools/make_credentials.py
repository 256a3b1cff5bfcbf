# SPDX-License-Identifier: MIT
"""Makes the laboratory's own certificates and keys, in `pybind/src/dtlslab/credentials/`.

They are committed, so that every run everywhere uses the same bytes; run this
only to replace them. One authority signs a server and a client of each key
type. They are valid from 2000 to 2099, the whole range of virtual calendar
time, and are worth nothing outside the laboratory.
"""

from __future__ import annotations

import datetime
import sys
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

NOT_BEFORE = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
NOT_AFTER = datetime.datetime(2099, 12, 31, tzinfo=datetime.UTC)


def name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def certificate(
    subject: str, key: PrivateKey, issuer: x509.Name, issuer_key: PrivateKey, serial: int, *, authority: bool
) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(NOT_BEFORE)
        .not_valid_after(NOT_AFTER)
        .add_extension(
            x509.BasicConstraints(ca=authority, path_length=0 if authority else None), critical=True
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
        )
        .add_extension(
            x509.KeyUsage(
                digital_signature=not authority,
                key_encipherment=isinstance(key, rsa.RSAPrivateKey) and not authority,
                key_cert_sign=authority,
                crl_sign=authority,
                content_commitment=False,
                data_encipherment=False,
                key_agreement=False,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
    )
    if not authority:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([x509.DNSName(subject)]), critical=False
        ).add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]),
            critical=False,
        )
    return builder.sign(issuer_key, hashes.SHA256())


def write(folder: Path, stem: str, cert: x509.Certificate, key: PrivateKey) -> None:
    (folder / f"{stem}.pem").write_bytes(cert.public_bytes(serialization.Encoding.PEM))
    (folder / f"{stem}.key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    authority_key = ec.generate_private_key(ec.SECP256R1())
    authority_name = name("dtlslab test authority")
    authority = certificate(
        "dtlslab test authority", authority_key, authority_name, authority_key, 1, authority=True
    )
    write(folder, "authority", authority, authority_key)
    serial = 2
    for role in ("server", "client"):
        keys: dict[str, PrivateKey] = {
            "p256": ec.generate_private_key(ec.SECP256R1()),
            "rsa2048": rsa.generate_private_key(65537, 2048),
        }
        for kind, key in keys.items():
            leaf = certificate(
                f"{role}.dtlslab.test", key, authority.subject, authority_key, serial, authority=False
            )
            write(folder, f"{role}-{kind}", leaf, key)
            serial += 1


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent / "src/dtlslab/credentials")
