# SPDX-License-Identifier: MIT
"""The tester as a client: flights 1, 3 and 5 of RFC 6347 figure 1, and what it makes of 2, 4 and 6."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import load_der_public_key
from scapy.packet import Packet, Raw
from scapy_dtls import (
    Certificate,
    CertificateRequest,
    CertificateVerify,
    ClientHello,
    ClientKeyExchangeEcdhe,
    ClientKeyExchangePsk,
    ConnectionId,
    ExtendedMasterSecret,
    Extension,
    Handshake,
    PointFormats,
    RenegotiationInfo,
    ServerName,
    ServerNameList,
    SignatureAlgorithms,
    SupportedGroups,
)

from ..crypto.exchange import (
    TESTER_GROUPS,
    TESTER_SCHEMES,
    X25519,
    BadShare,
    chain_is_trusted,
    load_chain,
    load_key,
    make_share,
    public_key,
    scheme_fits,
    sign,
    verify,
)
from ..crypto.keyschedule import psk_premaster
from ..crypto.suites import SUITES
from .peer import DTLS12, Outgoing, Peer, ProtocolFault

FALLBACK_SCSV = 0x5600
EMPTY_RENEGOTIATION_INFO_SCSV = 0x00FF

STATUS_REQUEST = 5
OCSP = 1


class ClientPeer(Peer):
    """One association as client."""

    role = "client"
    flights = (1, 3, 5)

    # state, message type → handler, next state; nothing else may come
    table: ClassVar[dict[tuple[str, int], tuple[str, str]]] = {
        ("hello", 3): ("hello_verify_request", "hello"),
        ("hello", 2): ("server_hello", "server"),
        ("server", 11): ("certificate", "server"),
        ("server", 12): ("server_key_exchange", "server"),
        ("server", 22): ("certificate_status", "server"),
        ("server", 13): ("certificate_request", "server"),
        ("server", 14): ("server_hello_done", "finish"),
        ("finish", 4): ("new_session_ticket", "finish"),
        ("finish", 20): ("server_finished", "done"),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.state = "hello"
        self.cookie = b""
        self.verify_version = 0
        self.hello: ClientHello | None = None
        self.request: CertificateRequest | None = None
        self.peer_share = b""
        self.status_promised = False
        self.ocsp_response = b""
        """That the server has stapled."""
        self.groups = self.config.groups or TESTER_GROUPS
        self.schemes = self.config.schemes or TESTER_SCHEMES
        self._needed: list[int] = []
        self._server_key: PublicKeyTypes | None = None
        """That stands by itself, taken by a planted fault."""
        self._had: set[int] = set()

    def flight(self, number: int) -> list[Outgoing]:
        messages = self.hello_flight(number) if number in (1, 3) else self.key_exchange_flight()
        self.flight_done = number
        return messages

    def hello_flight(self, number: int) -> list[Outgoing]:
        """ClientHello; from the second time on with the same parameters and the cookie (RFC 6347 4.2.1)."""
        if self.hello is None:
            self.client_random = bytes(32) if self.faulty("zero-random") else self.source.randbytes(32)
            self.hello = self._first_hello()
        hello = self.hello.copy()
        hello.cookie = b"" if self.faulty("client-ignores-cookie") else self.cookie
        if number == 1 and self.faulty("first-hello-with-cookie"):
            hello.cookie = b"early"
        if number == 3 and self.faulty("client-changes-random"):
            hello.random = self.client_random = self.source.randbytes(32)
        if number == 3 and self.faulty("client-hello-seq-stays-zero"):
            self.message_seq = 0
        if not self.faulty("transcript-includes-verify-request"):
            self.transcript.clear()
        return self.message(hello)

    def _first_hello(self) -> ClientHello:
        suites = [*self.suites, EMPTY_RENEGOTIATION_INFO_SCSV]
        if self.faulty("offer-rc4"):
            suites.append(0xC011)
        extensions: list[Packet] = []
        if self.config.server_name:
            name = ServerName(host_name=self.config.server_name.encode())
            extensions.append(ServerNameList(names=[name]))
        if any(SUITES[code].authentication for code in self.suites if code in SUITES):
            extensions += [
                SupportedGroups(groups=list(self.groups)),
                PointFormats(formats=[0]),
                SignatureAlgorithms(schemes=list(self.schemes)),
            ]
        if self.config.extended_master_secret is not False:
            extensions.append(ExtendedMasterSecret())
        if self.config.connection_id:
            extensions.append(ConnectionId(cid=self.own_cid))
        if self.config.ocsp_stapling:
            request = bytes([OCSP]) + bytes(4)
            extensions.append(Extension(type=STATUS_REQUEST, data=request))
        if self.faulty("duplicate-extension"):
            extensions.append(extensions[-1].copy())
        return ClientHello(
            random=self.client_random,
            cipher_suites=suites,
            compression_methods=[1] if self.faulty("hello-without-null-compression") else [0],
            extensions=extensions,
        )

    def key_exchange_flight(self) -> list[Outgoing]:
        """Certificate*, ClientKeyExchange, CertificateVerify*, ChangeCipherSpec, Finished."""
        assert self.suite is not None
        messages: list[Outgoing] = []
        chain = load_chain(self.config.certificate)
        if self.request is not None and (chain or not self.faulty("omit-empty-certificate")):
            messages += self.message(Certificate(certificates=list(chain)))
        exchange: Packet
        if self.suite.exchange == "psk":
            self.premaster = psk_premaster(self.config.psk_key)
            exchange = ClientKeyExchangePsk(identity=self.config.psk_identity)
        else:
            self.share = self.share or make_share(self.group or X25519, self.source)
            self.premaster = self._secret()
            exchange = ClientKeyExchangeEcdhe(point=self.share.public)
        messages += self.message(exchange)
        self.derive_keys(bytes(self.transcript))
        if self.request is not None and chain:
            messages += self.certificate_verify()
        messages.append(self.change_cipher_spec())
        return messages + self.finished_message()

    def certificate_verify(self) -> list[Outgoing]:
        """CertificateVerify over the transcript so far."""
        key = load_key(self.config.private_key)
        offered = self.request.schemes if self.request is not None else list(TESTER_SCHEMES)
        if self.faulty("ignore-requested-schemes"):
            offered = [0x0603]
        scheme = next((s for s in TESTER_SCHEMES if scheme_fits(s, key) and s in offered), 0x0403)
        signature = sign(key, scheme, bytes(self.transcript))
        return self.message(CertificateVerify(scheme=scheme, signature=signature))

    def _secret(self) -> bytes:
        assert self.share is not None
        try:
            return self.share.secret(self.peer_share)
        except BadShare as error:
            if self.faulty("skip-point-validation") or self.faulty("ignore-unexpected-message"):
                return bytes(32)
            raise ProtocolFault(47, f"the server's share is not valid: {error}") from None

    # Taking in

    def absorb(self, message: Handshake) -> None:
        step = self.table.get((self.state, message.msg_type))
        if step is None:
            if self.faulty("ignore-unexpected-message"):
                return
            raise ProtocolFault(10, f"message type {message.msg_type} came in state {self.state}")
        if message.msg_type == Certificate.msg_type and self.faulty("accept-raw-public-key"):
            self._in_order(message)
            self._server_key = load_der_public_key(message.body_bytes[3:])
            return
        if isinstance(message.payload, Raw):
            raise ProtocolFault(50, f"message type {message.msg_type} does not have its format")
        handler: Callable[[Handshake, Any], None] = getattr(self, f"_on_{step[0]}")
        handler(message, message.payload)
        self.state = step[1]

    def restarts_sequence(self, part: Handshake) -> bool:
        return self.state == "hello" and part.msg_type in (2, 3)

    def _on_hello_verify_request(self, _: Handshake, body: Any) -> None:
        if self.cookie and self.faulty("second-verify-request-ignored"):
            return
        self.cookie = body.cookie[:32] if self.faulty("cookie-limit-32") else body.cookie
        self.verify_version = body.server_version
        self.flight_done = 2

    def _on_server_hello(self, message: Handshake, body: Any) -> None:
        assert self.hello is not None
        if body.server_version != DTLS12 and not self.faulty("accept-any-server-version"):
            raise ProtocolFault(70, f"version {body.server_version:#06x} was not offered")
        if self.faulty("negotiates-from-verify-request") and self.verify_version not in (
            0,
            body.server_version,
        ):
            raise ProtocolFault(70, "HelloVerifyRequest had another version")
        if body.cipher_suite not in self.suites and not self.faulty("accept-unoffered-suite"):
            raise ProtocolFault(47, f"cipher suite {body.cipher_suite:#06x} was not offered")
        if body.compression_method and not self.faulty("accept-compression"):
            raise ProtocolFault(47, "compression was not offered")
        offered = {e.type for e in self.hello.extensions or ()} | {0xFF01}
        extra = {e.type for e in body.extensions or ()} - offered
        if extra and not self.faulty("accept-unoffered-extension"):
            raise ProtocolFault(110, f"extensions {sorted(extra)} were not offered")
        renegotiation = body.extension(RenegotiationInfo)
        filled = renegotiation is not None and renegotiation.renegotiated_connection
        if filled and not self.faulty("ignore-renegotiation-info"):
            raise ProtocolFault(40, "renegotiation_info of a first handshake is not empty")
        self.status_promised = STATUS_REQUEST in {e.type for e in body.extensions or ()}
        self.choose_suite(body.cipher_suite)
        self.server_random = body.random
        self.extended = body.extension(ExtendedMasterSecret) is not None
        self.agree_on_cids(body.extension(ConnectionId))
        assert self.suite is not None
        self._needed = [14] if self.suite.exchange == "psk" else [11, 12, 14]
        self.transcript += bytes(message)

    def _in_order(self, message: Handshake) -> None:
        if message.msg_type in self._had and not self.faulty("ignore-unexpected-message"):
            raise ProtocolFault(10, f"message type {message.msg_type} came twice")
        self._had.add(message.msg_type)
        if message.msg_type in self._needed:
            if self._needed[0] != message.msg_type and not self.faulty("ignore-unexpected-message"):
                raise ProtocolFault(10, f"message type {message.msg_type} came before {self._needed[0]}")
            self._needed = self._needed[self._needed.index(message.msg_type) + 1 :]
        self.transcript += bytes(message)

    def _on_certificate(self, message: Handshake, body: Any) -> None:
        self._in_order(message)
        self.certificates = tuple(body.certificates)
        if not self.certificates:
            raise ProtocolFault(42, "the server sent no certificate")
        if self.config.trust and not self.faulty("skip-chain-verification"):
            check_chain(self.certificates, self.config.trust, self.config.calendar_seconds)

    def _on_certificate_status(self, message: Handshake, body: Any) -> None:
        unasked = not self.status_promised or self._had != {11}
        if unasked and not self.faulty("accept-unasked-certificate-status"):
            raise ProtocolFault(10, "CertificateStatus was not promised, or has another place")
        if body.status_type != OCSP and not self.faulty("accept-any-status-type"):
            raise ProtocolFault(47, f"status type {body.status_type} was not asked for")
        if not body.response and not self.faulty("accept-empty-status"):
            raise ProtocolFault(50, "the OCSP response is empty")
        self.ocsp_response = body.response
        if self.faulty("transcript-without-certificate-status"):
            return
        self._in_order(message)

    def _on_server_key_exchange(self, message: Handshake, body: Any) -> None:
        assert self.suite is not None
        if self.status_promised and not self.ocsp_response and self.faulty("require-certificate-status"):
            raise ProtocolFault(10, "CertificateStatus is missing")
        self._in_order(message)
        if self.suite.exchange == "psk":
            return
        if body.group not in self.groups and not self.faulty("accept-unoffered-group"):
            raise ProtocolFault(47, f"group {body.group} was not offered")
        signed = self.client_random + self.server_random + body.parameters
        if not self.faulty("skip-signature-check"):
            right = body.scheme in self.schemes or self.faulty("accept-unoffered-scheme")
            if not right:
                raise ProtocolFault(47, f"signature scheme {body.scheme:#06x} was not offered")
            key = self._server_key or public_key(self.certificates[0])
            if not verify(key, body.scheme, body.signature, signed):
                raise ProtocolFault(51, "the signature of ServerKeyExchange is wrong")
        self.group, self.peer_share = body.group, body.point

    def _on_certificate_request(self, message: Handshake, body: Any) -> None:
        self.transcript += bytes(message)
        self.request = body

    def _on_server_hello_done(self, message: Handshake, _: Any) -> None:
        self._in_order(message)
        self.flight_done = 4

    def _on_new_session_ticket(self, message: Handshake, _: Any) -> None:
        self.transcript += bytes(message)

    def _on_server_finished(self, message: Handshake, _: Any) -> None:
        self.check_finished(message)
        self.flight_done = 6


def check_chain(chain: tuple[bytes, ...], anchors: bytes, calendar_seconds: int) -> None:
    """Raises ProtocolFault when a chain does not lead to an anchor."""
    try:
        trusted = chain_is_trusted(chain, anchors, calendar_seconds)
    except ValueError:
        raise ProtocolFault(42, "a certificate cannot be read") from None
    if not trusted:
        raise ProtocolFault(48, "the certificate chain does not lead to a trust anchor")
