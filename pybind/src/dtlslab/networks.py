# SPDX-License-Identifier: MIT
"""Networks: which carrier moves the datagrams, and with which parameters.

A network is a value; the carrier itself is made by the lab that uses it. To add
a network is to add a function here that names its carrier and parameters.
"""

from __future__ import annotations

from collections.abc import Mapping

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
    loss: float | None = None,
    mtu: int | str | None = None,
    **parameters: str | float,
) -> Network:
    """Datagrams handed over in memory, in virtual time.

    `delay` is one way, `loss` a probability, `mtu` the largest UDP payload that passes.
    Other parameters of the carrier go through by name.
    """
    return _network("memory", parameters, delay=_duration(delay), loss=_probability(loss), mtu=_size(mtu))


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
        rate=f"{units.bits_per_second(rate)}bps",
        delay=_duration(delay),
        loss=_probability(loss),
        mtu=_size(mtu),
    )


def udp(**parameters: str | float) -> Network:
    """UDP sockets on this host's loopback interface, in real time."""
    return _network("udp", parameters)


NETWORKS = {"memory": memory, "point-to-point": point_to_point, "udp": udp}
"""The networks by the name that scenario files give them."""


def _network(carrier: str, parameters: Mapping[str, str | float], **named: str | None) -> Network:
    merged = {name: value for name, value in named.items() if value is not None}
    merged.update({name: str(value) for name, value in parameters.items()})
    return Network(carrier, merged)


def _duration(value: float | str | None) -> str | None:
    return None if value is None else units.duration_text(units.nanoseconds(value))


def _probability(value: float | None) -> str | None:
    if value is None:
        return None
    if not 0.0 <= value <= 1.0:
        raise BadInput(f"loss is {value!r}; expected a probability from 0 to 1")
    return repr(float(value))


def _size(value: int | str | None) -> str | None:
    return None if value is None else str(units.size(value))
