# SPDX-License-Identifier: MIT
"""Reading captures, whole and broken."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest
from dtlslab.errors import BadInput
from dtlslab.trace import pcapng
from dtlslab.trace.capture import Address, read_capture, udp_packet
from dtlslab_conformance.replay.recording import Recording, read_recording
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

CLIENT, SERVER = Address("10.0.0.2", 40001), Address("10.0.0.1", 4433)
Change = Callable[[int, bytes], bytes | None]


def rewritten(source: Path, target: Path, change: Change, keylog: bool = True) -> Path:
    """A capture with each datagram, counted from 1, changed or left out."""
    capture = read_capture(source)
    packets = []
    for number, datagram in enumerate(capture.datagrams, 1):
        data = change(number, datagram.data)
        if data is not None:
            packet = udp_packet(datagram.source, datagram.destination, data)
            packets.append(pcapng.Packet(round(datagram.time * 10**9), packet))
    target.write_bytes(pcapng.encode(packets, capture.keylog if keylog else []))
    return target


def test_flights_messages_and_times(recordings: dict[str, Recording]) -> None:
    recording = recordings["openssl-certificate"]
    assert recording.suite.code == 0xC02B
    assert [d.flight for d in recording.datagrams][:6] == [1, 2, 3, 4, 5, 6]
    assert recording.has_cookie
    assert not recording.asks_certificate
    assert [m.name for m in recording.messages["client"]] == [
        "client_hello",
        "client_hello",
        "client_key_exchange",
        "finished",
    ]
    assert recording.datagrams[1].time == pytest.approx(0.005)
    finished = recording.datagrams[4].records[-1]
    assert finished.epoch == 1
    assert len(finished.explicit) == 8
    assert not recordings["gnutls-psk"].has_cookie


def test_pcap_with_a_key_log_beside_it(capture_file: Path, tmp_path: Path) -> None:
    bare = rewritten(capture_file, tmp_path / "bare.pcapng", lambda _, data: data, keylog=False)
    keylog = tmp_path / "keys.log"
    keylog.write_text("\n".join(read_capture(capture_file).keylog) + "\n")
    assert read_recording(bare, keylog).messages == read_recording(capture_file).messages


BROKEN: list[tuple[str, Change, str]] = [
    ("cut-record", lambda n, d: d[:-7] if n == 4 else d, "datagram 4, record 4: length is"),
    ("cut-header", lambda n, d: d + b"\x16\xfe" if n == 1 else d, "datagram 1, record 2: 2 bytes are left"),
    ("empty", lambda n, d: b"" if n == 3 else d, "datagram 3: it is empty"),
    ("type", lambda n, d: b"\x32" + d[1:] if n == 2 else d, "datagram 2, record 1: content type is 50"),
    (
        "fragment",
        lambda n, d: d[:22] + b"\xff\xff\xff" + d[25:] if n == 1 else d,
        "datagram 1, record 1: fragment_length is 16777215",
    ),
    ("no-finished", lambda n, d: None if n >= 6 else d, "there is no Finished of the server"),
    ("no-hello", lambda n, d: None if n in (4,) else d, "there is no ServerHello"),
    (
        "tag",
        lambda n, d: d[:-1] + bytes([d[-1] ^ 1]) if n == 5 else d,
        "datagram 5, record 3: cannot be decrypted",
    ),
]


@pytest.mark.parametrize(("name", "change", "message"), BROKEN, ids=[b[0] for b in BROKEN])
def test_broken_captures_say_where(
    name: str, change: Change, message: str, capture_file: Path, tmp_path: Path
) -> None:
    path = rewritten(capture_file, tmp_path / f"{name}.pcapng", change)
    with pytest.raises(BadInput) as error:
        read_recording(path)
    assert str(path) in str(error.value)
    assert message in str(error.value)
    assert error.value.status == 2


def test_without_secrets_the_way_out_is_named(capture_file: Path, tmp_path: Path) -> None:
    path = rewritten(capture_file, tmp_path / "bare.pcapng", lambda _, data: data, keylog=False)
    with pytest.raises(BadInput, match=r"key log: there is no secret for the client random .*--keylog"):
        read_recording(path)


def test_what_cannot_be_replayed_is_refused(capture_file: Path, tmp_path: Path) -> None:
    def other_suite(_: int, data: bytes) -> bytes:
        return data.replace(b"\xc0\x2b\x00\x00", b"\xc0\x09\x00\x00") if data[13] == 2 else data

    path = rewritten(capture_file, tmp_path / "cbc.pcapng", other_suite)
    with pytest.raises(
        BadInput, match=r"ServerHello.cipher_suite: TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA|AES_128_CBC"
    ):
        read_recording(path)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(number=st.integers(1, 6), at=st.integers(0, 400), value=st.integers(0, 255))
def test_any_damage_is_read_or_refused(
    number: int, at: int, value: int, capture_file: Path, tmp_path: Path
) -> None:
    def damage(n: int, data: bytes) -> bytes:
        at_ = at % len(data)
        return data[:at_] + bytes([value]) + data[at_ + 1 :] if n == number else data

    path = rewritten(capture_file, tmp_path / "damaged.pcapng", damage)
    with contextlib.suppress(BadInput):
        read_recording(path)
