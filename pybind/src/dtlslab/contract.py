# SPDX-License-Identifier: MIT
"""The endpoint contract between C and Python: configurations one way, endpoints in Python the other."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import msgspec

from dtlslab._lab import ffi, lib
from dtlslab.configuration import CLIENT_AUTH, VERSIONS, EndpointConfig
from dtlslab.fate import Fate
from dtlslab.python_endpoint import NO_DEADLINE, PythonEndpoint, WouldBlock

CallT = TypeVar("CallT", bound=Callable[..., int])


class Placed:
    """A Python endpoint as C sees it: a handle, a table, and what went wrong inside."""

    def __init__(self, endpoint: PythonEndpoint) -> None:
        self.endpoint = endpoint
        self.failure: BaseException | None = None
        self._keep: list[Any] = []
        self._handle = ffi.new_handle(self)
        self.c_endpoint = ffi.cast("struct dtlslab_endpoint *", self._handle)
        self.api = ffi.new(
            "struct dtlslab_endpoint_api *",
            {
                "abi": lib.DTLSLAB_ENDPOINT_ABI,
                "size": ffi.sizeof("struct dtlslab_endpoint_api"),
                "name": self._c_text(endpoint.name),
                "version": self._c_text(endpoint.version),
                "capabilities": self._c_words(endpoint.capabilities),
                **{name: getattr(lib, f"dtlslab_python_{name}") for name in _FUNCTIONS},
            },
        )

    def _c_text(self, text: str) -> Any:
        self._keep.append(ffi.new("char[]", text.encode()))
        return self._keep[-1]

    def _c_words(self, words: Sequence[str]) -> Any:
        self._keep.append(ffi.new("const char *[]", [*(self._c_text(word) for word in words), ffi.NULL]))
        return self._keep[-1]


_FUNCTIONS = (
    "create",
    "destroy",
    "connect",
    "receive",
    "poll_datagram",
    "deadline",
    "timeout",
    "poll_event",
    "send",
    "poll_data",
    "close",
    "poll_keylog",
)


@contextlib.contextmanager
def c_config(config: EndpointConfig) -> Iterator[Any]:
    """`struct dtlslab_config` of a configuration, valid inside the block."""
    keep: list[Any] = []

    def octets(data: bytes) -> dict[str, Any]:
        keep.append(ffi.from_buffer("uint8_t[]", data) if data else ffi.NULL)
        return {"data": keep[-1], "len": len(data)}

    def codes(values: Sequence[int]) -> dict[str, Any]:
        keep.append(ffi.new("uint16_t[]", list(values)) if values else ffi.NULL)
        return {"codes": keep[-1], "num": len(values)}

    def text(value: str | None) -> Any:
        keep.append(ffi.NULL if value is None else ffi.new("char[]", value.encode()))
        return keep[-1]

    def names(values: Sequence[bytes]) -> Any:
        keep.append(
            ffi.new("struct dtlslab_bytes[]", [octets(value) for value in values]) if values else ffi.NULL
        )
        return keep[-1]

    yield ffi.new(
        "struct dtlslab_config *",
        {
            "size": ffi.sizeof("struct dtlslab_config"),
            "role": lib.DTLSLAB_CLIENT if config.role == "client" else lib.DTLSLAB_SERVER,
            "min_version": 0 if config.min_version is None else VERSIONS[config.min_version],
            "max_version": 0 if config.max_version is None else VERSIONS[config.max_version],
            "cipher_suites": codes(config.suites),
            "groups": codes(config.groups),
            "signature_schemes": codes(config.schemes),
            "certificate_chain": octets(config.certificate),
            "private_key": octets(config.private_key),
            "trust_anchors": octets(config.trust),
            "server_name": text(config.server_name),
            "client_auth": CLIENT_AUTH[config.client_auth],
            "psk_identity": octets(config.psk_identity),
            "psk_key": octets(config.psk_key),
            "psk_hint": octets(config.psk_hint),
            "mtu": config.mtu,
            "cookies": _switch(config.cookies),
            "extended_master_secret": _switch(config.extended_master_secret),
            "tickets": _switch(config.tickets),
            "connection_id": _switch(config.connection_id),
            "local_connection_id": octets(config.local_connection_id),
            "initial_timeout_ns": config.initial_timeout_ns,
            "seed": config.seed,
            "calendar_seconds": config.calendar_seconds,
            "application_protocols": names(config.application_protocols),
            "num_application_protocols": len(config.application_protocols),
            "max_fragment_length": config.max_fragment_length,
            "record_size_limit": config.record_size_limit,
            "encrypt_then_mac": _switch(config.encrypt_then_mac),
            "session_ids": _switch(config.session_ids),
            "ocsp_stapling": _switch(config.ocsp_stapling),
            "ocsp_response": octets(config.ocsp_response),
            "raw_public_keys": _switch(config.raw_public_keys),
            "peer_public_key": octets(config.peer_public_key),
            "srtp_profiles": codes(config.srtp_profiles),
            "exporter_label": text(config.exporter_label),
        },
    )


class SessionInfo(msgspec.Struct, frozen=True, kw_only=True):
    """`struct dtlslab_session_info`. What is None, zero or empty was not agreed on, or is not told."""

    max_data: int
    """The most bytes of application data in a record to the peer."""
    srtp_profile: int
    signature_scheme: int
    """What this side has signed with."""
    peer_signature_scheme: int
    extended_master_secret: bool | None
    encrypt_then_mac: bool | None
    raw_public_key: bool | None
    """The peer has shown one."""
    application_protocol: bytes
    exported: bytes
    psk_hint: bytes
    server_name: str
    ocsp_response: bytes


def session_info(told: Any) -> SessionInfo:
    """A `struct dtlslab_session_info` in Python."""
    return SessionInfo(
        max_data=told.max_data,
        srtp_profile=told.srtp_profile,
        signature_scheme=told.signature_scheme,
        peer_signature_scheme=told.peer_signature_scheme,
        extended_master_secret=_SWITCHES[told.extended_master_secret],
        encrypt_then_mac=_SWITCHES[told.encrypt_then_mac],
        raw_public_key=_SWITCHES[told.raw_public_key],
        application_protocol=ffi.buffer(told.application_protocol, told.application_protocol_len)[:],
        exported=ffi.buffer(told.exported, told.exported_len)[:],
        psk_hint=ffi.buffer(told.psk_hint, told.psk_hint_len)[:],
        server_name=ffi.string(told.server_name).decode(errors="replace"),
        ocsp_response=ffi.buffer(told.ocsp_response, told.ocsp_response_len)[:],
    )


_SWITCHES: tuple[bool | None, ...] = (None, True, False)


def fill_fate(out_fate: Any, fate: Fate) -> list[Any]:
    """Writes a fate for C. What is answered must be kept until the hook is called again."""
    keep: list[Any] = []
    if fate.dropped:
        out_fate.kind = lib.DTLSLAB_DROP
    elif fate.held:
        out_fate.kind = lib.DTLSLAB_HOLD
    else:
        out_fate.kind = lib.DTLSLAB_CHANGE
        out_fate.copies = fate.copies
        out_fate.delay_ns = fate.delay_ns
        if fate.data is not None:
            keep.append(ffi.from_buffer("uint8_t[]", fate.data) if fate.data else ffi.new("uint8_t[1]"))
            out_fate.bytes, out_fate.len = keep[-1], len(fate.data)
    if fate.reason:
        keep.append(ffi.new("char[]", fate.reason.encode()))
        out_fate.reason = keep[-1]
    return keep


def _switch(value: bool | None) -> int:
    if value is None:
        return int(lib.DTLSLAB_DEFAULT)
    return int(lib.DTLSLAB_ON if value else lib.DTLSLAB_OFF)


def _exported(name: str, error: int = -5) -> Callable[[CallT], CallT]:
    """Makes a function the C function `dtlslab_python_NAME`; what it raises is kept with the endpoint."""

    def decorate(function: CallT) -> CallT:
        def guarded(c_endpoint: Any, *arguments: Any) -> int:
            placed: Placed = ffi.from_handle(ffi.cast("void *", c_endpoint))
            try:
                return function(placed.endpoint, *arguments)
            except WouldBlock:
                return int(lib.DTLSLAB_WOULD_BLOCK)
            except BaseException as failure:
                placed.failure = placed.failure or failure
                return error

        ffi.def_extern(name=f"dtlslab_python_{name}", error=error)(guarded)
        return function

    return decorate


@ffi.def_extern(name="dtlslab_python_create", error=-5)  # type: ignore[untyped-decorator]
def _create(config: Any, out_endpoint: Any, message: Any) -> int:  # noqa: ARG001 - the contract's parameters
    return int(lib.DTLSLAB_UNSUPPORTED)


@ffi.def_extern(name="dtlslab_python_destroy")  # type: ignore[untyped-decorator]
def _destroy(c_endpoint: Any) -> None:
    """Nothing: the endpoint is Python's own."""


@_exported("connect")
def _connect(endpoint: PythonEndpoint, now: int, path: int, out_session: Any) -> int:
    out_session[0] = endpoint.connect(now, path)
    return 0


@_exported("receive")
def _receive(endpoint: PythonEndpoint, now: int, path: int, datagram: Any, length: int) -> int:
    endpoint.receive(now, path, ffi.buffer(datagram, length)[:])
    return 0


@_exported("poll_datagram")
def _poll_datagram(
    endpoint: PythonEndpoint,
    now: int,  # noqa: ARG001 - the contract's parameter
    out_path: Any,
    out: Any,
    out_cap: int,
    out_len: Any,
) -> int:
    queued = endpoint.next_datagram()
    if queued is None:
        return 1
    out_path[0], datagram = queued
    _copy_out(out, out_cap, out_len, datagram, "a datagram")
    return 0


@_exported("deadline", error=NO_DEADLINE)
def _deadline(endpoint: PythonEndpoint, now: int) -> int:
    return endpoint.deadline(now)


@_exported("timeout")
def _timeout(endpoint: PythonEndpoint, now: int) -> int:
    endpoint.timeout(now)
    return 0


@_exported("poll_event")
def _poll_event(endpoint: PythonEndpoint, out_event: Any) -> int:
    event = endpoint.next_event()
    if event is None:
        return 1
    out_event.kind = event.kind
    out_event.version = event.version
    out_event.cipher_suite = event.cipher_suite
    out_event.session = event.session
    out_event.path = event.path
    out_event.group = event.group
    out_event.alert_level = event.alert_level
    out_event.alert_description = event.alert_description
    out_event.resumed = event.resumed
    out_event.text = event.text.encode()[: lib.DTLSLAB_MAX_TEXT - 1]
    return 0


@_exported("send")
def _send(endpoint: PythonEndpoint, now: int, session: int, data: Any, length: int) -> int:
    endpoint.send(now, session, ffi.buffer(data, length)[:])
    return 0


@_exported("poll_data")
def _poll_data(endpoint: PythonEndpoint, out_session: Any, out: Any, out_cap: int, out_len: Any) -> int:
    queued = endpoint.next_data()
    if queued is None:
        return 1
    out_session[0], data = queued
    _copy_out(out, out_cap, out_len, data, "application data")
    return 0


@_exported("close")
def _close(endpoint: PythonEndpoint, now: int, session: int) -> int:
    endpoint.close(now, session)
    return 0


@_exported("poll_keylog")
def _poll_keylog(endpoint: PythonEndpoint, out: Any, out_cap: int) -> int:
    line = endpoint.next_key()
    if line is None:
        return 1
    text = line.encode() + b"\0"
    if len(text) > out_cap:
        raise ValueError(f"a key-log line of {len(text)} bytes; at most {out_cap}")
    ffi.memmove(out, text, len(text))
    return 0


def _copy_out(out: Any, out_cap: int, out_len: Any, data: bytes, what: str) -> None:
    if len(data) > out_cap:
        raise ValueError(f"{what} of {len(data)} bytes; at most {out_cap}")
    ffi.memmove(out, data, len(data))
    out_len[0] = len(data)
