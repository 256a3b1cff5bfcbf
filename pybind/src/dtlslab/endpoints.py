# SPDX-License-Identifier: MIT
"""The stacks: which are there, what they can do, and where they come from.

A stack is a name (`openssl`, an adapter in the build's lib folder), a path to a
shared object that exports the endpoint contract, or `udp://host:port`, a peer
that runs by itself.
"""

from __future__ import annotations

import functools
import ipaddress
from pathlib import Path

import msgspec

from dtlslab import locations
from dtlslab.errors import BadInput, NotInstalled
from dtlslab.stack import Stack

INSTALL = {
    "libdtls": "{dtlslab} setup",
    "openssl": "apt-get install libssl-dev && {dtlslab} setup",
    "gnutls": "apt-get install libgnutls28-dev && {dtlslab} setup",
    "mbedtls": "apt-get install libmbedtls-dev && {dtlslab} setup",
    "wolfssl": "apt-get install libwolfssl-dev && {dtlslab} setup",
    "netx": "{dtlslab} setup",
}
"""The command that installs each stack that dtlslab has an adapter for, in the order they are listed."""


class Remote(msgspec.Struct, frozen=True):
    """A peer that is reached over UDP sockets."""

    host: str
    port: int

    @property
    def name(self) -> str:
        return f"udp://{self.host}:{self.port}"


def installed() -> list[Stack]:
    """The stacks whose adapters are built, libdtls first, then by name."""
    found = locations.shared_objects("endpoint")
    return [load(found[name]) for name in names() if name in found]


def names() -> list[str]:
    """All stacks that dtlslab knows or has, installed or not: libdtls first."""
    return [*INSTALL, *sorted(set(locations.shared_objects("endpoint")) - set(INSTALL))]


def find(name: str) -> Stack:
    """The stack of that name or at that path. NotInstalled names the command that brings it."""
    if "/" in name or name.endswith(".so"):
        path = Path(name).expanduser()
        if not path.is_file():
            raise BadInput(f"there is no shared object at {name}", field="endpoint")
        return load(path.resolve())
    path_found = locations.shared_object("endpoint", name)
    if path_found is not None:
        return load(path_found)
    if name in INSTALL:
        raise NotInstalled(f"the stack {name}", INSTALL[name].format(dtlslab=locations.how_to_run()))
    raise BadInput(
        f"there is no stack named {name!r}; expected one of {', '.join(names())}, a path to a shared object, "
        "or udp://host:port",
        field="endpoint",
    )


@functools.cache
def load(path: Path) -> Stack:
    """Opens a shared object, checks its contract and asks it what it is."""
    from dtlslab import binding

    return binding.load_stack(path)


def remote(text: str, *, own_host: bool = False) -> Remote:
    """Parses `udp://host:port`. A host beyond loopback is refused unless `own_host`."""
    host, _, port = text.removeprefix("udp://").rpartition(":")
    host = host.strip("[]")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise BadInput(f"{text!r} is not udp://host:port", field="endpoint")
    if not own_host and not is_loopback(host):
        raise BadInput(
            f"{host} is not this host. Sending test traffic to a host needs its owner's consent: "
            "if it is yours, add --i-own-this-host",
            field="endpoint",
        )
    return Remote(host, int(port))


def is_loopback(host: str) -> bool:
    """Whether `host` names this host itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
