/* SPDX-License-Identifier: MIT
 *
 * The suites with pre-shared keys (RFC 5487 section 2, RFC 6655 section 4).
 */
#include "handshake/psk.h"

const dtls_cipher_suite dtls_suite_psk_aes_128_gcm_sha256 = {
    .name = "TLS_PSK_WITH_AES_128_GCM_SHA256",
    .code = 0x00a8,
    .hash = DTLS_HASH_SHA256,
    .protection = &dtls_protection_aes_128_gcm,
    .key_exchange = &dtls_key_exchange_psk,
};

const dtls_cipher_suite dtls_suite_psk_aes_128_ccm_8 = {
    .name = "TLS_PSK_WITH_AES_128_CCM_8",
    .code = 0xc0a8,
    .hash = DTLS_HASH_SHA256,
    .protection = &dtls_protection_aes_128_ccm_8,
    .key_exchange = &dtls_key_exchange_psk,
};
