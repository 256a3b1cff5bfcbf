#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Draws what happened in a run of the laboratory, as its report does, for pages that are no report.

`pictures.py --write` makes the run and draws it; a test sees that the same run still gives the same picture.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from pathlib import Path

from dtlslab import Lab, networks
from dtlslab.report import pages

FOLDER = Path(__file__).resolve().parents[1] / "explanation"
NETX_LOSSY = FOLDER / "netx-lossy-link.svg"
STYLE = Path(pages.__file__).parent / "assets" / "report.css"


def netx_over_a_lossy_link(folder: Path, seed: int = 4) -> str:
    """OpenSSL's client meets a server of the NetX services on a link that loses a fifth of the packets."""
    with Lab(networks.point_to_point(rate="250kbps", delay="40ms", loss=0.2), seed=seed) as lab:
        server, client = lab.server("netx"), lab.client("openssl")
        client.connect(server)
        lab.run(until="60s")
        lab.trace.write(folder)
    players = {"server": "NetX services", "client": "OpenSSL"}
    return alone(pages.render_diagram(folder / "events.jsonl", players)[0])


def alone(svg: str) -> str:
    """A diagram of the report with its own ground and the report's look, light and dark."""
    css = re.sub(r"\s*/\*.*?\*/", "", STYLE.read_text(), flags=re.S)
    rules = re.findall(r"^\.(?:sequence|arrow|pill|chip|separator)\b.*\}$|^marker .*\}$", css, re.M)
    used = set(re.findall(r"var\((--[\w-]+)\)", "".join(rules))) | {"--panel"}

    def variables(block: str) -> str:
        text = css.split(block, 1)[1].split("}", 1)[0]
        return "".join(f"{name}:{v};" for name, v in re.findall(r"(--[\w-]+): (.*);", text) if name in used)

    dark = "@media (prefers-color-scheme: dark) {\n    :root {"
    roots = f":root {{{variables(':root {')}}}\n{dark}{variables(dark)}}}}}"
    ground = '<rect width="100%" height="100%" fill="var(--panel)"/>'
    head, body = svg.split(">\n", 1)
    width, height = re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', head)[0]
    head = re.sub(r' style="[^"]*"', f' width="{width}" height="{height}"', head)
    style = "\n".join(["<style>", roots, *rules, "</style>"])
    return f"{head}>\n{style}\n{ground}\n{body}\n"


def drawn() -> dict[Path, str]:
    """All pictures."""
    with tempfile.TemporaryDirectory() as folder:
        return {NETX_LOSSY: netx_over_a_lossy_link(Path(folder))}


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the pictures")
    write = parser.parse_args().write
    pictures = drawn()
    for path, text in pictures.items() if write else ():
        path.write_text(text, "utf-8")
    return 0 if all(p.exists() and p.read_text("utf-8") == text for p, text in pictures.items()) else 1


if __name__ == "__main__":
    sys.exit(main())
