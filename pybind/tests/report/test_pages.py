# SPDX-License-Identifier: MIT
"""The written report: complete, escaped, without the network, quick, and plain about broken input."""

from __future__ import annotations

import re
import time
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import msgspec
import pytest
from dtlslab.errors import BadInput
from dtlslab.report import build
from dtlslab.results import Cell, Result, read_results, write_results
from dtlslab.verdict import Citation, Outcome, Verdict

from .synthetic import Folder, Handshake, at_random, example, write_events


class Links(HTMLParser):
    """Gathers what a page loads, what it links to, and its text."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.words: list[str] = []
        self.tags: list[str] = []
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        if "id" in values:
            self.ids.add(values["id"])
        if "src" in values:
            self.loads.append(values["src"])
        if tag == "link":
            self.loads.append(values["href"])
        elif tag == "a":
            self.links.append(values["href"])

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = example(tmp_path_factory.mktemp("report"))
    assert build(folder) == folder / "index.html"
    return folder


def one(tmp_path: Path, **fields: object) -> Path:
    """An out folder with a single result."""
    folder = Folder(tmp_path)
    result = folder.add("interop", "a-case", ("libdtls", "openssl"), "A title", Outcome(Verdict.PASS, "well"))
    folder.trace(result, Handshake().run())
    folder.results = [msgspec.structs.replace(result, **fields)]
    return folder.write()


def test_every_link_leads_somewhere_and_nothing_is_loaded_from_afar(out: Path) -> None:
    pages = [out / "index.html", *(out / "cells").rglob("*.html")]
    for page in (pages[0], *pages[1:40:5]):
        found = Links(page)
        for load in found.loads:
            assert (page.parent / load).is_file(), (page, load)
        for link in found.links:
            parts = urlsplit(link)
            if parts.scheme:
                assert link.startswith("https://www.rfc-editor.org/rfc/"), link
            elif parts.path:
                assert (page.parent / unquote(parts.path)).is_file(), (page, link)
            else:
                assert parts.fragment in found.ids, (page, link)


def test_there_is_a_page_for_each_trace_and_for_nothing_else(out: Path) -> None:
    traces = {result.trace for result in read_results(out / "results.jsonl") if result.trace}
    assert len(list((out / "cells").rglob("*.html"))) == len(traces)
    assert (out / "cells/interop/handshake-psk/libdtls--openssl-s_server.html").is_file()
    assert not (out / "cells/mutate").exists()


def test_the_index_says_what_is_not_as_expected_first(out: Path) -> None:
    text = Links(out / "index.html").text
    departures = [result for result in read_results(out / "results.jsonl") if not result.expected]
    assert f"{len(departures)} departures in" in text
    assert text.index("Departures What is not as expected") < text.index("Interop 1 hang")
    assert "died of signal 11 (SIGSEGV)" in text


def test_a_cell_page_has_its_reason_citation_files_and_command(out: Path) -> None:
    page = Links(out / "cells/interop/clean-close/gnutls--openssl.html")
    assert "https://www.rfc-editor.org/rfc/rfc5246#section-7.2.1" in page.links
    assert "RFC 5246 §7.2.1" in page.text
    assert "the server sent no close_notify of its own" in page.text
    assert "dtlslab interop --client 'gnutls' --server 'openssl' --case clean-close --seed 7" in page.text
    assert "svg" in page.tags
    ends = [Path(urlsplit(link).path).name for link in page.links]
    assert "events.jsonl" in ends
    assert "capture.pcapng" in ends


def test_long_traces_make_small_pages(out: Path) -> None:
    page = out / "cells/interop/echo-1-mib/libdtls--libdtls.html"
    assert page.stat().st_size < 60_000
    assert "application data × 1,024 datagrams, 1 MiB" in page.read_text(encoding="utf-8")


def test_everything_is_escaped(tmp_path: Path) -> None:
    nasty = "<script>alert('x')</script>\x00&\""
    folder = one(tmp_path, title=nasty, reason=nasty, command=nasty, case=nasty, client=nasty)
    result = read_results(folder / "results.jsonl")[0]
    assert result.trace is not None
    shake = Handshake(lambda _: f"hook:{nasty}")
    write_events(folder / result.trace, shake.run())
    index = build(folder)
    for page in (index, *(folder / "cells").rglob("*.html")):
        text = page.read_text(encoding="utf-8")
        assert "<script>alert" not in text
        assert "\x00" not in text
        assert Links(page).tags.count("script") == 1


def test_a_broken_events_line_is_named(tmp_path: Path) -> None:
    folder = one(tmp_path)
    result = read_results(folder / "results.jsonl")[0]
    events = folder / str(result.trace) / "events.jsonl"
    lines = events.read_text().splitlines()
    lines[2] = '{"time": "late"}'
    events.write_text("\n".join(lines))
    with pytest.raises(BadInput, match=re.escape(f"{events}:3: ")):
        build(folder)


def test_a_broken_results_line_is_named(tmp_path: Path) -> None:
    folder = one(tmp_path)
    with (folder / "results.jsonl").open("a") as file:
        file.write("{oops\n")
    with pytest.raises(BadInput, match=r"results\.jsonl:2: "):
        build(folder)


def test_a_folder_without_a_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="out folder of a dtlslab run"):
        build(tmp_path)


@pytest.mark.parametrize("trace", ["../elsewhere", "/etc", "."])
def test_traces_outside_the_folder_are_refused(tmp_path: Path, trace: str) -> None:
    folder = one(tmp_path, trace=trace)
    with pytest.raises(BadInput, match="is not a folder below"):
        build(folder)


def test_a_trace_that_is_gone_is_counted(tmp_path: Path) -> None:
    folder = one(tmp_path, trace="traces/gone")
    assert "1 results name traces that are not here" in Links(build(folder)).text


def test_pages_of_an_earlier_run_are_removed(tmp_path: Path) -> None:
    folder = one(tmp_path)
    build(folder)
    stale = folder / "cells/interop/gone/a--b.html"
    stale.parent.mkdir()
    stale.write_text("old")
    build(folder)
    assert not stale.parent.exists()
    assert list((folder / "cells").rglob("*.html"))


def test_an_interrupted_run_says_so(tmp_path: Path) -> None:
    folder = one(tmp_path)
    run = msgspec.json.decode((folder / "run.json").read_bytes())
    run["complete"] = False
    (folder / "run.json").write_bytes(msgspec.json.encode(run))
    assert "This run was interrupted" in Links(build(folder)).text


def test_a_run_without_results_has_a_report(tmp_path: Path) -> None:
    folder = one(tmp_path)
    write_results(folder / "results.jsonl", [])
    assert "No results" in Links(build(folder)).text


def test_an_unknown_part_gets_a_table(tmp_path: Path) -> None:
    folder = one(tmp_path, part="learn")
    text = Links(build(folder)).text
    assert "Learn" in text
    assert "a-case" in text


def test_five_hundred_cells_take_seconds(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    for number in range(500):
        cell = Cell(
            part="conformance", case=f"rfc6347-4.2.4-case-{number}", client="tester", server="openssl"
        )
        outcome = Outcome(Verdict.FAIL, "wrong", Citation("RFC 6347", "4.2.4"))
        result = Result.of(cell, outcome, trace=cell.folder)
        folder.results.append(result)
        write_events(tmp_path / cell.folder, Handshake(at_random(0.1, number)).run())
    folder.write()
    start = time.process_time()
    build(tmp_path)
    assert time.process_time() - start < 15
    assert len(list((tmp_path / "cells").rglob("*.html"))) == 500
