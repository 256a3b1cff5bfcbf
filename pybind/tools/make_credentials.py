# SPDX-License-Identifier: MIT
"""Makes the laboratory's own certificates and keys, in `pybind/src/dtlslab/credentials/`.

They are committed, so that every run everywhere uses the same bytes. What is
there stays as it is; delete what is to be made anew. One authority signs a
server and a client of each key type, and says by OCSP that the servers'
certificates are good. They are valid from 2000 to 2099, the whole range of
virtual calendar time, and are worth nothing outside the laboratory.
"""

from __future__ import annotations

import base64
import datetime
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey

NOT_BEFORE = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
NOT_AFTER = datetime.datetime(2099, 12, 31, tzinfo=datetime.UTC)

RSA_ENCRYPTION = bytes.fromhex("300d06092a864886f70d0101010500")
RSASSA_PSS = bytes.fromhex("300b06092a864886f70d01010a")
"""Algorithm identifiers of RFC 4055 section 1.2: any hash, and keys for RSASSA-PSS alone."""


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


def sequence(content: bytes) -> bytes:
    """A SEQUENCE in DER of 256 to 65,535 bytes."""
    return b"\x30\x82" + len(content).to_bytes(2, "big") + content


def for_pss(der: bytes) -> bytes:
    """A SEQUENCE in DER in which the RSA key says that it is for RSASSA-PSS alone."""
    at = der.index(RSA_ENCRYPTION)
    rest = der[at + len(RSA_ENCRYPTION) :]
    head = der[4:at]
    if rest[0] == 0x03:  # a SubjectPublicKeyInfo, whose own header stands before the identifier
        length = int.from_bytes(head[-2:], "big")
        content = length - len(RSA_ENCRYPTION)
        return sequence(head[:-4] + sequence(RSASSA_PSS + rest[:content]) + rest[content:])
    return sequence(head + RSASSA_PSS + rest)


def certificate_for_pss(cert: x509.Certificate, issuer_key: ec.EllipticCurvePrivateKey) -> bytes:
    """The certificate in DER for RSASSA-PSS, signed anew."""
    tbs = for_pss(cert.tbs_certificate_bytes)
    signature = issuer_key.sign(tbs, ec.ECDSA(hashes.SHA256()))
    algorithm = bytes.fromhex("300a06082a8648ce3d040302")
    return sequence(tbs + algorithm + b"\x03" + bytes([len(signature) + 1, 0]) + signature)


def pem(label: str, der: bytes) -> bytes:
    lines = "\n".join(textwrap.wrap(base64.b64encode(der).decode(), 64))
    return f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n".encode()


def private_pem(key: PrivateKey, *, pss: bool) -> bytes:
    if pss:
        der = key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return pem("PRIVATE KEY", for_pss(der))
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def ocsp_response(cert: x509.Certificate, issuer: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> bytes:
    """That the certificate is good, for as long as it is valid."""
    builder = ocsp.OCSPResponseBuilder().responder_id(ocsp.OCSPResponderEncoding.NAME, issuer)
    builder = builder.add_response(
        cert, issuer, hashes.SHA1(), ocsp.OCSPCertStatus.GOOD, NOT_BEFORE, NOT_AFTER, None, None
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def make_authority(folder: Path) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    if not (folder / "authority.pem").exists():
        key = ec.generate_private_key(ec.SECP256R1())
        subject = name("dtlslab test authority")
        made = certificate("dtlslab test authority", key, subject, key, 1, authority=True)
        (folder / "authority.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
        (folder / "authority.key.pem").write_bytes(private_pem(key, pss=False))
    key_read = serialization.load_pem_private_key((folder / "authority.key.pem").read_bytes(), None)
    assert isinstance(key_read, ec.EllipticCurvePrivateKey)
    return x509.load_pem_x509_certificate((folder / "authority.pem").read_bytes()), key_read


KINDS: dict[str, Callable[[], PrivateKey]] = {
    "p256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "rsa2048": lambda: rsa.generate_private_key(65537, 2048),
    "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "p521": lambda: ec.generate_private_key(ec.SECP521R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
    "rsapss2048": lambda: rsa.generate_private_key(65537, 2048),
}


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    authority, authority_key = make_authority(folder)
    wanted = [(role, kind) for kind in KINDS for role in ("server", "client")]
    for serial, (role, kind) in enumerate(wanted, start=2):
        stem = folder / f"{role}-{kind}"
        if not stem.with_suffix(".pem").exists():
            key = KINDS[kind]()
            leaf = certificate(
                f"{role}.dtlslab.test", key, authority.subject, authority_key, 16 + serial, authority=False
            )
            pss = kind.startswith("rsapss")
            text = leaf.public_bytes(serialization.Encoding.PEM)
            stem.with_suffix(".pem").write_bytes(
                pem("CERTIFICATE", certificate_for_pss(leaf, authority_key)) if pss else text
            )
            stem.with_suffix(".key.pem").write_bytes(private_pem(key, pss=pss))
        if kind in ("p256", "rsa2048"):
            made = x509.load_pem_x509_certificate(stem.with_suffix(".pem").read_bytes())
            public = made.public_key().public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
            stem.with_suffix(".public.pem").write_bytes(public)
            if role == "server" and not stem.with_suffix(".ocsp.der").exists():
                stem.with_suffix(".ocsp.der").write_bytes(ocsp_response(made, authority, authority_key))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent / "src/dtlslab/credentials")
