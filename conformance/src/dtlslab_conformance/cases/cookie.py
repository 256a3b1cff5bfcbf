# SPDX-License-Identifier: MIT
"""The cookie exchange (RFC 6347 4.2.1)."""

from __future__ import annotations

from scapy_dtls import ClientHello, HelloVerifyRequest, ServerHello

from ..case import case
from ..dialogue import Dialogue, describe
from ..tester import Outgoing
from ..tester.peer import read_records

HVR, SERVER_HELLO = HelloVerifyRequest.msg_type, ServerHello.msg_type
COOKIES = ("cookie",)


def hello_again(d: Dialogue, number: int = 3) -> list[Outgoing]:
    """The flight with a ClientHello, made but not sent."""
    return d.peer.flight(number)


@case(
    role="server",
    level="should",
    needs=COOKIES,
    cites="RFC 6347 4.2.1",
    requirement="a server performs a cookie exchange when a handshake begins",
    faults=("no-cookie-exchange",),
)
def hello_without_cookie_gets_verify_request(d: Dialogue) -> None:
    """A ClientHello without a cookie is answered with HelloVerifyRequest and nothing else."""
    d.judge()
    d.send_flight(1)
    came = d.receive_flight(2)
    d.check(
        len(d.messages(HVR, came)) == len(came) == 1, f"answered the first ClientHello with {describe(came)}"
    )


@case(
    role="server",
    needs=COOKIES,
    cites="RFC 6347 3.2.1",
    requirement="HelloVerifyRequest is not retransmitted by a timer",
    faults=("retransmit-verify-request",),
    waits=71,
)
def verify_request_not_retransmitted(d: Dialogue) -> None:
    """After HelloVerifyRequest the server is silent for 70 seconds, and still takes the cookie."""
    d.handshake(through=2)
    d.judge()
    d.silence("70s", "by itself, with its HelloVerifyRequest unanswered")


@case(
    role="server",
    needs=COOKIES,
    cites="RFC 6347 4.2.1",
    requirement="HelloVerifyRequest has the record sequence number of the ClientHello",
    faults=("verify-request-own-sequence",),
)
def verify_request_echoes_record_number(d: Dialogue) -> None:
    """A ClientHello in record 7 brings a HelloVerifyRequest in record 7."""
    d.peer.sequence[0] = 7
    d.judge()
    d.send_flight(1)
    came = d.receive_flight(2)
    d.check(
        came[0].sequence_number == 7, f"sent HelloVerifyRequest in record {came[0].sequence_number}, not 7"
    )


@case(
    role="server",
    needs=COOKIES,
    cites="RFC 6347 4.2.1",
    requirement="the first ServerHello has the record sequence number of the ClientHello with the cookie",
    faults=("server-hello-own-sequence",),
)
def server_hello_echoes_record_number(d: Dialogue) -> None:
    """A ClientHello with a cookie in record 9 brings a ServerHello in record 9."""
    d.handshake(through=2)
    d.peer.sequence[0] = 9
    d.judge()
    d.send_flight(3)
    came = d.receive_flight(4)
    number = next(r.sequence_number for r in came if d.messages(SERVER_HELLO, [r]))
    d.check(number == 9, f"sent ServerHello in record {number}, not 9")


@case(
    role="server",
    needs=COOKIES,
    level="should",
    cites="RFC 6347 4.2.1",
    requirement="HelloVerifyRequest says version DTLS 1.0, whatever will be negotiated",
    faults=("verify-request-odd-version",),
)
def verify_request_says_dtls_1_0(d: Dialogue) -> None:
    """The version in HelloVerifyRequest is DTLS 1.0."""
    d.handshake(through=2)
    d.judge()
    version = d.first(HelloVerifyRequest).server_version
    d.check(version == 0xFEFF, f"said version {version:#06x} in HelloVerifyRequest, not 0xfeff")


@case(
    role="server",
    needs=COOKIES,
    level="should",
    cites="RFC 6347 4.2.1",
    requirement="a ClientHello with an invalid cookie is treated as one without",
    faults=("alert-on-bad-cookie",),
)
def bad_cookie_gets_new_verify_request(d: Dialogue) -> None:
    """A ClientHello with an altered cookie brings a new HelloVerifyRequest, and the handshake can go on."""
    d.handshake(through=2)
    honest, d.peer.cookie = d.peer.cookie, bytes(len(d.peer.cookie))  # type: ignore[attr-defined]
    d.judge()
    came = d.exchange(*d.peer.pack(hello_again(d)))
    fatal = d.fatal_alerts(came)
    d.check(
        not fatal and not d.messages(SERVER_HELLO, came), f"answered a wrong cookie with {describe(came)}"
    )
    d.check(
        d.messages(HVR, came), f"answered a wrong cookie with {describe(came)}, not with HelloVerifyRequest"
    )
    d.check(d.peer.cookie, f"gave an empty cookie, {honest.hex()} before")  # type: ignore[attr-defined]
    d.survives("a wrong cookie")


@case(
    role="server",
    needs=COOKIES,
    level="should",
    cites="RFC 6347 4.2.1",
    requirement="the cookie is bound to the parameters of the ClientHello that it was given for",
    faults=("cookie-unbound",),
)
def cookie_bound_to_hello_parameters(d: Dialogue) -> None:
    """A ClientHello with a valid cookie but another random is not accepted."""
    d.handshake(through=2)
    d.peer.alter(ClientHello, lambda hello: with_random(hello, bytes(range(32))))
    d.judge()
    came = d.exchange(*d.peer.pack(hello_again(d)))
    d.check(
        not d.messages(SERVER_HELLO, came), "accepted a cookie with a ClientHello whose random had changed"
    )


def with_random(hello: ClientHello, value: bytes) -> ClientHello:
    """The hello with another random."""
    hello.random = value
    return hello


@case(
    role="server",
    needs=COOKIES,
    cites="RFC 6347 4.2.1",
    requirement="a cookie shows that the client receives at the address it sends from",
    faults=("cookie-not-bound-to-address",),
)
def cookie_of_other_address_refused(d: Dialogue) -> None:
    """A cookie that was given to one address does not open a handshake from another."""
    d.handshake(through=2)
    d.judge()
    for datagram in d.peer.pack(hello_again(d)):
        d.subject.deliver_elsewhere(datagram)
    d.listen()
    answers = [record for datagram in d.subject.sent_elsewhere() for record in read_records(datagram)]
    for record in answers:
        d.peer.decrypt(record)
    d.check(not d.messages(SERVER_HELLO, answers), "accepted a cookie that was given to another address")


@case(
    role="server",
    needs=COOKIES,
    level="should",
    cites="RFC 6347 4.2.1",
    requirement="cookies are verified without keeping state for each client",
    faults=("one-verify-request-only",),
)
def repeated_hello_gets_verify_request_again(d: Dialogue) -> None:
    """The same ClientHello without a cookie, sent five times, is answered five times."""
    flight = d.peer.flight(1)
    d.judge()
    for nth in range(5):
        came = d.exchange(*d.peer.pack(flight))
        d.check(d.messages(HVR, came), f"did not answer ClientHello number {nth + 1} with HelloVerifyRequest")
    d.survives("five ClientHellos without a cookie")


@case(
    role="server",
    needs=COOKIES,
    cites="RFC 6347 4.2.2",
    requirement="message_seq goes on through the cookie exchange: ServerHello has 1",
    faults=("server-hello-message-seq-zero",),
)
def server_hello_has_message_seq_1(d: Dialogue) -> None:
    """After a cookie exchange ServerHello has message_seq 1."""
    d.handshake(through=2)
    d.judge()
    d.send_flight(3)
    came = d.listen()
    hellos = d.messages(SERVER_HELLO, came)
    d.check(hellos, f"answered the cookie with {describe(came)}")
    d.check(hellos[0].message_seq == 1, f"sent ServerHello with message_seq {hellos[0].message_seq}, not 1")


@case(
    role="server",
    cites="RFC 6347 4.2.1",
    requirement="a ClientHello whose cookie runs past its end is refused without harm",
    faults=("fail-on-malformed-hello",),
)
def cookie_longer_than_hello_refused(d: Dialogue) -> None:
    """A ClientHello with a cookie length of 255 and no such cookie does not keep an honest client out."""

    def overlong(hello: ClientHello) -> ClientHello:
        hello.cookie_length = 255
        return hello

    d.peer.alter(ClientHello, overlong)
    d.exchange(*d.peer.pack(d.peer.flight(1)))
    sequence = d.peer.sequence[0]
    d.peer = d.new_peer()
    d.peer.sequence[0] = sequence
    d.survives("a ClientHello whose cookie runs past its end")


@case(
    role="any",
    cites="RFC 6347 4.2.6",
    requirement="the first ClientHello and HelloVerifyRequest are not part of the Finished calculation",
    faults=("transcript-includes-verify-request",),
)
def transcript_excludes_cookie_exchange(d: Dialogue) -> None:
    """A handshake with a cookie exchange whose Finished leaves the exchange out comes to its end."""
    d.judge()
    d.handshake()
    d.still_echoes("a cookie exchange")


@case(
    role="client",
    cites="RFC 6347 4.2.1",
    requirement="the first ClientHello has an empty cookie",
    faults=("first-hello-with-cookie",),
)
def first_hello_has_no_cookie(d: Dialogue) -> None:
    """The first ClientHello has a cookie of length zero."""
    d.judge()
    d.begin()
    d.listen()
    cookie = d.first(ClientHello).cookie
    d.check(not cookie, f"put a cookie of {len(cookie)} bytes into the first ClientHello")


@case(
    role="client",
    cites="RFC 6347 4.2.1",
    requirement="HelloVerifyRequest is answered with a ClientHello that has the cookie",
    faults=("client-ignores-cookie",),
)
def cookie_is_echoed(d: Dialogue) -> None:
    """The second ClientHello has the cookie that was given."""
    d.handshake(through=2)
    d.judge()
    d.listen()
    hellos = [h.payload for h in d.messages(ClientHello.msg_type) if h.message_seq == 1]
    d.check(hellos, "did not answer HelloVerifyRequest with a ClientHello of message_seq 1")
    given = d.peer.cookie_given  # type: ignore[attr-defined]
    d.check(hellos[0].cookie == given, "did not put the cookie into the second ClientHello")


@case(
    role="client",
    cites="RFC 6347 4.2.1",
    requirement="the second ClientHello has the version, random, session id and suites of the first",
    faults=("client-changes-random",),
)
def second_hello_repeats_parameters(d: Dialogue) -> None:
    """The two ClientHellos of a cookie exchange differ in the cookie alone."""
    d.handshake(through=2)
    d.judge()
    d.listen()
    hellos = [h.payload for h in d.messages(ClientHello.msg_type)]
    d.check(len(hellos) > 1, "did not answer HelloVerifyRequest with a ClientHello")
    for name in ("client_version", "random", "session_id", "cipher_suites", "compression_methods"):
        same = getattr(hellos[0], name) == getattr(hellos[-1], name)
        d.check(same, f"changed {name} between the two ClientHellos")


@case(
    role="client",
    cites="RFC 6347 4.2.2",
    requirement="the ClientHello with the cookie is a new message and has message_seq 1",
    faults=("client-hello-seq-stays-zero",),
)
def second_hello_has_message_seq_1(d: Dialogue) -> None:
    """The ClientHello with the cookie has message_seq 1."""
    d.handshake(through=2)
    d.judge()
    came = d.listen()
    hellos = d.messages(ClientHello.msg_type, came)
    d.check(hellos, "did not answer HelloVerifyRequest")
    d.check(hellos[0].message_seq == 1, f"gave the second ClientHello message_seq {hellos[0].message_seq}")


@case(
    role="client",
    level="should",
    cites="RFC 6347 4.2.1",
    requirement="a further HelloVerifyRequest with another cookie is answered with that cookie",
    faults=("second-verify-request-ignored",),
)
def second_verify_request_answered(d: Dialogue) -> None:
    """A client that is asked for a second cookie answers with the second cookie."""
    d.handshake(through=3)
    d.peer.cookie_secret = bytes(32)  # type: ignore[attr-defined]
    d.peer.state = "hello"  # type: ignore[attr-defined]
    d.judge()
    came = d.exchange(*d.peer.pack(d.peer.flight(2)))
    given = d.peer.cookie_given  # type: ignore[attr-defined]
    cookies = [h.payload.cookie for h in d.messages(ClientHello.msg_type, came)]
    d.check(cookies, "did not answer a second HelloVerifyRequest")
    d.check(given in cookies, "did not put the second cookie into its next ClientHello")


@case(
    role="client",
    cites="RFC 6347 4.2.1",
    requirement="the version in HelloVerifyRequest is not taken for the negotiated version",
    faults=("negotiates-from-verify-request",),
)
def verify_request_version_is_not_negotiation(d: Dialogue) -> None:
    """HelloVerifyRequest of version DTLS 1.0 and then a ServerHello of DTLS 1.2 make a DTLS 1.2 session."""
    d.handshake(through=2)
    d.survives("a HelloVerifyRequest of version DTLS 1.0")


@case(
    role="client",
    cites="RFC 6347 4.2.1",
    requirement="cookies may have up to 255 bytes",
    faults=("cookie-limit-32",),
)
def cookie_of_255_bytes_echoed(d: Dialogue) -> None:
    """A cookie of 255 bytes comes back whole."""
    cookie = bytes(range(1, 256))

    def longest(request: HelloVerifyRequest) -> HelloVerifyRequest:
        request.cookie = cookie
        return request

    d.handshake(through=1)
    d.peer.alter(HelloVerifyRequest, longest)
    d.send_flight(2)
    d.judge()
    came = d.listen()
    hellos = [h.payload for h in d.messages(ClientHello.msg_type, came)]
    d.check(hellos, "did not answer a HelloVerifyRequest with a cookie of 255 bytes")
    d.check(getattr(hellos[0], "cookie", b"") == cookie, "did not echo a cookie of 255 bytes")


@case(
    role="client",
    cites="RFC 5246 7.4",
    requirement="HelloVerifyRequest after ServerHello is out of order and does not restart the handshake",
    faults=("client-restarts-on-late-hvr",),
)
def verify_request_after_server_hello_refused(d: Dialogue) -> None:
    """A HelloVerifyRequest that follows ServerHello in sequence does not bring a new ClientHello."""
    d.handshake(through=3)
    flight = d.peer.flight(4)
    d.send(*d.peer.pack(flight[:1]))
    d.peer.message_seq = 2
    late = d.peer.message(HelloVerifyRequest(cookie=b"late"), hashed=False)
    d.judge()
    came = d.exchange(*d.peer.pack(late))
    hellos = d.messages(ClientHello.msg_type, came)
    d.check(not hellos, "began the handshake again on a HelloVerifyRequest after ServerHello")
