# SPDX-License-Identifier: MIT
"""The page of what is around the services is that of the headers and tables, alike in both languages."""

from __future__ import annotations

import itertools
import re

import netx_reference as netx
import netx_surroundings as surroundings
import pytest

HANGUL = re.compile("[가-힣]")
NAMES = list(surroundings.table(netx.ENGLISH))


def faults(english: dict[str, str], korean: dict[str, str]) -> list[str]:
    """What one edition says of a name and the other does not."""
    found = [f"{key}: not in Korean" for key in english if key not in korean]
    found += [f"{key}: in Korean alone" for key in korean if key not in english]
    for key in (key for key in english if key in korean):
        theirs, ours = (set(re.findall("`[^`]+`", each[key])) for each in (english, korean))
        found += [f"{key}: {name} in one language alone" for name in sorted(theirs ^ ours)]
        found += [] if HANGUL.search(korean[key]) else [f"{key}: not Korean"]
    return found


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_say_the_same(name: str) -> None:
    found = faults(surroundings.table(netx.ENGLISH)[name], surroundings.table(netx.KOREAN).get(name, {}))
    assert not found, f"surroundings.ko.toml, [{name}]:\n" + "\n".join(found)


def test_what_is_out_of_step_is_found() -> None:
    english = {"remark": "As `that`.", "NX_SUCCESS": "Done.", "NX_PTR_ERROR": "No socket."}
    korean = {"remark": "`this`와 같습니다.", "NX_SUCCESS": "Done.", "NX_NOT_BOUND": "포트가 없습니다."}
    assert faults(english, korean) == [
        "NX_PTR_ERROR: not in Korean",
        "NX_NOT_BOUND: in Korean alone",
        "remark: `that` in one language alone",
        "remark: `this` in one language alone",
        "NX_SUCCESS: not Korean",
    ]


def test_the_names_are_those_of_the_table_in_its_order() -> None:
    assert list(surroundings.table(netx.KOREAN)) == NAMES
    assert [name for name in NAMES if name not in surroundings.prototypes()] == []
    found = [subject["title"] for subject, _ in itertools.groupby(NAMES, surroundings.subject)]
    assert len(found) == len(set(found)), "names of one subject stand together"


def test_the_pages_are_those_of_the_tables() -> None:
    for path, text in surroundings.pages().items():
        assert path.exists(), f"{path}: python docs/site/netx_surroundings.py makes it"
        assert path.read_text("utf-8") == text, "python docs/site/netx_surroundings.py makes it anew"
    assert "UINT tx_semaphore_get(TX_SEMAPHORE *semaphore_ptr, ULONG wait_option);" in text
    assert "`TX_WAIT_ABORTED` (0x1A)" in text
