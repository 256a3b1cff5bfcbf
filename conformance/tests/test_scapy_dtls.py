# SPDX-License-Identifier: MIT
"""The Scapy layers: what is built is dissected again, garbage stays as it is, lengths are kept strictly."""

from __future__ import annotations

import doctest
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scapy.packet import Packet, Raw
from scapy_dtls import (
    DTLS,
    Alert,
    Alpn,
    Certificate,
    CertificateRequest,
    CertificateVerify,
    ChangeCipherSpec,
    Ciphertext,
    ClientHello,
    ClientKeyExchangeEcdhe,
    ClientKeyExchangePsk,
    ConnectionId,
    EncryptThenMac,
    ExtendedMasterSecret,
    Extension,
    Finished,
    Handshake,
    HelloRequest,
    HelloVerifyRequest,
    Malformed,
    MaxFragmentLength,
    NewSessionTicket,
    PointFormats,
    Reassembler,
    Record,
    RecordSizeLimit,
    RenegotiationInfo,
    ServerHello,
    ServerHelloDone,
    ServerKeyExchangeEcdhe,
    ServerKeyExchangePsk,
    ServerName,
    ServerNameList,
    SessionTicket,
    SignatureAlgorithms,
    SupportedGroups,
    SupportedVersions,
    UseSrtp,
    clear_lengths,
    fragment,
)

codes = st.lists(st.integers(0, 0xFFFF), max_size=8)
blobs = st.binary(max_size=40)


def without_cache(packet: Any) -> Any:
    """The packet, forced to be built from its fields."""
    if isinstance(packet, Packet):
        packet.raw_packet_cache = None
        for value in packet.fields.values():
            for item in value if isinstance(value, list) else ():
                without_cache(item)
        if packet.payload:
            without_cache(packet.payload)
    return packet


extensions = st.one_of(
    st.builds(Extension, type=st.sampled_from([0x0A0A, 5, 43690]), data=blobs),
    st.builds(ServerNameList, names=st.lists(st.builds(ServerName, host_name=blobs), min_size=1, max_size=2)),
    st.builds(MaxFragmentLength, limit=st.integers(1, 4)),
    st.builds(SupportedGroups, groups=codes),
    st.builds(PointFormats, formats=st.lists(st.integers(0, 255), max_size=3)),
    st.builds(SignatureAlgorithms, schemes=codes),
    st.builds(UseSrtp, profiles=codes, mki=blobs),
    st.builds(Alpn, protocols=st.lists(blobs, max_size=3)),
    st.builds(EncryptThenMac),
    st.builds(ExtendedMasterSecret),
    st.builds(RecordSizeLimit, limit=st.integers(0, 0xFFFF)),
    st.builds(SessionTicket, ticket=blobs),
    st.builds(SupportedVersions, versions=codes),
    st.builds(ConnectionId, cid=blobs),
    st.builds(RenegotiationInfo, renegotiated_connection=blobs),
)
blocks = st.one_of(st.none(), st.lists(extensions, max_size=4))
randoms = st.binary(min_size=32, max_size=32)

bodies = st.one_of(
    st.builds(HelloRequest),
    st.builds(
        ClientHello,
        random=randoms,
        session_id=blobs,
        cookie=blobs,
        cipher_suites=codes,
        compression_methods=st.lists(st.integers(0, 255), max_size=3),
        extensions=blocks,
    ),
    st.builds(
        ServerHello, random=randoms, session_id=blobs, cipher_suite=st.integers(0, 0xFFFF), extensions=blocks
    ),
    st.builds(HelloVerifyRequest, cookie=st.binary(max_size=255)),
    st.builds(NewSessionTicket, lifetime_hint=st.integers(0, 2**32 - 1), ticket=blobs),
    st.builds(Certificate, certificates=st.lists(blobs, max_size=3)),
    st.builds(ServerKeyExchangeEcdhe, group=st.integers(0, 0xFFFF), point=blobs, signature=blobs),
    st.builds(ServerKeyExchangePsk, hint=blobs),
    st.builds(
        CertificateRequest,
        types=st.lists(st.integers(0, 255), max_size=3),
        schemes=codes,
        authorities=st.lists(blobs, max_size=2),
    ),
    st.builds(ServerHelloDone),
    st.builds(CertificateVerify, signature=blobs),
    st.builds(ClientKeyExchangeEcdhe, point=st.binary(min_size=1, max_size=97)),
    st.builds(ClientKeyExchangePsk, identity=st.binary(max_size=40)),
    st.builds(Finished, verify_data=st.binary(min_size=12, max_size=12)),
)


@given(body=bodies, number=st.integers(0, 0xFFFF))
def test_message_dissects_to_what_was_built(body: Packet, number: int) -> None:
    wire = bytes(Handshake(message_seq=number) / body)
    seen = Handshake(wire)
    assert type(seen.payload) is type(body) or not wire[12:]
    assert bytes(without_cache(seen)) == wire
    clear_lengths(seen)
    assert bytes(seen) == wire


@given(body=bodies, cut=st.integers(1, 20))
def test_message_with_bytes_missing_or_added_is_raw_or_whole(body: Packet, cut: int) -> None:
    data = bytes(body)
    for changed in (data[:-cut], data + bytes(cut)):
        wire = bytes(Handshake(msg_type=body.msg_type) / Raw(changed))
        seen = Handshake(wire)
        assert bytes(without_cache(seen)) == wire


@settings(max_examples=300)
@given(
    data=st.one_of(
        st.binary(max_size=200), st.binary(max_size=120).map(lambda b: b"\x16\xfe\xfd" + bytes(8) + b)
    )
)
def test_garbage_never_raises_and_is_kept(data: bytes) -> None:
    assert bytes(without_cache(DTLS(data))) == data


@settings(max_examples=300)
@given(body=bodies, at=st.integers(0, 10_000), value=st.integers(0, 255))
def test_flipped_byte_never_raises_and_is_kept(body: Packet, at: int, value: int) -> None:
    wire = bytearray(bytes(DTLS(records=[Record(content=[Handshake(message_seq=1) / body])])))
    wire[at % len(wire)] = value
    assert bytes(without_cache(DTLS(bytes(wire)))) == bytes(wire)


@given(body=bodies, size=st.integers(1, 30), order=st.randoms(use_true_random=False))
def test_fragments_in_any_order_reassemble(body: Packet, size: int, order: Any) -> None:
    message = Handshake(bytes(Handshake(message_seq=3) / body))
    parts = [Handshake(bytes(part)) for part in fragment(message, size)] * 2
    order.shuffle(parts)
    reassembler = Reassembler()
    whole = [done for part in parts if (done := reassembler.add(part)) is not None]
    assert whole
    assert all(bytes(done) == bytes(message) for done in whole)


def test_wrong_length_by_hand_is_written_as_given() -> None:
    hello = ClientHello(cookie=b"abc", cookie_length=255)
    assert bytes(hello)[35] == 255
    with pytest.raises(Malformed):
        ClientHello(bytes(hello))


def test_records_of_one_datagram_are_told_apart() -> None:
    datagram = DTLS(
        records=[
            Record(content=[ChangeCipherSpec()]),
            Record(type=22, epoch=1, sequence_number=5, content=[Ciphertext(data=b"secret")]),
            Record(content=[Alert(level=1, description=0)]),
        ]
    )
    seen = DTLS(bytes(datagram) + b"\x17\xfe")
    assert [type(r.content[0]) if isinstance(r, Record) else type(r) for r in seen.records] == [
        ChangeCipherSpec,
        Ciphertext,
        Alert,
        Raw,
    ]
    assert seen.records[1].sequence_number == 5


def test_contradicting_fragment_is_refused() -> None:
    message = Handshake(bytes(Handshake(message_seq=1) / Certificate(certificates=[b"x" * 40])))
    first, second = (Handshake(bytes(p)) for p in fragment(message, [(0, 20), (20, 26)]))
    for field, value in (("length", 99), ("msg_type", 2)):
        reassembler = Reassembler()
        wrong = second.copy()
        setattr(wrong, field, value)
        assert reassembler.add(first) is None
        assert reassembler.add(Handshake(bytes(wrong))) is None
        assert reassembler.add(second) is not None


def test_import_needs_neither_scapy_all_nor_scapy_tls() -> None:
    code = "import scapy_dtls, sys; print([m for m in sys.modules if m in ('scapy.all', 'scapy.layers.tls')])"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert printed.stdout.strip() == "[]"


def test_examples_of_the_readme() -> None:
    readme = Path(__file__).resolve().parents[1] / "scapy_dtls" / "README.md"
    outcome = doctest.testfile(str(readme), module_relative=False)
    assert outcome.attempted > 5
    assert outcome.failed == 0
