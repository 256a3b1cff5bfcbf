/* SPDX-License-Identifier: MIT
 *
 * All signature schemes, best first.
 */
#include "handshake/algorithms.h"

const dtls_signature_scheme *const dtls_default_signature_schemes[] = {
    &dtls_scheme_ecdsa_secp256r1_sha256, &dtls_scheme_ecdsa_secp384r1_sha384,
    &dtls_scheme_ecdsa_secp521r1_sha512, &dtls_scheme_ed25519,
    &dtls_scheme_rsa_pss_rsae_sha256,    &dtls_scheme_rsa_pss_rsae_sha384,
    &dtls_scheme_rsa_pss_rsae_sha512,    &dtls_scheme_rsa_pss_pss_sha256,
    &dtls_scheme_rsa_pss_pss_sha384,     &dtls_scheme_rsa_pss_pss_sha512,
    &dtls_scheme_rsa_pkcs1_sha256,       &dtls_scheme_rsa_pkcs1_sha384,
    &dtls_scheme_rsa_pkcs1_sha512,       NULL,
};

const dtls_signature_scheme *dtls_signature_scheme_by_code(unsigned code) {
    for (const dtls_signature_scheme *const *s = dtls_default_signature_schemes; *s != NULL; s++) {
        if ((*s)->code == code)
            return *s;
    }
    return NULL;
}
