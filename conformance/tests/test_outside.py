# SPDX-License-Identifier: MIT
"""Cases held with programs and with servers that run already, over real sockets."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from dtlslab.cli import run_cli
from dtlslab.processes import known
from dtlslab.processes.contract import Contract, Feature, Ready, Role, Version
from dtlslab.processes.program import Program, free_port
from dtlslab.processes.translation import placeholders
from dtlslab.results import Result
from dtlslab.verdict import Verdict
from dtlslab_conformance import outside
from dtlslab_conformance.case import Case
from dtlslab_conformance.cases import all_cases, by_name
from dtlslab_conformance.outside import LONGEST_WAIT, Outside
from dtlslab_conformance.run_case import judge, local_subject

REPLAYED = "rfc6347-4.1.2.6-replayed-record-dropped"
SILENT = "rfc6347-4.2.4-silent-after-handshake"
DIES = (
    "import os, socket, sys; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);"
    "s.bind(('127.0.0.1', int(sys.argv[1]))); s.recv(2000); os.kill(os.getpid(), 11)"
)


def held(case: str, target: str | Outside, role: str, out: Path | None = None) -> Result:
    """One cell with a program."""
    found = outside.find(target) if isinstance(target, str) else target
    assert found is not None
    return outside.run_cell(by_name()[case], found, role, seed=1, out=out)


@pytest.mark.realtime
@pytest.mark.parametrize(
    ("program", "role", "case", "verdict"),
    [
        ("openssl-s_server", "server", REPLAYED, Verdict.PASS),
        ("openssl-s_server", "server", "rfc4279-2-unknown-psk-identity-refused", Verdict.FAIL),
        ("openssl-s_client", "client", "rfc5246-7.4.2-untrusted-server-certificate-refused", Verdict.PASS),
        ("gnutls-serv", "server", REPLAYED, Verdict.PASS),
        ("gnutls-cli", "client", "rfc5246-7.4.9-plaintext-finished-refused", Verdict.PASS),
    ],
)
def test_programs_meet_the_cases_as_stacks_do(
    program: str, role: str, case: str, verdict: Verdict, tmp_path: Path
) -> None:
    result = held(case, program, role, tmp_path)
    assert (result.verdict, result.expected) == (verdict, True), result.reason
    assert result.trace is not None
    assert (tmp_path / result.trace / "capture.pcapng").stat().st_size > 0
    assert (tmp_path / result.trace / f"{role}.messages.txt").is_file()
    assert result.command.endswith(f"--endpoint {program} --role {role} --case {case}")


@pytest.mark.realtime
def test_a_server_that_runs_already(tmp_path: Path) -> None:
    contract, port = known.known()["gnutls-serv"], free_port()
    values = placeholders(contract, "server", {"key": "p256"}) | {"host": "127.0.0.1", "port": str(port)}
    with Program(contract, "server", ["certificate"], values, tmp_path) as program:
        program.start()
        program.wait_ready()
        result = held(REPLAYED, f"udp://127.0.0.1:{port}", "server", tmp_path)
    assert result.verdict is Verdict.PASS, result.reason


@pytest.mark.realtime
def test_a_program_that_dies_is_a_crash() -> None:
    contract = Contract(
        contract=1,
        name="mortal",
        stack="mortal",
        install="none",
        version=Version(command=(sys.executable, "--version"), pattern=r"Python (\S+)"),
        server=Role(
            command=(sys.executable, "-c", DIES, "{port}"),
            ready=Ready(bound=True),
            features={"suite": Feature(), "certificate": Feature()},
        ),
        suites=known.known()["openssl-s_server"].suites,
    )
    result = held(REPLAYED, Outside("mortal", "1", contract), "server")
    assert result.verdict is Verdict.CRASH
    assert "signal 11" in result.reason


def test_what_waits_long_is_left_out_and_said_so() -> None:
    result = held(SILENT, "openssl-s_server", "server")
    assert result.verdict is Verdict.INCONCLUSIVE
    assert result.expected
    assert "takes 102 s of real time. --long" in result.reason


@pytest.mark.parametrize(
    ("target", "role", "case", "reason"),
    [
        (
            "gnutls-cli",
            "client",
            "rfc8422-5.4-unoffered-group-refused",
            "no way to give: the groups",
        ),
        ("openssl-s_server", "server", "rfc5246-E.1-too-old-client-version-refused", "min version"),
        ("udp://127.0.0.1:9", "server", "rfc4279-2-unknown-psk-identity-refused", "cannot be told: psk"),
    ],
)
def test_what_cannot_be_given_is_unsupported(target: str, role: str, case: str, reason: str) -> None:
    result = held(case, target, role)
    assert result.verdict is Verdict.UNSUPPORTED
    assert result.expected
    assert reason in result.reason


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: case.name)
def test_cases_wait_no_longer_than_they_say(case: Case) -> None:
    for role in case.roles:
        subject = local_subject(case, role)
        judge(case, subject)
        assert subject.now <= (case.waits or LONGEST_WAIT)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--endpoint", "udp://192.0.2.1:4433"], "--i-own-this-host"),
        (["--endpoint", "udp://127.0.0.1"], "is not udp://host:port"),
        (["--endpoint", "openssl-s_server", "--role", "client"], "openssl-s_server cannot be a client"),
        (["--endpoint", "/nonesuch.toml"], "there is no contract file"),
        (["--endpoint", "nonesuch"], "Programs: gnutls-cli"),
    ],
)
def test_wrong_use(
    arguments: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_cli(["conformance", *arguments, "--out", str(tmp_path)]) == 2
    assert message in capsys.readouterr().err
