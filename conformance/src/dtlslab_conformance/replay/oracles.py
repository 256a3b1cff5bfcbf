# SPDX-License-Identifier: MIT
"""Oracles: what no endpoint may do, whatever it is sent, and what the mutation at hand lets it do.

Each oracle is a function over what was seen and what was to be expected; it answers a `Violation` or None.
Where the RFCs leave a choice, every choice is right.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dtlslab.verdict import Citation, Outcome, Verdict

from .mutation import Expectation, rfc
from .run import Played, alert_name

WARNINGS = frozenset({0, 41, 90, 100, 112})
"""close_notify, no_certificate, user_canceled, no_renegotiation, unrecognized_name: warnings that end
nothing."""

APPLICATION_DATA = 23


@dataclass(frozen=True, slots=True)
class Violation:
    """What an endpoint did that it must not do."""

    oracle: str
    reason: str
    """As a clause after "the endpoint": `connected in spite of …`."""
    citation: Citation
    verdict: Verdict = Verdict.FAIL


Oracle = Callable[[Played, Expectation], Violation | None]


def no_hang(played: Played, _: Expectation) -> Violation | None:
    """Time goes on."""
    if played.stalled:
        return Violation(
            "no-hang", "stood still: its deadline does not move", rfc(6347, "4.2.4"), Verdict.HANG
        )
    return None


def connects_after_finished_alone(played: Played, _: Expectation) -> Violation | None:
    """Nobody is connected before the other side's Finished was sent."""
    if not played.live_connected or played.connected_at is None:
        return None
    if played.finished_at is None or played.connected_at < played.finished_at:
        return Violation(
            "finished-first", "said that it was connected before it was sent a Finished", rfc(5246, "7.4.9")
        )
    return None


def does_not_accept(played: Played, expected: Expectation) -> Violation | None:
    """What must be refused does not lead to a connection."""
    if expected.completes is False and played.live_connected:
        return Violation("refuses", f"connected, although {expected.rule}", expected.citation)
    return None


def completes(played: Played, expected: Expectation) -> Violation | None:
    """What must be borne leads to a connection, or to an alert that is allowed instead."""
    if expected.completes is not True:
        return None
    if any(description in expected.alerts for description in played.fatal):
        return None
    if played.live_connected and played.player_connected:
        return None
    found = "did not complete the handshake"
    if played.fatal:
        found = f"ended the handshake with {alert_name(played.fatal[0])}"
    elif played.live_ended:
        found = "gave the handshake up"
    elif played.live_connected:
        found = "said that it was connected, but did not end the handshake"
    return Violation("completes", f"{found}, although {expected.rule}", expected.citation)


def alerts_that_fit(played: Played, expected: Expectation) -> Violation | None:
    """Alerts are those that are named for what happened; a record fault is never answered with a warning."""
    for level, description in played.alerts:
        if level == 1 and description in WARNINGS:
            continue
        if level == 1 and expected.completes is True:
            reason = f"answered with the warning {alert_name(description)}"
            return Violation("alerts", reason, rfc(6347, "4.1.2.7"))
        if description == 0 or (level == 2 and description in expected.alerts):
            continue
        if level == 2 and expected.completes is True:
            continue  # what `completes` says
        kind = "fatal alert" if level == 2 else "warning"
        reason = f"sent the {kind} {alert_name(description)}, which is not for this: {expected.rule}"
        return Violation("alerts", reason, rfc(5246, "7.2.2"))
    return None


def no_forged_data(played: Played, _: Expectation) -> Violation | None:
    """Application data that nobody sent under protection is not delivered."""
    for data in played.delivered:
        if data not in played.authentic:
            return Violation(
                "no-forged-data",
                f"delivered {len(data)} bytes of application data that nobody had protected",
                rfc(5246, "11"),
            )
    return None


def no_plaintext(played: Played, _: Expectation) -> Violation | None:
    """Neither secrets nor application data leave in clear."""
    for datagram in played.sent:
        for name, secret in played.secrets.items():
            if secret in datagram:
                return Violation("no-plaintext", f"sent {name} in clear", rfc(5246, "10"))
        if _has_clear_data(datagram):
            return Violation("no-plaintext", "sent application data in epoch 0", rfc(6347, "4.1"))
    return None


def _has_clear_data(datagram: bytes) -> bool:
    at = 0
    while at + 13 <= len(datagram):
        if datagram[at] == APPLICATION_DATA and not any(datagram[at + 3 : at + 5]):
            return True
        at += 13 + int.from_bytes(datagram[at + 11 : at + 13], "big")
    return False


def keeps_state(played: Played, expected: Expectation) -> Violation | None:
    """What has connected still carries data; what has not does so for the next honest peer."""
    if played.echoed is False:
        return Violation("keeps-state", "did not deliver application data any more", expected.citation)
    if played.fresh is False:
        reason, verdict = "did not complete an honest handshake afterwards", Verdict.FAIL
        if played.one_at_a_time:
            reason += "; it may be a server for one client, and wait for the one that has left"
            verdict = Verdict.INCONCLUSIVE
        return Violation("keeps-state", reason, rfc(5246, "7.2.2"), verdict)
    return None


ORACLES: tuple[Oracle, ...] = (
    no_hang,
    no_plaintext,
    no_forged_data,
    connects_after_finished_alone,
    does_not_accept,
    completes,
    alerts_that_fit,
    keeps_state,
)
"""In the order in which they are asked: the first violation is the finding."""


def violation(played: Played, expected: Expectation) -> Violation | None:
    """What the first oracle that objects says."""
    for oracle in ORACLES:
        found = oracle(played, expected)
        if found is not None:
            return found
    return None


def outcome(role: str, found: Violation | None, expected: Expectation) -> Outcome:
    """A verdict with its reason."""
    if found is None:
        return Outcome(Verdict.PASS, f"As it should be: {expected.rule}.", expected.citation)
    return Outcome(found.verdict, f"The {role} {found.reason}.", found.citation)
