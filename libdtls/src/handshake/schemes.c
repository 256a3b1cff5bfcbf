/* SPDX-License-Identifier: MIT
 *
 * Signature schemes (RFC 8446 section 4.2.3; RFC 5246 section 7.4.1.4.1 has the
 * older ones as pairs of hash and signature).
 */
#include "handshake/algorithms.h"

const dtls_signature_scheme dtls_scheme_ecdsa_secp256r1_sha256 = {.name = "ecdsa_secp256r1_sha256",
                                                                  .code = 0x0403,
                                                                  .key_type = DTLS_KEY_ECDSA,
                                                                  .hash = DTLS_HASH_SHA256,
                                                                  .curve = DTLS_GROUP_P256};

const dtls_signature_scheme dtls_scheme_rsa_pss_rsae_sha256 = {
    .name = "rsa_pss_rsae_sha256", .code = 0x0804, .key_type = DTLS_KEY_RSA, .hash = DTLS_HASH_SHA256};

const dtls_signature_scheme dtls_scheme_rsa_pkcs1_sha256 = {
    .name = "rsa_pkcs1_sha256", .code = 0x0401, .key_type = DTLS_KEY_RSA, .hash = DTLS_HASH_SHA256};
