# SPDX-License-Identifier: GPL-2.0-only
"""The handshake header of RFC 6347 4.2.2 and the bodies of the messages it carries.

A handshake message or fragment is ``Handshake(...)/ClientHello(...)``. Only a whole message
(``fragment_offset`` 0, ``fragment_length`` equal to ``length``) has a typed body; a fragment's body
is Raw, and so is a body that does not have the format of its type. Bodies can be dissected on their own:
``ClientHello(data)``
raises :exc:`Malformed` where the header would fall back to Raw.
"""

from __future__ import annotations

from typing import Any, ClassVar

from scapy.packet import Packet, Raw

from .extensions import dissect_extension
from .fields import (
    CodesField,
    FixedField,
    LengthField,
    Malformed,
    OpaqueField,
    OptionalLengthField,
    PacketsField,
    UIntField,
    VectorsField,
    take,
)
from .registries import (
    CERTIFICATE_TYPES,
    CURVE_TYPES,
    GROUPS,
    HANDSHAKE_TYPES,
    SIGNATURE_SCHEMES,
    VERSIONS,
)

HEADER_LENGTH = 12


class Body(Packet):
    """A handshake message body: it fills its message exactly."""

    msg_type: ClassVar[int | None] = None
    registry: ClassVar[dict[int, list[type[Body]]]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.msg_type is not None:
            Body.registry.setdefault(cls.msg_type, []).append(cls)

    def do_dissect_payload(self, s: bytes) -> None:
        if s:
            raise Malformed(f"{len(s)} bytes after the end of {self.name}")


def dissect_body(msg_type: int, data: bytes) -> Packet:
    """Dissects a whole message body; Raw when no layer of that type accepts it to the last byte.

    Where a type has several formats (ServerKeyExchange, ClientKeyExchange), the first that fits is taken:
    their
    lengths tell them apart without knowing the cipher suite.
    """
    for layer in Body.registry.get(msg_type, ()):
        if not data and layer.fields_desc:
            continue
        try:
            return layer(data)
        except (Malformed, ValueError):
            continue
    return Raw(data)


class Handshake(Packet):
    """The DTLS handshake header (RFC 6347 4.2.2). Type and lengths of None are taken from the body."""

    name = "DTLS handshake"
    fields_desc = [
        UIntField("msg_type", None, 1, HANDSHAKE_TYPES),
        UIntField("length", None, 3),
        UIntField("message_seq", 0, 2),
        UIntField("fragment_offset", 0, 3),
        UIntField("fragment_length", None, 3),
    ]

    def post_build(self, pkt: bytes, pay: bytes) -> bytes:
        if self.msg_type is None:
            code = getattr(type(self.payload), "msg_type", None) or 0
            pkt = bytes([code]) + pkt[1:]
        if self.length is None:
            pkt = pkt[:1] + len(pay).to_bytes(3, "big") + pkt[4:]
        if self.fragment_length is None:
            pkt = pkt[:9] + len(pay).to_bytes(3, "big")
        return pkt + pay

    def extract_padding(self, s: bytes) -> tuple[bytes, bytes | None]:
        return take(s, self.fragment_length)

    def do_dissect_payload(self, s: bytes) -> None:
        whole = self.fragment_offset == 0 and self.fragment_length == self.length
        if whole:
            body = dissect_body(self.msg_type, s)
            if s or not isinstance(body, Raw):
                self.add_payload(body)
        elif s:
            self.add_payload(Raw(s))

    @property
    def is_whole(self) -> bool:
        """True when this is a message rather than a fragment of one."""
        return bool(self.fragment_offset == 0 and self.fragment_length in (None, self.length))

    @property
    def body_bytes(self) -> bytes:
        """The bytes after the header."""
        return bytes(self.payload)

    def mysummary(self) -> str:
        return f"Handshake {HANDSHAKE_TYPES.get(self.msg_type, self.msg_type)} #{self.message_seq}"


def dissect_handshake(_: Packet, data: bytes) -> tuple[Packet, bytes]:
    """Dissects the message or fragment at the start of ``data``; Raw for all of it when it does not fit."""
    if len(data) >= HEADER_LENGTH:
        size = HEADER_LENGTH + int.from_bytes(data[9:12], "big")
        if size <= len(data):
            return Handshake(data[:size]), data[size:]
    return Raw(data), b""


def _hello_extensions() -> list[Any]:
    return [
        OptionalLengthField("extensions_length", "extensions", 2),
        PacketsField("extensions", "extensions_length", dissect_extension, optional=True),
    ]


class _Hello(Body):
    def extension(self, layer: type[Packet]) -> Packet | None:
        """The first extension of this layer, or None."""
        return next((e for e in self.extensions or () if isinstance(e, layer)), None)


class HelloRequest(Body):
    """RFC 5246 7.4.1.1."""

    name = "HelloRequest"
    msg_type = 0
    fields_desc = []


class ClientHello(_Hello):
    """RFC 6347 4.2.1: the hello of TLS with a cookie. ``extensions=None`` leaves the block out."""

    name = "ClientHello"
    msg_type = 1
    fields_desc = [
        UIntField("client_version", 0xFEFD, 2, VERSIONS),
        FixedField("random", bytes(32), 32),
        LengthField("session_id_length", "session_id", 1),
        OpaqueField("session_id", "session_id_length"),
        LengthField("cookie_length", "cookie", 1),
        OpaqueField("cookie", "cookie_length"),
        LengthField("cipher_suites_length", "cipher_suites", 2),
        CodesField("cipher_suites", "cipher_suites_length", 2),
        LengthField("compression_methods_length", "compression_methods", 1),
        CodesField("compression_methods", "compression_methods_length", 1, {0: "null"}),
        *_hello_extensions(),
    ]


class ServerHello(_Hello):
    """RFC 5246 7.4.1.3."""

    name = "ServerHello"
    msg_type = 2
    fields_desc = [
        UIntField("server_version", 0xFEFD, 2, VERSIONS),
        FixedField("random", bytes(32), 32),
        LengthField("session_id_length", "session_id", 1),
        OpaqueField("session_id", "session_id_length"),
        UIntField("cipher_suite", 0, 2),
        UIntField("compression_method", 0, 1, {0: "null"}),
        *_hello_extensions(),
    ]


class HelloVerifyRequest(Body):
    """RFC 6347 4.2.1."""

    name = "HelloVerifyRequest"
    msg_type = 3
    fields_desc = [
        UIntField("server_version", 0xFEFF, 2, VERSIONS),
        LengthField("cookie_length", "cookie", 1),
        OpaqueField("cookie", "cookie_length"),
    ]


class NewSessionTicket(Body):
    """RFC 5077 3.3."""

    name = "NewSessionTicket"
    msg_type = 4
    fields_desc = [
        UIntField("lifetime_hint", 0, 4),
        LengthField("ticket_length", "ticket", 2),
        OpaqueField("ticket", "ticket_length"),
    ]


class Certificate(Body):
    """RFC 5246 7.4.2: DER certificates, the sender's own first."""

    name = "Certificate"
    msg_type = 11
    fields_desc = [
        LengthField("certificates_length", "certificates", 3),
        VectorsField("certificates", "certificates_length", 3),
    ]


class CertificateStatus(Body):
    """RFC 6066 8: the OCSP response that a server staples."""

    name = "CertificateStatus"
    msg_type = 22
    fields_desc = [
        UIntField("status_type", 1, 1, {1: "ocsp"}),
        LengthField("response_length", "response", 3),
        OpaqueField("response", "response_length"),
    ]


class ServerKeyExchangeEcdhe(Body):
    """RFC 8422 5.4, named curves, with the signature of RFC 5246 7.4.3."""

    name = "ServerKeyExchange (ECDHE)"
    msg_type = 12
    fields_desc = [
        UIntField("curve_type", 3, 1, CURVE_TYPES),
        UIntField("group", 29, 2, GROUPS),
        LengthField("point_length", "point", 1),
        OpaqueField("point", "point_length"),
        UIntField("scheme", 0x0403, 2, SIGNATURE_SCHEMES),
        LengthField("signature_length", "signature", 2),
        OpaqueField("signature", "signature_length"),
    ]

    def post_dissection(self, pkt: Packet) -> None:
        if self.curve_type != 3:
            raise Malformed("only named curves have this format")

    @property
    def parameters(self) -> bytes:
        """ServerECDHParams as they are signed and sent."""
        head = bytes([self.curve_type]) + int(self.group).to_bytes(2, "big")
        return head + bytes([len(self.point)]) + bytes(self.point)


class ServerKeyExchangePsk(Body):
    """RFC 4279 2."""

    name = "ServerKeyExchange (PSK)"
    msg_type = 12
    fields_desc = [LengthField("hint_length", "hint", 2), OpaqueField("hint", "hint_length")]


class CertificateRequest(Body):
    """RFC 5246 7.4.4; ``authorities`` are DER names."""

    name = "CertificateRequest"
    msg_type = 13
    fields_desc = [
        LengthField("types_length", "types", 1),
        CodesField("types", "types_length", 1, CERTIFICATE_TYPES),
        LengthField("schemes_length", "schemes", 2),
        CodesField("schemes", "schemes_length", 2, SIGNATURE_SCHEMES),
        LengthField("authorities_length", "authorities", 2),
        VectorsField("authorities", "authorities_length", 2),
    ]


class ServerHelloDone(Body):
    """RFC 5246 7.4.5."""

    name = "ServerHelloDone"
    msg_type = 14
    fields_desc = []


class CertificateVerify(Body):
    """RFC 5246 7.4.8."""

    name = "CertificateVerify"
    msg_type = 15
    fields_desc = [
        UIntField("scheme", 0x0403, 2, SIGNATURE_SCHEMES),
        LengthField("signature_length", "signature", 2),
        OpaqueField("signature", "signature_length"),
    ]


class ClientKeyExchangeEcdhe(Body):
    """RFC 8422 5.7."""

    name = "ClientKeyExchange (ECDHE)"
    msg_type = 16
    fields_desc = [LengthField("point_length", "point", 1), OpaqueField("point", "point_length")]


class ClientKeyExchangePsk(Body):
    """RFC 4279 2. An RSA-encrypted premaster (RFC 5246 7.4.7.1) has the same format."""

    name = "ClientKeyExchange (PSK)"
    msg_type = 16
    fields_desc = [LengthField("identity_length", "identity", 2), OpaqueField("identity", "identity_length")]


class Finished(Body):
    """RFC 5246 7.4.9."""

    name = "Finished"
    msg_type = 20
    fields_desc = [FixedField("verify_data", bytes(12), 12)]
