# SPDX-License-Identifier: MIT
"""Every case of a feature is shown to fail when the feature is not there; and who has which feature."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from dtlslab import Verdict, endpoints, locations
from dtlslab.plugins import PlanOptions
from dtlslab.processes.contract import Contract
from dtlslab.processes.translation import inexpressible, placeholders, wanted_features
from dtlslab_interop import implementations, matrix
from dtlslab_interop.cases import all_cases
from dtlslab_interop.cell import run_cell

Row = tuple[str, str, dict[str, Any], dict[str, Any], str]

NO_AUTHORITY = {"trust": locations.credential("client-p256")}
VERSION_1_2 = {"min_version": "1.2", "max_version": "1.2"}
FAMILIES = ("certificate-", "client-certificate-", "srtp-", "scheme-", "dtls-1.0", "fallback-")

BROKEN: list[Row] = [
    ("alpn", "gnutls openssl", {"application_protocols": ()}, {}, "application protocol b''"),
    (
        "alpn-no-common-protocol",
        "gnutls openssl",
        {"application_protocols": (b"echo/1",)},
        {},
        "is connected",
    ),
    ("max-fragment-length", "gnutls openssl", {"max_fragment_length": 0}, {}, "did not answer with max_frag"),
    (
        "record-size-limit",
        "gnutls libdtls",
        {},
        {"record_size_limit": 0},
        "not answer with record_size_limit",
    ),
    (
        "encrypt-then-mac",
        "gnutls openssl",
        {},
        {"encrypt_then_mac": False},
        "not answer with encrypt_then_mac",
    ),
    (
        "no-encrypt-then-mac",
        "gnutls openssl",
        {"encrypt_then_mac": None},
        {},
        "answered with encrypt_then_mac",
    ),
    ("srtp-aes128-cm-sha1-80", "gnutls openssl", {}, {"srtp_profiles": ()}, "srtp profile 0, not 1"),
    (
        "srtp-aes128-cm-sha1-32",
        "gnutls libdtls",
        {"exporter_label": "EXPERIMENTAL"},
        {},
        "differ in exported",
    ),
    ("exporter", "openssl gnutls", {"exporter_label": "EXPERIMENTAL"}, {}, "the sides differ in exported"),
    ("exporter", "mbedtls wolfssl", {"exporter_label": "EXPERIMENTAL"}, {}, "the sides differ in exported"),
    ("server-name", "openssl gnutls", {"server_name": None}, {}, "was told the name ''"),
    ("ocsp-stapling", "openssl gnutls", {}, {"ocsp_response": b""}, "did not answer with status_request"),
    (
        "raw-public-key",
        "gnutls gnutls",
        {"raw_public_keys": False},
        {"raw_public_keys": False},
        "not answer with server_c",
    ),
    (
        "raw-public-keys",
        "gnutls gnutls",
        {"peer_public_key": locations.credential("client-p256.public")},
        {},
        "not completed",
    ),
    ("connection-id", "libdtls libdtls", {}, {"connection_id": False}, "did not answer with connection_id"),
    ("certificate-p384", "gnutls openssl", NO_AUTHORITY, {}, "was not completed"),
    ("client-certificate-p521", "openssl gnutls", {}, NO_AUTHORITY, "was not completed"),
    ("client-certificate-requested", "gnutls openssl", {"authenticate": False}, {}, "no certificate_verify"),
    ("client-certificate-declined", "gnutls openssl", {"authenticate": True}, {}, "sent certificate_verify"),
    ("client-certificate-missing", "gnutls openssl", {"authenticate": True}, {}, "did not refuse"),
    ("psk-hint", "gnutls openssl", {}, {"psk_hint": b""}, "the server sent no hint"),
    ("dtls-1.0", "gnutls openssl", VERSION_1_2, VERSION_1_2, "version 0xfefd, not 0xfeff"),
    ("fallback-of-client", "gnutls openssl", {}, VERSION_1_2, "version 0xfefd, not 0xfeff"),
    ("fallback-of-server", "gnutls openssl", VERSION_1_2, {}, "version 0xfefd, not 0xfeff"),
    ("resumption-by-id", "gnutls openssl", {}, {"session_ids": False}, "made a full handshake"),
    (
        "scheme-ecdsa-secp256r1-sha256",
        "gnutls openssl",
        {"schemes": [0x0503, 0x0403]},
        {"schemes": [0x0503, 0x0403]},
        "signed with ecdsa_secp384r1_sha384",
    ),
]


@pytest.mark.parametrize(("name", "pair", "client", "server", "reason"), BROKEN)
def test_a_case_fails_without_its_feature(
    tmp_path: Path, name: str, pair: str, client: dict[str, Any], server: dict[str, Any], reason: str
) -> None:
    case = all_cases()[name]
    case = dataclasses.replace(case, client={**case.client, **client}, server={**case.server, **server})
    sides = [implementations.find(side) for side in pair.split()]
    result = run_cell(case, sides[0], sides[1], seed=1, out=tmp_path)
    assert result.verdict is Verdict.FAIL, result
    assert reason in result.reason
    assert result.citation is not None


def test_every_case_of_a_feature_is_shown_to_fail() -> None:
    shown = {row[0] for row in BROKEN}
    for name, case in all_cases().items():
        if case.check.__module__.endswith((".features", ".peers")) or name.startswith("scheme-"):
            family = next((start for start in FAMILIES if name.startswith(start)), None)
            assert name in shown or any(family and other.startswith(family) for other in shown), name


EVERYWHERE = {
    "alpn",
    "mfl",
    "etm",
    "no-etm",
    "session-ids",
    "tickets",
    "exporter",
    "ems",
    "dtls1.0",
    "dtls1.2",
}
FEATURES = {
    "libdtls": EVERYWHERE | {"rsl", "srtp", "cid", "psk-hint", "sni", "ocsp", "rpk"},
    "openssl": EVERYWHERE | {"srtp", "ocsp", "sni", "psk-hint"},
    "gnutls": EVERYWHERE | {"rsl", "srtp", "ocsp", "sni", "rpk", "psk-hint"},
    "mbedtls": EVERYWHERE | {"srtp", "sni"},
    "wolfssl": EVERYWHERE | {"sni", "psk-hint"},
}


@pytest.mark.parametrize("name", FEATURES)
def test_no_feature_vanishes_from_a_stack(name: str) -> None:
    """Cases are left out where a side does not claim what they need; a claim lost by mistake is seen here."""
    assert endpoints.find(name).capabilities >= FEATURES[name]


def test_our_programs_meet_the_others_and_only_in_a_whole_campaign() -> None:
    everything = matrix.pairs([], [])
    between = [(c, s) for c, s in everything if c.is_program and s.is_program]
    assert between
    assert all("libdtls" in (client.stack, server.stack) for client, server in between)
    options = PlanOptions(stacks=tuple(endpoints.installed()), seed=1, out="out")
    for scale, expected in (("default", False), ("all", True)):
        cells = [job.cell for job in matrix.plan(dataclasses.replace(options, scale=scale))]
        found = any(cell and cell.client == "libdtls-client" and "serv" in cell.server for cell in cells)
        assert found is expected


def test_the_settings_of_features_reach_a_program() -> None:
    contract = implementations.find("gnutls-cli").what
    assert isinstance(contract, Contract)
    settings = all_cases()["alpn"].settings("client")
    assert "alpn" in wanted_features(contract, "client", settings)
    values = placeholders(contract, "client", settings)
    assert (values["alpn_first"], values["alpn_last"], values["alpn"]) == ("other", "echo/1", "other,echo/1")
    settings = all_cases()["srtp-aes128-cm-sha1-80"].settings("client")
    assert wanted_features(contract, "client", settings) == ["certificate", "srtp", "exporter", "keylog"]
    assert placeholders(contract, "client", settings)["srtp"] == "SRTP_AES128_CM_HMAC_SHA1_80"
    assert not inexpressible(contract, "client", settings)
    assert inexpressible(contract, "client", {"srtp_profiles": [8]})
