# SPDX-License-Identifier: MIT
"""Handshakes to replay, recorded on the spot: a stack against itself, in virtual time, into a pcapng file."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path
from typing import Any

import msgspec
from dtlslab.endpoints import find
from dtlslab.errors import EndpointError
from dtlslab.lab import Lab
from dtlslab.networks import memory
from dtlslab.stack import Stack
from dtlslab.trace import pcapng
from dtlslab.trace.capture import read_capture, udp_packet

from .recording import Recording, read_recording

KINDS = ("certificate", "psk")
CAPTURE_SEED = 1


def capture_handshake(stack: Stack, kind: str, seed: int = CAPTURE_SEED, **settings: Any) -> bytes:
    """A pcapng file, with its secrets inside, of a handshake of a stack with itself and a little data.

    `kind` is `certificate` or `psk`; `settings` are those of both endpoints.
    """
    usual: dict[str, Any] = {"suites": (0xC02B,), "groups": (29, 23)}
    if kind == "psk":
        usual = {"suites": (0x00A8,), "psk": True}
    usual |= settings
    lab = Lab(memory(delay="5ms"), seed=seed)
    try:
        cookie = {"cookies": True} if "cookie" in stack.capabilities and kind == "certificate" else {}
        server = lab.server(str(stack.path), **(cookie | usual))
        client = lab.client(str(stack.path), **{k: v for k, v in usual.items() if k != "cookies"})
        session = client.connect(server)
        lab.run(10.0, stop=lambda: session.connected and session.peer is not None and session.peer.connected)
        if not session.connected:
            raise EndpointError(f"{stack.name} did not complete a handshake with itself: {session.failure}")
        server.echo()
        lab.run_for(0.05)
        session.send(b"captured application data")
        lab.run_for(0.05)
        session.close()
        lab.run_for(0.05)
        return lab.trace.capture()
    finally:
        lab.close()


class Source(msgspec.Struct, frozen=True):
    """Where a recording comes from: a file, or a handshake that a stack has with itself, recorded on the
    spot.
    """

    file: str = ""
    keylog: str = ""
    stack: str = ""
    """Path of the stack's shared object."""
    kind: str = ""

    @property
    def name(self) -> str:
        """`openssl-certificate`, or the file's name without its ending."""
        return Path(self.file).stem if self.file else f"{find(self.stack).name}-{self.kind}"

    def recording(self) -> Recording:
        """Reads or makes it. BadInput says what is wrong with a file."""
        if self.file:
            return read_recording(self.file, self.keylog or None)
        return own_recording(find(self.stack), self.kind)[1]

    def capture(self) -> bytes:
        """A pcapng file of it, with its secrets inside."""
        if not self.file:
            return own_recording(find(self.stack), self.kind)[0]
        contents = pcapng.read(Path(self.file))
        if not self.keylog:
            return Path(self.file).read_bytes()
        capture = read_capture(self.file, self.keylog)
        packets = [
            pcapng.Packet(round(d.time * 10**9), udp_packet(d.source, d.destination, d.data))
            for d in capture.datagrams
        ]
        return pcapng.encode(packets, [*contents.keylog, *capture.keylog])


@functools.lru_cache(maxsize=16)
def own_recording(stack: Stack, kind: str, seed: int = CAPTURE_SEED) -> tuple[bytes, Recording]:
    """A handshake captured with a stack, as a file's bytes and as a recording. Made once in a process."""
    data = capture_handshake(stack, kind, seed)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{stack.name}-{kind}.pcapng"
        path.write_bytes(data)
        recording = read_recording(path)
    recording.path = Path(f"{stack.name}-{kind}.pcapng")
    return data, recording
