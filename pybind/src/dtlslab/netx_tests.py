# SPDX-License-Identifier: MIT
"""The public regression tests of NetX Secure DTLS, compiled against this library's headers and archives.

The user has a checkout of NetX Duo; nothing of it is kept here but programs in the build folder. Each test
is compiled with `libdtls/tests/netx-tests/main.c`, which gives it virtual time, and run as often as is asked
for. `expected.toml` beside it says which are not expected to pass, and why.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

import msgspec

from dtlslab import locations, toml_file
from dtlslab.errors import BadInput, DtlslabError, NotInstalled
from dtlslab.results import Cell, Result
from dtlslab.verdict import Outcome, Verdict

Sanitizer = Literal["address", "thread"]

_FOLDER = Path("test/regression/nx_secure_test")
_PREFIX, _SUFFIX = "nx_secure_dtls_", "_test.c"
_ARCHIVES = ("libdtls_netx.a", "libdtls_libcrypto.a", "libdtls.a")
_TARGETS = ("dtls_netx", "dtls_libcrypto", "dtls")

# What the original is built with for these tests, as far as it means something here.
_DEFINES = (
    "CTEST",
    "FEATURE_NX_IPV6",
    "NX_SECURE_ALLOW_SELF_SIGNED_CERTIFICATES",
    "NX_SECURE_ENABLE_CLIENT_CERTIFICATE_VERIFY",
    "NX_SECURE_ENABLE_DTLS",
    "NX_SECURE_ENABLE_ECC_CIPHERSUITE",
    "NX_SECURE_ENABLE_PSK_CIPHERSUITES",
)

_SANITIZED: dict[Sanitizer, tuple[str, ...]] = {
    "address": ("-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer"),
    "thread": ("-fsanitize=thread",),
}
_REPORTED = 66
"""With this status a program ends on which a sanitizer reports."""

_LIMIT_SECONDS = 60
"""Of real time, for one run; one takes some milliseconds."""

_PIECE = 20
"""Runs of one test that a worker does at a time."""


class End(StrEnum):
    """How a test ends."""

    PASS = "pass"
    FAIL = "fail"
    NOT_APPLICABLE = "not-applicable"
    COMPILE = "compile"
    CRASH = "crash"
    HANG = "hang"


_STATUSES = {0: End.PASS, 2: End.PASS, 3: End.NOT_APPLICABLE, 4: End.HANG, 5: End.HANG, _REPORTED: End.CRASH}
_VERDICTS = {
    End.PASS: Verdict.PASS,
    End.FAIL: Verdict.FAIL,
    End.NOT_APPLICABLE: Verdict.UNSUPPORTED,
    End.COMPILE: Verdict.FAIL,
    End.CRASH: Verdict.CRASH,
    End.HANG: Verdict.HANG,
}
_WORDS = {
    End.COMPILE: "it does not compile",
    End.FAIL: "it says that it failed",
    End.NOT_APPLICABLE: "it says that it does not apply",
    End.CRASH: "it crashed",
    End.HANG: "it did not end",
    End.PASS: "it passed",
}


@dataclass(frozen=True, slots=True)
class Ended:
    """How one test ended: at its first run that did not pass, or after all of them."""

    end: End
    output: str = ""
    runs: int = 0
    seconds: float = 0.0


class Cause(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A reason for which several tests may not pass."""

    name: str
    reason: str
    applies: bool
    """False: such a test asks for what these services do not set out to be."""


class Known(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A test that is not expected to pass."""

    name: str
    cause: str
    ends: tuple[End, ...]
    detail: str = ""


class Built(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A test that is built with more than the others."""

    name: str
    defines: tuple[str, ...]
    reason: str


class _File(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    cause: tuple[Cause, ...] = ()
    test: tuple[Known, ...] = ()
    build: tuple[Built, ...] = ()


@dataclass(frozen=True, slots=True)
class Expected:
    """`expected.toml`."""

    causes: dict[str, Cause]
    known: dict[str, Known]
    defines: dict[str, tuple[str, ...]]


def read_expected(path: Path | None = None) -> Expected:
    """Reads the table. BadInput names line, field and what was expected."""
    document = toml_file.read(path or _sources() / "expected.toml", _File)
    causes = {cause.name: cause for cause in document.value.cause}
    for index, entry in enumerate(document.value.test):
        if entry.cause not in causes:
            raise document.bad(("test", index, "cause"), f"expected one of {', '.join(sorted(causes))}")
    return Expected(
        causes,
        {entry.name: entry for entry in document.value.test},
        {entry.name: entry.defines for entry in document.value.build},
    )


def find_tests(checkout: Path) -> dict[str, Path]:
    """The DTLS tests of a checkout of NetX Duo, by name. BadInput when it is none."""
    folder = checkout / _FOLDER
    if not folder.is_dir():
        raise BadInput(f"{checkout} is not a checkout of NetX Duo; expected {_FOLDER} in it", field="--from")
    paths = sorted(folder.glob(f"{_PREFIX}*{_SUFFIX}"))
    if not paths:
        raise BadInput(f"{folder} has no DTLS tests; expected {_PREFIX}*{_SUFFIX} in it", field="--from")
    return {path.name.removeprefix(_PREFIX).removesuffix(_SUFFIX): path for path in paths}


def select(tests: dict[str, Path], patterns: Sequence[str]) -> dict[str, Path]:
    """The tests whose names match one of the patterns; all without any."""
    return {
        name: path
        for name, path in tests.items()
        if not patterns or any(fnmatchcase(name, pattern) for pattern in patterns)
    }


class Builder:
    """A compiler and the library, perhaps with a sanitizer in both."""

    def __init__(self, compiler: str, library: Path, sanitizer: Sanitizer | None) -> None:
        self._compiler = compiler
        self._library = library
        self._sanitizer = sanitizer
        self._folder = _products(sanitizer)

    def compile(self, name: str, source: Path, defines: Iterable[str]) -> tuple[Path, str]:
        """The program of one test, and what the compiler says when there is none."""
        self._folder.mkdir(parents=True, exist_ok=True)
        program = self._folder / name
        program.unlink(missing_ok=True)
        includes = (_sources() / "include", _root() / "libdtls/include/netx", source.parent)
        command = [self._compiler, "-std=gnu17", "-O1", "-g", "-w", *_flags(self._sanitizer)]
        command += [f"-D{define}" for define in (*_DEFINES, *defines)]
        command += [f"-I{path}" for path in includes]
        command += [str(source), str(_sources() / "main.c"), "-o", str(program)]
        command += [*(str(self._library / archive) for archive in _ARCHIVES), "-lcrypto", "-lpthread"]
        ran = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
        return program, "" if ran.returncode == 0 else (ran.stdout + ran.stderr).strip() or "no words"


def prepare(sanitizer: Sanitizer | None) -> Builder:
    """Brings the library up to date. NotInstalled without its sources or without a compiler."""
    if locations.checkout() is None:
        raise NotInstalled("a checkout of dtlslab, which the library is built from,", "git clone")
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise NotInstalled("gcc, which compiles the tests,", "apt-get install gcc libc6-dev")
    build = locations.build_folder()
    if sanitizer is None:
        if not (build / "build.ninja").is_file():
            raise NotInstalled("the build", f"{locations.how_to_run()} setup")
        _run(["ninja", "-C", str(build), *_TARGETS], "the library does not build")
        return Builder(compiler, build / "libdtls", None)
    library = build / f"netx-library-{sanitizer}"
    if not (library / "build.ninja").is_file():
        flags = " ".join(_SANITIZED[sanitizer])
        options = ("DTLS_PROGRAMS", "DTLS_SHARED", "BUILD_TESTING")
        command = ["cmake", "-S", str(_root() / "libdtls"), "-B", str(library), "-G", "Ninja"]
        command += ["-DCMAKE_BUILD_TYPE=RelWithDebInfo", f"-DCMAKE_C_COMPILER={compiler}"]
        _run(
            [*command, f"-DCMAKE_C_FLAGS={flags}", *(f"-D{option}=OFF" for option in options)],
            "the library with a sanitizer cannot be configured",
        )
    _run(["ninja", "-C", str(library), *_TARGETS], "the library does not build with the sanitizer")
    return Builder(compiler, library, sanitizer)


def run(program: Path, runs: int) -> Ended:
    """Runs a program up to so many times, until it does not pass."""
    environment = dict(os.environ)
    for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"):
        # A program ends in the middle of its threads: those are no leak.
        more = "report_thread_leaks=0:" if name == "TSAN_OPTIONS" else ""
        environment[name] = f"exitcode={_REPORTED}:halt_on_error=1:{more}" + environment.get(name, "")
    begun = time.monotonic()
    for done in range(1, runs + 1):
        try:
            ran = subprocess.run(
                [program],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                timeout=_LIMIT_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Ended(End.HANG, f"no end after {_LIMIT_SECONDS} s", done, time.monotonic() - begun)
        end = End.CRASH if ran.returncode < 0 else _STATUSES.get(ran.returncode, End.FAIL)
        if end is not End.PASS:
            output = ran.stdout
            if ran.returncode < 0:
                output += f"\nended by {signal.Signals(-ran.returncode).name}"
            return Ended(end, output.strip(), done, time.monotonic() - begun)
    return Ended(End.PASS, "", runs, time.monotonic() - begun)


class Judge:
    """Makes results of how tests ended, held against what is known."""

    def __init__(self, checkout: Path, expected: Expected, options: str) -> None:
        self._checkout = checkout
        self._expected = expected
        self._options = options

    def result(self, name: str, ended: Ended) -> Result:
        """As expected: a pass without an entry in the table, or the end that the entry names."""
        again = f"{locations.how_to_run()} netx-tests --from {self._checkout} --filter {name}"
        cell = Cell(
            part="netx-tests",
            case=name,
            title=f"NetX Secure DTLS's {name} test, over libdtls",
            command=again + self._options,
        )
        known = self._expected.known.get(name)
        if known is None:
            outcome = Outcome(_VERDICTS[ended.end], "" if ended.end is End.PASS else _summary(ended))
            expected = ended.end is End.PASS
        elif ended.end is End.PASS:
            outcome = Outcome(Verdict.PASS, f"the entry in expected.toml has to go: {known.cause}")
            expected = False
        elif ended.end not in known.ends:
            words = " or that ".join(_WORDS[end] for end in known.ends)
            outcome = Outcome(
                _VERDICTS[ended.end], f"expected that {words} ({known.cause}): {_summary(ended)}"
            )
            expected = False
        else:
            cause = self._expected.causes[known.cause]
            outcome = Outcome(
                Verdict.FAIL if cause.applies else Verdict.UNSUPPORTED,
                f"{known.cause}: {cause.reason} {known.detail}".strip(),
            )
            expected = True
        return Result.of(
            cell,
            outcome,
            expected=expected,
            real_seconds=ended.seconds,
            details="" if ended.end is End.PASS else ended.output[-4000:],
            metrics={"runs": float(ended.runs)},
        )


def run_all(
    builder: Builder, tests: dict[str, Path], expected: Expected, runs: int, jobs: int | None
) -> Iterable[tuple[str, Ended | None, int]]:
    """Compiles and runs tests side by side.

    Answers each piece of work as it ends: the test's name, how it ended (None: pieces of it are still under
    way), and how many of its runs the piece stood for.
    """
    pieces = dict.fromkeys(tests, -(-runs // _PIECE))
    gathered: dict[str, Ended] = {}

    def work(name: str, program: Path, complaint: str, number: int) -> tuple[str, Ended, int]:
        stood_for = min(_PIECE, runs - number * _PIECE)
        if complaint:
            return name, Ended(End.COMPILE, complaint), stood_for
        before = gathered.get(name)
        if before is not None and before.end is not End.PASS:
            return name, Ended(End.PASS), stood_for
        return name, run(program, stood_for), stood_for

    with ThreadPoolExecutor(jobs or os.cpu_count() or 1) as pool:
        try:
            built = {
                name: pool.submit(builder.compile, name, path, expected.defines.get(name, ()))
                for name, path in tests.items()
            }
            futures = [
                pool.submit(work, name, *built[name].result(), number)
                for number in range(-(-runs // _PIECE))
                for name in tests
            ]
            for future in as_completed(futures):
                name, ended, stood_for = future.result()
                gathered[name] = _together(gathered.get(name), ended)
                pieces[name] -= 1
                yield name, gathered[name] if pieces[name] == 0 else None, stood_for
        finally:
            pool.shutdown(cancel_futures=True)


def _together(one: Ended | None, other: Ended) -> Ended:
    if one is None:
        return other
    worse = one if one.end is not End.PASS else other
    return Ended(worse.end, worse.output, one.runs + other.runs, one.seconds + other.seconds)


def _summary(ended: Ended) -> str:
    """The first words of the compiler, or the last of the program, on one line."""
    lines = [line.strip() for line in ended.output.splitlines() if line.strip()]
    if ended.end is End.COMPILE:
        errors = [line for line in lines if "error" in line or "undefined reference" in line]
        return (errors or lines or [""])[0][:300]
    reports = [line for line in lines if "ERROR: " in line or "WARNING: " in line or "runtime error" in line]
    words = "; ".join(reports[:1] or lines[-3:])[:300]
    return f"{_WORDS[ended.end]} in run {ended.runs}: {words}" if words else _WORDS[ended.end]


def _flags(sanitizer: Sanitizer | None) -> tuple[str, ...]:
    return _SANITIZED[sanitizer] if sanitizer is not None else ()


def _root() -> Path:
    root = locations.checkout()
    assert root is not None
    return root


def _sources() -> Path:
    return _root() / "libdtls" / "tests" / "netx-tests"


def _products(sanitizer: Sanitizer | None) -> Path:
    """Where the tests' programs are built."""
    return locations.build_folder() / "netx-tests" / (sanitizer or "plain")


def _run(command: list[str], complaint: str) -> None:
    try:
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise NotInstalled(command[0], "apt-get install cmake ninja-build") from None
    if ran.returncode != 0:
        raise DtlslabError(f"{complaint}:\n{(ran.stdout + ran.stderr).strip()[-3000:]}")
