# SPDX-License-Identifier: MIT
"""Cases and dissector on real stacks, in a world of the laboratory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dtlslab.endpoints import find
from dtlslab.lab import Lab
from dtlslab.stack import Stack
from dtlslab.verdict import Verdict
from dtlslab_conformance import matrix
from dtlslab_conformance.cases import all_cases, select_cases
from dtlslab_conformance.crypto.suites import SUITES

STACKS = ("libdtls", "openssl", "gnutls", "mbedtls", "wolfssl")


@pytest.mark.parametrize("name", STACKS)
def test_all_cases_end_as_expected(name: str, tmp_path: Path) -> None:
    stack = find(name)
    odd = [
        f"{result.case}: {result.verdict} {result.reason}"
        for case in all_cases()
        for role in case.roles
        if not (result := matrix.run_cell(case, stack, role, seed=3, out=None)).expected
    ]
    assert not odd
    assert not list(tmp_path.iterdir())


def test_cell_leaves_a_trace_and_a_command(tmp_path: Path) -> None:
    (case,) = select_cases(["rfc6347-4.1.2.6-replayed-record-dropped"])
    result = matrix.run_cell(case, find("openssl"), "server", seed=1, out=tmp_path)
    assert result.verdict is Verdict.PASS
    assert result.citation is not None
    assert str(result.citation) == "RFC 6347 section 4.1.2.6"
    assert result.trace is not None
    assert (tmp_path / result.trace / "capture.pcapng").stat().st_size > 0
    assert result.command.endswith(
        "conformance --endpoint openssl --role server --case rfc6347-4.1.2.6-replayed-record-dropped"
    )


def test_missing_capability_is_unsupported_and_named() -> None:
    stack = find("openssl")
    poor = Stack(stack.name, stack.version, stack.capabilities - {"mtu"}, stack.path)
    (case,) = select_cases(["hello-flight-fits-mtu"])
    result = matrix.run_cell(case, poor, "server", seed=1, out=None)
    assert result.verdict is Verdict.UNSUPPORTED
    assert "mtu" in result.reason


def records_of(lab: Lab) -> Iterator[dict[str, Any]]:
    for event in lab.trace.events:
        yield from json.loads(json.dumps(event.data)).get("records", [])


@pytest.mark.parametrize("client", STACKS)
@pytest.mark.parametrize("server", STACKS)
def test_dissector_decrypts_all_of_a_handshake(client: str, server: str) -> None:
    lab = Lab(seed=5)
    served = lab.server(server, cookies=True)
    session = lab.client(client).connect(served)
    lab.run(until=lambda: session.connected)
    session.send(b"some data")
    session.close()
    lab.run(until=lab.now + 1)
    records = list(records_of(lab))
    assert all(record["decrypted"] for record in records if record["encrypted"])
    kinds = [message["type"] for record in records for message in record.get("messages", [])]
    assert kinds.count("finished") == 2
    assert {"client_hello", "hello_verify_request", "certificate", "server_hello_done"} <= set(kinds)
    assert {r["alert"]["description"] for r in records if "alert" in r} == {"close_notify"}
    flights = [e.data["flight"] for e in lab.trace.events if e.data.get("flight")]
    assert sorted(set(flights)) == [1, 2, 3, 4, 5, 6]


def test_dissector_decrypts_cbc_suites() -> None:
    stack = find("gnutls")
    wanted = [s for s in SUITES.values() if s.cipher.kind == "cbc" and s.exchange in ("ecdhe", "psk")]
    suites = [s for s in wanted if stack.supports(f"suite:{s.code:04x}")]
    assert suites
    for suite in suites:
        common: dict[str, Any] = {"suites": (suite.code,)}
        common |= {"psk": True} if suite.exchange == "psk" else {}
        common |= {"key": "rsa2048"} if suite.authentication == "rsa" else {}
        lab = Lab(seed=5)
        session = lab.client("gnutls", **common).connect(lab.server("gnutls", **common))
        lab.run(until=5)
        assert session.connected, suite.name
        assert all(record["decrypted"] for record in records_of(lab) if record["encrypted"]), suite.name


def test_dissector_tells_retransmissions() -> None:
    from dtlslab.fate import Fate, drop
    from dtlslab.passing import Passing

    lab = Lab(seed=5)
    served, client = lab.server("openssl", cookies=False), lab.client("openssl")

    @lab.on_datagram
    def lose_first_answer(passing: Passing) -> Fate | None:
        return drop() if passing.sender is served and passing.nth == 1 else None

    session = client.connect(served)
    lab.run(until=lambda: session.connected)
    repeated = [e.data["flight"] for e in lab.trace.events if e.data.get("retransmission")]
    assert repeated
    assert set(repeated) <= {1, 4}


def test_dissector_reads_connection_ids(tmp_path: Path) -> None:
    (case,) = select_cases(["rfc9146-4-padding-removed"])
    result = matrix.run_cell(case, find("libdtls"), "server", seed=1, out=tmp_path)
    assert result.trace is not None
    lines = (tmp_path / result.trace / "events.jsonl").read_text(encoding="utf-8").splitlines()
    records = [record for line in lines for record in json.loads(line)["data"].get("records", [])]
    protected = [record for record in records if record["epoch"]]
    assert protected
    assert all(record["decrypted"] for record in protected)
    assert {record["connection_id"] for record in protected} == {b"tester".hex(), "5a010203"}
    assert {record["content_type"] for record in protected} == {"handshake", "application_data"}
