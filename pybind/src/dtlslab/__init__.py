# SPDX-License-Identifier: MIT
"""A laboratory for DTLS: endpoints of any stack, on any network, under a script, leaving traces.

>>> from dtlslab import Lab, drop, point_to_point
>>> lab = Lab(point_to_point(delay="15ms"))
>>> server, client = lab.server("openssl"), lab.client("gnutls")
>>> session = client.connect(server)
>>> lab.run()
>>> print(lab.trace.table())

Names are imported when they are first used, so that the command line starts at once.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from dtlslab import locations as _locations
from dtlslab.version import __version__

if TYPE_CHECKING:
    from dtlslab.connection import Connection
    from dtlslab.fate import Fate, delay, drop, duplicate, replace
    from dtlslab.lab import Lab, Stopped
    from dtlslab.networks import Network, memory, point_to_point, udp
    from dtlslab.passing import Passing
    from dtlslab.python_endpoint import PythonEndpoint
    from dtlslab.results import Result
    from dtlslab.session import Endpoint, Session
    from dtlslab.stack import Stack
    from dtlslab.trace import Trace
    from dtlslab.verdict import Citation, Outcome, Verdict

__all__ = [
    "Citation",
    "Connection",
    "Endpoint",
    "Fate",
    "Lab",
    "Network",
    "Outcome",
    "Passing",
    "PythonEndpoint",
    "Result",
    "Session",
    "Stack",
    "Stopped",
    "Trace",
    "Verdict",
    "__version__",
    "delay",
    "drop",
    "duplicate",
    "memory",
    "point_to_point",
    "replace",
    "udp",
]

_HOME = {
    "Citation": "verdict",
    "Connection": "connection",
    "Endpoint": "session",
    "Fate": "fate",
    "Lab": "lab",
    "Network": "networks",
    "Outcome": "verdict",
    "Passing": "passing",
    "PythonEndpoint": "python_endpoint",
    "Result": "results",
    "Session": "session",
    "Stack": "stack",
    "Stopped": "lab",
    "Trace": "trace",
    "Verdict": "verdict",
    "delay": "fate",
    "drop": "fate",
    "duplicate": "fate",
    "memory": "networks",
    "point_to_point": "networks",
    "replace": "fate",
    "udp": "networks",
}

# The compiled modules stand in the build tree of a checkout, and beside this file when installed.
__path__.extend(str(folder) for folder in _locations.compiled_module_folders())


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module 'dtlslab' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"dtlslab.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
