# SPDX-License-Identifier: MIT
"""libdtls itself, scriptable: one DTLS connection without I/O, clock or threads.

Times are whole nanoseconds of whatever clock the script keeps. After each call
that is given the time, take out `datagrams` and `events`:

>>> client, server = Connection("client", psk=(b"me", key)), Connection("server", psk=(b"me", key))
>>> client.start(0), server.start(0)
>>> while not (client.connected and server.connected):
...     for a, b in ((client, server), (server, client)):
...         for datagram in a.datagrams(0):
...             b.receive(0, datagram)
>>> server.receive(0, client.send(0, b"hello"))
[b'hello']

`libdtls/include/dtls/connection.h` is the manual; the names here are its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from dtlslab import locations
from dtlslab.errors import DtlslabError, NotInstalled

try:
    from dtlslab._dtls import ffi, lib
except ImportError as error:
    raise NotInstalled(
        "the compiled binding of libdtls (or libcrypto)", f"{locations.how_to_run()} setup"
    ) from error

Role = Literal["client", "server"]
NO_DEADLINE = (1 << 64) - 1

_EVENTS = {
    getattr(lib, f"DTLS_EVENT_{name.upper()}"): name
    for name in (
        "connected",
        "peer_closed",
        "failed",
        "alert_sent",
        "alert_received",
        "retransmitted",
        "key_log",
        "look_up_psk",
        "look_up_session",
        "verify_certificate",
        "sign",
    )
    if hasattr(lib, f"DTLS_EVENT_{name.upper()}")
}
PSK_SUITES = (0x00A8, 0xC0A8)
"""PSK with AES_128_GCM_SHA256 and AES_128_CCM_8: what a connection with nothing but a PSK offers."""

_PLAINTEXTS_AT_ONCE = 16
_ALIGNMENT = 16


class LibdtlsError(DtlslabError):
    """A call that libdtls refused; `name` is the enumerator, such as `DTLS_ERROR_STATE`."""

    def __init__(self, code: int, what: str) -> None:
        self.code = code
        self.name = _text(lib.dtls_error_name(code))
        super().__init__(f"{what}: {_text(lib.dtls_strerror(code))} ({self.name})")


class ConnectionEvent(NamedTuple):
    """An event; `kind` is its name in connection.h, in lower case: `connected`, `look_up_psk`."""

    kind: str
    alert_level: int = 0
    alert: int = 0
    scheme: int = 0
    data: bytes = b""
    """The identity or hint, the digest to be signed, or the line of the key log."""
    chain: tuple[bytes, ...] = ()
    """Certificates in DER, leaf first."""


class Failure(NamedTuple):
    """What a connection died of, where, and what demands it."""

    error: str
    reason: str
    alert: int
    state: str
    message: str
    field: str
    section: str


# Objects that have rows: their kind, and their names.
PARTS = {
    "protocol": ("protocol", "dtls_{role}_1_2"),
    "resumption": ("resumption", "dtls_resumption_{role}"),
    "status_request": ("extension", "dtls_extension_status_request"),
}


class Transition(NamedTuple):
    """A row of a protocol's state table."""

    state: str
    message: str
    next: str


class Connection:
    """One DTLS connection of libdtls.

    Credentials are PEM texts. A `psk` is `(identity, key)` and answers the
    library's question by itself; without it, PSK suites raise the event
    `look_up_psk`, to be answered by `answer_psk`. With `resumption` sessions are
    resumed: a client's by `session_state` and `offer_session`; a server issues
    tickets with its `ticket_key` (16 bytes of name, 32 of key) or, with
    `session_cache`, raises `look_up_session`, to be answered by
    `answer_session`. `keep_secrets` is for `export_keying_material`. With `verify="application"` the
    peer's chain is an event to be answered by `answer_certificate`.
    """

    def __init__(
        self,
        role: Role,
        *,
        suites: Sequence[int] = (),
        groups: Sequence[int] = (),
        certificate: bytes = b"",
        private_key: bytes = b"",
        trust: bytes = b"",
        peer_name: str | None = None,
        verify: Literal["anchors", "application", "nothing"] = "anchors",
        client_auth: Literal["none", "request", "require"] = "none",
        psk: tuple[bytes, bytes] | None = None,
        psk_hint: bytes = b"",
        mtu: int = 0,
        max_message: int = 0,
        initial_timeout_ns: int = 0,
        key_log: bool = False,
        calendar_seconds: int = 0,
        keep_secrets: bool = False,
        resumption: bool = False,
        session_cache: bool = False,
        ticket_key: bytes = b"",
    ) -> None:
        """Opens a connection. LibdtlsError names the field of the configuration that is wrong."""
        if psk is not None and not (suites or certificate or trust) and verify == "anchors":
            suites = PSK_SUITES
        self._keep: list[Any] = []
        self._connection = ffi.NULL
        self._psk = psk
        self._events: list[ConnectionEvent] = []
        self._role = role
        self._calendar = calendar_seconds
        self._mtu = mtu or 1200
        self.connected = False
        self.closed = False
        """The peer has closed, or the connection is dead."""
        self._config = self._hold(ffi.new("dtls_config *"))
        config = self._config
        config.crypto = ffi.addressof(lib, "dtls_libcrypto")
        config.protocols = self._list("dtls_protocol", [ffi.addressof(lib, f"dtls_{role}_1_2")])
        config.cipher_suites = self._codes("cipher_suite", suites)
        config.groups = self._codes("group", groups)
        config.signature_schemes = lib.dtls_default_signature_schemes
        config.extensions = lib.dtls_default_extensions
        config.verification = getattr(lib, f"DTLS_VERIFY_{verify.upper()}")
        config.client_auth = getattr(lib, f"DTLS_CLIENT_AUTH_{client_auth.upper()}")
        config.mtu, config.max_message = mtu, max_message
        config.initial_timeout_ns, config.key_log = initial_timeout_ns, key_log
        config.keep_secrets, config.session_cache = keep_secrets, session_cache
        if resumption:
            config.resumption = ffi.addressof(lib, f"dtls_resumption_{role}")
        if ticket_key:
            keys = self._hold(ffi.new("dtls_ticket_keys *", {"aead": lib.DTLS_AEAD_AES_256_GCM}))
            keys.current.name, keys.current.key = ticket_key[:16], ticket_key[16:]
            config.ticket_keys = keys
        config.psk_identity_hint = self._span(psk_hint)
        if peer_name is not None:
            config.peer_name = self._hold(ffi.new("char[]", peer_name.encode()))
        if certificate:
            self._set_credential(certificate, private_key)
        if trust:
            self._set_trust(trust)
        self._open()

    def start(self, now: int) -> None:
        """Begins: a client writes its first flight."""
        self._check(lib.dtls_connection_start(self._connection, self._time(now)), "start")

    def receive(self, now: int, datagram: bytes) -> list[bytes]:
        """Takes a datagram; answers the application data that was in it, one item a record."""
        data = ffi.new("uint8_t[]", datagram or b"\0")
        datagrams = ffi.new("dtls_datagram[1]", [{"bytes": data, "len": len(datagram), "path": 0}])
        plaintexts = ffi.new("dtls_plaintext[]", _PLAINTEXTS_AT_ONCE)
        count, taken = ffi.new("size_t *"), ffi.new("size_t *", 0)
        found: list[bytes] = []
        while taken[0] == 0:
            count[0] = _PLAINTEXTS_AT_ONCE
            result = lib.dtls_receive(
                self._connection, self._time(now), datagrams, 1, plaintexts, count, taken
            )
            found += [ffi.buffer(p.data, p.len)[:] for p in plaintexts[0 : count[0]]]
            if result == lib.DTLS_ERROR_STATE:
                break
            self._check(result, "receive")
            if count[0] == 0:
                break
        self._look_after_events(now)
        return found

    def datagrams(self, now: int) -> list[bytes]:
        """Takes out what the connection itself has to send: handshake messages and alerts."""
        out = ffi.new("uint8_t[]", max(self._mtu, 1 << 11))
        length = ffi.new("size_t *")
        found: list[bytes] = []
        while True:
            result = lib.dtls_poll_datagram(
                self._connection, self._time(now), out, len(out), length, ffi.NULL
            )
            if result != lib.DTLS_OK:
                break
            found.append(ffi.buffer(out, length[0])[:])
        if result < 0:
            self._check(result, "datagrams")
        self._look_after_events(now)
        return found

    def events(self) -> list[ConnectionEvent]:
        """Takes out what has happened since the last call."""
        self._look_after_events(0)
        events, self._events = self._events, []
        return events

    @property
    def deadline(self) -> int | None:
        """The time at which `timeout` is due; None if never."""
        value = int(lib.dtls_deadline(self._connection))
        return None if value == NO_DEADLINE else value

    def timeout(self, now: int) -> None:
        """The deadline has come. Called early, it does nothing."""
        self._check(lib.dtls_timeout(self._connection, self._time(now)), "timeout")
        self._look_after_events(now)

    def send(self, now: int, data: bytes) -> bytes:
        """Protects application data; answers the record, ready to be sent as a datagram."""
        room = len(data) + lib.DTLS_MAX_HEADROOM + lib.DTLS_MAX_TAILROOM
        out, length = ffi.new("uint8_t[]", room), ffi.new("size_t *")
        self._check(
            lib.dtls_write(self._connection, self._time(now), data, len(data), out, room, length), "send"
        )
        return bytes(ffi.buffer(out, length[0]))

    def export_keying_material(self, label: str, length: int, context: bytes | None = None) -> bytes:
        """Keys for the application's own use (RFC 5705); no context is not an empty one."""
        out = ffi.new("uint8_t[]", length)
        keep = ffi.from_buffer(context or b"")
        span = ffi.new("dtls_span *", {"data": keep, "len": len(keep)}) if context is not None else ffi.NULL
        self._check(
            lib.dtls_export_keying_material(self._connection, label.encode(), span, out, length),
            "export_keying_material",
        )
        return bytes(ffi.buffer(out))

    def session_state(self) -> bytes | None:
        """What of the connected session can be resumed; None if it cannot."""
        out, length = ffi.new("uint8_t[]", lib.DTLS_SESSION_STATE_SIZE), ffi.new("size_t *")
        result = lib.dtls_session_export(self._connection, out, len(out), length)
        if result == lib.DTLS_NOTHING:
            return None
        self._check(result, "session_state")
        return bytes(ffi.buffer(out, length[0]))

    def offer_session(self, now: int, state: bytes) -> bool:
        """Offers a session, before `start`. False: it is of no use any more."""
        data = self._hold(ffi.new("uint8_t[]", state or b"\0"))
        span = _span({"data": data, "len": len(state)})
        result = lib.dtls_connection_offer_session(self._connection, self._time(now), span)
        if result == lib.DTLS_NOTHING:
            return False
        self._check(result, "offer_session")
        return True

    def answer_session(self, now: int, state: bytes = b"") -> None:
        """Answers `look_up_session` with the state kept by that id; empty if there is none."""
        data = ffi.from_buffer(state)
        span = _span({"data": data, "len": len(state)})
        self._check(lib.dtls_answer_session(self._connection, self._time(now), span), "answer_session")
        self._look_after_events(now)

    @property
    def resumed(self) -> bool:
        """The handshake was an abbreviated one."""
        return bool(lib.dtls_connection_get_info(self._connection).resumed)

    def close(self, now: int) -> None:
        """Sends close_notify."""
        self._check(lib.dtls_close(self._connection, self._time(now)), "close")

    def abort(self, now: int, alert: int) -> None:
        """Ends the connection with a fatal alert."""
        self._check(lib.dtls_abort(self._connection, self._time(now), alert), "abort")

    def answer_psk(self, now: int, key: bytes, identity: bytes = b"") -> None:
        """Answers `look_up_psk`. A client names its identity too; an empty key means that there is none."""
        keep = [ffi.from_buffer(identity), ffi.from_buffer(key)]
        spans = [{"data": k, "len": len(k)} for k in keep]
        self._check(lib.dtls_answer_psk(self._connection, self._time(now), *map(_span, spans)), "answer_psk")
        self._look_after_events(now)

    def answer_certificate(self, now: int, verdict: str = "DTLS_OK") -> None:
        """Answers `verify_certificate`, with `DTLS_OK` or one of `DTLS_ERROR_CERTIFICATE_*`."""
        code = getattr(lib, verdict)
        self._check(
            lib.dtls_answer_certificate(self._connection, self._time(now), code), "answer_certificate"
        )
        self._look_after_events(now)

    def answer_signature(self, now: int, signature: bytes) -> None:
        """Answers `sign`; empty if it could not be made."""
        data = ffi.from_buffer(signature)
        span = _span({"data": data, "len": len(signature)})
        self._check(lib.dtls_answer_signature(self._connection, self._time(now), span), "answer_signature")
        self._look_after_events(now)

    @property
    def info(self) -> dict[str, int]:
        """What was negotiated: the fields of `dtls_connection_info`."""
        return _fields("dtls_connection_info", lib.dtls_connection_get_info(self._connection))

    @property
    def statistics(self) -> dict[str, int]:
        """Counters since the connection was opened: the fields of `dtls_statistics`."""
        return _fields("dtls_statistics", lib.dtls_connection_get_statistics(self._connection))

    @property
    def failure(self) -> Failure | None:
        """Why the connection died; None while it lives."""
        failure = lib.dtls_connection_get_failure(self._connection)
        if not failure:
            return None
        return Failure(
            error=_text(lib.dtls_error_name(failure.error)),
            reason=_text(lib.dtls_strerror(failure.error)),
            alert=int(failure.alert),
            state=_text(failure.state),
            message=_text(failure.message),
            field=_text(failure.field),
            section=_text(failure.section),
        )

    def wipe(self) -> None:
        """Wipes all secrets and ends the connection without sending anything. Safe to call twice."""
        if self._connection:
            lib.dtls_connection_wipe(self._connection)
            self._connection = ffi.NULL

    def __del__(self) -> None:
        self.wipe()

    def _open(self) -> None:
        problem = ffi.new("dtls_config_problem *")
        result = lib.dtls_config_check(self._config, problem)
        if result != lib.DTLS_OK:
            raise LibdtlsError(result, f"{_text(problem.field)}: expected {_text(problem.expected)}")
        session_len = lib.dtls_session_size(self._config)
        handshake_len = lib.dtls_handshake_size(self._config)
        out = ffi.new("dtls_connection **")
        result = lib.dtls_connection_open(
            self._config,
            self._block(session_len),
            session_len,
            self._block(handshake_len),
            handshake_len,
            out,
        )
        self._check(result, "open")
        self._connection = out[0]

    def _block(self, length: int) -> Any:
        memory = self._hold(ffi.new("uint8_t[]", length + _ALIGNMENT))
        address = int(ffi.cast("uintptr_t", memory))
        return ffi.cast("void *", address + -address % _ALIGNMENT)

    def _set_credential(self, certificate: bytes, private_key: bytes) -> None:
        spans = self._hold(ffi.new("dtls_span[]", lib.DTLS_MAX_CHAIN))
        out = self._hold(ffi.new("uint8_t[]", len(certificate)))
        count = ffi.new("size_t *", lib.DTLS_MAX_CHAIN)
        self._check(
            lib.dtls_libcrypto_chain_read(certificate, len(certificate), out, len(out), spans, count),
            "certificate",
        )
        key, kind = ffi.new("dtls_private_key **"), ffi.new("dtls_key_type *")
        self._check(
            lib.dtls_libcrypto_private_key_read(private_key, len(private_key), key, kind), "private_key"
        )
        self._hold(ffi.gc(key[0], lib.dtls_libcrypto_private_key_free))
        self._config.credentials = self._hold(
            ffi.new(
                "dtls_credential[1]",
                [{"chain": spans, "chain_len": count[0], "key_type": kind[0], "private_key": key[0]}],
            )
        )
        self._config.num_credentials = 1

    def _set_trust(self, trust: bytes) -> None:
        anchors = ffi.new("dtls_trust_anchors **")
        self._check(lib.dtls_libcrypto_trust_anchors_read(trust, len(trust), anchors), "trust")
        self._config.trust_anchors = self._hold(ffi.gc(anchors[0], lib.dtls_libcrypto_trust_anchors_free))

    def _look_after_events(self, now: int) -> None:
        """Takes events out of the library before their spans go stale, and answers what can be answered."""
        event = ffi.new("dtls_event *")
        while lib.dtls_poll_event(self._connection, event) == lib.DTLS_OK:
            taken = _event(event)
            self._events.append(taken)
            self.connected = self.connected or taken.kind == "connected"
            self.closed = self.closed or taken.kind in ("peer_closed", "failed")
            if taken.kind == "look_up_psk" and self._psk is not None:
                identity, key = self._psk
                wrong = self._role == "server" and taken.data != identity
                self._events.pop()
                self.answer_psk(now, b"" if wrong else key, identity if self._role == "client" else b"")

    def _codes(self, kind: str, codes: Sequence[int]) -> Any:
        if not codes:
            return getattr(lib, f"dtls_default_{kind}s")
        objects = []
        for code in codes:
            found = getattr(lib, f"dtls_{kind}_by_code")(code)
            if not found:
                raise LibdtlsError(lib.DTLS_ERROR_CONFIG, f"libdtls has no {kind} 0x{code:04x}")
            objects.append(found)
        return self._list(f"dtls_{kind}", objects)

    def _list(self, kind: str, objects: Sequence[Any]) -> Any:
        return self._hold(ffi.new(f"const {kind} *[]", [*objects, ffi.NULL]))

    def _span(self, data: bytes) -> dict[str, Any]:
        return {"data": self._hold(ffi.new("uint8_t[]", data)) if data else ffi.NULL, "len": len(data)}

    def _hold(self, value: Any) -> Any:
        self._keep.append(value)
        return value

    def _time(self, now: int) -> Any:
        calendar = self._calendar + now // 10**9 if self._calendar else 0
        return ffi.new("dtls_time *", {"monotonic_ns": now, "calendar_s": calendar})[0]

    def _check(self, result: int, what: str) -> None:
        if result < 0:
            raise LibdtlsError(result, what)


def transitions(role: Role, part: str = "protocol") -> list[Transition]:
    """A state table of DTLS 1.2 in a role, row by row: the protocol's own, or what another part adds."""
    kind, name = PARTS[part]
    name = name.format(role=role)
    if part == "status_request" and role == "server":
        return []
    row = ffi.new("dtls_transition *")
    rows: list[Transition] = []
    at = getattr(lib, f"dtls_{kind}_transition")
    while at(ffi.addressof(lib, name), len(rows), row) == lib.DTLS_OK:
        rows.append(Transition(_text(row.state), _text(row.message), _text(row.next)))
    return rows


def _event(event: Any) -> ConnectionEvent:
    return ConnectionEvent(
        kind=_EVENTS.get(int(event.kind), f"event_{int(event.kind)}"),
        alert_level=event.alert_level,
        alert=event.alert,
        scheme=event.scheme,
        data=_bytes(event.bytes),
        chain=tuple(_bytes(event.chain[n]) for n in range(event.chain_len)),
    )


def _bytes(span: Any) -> bytes:
    return bytes(ffi.buffer(span.data, span.len)) if span.data else b""


def _span(fields: dict[str, Any]) -> Any:
    return ffi.new("dtls_span *", fields)[0]


def _fields(kind: str, value: Any) -> dict[str, int]:
    """The numbers among the fields of a structure."""
    return {
        name: int(getattr(value, name))
        for name, field in ffi.typeof(kind).fields
        if field.type.kind in ("primitive", "enum")
    }


def _text(value: Any) -> str:
    return bytes(ffi.string(value)).decode(errors="replace") if value else ""
