# SPDX-License-Identifier: MIT
"""Compiles the adapters and the ns-3 carrier of an installed dtlslab on the user's own machine, at first use.

Wheels hold their sources only (docs/licences.md says why). A checkout needs none
of this: its front door builds. The result is kept in the user's cache folder,
one for each version, and found there by `dtlslab.locations`.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from dtlslab import locations
from dtlslab.errors import DtlslabError, NotInstalled

PROGRAMS = {"cmake": "cmake", "ninja": "ninja-build", "cc": "gcc", "c++": "g++", "pkg-config": "pkg-config"}
"""What the build runs, and the Debian package of each."""

HEADERS = ("libssl-dev", "libgnutls28-dev", "libmbedtls-dev", "libwolfssl-dev", "libns3-dev")
"""Debian packages of what the adapters and the carrier link."""

SWITCHES = (
    "-DBUILD_TESTING=OFF",
    "-DDTLS_PROGRAMS=OFF",
    "-DDTLSLAB_WERROR=OFF",
    "-DCMAKE_BUILD_TYPE=Release",
)

_STEP = re.compile(r"^\[(\d+)/(\d+)\]")


class BuildFailed(DtlslabError):
    """CMake or the compiler failed; the message names the log."""

    status = 3


def ready() -> None:
    """Builds what is missing; does nothing in a checkout or when it is built already."""
    if locations.checkout() is None and not _stamp().is_file():
        build()


def build() -> None:
    """Builds anew. NotInstalled names the packages that are missing, BuildFailed the log of the failure."""
    missing = [package for program, package in PROGRAMS.items() if shutil.which(program) is None]
    if missing:
        wanted = " ".join([*missing, *HEADERS])
        raise NotInstalled("what compiles the adapters", f"apt-get install --no-install-recommends {wanted}")
    folder = locations.cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "build.log"
    source = locations.PACKAGE / "source"
    with log.open("w") as output:
        configured = subprocess.run(
            ["cmake", "-S", str(source), "-B", str(folder), "-G", "Ninja", *SWITCHES],
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if configured.returncode != 0 or _compile(folder, log) != 0:
        raise BuildFailed(f"the adapters could not be compiled; the compiler's words are in {log}")
    _stamp().touch()


def _compile(folder: Path, log: Path) -> int:
    from rich.console import Console
    from rich.progress import Progress

    command = ["ninja", "-C", str(folder), "lab"]
    with (
        log.open("a") as output,
        Progress(console=Console(stderr=True), transient=True) as progress,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as ninja,
    ):
        task = progress.add_task("Compiling adapters, once", total=None)
        assert ninja.stdout is not None
        for line in ninja.stdout:
            output.write(line)
            if step := _STEP.match(line):
                progress.update(task, completed=int(step[1]), total=int(step[2]))
    return ninja.returncode


def _stamp() -> Path:
    return locations.cache_folder() / "built"
