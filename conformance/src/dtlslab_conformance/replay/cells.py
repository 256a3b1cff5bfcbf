# SPDX-License-Identifier: MIT
"""Cells of replay and mutation, carried out in workers: one of replay for each endpoint, role and capture,
one of mutation for each endpoint, role and operator.
"""

from __future__ import annotations

import functools
import shlex
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from dtlslab import locations
from dtlslab.errors import BadInput, EndpointError, Unsupported
from dtlslab.expected import Expectations, Side
from dtlslab.results import Cell, Result
from dtlslab.verdict import Citation, Outcome, Verdict

from . import finding as findings
from .capture import Source
from .comparison import TIME_TOLERANCE, compare, unexplained
from .finding import Finding
from .mutate import (
    Mutated,
    draw_mutations,
    enumerate_mutations,
    honest_script,
    run_mutation,
    sample_mutations,
)
from .mutation import Mutation, Operator, harmless, rfc
from .operators import find_operator
from .oracles import Violation, outcome, violation
from .party import (
    Party,
    can_be,
    capabilities_of,
    endpoint_of,
    find,
    is_remote,
    lacking,
    play_clean,
    side_of,
    target_of,
)
from .recording import Recording, read_recording
from .remote import TIMELY
from .run import OTHER, PROBE, Played
from .script import make_script

TESTER = "tester"
REPLAYED = harmless("the captured handshake is a right one", rfc(6347, "4.2"))


class Plan(msgspec.Struct, frozen=True):
    """Which mutations of an operator are run."""

    places: int = 0
    """Of each capture, evenly spread over all; 0 for every one."""
    runs: int = 0
    """So many by chance instead."""


@functools.cache
def expectations() -> Expectations:
    """The known findings in released stacks."""
    beside = Path(__file__).resolve()
    folders = (beside.parents[3] / "expected" / "mutate", beside.parents[1] / "expected" / "mutate")
    return Expectations.read(next((folder for folder in folders if folder.is_dir()), folders[0]))


def make_cell(part: str, case: str, title: str, party: Party, role: str, arguments: Sequence[str]) -> Cell:
    """A cell, with the command that repeats it."""
    client, server = (party.name, TESTER) if role == "client" else (TESTER, party.name)
    words = [part, *arguments, "--endpoint", target_of(party), "--role", role]
    return Cell(
        part=part,
        case=case,
        client=client,
        server=server,
        title=title,
        command=f"{locations.how_to_run()} {shlex.join(words)}",
    )


def sides(party: Party, role: str) -> tuple[Side, Side]:
    """Client and server of a cell."""
    under_test, tester = side_of(party), Side(TESTER)
    return (under_test, tester) if role == "client" else (tester, under_test)


# Replay


def run_replay(path: str, role: str, source: Source, cell: Cell, seed: int, out: str) -> list[Result]:
    """Replays a recording against an endpoint. Called in a worker."""
    start = time.monotonic()
    party, recording = find(path), source.recording()
    missing = lacking(party, recording, role)
    virtual, trace = 0.0, None
    metrics: dict[str, float] = {}
    if missing:
        judged = Outcome(Verdict.UNSUPPORTED, missing, REPLAYED.citation)
    else:
        script = make_script(recording, OTHER[role])
        try:
            play, played = play_clean(party, role, recording, script, seed)
        except (Unsupported, EndpointError) as error:
            judged = Outcome(Verdict.FAIL, str(error), REPLAYED.citation)
        else:
            judged, metrics = _judge_replay(role, recording, played, Path(out), cell)
            play.leave()
            virtual, trace = play.lab.now, cell.folder
            play.lab.mark(f"{judged.verdict.value}: {judged.reason}")
            play.lab.write(Path(out) / trace)
            play.lab.close()
    client, server = sides(party, role)
    return [
        Result.of(
            cell,
            judged,
            expected=expectations().expected(judged, cell.case, client, server),
            seed=seed,
            virtual_seconds=virtual,
            real_seconds=time.monotonic() - start,
            trace=trace,
            metrics=metrics,
        )
    ]


def _judge_replay(
    role: str, recording: Recording, played: Played, out: Path, cell: Cell
) -> tuple[Outcome, dict[str, float]]:
    found = violation(played, REPLAYED)
    if found is not None:
        detail = f" ({played.complaint})" if played.complaint else ""
        return outcome(role, Violation(found.oracle, found.reason + detail, found.citation), REPLAYED), {}
    folder = out / cell.folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    file = folder.with_suffix(".replayed.pcapng")
    file.write_bytes(played.lab.trace.capture())
    try:
        tolerance = TIMELY if played.lab.world.real_time else TIME_TOLERANCE
        departures = compare(recording, read_recording(file), OTHER[role], tolerance=tolerance)
    except BadInput as error:
        return Outcome(Verdict.INCONCLUSIVE, f"The replay cannot be read back: {error}"), {}
    finally:
        file.unlink()
    strange = unexplained(departures)
    metrics = {"fields made anew": float(len(departures)), "departures": float(len(strange))}
    if strange:
        reason = f"The replay departs from the capture in {strange[0]}."
        return Outcome(Verdict.INCONCLUSIVE, reason), metrics
    reason = f"As captured; {len(departures)} fields were made anew, all of which must live."
    return Outcome(Verdict.PASS, reason, REPLAYED.citation), metrics


# Mutation


@dataclass(slots=True)
class _Tally:
    """What came of the mutations of one cell."""

    runs: int = 0
    misfits: int = 0
    virtual: float = 0.0
    found: list[tuple[Mutated, bool]] = field(default_factory=list)


def run_operator(
    path: str, role: str, operator: str, sources: list[Source], plan: Plan, cell: Cell, seed: int, out: str
) -> list[Result]:
    """Runs the mutations of an operator against an endpoint. Called in a worker."""
    start = time.monotonic()
    party, folder = find(path), Path(out)
    tally = _Tally()
    missing = ""
    written = False
    for source in sources:
        recording = source.recording()
        missing = lacking(party, recording, role)
        if missing:
            continue
        echoes, unmet = _first_seen(party, role, recording, seed)
        if unmet is not None:
            return [_unmet(cell, unmet, seed, start)]
        for mutation in _planned(recording, role, find_operator(operator), plan, seed):
            mutated = _guarded(party, role, source, recording, mutation, seed, folder, echoes)
            written = _note(tally, mutated, party, role, folder / cell.folder, written)
            if is_remote(party) and mutated.played.fresh is False:
                break  # whoever comes next would meet what this one has left
    judged, expected = _sum_up(tally, missing, find_operator(operator))
    return [
        Result.of(
            cell,
            judged,
            expected=expected,
            seed=seed,
            virtual_seconds=tally.virtual,
            real_seconds=time.monotonic() - start,
            trace=cell.folder if written else None,
            metrics={
                "mutations": float(tally.runs),
                "findings": float(len(tally.found)),
                "known": float(sum(known for _, known in tally.found)),
                "not applicable": float(tally.misfits),
            },
            details="\n".join(f"{m.mutation}: {m.outcome.reason}" for m, _ in tally.found),
        )
    ]


def _first_seen(party: Party, role: str, recording: Recording, seed: int) -> tuple[bool, Violation | None]:
    """Whether a server that runs already sends back what it gets, and what is wrong with it before anything
    is changed. A stack in the laboratory is set up as it must be.
    """
    if not is_remote(party):
        return True, None
    play, played = play_clean(party, role, recording, honest_script(recording, role), seed)
    play.probe(played)
    play.leave()
    play.lab.close()
    echoes, played.echoed = bool(played.echoed), None
    played.delivered = [PROBE] if echoes else []
    return echoes, violation(played, REPLAYED)


def _unmet(cell: Cell, unmet: Violation, seed: int, start: float) -> Result:
    reason = f"Nothing was changed yet, and the server {unmet.reason}. Is it set up as the captured one?"
    judged = Outcome(Verdict.INCONCLUSIVE, reason, unmet.citation)
    return Result.of(cell, judged, seed=seed, real_seconds=time.monotonic() - start)


def _planned(
    recording: Recording, role: str, operator: Operator, plan: Plan, seed: int
) -> Iterator[Mutation]:
    if plan.runs:
        return draw_mutations(recording, role, [operator], plan.runs, seed)
    if plan.places:
        return iter(sample_mutations(recording, role, operator, plan.places))
    return enumerate_mutations(recording, role, [operator])


def _guarded(
    party: Party,
    role: str,
    source: Source,
    recording: Recording,
    mutation: Mutation,
    seed: int,
    out: Path,
    echoes: bool,
) -> Mutated:
    """Runs a mutation, with its finding on disk meanwhile: should the worker die, it stays."""
    finding = Finding(
        capture=f"{source.name}.pcapng",
        endpoint=target_of(party),
        version=side_of(party).version,
        role="client" if role == "client" else "server",
        operator=mutation.operator,
        place=mutation.place,
        parameters=mutation.parameters,
        seed=seed,
        oracle="no-crash",
        reason="The process did not survive this run.",
    )
    folder = out / findings.FOLDER
    path = findings.save(folder, finding, source.capture())
    mutated = run_mutation(
        endpoint_of(party), role, recording, mutation, seed, capabilities_of(party), echoes=echoes
    )
    if mutated.violation is None:
        path.unlink()
        return mutated
    found = mutated.violation
    kept = msgspec.structs.replace(
        finding, oracle=found.oracle, reason=mutated.outcome.reason, citation=str(found.citation)
    )
    findings.save(folder, kept, source.capture())
    return mutated


def _note(tally: _Tally, mutated: Mutated, party: Party, role: str, folder: Path, written: bool) -> bool:
    """Counts a run; keeps the trace of the first finding, or else of the first run."""
    lab = mutated.played.lab
    tally.virtual += lab.now
    if mutated.outcome.verdict is Verdict.UNSUPPORTED:
        tally.misfits += 1
        lab.close()
        return written
    tally.runs += 1
    if mutated.violation is not None:
        known = is_known(mutated, party, role)
        tally.found.append((mutated, known))
    if tally.runs == 1 or (mutated.violation is not None and len(tally.found) == 1):
        lab.mark(f"{mutated.mutation}: {mutated.outcome.verdict.value}: {mutated.outcome.reason}")
        lab.write(folder)
        written = True
    lab.close()
    return written


def is_known(mutated: Mutated, party: Party, role: str) -> bool:
    """Whether a finding is written down as known of this version of the stack."""
    entry = expectations().find(str(mutated.mutation), *sides(party, role))
    return entry is not None and Verdict(entry.verdict) is mutated.outcome.verdict


_WORST = (Verdict.CRASH, Verdict.HANG, Verdict.FAIL, Verdict.INCONCLUSIVE)


def _sum_up(tally: _Tally, missing: str, operator: Operator) -> tuple[Outcome, bool]:
    if tally.runs == 0:
        if missing:
            return Outcome(Verdict.UNSUPPORTED, missing), False
        return Outcome(Verdict.PASS, "There is no place for it in these handshakes."), True
    if not tally.found:
        return Outcome(
            Verdict.PASS, f"{tally.runs} mutations, each met as it should be.", _citation(operator)
        ), True
    order = sorted(tally.found, key=lambda pair: (pair[1], _WORST.index(pair[0].outcome.verdict)))
    worst = order[0][0]
    unknown = sum(not known for _, known in tally.found)
    count = f"{len(tally.found)} of {tally.runs} mutations" + (
        f", {unknown} not known" if unknown else ", all known"
    )
    reason = f"{count}: {worst.mutation}: {worst.outcome.reason}"
    return Outcome(worst.outcome.verdict, reason, worst.outcome.citation), unknown == 0


def _citation(operator: Operator) -> Citation:
    return rfc(6347, "4.1.2.7" if "record" in operator.name or "datagram" in operator.name else "4.2")


def run_finding(path: str, capture: str, finding: Finding, cell: Cell, out: str) -> list[Result]:
    """Repeats a finding. Called in a worker."""
    start = time.monotonic()
    party, recording = find(path), read_recording(capture)
    missing = lacking(party, recording, finding.role)
    client, server = sides(party, finding.role)
    if missing:
        judged = Outcome(Verdict.UNSUPPORTED, missing)
        return [Result.of(cell, judged, expected=False, seed=finding.seed)]
    echoes, unmet = _first_seen(party, finding.role, recording, finding.seed)
    if unmet is not None:
        return [_unmet(cell, unmet, finding.seed, start)]
    mutated = run_mutation(
        endpoint_of(party),
        finding.role,
        recording,
        finding.mutation,
        finding.seed,
        capabilities_of(party),
        echoes=echoes,
    )
    lab = mutated.played.lab
    lab.mark(f"{mutated.mutation}: {mutated.outcome.verdict.value}: {mutated.outcome.reason}")
    lab.write(Path(out) / cell.folder)
    known = expectations().find(str(mutated.mutation), client, server)
    expected = mutated.violation is None or (known is not None and is_known(mutated, party, finding.role))
    return [
        Result.of(
            cell,
            mutated.outcome,
            expected=expected,
            seed=finding.seed,
            virtual_seconds=lab.now,
            real_seconds=time.monotonic() - start,
            trace=cell.folder,
        )
    ]


def pairs(parties: Sequence[Party], roles: Sequence[str]) -> Iterator[tuple[Party, str]]:
    """Everyone in every role that can be."""
    return ((party, role) for party in parties for role in roles if can_be(party, role))
