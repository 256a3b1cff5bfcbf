# SPDX-License-Identifier: MIT
"""From results to what the index page shows: grids of cells, sections of requirements, counts."""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from dtlslab.report import sections
from dtlslab.report.verdicts import (
    FINDINGS,
    LETTERS,
    Role,
    citation_text,
    is_known,
    rank,
    role_of,
    stacks_of,
    who,
    worst,
)
from dtlslab.results import Result
from dtlslab.verdict import Citation, Verdict

PageOf = Callable[[Result], str]
"""Gives the page of a result, relative to the index; empty when it has none."""

MOST_GRIDS = 8
"""Up to so many interop cases get a grid each; more are rows of one table."""

PART_TITLES = {
    "interop": "Interop",
    "losses": "Losses",
    "conformance": "Conformance",
    "replay": "Replay",
    "mutate": "Mutation",
    "sim": "Simulation",
}


@dataclass(frozen=True, slots=True)
class CellView:
    """One coloured, lettered cell."""

    verdict: Verdict
    letter: str
    href: str
    tooltip: str
    known: bool
    departure: bool
    stacks: str
    """Names, separated by `|`, for the filter."""
    count: int = 0
    """How many results the cell stands for; 0 where that is not worth saying."""
    more: tuple[CellView, ...] = ()
    """The cells beside it in the same place, for results that ended in other ways."""


@dataclass(slots=True)
class Grid:
    """One interop case: clients down, servers across."""

    case: str
    title: str
    servers: list[str]
    rows: list[tuple[str, list[CellView | None]]]


@dataclass(slots=True)
class Requirement:
    case: str
    title: str
    cells: list[CellView | None]


@dataclass(slots=True)
class Section:
    """The requirements of one section of an RFC."""

    name: str
    title: str
    url: str
    rows: list[Requirement] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: a stack in a role, or a client with a server."""

    group: str
    name: str


@dataclass(slots=True)
class Table:
    """Rows of cells under grouped columns."""

    columns: list[Column]
    sections: list[Section]

    @property
    def groups(self) -> list[tuple[str, int]]:
        """Each group with the number of its columns."""
        return list(Counter(column.group for column in self.columns).items())

    @property
    def first_of_groups(self) -> set[int]:
        """Where groups begin."""
        return {i for i, c in enumerate(self.columns) if i == 0 or self.columns[i - 1].group != c.group}


@dataclass(slots=True)
class Finding:
    """Results that ended alike, said once."""

    verdict: Verdict
    letter: str
    part: str
    case: str
    title: str
    reason: str
    citation: str
    url: str
    known: bool
    departure: bool
    members: list[Result]
    stacks: str

    @property
    def who(self) -> list[str]:
        return list(dict.fromkeys(who(member) for member in self.members))


def cell_of(results: list[Result], page_of: PageOf, *, count: bool = False) -> CellView:
    """The cell for results that share a place; `count` says how many are findings."""
    result = worst(results)
    parts = [f"{who(result)}: {result.verdict.value}"]
    if is_known(result):
        parts[0] += " (known)"
    elif not result.expected:
        parts[0] += " (departure)"
    if count and len(results) > 1:
        verdicts = Counter(one.verdict for one in results)
        parts.append(", ".join(f"{verdicts[v]} {v.value}" for v in sorted(verdicts, key=rank)))
    if result.reason:
        parts.append(result.reason)
    if result.citation is not None:
        parts.append(citation_text(result.citation))
    return CellView(
        verdict=result.verdict,
        letter=LETTERS[result.verdict],
        href=page_of(result),
        tooltip="\n".join(parts),
        known=is_known(result),
        departure=not result.expected,
        stacks="|".join(stacks_of(result)),
        count=sum(one.verdict in FINDINGS for one in results) if count else 0,
    )


def pair_overview(results: list[Result], page_of: PageOf) -> Grid:
    """All cases in one grid: how often each verdict occurs for each pair."""
    cases = len({result.case for result in results})
    clients = list(dict.fromkeys(result.client for result in results))
    servers = list(dict.fromkeys(result.server for result in results))
    pairs: dict[tuple[str, str], list[Result]] = defaultdict(list)
    for result in results:
        pairs[result.client, result.server].append(result)
    rows = [
        (client, [_overview_cell(pairs.get((client, server)), page_of) for server in servers])
        for client in clients
    ]
    return Grid("", f"All {cases} cases", servers, rows)


def _overview_cell(results: list[Result] | None, page_of: PageOf) -> CellView | None:
    """The passes, and beside them each other way in which results ended, the worst last."""
    if not results:
        return None
    groups: dict[tuple[int, bool, bool], list[Result]] = defaultdict(list)
    for result in results:
        groups[-rank(result.verdict), not result.expected, is_known(result)].append(result)
    cells = [replace(cell_of(groups[key], page_of), count=len(groups[key])) for key in sorted(groups)]
    return replace(cells[0], more=tuple(cells[1:]))


def pair_table(results: list[Result], page_of: PageOf) -> Table:
    """Cases down, pairs of client and server across: for more cases than grids can show."""
    clients = list(dict.fromkeys(result.client for result in results))
    servers = list(dict.fromkeys(result.server for result in results))
    present = {(result.client, result.server) for result in results}
    pairs = [pair for pair in itertools.product(clients, servers) if pair in present]
    by_case: dict[str, dict[tuple[str, str], list[Result]]] = {}
    for result in results:
        by_case.setdefault(result.case, defaultdict(list))[result.client, result.server].append(result)
    section = Section("", "", "")
    for case, found in by_case.items():
        cells = [cell_of(found[pair], page_of) if pair in found else None for pair in pairs]
        title = next(iter(found.values()))[0].title
        section.rows.append(Requirement(case, title, cells))
    return Table([Column(*pair) for pair in pairs], [section])


def interop_grids(results: list[Result], page_of: PageOf) -> list[Grid]:
    """One grid a case; all grids have the same rows and columns, so that they can be compared by eye."""
    clients = list(dict.fromkeys(result.client for result in results))
    servers = list(dict.fromkeys(result.server for result in results))
    by_case: dict[str, dict[tuple[str, str], list[Result]]] = {}
    for result in results:
        pairs = by_case.setdefault(result.case, defaultdict(list))
        pairs[result.client, result.server].append(result)
    grids = []
    for case, pairs in by_case.items():
        rows: list[tuple[str, list[CellView | None]]] = []
        for client in clients:
            found = [pairs.get((client, server)) for server in servers]
            rows.append((client, [cell_of(some, page_of) if some else None for some in found]))
        title = next(iter(pairs.values()))[0].title
        grids.append(Grid(case, title, servers, rows))
    return grids


def requirement_table(results: list[Result], page_of: PageOf) -> Table:
    """Requirements by section of the RFC they come from; one column a stack in a role."""
    columns = _columns(results)
    by_case = _by_case_and_role(results, lambda result: result.case)
    found: dict[tuple[str, str], Section] = {}
    for case, roles in by_case.items():
        some = [result for group in roles.values() for result in group]
        citation = _requirement(case, some)
        key = (citation.document, citation.section) if citation else ("", "")
        if key not in found:
            name = citation_text(citation) if citation else "Other cases"
            url = citation.url if citation else ""
            found[key] = Section(name, sections.title(*key), url)
        cells = [cell_of(roles[role], page_of) if role in roles else None for role in columns]
        found[key].rows.append(Requirement(case, some[0].title, cells))
    ordered = sorted(found, key=lambda key: sections.order(*key))
    return Table(_as_columns(columns), [found[key] for key in ordered])


def operator_table(results: list[Result], page_of: PageOf) -> Table:
    """Operators down, one column a stack in a role; each cell says how many of its runs are findings."""
    columns = _columns(results)
    by_operator = _by_case_and_role(results, lambda result: operator_of(result.case))
    section = Section("", "", "")
    for operator, roles in by_operator.items():
        some = [result for found in roles.values() for result in found]
        cells = [cell_of(roles[role], page_of, count=True) if role in roles else None for role in columns]
        runs = f"{len(some):,} runs" if len(some) != 1 else "1 run"
        section.rows.append(Requirement(operator, runs, cells))
    return Table(_as_columns(columns), [section])


def operator_of(case: str) -> str:
    """The mutation operator that a case applies: its name without the place or the number that follows."""
    return re.split(r"[/:@#]|-(?=\d+\Z)", case, maxsplit=1)[0] or case


def findings(results: Iterable[Result]) -> list[Finding]:
    """Results that are not a pass, those that ended alike together: departures first, the worst first."""
    groups: dict[tuple[object, ...], list[Result]] = defaultdict(list)
    for result in results:
        if result.verdict is Verdict.PASS and result.expected:
            continue
        key = (result.part, _case(result), result.verdict, result.reason, result.citation, result.expected)
        groups[key].append(result)
    found = []
    for members in groups.values():
        first = members[0]
        stacks = dict.fromkeys(name for member in members for name in stacks_of(member))
        found.append(
            Finding(
                verdict=first.verdict,
                letter=LETTERS[first.verdict],
                part=first.part,
                case=_case(first),
                title=first.title if all(member.title == first.title for member in members) else "",
                reason=first.reason,
                citation=citation_text(first.citation) if first.citation else "",
                url=first.citation.url if first.citation else "",
                known=is_known(first),
                departure=not first.expected,
                members=members,
                stacks="|".join(stacks),
            )
        )
    return sorted(found, key=lambda finding: (not finding.departure, rank(finding.verdict)))


def _case(result: Result) -> str:
    return operator_of(result.case) if result.part == "mutate" else result.case


def _as_columns(roles: list[Role]) -> list[Column]:
    return [Column(role.stack, role.role) for role in roles]


def _columns(results: list[Result]) -> list[Role]:
    roles = dict.fromkeys(role_of(result) for result in results)
    stacks = {stack: place for place, stack in enumerate(dict.fromkeys(role.stack for role in roles))}
    return sorted(roles, key=lambda role: (stacks[role.stack], role.role))


def _by_case_and_role(
    results: list[Result], name: Callable[[Result], str]
) -> dict[str, dict[Role, list[Result]]]:
    found: dict[str, dict[Role, list[Result]]] = {}
    for result in results:
        found.setdefault(name(result), defaultdict(list))[role_of(result)].append(result)
    return found


def _requirement(case: str, results: list[Result]) -> Citation | None:
    """The requirement that a case checks: as its results cite it, otherwise as its name says."""
    cited = next((result.citation for result in results if result.citation is not None), None)
    if cited is None and (match := re.match(r"rfc(\d+)-([A-Z\d]+(?:\.\d+)*)-", case)):
        return Citation(f"RFC {match[1]}", match[2])
    return cited
