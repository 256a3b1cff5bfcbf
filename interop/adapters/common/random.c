/* SPDX-License-Identifier: MIT
 *
 * Random bytes of the system, or of the laboratory.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

#include "adapter.h"

void adapter_random(void *out, size_t len) {
    unsigned char *bytes = out;

    while (len > 0) {
        const ssize_t drawn = getrandom(bytes, len, 0);

        if (drawn < 0 && errno != EINTR)
            abort();
        if (drawn > 0) {
            bytes += drawn;
            len -= (size_t)drawn;
        }
    }
}
