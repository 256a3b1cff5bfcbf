# SPDX-License-Identifier: MIT
"""The report of a run: static HTML that needs no network, drawn from results and traces alone."""

from __future__ import annotations

from dtlslab.report.difference import diff
from dtlslab.report.pages import build

__all__ = ["build", "diff"]
