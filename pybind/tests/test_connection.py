# SPDX-License-Identifier: MIT
"""libdtls, scripted: handshakes, loss, questions, refusals."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from dtlslab import locations
from dtlslab.connection import Connection, LibdtlsError, transitions
from hypothesis import given
from hypothesis import strategies as st

CALENDAR = 1767225600
PSK = (b"me", bytes(16))
SECOND = 10**9

Datagrams = Callable[[int, str, bytes], bool]


def certificate_pair(**client: object) -> tuple[Connection, Connection]:
    settings: dict[str, object] = {
        "trust": locations.credential("authority"),
        "peer_name": "server.dtlslab.test",
    }
    settings.update(client)
    return (
        Connection("client", calendar_seconds=CALENDAR, **settings),  # type: ignore[arg-type]
        Connection(
            "server",
            certificate=locations.credential("server-p256"),
            private_key=locations.credential("server-p256.key"),
            calendar_seconds=CALENDAR,
        ),
    )


def psk_pair() -> tuple[Connection, Connection]:
    return Connection("client", psk=PSK), Connection("server", psk=PSK)


def shake_hands(client: Connection, server: Connection, arrives: Datagrams | None = None) -> int:
    """Carries datagrams and time until both are connected or nothing can happen; answers the time."""
    now, numbers = 0, itertools.count()
    client.start(now)
    server.start(now)
    for _ in range(200):
        moved = False
        for sender, receiver, name in ((client, server, "client"), (server, client, "server")):
            for datagram in sender.datagrams(now):
                moved = True
                if arrives is None or arrives(next(numbers), name, datagram):
                    receiver.receive(now, datagram)
        if (client.connected and server.connected) or client.closed or server.closed:
            return now
        deadlines = [c.deadline for c in (client, server) if c.deadline is not None]
        if not moved and not deadlines:
            return now
        if not moved:
            now = max(now, min(deadlines))
            for connection in (client, server):
                if connection.deadline is not None and connection.deadline <= now:
                    connection.timeout(now)
    return now


@pytest.mark.parametrize("pair", [certificate_pair, psk_pair])
def test_handshake_and_data(pair: Callable[[], tuple[Connection, Connection]]) -> None:
    client, server = pair()
    with pytest.raises(LibdtlsError, match="DTLS_ERROR_STATE"):
        client.send(0, b"too early")
    assert shake_hands(client, server) == 0
    assert client.connected
    assert server.connected
    assert server.receive(0, client.send(0, b"hello")) == [b"hello"]
    assert client.receive(0, server.send(0, b"x" * 1000)) == [b"x" * 1000]
    assert client.info["version"] == 0xFEFD
    assert client.info["cipher_suite"] == server.info["cipher_suite"]
    assert client.info["extended_master_secret"] == 1
    assert "connected" in [event.kind for event in client.events()]


def test_many_records_in_one_datagram() -> None:
    client, server = psk_pair()
    shake_hands(client, server)
    sent = [bytes([n]) for n in range(40)]
    assert server.receive(0, b"".join(client.send(0, piece) for piece in sent)) == sent
    assert server.statistics["records_received"] >= 40


def test_a_replayed_record_is_counted_and_dropped() -> None:
    client, server = psk_pair()
    shake_hands(client, server)
    record = client.send(0, b"once")
    assert server.receive(0, record) == [b"once"]
    assert server.receive(0, record) == []
    assert server.statistics["dropped_replay"] == 1


def test_three_lost_client_hellos_cost_seven_seconds() -> None:
    client, server = psk_pair()
    end = shake_hands(client, server, lambda number, *_: number >= 3)
    assert client.connected
    assert end == 7 * SECOND


@given(st.sets(st.integers(0, 12), max_size=5))
def test_any_loss_ends_in_the_same_handshake(lost: set[int]) -> None:
    client, server = psk_pair()
    shake_hands(client, server, lambda number, *_: number not in lost)
    assert client.connected
    assert server.connected
    assert server.receive(0, client.send(0, b"whole")) == [b"whole"]


def test_questions_are_events() -> None:
    client = Connection("client", suites=[0x00A8])
    server = Connection("server", suites=[0x00A8], psk_hint=b"hint")
    client.start(0)
    server.start(0)
    asked: list[tuple[str, bytes]] = []
    for _ in range(8):
        for sender, receiver in ((client, server), (server, client)):
            for datagram in sender.datagrams(0):
                receiver.receive(0, datagram)
        for name, connection in (("client", client), ("server", server)):
            for event in connection.events():
                if event.kind == "look_up_psk":
                    asked.append((name, event.data))
                    connection.answer_psk(0, PSK[1], PSK[0] if name == "client" else b"")
    assert asked == [("client", b"hint"), ("server", b"me")]
    assert client.connected
    assert server.connected


def test_a_certificate_judged_by_the_application() -> None:
    client, server = certificate_pair(verify="application", trust=b"")
    client.start(0)
    server.start(0)
    for _ in range(4):
        for sender, receiver in ((client, server), (server, client)):
            for datagram in sender.datagrams(0):
                receiver.receive(0, datagram)
    (question,) = [event for event in client.events() if event.kind == "verify_certificate"]
    assert question.chain[0][:1] == b"\x30"
    client.answer_certificate(0, "DTLS_ERROR_CERTIFICATE_REFUSED")
    assert client.failure is not None
    assert client.failure.error == "DTLS_ERROR_CERTIFICATE_REFUSED"


def test_a_failure_says_what_and_where() -> None:
    client, server = certificate_pair(peer_name="other.dtlslab.test")
    shake_hands(client, server)
    assert client.closed
    assert client.failure is not None
    assert client.failure.error == "DTLS_ERROR_CERTIFICATE_NAME"
    assert client.failure.alert


def test_close_is_told() -> None:
    client, server = psk_pair()
    shake_hands(client, server)
    client.close(0)
    for datagram in client.datagrams(0):
        server.receive(0, datagram)
    assert server.closed
    assert "peer_closed" in [event.kind for event in server.events()]
    with pytest.raises(LibdtlsError):
        client.send(0, b"too late")


def test_key_log() -> None:
    client = Connection("client", psk=PSK, suites=[0x00A8], key_log=True)
    server = Connection("server", psk=PSK, suites=[0x00A8])
    shake_hands(client, server)
    (line,) = [event.data for event in client.events() if event.kind == "key_log"]
    assert line.startswith(b"CLIENT_RANDOM ")


def test_wrong_configurations_name_the_field() -> None:
    with pytest.raises(LibdtlsError, match="mtu"):
        Connection("client", psk=PSK, mtu=5)
    with pytest.raises(LibdtlsError, match="no cipher_suite 0xffff"):
        Connection("client", suites=[0xFFFF])
    with pytest.raises(LibdtlsError, match="trust"):
        Connection("client", trust=b"not PEM")


def test_the_state_table_can_be_read() -> None:
    for role in ("client", "server"):
        rows = transitions(role)
        assert len(rows) > 5
        assert {"ClientKeyExchange", "ServerHello"} & {row.message for row in rows}


@pytest.mark.parametrize("cache", [False, True])
def test_sessions_are_resumed(cache: bool) -> None:
    states: dict[bytes, bytes] = {}
    client_state = b""
    for resumed in (False, True, True):
        client = Connection("client", psk=PSK, resumption=True, keep_secrets=True, calendar_seconds=CALENDAR)
        server = Connection(
            "server",
            psk=PSK,
            resumption=True,
            keep_secrets=True,
            calendar_seconds=CALENDAR,
            session_cache=cache,
            ticket_key=b"" if cache else bytes(range(48)),
        )
        if client_state:
            assert client.offer_session(0, client_state)
        client.start(0)
        server.start(0)
        for _ in range(4):
            for datagram in client.datagrams(0):
                server.receive(0, datagram)
            for event in server.events():
                if event.kind == "look_up_session":
                    server.answer_session(0, states[event.data])
            for datagram in server.datagrams(0):
                client.receive(0, datagram)
        assert client.connected
        assert server.connected
        assert client.resumed == server.resumed == resumed
        state = client.session_state()
        assert state is not None
        client_state = state
        server_state = server.session_state()
        assert (server_state is not None) == cache
        if server_state is not None and not resumed:
            states[server_state[20 : 20 + 32]] = server_state
        assert client.export_keying_material("EXPERIMENTAL", 32) == server.export_keying_material(
            "EXPERIMENTAL", 32
        )
        assert client.export_keying_material("EXPERIMENTAL", 32, b"") != server.export_keying_material(
            "EXPERIMENTAL", 32
        )


def test_what_is_no_session_is_refused() -> None:
    client = Connection("client", psk=PSK, resumption=True)
    with pytest.raises(LibdtlsError, match="DTLS_ERROR_ARGUMENT"):
        client.offer_session(0, b"not a session")
    with pytest.raises(LibdtlsError, match="DTLS_ERROR_STATE"):
        client.session_state()
    with pytest.raises(LibdtlsError, match="DTLS_ERROR_STATE"):
        client.export_keying_material("EXPERIMENTAL", 32)
