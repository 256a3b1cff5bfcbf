# SPDX-License-Identifier: MIT
"""What must live in a replay, and how it is made anew: the tester's peers, speaking after a recording.

`DIFFERENCES` is the whole list of what may differ between a capture and its replay; everything else is kept.
The comparison of `dtlslab_conformance.replay.comparison` allows these rows alone, and the manual prints them.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from dtlslab import locations
from dtlslab.configuration import EndpointConfig
from dtlslab.errors import BadInput
from scapy.packet import Packet, Raw
from scapy_dtls import (
    ExtendedMasterSecret,
    Handshake,
    SignatureAlgorithms,
    SupportedGroups,
)

from ..crypto.exchange import (
    P256,
    TESTER_GROUPS,
    TESTER_SCHEMES,
    X25519,
    load_chain,
    load_key,
    make_share,
    scheme_fits,
    sign,
)
from ..crypto.keyschedule import psk_premaster, verify_data
from ..crypto.suites import SUITES, Suite
from ..tester.client import EMPTY_RENEGOTIATION_INFO_SCSV, ClientPeer
from ..tester.peer import Outgoing, Peer
from ..tester.server import ServerPeer
from .fields import set_field
from .recording import dissect_message
from .script import Message, Script


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that may differ between a capture and its replay."""

    path: str
    """A pattern over the path of a field, `*` for anything."""
    side: str
    """`client`, `server` or `both`."""
    reason: str


DIFFERENCES = (
    Difference(
        "ClientHello.random",
        "client",
        "A random is fresh; what was the same in the capture is the same again.",
    ),
    Difference(
        "ClientHello.cookie", "client", "The live server's own cookie, where the captured hello had one."
    ),
    Difference("ServerHello.random", "server", "A random is fresh."),
    Difference(
        "ServerHello.session_id",
        "server",
        "The live client's own, where the captured server echoed its client's.",
    ),
    Difference(
        "ServerHello.extensions*",
        "server",
        "What the live client did not offer is left out (RFC 5246 7.4.1.4).",
    ),
    Difference(
        "Certificate.certificates*",
        "both",
        "The laboratory's own chain, where the private key of the captured one is not known.",
    ),
    Difference(
        "Certificate.header.fragment_offset",
        "both",
        "Fragments follow, where another chain has another length.",
    ),
    Difference(
        "ServerKeyExchange.group",
        "server",
        "Another group, where the live client does not offer the captured one.",
    ),
    Difference("ServerKeyExchange.point", "server", "A key share is fresh."),
    Difference(
        "ServerKeyExchange.scheme",
        "server",
        "Another scheme, where the captured one does not fit the key or the live client's offer.",
    ),
    Difference("ServerKeyExchange.signature", "server", "A signature covers the randoms and the key share."),
    Difference(
        "ClientKeyExchange.point", "client", "A key share is fresh, on the group that the live server chose."
    ),
    Difference(
        "CertificateVerify.scheme",
        "client",
        "Another scheme, where the captured one does not fit the key or the offer.",
    ),
    Difference("CertificateVerify.signature", "client", "A signature covers the transcript."),
    Difference("Finished.verify_data", "both", "It covers the transcript."),
    Difference(
        "NewSessionTicket",
        "server",
        "Left out, where the live client did not offer session_ticket (RFC 5077 3.2).",
    ),
    Difference(
        "CertificateStatus",
        "server",
        "Left out, where the live client did not offer status_request (RFC 6066 8).",
    ),
    Difference("*_length", "both", "Lengths follow what they measure."),
    Difference("*.length", "both", "Lengths follow what they measure."),
    Difference("*.message_seq", "server", "Message numbers close up after a message that is left out."),
    Difference(
        "*.record.sequence_number",
        "server",
        "Record numbers of epoch 0 count from the live ClientHello's (RFC 6347 4.2.1), as far as it differs.",
    ),
    Difference("*.record.protection", "both", "Records are protected with the keys of the live handshake."),
)
"""All that may differ; the secret of a PSK identity, which no capture holds, is the laboratory's."""


def known_credentials() -> dict[bytes, tuple[bytes, bytes]]:
    """Leaf certificates (DER) whose keys the laboratory has: chain and key in PEM."""
    found = {}
    for name in ("server-p256", "server-rsa2048", "client-p256", "client-rsa2048"):
        chain, key = locations.credential(name), locations.credential(f"{name}.key")
        found[load_chain(chain)[0]] = (chain, key)
    return found


class Misfit(Exception):
    """What a mutation is about is not there in this replay: the live endpoint did not offer it."""


class _Live(Peer):
    """What both roles share: filling captured messages with life, in order."""

    script: Script
    built: dict[int, bytes]
    shift: int

    def begin(self, script: Script) -> None:
        """Takes the script; it is not changed."""
        self.script = script
        self.built = {}
        """Whole messages as they stand in the transcript, by index."""
        self.shift = 0
        """What left-out and inserted messages do to the numbers of later ones."""
        self.randoms: dict[bytes, bytes] = {}

    def flight(self, number: int) -> list[Outgoing]:
        """Makes the messages of a flight of the script; `built` has them."""
        for message in self.script.in_order():
            if message.flight == number and message.index not in self.built:
                self._make(message)
        self.flight_done = number
        return []

    def _make(self, message: Message) -> None:
        body = self._body(message)
        if body is None and (message.omitted or message.fields or message.edits or message.tampering):
            raise Misfit(f"{message.name} is left out, for the endpoint did not offer what it needs")
        if message.omitted or body is None:
            self.shift -= 1
            self._after(message, None)
            return
        wire = bytes(body)
        for edit in message.edits:
            wire = edit(wire)
        if message.literal:
            number = self.message_seq
            self.shift += 1
        else:
            number = (message.message_seq + self.shift) & 0xFFFF
        header = Handshake(
            msg_type=message.msg_type, length=len(wire), message_seq=number, fragment_length=len(wire)
        )
        whole = bytes(header) + wire
        self.message_seq = number + 1
        self.built[message.index] = whole
        if message.msg_type not in (0, 3):
            self.transcript += whole
        self._after(message, dissect_message(message.msg_type, wire, self.suite or self.script.suite))

    def _body(self, message: Message) -> Packet | None:
        """The body with what lives made anew and the fields of the mutation set; None leaves the message
        out.
        """
        if message.repeats is not None:
            return Raw(self.built[message.repeats][12:]) if message.repeats in self.built else None
        if message.literal:
            return Raw(message.template)
        body = dissect_message(message.msg_type, message.template, self.script.suite)
        filler = getattr(self, f"_fill_{message.name.lower()}", None)
        if isinstance(body, Raw):
            return body
        if filler is not None and filler(body) is False:
            return None
        set_paths = set()
        for path, value in message.fields:
            try:
                set_field(body, path, value)
            except BadInput as error:
                raise Misfit(
                    f"{message.name} has no {path} here, for the endpoint did not offer it"
                ) from error
            set_paths.add(path)
        signer = getattr(self, f"_sign_{message.name.lower()}", None)
        if signer is not None and "signature" not in set_paths:
            signer(body)
            for path, value in message.fields:
                if path.endswith("length"):
                    set_field(body, path, value)
        return body

    def _after(self, message: Message, body: Packet | None) -> None:
        """Follows what has been said."""

    def _fresh(self, captured: bytes) -> bytes:
        if captured not in self.randoms:
            self.randoms[captured] = self.source.randbytes(len(captured))
        return self.randoms[captured]

    def _fill_certificate(self, body: Any) -> bool:
        if not body.certificates:
            return True
        known = known_credentials().get(body.certificates[0])
        if known is None:
            set_field(body, "certificates", list(load_chain(self.config.certificate)))
        self.signing_key = load_key(known[1] if known is not None else self.config.private_key)
        return True

    signing_key: Any = None

    def _fill_finished(self, body: Any) -> None:
        assert self.suite is not None
        set_field(
            body, "verify_data", verify_data(self.suite, self.master, self.role, bytes(self.transcript))
        )

    def _scheme(self, captured: int, offered: list[int]) -> int:
        candidates = [captured, *TESTER_SCHEMES]
        fitting = [s for s in candidates if scheme_fits(s, self.signing_key)]
        return next((s for s in fitting if s in offered), fitting[0] if fitting else captured)

    def _derive(self) -> None:
        assert self.suite is not None
        if self.suite.exchange == "psk":
            self.premaster = psk_premaster(self.config.psk_key)
        self.derive_keys(bytes(self.transcript))


class ReplayClient(_Live, ClientPeer):
    """The client of a recording, living."""

    def _fill_clienthello(self, body: Any) -> None:
        set_field(body, "random", self._fresh(body.random))
        if body.cookie:
            set_field(body, "cookie", self.cookie)
        self.client_random = body.random
        self.transcript.clear()

    def _fill_clientkeyexchange(self, body: Any) -> None:
        assert self.suite is not None
        if self.suite.exchange != "psk":
            self.share = self.share or make_share(self.group or X25519, self.source)
            self.premaster = self._secret()
            set_field(body, "point", self.share.public)

    def _fill_certificate(self, body: Any) -> bool:
        return self.request is not None and super()._fill_certificate(body)

    def _fill_certificateverify(self, _: Any) -> bool:
        return self.request is not None and self.signing_key is not None

    def _sign_certificateverify(self, body: Any) -> None:
        offered = self.request.schemes if self.request is not None else list(TESTER_SCHEMES)
        set_field(body, "scheme", self._scheme(body.scheme, offered))
        set_field(body, "signature", sign(self.signing_key, body.scheme, bytes(self.transcript)))

    def _after(self, message: Message, body: Packet | None) -> None:
        if message.msg_type == 1 and not message.literal and body is not None:
            parsed: Any = body
            if not isinstance(body, Raw):
                self.hello = parsed
                self.client_random = parsed.random
                self._take_offer(parsed)
        if message.msg_type == 16 and not message.literal:
            if message.omitted and self.suite is not None and self.suite.exchange != "psk":
                self.share = self.share or make_share(self.group or X25519, self.source)
                self.premaster = self._secret()
            self._derive()

    def _take_offer(self, hello: Any) -> None:
        self.suites = tuple(hello.cipher_suites)
        groups: Any = hello.extension(SupportedGroups)
        if groups is not None:
            self.groups = tuple(groups.groups)
        schemes: Any = hello.extension(SignatureAlgorithms)
        if schemes is not None:
            self.schemes = tuple(schemes.schemes)


class ReplayServer(_Live, ServerPeer):
    """The server of a recording, living."""

    def begin(self, script: Script) -> None:
        super().begin(script)
        self.suites = (script.suite.code,)
        self.asks_cookie = 2 in script.flights
        self.live_hello_sequence: int | None = None

    def _usable(self, code: int) -> bool:
        return code == self.script.suite.code

    def _fill_helloverifyrequest(self, _: Any) -> None:
        self.transcript.clear()
        self.state = "hello"

    def _fill_serverhello(self, body: Any) -> None:
        assert self.hello is not None
        hello: Any = self.hello
        offered = {e.type for e in hello.extensions or ()}
        if EMPTY_RENEGOTIATION_INFO_SCSV in hello.cipher_suites:
            offered.add(0xFF01)
        set_field(body, "random", self._fresh(body.random))
        captured = self.captured_session_id
        if body.session_id and body.session_id == captured:
            set_field(body, "session_id", hello.session_id)
        if body.extensions is not None:
            kept = [e for e in body.extensions if e.type in offered]
            if len(kept) < len(body.extensions):
                set_field(body, "extensions", kept or None)
        self.server_random = body.random

    captured_session_id = b""

    def _fill_serverkeyexchange(self, body: Any) -> None:
        assert self.suite is not None
        if self.suite.exchange == "psk":
            return
        groups: Any = self.hello.extension(SupportedGroups) if self.hello is not None else None
        offered = groups.groups if groups is not None else [P256]
        wanted = [g for g in (body.group, *TESTER_GROUPS) if g in offered and g in TESTER_GROUPS]
        self.group = wanted[0] if wanted else P256
        self.share = self.share or make_share(self.group, self.source)
        if body.group != self.group:
            set_field(body, "group", self.group)
        set_field(body, "point", self.share.public)

    def _sign_serverkeyexchange(self, body: Any) -> None:
        if not hasattr(body, "signature") or self.signing_key is None:
            return
        extension: Any = self.hello.extension(SignatureAlgorithms) if self.hello is not None else None
        offered = extension.schemes if extension is not None else [0x0203, 0x0201]
        scheme = self._scheme(body.scheme, offered)
        if not self._sets("ServerKeyExchange", "scheme"):
            set_field(body, "scheme", scheme)
        elif scheme_fits(body.scheme, self.signing_key):
            scheme = body.scheme
        signed = self.client_random + self.server_random + body.parameters
        set_field(body, "signature", sign(self.signing_key, scheme, signed))

    def _sets(self, name: str, path: str) -> bool:
        return any(m.name == name and path in dict(m.fields) for m in self.script.messages)

    def _fill_newsessionticket(self, _: Any) -> bool:
        return self._offered(35)

    def _fill_certificatestatus(self, _: Any) -> bool:
        return self._offered(5)

    def _offered(self, extension: int) -> bool:
        return self.hello is not None and any(e.type == extension for e in self.hello.extensions or ())

    def _after(self, message: Message, body: Packet | None) -> None:
        if message.msg_type == 2 and not message.literal and body is not None and not isinstance(body, Raw):
            hello: Any = body
            self.server_random = hello.random
            self.extended = hello.extension(ExtendedMasterSecret) is not None
            said = SUITES.get(hello.cipher_suite)
            if said is not None and said.exchange == self.script.suite.exchange:
                self.suite = said


def make_live(
    script: Script, config: EndpointConfig, source: random.Random, suite: Suite
) -> ReplayClient | ReplayServer:
    """The living side of a script."""
    peer = ReplayClient(config, source) if script.role == "client" else ReplayServer(config, source)
    peer.begin(script)
    if isinstance(peer, ClientPeer):
        peer.suites = (suite.code,)
    return peer
