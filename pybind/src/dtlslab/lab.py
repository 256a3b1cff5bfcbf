# SPDX-License-Identifier: MIT
"""The lab: endpoints on a network, a script, a trace.

>>> lab = Lab(memory(delay="10ms"), seed=7)
>>> server, client = lab.server("openssl"), lab.client("gnutls")
>>> session = client.connect(server)
>>> lab.run(until=lambda: session.connected)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Self, TypeVar

from dtlslab import units
from dtlslab.binding import Node, RawPassing, World
from dtlslab.configuration import make_config
from dtlslab.endpoints import find
from dtlslab.errors import BadInput, EndpointError
from dtlslab.fate import Fate
from dtlslab.networks import Network, memory
from dtlslab.passing import Passing
from dtlslab.python_endpoint import NO_DEADLINE, PythonEndpoint
from dtlslab.session import Endpoint
from dtlslab.trace.log import LogKind
from dtlslab.trace.records import FlightTracker
from dtlslab.trace.trace import Trace

Hook = Callable[[Passing], Fate | None]
HookT = TypeVar("HookT", bound=Hook)
Condition = Callable[[], bool]

REAL_TIME_LIMIT = 60.0
"""Seconds after which a run over real sockets ends unless told otherwise."""


class StopReason(StrEnum):
    """Why a run ended."""

    UNTIL = "until"
    """The time asked for has come."""
    CONDITION = "condition"
    """The condition asked for holds."""
    QUIET = "quiet"
    """Nothing can happen any more."""
    STALLED = "stalled"
    """An endpoint's deadline does not move: a hang."""
    DATAGRAMS = "datagrams"
    """More datagrams were sent than allowed."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """Why, when (seconds) and, for a stall, at which endpoint a run ended."""

    why: StopReason
    time: float
    endpoint: Endpoint | None = None


class Lab:
    """Endpoints on one network, and the time there.

    With the same network, seed, run number, endpoints and calls the trace is
    the same, byte for byte, for stacks with the capability `deterministic`.
    """

    def __init__(
        self,
        network: Network | None = None,
        *,
        seed: int = 1,
        run: int = 1,
        nodes: int = 2,
        keep_data: bool = True,
        keep_datagrams: bool = True,
    ) -> None:
        """Makes the network.

        `keep_datagrams=False` keeps no bytes of datagrams: enough for summaries, not for a capture.
        `keep_data=False` keeps no bytes of application data.
        """
        self.network = network or memory()
        self.seed = seed
        self.run_number = run
        self.endpoints: dict[int, Endpoint] = {}
        self.world = World(self.network, nodes=nodes, seed=seed, run=run)
        self.world.keep(datagrams=keep_datagrams, data=keep_data)
        self.trace = Trace(self._names, self._is_server)
        self._hooks: list[Hook] = []
        self._tracker = FlightTracker()
        self._nodes = nodes

    def server(self, stack: str | PythonEndpoint, *, name: str | None = None, **config: Any) -> Endpoint:
        """Places a server. Settings are those of `dtlslab.configuration.make_config`."""
        return self._place("server", stack, name, config)

    def client(self, stack: str | PythonEndpoint, *, name: str | None = None, **config: Any) -> Endpoint:
        """Places a client. Settings are those of `dtlslab.configuration.make_config`."""
        return self._place("client", stack, name, config)

    def outside(
        self, role: str, *, stack: str, version: str = "", name: str | None = None, **config: Any
    ) -> Endpoint:
        """Names a node behind which a program outside the lab stands; the network's parameters say which.

        `stack` and `version` are what the program is. It has no sessions or events here: the lab sees its
        datagrams and nothing else.
        """
        node = self._next_node()
        endpoint_name = name or self._free_name(role)
        placed = Node(stack, version, frozenset())
        endpoint = Endpoint(self, node, endpoint_name, make_config(role, **config), placed)
        self.endpoints[node] = endpoint
        return endpoint

    def udp_port(self, endpoint: Endpoint) -> int:
        """The port at which a program outside reaches `endpoint`, on a network of UDP sockets."""
        return self.world.udp_port(endpoint.node)

    def on_datagram(self, hook: HookT) -> HookT:
        """Decorator: `hook` is asked about each datagram that an endpoint sends.

        Several hooks are asked in the order they were set; the first fate counts.
        """
        self._hooks.append(hook)
        self.world.set_hook(self._ask_hooks)
        return hook

    def run(
        self,
        until: float | str | Condition | None = None,
        stop: Condition | None = None,
        *,
        max_datagrams: int = 0,
    ) -> Stopped:
        """Runs until a time, a condition, or until nothing can happen any more, whichever comes first.

        `until` is a time of the lab's clock in seconds, text such as `15ms`, or a
        condition; `stop` is a condition beside a time. Conditions are asked
        whenever an endpoint tells of something or application data arrives.
        Raises what a hook or a Python endpoint raised.
        """
        if callable(until):
            until, stop = None, until
        limit = self._limit(until)
        while True:
            if stop is not None and stop():
                return Stopped(StopReason.CONDITION, self.now)
            raw = self.world.run(limit, every_event=stop is not None, max_datagrams=max_datagrams)
            self.drain()
            if raw.failure is not None:
                raise raw.failure
            if raw.why in ("event", "data"):
                continue
            if raw.why == "endpoint failed":
                raise EndpointError(
                    f"{self._names(raw.node)} answered an error that the contract does not allow"
                )
            if stop is not None and stop():
                return Stopped(StopReason.CONDITION, self.now)
            stalled = self.endpoints.get(raw.node) if raw.why == "stalled" else None
            return Stopped(StopReason(raw.why), self.now, stalled)

    def run_for(self, duration: float | str, stop: Condition | None = None) -> Stopped:
        """Lets so much time pass from now, even if nothing happens in it."""
        end = self.world.now() + units.nanoseconds(duration)
        stopped = self.run(end / 10**9, stop)
        if stopped.why is StopReason.QUIET:
            self.world.wait(end)
            return Stopped(StopReason.QUIET, self.now)
        return stopped

    def mark(self, message: str) -> None:
        """Leaves a remark in the trace."""
        self.world.mark(message)
        self.drain()

    @property
    def now(self) -> float:
        """Seconds of carrier time."""
        return self.world.now() / 10**9

    def close(self) -> None:
        """Ends the network and its endpoints, as leaving a `with` block does. The trace stays."""
        self.world.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def write(self, folder: Path | str) -> Path:
        """Writes the trace to a folder: events.jsonl and capture.pcapng."""
        return self.trace.write(folder)

    def drain(self) -> None:
        """Takes over what the world has logged, into the trace and the sessions. Every call here does so."""
        entries = self.world.drain()
        self.trace.extend(entries)
        for entry in entries:
            if entry.kind in (LogKind.EVENT, LogKind.DATA_RECEIVED):
                self.endpoints[entry.node].take(entry)

    def _place(
        self, role: str, stack: str | PythonEndpoint, name: str | None, settings: dict[str, Any]
    ) -> Endpoint:
        node = self._next_node()
        settings.setdefault("seed", _mix(self.seed, self.run_number, node))
        config = make_config(role, **settings)
        placed = self.world.place(node, find(stack) if isinstance(stack, str) else stack, config)
        endpoint = Endpoint(self, node, name or self._free_name(role), config, placed)
        self.endpoints[node] = endpoint
        return endpoint

    def _next_node(self) -> int:
        node = len(self.endpoints)
        if node >= self._nodes:
            raise BadInput(f"the network has {self._nodes} nodes and all are taken; give Lab(nodes=…)")
        return node

    def _free_name(self, role: str) -> str:
        taken = {endpoint.name for endpoint in self.endpoints.values()}
        name, number = role, 1
        while name in taken:
            number += 1
            name = f"{role}-{number}"
        return name

    def _names(self, node: int) -> str:
        endpoint = self.endpoints.get(node)
        return endpoint.name if endpoint is not None else f"node-{node}"

    def _is_server(self, node: int) -> bool:
        endpoint = self.endpoints.get(node)
        return endpoint is not None and endpoint.config.role == "server"

    def _limit(self, until: float | str | None) -> int:
        if until is not None:
            return units.nanoseconds(until)
        if self.world.real_time:
            return self.world.now() + units.nanoseconds(REAL_TIME_LIMIT)
        return NO_DEADLINE

    def _ask_hooks(self, raw: RawPassing) -> Fate | None:
        passing = Passing(
            time=raw.time / 10**9,
            datagram=raw.datagram,
            sender=self.endpoints[raw.sender],
            receiver=self.endpoints[raw.receiver],
            nth=raw.nth,
            data=raw.data,
            tracker=self._tracker,
        )
        self._tracker.seen(raw.datagram, passing.sender.name, passing.receiver.name, passing.records)
        for hook in self._hooks:
            fate = hook(passing)
            if fate is not None:
                return fate
        return None


def _mix(seed: int, run: int, node: int) -> int:
    """One seed for each endpoint of each run (the finaliser of SplitMix64)."""
    mask = (1 << 64) - 1
    value = (seed * 0x9E3779B97F4A7C15 + run * 0xBF58476D1CE4E5B9 + node + 1) & mask
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & mask
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & mask
    return value ^ (value >> 31)
