# SPDX-License-Identifier: MIT
"""The command line: exit statuses, machine-readable output, and how fast it answers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest
from dtlslab.cli import run_cli
from dtlslab.results import read_results, read_run
from dtlslab.trace import load_trace

ROOT = Path(__file__).resolve().parents[2]
DELAYED = str(ROOT / "scenarios" / "first-client-hellos-lost.toml")


def test_help_is_quick_and_whole() -> None:
    start = time.monotonic()
    command = [sys.executable, "-X", "importtime", "-m", "dtlslab", "--help"]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert time.monotonic() - start < 3.0  # generous: the machine may be busy
    for name in ("setup", "run", "test", "peers", "sim", "report", "bench"):
        assert f"  {name} " in ran.stdout
    for heavy in ("numpy", "scapy", "matplotlib", "jinja2", "rich", "cryptography", "_cffi_backend"):
        assert f" {heavy}\n" not in ran.stderr, f"{heavy} is imported for --help"


def test_peers_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["peers", "--json", "-"]) == 0
    listed = {peer["name"]: peer for peer in json.loads(capsys.readouterr().out)}
    assert "client" in listed["openssl"]["capabilities"]
    assert run_cli(["peers", "show", "gnutls"]) == 0
    assert "suites: " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (
            ["peers", "show", "nonesuch"],
            2,
            "there is no stack named 'nonesuch'; expected one of libdtls, openssl",
        ),
        (["peers", "show"], 2, "needs the name of a stack"),
        (["sim", "nonesuch.toml"], 2, "nonesuch.toml: "),
        (["sim", DELAYED, "--set", "run.runs=0"], 2, "run.runs: 0; expected at least 1"),
        (["sim"], 2, "Missing argument 'FILE'"),
        (["frobnicate"], 2, "No such command 'frobnicate'"),
        (["report", "nonesuch"], 2, "nonesuch: there is no such folder"),
        (["run", "--part", "nonesuch"], 2, "there is no part nonesuch"),
        (["setup"], 2, "./dtlslab setup"),
    ],
)
def test_wrong_use(
    arguments: list[str], status: int, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_cli(arguments) == status
    captured = capsys.readouterr()
    assert message in captured.err
    assert "Traceback" not in captured.err


def test_a_missing_stack_is_status_3(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("dtlslab.locations.library_folders", list)
    assert run_cli(["peers", "show", "gnutls"]) == 3
    assert "apt-get install libgnutls28-dev" in capsys.readouterr().err


def test_sim_leaves_everything_and_repeats(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def run(out: Path) -> list[bytes]:
        arguments = ["sim", DELAYED, "--seed", "7", "--out", str(out), "--set", "stack=openssl"]
        assert run_cli([*arguments, "--json", "-", "--junit", str(out.with_suffix(".xml"))]) == 0
        return [path.read_bytes() for path in sorted(out.glob("traces/**/*")) if path.is_file()]

    first = run(tmp_path / "a")
    (printed,) = json.loads(capsys.readouterr().out)
    (result,) = read_results(tmp_path / "a" / "results.jsonl")
    assert first == run(tmp_path / "b")
    assert len(first) == 2
    assert printed["verdict"] == "pass"
    assert "sim" in result.command
    assert "--set stack=openssl" in result.command
    recorded = read_run(tmp_path / "a" / "run.json")
    assert recorded.complete
    assert recorded.versions["openssl"]
    (case,) = ElementTree.parse(tmp_path / "a.xml").getroot().iter("testcase")
    assert case.get("name") == "first-client-hellos-lost"
    assert (tmp_path / "a" / "index.html").is_file()


def test_a_departure_is_status_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = ["--set", "expect.delayed_by=6s", "--set", "stack=openssl"]
    assert run_cli(["sim", DELAYED, "--out", str(tmp_path), *wrong, "--junit", str(tmp_path / "j.xml")]) == 1
    assert "is delayed by 7.000000000 s, expected 6.000000000 s" in " ".join(capsys.readouterr().out.split())
    (failure,) = ElementTree.parse(tmp_path / "j.xml").getroot().iter("failure")
    assert failure.get("type") == "fail"


def test_interrupted_it_leaves_what_was_done(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "dtlslab", "sim", str(ROOT / "scenarios" / "lossy-handshake.toml")]
    command += ["--set", "network.type=memory", "--runs", "20000", "--out", str(tmp_path), "--jobs", "2"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    end = time.monotonic() + 60
    while not list(tmp_path.glob("traces/sim/*/*/events.jsonl")):
        assert time.monotonic() < end
        assert process.poll() is None
        os.sched_yield()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "interrupted" in errors
    assert "Traceback" not in errors
    assert not read_run(tmp_path / "run.json").complete
    read_results(tmp_path / "results.jsonl")
    assert not list(tmp_path.rglob("*.partial"))
    for trace in tmp_path.glob("traces/sim/*/*"):
        assert load_trace(trace).events


def test_list_runs_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["sim", DELAYED, "--list", "--out", str(tmp_path / "out")]) == 0
    assert "first-client-hellos-lost  openssl → openssl" in capsys.readouterr().out
    assert not (tmp_path / "out").exists()


def test_qlog(tmp_path: Path) -> None:
    assert run_cli(["sim", DELAYED, "--out", str(tmp_path), "--set", "stack=openssl", "-q"]) == 0
    assert run_cli(["report", str(tmp_path), "--qlog"]) == 0
    (path,) = tmp_path.rglob("events.sqlog")
    header, *events = [json.loads(record) for record in path.read_bytes().split(b"\x1e")[1:]]
    assert header["serialization_format"] == "application/qlog+json-seq"
    assert {event["name"] for event in events} >= {"dtls:datagram_sent", "simulation:scenario"}
