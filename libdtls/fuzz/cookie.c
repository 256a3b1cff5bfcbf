/* SPDX-License-Identifier: MIT
 *
 * The stateless judge: the input is one datagram from a stranger. A reply is
 * never longer than what it answers (no amplification), nor than its limit.
 */
#include "dtls/cookie.h"
#include "fuzz.h"
#include "null_crypto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
    static const dtls_cookie_secret secret;
    const dtls_span address = {.data = (const uint8_t *)"address", .len = 7};
    const dtls_span datagram = {.data = data, .len = len};
    uint8_t *reply = malloc(DTLS_COOKIE_REPLY_MAX);
    size_t reply_len = 0;
    dtls_cookie_state state;
    fuzz_check(reply != NULL);
    if (dtls_cookie_judge(&null_crypto, &secret, address, datagram, reply, &reply_len, &state) ==
        DTLS_COOKIE_REPLY)
        fuzz_check(reply_len > 0 && reply_len <= DTLS_COOKIE_REPLY_MAX && reply_len <= len);
    free(reply);
    return 0;
}
