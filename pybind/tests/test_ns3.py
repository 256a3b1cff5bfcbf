# SPDX-License-Identifier: MIT
"""ns-3 links: what ns-3 itself captured is what our capture says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from dtlslab import Lab, point_to_point
from dtlslab.errors import BadInput
from dtlslab.stack import Stack
from dtlslab.trace import read_capture


def test_the_pcap_of_ns3_is_our_capture(lab_on: Callable[..., Lab], tmp_path: Path, stack: Stack) -> None:
    lab = lab_on(point_to_point(loss=0.3, pcap=str(tmp_path / "link")), seed=5)
    server, client = lab.server(stack.name), lab.client(stack.name)
    session = client.connect(server)
    lab.run(until=lambda: session.connected)
    session.send(bytes(1000))
    lab.run(until="200s")
    ours = read_capture(lab.write(tmp_path / "trace") / "capture.pcapng")
    events = lab.trace.events
    lab.close()

    ends = [read_capture(path) for path in sorted(tmp_path.glob("link-?-1.pcap"))]
    hosts = sorted({datagram.source.host for end in ends for datagram in end.datagrams})
    assert len(ends) == len(hosts) == 2
    for end, host, endpoint in zip(ends, hosts, (server, client), strict=True):
        own_host = f"10.0.0.{endpoint.node + 1}"
        sent = [d.data for d in end.datagrams if d.source.host == host]
        assert sent == [d.data for d in ours.datagrams if d.source.host == own_host]
        arrived = [d.data for d in end.datagrams if d.source.host != host]
        others = [d for d in ours.datagrams if d.source.host != own_host]
        assert arrived == [d.data for d in others if not d.comment.startswith("lost by the network")]
        received = [e for e in events if e.name == "dtls:datagram_received" and e.endpoint == endpoint.name]
        assert len(received) == len(arrived)
    assert any(d.comment for d in ours.datagrams), "nothing was lost: choose another seed"


def test_one_network_at_a_time(lab_on: Callable[..., Lab]) -> None:
    first = lab_on(point_to_point())
    with pytest.raises(BadInput, match="with Lab"):
        Lab(point_to_point())
    first.close()
    lab_on(point_to_point())


def test_delay(lab_on: Callable[..., Lab]) -> None:
    lab = lab_on(point_to_point(rate="10Mbps", delay="15ms"))
    server, client = lab.server("openssl"), lab.client("openssl")
    session = client.connect(server)
    lab.run(until=lambda: session.connected)
    assert session.connected_at == pytest.approx(0.061, abs=0.002)
