/* SPDX-License-Identifier: MIT
 *
 * Signature schemes (RFC 8446 section 4.2.3; RFC 5246 section 7.4.1.4.1 has the
 * older ones as pairs of hash and signature). Ed25519 hashes by itself (RFC
 * 8422 section 5.10).
 */
#include "handshake/algorithms.h"

const dtls_signature_scheme dtls_scheme_ecdsa_secp256r1_sha256 = {
    .name = "ecdsa_secp256r1_sha256",
    .code = 0x0403,
    .key_type = DTLS_KEY_ECDSA,
    .hash = DTLS_HASH_SHA256,
};

const dtls_signature_scheme dtls_scheme_ecdsa_secp384r1_sha384 = {
    .name = "ecdsa_secp384r1_sha384",
    .code = 0x0503,
    .key_type = DTLS_KEY_ECDSA,
    .hash = DTLS_HASH_SHA384,
};

const dtls_signature_scheme dtls_scheme_ecdsa_secp521r1_sha512 = {
    .name = "ecdsa_secp521r1_sha512",
    .code = 0x0603,
    .key_type = DTLS_KEY_ECDSA,
    .hash = DTLS_HASH_SHA512,
};

const dtls_signature_scheme dtls_scheme_ed25519 = {
    .name = "ed25519",
    .code = 0x0807,
    .key_type = DTLS_KEY_ED25519,
};

const dtls_signature_scheme dtls_scheme_rsa_pss_rsae_sha256 = {
    .name = "rsa_pss_rsae_sha256",
    .code = 0x0804,
    .key_type = DTLS_KEY_RSA,
    .hash = DTLS_HASH_SHA256,
};

const dtls_signature_scheme dtls_scheme_rsa_pss_rsae_sha384 = {
    .name = "rsa_pss_rsae_sha384",
    .code = 0x0805,
    .key_type = DTLS_KEY_RSA,
    .hash = DTLS_HASH_SHA384,
};

const dtls_signature_scheme dtls_scheme_rsa_pss_rsae_sha512 = {
    .name = "rsa_pss_rsae_sha512",
    .code = 0x0806,
    .key_type = DTLS_KEY_RSA,
    .hash = DTLS_HASH_SHA512,
};

const dtls_signature_scheme dtls_scheme_rsa_pss_pss_sha256 = {
    .name = "rsa_pss_pss_sha256",
    .code = 0x0809,
    .key_type = DTLS_KEY_RSA_PSS,
    .hash = DTLS_HASH_SHA256,
};

const dtls_signature_scheme dtls_scheme_rsa_pss_pss_sha384 = {
    .name = "rsa_pss_pss_sha384",
    .code = 0x080a,
    .key_type = DTLS_KEY_RSA_PSS,
    .hash = DTLS_HASH_SHA384,
};

const dtls_signature_scheme dtls_scheme_rsa_pss_pss_sha512 = {
    .name = "rsa_pss_pss_sha512",
    .code = 0x080b,
    .key_type = DTLS_KEY_RSA_PSS,
    .hash = DTLS_HASH_SHA512,
};

const dtls_signature_scheme dtls_scheme_rsa_pkcs1_sha256 = {
    .name = "rsa_pkcs1_sha256",
    .code = 0x0401,
    .key_type = DTLS_KEY_RSA,
    .hash = DTLS_HASH_SHA256,
};

const dtls_signature_scheme dtls_scheme_rsa_pkcs1_sha384 = {
    .name = "rsa_pkcs1_sha384",
    .code = 0x0501,
    .key_type = DTLS_KEY_RSA,
    .hash = DTLS_HASH_SHA384,
};

const dtls_signature_scheme dtls_scheme_rsa_pkcs1_sha512 = {
    .name = "rsa_pkcs1_sha512",
    .code = 0x0601,
    .key_type = DTLS_KEY_RSA,
    .hash = DTLS_HASH_SHA512,
};
