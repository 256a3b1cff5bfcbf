# SPDX-License-Identifier: MIT
"""Sphinx's configuration: the pages of docs/ as they stand, and the reference made from the headers."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import headers
from man_pages import pages
from navigation import setup as setup

project = "dtlslab"
author = "the dtlslab authors"
copyright = "the dtlslab authors; MIT licence"  # noqa: A001 - Sphinx's name
version = release = headers.version()

extensions = ["myst_parser"]
exclude_patterns = ["site", "tests"]
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3
nitpicky = True
nitpick_ignore_regex = [("c:identifier", r"(u?int\d+_t|size_t|bool|sockaddr.*|socklen_t|uv_\w+|errno)")]
primary_domain = "c"
highlight_language = "none"
toc_object_entries_show_parents = "hide"
maximum_signature_line_length = 90

html_theme = "furo"
html_title = "dtlslab"
html_static_path = ["static"]
html_css_files = ["dtlslab.css"]
html_copy_source = False

man_pages = pages()
