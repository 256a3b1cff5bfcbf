# SPDX-License-Identifier: MIT
"""Mutations: an operator, a place in a script, parameters; and what the RFCs let an endpoint do about each.

An operator is a class with a name, `places`, which enumerates its mutations of a script one by one, and
`apply`, which changes a script and answers the `Expectation`. New ones go into
`dtlslab_conformance.replay.operators`.
"""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from dtlslab.errors import BadInput
from dtlslab.verdict import Citation
from scapy.packet import Packet

from .script import Script

Parameter = int | float | str
Parameters = Mapping[str, Parameter]

UNEXPECTED_MESSAGE, BAD_RECORD_MAC, RECORD_OVERFLOW, HANDSHAKE_FAILURE = 10, 20, 22, 40
BAD_CERTIFICATE, UNSUPPORTED_CERTIFICATE, CERTIFICATE_REVOKED, CERTIFICATE_EXPIRED = 42, 43, 44, 45
CERTIFICATE_UNKNOWN, ILLEGAL_PARAMETER, UNKNOWN_CA, ACCESS_DENIED = 46, 47, 48, 49
DECODE_ERROR, DECRYPT_ERROR, PROTOCOL_VERSION, INSUFFICIENT_SECURITY = 50, 51, 70, 71
INAPPROPRIATE_FALLBACK, UNSUPPORTED_EXTENSION, UNRECOGNIZED_NAME = 86, 110, 112
UNKNOWN_PSK_IDENTITY, NO_APPLICATION_PROTOCOL = 115, 120

MALFORMED = frozenset({DECODE_ERROR, ILLEGAL_PARAMETER})
RECORD_ALERTS = frozenset(
    {UNEXPECTED_MESSAGE, BAD_RECORD_MAC, RECORD_OVERFLOW, ILLEGAL_PARAMETER, DECODE_ERROR, PROTOCOL_VERSION}
)
CERTIFICATE_ALERTS = frozenset(
    {
        BAD_CERTIFICATE,
        UNSUPPORTED_CERTIFICATE,
        CERTIFICATE_REVOKED,
        CERTIFICATE_EXPIRED,
        CERTIFICATE_UNKNOWN,
        UNKNOWN_CA,
        ACCESS_DENIED,
    }
)
HANDSHAKE_ALERTS = (
    MALFORMED
    | CERTIFICATE_ALERTS
    | {
        UNEXPECTED_MESSAGE,
        HANDSHAKE_FAILURE,
        DECRYPT_ERROR,
        PROTOCOL_VERSION,
        INSUFFICIENT_SECURITY,
        INAPPROPRIATE_FALLBACK,
        UNSUPPORTED_EXTENSION,
        UNRECOGNIZED_NAME,
        UNKNOWN_PSK_IDENTITY,
        NO_APPLICATION_PROTOCOL,
    }
)
"""Every fatal alert that says something of a handshake message; internal_error does not (RFC 5246 7.2.2)."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What an endpoint may do about a mutation."""

    rule: str
    """The rule in words, as a clause: `a record that is not valid is discarded`."""
    citation: Citation
    completes: bool | None = None
    """True: the handshake completes, unless one of `alerts` ends it. False: it never does. None: both are
    right."""
    alerts: frozenset[int] = frozenset()
    """Fatal alerts that may end it."""


def rfc(number: int, section: str) -> Citation:
    """A section of an RFC."""
    return Citation(f"RFC {number}", section)


def harmless(rule: str, citation: Citation) -> Expectation:
    """The handshake must complete."""
    return Expectation(rule, citation, completes=True)


def invalid_record(rule: str = "a record that is not valid is discarded") -> Expectation:
    """Discarding is what RFC 6347 recommends; a fatal alert is allowed, a warning is not."""
    return Expectation(rule, rfc(6347, "4.1.2.7"), completes=True, alerts=RECORD_ALERTS)


def refused(rule: str, citation: Citation, alerts: frozenset[int]) -> Expectation:
    """The handshake must not complete."""
    return Expectation(rule, citation, completes=False, alerts=alerts)


def either(rule: str, citation: Citation, alerts: frozenset[int] = HANDSHAKE_ALERTS) -> Expectation:
    """The RFCs leave it to the endpoint."""
    return Expectation(rule, citation, completes=None, alerts=alerts)


@dataclass(frozen=True, slots=True)
class Mutation:
    """One change of a script."""

    operator: str
    place: str
    parameters: dict[str, Parameter] = field(default_factory=dict)

    def __str__(self) -> str:
        shown = ", ".join(f"{name}={value}" for name, value in self.parameters.items())
        return f"{self.operator} {self.place}" + (f" ({shown})" if shown else "")


class Operator(ABC):
    """A way to change a script."""

    name: ClassVar[str]
    title: ClassVar[str]
    """A sentence that says what is done."""

    @abstractmethod
    def places(self, script: Script) -> Iterator[Mutation]:
        """Every mutation of this operator, in order."""

    @abstractmethod
    def apply(self, script: Script, mutation: Mutation) -> Expectation:
        """Changes the script and says what may come of it. BadInput when the place or a parameter does not
        fit.
        """

    def review(self, script: Script, mutation: Mutation, body: Packet) -> Expectation | None:  # noqa: ARG002
        """The expectation given the changed message as it was sent; None when that tells no more."""
        return None

    def message(self, script: Script, mutation: Mutation) -> int | None:  # noqa: ARG002
        """The index of the message that `review` wants to see."""
        return None

    def draw(self, script: Script, source: random.Random) -> Mutation | None:
        """One mutation by chance; None when the script has no place for it."""
        found = list(self.places(script))
        return source.choice(found) if found else None

    def at(self, place: str, **parameters: Parameter) -> Mutation:
        """A mutation of this operator."""
        return Mutation(self.name, place, parameters)


def number(mutation: Mutation, name: str) -> int:
    """A parameter that is an integer. BadInput when it is missing or is not."""
    value = mutation.parameters.get(name)
    if not isinstance(value, int):
        raise BadInput(f"expected an integer, found {value!r}", field=f"parameters.{name}")
    return value


def seconds(mutation: Mutation, name: str) -> float:
    """A parameter that is a time in seconds. BadInput when it is missing or is not."""
    value = mutation.parameters.get(name)
    if not isinstance(value, int | float):
        raise BadInput(f"expected seconds, found {value!r}", field=f"parameters.{name}")
    return float(value)


def text(mutation: Mutation, name: str) -> str:
    """A parameter that is text. BadInput when it is missing or is not."""
    value = mutation.parameters.get(name)
    if not isinstance(value, str):
        raise BadInput(f"expected text, found {value!r}", field=f"parameters.{name}")
    return value
