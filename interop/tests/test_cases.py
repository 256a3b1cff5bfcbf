# SPDX-License-Identifier: MIT
"""Every case is shown to fail: against sides that are set up wrongly, and on networks that misbehave."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from dtlslab import Result, Verdict, locations, memory
from dtlslab.fate import Fate, delay, drop, replace
from dtlslab.passing import Passing
from dtlslab_interop import implementations
from dtlslab_interop.bench import Bench
from dtlslab_interop.case import Case
from dtlslab_interop.cases import all_cases
from dtlslab_interop.cell import run_cell

Prepare = Callable[[Bench], None]

ALERT, APPLICATION_DATA = 21, 23
STACKS = ("libdtls", "openssl", "gnutls", "mbedtls", "wolfssl")


def cell(
    case: Case,
    tmp_path: Path,
    prepare: Prepare | None = None,
    client: str = "gnutls",
    server: str = "openssl",
) -> Result:
    sides = implementations.find(client), implementations.find(server)
    return run_cell(case, *sides, seed=1, out=tmp_path, prepare=prepare)


def altered(name: str, *, client: dict[str, Any] | None = None, server: dict[str, Any] | None = None) -> Case:
    """The case with other settings: its sides no longer do what it asks for."""
    case = all_cases()[name]
    return dataclasses.replace(
        case, client={**case.client, **(client or {})}, server={**case.server, **(server or {})}
    )


def on_datagrams(decide: Callable[[Passing], Fate | None]) -> Prepare:
    """A network that does to each datagram what `decide` says."""

    def prepare(bench: Bench) -> None:
        bench.lab.on_datagram(decide)

    return prepare


def lose(content_type: int) -> Callable[[Passing], Fate | None]:
    return lambda datagram: drop() if datagram.data[0] == content_type else None


def garble(content_type: int) -> Callable[[Passing], Fate | None]:
    def decide(datagram: Passing) -> Fate | None:
        if datagram.data[0] != content_type:
            return None
        return replace(datagram.data[:-1] + bytes([datagram.data[-1] ^ 1]))

    return decide


def slow_down(datagram: Passing) -> Fate | None:
    return delay(1.5) if datagram.flight == 4 and not datagram.retransmission else None


WRONG_SETTINGS: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("handshake-psk", {"psk": (b"dtlslab", b"another key")}, {}, "the handshake was not completed"),
    ("handshake-psk", {}, {"psk": False, "key": "p256"}, "the handshake was not completed"),
    ("client-authentication", {}, {"authenticate": False}, "never asked for a certificate"),
    (
        "client-authentication",
        {"authenticate": False},
        {"client_auth": "request"},
        "the client sent no certificate",
    ),
    ("cookie", {}, {"cookies": False}, "not with hello_verify_request"),
    ("no-cookie", {}, {"cookies": True}, "although cookies are off"),
    ("extended-master-secret", {"extended_master_secret": False}, {}, "the client did not send"),
    ("small-mtu", {"mtu": 0}, {"mtu": 0}, "told to keep to 512"),
    ("small-mtu", {"key": "p256", "mtu": 0}, {"mtu": 1400}, "bytes; it was told to keep to 512"),
    ("resumption", {}, {"tickets": False}, "made a full handshake the second time"),
    ("suite-psk-aes-128-gcm-sha256", {"suites": [0xC0A8]}, {"suites": [0xC0A8]}, "suite 0xc0a8, not 0x00a8"),
    ("group-x25519", {"groups": [23]}, {"groups": [23]}, "group 0x0017, not 0x001d"),
    ("no-common-suite", {}, {"key": "p256", "suites": [0xC02B]}, "is connected, and there is no common"),
    ("wrong-psk", {"psk": True}, {}, "is connected, and its key is not the peer's"),
    ("untrusted-server", {"trust": locations.credential("authority")}, {}, "is connected, and the server's"),
]


@pytest.mark.parametrize(("name", "client", "server", "reason"), WRONG_SETTINGS)
def test_a_case_fails_when_the_sides_do_not_do_what_it_asks(
    tmp_path: Path, name: str, client: dict[str, Any], server: dict[str, Any], reason: str
) -> None:
    case = dataclasses.replace(altered(name, client=client, server=server), network=memory())
    result = cell(case, tmp_path)
    assert result.verdict is Verdict.FAIL, result
    assert reason in result.reason
    assert result.citation is not None


BAD_NETWORKS: list[tuple[str, Callable[[Passing], Fate | None], str]] = [
    ("handshake-certificate", lambda d: drop() if d.sender.name == "server" else None, "was not completed"),
    ("handshake-certificate", slow_down, "and nothing was lost"),
    ("handshake-certificate", garble(APPLICATION_DATA), "of 64 bytes sent, 0 came back"),
    ("handshake-certificate-rsa", lambda d: drop() if d.flight == 5 else None, "was not completed"),
    ("no-extended-master-secret", lambda d: drop() if d.flight == 6 else None, "was not completed"),
    (
        "transfer-1mib",
        lambda d: drop() if d.data[0] == APPLICATION_DATA and d.nth == 400 else None,
        "came back",
    ),
    ("reordered-flights", lambda d: drop() if d.flight == 4 else None, "was not completed"),
    ("duplicated-datagrams", lambda d: drop() if d.flight == 4 else None, "was not completed"),
    ("close-by-client", lose(ALERT), "did not see the session closed"),
    ("close-by-server", lose(ALERT), "did not see the session closed"),
    *(
        (f"lost-flight-{n}", lambda d, n=n: drop() if d.flight == n else None, "was not completed")
        for n in range(1, 6)
    ),
]


@pytest.mark.parametrize(("name", "decide", "reason"), BAD_NETWORKS)
def test_a_case_fails_on_a_network_that_stands_in_its_way(
    tmp_path: Path, name: str, decide: Callable[[Passing], Fate | None], reason: str
) -> None:
    result = cell(all_cases()[name], tmp_path, on_datagrams(decide))
    assert result.verdict is Verdict.FAIL, result
    assert reason in result.reason


def test_every_case_is_shown_to_fail() -> None:
    shown = {row[0] for row in WRONG_SETTINGS} | {row[0] for row in BAD_NETWORKS} | {"lost-flight-6"}
    elsewhere = ("suite-", "group-", "scheme-")  # and test_features.py
    families = {
        name
        for name, case in all_cases().items()
        if not name.startswith(elsewhere) and not case.check.__module__.endswith((".features", ".peers"))
    }
    assert families <= shown
    assert any(name.startswith("suite-") for name in shown)
    assert any(name.startswith("group-") for name in shown)


def test_a_last_flight_that_never_arrives_fails_the_case(tmp_path: Path) -> None:
    """The server has its session and its Finished is always lost: the client does not count as connected."""
    result = cell(
        all_cases()["lost-flight-6"], tmp_path, on_datagrams(lambda d: drop() if d.flight == 6 else None)
    )
    assert result.verdict is Verdict.FAIL
    assert "client (gnutls)" in result.reason


def test_a_flight_that_cannot_be_lost_is_inconclusive(tmp_path: Path) -> None:
    """Without cookies there is no flight 2, so nothing was tested."""
    result = cell(altered("lost-flight-2", server={"cookies": False}), tmp_path)
    assert result.verdict is Verdict.INCONCLUSIVE


def test_flights_that_cannot_be_reordered_are_inconclusive(tmp_path: Path) -> None:
    case = altered(
        "reordered-flights", server={"mtu": 1400, "key": "p256"}, client={"mtu": 1400, "key": "p256"}
    )
    result = cell(case, tmp_path, client="libdtls", server="libdtls")
    assert result.verdict is Verdict.INCONCLUSIVE, result


@pytest.mark.parametrize("server", STACKS)
@pytest.mark.parametrize("client", STACKS)
@pytest.mark.parametrize("name", ["handshake-certificate", "transfer-1mib", "small-mtu", "lost-flight-6"])
def test_real_stacks_pass_or_fail_as_known(tmp_path: Path, name: str, client: str, server: str) -> None:
    result = cell(all_cases()[name], tmp_path, client=client, server=server)
    assert result.expected, result
    assert result.verdict is Verdict.PASS or "wolfssl" in (client, server)
    if result.verdict is not Verdict.UNSUPPORTED:
        assert {path.name for path in (tmp_path / str(result.trace)).iterdir()} == {
            "events.jsonl",
            "capture.pcapng",
        }


def test_the_same_seed_gives_the_same_verdict_and_time(tmp_path: Path) -> None:
    first, second = (cell(all_cases()["lost-flight-4"], tmp_path / str(n)) for n in range(2))
    assert (first.verdict, first.virtual_seconds) == (second.verdict, second.virtual_seconds)
    assert first.virtual_seconds >= 1.0


def test_what_is_not_claimed_is_unsupported_without_a_run(tmp_path: Path) -> None:
    case = dataclasses.replace(all_cases()["handshake-psk"], server_needs=("cid",))
    result = cell(case, tmp_path)
    assert result.verdict is Verdict.UNSUPPORTED
    assert result.reason == "openssl as server does not claim: cid"
    assert result.trace is None
    assert not result.expected
