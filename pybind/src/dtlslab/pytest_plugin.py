# SPDX-License-Identifier: MIT
"""The pytest plug-in: laboratories as fixtures, so that a stack's own tests can use them.

    def test_my_stack_survives_a_lost_flight(lab_on):
        lab = lab_on(memory(delay="10ms"))
        server, client = lab.server("openssl"), lab.client("./libmystack.so")
        session = client.connect(server)
        lab.run(until=lambda: session.connected)

Stacks are given by `--dtls-endpoint`, or are all that is installed. A test that
fails leaves the trace of every lab that it made: `--dtls-traces` says where.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from dtlslab.lab import Lab
    from dtlslab.networks import Network
    from dtlslab.stack import Stack

_REPORTS: pytest.StashKey[dict[str, bool]] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("dtlslab", "the laboratory for DTLS")
    group.addoption(
        "--dtls-endpoint",
        action="append",
        default=[],
        metavar="E",
        help="a stack for the fixture `stack`: a name, or a path to a shared object; may be given again",
    )
    group.addoption(
        "--dtls-traces",
        default="out/pytest",
        metavar="DIR",
        help="where failing tests leave the traces of their labs (default: out/pytest)",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test with the argument `stack` runs once for each stack."""
    if "stack" in metafunc.fixturenames:
        from dtlslab import endpoints

        given = metafunc.config.getoption("--dtls-endpoint")
        stacks = [endpoints.find(name) for name in given] if given else endpoints.installed()
        metafunc.parametrize("stack", stacks, ids=[stack.name for stack in stacks])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    report = yield
    item.stash.setdefault(_REPORTS, {})[call.when] = report.failed
    return report


@pytest.fixture
def stacks() -> list[Stack]:
    """The installed stacks."""
    from dtlslab import endpoints

    return endpoints.installed()


@pytest.fixture
def lab_on(request: pytest.FixtureRequest) -> Iterator[Callable[..., Lab]]:
    """Makes labs: `lab_on(network, seed=7)`. They are closed, and traced if the test fails."""
    from dtlslab.lab import Lab

    made: list[Lab] = []

    def make(network: Network | None = None, **options: Any) -> Lab:
        made.append(Lab(network, **options))
        return made[-1]

    yield make
    if request.node.stash.get(_REPORTS, {}).get("call"):
        folder = Path(request.config.getoption("--dtls-traces"))
        name = re.sub(r"[^\w.-]+", "-", request.node.nodeid)
        for number, lab in enumerate(made, 1):
            path = lab.write(folder / (name if len(made) == 1 else f"{name}-{number}"))
            request.node.add_report_section("teardown", "dtlslab", f"trace: {path}")
    for lab in made:
        lab.close()


@pytest.fixture
def lab(lab_on: Callable[..., Lab]) -> Lab:
    """A lab of two nodes on the memory carrier, without delay or loss."""
    return lab_on()
