# SPDX-License-Identifier: MIT
"""Grids, sections, findings and figures from results."""

from __future__ import annotations

import math

import pytest
from dtlslab.report.simulation import networks
from dtlslab.report.statistics import quantile, wilson
from dtlslab.report.text import bytes_text, duration_text, percent_text, shortened, xml_text
from dtlslab.report.views import (
    findings,
    interop_grids,
    operator_of,
    operator_table,
    pair_overview,
    pair_table,
    requirement_table,
)
from dtlslab.results import Result
from dtlslab.verdict import Citation, Verdict


def result(
    case: str,
    client: str,
    server: str,
    verdict: Verdict = Verdict.PASS,
    expected: bool = True,
    part: str = "x",
) -> Result:
    return Result(part=part, case=case, client=client, server=server, verdict=verdict, expected=expected)


def no_page(_: Result) -> str:
    return ""


def test_interop_grids_share_rows_and_columns() -> None:
    grids = interop_grids(
        [result("a", "libdtls", "openssl"), result("b", "gnutls", "libdtls", Verdict.FAIL, expected=False)],
        no_page,
    )
    assert [grid.case for grid in grids] == ["a", "b"]
    assert all(grid.servers == ["openssl", "libdtls"] for grid in grids)
    cell = grids[1].rows[1][1][1]
    assert cell is not None
    assert (cell.letter, cell.departure, cell.known) == ("F", True, False)
    assert grids[0].rows[0][1][1] is None


def test_the_worst_result_shows_where_several_share_a_cell() -> None:
    grids = interop_grids(
        [result("a", "x", "y"), result("a", "x", "y", Verdict.CRASH), result("a", "x", "y", Verdict.FAIL)],
        no_page,
    )
    cell = grids[0].rows[0][1][0]
    assert cell is not None
    assert cell.verdict is Verdict.CRASH


def test_requirements_are_grouped_by_section_in_the_order_of_the_rfc() -> None:
    cases = ["rfc6347-4.2.4-b", "rfc6347-4.1.2.7-a", "rfc5246-E.1-d", "rfc5246-7.4.9-c", "odd-one"]
    table = requirement_table([result(case, "tester", "openssl") for case in cases], no_page)
    assert [section.name for section in table.sections] == [
        "RFC 6347 §4.1.2.7",
        "RFC 6347 §4.2.4",
        "RFC 5246 §7.4.9",
        "RFC 5246 §E.1",
        "Other cases",
    ]
    assert table.sections[0].title == "Handling Invalid Records"
    assert table.sections[0].url == "https://www.rfc-editor.org/rfc/rfc6347#section-4.1.2.7"


def test_columns_are_stacks_in_their_roles() -> None:
    table = requirement_table(
        [result("a", "tester", "openssl"), result("a", "gnutls", "tester"), result("a", "openssl", "tester")],
        no_page,
    )
    assert [f"{column.group} as {column.name}" for column in table.columns] == [
        "openssl as client",
        "openssl as server",
        "gnutls as client",
    ]
    assert table.groups == [("openssl", 2), ("gnutls", 1)]


def test_known_failures_are_marked_apart_from_departures() -> None:
    table = requirement_table(
        [
            result("a", "tester", "openssl", Verdict.FAIL, expected=True),
            result("a", "tester", "gnutls", Verdict.FAIL, expected=False),
        ],
        no_page,
    )
    cells = [cell for cell in table.sections[0].rows[0].cells if cell is not None]
    assert [(cell.known, cell.departure) for cell in cells] == [(True, False), (False, True)]
    assert "openssl as server: fail (known)" in cells[0].tooltip


@pytest.mark.parametrize(
    ("case", "operator"),
    [
        ("drop-3", "drop"),
        ("flip-bit/4/7", "flip-bit"),
        ("overlap", "overlap"),
        ("wrong-epoch:2", "wrong-epoch"),
    ],
)
def test_operators(case: str, operator: str) -> None:
    assert operator_of(case) == operator


def test_operator_cells_count_their_findings() -> None:
    some = [result(f"drop-{n}", "tester", "a", Verdict.CRASH if n < 2 else Verdict.PASS) for n in range(9)]
    cell = operator_table(some, no_page).sections[0].rows[0].cells[0]
    assert cell is not None
    assert (cell.letter, cell.count) == ("C", 2)


def test_findings_that_ended_alike_are_said_once_and_departures_come_first() -> None:
    some = [
        result("a", "tester", "x", Verdict.UNSUPPORTED),
        result("b", "tester", "x", Verdict.FAIL, expected=False),
        result("b", "tester", "y", Verdict.FAIL, expected=False),
        result("c", "tester", "y"),
        result("d", "tester", "y", Verdict.PASS, expected=False),
    ]
    found = findings(some)
    assert [(finding.case, len(finding.members)) for finding in found] == [("b", 2), ("d", 1), ("a", 1)]
    assert found[0].who == ["x as server", "y as server"]


def test_wilson_agrees_with_published_values() -> None:
    # Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert wilson(29, 29) == pytest.approx((0.8830, 1.0), abs=5e-5)
    assert wilson(0, 0) == (0.0, 1.0)


def test_quantiles() -> None:
    assert quantile([1, 2, 3, 4], 0.5) == 2
    assert quantile([1, 2, 3, 4], 1.0) == 4
    assert math.isnan(quantile([], 0.5))


def simulated(loss: float, clean: int, runs: int, times: list[float]) -> Result:
    return Result(
        part="sim",
        case=f"loss-{loss}",
        client="a",
        server="a",
        verdict=Verdict.PASS,
        metrics={"loss": loss, "runs": runs, "datagrams": 8, "without_retransmission": clean},
        series={"completion_times": times},
    )


def test_simulations_are_ordered_by_loss_and_compared_with_what_is_expected() -> None:
    found = networks([simulated(0.1, 20, 200, [3.0, 1.0]), simulated(0.0, 2, 2, [0.06, 0.06])], no_page)
    assert [network.label for network in found] == ["0 % loss", "10 % loss"]
    row = found[1].rows[0]
    assert (row.completed, row.runs, row.median) == (2, 200, "1.000 s")
    assert row.share is not None
    assert row.share.wanted == pytest.approx(0.43046721)
    assert not row.share.agrees
    assert found[0].rows[0].share is not None
    assert found[0].rows[0].share.agrees


def test_a_curve_ends_at_the_share_of_runs_that_completed() -> None:
    plot = networks([simulated(0.1, 1, 4, [1.0, 2.0])], no_page)[0].plot
    assert plot is not None
    assert plot.curves[0].path.endswith(f"V{(plot.top + plot.bottom) / 2:.1f}H{plot.right:.1f}")


def test_a_simulation_without_figures_has_a_row_and_no_plot() -> None:
    bare = Result(part="sim", case="c", client="a", server="b", verdict=Verdict.FAIL)
    network = networks([bare], no_page)[0]
    assert network.plot is None
    assert (network.rows[0].name, network.rows[0].median) == ("a → b", "–")


def test_citations_fill_in_for_cases_whose_names_have_no_section() -> None:
    failed = result("odd", "tester", "a", Verdict.FAIL)
    failed.citation = Citation("RFC 7627", "4")
    assert requirement_table([failed], no_page).sections[0].name == "RFC 7627 §4"


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (0, "0 ms"),
        (20.125, "20.1 ms"),
        (999.4, "999 ms"),
        (999.99, "1.000 s"),
        (7000, "7.000 s"),
        (119_000, "119.000 s"),
        (185_000, "3 min 5 s"),
    ],
)
def test_durations(milliseconds: float, text: str) -> None:
    assert duration_text(milliseconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(1, "1 byte"), (837, "837 bytes"), (1 << 20, "1 MiB"), (1280, "1.25 KiB"), (1023 * 1024, "1,023 KiB")],
)
def test_sizes(count: int, text: str) -> None:
    assert bytes_text(count) == text


def test_texts() -> None:
    assert percent_text(0.005) == "0.5 %"
    assert shortened("abcdef", 4) == "abc…"
    assert shortened("abcd", 4) == "abcd"
    assert xml_text("a\x00\ud800b") == "a\ufffd\ufffdb"


def test_many_interop_cases_are_rows_of_one_table_under_an_overview() -> None:
    some = [result(f"case-{n}", "a", server) for n in range(20) for server in ("a", "b")]
    some[5] = result("case-2", "a", "b", Verdict.FAIL)
    table = pair_table(some, no_page)
    assert [(column.group, column.name) for column in table.columns] == [("a", "a"), ("a", "b")]
    assert [row.case for row in table.sections[0].rows] == [f"case-{n}" for n in range(20)]
    cells = pair_overview(some, no_page).rows[0][1]
    shown = [[(one.letter, one.count) for one in (cell, *cell.more)] for cell in cells if cell is not None]
    assert shown == [[("P", 20)], [("P", 19), ("F", 1)]]


def test_the_overview_shows_each_verdict_beside_the_passes() -> None:
    verdicts = [Verdict.PASS] * 46 + [Verdict.UNSUPPORTED] + [Verdict.FAIL] * 2
    some = [result(f"case-{n}", "a", "b", verdict) for n, verdict in enumerate(verdicts)]
    some[-2].expected, some[-1].expected = True, False
    (cell,) = pair_overview(some, no_page).rows[0][1]
    assert cell is not None
    shown = [(one.letter, one.count, one.known) for one in (cell, *cell.more)]
    assert shown == [("P", 46, False), ("U", 1, False), ("F", 1, True), ("F", 1, False)]
