# SPDX-License-Identifier: MIT
"""The script in the README does what the README says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_script_in_the_readme() -> None:
    (script,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.splitlines()
    dropped = [line for line in lines if "✗" in line]
    assert "ServerHello" in dropped[0]
    assert all("server" in line and "an unlucky day" in line for line in dropped)
    assert sum("connected" in line for line in lines) == 2
    assert any("again" in line for line in lines)
