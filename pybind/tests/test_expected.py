# SPDX-License-Identifier: MIT
"""Known failures: which cells they concern, and how a broken file is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from dtlslab.errors import BadInput
from dtlslab.expected import Expectations, Side
from dtlslab.verdict import Outcome, Verdict

ENTRY = """
[[known]]
stack = "gnutls"
versions = ["3.7.*"]
role = "server"
peer = "open*"
case = "lost-flight-*"
citation = "RFC 6347 section 4.2.4"
reason = "It does not repeat its flight."
"""
FAILS = Outcome(Verdict.FAIL, "it failed")
PASSES = Outcome(Verdict.PASS, "")
OPENSSL, GNUTLS = Side("openssl", "3.0.1"), Side("gnutls", "3.7.9")


@pytest.fixture
def expectations(tmp_path: Path) -> Expectations:
    (tmp_path / "gnutls.toml").write_text(ENTRY)
    return Expectations.read(tmp_path)


def test_a_known_failure_is_expected_and_a_pass_in_its_place_is_not(expectations: Expectations) -> None:
    assert expectations.expected(FAILS, "lost-flight-4", OPENSSL, GNUTLS)
    assert not expectations.expected(PASSES, "lost-flight-4", OPENSSL, GNUTLS)


@pytest.mark.parametrize(
    ("case", "client", "server"),
    [
        ("lost-flight-4", GNUTLS, OPENSSL),
        ("lost-flight-4", OPENSSL, Side("gnutls", "3.8.1")),
        ("lost-flight-4", Side("libdtls", "0.1.0"), GNUTLS),
        ("clean-close", OPENSSL, GNUTLS),
    ],
)
def test_other_roles_versions_peers_and_cases_are_not_concerned(
    expectations: Expectations, case: str, client: Side, server: Side
) -> None:
    assert not expectations.expected(FAILS, case, client, server)
    assert expectations.expected(PASSES, case, client, server)


@pytest.mark.parametrize(
    ("old", "new", "line", "field"),
    [
        ('"RFC 6347 section 4.2.4"', '"RFC 6347"', 8, "known[0].citation"),
        ('role = "server"', 'role = "both"', 5, "known[0].role"),
        ('["3.7.*"]', '"3.7.*"', 4, "known[0].versions"),
    ],
)
def test_a_broken_file_is_refused(tmp_path: Path, old: str, new: str, line: int, field: str) -> None:
    (tmp_path / "x.toml").write_text(ENTRY.replace(old, new))
    with pytest.raises(BadInput, match=r"expected|Invalid|invalid") as caught:
        Expectations.read(tmp_path)
    assert (caught.value.line, caught.value.field) == (line, field)
