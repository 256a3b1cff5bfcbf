/* SPDX-License-Identifier: MIT
 *
 * The CBC suites (RFC 8422 section 6, RFC 5289 section 3.1, RFC 5489 section 3,
 * RFC 4279 section 2, RFC 5487 section 2), for peers that have nothing better.
 */
#include "handshake/ecdhe.h"
#include "handshake/psk.h"

const dtls_cipher_suite dtls_suite_ecdhe_ecdsa_aes_128_cbc_sha = {
    .name = "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
    .code = 0xc009,
    .hash = DTLS_HASH_SHA256,
    .protection = &dtls_protection_aes_128_cbc_sha,
    .key_exchange = &dtls_key_exchange_ecdhe,
    .key_type = DTLS_KEY_ECDSA,
};

const dtls_cipher_suite dtls_suite_ecdhe_ecdsa_aes_256_cbc_sha = {
    .name = "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
    .code = 0xc00a,
    .hash = DTLS_HASH_SHA256,
    .protection = &dtls_protection_aes_256_cbc_sha,
    .key_exchange = &dtls_key_exchange_ecdhe,
    .key_type = DTLS_KEY_ECDSA,
};

const dtls_cipher_suite dtls_suite_ecdhe_ecdsa_aes_128_cbc_sha256 = {
    .name = "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
    .code = 0xc023,
    .hash = DTLS_HASH_SHA256,
    .protection = &dtls_protection_aes_128_cbc_sha256,
    .key_exchange = &dtls_key_exchange_ecdhe,
    .key_type = DTLS_KEY_ECDSA,
};

const dtls_cipher_suite dtls_suite_ecdhe_ecdsa_aes_256_cbc_sha384 = {
    .name = "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384",
    .code = 0xc024,
    .hash = DTLS_HASH_SHA384,
    .protection = &dtls_protection_aes_256_cbc_sha384,
    .key_exchange = &dtls_key_exchange_ecdhe,
    .key_type = DTLS_KEY_ECDSA,
};

const dtls_cipher_suite dtls_suite_ecdhe_rsa_aes_128_cbc_sha = {
    .name = "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
    .code = 0xc013,
    .hash = DTLS_HASH_SHA256,
    .protection = &dtls_protection_aes_128_cbc_sha,
    .key_exchange = &dtls_key_exchange_ecdhe,
    .key_type = DTLS_KEY_RSA,
};

const dtls_cipher_suite dtls_suite_ecdhe_rsa_aes_256_cbc_sha = {
    .name = "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
    .code = 0xc014,
    .hash = DTLS_HASH_SHA256,
    .protection = &dtls_protection_aes_256_cbc_sha,
    .key_exchange = &dtls_key_exchange_ecdhe,
    .key_type = DTLS_KEY_RSA,
};

const dtls_cipher_suite dtls_suite_ecdhe_rsa_aes_128_cbc_sha256 = {
    .name = "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
    .code = 0xc027,
    .hash = DTLS_HASH_SHA256,
    .protection = &dtls_protection_aes_128_cbc_sha256,
    .key_exchange = &dtls_key_exchange_ecdhe,
    .key_type = DTLS_KEY_RSA,
};

const dtls_cipher_suite dtls_suite_ecdhe_rsa_aes_256_cbc_sha384 = {
    .name = "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384",
    .code = 0xc028,
    .hash = DTLS_HASH_SHA384,
    .protection = &dtls_protection_aes_256_cbc_sha384,
    .key_exchange = &dtls_key_exchange_ecdhe,
    .key_type = DTLS_KEY_RSA,
};

const dtls_cipher_suite dtls_suite_ecdhe_psk_aes_128_cbc_sha = {
    .name = "TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA",
    .code = 0xc035,
    .hash = DTLS_HASH_SHA256,
    .protection = &dtls_protection_aes_128_cbc_sha,
    .key_exchange = &dtls_key_exchange_ecdhe_psk,
};

const dtls_cipher_suite dtls_suite_ecdhe_psk_aes_256_cbc_sha = {
    .name = "TLS_ECDHE_PSK_WITH_AES_256_CBC_SHA",
    .code = 0xc036,
    .hash = DTLS_HASH_SHA256,
    .protection = &dtls_protection_aes_256_cbc_sha,
    .key_exchange = &dtls_key_exchange_ecdhe_psk,
};

const dtls_cipher_suite dtls_suite_ecdhe_psk_aes_128_cbc_sha256 = {
    .name = "TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256",
    .code = 0xc037,
    .hash = DTLS_HASH_SHA256,
    .protection = &dtls_protection_aes_128_cbc_sha256,
    .key_exchange = &dtls_key_exchange_ecdhe_psk,
};

const dtls_cipher_suite dtls_suite_ecdhe_psk_aes_256_cbc_sha384 = {
    .name = "TLS_ECDHE_PSK_WITH_AES_256_CBC_SHA384",
    .code = 0xc038,
    .hash = DTLS_HASH_SHA384,
    .protection = &dtls_protection_aes_256_cbc_sha384,
    .key_exchange = &dtls_key_exchange_ecdhe_psk,
};

const dtls_cipher_suite dtls_suite_psk_aes_128_cbc_sha = {
    .name = "TLS_PSK_WITH_AES_128_CBC_SHA",
    .code = 0x008c,
    .hash = DTLS_HASH_SHA256,
    .protection = &dtls_protection_aes_128_cbc_sha,
    .key_exchange = &dtls_key_exchange_psk,
};

const dtls_cipher_suite dtls_suite_psk_aes_256_cbc_sha = {
    .name = "TLS_PSK_WITH_AES_256_CBC_SHA",
    .code = 0x008d,
    .hash = DTLS_HASH_SHA256,
    .protection = &dtls_protection_aes_256_cbc_sha,
    .key_exchange = &dtls_key_exchange_psk,
};

const dtls_cipher_suite dtls_suite_psk_aes_128_cbc_sha256 = {
    .name = "TLS_PSK_WITH_AES_128_CBC_SHA256",
    .code = 0x00ae,
    .hash = DTLS_HASH_SHA256,
    .protection = &dtls_protection_aes_128_cbc_sha256,
    .key_exchange = &dtls_key_exchange_psk,
};

const dtls_cipher_suite dtls_suite_psk_aes_256_cbc_sha384 = {
    .name = "TLS_PSK_WITH_AES_256_CBC_SHA384",
    .code = 0x00af,
    .hash = DTLS_HASH_SHA384,
    .protection = &dtls_protection_aes_256_cbc_sha384,
    .key_exchange = &dtls_key_exchange_psk,
};
