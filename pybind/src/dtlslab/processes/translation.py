# SPDX-License-Identifier: MIT
"""From the settings of a case, which stacks in process understand, to features and values of a contract."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dtlslab import locations
from dtlslab.configuration import PSK_IDENTITY, PSK_KEY
from dtlslab.processes.contract import Choice, Contract

Settings = Mapping[str, Any]
"""Settings of `dtlslab.configuration.make_config`."""

UDP_AND_IPV4 = 28
"""Bytes of headers around a datagram's payload."""

EXPORTED_LEN = 32
"""Bytes of keying material, as many as the endpoint contract exports."""

_UNDERSTOOD = {
    "key",
    "psk",
    "authenticate",
    "suites",
    "groups",
    "mtu",
    "cookies",
    "extended_master_secret",
    "application_protocols",
    "max_fragment_length",
    "srtp_profiles",
    "exporter_label",
    "ocsp_stapling",
    "raw_public_keys",
}


def wanted_features(contract: Contract, role: str, settings: Settings) -> list[str]:
    """The features of the contract that these settings ask for, and the key log where there is one."""
    unknown = set(settings) - _UNDERSTOOD
    if unknown:
        raise ValueError(f"a case with {', '.join(sorted(unknown))} cannot be run with programs")
    description = contract.role(role)
    assert description is not None
    wanted = {
        "certificate": "key" in settings,
        "psk": bool(settings.get("psk")),
        "client-auth": bool(settings.get("authenticate")),
        "cookie": settings.get("cookies") is True,
        "no-cookie": settings.get("cookies") is False,
        "ems": settings.get("extended_master_secret") is True,
        "no-ems": settings.get("extended_master_secret") is False,
        "mtu": "mtu" in settings,
        "alpn": bool(settings.get("application_protocols")),
        "mfl": bool(settings.get("max_fragment_length")),
        "srtp": bool(settings.get("srtp_profiles")),
        "exporter": bool(settings.get("exporter_label")),
        "ocsp": bool(settings.get("ocsp_stapling")),
        "rpk": bool(settings.get("raw_public_keys")),
        "suite": bool(settings.get("suites")),
        "group": bool(settings.get("groups")),
        "keylog": "keylog" in description.features,
    }
    return [name for name, asked in wanted.items() if asked]


def inexpressible(contract: Contract, role: str, settings: Settings) -> list[str]:
    """What these settings ask for that the contract has no way to give, in words for a reason."""
    description = contract.role(role)
    if description is None:
        return [f"the role {role}"]
    words = [name.replace("_", " ") for name in settings if name not in _UNDERSTOOD]
    for name, table in (("suites", "suites"), ("groups", "groups"), ("srtp_profiles", "srtp")):
        codes = settings.get(name) or ()
        if len(codes) > 1 or any(f"{code:04x}" not in getattr(contract, table) for code in codes):
            words.append(f"the {name.replace('_', ' ')} " + ", ".join(f"{code:04x}" for code in codes))
    known = {name: value for name, value in settings.items() if name in _UNDERSTOOD}
    return words + [
        name for name in wanted_features(contract, role, known) if name not in description.features
    ]


def placeholders(contract: Contract, role: str, settings: Settings) -> dict[str, str]:
    """What the placeholders of a contract stand for under these settings."""
    credentials = locations.PACKAGE / "credentials"
    key = settings.get("key", "p256")
    psk = settings.get("psk")
    identity, secret = psk if isinstance(psk, tuple) else (PSK_IDENTITY, PSK_KEY)
    mtu = int(settings.get("mtu", 0))
    other = "client" if role == "server" else "server"
    protocols = [name.decode() for name in settings.get("application_protocols", ())] or [""]
    return {
        "certificate": str(credentials / f"{role}-{key}.pem"),
        "key": str(credentials / f"{role}-{key}.key.pem"),
        "authority": str(credentials / "authority.pem"),
        "server_name": "server.dtlslab.test",
        "psk_identity": identity.decode(),
        "psk_key_hex": secret.hex(),
        "mtu": str(mtu),
        "link_mtu": str(mtu + UDP_AND_IPV4),
        "alpn": ",".join(protocols),
        "alpn_first": protocols[0],
        "alpn_last": protocols[-1],
        "mfl": str(settings.get("max_fragment_length", 0)),
        "srtp": _option(contract.srtp, settings.get("srtp_profiles")),
        "exporter_label": str(settings.get("exporter_label", "")),
        "exporter_len": str(EXPORTED_LEN),
        "ocsp_response": str(credentials / f"{role}-{key}.ocsp.der"),
        "public_key": str(credentials / f"{role}-{key}.public.pem"),
        "peer_key": str(credentials / f"{other}-{key}.public.pem"),
        "suite": _option(contract.suites, settings.get("suites")),
        "group": _option(contract.groups, settings.get("groups")),
    }


def _option(choices: Any, codes: Any) -> str:
    chosen: Choice | None = choices.get(f"{codes[0]:04x}") if codes else None
    return chosen.option if chosen is not None else ""
