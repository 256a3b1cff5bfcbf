# SPDX-License-Identifier: MIT
"""The checks of the bench, against sides that say what they like: misbehaving endpoints in Python."""

# ruff: noqa: ARG002 - the methods have the signatures of the contract

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from dtlslab import Result, Verdict
from dtlslab.configuration import EndpointConfig
from dtlslab.python_endpoint import EndpointEvent, EventKind, PythonEndpoint
from dtlslab_interop.cases import all_cases
from dtlslab_interop.cell import run_cell
from dtlslab_interop.implementations import Implementation

WORDS = (
    "client",
    "server",
    "dtls1.2",
    "certificate",
    "psk",
    "client-auth",
    "cookie",
    "mtu",
    "suite:c02b",
    "suite:c02f",
)


class Pretender(PythonEndpoint):
    """Says that it is connected after one datagram each way, and sends application data in the clear."""

    name = "pretender"
    capabilities = WORDS
    suite = 0xC02B
    version_said = 0xFEFD
    extra_alert = 0
    reply = b""

    def configure(self, config: EndpointConfig) -> None:
        super().configure(config)
        self.path = 0
        self.is_connected = False

    def connect(self, now: int, path: int) -> int:
        self.path = path
        self.emit(path, b"hello")
        return 1

    def receive(self, now: int, path: int, datagram: bytes) -> None:
        self.path = path
        if datagram == b"hello":
            if self.config is not None and self.config.role == "server":
                self.emit(path, b"hello")
            if not self.is_connected:
                self.is_connected = True
                self.announce()
        elif datagram == b"bye":
            self.tell(EventKind.CLOSED)
        else:
            self.deliver(1, datagram + self.reply)

    def announce(self) -> None:
        self.tell(EventKind.CONNECTED, version=self.version_said, cipher_suite=self.suite, group=29)
        if self.extra_alert:
            self.tell(EventKind.ALERT_RECEIVED, alert_level=1, alert_description=self.extra_alert)

    def tell(self, kind: EventKind, **fields: Any) -> None:
        self.raise_event(EndpointEvent(kind=kind, session=1, path=self.path, **fields))

    def send(self, now: int, session: int, data: bytes) -> None:
        self.emit(self.path, data)

    def close(self, now: int, session: int) -> None:
        self.emit(self.path, b"bye")
        self.tell(EventKind.CLOSED)


class OtherSuite(Pretender):
    suite = 0xC02F


class OldVersion(Pretender):
    """Claims DTLS 1.2 and agrees on 1.0."""

    version_said = 0xFEFF


class Warns(Pretender):
    extra_alert = 90


class Adds(Pretender):
    reply = b"!"


class Stands(Pretender):
    """A deadline that never moves."""

    def deadline(self, now: int) -> int:
        return now if self.is_connected else super().deadline(now)

    def timeout(self, now: int) -> None:
        pass


def implementation(kind: type[PythonEndpoint]) -> Implementation:
    return Implementation(kind.name, kind.version, kind)


def cell(name: str, client: type[PythonEndpoint], server: type[PythonEndpoint], out: Path) -> Result:
    return run_cell(all_cases()[name], implementation(client), implementation(server), seed=1, out=out)


def test_two_pretenders_pass_where_only_their_words_are_checked(tmp_path: Path) -> None:
    assert cell("transfer-1mib", Pretender, Pretender, tmp_path).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("name", "client", "server", "verdict", "reason"),
    [
        (
            "handshake-certificate",
            Pretender,
            OtherSuite,
            Verdict.FAIL,
            "disagree on the suite: the client has 0xc02b",
        ),
        ("handshake-certificate", OldVersion, Pretender, Verdict.FAIL, "disagree on the version"),
        (
            "handshake-certificate",
            Warns,
            Pretender,
            Verdict.FAIL,
            "received warning alert user_canceled (90)",
        ),
        ("handshake-certificate", Pretender, Adds, Verdict.FAIL, "differ from byte 64 on"),
        ("transfer-1mib", Adds, Pretender, Verdict.FAIL, "differ from byte"),
        (
            "handshake-certificate",
            Pretender,
            Stands,
            Verdict.HANG,
            "the deadline of the server does not move",
        ),
        ("duplicated-datagrams", Pretender, Pretender, Verdict.FAIL, "they differ from byte 1024 on"),
        ("close-by-client", Pretender, Pretender, Verdict.FAIL, "sent no close_notify"),
        ("no-common-suite", Pretender, Pretender, Verdict.FAIL, "is connected"),
    ],
)
def test_a_side_that_misbehaves_is_found_out(
    tmp_path: Path,
    name: str,
    client: type[PythonEndpoint],
    server: type[PythonEndpoint],
    verdict: Verdict,
    reason: str,
) -> None:
    result = cell(name, client, server, tmp_path)
    assert result.verdict is verdict, result
    assert reason in result.reason
    assert result.citation is not None or verdict is not Verdict.FAIL
