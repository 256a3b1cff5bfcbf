# SPDX-License-Identifier: MIT
"""The shapes of handshakes that datagrams are taken out of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dtlslab.trials import FaultKind

from dtlslab_interop.implementations import Implementation

PSK_SUITES = (0x00A8, 0x00AE, 0xC0A8, 0x00A9, 0xCCAB)
"""Suites with a plain pre-shared key; the first that both sides claim is used."""
ECDHE_PSK_SUITES = (0xC037, 0xD001, 0xC035)
SECP256R1 = 23
SMALL_MTU = 300


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of handshake. The settings are those of `dtlslab.configuration.make_config`."""

    name: str
    title: str
    needs: tuple[str, ...] = ()
    """Words that both sides must claim."""
    server_needs: tuple[str, ...] = ()
    both: Mapping[str, Any] = field(default_factory=dict)
    server: Mapping[str, Any] = field(default_factory=dict)
    suites: tuple[int, ...] = ()
    """Of these the first that both sides claim; empty: what the stacks choose."""
    resume: bool = False
    """The second session of a client, which resumes its first."""

    def suite(self, client: Implementation, server: Implementation) -> int | None:
        """The suite for a pair; None when they have none of `suites` in common."""
        words = client.capabilities("client") & server.capabilities("server")
        return next((code for code in self.suites if f"suite:{code:04x}" in words), None)

    def fits(self, client: Implementation, server: Implementation) -> bool:
        """Whether both sides, as far as their capability lists go, can do it."""
        if client.is_outside or server.is_outside:
            return False
        lacking = client.lacks("client", ("client", "script", *self.needs)) or server.lacks(
            "server", ("server", "echo", *self.needs, *self.server_needs)
        )
        return not lacking and (not self.suites or self.suite(client, server) is not None)

    def settings(
        self, role: str, client: Implementation, server: Implementation, seed: int
    ) -> dict[str, Any]:
        """The settings of one side for a pair."""
        chosen = self.suite(client, server)
        return {
            **self.both,
            **(self.server if role == "server" else {}),
            **({} if chosen is None else {"suites": (chosen,)}),
            "seed": 2 * seed + (role == "client"),
        }


_BASES = (
    Shape("certificate", "the server shows a certificate", ("certificate",), both={"key": "p256"}),
    Shape(
        "client-auth",
        "both sides show a certificate",
        ("certificate", "client-auth"),
        both={"key": "p256", "authenticate": True},
    ),
    Shape("psk", "both sides know a key", ("psk",), both={"psk": True}, suites=PSK_SUITES),
    Shape(
        "ecdhe-psk",
        "both sides know a key and exchange another",
        ("psk", f"group:{SECP256R1:04x}"),
        both={"psk": True, "groups": (SECP256R1,)},
        suites=ECDHE_PSK_SUITES,
    ),
    Shape(
        "small-mtu",
        f"both sides show a certificate and keep to {SMALL_MTU} bytes",
        ("certificate", "client-auth", "mtu"),
        both={"key": "rsa2048", "authenticate": True, "mtu": SMALL_MTU},
    ),
    Shape(
        "resumption-ticket",
        "the client resumes its session by a ticket",
        ("certificate", "tickets"),
        both={"key": "p256", "tickets": True},
        resume=True,
    ),
    Shape(
        "resumption-id",
        "the client resumes its session by its id",
        ("certificate", "session-ids"),
        both={"key": "p256", "session_ids": True, "tickets": False},
        resume=True,
    ),
)


def _with_and_without_cookie(base: Shape) -> tuple[Shape, Shape]:
    def variant(name: str, title: str, word: str, on: bool) -> Shape:
        return Shape(
            name,
            title,
            base.needs,
            (*base.server_needs, word),
            base.both,
            {**base.server, "cookies": on},
            base.suites,
            base.resume,
        )

    return (
        variant(f"{base.name}-cookie", f"{base.title}, after a cookie", "cookie", True),
        variant(base.name, base.title, "no-cookie", False),
    )


SHAPES: dict[str, Shape] = {shape.name: shape for base in _BASES for shape in _with_and_without_cookie(base)}

KINDS: dict[str, tuple[FaultKind, int]] = {
    "drop": (FaultKind.DROP, 1),
    "duplicate": (FaultKind.DUPLICATE, 1),
    "swap": (FaultKind.SWAP, 1),
    "drop-two": (FaultKind.DROP, 2),
}
"""What is done to a handshake: the fault, and to how many datagrams at once."""

KIND_TITLES = {
    "drop": "Each datagram is lost in turn",
    "duplicate": "Each datagram arrives twice in turn",
    "swap": "Each datagram in turn arrives after the next one of its sender",
    "drop-two": "Each two datagrams are lost in turn, those that the first loss brings about among them",
}
