# SPDX-License-Identifier: MIT
"""Judges the branch coverage of libdtls: `ci/test.py --coverage` calls this.

Reads gcovr's JSON, prints a table by folder, and compares the branches that no
test has reached with the reviewed list `libdtls/tests/coverage/unreached.toml`.
A branch that is neither reached nor listed fails the run; one that is listed
and was reached is told as stale, so that the list can be shortened.

The list's key is file, function and text of the line, with the number of
branches on it: it survives lines that are added above. Where one line stands
in a function twice, the branches of both are counted together.
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, order=True)
class Place:
    """A line that branches."""

    file: str
    function: str
    line: str

    def __str__(self) -> str:
        return f"{self.file}, {self.function}: {self.line}"


@dataclass
class Count:
    """Branches of a line or of a folder."""

    all: int = 0
    reached: int = 0
    listed: int = 0

    @property
    def share(self) -> float:
        return 100 * self.reached / self.all if self.all else 100.0


@dataclass(frozen=True)
class Entry:
    """How many branches of a place are not reached; `sometimes`: it depends on the machine."""

    branches: int
    sometimes: bool


def measured(report: Mapping[str, Any], root: Path) -> dict[Place, Count]:
    """The branches of each line in gcovr's JSON report."""
    places: dict[Place, Count] = defaultdict(Count)
    for file in report["files"]:
        text = (root / file["file"]).read_text(encoding="utf-8").splitlines()
        for line in file["lines"]:
            if not line["branches"]:
                continue
            function = line.get("function_name") or ""
            source = " ".join(text[line["line_number"] - 1].split())
            count = places[Place(file["file"], function, source)]
            count.all += len(line["branches"])
            count.reached += sum(1 for branch in line["branches"] if branch["count"] > 0)
    return dict(places)


def listed(path: Path) -> dict[Place, Entry]:
    """The reviewed list: groups with a reason each."""
    entries: dict[Place, Entry] = {}
    for group in tomllib.loads(path.read_text(encoding="utf-8")).get("because", []):
        if not group["reason"].strip():
            raise ValueError(f"{path}: a group without a reason")
        for item in group["unreached"]:
            place = Place(item["file"], item["function"], item["line"])
            if place in entries:
                raise ValueError(f"{path}: listed twice: {place}")
            entries[place] = Entry(item.get("branches", 1), item.get("sometimes", False))
    return entries


def faults(places: Mapping[Place, Count], entries: Mapping[Place, Entry]) -> Iterator[tuple[str, Place, int]]:
    """What is wrong: ("unreached" | "stale", where, how many branches)."""
    for place, count in sorted(places.items()):
        entry = entries.get(place, Entry(0, False))
        more = count.all - count.reached - entry.branches
        if more > 0:
            yield "unreached", place, more
        elif more < 0 and not entry.sometimes:
            yield "stale", place, -more
    for place, entry in sorted(entries.items()):
        if place not in places:
            yield "stale", place, entry.branches


def by_folder(places: Mapping[Place, Count], entries: Mapping[Place, Entry]) -> dict[str, Count]:
    folders: dict[str, Count] = defaultdict(Count)
    for place, count in sorted(places.items()):
        for folder in (str(Path(place.file).parent), "all"):
            total = folders[folder]
            total.all += count.all
            total.reached += count.reached
            if place in entries:
                total.listed += min(entries[place].branches, count.all - count.reached)
    return {**{name: count for name, count in folders.items() if name != "all"}, "all": folders["all"]}


def table(title: str, folders: Mapping[str, Count]) -> Table:
    shown = Table(title=title)
    for heading in ("folder", "branches", "reached", "%", "listed"):
        shown.add_column(heading, justify="left" if heading == "folder" else "right")
    for name, count in folders.items():
        numbers = str(count.all), str(count.reached), f"{count.share:.1f}", str(count.listed)
        shown.add_row(name, *numbers, style="bold" if name == "all" else None)
    return shown


def proposal(place: Place, branches: int) -> str:
    """An entry for the list."""
    fields = {"file": place.file, "function": place.function, "line": place.line}
    words = [f"{name} = {json.dumps(value)}" for name, value in fields.items()]
    return "    { " + ", ".join([*words, f"branches = {branches}"]) + " },"


def main() -> int:
    """Prints the table and what is wrong. 0: enough, and the list is true."""
    parser = argparse.ArgumentParser(prog="branches", description="Judges branch coverage.")
    parser.add_argument("report", type=Path, help="gcovr's JSON report")
    parser.add_argument("--unreached", type=Path, required=True, help="the list of branches not reached")
    parser.add_argument("--least", type=float, default=95, help="per cent of branches to be reached")
    parser.add_argument("--propose", action="store_true", help="print entries for what is not in the list")
    arguments = parser.parse_args()
    report = json.loads(arguments.report.read_text(encoding="utf-8"))
    places = measured(report, ROOT)
    entries = listed(arguments.unreached)
    folders = by_folder(places, entries)
    console = Console(stderr=True, width=None if sys.stderr.isatty() else 100)
    console.print(table("Branches reached", folders))
    wrong = list(faults(places, entries))
    for kind, place, branches in wrong:
        if arguments.propose and kind == "unreached":
            print(proposal(place, branches))
        else:
            print(f"{kind}, {branches} of its branches: {place}", file=sys.stderr)
    share = folders["all"].share
    print(f"{share:.1f} % of {folders['all'].all} branches are reached; demanded: {arguments.least:g} %")
    unlisted = sum(1 for kind, _, _ in wrong if kind == "unreached")
    if unlisted:
        print(f"{unlisted} places are neither reached nor in {arguments.unreached}", file=sys.stderr)
    return 1 if unlisted or share < arguments.least else 0


if __name__ == "__main__":
    sys.exit(main())
