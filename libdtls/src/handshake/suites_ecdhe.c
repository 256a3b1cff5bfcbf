/* SPDX-License-Identifier: MIT
 *
 * The AEAD suites with ECDHE and certificates (RFC 5289 section 3.2, RFC 7905
 * section 2, RFC 7251 section 2).
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

const dtls_cipher_suite dtls_suite_ecdhe_ecdsa_aes_256_gcm_sha384 = {
    .name = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    .code = 0xc02c,
    .hash = DTLS_HASH_SHA384,
    .protection = &dtls_protection_aes_256_gcm,
    .key_exchange = &dtls_key_exchange_ecdhe,
    .key_type = DTLS_KEY_ECDSA,
};

const dtls_cipher_suite dtls_suite_ecdhe_ecdsa_chacha20_poly1305_sha256 = {
    .name = "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    .code = 0xcca9,
    .hash = DTLS_HASH_SHA256,
    .protection = &dtls_protection_chacha20_poly1305,
    .key_exchange = &dtls_key_exchange_ecdhe,
    .key_type = DTLS_KEY_ECDSA,
};

const dtls_cipher_suite dtls_suite_ecdhe_ecdsa_aes_128_ccm = {
    .name = "TLS_ECDHE_ECDSA_WITH_AES_128_CCM",
    .code = 0xc0ac,
    .hash = DTLS_HASH_SHA256,
    .protection = &dtls_protection_aes_128_ccm,
    .key_exchange = &dtls_key_exchange_ecdhe,
    .key_type = DTLS_KEY_ECDSA,
};

const dtls_cipher_suite dtls_suite_ecdhe_ecdsa_aes_256_ccm = {
    .name = "TLS_ECDHE_ECDSA_WITH_AES_256_CCM",
    .code = 0xc0ad,
    .hash = DTLS_HASH_SHA256,
    .protection = &dtls_protection_aes_256_ccm,
    .key_exchange = &dtls_key_exchange_ecdhe,
    .key_type = DTLS_KEY_ECDSA,
};

const dtls_cipher_suite dtls_suite_ecdhe_ecdsa_aes_128_ccm_8 = {
    .name = "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8",
    .code = 0xc0ae,
    .hash = DTLS_HASH_SHA256,
    .protection = &dtls_protection_aes_128_ccm_8,
    .key_exchange = &dtls_key_exchange_ecdhe,
    .key_type = DTLS_KEY_ECDSA,
};

const dtls_cipher_suite dtls_suite_ecdhe_ecdsa_aes_256_ccm_8 = {
    .name = "TLS_ECDHE_ECDSA_WITH_AES_256_CCM_8",
    .code = 0xc0af,
    .hash = DTLS_HASH_SHA256,
    .protection = &dtls_protection_aes_256_ccm_8,
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

const dtls_cipher_suite dtls_suite_ecdhe_rsa_aes_256_gcm_sha384 = {
    .name = "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    .code = 0xc030,
    .hash = DTLS_HASH_SHA384,
    .protection = &dtls_protection_aes_256_gcm,
    .key_exchange = &dtls_key_exchange_ecdhe,
    .key_type = DTLS_KEY_RSA,
};

const dtls_cipher_suite dtls_suite_ecdhe_rsa_chacha20_poly1305_sha256 = {
    .name = "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    .code = 0xcca8,
    .hash = DTLS_HASH_SHA256,
    .protection = &dtls_protection_chacha20_poly1305,
    .key_exchange = &dtls_key_exchange_ecdhe,
    .key_type = DTLS_KEY_RSA,
};
