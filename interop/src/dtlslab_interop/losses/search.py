# SPDX-License-Identifier: MIT
"""The search: every schedule of one kind of fault in one shape of handshake, and how each ended."""

from __future__ import annotations

from dataclasses import dataclass, field

from dtlslab import units
from dtlslab.configuration import make_config
from dtlslab.stack import Stack
from dtlslab.trials import End, Fault, FaultKind, Schedule, Side, Trial, Trials

from dtlslab_interop.case import ONE_WAY
from dtlslab_interop.implementations import Implementation
from dtlslab_interop.losses.shapes import KINDS, Shape

HANDSHAKE_SECONDS = 60
REST_SECONDS = 20
DATA_LEN = 64


@dataclass(slots=True)
class Search:
    """All trials of one shape and kind."""

    undisturbed: Trial
    trials: list[Trial] = field(default_factory=list)
    last: set[Schedule] = field(default_factory=set)
    """Those whose last fault meets the last datagram that there is without it."""

    @property
    def failures(self) -> list[Trial]:
        return [trial for trial in self.trials if trial.end is not End.COMPLETE]


def trials_of(shape: Shape, client: Implementation, server: Implementation, seed: int) -> Trials:
    """The trials of a shape between two stacks."""

    def side(role: str, implementation: Implementation) -> Side:
        assert isinstance(implementation.what, Stack)
        return Side(implementation.what, make_config(role, **shape.settings(role, client, server, seed)))

    second = 10**9
    return Trials(
        side("server", server),
        side("client", client),
        seed=seed,
        delay=units.nanoseconds(ONE_WAY),
        limit=HANDSHAKE_SECONDS * second,
        rest=REST_SECONDS * second,
        resume=shape.resume,
        data_len=DATA_LEN,
    )


def search(trials: Trials, kind: str) -> Search:
    """Carries out every schedule of a kind.

    A second loss meets every datagram that the first leaves to be sent, repetitions among them. Where the
    first loss alone is not survived, there is no second.
    """
    fault, at_once = KINDS[kind]
    undisturbed = trials.run([()])[0]
    found = Search(undisturbed)
    if undisturbed.end is not End.COMPLETE:
        return found
    found.trials = [undisturbed]
    for _ in range(at_once):
        found.last = {(*trial.schedule, Fault(fault, trial.datagrams)) for trial in found.trials}
        found.trials = trials.run(_next(found.trials, fault))
    return found


def _next(trials: list[Trial], kind: FaultKind) -> list[Schedule]:
    """Each schedule that went well, with one more fault at each datagram that was sent after its last."""
    return [
        (*trial.schedule, Fault(kind, nth))
        for trial in trials
        if trial.end is End.COMPLETE
        for nth in range(trial.schedule[-1].nth + 1 if trial.schedule else 1, trial.datagrams + 1)
    ]
