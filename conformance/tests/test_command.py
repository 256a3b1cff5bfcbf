# SPDX-License-Identifier: MIT
"""The command `dtlslab conformance` and its part of the campaign."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from dtlslab import locations
from dtlslab.cli import run_cli
from dtlslab.endpoints import find
from dtlslab.plugins import PlanOptions, registry
from dtlslab_conformance.cases import all_cases
from dtlslab_conformance.cell import PART

CASE = "rfc6347-4.1.2.6-replayed-record-dropped"


def test_verdicts_with_citations_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--endpoint", "openssl", "--case", "*4.1.2.6*", "--json", "-", "--out", str(tmp_path)]
    assert run_cli(["conformance", *arguments]) == 0
    results = json.loads(capsys.readouterr().out)
    assert {(r["client"], r["server"]) for r in results} == {("openssl", "tester"), ("tester", "openssl")}
    assert all(r["citation"] == {"document": "RFC 6347", "section": "4.1.2.6"} for r in results)
    assert all((tmp_path / r["trace"] / "events.jsonl").is_file() for r in results)


def test_list_names_the_cells_and_runs_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    chosen = ["--endpoint", "gnutls", "--role", "client", "--suite", "rfc6347"]
    assert run_cli(["conformance", "--list", *chosen, "--out", str(out)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert f"conformance  {CASE}  gnutls → tester" in lines
    assert all("rfc6347-" in line for line in lines)
    assert not out.exists()


def test_shared_object_by_path(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    built = locations.shared_object("endpoint", "gnutls")
    assert built is not None
    own = tmp_path / "mystack.so"
    shutil.copy(built, own)
    arguments = ["--endpoint", str(own), "--role", "server", "--case", CASE, "--json", "-"]
    assert run_cli(["conformance", *arguments, "--out", str(tmp_path / "out")]) == 0
    (result,) = json.loads(capsys.readouterr().out)
    assert result["verdict"] == "pass"
    assert f"--endpoint {own} " in result["command"]


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["--case", "nonesuch"], 2, "no case matches nonesuch"),
        (["--suite", "rfc1"], 2, "no case matches rfc1"),
        (["--endpoint", "nonesuch"], 2, "there is no stack named 'nonesuch'"),
        (["--endpoint", "/nonesuch/stack.so"], 2, "there is no shared object"),
    ],
)
def test_wrong_use(
    arguments: list[str], status: int, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_cli(["conformance", *arguments, "--out", str(tmp_path)]) == status
    assert message in capsys.readouterr().err


def test_campaign_has_every_case_in_every_role() -> None:
    part = registry().parts["conformance"]
    jobs = part.jobs(PlanOptions(stacks=[find("openssl"), find("gnutls")], seed=1, out="out"))
    assert len(jobs) == 2 * sum(len(case.roles) for case in all_cases())
    assert {job.cell.part for job in jobs if job.cell is not None} == {PART}
