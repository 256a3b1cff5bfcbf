# SPDX-License-Identifier: MIT
"""The tester: a DTLS 1.2 peer at packet level, in both roles, that can be told to misbehave at any point."""

from .client import ClientPeer
from .endpoint import TesterEndpoint
from .peer import Arrived, Outgoing, Peer, ProtocolFault
from .server import ServerPeer

__all__ = ["Arrived", "ClientPeer", "Outgoing", "Peer", "ProtocolFault", "ServerPeer", "TesterEndpoint", "make_peer"]


def make_peer(role: str, *args: object, **kwargs: object) -> Peer:
    """A peer of the role: `client` or `server`."""
    return (ClientPeer if role == "client" else ServerPeer)(*args, **kwargs)  # type: ignore[arg-type]
