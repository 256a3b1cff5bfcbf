# SPDX-License-Identifier: MIT
"""What a server makes of a ClientHello (RFC 5246 7.4.1.2 to 7.4.1.4, RFC 5746, RFC 7627)."""

from __future__ import annotations

from collections.abc import Callable

from scapy_dtls import ClientHello, ExtendedMasterSecret, Extension, RenegotiationInfo, ServerHello

from ..case import case
from ..dialogue import Dialogue, describe

GREASE = 0x0A0A


def greet(d: Dialogue, change: Callable[[ClientHello], None]) -> None:
    """Has every ClientHello of the tester changed in this way."""

    def apply(hello: ClientHello) -> ClientHello:
        change(hello)
        return hello

    d.peer.alter(ClientHello, apply)
    d.judge()


def greet_through(d: Dialogue) -> list[object]:
    """Carries the changed hello past the cookie exchange; the records of the answer."""
    came = list(d.exchange(*d.peer.pack(d.peer.flight(1))))
    if d.peer.flight_done == 2:
        came += d.exchange(*d.peer.pack(d.peer.flight(3)))
    return list(came)


@case(
    role="server",
    cites="RFC 5246 7.4.1.2",
    requirement="cipher suites that the server does not know are ignored",
    faults=("refuse-unknown-suites",),
)
def unknown_cipher_suites_ignored(d: Dialogue) -> None:
    """A ClientHello with reserved (GREASE) cipher suites in front is answered like one without."""
    greet(d, lambda hello: setattr(hello, "cipher_suites", [GREASE, 0xDADA, *hello.cipher_suites]))
    d.survives("a ClientHello with unknown cipher suites")


@case(
    role="server",
    cites="RFC 5246 7.4.1.4",
    requirement="extensions that the server does not know are ignored",
    faults=("refuse-unknown-extension",),
)
def unknown_extensions_ignored(d: Dialogue) -> None:
    """A ClientHello with an unknown extension is answered like one without."""
    greet(d, lambda hello: hello.extensions.append(Extension(type=GREASE, data=b"unknown")))
    d.survives("a ClientHello with an unknown extension")


@case(
    role="server",
    cites="RFC 5246 7.4.1.4",
    requirement="ServerHello has no extension that it does not answer",
    faults=("echo-unknown-extension",),
)
def unknown_extensions_not_echoed(d: Dialogue) -> None:
    """An unknown extension of the ClientHello does not stand in the ServerHello."""
    greet(d, lambda hello: hello.extensions.append(Extension(type=GREASE, data=b"unknown")))
    greet_through(d)
    types = [e.type for e in d.first(ServerHello).extensions or ()]
    d.check(GREASE not in types, "sent an unknown extension of the client back in ServerHello")


@case(
    role="server",
    cites="RFC 5246 7.4.1.2",
    requirement="a ClientHello always offers null compression; one that does not is refused",
    faults=("accept-no-null-compression",),
)
def hello_without_null_compression_refused(d: Dialogue) -> None:
    """A ClientHello that offers compression method 1 alone gets no ServerHello."""
    greet(d, lambda hello: setattr(hello, "compression_methods", [1]))
    greet_through(d)
    d.check(not d.messages(ServerHello.msg_type), "answered a ClientHello without null compression")


@case(
    role="server",
    cites="RFC 5246 7.4.1.3",
    requirement="the cipher suite of ServerHello is one that the client offered",
    needs=("suite:c02b",),
    settings={"suites": ()},
    faults=("pick-unoffered-suite",),
)
def chosen_suite_was_offered(d: Dialogue) -> None:
    """A client that offers one suite gets that one from a server with all its default suites."""
    greet(d, lambda hello: setattr(hello, "cipher_suites", [0xC02B, 0x00FF]))
    greet_through(d)
    suite = d.first(ServerHello).cipher_suite
    d.check(suite == 0xC02B, f"chose cipher suite {suite:#06x}, which was not offered")


@case(
    role="server",
    cites="RFC 5246 E.1",
    requirement="a client that offers a newer version is answered with the newest that the server has",
    faults=("refuse-higher-version",),
)
def newer_client_version_answered_with_1_2(d: Dialogue) -> None:
    """A ClientHello of version 0xfef0, newer than all there are, gets a ServerHello of DTLS 1.2."""
    greet(d, lambda hello: setattr(hello, "client_version", 0xFEF0))
    d.survives("a ClientHello of an unknown newer version")


@case(
    role="server",
    cites="RFC 5246 E.1",
    requirement="a server that has no version as old as the client's refuses with protocol_version",
    settings={"min_version": "1.2"},
    faults=("ignore-client-version",),
)
def too_old_client_version_refused(d: Dialogue) -> None:
    """A ClientHello of DTLS 1.0 gets protocol_version from a server that has DTLS 1.2 alone."""
    greet(d, lambda hello: setattr(hello, "client_version", 0xFEFF))
    greet_through(d)
    d.check(not d.messages(ServerHello.msg_type), "answered a ClientHello of DTLS 1.0 with ServerHello")
    d.refused(d.arrived, "a ClientHello of DTLS 1.0", alert=70)


@case(
    role="server",
    cites="RFC 5746 3.6",
    requirement="TLS_EMPTY_RENEGOTIATION_INFO_SCSV is answered with an empty renegotiation_info",
    faults=("no-renegotiation-info",),
)
def renegotiation_scsv_answered(d: Dialogue) -> None:
    """ServerHello has an empty renegotiation_info when the client sent the signalling suite."""
    d.handshake(through=4)
    d.judge()
    extension = d.first(ServerHello).extension(RenegotiationInfo)
    d.check(extension is not None, "sent no renegotiation_info although the client signalled it")
    d.check(not extension.renegotiated_connection, "sent a renegotiation_info that is not empty")


@case(
    role="server",
    cites="RFC 7627 5.2",
    requirement="a server that knows extended_master_secret answers it when it is offered",
    needs=("ems",),
    settings={"extended_master_secret": True},
    faults=("no-extended-master-secret",),
)
def extended_master_secret_answered(d: Dialogue) -> None:
    """ServerHello has extended_master_secret when the client offered it."""
    d.handshake(through=4)
    d.judge()
    found = d.first(ServerHello).extension(ExtendedMasterSecret)
    d.check(found is not None, "did not answer extended_master_secret")


@case(
    role="server",
    cites="RFC 5246 7.4.1.2",
    requirement="a session id that the server does not know leads to a full handshake",
    faults=("fail-on-unknown-session-id",),
)
def unknown_session_id_gets_full_handshake(d: Dialogue) -> None:
    """A ClientHello with a session id of a session that never was gets a full handshake."""
    greet(d, lambda hello: setattr(hello, "session_id", bytes(range(32))))
    d.survives("a ClientHello with an unknown session id")


@case(
    role="server",
    cites="RFC 5246 7.4.1.2",
    requirement="bytes after the end of a ClientHello are refused with decode_error",
    faults=("accept-trailing-bytes-in-hello",),
)
def bytes_after_hello_refused(d: Dialogue) -> None:
    """A ClientHello with three bytes after its extensions gets decode_error and no ServerHello."""
    greet(d, lambda hello: hello.add_payload(b"\x00\x00\x00"))
    greet_through(d)
    d.check(not d.messages(ServerHello.msg_type), "answered a ClientHello with bytes after its end")
    d.refused(d.arrived, "a ClientHello with bytes after its end", alert=50)


@case(
    role="server",
    cites="RFC 5246 7.4.1.2",
    requirement="a ClientHello without an extensions block is accepted",
    needs=("psk", "suite:00a8"),
    settings={"psk": True, "suites": (0x00A8,)},
    faults=("refuse-hello-without-extensions",),
)
def hello_without_extensions_accepted(d: Dialogue) -> None:
    """A ClientHello that ends after the compression methods, for a PSK suite, is accepted."""
    greet(d, lambda hello: setattr(hello, "extensions", None))
    d.survives("a ClientHello without extensions")


@case(
    role="server",
    cites="RFC 5246 7.4.1.3",
    requirement="without an acceptable cipher suite the server answers handshake_failure",
    needs=("suite:c02b",),
    faults=("wrong-alert-no-common-suite",),
)
def no_common_suite_gets_handshake_failure(d: Dialogue) -> None:
    """A client that offers a suite that the server does not have gets a fatal handshake_failure."""
    greet(d, lambda hello: setattr(hello, "cipher_suites", [0xC0AF]))
    greet_through(d)
    d.check(not d.messages(ServerHello.msg_type), "chose a cipher suite that it was not to have")
    d.refused(d.arrived, "a ClientHello without a common cipher suite", alert=40)


@case(
    role="server",
    cites="RFC 6347 4.1.2.7",
    level="should",
    requirement="a datagram that is not DTLS is dropped",
    faults=("answer-garbage",),
)
def garbage_before_hello_ignored(d: Dialogue) -> None:
    """Random bytes, an HTTP request and a TLS record before the ClientHello bring no answer and no harm."""
    d.judge()
    junk = (bytes(range(200)), b"GET / HTTP/1.1\r\n\r\n", bytes.fromhex("16030100050100000100"))
    for datagram in junk:
        came = d.exchange(datagram, seconds=0.01)
        d.check(not came, f"answered a datagram that is not DTLS with {describe(came)}")
    d.survives("datagrams that are not DTLS")
