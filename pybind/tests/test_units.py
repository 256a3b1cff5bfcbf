# SPDX-License-Identifier: MIT
"""Durations, rates and sizes as text."""

from __future__ import annotations

import pytest
from dtlslab import units
from dtlslab.errors import BadInput
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("15ms", 15_000_000),
        ("1.5s", 1_500_000_000),
        ("2min", 120 * 10**9),
        ("1us", 1000),
        ("0s", 0),
        ("3ns", 3),
    ],
)
def test_durations(text: str, ns: int) -> None:
    assert units.nanoseconds(text) == ns


@pytest.mark.parametrize("text", ["", "15", "fast", "-1s", "1 parsec", "1e400s "])
def test_what_is_not_a_duration_is_refused(text: str) -> None:
    with pytest.raises((BadInput, OverflowError)):
        units.nanoseconds(text)


@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf")])
def test_numbers_that_are_not_durations_are_refused(value: float) -> None:
    with pytest.raises(BadInput):
        units.nanoseconds(value)


def test_rates_and_sizes() -> None:
    assert units.bits_per_second("10Mbps") == 10_000_000
    assert units.bits_per_second("250kbps") == 250_000
    assert units.size("1MiB") == 1 << 20
    assert units.size("1200") == 1200


@given(st.integers(0, 1 << 62))
def test_text_of_a_duration_is_exact(ns: int) -> None:
    assert units.nanoseconds(units.duration_text(ns)) == ns
