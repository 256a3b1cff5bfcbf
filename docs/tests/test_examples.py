# SPDX-License-Identifier: MIT
"""What the pages show is what works: every block of C, shell, Python and TOML in them is checked or run."""

from __future__ import annotations

import os
import re
import select
import shlex
import signal
import socket
import subprocess
import sys
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path

import click
import pytest
from dtlslab.cli import cli as dtlslab
from dtlslab.scenario import read_scenario

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("DTLSLAB_BUILD", ROOT / "build"))
# What Korean pages show is what the English ones do: test_editions.py.
PAGES = [page for page in sorted((ROOT / "docs").rglob("*.md")) if ROOT / "docs" / "ko" not in page.parents]
PAGES += [ROOT / "README.md", ROOT / "libdtls" / "README.md"]
# Prototypes on the NetX pages are the headers' own, and CMake stands on one page: test_netx.py.
WITH_PROGRAMS = [p for p in PAGES if p.parent.name != "netx" and p.stem != "netx-surroundings"]

# Commands that other tests run, or that a test cannot: the line's beginning, and where it is run.
ELSEWHERE = {
    "apt-get install": "ci/debian-packages, by ./dtlslab setup",
    "pip install . ./conformance/scapy_dtls": "a machine of its own: it takes minutes and the network",
    "cmake -S libdtls -B build-libdtls": "ctest libdtls-standalone, and the tutorial below",
    "cmake --build build-libdtls": "ctest libdtls-standalone, and the tutorial below",
    "cmake --install build-libdtls": "ctest libdtls-standalone, and the tutorial below",
    "CC=clang cmake -S libdtls": "cmake --preset fuzz",
    "build-fuzz/": "ctest of the preset fuzz",
    ".venv/bin/python experiment.py": "the page's Python, below",
    "./dtlslab run": "./dtlslab run",
    "cc -Ilibdtls/include/netx": "test_netx.py",
    "cc -o program program.c $(pkg-config": "test_netx.py",
    "./dtlslab test": "this",
}


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    page: Path
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}: {self.text.splitlines()[0].strip()[:40]}"


def blocks(language: str, pages: list[Path] = PAGES) -> list[Block]:
    """All blocks of a language."""
    pattern = rf"^```{language}\n(.*?)^```$"
    return [Block(p, language, m[1]) for p in pages for m in re.finditer(pattern, p.read_text(), re.S | re.M)]


def test_every_block_has_a_language_that_is_checked() -> None:
    languages = {m for page in PAGES for m in re.findall(r"^```(\w+)$", page.read_text(), re.M)}
    assert languages == {"c", "cmake", "python", "sh", "toml"}
    assert {block.page.name for block in blocks("cmake")} == {"port-a-netx-program.md"}


@pytest.mark.parametrize("block", blocks("c", WITH_PROGRAMS), ids=str)
def test_c_stands_in_a_program_that_is_run(block: Block) -> None:
    programs = (ROOT / "libdtls" / "examples").rglob("*.c")
    assert any(block.text in program.read_text() for program in programs)


@pytest.mark.parametrize("block", blocks("toml"), ids=str)
def test_toml_is_read(block: Block, tmp_path: Path) -> None:
    tomllib.loads(block.text)
    if block.page.name == "scenarios.md":
        path = tmp_path / "scenario.toml"
        path.write_text(block.text)
        assert read_scenario(path).expect.connected


# ---- Python -----------------------------------------------------------------


def python(page: str, folder: Path) -> str:
    """Runs a page's Python, all of it one behind the other, as a reader who follows it does."""
    text = "\n".join(block.text for block in blocks("python", [ROOT / page]))
    environment = {**os.environ, "DTLSLAB_BUILD": str(BUILD)}
    done = subprocess.run(
        [sys.executable, "-c", text], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_pages_with_python_are_known() -> None:
    pages = {str(block.page.relative_to(ROOT)) for block in blocks("python")}
    assert pages == {
        "README.md",
        "docs/explanation/report.md",
        "docs/how-to/add-a-case.md",
        "docs/how-to/netx-on-a-network.md",
        "docs/tutorial/first-experiment.md",
    }


def test_the_experiment_of_the_readme(tmp_path: Path) -> None:
    shown = python("README.md", tmp_path)
    assert "dropped (an unlucky day)" in shown
    assert "ClientHello, again" in shown


def test_the_experiments_of_the_tutorial(tmp_path: Path) -> None:
    shown = python("docs/tutorial/first-experiment.md", tmp_path)
    assert len(re.findall(r"^\d+ (?:\d+\.\d+|None)$", shown, re.M)) == 200
    assert (tmp_path / "out" / "experiment" / "capture.pcapng").exists()


def test_reports_are_drawn_as_shown(tmp_path: Path) -> None:
    case = "rfc6347-4.1.2.6-replayed-record-dropped"
    command = [sys.executable, "-m", "dtlslab", "conformance", "--endpoint", "libdtls", "--case", case]
    environment = {**os.environ, "DTLSLAB_BUILD": str(BUILD)}
    for folder in ("run", "yesterday"):
        made = [*command, "--out", f"out/{folder}", "--quiet"]
        subprocess.run(made, cwd=tmp_path, env=environment, check=True, capture_output=True)
    python("docs/explanation/report.md", tmp_path)
    assert (tmp_path / "out" / "run" / "diff.html").exists()


def test_a_netx_program_is_put_on_a_network(tmp_path: Path) -> None:
    """What compiles it, a cell of each command that runs it, and the experiment."""
    page = "docs/how-to/netx-on-a-network.md"
    (tmp_path / "libdtls").symlink_to(ROOT / "libdtls")
    (tmp_path / "scenarios").symlink_to(ROOT / "scenarios")
    environment = {**os.environ, "DTLSLAB_BUILD": str(BUILD)}
    for line in (line for block in blocks("sh", [ROOT / page]) for line in lines(block.text)):
        words = shlex.split(line)
        if words[1] == "interop" and "--case" not in words:
            words += ["--case", "client-authentication", "--case", "handshake-psk"]
        command = [sys.executable, "-m", "dtlslab", *words[1:]]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    shown = python(page, tmp_path)
    assert re.search(r"connected closed> after \d+\.\d\d s: \['is anybody there', ", shown)
    assert (tmp_path / "out" / "client" / "capture.pcapng").exists()


def test_the_case_that_is_shown_is_one() -> None:
    (block,) = blocks("python", [ROOT / "docs" / "how-to" / "add-a-case.md"])
    cases = (ROOT / "conformance" / "src" / "dtlslab_conformance" / "cases").rglob("*.py")
    assert any(block.text in case.read_text() for case in cases)


# ---- shell ------------------------------------------------------------------


def lines(text: str) -> list[str]:
    """A script's commands, continued lines joined, comments left out."""
    joined = text.replace("\\\n", " ")
    return [line for line in (re.sub(r"\s#.*", "", line).strip() for line in joined.splitlines()) if line]


def dtlslab_commands() -> list[tuple[str, str]]:
    """Every command line of dtlslab in any block of any page."""
    found = []
    for page in PAGES:
        for block in re.findall(r"^```\w*\n(.*?)^```$", page.read_text(), re.S | re.M):
            found += [(page.name, line) for line in lines(block) if line.startswith("./dtlslab ")]
    return found


@pytest.mark.parametrize(("page", "line"), dtlslab_commands())
def test_commands_of_dtlslab_have_the_options_shown(page: str, line: str) -> None:
    name, *words = shlex.split(line)[1:]
    if name in ("test", "docs", "setup"):
        front_door = (ROOT / "dtlslab").read_text() + (ROOT / "ci" / "test.py").read_text()
        assert all(word in front_door for word in words), page
        return
    command = dtlslab.get_command(click.Context(dtlslab), name)
    assert command is not None, f"{page}: there is no {name}"
    known = {option for parameter in command.params for option in parameter.opts + parameter.secondary_opts}
    options = [word for word in words if word.startswith("--") and " " not in word]
    assert [option for option in options if option not in known] == [], page


def typed(script: str, folder: Path, path: str, words: str, seconds: float = 60) -> None:
    """Runs a script whose last command talks to an echo, and ends it once the echo has come."""
    environment = {**os.environ, "PATH": f"{path}:{os.environ['PATH']}", "HOME": str(folder)}
    with (folder / "complaints").open("w+") as complaints:
        process = subprocess.Popen(
            ["sh", "-e", "-c", script],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            start_new_session=True,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        heard, deadline = b"", time.monotonic() + seconds
        try:
            process.stdin.write(words.encode() + b"\n")
            process.stdin.flush()
            while words.encode() not in heard and time.monotonic() < deadline:
                if select.select([process.stdout], [], [], 1)[0]:
                    heard += (chunk := os.read(process.stdout.fileno(), 4096))
                    if not chunk:
                        break
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.communicate()
        complaints.seek(0)
        assert words.encode() in heard, heard.decode() + complaints.read()


def as_typed(script: str) -> str:
    """The script as a reader types it: in a port that nobody has, each client behind its server."""
    wait = "until grep -q $(printf :%04X 4433) /proc/net/udp; do kill -0 $!; done"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return script.replace("&\n", f"&\n{wait}\n").replace("4433", str(probe.getsockname()[1]))


TALKS = [page for page in PAGES if any("dtls-server -accept" in b.text for b in blocks("sh", [page]))]


@pytest.mark.realtime
@pytest.mark.parametrize("page", TALKS, ids=lambda page: page.name)
def test_clients_and_servers_of_the_pages_talk(page: Path, tmp_path: Path) -> None:
    (block,) = blocks("sh", [page])
    typed(as_typed(block.text), tmp_path, str(BUILD / "bin"), "is anybody there")


@pytest.mark.realtime
@pytest.mark.timeout(600)
def test_the_tutorial_from_its_first_line_to_its_last(tmp_path: Path) -> None:
    page = ROOT / "docs" / "tutorial" / "echo-server.md"
    (program,) = blocks("c", [page])
    assert len(program.text.splitlines()) <= 60
    (tmp_path / "echo_server.c").write_text(program.text)
    (tmp_path / "libdtls").symlink_to(ROOT / "libdtls")
    script = "".join(b.text for b in blocks("sh", [page]) if not b.text.startswith("apt-get"))
    typed(as_typed(script), tmp_path, os.environ["PATH"], "is anybody there", seconds=500)


@pytest.mark.realtime
def test_the_netx_tutorial_talks_to_openssl(tmp_path: Path) -> None:
    _, block = blocks("sh", [ROOT / "docs" / "tutorial" / "netx-server.md"])
    script = block.text.replace("build-libdtls", str(BUILD / "libdtls"))
    typed(as_typed(script), tmp_path, os.environ["PATH"], "is anybody there")


def test_all_other_commands_are_run_elsewhere() -> None:
    talks = {*TALKS, *(ROOT / "docs" / "tutorial" / f"{name}.md" for name in ("echo-server", "netx-server"))}
    rest = [line for b in blocks("sh") if b.page not in talks for line in lines(b.text)]
    rest = [line for line in rest if not line.startswith("./dtlslab ")]
    assert [line for line in rest if not line.startswith(tuple(ELSEWHERE))] == []
