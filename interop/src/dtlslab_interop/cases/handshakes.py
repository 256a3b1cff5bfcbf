# SPDX-License-Identifier: MIT
"""Handshakes on a network that loses nothing."""

from __future__ import annotations

from dtlslab import Citation, memory
from dtlslab.verdict import failed, inconclusive

from dtlslab_interop.bench import Bench, Judged
from dtlslab_interop.case import ONE_WAY, case

HANDSHAKE = Citation("RFC 6347", "4.2")
COOKIES = Citation("RFC 6347", "4.2.1")
CLIENT_CERTIFICATE = Citation("RFC 5246", "7.4.6")
FRAGMENTS = Citation("RFC 6347", "4.2.3")
SMALL_MTU = 512


def complete(bench: Bench) -> None:
    """A handshake, a few bytes each way, and nothing out of the ordinary."""
    bench.handshake()
    bench.echo(bench.payload(64))
    bench.settle()
    bench.check_agreement()
    bench.check_undisturbed()


def resume(bench: Bench) -> None:
    """A session, its end, and another of the same client that resumes it."""
    complete(bench)
    bench.client.close()
    bench.settle()
    bench.handshake()
    bench.echo(bench.payload(64))
    bench.check_agreement()
    bench.check_no_timeouts()
    bench.check_no_alerts()
    for party in bench.parties:
        if party.agreed.resumed is not True:
            reason = f"the {party.role} made a full handshake the second time"
            raise Judged(failed(reason, Citation("RFC 5246", "7.3")))


@case(
    "handshake-certificate",
    "A handshake with an ECDSA certificate, which the client verifies.",
    HANDSHAKE,
    needs=("certificate",),
    both={"key": "p256"},
    programs=True,
)
def handshake_certificate(bench: Bench) -> None:
    complete(bench)


@case(
    "handshake-certificate-rsa",
    "A handshake with an RSA certificate, which the client verifies.",
    HANDSHAKE,
    needs=("certificate",),
    both={"key": "rsa2048"},
    programs=True,
)
def handshake_certificate_rsa(bench: Bench) -> None:
    complete(bench)


@case(
    "handshake-psk",
    "A handshake with a pre-shared key and no certificate.",
    Citation("RFC 4279", "2"),
    needs=("psk",),
    both={"psk": True},
    programs=True,
)
def handshake_psk(bench: Bench) -> None:
    complete(bench)
    sent = bench.wire().message_types("server")
    if "certificate" in sent:
        raise Judged(failed("the server sent a certificate in a handshake with a pre-shared key", HANDSHAKE))


@case(
    "client-authentication",
    "The server requires a certificate of the client, and both are verified.",
    CLIENT_CERTIFICATE,
    needs=("certificate", "client-auth"),
    both={"key": "p256", "authenticate": True},
    programs=True,
)
def client_authentication(bench: Bench) -> None:
    complete(bench)
    wire = bench.wire()
    if "certificate_request" not in wire.message_types("server"):
        raise Judged(failed("the server never asked for a certificate", Citation("RFC 5246", "7.4.4")))
    for message in ("certificate", "certificate_verify"):
        if message not in wire.message_types("client"):
            raise Judged(failed(f"the client sent no {message} and the server took it", CLIENT_CERTIFICATE))


@case(
    "cookie",
    "The server answers the first ClientHello with a cookie, and goes on when the client returns it.",
    COOKIES,
    needs=("certificate",),
    server_needs=("cookie",),
    both={"key": "p256"},
    server={"cookies": True},
    programs=True,
)
def cookie(bench: Bench) -> None:
    complete(bench)
    sent = bench.wire().message_types("server")
    if sent[:1] != ["hello_verify_request"]:
        raise Judged(failed(f"the server began with {sent[0]}, not with hello_verify_request", COOKIES))


@case(
    "no-cookie",
    "The server goes on at the first ClientHello, without a cookie.",
    COOKIES,
    needs=("certificate",),
    server_needs=("no-cookie",),
    both={"key": "p256"},
    server={"cookies": False},
)
def no_cookie(bench: Bench) -> None:
    complete(bench)
    if "hello_verify_request" in bench.wire().message_types("server"):
        raise Judged(failed("the server sent hello_verify_request although cookies are off", COOKIES))


@case(
    "extended-master-secret",
    "Both sides negotiate the extended master secret.",
    Citation("RFC 7627", "5.2"),
    needs=("certificate", "ems"),
    both={"key": "p256", "extended_master_secret": True},
)
def extended_master_secret(bench: Bench) -> None:
    complete(bench)
    for who, kind in (("client", "client_hello"), ("server", "server_hello")):
        offered = bench.wire().offers_extension(kind, "extended_master_secret")
        if offered is None:
            raise Judged(inconclusive(f"the extensions of the {kind} could not be read"))
        if not offered:
            raise Judged(
                failed(f"the {who} did not send extended_master_secret", Citation("RFC 7627", "5.2"))
            )


@case(
    "no-extended-master-secret",
    "A client that does not offer the extended master secret is served without it.",
    Citation("RFC 7627", "5.3"),
    needs=("certificate",),
    client_needs=("no-ems",),
    both={"key": "p256"},
    client={"extended_master_secret": False},
)
def no_extended_master_secret(bench: Bench) -> None:
    complete(bench)
    if bench.wire().offers_extension("server_hello", "extended_master_secret"):
        reason = "the server answered with extended_master_secret, which was not offered"
        raise Judged(failed(reason, Citation("RFC 7627", "5.3")))


@case(
    "small-mtu",
    "Both sides keep their datagrams to 512 bytes, and put fragmented handshake messages together.",
    FRAGMENTS,
    needs=("certificate", "mtu"),
    both={"key": "rsa2048", "mtu": SMALL_MTU},
    network=memory(delay=ONE_WAY, mtu=SMALL_MTU),
    programs=True,
)
def small_mtu(bench: Bench) -> None:
    complete(bench)
    wire = bench.wire()
    for who in ("client", "server"):
        if (length := wire.largest_datagram(who)) > SMALL_MTU:
            reason = f"the {who} sent a datagram of {length} bytes; it was told to keep to {SMALL_MTU}"
            raise Judged(failed(reason, Citation("RFC 6347", "4.1.1.1")))
    if "certificate" not in wire.fragmented("server"):
        raise Judged(failed("the server's certificate was not fragmented", FRAGMENTS))


@case(
    "resumption",
    "A second session of the same client resumes the first.",
    Citation("RFC 5246", "7.3"),
    needs=("certificate", "tickets"),
    client_needs=("script",),
    both={"key": "p256", "tickets": True},
    optional=True,
)
def resumption(bench: Bench) -> None:
    resume(bench)
    if "new_session_ticket" not in bench.wire().message_types("server"):
        raise Judged(failed("the server sent no ticket", Citation("RFC 5077", "3.3")))
