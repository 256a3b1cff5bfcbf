# SPDX-License-Identifier: MIT
"""The ClientHello of a client, and what it makes of a ServerHello (RFC 5246 7.4.1.2 to 7.4.1.4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scapy_dtls import ClientHello, Extension, RenegotiationInfo, ServerHello

from ..case import case
from ..dialogue import Dialogue

RC4_SUITES = frozenset(
    {0x0003, 0x0004, 0x0005, 0x0017, 0x0018, 0x0020, 0x0024, 0x0028, 0x002B, 0x008A, 0x008E}
)
RC4_SUITES |= {0x0092, 0xC002, 0xC007, 0xC00C, 0xC011, 0xC016, 0xC033}


def first_hello(d: Dialogue) -> Any:
    """The client's first ClientHello."""
    d.begin()
    d.listen()
    return d.first(ClientHello)


def answer(d: Dialogue, change: Callable[[ServerHello], None], what: str, alert: int | None = None) -> None:
    """Answers with a changed ServerHello, which the client must refuse."""

    def apply(hello: ServerHello) -> ServerHello:
        change(hello)
        return hello

    d.handshake(through=3)
    d.peer.alter(ServerHello, apply)
    d.judge()
    d.send_flight(4)
    came = d.listen()
    d.check(not d.messages(16, came), f"went on with the handshake in spite of {what}")
    d.refused(came, what, alert)


@case(
    role="client",
    cites="RFC 5246 7.4.1.2",
    requirement="a ClientHello offers null compression",
    faults=("hello-without-null-compression",),
)
def hello_offers_null_compression(d: Dialogue) -> None:
    """The compression methods of the ClientHello have method 0 among them."""
    d.judge()
    d.check(0 in first_hello(d).compression_methods, "does not offer null compression")


@case(
    role="client",
    cites="RFC 5246 7.4.1.2",
    requirement="the random of a ClientHello comes from a secure random number generator",
    faults=("zero-random",),
)
def hello_random_is_random(d: Dialogue) -> None:
    """The last 28 bytes of the client's random are not all alike."""
    d.judge()
    value = first_hello(d).random
    d.check(len(set(value[4:])) > 4, f"sent the random {value.hex()}")


@case(
    role="client",
    cites="RFC 5246 7.4.1.4",
    requirement="there is at most one extension of a type",
    faults=("duplicate-extension",),
)
def hello_extensions_unique(d: Dialogue) -> None:
    """No two extensions of the ClientHello have the same type."""
    d.judge()
    types = [e.type for e in first_hello(d).extensions or ()]
    twice = sorted({t for t in types if types.count(t) > 1})
    d.check(not twice, f"sent extension {twice[:1]} twice")


@case(
    role="client",
    cites="RFC 6347 4.1.2.2",
    requirement="RC4 is not used with DTLS",
    faults=("offer-rc4",),
    settings={"suites": ()},
)
def rc4_not_offered(d: Dialogue) -> None:
    """The ClientHello of a client with its default suites offers none with RC4."""
    d.judge()
    offered = RC4_SUITES & set(first_hello(d).cipher_suites)
    d.check(not offered, f"offers the RC4 suites {[f'{code:#06x}' for code in sorted(offered)]}")


@case(
    role="client",
    cites="RFC 5246 7.4.1.3",
    requirement="a cipher suite that was not offered is not accepted",
    needs=("suite:c02b",),
    faults=("accept-unoffered-suite",),
)
def unoffered_suite_refused(d: Dialogue) -> None:
    """A ServerHello with a suite that the client did not offer ends the handshake."""
    answer(d, lambda h: setattr(h, "cipher_suite", 0xC0AF), "a cipher suite that was not offered")


@case(
    role="client",
    cites="RFC 5246 7.4.1.4",
    requirement="an extension that was not asked for is a fatal unsupported_extension",
    faults=("accept-unoffered-extension",),
)
def unoffered_extension_refused(d: Dialogue) -> None:
    """A ServerHello with an extension that the client did not send ends the handshake with
    unsupported_extension.
    """

    def add(hello: ServerHello) -> None:
        hello.extensions = [*(hello.extensions or []), Extension(type=0x0A0A)]

    answer(d, add, "an extension that was not offered", alert=110)


@case(
    role="client",
    cites="RFC 5246 E.1",
    requirement="a version that the client does not have is a fatal protocol_version",
    settings={"min_version": "1.2"},
    faults=("accept-any-server-version",),
)
def unsupported_server_version_refused(d: Dialogue) -> None:
    """A ServerHello of DTLS 1.0 ends the handshake of a client that has DTLS 1.2 alone."""
    answer(d, lambda h: setattr(h, "server_version", 0xFEFF), "a ServerHello of DTLS 1.0", alert=70)


@case(
    role="client",
    cites="RFC 5246 7.4.1.3",
    requirement="a compression method that was not offered is not accepted",
    faults=("accept-compression",),
)
def unoffered_compression_refused(d: Dialogue) -> None:
    """A ServerHello with compression method 64 ends the handshake."""
    answer(d, lambda h: setattr(h, "compression_method", 64), "a compression method that was not offered")


@case(
    role="client",
    cites="RFC 5746 3.4",
    requirement="renegotiation_info of a first handshake is empty; another is a fatal handshake_failure",
    faults=("ignore-renegotiation-info",),
)
def renegotiation_info_with_content_refused(d: Dialogue) -> None:
    """A ServerHello whose renegotiation_info is not empty ends the handshake."""

    def fill(hello: ServerHello) -> None:
        others = [e for e in hello.extensions or () if not isinstance(e, RenegotiationInfo)]
        hello.extensions = [*others, RenegotiationInfo(renegotiated_connection=b"before")]

    answer(d, fill, "a renegotiation_info that is not empty", alert=40)
