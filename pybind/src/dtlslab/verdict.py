# SPDX-License-Identifier: MIT
"""What a case can end in, and the requirement that a failure cites."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """The six ends of a case, the same in every command."""

    PASS = "pass"
    FAIL = "fail"
    UNSUPPORTED = "unsupported"
    """The endpoint says, by its capabilities, that it cannot do what the case needs."""
    INCONCLUSIVE = "inconclusive"
    """The case could not be carried to the point where it judges."""
    CRASH = "crash"
    """The process died of a signal."""
    HANG = "hang"
    """Processor time was burnt, or a deadline stood still, without virtual progress."""


@dataclass(frozen=True, slots=True)
class Citation:
    """A section of a document, such as `Citation("RFC 6347", "4.1.2.6")`."""

    document: str
    section: str

    def __str__(self) -> str:
        return f"{self.document} section {self.section}" if self.section else self.document

    @property
    def url(self) -> str:
        """Where the section can be read; empty for a document that is not an RFC."""
        kind, _, number = self.document.partition(" ")
        if kind != "RFC" or not number.isdigit():
            return ""
        return f"https://www.rfc-editor.org/rfc/rfc{number}#section-{self.section}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A verdict with its reason in one sentence."""

    verdict: Verdict
    reason: str
    citation: Citation | None = None


def passed(reason: str = "") -> Outcome:
    return Outcome(Verdict.PASS, reason)


def failed(reason: str, citation: Citation | None = None) -> Outcome:
    return Outcome(Verdict.FAIL, reason, citation)


def unsupported(reason: str) -> Outcome:
    return Outcome(Verdict.UNSUPPORTED, reason)


def inconclusive(reason: str) -> Outcome:
    return Outcome(Verdict.INCONCLUSIVE, reason)
