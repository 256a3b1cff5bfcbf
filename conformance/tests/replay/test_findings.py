# SPDX-License-Identifier: MIT
"""Findings as files: saved, repeated, refused when broken; the known ones of stacks are still there."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from dtlslab.endpoints import find
from dtlslab.errors import BadInput
from dtlslab.expected import Known
from dtlslab_conformance.replay import cells
from dtlslab_conformance.replay.capture import own_recording
from dtlslab_conformance.replay.finding import Finding, load, render, save
from dtlslab_conformance.replay.mutate import draw_mutations, enumerate_mutations, run_mutation
from dtlslab_conformance.replay.mutation import Mutation
from dtlslab_conformance.replay.operators import OPERATORS, find_operator
from dtlslab_conformance.replay.recording import Recording
from hypothesis import given
from hypothesis import strategies as st

TEXT = st.text(st.characters(codec="utf-8"), max_size=30)
FINDING = Finding(
    capture="openssl-certificate.pcapng",
    endpoint="gnutls",
    role="client",
    operator="truncate-datagram",
    place="4/datagram[0]",
    parameters={"bytes": 13},
    oracle="completes",
    reason='It says "no".',
)


@given(
    TEXT,
    TEXT,
    st.dictionaries(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), st.integers(-9, 1 << 48) | TEXT),
)
def test_a_finding_comes_back(place: str, reason: str, parameters: dict[str, int | float | str]) -> None:
    import tomllib

    import msgspec

    finding = msgspec.structs.replace(FINDING, place=place or "x", reason=reason, parameters=parameters)
    assert msgspec.convert(tomllib.loads(render(finding)), Finding) == finding


def saved(folder: Path, finding: Finding = FINDING) -> Path:
    return save(folder, finding, own_recording(find("openssl"), "certificate")[0])


def test_saved_and_loaded(tmp_path: Path) -> None:
    path = saved(tmp_path)
    again = load(path)
    assert again.finding == FINDING
    assert again.capture == tmp_path / "openssl-certificate.pcapng"
    assert path.name.startswith("gnutls-client-truncate-datagram-")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('role = "client"', 'role = "judge"', "role: "),
        ("bytes = 13", 'bytes = "many"', "parameters.bytes: expected an integer"),
        ("truncate-datagram", "break", "operator: 'break' is not an operator"),
        ("4/datagram[0]", "4/datagram[9]", "place: the recording has no 4/datagram[9] of the server"),
        ("openssl-certificate.pcapng", "gone.pcapng", "capture: there is no capture at"),
        ('endpoint = "gnutls"', "endpoint =", "not valid TOML"),
    ],
)
def test_broken_findings_say_where(old: str, new: str, message: str, tmp_path: Path) -> None:
    path = saved(tmp_path)
    text = path.read_text()
    line = next(n for n, each in enumerate(text.splitlines(), 1) if old in each)
    path.write_text(text.replace(old, new))
    with pytest.raises(BadInput) as error:
        load(path)
    assert message in str(error.value)
    assert f"{path}:{line}" in str(error.value)


def test_a_repeated_finding_is_the_same_byte_for_byte(recordings: dict[str, Recording]) -> None:
    stack = find("gnutls")
    captures = []
    for _ in range(2):
        found = run_mutation(
            str(stack.path),
            "client",
            recordings["openssl-certificate"],
            FINDING.mutation,
            3,
            stack.capabilities,
        )
        captures.append(found.played.lab.trace.capture())
        found.played.lab.close()
    assert captures[0] == captures[1]


def candidates(entry: Known) -> Iterator[tuple[str, Recording, Mutation]]:
    """Mutations that a known finding speaks of, in some of the recordings."""
    operator = find_operator(entry.case.partition(" ")[0])
    for name in ("gnutls", "openssl"):
        for kind in ("certificate", "psk"):
            recording = own_recording(find(name), kind)[1]
            for role in (entry.role,) if entry.role else ("client", "server"):
                found = list(enumerate_mutations(recording, role, [operator]))
                for mutation in [*found, *draw_mutations(recording, role, [operator], 60, 7)]:
                    if fnmatchcase(str(mutation), entry.case):
                        yield role, recording, mutation


FINDINGS = [entry for entry in cells.expectations().known if entry.verdict != "unsupported"]
"""The other entries are about replays that a stack has no capability for."""


@pytest.mark.parametrize("entry", FINDINGS, ids=lambda e: f"{e.stack} {e.case}")
def test_known_findings_are_found(entry: Known) -> None:
    stack = find(entry.stack)
    if not any(fnmatchcase(stack.version, pattern) for pattern in entry.versions):
        return
    for role, recording, mutation in candidates(entry):
        found = run_mutation(str(stack.path), role, recording, mutation, 1, stack.capabilities)
        found.played.lab.close()
        if found.violation is not None:
            assert cells.is_known(found, stack, role)
            return
    pytest.fail("no mutation of this pattern is a finding any more")


def test_every_operator_says_what_it_does() -> None:
    for operator in OPERATORS.values():
        assert operator.title.endswith(".")
        assert operator.__doc__
