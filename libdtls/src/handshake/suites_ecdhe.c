/* SPDX-License-Identifier: MIT
 *
 * The suites with ECDHE and certificates (RFC 5289 section 3.2).
 */
#include "handshake/ecdhe.h"

const dtls_cipher_suite dtls_suite_ecdhe_ecdsa_aes_128_gcm_sha256 = {
    .name = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    .code = 0xc02b,
    .hash = DTLS_HASH_SHA256,
    .protection = &dtls_protection_aes_128_gcm,
    .key_exchange = &dtls_key_exchange_ecdhe,
    .key_type = DTLS_KEY_ECDSA,
};

const dtls_cipher_suite dtls_suite_ecdhe_rsa_aes_128_gcm_sha256 = {
    .name = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    .code = 0xc02f,
    .hash = DTLS_HASH_SHA256,
    .protection = &dtls_protection_aes_128_gcm,
    .key_exchange = &dtls_key_exchange_ecdhe,
    .key_type = DTLS_KEY_RSA,
};
