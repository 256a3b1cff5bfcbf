# SPDX-License-Identifier: MIT
"""Known failures of released stacks: which cells are expected not to pass, and where that is written down.

They stand in TOML files, `interop/expected/*.toml` and `conformance/expected/*.toml`:

    [[known]]
    stack = "gnutls"              # whose failure it is
    versions = ["3.7.*"]          # file-name patterns over the version
    role = "server"               # left out: in either role
    peer = "*"                    # a pattern over the name of the other side
    case = "lost-flight-*"        # a pattern over the name of the case
    verdict = "fail"              # or "unsupported", "inconclusive", "crash", "hang"
    citation = "RFC 6347 section 4.2.4"
    reason = "What it does instead, in one sentence."

The verdict that is shown stays what it is; an entry only says that it is no news. An entry whose cell passes
is a departure like any other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

import msgspec

from dtlslab import toml_file
from dtlslab.verdict import Citation, Outcome, Verdict


class Known(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One known failure."""

    stack: str
    case: str
    citation: str
    reason: str
    versions: tuple[str, ...] = ("*",)
    role: Literal["client", "server"] | None = None
    peer: str = "*"
    verdict: Literal["fail", "unsupported", "inconclusive", "crash", "hang"] = "fail"

    def concerns(self, case: str, role: str, side: Side, peer: Side) -> bool:
        """Whether it is about `side` in `role` against `peer` in `case`."""
        return (
            side.name == self.stack
            and (self.role is None or self.role == role)
            and any(fnmatchcase(side.version, pattern) for pattern in self.versions)
            and fnmatchcase(peer.name, self.peer)
            and fnmatchcase(case, self.case)
        )


class _File(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    known: tuple[Known, ...] = ()


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a cell: the name and version of a stack; both empty when it is not a stack."""

    name: str = ""
    version: str = ""


class Expectations:
    """All known failures of one part of the laboratory."""

    def __init__(self, known: Sequence[Known] = ()) -> None:
        self.known = list(known)

    @classmethod
    def read(cls, folder: Path) -> Expectations:
        """Reads every TOML file of a folder. BadInput names file, line, field and what was expected."""
        known: list[Known] = []
        for path in sorted(folder.glob("*.toml")):
            document = toml_file.read(path, _File)
            for index, entry in enumerate(document.value.known):
                if parse_citation(entry.citation) is None:
                    raise document.bad(
                        ("known", index, "citation"),
                        'expected a document and a section: "RFC 6347 section 4.2.4"',
                    )
            known += document.value.known
        return cls(known)

    def find(self, case: str, client: Side, server: Side) -> Known | None:
        """The first known failure that concerns this cell."""
        return next(
            (
                entry
                for entry in self.known
                if entry.concerns(case, "client", client, server)
                or entry.concerns(case, "server", server, client)
            ),
            None,
        )

    def expected(self, outcome: Outcome, case: str, client: Side, server: Side) -> bool:
        """Whether the outcome is no news: a pass nothing was known against, or the failure that is known."""
        entry = self.find(case, client, server)
        return outcome.verdict is (Verdict.PASS if entry is None else Verdict(entry.verdict))


def parse_citation(text: str) -> Citation | None:
    """`RFC 6347 section 4.2.4` as a citation; None when it is not of that form."""
    found = re.fullmatch(r"(.+?) section (\S+)", text)
    return Citation(found[1], found[2]) if found else None
