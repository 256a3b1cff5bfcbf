# SPDX-License-Identifier: MIT
"""What changed between two runs, cell by cell."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from dtlslab.errors import BadInput
from dtlslab.report.pages import environment, write_assets
from dtlslab.report.verdicts import rank, stacks_of, worst
from dtlslab.results import Result, read_results, read_run
from dtlslab.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Change:
    """One cell in the two runs; None where a run does not have it."""

    before: Result | None
    after: Result | None

    @property
    def result(self) -> Result:
        """The later of the two."""
        found = self.after or self.before
        assert found is not None
        return found

    @property
    def stacks(self) -> str:
        return "|".join(stacks_of(self.result))


@dataclass(slots=True)
class Difference:
    """All that changed, and how much did not."""

    worse: list[Change]
    better: list[Change]
    other: list[Change]
    """The verdict is the same and the reason is not."""
    added: list[Change]
    removed: list[Change]
    same: int

    @property
    def groups(self) -> list[tuple[str, str, list[Change]]]:
        """Name, title and changes of each group that is not empty."""
        named = [
            ("worse", "Worse", self.worse),
            ("better", "Better", self.better),
            ("other", "Same verdict for another reason", self.other),
            ("added", "New", self.added),
            ("removed", "Gone", self.removed),
        ]
        return [group for group in named if group[2]]


def compare(before: Iterable[Result], after: Iterable[Result]) -> Difference:
    """Compares two runs cell by cell; a cell is a case for a pair of endpoints."""
    old, new = _cells(before), _cells(after)
    difference = Difference([], [], [], [], [], 0)
    for key in dict.fromkeys((*old, *new)):
        change = Change(old.get(key), new.get(key))
        if change.before is None:
            difference.added.append(change)
        elif change.after is None:
            difference.removed.append(change)
        elif change.before.verdict != change.after.verdict:
            is_worse = rank(change.after.verdict) < rank(change.before.verdict)
            (difference.worse if is_worse else difference.better).append(change)
        elif change.after.verdict is not Verdict.PASS and change.before.reason != change.after.reason:
            difference.other.append(change)
        else:
            difference.same += 1
    return difference


def read_difference(before: Path, after: Path) -> Difference:
    """Compares the runs in two out folders."""
    for folder in (before, after):
        if not (folder / "results.jsonl").is_file():
            raise BadInput("no results.jsonl; expected the out folder of a dtlslab run", file=folder)
    return compare(read_results(before / "results.jsonl"), read_results(after / "results.jsonl"))


def diff(before: Path, after: Path, page: Path | None = None) -> Path:
    """Writes a page that says what changed between two runs and returns it; by default `after/diff.html`."""
    difference = read_difference(before, after)
    page = page or after / "diff.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    write_assets(page.parent)
    runs = [
        (str(folder), read_run(folder / "run.json") if (folder / "run.json").is_file() else None)
        for folder in (before, after)
    ]
    text = environment().get_template("diff.html.j2").render(root="", difference=difference, runs=runs)
    page.write_text(text, encoding="utf-8")
    return page


def _cells(results: Iterable[Result]) -> dict[tuple[str, str, str, str], Result]:
    cells: dict[tuple[str, str, str, str], Result] = {}
    for result in results:
        key = result.part, result.case, result.client, result.server
        cells[key] = worst([cells[key], result]) if key in cells else result
    return cells
