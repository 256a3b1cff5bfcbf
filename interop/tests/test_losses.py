# SPDX-License-Identifier: MIT
"""Losses: the search, its agreement with what a trace shows, and the command."""

from __future__ import annotations

import dataclasses
import json
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from dtlslab import Verdict
from dtlslab.cli import run_cli
from dtlslab.errors import BadInput
from dtlslab.plugins import PlanOptions, registry
from dtlslab.results import Result
from dtlslab.trials import End, Fault, FaultKind
from dtlslab_interop import implementations
from dtlslab_interop.cell import carry_out
from dtlslab_interop.implementations import Implementation
from dtlslab_interop.losses import cell, command, repeat
from dtlslab_interop.losses.search import search, trials_of
from dtlslab_interop.losses.shapes import KINDS, SHAPES

PEERS = ("openssl", "gnutls", "mbedtls", "wolfssl")
DROP, DUPLICATE, SWAP = FaultKind.DROP, FaultKind.DUPLICATE, FaultKind.SWAP


@pytest.fixture(scope="module")
def libdtls() -> Implementation:
    return implementations.find("libdtls")


@pytest.mark.parametrize("kind", KINDS)
def test_libdtls_survives_everything_with_itself(kind: str, libdtls: Implementation) -> None:
    for shape in SHAPES.values():
        if not shape.fits(libdtls, libdtls):
            continue
        found = search(trials_of(shape, libdtls, libdtls, seed=1), kind)
        assert found.undisturbed.end is End.COMPLETE, shape.name
        assert found.failures == [], shape.name
        count = found.undisturbed.datagrams
        pairs = count * (count - 1) / 2
        assert len(found.trials) == count if kind != "drop-two" else len(found.trials) > pairs


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize("shape", ["psk-cookie", "resumption-ticket-cookie"])
def test_what_peers_do_not_survive_is_known(shape: str, peer: str, tmp_path: Path) -> None:
    for client, server in (("libdtls", peer), (peer, "libdtls")):
        if SHAPES[shape].fits(implementations.find(client), implementations.find(server)):
            (result,) = cell.run(client, server, shape, "drop", 1, str(tmp_path))
            assert result.expected, result
            assert result.verdict is Verdict.PASS or peer == "wolfssl"


@pytest.mark.parametrize(
    ("shape", "client", "server", "schedule"),
    [
        ("psk-cookie", "libdtls", "openssl", ()),
        ("client-auth-cookie", "libdtls", "openssl", (Fault(DROP, 1),)),
        ("client-auth-cookie", "gnutls", "libdtls", (Fault(DROP, 4), Fault(DROP, 6))),
        ("client-auth-cookie", "libdtls", "wolfssl", (Fault(DROP, 6),)),
        ("psk", "gnutls", "libdtls", (Fault(DUPLICATE, 3),)),
        ("psk-cookie", "libdtls", "wolfssl", (Fault(SWAP, 4), Fault(DROP, 5))),
        ("resumption-ticket-cookie", "libdtls", "openssl", (Fault(SWAP, 4), Fault(DROP, 5))),
        ("resumption-ticket", "openssl", "libdtls", (Fault(DROP, 2), Fault(DROP, 3))),
    ],
)
def test_a_trial_and_its_trace_take_the_same_course(
    shape: str, client: str, server: str, schedule: tuple[Fault, ...], tmp_path: Path
) -> None:
    sides = implementations.find(client), implementations.find(server)
    (trial,) = trials_of(SHAPES[shape], *sides, seed=5).run([schedule])
    case = repeat.case_of("x", SHAPES[shape], schedule, *sides, 5)
    done = carry_out(case, *sides, 5, tmp_path)
    assert (trial.end is End.COMPLETE) == (done.outcome.verdict is Verdict.PASS), (trial, done.outcome)
    text = (tmp_path / "events.jsonl").read_text()
    events = [json.loads(line) for line in text.splitlines()]
    spoilt = [e for e in events if e["name"] in ("dtls:datagram_dropped", "dtls:datagram_changed")]
    assert len(spoilt) == len(schedule)
    if trial.end is End.COMPLETE:
        connected = [e["time"] for e in events if e["data"].get("new") == "connected"]
        (start,) = (e["time"] for e in events if e["name"] == "simulation:marker")
        assert max(connected) - start == pytest.approx(trial.seconds * 1000, abs=0.001)


def test_a_handshake_that_fails_undisturbed_is_told(tmp_path: Path, libdtls: Implementation) -> None:
    shape = dataclasses.replace(
        SHAPES["psk"], server={"cookies": False, "psk": (b"dtlslab", b"another key, of 26 bytes..")}
    )
    found = search(trials_of(shape, libdtls, libdtls, seed=1), "drop")
    assert found.undisturbed.end is End.NOT_CONNECTED
    assert found.trials == []
    result = cell._result(shape, "drop", libdtls, libdtls, 1, found, tmp_path)
    assert (result.verdict, result.expected) == (Verdict.FAIL, False)
    assert result.reason.startswith("with nothing lost: the handshake was not completed")
    assert (tmp_path / str(result.trace) / "capture.pcapng").is_file()


def test_a_schedule_that_is_not_survived_is_told_with_its_trace(tmp_path: Path) -> None:
    """The server of wolfSSL never repeats its last flight."""
    (result,) = cell.run("libdtls", "wolfssl", "psk-cookie", "drop-two", 1, str(tmp_path))
    assert (result.verdict, result.expected) == (Verdict.FAIL, True)
    assert "schedules are not survived; when datagrams 1 and 7 are lost" in result.reason
    assert result.command.endswith("--shape psk-cookie --drop 1 --drop 7")
    assert (tmp_path / str(result.trace) / "events.jsonl").is_file()
    assert result.details.count("losses --client libdtls --server wolfssl") == result.metrics["failed"]


def test_a_known_failure_that_does_not_occur_is_a_departure(libdtls: Implementation) -> None:
    wolfssl = implementations.find("wolfssl")
    found = search(trials_of(SHAPES["psk-cookie"], libdtls, wolfssl, seed=1), "drop")
    assert cell._expected("psk-cookie-drop", libdtls, wolfssl, found)
    found.trials = [trial for trial in found.trials if trial.end is End.COMPLETE]
    assert not cell._expected("psk-cookie-drop", libdtls, wolfssl, found)
    assert cell._expected("psk-cookie-drop", libdtls, libdtls, found)


def run(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, list[Result], str]:
    status = run_cli(["losses", *arguments, "--json", "-"])
    captured = capsys.readouterr()
    return status, json.loads(captured.out) if captured.out else [], captured.err


def test_cells_and_a_schedule_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chosen = ["--client", "libdtls", "--server", "libdtls", "--jobs", "1", "--out", str(tmp_path)]
    status, found, _ = run([*chosen, "--shape", "psk*", "--kind", "drop", "--kind", "swap"], capsys)
    assert status == 0
    assert [r["case"] for r in found] == [  # type: ignore[index]
        "psk-cookie-drop",
        "psk-cookie-swap",
        "psk-drop",
        "psk-swap",
    ]
    status, found, _ = run([*chosen, "--shape", "psk", "--drop", "2", "--swap", "3"], capsys)
    assert status == 0
    assert found[0]["command"].endswith("--shape psk --drop 2 --swap 3")  # type: ignore[index]
    assert (tmp_path / found[0]["trace"] / "events.jsonl").is_file()  # type: ignore[index]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--shape", "nonesuch"], "no shape matches nonesuch"),
        (["--client", "wolfssl", "--server", "wolfssl", "--shape", "psk"], "none of these handshakes"),
        (["--shape", "psk", "--drop", "2", "--swap", "2"], "each at another datagram"),
        (["--client", "nonesuch"], "there is no stack named 'nonesuch'"),
    ],
)
def test_wrong_use_is_said_in_words(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status, _, err = run(arguments, capsys)
    assert status == 2
    assert message in err


def test_a_schedule_has_at_most_four_faults(libdtls: Implementation) -> None:
    schedule = tuple(Fault(DROP, nth) for nth in range(1, 6))
    with pytest.raises(BadInput, match="at most 4 faults"):
        trials_of(SHAPES["psk"], libdtls, libdtls, seed=1).run([schedule])
    with pytest.raises(BadInput, match="from number 1 on"):
        trials_of(SHAPES["psk"], libdtls, libdtls, seed=1).run([(Fault(DROP, 0),)])


def test_the_campaign_grows_with_its_scale() -> None:
    stacks = [side.what for side in implementations.stacks()]
    part = registry().parts["losses"]

    def kinds(scale: str) -> dict[bool, set[str]]:
        jobs = part.jobs(PlanOptions(stacks=stacks, seed=3, out="out", scale=scale))  # type: ignore[arg-type]
        found: dict[bool, set[str]] = {True: set(), False: set()}
        for job in jobs:
            found[job.arguments["client"] == job.arguments["server"]].add(job.arguments["kind"])
        return found

    assert kinds("quick") == {True: set(command.SINGLE), False: set()}
    assert kinds("default") == {True: set(KINDS), False: set(command.SINGLE)}
    assert kinds("all") == {True: set(KINDS), False: set(KINDS)}


def test_known_failures_name_cells_that_there_are() -> None:
    for entry in cell.expectations().known:
        names = [f"{shape}-{kind}{where}" for shape in SHAPES for kind in KINDS for where in ("", "@last")]
        assert any(fnmatchcase(name, entry.case) for name in names), entry
