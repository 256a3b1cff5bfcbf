# SPDX-License-Identifier: MIT
"""Runs that nobody ran: handshakes with loss and timers, and out folders as `dtlslab run` leaves them."""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from dtlslab.results import Cell, Result, Run, write_results, write_run
from dtlslab.verdict import Citation, Outcome, Verdict

Json = dict[str, Any]
DELAY = 15.0
GIVE_UP = 120_000.0


def message(kind: str, sequence: int, length: int, offset: int = 0, taken: int | None = None) -> Json:
    return {
        "type": kind,
        "message_seq": sequence,
        "fragment_offset": offset,
        "fragment_length": length if taken is None else taken,
        "length": length,
    }


def record(kind: str, *messages: Json, epoch: int = 0, **more: Any) -> Json:
    length = sum(12 + m["fragment_length"] for m in messages) or 1
    shown: Json = {
        "content_type": kind,
        "version": "0xfefd",
        "epoch": epoch,
        "sequence_number": 0,
        "length": length,
    }
    shown |= {"encrypted": epoch > 0, "decrypted": epoch > 0}
    if messages:
        shown["messages"] = list(messages)
    return shown | more


def hello(sequence: int, length: int) -> Json:
    return message("client_hello", sequence, length) | {
        "cipher_suites": ["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_PSK_WITH_AES_128_CCM_8"],
        "extensions": ["supported_groups", "extended_master_secret"],
    }


CERTIFICATE = 1180
FLIGHTS: list[tuple[int, str, list[list[Json]]]] = [
    (1, "client", [[record("handshake", hello(0, 156))]]),
    (2, "server", [[record("handshake", message("hello_verify_request", 0, 35))]]),
    (3, "client", [[record("handshake", hello(1, 188))]]),
    (
        4,
        "server",
        [
            [
                record("handshake", message("server_hello", 1, 81)),
                record("handshake", message("certificate", 2, CERTIFICATE, 0, 380)),
            ],
            [record("handshake", message("certificate", 2, CERTIFICATE, 380, 512))],
            [
                record("handshake", message("certificate", 2, CERTIFICATE, 892, 288)),
                record("handshake", message("server_key_exchange", 3, 143)),
                record("handshake", message("server_hello_done", 4, 0)),
            ],
        ],
    ),
    (
        5,
        "client",
        [
            [
                record("handshake", message("client_key_exchange", 2, 66)),
                record("change_cipher_spec"),
                record("handshake", message("finished", 3, 12), epoch=1),
            ]
        ],
    ),
    (
        6,
        "server",
        [[record("change_cipher_spec"), record("handshake", message("finished", 5, 12), epoch=1)]],
    ),
]


class Handshake:
    """A handshake between a client and a server that lose datagrams as `lose(n)` says, n counting from 0."""

    def __init__(self, lose: Callable[[int], str] = lambda _: "", delay: float = DELAY) -> None:
        self.lose = lose
        self.delay = delay
        self.events: list[Json] = []
        self.queue: list[tuple[float, int, Callable[[], None]]] = []
        self.order = itertools.count()
        self.sent = 0
        self.now = 0.0
        self.at = {"client": 0, "server": 0}
        self.got: dict[int, set[int]] = {}
        self.timers = {"client": 0, "server": 0}
        self.waits = {"client": 1000.0, "server": 1000.0}

    def run(self) -> list[Json]:
        self.send_flight(0)
        while self.queue and self.now < GIVE_UP:
            self.now, _, action = heapq.heappop(self.queue)
            action()
        return self.events

    def later(self, delay: float, action: Callable[[], None]) -> None:
        heapq.heappush(self.queue, (self.now + delay, next(self.order), action))

    def tell(self, name: str, endpoint: str, **data: Any) -> None:
        self.events.append({"time": self.now, "name": name, "endpoint": endpoint, "data": data})

    def send_flight(self, index: int, again: bool = False) -> None:
        number, sender, datagrams = FLIGHTS[index]
        self.at[sender] = index
        for part, records in enumerate(datagrams):
            self.send(sender, records, lambda part=part: self.arrive(index, part), number, again)  # type: ignore[misc]
        if number in (1, 3, 4, 5):
            if not again:
                self.waits[sender] = 1000.0
            self.timers[sender] += 1
            timer = self.timers[sender]
            wait = self.waits[sender]
            self.tell("dtls:timer_updated", sender, event_type="set", deadline=self.now + wait)
            self.later(wait, lambda: self.expire(sender, index, timer))

    def send(
        self,
        sender: str,
        records: list[Json],
        arrive: Callable[[], None],
        flight: int = 0,
        again: bool = False,
    ) -> None:
        receiver = "server" if sender == "client" else "client"
        id_, reason = self.sent, self.lose(self.sent)
        self.sent += 1
        length = sum(13 + r["length"] for r in records)
        more = {"flight": flight, "retransmission": again} if flight else {}
        self.tell(
            "dtls:datagram_sent", sender, datagram_id=id_, to=receiver, length=length, records=records, **more
        )
        if reason.startswith("hook:"):
            self.tell("dtls:datagram_dropped", "", datagram_id=id_, trigger=reason[5:])
        elif reason:
            self.tell("dtls:datagram_lost", "", datagram_id=id_, trigger=reason)
        else:
            source = sender

            def receive() -> None:
                self.tell(
                    "dtls:datagram_received", receiver, datagram_id=id_, **{"from": source}, length=length
                )
                arrive()

            self.later(self.delay, receive)

    def expire(self, sender: str, index: int, timer: int) -> None:
        if self.timers[sender] == timer and self.at[sender] == index and self.now < GIVE_UP:
            self.tell("dtls:timer_updated", sender, event_type="expired")
            self.waits[sender] *= 2
            self.send_flight(index, again=True)

    def arrive(self, index: int, part: int) -> None:
        number, sender, datagrams = FLIGHTS[index]
        receiver = "server" if sender == "client" else "client"
        got = self.got.setdefault(index, set())
        fresh = part not in got
        got.add(part)
        if len(got) < len(datagrams):
            return
        if not fresh:
            if part == 0 and number in (1, 5) and self.at[receiver] == index + 1:
                self.send_flight(index + 1, again=True)
            return
        self.timers[receiver] += 1
        if number >= 5:
            self.connected(receiver)
        if index + 1 < len(FLIGHTS):
            self.send_flight(index + 1)

    def connected(self, endpoint: str) -> None:
        self.tell(
            "dtls:connection_state_updated",
            endpoint,
            session=1,
            new="connected",
            cipher_suite="TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            version="DTLS 1.2",
            group="X25519",
            resumed=False,
        )

    def echo(self, datagrams: int, size: int = 1024) -> None:
        """Application data, echoed, after the handshake."""
        data = [record("application_data", epoch=1) | {"length": size + 24}]
        for _ in range(datagrams):
            self.tell("dtls:data_sent", "client", length=size)
            self.send("client", data, lambda: self.send("server", data, lambda: None))
            while self.queue:
                self.now, _, action = heapq.heappop(self.queue)
                action()
            self.tell("dtls:data_received", "client", length=size)

    def close(self) -> None:
        alert = record("alert", epoch=1) | {"alert": {"level": "warning", "description": "close_notify"}}
        self.send(
            "client", [alert], lambda: self.tell("dtls:connection_state_updated", "server", new="closed")
        )
        self.tell("dtls:connection_state_updated", "client", new="closed", reason="closed by the application")
        while self.queue:
            self.now, _, action = heapq.heappop(self.queue)
            action()


def at_random(loss: float, seed: int) -> Callable[[int], str]:
    draw = random.Random(seed)
    return lambda _: "loss" if draw.random() < loss else ""


def write_events(folder: Path, events: list[Json]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    encode = msgspec.json.encode
    (folder / "events.jsonl").write_bytes(b"".join(encode(event) + b"\n" for event in events))
    (folder / "capture.pcapng").write_bytes(b"")


STACKS = ["libdtls", "openssl", "gnutls"]
CASES = {
    "handshake-certificate": "A handshake with an ECDSA certificate completes",
    "handshake-psk": "A handshake with a pre-shared key completes",
    "echo-1-mib": "1 MiB of application data comes back unchanged",
    "clean-close": "close_notify from either side ends the connection on both",
}
SECTIONS = ["4.1.1", "4.1.2.6", "4.1.2.7", "4.2.1", "4.2.2", "4.2.3", "4.2.4", "4.2.8"]


class Folder:
    """Fills an out folder."""

    def __init__(self, out: Path, seed: int = 1) -> None:
        self.out = out
        self.draw = random.Random(seed)
        self.results: list[Result] = []

    def add(
        self, part: str, case: str, pair: tuple[str, str], title: str, outcome: Outcome, **more: Any
    ) -> Result:
        client, server = pair
        command = f"dtlslab {part} --client {client!r} --server {server!r} --case {case} --seed 7"
        cell = Cell(part=part, case=case, client=client, server=server, title=title, command=command)
        result = Result.of(cell, outcome, seed=7, **more)
        self.results.append(result)
        return result

    def trace(self, result: Result, events: list[Json]) -> None:
        cell = Cell(part=result.part, case=result.case, client=result.client, server=result.server)
        result.trace = cell.folder
        write_events(self.out / cell.folder, events)

    def interop(self) -> None:
        pairs = list(itertools.product(STACKS, STACKS))
        pairs += [("libdtls", "openssl s_server"), ("libdtls", "gnutls-serv")]
        pairs += [("openssl s_client", "libdtls"), ("gnutls-cli", "libdtls")]
        for (case, title), pair in itertools.product(CASES.items(), pairs):
            outcome = Outcome(Verdict.PASS, "connected after 60 ms")
            expected = True
            if pair == ("gnutls", "openssl") and case == "clean-close":
                outcome = Outcome(
                    Verdict.FAIL,
                    "the server sent no close_notify of its own before it ended",
                    Citation("RFC 5246", "7.2.1"),
                )
            if pair == ("gnutls-cli", "libdtls") and case == "echo-1-mib":
                outcome, expected = Outcome(Verdict.HANG, "no progress in 20 s of processor time"), False
            if "psk" in case and pair[1] == "openssl s_server":
                outcome = Outcome(Verdict.UNSUPPORTED, "s_server cannot be given the identity")
            result = self.add(
                "interop", case, pair, title, outcome, expected=expected, virtual_seconds=0.0602
            )
            shake = Handshake(at_random(0.1 if pair[0] == "openssl" else 0.0, len(self.results)))
            shake.run()
            if case == "echo-1-mib":
                shake.echo(1024)
            if case != "handshake-certificate":
                shake.close()
            self.trace(result, shake.events)

    def conformance(self, cases: int = 44) -> None:
        for number in range(cases):
            section = SECTIONS[number * len(SECTIONS) // cases]
            case = f"rfc6347-{section}-requirement-{number}"
            title = (
                f"Requirement {number} of section {section}: a record with a wrong epoch is dropped silently"
            )
            for stack, role in itertools.product(STACKS, ("client", "server")):
                pair = (stack, "tester") if role == "client" else ("tester", stack)
                outcome, expected = Outcome(Verdict.PASS, "dropped; the handshake went on"), True
                luck = self.draw.random()
                if stack != "libdtls" and luck < 0.08:
                    outcome = Outcome(
                        Verdict.FAIL,
                        "answered with an alert fatal decode_error",
                        Citation("RFC 6347", section),
                    )
                    expected = luck < 0.06
                elif luck > 0.97:
                    outcome = Outcome(Verdict.UNSUPPORTED, "the stack has no cookies as a client")
                elif luck > 0.96:
                    outcome, expected = Outcome(Verdict.INCONCLUSIVE, "the peer closed first"), False
                result = self.add("conformance", case, pair, title, outcome, expected=expected)
                self.trace(result, Handshake(at_random(0.05, number)).run())

    def mutations(self, runs: int = 10) -> None:
        operators = ["drop", "duplicate", "reorder", "refragment", "overlap", "truncate", "flip-plaintext"]
        for operator, stack, role in itertools.product(operators, STACKS, ("client", "server")):
            for number in range(runs):
                pair = (stack, "tester") if role == "client" else ("tester", stack)
                outcome, expected = Outcome(Verdict.PASS, "survived"), True
                if operator == "overlap" and stack == "gnutls" and number < 2:
                    outcome = Outcome(Verdict.CRASH, "died of signal 11 (SIGSEGV)")
                    expected = False
                title = f"Mutation {operator}, number {number}"
                self.add("mutate", f"{operator}-{number}", pair, title, outcome, expected=expected)

    def simulation(self, runs: int = 200) -> None:
        for loss, stack in itertools.product((0.0, 0.1, 0.3), STACKS):
            times, clean = [], 0
            for seed in range(runs):
                draw = random.Random(f"{loss} {stack} {seed}")
                lost = [draw.random() < loss for _ in range(8)]
                clean += not any(lost)
                time = 0.09 + draw.random() * 0.004
                backoff = 1.0
                while draw.random() < 1 - (1 - loss) ** 2:
                    time, backoff = time + backoff, min(backoff * 2, 60)
                times.append(time)
            self.add(
                "sim",
                f"loss-{loss:g}",
                (stack, stack),
                f"Handshakes over a point-to-point link that loses {loss:.0%} of the datagrams",
                Outcome(Verdict.PASS, "the share without retransmission agrees with (1-p)^n"),
                metrics={
                    "loss": loss,
                    "runs": float(runs),
                    "datagrams": 8.0,
                    "without_retransmission": float(clean),
                },
                series={"completion_times": times},
            )

    def write(self) -> Path:
        self.out.mkdir(parents=True, exist_ok=True)
        write_results(self.out / "results.jsonl", self.results)
        write_run(
            self.out / "run.json",
            Run(
                command=["dtlslab", "run", "--seed", "7"],
                seed=7,
                started="2026-01-01T12:00:00+00:00",
                real_seconds=131.4,
                host={"system": "Linux 6.1 x86_64", "processors": "2"},
                versions={"dtlslab": "0.1.0", "openssl": "3.0.17", "gnutls": "3.7.9", "Python": "3.11.2"},
                complete=True,
            ),
        )
        return self.out


def example(out: Path) -> Path:
    """An out folder as a whole `dtlslab run` leaves it, departures and known failures included."""
    folder = Folder(out)
    folder.interop()
    folder.conformance()
    folder.mutations()
    folder.simulation()
    return folder.write()
