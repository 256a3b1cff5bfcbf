# SPDX-License-Identifier: MIT
"""What changed between two runs, and the tables for the terminal."""

from __future__ import annotations

from pathlib import Path

import pytest
from dtlslab.errors import BadInput
from dtlslab.report import diff, terminal
from dtlslab.report.difference import compare, read_difference
from dtlslab.results import Result, read_results
from dtlslab.verdict import Verdict
from rich.console import Console

from .synthetic import example


def result(case: str, verdict: Verdict, reason: str = "") -> Result:
    return Result(part="interop", case=case, client="a", server="b", verdict=verdict, reason=reason)


def shown(*renderables: object) -> str:
    console = Console(width=160, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    for renderable in renderables:
        console.print(renderable)
    return console.export_text()


def test_changes_are_sorted_into_worse_better_new_and_gone() -> None:
    before = [
        result("breaks", Verdict.PASS),
        result("mends", Verdict.CRASH),
        result("goes", Verdict.PASS),
        result("stays", Verdict.PASS, "in 3 ms"),
        result("differs", Verdict.FAIL, "one"),
    ]
    after = [
        result("breaks", Verdict.FAIL),
        result("mends", Verdict.PASS),
        result("comes", Verdict.PASS),
        result("stays", Verdict.PASS, "in 4 ms"),
        result("differs", Verdict.FAIL, "another"),
    ]
    found = compare(before, after)
    names = {name: [change.result.case for change in changes] for name, _, changes in found.groups}
    assert names == {
        "worse": ["breaks"],
        "better": ["mends"],
        "other": ["differs"],
        "added": ["comes"],
        "removed": ["goes"],
    }
    assert found.same == 1
    assert "interop/breaks" in shown(terminal.difference_table(found))


def test_the_page_of_changes(tmp_path: Path) -> None:
    before, after = example(tmp_path / "before"), example(tmp_path / "after")
    assert "No verdict changed" in diff(before, after).read_text(encoding="utf-8")
    lines = (after / "results.jsonl").read_text().replace('"verdict":"hang"', '"verdict":"pass"')
    (after / "results.jsonl").write_text(lines)
    page = diff(before, after, tmp_path / "pages/diff.html")
    text = page.read_text(encoding="utf-8")
    assert "1 verdict changed, 0 for the worse" in text
    assert "gnutls-cli → libdtls" in text
    assert (page.parent / "assets/report.css").is_file()


def test_a_folder_without_results_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="out folder of a dtlslab run"):
        read_difference(tmp_path, tmp_path)


def test_the_terminal_shows_a_table_for_each_part(tmp_path: Path) -> None:
    text = shown(*terminal.tables(read_results(example(tmp_path) / "results.jsonl")))
    for title in ("Interop", "Conformance", "Mutation", "Simulation"):
        assert title in text
    assert "PPPf" in text
    assert "PPHP" in text
    assert "f known failure" in text
    assert "30 % loss" in text
