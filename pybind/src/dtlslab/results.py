# SPDX-License-Identifier: MIT
"""What a run leaves beside its traces: `results.jsonl`, one cell a line, and `run.json`, the run itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from dtlslab.errors import BadInput
from dtlslab.verdict import Citation, Outcome, Verdict


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """What is being judged: one case, for one pair of endpoints."""

    part: str
    """The part of the laboratory: interop, conformance, replay, mutate, sim."""
    case: str
    """The name of the case, fit for a file name: `rfc6347-4.1.2.6-replayed-record-dropped`."""
    client: str = ""
    server: str = ""
    """Names of the endpoints: `libdtls`, `tester`, `openssl s_server`."""
    title: str = ""
    """A sentence that says what the case is."""
    command: str = ""
    """The command line that repeats just this cell."""

    @property
    def folder(self) -> str:
        """The trace folder of this cell, relative to the out folder."""
        pair = f"{self.client or 'none'}--{self.server or 'none'}"
        return "/".join(["traces", _file_name(self.part), _file_name(self.case), _file_name(pair)])


class Result(msgspec.Struct, kw_only=True):
    """One line of `results.jsonl`: a cell and how it ended."""

    part: str
    case: str
    client: str = ""
    server: str = ""
    verdict: Verdict
    reason: str = ""
    citation: Citation | None = None
    title: str = ""
    seed: int = 1
    virtual_seconds: float = 0.0
    real_seconds: float = 0.0
    trace: str | None = None
    """Folder of the trace, relative to the out folder; None when none was written."""
    command: str = ""
    expected: bool = True
    """False: a departure from what was expected. These decide the exit status."""
    details: str = ""
    """A traceback or the last lines of a program's output; empty when there is nothing to add."""
    metrics: dict[str, float] = {}
    """Figures of this cell by name."""
    series: dict[str, list[float]] = {}
    """Figures of many runs by name, such as 200 completion times in seconds."""

    @classmethod
    def of(cls, cell: Cell, outcome: Outcome, **fields: Any) -> Result:
        """The result of `cell`. Expected unless it failed in any way; pass `expected=` to say otherwise."""
        fields.setdefault("expected", outcome.verdict is Verdict.PASS)
        return cls(
            part=cell.part,
            case=cell.case,
            client=cell.client,
            server=cell.server,
            title=cell.title,
            command=cell.command,
            verdict=outcome.verdict,
            reason=outcome.reason,
            citation=outcome.citation,
            **fields,
        )


class Run(msgspec.Struct, kw_only=True):
    """`run.json`: all that is not carrier time. Wall clock, host and versions stand here and nowhere else."""

    command: list[str]
    seed: int
    started: str
    """RFC 3339, with the zone."""
    real_seconds: float = 0.0
    host: dict[str, str] = {}
    versions: dict[str, str] = {}
    """Of dtlslab, Python and each stack that was there."""
    complete: bool = False
    """False while the run goes on and after it was interrupted."""


def write_results(path: Path, results: Iterable[Result]) -> None:
    encode = msgspec.json.Encoder().encode
    with path.open("wb") as file:
        file.writelines(encode(result) + b"\n" for result in results)


def read_results(path: Path) -> list[Result]:
    """Reads `results.jsonl`. BadInput names the file, the line and what was expected."""
    return list(_lines(path))


def _lines(path: Path) -> Iterator[Result]:
    decoder = msgspec.json.Decoder(Result)
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                yield decoder.decode(line)
            except msgspec.DecodeError as error:
                raise BadInput(f"not a result of dtlslab: {error}", file=path, line=number) from None


def write_run(path: Path, run: Run) -> None:
    path.write_bytes(msgspec.json.format(msgspec.json.encode(run), indent=2) + b"\n")


def read_run(path: Path) -> Run:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Run)
    except msgspec.DecodeError as error:
        raise BadInput(f"not the run.json of a dtlslab run: {error}", file=path) from None


def _file_name(text: str) -> str:
    return "".join(c if c.isalnum() or c in "._-" else "-" for c in text).strip(".") or "unnamed"
