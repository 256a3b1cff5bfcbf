# SPDX-License-Identifier: MIT
"""The interop cases, one function each. A new case is a function with the decorator in one of these."""

from __future__ import annotations

from dtlslab_interop.cases import choices, data, handshakes, losses, refusals

LOADED = (handshakes, choices, data, losses, refusals)
