# SPDX-License-Identifier: MIT
"""One mutated run, from a mutation to a verdict; and which mutations there are of a recording."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dtlslab.endpoints import Remote
from dtlslab.errors import EndpointError
from dtlslab.python_endpoint import PythonEndpoint
from dtlslab.verdict import Outcome, Verdict

from .mutation import Expectation, Mutation, Operator
from .operators import find_operator
from .oracles import Violation, outcome, violation
from .recording import Recording, dissect_message
from .remote import prepare
from .run import OTHER, Play, Played
from .script import Script, make_script


@dataclass(slots=True)
class Mutated:
    """A mutated run and what became of it."""

    mutation: Mutation
    expected: Expectation
    played: Played
    violation: Violation | None
    outcome: Outcome


def honest_script(recording: Recording, role: str) -> Script:
    """The script that a live endpoint in `role` meets, before any mutation."""
    return make_script(recording, OTHER[role]).honest()


def run_mutation(
    target: str | PythonEndpoint | Remote,
    role: str,
    recording: Recording,
    mutation: Mutation,
    seed: int,
    capabilities: frozenset[str],
    *,
    echoes: bool = True,
) -> Mutated:
    """Plays a mutated script against a live endpoint and judges it. BadInput when the mutation does not
    fit. `echoes`: whether an endpoint outside is known to send back what it gets.
    """
    script = honest_script(recording, role)
    expected = find_operator(mutation.operator).apply(script, mutation)
    play = prepare(target, role, recording, script, seed, capabilities, echoes=echoes)
    try:
        played = play.run()
        if play.player.misfit:
            play.leave()
            reason = f"The mutation does not apply: {play.player.misfit}."
            return Mutated(mutation, expected, played, None, Outcome(Verdict.UNSUPPORTED, reason))
        expected = _reviewed(script, mutation, play) or expected
        if played.live_connected and played.player_connected:
            play.probe(played)
            play.leave()
        else:
            play.fresh_handshake(played)
    except EndpointError as error:
        played = Played(play.lab)
        found = Violation("no-crash", str(error), expected.citation, Verdict.CRASH)
        return Mutated(mutation, expected, played, found, outcome(role, found, expected))
    found_or_none = violation(played, expected)
    return Mutated(mutation, expected, played, found_or_none, outcome(role, found_or_none, expected))


def _reviewed(script: Script, mutation: Mutation, play: Play) -> Expectation | None:
    """The expectation by the message that was sent, which may differ from the captured one in length."""
    operator = find_operator(mutation.operator)
    index = operator.message(script, mutation)
    whole = None if index is None else play.player.peer.built.get(index)
    if index is None or whole is None:
        return None
    message = script.messages[index]
    return operator.review(script, mutation, dissect_message(message.msg_type, whole[12:], script.suite))


def enumerate_mutations(recording: Recording, role: str, operators: Sequence[Operator]) -> Iterator[Mutation]:
    """Every operator at every place."""
    script = honest_script(recording, role)
    for operator in operators:
        yield from operator.places(script)


def draw_mutations(
    recording: Recording, role: str, operators: Sequence[Operator], runs: int, seed: int
) -> Iterator[Mutation]:
    """Mutations by chance: first an operator, then a place and parameters. The same for the same seed."""
    source = random.Random(seed)
    script = honest_script(recording, role)
    usable = [operator for operator in operators if next(iter(operator.places(script)), None) is not None]
    for _ in range(runs if usable else 0):
        mutation = source.choice(usable).draw(script, source)
        if mutation is not None:
            yield mutation


def sample_mutations(recording: Recording, role: str, operator: Operator, count: int) -> list[Mutation]:
    """So many mutations of an operator, evenly spread over all its places: the same in every run."""
    found = list(operator.places(honest_script(recording, role)))
    if len(found) <= count:
        return found
    return [found[(index * len(found)) // count + len(found) // (2 * count)] for index in range(count)]
