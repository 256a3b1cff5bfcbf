# SPDX-License-Identifier: MIT
"""The pictures are those of runs that can be made again, and drawings that stand by themselves."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pictures


def test_the_pictures_are_those_of_their_runs() -> None:
    for path, text in pictures.drawn().items():
        assert path.read_text("utf-8") == text, "docs/site/pictures.py --write makes it anew"


def test_a_picture_shows_what_its_pages_say_of_it() -> None:
    text = pictures.NETX_LOSSY.read_text("utf-8")
    drawing = ET.fromstring(text)
    said = [node.text for node in drawing.iter("{http://www.w3.org/2000/svg}text")]
    assert said.count("lost") == 2
    assert said.count("timer expired after 1.000 s") == 2
    assert sum(1 for words in said if words and words.startswith("connected")) == 2
    assert {"OpenSSL", "NetX services", "HelloVerifyRequest", "Flight 4 again"} <= set(said)
    defined = set(re.findall(r"(--[\w-]+):", text))
    assert set(re.findall(r"var\((--[\w-]+)\)", text)) == defined
    assert set(re.findall(r'(?:href="|url\()#(\w+)', text)) <= set(re.findall(r' id="(\w+)"', text))
