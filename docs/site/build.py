# SPDX-License-Identifier: MIT
"""Builds the documentation: the site in OUT/html, the man pages in OUT/man. Any warning is an error."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

SITE = Path(__file__).resolve().parent
ROOT = SITE.parents[1]


def build(out: Path, builders: list[str]) -> int:
    """Runs Sphinx once for each builder; the answer is an exit status."""
    for builder in builders:
        command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-j", "auto", "-b", builder]
        folders = ["-c", str(SITE), "-d", str(out / "doctrees"), str(SITE.parent), str(out / builder)]
        if status := subprocess.run([*command, *folders], check=False).returncode:
            return status
    return 0


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="dtlslab docs", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "docs", metavar="DIR")
    parser.add_argument("--man", action="store_true", help="the man pages alone")
    arguments = parser.parse_args()
    status = build(arguments.out, ["man"] if arguments.man else ["html", "man"])
    if status == 0:
        built = arguments.out / ("man" if arguments.man else "html/index.html")
        print(built)
    return status


if __name__ == "__main__":
    sys.exit(main())
