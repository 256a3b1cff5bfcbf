# SPDX-License-Identifier: MIT
"""What a stack is. `dtlslab.endpoints` finds them."""

from __future__ import annotations

from pathlib import Path

import msgspec


class Stack(msgspec.Struct, frozen=True):
    """A stack behind the endpoint contract."""

    name: str
    version: str
    capabilities: frozenset[str]
    path: Path

    def supports(self, *words: str) -> bool:
        """Whether its capabilities hold all these words."""
        return self.capabilities.issuperset(words)
