/* SPDX-License-Identifier: MIT
 *
 * libcrypto's generator, replaced. Part of the adapters over libcrypto alone.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "libcrypto_random.h"

#include <openssl/rand.h>

#include "adapter.h"

static int random_bytes(unsigned char *out, int len) {
    adapter_random(out, (size_t)len);
    return 1;
}

static int random_status(void) {
    return 1;
}

void adapter_libcrypto_random(void) {
    static const RAND_METHOD method = {
        .bytes = random_bytes, .pseudorand = random_bytes, .status = random_status};

    RAND_set_rand_method(&method);
}
