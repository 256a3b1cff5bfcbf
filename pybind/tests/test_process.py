# SPDX-License-Identifier: MIT
"""External programs: started, ready, listened to, and gone at the end whatever happens."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from dtlslab.errors import NotInstalled
from dtlslab.processes.contract import Contract, Ready, Role, Says, Version
from dtlslab.processes.program import Program, ProgramFailed, find_program, free_port, installed_version
from dtlslab.verdict import Verdict

BINDS = (
    "import socket, sys; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);"
    "s.bind(('127.0.0.1', int(sys.argv[1]))); print('ready', flush=True); sys.stdin.read()"
)
SLEEPS = "import sys, time; print('ready', file=sys.stderr, flush=True); time.sleep(1000)"


def contract_of(code: str, **role: object) -> Contract:
    """A contract for a server that is a few lines of Python."""
    described = Role(command=(sys.executable, "-c", code, "{port}"), **{"ready": Ready(bound=True), **role})  # type: ignore[arg-type]
    version = Version(command=(sys.executable, "--version"), pattern=r"Python (\S+)")
    return Contract(contract=1, name="test", stack="test", install="none", version=version, server=described)


def program_of(folder: Path, code: str, **role: object) -> Program:
    return Program(contract_of(code, **role), "server", [], {"port": str(free_port())}, folder)


def eventually(condition: Callable[[], bool], program: Program | None = None, seconds: float = 10.0) -> bool:
    """Whether `condition` comes to hold while `program` is pumped."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        if program is not None:
            program.pump()
        time.sleep(0.01)
    return condition()


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.mark.realtime
def test_a_server_is_ready_when_its_port_is_bound(tmp_path: Path) -> None:
    with program_of(tmp_path, BINDS) as program:
        program.start()
        program.wait_ready()
        assert not program.ended
    assert not program.running


@pytest.mark.realtime
def test_a_server_is_ready_when_it_says_so(tmp_path: Path) -> None:
    with program_of(tmp_path, SLEEPS, ready=Ready(output="^ready$")) as program:
        program.start()
        program.wait_ready()


@pytest.mark.realtime
@pytest.mark.parametrize(
    ("code", "message", "verdict"),
    [
        ("import sys; sys.exit('no such option')", "ended with status 1: no such option", Verdict.FAIL),
        ("import sys; sys.exit(127)", "ended with status 127", Verdict.UNSUPPORTED),
        ("import os; os.abort()", "ended by signal 6", Verdict.CRASH),
        (SLEEPS, "was not ready after 0.3 s", Verdict.FAIL),
    ],
)
def test_a_server_that_never_serves_says_why(
    tmp_path: Path, code: str, message: str, verdict: Verdict
) -> None:
    with program_of(tmp_path, code, ready=Ready(bound=True, seconds=0.3 if code is SLEEPS else 5)) as program:
        program.start()
        with pytest.raises(ProgramFailed, match=message) as caught:
            program.wait_ready()
    assert caught.value.verdict is verdict


@pytest.mark.realtime
def test_data_goes_in_and_out_and_messages_are_kept_apart(tmp_path: Path) -> None:
    code = (
        "import sys; print('hello', file=sys.stderr, flush=True);"
        "[print(line.upper(), end='', flush=True) for line in sys.stdin]"
    )
    with program_of(tmp_path, code, says=Says(connected="^hello$")) as program:
        program.start()
        program.write(b"abc\n")
        assert eventually(lambda: program.received == b"ABC\n", program)
        assert program.says(program.role.says.connected)
        assert program.says(program.role.says.failed) is None
        program.end_input()
        program.stop(grace=5.0)
    assert program.status == 0
    assert "hello" in (tmp_path / "server.messages.txt").read_text()


@pytest.mark.realtime
def test_stop_kills_what_the_program_has_started_too(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys;"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(1000)']);"
        "print(child.pid, file=sys.stderr, flush=True); child.wait()"
    )
    with program_of(tmp_path, code) as program:
        program.start()
        assert eventually(lambda: program.messages.endswith("\n"), program)
        child = int(program.messages)
        assert is_alive(child)
    assert eventually(lambda: not is_alive(child))


@pytest.mark.realtime
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGSEGV])
def test_no_program_outlives_the_laboratory(tmp_path: Path, how: signal.Signals) -> None:
    script = tmp_path / "laboratory.py"
    script.write_text(
        "import sys, time\n"
        f"sys.path[:0] = {sys.path!r}\n"
        "from pathlib import Path\n"
        f"sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "import test_process\n"
        f"program = test_process.program_of(Path({str(tmp_path)!r}), test_process.SLEEPS)\n"
        "with program:\n"
        "    program.start()\n"
        "    print(program.pid, flush=True)\n"
        "    time.sleep(1000)\n"
    )
    with subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as lab:
        assert lab.stdout is not None
        program = int(lab.stdout.readline())
        assert is_alive(program)
        os.kill(lab.pid, how)
        lab.wait()
    assert eventually(lambda: not is_alive(program))


def test_a_missing_program_is_named_with_the_command_that_installs_it() -> None:
    with pytest.raises(NotInstalled, match="apt-get install nonesuch"):
        find_program("nonesuch-program", "apt-get install nonesuch")


def test_the_version_is_taken_out_of_what_the_program_says() -> None:
    assert installed_version(contract_of(SLEEPS)) == ".".join(map(str, sys.version_info[:3]))
