# SPDX-License-Identifier: MIT
"""Unchanged programs for NetX Secure DTLS as endpoints: built by `netx-device`, met by other stacks."""

from __future__ import annotations

import dataclasses
import gc
import resource
import subprocess
from pathlib import Path
from typing import Any

import pytest
from dtlslab import Lab, Network, Result, Verdict, locations, memory, point_to_point
from dtlslab.cli import run_cli
from dtlslab.errors import EndpointError, Unsupported
from dtlslab.netx_device import Program, build
from dtlslab.results import read_results
from dtlslab.session import Endpoint, Session
from dtlslab.trace import load_trace
from dtlslab_interop import cases, cell, matrix
from dtlslab_interop.losses import cell as loss_cell
from dtlslab_interop.losses import command as losses

CHECKOUT = locations.checkout()
assert CHECKOUT is not None
EXAMPLES = CHECKOUT / "libdtls" / "examples" / "netx"

PSK = ("psk", "--psk {psk_identity}:{psk_key_hex}")
CLIENT = Program(
    sources=(EXAMPLES / "client.c", EXAMPLES / "options.c"),
    arguments="10.0.0.2 4433 'is anybody there'",
    conditional=(
        PSK,
        ("certificate", "--ca {authority_der} --name {server_name}"),
        ("client-auth", "--cert {certificate_der} --key {key_der}"),
    ),
)
SERVER = Program(
    sources=(EXAMPLES / "server.c", EXAMPLES / "options.c"),
    arguments="4433 --sessions 1",
    conditional=(
        PSK,
        ("certificate", "--cert {certificate_der} --key {key_der}"),
        ("client-auth", "--ca {authority_der}"),
    ),
)
SAID = b"is anybody there"
ENDED = "the program has ended with status 0"


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("devices")


@pytest.fixture(scope="session")
def client(folder: Path) -> str:
    build(CLIENT, folder / "client.so")
    return str(folder / "client.so")


@pytest.fixture(scope="session")
def server(folder: Path) -> str:
    build(SERVER, folder / "server.so")
    return str(folder / "server.so")


def converse(lab: Lab, client: str, server: str, **settings: Any) -> tuple[Endpoint, Endpoint, Session]:
    """What one side says comes back, and both are at rest afterwards."""
    server_side = lab.server(server, **settings)
    client_side = lab.client(client, **settings)
    if "/" not in server:
        server_side.echo()
    session = client_side.connect(server_side)
    if "/" not in client:
        lab.run(until=lambda: session.connected)
        session.send(SAID)
        lab.run(until=lambda: bool(session.received))
        session.close()
    lab.run()
    return client_side, server_side, session


SETTINGS: dict[str, dict[str, Any]] = {
    "psk": {"psk": True},
    "certificate": {},
    "both": {"key": "p256", "authenticate": True},
}


@pytest.mark.parametrize("credentials", SETTINGS)
@pytest.mark.parametrize("peer", ["openssl", "gnutls", "device"])
def test_a_client_program_talks(client: str, server: str, peer: str, credentials: str) -> None:
    with Lab(memory(delay="10ms")) as lab:
        own, other, session = converse(
            lab, client, server if peer == "device" else peer, **SETTINGS[credentials]
        )
        assert (session.connected, session.closed, session.failure) == (True, True, "")
        assert session.received == SAID
        assert own.said == [SAID.decode(), ENDED]
        assert session.peer is not None
        assert session.peer.received == SAID
        if peer == "device":
            assert other.said == ["port 4433", ENDED]


@pytest.mark.parametrize("credentials", SETTINGS)
@pytest.mark.parametrize("peer", ["openssl", "gnutls"])
def test_a_server_program_talks(server: str, peer: str, credentials: str) -> None:
    with Lab(memory(delay="10ms")) as lab:
        _, own, session = converse(lab, peer, server, **SETTINGS[credentials])
        assert (session.received, session.closed) == (SAID, True)
        assert own.said == ["port 4433", ENDED]
        (seen,) = own.sessions
        assert (seen.connected, seen.closed, seen.received) == (True, True, SAID)
        assert seen.cipher_suite == session.cipher_suite


def story(network: Network, client: str, server: str, seed: int) -> list[tuple[float, str, str, str]]:
    with Lab(network, seed=seed) as lab:
        _, _, session = converse(lab, client, server)
        assert session.received == SAID
        return [(e.time, e.name, e.endpoint, str(e.data)) for e in lab.trace.events]


@pytest.mark.parametrize("peer", ["openssl", "device"])
def test_a_lossy_network_is_survived_and_every_run_is_the_same(client: str, server: str, peer: str) -> None:
    other = server if peer == "device" else peer
    runs = [
        [
            story(point_to_point(rate="250kbps", delay="40ms", loss=0.1), client, other, seed)
            for seed in range(1, 5)
        ]
        for _ in range(2)
    ]
    assert runs[0] == runs[1]
    assert any(event[1] == "dtls:datagram_lost" for run in runs[0] for event in run)
    assert len({str(run) for run in runs[0]}) == 4


def test_traces_are_decrypted_and_have_what_the_program_prints(client: str, tmp_path: Path) -> None:
    with Lab(memory(delay="10ms")) as lab:
        converse(lab, client, "openssl")
        trace = load_trace(lab.write(tmp_path / "trace"))
    assert trace.keylog
    marks = [(e.endpoint, e.data["message"]) for e in trace.events if e.name == "simulation:marker"]
    assert marks == [("client", SAID.decode()), ("client", ENDED)]
    records = [
        r for e in trace.events for r in e.data.get("records", ()) if r["content_type"] == "application_data"
    ]
    assert records
    assert all(record["decrypted"] for record in records)


def test_endpoints_of_one_object_share_nothing(client: str, server: str) -> None:
    """The programs have static variables; a network with two of each has four of them."""
    with Lab(memory(delay="10ms"), nodes=4) as lab:
        servers = [lab.server(server) for _ in range(2)]
        clients = [lab.client(client) for _ in range(2)]
        sessions = [one.connect(other) for one, other in zip(clients, servers, strict=True)]
        lab.run()
        assert [session.received for session in sessions] == [SAID, SAID]
        assert [endpoint.said[-1] for endpoint in lab.endpoints.values()] == [ENDED] * 4


def resident() -> int:
    """Bytes of this process in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


@pytest.mark.parametrize("until", [None, 0.05], ids=["at the end", "under way"])
def test_endpoints_give_back_what_they_took(
    client: str, server: str, until: float | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    before = 0
    for number in range(60):
        with Lab(memory(delay="10ms")) as lab:
            other = lab.server(server)
            lab.client(client).connect(other)
            lab.run(until)
        gc.collect()
        before = resident() if number == 10 else before
    assert resident() - before < 8_000_000
    assert not list(tmp_path.iterdir())


def test_a_server_program_has_several_clients(folder: Path, client: str) -> None:
    many = Program(sources=SERVER.sources, arguments="4433 --sessions 3", conditional=SERVER.conditional)
    build(many, folder / "many.so")
    with Lab(memory(delay="10ms"), nodes=4) as lab:
        server = lab.server(str(folder / "many.so"))
        others = [lab.client(stack) for stack in (client, "openssl", client)]
        sessions = [other.connect(server) for other in others]
        lab.run(until=5.0)
        sessions[1].close()
        lab.run()
        assert [session.connected for session in sessions] == [True] * 3
        assert [session.received for session in sessions] == [SAID, b"", SAID]
        assert [session.closed for session in server.sessions] == [True] * 3
        assert server.said == ["port 4433", ENDED]


def test_the_program_sends_and_closes_by_itself(client: str) -> None:
    with Lab(memory(delay="10ms")) as lab:
        server_side = lab.server("openssl")
        session = (own := lab.client(client)).connect(server_side)
        lab.run(until=lambda: session.connected)
        for refused in (lambda: session.send(b"x"), session.close, lambda: own.connect(server_side)):
            with pytest.raises(Unsupported, match="by itself"):
                refused()
        assert {"own-data", "deterministic", "client"} <= own.capabilities


def test_what_is_not_foreseen_is_refused(client: str) -> None:
    with Lab() as lab, pytest.raises(Unsupported, match="tickets"):
        lab.client(client, tickets=True)


def test_a_server_that_does_not_begin_is_refused(folder: Path) -> None:
    build(Program(sources=SERVER.sources, arguments="4433 --what"), folder / "wrong.so")
    with (
        Lab() as lab,
        pytest.raises(EndpointError, match="ended with status 2 before its threads began: netx-server PORT"),
    ):
        lab.server(str(folder / "wrong.so"))


# In the matrix.

SCRIPTED = {"transfer-1mib", "close-by-client", "duplicated-datagrams"}
"""Cases that tell the client what to send, or when to close."""


def verdicts(client: str, server: str, tmp_path: Path, patterns: tuple[str, ...] = ()) -> dict[str, Result]:
    jobs = matrix.jobs(matrix.pairs([client], [server]), cases.matching(patterns), seed=1, out=str(tmp_path))
    return {job.cell.case: cell.run(**job.arguments)[0] for job in jobs if job.cell is not None}


def test_a_client_program_is_in_the_matrix(client: str, tmp_path: Path) -> None:
    found = verdicts(client, "openssl", tmp_path)
    lacking = {name for name, result in found.items() if result.verdict is Verdict.UNSUPPORTED}
    assert lacking >= SCRIPTED
    assert {"handshake-certificate", "handshake-psk", "client-authentication", "lost-flight-5"} <= set(found)
    assert {r.verdict for name, r in found.items() if name not in lacking} == {Verdict.PASS}
    assert all(result.expected for result in found.values())
    assert found["transfer-1mib"].reason == "client as client does not claim: script"


def test_a_server_program_that_echoes_is_in_the_matrix(folder: Path, tmp_path: Path) -> None:
    build(dataclasses.replace(SERVER, words=("echo",)), folder / "echo.so")
    found = verdicts("gnutls", str(folder / "echo.so"), tmp_path)
    passing = {name for name, result in found.items() if result.verdict is Verdict.PASS}
    assert passing >= SCRIPTED | {
        "handshake-certificate",
        "handshake-psk",
        "client-authentication",
        "wrong-psk",
    }
    assert {r.verdict for name, r in found.items() if name not in passing} == {Verdict.UNSUPPORTED}
    assert found["close-by-server"].reason == "echo as server does not claim: script"


def test_a_server_program_that_answers_otherwise_is_in_the_matrix(server: str, tmp_path: Path) -> None:
    found = verdicts("openssl", server, tmp_path, ("handshake-*", "transfer-*"))
    assert {name: result.verdict for name, result in found.items()} == {
        "handshake-certificate": Verdict.PASS,
        "handshake-certificate-rsa": Verdict.PASS,
        "handshake-psk": Verdict.PASS,
        "transfer-1mib": Verdict.UNSUPPORTED,
    }


def test_two_programs_meet_in_the_matrix(client: str, server: str, tmp_path: Path) -> None:
    found = verdicts(client, server, tmp_path, ("handshake-*", "lost-flight-*"))
    assert len(found) == 9
    assert {result.verdict for result in found.values()} == {Verdict.PASS}


def test_the_other_side_gets_what_fits_credentials_of_the_program(folder: Path, tmp_path: Path) -> None:
    """The command line has them, as a device's source would: those of the laboratory's client and a key."""
    files = {
        name: locations.PACKAGE / "credentials" / f"{name}.pem" for name in ("client-p256", "client-p256.key")
    }
    cert, key = folder / "own.der", folder / "own.key.der"
    for source, target, what in (("client-p256", cert, ["x509"]), ("client-p256.key", key, ["pkey"])):
        command = ["openssl", *what, "-in", str(files[source]), "-outform", "DER", "-out", str(target)]
        subprocess.run(command, check=True, capture_output=True)
    authority = locations.credential("authority")
    devices = {
        "own-psk": Program(
            sources=SERVER.sources,
            arguments="4433 --psk pump-7:000102030405",
            peer={"psk_identity": b"pump-7", "psk_key": bytes(range(6))},
        ),
        "own-certificate": Program(
            sources=SERVER.sources,
            arguments=f"4433 --cert {cert} --key {key}",
            peer={"trust": authority, "server_name": b"client.dtlslab.test"},
        ),
    }
    for name, device in devices.items():
        build(device, folder / f"{name}.so")
    by_key = verdicts("openssl", str(folder / "own-psk.so"), tmp_path, ("handshake-*",))
    assert by_key["handshake-psk"].verdict is Verdict.PASS
    assert by_key["handshake-certificate"].verdict is Verdict.UNSUPPORTED
    by_name = verdicts("openssl", str(folder / "own-certificate.so"), tmp_path, ("handshake-certificate",))
    assert by_name["handshake-certificate"].verdict is Verdict.PASS
    wrong = dataclasses.replace(
        devices["own-certificate"], peer={"trust": authority, "server_name": b"server.dtlslab.test"}
    )
    build(wrong, folder / "wrong-name.so")
    refused = verdicts("openssl", str(folder / "wrong-name.so"), tmp_path, ("handshake-certificate",))
    assert refused["handshake-certificate"].verdict is Verdict.FAIL


def test_losses_are_searched_with_a_server_program(folder: Path, tmp_path: Path) -> None:
    many = dataclasses.replace(SERVER, words=("echo",))
    build(many, folder / "lossy.so")
    (job,) = losses.jobs(
        losses.pairs(["libdtls"], [str(folder / "lossy.so")]),
        ["certificate-cookie"],
        ["drop"],
        seed=1,
        out=str(tmp_path),
    )
    (result,) = loss_cell.run(**job.arguments)
    assert result.verdict is Verdict.PASS


def test_a_server_program_is_tested_for_conformance(folder: Path, tmp_path: Path) -> None:
    words = ("echo", "suite:c02b", "group:001d", "group:0017")
    build(dataclasses.replace(SERVER, words=words), folder / "tested.so")
    cases = ("rfc6347-4.1.2.6-replayed-record-dropped", "rfc6347-4.2.1-*", "rfc6066-8-*", "rfc5246-7.2.1-*")
    arguments = [
        "conformance",
        "--endpoint",
        str(folder / "tested.so"),
        "--role",
        "server",
        "--out",
        str(tmp_path),
        "--quiet",
    ]
    assert run_cli([*arguments, *(word for name in cases for word in ("--case", name))]) == 0
    found = {result.case: result.verdict for result in read_results(tmp_path / "results.jsonl")}
    assert found["rfc6347-4.1.2.6-replayed-record-dropped"] is Verdict.PASS
    assert found["rfc5246-7.2.1-close-notify-answered"] is Verdict.PASS
    assert found["rfc6066-8-certificate-status-is-announced"] is Verdict.UNSUPPORTED


def test_losses_need_a_client_that_is_told_what_to_send(client: str) -> None:
    pairs = losses.pairs([client], ["libdtls"])
    assert not losses.jobs(pairs, ["certificate-cookie"], ["drop"], seed=1, out="")
