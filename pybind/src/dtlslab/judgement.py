# SPDX-License-Identifier: MIT
"""What the runs of a scenario amount to: figures, and a verdict on what was expected."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import NormalDist, median

import msgspec

from dtlslab import units
from dtlslab.report.statistics import wilson
from dtlslab.results import Result
from dtlslab.scenario import Scenario
from dtlslab.simulation import Chunk, Summary
from dtlslab.verdict import Outcome, Verdict, failed, passed
from dtlslab.workers import JobResult

CONFIDENCE = 0.999
"""Of the interval in which an observed share must lie; a campaign looks at many shares."""


class Runs(msgspec.Struct, kw_only=True):
    """All runs of one variant."""

    scenario: Scenario
    clean: Summary
    undisturbed: list[Summary]
    runs: list[Summary]

    @property
    def loss(self) -> float:
        return float(self.scenario.network.get("loss", 0.0))

    @property
    def connected(self) -> list[Summary]:
        return [run for run in self.runs if run.connected]

    @property
    def without_retransmission(self) -> int:
        """Runs that needed as few datagrams as one on a network that loses nothing."""
        return sum(run.connected and run.datagrams == self.clean.datagrams for run in self.runs)

    @property
    def expected_share(self) -> float:
        """(1-p)^n: that n datagrams all arrive."""
        return float((1 - self.loss) ** self.clean.datagrams)


def merge(group: Sequence[JobResult]) -> Result:
    """The result of a variant from the chunks of its runs."""
    chunks = [ended.decode(Chunk) for ended in group]
    job = group[0].job
    assert job.cell is not None
    runs = Runs(
        scenario=msgspec.convert(job.arguments["scenario"], Scenario),
        clean=chunks[0].clean,
        undisturbed=[summary for chunk in chunks for summary in chunk.undisturbed],
        runs=[summary for chunk in chunks for summary in chunk.runs],
    )
    return Result.of(
        job.cell,
        judge(runs),
        seed=job.seed,
        virtual_seconds=sum(run.nanoseconds for run in runs.runs) / 10**9,
        real_seconds=sum(chunk.real_seconds for chunk in chunks),
        trace=job.cell.folder if any(chunk.traced for chunk in chunks) else None,
        details=_failures(runs),
        metrics=_metrics(runs),
        series={
            "completion_times": [run.nanoseconds / 10**9 for run in runs.connected],
            "seeds": [float(run.seed) for run in runs.connected],
        },
    )


def judge(runs: Runs) -> Outcome:
    """Holds the runs against what the scenario expects."""
    stalled = [run for run in runs.runs if run.stalled]
    if stalled:
        reason = f"an endpoint's deadline does not move: seeds {_seeds(stalled)}"
        return Outcome(Verdict.HANG, reason)
    for check in _CHECKS:
        reason = check(runs)
        if reason:
            return failed(reason)
    return passed(_description(runs))


def _connected(runs: Runs) -> str:
    expected = runs.scenario.expect.connected
    if expected is None:
        return ""
    wrong = [run for run in runs.runs if run.connected != expected]
    if not wrong:
        return ""
    what = "did not connect" if expected else "connected"
    return f"{len(wrong)} of {len(runs.runs)} runs {what}: seeds {_seeds(wrong)}"


def _delayed_by(runs: Runs) -> str:
    if runs.scenario.expect.delayed_by is None:
        return ""
    expected = units.nanoseconds(runs.scenario.expect.delayed_by)
    for run, undisturbed in zip(runs.runs, runs.undisturbed, strict=True):
        if not run.connected or not undisturbed.connected:
            return f"seed {run.seed} did not connect: {run.failure or undisturbed.failure}"
        delay = run.nanoseconds - undisturbed.nanoseconds
        if delay != expected:
            shown = f"{delay / 10**9:.9f} s, expected {expected / 10**9:.9f} s"
            return f"seed {run.seed} is delayed by {shown}"
    return ""


def _largest_datagram(runs: Runs) -> str:
    limit = runs.scenario.expect.largest_datagram
    largest = max(run.largest for run in runs.runs)
    if limit is None or largest <= limit:
        return ""
    return f"a datagram of {largest} bytes; expected at most {limit}"


def _share(runs: Runs) -> str:
    if runs.scenario.expect.share_without_retransmission is None:
        return ""
    observed, total = runs.without_retransmission, len(runs.runs)
    low, high = wilson(observed, total, NormalDist().inv_cdf((1 + CONFIDENCE) / 2))
    if low <= runs.expected_share <= high:
        return ""
    return (
        f"{observed} of {total} handshakes without retransmission, "
        f"{CONFIDENCE:.1%} interval {low:.3f} to {high:.3f}; "
        f"(1-p)^n with {runs.clean.datagrams} datagrams is {runs.expected_share:.3f}"
    )


_CHECKS: tuple[Callable[[Runs], str], ...] = (_connected, _delayed_by, _largest_datagram, _share)


def _description(runs: Runs) -> str:
    connected = runs.connected
    text = f"{len(connected)} of {len(runs.runs)} connected"
    if connected:
        text += f", median {median(run.nanoseconds for run in connected) / 10**9:.3f} s"
    if runs.loss:
        share = runs.without_retransmission / len(runs.runs)
        text += f"; without retransmission {share:.3f}, (1-p)^n is {runs.expected_share:.3f}"
    return text


def _metrics(runs: Runs) -> dict[str, float]:
    metrics = {
        "runs": len(runs.runs),
        "connected": len(runs.connected),
        "loss": runs.loss,
        "datagrams": runs.clean.datagrams,
        "without_retransmission": runs.without_retransmission,
        "largest_datagram": max(run.largest for run in runs.runs),
    }
    if runs.connected:
        metrics["median_seconds"] = median(run.nanoseconds for run in runs.connected) / 10**9
    return {name: float(value) for name, value in metrics.items()}


def _failures(runs: Runs) -> str:
    """Why the runs without an end ended, each reason with its seeds."""
    reasons: dict[str, list[Summary]] = {}
    for run in runs.runs:
        if not run.connected:
            reasons.setdefault(run.failure, []).append(run)
    return "\n".join(f"{reason}: seeds {_seeds(those)}" for reason, those in reasons.items())


def _seeds(runs: Sequence[Summary]) -> str:
    shown = ", ".join(str(run.seed) for run in runs[:8])
    return shown + (" …" if len(runs) > 8 else "")
