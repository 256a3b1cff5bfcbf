/* SPDX-License-Identifier: MIT
 *
 * The version of the library.
 */
#include "dtls/version.h"

#define TEXT(number)   #number
#define TEXT_OF(macro) TEXT(macro)

unsigned dtls_version(void) {
    return DTLS_VERSION;
}

const char *dtls_version_text(void) {
    return TEXT_OF(DTLS_VERSION_MAJOR) "." TEXT_OF(DTLS_VERSION_MINOR) "." TEXT_OF(DTLS_VERSION_PATCH);
}
