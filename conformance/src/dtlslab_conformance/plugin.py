# SPDX-License-Identifier: MIT
"""What this package brings to `dtlslab`: the commands `conformance`, `replay` and `mutate`, their parts of
`run`, and the dissector of traces. All of it needs the package scapy-dtls, which is installed apart.
"""

from __future__ import annotations

from dtlslab.plugins import CampaignPart, Registry

from .layers import layers_missing

COMMANDS = (
    (
        "conformance",
        "dtlslab_conformance.command:conformance",
        "Packet-level cases, each tied to a requirement.",
    ),
    (
        "replay",
        "dtlslab_conformance.replay.command:replay",
        "Captured handshakes, replayed against live endpoints.",
    ),
    (
        "mutate",
        "dtlslab_conformance.replay.command:mutate",
        "Captured handshakes, altered one change at a time.",
    ),
)

PARTS = (
    CampaignPart(
        name="conformance",
        title="Packet-level cases of RFC 6347",
        plan="dtlslab_conformance.matrix:plan",
        order=20,
    ),
    CampaignPart(
        name="replay",
        title="Captured handshakes, replayed",
        plan="dtlslab_conformance.replay.campaign:plan_replay",
        order=30,
    ),
    CampaignPart(
        name="mutate",
        title="Captured handshakes, mutated",
        plan="dtlslab_conformance.replay.campaign:plan_mutation",
        order=31,
    ),
)


def register(registry: Registry) -> None:
    missing = layers_missing()
    for name, target, text in COMMANDS:
        registry.add_command(name, target if missing is None else f"{__package__}.layers:{name}", text)
    for part in PARTS:
        if missing is None:
            registry.add_campaign_part(part)
        else:
            registry.leave_out(part, missing)
    if missing is None:
        registry.set_dissector("dtlslab_conformance.dissector:dissect")
