/* SPDX-License-Identifier: MIT
 *
 * The provider that a test of crypto/ is about: the constant one, or with
 * DTLS_TEST_OPENED one that has looked its algorithms up.
 */
#ifndef DTLS_TESTS_SUPPORT_PROVIDER_H
#define DTLS_TESTS_SUPPORT_PROVIDER_H

#include <stdlib.h>

#include "dtls/libcrypto.h"

#ifdef DTLS_TEST_OPENED
static dtls_libcrypto_provider opened;
static const dtls_crypto *const crypto = &opened.crypto;

static void close_provider(void) {
    dtls_libcrypto_close(&opened);
}

__attribute__((constructor)) static void open_provider(void) {
    if (dtls_libcrypto_open(&opened) != DTLS_OK || atexit(close_provider) != 0)
        abort();
}
#else
static const dtls_crypto *const crypto = &dtls_libcrypto;
#endif

#endif
