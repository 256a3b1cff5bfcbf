# SPDX-License-Identifier: MIT
"""The inside of a worker process: requests from one pipe, answers into another, until the first closes."""

from __future__ import annotations

import ctypes
import faulthandler
import os
import signal
import sys
import time
import traceback
from typing import Any

import msgspec

from dtlslab.plugins import resolve
from dtlslab.workers import Reply, Request

_PR_SET_PDEATHSIG = 1


def main(requests: int, answers: int, parent: int) -> None:
    """Serves jobs until the request pipe closes."""
    die_with_parent(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    faulthandler.enable()
    while (frame := _read_frame(requests)) is not None:
        reply = msgspec.msgpack.encode(_answer(msgspec.msgpack.decode(frame, type=Request)))
        sys.stdout.flush()
        _write_all(answers, len(reply).to_bytes(4, "big") + reply)


def die_with_parent(parent: int) -> None:
    """Has the kernel kill this process when the one that started it dies, or dies if it already has."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def _answer(request: Request) -> Reply:
    start = time.monotonic()
    try:
        value: Any = resolve(request.function)(**request.arguments)
        encoded = msgspec.Raw(msgspec.msgpack.encode(value))
    except Exception as error:
        text = f"{type(error).__name__}: {error}"
        return Reply(error=text, details=traceback.format_exc(), real_seconds=time.monotonic() - start)
    return Reply(value=encoded, real_seconds=time.monotonic() - start)


def _read_frame(descriptor: int) -> bytes | None:
    header = _read_exactly(descriptor, 4)
    return None if header is None else _read_exactly(descriptor, int.from_bytes(header, "big"))


def _read_exactly(descriptor: int, length: int) -> bytes | None:
    data = bytearray()
    while len(data) < length:
        chunk = os.read(descriptor, length - len(data))
        if not chunk:
            return None
        data += chunk
    return bytes(data)


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
