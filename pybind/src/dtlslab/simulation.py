# SPDX-License-Identifier: MIT
"""Scenarios carried out: one run with its full trace, or thousands with their summaries.

Run k of a scenario with seed s has the seed s + k, so the seed of any run
brings back its whole trace.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from dtlslab import locations, units
from dtlslab.binding import check_carrier
from dtlslab.fate import Fate, drop
from dtlslab.lab import Lab, Stopped, StopReason
from dtlslab.passing import Passing
from dtlslab.plugins import PlanOptions
from dtlslab.results import Cell
from dtlslab.scenario import DropRule, EndpointSpec, Scenario, Variant, read_scenario, variants
from dtlslab.session import Endpoint, Session
from dtlslab.trace.log import LogKind
from dtlslab.workers import Job

PART = "sim"
CHUNK = 50
"""Runs in one job: enough to make its overhead vanish, few enough for a lively progress bar."""


class Summary(msgspec.Struct, kw_only=True):
    """What is kept of one run among thousands."""

    seed: int
    connected: bool
    nanoseconds: int
    """Carrier time from the first datagram until both ends were connected, or until the end."""
    datagrams: int
    """Sent by both until then."""
    lost: int
    largest: int
    """Bytes of the largest datagram."""
    failure: str = ""
    stalled: bool = False


class Chunk(msgspec.Struct, kw_only=True):
    """What one job answers: the summaries of its runs, and of the run without loss and rules."""

    clean: Summary
    undisturbed: list[Summary]
    """The same runs without the `drop` rules; empty unless `delayed_by` asks for them."""
    runs: list[Summary]
    real_seconds: float
    traced: bool


def plan(
    variant: Variant,
    *,
    seed: int,
    out: Path | None,
    file: str,
    settings: tuple[str, ...] = (),
) -> list[Job]:
    """The jobs of one variant; the first run's trace goes below `out`. NotInstalled without its network."""
    scenario = variant.scenario
    check_carrier(scenario.make_network().carrier)
    cell = make_cell(variant, file=file, settings=settings, seed=seed)
    jobs = []
    for start in range(0, scenario.run.runs, CHUNK):
        count = min(CHUNK, scenario.run.runs - start)
        folder = str(out / cell.folder) if out is not None and start == 0 else None
        jobs.append(
            Job(
                function="dtlslab.simulation:run_chunk",
                arguments={
                    "scenario": msgspec.to_builtins(scenario),
                    "first_seed": seed + start,
                    "count": count,
                    "folder": folder,
                },
                cell=cell,
                merge="dtlslab.judgement:merge",
                runs=count,
                seed=seed,
                timeout_cpu_seconds=60.0 + count,
            )
        )
    return jobs


def make_cell(variant: Variant, *, file: str, settings: tuple[str, ...], seed: int) -> Cell:
    scenario = variant.scenario
    words = [locations.how_to_run(), "sim", file]
    given = {text.partition("=")[0]: text for text in settings}
    given.update({key: f"{key}={value}" for key, value in variant.setting.items()})
    words += [f"--set {text}" for text in given.values()]
    words.append(f"--seed {seed}")
    return Cell(
        part=PART,
        case=variant.case,
        client=scenario.client.stack,
        server=scenario.server.stack,
        title=scenario.shows,
        command=" ".join(words),
    )


def run_chunk(scenario: dict[str, Any], first_seed: int, count: int, folder: str | None) -> Chunk:
    """A job: some runs of a scenario, summed up."""
    start = time.monotonic()
    typed = msgspec.convert(scenario, Scenario)
    clean = run_once(_without_rules(_without_loss(typed)), first_seed)
    undisturbed = []
    if typed.expect.delayed_by is not None:
        undisturbed = [run_once(_without_rules(typed), first_seed + k) for k in range(count)]
    runs = [run_once(typed, first_seed + k, folder if k == 0 else None) for k in range(count)]
    return Chunk(
        clean=clean,
        undisturbed=undisturbed,
        runs=runs,
        real_seconds=time.monotonic() - start,
        traced=folder is not None,
    )


def run_once(scenario: Scenario, seed: int, folder: str | None = None) -> Summary:
    """One run. The full trace goes to `folder` if one is given."""
    with Lab(scenario.make_network(), seed=seed, keep_datagrams=folder is not None) as lab:
        lab.trace.scenario(
            scenario.name, {"seed": seed, "network": str(lab.network), "shows": scenario.shows}
        )
        server = _place(lab.server, scenario.server)
        client = _place(lab.client, scenario.client)
        if "own-data" in client.capabilities:
            server.echo()  # what the client's program says is answered
        if scenario.drop:
            lab.on_datagram(_hook(scenario.drop, seed))
        session = client.connect(server)
        stopped = lab.run(scenario.run.limit, stop=lambda: _both(session) or session.failed)
        summary = _summary(lab, session, seed, stopped)
        _go_on(lab, scenario, session, server)
        if folder is not None:
            lab.write(folder)
        return summary


def campaign_plan(options: PlanOptions) -> list[Job]:
    """The simulation part of `dtlslab run`: each stack with itself at three rates of loss."""
    root = locations.checkout()
    file = Path("scenarios") / "lossy-handshake.toml"
    scenario = read_scenario((root or locations.PACKAGE) / file)
    runs = {"quick": 20, "default": 200, "all": 1000}[options.scale]
    scenario = msgspec.structs.replace(scenario, run=msgspec.structs.replace(scenario.run, runs=runs))
    names = [stack.name for stack in options.stacks if stack.supports("client", "server", "certificate")]
    return [
        job
        for variant in variants(scenario, names)
        for job in plan(variant, seed=options.seed, out=Path(options.out), file=str(file))
    ]


def _place(make: Callable[..., Endpoint], spec: EndpointSpec) -> Endpoint:
    return make(spec.stack, **spec.settings())


def _both(session: Session) -> bool:
    return session.connected and session.peer is not None and session.peer.connected


def _go_on(lab: Lab, scenario: Scenario, session: Session, server: Endpoint) -> None:
    """What follows the handshake: application data, and the rest of what was under way."""
    length = units.size(scenario.run.send)
    if length and session.connected and "own-data" not in session.endpoint.capabilities:
        server.echo()
        for start in range(0, length, 1024):
            session.send(bytes(min(1024, length - start)))
        lab.run(scenario.run.limit, stop=lambda: len(session.received) >= length)
    if scenario.run.until == "quiet":
        lab.run(scenario.run.limit)


def _summary(lab: Lab, session: Session, seed: int, stopped: Stopped) -> Summary:
    connected = _both(session)
    ends = [s.connected_at for s in (session, session.peer) if s is not None and s.connected_at is not None]
    end = round(max(ends) * 10**9) if connected else round(lab.now * 10**9)
    sent = [entry for entry in lab.trace.entries if entry.kind == LogKind.DATAGRAM_SENT]
    peer = session.peer
    failure = session.failure or (peer.failure if peer is not None else "")
    return Summary(
        seed=seed,
        connected=connected,
        nanoseconds=end,
        datagrams=len(sent),
        lost=sum(entry.kind == LogKind.DATAGRAM_LOST for entry in lab.trace.entries),
        largest=max((entry.length for entry in sent), default=0),
        failure="" if connected else failure or f"not connected after {lab.now:.3f} s ({stopped.why})",
        stalled=stopped.why is StopReason.STALLED,
    )


def _without_rules(scenario: Scenario) -> Scenario:
    return msgspec.structs.replace(scenario, drop=[])


def _without_loss(scenario: Scenario) -> Scenario:
    kept = {
        n: v
        for n, v in scenario.network.items()
        if n.partition(".")[0] not in ("loss", "reorder", "duplicate")
    }
    return msgspec.structs.replace(scenario, network=kept)


def _hook(rules: list[DropRule], seed: int) -> Callable[[Passing], Fate | None]:
    """One hook for all rules; chance is drawn from the run's seed."""
    chance = random.Random(seed)
    taken = [0] * len(rules)

    def hook(datagram: Passing) -> Fate | None:
        for index, rule in enumerate(rules):
            if _matches(rule, datagram, chance) and (rule.first is None or taken[index] < rule.first):
                taken[index] += 1
                return drop(f"rule {index + 1}")
        return None

    return hook


def _matches(rule: DropRule, datagram: Passing, chance: random.Random) -> bool:
    messages = {message.type for record in datagram.records for message in record.messages}
    return (
        datagram.sender.config.role == rule.sender
        and (rule.flight is None or datagram.flight == rule.flight)
        and (rule.message is None or rule.message in messages)
        and (rule.retransmission is None or datagram.retransmission == rule.retransmission)
        and (not rule.nth or datagram.nth in rule.nth)
        and (rule.probability is None or chance.random() < rule.probability)
    )
