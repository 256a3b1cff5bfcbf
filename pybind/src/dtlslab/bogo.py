# SPDX-License-Identifier: MIT
"""BoGo, the protocol tests of BoringSSL, run over libdtls through the shim in `libdtls/tests/bogo`.

The user has a checkout of BoringSSL; nothing of it is kept here. Its runner is built with Go and starts the
shim once for each test. What a test asks of the shim decides whether it applies: the shim leaves a file with
the reason when it does not. The same way of leaving files lists the tests before they are run.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

import msgspec

from dtlslab import locations, toml_file
from dtlslab.errors import BadInput, DtlslabError, NotInstalled
from dtlslab.expected import parse_citation
from dtlslab.results import Cell, Result
from dtlslab.verdict import Outcome, Verdict

Role = Literal["client", "server"]
ROLES: tuple[Role, ...] = ("client", "server")

_SHIM = "libdtls/tests/bogo/libdtls-bogo-shim"
_TARGET = "libdtls-bogo-shim"
_VERDICTS = {"PASSED": Verdict.PASS, "FAILED": Verdict.FAIL, "UNIMPLEMENTED": Verdict.UNSUPPORTED}
_STATUS = re.compile(r"^(PASSED|FAILED|UNIMPLEMENTED) \((.*)\)$")
_IDLE_SECONDS = 10
_NEEDS_1_3, _BY_HELLO = "dtls-1.3", "(by its hello)"


@dataclass(frozen=True, slots=True)
class Test:
    """One test of the runner; `role` is the one that libdtls has in it."""

    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Ended:
    """What the runner says of a test."""

    name: str
    verdict: Verdict
    text: str
    """What it prints about a failure."""


class Runner:
    """The runner of one BoringSSL checkout, and the shim, both built."""

    def __init__(self, checkout: Path, program: Path, shim: Path) -> None:
        self.program = program
        self.shim = shim
        self._folder = _runner_folder(checkout)
        self._source = locations.checkout()

    def tests(self) -> list[Test]:
        """All DTLS tests, by name. Listed once for each version of the runner."""
        digest = hashlib.sha256(self.program.read_bytes()).hexdigest()
        kept = self.program.parent / f"tests-{digest[:16]}.json"
        if not kept.is_file():
            kept.write_bytes(msgspec.json.encode([[test.name, test.role] for test in self._list()]))
        return [Test(name, role) for name, role in msgspec.json.decode(kept.read_bytes())]

    def reasons(self) -> dict[str, str]:
        """The shim's table of what libdtls does not set out to do: tokens and sentences."""
        ran = subprocess.run([self.shim, "-list-not-applicable"], capture_output=True, text=True, check=True)
        return dict(line.split("\t", 1) for line in ran.stdout.splitlines())

    def run(
        self, tests: Sequence[Test], transcripts: Path, *, jobs: int | None, highest_1_2: bool = False
    ) -> Generator[Ended]:
        """Runs tests and answers each as it ends. The runner keeps their transcripts below `transcripts`.

        `highest_1_2` tells the shim that DTLS 1.2 is the highest version, whatever else a test leaves open.
        """
        arguments = ["-shim-config", str(self._config()), "-idle-timeout", f"{_IDLE_SECONDS}s"]
        arguments += ["-shim-extra-flags", "-no-tls13"] if highest_1_2 else []
        yield from self._start(arguments, [test.name for test in tests], transcripts, jobs)

    def _list(self) -> Iterator[Test]:
        transcripts = self.program.parent / "listing"
        shutil.rmtree(transcripts, ignore_errors=True)
        for _ in self._start(["-shim-extra-flags", "-list-test"], [], transcripts, None):
            pass
        for role in ROLES:
            for path in sorted((transcripts / "dtls" / role).glob("*-listed")):
                yield Test(path.name.removesuffix("-listed"), role)
        shutil.rmtree(transcripts, ignore_errors=True)

    def _start(
        self, arguments: list[str], names: Sequence[str], transcripts: Path, jobs: int | None
    ) -> Iterator[Ended]:
        transcripts.mkdir(parents=True, exist_ok=True)
        command = [str(self.program), "-shim-path", str(self.shim), "-pipe", "-allow-unimplemented"]
        command += ["-transcript-dir", str(transcripts), *arguments]
        if names:
            command += ["-test", ";".join(_literal(name) for name in names)]
        if jobs:
            command += ["-num-workers", str(jobs)]
        with subprocess.Popen(
            command, cwd=self._folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process:
            assert process.stdout is not None
            try:
                yield from parse(process.stdout)
            except BaseException:
                process.terminate()
                raise
        if process.returncode not in (0, 1):
            raise DtlslabError(f"BoringSSL's runner ended with status {process.returncode}")

    def _config(self) -> Path:
        assert self._source is not None
        return self._source / "libdtls" / "tests" / "bogo" / "config.json"


def prepare(checkout: Path) -> Runner:
    """Builds the runner of `checkout` and the shim.

    BadInput when it is no BoringSSL checkout, NotInstalled without Go or without the sources of libdtls.
    """
    if not (_runner_folder(checkout) / "runner.go").is_file() or not (checkout / "go.mod").is_file():
        raise BadInput(
            f"{checkout} is not a checkout of BoringSSL; expected ssl/test/runner/runner.go in it",
            field="--runner",
        )
    if locations.checkout() is None:
        raise NotInstalled("a checkout of dtlslab, which the shim is built from,", "git clone")
    go = shutil.which("go")
    if go is None:
        raise NotInstalled("Go, which BoringSSL's runner is written in,", "apt-get install golang-go")
    build = locations.build_folder()
    folder = _products()
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "runner"
    command = [go, "test", "-c", "-o", str(program), "./ssl/test/runner"]
    _build(command, "BoringSSL's runner does not build", checkout)
    if not (build / "build.ninja").is_file():
        raise NotInstalled("the build", f"{locations.how_to_run()} setup")
    _build(["ninja", "-C", str(build), _TARGET], "the shim does not build")
    return Runner(checkout, program, build / _SHIM)


def parse(lines: Iterable[str]) -> Iterator[Ended]:
    """What the runner prints, test by test; the text of a failure reaches to the next test."""
    current: Ended | None = None
    text: list[str] = []
    for line in lines:
        found = _STATUS.match(line.rstrip("\n"))
        if found is None:
            text.append(line)
            continue
        if current is not None:
            yield _with_text(current, text)
        current, text = Ended(found[2], _VERDICTS[found[1]], ""), []
        if current.verdict is not Verdict.FAIL:
            yield current
            current = None
    if current is not None:
        yield _with_text(current, text)


def select(tests: Iterable[Test], patterns: Sequence[str]) -> list[Test]:
    """The tests whose names match one of the patterns; all without any."""
    return [
        test for test in tests if not patterns or any(fnmatchcase(test.name, pattern) for pattern in patterns)
    ]


class Known(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """An entry of `libdtls/tests/bogo/expected.toml`: tests that libdtls is known not to pass."""

    test: str
    """A pattern over the name."""
    citation: str
    """What libdtls follows instead: `RFC 6347 section 4.2.4.1`."""
    reason: str
    varies: bool = False
    """The test is random, and sometimes passes."""


class Needs13(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """An entry of the same file: tests that are about DTLS 1.3, though they leave the version open."""

    test: str
    """A pattern over the name."""
    reason: str


class Expected(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The file `libdtls/tests/bogo/expected.toml`."""

    known: tuple[Known, ...] = ()
    needs_1_3: tuple[Needs13, ...] = ()


def read_expected(path: Path) -> Expected:
    """Reads the file of known failures. BadInput names line, field and what was expected."""
    document = toml_file.read(path, Expected)
    for index, entry in enumerate(document.value.known):
        if parse_citation(entry.citation) is None:
            raise document.bad(("known", index, "citation"), 'expected "RFC 6347 section 4.2.4"')
    return document.value


class Judge:
    """Makes results of what the runner says, held against what is known."""

    def __init__(self, checkout: Path, tests: Iterable[Test], reasons: Mapping[str, str]) -> None:
        self._checkout = checkout
        self._roles = {test.name: test.role for test in tests}
        self._reasons = reasons
        source = locations.checkout()
        assert source is not None
        self._expected = read_expected(source / "libdtls" / "tests" / "bogo" / "expected.toml")

    def leaves_version_open(self, result: Result) -> bool:
        """Whether a test did not apply only because the runner, which could do either, offered DTLS 1.3."""
        by_hello = token_of(result) == _NEEDS_1_3 and result.reason.endswith(_BY_HELLO)
        return by_hello and not any(fnmatchcase(result.case, e.test) for e in self._expected.needs_1_3)

    def result(self, ended: Ended, transcripts: Path, *, highest_1_2: bool = False) -> Result:
        """The result of one test. What does not apply is as expected; a failure only if it is known."""
        role = self._roles[ended.name]
        client, server = ("libdtls", "bogo") if role == "client" else ("bogo", "libdtls")
        cell = Cell(
            part="bogo",
            case=ended.name,
            client=client,
            server=server,
            title=f"BoGo's {ended.name}, with libdtls as the {role}"
            + (", at DTLS 1.2" if highest_1_2 else ""),
            command=f"{locations.how_to_run()} bogo --runner {self._checkout} --filter '{ended.name}'",
        )
        if ended.verdict is Verdict.UNSUPPORTED:
            reason = self._not_applicable(transcripts / "dtls" / role / f"{ended.name}-not-applicable")
            return Result.of(cell, Outcome(Verdict.UNSUPPORTED, reason), expected=True)
        known = next((entry for entry in self._expected.known if fnmatchcase(ended.name, entry.test)), None)
        if ended.verdict is Verdict.PASS:
            return Result.of(cell, Outcome(Verdict.PASS, ""), expected=known is None or known.varies)
        reason = f"{known.reason} ({known.citation})" if known is not None else _summary(ended.text)
        return Result.of(
            cell, Outcome(Verdict.FAIL, reason), expected=known is not None, details=ended.text.strip()
        )

    def _not_applicable(self, path: Path) -> str:
        token, _, detail = path.read_text(encoding="utf-8", errors="replace").strip().partition("\t")
        return f"{token}: {self._reasons[token]} ({detail})"


def token_of(result: Result) -> str:
    """Why a test did not apply: the row in the shim's table."""
    return result.reason.partition(":")[0]


def _summary(text: str) -> str:
    """The runner's words about a failure on one line: what it says, what the shim said, what was wanted."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    dropped = ("got:", "want:", "stderr:", "stdout:", "child:", "extra stderr:", 'remote: ""')
    return "; ".join(line for line in lines if not line.startswith(dropped))[:400]


def _with_text(ended: Ended, text: Sequence[str]) -> Ended:
    return Ended(ended.name, ended.verdict, "".join(text))


def _literal(name: str) -> str:
    return re.sub(r"([*?\[\\])", r"\\\1", name)


def _products() -> Path:
    """Where the runner is built."""
    return locations.build_folder() / "bogo"


def _runner_folder(checkout: Path) -> Path:
    return checkout / "ssl" / "test" / "runner"


def _build(command: list[str], complaint: str, folder: Path | None = None) -> None:
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        raise DtlslabError(f"{complaint}:\n{(ran.stdout + ran.stderr).strip()[-3000:]}")
