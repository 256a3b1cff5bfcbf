# SPDX-License-Identifier: MIT
"""What an endpoint is to be: the fields of `struct dtlslab_config`, as Python values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from dtlslab import locations, units
from dtlslab.errors import BadInput

CALENDAR_SECONDS = 1767225600
"""2026-01-01T00:00:00Z, the calendar at carrier time 0 unless a configuration says otherwise."""

PSK_IDENTITY = b"dtlslab"
PSK_KEY = bytes(range(16))

VERSIONS = {"1.0": 0xFEFF, "1.2": 0xFEFD, "1.3": 0xFEFC}
CLIENT_AUTH = {"none": 0, "request": 1, "require": 2}


class EndpointConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A configuration. What is None or empty leaves the stack's own default in place."""

    role: str
    """`client` or `server`."""
    min_version: str | None = None
    """`1.0`, `1.2` or `1.3`."""
    max_version: str | None = None
    suites: tuple[int, ...] = ()
    """IANA code points, most preferred first."""
    groups: tuple[int, ...] = ()
    schemes: tuple[int, ...] = ()
    certificate: bytes = b""
    """Chain in PEM, leaf first."""
    private_key: bytes = b""
    trust: bytes = b""
    """Trust anchors in PEM; empty: the peer's chain is not verified."""
    server_name: str | None = None
    client_auth: str = "none"
    """Server: `none`, `request` or `require`."""
    psk_identity: bytes = b""
    psk_key: bytes = b""
    psk_hint: bytes = b""
    mtu: int = 0
    cookies: bool | None = None
    extended_master_secret: bool | None = None
    tickets: bool | None = None
    connection_id: bool | None = None
    local_connection_id: bytes = b""
    application_protocols: tuple[bytes, ...] = ()
    """ALPN, most preferred first."""
    max_fragment_length: int = 0
    """Client: asks for 512, 1024, 2048 or 4096."""
    record_size_limit: int = 0
    encrypt_then_mac: bool | None = None
    session_ids: bool | None = None
    """Resumption by session id."""
    ocsp_stapling: bool | None = None
    """Client: asks for the state of the server's certificate."""
    ocsp_response: bytes = b""
    """Server: what it staples, in DER."""
    raw_public_keys: bool | None = None
    """Keys instead of certificates, both ways (RFC 7250)."""
    peer_public_key: bytes = b""
    """The one key, in PEM, that is accepted with `raw_public_keys`; empty: any."""
    srtp_profiles: tuple[int, ...] = ()
    exporter_label: str | None = None
    """What the keying material of `SessionInfo.exported` is made with."""
    initial_timeout_ns: int = 0
    seed: int = 0
    calendar_seconds: int = CALENDAR_SECONDS


def make_config(
    role: str,
    *,
    key: str | None = None,
    psk: bool | tuple[bytes, bytes] = False,
    verify: bool = True,
    authenticate: bool = False,
    initial_timeout: float | str | None = None,
    mtu: int | str = 0,
    suites: Sequence[int] = (),
    groups: Sequence[int] = (),
    schemes: Sequence[int] = (),
    **fields: Any,
) -> EndpointConfig:
    """A configuration with the laboratory's credentials filled in.

    A server gets the P-256 server certificate and a client trusts the authority
    behind it, unless `psk` is given, alone: True for the laboratory's own key, or
    `(identity, key)`. `key` picks the certificate: `p256`, `p384`, `p521`,
    `ed25519`, `rsa2048` or `rsapss2048`.
    `authenticate` gives a client its certificate and a server the authority.
    `verify=False` leaves the peer's chain unverified. `raw_public_keys` knows the
    other side's key, and a server with `ocsp_stapling` has a response to staple.
    Any field of `EndpointConfig` may be given by name and wins.
    """
    filled: dict[str, Any] = {}
    if psk:
        identity, secret = psk if isinstance(psk, tuple) else (PSK_IDENTITY, PSK_KEY)
        filled.update(psk_identity=identity, psk_key=secret)
    if key is None and not psk and "certificate" not in fields:
        key = "p256"
    if key is not None and (role == "server" or authenticate):
        filled["certificate"] = _credential(f"{role}-{key}")
        filled["private_key"] = _credential(f"{role}-{key}.key")
    if key is not None and verify and (role == "client" or authenticate):
        filled["trust"] = locations.credential("authority")
    if key is not None and verify and role == "client":
        filled["server_name"] = "server.dtlslab.test"
    if authenticate and role == "server":
        filled["client_auth"] = "require"
    if fields.get("raw_public_keys") and key is not None and "trust" in filled:
        other = "client" if role == "server" else "server"
        filled["peer_public_key"] = _credential(f"{other}-{key}.public")
        del filled["trust"]
    if fields.get("ocsp_stapling") and role == "server":
        filled["ocsp_response"] = locations.ocsp_response(f"server-{key}")
    if initial_timeout is not None:
        filled["initial_timeout_ns"] = units.nanoseconds(initial_timeout)
    filled.update(mtu=units.size(mtu), suites=tuple(suites), groups=tuple(groups), schemes=tuple(schemes))
    filled.update(fields)
    config = _construct(role, filled)
    _check(config)
    return config


def _construct(role: str, fields: dict[str, Any]) -> EndpointConfig:
    try:
        return EndpointConfig(role=role, **fields)
    except TypeError:
        known = set(EndpointConfig.__struct_fields__)
        unknown = ", ".join(sorted(set(fields) - known))
        raise BadInput(
            f"an endpoint has no setting named {unknown}; it has {', '.join(sorted(known))}"
        ) from None


def _check(config: EndpointConfig) -> None:
    for name in ("min_version", "max_version"):
        value = getattr(config, name)
        if value is not None and value not in VERSIONS:
            raise BadInput(f"{value!r}; expected one of {', '.join(VERSIONS)}", field=name)
    if config.client_auth not in CLIENT_AUTH:
        raise BadInput(
            f"{config.client_auth!r}; expected one of {', '.join(CLIENT_AUTH)}", field="client_auth"
        )
    if config.role not in ("client", "server"):
        raise BadInput(f"{config.role!r}; expected client or server", field="role")


def _credential(name: str) -> bytes:
    try:
        return locations.credential(name)
    except FileNotFoundError:
        raise BadInput(
            f"there is no credential {name!r}; expected p256, p384, p521, ed25519, rsa2048 or rsapss2048",
            field="key",
        ) from None
