# SPDX-License-Identifier: MIT
"""Every refusal of a TOML file names its line and field."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from dtlslab import toml_file
from dtlslab.errors import BadInput


class Part(msgspec.Struct, forbid_unknown_fields=True):
    size: int = 0


class Whole(msgspec.Struct, forbid_unknown_fields=True):
    runs: int
    lists: dict[str, list[int]] = {}
    nested: dict[str, dict[str, Part]] = {}
    either: int | list[str] = 0
    parts: list[Part] = []


@pytest.mark.parametrize(
    ("text", "line", "field", "message"),
    [
        ("", 1, "", "the field runs is missing"),
        ("runs = 'one'", 1, "runs", "expected an integer, found a string"),
        ("runs = 1\nrun = 2", 2, "run", "no such field"),
        ("runs = 1\n[lists]\na = [1]\n'b c' = [1,\n\n'x']", 6, 'lists."b c"[1]', "expected an integer"),
        ("runs = 1\neither = 1.5", 2, "either", "expected an integer or an array, found a number"),
        ("runs = 1\n[[parts]]\nsize = 1\n[[parts]]\n\nsize = 'x'", 6, "parts[1].size", "expected an integer"),
        ("runs = 1\n[nested.a.b]\nsize = 1\n[nested.a.c]\n\nsize = ''", 6, "nested.a.c.size", "an integer"),
        ("runs = 1\nnested.a.'b.c'.size = ''", 2, 'nested.a."b.c".size', "expected an integer"),
        ("runs = 1\nruns = 2", 2, "", "not valid TOML"),
        ("runs = [1,\n", 2, "", "not valid TOML"),
    ],
)
def test_refusals_name_line_and_field(text: str, line: int, field: str, message: str) -> None:
    with pytest.raises(BadInput, match=r".") as caught:
        toml_file.parse(text.encode(), Whole, Path("f.toml"))
    assert (caught.value.line, caught.value.field) == (line, field)
    assert message in caught.value.message


def test_a_file_that_is_not_utf_8_is_refused_with_its_line() -> None:
    with pytest.raises(BadInput, match=r"f\.toml:2: expected TOML in UTF-8"):
        toml_file.parse(b"runs = 1\neither = '\xff'\n", Whole, Path("f.toml"))


def test_a_missing_file_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        toml_file.read(tmp_path / "none.toml", Whole)


def test_a_checked_field_can_be_refused_later() -> None:
    document = toml_file.parse(b"runs = 1\n\n[[parts]]\nsize = 0\n", Whole, Path("f.toml"))
    assert str(document.bad(("parts", 0, "size"), "expected 1 or more")) == (
        "f.toml:4: parts[0].size: expected 1 or more"
    )
