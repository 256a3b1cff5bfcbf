# SPDX-License-Identifier: MIT
"""Captures: written, read back, refused when broken, and opened by tshark."""

from __future__ import annotations

import contextlib
import shutil
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from dtlslab import Lab, memory
from dtlslab.errors import BadInput
from dtlslab.trace import pcapng, read_capture
from dtlslab.trace.capture import Address, udp_packet
from hypothesis import given
from hypothesis import strategies as st

PACKETS = st.builds(
    pcapng.Packet,
    time_ns=st.integers(0, (1 << 63) - 1),
    data=st.binary(max_size=200),
    comment=st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40),
)
KEYLOG = st.lists(st.from_regex(r"[A-Z_]{3,20} [0-9a-f]{64} [0-9a-f]{96}", fullmatch=True), max_size=4)


@given(st.lists(PACKETS, max_size=8), KEYLOG)
def test_a_capture_comes_back(packets: list[pcapng.Packet], keylog: list[str]) -> None:
    contents = pcapng.decode(pcapng.encode(packets, keylog))
    assert contents.keylog == keylog
    assert [(p.time_ns, p.data, p.comment) for p in contents.packets] == [
        (p.time_ns, p.data, p.comment) for p in packets
    ]


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for start in (b"", pcapng.encode([])[:60], struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)):
        with contextlib.suppress(BadInput):
            pcapng.decode(start + data)


@given(st.binary(min_size=1, max_size=2000), st.integers(1, 65535))
def test_checksums_are_right(data: bytes, port: int) -> None:
    packet = udp_packet(Address("10.0.0.1", port), Address("10.0.0.2", 4433), data)
    assert internet_sum(packet[:20]) == 0xFFFF
    pseudo = packet[12:20] + struct.pack(">BBH", 0, 17, len(packet) - 20)
    assert internet_sum(pseudo + packet[20:]) == 0xFFFF


def internet_sum(data: bytes) -> int:
    """RFC 1071, the slow and plain way."""
    data += bytes(len(data) % 2)
    total = sum(int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def test_both_byte_orders_and_the_older_format_are_read(tmp_path: Path) -> None:
    packet = udp_packet(Address("10.0.0.1", 5), Address("10.0.0.2", 6), b"hello")
    path = tmp_path / "a.pcap"
    for order in "<>":
        header = struct.pack(order + "IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)
        path.write_bytes(header + struct.pack(order + "IIII", 7, 500, len(packet), len(packet)) + packet)
        (datagram,) = read_capture(path).datagrams
        assert datagram.data == b"hello"
        assert datagram.source == Address("10.0.0.1", 5)


@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        (b"", "too short"),
        (b"GIF89a..", "expected a pcapng or pcap file"),
        (pcapng.encode([pcapng.Packet(0, bytes(40))])[:-8], "block 3 at offset"),
        (pcapng.encode([pcapng.Packet(0, bytes(40))]), "none of them UDP"),
    ],
)
def test_a_broken_capture_says_where(tmp_path: Path, broken: bytes, expected: str) -> None:
    path = tmp_path / "broken.pcapng"
    path.write_bytes(broken)
    with pytest.raises(BadInput, match=expected) as caught:
        read_capture(path)
    assert str(path) in str(caught.value)


def test_a_broken_key_log_says_where(tmp_path: Path) -> None:
    capture = tmp_path / "a.pcapng"
    packet = udp_packet(Address("10.0.0.1", 5), Address("10.0.0.2", 6), b"hello")
    capture.write_bytes(pcapng.encode([pcapng.Packet(0, packet)]))
    keys = tmp_path / "keys.log"
    keys.write_text("# a comment\nCLIENT_RANDOM 00\n")
    with pytest.raises(BadInput, match=r"keys.log:2: expected three words"):
        read_capture(capture, keys)


@pytest.fixture
def conversation(lab_on: Callable[..., Lab], tmp_path: Path) -> Path:
    """The capture of a handshake with application data, and a datagram dropped on the way."""
    lab = lab_on(memory(delay="10ms"))
    server, client = lab.server("openssl"), lab.client("gnutls")
    lab.on_datagram(lambda d: d.drop("for the test") if d.flight == 4 and not d.retransmission else None)
    session = client.connect(server)
    lab.run(until=lambda: session.connected)
    session.send(b"the quick brown fox")
    lab.run()
    return lab.write(tmp_path / "trace") / "capture.pcapng"


def test_a_capture_of_a_lab_is_a_conversation(conversation: Path) -> None:
    capture = read_capture(conversation)
    datagrams = capture.conversation()
    assert {d.sender for d in datagrams} == {"client", "server"}
    assert any(line.startswith("CLIENT_RANDOM ") for line in capture.keylog)
    assert any(d.comment == "dropped: for the test" for d in capture.datagrams)


@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
def test_tshark_decrypts_it_without_options(conversation: Path) -> None:
    def fields(*wanted: str, only: str) -> str:
        command = ["tshark", "-r", str(conversation), "-Y", only, "-T", "fields"]
        command += [argument for name in wanted for argument in ("-e", name)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert bytes.fromhex(fields("data.data", only="dtls && data").strip()) == b"the quick brown fox"
    assert "for the test" in fields("frame.comment", only="frame.comment")
    checked = ["-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE"]
    bad = "ip.checksum.status == 0 || udp.checksum.status == 0 || _ws.malformed"
    command = ["tshark", "-r", str(conversation), *checked, "-Y", bad]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == ""
