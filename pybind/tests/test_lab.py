# SPDX-License-Identifier: MIT
"""The lab: hooks, fates, conditions, Python endpoints, repeatability."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from dtlslab import Fate, Lab, Passing, PythonEndpoint, memory
from dtlslab.errors import BadInput, NotInstalled
from dtlslab.lab import StopReason
from dtlslab.python_endpoint import NO_DEADLINE, EndpointEvent, EventKind
from dtlslab.stack import Stack
from dtlslab.trace import load_trace
from dtlslab.trace.capture import read_capture

MakeLab = Callable[..., Lab]


def test_handshake_data_and_close(lab: Lab, stack: Stack) -> None:
    server, client = lab.server(stack.name), lab.client(stack.name)
    session = client.connect(server)
    with pytest.raises(BlockingIOError):
        session.send(b"too early")
    stopped = lab.run(until=lambda: session.connected)
    assert stopped.why is StopReason.CONDITION
    session.send(b"ping")
    lab.run(until=lambda: session.peer is not None and session.peer.received == b"ping")
    assert session.peer is not None
    session.peer.send(b"pong")
    session.close()
    lab.run()
    assert session.peer.connected
    assert session.peer.closed
    assert session.closed


def test_losing_three_client_hellos_costs_seven_seconds(lab_on: MakeLab, stack: Stack) -> None:
    def connected_at(lost: int) -> float:
        lab = lab_on(memory(delay="10ms"))
        server, client = lab.server(stack.name), lab.client(stack.name)
        lab.on_datagram(lambda d: d.drop() if d.sender is client and d.nth <= lost else None)
        session = client.connect(server)
        lab.run(until=lambda: session.connected)
        assert session.connected_at is not None
        return session.connected_at

    assert connected_at(3) - connected_at(0) == pytest.approx(7.0, abs=1e-9)


def test_fates(lab_on: MakeLab) -> None:
    lab = lab_on(memory(delay="10ms"))
    server, client = lab.server("openssl"), lab.client("openssl")
    fates: dict[int, Callable[[Passing], Fate]] = {
        1: lambda d: d.delay("100ms"),
        2: lambda d: d.duplicate(3),
        3: lambda d: d.replace(d.data[:-1] + bytes([d.data[-1] ^ 1])),
    }

    @lab.on_datagram
    def hook(datagram: Passing) -> Fate | None:
        return fates[datagram.datagram](datagram) if datagram.datagram in fates else None

    session = client.connect(server)
    lab.run()
    assert session.connected
    changed = [event.data for event in lab.trace.events if event.name == "dtls:datagram_changed"]
    assert [data["original_id"] for data in changed[:3]] == [1, 2, 2]
    received = [e for e in lab.trace.events if e.name == "dtls:datagram_received"]
    assert received[0].time == pytest.approx(110.0)


def test_what_a_hook_raises_comes_out_of_run(lab: Lab) -> None:
    server, client = lab.server("openssl"), lab.client("openssl")

    @lab.on_datagram
    def hook(datagram: Passing) -> None:
        raise LookupError(f"nothing known of {datagram}")

    client.connect(server)
    with pytest.raises(LookupError, match="nothing known of <datagram 1, client to server"):
        lab.run()


def test_the_same_seed_gives_the_same_bytes(lab_on: MakeLab, stack: Stack) -> None:
    def capture(seed: int) -> bytes:
        lab = lab_on(memory(delay="10ms", loss=0.2), seed=seed)
        server, client = lab.server(stack.name), lab.client(stack.name)
        client.connect(server)
        lab.run(until="120s")
        return lab.trace.capture()

    assert stack.supports("deterministic")
    assert capture(5) == capture(5)
    assert capture(5) != capture(6)


class Echoer(PythonEndpoint):
    """Sends back what it is given; a client begins with a greeting and gives up after a second."""

    name = "echoer"
    version = "1"

    def __init__(self, *, broken: bool = False) -> None:
        super().__init__()
        self.broken = broken

    def connect(self, now: int, path: int) -> int:
        self.emit(path, b"greeting")
        self.deadline_ns = now + 10**9
        return 1

    def receive(self, now: int, path: int, datagram: bytes) -> None:  # noqa: ARG002 - it never needs the time
        if self.broken:
            raise ArithmeticError("does not add up")
        if self.config is not None and self.config.role == "server":
            self.emit(path, datagram)
        else:
            self.deadline_ns = NO_DEADLINE
            self.raise_event(EndpointEvent(kind=EventKind.CONNECTED, session=1, path=path, version=0xFEFD))
            self.deliver(1, datagram)
            self.log_key("CLIENT_RANDOM 00 00")


def test_endpoints_in_python(lab_on: MakeLab, tmp_path: Path) -> None:
    lab = lab_on(memory(delay="10ms"))
    server, client = lab.server(Echoer()), lab.client(Echoer())
    session = client.connect(server)
    stopped = lab.run()
    assert stopped.why is StopReason.QUIET
    assert session.connected_at == pytest.approx(0.020)
    assert session.received == b"greeting"
    folder = lab.write(tmp_path / "trace")
    assert load_trace(folder).events == lab.trace.events
    assert read_capture(folder / "capture.pcapng").keylog == ["CLIENT_RANDOM 00 00"]


def test_what_a_python_endpoint_raises_comes_out_of_run(lab: Lab) -> None:
    server, client = lab.server(Echoer(broken=True)), lab.client(Echoer())
    client.connect(server)
    with pytest.raises(ArithmeticError, match="does not add up") as caught:
        lab.run()
    assert caught.traceback[-1].name == "receive"


def test_a_deadline_that_stands_still_is_a_stall(lab: Lab) -> None:
    class Stuck(Echoer):
        def timeout(self, now: int) -> None:
            """Leaves the deadline where it is."""

    class Silent(Echoer):
        def receive(self, now: int, path: int, datagram: bytes) -> None:
            """Answers nothing."""

    server, client = lab.server(Silent()), lab.client(Stuck())
    client.connect(server)
    stopped = lab.run()
    assert stopped.why is StopReason.STALLED
    assert stopped.endpoint is client


def test_marks_and_times(lab: Lab) -> None:
    lab.mark("before")
    assert lab.run(until="1.5s").why is StopReason.QUIET
    assert lab.now == 0.0
    assert lab.run_for("250ms").time == 0.25
    assert lab.now == 0.25
    assert [event.data["message"] for event in lab.trace.events] == ["before"]


def test_settings_that_do_not_exist_are_named(lab: Lab) -> None:
    with pytest.raises(BadInput, match="no setting named colour"):
        lab.server("openssl", colour="green")
    with pytest.raises(BadInput, match="no stack named 'nonesuch'"):
        lab.server("nonesuch")
    with pytest.raises(BadInput, match="no shared object at"):
        lab.server("./nonesuch.so")


def test_a_missing_stack_is_named_with_what_installs_it(monkeypatch: pytest.MonkeyPatch, lab: Lab) -> None:
    monkeypatch.setattr("dtlslab.locations.library_folders", list)
    with pytest.raises(NotInstalled, match="apt-get install libgnutls28-dev"):
        lab.server("gnutls")


def test_psk_and_mutual_authentication(lab_on: MakeLab, stack: Stack) -> None:
    for settings in ({"psk": True}, {"authenticate": True}, {"key": "rsa2048"}):
        lab = lab_on()
        server, client = lab.server(stack.name, **settings), lab.client(stack.name, **settings)
        session = client.connect(server)
        lab.run(until="60s")
        assert session.connected, (settings, session.failure)


def test_a_signal_ends_a_run_of_virtual_time(lab_on: MakeLab, stack: Stack) -> None:
    """Data that is echoed to and fro for ever keeps the run in C; a Python handler still gets its turn."""
    lab = lab_on(memory(delay="1ms"), keep_data=False, keep_datagrams=False)
    server, client = lab.server(stack.name), lab.client(stack.name)
    session = client.connect(server)
    lab.run(until=lambda: session.connected)
    server.echo()
    client.echo()
    session.send(b"to and fro")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGVTALRM, interrupt)
    signal.setitimer(signal.ITIMER_VIRTUAL, 0.05)
    try:
        with pytest.raises(KeyboardInterrupt):
            lab.run(max_datagrams=10**9)
    finally:
        signal.signal(signal.SIGVTALRM, before)
    assert not session.failed


def test_what_is_held_back_overtakes_nothing(lab_on: MakeLab) -> None:
    lab = lab_on(memory(delay="10ms"))
    server, client = lab.server("openssl"), lab.client("openssl")
    lab.on_datagram(lambda d: d.hold() if d.sender is client and d.nth == 1 else None)
    session = client.connect(server)
    lab.run(until=lambda: session.connected)
    arrived = [e.data["datagram_id"] for e in lab.trace.events if e.name == "dtls:datagram_received"]
    assert arrived[:2] == [2, 1]
    (changed,) = (e for e in lab.trace.events if e.name == "dtls:datagram_changed")
    assert changed.data["trigger"] == "held back by the script"


def test_a_server_of_many_writes_to_the_connection_ids_of_each() -> None:
    """Its own is empty, so that it finds its sessions by their addresses."""
    with Lab(memory(), seed=4, nodes=3) as lab:
        server = lab.server("libdtls", psk=True, connection_id=True)
        server.echo()
        ids = (b"the first", b"second")
        clients = [
            lab.client("libdtls", psk=True, connection_id=True, local_connection_id=id_) for id_ in ids
        ]
        sessions = [client.connect(server) for client in clients]
        lab.run(5.0, stop=lambda: all(session.connected for session in sessions))
        for session, id_ in zip(sessions, ids, strict=True):
            session.send(b"hello " + id_)
        lab.run_for(0.5)
        assert [session.received for session in sessions] == [b"hello the first", b"hello second"]
        answers = [d.data for d in lab.trace.datagrams if d.sender == server.name and d.data[0] == 25]
        assert [data[11:].startswith(id_) for data, id_ in zip(answers[-2:], ids, strict=True)] == [
            True,
            True,
        ]
        assert not any(d.data[0] == 25 for d in lab.trace.datagrams if d.receiver == server.name)
