# SPDX-License-Identifier: MIT
"""Capture and replay, field by field: only the rows of the table differ."""

from __future__ import annotations

from pathlib import Path

import pytest
from dtlslab.endpoints import find
from dtlslab_conformance.replay.capture import capture_handshake
from dtlslab_conformance.replay.comparison import Departure, compare, unexplained
from dtlslab_conformance.replay.live import DIFFERENCES
from dtlslab_conformance.replay.party import play_clean
from dtlslab_conformance.replay.recording import Recording, read_recording
from dtlslab_conformance.replay.run import OTHER, Play
from dtlslab_conformance.replay.script import make_script
from dtlslab_conformance.tester import TesterEndpoint

STACKS = ("libdtls", "openssl", "gnutls")
CAPTURES = ("openssl-certificate", "openssl-psk", "gnutls-certificate", "gnutls-psk")


def replayed(recording: Recording, name: str, role: str, folder: Path) -> list[Departure]:
    """Replays against a live endpoint in `role` and compares."""
    play, played = play_clean(find(name), role, recording, make_script(recording, OTHER[role]), 1)
    assert played.live_connected
    assert played.player_connected
    assert played.retransmissions == 0
    file = folder / "replay.pcapng"
    file.write_bytes(play.lab.trace.capture())
    play.lab.close()
    return compare(recording, read_recording(file), OTHER[role])


@pytest.mark.parametrize("role", ["server", "client"])
@pytest.mark.parametrize("name", STACKS)
@pytest.mark.parametrize("capture", CAPTURES)
def test_only_what_must_live_differs(
    capture: str, name: str, role: str, recordings: dict[str, Recording], tmp_path: Path
) -> None:
    departures = replayed(recordings[capture], name, role, tmp_path)
    assert not unexplained(departures)
    assert departures


def test_the_server_of_a_capture_against_its_own_kind(
    recordings: dict[str, Recording], tmp_path: Path
) -> None:
    departures = replayed(recordings["gnutls-certificate"], "gnutls", "client", tmp_path)
    places = {d.place.rpartition("/")[2] for d in departures if not d.place.endswith("length")}
    assert places == {
        "ServerHello.random",
        "ServerKeyExchange.point",
        "ServerKeyExchange.signature",
        "Finished.verify_data",
    }


def test_the_client_of_a_capture_against_its_own_kind(
    recordings: dict[str, Recording], tmp_path: Path
) -> None:
    departures = replayed(recordings["openssl-certificate"], "openssl", "server", tmp_path)
    places = [d.place for d in departures]
    assert [place.rpartition("/")[2] for place in places if not place.endswith("length")][:1] == [
        "ClientHello.random"
    ]
    assert not any("cipher_suites" in place or "extensions" in place for place in places)


def test_fragments_order_and_client_authentication_are_kept(tmp_path: Path) -> None:
    stack = find("openssl")
    file = tmp_path / "small.pcapng"
    file.write_bytes(capture_handshake(stack, "certificate", authenticate=True, mtu=500))
    recording = read_recording(file)
    assert any(r.fragments and r.fragments[0].fragment_offset for d in recording.datagrams for r in d.records)
    for role in ("server", "client"):
        departures = replayed(recording, "openssl", role, tmp_path)
        assert not unexplained(departures)
        assert not any("fragment_offset" in departure.place for departure in departures)


def test_a_difference_outside_the_table_is_seen(recordings: dict[str, Recording], tmp_path: Path) -> None:
    recording = recordings["openssl-psk"]
    script = make_script(recording, "client")
    script.named("ClientHello")[0].fields.append(("session_id", b"other"))
    script.flights[5][0].offset += 0.25
    play = Play.prepare(
        TesterEndpoint(), "server", recording, script, 1, frozenset(TesterEndpoint.capabilities)
    )
    play.run()
    file = tmp_path / "replay.pcapng"
    file.write_bytes(play.lab.trace.capture())
    strange = [d.place for d in unexplained(compare(recording, read_recording(file), "client"))]
    assert any(place.endswith("ClientHello.session_id") for place in strange)
    assert "5/datagram[0].time" in strange


def test_the_table_stands_in_the_manual() -> None:
    manual = Path(__file__).resolve().parents[3] / "docs" / "how-to" / "replay-and-mutate.md"
    text = manual.read_text(encoding="utf-8")
    for row in DIFFERENCES:
        assert f"| `{row.path}` | {row.side} | {row.reason} |" in text


def test_the_same_seed_gives_the_same_bytes(recordings: dict[str, Recording]) -> None:
    recording = recordings["openssl-certificate"]
    for name in STACKS:
        stack = find(name)
        assert "deterministic" in stack.capabilities
        captures = []
        for _ in range(2):
            play, _ = play_clean(stack, "client", recording, make_script(recording, "server"), 5)
            captures.append(play.lab.trace.capture())
            play.lab.close()
        assert captures[0] == captures[1]
