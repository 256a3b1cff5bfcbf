/* SPDX-License-Identifier: MIT
 *
 * Code points and names of the const objects.
 */
#include "handshake/algorithms.h"

unsigned dtls_cipher_suite_code(const dtls_cipher_suite *suite) {
    return suite != NULL ? suite->code : 0;
}

const char *dtls_cipher_suite_name(const dtls_cipher_suite *suite) {
    return suite != NULL ? suite->name : "";
}

unsigned dtls_group_code(const dtls_group *group) {
    return group != NULL ? group->code : 0;
}

const char *dtls_group_name(const dtls_group *group) {
    return group != NULL ? group->name : "";
}

unsigned dtls_signature_scheme_code(const dtls_signature_scheme *scheme) {
    return scheme != NULL ? scheme->code : 0;
}

const char *dtls_signature_scheme_name(const dtls_signature_scheme *scheme) {
    return scheme != NULL ? scheme->name : "";
}

bool dtls_cipher_suite_uses_certificates(const dtls_cipher_suite *suite) {
    return suite != NULL && suite->key_exchange->certificates != NULL;
}

bool dtls_cipher_suite_uses_psk(const dtls_cipher_suite *suite) {
    return suite != NULL && suite->key_exchange->asks_psk;
}
