# SPDX-License-Identifier: MIT
"""One case against one endpoint: set-up, dialogue, verdict."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dtlslab.configuration import make_config
from dtlslab.verdict import Outcome, Verdict

from .case import Case
from .dialogue import CaseFailed, CaseInconclusive, Dialogue
from .subject import Hang, LocalSubject, Subject
from .tester import TesterEndpoint

DEFAULT_SETTINGS: dict[str, Any] = {"suites": (0xC02B,), "groups": (29, 23)}
OF_SUBJECT_ALONE = ("mtu", "min_version")


def settings_of(case: Case) -> dict[str, Any]:
    """The settings of a case, for both sides of the dialogue."""
    return {**DEFAULT_SETTINGS, **case.settings}


def settings_of_subject(case: Case, role: str, capabilities: Iterable[str]) -> dict[str, Any]:
    """The settings of the endpoint under test: those of the case, and a cookie exchange where the stack has
    one.
    """
    settings = settings_of(case)
    if role == "server" and "cookie" in capabilities:
        settings.setdefault("cookies", True)
    return settings


def missing_capabilities(case: Case, role: str, capabilities: Iterable[str]) -> list[str]:
    """What the endpoint under test lacks for this case, by its own list."""
    has = set(capabilities)
    wanted = [role, "dtls1.2", *case.needs]
    if not case.settings.get("psk") and not any(word.startswith("suite:") for word in case.needs):
        wanted.append("suite:c02b")
    if "own-data" in has:
        wanted.append("echo")
    return [word for word in wanted if word not in has]


def judge(case: Case, subject: Subject, seed: int = 1) -> Outcome:
    """Holds the dialogue of a case and says how it ended. Exceptions of the endpoint itself pass through."""
    settings = {name: value for name, value in settings_of(case).items() if name not in OF_SUBJECT_ALONE}
    dialogue = Dialogue(subject, seed, **settings)
    try:
        case.body(dialogue)
    except CaseFailed as failure:
        return Outcome(Verdict.FAIL, _sentence(case, subject.role, str(failure)), case.citation)
    except CaseInconclusive as obstacle:
        return Outcome(
            Verdict.INCONCLUSIVE,
            f"The case did not come to its point: the {subject.role} {obstacle}.",
            case.citation,
        )
    except Hang as hang:
        return Outcome(Verdict.HANG, f"The endpoint stood still: {hang}.", case.citation)
    return Outcome(Verdict.PASS, f"As required, {case.requirement}.", case.citation)


def judge_local(case: Case, role: str, faults: Iterable[str] = ()) -> Outcome:
    """Judges the tester's own endpoint, honest or with planted faults."""
    return judge(case, local_subject(case, role, faults))


def local_subject(case: Case, role: str, faults: Iterable[str] = ()) -> LocalSubject:
    """The tester's own endpoint, honest or with planted faults, set up for a case."""
    settings = settings_of_subject(case, role, TesterEndpoint.capabilities)
    return LocalSubject(TesterEndpoint(faults), make_config(role, seed=7, **settings))


def _sentence(case: Case, role: str, reason: str) -> str:
    sentence = f"The {role} {reason}."
    return (
        f"{sentence} ({case.citation.document} recommends otherwise.)" if case.level == "should" else sentence
    )
