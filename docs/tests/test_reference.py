# SPDX-License-Identifier: MIT
"""Everything public is documented, and what the documentation names exists."""

from __future__ import annotations

import os
import re
from pathlib import Path

import c_reference
import headers
import options
import prose
import pytest

BUILD = Path(os.environ.get("DTLSLAB_BUILD", headers.ROOT / "build"))
PAGES = [
    page
    for page in sorted((headers.ROOT / "docs").rglob("*.md"))
    if not {"libdtls", "netx"} & {folder.name for folder in page.parents}
]


def faults(header: headers.Header) -> list[str]:
    """What a header leaves unsaid, or names that nothing has."""
    usual, known = c_reference.usual_parameters(), prose.all_names()
    for declaration in header.declarations:
        known.add(declaration)
    found = []
    texts = [header.introduction]
    for declaration in header.declarations:
        texts += [declaration.comment, *(member.comment for member in declaration.members)]
        if not declaration.comment and declaration.name:
            found.append(f"{declaration.name} has no comment")
        unsaid = [name for name in c_reference.parameters_without_words(declaration) if name not in usual]
        found += [f"{declaration.name}: nothing is said of {name}" for name in unsaid]
    named = re.findall(rf"{prose.NAME.pattern}(?!\w*[*_])", "\n".join(texts))
    return found + [f"{name} does not exist" for name in named if known.role(name) is None]


@pytest.mark.parametrize("name", headers.names())
def test_everything_public_is_documented(name: str) -> None:
    assert faults(headers.read(name)) == []


def test_what_is_left_out_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    planted = """/* SPDX-License-Identifier: MIT
 *
 * A header with faults; see `dtls_no_such_function`.
 */
#include <stddef.h>

/* Said. */
int dtls_said(size_t count);

int dtls_unsaid(void);
"""
    (tmp_path / "dtls").mkdir()
    (tmp_path / "dtls" / "planted.h").write_text(planted)
    usual, known = c_reference.usual_parameters(), prose.all_names()
    monkeypatch.setattr(headers, "INCLUDE", tmp_path)
    monkeypatch.setattr(c_reference, "usual_parameters", lambda: usual)
    monkeypatch.setattr(prose, "all_names", lambda: known)
    assert faults(headers.read("planted.h")) == [
        "dtls_said: nothing is said of count",
        "dtls_unsaid has no comment",
        "dtls_no_such_function does not exist",
    ]


def test_groups_share_a_comment_and_members_have_their_own() -> None:
    declared = {d.name: d for d in headers.read("algorithms.h").declarations}
    first, second = declared["dtls_client_1_2"], declared["dtls_server_1_2"]
    assert first.above == second.above == "DTLS 1.2, RFC 6347."
    assert declared["dtls_suite_psk_aes_128_ccm_8"].behind == "0xc0a8, RFC 6655"
    row = declared["dtls_transition"]
    assert [member.name for member in row.members] == ["state", "message", "next"]


def test_results_are_told_apart() -> None:
    purpose, results = prose.split_results(
        "Does it. DTLS_ERROR_STATE (not now, or never), DTLS_ERROR_NO_ROOM. DTLS_NOTHING: no more."
    )
    assert purpose == "Does it."
    assert results == ["DTLS_ERROR_STATE (not now, or never)", "DTLS_ERROR_NO_ROOM", "DTLS_NOTHING: no more"]


def test_every_header_is_in_the_overview() -> None:
    overview = c_reference.CONVENTIONS.read_text()
    assert [name for name in headers.names() if f"`dtls/{name}`" not in overview] == []


def test_every_header_is_in_dtls_h() -> None:
    text = (headers.INCLUDE / "dtls" / "dtls.h").read_text()
    apart = {"dtls.h", "libcrypto.h", "posix.h", "uv.h"}
    assert [name for name in headers.names() if name not in apart and f'"dtls/{name}"' not in text] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(headers.ROOT)))
def test_pages_name_what_exists(page: Path) -> None:
    known = prose.all_names()
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.S | re.M)
    named = re.findall(r"`((?:dtls|DTLS)_\w+(?:\.\w+)?)(?:\([^`]*\))?`", text)
    named = [name for name in named if not name.endswith("_") and not name.startswith("dtls_posix.")]
    assert [name for name in named if known.role(name) is None] == []


@pytest.mark.parametrize("program", options.PROGRAMS)
def test_pages_of_programs_have_their_options(program: str) -> None:
    again = "run: python docs/site/options.py"
    assert options.renewed(program, BUILD) == options.page(program).read_text(), again
