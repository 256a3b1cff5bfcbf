# SPDX-License-Identifier: MIT
"""The plug-in under test is loaded by name, so that the tests run in a checkout that is not installed."""

from __future__ import annotations

import importlib.metadata
import signal
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

if not any(
    point.value == "dtlslab.pytest_plugin" for point in importlib.metadata.entry_points(group="pytest11")
):
    pytest_plugins = ["dtlslab.pytest_plugin"]

# A shell's job in the background ignores interrupts, and what the tests start and interrupt would do so too.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def root() -> Path:
    """The checkout."""
    return ROOT
