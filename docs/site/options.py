# SPDX-License-Identifier: MIT
"""Writes the tables of options in the pages of dtls-client and dtls-server, from what the programs say.

python docs/site/options.py [BUILD]
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = ("dtls-client", "dtls-server")


def page(program: str) -> Path:
    """The page of a program."""
    return ROOT / "docs" / "reference" / f"{program}.md"


def table(told: str) -> str:
    """The options of a `-help` as a table."""
    joined = re.sub(r"\n {20,}", " ", told)
    options = re.findall(r"^  (-\S+(?: \S+)?) {2,}(.*)$", joined, re.M)
    return "\n".join(["| option | |", "| --- | --- |", *(f"| `{name}` | {text} |" for name, text in options)])


def renewed(program: str, build: Path) -> str:
    """The page's text with the options that the program has now."""
    told = subprocess.run([build / "bin" / program, "-help"], capture_output=True, text=True, check=True)
    before, rest = page(program).read_text().split("## Options\n", 1)
    after = rest.split("\n## ", 1)[1]
    return f"{before}## Options\n\n{table(told.stdout)}\n\n## {after}"


def main() -> None:
    """Renews both pages."""
    build = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build"
    for program in PROGRAMS:
        page(program).write_text(renewed(program, build))


if __name__ == "__main__":
    main()
