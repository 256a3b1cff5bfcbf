# SPDX-License-Identifier: MIT
"""The sliding window of record sequence numbers (RFC 6347 4.1.2.6)."""

from __future__ import annotations

DEFAULT_SIZE = 64


class ReplayWindow:
    """Which numbers of one epoch have been received. Checked before the MAC, moved only after it."""

    def __init__(self, size: int = DEFAULT_SIZE, *, left_edge: bool = True) -> None:
        self.size = size
        self.left_edge = left_edge
        self.highest = -1
        self._seen: set[int] = set()

    def is_new(self, number: int) -> bool:
        """Whether a record of this number may be looked at."""
        if number > self.highest:
            return True
        too_old = self.left_edge and number <= self.highest - self.size
        return not too_old and number not in self._seen

    def mark(self, number: int) -> None:
        """Notes an authentic record."""
        self._seen.add(number)
        self.highest = max(self.highest, number)
        self._seen = {n for n in self._seen if n > self.highest - self.size}
