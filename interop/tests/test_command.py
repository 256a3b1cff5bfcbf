# SPDX-License-Identifier: MIT
"""The command `dtlslab interop`, its matrix, and what stands in interop/expected."""

from __future__ import annotations

import json
import shutil
import subprocess
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from dtlslab import Result, Verdict, endpoints, locations
from dtlslab.cli import run_cli
from dtlslab.plugins import PlanOptions, registry
from dtlslab.processes import known
from dtlslab_interop import implementations, matrix
from dtlslab_interop.cases import all_cases, matching


def run(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    status = run_cli(["interop", *arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def results(text: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(text)
    return found


def test_cells_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chosen = ["--client", "openssl", "--server", "gnutls", "--case", "lost-flight-[12]"]
    status, out, _ = run([*chosen, "--jobs", "1", "--json", "-", "--out", str(tmp_path)], capsys)
    assert status == 0
    assert [(r["case"], r["verdict"]) for r in results(out)] == [
        ("lost-flight-1", "pass"),
        ("lost-flight-2", "pass"),
    ]
    for result in results(out):
        assert (tmp_path / str(result["trace"]) / "events.jsonl").is_file()
        expected = f"interop --client openssl --server gnutls --case {result['case']}"
        assert str(result["command"]).endswith(expected)


def test_list_names_the_cells_and_runs_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(["--list", "--case", "cookie", "--out", str(tmp_path / "out")], capsys)
    assert status == 0
    assert "interop  cookie  openssl → gnutls\n" in out
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["--case", "nonesuch"], 2, "no case matches nonesuch"),
        (["--client", "nonesuch"], 2, "there is no stack named 'nonesuch'"),
        (["--server", "/nonesuch/stack.so"], 2, "there is no shared object"),
        (["--server", "/nonesuch/contract.toml"], 2, "there is no contract file"),
        (["--server", "udp://192.0.2.1:4433"], 2, "add --i-own-this-host"),
        (["--server", "udp://127.0.0.1"], 2, "is not udp://host:port"),
    ],
)
def test_wrong_use_is_said_in_words(
    arguments: list[str], status: int, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found, _, err = run(arguments, capsys)
    assert found == status
    assert message in err


def test_a_broken_contract_is_refused_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.toml"
    text = (known.folder() / "gnutls-serv.toml").read_text()
    path.write_text(text.replace("bound = true", "bound = 'yes'"))
    status, _, err = run(["--server", str(path), "--client", "openssl"], capsys)
    line = text[: text.index("bound = true")].count("\n") + 1
    assert status == 2
    assert f"{path}:{line}: server.ready.bound: expected true or false, found a string" in err


def test_a_contract_for_a_missing_program_names_what_installs_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.toml"
    text = (known.folder() / "gnutls-serv.toml").read_text()
    path.write_text(
        text.replace('"gnutls-serv"', '"nonesuch-serv"').replace('name = "nonesuch-serv"', 'name = "x"')
    )
    status, _, err = run(["--server", str(path), "--client", "openssl"], capsys)
    assert status == 3
    assert "nonesuch-serv is not installed. Install it with:  apt-get install gnutls-bin" in err


def test_a_shared_object_of_the_users_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The skeleton is built as its first lines say, loaded by path, and each cell of it judged."""
    root = locations.checkout()
    assert root is not None
    compiler = shutil.which("cc")
    assert compiler is not None
    built = tmp_path / "mystack.so"
    source = root / "interop" / "adapters" / "skeleton.c"
    include = root / "interop" / "contract"
    subprocess.run([compiler, "-shared", "-fPIC", f"-I{include}", "-o", str(built), str(source)], check=True)
    chosen = ["--client", str(built), "--server", "openssl", "--case", "handshake-*"]
    status, out, _ = run([*chosen, "--jobs", "1", "--json", "-", "--out", str(tmp_path / "out")], capsys)
    found = results(out)
    assert status == 1
    assert {r["case"] for r in found} == {c.name for c in matching(["handshake-*"])}
    assert {r["verdict"] for r in found} <= {"fail", "unsupported"}
    assert all(str(built) in str(r["command"]) for r in found)


def test_the_default_matrix_has_every_pair_and_the_programs() -> None:
    found = {(client.name, server.name) for client, server in matrix.pairs([], [])}
    stacks = [stack.name for stack in implementations.stacks()]
    first = stacks[0]
    assert {(c, s) for c in stacks for s in stacks} <= found
    assert {(first, "openssl-s_server"), (first, "gnutls-serv")} <= found
    assert {("openssl-s_client", first), ("gnutls-cli", first)} <= found


def test_suites_and_groups_are_left_out_where_a_side_lacks_them() -> None:
    pair = [(implementations.find("openssl"), implementations.find("gnutls"))]
    names = [job.arguments["case"] for job in matrix.jobs(pair, matching(()), seed=1, out="out")]
    assert "suite-ecdhe-ecdsa-aes-128-gcm-sha256" in names
    both = pair[0][0].capabilities("client") & pair[0][1].capabilities("server")
    assert ("group-x448" in names) == ("group:001e" in both)


def test_the_campaign_has_a_part_of_it() -> None:
    stacks = [side.what for side in implementations.stacks()]
    part = registry().parts["interop"]
    jobs = part.jobs(PlanOptions(stacks=stacks, seed=3, out="out", scale="quick"))  # type: ignore[arg-type]
    assert {job.arguments["case"] for job in jobs} == set(matrix.QUICK)
    assert all(job.arguments["seed"] == 3 and job.cell is not None for job in jobs)


def test_known_failures_name_cases_that_there_are() -> None:
    entries = implementations.expectations().known
    for entry in entries:
        assert any(fnmatchcase(name, entry.case) for name in all_cases()), entry
        assert entry.stack in {*known.known(), *endpoints.INSTALL}


def test_cases_have_sentences_and_citations() -> None:
    for case in all_cases().values():
        assert case.title.endswith("."), case.name
        assert case.citation.section, case.name
        assert case.check.__module__.startswith("dtlslab_interop.cases"), case.name


def test_a_result_fits_the_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chosen = [
        "--client",
        "gnutls",
        "--server",
        "openssl",
        "--case",
        "cookie",
        "--jobs",
        "1",
        "--out",
        str(tmp_path),
    ]
    status, _, _ = run(chosen, capsys)
    assert status == 0
    from dtlslab.results import read_results

    (result,) = read_results(tmp_path / "results.jsonl")
    assert isinstance(result, Result)
    assert (result.verdict, result.title) == (Verdict.PASS, all_cases()["cookie"].title)
