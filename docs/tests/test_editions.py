# SPDX-License-Identifier: MIT
"""Pages in two languages say the same: block by block, the same code, names, numbers and links."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

import editions
import pytest
import translated
from markdown_it import MarkdownIt
from markdown_it.token import Token

DOCS = editions.DOCS
KOREAN = DOCS / editions.FOLDER
# An index has the pages of its own language, and the services' pages are made of tables: test_netx.py.
PAGES = sorted(
    page.relative_to(KOREAN).as_posix()
    for page in KOREAN.rglob("*.md")
    if page.stem != "index" and not page.is_relative_to(KOREAN / "reference")
)
SENTENCE_END = re.compile(r"(?<![가-힣])[가-힣]+다(?=[.?!](?:\s|$))")


@dataclass(frozen=True)
class Block:
    """A heading, a paragraph, a cell or a block of code, with what is the same in every language."""

    section: str
    """The heading above it."""
    kind: str
    depth: int
    code: frozenset[str]
    numbers: frozenset[str]
    links: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.kind} under '{self.section}'"


def target(link: str, page: Path) -> str:
    """What a link leads to: a page of both languages by its English name."""
    if "://" in link or link.startswith("#"):
        return link
    path = Path(os.path.normpath(page.parent / link))
    return editions.in_english(os.path.relpath(path, DOCS))


def facts(token: Token, page: Path) -> tuple[frozenset[str], frozenset[str], tuple[str, ...]]:
    """A block's names in code, its numbers, and where its links lead."""
    inside = token.children or []
    code = {child.content for child in inside if child.type == "code_inline"}
    text = " ".join(child.content for child in inside if child.type == "text")
    links = [str(c.attrs.get("href") or c.attrs["src"]) for c in inside if c.type in ("link_open", "image")]
    numbers = re.findall(r"\d(?:[\d.,]*\d)?", text)
    return frozenset(code), frozenset(numbers), tuple(sorted(target(link, page) for link in links))


def blocks(text: str, page: Path) -> list[Block]:
    """A page's blocks in their order, without the line that leads to the other edition."""
    found: list[Block] = []
    section, kinds = "", list[str]()
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        if token.type in ("fence", "code_block"):
            whole = frozenset([f"{token.info}\n{token.content}"])
            found.append(Block(section, "code", token.level, whole, frozenset(), ()))
        elif token.nesting == 1:
            kinds.append(token.type.removesuffix("_open") + (token.tag if "heading" in token.type else ""))
        elif token.nesting == -1:
            kinds.pop()
        elif token.type == "inline" and not re.fullmatch(r"\[(?:English|한국어)\]\(.*\)", token.content):
            section = token.content if kinds[-1].startswith("heading") else section
            found.append(Block(section, "/".join(kinds), token.level, *facts(token, page)))
    return found


def differences(english: list[Block], korean: list[Block]) -> list[str]:
    """What one edition has and the other lacks, by the headings of the English one."""
    found: list[str] = []
    for ours, theirs in zip(english, korean, strict=False):
        if ours.kind != theirs.kind:
            return [*found, f"{ours}: in Korean there is a {theirs}"]
        found += [f"{ours}: `{name}` is not in Korean" for name in ours.code - theirs.code]
        found += [f"{ours}: `{name}` is in Korean alone" for name in theirs.code - ours.code]
        found += [f"{ours}: {number} is not in Korean" for number in ours.numbers - theirs.numbers]
        if ours.links != theirs.links:
            found.append(f"{ours}: links to {ours.links}, in Korean to {theirs.links}")
    longer = max(english, korean, key=len)[min(len(english), len(korean)) :]
    return found + [f"{block}: in one edition alone" for block in longer]


def of_page(path: Path) -> list[Block]:
    """The blocks of a page."""
    return blocks(path.read_text("utf-8"), path)


@pytest.mark.parametrize("page", PAGES)
def test_the_editions_are_in_step(page: str) -> None:
    found = differences(of_page(DOCS / page), of_page(KOREAN / page))
    assert not found, f"docs/ko/{page} is out of step:\n" + "\n".join(found)


def changed(page: str, english: dict[str, str]) -> list[str]:
    """The sections of an English page that are not as they were when they were translated."""
    known = translated.then().get(page, {})
    return sorted(h for h in english.keys() | known.keys() if english.get(h) != known.get(h))


@pytest.mark.parametrize("page", PAGES)
def test_english_is_as_it_was_translated(page: str) -> None:
    found = changed(page, translated.now()[page])
    assert not found, f"docs/{page} has changed: see to docs/ko/{page}, then docs/site/translated.py: {found}"


def test_a_changed_sentence_is_found() -> None:
    page = "tutorial/netx-server.md"
    text = (DOCS / page).read_text("utf-8")
    for was, becomes, found in (
        ("It takes ten", "It takes\nten", []),
        ("ten minutes", "an hour", ["A NetX server on your desk"]),
        ("## It hears", "## It listens", ["It hears and answers", "It listens and answers"]),
    ):
        assert was in text
        assert changed(page, translated.digests(text.replace(was, becomes))) == found


ENGLISH = """# Title

Five of `that`, see [it](there.md), RFC 6347 section 4.2.

## Second

| a | b |
| --- | --- |
| `one` | 12 |

```c
int x;
```
"""


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        (
            "`that`",
            "`this`",
            ["paragraph under 'Title': `that` is not", "paragraph under 'Title': `this` is"],
        ),
        ("4.2.", "4.1.", ["paragraph under 'Title': 4.2 is not in Korean"]),
        ("there.md", "here.md", ["paragraph under 'Title': links to ('there.md',), in Korean to"]),
        (
            "int x",
            "int y",
            ["code under 'Second': `c\nint x;\n` is not", "code under 'Second': `c\nint y;\n`"],
        ),
        ("`one`", "one", ["table/tbody/tr/td under 'Second': `one` is not in Korean"]),
        ("## Second", "### Second", ["headingh2 under 'Second': in Korean there is a headingh3"]),
        ("\n## Second\n", "", ["headingh2 under 'Second': in Korean there is a table"]),
        ("```c\nint x;\n```\n", "", ["code under 'Second': in one edition alone"]),
    ],
)
def test_what_is_out_of_step_is_named(was: str, becomes: str, said: list[str]) -> None:
    assert was in ENGLISH
    english, korean = (blocks(t, DOCS / "page.md") for t in (ENGLISH, ENGLISH.replace(was, becomes)))
    found = differences(english, korean)
    assert len(found) == len(said)
    assert all(line.startswith(start) for line, start in zip(found, said, strict=True)), found


@pytest.mark.parametrize("page", sorted(p.relative_to(DOCS).as_posix() for p in KOREAN.rglob("*.md")))
def test_each_edition_leads_to_the_other_below_its_title(page: str) -> None:
    korean = DOCS / page
    english = DOCS / editions.in_english(page)
    for own, other, name in ((english, korean, "한국어"), (korean, english, "English")):
        third = own.read_text("utf-8").split("\n")[2]
        assert third == f"[{name}]({os.path.relpath(other, own.parent)})", own


@pytest.mark.parametrize("page", PAGES)
def test_korean_pages_lead_to_korean_pages(page: str) -> None:
    path = KOREAN / page
    text = path.read_text("utf-8").split("\n", 3)[3]
    for link, behind in re.findall(r"\]\(([^)#]+\.md)[^)]*\)(\(영어\))?", text):
        there = Path(os.path.normpath(path.parent / link))
        has_korean = (KOREAN / editions.in_english(os.path.relpath(there, DOCS))).exists()
        assert there.is_relative_to(KOREAN) or not has_korean, f"{link} has a Korean edition"
        assert there.is_relative_to(KOREAN) != bool(behind), f"{link}: (영어) says that it leads to English"


def marks(text: str) -> list[str]:
    """Text in which marks are left: `**` between a name in code and a particle ends nothing."""
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    texts = [child.content for token in tokens for child in token.children or [] if child.type == "text"]
    return [text for text in texts if re.search(r"\*\*|`|\]\(", text)]


@pytest.mark.parametrize("page", sorted(KOREAN.rglob("*.md")), ids=lambda page: page.stem)
def test_marks_are_understood(page: Path) -> None:
    assert marks(page.read_text("utf-8")) == []
    assert marks("**`main`**은 **`main` 함수**는") == ["**", "**은 "]


@pytest.mark.parametrize("page", PAGES)
def test_sentences_end_formally(page: str) -> None:
    prose = re.sub(r"^```.*?^```$|`[^`]*`", "", (KOREAN / page).read_text("utf-8"), flags=re.M | re.S)
    assert [end for end in SENTENCE_END.findall(prose) if not end.endswith("니다")] == []
