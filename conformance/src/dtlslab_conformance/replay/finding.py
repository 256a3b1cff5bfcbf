# SPDX-License-Identifier: MIT
"""Findings as files: everything that brings a mutated run back, in TOML, beside the capture that it changes.

Its fields are those of `Finding`; the manual shows one.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec
from dtlslab import toml_file
from dtlslab.errors import BadInput

from .mutate import honest_script
from .mutation import Mutation, Parameter
from .operators import find_operator
from .recording import read_recording

FOLDER = "findings"


class Finding(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A mutated run that an oracle objected to."""

    capture: str
    endpoint: str
    role: Literal["client", "server"]
    operator: str
    place: str
    seed: int = 1
    parameters: dict[str, Parameter] = {}
    version: str = ""
    oracle: str = ""
    reason: str = ""
    citation: str = ""

    @property
    def mutation(self) -> Mutation:
        """What was changed."""
        return Mutation(self.operator, self.place, dict(self.parameters))

    @property
    def name(self) -> str:
        """A name for its file, the same for the same finding."""
        text = f"{self.capture} {self.mutation} {self.seed}"
        digest = hashlib.sha256(text.encode()).hexdigest()[:8]
        if self.endpoint.startswith("udp://"):
            endpoint = re.sub(r"[^\w.]+", "-", self.endpoint)
        else:
            endpoint = Path(self.endpoint).stem.removeprefix("libdtlslab-endpoint-")
        return f"{endpoint}-{self.role}-{self.operator}-{digest}"


@dataclass(frozen=True, slots=True)
class SavedFinding:
    """A finding and where its capture is."""

    finding: Finding
    capture: Path


def save(folder: Path, finding: Finding, capture: bytes) -> Path:
    """Writes a finding and its capture; answers the finding's path."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / finding.capture
    if not target.is_file():
        _write(target, capture)
    path = folder / f"{finding.name}.toml"
    _write(path, render(finding).encode())
    return path


def render(finding: Finding) -> str:
    """The text of a finding's file."""
    lines = ["# A finding of dtlslab. Repeat it with:  dtlslab replay THIS-FILE"]
    for name in finding.__struct_fields__:
        value = getattr(finding, name)
        if name != "parameters" and value != "":
            lines.append(f"{name} = {_toml(value)}")
    if finding.parameters:
        lines += ["", "[parameters]"]
        lines += [f"{name} = {_toml(value)}" for name, value in finding.parameters.items()]
    return "\n".join(lines) + "\n"


def load(path: Path) -> SavedFinding:
    """Reads a finding. BadInput names file, line, field and what was expected."""
    document = toml_file.read(path, Finding)
    finding = document.value
    capture = path.parent / finding.capture
    if not capture.is_file():
        raise document.bad(("capture",), f"there is no capture at {capture}")
    try:
        operator = find_operator(finding.operator)
    except BadInput as error:
        raise document.bad(("operator",), error.message) from None
    recording = read_recording(capture)
    try:
        operator.apply(honest_script(recording, finding.role), finding.mutation)
    except BadInput as error:
        field = tuple(error.field.split(".")) if error.field else ("place",)
        raise document.bad(field, error.message) from None
    return SavedFinding(finding, capture)


def _toml(value: Parameter) -> str:
    if isinstance(value, str):
        escaped = "".join(
            f"\\u{ord(c):04x}" if ord(c) < 32 or ord(c) == 127 else f"\\{c}" if c in '"\\' else c
            for c in value
        )
        return f'"{escaped}"'
    return str(value)


def _write(path: Path, data: bytes) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    partial.write_bytes(data)
    partial.rename(path)
