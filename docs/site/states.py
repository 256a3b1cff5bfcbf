#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Draws the state machines of libdtls from its own tables, which it exports.

`states.py --write` writes docs/explanation/states.md and a diagram for each
role; a test sees that they are those of the tables. A state is a box with a
line for each thing that may come; from the line, arrows go to the states that
may be next.
"""

from __future__ import annotations

import argparse
import html
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dtlslab.connection import PARTS, Role, Transition, transitions

FOLDER = Path(__file__).resolve().parent.parent / "explanation"
ROLES: tuple[Role, ...] = ("client", "server")

LINE, TITLE, GAP, SPACE, CHARACTER = 18, 24, 46, 40, 8.1
COLOURS = {"protocol": "#1f4e79", "resumption": "#8a4b08", "status_request": "#4c6b1f"}
WORDS = {
    "protocol": "a full handshake",
    "resumption": "with `resumption` in the configuration",
    "status_request": "with `dtls_extension_status_request`",
}


@dataclass
class State:
    """A box."""

    name: str
    messages: list[str] = field(default_factory=list)
    rank: int = 0
    x: float = 0
    y: float = 0

    @property
    def width(self) -> float:
        return max(len(text) for text in [self.name, *self.messages]) * CHARACTER + 20

    @property
    def height(self) -> float:
        return TITLE + LINE * len(self.messages) + (4 if self.messages else 0)

    def line(self, message: str) -> float:
        """The middle of a message's line."""
        return self.y + TITLE + LINE * (self.messages.index(message) + 0.5)


@dataclass(frozen=True)
class Row:
    """A transition with the table that has it."""

    part: str
    transition: Transition


def rows_of(role: Role) -> list[Row]:
    """All rows of a role, each next state once."""
    rows = [Row(part, row) for part in PARTS for row in transitions(role, part)]
    return list(dict.fromkeys(rows))


def states_of(rows: Iterable[Row]) -> dict[str, State]:
    """The boxes, with the longest way to each as its rank; ways back do not count."""
    states: dict[str, State] = {}
    for row in rows:
        for name in (row.transition.state, row.transition.next):
            states.setdefault(name, State(name))
        state = states[row.transition.state]
        if row.transition.message not in state.messages:
            state.messages.append(row.transition.message)
    ahead: dict[str, set[str]] = {name: set() for name in states}
    for row in rows:
        if row.transition.next != row.transition.state:
            ahead[row.transition.state].add(row.transition.next)

    def visit(name: str, rank: int, way: tuple[str, ...]) -> None:
        if name in way or (rank <= states[name].rank and way):
            return
        states[name].rank = rank
        for following in ahead[name]:
            visit(following, rank + 1, (*way, name))

    visit(next(iter(states)), 0, ())
    return states


def place(states: Mapping[str, State]) -> tuple[float, float]:
    """Ranks stand below each other, each in the middle. The size of the whole."""
    ranks: dict[int, list[State]] = {}
    for state in states.values():
        ranks.setdefault(state.rank, []).append(state)
    width = max(sum(s.width + SPACE for s in rank) for rank in ranks.values()) + 2 * SPACE
    y: float = SPACE
    for number in sorted(ranks):
        rank = ranks[number]
        x = (width - sum(s.width + SPACE for s in rank) + SPACE) / 2
        for state in rank:
            state.x, state.y = x, y
            x += state.width + SPACE
        y += max(state.height for state in rank) + GAP
    return width, y


def arrow(source: State, row: Row, target: State, number: int) -> str:
    """From the side of the message's line to the top of the box; a loop stays at the side."""
    colour = COLOURS[row.part]
    y = source.line(row.transition.message)
    right = source.x + source.width
    if source is target:
        path = f"M{right:.0f} {y - 4:.0f} c22 -4 22 12 0 8"
    else:
        leaves_right = target.x + target.width / 2 >= source.x + source.width / 2
        x = right if leaves_right else source.x
        bend = (16 + 5 * (number % 5)) * (1 if leaves_right else -1)
        share = (number % 7 + 1) / 8
        end = target.x + target.width * share
        path = (
            f"M{x:.0f} {y:.0f} C{x + 2 * bend:.0f} {y:.0f} "
            f"{end:.0f} {target.y - 34:.0f} {end:.0f} {target.y - 2:.0f}"
        )
    title = html.escape(f"{row.transition.state}: {row.transition.message} → {row.transition.next}")
    return (
        f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="1.2" '
        f'marker-end="url(#{row.part})"><title>{title}</title></path>'
    )


def box(state: State) -> str:
    """A state that asks the application stands apart by its colour, the last one by its frame."""
    fill = "#fff4d6" if state.name.startswith("ask") else "#eef3f8"
    stroke = 2.4 if not state.messages or state.name == "connected" else 1
    parts = [
        f'<rect x="{state.x:.0f}" y="{state.y:.0f}" width="{state.width:.0f}" height="{state.height:.0f}" '
        f'rx="5" fill="{fill}" stroke="#44546a" stroke-width="{stroke}"/>',
        f'<text x="{state.x + 10:.0f}" y="{state.y + 16:.0f}" font-weight="bold">'
        f"{html.escape(state.name)}</text>",
    ]
    parts += [
        f'<text x="{state.x + 10:.0f}" y="{state.line(message) + 4:.0f}">{html.escape(message)}</text>'
        for message in state.messages
    ]
    return "".join(parts)


def diagram(role: Role) -> str:
    """The state machine of a role as SVG."""
    rows = rows_of(role)
    states = states_of(rows)
    width, height = place(states)
    markers = "".join(
        f'<marker id="{part}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        f'orient="auto"><path d="M0 0L8 4L0 8z" fill="{colour}"/></marker>'
        for part, colour in COLOURS.items()
    )
    arrows = [
        arrow(states[row.transition.state], row, states[row.transition.next], number)
        for number, row in enumerate(rows)
    ]
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}" font-family="sans-serif" font-size="12.5" role="img">',
        f"<title>States of a DTLS 1.2 {role}</title>",
        f'<rect width="100%" height="100%" fill="#ffffff"/><defs>{markers}</defs>',
        *arrows,
        *[box(state) for state in states.values()],
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def table(role: Role) -> list[str]:
    """The rows of a role in Markdown, next states together."""
    nexts: dict[tuple[str, str, str], list[str]] = {}
    for row in rows_of(role):
        key = (row.transition.state, row.transition.message, row.part)
        nexts.setdefault(key, []).append(row.transition.next)
    lines = ["| state | what may come | next | table |", "| --- | --- | --- | --- |"]
    for (state, message, part), names in nexts.items():
        lines.append(f"| {state} | {message} | {'; '.join(names)} | {part} |")
    return lines


def page() -> str:
    """docs/explanation/states.md."""
    lines = [
        "# State machines",
        "",
        "This page is made of the tables that libdtls runs and exports (`dtls_protocol_transition`,",
        "`dtls_resumption_transition`, `dtls_extension_transition`) by `docs/site/states.py --write`. A test",
        "walks every state with every type of message and checks that the tables say what happens.",
        "",
        "A box is a state, with a line for each thing that may come in it; arrows lead to the states that",
        "may be next, of which the negotiation decides. Yellow boxes are questions to the application:",
        "messages wait there. A handshake message that has no line ends the connection with the alert",
        "unexpected_message (RFC 5246 section 7.4); a ChangeCipherSpec that has none is dropped, since",
        "nothing authenticates it. HelloRequest in the middle of a handshake is ignored (RFC 5246 section",
        "7.4.1.1).",
        "",
        "Arrows have the colour of their table:",
        "",
        *[f"- `{part}`: {words}" for part, words in WORDS.items()],
    ]
    for role in ROLES:
        lines += ["", f"## {role.capitalize()}", "", f"![States of a DTLS 1.2 {role}](states-{role}.svg)", ""]
        lines += table(role)
    return "\n".join(lines) + "\n"


def files() -> dict[Path, str]:
    """What is generated, by its place."""
    drawn = {FOLDER / f"states-{role}.svg": diagram(role) for role in ROLES}
    return {FOLDER / "states.md": page(), **drawn}


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes the files, or says which are not those of the tables."""
    parser = argparse.ArgumentParser(prog="states.py", description="Draws the state machines of libdtls.")
    parser.add_argument("--write", action="store_true", help="write the files")
    options = parser.parse_args(arguments)
    stale = [path for path, text in files().items() if not path.exists() or path.read_text("utf-8") != text]
    for path in stale:
        if options.write:
            path.write_text(files()[path], "utf-8")
        print(f"{'written' if options.write else 'stale'}: {path}")
    return 1 if stale and not options.write else 0


if __name__ == "__main__":
    sys.exit(main())
