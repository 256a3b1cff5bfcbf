# SPDX-License-Identifier: MIT
"""The four external programs, in real time over loopback, against a stack in process."""

from __future__ import annotations

import dataclasses
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from dtlslab import Result, Verdict
from dtlslab.fate import Fate, drop
from dtlslab.passing import Passing
from dtlslab.processes import known
from dtlslab.processes.program import Program, free_port
from dtlslab.processes.translation import placeholders
from dtlslab.trace import load_trace
from dtlslab_interop import implementations
from dtlslab_interop.bench import Bench
from dtlslab_interop.case import Case
from dtlslab_interop.cases import all_cases
from dtlslab_interop.cell import run_cell
from dtlslab_interop.wire import Wire

SERVERS = ("openssl-s_server", "gnutls-serv")
CLIENTS = ("openssl-s_client", "gnutls-cli")

pytestmark = pytest.mark.realtime


def cell(case: Case | str, client: str, server: str, out: Path, lose_flight: int = 0) -> Result:
    def prepare(bench: Bench) -> None:
        @bench.lab.on_datagram
        def hook(datagram: Passing) -> Fate | None:
            return drop() if datagram.flight == lose_flight else None

    chosen = all_cases()[case] if isinstance(case, str) else case
    sides = implementations.find(client), implementations.find(server)
    return run_cell(chosen, *sides, seed=1, out=out, prepare=prepare if lose_flight else None)


@pytest.fixture(autouse=True)
def no_program_is_left() -> Iterator[None]:
    yield
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert "/credentials/" not in "".join(
        line for line in listed.splitlines() if line.split(" ")[0] in ("openssl", "gnutls-serv", "gnutls-cli")
    )


@pytest.mark.parametrize("case", ["handshake-psk", "transfer-1mib"])
@pytest.mark.parametrize(
    ("client", "server"), [*(("openssl", s) for s in SERVERS), *((c, "openssl") for c in CLIENTS)]
)
def test_programs_pass(tmp_path: Path, case: str, client: str, server: str) -> None:
    result = cell(case, client, server, tmp_path)
    assert result.verdict is Verdict.PASS, result
    left = {path.name for path in (tmp_path / str(result.trace)).iterdir()}
    assert {"events.jsonl", "capture.pcapng"} < left
    assert any(name.endswith(".messages.txt") for name in left)


@pytest.mark.parametrize(("client", "server"), [("openssl", "openssl-s_server"), ("gnutls-cli", "openssl")])
def test_programs_fail_when_their_credentials_are_wrong(tmp_path: Path, client: str, server: str) -> None:
    case = all_cases()["client-authentication"]
    broken = dataclasses.replace(case, client={"key": "p256"})
    result = cell(broken, client, server, tmp_path)
    assert result.verdict is Verdict.FAIL
    assert "was not completed" in result.reason


def test_losses_reach_programs(tmp_path: Path) -> None:
    case = all_cases()["no-common-suite"]
    result = cell(case, "openssl-s_client", "openssl", tmp_path, lose_flight=1)
    assert result.verdict is Verdict.FAIL
    assert "sent no alert" in result.reason


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("server", SERVERS)
def test_program_meets_program_and_the_trace_is_decrypted(tmp_path: Path, client: str, server: str) -> None:
    result = cell("handshake-certificate", client, server, tmp_path)
    assert result.verdict is Verdict.PASS, result
    trace = load_trace(tmp_path / str(result.trace))
    assert any(line.startswith("CLIENT_RANDOM ") for line in trace.keylog)
    assert [
        name for name in ("client", "server") if "finished" in Wire(trace.events).message_types(name)
    ] == [
        "client",
        "server",
    ]


def test_a_known_failure_of_a_program_is_expected(tmp_path: Path) -> None:
    result = cell("close-by-client", "openssl", "gnutls-serv", tmp_path)
    assert (result.verdict, result.expected) == (Verdict.FAIL, True)


@pytest.mark.parametrize(
    ("command", "verdict", "reason"),
    [("exit 127", Verdict.UNSUPPORTED, "status 127"), ("kill -SEGV $$", Verdict.CRASH, "signal 11")],
)
def test_a_program_that_ends_by_itself(tmp_path: Path, command: str, verdict: Verdict, reason: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        'contract = 1\nname = "mine"\nstack = "mine"\ninstall = "none"\n'
        'version = { command = ["true"], pattern = "(x)" }\n'
        f'[server]\ncommand = ["sh", "-c", "{command}"]\nready.bound = true\nfeatures.psk = {{}}\n'
    )
    result = cell("handshake-psk", "openssl", str(path), tmp_path)
    assert (result.verdict, result.expected) == (verdict, False)
    assert reason in result.reason


def test_a_server_that_runs_already(tmp_path: Path) -> None:
    contract = known.known()["gnutls-serv"]
    case = all_cases()["handshake-psk"]
    port = free_port()
    values = {**placeholders(contract, "server", case.server), "host": "127.0.0.1", "port": str(port)}
    with Program(contract, "server", ["psk"], values, tmp_path) as program:
        program.start()
        program.wait_ready()
        result = cell(case, "openssl", f"udp://127.0.0.1:{port}", tmp_path)
        assert result.verdict is Verdict.PASS, result
    assert (tmp_path / str(result.trace) / "capture.pcapng").is_file()
