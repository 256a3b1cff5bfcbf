# SPDX-License-Identifier: MIT
"""The command `bogo`, with a small runner in the place of BoringSSL's; the shim is the real one."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from dtlslab import bogo, locations
from dtlslab.bogo import Ended, Expected, Judge, Known
from dtlslab.cli import run_cli
from dtlslab.errors import BadInput
from dtlslab.results import Result, read_results, read_run
from dtlslab.verdict import Verdict

HERE = Path(__file__).resolve().parent
SOURCES = HERE.parents[1] / "libdtls" / "tests" / "bogo"


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What looks like a checkout of BoringSSL, and a `go` that builds the small runner from it."""
    folder = tmp_path / "boringssl"
    (folder / "ssl" / "test" / "runner").mkdir(parents=True)
    (folder / "ssl" / "test" / "runner" / "runner.go").touch()
    (folder / "go.mod").touch()
    tools = tmp_path / "tools"
    tools.mkdir()
    runner = (HERE / "bogo_runner.py").read_text(encoding="utf-8")
    go = tools / "go"
    go.write_text(
        f"#!{sys.executable}\n"
        "import pathlib, sys\n"
        "target = pathlib.Path(sys.argv[sys.argv.index('-o') + 1])\n"
        f"target.write_text('#!{sys.executable}\\n' + {runner!r})\n"
        "target.chmod(0o755)\n",
        encoding="utf-8",
    )
    go.chmod(0o755)
    # The shim was built with everything else. To look again whether it is up to date would be to build, in
    # the time of a test and beside others that use it.
    shim = locations.build_folder() / bogo._SHIM
    assert shim.is_file(), f"{shim} is not built"
    ninja = tools / "ninja"
    ninja.write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
    ninja.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(bogo, "_products", lambda: tmp_path / "products")
    return folder


def test_the_whole_command(checkout: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, junit, table = tmp_path / "out", tmp_path / "junit.xml", tmp_path / "results.json"
    command = ["bogo", "--runner", str(checkout), "--out", str(out), "--jobs", "2"]
    assert run_cli([*command, "--json", str(table), "--junit", str(junit)]) == 1
    results = {result.case: result for result in read_results(out / "results.jsonl")}
    verdicts = {name: result.verdict for name, result in results.items()}
    assert verdicts == {
        "Clock-DTLS": Verdict.PASS,
        "Echo-DTLS": Verdict.PASS,
        "Hidden-DTLS": Verdict.UNSUPPORTED,
        "Neutral-DTLS": Verdict.PASS,
        "NeutralTLS13-DTLS": Verdict.UNSUPPORTED,
        "NoAnswer-DTLS": Verdict.FAIL,
    }
    assert results["Neutral-DTLS"].title.endswith("libdtls as the server, at DTLS 1.2")
    assert results["NeutralTLS13-DTLS"].reason.endswith("(by its hello)")
    assert results["Hidden-DTLS"].reason.startswith("ech: encrypted ClientHello")
    assert results["Echo-DTLS"].server == "libdtls"
    assert "the runner closed before the handshake was over" in results["NoAnswer-DTLS"].reason
    assert not results["NoAnswer-DTLS"].expected
    assert read_run(out / "run.json").complete
    assert {row["case"] for row in json.loads(table.read_text())} == set(results)
    suite = ElementTree.parse(junit).getroot()[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("6", "1", "2")
    shown = capsys.readouterr().out
    assert "3 passed, 1 failed (0 of them known), 2 not applicable" in shown
    assert re.search(r"1\s+ech\s+encrypted ClientHello", shown)


def test_a_filter_and_the_list(
    checkout: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    command = ["bogo", "--runner", str(checkout)]
    assert run_cli([*command, "--list"]) == 0
    listed = capsys.readouterr().out.split("\n")
    assert "Echo-DTLS  libdtls is the server" in listed
    assert len(listed) == 7, "DTLS tests only"
    assert run_cli([*command, "--filter", "Clock-*", "--filter", "Hidden-*", "--json", "-"]) == 0
    assert [row["case"] for row in json.loads(capsys.readouterr().out)] == ["Clock-DTLS", "Hidden-DTLS"]
    assert run_cli([*command, "--filter", "Nothing*"]) == 2
    assert "no DTLS test matches Nothing*" in capsys.readouterr().err


def test_what_is_missing(
    checkout: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run_cli(["bogo", "--runner", str(tmp_path / "elsewhere")]) == 2
    assert "is not a checkout of BoringSSL" in capsys.readouterr().err
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run_cli(["bogo", "--runner", str(checkout)]) == 3
    assert "Go, which BoringSSL's runner is written in, is not installed" in capsys.readouterr().err
    monkeypatch.setenv("PATH", f"{tmp_path / 'tools'}")
    (tmp_path / "tools" / "go").write_text("#!/bin/sh\necho no such module\nexit 1\n", encoding="utf-8")
    assert run_cli(["bogo", "--runner", str(checkout)]) == 2
    assert "no such module" in capsys.readouterr().err


def test_words_of_the_runner() -> None:
    lines = ["noise\n", "PASSED (A)\n", "FAILED (B)\n", "unexpected failure\n", "\n", "UNIMPLEMENTED (C)\n"]
    assert list(bogo.parse([*lines, "FAILED (D)\n", "so"])) == [
        Ended("A", Verdict.PASS, ""),
        Ended("B", Verdict.FAIL, "unexpected failure\n\n"),
        Ended("C", Verdict.UNSUPPORTED, ""),
        Ended("D", Verdict.FAIL, "so"),
    ]


def test_known_failures(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    entries = (
        Known(test="Always*", citation="RFC 6347 section 4.2.4", reason="It does otherwise."),
        Known(test="Random", citation="RFC 6347 section 4.2.4", reason="It varies.", varies=True),
    )
    monkeypatch.setattr(bogo, "read_expected", lambda _path: Expected(entries))
    judge = Judge(Path("b"), [bogo.Test(name, "client") for name in ("AlwaysA", "Random", "Other")], {})

    def judged(name: str, verdict: Verdict) -> Result:
        return judge.result(Ended(name, verdict, "unexpected failure"), tmp_path)

    assert judged("AlwaysA", Verdict.FAIL).expected
    assert judged("AlwaysA", Verdict.FAIL).reason == "It does otherwise. (RFC 6347 section 4.2.4)"
    assert not judged("AlwaysA", Verdict.PASS).expected, "a known failure that passes is news"
    assert judged("Random", Verdict.FAIL).expected
    assert judged("Random", Verdict.PASS).expected
    assert not judged("Other", Verdict.FAIL).expected


def test_the_file_of_known_failures(tmp_path: Path) -> None:
    expected = bogo.read_expected(SOURCES / "expected.toml")
    assert all(entry.reason.endswith(".") for entry in (*expected.known, *expected.needs_1_3))
    wrong = tmp_path / "expected.toml"
    wrong.write_text('[[known]]\ntest = "A"\nreason = "So."\ncitation = "somewhere"\n', encoding="utf-8")
    with pytest.raises(BadInput, match=r"expected\.toml:4: known\[0\]\.citation"):
        bogo.read_expected(wrong)


def test_no_test_is_disabled_by_its_name() -> None:
    config = json.loads((SOURCES / "config.json").read_text())
    assert config["DisabledTests"] == {}
    header = (SOURCES.parents[1] / "include" / "dtls" / "error.h").read_text()
    for names in config["ErrorMap"].values():
        for name in names:
            if name.startswith("DTLS_"):
                assert f" {name.split(':')[0].split()[0]} =" in header


def test_every_reason_is_in_the_table_and_used() -> None:
    shim = locations.build_folder() / "libdtls" / "tests" / "bogo" / "libdtls-bogo-shim"
    ran = subprocess.run([shim, "-list-not-applicable"], capture_output=True, text=True, check=True)
    tokens = {line.split("\t")[0] for line in ran.stdout.splitlines()}
    sources = "".join(path.read_text() for path in SOURCES.glob("*.c") if path.name != "reasons.c")
    refused = set(re.findall(r'REFUSED(?:_TEXT)?\("[^"]+", "([^"]+)"\)', sources))
    assert refused <= tokens
    assert {token for token in tokens if f'"{token}"' not in sources} == set()
