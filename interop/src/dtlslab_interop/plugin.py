# SPDX-License-Identifier: MIT
"""What this package brings to `dtlslab`: the commands `interop` and `losses`, each with a part of `run`."""

from __future__ import annotations

from dtlslab.plugins import CampaignPart, Registry


def register(registry: Registry) -> None:
    registry.add_command(
        "interop",
        "dtlslab_interop.command:interop",
        "Stack against stack: handshakes, data, losses, refusals.",
    )
    registry.add_campaign_part(
        CampaignPart(
            name="interop", title="Stack against stack", plan="dtlslab_interop.matrix:plan", order=10
        )
    )
    registry.add_command(
        "losses",
        "dtlslab_interop.losses.command:losses",
        "Handshakes with every datagram lost, doubled or swapped, and every two lost.",
    )
    registry.add_campaign_part(
        CampaignPart(
            name="losses",
            title="Losses, exhaustively",
            plan="dtlslab_interop.losses.command:plan",
            order=20,
        )
    )
