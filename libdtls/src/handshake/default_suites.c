/* SPDX-License-Identifier: MIT
 *
 * All cipher suites, best first. Whoever names this list links them all.
 */
#include "handshake/algorithms.h"

const dtls_cipher_suite *const dtls_default_cipher_suites[] = {
    &dtls_suite_ecdhe_ecdsa_aes_128_gcm_sha256, &dtls_suite_ecdhe_rsa_aes_128_gcm_sha256,
    &dtls_suite_psk_aes_128_gcm_sha256, &dtls_suite_psk_aes_128_ccm_8, NULL};

const dtls_cipher_suite *dtls_cipher_suite_by_code(unsigned code) {
    for (const dtls_cipher_suite *const *suite = dtls_default_cipher_suites; *suite != NULL; suite++) {
        if ((*suite)->code == code)
            return *suite;
    }
    return NULL;
}
