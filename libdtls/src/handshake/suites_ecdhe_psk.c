/* SPDX-License-Identifier: MIT
 *
 * The AEAD suites with pre-shared keys and ephemeral key agreement (RFC 8442
 * section 3, RFC 7905 section 2).
 */
#include "handshake/ecdhe.h"

const dtls_cipher_suite dtls_suite_ecdhe_psk_aes_128_gcm_sha256 = {
    .name = "TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256",
    .code = 0xd001,
    .hash = DTLS_HASH_SHA256,
    .protection = &dtls_protection_aes_128_gcm,
    .key_exchange = &dtls_key_exchange_ecdhe_psk,
};

const dtls_cipher_suite dtls_suite_ecdhe_psk_aes_256_gcm_sha384 = {
    .name = "TLS_ECDHE_PSK_WITH_AES_256_GCM_SHA384",
    .code = 0xd002,
    .hash = DTLS_HASH_SHA384,
    .protection = &dtls_protection_aes_256_gcm,
    .key_exchange = &dtls_key_exchange_ecdhe_psk,
};

const dtls_cipher_suite dtls_suite_ecdhe_psk_aes_128_ccm_8_sha256 = {
    .name = "TLS_ECDHE_PSK_WITH_AES_128_CCM_8_SHA256",
    .code = 0xd003,
    .hash = DTLS_HASH_SHA256,
    .protection = &dtls_protection_aes_128_ccm_8,
    .key_exchange = &dtls_key_exchange_ecdhe_psk,
};

const dtls_cipher_suite dtls_suite_ecdhe_psk_aes_128_ccm_sha256 = {
    .name = "TLS_ECDHE_PSK_WITH_AES_128_CCM_SHA256",
    .code = 0xd005,
    .hash = DTLS_HASH_SHA256,
    .protection = &dtls_protection_aes_128_ccm,
    .key_exchange = &dtls_key_exchange_ecdhe_psk,
};

const dtls_cipher_suite dtls_suite_ecdhe_psk_chacha20_poly1305_sha256 = {
    .name = "TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256",
    .code = 0xccac,
    .hash = DTLS_HASH_SHA256,
    .protection = &dtls_protection_chacha20_poly1305,
    .key_exchange = &dtls_key_exchange_ecdhe_psk,
};
