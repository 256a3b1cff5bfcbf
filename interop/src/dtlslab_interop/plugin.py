# SPDX-License-Identifier: MIT
"""What this package brings to `dtlslab`: the command `interop`, and a part of the campaign of `run`."""

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
