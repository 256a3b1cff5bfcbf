# SPDX-License-Identifier: MIT
"""The diagrams of the state machines are those of the tables that libdtls runs."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
import states
from dtlslab.connection import Role


def test_the_pages_are_those_of_the_tables() -> None:
    for path, text in states.files().items():
        assert path.read_text("utf-8") == text, "docs/site/states.py --write makes it anew"


@pytest.mark.parametrize("role", ["client", "server"])
def test_a_diagram_has_every_state_and_every_transition(role: Role) -> None:
    rows = states.rows_of(role)
    drawing = ET.fromstring(states.diagram(role))
    space = "{http://www.w3.org/2000/svg}"
    titles = {title.text for title in drawing.iter(f"{space}title")}
    texts = {text.text for text in drawing.iter(f"{space}text")}
    assert len(rows) > 20
    for row in rows:
        state, message, following = row.transition
        assert f"{state}: {message} → {following}" in titles
        assert {state, message, following} <= texts


def test_boxes_do_not_overlap() -> None:
    for role in states.ROLES:
        boxes = list(states.states_of(states.rows_of(role)).values())
        states.place({box.name: box for box in boxes})
        for n, one in enumerate(boxes):
            for other in boxes[:n]:
                apart = one.x + one.width < other.x or other.x + other.width < one.x
                below = one.y + one.height < other.y or other.y + other.height < one.y
                assert apart or below, (one.name, other.name)
