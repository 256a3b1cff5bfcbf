/* SPDX-License-Identifier: MIT
 *
 * The cipher suites for configurations without a wish of their own, best
 * first: AEADs only. Forward secrecy comes before none, what is fastest with
 * common hardware before the rest; the short tags of CCM_8 come last, for small
 * devices that have nothing else (RFC 7925 section 4).
 */
#include "handshake/algorithms.h"

const dtls_cipher_suite *const dtls_default_cipher_suites[] = {
    &dtls_suite_ecdhe_ecdsa_aes_128_gcm_sha256,
    &dtls_suite_ecdhe_rsa_aes_128_gcm_sha256,
    &dtls_suite_ecdhe_ecdsa_chacha20_poly1305_sha256,
    &dtls_suite_ecdhe_rsa_chacha20_poly1305_sha256,
    &dtls_suite_ecdhe_ecdsa_aes_256_gcm_sha384,
    &dtls_suite_ecdhe_rsa_aes_256_gcm_sha384,
    &dtls_suite_ecdhe_psk_aes_128_gcm_sha256,
    &dtls_suite_ecdhe_psk_chacha20_poly1305_sha256,
    &dtls_suite_ecdhe_psk_aes_256_gcm_sha384,
    &dtls_suite_psk_aes_128_gcm_sha256,
    &dtls_suite_psk_chacha20_poly1305_sha256,
    &dtls_suite_psk_aes_256_gcm_sha384,
    &dtls_suite_ecdhe_ecdsa_aes_128_ccm_8,
    &dtls_suite_psk_aes_128_ccm_8,
    NULL,
};
