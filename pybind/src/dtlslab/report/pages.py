# SPDX-License-Identifier: MIT
"""Writes the report: an index, a page for each cell that left a trace, and the files they share."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

import jinja2
import msgspec
from markupsafe import Markup

from dtlslab.errors import BadInput
from dtlslab.report.listing import EventRow, Facts, facts_of, rows_of
from dtlslab.report.sequence import diagram_of
from dtlslab.report.simulation import networks, series_of, share_axis
from dtlslab.report.text import bytes_text, percent_text, seconds_text, xml_text
from dtlslab.report.verdicts import LETTERS, MEANINGS, WORST_FIRST, citation_text, is_known, stacks_of, who
from dtlslab.report.views import (
    MOST_GRIDS,
    PART_TITLES,
    findings,
    interop_grids,
    operator_table,
    pair_overview,
    pair_table,
    requirement_table,
)
from dtlslab.results import Result, Run, read_results, read_run
from dtlslab.trace.events import read_events

_HERE = Path(__file__).parent
_ORDER = list(PART_TITLES)


def build(out_dir: Path) -> Path:
    """Writes the report of a run from its `run.json`, `results.jsonl` and traces; returns its `index.html`.

    BadInput names the file and the line that cannot be read. The folders `assets` and `cells` in `out_dir`
    are the report's own: pages there that this run does not need are removed.
    """
    results = read_results(_required(out_dir / "results.jsonl"))
    run = read_run(_required(out_dir / "run.json"))
    pages = _pages_of(out_dir, results)
    write_assets(out_dir)
    _write_cells(out_dir, run, pages)
    by_trace = {page.trace: page.path for page in pages}

    def page_of(result: Result) -> str:
        path = by_trace.get(result.trace or "")
        return quote(path) if path else ""

    index = out_dir / "index.html"
    missing = sum(result.trace is not None and result.trace not in by_trace for result in results)
    text = environment().get_template("index.html.j2").render(
        root="",
        run=run,
        results=results,
        started=_moment(run.started),
        counts=_counts(results),
        departures=[finding for finding in findings(results) if finding.departure],
        stacks=sorted({name for result in results for name in stacks_of(result)}),
        parts=list(_parts(results, page_of)),
        page_of=page_of,
        missing=missing,
    )  # fmt: skip
    index.write_text(text, encoding="utf-8")
    return index


class _Page(msgspec.Struct):
    """A cell page to be written: one trace and the results that name it."""

    trace: str
    path: str
    results: list[Result]


def write_assets(out_dir: Path) -> None:
    """Writes the style sheet and the script that all pages share."""
    (out_dir / "assets").mkdir(parents=True, exist_ok=True)
    for source in sorted((_HERE / "assets").iterdir()):
        (out_dir / "assets" / source.name).write_bytes(source.read_bytes())


@lru_cache(maxsize=1)
def environment() -> jinja2.Environment:
    """The templates, with everything escaped and undefined names refused."""
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        finalize=_finalize,
    )
    env.filters.update(
        seconds=seconds_text,
        size=bytes_text,
        percent=percent_text,
        citation=citation_text,
        n=_coordinate,
        breakable=_breakable,
    )
    env.globals.update(
        letters=LETTERS,
        meanings=MEANINGS,
        verdicts=WORST_FIRST,
        who=who,
        is_known=is_known,
        series_of=series_of,
        share_axis=share_axis,
        part_titles=PART_TITLES,
    )
    return env


def render_diagram(events_file: Path, players: Mapping[str, str]) -> tuple[Markup, list[EventRow], Facts]:
    """The SVG of a trace, its table of events and its figures."""
    events = read_events(events_file)
    diagram = diagram_of(events, players)
    svg = environment().get_template("sequence.svg.j2").render(d=diagram)
    return Markup(svg), rows_of(events), facts_of(events)


def _finalize(value: Any) -> Any:
    return xml_text(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _breakable(value: str) -> Markup:
    """Names such as TLS_PSK_WITH_AES_128_CCM_8, with places where a line may end."""
    return Markup("_<wbr>").join(value.split("_"))


def _coordinate(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _required(path: Path) -> Path:
    if not path.is_file():
        raise BadInput("no such file; expected the out folder of a dtlslab run", file=path)
    return path


def _pages_of(out_dir: Path, results: Iterable[Result]) -> list[_Page]:
    """One page for each trace folder that is there."""
    pages: dict[str, _Page] = {}
    for number, result in enumerate(results, 1):
        if result.trace is None:
            continue
        path = PurePosixPath(result.trace)
        if path.is_absolute() or ".." in path.parts or not path.parts:
            message = f"trace {result.trace!r} is not a folder below the out folder"
            raise BadInput(message, file=out_dir / "results.jsonl", line=number)
        if result.trace in pages:
            pages[result.trace].results.append(result)
        elif (out_dir / path / "events.jsonl").is_file():
            below = path.parts[1:] if path.parts[0] == "traces" and len(path.parts) > 1 else path.parts
            page = "/".join(("cells", *below)) + ".html"
            pages[result.trace] = _Page(result.trace, page, [result])
    return list(pages.values())


def _write_cells(out_dir: Path, run: Run, pages: list[_Page]) -> None:
    template = environment().get_template("cell.html.j2")
    drawn: dict[tuple[object, ...], tuple[Markup, list[EventRow], Facts]] = {}
    for place, page in enumerate(pages):
        trace = out_dir / page.trace
        players = _players(page.results[0], run)
        digest = hashlib.sha256((trace / "events.jsonl").read_bytes()).digest(), *players.values()
        if digest not in drawn:
            drawn[digest] = render_diagram(trace / "events.jsonl", players)
        svg, rows, facts = drawn[digest]
        root = "../" * page.path.count("/")
        text = template.render(
            root=root,
            run=run,
            result=page.results[0],
            results=page.results,
            svg=svg,
            rows=rows,
            facts=facts,
            trace=root + quote(page.trace),
            has_capture=(trace / "capture.pcapng").is_file(),
            before=_neighbour(pages, place - 1, root),
            after=_neighbour(pages, place + 1, root),
        )  # fmt: skip
        target = out_dir / page.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    _remove_stale(out_dir / "cells", {out_dir / page.path for page in pages})


def _players(result: Result, run: Run) -> dict[str, str]:
    """Who plays the client and the server, with the version that `run.json` gives to that name."""
    return {
        role: f"{name} {run.versions.get(name, '')}".strip()
        for role, name in (("client", result.client), ("server", result.server))
    }


def _neighbour(pages: list[_Page], place: int, root: str) -> tuple[str, str] | None:
    if not 0 <= place < len(pages):
        return None
    result = pages[place].results[0]
    return root + quote(pages[place].path), f"{result.case}, {who(result)}"


def _remove_stale(folder: Path, wanted: set[Path]) -> None:
    for path in folder.rglob("*.html"):
        if path not in wanted:
            path.unlink()
    for base, _, _ in os.walk(folder, topdown=False):
        if not os.listdir(base):
            os.rmdir(base)


def _parts(results: list[Result], page_of: Any) -> Iterable[dict[str, Any]]:
    """What the index shows of each part: a table of the kind that suits it, and what did not pass."""
    names = dict.fromkeys(result.part for result in results)
    for name in sorted(names, key=lambda name: _ORDER.index(name) if name in _ORDER else len(_ORDER)):
        some = [result for result in results if result.part == name]
        part: dict[str, Any] = {
            "name": name,
            "title": PART_TITLES.get(name, name.capitalize()),
            "counts": _counts(some),
            "total": len(some),
            "findings": findings(some),
            "grids": [],
            "table": None,
            "networks": [],
        }
        match name:
            case "interop" | "losses":
                if len({result.case for result in some}) <= MOST_GRIDS:
                    part["grids"] = interop_grids(some, page_of)
                else:
                    part["grids"] = [pair_overview(some, page_of)]
                    part["table"] = pair_table(some, page_of)
            case "sim":
                part["networks"] = networks(some, page_of)
            case "mutate" | "replay":
                part["table"] = operator_table(some, page_of)
            case _:
                part["table"] = requirement_table(some, page_of)
        yield part


def _counts(results: list[Result]) -> list[tuple[Any, int, int]]:
    """Of each verdict that occurs: how often, and how many of these are known failures."""
    counted = Counter(result.verdict for result in results)
    known = Counter(result.verdict for result in results if is_known(result))
    return [(verdict, counted[verdict], known[verdict]) for verdict in WORST_FIRST if counted[verdict]]


def _moment(text: str) -> str:
    """RFC 3339 as people write it; the text itself when it is something else."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    zone = moment.tzname() or ""
    return f"{moment.day} {moment:%B %Y, %H:%M} {zone}".strip()
