/* SPDX-License-Identifier: MIT
 *
 * All cipher suites, and the look-up by code point. Whoever names these links
 * every suite.
 */
#include "handshake/algorithms.h"

const dtls_cipher_suite *const dtls_all_cipher_suites[] = {
    &dtls_suite_ecdhe_ecdsa_aes_128_gcm_sha256,
    &dtls_suite_ecdhe_rsa_aes_128_gcm_sha256,
    &dtls_suite_ecdhe_ecdsa_chacha20_poly1305_sha256,
    &dtls_suite_ecdhe_rsa_chacha20_poly1305_sha256,
    &dtls_suite_ecdhe_ecdsa_aes_256_gcm_sha384,
    &dtls_suite_ecdhe_rsa_aes_256_gcm_sha384,
    &dtls_suite_ecdhe_ecdsa_aes_128_ccm,
    &dtls_suite_ecdhe_ecdsa_aes_256_ccm,
    &dtls_suite_ecdhe_ecdsa_aes_128_ccm_8,
    &dtls_suite_ecdhe_ecdsa_aes_256_ccm_8,
    &dtls_suite_ecdhe_psk_aes_128_gcm_sha256,
    &dtls_suite_ecdhe_psk_chacha20_poly1305_sha256,
    &dtls_suite_ecdhe_psk_aes_256_gcm_sha384,
    &dtls_suite_ecdhe_psk_aes_128_ccm_sha256,
    &dtls_suite_ecdhe_psk_aes_128_ccm_8_sha256,
    &dtls_suite_psk_aes_128_gcm_sha256,
    &dtls_suite_psk_chacha20_poly1305_sha256,
    &dtls_suite_psk_aes_256_gcm_sha384,
    &dtls_suite_psk_aes_128_ccm,
    &dtls_suite_psk_aes_256_ccm,
    &dtls_suite_psk_aes_128_ccm_8,
    &dtls_suite_psk_aes_256_ccm_8,
    &dtls_suite_ecdhe_ecdsa_aes_128_cbc_sha,
    &dtls_suite_ecdhe_ecdsa_aes_256_cbc_sha,
    &dtls_suite_ecdhe_ecdsa_aes_128_cbc_sha256,
    &dtls_suite_ecdhe_ecdsa_aes_256_cbc_sha384,
    &dtls_suite_ecdhe_rsa_aes_128_cbc_sha,
    &dtls_suite_ecdhe_rsa_aes_256_cbc_sha,
    &dtls_suite_ecdhe_rsa_aes_128_cbc_sha256,
    &dtls_suite_ecdhe_rsa_aes_256_cbc_sha384,
    &dtls_suite_ecdhe_psk_aes_128_cbc_sha,
    &dtls_suite_ecdhe_psk_aes_256_cbc_sha,
    &dtls_suite_ecdhe_psk_aes_128_cbc_sha256,
    &dtls_suite_ecdhe_psk_aes_256_cbc_sha384,
    &dtls_suite_psk_aes_128_cbc_sha,
    &dtls_suite_psk_aes_256_cbc_sha,
    &dtls_suite_psk_aes_128_cbc_sha256,
    &dtls_suite_psk_aes_256_cbc_sha384,
    &dtls_suite_rsa_aes_128_gcm_sha256,
    &dtls_suite_rsa_aes_256_gcm_sha384,
    &dtls_suite_rsa_aes_128_cbc_sha256,
    &dtls_suite_rsa_aes_256_cbc_sha256,
    &dtls_suite_rsa_aes_128_cbc_sha,
    &dtls_suite_rsa_aes_256_cbc_sha,
    NULL,
};

const dtls_cipher_suite *dtls_cipher_suite_by_code(unsigned code) {
    for (const dtls_cipher_suite *const *suite = dtls_all_cipher_suites; *suite != NULL; suite++) {
        if ((*suite)->code == code)
            return *suite;
    }
    return NULL;
}
