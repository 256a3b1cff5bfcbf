# SPDX-License-Identifier: MIT
"""How verdicts are shown: a letter, a word and a rank; the colours are in the style sheet."""

from __future__ import annotations

from dataclasses import dataclass

from dtlslab.results import Result
from dtlslab.verdict import Citation, Verdict

LETTERS = {
    Verdict.PASS: "P",
    Verdict.FAIL: "F",
    Verdict.UNSUPPORTED: "U",
    Verdict.INCONCLUSIVE: "I",
    Verdict.CRASH: "C",
    Verdict.HANG: "H",
}
MEANINGS = {
    Verdict.PASS: "did what the case asks",
    Verdict.FAIL: "did not, with a citation of what it breaks",
    Verdict.UNSUPPORTED: "says that it cannot do what the case needs",
    Verdict.INCONCLUSIVE: "the case did not get to the point where it judges",
    Verdict.CRASH: "the process died",
    Verdict.HANG: "no progress",
}
WORST_FIRST = [
    Verdict.CRASH,
    Verdict.HANG,
    Verdict.FAIL,
    Verdict.INCONCLUSIVE,
    Verdict.UNSUPPORTED,
    Verdict.PASS,
]
FINDINGS = frozenset({Verdict.CRASH, Verdict.HANG, Verdict.FAIL})
_RANK = {verdict: rank for rank, verdict in enumerate(WORST_FIRST)}
HARNESS = frozenset({"", "none", "tester", "replay", "replayer", "mutator"})
"""Names that stand at one side of a cell without being a stack under test."""


@dataclass(frozen=True, slots=True)
class Role:
    """A stack and the role in which a cell tries it."""

    stack: str
    role: str

    def __str__(self) -> str:
        return f"{self.stack} as {self.role}"


def rank(verdict: Verdict) -> int:
    """0 is the worst."""
    return _RANK[verdict]


def worst(results: list[Result]) -> Result:
    """The result to show where several share a cell: departures first, then by verdict."""
    return min(results, key=lambda result: (result.expected, rank(result.verdict)))


def is_known(result: Result) -> bool:
    """Whether it failed as the lists of known failures say it would."""
    return result.expected and result.verdict in FINDINGS


def stacks_of(result: Result) -> list[str]:
    """The stacks that a result is about."""
    return [name for name in dict.fromkeys((result.client, result.server)) if name not in HARNESS]


def role_of(result: Result) -> Role:
    """Whom a case with one stack under test is about."""
    if result.client in HARNESS and result.server not in HARNESS:
        return Role(result.server, "server")
    return Role(result.client, "client")


def who(result: Result) -> str:
    """The pair of a cell in words."""
    if len(stacks_of(result)) == 1 and (result.client in HARNESS or result.server in HARNESS):
        return str(role_of(result))
    return f"{result.client} → {result.server}"


def citation_text(citation: Citation) -> str:
    """`RFC 6347 §4.1.2.6`."""
    return f"{citation.document} §{citation.section}" if citation.section else citation.document
