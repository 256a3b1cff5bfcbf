# SPDX-License-Identifier: MIT
"""Links between files of the checkout lead somewhere, whether a page of the site or not."""

from __future__ import annotations

import re
import subprocess
import unicodedata
from pathlib import Path
from urllib.parse import unquote

import pytest
from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parents[2]
PAGES = subprocess.run(
    ["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True
).stdout.split()


def links(text: str) -> list[str]:
    """Where a page's links and pictures lead, those within the checkout."""
    found = []
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        leading = [c for c in token.children or [] if c.type in ("link_open", "image")]
        found += [str(child.attrs.get("href") or child.attrs["src"]) for child in leading]
        if token.type == "html_block":
            found += re.findall(r'(?:href|src)="([^"]+)"', token.content)
    return [unquote(link) for link in found if not re.match(r"\w+:", link)]


def anchors(text: str) -> set[str]:
    """What can be linked to on a page: its headings, as sites write them in addresses."""
    headings = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S), re.M)
    plain = (unicodedata.normalize("NFC", heading).lower() for heading in headings)
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in plain}


def broken(page: Path, text: str) -> list[str]:
    """The links that lead nowhere."""
    found = []
    for link in links(text):
        place, _, anchor = link.partition("#")
        there = (page.parent / place).resolve() if place else page
        if not there.exists():
            found.append(link)
        elif anchor and there.suffix == ".md":
            here = text if there == page else there.read_text("utf-8")
            found += [] if anchor in anchors(here) else [link]
    return found


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    path = ROOT / page
    assert broken(path, path.read_text("utf-8")) == []


def test_links_that_lead_nowhere_are_found() -> None:
    text = (
        "# 한 번에 하나\n\n[a](README.md) [b](none.md) [c](#한-번에-하나) [d](#none) [e](https://none)\n\n"
        "![f](none.svg) [g](CONTRIBUTING.md#what-matters-in-this-order) [h](CONTRIBUTING.md#what)\n\n"
        '<img src="none.png">\n\n```\n[i](none.c)\n```\n'
    )
    nowhere = ["none.md", "#none", "none.svg", "CONTRIBUTING.md#what", "none.png"]
    assert broken(ROOT / "README.md", text) == nowhere
