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

if TYPE_CHECKING:
    from dtlslab.connection import Connection
    from dtlslab.endpoints import Stack
    from dtlslab.lab import Endpoint, Lab, Session, Stopped
    from dtlslab.networks import Network, memory, point_to_point, udp
    from dtlslab.passing import Fate, Passing, delay, drop, duplicate, replace
    from dtlslab.python_endpoint import PythonEndpoint
    from dtlslab.results import Result
    from dtlslab.trace import Trace
    from dtlslab.verdict import Citation, Outcome, Verdict

__version__ = "0.1.0"

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
    "Endpoint": "lab",
    "Fate": "passing",
    "Lab": "lab",
    "Network": "networks",
    "Outcome": "verdict",
    "Passing": "passing",
    "PythonEndpoint": "python_endpoint",
    "Result": "results",
    "Session": "lab",
    "Stack": "endpoints",
    "Stopped": "lab",
    "Trace": "trace",
    "Verdict": "verdict",
    "delay": "passing",
    "drop": "passing",
    "duplicate": "passing",
    "memory": "networks",
    "point_to_point": "networks",
    "replace": "passing",
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
