# SPDX-License-Identifier: GPL-2.0-only
"""Fields for the TLS presentation language (RFC 5246 4): strict vectors, lists of codes, lists of packets.

A length of ``None`` is computed when building. A length given by hand is written as it is, so that wrong
packets can be made. Dissecting is strict: a vector that runs past its container raises
:exc:`Malformed`, which the enclosing layer turns into a Raw element.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from typing import Any

from scapy.fields import Field, StrLenField
from scapy.packet import Packet


class Malformed(ValueError):
    """The bytes do not have the format of this structure."""


def take(data: bytes, size: int) -> tuple[bytes, bytes]:
    """Splits ``data`` after ``size`` bytes; raises Malformed when it is shorter."""
    if len(data) < size:
        raise Malformed(f"{size} bytes expected, {len(data)} left")
    return data[:size], data[size:]


class UIntField(Field[int, bytes]):
    """An unsigned integer of ``size`` bytes, with optional names for its values."""

    __slots__ = ("names",)

    def __init__(
        self, name: str, default: int | None, size: int, names: Mapping[int, str] | None = None
    ) -> None:
        super().__init__(name, default, f"{size}s")
        self.sz = size
        self.names = names

    def i2m(self, pkt: Packet | None, x: int | None) -> bytes:
        return (0 if x is None else int(x)).to_bytes(self.sz, "big")

    def m2i(self, pkt: Packet | None, x: bytes) -> int:
        return int.from_bytes(x, "big")

    def addfield(self, pkt: Packet, s: bytes, val: int | None) -> bytes:
        return s + self.i2m(pkt, val)

    def getfield(self, pkt: Packet, s: bytes) -> tuple[bytes, int]:
        raw, rest = take(s, self.sz)
        return rest, int.from_bytes(raw, "big")

    def any2i(self, pkt: Packet | None, x: Any) -> Any:
        if isinstance(x, str) and self.names:
            for code, name in self.names.items():
                if name == x:
                    return code
            raise ValueError(f"{self.name}: no value is named {x!r}")
        return x

    def i2repr(self, pkt: Packet | None, x: int | None) -> str:
        if x is None:
            return "None"
        return self.names.get(x, str(x)) if self.names else str(x)

    def randval(self) -> Any:
        from scapy.volatile import RandNum

        return RandNum(0, (1 << (8 * self.sz)) - 1)


class LengthField(UIntField):
    """The length in bytes of the field ``length_of``, plus ``extra``; computed when it is None."""

    __slots__ = ("extra", "measured")

    def __init__(self, name: str, length_of: str, size: int, extra: int = 0) -> None:
        super().__init__(name, None, size)
        self.measured = length_of
        self.extra = extra

    def addfield(self, pkt: Packet, s: bytes, val: int | None) -> bytes:
        if val is None:
            field, value = pkt.getfield_and_val(self.measured)
            val = len(field.addfield(pkt, b"", value)) + self.extra
            val = min(val, (1 << (8 * self.sz)) - 1)
        return s + self.i2m(pkt, val)


class OpaqueField(StrLenField):
    """The bytes of a vector whose length stands in a :class:`LengthField`."""

    __slots__ = ("length_name", "to_end")

    def __init__(self, name: str, length: str | None, default: bytes = b"") -> None:
        super().__init__(name, default, length_from=lambda _: 0)
        self.length_name = length or ""
        self.to_end = length is None

    def getfield(self, pkt: Packet, s: bytes) -> tuple[bytes, bytes]:
        size = len(s) if self.to_end else pkt.getfieldval(self.length_name)
        value, rest = take(s, size)
        return rest, value

    def i2repr(self, pkt: Packet | None, x: bytes) -> str:
        return x.hex() if isinstance(x, bytes) else repr(x)


class FixedField(StrLenField):
    """Exactly ``size`` bytes when dissected; whatever is given when built."""

    __slots__ = ("size",)

    def __init__(self, name: str, default: bytes, size: int) -> None:
        super().__init__(name, default, length_from=lambda _: size)
        self.size = size

    def getfield(self, pkt: Packet, s: bytes) -> tuple[bytes, bytes]:
        value, rest = take(s, self.size)
        return rest, value

    def i2repr(self, pkt: Packet | None, x: bytes) -> str:
        return x.hex() if isinstance(x, bytes) else repr(x)


class CodesField(Field[list[int], list[int]]):
    """A list of code points of ``size`` bytes each, as long as the field ``length`` says."""

    __slots__ = ("length", "names", "size")

    islist = 1
    ismutable = True

    def __init__(self, name: str, length: str, size: int, names: Mapping[int, str] | None = None) -> None:
        super().__init__(name, [], "H")
        self.length = length
        self.size = size
        self.names = names or {}

    def i2m(self, pkt: Packet | None, x: Any) -> Any:
        return x

    def addfield(self, pkt: Packet, s: bytes, val: list[int] | None) -> bytes:
        return s + b"".join(int(code).to_bytes(self.size, "big") for code in val or ())

    def getfield(self, pkt: Packet, s: bytes) -> tuple[bytes, list[int]]:
        raw, rest = take(s, pkt.getfieldval(self.length))
        if len(raw) % self.size:
            raise Malformed(f"{self.name}: {len(raw)} bytes do not hold elements of {self.size}")
        if self.size == 2:
            return rest, list(struct.unpack(f"!{len(raw) // 2}H", raw))
        return rest, list(raw)

    def i2repr(self, pkt: Packet | None, x: list[int] | None) -> str:
        return "[" + ", ".join(self.names.get(code, f"{code:#06x}") for code in x or ()) + "]"


class VectorsField(Field[list[bytes], list[bytes]]):
    """A list of byte strings, each with a length of ``size`` bytes before it, in a vector of length
    ``length``.
    """

    __slots__ = ("length", "size")

    islist = 1
    ismutable = True

    def __init__(self, name: str, length: str, size: int) -> None:
        super().__init__(name, [], "H")
        self.length = length
        self.size = size

    def addfield(self, pkt: Packet, s: bytes, val: list[bytes] | None) -> bytes:
        return s + b"".join(len(item).to_bytes(self.size, "big") + item for item in val or ())

    def getfield(self, pkt: Packet, s: bytes) -> tuple[bytes, list[bytes]]:
        raw, rest = take(s, pkt.getfieldval(self.length))
        items = []
        while raw:
            prefix, raw = take(raw, self.size)
            item, raw = take(raw, int.from_bytes(prefix, "big"))
            items.append(item)
        return rest, items

    def i2repr(self, pkt: Packet | None, x: list[bytes] | None) -> str:
        return "[" + ", ".join(item.hex() for item in x or ()) + "]"


class PacketsField(Field[list[Packet], list[Packet]]):
    """A list of packets in ``length`` bytes (or to the end), cut up by ``split``.

    ``split(pkt, data)`` dissects the first element and returns it with the bytes that are left.
    With ``optional`` the list is None when its length field is None (an absent extensions block).
    """

    __slots__ = ("length", "optional", "split")

    islist = 1
    holds_packets = 1

    def __init__(
        self,
        name: str,
        length: str | None,
        split: Callable[[Packet, bytes], tuple[Packet, bytes]],
        *,
        optional: bool = False,
    ) -> None:
        super().__init__(name, None if optional else [], "H")
        self.length = length
        self.split = split
        self.optional = optional

    def any2i(self, pkt: Packet | None, x: Any) -> Any:
        return [x] if isinstance(x, Packet | bytes) else x

    def do_copy(self, x: Any) -> Any:
        if x is None:
            return None
        return [item.copy() if isinstance(item, Packet) else item for item in x]

    def addfield(self, pkt: Packet, s: bytes, val: Any) -> bytes:
        return s + b"".join(item if isinstance(item, bytes) else item.build() for item in val or ())

    def getfield(self, pkt: Packet, s: bytes) -> tuple[bytes, Any]:
        if self.length is None:
            raw, rest = s, b""
        else:
            size = pkt.getfieldval(self.length)
            if size is None:
                return s, None
            raw, rest = take(s, size)
        items = []
        while raw:
            item, raw = self.split(pkt, raw)
            items.append(item)
        return rest, items

    def i2repr(self, pkt: Packet | None, x: Any) -> str:
        return repr(x)


class OptionalLengthField(LengthField):
    """The length of a block that may be missing altogether (RFC 5246 7.4.1.2, the extensions)."""

    def addfield(self, pkt: Packet, s: bytes, val: int | None) -> bytes:
        if val is None and pkt.getfieldval(self.measured) is None:
            return s
        return super().addfield(pkt, s, val)

    def getfield(self, pkt: Packet, s: bytes) -> tuple[bytes, Any]:
        return super().getfield(pkt, s) if s else (s, None)
