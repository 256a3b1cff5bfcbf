# SPDX-License-Identifier: MIT
"""Oracles: silent over an honest peer, each one heard over a deliberately wrong one."""

from __future__ import annotations

from typing import Any

import pytest
from dtlslab.python_endpoint import EndpointEvent, EventKind
from dtlslab.verdict import Verdict
from dtlslab_conformance.replay.mutate import Mutated, run_mutation, sample_mutations
from dtlslab_conformance.replay.mutation import Mutation, Parameter
from dtlslab_conformance.replay.operators import OPERATORS
from dtlslab_conformance.replay.oracles import ORACLES
from dtlslab_conformance.replay.recording import Recording
from dtlslab_conformance.tester import TesterEndpoint

CAPABILITIES = frozenset(TesterEndpoint.capabilities)


class Leaky(TesterEndpoint):
    """Sends application data in clear."""

    def send(self, now: int, session: int, data: bytes) -> None:
        association = self.sessions[session]
        association.now = now
        association.send_record(association.peer.data(data, epoch=0))


class Hasty(TesterEndpoint):
    """Says that it is connected at the first sign of life."""

    def receive(self, now: int, path: int, datagram: bytes) -> None:
        super().receive(now, path, datagram)
        for session in list(self.sessions)[:1]:
            self.raise_event(EndpointEvent(kind=EventKind.CONNECTED, session=session, path=path))


class Still(TesterEndpoint):
    """Its deadline does not move."""

    def timeout(self, now: int) -> None:
        pass


WRONG: list[tuple[str, str, Any, str, str, dict[str, Parameter]]] = [
    ("no-hang", "client", Still(), "drop", "4/datagram[0]", {}),
    ("no-plaintext", "server", Leaky(), "duplicate", "1/datagram[0]", {"times": 1}),
    (
        "no-forged-data",
        "server",
        TesterEndpoint(("accept-plaintext-data", "deliver-before-finished")),
        "insert-record",
        "5/datagram[0]/record[0]",
        {"what": "application-data"},
    ),
    ("finished-first", "server", Hasty(), "duplicate", "1/datagram[0]", {"times": 1}),
    (
        "refuses",
        "server",
        TesterEndpoint(("skip-finished-check",)),
        "change-field",
        "Finished.verify_data",
        {"value": "hex:" + 12 * "00"},
    ),
    (
        "refuses",
        "server",
        TesterEndpoint(("accept-unknown-identity",)),
        "change-field",
        "ClientKeyExchange.identity",
        {"value": "hex:00"},
    ),
    (
        "completes",
        "server",
        TesterEndpoint(("no-reassembly",)),
        "refragment",
        "ClientKeyExchange",
        {"size": 3, "order": "forward"},
    ),
    (
        "completes",
        "client",
        TesterEndpoint(("refuse-overlap",)),
        "overlap",
        "ServerHello",
        {"bytes": 4, "whole": 0},
    ),
    (
        "alerts",
        "server",
        TesterEndpoint(("warning-alert-on-bad-mac",)),
        "flip-ciphertext",
        "5/datagram[0]/record[2]",
        {"bit": 70},
    ),
    (
        "alerts",
        "server",
        TesterEndpoint(("wrong-alert-no-common-suite",)),
        "change-field",
        "ClientHello.cipher_suites",
        {"value": "codes:1"},
    ),
    (
        "keeps-state",
        "server",
        TesterEndpoint(("fail-on-malformed-hello",)),
        "truncate",
        "ClientHello",
        {"bytes": 1},
    ),
]


def run(
    endpoint: Any,
    role: str,
    recording: Recording,
    operator: str,
    place: str,
    parameters: dict[str, Parameter],
) -> Mutated:
    mutated = run_mutation(endpoint, role, recording, Mutation(operator, place, parameters), 1, CAPABILITIES)
    mutated.played.lab.close()
    return mutated


@pytest.mark.parametrize(("oracle", "role", "endpoint", "operator", "place", "parameters"), WRONG)
def test_a_wrong_peer_is_found(
    oracle: str,
    role: str,
    endpoint: Any,
    operator: str,
    place: str,
    parameters: dict[str, Parameter],
    recordings: dict[str, Recording],
) -> None:
    found = run(endpoint, role, recordings["openssl-psk"], operator, place, parameters)
    assert found.violation is not None
    assert found.violation.oracle == oracle
    assert found.outcome.verdict is (Verdict.HANG if oracle == "no-hang" else Verdict.FAIL)
    assert found.outcome.citation is not None
    assert found.outcome.citation.document.startswith("RFC ")


@pytest.mark.parametrize(("oracle", "role", "endpoint", "operator", "place", "parameters"), WRONG)
def test_the_honest_peer_is_not(
    oracle: str,
    role: str,
    endpoint: Any,
    operator: str,
    place: str,
    parameters: dict[str, Parameter],
    recordings: dict[str, Recording],
) -> None:
    found = run(TesterEndpoint(), role, recordings["openssl-psk"], operator, place, parameters)
    assert found.violation is None, (oracle, endpoint, found.outcome.reason)


def test_every_oracle_has_a_wrong_peer() -> None:
    assert len({oracle for oracle, *_ in WRONG}) == len(ORACLES)


@pytest.mark.parametrize("operator", OPERATORS)
def test_the_honest_tester_passes(operator: str, recordings: dict[str, Recording]) -> None:
    for role in ("server", "client"):
        recording = recordings["openssl-certificate" if role == "client" else "gnutls-psk"]
        for mutation in sample_mutations(recording, role, OPERATORS[operator], 2):
            found = run_mutation(TesterEndpoint(), role, recording, mutation, 1, CAPABILITIES)
            found.played.lab.close()
            assert found.violation is None, f"{mutation}: {found.outcome.reason}"
