# SPDX-License-Identifier: MIT
"""The interop cases, one function each. A new case is a function with the decorator in one of these."""

from __future__ import annotations

from dtlslab_interop.cases import choices, data, features, handshakes, losses, peers, refusals

LOADED = (handshakes, peers, features, choices, data, losses, refusals)
