# SPDX-License-Identifier: MIT
"""Recordings made on the spot, and plays against the honest tester."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from dtlslab.endpoints import find
from dtlslab_conformance.replay.capture import own_recording
from dtlslab_conformance.replay.mutate import honest_script
from dtlslab_conformance.replay.mutation import Mutation
from dtlslab_conformance.replay.operators import find_operator
from dtlslab_conformance.replay.recording import Recording
from dtlslab_conformance.replay.run import OTHER, Play
from dtlslab_conformance.tester import TesterEndpoint
from scapy_dtls import Handshake, Record, dissect_content

Sent = list[tuple[float, bytes]]
SendsOf = Callable[..., Sent]


@pytest.fixture(scope="session")
def recordings() -> dict[str, Recording]:
    """By `openssl-certificate` and the like."""
    return {
        f"{name}-{kind}": own_recording(find(name), kind)[1]
        for name in ("openssl", "gnutls")
        for kind in ("certificate", "psk")
    }


@pytest.fixture(scope="session")
def capture_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A capture of OpenSSL's certificate handshake."""
    path = tmp_path_factory.mktemp("captures") / "openssl.pcapng"
    path.write_bytes(own_recording(find("openssl"), "certificate")[0])
    return path


@pytest.fixture(scope="session")
def sends_of(recordings: dict[str, Recording]) -> SendsOf:
    """What the replayed side sends to the honest tester, mutated or not: times and datagrams."""

    def play(role: str, mutation: Mutation | None = None, recording: str = "openssl-certificate") -> Sent:
        chosen = recordings[recording]
        script = honest_script(chosen, OTHER[role])
        if mutation is not None:
            find_operator(mutation.operator).apply(script, mutation)
        capabilities = frozenset(TesterEndpoint.capabilities)
        prepared = Play.prepare(TesterEndpoint(), OTHER[role], chosen, script, 1, capabilities)
        prepared.run()
        sent = [(d.time, d.data) for d in prepared.lab.trace.datagrams if d.sender == "tester"]
        prepared.lab.close()
        return sent

    return play


def records_of(datagram: bytes) -> list[bytes]:
    """The records of a datagram, each whole."""
    found = []
    while datagram:
        size = 13 + int.from_bytes(datagram[11:13], "big")
        found.append(datagram[:size])
        datagram = datagram[size:]
    return found


def messages_of(datagrams: list[bytes]) -> list[Handshake]:
    """The unprotected handshake messages and fragments in datagrams."""
    return [
        part
        for datagram in datagrams
        for wire in records_of(datagram)
        if wire[0] == 22 and not any(wire[3:5])
        for part in dissect_content(22, Record(wire).build()[13:])
        if isinstance(part, Handshake)
    ]
