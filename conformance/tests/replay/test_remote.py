# SPDX-License-Identifier: MIT
"""Replay and mutation against servers that run already, `udp://host:port`, in real time."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from dtlslab.cli import run_cli
from dtlslab.endpoints import find as find_stack
from dtlslab.processes import known
from dtlslab.processes.program import Program, free_port
from dtlslab.processes.translation import placeholders
from dtlslab.results import Cell
from dtlslab.verdict import Verdict
from dtlslab_conformance.replay import cells, finding, party, remote
from dtlslab_conformance.replay.capture import Source, capture_handshake
from dtlslab_conformance.replay.finding import Finding, load


@contextlib.contextmanager
def running(name: str, folder: Path, *, psk: bool = False) -> Iterator[str]:
    """A server with the laboratory's certificate or key, for as many sessions as come: where it is."""
    contract, port = known.known()[name], free_port()
    assert contract.server is not None
    command = tuple(" ".join(contract.server.command).replace(" -naccept 1", "").split())
    server = msgspec.structs.replace(contract.server, command=command)
    contract = msgspec.structs.replace(contract, server=server)
    settings: dict[str, Any] = {"psk": (b"dtlslab", bytes(range(16)))} if psk else {"key": "p256"}
    values = placeholders(contract, "server", settings) | {"host": "127.0.0.1", "port": str(port)}
    with Program(contract, "server", ["psk" if psk else "certificate"], values, folder) as program:
        program.start()
        program.wait_ready()
        yield f"udp://127.0.0.1:{port}"


def results(capsys: pytest.CaptureFixture[str], *command: str) -> tuple[int, list[dict[str, Any]]]:
    """The status of a command, and its results."""
    status = run_cli([*command, "--json", "-"])
    return status, json.loads(capsys.readouterr().out)


@pytest.mark.realtime
@pytest.mark.parametrize("name", ["openssl-s_server", "gnutls-serv", "libdtls-server"])
def test_a_capture_replayed_to_a_server_that_runs(
    name: str, capture_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with running(name, tmp_path) as target:
        arguments = [str(capture_file), "--endpoint", target, "--out", str(tmp_path)]
        for _ in range(2):
            status, (result,) = results(capsys, "replay", *arguments)
            assert (status, result["verdict"]) == (0, "pass"), result["reason"]
    assert result["metrics"]["departures"] == 0
    assert (result["client"], result["server"]) == ("tester", target)
    assert result["command"].endswith(f"--endpoint {target} --role server")
    assert (tmp_path / result["trace"] / "capture.pcapng").stat().st_size > 0


@pytest.mark.realtime
@pytest.mark.parametrize("name", ["openssl-s_server", "gnutls-serv", "libdtls-server"])
def test_mutations_of_it(
    name: str, capture_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    operators = ["--operator", "duplicate", "--operator", "change-field", "--places", "2"]
    with running(name, tmp_path) as target:
        arguments = [str(capture_file), "--endpoint", target, *operators, "--out", str(tmp_path)]
        status, found = results(capsys, "mutate", *arguments)
    assert status == 0, [result["reason"] for result in found]
    assert {result["case"]: result["metrics"]["mutations"] for result in found} == {
        "duplicate": 2,
        "change-field": 2,
    }
    assert not list((tmp_path / "findings").glob("*.toml"))


@pytest.mark.realtime
def test_a_finding_and_its_repetition(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """OpenSSL takes an identity with a zero byte after it for the one before."""
    capture = capture_handshake(find_stack("openssl"), "psk", 1, cookies=True)
    with running("openssl-s_server", tmp_path, psk=True) as target:
        wrong = Finding(
            capture="openssl-psk.pcapng",
            endpoint=target,
            role="server",
            operator="change-field",
            place="ClientKeyExchange.identity",
            parameters={"value": "hex:64746c736c616200"},
        )
        path = finding.save(tmp_path, wrong, capture)
        assert path.name.startswith("udp-127.0.0.1-")
        status, (result,) = results(capsys, "replay", str(path), "--out", str(tmp_path))
        assert (status, result["verdict"]) == (1, "fail")
        assert "connected, although" in result["reason"]
        saved = load(path)
        again = cells.run_finding(
            target,
            str(saved.capture),
            saved.finding,
            cells.make_cell("", "", "", party.find(target), "server", []),
            str(tmp_path),
        )
    assert again[0].verdict is Verdict.FAIL


def nobody(capture_file: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, Source, Cell]:
    """Where no server is, which is soon found out; what is to be replayed there, and its cell."""
    for module in (remote, party):
        monkeypatch.setattr(module, "PATIENCE", 0.2)
    target = f"udp://127.0.0.1:{free_port()}"
    cell = cells.make_cell("", "", "", party.find(target), "server", [])
    return target, Source(file=str(capture_file)), cell


@pytest.mark.realtime
def test_nobody_there(capture_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target, source, cell = nobody(capture_file, monkeypatch)
    (replayed,) = cells.run_replay(target, "server", source, cell, 1, str(tmp_path))
    assert replayed.verdict is Verdict.FAIL
    assert "did not complete the handshake" in replayed.reason
    (mutated,) = cells.run_operator(
        target, "server", "drop", [source], cells.Plan(places=1), cell, 1, str(tmp_path)
    )
    assert mutated.verdict is Verdict.INCONCLUSIVE
    assert "Nothing was changed yet" in mutated.reason


@pytest.mark.realtime
def test_a_server_that_is_gone_after_a_mutation(
    capture_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told as what was seen, and nothing more is tried on it."""
    monkeypatch.setattr(cells, "_first_seen", lambda *_: (False, None))
    target, source, cell = nobody(capture_file, monkeypatch)
    (result,) = cells.run_operator(
        target, "server", "tamper", [source], cells.Plan(places=3), cell, 1, str(tmp_path)
    )
    assert result.metrics["mutations"] == 1
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "it may be a server for one client" in result.reason
    assert not result.expected


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["replay", "FILE", "--endpoint", "udp://192.0.2.1:4433"], "--i-own-this-host"),
        (["mutate", "FILE", "--endpoint", "udp://127.0.0.1"], "is not udp://host:port"),
        (["replay", "FILE", "--endpoint", "udp://127.0.0.1:9", "--role", "client"], "cannot be a client"),
        (["mutate", "--endpoint", "udp://127.0.0.1:9"], "expected a capture or --from STACK"),
    ],
)
def test_wrong_use(
    arguments: list[str], message: str, capture_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [str(capture_file) if word == "FILE" else word for word in arguments]
    assert run_cli(words) == 2
    assert message in capsys.readouterr().err
