/* SPDX-License-Identifier: MIT
 *
 * The suites with RSA key transport (RFC 5288 section 3, RFC 5246 appendix
 * A.5). They have no forward secrecy (RFC 9325 section 4.1).
 */
#include "handshake/rsa.h"

const dtls_cipher_suite dtls_suite_rsa_aes_128_gcm_sha256 = {
    .name = "TLS_RSA_WITH_AES_128_GCM_SHA256",
    .code = 0x009c,
    .hash = DTLS_HASH_SHA256,
    .protection = &dtls_protection_aes_128_gcm,
    .key_exchange = &dtls_key_exchange_rsa,
    .key_type = DTLS_KEY_RSA,
};

const dtls_cipher_suite dtls_suite_rsa_aes_256_gcm_sha384 = {
    .name = "TLS_RSA_WITH_AES_256_GCM_SHA384",
    .code = 0x009d,
    .hash = DTLS_HASH_SHA384,
    .protection = &dtls_protection_aes_256_gcm,
    .key_exchange = &dtls_key_exchange_rsa,
    .key_type = DTLS_KEY_RSA,
};

const dtls_cipher_suite dtls_suite_rsa_aes_128_cbc_sha256 = {
    .name = "TLS_RSA_WITH_AES_128_CBC_SHA256",
    .code = 0x003c,
    .hash = DTLS_HASH_SHA256,
    .protection = &dtls_protection_aes_128_cbc_sha256,
    .key_exchange = &dtls_key_exchange_rsa,
    .key_type = DTLS_KEY_RSA,
};

const dtls_cipher_suite dtls_suite_rsa_aes_256_cbc_sha256 = {
    .name = "TLS_RSA_WITH_AES_256_CBC_SHA256",
    .code = 0x003d,
    .hash = DTLS_HASH_SHA256,
    .protection = &dtls_protection_aes_256_cbc_sha256,
    .key_exchange = &dtls_key_exchange_rsa,
    .key_type = DTLS_KEY_RSA,
};

const dtls_cipher_suite dtls_suite_rsa_aes_128_cbc_sha = {
    .name = "TLS_RSA_WITH_AES_128_CBC_SHA",
    .code = 0x002f,
    .hash = DTLS_HASH_SHA256,
    .protection = &dtls_protection_aes_128_cbc_sha,
    .key_exchange = &dtls_key_exchange_rsa,
    .key_type = DTLS_KEY_RSA,
};

const dtls_cipher_suite dtls_suite_rsa_aes_256_cbc_sha = {
    .name = "TLS_RSA_WITH_AES_256_CBC_SHA",
    .code = 0x0035,
    .hash = DTLS_HASH_SHA256,
    .protection = &dtls_protection_aes_256_cbc_sha,
    .key_exchange = &dtls_key_exchange_rsa,
    .key_type = DTLS_KEY_RSA,
};
