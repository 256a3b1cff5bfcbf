# SPDX-License-Identifier: MIT
"""Whom recordings are replayed to: a stack in the laboratory, or a server that runs already."""

from __future__ import annotations

from dtlslab import endpoints, locations
from dtlslab.endpoints import Remote
from dtlslab.expected import Side
from dtlslab.stack import Stack

from .recording import Recording
from .remote import PATIENCE, prepare
from .run import LONGEST, Play, Played, missing_capabilities
from .script import Script

Party = Stack | Remote


def find(target: str, *, own_host: bool = True) -> Party:
    """What a name, a path or `udp://host:port` stands for. BadInput, NotInstalled."""
    if target.startswith("udp://"):
        return endpoints.remote(target, own_host=own_host)
    return endpoints.find(target)


def is_remote(party: Party) -> bool:
    """Whether it runs already, outside of the laboratory and in real time."""
    return isinstance(party, Remote)


def place_of(party: Party) -> str:
    """What `find` takes: the path of a stack."""
    return str(party.path) if isinstance(party, Stack) else party.name


def target_of(party: Party) -> str:
    """What names it on the command line: a stack's path when it is not one of the installed ones."""
    if isinstance(party, Stack) and locations.shared_object("endpoint", party.name) == party.path:
        return party.name
    return place_of(party)


def side_of(party: Party) -> Side:
    """What known findings call it."""
    return Side(party.name, party.version if isinstance(party, Stack) else "")


def can_be(party: Party, role: str) -> bool:
    """Whether it may be asked to play this role."""
    return role == "server" or isinstance(party, Stack)


def lacking(party: Party, recording: Recording, role: str) -> str:
    """Why a recording cannot be replayed to it, in a sentence; empty when it can, or when it does not say."""
    if isinstance(party, Remote):
        return ""
    missing = missing_capabilities(recording, role, party.capabilities)
    return f"{party.name} does not claim {', '.join(missing)}" if missing else ""


def endpoint_of(party: Party) -> str | Remote:
    """What a play takes."""
    return str(party.path) if isinstance(party, Stack) else party


def capabilities_of(party: Party) -> frozenset[str]:
    """What it claims; a server that runs already claims nothing."""
    return party.capabilities if isinstance(party, Stack) else frozenset()


def play_clean(
    party: Party, role: str, recording: Recording, script: Script, seed: int
) -> tuple[Play, Played]:
    """Plays a script that no mutation has touched."""
    play = prepare(endpoint_of(party), role, recording, script, seed, capabilities_of(party))
    scripted = sum(script.think.values()) + max((d.offset for _, d in script.datagrams()), default=0.0)
    return play, play.run((PATIENCE if is_remote(party) else LONGEST) + scripted)
