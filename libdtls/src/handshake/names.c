/* SPDX-License-Identifier: MIT
 *
 * Code points and names of the const objects.
 */
#include "handshake/algorithms.h"

unsigned dtls_cipher_suite_code(const dtls_cipher_suite *suite) {
    return suite->code;
}

const char *dtls_cipher_suite_name(const dtls_cipher_suite *suite) {
    return suite->name;
}

unsigned dtls_group_code(const dtls_group *group) {
    return group->code;
}

const char *dtls_group_name(const dtls_group *group) {
    return group->name;
}

unsigned dtls_signature_scheme_code(const dtls_signature_scheme *scheme) {
    return scheme->code;
}

const char *dtls_signature_scheme_name(const dtls_signature_scheme *scheme) {
    return scheme->name;
}

bool dtls_cipher_suite_uses_certificates(const dtls_cipher_suite *suite) {
    return suite->key_exchange->certificates != NULL;
}

bool dtls_cipher_suite_uses_psk(const dtls_cipher_suite *suite) {
    return suite->key_exchange->asks_psk;
}
