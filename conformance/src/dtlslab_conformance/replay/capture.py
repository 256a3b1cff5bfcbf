# SPDX-License-Identifier: MIT
"""Handshakes to replay, recorded on the spot: a stack against itself, in virtual time, into a pcapng file."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path
from typing import Any

from dtlslab.endpoints import Stack
from dtlslab.errors import EndpointError
from dtlslab.lab import Lab
from dtlslab.networks import memory

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
