# SPDX-License-Identifier: MIT
"""The version of dtlslab."""

from __future__ import annotations

__version__ = "0.1.0"
