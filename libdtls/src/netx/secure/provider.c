/* SPDX-License-Identifier: MIT
 *
 * The crypto provider of all sessions of the process.
 */
#include "netx/secure/session.h"

static dtls_libcrypto_provider provider;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool is_open;

static void look_up(void) {
    is_open = dtls_libcrypto_open(&provider) == DTLS_OK;
    if (!is_open)
        provider.crypto = dtls_libcrypto;
}

VOID nx_host_dtls_release(VOID) {
    if (is_open)
        dtls_libcrypto_close(&provider);
    is_open = false;
}

const dtls_crypto *netx_session_crypto(void) {
    pthread_once(&once, look_up);
    return &provider.crypto;
}
