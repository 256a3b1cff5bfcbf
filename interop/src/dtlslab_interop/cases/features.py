# SPDX-License-Identifier: MIT
"""Extensions and services that both sides have: negotiated, agreed on by both, and seen to work."""

from __future__ import annotations

from dtlslab import Citation, locations
from dtlslab.trace import names
from dtlslab.verdict import failed

from dtlslab_interop.bench import FATAL, Bench, Judged
from dtlslab_interop.case import case
from dtlslab_interop.cases.handshakes import complete

ALPN = Citation("RFC 7301", "3.2")
FRAGMENT = Citation("RFC 6066", "4")
LIMIT = Citation("RFC 8449", "4")
ENCRYPT_THEN_MAC = Citation("RFC 7366", "2")
SRTP = Citation("RFC 5764", "4.1")
EXPORTER = Citation("RFC 5705", "4")
SERVER_NAME = Citation("RFC 6066", "3")
STAPLING = Citation("RFC 6066", "8")
RAW_KEYS = Citation("RFC 7250", "4")
CONNECTION_ID = Citation("RFC 9146", "3")

NAME = "server.dtlslab.test"
PROTOCOL = b"echo/1"
NO_APPLICATION_PROTOCOL, MISSING_EXTENSION = 120, 109
CBC_SUITE = 0xC023
RECORD_OVERHEAD = 64
"""More than any protection adds to a record: IV, MAC and padding."""


def _check_answered(bench: Bench, extension: str, citation: Citation, *, expected: bool = True) -> None:
    """The ServerHello has the extension, or has not, as far as it can be read."""
    if bench.wire().offers_extension("server_hello", extension) is (not expected):
        verb = "did not answer" if expected else "answered"
        raise Judged(failed(f"the server {verb} with {extension}", citation))


@case(
    "alpn",
    "Client and server agree on the one application protocol that both have.",
    ALPN,
    needs=("certificate", "alpn"),
    both={"key": "p256"},
    client={"application_protocols": (b"other", PROTOCOL)},
    server={"application_protocols": (PROTOCOL, b"more")},
    optional=True,
    programs=True,
)
def alpn(bench: Bench) -> None:
    complete(bench)
    bench.check_told("application_protocol", PROTOCOL, ALPN)
    bench.check_claims("alpn", ALPN)
    _check_answered(bench, "application_layer_protocol_negotiation", ALPN)


@case(
    "alpn-no-common-protocol",
    "Client and server have no application protocol in common: the server refuses.",
    ALPN,
    needs=("certificate", "alpn"),
    both={"key": "p256"},
    client={"application_protocols": (b"other",)},
    server={"application_protocols": (PROTOCOL,)},
    optional=True,
)
def alpn_no_common_protocol(bench: Bench) -> None:
    bench.start()
    bench.wait(lambda: any(alert.level == FATAL for alert in bench.wire().alerts("server")), 60.0)
    bench.settle()
    bench.check_not_connected("and there is no common application protocol", ALPN)
    sent = [alert.description for alert in bench.wire().alerts("server") if alert.level == FATAL]
    if sent[:1] != [NO_APPLICATION_PROTOCOL]:
        what = names.alert(sent[0]) if sent else "no alert"
        raise Judged(failed(f"the server sent {what}, not no_application_protocol", ALPN))


def _check_records(bench: Bench, sender: str, limit: int, citation: Citation) -> None:
    """No protected record of `sender` can hold more than `limit` bytes of plaintext."""
    longest = bench.wire().longest_protected_record(sender)
    if longest > limit + RECORD_OVERHEAD:
        raise Judged(
            failed(f"the {sender} sent a record of {longest} bytes for a limit of {limit}", citation)
        )


@case(
    "max-fragment-length",
    "The client asks for records of at most 512 bytes, and both sides keep to it.",
    FRAGMENT,
    needs=("certificate", "mfl"),
    both={"key": "rsa2048"},
    client={"max_fragment_length": 512},
    optional=True,
    programs=True,
)
def max_fragment_length(bench: Bench) -> None:
    bench.handshake()
    bench.echo(bench.payload(4096), piece=512)
    bench.settle()
    bench.check_agreement()
    bench.check_undisturbed()
    if not bench.wire().offers_extension("server_hello", "record_size_limit"):  # which comes before it
        _check_answered(bench, "max_fragment_length", FRAGMENT)
    for party in bench.parties:
        _check_records(bench, party.role, 512, FRAGMENT)
        info = bench.info(party)
        if info is not None and info.max_data > 512:
            raise Judged(failed(f"the {party.role} would send {info.max_data} bytes in a record", FRAGMENT))


SERVER_LIMIT, CLIENT_LIMIT = 600, 1000


@case(
    "record-size-limit",
    "Each side tells the longest record that it takes, and the other keeps to it.",
    LIMIT,
    needs=("certificate", "rsl"),
    both={"key": "p256"},
    client={"record_size_limit": CLIENT_LIMIT},
    server={"record_size_limit": SERVER_LIMIT},
    optional=True,
)
def record_size_limit(bench: Bench) -> None:
    bench.handshake()
    bench.echo(bench.payload(4096), piece=SERVER_LIMIT)
    bench.settle()
    bench.check_agreement()
    bench.check_undisturbed()
    _check_answered(bench, "record_size_limit", LIMIT)
    for party, limit in ((bench.client, SERVER_LIMIT), (bench.server, CLIENT_LIMIT)):
        _check_records(bench, party.role, limit, LIMIT)
        info = bench.info(party)
        if info is not None and info.max_data not in (0, limit):
            reason = f"the {party.role} would send {info.max_data} bytes in a record; the limit is {limit}"
            raise Judged(failed(reason, LIMIT))


@case(
    "encrypt-then-mac",
    "A CBC suite with the MAC over the ciphertext.",
    ENCRYPT_THEN_MAC,
    needs=("certificate", "etm", f"suite:{CBC_SUITE:04x}"),
    both={"key": "p256", "suites": [CBC_SUITE], "encrypt_then_mac": True},
    optional=True,
)
def encrypt_then_mac(bench: Bench) -> None:
    complete(bench)
    _check_answered(bench, "encrypt_then_mac", ENCRYPT_THEN_MAC)
    bench.check_told("encrypt_then_mac", True, ENCRYPT_THEN_MAC)


@case(
    "no-encrypt-then-mac",
    "A client that does not offer encrypt-then-MAC is served a CBC suite without it.",
    ENCRYPT_THEN_MAC,
    needs=("certificate", f"suite:{CBC_SUITE:04x}"),
    client_needs=("no-etm",),
    both={"key": "p256", "suites": [CBC_SUITE]},
    client={"encrypt_then_mac": False},
    optional=True,
)
def no_encrypt_then_mac(bench: Bench) -> None:
    complete(bench)
    _check_answered(bench, "encrypt_then_mac", ENCRYPT_THEN_MAC, expected=False)
    bench.check_told("encrypt_then_mac", False, ENCRYPT_THEN_MAC)


def _srtp_case(code: int, name: str) -> None:
    @case(
        f"srtp-{name}",
        f"The profile {name.upper()} of SRTP is agreed on, and both sides export the same keys for it.",
        SRTP,
        needs=("certificate", "srtp", "exporter", f"srtp:{code:04x}"),
        both={"key": "p256", "srtp_profiles": [code], "exporter_label": "EXTRACTOR-dtls_srtp"},
        optional=True,
        thorough=name != "aes128-cm-sha1-80",
        programs=name == "aes128-cm-sha1-80",
    )
    def srtp(bench: Bench) -> None:
        complete(bench)
        bench.check_told("srtp_profile", code, SRTP)
        bench.check_claims("srtp", SRTP)
        bench.check_same("exported", SRTP)
        _check_answered(bench, "use_srtp", SRTP)


@case(
    "exporter",
    "Both sides export the same keying material.",
    EXPORTER,
    needs=("certificate", "exporter"),
    both={"key": "p256", "exporter_label": "EXPERIMENTAL-dtlslab"},
    optional=True,
    programs=True,
)
def exporter(bench: Bench) -> None:
    complete(bench)
    bench.check_same("exported", EXPORTER)


@case(
    "server-name",
    "The server learns the name that the client looks for.",
    SERVER_NAME,
    needs=("certificate",),
    client_needs=("server-name",),
    server_needs=("sni",),
    both={"key": "p256"},
    optional=True,
)
def server_name(bench: Bench) -> None:
    complete(bench)
    info = bench.info(bench.server)
    told = info.server_name if info is not None else ""
    if told != NAME:
        raise Judged(failed(f"the server was told the name {told!r}, not {NAME!r}", SERVER_NAME))


@case(
    "ocsp-stapling",
    "The server staples what the authority says of its certificate, and the client gets it.",
    STAPLING,
    needs=("certificate", "ocsp"),
    both={"key": "p256", "ocsp_stapling": True},
    optional=True,
    programs=True,
)
def ocsp_stapling(bench: Bench) -> None:
    complete(bench)
    bench.check_claims("ocsp", STAPLING)
    _check_answered(bench, "status_request", STAPLING)
    info = bench.info(bench.client)
    if info is not None and info.ocsp_response != locations.ocsp_response("server-p256"):
        reason = f"the client got {len(info.ocsp_response)} bytes, and not the OCSP response of the server"
        raise Judged(failed(reason, STAPLING))


def _raw_key_case(name: str, title: str, *, authenticate: bool) -> None:
    @case(
        name,
        title,
        RAW_KEYS,
        needs=("certificate", "rpk", *(("client-auth",) if authenticate else ())),
        both={"key": "p256", "raw_public_keys": True, "authenticate": authenticate},
        optional=True,
        programs=authenticate,
    )
    def raw_public_keys(bench: Bench) -> None:
        complete(bench)
        bench.check_claims("rpk", RAW_KEYS)
        _check_answered(bench, "server_certificate_type", RAW_KEYS)
        for party in bench.parties if authenticate else (bench.client,):
            info = bench.info(party)
            if info is not None and info.raw_public_key is False:
                raise Judged(failed(f"the {party.role} was shown no raw public key", RAW_KEYS))


_raw_key_case(
    "raw-public-key", "The server shows its public key instead of a certificate.", authenticate=False
)
_raw_key_case("raw-public-keys", "Both sides show public keys instead of certificates.", authenticate=True)


@case(
    "connection-id",
    "Each side's records carry the connection ID that the other has chosen.",
    CONNECTION_ID,
    needs=("certificate", "cid"),
    both={"key": "p256", "connection_id": True},
    client={"local_connection_id": b"client"},
    server={"local_connection_id": b"at the server"},
    optional=True,
)
def connection_id(bench: Bench) -> None:
    complete(bench)
    _check_answered(bench, "connection_id", CONNECTION_ID)
    for sender in ("client", "server"):
        kinds = {record["content_type"] for record in bench.wire().records(sender) if record["epoch"] > 0}
        if "application_data" in kinds and not bench.wire().has_connection_ids(sender):
            raise Judged(failed(f"the {sender}'s records carry no connection ID", CONNECTION_ID))


for _code, _name in (
    (0x0001, "aes128-cm-sha1-80"),
    (0x0002, "aes128-cm-sha1-32"),
    (0x0007, "aead-aes-128-gcm"),
    (0x0008, "aead-aes-256-gcm"),
):
    _srtp_case(_code, _name)
