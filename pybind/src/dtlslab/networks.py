# SPDX-License-Identifier: MIT
"""Networks: which carrier moves the datagrams, and with which parameters.

A network is a value; the carrier itself is made by the lab that uses it. To add
a network is to add a function here that names its carrier and parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from dtlslab import units
from dtlslab.errors import BadInput


class Network(msgspec.Struct, frozen=True):
    """A carrier by name (`memory`, `ns3`, `udp`) and its parameters as text."""

    carrier: str
    parameters: Mapping[str, str] = {}

    def __str__(self) -> str:
        given = ", ".join(f"{name}={value}" for name, value in self.parameters.items())
        return f"{self.carrier}({given})"


def memory(
    *,
    delay: float | str | None = None,
    jitter: float | str | None = None,
    loss: float | None = None,
    duplicate: float | None = None,
    reorder: float | None = None,
    reorder_delay: float | str | None = None,
    rate: int | str | None = None,
    queue: int | None = None,
    mtu: int | str | None = None,
    **directions: str | float,
) -> Network:
    """Datagrams handed over in memory, in virtual time.

    `delay` is one way, and `jitter` at most so much more; `loss`, `duplicate` and
    `reorder` are probabilities; `rate` is that of the line, `queue` the datagrams
    that wait for it at most, `mtu` the largest UDP payload that passes. A name
    with a direction, such as `**{"loss.0-1": 0.5}`, is for the way from node 0 to 1.
    """
    return _network(
        "memory",
        directions,
        delay=_duration(delay),
        jitter=_duration(jitter),
        loss=_probability(loss),
        duplicate=_probability(duplicate),
        reorder=_probability(reorder),
        reorder_delay=_duration(reorder_delay),
        rate=_rate(rate),
        queue=None if queue is None else str(queue),
        mtu=_size(mtu),
    )


def point_to_point(
    *,
    rate: int | str = "10Mbps",
    delay: float | str = "15ms",
    loss: float = 0.0,
    mtu: int | str | None = None,
    **parameters: str | float,
) -> Network:
    """An ns-3 point-to-point link, in virtual time.

    `rate` in bits a second, `delay` one way, `loss` the probability that a packet is lost.
    Other parameters of the carrier go through by name.
    """
    return _network(
        "ns3",
        parameters,
        rate=_rate(rate),
        delay=_duration(delay),
        loss=_probability(loss),
        mtu=_size(mtu),
    )


def udp(**parameters: str | float) -> Network:
    """UDP sockets on this host's loopback interface, in real time."""
    return _network("udp", parameters)


NETWORKS: dict[str, Callable[..., Network]] = {"memory": memory, "point-to-point": point_to_point, "udp": udp}
"""The networks by the name that scenario files give them."""


def _network(carrier: str, parameters: Mapping[str, str | float], **named: str | None) -> Network:
    merged = {name.replace("_", "-"): value for name, value in named.items() if value is not None}
    merged.update({name.replace("_", "-"): str(value) for name, value in parameters.items()})
    return Network(carrier, merged)


def _duration(value: float | str | None) -> str | None:
    return None if value is None else units.duration_text(units.nanoseconds(value))


def _rate(value: int | str | None) -> str | None:
    return None if value is None else f"{units.bits_per_second(value)}bps"


def _probability(value: float | None) -> str | None:
    if value is None:
        return None
    if not 0.0 <= value <= 1.0:
        raise BadInput(f"loss is {value!r}; expected a probability from 0 to 1")
    return repr(float(value))


def _size(value: int | str | None) -> str | None:
    return None if value is None else str(units.size(value))
