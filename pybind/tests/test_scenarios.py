# SPDX-License-Identifier: MIT
"""Scenario files: what they say, what is refused, and what the committed ones show."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest
from dtlslab import campaign, endpoints
from dtlslab.errors import BadInput
from dtlslab.judgement import Runs, judge
from dtlslab.results import Result
from dtlslab.scenario import Scenario, read_scenario, variants
from dtlslab.simulation import Summary, plan, run_once
from dtlslab.verdict import Verdict

ROOT = Path(__file__).resolve().parents[2]
SCENARIOS = sorted((ROOT / "scenarios").glob("*.toml"))

GOOD = """\
name = "good"
shows = "Something."

[network]
type = "memory"
delay = "15ms"

[client]
stack = "openssl"

[run]
runs = 3

[[drop]]
sender = "client"
nth = [1]

[vary]
"network.loss" = [0.0, 0.5]
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "scenario.toml"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('shows = "Something."', ""), r"scenario.toml:1: .*shows"),
        (("runs = 3", 'runs = "3"'), r"scenario.toml:12: run.runs: .*integer"),
        (("runs = 3", "runs = 0"), r"scenario.toml:12: run.runs: 0; expected at least 1"),
        (("runs = 3", "run = 3"), r"scenario.toml:12: run.run: .*"),
        (
            ('"memory"', '"wet string"'),
            r"scenario.toml:5: network.type: 'wet string'; expected one of memory,",
        ),
        (
            ('delay = "15ms"', 'delay = "15 parsec"'),
            r"scenario.toml:4: network: '15 parsec' is not a duration",
        ),
        (
            ('delay = "15ms"', "dealy = 1"),
            r"scenario.toml:6: network.dealy: not a parameter of memory; expected",
        ),
        (('sender = "client"', 'sender = "nobody"'), r"scenario.toml:15: drop\[0\].sender: .*"),
        (("[0.0, 0.5]", "[0.0, 1.5]"), r"scenario.toml:\d+: vary"),
        (("[0.0, 0.5]", "[]"), r"scenario.toml:19: vary.\"network.loss\": an empty list"),
        (("[client]", "[client"), r"scenario.toml:8: not valid TOML"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(
    tmp_path: Path, change: tuple[str, str], message: str
) -> None:
    path = write(tmp_path, GOOD.replace(*change))
    with pytest.raises(BadInput, match=message):
        read_scenario(path)


def test_settings_from_the_command_line(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    scenario = read_scenario(path, ["network.loss=0.25", "client.mtu=700", "stack=gnutls"])
    (variant,) = variants(scenario, [])
    assert scenario.network["loss"] == 0.25
    assert (scenario.client.mtu, scenario.client.stack, scenario.server.stack) == (700, "gnutls", "gnutls")
    assert variant.case == "good"
    for wrong in ("network.loss", "client.colour=green", "run.runs=many"):
        with pytest.raises(BadInput, match="--set"):
            read_scenario(path, [wrong])


def test_variants_are_every_combination(tmp_path: Path) -> None:
    text = GOOD + 'stack = ["*", "mine"]\n'
    found = variants(read_scenario(write(tmp_path, text)), ["a", "b"])
    assert [(v.scenario.network["loss"], v.scenario.server.stack) for v in found] == [
        (loss, stack) for loss in (0.0, 0.5) for stack in ("a", "b", "mine")
    ]
    assert found[-1].case == "good-loss-0.5"


@pytest.mark.parametrize("path", SCENARIOS, ids=[path.stem for path in SCENARIOS])
def test_the_committed_scenarios_pass(path: Path, tmp_path: Path) -> None:
    results = carry_out(path, tmp_path, "run.runs=20")
    assert [(result.verdict, result.reason) for result in results if not result.expected] == []
    named = read_scenario(path).vary["stack"]
    stacks = {stack.name for stack in endpoints.installed()} if named == ["*"] else set(named)
    assert {result.client for result in results} == stacks
    for result in results:
        assert result.trace is not None
        assert (tmp_path / result.trace / "capture.pcapng").is_file()


def carry_out(path: Path, out: Path, *settings: str) -> list[Result]:
    scenario = read_scenario(path, settings)
    names = [stack.name for stack in endpoints.installed()]
    jobs = [job for v in variants(scenario, names) for job in plan(v, seed=7, out=out, file=str(path))]
    return campaign.execute(jobs, processes=2)


def test_a_seed_brings_back_a_run(tmp_path: Path) -> None:
    path = ROOT / "scenarios" / "lossy-handshake.toml"
    scenario = read_scenario(path, ["network.loss=0.3", "stack=openssl"])
    summaries = [run_once(scenario, seed) for seed in (20, 21)]
    again = run_once(scenario, 21, str(tmp_path / "trace"))
    assert again == summaries[1]
    assert summaries[0] != summaries[1]
    first = (tmp_path / "trace" / "events.jsonl").read_bytes()
    run_once(scenario, 21, str(tmp_path / "trace"))
    assert (tmp_path / "trace" / "events.jsonl").read_bytes() == first


def summary(seed: int, nanoseconds: int, datagrams: int = 5, *, connected: bool = True) -> Summary:
    return Summary(
        seed=seed,
        connected=connected,
        nanoseconds=nanoseconds,
        datagrams=datagrams,
        lost=0,
        largest=100,
        failure="" if connected else "gave up",
    )


def runs_of(
    expect: Mapping[str, object], runs: list[Summary], undisturbed: list[Summary] | None = None
) -> Runs:
    plain = {"name": "x", "shows": "x", "network": {"type": "memory", "loss": 0.1}, "expect": expect}
    return Runs(
        scenario=msgspec.convert(plain, Scenario),
        clean=summary(0, 1),
        undisturbed=undisturbed or [],
        runs=runs,
    )


def test_judgement_of_delays() -> None:
    expect = {"delayed_by": "1s"}
    undisturbed = [summary(1, 5), summary(2, 5)]
    exact = [summary(1, 1_000_000_005), summary(2, 1_000_000_005)]
    late = [summary(1, 1_000_000_005), summary(2, 1_000_000_006)]
    assert judge(runs_of(expect, exact, undisturbed)).verdict is Verdict.PASS
    outcome = judge(runs_of(expect, late, undisturbed))
    assert outcome.verdict is Verdict.FAIL
    assert outcome.reason == "seed 2 is delayed by 1.000000001 s, expected 1.000000000 s"


def test_judgement_of_shares() -> None:
    expect = {"share_without_retransmission": "(1-p)^n"}  # 0.9^5 = 0.590
    agree = [summary(n, 1, 5 if n < 118 else 7) for n in range(200)]
    differ = [summary(n, 1, 5 if n < 60 else 7) for n in range(200)]
    assert judge(runs_of(expect, agree)).verdict is Verdict.PASS
    assert judge(runs_of(expect, differ)).verdict is Verdict.FAIL


def test_judgement_of_connections_and_sizes() -> None:
    lost = [summary(1, 1), summary(2, 1, connected=False)]
    assert judge(runs_of({"connected": True}, lost)).reason == "1 of 2 runs did not connect: seeds 2"
    assert judge(runs_of({"connected": False}, lost)).reason == "1 of 2 runs connected: seeds 1"
    assert "100 bytes" in judge(runs_of({"largest_datagram": 99}, lost)).reason
    stalled = [Summary(seed=1, connected=False, nanoseconds=1, datagrams=1, lost=0, largest=1, stalled=True)]
    assert judge(runs_of({}, stalled)).verdict is Verdict.HANG
