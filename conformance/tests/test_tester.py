# SPDX-License-Identifier: MIT
"""The tester's own endpoint: handshakes by every suite, and under any loss, duplication and reordering."""

from __future__ import annotations

import random
from typing import Any

import pytest
from dtlslab.configuration import make_config
from dtlslab.python_endpoint import NO_DEADLINE, EventKind
from dtlslab_conformance.crypto.suites import SUITES, TESTER_SUITES
from dtlslab_conformance.dialogue import Dialogue
from dtlslab_conformance.subject import LocalSubject
from dtlslab_conformance.tester import TesterEndpoint
from hypothesis import given, settings
from hypothesis import strategies as st

SECOND = 10**9


def settings_for(code: int) -> dict[str, Any]:
    suite = SUITES[code]
    if suite.exchange == "psk":
        return {"psk": True, "suites": (code,)}
    return {"key": "rsa2048" if suite.authentication == "rsa" else "p256", "suites": (code,)}


@pytest.mark.parametrize("role", ["client", "server"])
@pytest.mark.parametrize("code", TESTER_SUITES, ids=lambda code: SUITES[code].name)
def test_handshake_and_echo_by_every_suite(code: int, role: str) -> None:
    chosen = settings_for(code)
    dialogue = Dialogue(LocalSubject(TesterEndpoint(), make_config(role, seed=5, **chosen)), **chosen)
    dialogue.handshake(size=70)
    assert dialogue.connected
    assert dialogue.echo(b"there and back")


@pytest.mark.parametrize("role", ["client", "server"])
@pytest.mark.parametrize(
    "chosen",
    [
        {"groups": (29,)},
        {"groups": (23,)},
        {"groups": (24,)},
        {"authenticate": True},
        {"authenticate": True, "key": "rsa2048", "suites": (0xC02F,)},
        {"extended_master_secret": False},
        {"cookies": False},
        {"mtu": 200},
    ],
    ids=str,
)
def test_handshake_by_every_setting(chosen: dict[str, Any], role: str) -> None:
    dialogue = Dialogue(LocalSubject(TesterEndpoint(), make_config(role, seed=5, **chosen)), **chosen)
    dialogue.handshake()
    assert dialogue.echo(b"there and back")


def test_same_seed_gives_same_datagrams() -> None:
    assert run_pair(random.Random(3), 0.3) == run_pair(random.Random(3), 0.3)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), loss=st.sampled_from([0.0, 0.1, 0.3]))
def test_any_loss_duplication_and_order_ends_in_the_same_handshake(seed: int, loss: float) -> None:
    _, secrets = run_pair(random.Random(seed), loss)
    assert len(secrets) == 2
    assert secrets[0] == secrets[1]


def run_pair(chance: random.Random, loss: float) -> tuple[list[bytes], list[str]]:
    """Both over a network that loses, doubles and reorders; all datagrams, and both secrets."""
    server, client = TesterEndpoint(), TesterEndpoint()
    server.configure(make_config("server", seed=1, suites=(0xC02B,), mtu=300))
    client.configure(make_config("client", seed=2, suites=(0xC02B,), mtu=300))
    sent: list[bytes] = []
    secrets: dict[str, str] = {}
    connected: set[str] = set()
    flying: list[tuple[int, int, str, bytes]] = []
    now = 0
    client.connect(now, 0)
    while now < 600 * SECOND:
        for name, endpoint, other in (("client", client, "server"), ("server", server, "client")):
            while (datagram := endpoint.next_datagram()) is not None:
                sent.append(datagram[1])
                copies = 0 if chance.random() < loss else 2 if chance.random() < loss else 1
                for _ in range(copies):
                    delay = chance.randrange(SECOND // 10)
                    flying.append((now + delay, len(sent), other, datagram[1]))
            while (line := endpoint.next_key()) is not None:
                secrets[name] = line
            while (event := endpoint.next_event()) is not None:
                assert event.kind is not EventKind.FAILED, event.text
                if event.kind is EventKind.CONNECTED:
                    connected.add(name)
        if len(connected) == 2:
            break
        flying.sort()
        deadlines = [e.deadline(now) for e in (client, server)]
        arrival = flying[0][0] if flying else NO_DEADLINE
        now = max(now, min(arrival, *deadlines))
        if arrival <= now:
            _, _, name, data = flying.pop(0)
            (client if name == "client" else server).receive(now, 0, data)
        else:
            for endpoint in (client, server):
                if endpoint.deadline(now) <= now:
                    endpoint.timeout(now)
    return sent, list(secrets.values())
