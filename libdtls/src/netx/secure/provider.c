/* SPDX-License-Identifier: MIT
 *
 * The crypto provider of all sessions of the process.
 */
#include "netx/secure/session.h"

static dtls_libcrypto_provider provider;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void look_up(void) {
    if (dtls_libcrypto_open(&provider) != DTLS_OK)
        provider.crypto = dtls_libcrypto;
}

const dtls_crypto *netx_session_crypto(void) {
    pthread_once(&once, look_up);
    return &provider.crypto;
}
