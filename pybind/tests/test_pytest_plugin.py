# SPDX-License-Identifier: MIT
"""The pytest plug-in, as the tests of a stack use it."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

SUITE = """
from dtlslab import memory

def test_handshake(lab_on, stack):
    lab = lab_on(memory(delay="10ms"))
    server, client = lab.server(stack.name), lab.client("openssl")
    session = client.connect(server)
    lab.run(until=lambda: session.connected)
    assert session.connected
    assert stack.name != "gnutls", "to see what a failure leaves"

def test_all(stacks):
    assert {"openssl", "gnutls"} <= {stack.name for stack in stacks}
"""


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    registered = any(
        point.value == "dtlslab.pytest_plugin" for point in importlib.metadata.entry_points(group="pytest11")
    )
    by_name = [] if registered else ["-p", "dtlslab.pytest_plugin"]
    pytester.makepyfile(SUITE)
    return pytester.runpytest_subprocess(*by_name, *arguments)


def test_stacks_are_parameters_and_failures_leave_traces(pytester: pytest.Pytester) -> None:
    result = run(pytester, "--dtls-endpoint=openssl", "--dtls-endpoint=gnutls", "--dtls-traces=traces")
    result.assert_outcomes(passed=2, failed=1)
    (capture,) = Path(pytester.path).glob("traces/*gnutls*/capture.pcapng")
    assert capture.stat().st_size > 1000
    result.stdout.fnmatch_lines(["*trace: traces*"])


def test_without_options_every_stack_is_tried(pytester: pytest.Pytester) -> None:
    result = run(pytester, "-k", "openssl or all")
    result.assert_outcomes(passed=2, deselected=len(pytest_stacks()) - 1)


def pytest_stacks() -> list[str]:
    from dtlslab import endpoints

    return [stack.name for stack in endpoints.installed()]
