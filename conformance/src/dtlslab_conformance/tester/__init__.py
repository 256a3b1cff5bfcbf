# SPDX-License-Identifier: MIT
"""The tester: a DTLS 1.2 peer at packet level, in both roles, that can be told to misbehave at any point."""

from .client import ClientPeer
from .endpoint import TesterEndpoint
from .peer import Arrived, Outgoing, Peer, ProtocolFault
from .server import ServerPeer

__all__ = [
    "Arrived",
    "ClientPeer",
    "Outgoing",
    "Peer",
    "ProtocolFault",
    "ServerPeer",
    "TesterEndpoint",
]
