# SPDX-License-Identifier: MIT
"""The compiled module `_lab`, in Python values: worlds, carriers, stacks. Nothing above knows cffi.

Python's lock is released while a world runs. Python is entered only for a hook
and for endpoints written in Python; what these raise is kept and raised again
when the world has stopped.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from dtlslab import locations
from dtlslab.configuration import EndpointConfig
from dtlslab.errors import BadInput, DtlslabError, EndpointError, NotInstalled, Unsupported
from dtlslab.fate import Fate
from dtlslab.networks import Network
from dtlslab.python_endpoint import EndpointEvent, EventKind, PythonEndpoint
from dtlslab.stack import Stack
from dtlslab.trace.log import Entry

try:
    from dtlslab._lab import ffi, lib
except ImportError as error:
    raise NotInstalled(
        "the compiled part of dtlslab (or a library that it needs)", f"{locations.how_to_run()} setup"
    ) from error

from dtlslab import contract

_ONE_AT_A_TIME = "another network is alive"
_SLICE_NS = 100_000_000  # of real time, after which a run lets Python see signals such as Ctrl-C


class RawPassing(NamedTuple):
    """`struct dtlslab_passing`."""

    time: int
    datagram: int
    sender: int
    receiver: int
    nth: int
    data: bytes


class RawStop(NamedTuple):
    """`struct dtlslab_stopped`, and what Python code raised inside, if anything."""

    why: str
    node: int
    failure: BaseException | None


class Node(NamedTuple):
    """What was placed at a node."""

    name: str
    version: str
    capabilities: frozenset[str]


_STOPS = {
    1: "until",
    2: "event",
    3: "quiet",
    4: "data",
    5: "stalled",
    6: "hook failed",
    7: "endpoint failed",
    8: "datagrams",
    9: "interrupted",
}
_EVERY_EVENT = sum(1 << kind for kind in EventKind)


class World:
    """A carrier, a world on it, and the endpoints placed there."""

    def __init__(self, network: Network, *, nodes: int, seed: int, run: int) -> None:
        self._world = ffi.NULL
        self._carrier = ffi.NULL
        self._owned: list[tuple[Any, Any]] = []
        self._python: list[contract.Placed] = []
        self._nodes = nodes
        self._node_of: dict[tuple[int, int], int] = {}
        self._hook: Callable[[RawPassing], Fate | None] | None = None
        self._hook_failure: BaseException | None = None
        self._carrier_api = _carrier_api(network.carrier)
        self._carrier = self._make_carrier(network, nodes, seed, run)
        self._world = lib.dtlslab_world_create(self._carrier_api, self._carrier)
        if not self._world:
            raise MemoryError("no memory for a world")
        self._handle = ffi.new_handle(self)
        self.keep_alive: list[Any] = []
        self._entry = ffi.new("struct dtlslab_log_entry *")

    @property
    def real_time(self) -> bool:
        return bool(self._carrier_api.real_time)

    def close(self) -> None:
        """Ends the world, its endpoints and its carrier. Safe to call twice."""
        if self._world:
            lib.dtlslab_world_destroy(self._world)
            self._world = ffi.NULL
        for api, endpoint in self._owned:
            api.destroy(endpoint)
        self._owned.clear()
        if self._carrier:
            self._carrier_api.destroy(self._carrier)
            self._carrier = ffi.NULL

    def __del__(self) -> None:
        self.close()

    def place(self, node: int, stack: Stack | PythonEndpoint, config: EndpointConfig) -> Node:
        if isinstance(stack, PythonEndpoint):
            return self._place_python(node, stack, config)
        api = load_api(stack.path)
        with contract.c_config(config) as c_config:
            out = ffi.new("struct dtlslab_endpoint **")
            message = ffi.new("char[]", lib.DTLSLAB_MAX_TEXT)
            result = lib.dtlslab_world_make_endpoint(self._world, api, c_config, out, message)
        if result != lib.DTLSLAB_OK:
            raise _create_error(stack.name, result, text_of(message))
        self._owned.append((api, out[0]))
        self._check(
            lib.dtlslab_world_place(self._world, node, api, out[0], config.seed, config.calendar_seconds),
            f"place {stack.name}",
        )
        return Node(stack.name, stack.version, stack.capabilities)

    def connect(self, node: int, peer: int) -> int:
        session = ffi.new("uint64_t *")
        self._check(lib.dtlslab_world_connect(self._world, node, peer, session), "connect")
        return int(session[0])

    def send(self, node: int, session: int, data: bytes) -> None:
        self._check(lib.dtlslab_world_send(self._world, node, session, data, len(data)), "send")

    def close_session(self, node: int, session: int) -> None:
        self._check(lib.dtlslab_world_close(self._world, node, session), "close")

    def session_info(self, node: int, session: int) -> contract.SessionInfo | None:
        """What was agreed on in a session; None when there is none to tell, or nobody who tells."""
        told = ffi.new("struct dtlslab_session_info *", {"size": ffi.sizeof("struct dtlslab_session_info")})
        result = lib.dtlslab_world_session_info(self._world, node, session, told)
        if result in (lib.DTLSLAB_NOTHING, lib.DTLSLAB_UNSUPPORTED):
            return None
        self._check(result, "tell of a session")
        return contract.session_info(told)

    def inject(self, node: int, peer: int, data: bytes) -> None:
        self._check(lib.dtlslab_world_inject(self._world, node, peer, data, len(data)), "inject")

    def set_echo(self, node: int, on: bool) -> None:
        lib.dtlslab_world_set_echo(self._world, node, on)

    def set_hook(self, hook: Callable[[RawPassing], Fate | None] | None) -> None:
        self._hook = hook
        function = ffi.NULL if hook is None else lib.dtlslab_python_hook
        lib.dtlslab_world_set_hook(self._world, function, self._handle)

    def keep(self, *, datagrams: bool, data: bool) -> None:
        lib.dtlslab_world_set_log(self._world, datagrams, data)

    def mark(self, text: str) -> None:
        self._check(lib.dtlslab_world_mark(self._world, text.encode()), "mark")

    def now(self) -> int:
        return int(lib.dtlslab_world_now(self._world))

    def wait(self, until: int) -> None:
        """Moves the time of a world in which nothing is under way."""
        arrival = ffi.new("struct dtlslab_arrival *")
        self._check(self._carrier_api.run(self._carrier, until, arrival), "wait")

    def path(self, node: int, peer: int) -> int:
        out = ffi.new("uint64_t *")
        self._check(self._carrier_api.path(self._carrier, node, peer, out), "path")
        return int(out[0])

    def udp_port(self, node: int) -> int:
        """The port at which programs outside reach `node` of a UDP network; 0 when there is none."""
        return int(lib.dtlslab_udp_carrier_port(self._carrier, node)) if self.real_time else 0

    def node_of(self, node: int, path: int) -> int | None:
        """The node that `node` reaches by `path`, if it is one of the lab's."""
        if not self._node_of:
            pairs = [(a, b) for a in range(self._nodes) for b in range(self._nodes) if a != b]
            self._node_of = {(a, self.path(a, b)): b for a, b in pairs}
        return self._node_of.get((node, path))

    def run(self, until: int, *, every_event: bool, max_datagrams: int) -> RawStop:
        """Runs until the time, the first event or data (if asked for), or the end of all activity."""
        options = ffi.new("struct dtlslab_run_options *")
        options.max_datagrams = max_datagrams
        options.stop_events = _EVERY_EVENT if every_event else 0
        options.stop_on_data = every_event
        options.slice_ns = _SLICE_NS
        stopped = ffi.new("struct dtlslab_stopped *")
        while True:
            options.until = min(until, self.now() + _SLICE_NS) if self.real_time else until
            result = lib.dtlslab_world_run(self._world, options, stopped)
            failure = self._take_failure()
            if failure is None and result < 0:
                failure = EndpointError(f"the run could not go on: {_result_name(result)}")
            why = _STOPS.get(stopped.why, "endpoint failed")
            if failure is None and why == "interrupted":
                options.go_on = 1
                continue  # the Python handlers of signals run here
            if failure is not None or why != "until" or options.until == until:
                return RawStop(why, int(stopped.node), failure)

    def drain(self) -> list[Entry]:
        """Takes out all that was logged."""
        entries: list[Entry] = []
        world, entry, next_log, buffer = self._world, self._entry, lib.dtlslab_world_next_log, ffi.buffer
        while next_log(world, entry) == 0:
            data, text, event = entry.bytes, entry.text, entry.event
            entries.append(
                Entry(
                    entry.time,
                    entry.kind,
                    entry.node,
                    entry.peer,
                    entry.path,
                    entry.session,
                    entry.datagram,
                    entry.value,
                    entry.len,
                    buffer(data, entry.len)[:] if data else None,
                    text_of(text) if text else "",
                    _event(event) if event else None,
                )
            )
        return entries

    def ask_hook(self, passing: RawPassing) -> Fate | None:
        """Called from C for each datagram. What the hook raises is kept for `run`."""
        assert self._hook is not None
        return self._hook(passing)

    def hook_failed(self, error: BaseException) -> None:
        self._hook_failure = error

    def _make_carrier(self, network: Network, nodes: int, seed: int, run: int) -> Any:
        texts = [
            (ffi.new("char[]", k.encode()), ffi.new("char[]", v.encode()))
            for k, v in network.parameters.items()
        ]
        parameters = ffi.new("struct dtlslab_parameter[]", [{"name": n, "value": v} for n, v in texts])
        out = ffi.new("struct dtlslab_carrier **")
        message = ffi.new("char[]", lib.DTLSLAB_MAX_TEXT)
        arguments = (nodes, seed, run, parameters, len(texts), out, message)
        result = self._carrier_api.create(*arguments)
        if result != lib.DTLSLAB_OK and _ONE_AT_A_TIME in text_of(message):
            gc.collect()  # a lab that nobody holds any more may still hold ns-3's one simulator
            result = self._carrier_api.create(*arguments)
        if result != lib.DTLSLAB_OK:
            text = text_of(message) or _result_name(result)
            if _ONE_AT_A_TIME in text:
                text += ". Labs are closed by `with Lab(...) as lab:` or lab.close()"
            raise BadInput(text, field=f"network {network.carrier}")
        return out[0]

    def _place_python(self, node: int, endpoint: PythonEndpoint, config: EndpointConfig) -> Node:
        endpoint.configure(config)
        placed = contract.Placed(endpoint)
        self._python.append(placed)
        self._check(
            lib.dtlslab_world_place(
                self._world, node, placed.api, placed.c_endpoint, config.seed, config.calendar_seconds
            ),
            "place",
        )
        return Node(endpoint.name, endpoint.version, frozenset(endpoint.capabilities))

    def _take_failure(self) -> BaseException | None:
        failure, self._hook_failure = self._hook_failure, None
        for placed in self._python:
            failure = failure or placed.failure
            placed.failure = None
        return failure

    def _check(self, result: int, what: str) -> None:
        failure = self._take_failure()
        if failure is not None:
            raise failure
        if result == lib.DTLSLAB_WOULD_BLOCK:
            raise BlockingIOError(f"{what}: not possible now; the handshake is not over")
        if result == lib.DTLSLAB_UNSUPPORTED:
            raise Unsupported(f"{what}: the endpoint's program does this by itself, or never")
        if result < 0:
            raise EndpointError(f"{what}: {_result_name(result)}")


def load_stack(path: Path) -> Stack:
    """Opens a shared object and asks it what it is."""
    api = load_api(path)
    words = []
    index = 0
    while api.capabilities and api.capabilities[index]:
        words.append(text_of(api.capabilities[index]))
        index += 1
    return Stack(text_of(api.name), text_of(api.version), frozenset(words), path)


def load_api(path: Path) -> Any:
    """The table of a shared object that exports the endpoint contract."""
    out = ffi.new("const struct dtlslab_endpoint_api **")
    message = ffi.new("char[]", lib.DTLSLAB_MAX_TEXT)
    if lib.dtlslab_load_endpoint(str(path).encode(), out, message) != lib.DTLSLAB_OK:
        raise BadInput(text_of(message) or "not an endpoint of dtlslab", file=path)
    return out[0]


def check_carrier(name: str) -> None:
    """NotInstalled or BadInput when there is no such carrier."""
    _carrier_api(name)


def _carrier_api(name: str) -> Any:
    if name == "memory":
        return lib.dtlslab_memory_carrier()
    if name == "udp":
        return lib.dtlslab_udp_carrier()
    path = locations.shared_object("carrier", name)
    if path is None and name == "ns3":
        raise NotInstalled("ns-3", f"apt-get install libns3-dev && {locations.how_to_run()} setup")
    if path is None:
        raise BadInput(f"there is no carrier named {name!r}; expected memory, ns3 or udp", field="network")
    out = ffi.new("const struct dtlslab_carrier_api **")
    message = ffi.new("char[]", lib.DTLSLAB_MAX_TEXT)
    if lib.dtlslab_load_carrier(str(path).encode(), out, message) != lib.DTLSLAB_OK:
        raise BadInput(text_of(message) or "not a carrier of dtlslab", file=path)
    return out[0]


def _create_error(name: str, result: int, message: str) -> DtlslabError:
    text = f"{name}: {message or _result_name(result)}"
    if result == lib.DTLSLAB_UNSUPPORTED:
        return Unsupported(text)
    return BadInput(text) if result == lib.DTLSLAB_INVALID else EndpointError(text)


def _event(event: Any) -> EndpointEvent:
    return EndpointEvent(
        kind=EventKind(event.kind),
        session=event.session,
        path=event.path,
        version=event.version,
        cipher_suite=event.cipher_suite,
        group=event.group,
        alert_level=event.alert_level,
        alert_description=event.alert_description,
        resumed=bool(event.resumed),
        text=text_of(event.text),
    )


def text_of(value: Any) -> str:
    return bytes(ffi.string(value)).decode(errors="replace") if value else ""


def _result_name(result: int) -> str:
    names = {-1: "unsupported", -2: "invalid", -3: "would block", -4: "no room", -5: "failed"}
    return names.get(result, f"result {result}")


@ffi.def_extern(name="dtlslab_python_hook", error=-5)  # type: ignore[untyped-decorator]
def _hook(user: Any, passing: Any, out_fate: Any) -> int:
    world: World = ffi.from_handle(user)
    try:
        fate = world.ask_hook(
            RawPassing(
                passing.time,
                passing.datagram,
                getattr(passing, "from"),
                passing.to,
                passing.nth,
                ffi.buffer(passing.bytes, passing.len)[:],
            )
        )
        if fate is not None:
            world.keep_alive = contract.fill_fate(out_fate, fate)
    except BaseException as error:
        world.hook_failed(error)
        return -5
    return 0
