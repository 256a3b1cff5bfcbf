# SPDX-License-Identifier: MIT
"""What makes man pages of the same pages: which they are, text for links, lists for tables of options.

A NetX service has one in each language. Sphinx writes all into one folder; those in Korean are moved to a
folder of their own afterwards, where each has the service's name.
"""

from __future__ import annotations

import re
from pathlib import Path

import c_reference
import headers
import netx_reference as netx
from docutils import nodes
from sphinx.application import Sphinx

PROGRAMS = {
    "reference/dtls-client": "a DTLS client",
    "reference/dtls-server": "a DTLS server",
    "reference/command-line": "a laboratory for DTLS",
}


KOREAN = "ko-"
"""What stands before the name of a page in Korean until it is moved."""


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
    return found + [entry for edition in netx.EDITIONS for entry in services(edition)]


def services(edition: netx.Edition) -> list[tuple[str, str, str, list[str], int]]:
    """The pages of the NetX services in a language."""
    folder = edition.folder.relative_to(netx.DOCS).as_posix()
    mark = KOREAN if edition is netx.KOREAN else ""
    return [
        (f"{folder}/{one.public}", mark + one.public, edition.text(one.texts, "title"), [], 3)
        for one in netx.services()
    ]


def _section(title: str, *inside: nodes.Node) -> nodes.section:
    return nodes.section("", nodes.title("", title), *inside)


def add_sections(doctree: nodes.document, edition: netx.Edition) -> None:
    """Gives a service's page the sections that a man page begins with. Its NAME has what stands first."""
    (page,) = (node for node in doctree.children if isinstance(node, nodes.section))
    title, what, prototype, *rest = list(page.children)
    described = [node for node in rest if not isinstance(node, nodes.section)]
    for node in (what, prototype, *described):
        page.remove(node)
    include = '#include "nx_secure_dtls_api.h"'
    synopsis = nodes.literal_block("", f"{include}\n\n{prototype.astext()}")
    opening = [
        _section(edition.word("prototype"), synopsis),
        _section(edition.word("description"), *described),
    ]
    page[page.index(title) + 1 : page.index(title) + 1] = opening
    (others,) = page[-1].findall(nodes.bullet_list)
    others.remove(others[-1])  # the overview, which is no man page
    for name in others.findall(nodes.literal):
        name.replace_self(nodes.literal("", f"{name.astext()}(3)"))


def _as_list(table: nodes.table) -> nodes.definition_list:
    """A table of two columns as terms and what is said of them."""
    made = nodes.definition_list()
    for row in list(table.findall(nodes.row))[1:]:
        term, meaning = (list(entry.children) for entry in row.children)
        inside = [child for paragraph in term for child in paragraph.children]
        made += nodes.definition_list_item("", nodes.term("", "", *inside), nodes.definition("", *meaning))
    return made


def simplify(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Takes out of a man page what a terminal cannot show."""
    if app.builder.name != "man":
        return
    for edition in netx.EDITIONS:
        if (netx.DOCS / docname).parent == edition.folder:
            add_sections(doctree, edition)
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


def finish(app: Sphinx, problem: Exception | None) -> None:
    """Keeps names whole and spaces even; puts the Korean pages where their language says what they are."""
    if problem is not None or app.builder.name != "man":
        return
    for path in Path(app.outdir).glob("*.[13]"):
        text = re.sub(r"^\.TH .*\n", r".nr HY 0\n\g<0>.ad l\n", path.read_text("utf-8"), flags=re.M)
        path.write_text(text, "utf-8")
    folder = Path(app.outdir, "ko")
    folder.mkdir(exist_ok=True)
    for path in Path(app.outdir).glob(f"{KOREAN}*.3"):
        text = path.read_text("utf-8").replace(KOREAN.upper(), "", 1).replace(KOREAN, "", 1)
        text = text.replace("\n.SH NAME\n", f"\n.SH {netx.KOREAN.word('name')}\n", 1)
        (folder / path.name.removeprefix(KOREAN)).write_text(text, "utf-8")
        path.unlink()


def connect(app: Sphinx) -> None:
    """Joins Sphinx."""
    app.connect("doctree-resolved", simplify)
    app.connect("build-finished", write_aliases)
    app.connect("build-finished", finish)
