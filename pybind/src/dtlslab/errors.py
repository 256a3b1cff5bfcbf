# SPDX-License-Identifier: MIT
"""Errors that are said to the user in plain words, each with the exit status of the command that meets it."""

from __future__ import annotations

from pathlib import Path


class DtlslabError(Exception):
    """Something that is said without a traceback. `status` is the exit status."""

    status = 2


class BadInput(DtlslabError):
    """A broken file or a wrong parameter: what was found, what was expected, and where."""

    def __init__(
        self, message: str, *, file: Path | str | None = None, line: int = 0, field: str = ""
    ) -> None:
        self.message = message
        self.file = file
        self.line = line
        self.field = field
        place = str(file) if file is not None else ""
        if line:
            place += f":{line}"
        super().__init__(": ".join(part for part in (place, field, message) if part))


class NotInstalled(DtlslabError):
    """A stack, program or package is missing. The message names the command that installs it."""

    status = 3

    def __init__(self, what: str, install: str) -> None:
        self.what = what
        self.install = install
        super().__init__(f"{what} is not installed. Install it with:  {install}")


class Unsupported(DtlslabError):
    """A stack cannot do what its configuration asks; the sentence is the stack's own."""

    status = 1


class EndpointError(DtlslabError):
    """An endpoint failed inside, which no network may bring about. Python endpoints give their traceback."""

    status = 1
