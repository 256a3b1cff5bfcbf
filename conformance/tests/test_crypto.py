# SPDX-License-Identifier: MIT
"""The tester's key schedule and record protection, by known answers and round trips."""

from __future__ import annotations

import random

import pytest
from dtlslab import locations
from dtlslab_conformance.crypto.exchange import (
    P256,
    P384,
    X25519,
    BadShare,
    chain_is_trusted,
    load_chain,
    load_key,
    make_share,
    public_key,
    sign,
    verify,
)
from dtlslab_conformance.crypto.keyschedule import prf, psk_premaster, traffic_keys
from dtlslab_conformance.crypto.protection import Header
from dtlslab_conformance.crypto.suites import SUITES, Suite


def test_prf_with_sha256_gives_the_published_answer() -> None:
    secret = bytes.fromhex("9bbe436ba940f017b17652849a71db35")
    seed = bytes.fromhex("a0ba9f936cda311827a6f796ffd5198c")
    out = prf("sha256", secret, b"test label", seed, 100)
    assert out.hex().startswith("e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a")
    assert out.hex().endswith("87347b66")


def test_psk_premaster_is_that_of_rfc_4279() -> None:
    assert psk_premaster(b"\x01\x02").hex() == "0002" + "0000" + "0002" + "0102"
    assert psk_premaster(b"\x01", b"\xaa\xbb").hex() == "0002aabb000101"


@pytest.mark.parametrize("encrypt_then_mac", [False, True])
@pytest.mark.parametrize("suite", SUITES.values(), ids=lambda s: s.name)
def test_protection_opens_what_it_sealed_and_nothing_else(suite: Suite, encrypt_then_mac: bool) -> None:
    keys = traffic_keys(suite, bytes(48), bytes(32), bytes(range(32)), encrypt_then_mac=encrypt_then_mac)
    header = Header(23, 0xFEFD, 1, 77)
    sealed = keys.client.seal(header, b"hello")
    assert keys.client.open(header, sealed) == b"hello"
    assert keys.server.open(header, sealed) is None
    assert keys.client.open(Header(23, 0xFEFD, 1, 78), sealed) is None
    assert keys.client.open(header, sealed[:-1] + bytes([sealed[-1] ^ 1])) is None
    assert keys.client.open(header, b"") is None


@pytest.mark.parametrize("group", [X25519, P256, P384])
def test_two_shares_agree_and_come_back_from_the_seed(group: int) -> None:
    one, two = make_share(group, random.Random(1)), make_share(group, random.Random(2))
    assert one.secret(two.public) == two.secret(one.public)
    assert make_share(group, random.Random(1)).public == one.public
    with pytest.raises(BadShare):
        one.secret(bytes(len(one.public)))


@pytest.mark.parametrize(("name", "schemes"), [("p256", (0x0403, 0x0603)), ("rsa2048", (0x0401, 0x0804))])
def test_signatures_of_the_credentials(name: str, schemes: tuple[int, ...]) -> None:
    key = load_key(locations.credential(f"server-{name}.key"))
    chain = load_chain(locations.credential(f"server-{name}"))
    for scheme in schemes:
        signature = sign(key, scheme, b"data")
        assert verify(public_key(chain[0]), scheme, signature, b"data")
        assert not verify(public_key(chain[0]), scheme, signature, b"other")
    assert chain_is_trusted(chain, locations.credential("authority"), 1767225600)
    assert not chain_is_trusted(chain, locations.credential("server-p256"), 4200000000)
