# SPDX-License-Identifier: MIT
"""Signatures, key shares, certificates and pre-shared keys (RFC 5246 7.4, RFC 8422 5, RFC 4279)."""

from __future__ import annotations

from scapy_dtls import (
    Certificate,
    CertificateVerify,
    ClientKeyExchangePsk,
    ServerKeyExchangeEcdhe,
)

from ..case import case
from ..crypto.exchange import P384, X25519, FixedShare, make_share
from ..dialogue import Dialogue
from .untrusted import untrusted_credentials

ECDSA = ("suite:c02b",)
PSK = {"psk": True, "suites": (0x00A8,)}
PSK_NEEDS = ("psk", "suite:00a8")
CLIENT_AUTH = {"authenticate": True}


def spoil(signature: bytes) -> bytes:
    """A signature that is well formed and wrong."""
    return signature[:-1] + bytes([signature[-1] ^ 1])


def refuses_flight(d: Dialogue, number: int, what: str, alert: int | None = None) -> None:
    """Sends our flight; it must not bring the handshake to its end."""
    d.judge()
    d.send_flight(number)
    came = d.listen()
    went_on = d.messages(16, came) if d.role == "client" else d.messages(20, came)
    d.check(not went_on, f"went on with the handshake in spite of {what}")
    d.refused(came, what, alert)


@case(
    role="client",
    cites="RFC 5246 7.4.3",
    requirement="the signature of ServerKeyExchange is verified",
    needs=ECDSA,
    faults=("skip-signature-check",),
)
def wrong_server_signature_refused(d: Dialogue) -> None:
    """A ServerKeyExchange with a wrong signature ends the handshake."""

    def change(body: ServerKeyExchangeEcdhe) -> ServerKeyExchangeEcdhe:
        body.signature = spoil(body.signature)
        return body

    d.handshake(through=3)
    d.peer.alter(ServerKeyExchangeEcdhe, change)
    refuses_flight(d, 4, "a wrong signature in ServerKeyExchange")


@case(
    role="client",
    cites="RFC 5246 7.4.3",
    requirement="the signature scheme of ServerKeyExchange is one that the client offered",
    needs=(*ECDSA, "scheme:0403"),
    settings={"schemes": (0x0403,)},
    faults=("accept-unoffered-scheme",),
)
def unoffered_signature_scheme_refused(d: Dialogue) -> None:
    """A ServerKeyExchange signed with SHA-512, when SHA-256 alone was offered, ends the handshake."""
    d.handshake(through=3)
    d.peer.scheme = 0x0603  # type: ignore[attr-defined]
    refuses_flight(d, 4, "a signature scheme that was not offered")


@case(
    role="client",
    cites="RFC 8422 5.4",
    requirement="the group of ServerKeyExchange is one that the client offered",
    needs=("suite:c02b", "group:0017"),
    settings={"groups": (29, 23)},
    faults=("accept-unoffered-group",),
)
def unoffered_group_refused(d: Dialogue) -> None:
    """A ServerKeyExchange on secp384r1, when X25519 and P-256 were offered, ends the handshake."""
    d.handshake(through=3)
    d.peer.share = make_share(P384, d.random)
    refuses_flight(d, 4, "a group that was not offered")


@case(
    role="any",
    cites="RFC 8422 5.11",
    requirement="an X25519 exchange whose result is all zeros is aborted",
    needs=("suite:c02b", "group:001d"),
    faults=("skip-point-validation",),
)
def zero_shared_secret_refused(d: Dialogue) -> None:
    """An X25519 share of all zeros, which makes the shared secret zero, ends the handshake."""
    number = 5 if d.role == "server" else 4
    d.handshake(through=number - 1)
    d.peer.share = FixedShare(X25519, bytes(32), bytes(32))
    d.judge()
    d.send_flight(number)
    came = d.listen()
    if d.role == "client":
        d.check(not d.messages(16, came), "went on with an X25519 secret of all zeros")
    d.refused(came, "an X25519 share of all zeros")


@case(
    role="client",
    cites="RFC 5246 7.4.2",
    requirement="a server certificate that does not lead to a trust anchor is refused",
    needs=(*ECDSA, "verify"),
    faults=("skip-chain-verification",),
)
def untrusted_server_certificate_refused(d: Dialogue) -> None:
    """A server certificate of an unknown authority ends the handshake."""
    certificate, key = untrusted_credentials("server.dtlslab.test")
    d.peer = d.new_peer(certificate=certificate, private_key=key)
    d.handshake(through=3)
    refuses_flight(d, 4, "a certificate of an unknown authority")


@case(
    role="server",
    cites="RFC 5246 7.4.6",
    requirement="a server that requires a client certificate does not go on without one",
    needs=("client-auth",),
    settings=CLIENT_AUTH,
    faults=("accept-missing-client-certificate",),
)
def missing_client_certificate_refused(d: Dialogue) -> None:
    """A client that answers CertificateRequest with an empty Certificate is refused."""
    d.peer = d.new_peer(certificate=b"", private_key=b"")
    d.handshake(through=4)
    refuses_flight(d, 5, "an empty client certificate")


@case(
    role="server",
    cites="RFC 5246 7.4.6",
    requirement="a client that is asked for a certificate sends a Certificate message",
    needs=("client-auth",),
    settings=CLIENT_AUTH,
    faults=("accept-missing-client-certificate",),
)
def omitted_client_certificate_refused(d: Dialogue) -> None:
    """A client that leaves Certificate and CertificateVerify out altogether is refused."""
    d.handshake(through=4)
    d.peer.alter(Certificate, lambda _: None)
    d.peer.alter(CertificateVerify, lambda _: None)
    refuses_flight(d, 5, "a missing Certificate message")


@case(
    role="server",
    cites="RFC 5246 7.4.8",
    requirement="a client certificate that can sign is followed by CertificateVerify",
    needs=("client-auth",),
    settings=CLIENT_AUTH,
    faults=("skip-certificate-verify",),
)
def omitted_certificate_verify_refused(d: Dialogue) -> None:
    """A client that sends a certificate but no CertificateVerify gets no session; an alert is not asked for.

    ChangeCipherSpec may have overtaken the message, so a server may as well wait for it.
    """
    d.handshake(through=4)
    d.peer.alter(CertificateVerify, lambda _: None)
    d.judge()
    d.send_flight(5)
    came = d.listen()
    went_on = d.connected or d.messages(20, came)
    d.check(not went_on, "completed the handshake without CertificateVerify")


@case(
    role="server",
    cites="RFC 5246 7.4.8",
    requirement="the signature of CertificateVerify is verified",
    needs=("client-auth",),
    settings=CLIENT_AUTH,
    faults=("skip-certificate-verify-check",),
)
def wrong_certificate_verify_refused(d: Dialogue) -> None:
    """A CertificateVerify with a wrong signature is refused."""

    def change(body: CertificateVerify) -> CertificateVerify:
        body.signature = spoil(body.signature)
        return body

    d.handshake(through=4)
    d.peer.alter(CertificateVerify, change)
    refuses_flight(d, 5, "a wrong signature in CertificateVerify")


@case(
    role="server",
    cites="RFC 5246 7.4.2",
    requirement="a client certificate that does not lead to a trust anchor is refused when one is required",
    needs=("client-auth", "verify"),
    settings=CLIENT_AUTH,
    faults=("skip-chain-verification",),
)
def untrusted_client_certificate_refused(d: Dialogue) -> None:
    """A client certificate of an unknown authority is refused."""
    certificate, key = untrusted_credentials("client.dtlslab.test")
    d.peer = d.new_peer(certificate=certificate, private_key=key)
    d.handshake(through=4)
    refuses_flight(d, 5, "a client certificate of an unknown authority")


@case(
    role="any",
    cites="RFC 4279 2",
    requirement="a peer that does not have the pre-shared key does not complete the handshake",
    needs=PSK_NEEDS,
    settings=PSK,
    faults=("connect-without-finished",),
)
def wrong_pre_shared_key_refused(d: Dialogue) -> None:
    """A peer with another pre-shared key does not get a session."""
    d.peer = d.new_peer(psk_key=b"a key unlike that")
    if d.role == "server":
        d.handshake(through=4)
    else:
        d.handshake(through=3)
        d.send_flight(4)
        d.listen()
    d.judge()
    d.send_flight(5 if d.role == "server" else 6)
    came = d.listen()
    answered = d.role == "server" and any(r.content_type == 20 for r in came)
    d.check(not d.connected and not answered, "completed a handshake with a peer that has another key")


@case(
    role="server",
    cites="RFC 4279 2",
    requirement="an unknown PSK identity does not lead to a session",
    needs=PSK_NEEDS,
    settings=PSK,
    faults=("accept-unknown-identity",),
)
def unknown_psk_identity_refused(d: Dialogue) -> None:
    """A client with the right key under an unknown identity does not get a session."""

    def change(body: ClientKeyExchangePsk) -> ClientKeyExchangePsk:
        body.identity = b"nobody"
        return body

    d.handshake(through=4)
    d.peer.alter(ClientKeyExchangePsk, change)
    d.judge()
    d.send_flight(5)
    came = d.listen()
    d.check(
        not d.connected and not d.messages(20, came), "completed a handshake under an unknown PSK identity"
    )


@case(
    role="client",
    cites="RFC 5246 7.4.6",
    requirement="a client without a certificate answers CertificateRequest with an empty Certificate",
    needs=ECDSA,
    faults=("omit-empty-certificate",),
)
def certificate_request_answered_with_empty_certificate(d: Dialogue) -> None:
    """A client without a certificate that is asked for one sends an empty list, and the handshake goes on."""
    d.peer = d.new_peer(client_auth="request")
    d.handshake(through=3)
    d.judge()
    d.send_flight(4)
    came = d.receive_flight(5)
    certificates = d.messages(Certificate.msg_type, came)
    d.check(certificates, "sent no Certificate message although it was asked for one")
    d.check(
        not getattr(certificates[0].payload, "certificates", None), "sent a certificate that it was not given"
    )
    d.survives("a CertificateRequest")


@case(
    role="client",
    cites="RFC 5246 7.4.8",
    requirement="the scheme of CertificateVerify is one that CertificateRequest names",
    needs=(*ECDSA, "client-auth"),
    settings=CLIENT_AUTH,
    faults=("ignore-requested-schemes",),
)
def certificate_verify_scheme_was_requested(d: Dialogue) -> None:
    """When CertificateRequest names ecdsa_secp256r1_sha256 alone, CertificateVerify is signed by it."""
    d.peer = d.new_peer(schemes=(0x0403,))
    d.judge()
    d.handshake(through=5)
    scheme = d.first(CertificateVerify).scheme
    d.check(scheme == 0x0403, f"signed with scheme {scheme:#06x}, which was not asked for")


@case(
    role="any",
    cites="RFC 7627 4",
    requirement="with extended_master_secret the master secret depends on the whole handshake so far",
    needs=("ems",),
    settings={"extended_master_secret": True},
    faults=("classic-master-secret",),
)
def extended_master_secret_is_derived_from_session_hash(d: Dialogue) -> None:
    """A handshake with extended_master_secret ends well with a peer that derives it as the RFC says."""
    d.judge()
    d.handshake()
    d.check(d.peer.extended, "did not negotiate extended_master_secret")
    d.still_echoes("extended_master_secret")
