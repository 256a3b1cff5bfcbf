# SPDX-License-Identifier: MIT
"""Versions, kinds of certificates and client authentication, hints, and the ways to resume."""

from __future__ import annotations

from dtlslab import Citation
from dtlslab.trace import names
from dtlslab.verdict import failed

from dtlslab_interop.bench import FATAL, Bench, Judged
from dtlslab_interop.case import case
from dtlslab_interop.cases.handshakes import CLIENT_CERTIFICATE, complete, resume

VERSION = Citation("RFC 5246", "E.1")
HINT = Citation("RFC 4279", "2")
NO_CERTIFICATE = (40, 41, 42, 116)
"""Alerts that say it: handshake_failure (RFC 5246 section 7.4.6), and near to it."""

CERTIFICATES = {
    "p384": ("ECDSA P-384", ("group:0018",)),
    "p521": ("ECDSA P-521", ("group:0019",)),
    "ed25519": ("Ed25519", ("scheme:0807",)),
    "rsapss2048": ("RSASSA-PSS", ("scheme:0809",)),
}
"""Key of the laboratory's credentials → in words, and what a side needs beside certificates."""


def _certificate_cases(key: str, words: str, needs: tuple[str, ...]) -> None:
    @case(
        f"certificate-{key}",
        f"A handshake with an {words} certificate, which the client verifies.",
        Citation("RFC 5246", "7.4.2"),
        needs=("certificate", *needs),
        both={"key": key},
        optional=True,
        thorough=True,
    )
    def server_certificate(bench: Bench) -> None:
        complete(bench)

    @case(
        f"client-certificate-{key}",
        f"Client and server show {words} certificates to each other.",
        CLIENT_CERTIFICATE,
        needs=("certificate", "client-auth", *needs),
        both={"key": key, "authenticate": True},
        optional=True,
        thorough=True,
    )
    def client_certificate(bench: Bench) -> None:
        complete(bench)
        if "certificate_verify" not in bench.wire().message_types("client"):
            raise Judged(failed("the client sent no certificate_verify", CLIENT_CERTIFICATE))


def _no_verify(bench: Bench) -> None:
    if "certificate_request" not in bench.wire().message_types("server"):
        raise Judged(failed("the server never asked for a certificate", Citation("RFC 5246", "7.4.4")))


@case(
    "client-certificate-requested",
    "The server asks for a certificate, and takes the one that the client has.",
    CLIENT_CERTIFICATE,
    needs=("certificate", "client-auth"),
    server_needs=("client-auth-request",),
    both={"key": "p256", "authenticate": True},
    server={"client_auth": "request"},
    optional=True,
    thorough=True,
)
def client_certificate_requested(bench: Bench) -> None:
    complete(bench)
    _no_verify(bench)
    if "certificate_verify" not in bench.wire().message_types("client"):
        raise Judged(failed("the client sent no certificate_verify", CLIENT_CERTIFICATE))


@case(
    "client-certificate-declined",
    "The server asks for a certificate and goes on without, since the client has none.",
    CLIENT_CERTIFICATE,
    needs=("certificate", "client-auth"),
    server_needs=("client-auth-request",),
    both={"key": "p256"},
    server={"authenticate": True, "client_auth": "request"},
    optional=True,
    thorough=True,
)
def client_certificate_declined(bench: Bench) -> None:
    complete(bench)
    _no_verify(bench)
    if "certificate_verify" in bench.wire().message_types("client"):
        raise Judged(failed("the client without a certificate sent certificate_verify", CLIENT_CERTIFICATE))


@case(
    "client-certificate-missing",
    "The server demands a certificate and the client has none: the server refuses.",
    CLIENT_CERTIFICATE,
    needs=("certificate", "client-auth"),
    both={"key": "p256"},
    server={"authenticate": True},
    optional=True,
)
def client_certificate_missing(bench: Bench) -> None:
    bench.start()
    bench.wait(lambda: any(alert.level == FATAL for alert in bench.wire().alerts("server")), 60.0)
    bench.settle()
    sent = [alert.description for alert in bench.wire().alerts("server") if alert.level == FATAL]
    if bench.server.connected or not sent:
        raise Judged(failed(f"the server did not refuse: {bench.state()}", CLIENT_CERTIFICATE))
    if sent[0] not in NO_CERTIFICATE:
        reason = f"the server sent {names.alert(sent[0])}, not handshake_failure"
        raise Judged(failed(reason, CLIENT_CERTIFICATE))


@case(
    "psk-hint",
    "The server sends a hint to the pre-shared key, and the client is told it.",
    HINT,
    needs=("psk", "psk-hint", "suite:00a8"),
    both={"psk": True, "suites": [0x00A8]},
    server={"psk_hint": b"which key"},
    optional=True,
)
def psk_hint(bench: Bench) -> None:
    complete(bench)
    if "server_key_exchange" not in bench.wire().message_types("server"):
        raise Judged(failed("the server sent no hint", HINT))
    info = bench.info(bench.client)
    if info is not None and info.psk_hint != b"which key":
        raise Judged(failed(f"the client was told the hint {info.psk_hint!r}", HINT))


@case(
    "dtls-1.0",
    "Both sides are held to DTLS 1.0.",
    Citation("RFC 4347", "4.1"),
    needs=("certificate", "dtls1.0"),
    both={"key": "p256", "min_version": "1.0", "max_version": "1.0"},
    optional=True,
)
def dtls_1_0(bench: Bench) -> None:
    complete(bench)
    bench.check_agreed("version", 0xFEFF)


@case(
    "dtls-1.0-rsa",
    "Both sides are held to DTLS 1.0, with an RSA certificate and a client's certificate.",
    Citation("RFC 4347", "4.1"),
    needs=("certificate", "dtls1.0", "client-auth"),
    both={"key": "rsa2048", "min_version": "1.0", "max_version": "1.0", "authenticate": True},
    optional=True,
    thorough=True,
)
def dtls_1_0_rsa(bench: Bench) -> None:
    complete(bench)
    bench.check_agreed("version", 0xFEFF)


@case(
    "fallback-of-client",
    "A client of DTLS 1.2 that allows 1.0 meets a server of 1.0, and goes down to it.",
    VERSION,
    needs=("certificate", "dtls1.0"),
    client_needs=("dtls1.2",),
    both={"key": "p256", "min_version": "1.0"},
    client={"max_version": "1.2"},
    server={"max_version": "1.0"},
    optional=True,
    thorough=True,
)
def fallback_of_client(bench: Bench) -> None:
    complete(bench)
    bench.check_agreed("version", 0xFEFF)


@case(
    "fallback-of-server",
    "A server of DTLS 1.2 that allows 1.0 meets a client of 1.0, and goes down to it.",
    VERSION,
    needs=("certificate", "dtls1.0"),
    server_needs=("dtls1.2",),
    both={"key": "p256", "min_version": "1.0"},
    client={"max_version": "1.0"},
    server={"max_version": "1.2"},
    optional=True,
    thorough=True,
)
def fallback_of_server(bench: Bench) -> None:
    complete(bench)
    bench.check_agreed("version", 0xFEFF)


@case(
    "resumption-by-id",
    "A second session of the same client resumes the first by its session id, without tickets.",
    Citation("RFC 5246", "7.3"),
    needs=("certificate", "session-ids"),
    client_needs=("script",),
    both={"key": "p256", "session_ids": True, "tickets": False},
    optional=True,
)
def resumption_by_id(bench: Bench) -> None:
    resume(bench)
    if "new_session_ticket" in bench.wire().message_types("server"):
        raise Judged(failed("the server sent a ticket that nobody asked for", Citation("RFC 5077", "3.2")))


for _key, (_words, _needs) in CERTIFICATES.items():
    _certificate_cases(_key, _words, _needs)
