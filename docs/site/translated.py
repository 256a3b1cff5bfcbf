#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Remembers which text the Korean pages were translated from, a digest for each section of an English page.

Who changes an English page that has a Korean edition changes that too, and then runs `translated.py`; a test
names the sections that have changed and not been seen to.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from pathlib import Path

DOCS = Path(__file__).resolve().parents[1]
KOREAN = DOCS / "ko"
TABLE = KOREAN / "translated.toml"
HEAD = """# SPDX-License-Identifier: MIT
# What the Korean pages were translated from: docs/site/translated.py writes it.
"""


def pages() -> list[str]:
    """The pages with a Korean edition that a person writes, the indexes not among them."""
    found = (page.relative_to(KOREAN) for page in KOREAN.rglob("*.md"))
    return sorted(p.as_posix() for p in found if p.stem != "index" and p.parts[0] != "reference")


def digests(text: str) -> dict[str, str]:
    """A digest of each section by its heading. Where lines end does not count."""
    outside = re.sub(r"^```.*?^```$", lambda code: code[0].replace("\n#", "\n #"), text, flags=re.M | re.S)
    sections = re.split(r"^#+ ", outside, flags=re.M)[1:]
    return {
        section.split("\n", 1)[0]: hashlib.sha256(" ".join(section.split()).encode()).hexdigest()[:16]
        for section in sections
    }


def now() -> dict[str, dict[str, str]]:
    """The digests of all pages as they are."""
    return {page: digests((DOCS / page).read_text("utf-8")) for page in pages()}


def then() -> dict[str, dict[str, str]]:
    """Those of the pages as they were translated."""
    table: dict[str, dict[str, str]] = tomllib.loads(TABLE.read_text("utf-8"))
    return table


def main() -> None:
    """Writes the table."""
    lines = [HEAD]
    for page, sections in now().items():
        lines += [f'["{page}"]', *(f'"{heading}" = "{digest}"' for heading, digest in sections.items()), ""]
    TABLE.write_text("\n".join(lines), "utf-8")


if __name__ == "__main__":
    main()
