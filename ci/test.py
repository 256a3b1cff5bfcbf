# SPDX-License-Identifier: MIT
"""Runs the project's own tests: C and Python, the C ones again under the sanitizers, and the fuzz targets.

`./dtlslab test` calls this after the set-up. Each stage leaves a JUnit file in
`out/test/`; the last line counts them all.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
BUILD = Path(os.environ.get("DTLSLAB_BUILD", ROOT / "build"))
OUT = ROOT / "out" / "test"
JOBS = str(os.cpu_count() or 1)
console = Console(stderr=True)


@dataclass
class Stage:
    """One command whose JUnit file says what passed."""

    title: str
    command: list[str]
    junit: Path | None = None
    environment: dict[str, str] = field(default_factory=dict)
    status: int = 0
    seconds: float = 0.0
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def run(self) -> None:
        """Runs the command with its output on the terminal, and counts."""
        console.rule(f"[bold]{self.title}")
        began = time.monotonic()
        self.status = subprocess.run(
            self.command, cwd=ROOT, env={**os.environ, **self.environment}, check=False
        ).returncode
        self.seconds = time.monotonic() - began
        if self.junit is not None:
            self.count(self.junit)

    def count(self, junit: Path) -> None:
        """Reads the counts; a stage that left no file, or ran nothing, has failed."""
        cases = list(ET.parse(junit).getroot().iter("testcase")) if junit.exists() else []
        self.failed = sum(
            1 for case in cases if case.find("failure") is not None or case.find("error") is not None
        )
        self.skipped = sum(
            1 for case in cases if case.find("skipped") is not None or case.get("status") == "notrun"
        )
        self.passed = len(cases) - self.failed - self.skipped
        if not cases or (self.status != 0 and self.failed == 0):
            self.failed += 1


def ctest(title: str, build: Path, junit: str, *options: str) -> Stage:
    path = OUT / junit
    command = ["ctest", "--test-dir", str(build), "--output-on-failure", "-j", JOBS, *options]
    return Stage(
        title,
        [*command, "--output-junit", str(path)],
        path,
        {"ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0", "CTEST_PROGRESS_OUTPUT": "1"},
    )


def pytest(arguments: argparse.Namespace, build: Path) -> Stage:
    path = OUT / "python.xml"
    command = [sys.executable, "-m", "pytest", "-q", "-n", JOBS, "--dist", "worksteal", f"--junit-xml={path}"]
    if arguments.fast:
        command += ["-m", "not browser and not realtime"]
    if arguments.coverage:
        command += ["--cov=dtlslab", "--cov=dtlslab_interop", "--cov=dtlslab_conformance", "--cov=scapy_dtls"]
        command += [f"--cov-report=html:{OUT / 'coverage-python'}", "--cov-report=term"]
    environment = {"DTLSLAB_BUILD": str(build)}
    if arguments.coverage:
        environment["PATH"] = f"{linking_counters()}{os.pathsep}{os.environ['PATH']}"
    return Stage("Python tests", command, path, environment)


def linking_counters() -> Path:
    """A folder of compilers that link with our archives, which have counters in them now."""
    folder = OUT / "compilers"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("cc", "gcc"):
        compiler = folder / name
        compiler.write_text(f'#!/bin/sh\nexec {shutil.which("gcc")} "$@" -lgcov\n')
        compiler.chmod(0o755)
    return folder


def sanitized_pytest(build: Path) -> Stage:
    """The Python tests of libdtls's own interface, whose binding was built with the address sanitizer."""
    path = OUT / "python-asan.xml"
    tests = [
        str(ROOT / "pybind" / "tests" / name) for name in ("test_public_interface.py", "test_vectors.py")
    ]
    libraries = [
        subprocess.run(
            ["gcc", f"-print-file-name={name}"], check=True, capture_output=True, text=True
        ).stdout.strip()
        for name in ("libasan.so", "libubsan.so")
    ]
    return Stage(
        "libdtls's interface, sanitized",
        [sys.executable, "-m", "pytest", "-q", f"--junit-xml={path}", *tests],
        path,
        {
            "DTLSLAB_BUILD": str(build),
            "LD_PRELOAD": " ".join(libraries),
            # The interpreter keeps what it has allocated.
            "ASAN_OPTIONS": "detect_leaks=0",
        },
    )


def configure(preset: str, build: Path, *flags: str) -> Stage:
    command = ["cmake", "--preset", preset, "-B", str(build), "-DBUILD_TESTING=ON"]
    return Stage(f"Configure {build.name}", [*command, f"-DPython3_EXECUTABLE={sys.executable}", *flags])


def compile_all(build: Path, *targets: str) -> Stage:
    return Stage(f"Build {build.name}", ["ninja", "-C", str(build), *targets])


def fuzzing(seconds: int) -> list[Stage]:
    """The fuzz targets: for a while each, and their corpora under the memory sanitizer."""
    build, memory, path = BUILD / "fuzz", BUILD / "msan", OUT / "fuzz.xml"
    command = [sys.executable, str(ROOT / "ci" / "fuzz.py"), "--build", str(build), "--jobs", JOBS]
    return [
        configure("msan", memory),
        compile_all(memory, "libdtls-replays"),
        ctest("Fuzz corpora, undefined memory seen", memory, "c-msan.xml", "-L", "^replay$"),
        configure("fuzz", build),
        compile_all(build, "libdtls-fuzzers"),
        Stage("Fuzzing", [*command, "--seconds", str(seconds), "--junit", str(path)], path),
    ]


def threads() -> list[Stage]:
    """The threads of the NetX services and of what is around them, under the thread sanitizer."""
    build = BUILD / "tsan"
    return [
        configure("tsan", build),
        compile_all(build, "libdtls-netx-tests"),
        ctest("NetX's threads, sanitized", build, "c-tsan.xml", "-L", "^netx-threads$"),
    ]


def c_coverage(build: Path) -> list[Stage]:
    """What the C tests, and the Python tests that drive C, have reached."""
    gcovr = [sys.executable, "-m", "gcovr", "--root", str(ROOT), str(build), "-j", JOBS]
    everything = [word for part in ("libdtls/src", "interop/adapters", "sim") for word in ("--filter", part)]
    pages = ["--html-details", str(OUT / "coverage-c.html"), "--print-summary"]
    branches = str(OUT / "branches.json")
    judge = [sys.executable, str(ROOT / "ci" / "branches.py"), branches]
    reviewed = ROOT / "libdtls" / "tests" / "coverage" / "unreached.toml"
    return [
        Stage("C coverage", [*gcovr, *everything, *pages]),
        Stage("Branches of libdtls", [*gcovr, "--filter", "libdtls/src", "--json", branches]),
        Stage("Branches that no test reaches", [*judge, "--unreached", str(reviewed)]),
    ]


def forget_counts(build: Path) -> None:
    """Counters of earlier runs would be added to; notes of sources that are gone would be read in vain."""
    for counts in build.rglob("*.gcda"):
        counts.unlink()
    for notes in build.rglob("*.gcno"):
        if not notes.with_suffix(".o").exists():
            notes.unlink()


def stages(arguments: argparse.Namespace) -> list[Stage]:
    build = BUILD / "coverage" if arguments.coverage else BUILD
    chosen = [configure("coverage", build), compile_all(build)] if arguments.coverage else []
    chosen.append(ctest("C tests", build, "c.xml"))
    if not arguments.fast and not arguments.coverage:
        sanitized = BUILD / "asan"
        chosen += [
            configure("asan", sanitized),
            compile_all(sanitized),
            ctest("C tests, sanitized", sanitized, "c-asan.xml"),
            sanitized_pytest(sanitized),
            *threads(),
            *fuzzing(arguments.fuzz),
        ]
    chosen.append(pytest(arguments, build))
    if arguments.coverage:
        chosen += c_coverage(build)
    return chosen


def summary(done: list[Stage]) -> None:
    table = Table(title="Tests")
    for heading in ("stage", "passed", "failed", "skipped", "seconds"):
        table.add_column(heading, justify="left" if heading == "stage" else "right")
    for stage in done:
        counts = [str(n) if stage.junit else "" for n in (stage.passed, stage.failed, stage.skipped)]
        table.add_row(stage.title, *counts, f"{stage.seconds:.1f}", style="red" if stage.status else None)
    console.print(table)


def main() -> int:
    """Runs the stages; stops early only when something could not be built."""
    parser = argparse.ArgumentParser(prog="dtlslab test", description="The project's own tests.")
    parser.add_argument("--fast", action="store_true", help="no sanitizers, no browser, no real time")
    parser.add_argument("--coverage", action="store_true", help="what the tests reach; pages in out/test/")
    parser.add_argument(
        "--fuzz", type=int, default=5, metavar="SECONDS", help="how long each fuzz target runs (5)"
    )
    arguments = parser.parse_args()
    OUT.mkdir(parents=True, exist_ok=True)
    for old in OUT.glob("*.xml"):
        old.unlink()
    forget_counts(BUILD / "coverage")
    done = []
    for stage in stages(arguments):
        stage.run()
        done.append(stage)
        if stage.status != 0 and stage.junit is None:
            break
    summary(done)
    passed, failed, skipped = (sum(getattr(s, n) for s in done) for n in ("passed", "failed", "skipped"))
    failed += sum(1 for stage in done if stage.status != 0 and stage.junit is None)
    print(f"{passed} passed, {failed} failed, {skipped} skipped", flush=True)
    return 1 if failed or any(stage.status for stage in done) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
