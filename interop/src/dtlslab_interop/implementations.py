# SPDX-License-Identifier: MIT
"""What can stand on one side of a cell: a stack in process, a program under a contract, a class in Python."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

from dtlslab import endpoints, locations
from dtlslab.endpoints import Remote
from dtlslab.errors import BadInput, DtlslabError, NotInstalled
from dtlslab.expected import Expectations, Side
from dtlslab.processes import known
from dtlslab.processes.contract import Contract
from dtlslab.processes.program import installed_version
from dtlslab.python_endpoint import PythonEndpoint
from dtlslab.stack import Stack

PACKAGE = Path(__file__).resolve().parent

OWN_DATA = "own-data"
"""The capability of an endpoint whose program does as it likes."""

IMPLIED = frozenset({"script", "echo", "server-name", "client-auth-request"})
"""What all others can do without saying so (docs/reference/endpoint-contract.md)."""


@dataclass(frozen=True, slots=True)
class Implementation:
    """A stack, a program, a server that runs already, or a class in Python, which has no `target`."""

    target: str
    """A name of `dtlslab peers` or of a program, a path to a shared object or contract file, `udp://host:port`."""
    version: str
    what: Stack | Contract | Remote | type[PythonEndpoint]

    @property
    def name(self) -> str:
        return self.what.name

    @property
    def stack(self) -> str:
        """The library behind it: its own name, unless it is a program."""
        return self.what.stack if isinstance(self.what, Contract) else self.name

    @property
    def is_program(self) -> bool:
        return isinstance(self.what, Contract)

    @property
    def is_outside(self) -> bool:
        """A program or a server that runs already: reached over real sockets."""
        return isinstance(self.what, (Contract, Remote))

    @property
    def has_own_data(self) -> bool:
        """Whether its program does as it likes."""
        return isinstance(self.what, Stack) and OWN_DATA in self.what.capabilities

    @property
    def side(self) -> Side:
        """Name and version, as known failures speak of them."""
        return Side(self.name, self.version)

    def capabilities(self, role: str) -> frozenset[str]:
        """The words of its capability list, in a role."""
        if isinstance(self.what, Contract):
            return self.what.capabilities(role)
        if isinstance(self.what, Remote):
            return frozenset({"server"})
        return frozenset(self.what.capabilities)

    def placeable(self) -> str | PythonEndpoint:
        """What `Lab.client` and `Lab.server` take for it."""
        if isinstance(self.what, Stack):
            return str(self.what.path)
        assert not isinstance(self.what, (Contract, Remote)), "it stands outside the lab"
        return self.what()

    def lacks(self, role: str, words: tuple[str, ...]) -> list[str]:
        """Which of `words` it cannot do in `role`. A server that runs already is taken to do all."""
        if isinstance(self.what, Remote) and role == "server":
            return []
        able = self.capabilities(role)
        return [word for word in words if word not in (able if self.has_own_data else able | IMPLIED)]


@functools.cache
def expectations() -> Expectations:
    """The known failures of `interop/expected`."""
    root = locations.checkout()
    return Expectations.read(root / "interop" / "expected" if root is not None else PACKAGE / "expected")


def find(target: str, *, own_host: bool = False) -> Implementation:
    """The stack, program or server that `target` names. BadInput or NotInstalled say what to do instead.

    `own_host` allows `udp://` beyond loopback.
    """
    if target.startswith("udp://"):
        return Implementation(target, "", endpoints.remote(target, own_host=own_host))
    program = known.find(target)
    if program is not None:
        return Implementation(program[0], installed_version(program[1]), program[1])
    try:
        stack = endpoints.find(target)
    except NotInstalled:
        raise
    except BadInput as error:
        if "/" in target or target.endswith(".so"):
            raise
        raise BadInput(f"{error.message}. Programs: {', '.join(known.known())}", field="endpoint") from None
    return Implementation(str(stack.path) if "/" in target else target, stack.version, stack)


def stacks() -> list[Implementation]:
    """The stacks that are installed, libdtls first."""
    return [Implementation(stack.name, stack.version, stack) for stack in endpoints.installed()]


def programs() -> list[Implementation]:
    """The programs that are installed."""
    found = []
    for name in known.known():
        try:
            found.append(find(name))
        except DtlslabError as error:
            if error.status != NotInstalled.status:
                raise
    return found
