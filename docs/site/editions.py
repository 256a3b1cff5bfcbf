# SPDX-License-Identifier: MIT
"""Pages in two languages: which they are, the switch at their top, and what a Korean page has around it.

A page's Korean edition has its path below docs/ko. Under its title each of the two has a line with nothing
but a link to the other, for those who read the files; on the site that line becomes a switch above the title.
"""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.environment.adapters.toctree import TocTree
from sphinx.search.en import SearchEnglish

DOCS = Path(__file__).resolve().parents[1]
FOLDER = "ko"
INDEX = f"{FOLDER}/index"
NAMES = {"en": "English", "ko": "한국어"}

WORDS = {
    "Back to top": "맨 위로",
    "Home": "처음",
    "Index": "색인",
    "Next": "다음",
    "On this page": "이 페이지의 내용",
    "Previous": "이전",
    "Search": "검색",
    "Skip to content": "본문으로 건너뛰기",
    "View this page": "이 페이지 보기",
}
"""What the theme says on a page. What is not here (who made it, with what) stays as it is."""

NOUN = re.compile("([가-힣]{2,}?)(?:에서|에게|에는|으로|부터|까지|이며|입니다|[은는이가을를의에도와과로만])")
"""A noun with what Korean writes behind it without a space."""


def language(docname: str) -> str:
    """A page's language."""
    return "ko" if docname.startswith(f"{FOLDER}/") else "en"


def in_english(docname: str) -> str:
    """The English page's name, of either edition."""
    return docname.removeprefix(f"{FOLDER}/")


def editions(docname: str) -> dict[str, str]:
    """A page's name in each of the two languages; of a page that has but one, nothing."""
    found = {"en": in_english(docname), "ko": f"{FOLDER}/{in_english(docname)}"}
    return found if all((DOCS / f"{name}.md").exists() for name in found.values()) else {}


def is_switch(node: nodes.Node) -> bool:
    """Whether a paragraph is the link to the other edition and nothing else."""
    alone = isinstance(node, nodes.paragraph) and len(node.children) == 1
    return alone and node.astext() in NAMES.values()


def take_out_switch(_app: Sphinx, doctree: nodes.document, _docname: str) -> None:
    """The line under the title has done its work: the site has a switch, and a man page has no links."""
    for paragraph in list(doctree.findall(is_switch)):
        if paragraph.parent is not None:
            paragraph.parent.remove(paragraph)


def add_switch(app: Sphinx, pagename: str, _template: str, context: dict[str, Any], _tree: object) -> None:
    """Puts the switch above the title, and tells browsers and search engines of the other edition."""
    pages = editions(pagename)
    if not pages:
        return
    parts, links = [], []
    for each, name in pages.items():
        place = html.escape(app.builder.get_relative_uri(pagename, name) or "#")
        here = ' aria-current="true"' if name == pagename else ""
        parts.append(f'<a lang="{each}" hreflang="{each}" href="{place}"{here}>{NAMES[each]}</a>')
        links.append(f'<link rel="alternate" hreflang="{each}" href="{place}">')
    context["body"] = (
        f'<nav class="languages" aria-label="Languages, 언어">{" ".join(parts)}</nav>\n{context["body"]}'
    )
    context["metatags"] = context.get("metatags", "") + "".join(links)


def speak_korean(app: Sphinx, pagename: str, _template: str, context: dict[str, Any], _tree: object) -> None:
    """Gives a Korean page its language, the theme's words in it, and the Korean pages to go to."""
    context["language"] = language(pagename)
    _, before, behind = getattr(app.builder, "relations", {}).get(pagename, [None, None, None])
    for name, page in (("prev", before), ("next", behind)):
        if page and language(page) != language(pagename):
            context[name] = None
    builder = app.builder
    if language(pagename) == "en" or not isinstance(builder, StandaloneHTMLBuilder):
        return

    def word(text: str) -> str:
        return WORDS.get(text.strip(), text)

    def toctree(**options: Any) -> str:
        options.pop("collapse", None)
        index = app.env.get_doctree(INDEX)
        trees = [
            TocTree(app.env).resolve(pagename, builder, tree, **options)
            for tree in index.findall(addnodes.toctree)
        ]
        return "".join(builder.render_partial(tree)["fragment"] for tree in trees if tree is not None)

    context |= {"_": word, "gettext": word, "toctree": toctree, "master_doc": INDEX, "root_doc": INDEX}


class Search(SearchEnglish):
    """The site's search finds a Korean noun with any particle behind it."""

    def split(self, input: str) -> list[str]:  # noqa: A002 - Sphinx's name
        """Words, and such as end with a particle also without it."""
        words = super().split(input)
        return words + [noun[1] for noun in map(NOUN.fullmatch, words) if noun]


def connect(app: Sphinx) -> None:
    """Joins Sphinx. The theme makes its navigation of what stands in the context: before it, therefore."""
    app.connect("doctree-resolved", take_out_switch)
    app.connect("html-page-context", add_switch)
    app.connect("html-page-context", speak_korean, priority=400)
    app.add_search_language(Search)
