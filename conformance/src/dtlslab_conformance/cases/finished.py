# SPDX-License-Identifier: MIT
"""ChangeCipherSpec and Finished, and data around them (RFC 6347 4.2.5, RFC 5246 7.1 and 7.4.9)."""

from __future__ import annotations

from scapy.packet import Raw
from scapy_dtls import ChangeCipherSpec, Finished, Handshake

from ..case import case
from ..dialogue import Dialogue, describe
from ..tester import Outgoing


def last_flight(d: Dialogue) -> int:
    """Number of our flight that ends with Finished."""
    return 5 if d.role == "server" else 6


def prepare(d: Dialogue) -> list[Outgoing]:
    """Our last flight, made but not sent."""
    number = last_flight(d)
    d.handshake(through=number - 1)
    return d.peer.flight(number)


def wrong_finished(d: Dialogue) -> None:
    """Sends our last flight with a wrong verify_data."""
    d.handshake(through=last_flight(d) - 1)
    d.peer.alter(Finished, lambda _: Finished(verify_data=b"not verified"))
    d.send_flight(last_flight(d))


@case(
    role="any",
    cites="RFC 5246 7.4.9",
    requirement="the content of Finished is verified",
    faults=("skip-finished-check",),
)
def wrong_verify_data_refused(d: Dialogue) -> None:
    """A Finished with a wrong verify_data does not complete the handshake."""
    wrong_finished(d)
    d.judge()
    came = d.listen()
    d.check(not d.connected, "completed the handshake with a wrong Finished")
    d.check(not d.messages(20, came) or d.role == "client", "answered a wrong Finished with its own")


@case(
    role="any",
    cites="RFC 5246 7.2.2",
    requirement="a Finished that cannot be verified is a fatal decrypt_error",
    faults=("silent-on-protocol-fault",),
)
def wrong_verify_data_gets_decrypt_error(d: Dialogue) -> None:
    """A Finished with a wrong verify_data is answered with a fatal decrypt_error."""
    wrong_finished(d)
    d.judge()
    d.refused(d.listen(), "a wrong Finished", alert=51)


@case(
    role="any",
    cites="RFC 5246 7.4.9",
    requirement="Finished comes after ChangeCipherSpec and under the new keys",
    faults=("accept-plaintext-finished",),
)
def plaintext_finished_refused(d: Dialogue) -> None:
    """A correct Finished in epoch 0, without ChangeCipherSpec, does not complete the handshake."""
    flight = prepare(d)
    *rest, _, finished = flight
    d.judge()
    d.send(*d.peer.pack(rest))
    came = d.exchange(d.peer.record(finished.packet, epoch=0))
    answered = d.role == "server" and d.messages(20, came)
    d.check(not d.connected and not answered, "completed the handshake with a Finished in plaintext")


@case(
    role="any",
    cites="RFC 5246 7.1",
    requirement="ChangeCipherSpec is a single byte of value 1",
    faults=("accept-malformed-ccs",),
)
def malformed_change_cipher_spec_not_accepted(d: Dialogue) -> None:
    """A ChangeCipherSpec of value 2 does not change the cipher state."""
    flight = prepare(d)
    *rest, change, finished = flight
    d.judge()
    d.send(*d.peer.pack(rest))
    d.send(d.peer.record(ChangeCipherSpec(value=2), epoch=0))
    came = d.exchange(*d.peer.pack([finished]), seconds=0.1)
    if d.fatal_alerts(came):
        return
    answered = d.role == "server" and d.messages(20, came)
    d.check(not d.connected and not answered, "took a ChangeCipherSpec of value 2")
    d.exchange(*d.peer.pack([change, finished]))
    d.survives("a ChangeCipherSpec of value 2")


@case(
    role="any",
    cites="RFC 6347 4.2.5",
    requirement="ChangeCipherSpec before the key exchange is refused or ignored, and changes nothing",
    faults=("early-ccs-switches",),
)
def early_change_cipher_spec_changes_nothing(d: Dialogue) -> None:
    """A ChangeCipherSpec before the key exchange is answered with a fatal alert or leaves the handshake as
    it was.
    """
    d.handshake(through=4 if d.role == "server" else 3)
    d.judge()
    came = d.exchange(d.peer.record(ChangeCipherSpec(), epoch=0), seconds=0.1)
    if d.fatal_alerts(came):
        d.check(not d.connected, "gave an alert but thinks itself connected")
        return
    d.survives("an early ChangeCipherSpec")


@case(
    role="any",
    cites="RFC 6347 4.2.4",
    requirement="records of the new epoch that overtake ChangeCipherSpec are kept or dropped, and do no harm",
    faults=("wedge-on-reordered-finished",),
)
def finished_before_change_cipher_spec_survived(d: Dialogue) -> None:
    """A flight whose Finished overtakes its ChangeCipherSpec is accepted, at the latest when it is
    repeated.
    """
    flight = prepare(d)
    *rest, change, finished = flight
    d.judge()
    d.send(*d.peer.pack(rest))
    d.send(*d.peer.pack([finished]), *d.peer.pack([change]))
    d.listen(0.1)
    d.exchange(*d.peer.pack(flight), seconds=0.1)
    d.survives("a Finished that overtook its ChangeCipherSpec")


@case(
    role="any",
    cites="RFC 6347 4.2.4",
    requirement="application data of the new epoch is buffered or dropped until Finished has come",
    faults=("deliver-before-finished",),
)
def data_before_finished_not_delivered(d: Dialogue) -> None:
    """Application data between ChangeCipherSpec and Finished is not delivered before Finished."""
    flight = prepare(d)
    *rest, change, finished = flight
    d.judge()
    d.send(*d.peer.pack([*rest, change]))
    early = d.peer.data(b"early")
    d.exchange(early)
    d.check(not d.delivered, "delivered application data before Finished had come")
    d.send(*d.peer.pack([finished]))
    d.survives("application data before Finished")


@case(
    role="any",
    cites="RFC 5246 10",
    requirement="application data is taken under the keys of the association alone",
    faults=("accept-plaintext-data",),
)
def plaintext_application_data_not_delivered(d: Dialogue) -> None:
    """Application data in epoch 0 is not delivered, neither during the handshake nor after it."""
    d.handshake(through=4 if d.role == "server" else 3)
    d.judge()
    clear = d.peer.record(b"plaintext", content_type=23, epoch=0)
    came = d.echoes(clear)
    d.check(not came, "delivered plaintext application data during the handshake")
    if d.fatal_alerts():
        return
    d.handshake()
    clear = d.peer.record(b"plaintext", content_type=23, epoch=0)
    d.check(not d.echoes(clear), "delivered plaintext application data after the handshake")
    d.still_echoes("plaintext application data")


@case(
    role="any",
    level="should",
    cites="RFC 6347 4.1.2.7",
    requirement="a ChangeCipherSpec in plaintext after the handshake is dropped",
    faults=("ccs-resets-keys",),
)
def change_cipher_spec_after_handshake_ignored(d: Dialogue) -> None:
    """Another ChangeCipherSpec in epoch 0 after the handshake changes nothing."""
    d.handshake()
    d.judge()
    came = d.exchange(d.peer.record(ChangeCipherSpec(), epoch=0))
    d.check(not d.alerts(came), f"answered a late ChangeCipherSpec with {describe(came)}")
    d.still_echoes("a late ChangeCipherSpec")


@case(
    role="any",
    level="should",
    cites="RFC 6347 4.1",
    requirement="records of an earlier epoch are discarded when the handshake is over",
    faults=("fail-on-plaintext-handshake-after-finish",),
)
def plaintext_handshake_after_handshake_ignored(d: Dialogue) -> None:
    """A plaintext handshake message after the handshake does not disturb the association."""
    d.handshake()
    d.judge()
    wrong = Handshake(msg_type=14, message_seq=d.peer.message_seq) / Raw(b"")
    came = d.exchange(d.peer.record(wrong, epoch=0))
    d.check(not d.alerts(came), f"answered a plaintext handshake message with {describe(came)}")
    d.still_echoes("a plaintext handshake message")
