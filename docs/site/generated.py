# SPDX-License-Identifier: MIT
"""How generated pages are written."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path


def write_changed(pages: Mapping[Path, str]) -> None:
    """Writes those that have changed, each whole at once: a page that has not is not built again."""
    for path, text in pages.items():
        if not path.exists() or path.read_text("utf-8") != text:
            whole = path.with_suffix(f".{os.getpid()}")
            whole.write_text(text, "utf-8")
            whole.replace(path)
