# SPDX-License-Identifier: MIT
"""Handshake messages with wrong lengths: a fatal alert, never a session, never silence (RFC 5246 7.2.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scapy.packet import Packet, Raw
from scapy_dtls import (
    Certificate,
    ChangeCipherSpec,
    ClientHello,
    ClientKeyExchangeEcdhe,
    Finished,
    ServerHello,
)

from ..case import case
from ..dialogue import Dialogue, describe


def refused_when_changed(
    d: Dialogue, layer: type[Packet], change: Callable[[Any], Packet], what: str
) -> None:
    """Sends the next flight of ours with one message changed; it must end in a fatal alert."""
    flights: dict[type[Packet], int] = {ServerHello: 4, Certificate: 4, ClientKeyExchangeEcdhe: 5}
    number = flights.get(layer)
    if number is None:
        number = 5 if d.role == "server" else 6
    d.handshake(through=number - 1)
    d.peer.alter(layer, change)
    d.judge()
    d.send_flight(number)
    d.refused(d.listen(), what)


def refused_hello(d: Dialogue, what: str, **fields: Any) -> None:
    """Sends a ClientHello with wrong fields; it must bring no ServerHello and keep nobody else out."""

    def change(hello: Any) -> Any:
        for name, value in fields.items():
            setattr(hello, name, value)
        return hello

    d.peer.alter(ClientHello, change)
    d.exchange(*d.peer.pack(d.peer.flight(1)))
    if d.peer.flight_done == 2:
        d.exchange(*d.peer.pack(d.peer.flight(3)))
    sequence = d.peer.sequence[0]
    d.judge()
    d.check(not d.messages(ServerHello.msg_type), f"answered {what} with ServerHello")
    d.peer = d.new_peer()
    d.peer.sequence[0] = sequence
    d.survives(what)


@case(
    role="server",
    cites="RFC 5246 7.4.1.2",
    requirement="cipher suites take two bytes each; a list of odd length is refused and blocks nobody",
    faults=("fail-on-malformed-hello",),
)
def odd_cipher_suites_length_refused(d: Dialogue) -> None:
    """A ClientHello whose list of cipher suites has an odd length is refused; the next client is served."""
    refused_hello(d, "a list of cipher suites of odd length", cipher_suites_length=3)


@case(
    role="server",
    cites="RFC 5246 7.4.1.2",
    requirement="a session id has at most 32 bytes",
    faults=("accept-long-session-id",),
)
def session_id_over_32_bytes_refused(d: Dialogue) -> None:
    """A ClientHello with a session id of 33 bytes is refused, and the next client is served."""
    refused_hello(d, "a session id of 33 bytes", session_id=bytes(33))


@case(
    role="server",
    cites="RFC 6347 4.1.2.7",
    level="should",
    requirement="a record that makes no sense before a handshake is dropped",
    faults=("answer-garbage",),
)
def change_cipher_spec_before_hello_ignored(d: Dialogue) -> None:
    """A ChangeCipherSpec as the very first record is dropped, and a handshake can follow."""
    d.judge()
    came = d.exchange(d.peer.record(ChangeCipherSpec(), epoch=0))
    d.check(not came, f"answered a ChangeCipherSpec before any hello with {describe(came)}")
    d.survives("a ChangeCipherSpec as the first record")


@case(
    role="client",
    cites="RFC 5246 7.2.2",
    requirement="a ServerHello that cannot be decoded is a fatal error",
    faults=("silent-on-protocol-fault",),
)
def server_hello_with_wrong_length_refused(d: Dialogue) -> None:
    """A ServerHello whose session id runs past its end ends the handshake with a fatal alert."""

    def change(hello: Any) -> Packet:
        hello.session_id_length = 200
        return Raw(bytes(hello))

    refused_when_changed(d, ServerHello, change, "a ServerHello with a wrong length inside")


@case(
    role="client",
    cites="RFC 5246 7.2.2",
    requirement="a Certificate that cannot be decoded is a fatal error",
    needs=("suite:c02b",),
    faults=("silent-on-protocol-fault",),
)
def certificate_list_with_wrong_length_refused(d: Dialogue) -> None:
    """A Certificate whose list claims five bytes more than there are ends in a fatal alert."""

    def change(body: Any) -> Packet:
        wire = bytes(body)
        return Raw((int.from_bytes(wire[:3], "big") + 5).to_bytes(3, "big") + wire[3:])

    refused_when_changed(d, Certificate, change, "a Certificate with a wrong length inside")


@case(
    role="client",
    cites="RFC 5246 7.4.2",
    requirement="a server that authenticates by certificate sends at least one",
    needs=("suite:c02b",),
    faults=("silent-on-protocol-fault",),
)
def empty_server_certificate_refused(d: Dialogue) -> None:
    """A Certificate message without certificates from a server ends the handshake with a fatal alert."""
    refused_when_changed(
        d, Certificate, lambda _: Certificate(certificates=[]), "an empty server certificate"
    )


@case(
    role="server",
    cites="RFC 5246 7.2.2",
    requirement="a ClientKeyExchange that cannot be decoded is a fatal error",
    needs=("suite:c02b",),
    faults=("silent-on-protocol-fault",),
)
def client_key_exchange_with_wrong_length_refused(d: Dialogue) -> None:
    """A ClientKeyExchange whose point claims more bytes than there are ends in a fatal alert."""

    def change(body: Any) -> Packet:
        return Raw(bytes([len(body.point) + 9]) + body.point)

    refused_when_changed(d, ClientKeyExchangeEcdhe, change, "a ClientKeyExchange with a wrong length inside")


@case(
    role="any",
    cites="RFC 5246 7.4.9",
    requirement="verify_data has twelve bytes",
    faults=("silent-on-protocol-fault",),
)
def finished_of_wrong_length_refused(d: Dialogue) -> None:
    """A Finished with the right verify_data and a byte after it ends the handshake with a fatal alert."""
    refused_when_changed(d, Finished, lambda body: Raw(bytes(body) + b"\x00"), "a Finished of thirteen bytes")
