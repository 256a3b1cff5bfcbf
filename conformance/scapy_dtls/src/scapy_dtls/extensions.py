# SPDX-License-Identifier: GPL-2.0-only
"""Hello extensions as typed layers, with :class:`Extension` itself as the opaque fallback.

RFC 6066 (server_name, max_fragment_length), RFC 8422 (groups, point formats), RFC 5246 7.4.1.4
(signature_algorithms), RFC 5764 (use_srtp), RFC 7301 (ALPN), RFC 7366, RFC 7627, RFC 8449, RFC 5077, RFC 8446
(supported_versions), RFC 9146 (connection_id), RFC 5746 (renegotiation_info).
"""

from __future__ import annotations

from typing import Any, ClassVar

from scapy.packet import Packet

from .fields import (
    CodesField,
    LengthField,
    Malformed,
    OpaqueField,
    PacketsField,
    UIntField,
    VectorsField,
    take,
)
from .registries import EXTENSIONS, GROUPS, SIGNATURE_SCHEMES, VERSIONS


class Extension(Packet):
    """An extension that has no layer of its own: a type and opaque data."""

    name = "TLS extension"
    fields_desc = [
        UIntField("type", 0, 2, EXTENSIONS),
        LengthField("length", "data", 2),
        OpaqueField("data", "length"),
    ]

    def extract_padding(self, s: bytes) -> tuple[bytes, bytes | None]:
        return b"", s


class _Typed(Extension):
    """An extension with fields; its length is set when the whole is built."""

    registry: ClassVar[dict[int, type[Packet]]] = {}

    @classmethod
    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        _Typed.registry[int(cls.fields_desc[0].default or 0)] = cls

    def post_build(self, pkt: bytes, pay: bytes) -> bytes:
        if self.length is None:
            pkt = pkt[:2] + (len(pkt) - 4).to_bytes(2, "big") + pkt[4:]
        return pkt + pay

    def extract_padding(self, s: bytes) -> tuple[bytes, bytes | None]:
        if s:
            raise Malformed(f"{len(s)} bytes after the extension's content")
        return b"", None


def _head(code: int) -> list[Any]:
    return [UIntField("type", code, 2, EXTENSIONS), UIntField("length", None, 2)]


class ServerName(Packet):
    """One name of a server_name list."""

    name = "ServerName"
    fields_desc = [
        UIntField("name_type", 0, 1, {0: "host_name"}),
        LengthField("name_length", "host_name", 2),
        OpaqueField("host_name", "name_length"),
    ]

    def extract_padding(self, s: bytes) -> tuple[bytes, bytes | None]:
        return b"", s


def _split_name(_: Packet, data: bytes) -> tuple[Packet, bytes]:
    size = 3 + int.from_bytes(take(data, 3)[0][1:], "big")
    return ServerName(take(data, size)[0]), data[size:]


class ServerNameList(_Typed):
    """server_name of a ClientHello (RFC 6066 3)."""

    name = "server_name"
    fields_desc = [
        *_head(0),
        LengthField("names_length", "names", 2),
        PacketsField("names", "names_length", _split_name),
    ]


class MaxFragmentLength(_Typed):
    """max_fragment_length (RFC 6066 4)."""

    name = "max_fragment_length"
    fields_desc = [*_head(1), UIntField("limit", 1, 1, {1: "2^9", 2: "2^10", 3: "2^11", 4: "2^12"})]


class SupportedGroups(_Typed):
    """supported_groups (RFC 8422 5.1.1)."""

    name = "supported_groups"
    fields_desc = [
        *_head(10),
        LengthField("groups_length", "groups", 2),
        CodesField("groups", "groups_length", 2, GROUPS),
    ]


class PointFormats(_Typed):
    """ec_point_formats (RFC 8422 5.1.2)."""

    name = "ec_point_formats"
    fields_desc = [
        *_head(11),
        LengthField("formats_length", "formats", 1),
        CodesField("formats", "formats_length", 1, {0: "uncompressed"}),
    ]


class SignatureAlgorithms(_Typed):
    """signature_algorithms (RFC 5246 7.4.1.4.1); hash and signature bytes read as one scheme."""

    name = "signature_algorithms"
    fields_desc = [
        *_head(13),
        LengthField("schemes_length", "schemes", 2),
        CodesField("schemes", "schemes_length", 2, SIGNATURE_SCHEMES),
    ]


class UseSrtp(_Typed):
    """use_srtp (RFC 5764 4.1.1)."""

    name = "use_srtp"
    fields_desc = [
        *_head(14),
        LengthField("profiles_length", "profiles", 2),
        CodesField("profiles", "profiles_length", 2),
        LengthField("mki_length", "mki", 1),
        OpaqueField("mki", "mki_length"),
    ]


class Alpn(_Typed):
    """application_layer_protocol_negotiation (RFC 7301 3.1)."""

    name = "application_layer_protocol_negotiation"
    fields_desc = [
        *_head(16),
        LengthField("protocols_length", "protocols", 2),
        VectorsField("protocols", "protocols_length", 1),
    ]


class EncryptThenMac(_Typed):
    """encrypt_then_mac (RFC 7366 2)."""

    name = "encrypt_then_mac"
    fields_desc = _head(22)


class ExtendedMasterSecret(_Typed):
    """extended_master_secret (RFC 7627 5.1)."""

    name = "extended_master_secret"
    fields_desc = _head(23)


class RecordSizeLimit(_Typed):
    """record_size_limit (RFC 8449 4)."""

    name = "record_size_limit"
    fields_desc = [*_head(28), UIntField("limit", 16384, 2)]


class SessionTicket(_Typed):
    """session_ticket (RFC 5077 3.2); the ticket fills the extension."""

    name = "session_ticket"
    fields_desc = [*_head(35), OpaqueField("ticket", None)]


class SupportedVersions(_Typed):
    """supported_versions of a ClientHello (RFC 8446 4.2.1)."""

    name = "supported_versions"
    fields_desc = [
        *_head(43),
        LengthField("versions_length", "versions", 1),
        CodesField("versions", "versions_length", 2, VERSIONS),
    ]


class ConnectionId(_Typed):
    """connection_id (RFC 9146 3)."""

    name = "connection_id"
    fields_desc = [*_head(54), LengthField("cid_length", "cid", 1), OpaqueField("cid", "cid_length")]


class RenegotiationInfo(_Typed):
    """renegotiation_info (RFC 5746 3.2)."""

    name = "renegotiation_info"
    fields_desc = [
        *_head(0xFF01),
        LengthField("connection_length", "renegotiated_connection", 1),
        OpaqueField("renegotiated_connection", "connection_length"),
    ]


def dissect_extension(_: Packet, data: bytes) -> tuple[Packet, bytes]:
    """Dissects the extension at the start of ``data``; what its layer refuses becomes a plain Extension."""
    head, _rest = take(data, 4)
    size = 4 + int.from_bytes(head[2:], "big")
    whole, rest = take(data, size)
    typed = _Typed.registry.get(int.from_bytes(head[:2], "big"))
    if typed is not None:
        try:
            return typed(whole), rest
        except (Malformed, ValueError):
            pass
    return Extension(whole), rest
