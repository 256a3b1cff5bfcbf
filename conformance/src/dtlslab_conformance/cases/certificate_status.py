# SPDX-License-Identifier: MIT
"""OCSP stapling: status_request and CertificateStatus (RFC 6066 8)."""

from __future__ import annotations

from scapy_dtls import Certificate, CertificateStatus, ServerHello

from ..case import case
from ..dialogue import Dialogue
from .authentication import ECDSA, refuses_flight

STATUS_REQUEST = 5
OCSP = {"ocsp_stapling": True}
OCSP_NEEDS = (*ECDSA, "ocsp")


def change_status(d: Dialogue, **fields: object) -> None:
    """Has the tester alter its own CertificateStatus."""

    def change(body: CertificateStatus) -> CertificateStatus:
        for name, value in fields.items():
            setattr(body, name, value)
        return body

    d.peer.alter(CertificateStatus, change)


@case(
    role="client",
    cites="RFC 6066 8",
    requirement="CertificateStatus comes only after a status_request in ClientHello and in ServerHello",
    needs=ECDSA,
    faults=("accept-unasked-certificate-status",),
)
def unasked_certificate_status_refused(d: Dialogue) -> None:
    """A CertificateStatus that ServerHello has not announced ends the handshake."""
    d.handshake(through=3)
    status = CertificateStatus(response=b"nobody asked for it")
    d.peer.alter(Certificate, lambda body: [body, status])
    refuses_flight(d, 4, "a CertificateStatus that was not announced")


@case(
    role="client",
    cites="RFC 6066 8",
    requirement="a CertificateStatus has the type that was asked for",
    needs=OCSP_NEEDS,
    settings=OCSP,
    faults=("accept-any-status-type",),
)
def certificate_status_of_unknown_type_refused(d: Dialogue) -> None:
    """A CertificateStatus of a type other than ocsp ends the handshake."""
    d.handshake(through=3)
    change_status(d, status_type=9)
    refuses_flight(d, 4, "a CertificateStatus of an unknown type")


@case(
    role="client",
    cites="RFC 6066 8",
    requirement="the OCSP response in a CertificateStatus is not empty",
    needs=OCSP_NEEDS,
    settings=OCSP,
    faults=("accept-empty-status",),
)
def empty_certificate_status_refused(d: Dialogue) -> None:
    """A CertificateStatus with an empty response ends the handshake."""
    d.handshake(through=3)
    change_status(d, response=b"")
    refuses_flight(d, 4, "a CertificateStatus with an empty response")


@case(
    role="client",
    cites="RFC 6066 8",
    requirement="a server that has answered status_request may leave CertificateStatus out",
    needs=OCSP_NEEDS,
    settings=OCSP,
    faults=("require-certificate-status",),
)
def omitted_certificate_status_tolerated(d: Dialogue) -> None:
    """A handshake whose server promises CertificateStatus and leaves it out comes to its end."""
    d.handshake(through=3)
    d.peer.alter(CertificateStatus, lambda _: None)
    d.survives("a CertificateStatus that was left out")


@case(
    role="client",
    cites="RFC 6066 8",
    requirement="CertificateStatus stands behind Certificate and is part of the handshake's hash",
    needs=OCSP_NEEDS,
    settings=OCSP,
    faults=("transcript-without-certificate-status",),
)
def certificate_status_is_hashed(d: Dialogue) -> None:
    """A handshake with a stapled OCSP response comes to its end."""
    d.survives("a CertificateStatus")


@case(
    role="server",
    cites="RFC 6066 8",
    requirement="a server does not send CertificateStatus to a client that has not sent status_request",
    needs=OCSP_NEEDS,
    settings=OCSP,
    faults=("staple-unasked",),
)
def certificate_status_not_sent_unasked(d: Dialogue) -> None:
    """A server with an OCSP response does not staple it for a client that does not ask."""
    d.peer = d.new_peer(ocsp_stapling=None)
    d.judge()
    d.handshake()
    extensions = d.first(ServerHello).extensions or ()
    d.check(not d.messages(CertificateStatus.msg_type), "sent CertificateStatus to a client that did not ask")
    d.check(
        STATUS_REQUEST not in {e.type for e in extensions}, "answered a status_request that was not there"
    )
    d.still_echoes("a handshake without OCSP stapling")


@case(
    role="server",
    cites="RFC 6066 8",
    requirement="a server that staples an OCSP response announces it by an empty status_request",
    needs=OCSP_NEEDS,
    settings=OCSP,
    faults=("staple-unannounced",),
)
def certificate_status_is_announced(d: Dialogue) -> None:
    """A server that sends CertificateStatus has answered status_request with an empty body."""
    d.judge()
    d.handshake()
    answers = [e for e in d.first(ServerHello).extensions or () if e.type == STATUS_REQUEST]
    sent = d.messages(CertificateStatus.msg_type)
    d.check(sent, "did not staple the OCSP response that it has")
    d.check(answers, "sent CertificateStatus without a status_request in ServerHello")
    d.check(len(bytes(answers[0])) == 4, "answered status_request with a body that is not empty")
