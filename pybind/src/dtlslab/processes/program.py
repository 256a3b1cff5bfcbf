# SPDX-License-Identifier: MIT
"""External programs: started, fed, listened to, and gone at the end whatever happens.

Each program is the leader of a process group of its own and asks the kernel for SIGKILL when its parent dies,
so neither Ctrl-C nor a crash of the laboratory leaves one behind. Nothing waits but `wait_ready` and `stop`.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from dtlslab import locations
from dtlslab.errors import DtlslabError, NotInstalled
from dtlslab.processes import contract as contracts
from dtlslab.processes.contract import Contract, Role
from dtlslab.verdict import Verdict

PARENT_GUARD = ("setpriv", "--pdeathsig", "KILL", "--")
"""From util-linux, which Debian always has."""

_CHUNK = 65536
_SECRET = re.compile(r"[A-Z][A-Z0-9_]+( [0-9a-fA-F]+){2}\s*\n")
"""A line of the NSS key log format; comments and what is half written are not."""


class ProgramFailed(DtlslabError):
    """The program could not be brought to the point where it serves: it ended, or was not ready in time."""

    status = 1

    def __init__(self, message: str, verdict: Verdict = Verdict.FAIL) -> None:
        super().__init__(message)
        self.verdict = verdict
        """UNSUPPORTED when its status says so under its contract, CRASH when it died of a signal."""


def find_program(name: str, install: str) -> str:
    """The path of a program, installed or built here; NotInstalled names the command that brings it."""
    path = shutil.which(name) or shutil.which(name, path=str(locations.build_folder() / "bin"))
    if path is None:
        raise NotInstalled(f"the program {name}", install)
    return path


def installed_version(contract: Contract) -> str:
    """What the program says of its version; NotInstalled when it is not there."""
    program = find_program(contract.version.command[0], contract.install)
    for role in (contract.client, contract.server):
        if role is not None:
            find_program(role.command[0], contract.install)
    done = subprocess.run(
        [program, *contract.version.command[1:]],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=10,
        check=False,
    )
    found = re.search(contract.version.pattern, (done.stdout + done.stderr).decode(errors="replace"))
    return found[1] if found else "unknown"


def free_port() -> int:
    """A UDP port of the loopback interface that nothing uses now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def port_is_bound(port: int) -> bool:
    """Whether a UDP socket of this host is bound to `port`, by the kernel's own tables. Sends nothing."""
    wanted = f"{port:04X}"
    for table in ("/proc/net/udp", "/proc/net/udp6"):
        with contextlib.suppress(FileNotFoundError), Path(table).open(encoding="ascii") as lines:
            next(lines)
            if any(line.split()[1].endswith(f":{wanted}") for line in lines):
                return True
    return False


class Program:
    """One run of a program under its contract.

    `values` fill the placeholders; the files and the logs that the contract speaks of are made in `folder`.
    """

    def __init__(
        self, contract: Contract, role: str, features: Iterable[str], values: Mapping[str, str], folder: Path
    ) -> None:
        described = contract.role(role)
        if described is None:
            raise ProgramFailed(f"{contract.name} cannot be a {role}", Verdict.UNSUPPORTED)
        self.contract = contract
        self.role: Role = described
        self.role_name = role
        self.received = bytearray()
        """Application data that the program wrote to its standard output."""
        self._folder = folder
        self._log = folder / f"{role}.log"
        filled = {"log": str(self._log), "keylog": str(folder / f"{role}.keys"), **values}
        self.keylog = Path(filled["keylog"])
        filled.update(self._write_files(filled))
        self.command = contracts.command_line(described, features, filled)
        self._environment = {
            name: contracts.substitute(text, filled) for name, text in contract.environment.items()
        }
        self._port = int(filled["port"])
        self._process: subprocess.Popen[bytes] | None = None
        self._messages = b""
        self._unsent = b""
        self._input_ends = False
        self._status: int | None = None

    def start(self) -> None:
        """Starts the program and returns at once."""
        program = find_program(self.command[0], self.contract.install)
        self._process = subprocess.Popen(
            [*PARENT_GUARD, program, *self.command[1:]],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "LC_ALL": "C", **self._environment},
            start_new_session=True,
        )
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            os.set_blocking(_number(pipe), False)

    def wait_ready(self) -> None:
        """Waits until a server can take its first datagram. ProgramFailed says why it never could."""
        ready = self.role.ready
        end = time.monotonic() + ready.seconds
        while time.monotonic() < end:
            self.pump()
            if ready.bound and port_is_bound(self._port):
                return
            if ready.output and re.search(ready.output, self.messages, re.MULTILINE):
                return
            if self.ended:
                raise self._ended_early()
            time.sleep(0.005)
        raise ProgramFailed(
            f"{self.contract.name} was not ready after {ready.seconds:g} s: {self._last_words()}"
        )

    def pump(self) -> None:
        """Moves what can be moved now: our data in, its data and messages out."""
        if self._process is None:
            return
        self._pump_input()
        out = _drain(self._process.stdout)
        if self.role.data == "stdio":
            self.received += out
        else:
            self._messages += out
        self._messages += _drain(self._process.stderr)

    def write(self, data: bytes) -> None:
        """Queues data for the program's standard input, which stays open."""
        self._unsent += data
        self.pump()

    def end_input(self) -> None:
        """Closes standard input as soon as what was queued is written."""
        self._input_ends = True
        self.pump()

    @property
    def ended(self) -> bool:
        """Whether the program has ended by itself."""
        return self._process is not None and self._process.poll() is not None

    @property
    def pid(self) -> int:
        """The number of its process, and of its process group."""
        assert self._process is not None
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended yet."""
        return self._process is not None and not self.ended

    @property
    def status(self) -> int | None:
        """The exit status; negative for a signal; None while it runs and when `stop` had to kill it."""
        if self._status is None and self.ended and self._process is not None:
            self._status = self._process.returncode
        return self._status

    @property
    def messages(self) -> str:
        """Everything the program has said, application data left out."""
        text = self._messages.decode(errors="replace")
        if self._log.is_file():
            text += self._log.read_text(errors="replace")
        return text

    @property
    def secrets(self) -> list[str]:
        """The whole lines of the key log that it has written so far, if its contract lets it write one."""
        if not self.keylog.is_file():
            return []
        lines = self.keylog.read_text(errors="replace").splitlines(keepends=True)
        return [line.rstrip() for line in lines if _SECRET.fullmatch(line)]

    def says(self, pattern: str | None) -> re.Match[str] | None:
        """The first place where its messages match `pattern`; None also when the contract has no pattern."""
        return re.search(pattern, self.messages, re.MULTILINE) if pattern else None

    def last_lines(self, count: int = 12) -> str:
        """The end of what the program has said."""
        return "\n".join(self.messages.splitlines()[-count:])

    def stop(self, grace: float = 0.0) -> None:
        """Waits `grace` seconds for the program to end by itself, then kills its whole process group."""
        process = self._process
        if process is None:
            return
        end = time.monotonic() + grace
        while not self.ended and time.monotonic() < end:
            self.pump()
            time.sleep(0.005)
        self._status = self.status
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.pump()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        self._process = None
        (self._folder / f"{self.role_name}.messages.txt").write_text(
            f"$ {' '.join(self.command)}\n{self.messages}[exit status {self._status}]\n"
        )

    def check_alive(self) -> None:
        """ProgramFailed when the program has ended in a way that its contract does not call success."""
        if self.status is not None and self.status not in self.contract.exit.success:
            raise self._ended_early()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _write_files(self, filled: Mapping[str, str]) -> dict[str, str]:
        paths = {}
        for name, text in self.contract.files.items():
            path = self._folder / f"{self.role_name}.{name}"
            path.write_text(contracts.substitute(text, filled))
            paths[f"files.{name}"] = str(path)
        return paths

    def _pump_input(self) -> None:
        if self._process is None or self._process.stdin is None or self._process.stdin.closed:
            return
        pipe = self._process.stdin
        try:
            while self._unsent:
                self._unsent = self._unsent[os.write(pipe.fileno(), self._unsent[:_CHUNK]) :]
            if self._input_ends:
                pipe.close()
        except BlockingIOError:
            pass
        except BrokenPipeError:
            self._unsent = b""

    def _ended_early(self) -> ProgramFailed:
        status = self.status or 0
        verdict = Verdict.UNSUPPORTED if status in self.contract.exit.unsupported else Verdict.FAIL
        how = f"with status {status}"
        if status < 0:
            verdict, how = Verdict.CRASH, f"by signal {-status}"
        return ProgramFailed(f"{self.contract.name} ended {how}: {self._last_words()}", verdict)

    def _last_words(self) -> str:
        self.pump()
        lines = [line.strip() for line in self.messages.splitlines() if line.strip()]
        return lines[-1] if lines else "it said nothing"


def _number(pipe: IO[bytes] | None) -> int:
    assert pipe is not None
    return pipe.fileno()


def _drain(pipe: IO[bytes] | None) -> bytes:
    pieces = []
    if pipe is not None and not pipe.closed:
        with contextlib.suppress(BlockingIOError):
            while piece := os.read(pipe.fileno(), _CHUNK):
                pieces.append(piece)
    return b"".join(pieces)
