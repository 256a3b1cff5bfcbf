# SPDX-License-Identifier: MIT
"""The commands `dtlslab replay` and `dtlslab mutate`, and their parts of the campaign."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from dtlslab import locations
from dtlslab.cli import run_cli
from dtlslab.endpoints import find
from dtlslab.plugins import PlanOptions, registry
from dtlslab_conformance.replay.finding import load
from dtlslab_conformance.replay.operators import OPERATORS


def test_replay_of_a_file(capture_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [str(capture_file), "--endpoint", "gnutls", "--role", "server", "--out", str(tmp_path)]
    assert run_cli(["replay", *arguments, "--json", "-"]) == 0
    (result,) = json.loads(capsys.readouterr().out)
    assert (result["part"], result["case"], result["client"], result["server"]) == (
        "replay",
        "openssl",
        "tester",
        "gnutls",
    )
    assert result["verdict"] == "pass"
    assert result["metrics"]["departures"] == 0
    assert (tmp_path / result["trace"] / "capture.pcapng").is_file()
    assert "replay" in result["command"]
    assert str(capture_file) in result["command"]


def test_a_broken_capture_is_status_2(
    capture_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.pcapng"
    broken.write_bytes(capture_file.read_bytes()[:-9])
    for command in ("replay", "mutate"):
        assert run_cli([command, str(broken), "--endpoint", "openssl"]) == 2
        assert "broken.pcapng: block" in capsys.readouterr().err
    assert run_cli(["replay", str(tmp_path / "gone.pcapng"), "--endpoint", "openssl"]) == 2
    assert run_cli(["mutate", "--endpoint", "openssl", "--operator", "nothing"]) == 2


def test_mutations_findings_and_their_repetition(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    arguments = ["--endpoint", "gnutls", "--role", "client", "--operator", "extend", "--out", str(out)]
    assert run_cli(["mutate", *arguments, "--from", "openssl", "--json", "-"]) == 0
    (result,) = json.loads(capsys.readouterr().out)
    assert result["metrics"]["findings"] == result["metrics"]["known"] > 0
    assert result["verdict"] == "fail"
    assert "NewSessionTicket" in result["reason"]
    files = sorted((out / "findings").glob("*.toml"))
    assert len(files) == result["metrics"]["findings"]
    assert load(files[0]).finding.oracle == "refuses"
    assert run_cli(["replay", str(files[0]), "--out", str(tmp_path / "again"), "--json", "-"]) == 0
    (again,) = json.loads(capsys.readouterr().out)
    assert again["verdict"] == "fail"
    assert again["command"].endswith(f"replay {files[0]}")
    assert (
        run_cli(["replay", str(files[0]), "--endpoint", "openssl", "--out", str(tmp_path / "o"), "-q"]) == 0
    )


def crashing_stack(root: Path, folder: Path) -> Path:
    """A shared object that exports the contract and dies of the first datagram."""
    text = (root / "interop" / "adapters" / "skeleton.c").read_text(encoding="utf-8")
    words = '"server", "dtls1.2", "suite:c02b", "suite:00a8", "cookie", "no-cookie"'
    text = text.replace("capabilities[] = {NULL};", f"capabilities[] = {{{words}, NULL}};")
    text = re.sub(
        r"return DTLSLAB_UNSUPPORTED;", "*out_endpoint = malloc(16); return DTLSLAB_OK;", text, count=1
    )
    head, receive = text.split("static int32_t receive(", 1)
    text = head + "static int32_t receive(" + receive.replace("{\n", "{\n    abort();\n", 1)
    source = folder / "crashing.c"
    source.write_text("#include <stdlib.h>\n" + text, encoding="utf-8")
    target = folder / "crashing.so"
    include = str(root / "interop" / "contract")
    subprocess.run(["cc", "-std=c17", "-fPIC", "-shared", "-I", include, source, "-o", target], check=True)
    return target


def test_a_crash_leaves_its_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = locations.checkout()
    assert root is not None
    stack, out = crashing_stack(root, tmp_path), tmp_path / "out"
    arguments = ["--endpoint", str(stack), "--role", "server", "--from", "openssl", "--operator", "drop"]
    assert run_cli(["mutate", *arguments, "--out", str(out), "--json", "-"]) == 1
    (result,) = json.loads(capsys.readouterr().out)
    assert result["verdict"] == "crash"
    (file,) = (out / "findings").glob("*.toml")
    assert load(file).finding.oracle == "no-crash"
    assert run_cli(["replay", str(file), "--out", str(tmp_path / "again"), "--json", "-"]) == 1
    assert json.loads(capsys.readouterr().out)[0]["verdict"] == "crash"


def test_runs_by_chance_follow_the_seed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    traces = []
    for folder in ("a", "b"):
        out = tmp_path / folder
        arguments = ["--endpoint", "openssl", "--role", "server", "--operator", "flip-c*", "--runs", "3"]
        assert run_cli(["mutate", *arguments, "--seed", "9", "--out", str(out), "--json", "-"]) == 0
        (result,) = json.loads(capsys.readouterr().out)
        assert result["metrics"]["mutations"] == 6
        traces.append((out / result["trace"] / "capture.pcapng").read_bytes())
    assert traces[0] == traces[1]


def test_list_names_the_operators(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["mutate", "--list"]) == 0
    out = capsys.readouterr().out
    assert all(name in out for name in OPERATORS)


def test_parts_of_the_campaign() -> None:
    stacks = [find(name) for name in ("libdtls", "openssl", "gnutls")]
    options = PlanOptions(stacks, seed=1, out="/nowhere")
    replay = registry().parts["replay"].jobs(options)
    mutate = registry().parts["mutate"].jobs(options)
    assert len(replay) == 3 * 2 * 4
    assert len(mutate) == 3 * 2 * len(OPERATORS)
    assert len({(job.cell.case, job.cell.client, job.cell.server) for job in mutate if job.cell}) == len(
        mutate
    )
    assert not registry().parts["mutate"].jobs(PlanOptions([], seed=1, out="/nowhere"))
