/* SPDX-License-Identifier: MIT
 *
 * Algorithms by name: IANA's, OpenSSL's, or four hexadecimal digits.
 */
#ifndef DTLS_PROGRAMS_NAMES_H
#define DTLS_PROGRAMS_NAMES_H

#include "dtls/dtls.h"

/* NULL: libdtls has none of that name. `len` bytes of `name` count. */
const dtls_cipher_suite *suite_by_name(const char *name, size_t len);
const dtls_group *group_by_name(const char *name, size_t len);
const dtls_signature_scheme *scheme_by_name(const char *name, size_t len);

/* Prints what there is, one name a line. */
void names_print(void);

/* Peers of the suite know each other by a shared key, by a certificate. ECDHE_PSK is of the former only. */
bool suite_is_psk(const dtls_cipher_suite *suite);

#endif
