# SPDX-License-Identifier: MIT
"""Certificate types (RFC 7250) where nobody has asked for another than X.509."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from scapy.packet import Packet, Raw
from scapy_dtls import Certificate, ClientHello, Extension, ServerHello

from ..case import case
from ..dialogue import Dialogue
from .hello_of_client import answer
from .hello_to_server import greet, greet_through

SERVER_CERTIFICATE_TYPE = 20
X509, OPENPGP, RAW_PUBLIC_KEY = 0, 1, 2
ECDSA = ("suite:c02b",)


@case(
    role="client",
    cites="RFC 7250 4.2",
    requirement="a certificate type that the client did not offer is not accepted",
    needs=ECDSA,
    faults=("accept-unoffered-extension",),
)
def certificate_type_unasked_refused(d: Dialogue) -> None:
    """A ServerHello that chooses raw public keys, which were not offered, ends the handshake."""

    def choose(hello: ServerHello) -> None:
        chosen = Extension(type=SERVER_CERTIFICATE_TYPE, data=bytes([RAW_PUBLIC_KEY]))
        hello.extensions = [*(hello.extensions or ()), chosen]

    answer(d, choose, "a certificate type that it did not offer")


@case(
    role="client",
    cites="RFC 7250 4.2",
    requirement="without an agreement on another type the certificate is X.509",
    needs=ECDSA,
    faults=("accept-raw-public-key",),
)
def raw_public_key_unasked_refused(d: Dialogue) -> None:
    """A raw public key in the place of an X.509 certificate ends the handshake."""

    def strip(body: Certificate) -> Packet:
        certificate = x509.load_der_x509_certificate(body.certificates[0])
        key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        raw = Raw(len(key).to_bytes(3, "big") + key)
        raw.msg_type = Certificate.msg_type
        return raw

    d.handshake(through=3)
    d.peer.alter(Certificate, strip)
    d.judge()
    d.send_flight(4)
    came = d.listen()
    d.check(not d.messages(16, came), "went on with the handshake in spite of a raw public key")
    d.refused(came, "a raw public key")


@case(
    role="server",
    cites="RFC 7250 4.2",
    requirement="the certificate type of ServerHello is one that the client offered",
    needs=ECDSA,
    faults=("pick-unoffered-certificate-type",),
)
def certificate_type_was_offered(d: Dialogue) -> None:
    """A client that takes OpenPGP keys alone is refused, or told of no type and sent an X.509 certificate."""
    offered = Extension(type=SERVER_CERTIFICATE_TYPE, data=bytes([1, OPENPGP]))

    def offer(hello: ClientHello) -> None:
        hello.extensions = [*hello.extensions, offered]

    greet(d, offer)
    greet_through(d)
    if d.fatal_alerts():
        d.refused(d.arrived, "certificate types that it does not have", alert=43)
        return
    chosen = [e for e in d.first(ServerHello).extensions or () if e.type == SERVER_CERTIFICATE_TYPE]
    d.check(not chosen, "chose a certificate type that was not offered")
