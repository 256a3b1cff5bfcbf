/* SPDX-License-Identifier: MIT
 *
 * IANA code points and Mbed TLS's names for them. There are no words for
 * signature schemes: 2.28 is told hashes, and offers each with every kind of
 * key.
 */
#include <mbedtls/ssl_ciphersuites.h>

#include "mbedtls_adapter.h"

mbedtls_ecp_group_id mbedtls_adapter_group(uint16_t code) {
    const mbedtls_ecp_curve_info *curve = mbedtls_ecp_curve_info_from_tls_id(code);

    return curve != NULL ? curve->grp_id : MBEDTLS_ECP_DP_NONE;
}

uint16_t mbedtls_adapter_group_code(mbedtls_ecp_group_id group) {
    const mbedtls_ecp_curve_info *curve = mbedtls_ecp_curve_info_from_grp_id(group);

    return curve != NULL ? curve->tls_id : 0;
}

/* Stream ciphers are not for datagrams, and the exchange by password needs what the contract does not speak
 * of. */
static int is_for_dtls(const mbedtls_ssl_ciphersuite_t *suite) {
    return suite != NULL && (suite->flags & MBEDTLS_CIPHERSUITE_NODTLS) == 0 &&
           suite->key_exchange != MBEDTLS_KEY_EXCHANGE_ECJPAKE;
}

void mbedtls_adapter_add_codes(struct adapter_words *words) {
    for (const int *suite = mbedtls_ssl_list_ciphersuites(); *suite != 0; suite++) {
        if (is_for_dtls(mbedtls_ssl_ciphersuite_from_id(*suite)))
            adapter_words_add(words, "suite:%04x", (unsigned)*suite);
    }
    for (const mbedtls_ecp_curve_info *curve = mbedtls_ecp_curve_list(); curve->grp_id != MBEDTLS_ECP_DP_NONE;
         curve++) {
        if (curve->tls_id != 0)
            adapter_words_add(words, "group:%04x", curve->tls_id);
    }
}
