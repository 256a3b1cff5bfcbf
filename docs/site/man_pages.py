# SPDX-License-Identifier: MIT
"""What makes man pages of the same pages: which they are, text for links, lists for tables of options."""

from __future__ import annotations

from pathlib import Path

import c_reference
import headers
from docutils import nodes
from sphinx.application import Sphinx

PROGRAMS = {
    "reference/dtls-client": "a DTLS client",
    "reference/dtls-server": "a DTLS server",
    "reference/command-line": "a laboratory for DTLS",
}


def page_name(header: str) -> str:
    """The man page of a header: `dtls-connection-id` of `connection_id.h`."""
    return f"dtls-{header.removesuffix('.h').replace('_', '-')}"


def pages() -> list[tuple[str, str, str, list[str], int]]:
    """For Sphinx's `man_pages`."""
    names = {"reference/command-line": "dtlslab"}
    found: list[tuple[str, str, str, list[str], int]] = [
        (page, names.get(page, page.split("/")[1]), what, [], 1) for page, what in PROGRAMS.items()
    ]
    for name in headers.names():
        page = f"{c_reference.FOLDER}/{name.removesuffix('.h')}"
        found.append((page, page_name(name), c_reference.summary(headers.read(name)), [], 3))
    return found


def _as_list(table: nodes.table) -> nodes.definition_list:
    """A table of two columns as terms and what is said of them."""
    made = nodes.definition_list()
    for row in list(table.findall(nodes.row))[1:]:
        term, meaning = (list(entry.children) for entry in row.children)
        inside = [child for paragraph in term for child in paragraph.children]
        made += nodes.definition_list_item("", nodes.term("", "", *inside), nodes.definition("", *meaning))
    return made


def simplify(app: Sphinx, doctree: nodes.document, _docname: str) -> None:
    """Takes out of a man page what a terminal cannot show."""
    if app.builder.name != "man":
        return
    for reference in list(doctree.findall(nodes.reference)):
        reference.replace_self(reference.children)
    for table in list(doctree.findall(nodes.table)):
        if all(len(row.children) == 2 for row in table.findall(nodes.row)):
            table.replace_self(_as_list(table))


def write_aliases(app: Sphinx, problem: Exception | None) -> None:
    """Makes a page for each function, which leads to its header's."""
    if problem is not None or app.builder.name != "man":
        return
    for name in headers.names():
        for declaration in headers.read(name).declarations:
            if declaration.kind == "function":
                Path(app.outdir, f"{declaration.name}.3").write_text(f".so man3/{page_name(name)}.3\n")


def connect(app: Sphinx) -> None:
    """Joins Sphinx."""
    app.connect("doctree-resolved", simplify)
    app.connect("build-finished", write_aliases)
