# SPDX-License-Identifier: MIT
"""Trials: one handshake again and again, with other datagrams lost, doubled or swapped, all in C.

A trial leaves no trace. To see one, make the same endpoints in a `Lab`, set a hook that does the same to the
same datagrams, and look: with the same seeds it takes the same course.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum, StrEnum
from typing import NamedTuple

from dtlslab._lab import ffi, lib
from dtlslab.binding import load_api, text_of
from dtlslab.configuration import EndpointConfig
from dtlslab.contract import c_config
from dtlslab.errors import BadInput
from dtlslab.stack import Stack

_SLICE_NS = 100_000_000  # of real time, after which Python sees signals such as Ctrl-C


class FaultKind(StrEnum):
    """What becomes of a datagram."""

    DROP = "drop"
    DUPLICATE = "duplicate"
    SWAP = "swap"
    """It arrives after the next one of its sender."""


_KINDS = {FaultKind.DROP: 1, FaultKind.DUPLICATE: 2, FaultKind.SWAP: 3}


class Fault(NamedTuple):
    """What becomes of one datagram."""

    kind: FaultKind
    nth: int
    """Which of all that are sent in the handshake, of both sides, from 1."""


Schedule = tuple[Fault, ...]


class End(IntEnum):
    """How a trial ended: `enum dtlslab_trial_end`."""

    COMPLETE = 0
    NO_SETUP = 1
    UNDISTURBED_FAILED = 2
    NOT_CONNECTED = 3
    DISAGREED = 4
    NO_DATA = 5
    ALERT = 6
    FAILED_LATER = 7
    NO_REST = 8
    STALLED = 9
    BROKEN = 10


class Trial(NamedTuple):
    """How one schedule went."""

    schedule: Schedule
    end: End
    datagrams: int
    """How many had been sent when both sides were connected, or the trial failed."""
    seconds: float
    """Virtual time until both sides were connected."""
    text: str
    """What the side that failed said; may be empty."""


class Side(NamedTuple):
    """A stack with its configuration."""

    stack: Stack
    config: EndpointConfig


class Trials:
    """What the trials of a batch have in common: the two sides, the network and the measure."""

    def __init__(
        self,
        server: Side,
        client: Side,
        *,
        seed: int = 1,
        delay: int = 10_000_000,
        limit: int = 60_000_000_000,
        rest: int = 20_000_000_000,
        resume: bool = False,
        data_len: int = 64,
    ) -> None:
        """Times are in virtual nanoseconds: one way, for a handshake, and for coming to rest after it.

        `resume`: a first session is made and closed undisturbed, and the trial is about the second.
        """
        self._sides = {"server": server, "client": client}
        self._plan = {
            "seed": seed,
            "delay_ns": delay,
            "limit_ns": limit,
            "rest_ns": rest,
            "resume": resume,
            "data_len": data_len,
        }

    def run(self, schedules: Sequence[Schedule]) -> list[Trial]:
        """Carries out one trial for each schedule. The lock of the interpreter is released meanwhile."""
        trials = ffi.new("struct dtlslab_trial[]", len(schedules))
        for trial, schedule in zip(trials, schedules, strict=True):
            if len(schedule) > lib.DTLSLAB_MAX_FAULTS:
                raise BadInput(f"a schedule has at most {lib.DTLSLAB_MAX_FAULTS} faults, not {len(schedule)}")
            trial.num_faults = len(schedule)
            for index, fault in enumerate(schedule):
                trial.faults[index].kind, trial.faults[index].nth = _KINDS[fault.kind], fault.nth
        with (
            c_config(self._sides["server"].config) as server,
            c_config(self._sides["client"].config) as client,
        ):
            plan = ffi.new("struct dtlslab_trial_plan *", self._plan)
            for side, config in (("server", server), ("client", client)):
                target = getattr(plan, side)
                target.api, target.config = load_api(self._sides[side].stack.path), config
            self._run_all(plan, trials, len(schedules))
        return [
            Trial(schedule, End(trial.end), trial.datagrams, trial.connected_ns / 10**9, text_of(trial.text))
            for schedule, trial in zip(schedules, trials, strict=True)
        ]

    @staticmethod
    def _run_all(plan: object, trials: object, count: int) -> None:
        done, new = 0, ffi.new("uint32_t *")
        while done < count:
            result = lib.dtlslab_run_trials(plan, trials + done, count - done, _SLICE_NS, new)  # type: ignore[operator]
            if result < 0:
                raise BadInput("a fault concerns a datagram from number 1 on")
            done += new[0]
