# SPDX-License-Identifier: MIT
"""Without scapy-dtls, which is installed apart: what it would bring is named, the rest goes on."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

HIDDEN = "import sys; sys.modules['scapy_dtls'] = sys.modules['scapy'] = None; "
RUN = HIDDEN + "from dtlslab.cli import run_cli; sys.exit(run_cli(sys.argv[1:]))"
HANDSHAKE = (
    HIDDEN
    + """
from dtlslab.lab import Lab
lab = Lab(seed=5)
session = lab.client("openssl").connect(lab.server("gnutls"))
lab.run(until=lambda: session.connected)
lab.write(sys.argv[1])
"""
)


def without_layers(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A Python of its own in which scapy and scapy_dtls cannot be imported."""
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("command", ["conformance", "replay", "mutate"])
def test_commands_name_what_installs_them(command: str) -> None:
    done = without_layers(RUN, command, "some.pcapng", "--endpoint", "openssl", "--role", "server")
    assert done.returncode == 3
    assert "pip install ./conformance/scapy_dtls" in done.stderr


def test_run_leaves_these_parts_out_and_says_so(tmp_path: Path) -> None:
    done = without_layers(RUN, "run", "--quick", "--list", "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    parts = {line.split()[0] for line in done.stdout.splitlines()}
    assert parts == {"interop", "losses", "sim"}
    for name in ("conformance", "replay", "mutate"):
        assert f"({name}). scapy-dtls" in done.stderr
    refused = without_layers(RUN, "run", "--part", "mutate", "--list", "--out", str(tmp_path))
    assert refused.returncode == 3


def test_traces_are_dissected_in_the_clear(tmp_path: Path) -> None:
    done = without_layers(HANDSHAKE, str(tmp_path / "trace"))
    assert done.returncode == 0, done.stderr
    lines = (tmp_path / "trace" / "events.jsonl").read_text().splitlines()
    sent = [json.loads(line)["data"] for line in lines if '"dtls:datagram_sent"' in line]
    records = [record for data in sent for record in data["records"]]
    kinds = {message["type"] for record in records for message in record.get("messages", [])}
    assert {"client_hello", "server_hello"} <= kinds
    assert any(record["encrypted"] and not record["decrypted"] for record in records)
    assert {data["flight"] for data in sent} >= {1, 4, 5}
