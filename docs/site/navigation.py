# SPDX-License-Identifier: MIT
"""What makes a site of pages that read well without one: the tree of pages, and links from names in prose.

The tree is what docs/index.md links to: each of its sections becomes a part of the navigation. A page that it
does not name is a warning, so the index is complete.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import c_reference
import editions
import man_pages
import netx_reference
import netx_surroundings
import prose
from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

REFERENCE = c_reference.FOLDER


def _toctree(caption: str, pages: list[str], hidden: bool = True) -> str:
    options = [f":caption: {caption}"] if caption else []
    options += [":hidden:"] if hidden else []
    return "\n".join(["", "```{toctree}", *options, ":maxdepth: 1", "", *pages, "```", ""])


def keep_outer_links(app: Sphinx, docname: str, content: list[str]) -> None:
    """Links to files of the checkout that are no pages become downloads; to its folders, their names."""
    here = Path(app.srcdir, docname).parent

    def changed(match: re.Match[str]) -> str:
        target = (here / match[2]).resolve()
        if target.is_relative_to(Path(app.srcdir)) or not target.exists():
            return match[0]
        return f"`{match[1]}`" if target.is_dir() else f"{{download}}`{match[1]}<{match[2]}>`"

    content[0] = re.sub(r"\[`?([^]`]+)`?\]\((\.\./[^)#\s]+)\)", changed, content[0])


def add_trees(app: Sphinx, docname: str, content: list[str]) -> None:
    """Gives the indexes their trees, and the overviews of references their pages."""
    if docname in ("index", editions.INDEX):
        for part in re.split(r"^## ", content[0], flags=re.M)[1:]:
            pages = re.findall(r"\]\(([\w/-]+)\.md\)", part)
            content[0] += _toctree(part.split("\n")[0], list(dict.fromkeys(pages)))
    if docname == REFERENCE:
        pages = sorted(path.stem for path in Path(app.srcdir, REFERENCE).glob("*.rst"))
        content[0] += _toctree("", [f"libdtls/{page}" for page in pages])
    for edition in netx_reference.EDITIONS:
        if docname == edition.overview.relative_to(netx_reference.DOCS).with_suffix("").as_posix():
            each = [f"{one.name} <netx/{one.public}>" for one in netx_reference.services()]
            content[0] += _toctree("", each)


def is_of_netx(docname: str) -> bool:
    """Whether a page is about NetX, where `dtls_session` is somebody's parameter."""
    return "reference/netx" in docname


class LinkNames(SphinxTransform):
    """Makes links of public names that stand in code type in the pages' prose."""

    default_priority = 400

    def apply(self, **_kwargs: Any) -> None:
        """Looks at one page."""
        if self.env.docname.startswith(f"{REFERENCE}/") or is_of_netx(self.env.docname):
            return
        for literal in list(self.document.findall(nodes.literal)):
            name = literal.astext().removesuffix("()")
            page = name.removeprefix("dtls/").removesuffix(".h")
            if any(isinstance(above, nodes.reference | addnodes.pending_xref) for above in _above(literal)):
                continue
            if name in self.app.known_names.kinds:  # type: ignore[attr-defined]
                domain, kind, target = "c", "func", name
            elif name.endswith(".h") and Path(self.app.srcdir, REFERENCE, f"{page}.rst").exists():
                domain, kind, target = "std", "doc", f"/{REFERENCE}/{page}"
            else:
                continue
            link = addnodes.pending_xref(
                "", refdomain=domain, reftype=kind, reftarget=target, refexplicit=True, refwarn=True
            )
            link["refdoc"] = self.env.docname
            literal.replace_self(link)
            link += literal


def link_code(app: Sphinx, pagename: str, _template: str, context: dict[str, Any], _tree: object) -> None:
    """Makes links of public names in blocks of C."""
    if "highlight-c" not in context.get("body", "") or is_of_netx(pagename):
        return
    places = {
        name.rpartition(".")[2]: f"{app.builder.get_relative_uri(pagename, page)}#{anchor}"
        for name, _, kind, page, anchor, _ in app.env.get_domain("c").get_objects()
        if kind in ("function", "struct", "enum", "enumerator", "type", "var", "macro")
    }

    def linked(match: re.Match[str]) -> str:
        place = places.get(match[2])
        return f'<a class="code-link" href="{place}">{match[0]}</a>' if place else match[0]

    context["body"] = re.sub(
        r'<span class="(n|nf|kt|nc)">((?:dtls|DTLS)_\w+)</span>', linked, context["body"]
    )


def break_names(_app: Sphinx, _page: str, _template: str, context: dict[str, Any], _tree: object) -> None:
    """Lets long names in the navigation and in titles end a line behind an underscore, and nowhere else."""

    def broken(match: re.Match[str]) -> str:
        return match[0].replace("_", "_<wbr/>")

    context["furo_navigation_tree"] = re.sub(r">\w+_\w+</a>", broken, context["furo_navigation_tree"])
    context["body"] = re.sub(r"<h1>\w+_\w+<", broken, context.get("body", ""), count=1)


def _above(node: nodes.Node) -> list[nodes.Node]:
    found = []
    while node.parent is not None:
        node = node.parent
        found.append(node)
    return found


def write_reference(app: Sphinx) -> None:
    """Before anything is read."""
    c_reference.generate(Path(app.srcdir, REFERENCE))
    netx_reference.generate()
    netx_surroundings.generate()
    app.known_names = prose.all_names()  # type: ignore[attr-defined]


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx's entry point."""
    app.connect("builder-inited", write_reference)
    app.connect("source-read", keep_outer_links)
    app.connect("source-read", add_trees)
    app.connect("html-page-context", link_code)
    app.connect("html-page-context", break_names, priority=600)
    editions.connect(app)
    man_pages.connect(app)
    app.add_transform(LinkNames)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
