# SPDX-License-Identifier: MIT
"""A tiny runner that stands in for BoringSSL's: the same flags, the same words, a few tests.

It is copied to where Go would put the real one. Its tests are what BoringSSL's are made of: packets and
commands over TCP to a shim, or to two shims that talk to each other.
"""

from __future__ import annotations

import itertools
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

PSK = ["-dtls", "-max-version", "65277", "-psk", "secret", "-psk-identity", "somebody"]
PATIENCE = 60
"""Seconds for what takes milliseconds where nothing else runs."""

NO_ANSWER = ["-dtls", "-max-version", "65277"]
NEUTRAL = ["-dtls", "-server", "-psk", "secret", "-psk-identity", "somebody"]
NOT_APPLICABLE = 89


class Shim:
    """A shim process, connected."""

    def __init__(self, path: str, flags: list[str]) -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        port = str(listener.getsockname()[1])
        self.process = subprocess.Popen(
            [path, "-port", port, "-shim-id", "7", *flags],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.socket: socket.socket | None = None
        while self.process.poll() is None and self.socket is None:
            listener.settimeout(0.2)
            try:
                self.socket = listener.accept()[0]
            except TimeoutError:
                continue
            self.socket.settimeout(PATIENCE)
            assert struct.unpack("<Q", self.take(8))[0] == 7
        listener.close()

    def take(self, length: int) -> bytes:
        assert self.socket is not None
        data = b""
        while len(data) < length:
            more = self.socket.recv(length - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def packet(self) -> bytes:
        assert self.take(1) == b"P"
        return self.take(struct.unpack(">I", self.take(4))[0])

    def send(self, data: bytes) -> None:
        assert self.socket is not None
        self.socket.sendall(data)

    def close(self) -> tuple[int, str]:
        if self.socket is not None:
            self.socket.close()
        output = self.process.communicate(timeout=PATIENCE)[1]
        return self.process.returncode, output


def echo(path: str, flags: list[str]) -> str:
    """A client and a server that answer each other, until twenty packets have passed."""
    server, client = Shim(path, [*flags, "-server"]), Shim(path, [*PSK, "-shim-writes-first"])
    passed = threading.Semaphore(0)

    def relay(source: Shim, target: Shim) -> None:
        try:
            while True:
                packet = source.packet()
                target.send(b"P" + struct.pack(">I", len(packet)) + packet)
                passed.release()
        except (EOFError, OSError):
            return

    for pair in ((server, client), (client, server)):
        threading.Thread(target=relay, args=pair, daemon=True).start()
    for _ in range(20):
        if not passed.acquire(timeout=PATIENCE):
            break
    for shim in (server, client):
        assert shim.socket is not None
        shim.socket.shutdown(socket.SHUT_RDWR)
    ended = [shim.close() for shim in (server, client)]
    return "".join(output for status, output in ended if status != 0)


def clock(path: str, flags: list[str]) -> str:
    """The shim's clock is the runner's: the first flight comes again when it says so, and not before.

    Within 10 ms of the timeout the shim takes it to have come, since BoringSSL's timers have that grain.
    """
    shim = Shim(path, flags)
    first = shim.packet()
    shim.send(b"E" + struct.pack(">Q", 400_000_000))
    shim.send(b"T" + struct.pack(">Q", 380_000_000))
    assert shim.take(1) == b"t"
    shim.send(b"T" + struct.pack(">Q", 20_000_000))
    assert shim.take(1) == b"t"
    again = shim.packet()
    shim.close()
    return "" if again[13:] == first[13:] else "the ClientHello changed"


def no_answer(path: str, flags: list[str]) -> str:
    return Shim(path, flags).close()[1]


def neutral(path: str, flags: list[str]) -> str | None:
    """A client that offers DTLS 1.3 and 1.2 is answered; None: the server leaves it alone."""
    versions = b"\x00\x2b\x00\x05\x04\xfe\xfc\xfe\xfd"
    body = b"\xfe\xfd" + bytes(32) + b"\0\0" + b"\x00\x02\x00\xa8" + b"\x01\x00"
    body += struct.pack(">H", len(versions)) + versions
    length = len(body).to_bytes(3, "big")
    message = b"\x01" + length + bytes(5) + length + body
    shim = Shim(path, flags)
    record = b"\x16\xfe\xfd" + bytes(8) + struct.pack(">H", len(message)) + message
    shim.send(b"P" + struct.pack(">I", len(record)) + record)
    try:
        answer = shim.packet()
    except EOFError:
        return None if shim.close()[0] == NOT_APPLICABLE else "no answer"
    shim.close()
    return "" if answer[0] == 22 else "an odd answer"


Body = Callable[[str, list[str]], str | None]
TESTS: dict[str, tuple[str, str, list[str], Body]] = {
    "Clock-DTLS": ("dtls", "client", NO_ANSWER, clock),
    "Echo-DTLS": ("dtls", "server", PSK, echo),
    "Hidden-DTLS": ("dtls", "client", ["-dtls", "-enable-ech-grease"], no_answer),
    "Neutral-DTLS": ("dtls", "server", NEUTRAL, neutral),
    "NeutralTLS13-DTLS": ("dtls", "server", NEUTRAL, neutral),
    "NoAnswer-DTLS": ("dtls", "client", NO_ANSWER, no_answer),
    "Stream-TLS": ("tls", "client", [], no_answer),
}


def main(arguments: list[str]) -> int:
    options = dict(itertools.pairwise(arguments))
    wanted = options.get("-test", "").split(";") if options.get("-test") else list(TESTS)
    for name in wanted:
        protocol, role, flags, body = TESTS[name]
        folder = Path(options["-transcript-dir"]) / protocol / role
        folder.mkdir(parents=True, exist_ok=True)
        extra = options["-shim-extra-flags"].split(";") if "-shim-extra-flags" in options else []
        flags = [*extra, *flags, "-write-settings", f"{folder}/{name}-"]
        probe = subprocess.run([options["-shim-path"], *flags, "-port", "1"], capture_output=True, text=True)
        if probe.returncode == NOT_APPLICABLE:
            print(f"UNIMPLEMENTED ({name})", flush=True)
            continue
        complaint = body(options["-shim-path"], flags)
        if complaint is None:
            print(f"UNIMPLEMENTED ({name})", flush=True)
        elif complaint:
            print(f"FAILED ({name})\nunexpected failure\ngot:\n\tstderr:\n\t\t{complaint}\n", flush=True)
        else:
            print(f"PASSED ({name})", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
