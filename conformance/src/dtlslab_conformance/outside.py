# SPDX-License-Identifier: MIT
"""Cells with what stands outside the laboratory: programs under a process contract, and servers that run
already, `udp://host:port`. They live in real time, so waiting costs what it says.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dtlslab import endpoints
from dtlslab.cli.options import CommonOptions
from dtlslab.endpoints import Remote
from dtlslab.expected import Side
from dtlslab.lab import Lab
from dtlslab.networks import udp
from dtlslab.processes import known
from dtlslab.processes.contract import Contract
from dtlslab.processes.program import Program, ProgramFailed, free_port, installed_version
from dtlslab.processes.translation import Settings, inexpressible, placeholders, wanted_features
from dtlslab.results import Result
from dtlslab.verdict import Outcome, Verdict
from dtlslab.workers import Job

from .case import Case
from .cases import by_name
from .cell import cell_of, expected
from .lab_subject import TESTER_NODE, SubjectInLab
from .outside_subject import ProgramSubject, RemoteSubject
from .run_case import judge, missing_capabilities, settings_of_subject

LONGEST_WAIT = 10.0
"""Seconds of real time that a case may wait for unless it was asked for by name."""

TRIES = 2
"""How often a case is held that does not pass: a busy host passes, a fault repeats."""

PARALLEL = 8
"""Workers for programs, each with an instance of its own: they mostly wait."""

LOOPBACK = "127.0.0.1"
SECONDS_A_CASE = 60.0


@dataclass(frozen=True, slots=True)
class Outside:
    """A program or a server under test."""

    target: str
    """As the command line names it."""
    version: str
    what: Contract | Remote

    @property
    def name(self) -> str:
        return self.what.name

    @property
    def sides(self) -> tuple[Side, ...]:
        """What known failures call it: the program itself, then the stack that it is made of."""
        own = Side(self.name, self.version)
        return (own, Side(self.what.stack, self.version)) if isinstance(self.what, Contract) else (own,)

    @property
    def roles(self) -> tuple[str, ...]:
        if isinstance(self.what, Remote):
            return ("server",)
        return tuple(role for role in ("server", "client") if self.what.role(role) is not None)

    def lacks(self, case: Case, role: str) -> str:
        """Why the case cannot be held with it, in a sentence; empty when it can."""
        settings = settings_of(case, self, role)
        if isinstance(self.what, Remote):
            set_up = [word for word in case.needs if word != "cookie" and not word.startswith("suite:")]
            odd = sorted(set(set_up) | (set(case.settings) - {"suites"}))
            return f"a server that runs already cannot be told: {', '.join(odd)}" if odd else ""
        missing = missing_capabilities(case, role, self.what.capabilities(role))
        missing += inexpressible(self.what, role, settings)
        return f"the contract of {self.name} has no way to give: {', '.join(missing)}" if missing else ""


def find(target: str, *, own_host: bool = False) -> Outside | None:
    """The program or server that `target` names, or None when it is neither."""
    if target.startswith("udp://"):
        return Outside(target, "", endpoints.remote(target, own_host=own_host))
    program = known.find(target)
    return Outside(program[0], installed_version(program[1]), program[1]) if program is not None else None


def settings_of(case: Case, outside: Outside, role: str) -> Settings:
    """The settings of a case for a program: what it does not ask for itself is left to the program."""
    capabilities = outside.what.capabilities(role) if isinstance(outside.what, Contract) else ()
    settings = settings_of_subject(case, role, capabilities)
    if "groups" not in case.settings:
        settings.pop("groups")
    if not settings.get("psk"):
        settings.setdefault("key", "p256")
    return settings


def run_cell(
    case: Case, outside: Outside, role: str, *, seed: int, out: Path | None, any_length: bool = False
) -> Result:
    """Carries out one cell; its trace goes below `out`, unless that is None.

    A case that waits longer than `LONGEST_WAIT` is left out unless `any_length`.
    """
    cell = cell_of(case, outside.name, role, seed, outside.target)
    start = time.monotonic()
    lacking = outside.lacks(case, role)
    if lacking:
        outcome = Outcome(Verdict.UNSUPPORTED, f"{lacking[0].upper()}{lacking[1:]}.", case.citation)
        is_expected = isinstance(outside.what, Remote) or expected(outcome, case, role, outside.sides)
        return Result.of(cell, outcome, expected=is_expected, seed=seed)
    if case.waits > LONGEST_WAIT and not any_length:
        reason = (
            f"Left out: it takes {case.waits:g} s of real time. --long, or --case with its name, runs it."
        )
        return Result.of(cell, Outcome(Verdict.INCONCLUSIVE, reason, case.citation), expected=True, seed=seed)
    folder = out / cell.folder if out is not None else None
    tries = 0
    while tries < TRIES:
        tries += 1
        done = _Try(case, outside, role, seed, folder)
        outcome = done.hold()
        if outcome.verdict in (Verdict.PASS, Verdict.CRASH):
            break
    if outcome.verdict is Verdict.PASS and tries > 1:
        outcome = replace(outcome, reason=f"{outcome.reason} (At try {tries}.)")
    return Result.of(
        cell,
        outcome,
        expected=expected(outcome, case, role, outside.sides),
        seed=seed,
        virtual_seconds=done.seconds,
        real_seconds=time.monotonic() - start,
        trace=cell.folder if folder is not None else None,
        details=done.last_words,
    )


def workers(found: Sequence[Outside]) -> int:
    """How many cells to run at once: one for a server that runs already, which may serve one at a time."""
    return 1 if any(isinstance(outside.what, Remote) for outside in found) else PARALLEL


def jobs(
    found: Sequence[Outside],
    cases: Sequence[Case],
    roles: Sequence[str],
    common: CommonOptions,
    *,
    own_host: bool,
    any_length: Sequence[str],
) -> list[Job]:
    """One job for each cell; `any_length` names the cases that may wait as long as they like."""
    return [
        Job(
            function=f"{__name__}:run",
            arguments={
                "target": outside.target,
                "role": role,
                "case": case.name,
                "seed": common.seed,
                "out": str(common.out),
                "own_host": own_host,
                "any_length": case.name in any_length,
            },
            cell=cell_of(case, outside.name, role, common.seed, outside.target),
            seed=common.seed,
            timeout_seconds=TRIES * (case.waits + SECONDS_A_CASE),
        )
        for outside in found
        for role in roles
        if role in outside.roles
        for case in cases
        if role in case.roles
    ]


def run(
    target: str, role: str, case: str, seed: int, out: str, own_host: bool, any_length: bool
) -> list[Result]:
    """Carries out one cell and answers its one result. Called in a worker."""
    outside = find(target, own_host=own_host)
    assert outside is not None
    return [run_cell(by_name()[case], outside, role, seed=seed, out=Path(out), any_length=any_length)]


class _Try:
    """A case held once."""

    def __init__(self, case: Case, outside: Outside, role: str, seed: int, folder: Path | None) -> None:
        self.case = case
        self.outside = outside
        self.role = role
        self.seed = seed
        self.folder = folder
        self.seconds = 0.0
        self.last_words = ""

    def hold(self) -> Outcome:
        """Holds the dialogue, writes the trace, and leaves no program behind."""
        with tempfile.TemporaryDirectory(prefix="dtlslab-") as scratch:
            if isinstance(self.outside.what, Remote):
                return self._hold_remote(self.outside.what)
            return self._hold_program(self.outside.what, Path(scratch))

    def _hold_remote(self, remote: Remote) -> Outcome:
        network = udp(**way_to(remote))
        with Lab(network, seed=self.seed, nodes=3) as lab:
            place = lab.outside("server", stack=self.outside.name)
            return self._judge(lab, RemoteSubject(lab, "server", place))

    def _hold_program(self, contract: Contract, scratch: Path) -> Outcome:
        port, server = free_port(), self.role == "server"
        network = udp(**{"node.0": f"{LOOPBACK}:{port}" if server else "client"})
        with Lab(network, seed=self.seed, nodes=3 if server else 2) as lab:
            place = lab.outside(self.role, stack=self.outside.name, version=self.outside.version)
            settings = settings_of(self.case, self.outside, self.role)
            features = wanted_features(contract, self.role, settings)
            values = {**placeholders(contract, self.role, settings), "host": LOOPBACK}
            values["port"] = str(port if server else lab.world.udp_port(TESTER_NODE))
            with Program(contract, self.role, features, values, scratch) as program:
                try:
                    if server:
                        program.start()
                        program.wait_ready()
                    outcome = self._judge(lab, ProgramSubject(lab, self.role, place, program))
                except ProgramFailed as error:
                    outcome = Outcome(error.verdict, str(error), self.case.citation)
                program.stop(grace=0.05)
                if outcome.verdict is not Verdict.PASS:
                    self.last_words = program.last_lines()
        if self.folder is not None:
            for said in scratch.glob("*.messages.txt"):
                self.folder.mkdir(parents=True, exist_ok=True)
                shutil.copy(said, self.folder)
        return outcome

    def _judge(self, lab: Lab, subject: SubjectInLab) -> Outcome:
        try:
            outcome = judge(self.case, subject, self.seed)
            lab.mark(f"{outcome.verdict.value}: {outcome.reason}")
            return outcome
        finally:
            self.seconds = lab.now
            if self.folder is not None:
                lab.write(self.folder)


def way_to(remote: Remote) -> dict[str, str | float]:
    """Parameters of a network of UDP sockets whose node 0 is that server."""
    six = ":" in remote.host
    way: dict[str, str | float] = {
        "node.0": f"[{remote.host}]:{remote.port}" if six else f"{remote.host}:{remote.port}"
    }
    if not endpoints.is_loopback(remote.host):
        way |= {"bind": "::" if six else "0.0.0.0", "beyond_loopback": 1}
    elif six:
        way["bind"] = "::1"
    return way
