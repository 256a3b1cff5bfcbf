# SPDX-License-Identifier: MIT
"""Where things are: the checkout, its build tree, shared objects, credentials, the programs of the bench."""

from __future__ import annotations

import os
from pathlib import Path

from dtlslab.version import __version__

PACKAGE = Path(__file__).resolve().parent


def checkout() -> Path | None:
    """The root of the checkout that this package is run from, or None when it is installed."""
    root = PACKAGE.parents[2]
    return root if (root / "interop" / "contract" / "dtlslab_endpoint.h").is_file() else None


def cache_folder() -> Path:
    """Where an installed dtlslab keeps what `dtlslab.first_use` compiled: one folder for each version."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "dtlslab" / __version__


def build_folder() -> Path:
    """`$DTLSLAB_BUILD`, else `build/` of the checkout, else the cache folder."""
    given = os.environ.get("DTLSLAB_BUILD")
    if given:
        return Path(given).resolve()
    root = checkout()
    return root / "build" if root is not None else cache_folder()


def compiled_module_folders() -> list[Path]:
    """Folders beside this package's own that may hold its compiled modules."""
    return [build_folder() / "python" / "dtlslab"] if checkout() is not None else []


def library_folders() -> list[Path]:
    """Folders in which adapters and carriers are looked for, the first found wins."""
    return [build_folder() / "lib", PACKAGE / "lib"]


def shared_object(kind: str, name: str) -> Path | None:
    """The shared object `libdtlslab-KIND-NAME.so`, or None."""
    for folder in library_folders():
        path = folder / f"libdtlslab-{kind}-{name}.so"
        if path.is_file():
            return path
    return None


def shared_objects(kind: str) -> dict[str, Path]:
    """All shared objects of a kind (`endpoint`, `carrier`) by name."""
    found: dict[str, Path] = {}
    prefix = f"libdtlslab-{kind}-"
    for folder in library_folders():
        for path in sorted(folder.glob(f"{prefix}*.so")):
            found.setdefault(path.name[len(prefix) : -len(".so")], path)
    return found


def credential(name: str) -> bytes:
    """The PEM text of one of the laboratory's own credentials, such as `server-p256` or `server-p256.key`."""
    return (PACKAGE / "credentials" / f"{name}.pem").read_bytes()


def ocsp_response(name: str) -> bytes:
    """What the laboratory's authority says, in DER, of a certificate such as `server-p256`."""
    return (PACKAGE / "credentials" / f"{name}.ocsp.der").read_bytes()


def how_to_run() -> str:
    """The program as the user calls it: `./dtlslab` in a checkout, `dtlslab` when installed."""
    return "./dtlslab" if checkout() is not None else "dtlslab"
