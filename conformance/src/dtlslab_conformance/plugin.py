# SPDX-License-Identifier: MIT
"""What this package brings to `dtlslab`: the command `conformance`, a part of `run`, and the dissector of
traces.
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
    registry.set_dissector("dtlslab_conformance.dissector:dissect")
