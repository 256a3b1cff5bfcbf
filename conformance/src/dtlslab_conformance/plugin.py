# SPDX-License-Identifier: MIT
"""What this package brings to `dtlslab`: the commands `conformance`, `replay` and `mutate`, their parts of `run`, and
the dissector of traces.
"""

from __future__ import annotations

from dtlslab.plugins import CampaignPart, Registry


def register(registry: Registry) -> None:
    registry.add_command(
        "conformance",
        "dtlslab_conformance.command:conformance",
        "Packet-level cases, each tied to a requirement.",
    )
    registry.add_campaign_part(
        CampaignPart(
            name="conformance",
            title="Packet-level cases of RFC 6347",
            plan="dtlslab_conformance.matrix:plan",
            order=20,
        )
    )
    registry.add_command(
        "replay",
        "dtlslab_conformance.replay.command:replay",
        "Captured handshakes, replayed against live endpoints.",
    )
    registry.add_command(
        "mutate",
        "dtlslab_conformance.replay.command:mutate",
        "Captured handshakes, altered one change at a time.",
    )
    registry.add_campaign_part(
        CampaignPart(
            name="replay",
            title="Captured handshakes, replayed",
            plan="dtlslab_conformance.replay.campaign:plan_replay",
            order=30,
        )
    )
    registry.add_campaign_part(
        CampaignPart(
            name="mutate",
            title="Captured handshakes, mutated",
            plan="dtlslab_conformance.replay.campaign:plan_mutation",
            order=31,
        )
    )
    registry.set_dissector("dtlslab_conformance.dissector:dissect")
