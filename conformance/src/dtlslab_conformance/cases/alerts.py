# SPDX-License-Identifier: MIT
"""Alerts and closing (RFC 5246 7.2)."""

from __future__ import annotations

from scapy_dtls import ClientHello

from ..case import case
from ..dialogue import Dialogue, describe

UNKNOWN_SUITE = 0xC0AF

CLOSE_NOTIFY, HANDSHAKE_FAILURE, USER_CANCELED, INTERNAL_ERROR = 0, 40, 90, 80


@case(
    role="any",
    cites="RFC 5246 7.2.1",
    requirement="close_notify is answered with close_notify",
    faults=("no-close-notify-reply",),
)
def close_notify_answered(d: Dialogue) -> None:
    """An endpoint that gets close_notify sends one of its own."""
    d.handshake()
    d.judge()
    came = d.exchange(d.peer.alert(CLOSE_NOTIFY, 1))
    found = any(description == CLOSE_NOTIFY for _, description in d.alerts(came))
    d.check(found, f"answered close_notify with {describe(came)}")


@case(
    role="any",
    cites="RFC 5246 7.2.1",
    requirement="data after close_notify is ignored",
    faults=("deliver-after-close",),
)
def data_after_close_notify_ignored(d: Dialogue) -> None:
    """Application data that comes after close_notify is not delivered."""
    d.handshake()
    d.exchange(d.peer.alert(CLOSE_NOTIFY, 1))
    d.judge()
    before = d.delivered
    d.exchange(d.peer.data(b"too late"))
    d.check(d.delivered == before, "delivered application data after close_notify")


@case(
    role="any",
    cites="RFC 5246 7.2.2",
    requirement="a warning does not end the association",
    faults=("fatal-on-warning",),
)
def warning_does_not_end_association(d: Dialogue) -> None:
    """A protected warning user_canceled leaves the association as it was."""
    d.handshake()
    d.judge()
    d.exchange(d.peer.alert(USER_CANCELED, 1))
    d.still_echoes("a warning")


@case(
    role="any",
    level="should",
    cites="RFC 6347 4.1",
    requirement="an alert of an earlier epoch is discarded",
    faults=("accept-plaintext-alert",),
)
def plaintext_alert_after_handshake_ignored(d: Dialogue) -> None:
    """A forged fatal alert in epoch 0 after the handshake does not end the association."""
    d.handshake()
    d.judge()
    d.exchange(d.peer.alert(INTERNAL_ERROR, 2, epoch=0))
    d.still_echoes("a fatal alert in plaintext")


@case(
    role="any",
    level="should",
    cites="RFC 6347 4.1",
    requirement="a plaintext close_notify does not close an association that has keys",
    faults=("accept-plaintext-alert",),
)
def plaintext_close_notify_ignored(d: Dialogue) -> None:
    """A forged close_notify in epoch 0 after the handshake does not close the association."""
    d.handshake()
    d.judge()
    d.exchange(d.peer.alert(CLOSE_NOTIFY, 1, epoch=0))
    d.still_echoes("a close_notify in plaintext")


@case(
    role="server",
    level="should",
    cites="RFC 6347 4.2.7",
    requirement="a message that brought a fatal alert brings a new one when it is received again",
    faults=("no-new-alert",),
)
def offending_message_alerted_again(d: Dialogue) -> None:
    """A ClientHello that cannot be accepted is repeated five seconds later, and answered with an alert again.

    A client that has failed is given up by its program, which does not hear the repetition.
    """

    def offer(hello: ClientHello) -> ClientHello:
        hello.cipher_suites = [UNKNOWN_SUITE]
        return hello

    d.peer.alter(ClientHello, offer)
    flight = d.send_flight(1)
    d.listen()
    if d.peer.flight_done == 2:
        flight = d.send_flight(3)
        d.listen()
    d.judge()
    d.check(d.fatal_alerts(), "sent no fatal alert for a hello that it cannot accept")
    d.listen(5)
    came = d.exchange(*d.peer.pack(flight))
    d.check(d.fatal_alerts(came), f"answered the repeated message with {describe(came)}, not with an alert")


@case(
    role="any",
    cites="RFC 5246 7.2.2",
    requirement="a fatal alert ends the association at once",
    faults=("ignore-fatal-alert",),
)
def fatal_alert_ends_association(d: Dialogue) -> None:
    """After a protected fatal alert nothing is delivered any more."""
    d.handshake()
    d.exchange(d.peer.alert(INTERNAL_ERROR))
    d.judge()
    before = d.delivered
    d.exchange(d.peer.data(b"after the end"))
    d.check(d.delivered == before, "delivered application data after a fatal alert")
    d.check(d.ended is not False, "told of no end of the session after a fatal alert")


@case(
    role="any",
    level="should",
    cites="RFC 6347 4.1.2.7",
    requirement="a malformed alert is dropped or answered with a fatal alert, and blocks nothing",
    faults=("fail-on-malformed-alert",),
)
def malformed_alert_survived(d: Dialogue) -> None:
    """An alert of one byte during the handshake does not leave the endpoint mute."""
    d.handshake(through=4 if d.role == "server" else 3)
    d.judge()
    came = d.exchange(d.peer.record(b"\x02", content_type=21, epoch=0), seconds=0.1)
    if d.fatal_alerts(came):
        return
    d.survives("an alert of one byte")


@case(
    role="any",
    cites="RFC 5246 7.2.2",
    requirement="a fatal alert during the handshake ends it",
    faults=("ignore-fatal-alert",),
    waits=22,
)
def fatal_alert_during_handshake_ends_it(d: Dialogue) -> None:
    """After a fatal alert in answer to its hello flight the endpoint retransmits nothing any more."""
    d.handshake(through=4 if d.role == "server" else 1)
    d.send(d.peer.alert(HANDSHAKE_FAILURE, epoch=0))
    d.listen()
    d.judge()
    d.silence("20s", "after a fatal alert")
