# SPDX-License-Identifier: MIT
"""Every case passes the honest tester and fails it with each planted fault; and all cases are described."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from dtlslab.expected import Expectations
from dtlslab.verdict import Verdict
from dtlslab_conformance.case import Case
from dtlslab_conformance.cases import all_cases, select_cases
from dtlslab_conformance.catalogue import catalogue
from dtlslab_conformance.run_case import judge_local, missing_capabilities
from dtlslab_conformance.tester import TesterEndpoint

ROOT = Path(__file__).resolve().parents[2]
CELLS = [pytest.param(case, role, id=f"{case.name}-{role}") for case in all_cases() for role in case.roles]


@pytest.mark.parametrize(("case", "role"), CELLS)
def test_honest_peer_passes(case: Case, role: str) -> None:
    assert not missing_capabilities(case, role, TesterEndpoint.capabilities)
    outcome = judge_local(case, role)
    assert outcome.verdict is Verdict.PASS, outcome.reason


@pytest.mark.parametrize(("case", "role"), CELLS)
def test_wrong_peer_fails(case: Case, role: str) -> None:
    assert case.faults, "no planted fault shows that this case can fail"
    for fault in case.faults:
        outcome = judge_local(case, role, (fault,))
        assert outcome.verdict is Verdict.FAIL, f"{fault}: {outcome.verdict} {outcome.reason}"
        assert outcome.citation == case.citation
        assert outcome.reason.startswith(f"The {role} ")
        assert outcome.reason.rstrip(")").endswith(".")


def test_there_are_enough_cases_of_rfc_6347() -> None:
    assert len(select_cases(suite="rfc6347")) >= 60
    assert len(all_cases()) >= 100


def test_every_case_is_described() -> None:
    for case in all_cases():
        assert case.title.endswith("."), case.name
        assert case.requirement, case.name
        assert not case.requirement.endswith("."), case.name
        assert case.level in ("must", "should"), case.name


def test_page_of_all_cases_is_up_to_date() -> None:
    page = ROOT / "docs" / "reference" / "conformance-cases.md"
    again = "run: python -m dtlslab_conformance.catalogue docs/reference/conformance-cases.md"
    assert page.read_text(encoding="utf-8") == catalogue(), again


def test_known_failures_name_cases_that_exist() -> None:
    names = {case.name for case in all_cases()}
    known = Expectations.read(ROOT / "conformance" / "expected").known
    assert known
    assert all(any(fnmatchcase(name, entry.case) for name in names) for entry in known)


def test_cases_are_found_by_pattern_and_suite() -> None:
    assert [c.name for c in select_cases(["*replayed-record-dropped"])] == [
        "rfc6347-4.1.2.6-replayed-record-dropped"
    ]
    assert {c.suite for c in select_cases(suite="RFC 5246")} == {"rfc5246"}
    assert select_cases(["no such case"]) == []
