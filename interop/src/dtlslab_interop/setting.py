# SPDX-License-Identifier: MIT
"""The setting of one cell: a lab with both sides in it, made from a case and two implementations.

Stacks meet over the network of the case, in virtual time. As soon as one side is a program, the network is
real UDP on loopback, and the carrier relays the program's datagrams, so that hooks and captures see them.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from types import TracebackType
from typing import Self

from dtlslab import Lab, endpoints
from dtlslab.endpoints import Remote
from dtlslab.networks import Network, udp
from dtlslab.peer_settings import settings_beside
from dtlslab.processes.contract import Contract
from dtlslab.processes.program import Program, free_port
from dtlslab.processes.translation import placeholders, wanted_features

from dtlslab_interop.bench import Bench
from dtlslab_interop.case import Case, Settings
from dtlslab_interop.implementations import Implementation
from dtlslab_interop.parties import Party, ProgramParty, RemoteParty, StackParty

LOOPBACK = "127.0.0.1"
NODES = ("server", "client")
"""The roles in the order of their nodes."""

OTHER = {"client": "server", "server": "client"}


class Setting:
    """A lab with a client and a server, whose programs are gone at its end."""

    def __init__(
        self, case: Case, client: Implementation, server: Implementation, seed: int, scratch: Path
    ) -> None:
        self.case = case
        self.sides = {"client": client, "server": server}
        self.seed = seed
        self.lab: Lab | None = None
        self._scratch = scratch
        self._programs: dict[str, Program] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for program in self._programs.values():
            program.stop()

    def bench(self) -> Bench:
        """Places both sides. A program is ready then if it is a server, and not started if it is a client."""
        port = free_port()
        self.lab = lab = Lab(self._network(port), seed=self.seed)
        parties = {role: self._party(lab, role, port) for role in NODES}
        return Bench(lab, parties["client"], parties["server"], lambda: self._start(parties), seed=self.seed)

    def last_words(self) -> str:
        """The end of what each program has said."""
        return "\n".join(f"{role}: {program.last_lines()}" for role, program in self._programs.items())

    def finish(self, folder: Path) -> float:
        """Ends the programs, writes the trace and what they said to `folder`, tells the carrier's time."""
        if self.lab is None:
            return 0.0
        for role, program in self._programs.items():
            program.stop(grace=0.2)
            self.lab.trace.add_keys(program.secrets)
            self.lab.mark(f"{role}: {program.contract.name} ended with status {program.status}")
        self.lab.write(folder)
        for said in self._scratch.glob("*.messages.txt"):
            shutil.copy(said, folder)
        return self.lab.now

    def _network(self, port: int) -> Network:
        """The network of the case, or real UDP with a relay for each program; the server waits at `port`."""
        where = {"server": f"{LOOPBACK}:{port}", "client": "client"}
        server = self.sides["server"].what
        more: dict[str, str | float] = {}
        if isinstance(server, Remote):
            where["server"] = f"{server.host}:{server.port}"
            more = {} if endpoints.is_loopback(server.host) else {"bind": "0.0.0.0", "beyond_loopback": 1}
        relayed = {f"node.{NODES.index(role)}": where[role] for role in NODES if self.sides[role].is_outside}
        return udp(**relayed, **more) if relayed else self.case.network

    def _party(self, lab: Lab, role: str, server_port: int) -> Party:
        implementation = self.sides[role]
        settings = self.case.settings(role)
        if isinstance(implementation.what, Contract):
            endpoint = lab.outside(role, stack=implementation.name, version=implementation.version)
            port = server_port if role == "server" else lab.udp_port(lab.endpoints[NODES.index("server")])
            return ProgramParty(role, endpoint, self._program(implementation.what, role, settings, port))
        if isinstance(implementation.what, Remote):
            return RemoteParty(role, lab.outside(role, stack=implementation.name))
        other = self.sides[OTHER[role]].capabilities(OTHER[role])
        place = lab.server if role == "server" else lab.client
        fitting = {**settings, **settings_beside(other, role, settings)}
        return StackParty(role, place(implementation.placeable(), **fitting))

    def _program(self, contract: Contract, role: str, settings: Settings, port: int) -> Program:
        features = wanted_features(contract, role, settings)
        values = placeholders(contract, role, settings) | {"host": LOOPBACK, "port": str(port)}
        program = Program(contract, role, features, values, self._scratch)
        self._programs[role] = program
        if role == "server":
            program.start()
            program.wait_ready()
        return program

    def _start(self, parties: dict[str, Party]) -> None:
        client, server = parties["client"], parties["server"]
        if isinstance(client, ProgramParty):
            client.program.start()
        elif isinstance(client, StackParty):
            client.endpoint.connect(server.endpoint)
