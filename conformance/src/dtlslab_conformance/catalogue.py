# SPDX-License-Identifier: MIT
"""The list of all cases as a page of the documentation: `python -m dtlslab_conformance.catalogue FILE`."""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path

from .case import Case
from .cases import all_cases

_HEAD = """\
# Conformance cases

The packet-level cases of `dtlslab conformance`, by document and section. This page is made from the code by
`python -m dtlslab_conformance.catalogue docs/reference/conformance-cases.md`.

A case runs against an endpoint in each of the roles named. A failure of a *should* says so in its reason; see
[verdicts](../explanation/verdicts.md).
"""


def catalogue() -> str:
    """The page."""
    cases = all_cases()
    parts = [
        _HEAD,
        f"{len(cases)} cases, {sum(len(case.roles) for case in cases)} with both roles counted.\n",
    ]
    for (document, section), group in groupby(cases, key=lambda c: (c.citation.document, c.citation.section)):
        parts.append(f"## {document} section {section}\n")
        parts += [_entry(case) for case in group]
    return "\n".join(parts)


def _entry(case: Case) -> str:
    words = [" and ".join(case.roles), case.level]
    if case.needs:
        words.append("needs " + ", ".join(f"`{word}`" for word in case.needs))
    return f"### {case.name}\n\n{case.title}\n\nRequirement: {case.requirement} ({'; '.join(words)}).\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(catalogue(), encoding="utf-8")
