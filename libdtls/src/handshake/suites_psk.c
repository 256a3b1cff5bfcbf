/* SPDX-License-Identifier: MIT
 *
 * The AEAD suites with pre-shared keys (RFC 5487 section 2, RFC 6655 section 4,
 * RFC 7905 section 2).
 */
#include "handshake/psk.h"

const dtls_cipher_suite dtls_suite_psk_aes_128_gcm_sha256 = {
    .name = "TLS_PSK_WITH_AES_128_GCM_SHA256",
    .code = 0x00a8,
    .hash = DTLS_HASH_SHA256,
    .protection = &dtls_protection_aes_128_gcm,
    .key_exchange = &dtls_key_exchange_psk,
};

const dtls_cipher_suite dtls_suite_psk_aes_256_gcm_sha384 = {
    .name = "TLS_PSK_WITH_AES_256_GCM_SHA384",
    .code = 0x00a9,
    .hash = DTLS_HASH_SHA384,
    .protection = &dtls_protection_aes_256_gcm,
    .key_exchange = &dtls_key_exchange_psk,
};

const dtls_cipher_suite dtls_suite_psk_chacha20_poly1305_sha256 = {
    .name = "TLS_PSK_WITH_CHACHA20_POLY1305_SHA256",
    .code = 0xccab,
    .hash = DTLS_HASH_SHA256,
    .protection = &dtls_protection_chacha20_poly1305,
    .key_exchange = &dtls_key_exchange_psk,
};

const dtls_cipher_suite dtls_suite_psk_aes_128_ccm = {
    .name = "TLS_PSK_WITH_AES_128_CCM",
    .code = 0xc0a4,
    .hash = DTLS_HASH_SHA256,
    .protection = &dtls_protection_aes_128_ccm,
    .key_exchange = &dtls_key_exchange_psk,
};

const dtls_cipher_suite dtls_suite_psk_aes_256_ccm = {
    .name = "TLS_PSK_WITH_AES_256_CCM",
    .code = 0xc0a5,
    .hash = DTLS_HASH_SHA256,
    .protection = &dtls_protection_aes_256_ccm,
    .key_exchange = &dtls_key_exchange_psk,
};

const dtls_cipher_suite dtls_suite_psk_aes_128_ccm_8 = {
    .name = "TLS_PSK_WITH_AES_128_CCM_8",
    .code = 0xc0a8,
    .hash = DTLS_HASH_SHA256,
    .protection = &dtls_protection_aes_128_ccm_8,
    .key_exchange = &dtls_key_exchange_psk,
};

const dtls_cipher_suite dtls_suite_psk_aes_256_ccm_8 = {
    .name = "TLS_PSK_WITH_AES_256_CCM_8",
    .code = 0xc0a9,
    .hash = DTLS_HASH_SHA256,
    .protection = &dtls_protection_aes_256_ccm_8,
    .key_exchange = &dtls_key_exchange_psk,
};
