# SPDX-License-Identifier: MIT
"""Scenario files: two endpoints, a network, rules about datagrams, and what is expected.

`scenarios/README.md` describes the format. Reading is strict: a field that is
wrong or unknown is refused with file, line, field and what was expected.
"""

from __future__ import annotations

import inspect
import itertools
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

from dtlslab import toml_file, units
from dtlslab.errors import BadInput
from dtlslab.networks import NETWORKS, Network

Role = Literal["client", "server"]
Scalar = str | int | float


class EndpointSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """A table `[client]` or `[server]`: a stack and the settings of `make_config`."""

    stack: str = "libdtls"
    key: Literal["p256", "rsa2048"] | None = None
    psk: bool = False
    mtu: int | str = 0
    cookies: bool | None = None
    authenticate: bool = False
    extended_master_secret: bool | None = None
    min_version: Literal["1.0", "1.2", "1.3"] | None = None
    max_version: Literal["1.0", "1.2", "1.3"] | None = None
    suites: list[int] = []
    groups: list[int] = []
    initial_timeout: str | None = None

    def settings(self) -> dict[str, Any]:
        return {name: value for name, value in msgspec.to_builtins(self).items() if name != "stack"}


class DropRule(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """A table `[[drop]]`: which datagrams never leave. All that is given must hold."""

    sender: Role
    flight: int | None = None
    message: str | None = None
    """A handshake message in it that can be read without keys, such as `client_hello`."""
    retransmission: bool | None = None
    nth: list[int] = []
    """Only the n-th datagrams of this sender."""
    first: int | None = None
    """Only the first so many that this rule takes."""
    probability: float | None = None


class RunSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """The table `[run]`."""

    runs: int = 1
    until: Literal["connected", "quiet"] = "connected"
    limit: str = "600s"
    """Carrier time at which a run ends in any case."""
    send: str = "0B"
    """Application data that the client sends once connected; the server echoes it."""


class Expectation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """The table `[expect]`: what makes the verdict."""

    connected: bool | None = None
    """Every run connects both ends, or (false) none does."""
    delayed_by: str | None = None
    """Every run connects exactly so much later than it would without the `drop` rules."""
    largest_datagram: int | None = None
    """No datagram is larger, bytes of UDP payload."""
    share_without_retransmission: Literal["(1-p)^n"] | None = None
    """The share of runs without retransmission agrees with the loss p and the n datagrams of a clean run."""


class Scenario(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A scenario file."""

    name: str
    shows: str
    """A sentence: what one sees when it is run."""
    network: dict[str, Scalar] = msgspec.field(default_factory=lambda: {"type": "memory"})
    client: EndpointSpec = EndpointSpec()
    server: EndpointSpec = EndpointSpec()
    drop: list[DropRule] = []
    run: RunSpec = RunSpec()
    expect: Expectation = Expectation()
    vary: dict[str, list[Scalar]] = {}
    """Fields that take several values: `network.loss`. `stack` means both endpoints, and `*` every stack."""

    def make_network(self) -> Network:
        parameters = {name: value for name, value in self.network.items() if name != "type"}
        return NETWORKS[str(self.network["type"])](**parameters)


class Variant(msgspec.Struct, frozen=True):
    """A scenario with every varied field fixed."""

    scenario: Scenario
    setting: dict[str, Scalar]
    """The values of the varied fields."""

    @property
    def case(self) -> str:
        words = [self.scenario.name]
        words += [f"{k.rpartition('.')[2]}-{v}" for k, v in self.setting.items() if k != "stack"]
        return "-".join(words)


def read_scenario(path: Path, settings: Sequence[str] = ()) -> Scenario:
    """Reads a scenario file and applies settings `key=value` to it."""
    document = toml_file.read(path, Scenario)
    _check(document.value, document)
    if not settings:
        return document.value
    changed = apply(document.value, dict(_setting(text) for text in settings))
    _check(changed, None)
    return changed


def apply(scenario: Scenario, settings: dict[str, Any]) -> Scenario:
    """The scenario with fields changed, named as in `client.mtu`. A field that was varied is so no more."""
    plain = msgspec.to_builtins(scenario)
    for key, value in settings.items():
        plain["vary"].pop(key, None)
        if key.endswith("stack"):
            plain["vary"].pop("stack", None)
        for path in (["client", "stack"], ["server", "stack"]) if key == "stack" else (key.split("."),):
            _put(plain, path, value, key)
    try:
        return msgspec.convert(plain, Scenario)
    except msgspec.ValidationError as error:
        raise BadInput(str(error), field="--set") from None


def variants(scenario: Scenario, installed: Sequence[str]) -> list[Variant]:
    """Every combination of the varied fields; `*` for a stack is each of `installed`."""
    axes = []
    for key, values in scenario.vary.items():
        wide = [name for value in values for name in (installed if value == "*" else [value])]
        axes.append([(key, value) for value in wide])
    chosen = [dict(combination) for combination in itertools.product(*axes)]
    return [Variant(apply(scenario, setting), setting) for setting in chosen]


def _check(scenario: Scenario, document: toml_file.Document[Scenario] | None) -> None:
    """What the types alone do not say."""

    def bad(field: tuple[str | int, ...], message: str) -> BadInput:
        if document is None:
            return BadInput(message, field=toml_file.field_name(field))
        return document.bad(field, message)

    kind = scenario.network.get("type", "")
    if kind not in NETWORKS:
        raise bad(("network", "type"), f"{kind!r}; expected one of {', '.join(NETWORKS)}")
    known = [
        n for n, p in inspect.signature(NETWORKS[str(kind)]).parameters.items() if p.kind is p.KEYWORD_ONLY
    ]
    for name in scenario.network:
        if name != "type" and name.partition(".")[0] not in known:
            raise bad(("network", name), f"not a parameter of {kind}; expected one of {', '.join(known)}")
    for field, value, parse in (
        (("run", "limit"), scenario.run.limit, units.nanoseconds),
        (("run", "send"), scenario.run.send, units.size),
        (("expect", "delayed_by"), scenario.expect.delayed_by or "0s", units.nanoseconds),
    ):
        try:
            parse(value)
        except BadInput as error:
            raise bad(field, error.message) from None
    try:
        scenario.make_network()
    except (BadInput, TypeError) as error:
        raise bad(("network",), getattr(error, "message", str(error))) from None
    if scenario.run.runs < 1:
        raise bad(("run", "runs"), f"{scenario.run.runs}; expected at least 1")
    for key, values in scenario.vary.items():
        if not values:
            raise bad(("vary", key), "an empty list; expected at least one value")
        for varied in values:
            try:
                apply(scenario, {key: varied}).make_network()
            except BadInput as error:
                raise bad(("vary", key), error.message) from None


def _setting(text: str) -> tuple[str, Any]:
    """`key=value`, the value as TOML if it is, else as text."""
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise BadInput(f"{text!r}; expected key=value such as network.loss=0.1", field="--set")
    try:
        return key, tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return key, value


def _put(plain: dict[str, Any], path: list[str], value: Any, key: str) -> None:
    """Sets a field of nested tables. Parameters of the network may have a point in their names."""
    if path[0] == "network" and len(path) > 2:
        path = ["network", ".".join(path[1:])]
    table = plain
    for name in path[:-1]:
        table = table.setdefault(name, {})
        if not isinstance(table, dict):
            raise BadInput(f"{key} is not a field of a scenario", field="--set")
    table[path[-1]] = value
