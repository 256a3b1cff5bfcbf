# SPDX-License-Identifier: MIT
"""The command `netx-tests`, with a tiny checkout of our own in the place of NetX Duo."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest
from dtlslab import netx_tests
from dtlslab.cli import run_cli
from dtlslab.errors import BadInput
from dtlslab.netx_tests import End, Ended, Expected, Judge
from dtlslab.results import read_results, read_run
from dtlslab.verdict import Verdict

BEGINNING = """
#include "nx_secure_dtls_api.h"
#include <stdio.h>
void test_control_return(UINT status);
static TX_THREAD thread;
static VOID entry(ULONG input);
void test_application_define(void *memory)
{
    tx_thread_create(&thread, "test", entry, 0, NULL, 0, 8, 8, TX_NO_TIME_SLICE, TX_AUTO_START);
}
"""
TESTS = {
    # A minute of its time takes none of ours.
    "passing": "static VOID entry(ULONG input) { tx_thread_sleep(6000); test_control_return(0); }",
    "failing": 'static VOID entry(ULONG input) { printf("Error on line 7\\n"); test_control_return(1); }',
    "hidden": "static VOID entry(ULONG input) { test_control_return(3); }",
    "private": "static VOID entry(ULONG input) { _nx_secure_dtls_of_nobody(input); }",
    "crashing": "static VOID entry(ULONG input) { *(volatile int *)NULL = 1; }",
    "waiting": "static VOID entry(ULONG input) { tx_thread_suspend(&thread); }",
    "legacy": "#ifndef LEGACY\n#error\n#endif\nstatic VOID entry(ULONG input) { test_control_return(0); }",
}
TABLE = """
[[cause]]
name = "insides"
applies = false
reason = "Looks inside."

[[cause]]
name = "order"
applies = true
reason = "Counts on an order."

[[test]]
name = "private"
cause = "insides"
ends = ["compile"]

[[test]]
name = "crashing"
cause = "order"
ends = ["fail", "crash"]
detail = "And falls over."

[[test]]
name = "hidden"
cause = "insides"
ends = ["not-applicable"]

[[build]]
name = "legacy"
defines = ["LEGACY"]
reason = "It asks for it."
"""


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What looks like a checkout of NetX Duo, and a table for its tests."""
    folder = tmp_path / "netxduo" / "test" / "regression" / "nx_secure_test"
    folder.mkdir(parents=True)
    for name, text in TESTS.items():
        (folder / f"nx_secure_dtls_{name}_test.c").write_text(BEGINNING + text + "\n", encoding="utf-8")
    (folder / "nx_secure_tls_other_test.c").touch()
    table = tmp_path / "expected.toml"
    table.write_text(TABLE, encoding="utf-8")
    expected = netx_tests.read_expected(table)
    monkeypatch.setattr(netx_tests, "read_expected", lambda: expected)
    monkeypatch.setattr(netx_tests, "_products", lambda _sanitizer: tmp_path / "products")
    return tmp_path / "netxduo"


def test_the_whole_command(checkout: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, junit, table = tmp_path / "out", tmp_path / "junit.xml", tmp_path / "results.json"
    command = ["netx-tests", "--from", str(checkout), "--out", str(out), "--repeat", "25"]
    assert run_cli([*command, "--json", str(table), "--junit", str(junit)]) == 1
    results = {result.case: result for result in read_results(out / "results.jsonl")}
    assert {name: (result.verdict, result.expected) for name, result in results.items()} == {
        "crashing": (Verdict.FAIL, True),
        "failing": (Verdict.FAIL, False),
        "hidden": (Verdict.UNSUPPORTED, True),
        "legacy": (Verdict.PASS, True),
        "passing": (Verdict.PASS, True),
        "private": (Verdict.UNSUPPORTED, True),
        "waiting": (Verdict.HANG, False),
    }
    assert results["passing"].metrics == {"runs": 25.0}
    assert results["failing"].reason == "it says that it failed in run 1: Error on line 7"
    assert results["crashing"].reason == "order: Counts on an order. And falls over."
    assert "SIGSEGV" in results["crashing"].details
    assert "still waiting after 1000 seconds of its time" in results["waiting"].details
    assert "_nx_secure_dtls_of_nobody" in results["private"].details
    assert read_run(out / "run.json").complete
    assert {row["case"] for row in json.loads(table.read_text())} == set(results)
    suite = ElementTree.parse(junit).getroot()[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("7", "2", "2")
    shown = capsys.readouterr().out
    assert "2 passed, 3 failed (1 of them known), 2 not applicable, 25 runs of each" in shown


def test_all_as_expected(checkout: Path, tmp_path: Path) -> None:
    command = ["netx-tests", "--from", str(checkout), "--out", str(tmp_path / "out"), "--quiet"]
    assert run_cli([*command, "--filter", "p*", "--filter", "c*", "--jobs", "1"]) == 0


def test_the_list(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["netx-tests", "--from", str(checkout), "--list", "--filter", "*i*"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "hidden  not expected to pass: insides" in lines
    assert "passing" in lines
    assert "other" not in lines


def test_wrong_input(checkout: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["netx-tests", "--from", str(tmp_path)]) == 2
    assert "is not a checkout of NetX Duo; expected test/regression/nx_secure_test" in capsys.readouterr().err
    assert run_cli(["netx-tests", "--from", str(checkout), "--filter", "nothing*"]) == 2
    assert "no DTLS test matches nothing*" in capsys.readouterr().err
    for path in (checkout / "test" / "regression" / "nx_secure_test").glob("*dtls*"):
        path.unlink()
    assert run_cli(["netx-tests", "--from", str(checkout)]) == 2
    assert "has no DTLS tests" in capsys.readouterr().err


def test_without_a_compiler(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    assert run_cli(["netx-tests", "--from", str(checkout)]) == 3
    assert "gcc" in capsys.readouterr().err


def test_a_test_that_ends_otherwise_is_news(tmp_path: Path) -> None:
    table = tmp_path / "expected.toml"
    table.write_text(TABLE, encoding="utf-8")
    judge = Judge(tmp_path, netx_tests.read_expected(table), "")

    passed = judge.result("crashing", Ended(End.PASS, "", 1))
    assert (passed.verdict, passed.expected) == (Verdict.PASS, False)
    assert passed.reason == "the entry in expected.toml has to go: order"
    hung = judge.result("crashing", Ended(End.HANG, "", 1))
    assert (hung.verdict, hung.expected) == (Verdict.HANG, False)
    assert hung.reason.startswith("expected that it says that it failed or that it crashed (order): ")
    assert not judge.result("new", Ended(End.NOT_APPLICABLE, "", 1)).expected


def test_a_sanitizers_report_is_a_crash(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text('#!/bin/sh\necho "WARNING: ThreadSanitizer: data race"\nexit 66\n', encoding="utf-8")
    program.chmod(0o755)
    ended = netx_tests.run(program, 3)
    assert (ended.end, ended.runs) == (End.CRASH, 1)
    result = Judge(tmp_path, Expected({}, {}, {}), " --sanitize thread").result("race", ended)
    assert result.reason == "it crashed in run 1: WARNING: ThreadSanitizer: data race"
    assert result.command.endswith("--filter race --sanitize thread")


def test_the_table(tmp_path: Path) -> None:
    expected = netx_tests.read_expected()
    assert {entry.cause for entry in expected.known.values()} == set(expected.causes)
    assert all(cause.reason.endswith(".") for cause in expected.causes.values())
    assert all(entry.detail == "" or entry.detail.endswith(".") for entry in expected.known.values())
    assert all(entry.ends for entry in expected.known.values())
    assert not set(expected.defines) & set(expected.known)
    wrong = tmp_path / "expected.toml"
    wrong.write_text('[[test]]\nname = "a"\ncause = "unknown"\nends = ["fail"]\n', encoding="utf-8")
    with pytest.raises(BadInput, match=r"expected\.toml:3: test\[0\]\.cause"):
        netx_tests.read_expected(wrong)
