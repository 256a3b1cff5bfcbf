# SPDX-License-Identifier: MIT
"""The tester as a server: flights 2, 4 and 6 of RFC 6347 figure 1, and what it makes of 1, 3 and 5."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from typing import Any, ClassVar

from scapy.packet import Packet, Raw
from scapy_dtls import (
    Certificate,
    CertificateRequest,
    CertificateStatus,
    ClientHello,
    ConnectionId,
    ExtendedMasterSecret,
    Extension,
    Handshake,
    HelloVerifyRequest,
    PointFormats,
    RenegotiationInfo,
    ServerHello,
    ServerHelloDone,
    ServerKeyExchangeEcdhe,
    ServerKeyExchangePsk,
    SignatureAlgorithms,
    SupportedGroups,
)

from ..crypto.exchange import (
    P256,
    TESTER_GROUPS,
    TESTER_SCHEMES,
    BadShare,
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
from .client import EMPTY_RENEGOTIATION_INFO_SCSV, FALLBACK_SCSV, STATUS_REQUEST, check_chain
from .peer import DTLS10, DTLS12, Outgoing, Peer, ProtocolFault


class ServerPeer(Peer):
    """One association as server. Whether it asks for a cookie is `config.cookies` (by default it does)."""

    role = "server"
    flights = (2, 4, 6)

    table: ClassVar[dict[tuple[str, int], tuple[str, str]]] = {
        ("hello", 1): ("client_hello", "client"),
        ("client", 11): ("certificate", "client"),
        ("client", 16): ("client_key_exchange", "verify"),
        ("verify", 15): ("certificate_verify", "verify"),
        ("verify", 20): ("client_finished", "done"),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.state = "hello"
        self.cookie_secret = self.source.randbytes(32)
        self.scheme = 0
        """Signature scheme of ServerKeyExchange; 0 chooses one that the client offers."""
        self.path = 0
        """What stands for the client's address."""
        self.cookie_given = b""
        self.hello: ClientHello | None = None
        self.verified = False
        """The client's CertificateVerify was right."""
        self.asks_cookie = self.config.cookies is not False

    # Making

    def flight(self, number: int) -> list[Outgoing]:
        messages = {2: self.verify_request_flight, 4: self.hello_flight, 6: self.finish_flight}[number]()
        self.flight_done = number
        return messages

    def cookie_for(self, hello: Any) -> bytes:
        """A cookie bound to the client's address and the parameters it must repeat (RFC 6347 4.2.1)."""
        path = b"" if self.faulty("cookie-not-bound-to-address") else self.path.to_bytes(8, "big")
        if self.faulty("cookie-unbound"):
            return hmac.digest(self.cookie_secret, b"", "sha256")[:20]
        bound = hello.copy()
        bound.cookie = b""
        bound.cookie_length = None
        parameters = hashlib.sha256(bytes(bound)).digest()
        return hmac.digest(self.cookie_secret, path + parameters, "sha256")[:20]

    def verify_request_flight(self) -> list[Outgoing]:
        """HelloVerifyRequest."""
        assert self.hello is not None
        self.cookie_given = self.cookie_for(self.hello)
        version = 0xFEFC if self.faulty("verify-request-odd-version") else DTLS10
        messages = self.message(
            HelloVerifyRequest(server_version=version, cookie=self.cookie_given), hashed=False
        )
        if not self.faulty("transcript-includes-verify-request"):
            self.transcript.clear()
        self.state = "hello"
        return messages

    def hello_flight(self) -> list[Outgoing]:
        """ServerHello, Certificate*, ServerKeyExchange*, CertificateRequest*, ServerHelloDone."""
        assert self.hello is not None
        assert self.suite is not None
        self.server_random = self.source.randbytes(32)
        if self.faulty("server-hello-message-seq-zero"):
            self.message_seq = 0
        messages = self.message(self._server_hello(self.hello))
        if self.suite.exchange == "psk":
            if self.config.psk_hint:
                messages += self.message(ServerKeyExchangePsk(hint=self.config.psk_hint))
        else:
            messages += self.message(Certificate(certificates=list(load_chain(self.config.certificate))))
            if self._staples(self.hello) or self.faulty("staple-unasked"):
                messages += self.message(CertificateStatus(response=self.config.ocsp_response))
            messages += self.message(self._key_exchange())
            if self.config.client_auth != "none":
                schemes = list(self.config.schemes or TESTER_SCHEMES)
                messages += self.message(CertificateRequest(types=[64, 1], schemes=schemes))
        return messages + self.message(ServerHelloDone())

    def _server_hello(self, hello: Any) -> ServerHello:
        assert self.suite is not None
        extensions: list[Packet] = []
        offered = {e.type for e in hello.extensions or ()}
        renegotiates = EMPTY_RENEGOTIATION_INFO_SCSV in hello.cipher_suites or 0xFF01 in offered
        if renegotiates and not self.faulty("no-renegotiation-info"):
            extensions.append(RenegotiationInfo())
        if hello.extension(ExtendedMasterSecret) and self.config.extended_master_secret is not False:
            self.extended = not self.faulty("no-extended-master-secret")
            if self.extended:
                extensions.append(ExtendedMasterSecret())
        cid = hello.extension(ConnectionId) if self.config.connection_id else None
        self.agree_on_cids(cid)
        if cid is not None or self.write_cid:
            extensions.append(ConnectionId(cid=self.own_cid))
        if 11 in offered and self.suite.exchange != "psk":
            extensions.append(PointFormats(formats=[0]))
        if self._staples(hello) and not self.faulty("staple-unannounced"):
            extensions.append(Extension(type=STATUS_REQUEST))
        if self.faulty("echo-unknown-extension"):
            extensions += [
                Extension(type=e.type, data=e.data) for e in hello.extensions or () if type(e) is Extension
            ]
        if self.faulty("pick-unoffered-certificate-type"):
            extensions.append(Extension(type=20, data=b"\x00"))
        code = 0xC02C if self.faulty("pick-unoffered-suite") else self.suite.code
        return ServerHello(random=self.server_random, cipher_suite=code, extensions=extensions or None)

    def _staples(self, hello: Any) -> bool:
        asked = STATUS_REQUEST in {e.type for e in hello.extensions or ()}
        assert self.suite is not None
        return asked and bool(self.config.ocsp_response) and self.suite.exchange != "psk"

    def _key_exchange(self) -> ServerKeyExchangeEcdhe:
        assert self.hello is not None
        groups: Any = self.hello.extension(SupportedGroups)
        offered = groups.groups if groups is not None else [P256]
        ours = self.config.groups or TESTER_GROUPS
        self.group = next((group for group in ours if group in offered), 0)
        if not self.group:
            raise ProtocolFault(40, "no group in common")
        key = load_key(self.config.private_key)
        self.share = self.share or make_share(self.group, self.source)
        body = ServerKeyExchangeEcdhe(
            group=self.share.group, point=self.share.public, scheme=self.scheme or self._choose_scheme(key)
        )
        signed = self.client_random + self.server_random + body.parameters
        body.signature = sign(key, body.scheme, signed)
        return body

    def _choose_scheme(self, key: Any) -> int:
        assert self.hello is not None
        extension: Any = self.hello.extension(SignatureAlgorithms)
        offered = extension.schemes if extension is not None else [0x0203, 0x0201]
        scheme = next((s for s in TESTER_SCHEMES if scheme_fits(s, key) and s in offered), None)
        if scheme is None:
            raise ProtocolFault(40, "no signature scheme in common")
        return int(scheme)

    def finish_flight(self) -> list[Outgoing]:
        """ChangeCipherSpec, Finished."""
        change = self.change_cipher_spec()
        return [change, *self.finished_message()]

    # Taking in

    def absorb(self, message: Handshake) -> None:
        step = self.table.get((self.state, message.msg_type))
        if step is None:
            if self.faulty("ignore-unexpected-message"):
                return
            raise ProtocolFault(10, f"message type {message.msg_type} came in state {self.state}")
        if isinstance(message.payload, Raw):
            raise ProtocolFault(50, f"message type {message.msg_type} does not have its format")
        handler: Callable[[Handshake, Any], None] = getattr(self, f"_on_{step[0]}")
        handler(message, message.payload)
        self.state = step[1] if self.state != "hello" or self.flight_done == 3 else "hello"

    def _on_client_hello(self, message: Handshake, body: Any) -> None:
        self.hello = body
        if self.asks_cookie and not body.cookie:
            self.flight_done = 1
            if self.faulty("transcript-includes-verify-request"):
                self.transcript += bytes(message)
            return
        self.accept_hello(message, body)
        self.flight_done = 3

    def accept_hello(self, message: Handshake, body: Any) -> None:
        """Negotiates by a ClientHello whose cookie is settled."""
        self.hello = body
        if FALLBACK_SCSV in body.cipher_suites:
            self._check_fallback(body.client_version)
        elif body.client_version > DTLS12 and not self.faulty("ignore-client-version"):
            raise ProtocolFault(70, "the client offers nothing newer than DTLS 1.0")
        if body.client_version < DTLS12 and self.faulty("refuse-higher-version"):
            raise ProtocolFault(70, "an unknown version is refused")
        if 0 not in body.compression_methods and not self.faulty("accept-no-null-compression"):
            raise ProtocolFault(47, "null compression is not offered")
        if body.extensions is None and self.faulty("refuse-hello-without-extensions"):
            raise ProtocolFault(50, "extensions are missing")
        if self.faulty("refuse-unknown-extension") and any(
            type(e) is Extension for e in body.extensions or ()
        ):
            raise ProtocolFault(110, "an unknown extension is refused")
        if self.faulty("refuse-unknown-suites") and any(c & 0x0F0F == 0x0A0A for c in body.cipher_suites):
            raise ProtocolFault(47, "an unknown cipher suite is refused")
        if len(body.session_id) > 32 and not self.faulty("accept-long-session-id"):
            raise ProtocolFault(50, "the session id has more than 32 bytes")
        if body.session_id and self.faulty("fail-on-unknown-session-id"):
            raise ProtocolFault(40, "the session is not known")
        code = next((code for code in self.suites if code in body.cipher_suites and self._usable(code)), None)
        if code is None:
            alert = 80 if self.faulty("wrong-alert-no-common-suite") else 40
            raise ProtocolFault(alert, "no cipher suite in common")
        self.choose_suite(code)
        self.client_random = body.random
        self.transcript += bytes(message)

    def _check_fallback(self, version: int) -> None:
        """RFC 7507 3."""
        falls_back = version > DTLS12 and not self.faulty("ignore-fallback-scsv")
        if falls_back or self.faulty("refuse-fallback-scsv"):
            raise ProtocolFault(86, "the client falls back, although both have DTLS 1.2")

    def _usable(self, code: int) -> bool:
        suite = SUITES.get(code)
        if suite is None:
            return False
        if suite.exchange == "psk":
            return bool(self.config.psk_key)
        if not self.config.certificate:
            return False
        return scheme_fits(
            0x0403 if suite.authentication == "ecdsa" else 0x0401, load_key(self.config.private_key)
        )

    def _on_certificate(self, message: Handshake, body: Any) -> None:
        if self.config.client_auth == "none":
            raise ProtocolFault(10, "a certificate was not asked for")
        self.transcript += bytes(message)
        self.certificates = tuple(body.certificates)
        missing = not self.certificates and self.config.client_auth == "require"
        if missing and not self.faulty("accept-missing-client-certificate"):
            raise ProtocolFault(40, "the client has no certificate")
        if self.certificates and self.config.trust and not self.faulty("skip-chain-verification"):
            check_chain(self.certificates, self.config.trust, self.config.calendar_seconds)

    def _on_client_key_exchange(self, message: Handshake, body: Any) -> None:
        assert self.suite is not None
        required = self.config.client_auth == "require" and self.suite.exchange != "psk"
        if required and not self.certificates and not self.faulty("accept-missing-client-certificate"):
            raise ProtocolFault(10, "the client left its certificate out")
        self.transcript += bytes(message)
        if self.suite.exchange == "psk":
            if body.identity != self.config.psk_identity and not self.faulty("accept-unknown-identity"):
                raise ProtocolFault(115, "the PSK identity is not known")
            self.premaster = psk_premaster(self.config.psk_key)
        else:
            assert self.share is not None
            try:
                self.premaster = self.share.secret(body.point)
            except BadShare as error:
                if not self.faulty("skip-point-validation"):
                    raise ProtocolFault(47, f"the client's share is not valid: {error}") from None
                self.premaster = bytes(32)
        self.derive_keys(bytes(self.transcript))

    def _on_certificate_verify(self, message: Handshake, body: Any) -> None:
        if not self.certificates:
            raise ProtocolFault(10, "CertificateVerify without a certificate")
        signed = bytes(self.transcript)
        right = verify(public_key(self.certificates[0]), body.scheme, body.signature, signed)
        if not right and not self.faulty("skip-certificate-verify-check"):
            raise ProtocolFault(51, "the signature of CertificateVerify is wrong")
        self.verified = True
        self.transcript += bytes(message)

    def _on_client_finished(self, message: Handshake, _: Any) -> None:
        if self.certificates and not self.verified and not self.faulty("skip-certificate-verify"):
            raise ProtocolFault(10, "CertificateVerify is missing")
        self.check_finished(message)
        self.flight_done = 5
