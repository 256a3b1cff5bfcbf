/* SPDX-License-Identifier: MIT
 *
 * Comparison in constant time.
 */
#include "handshake/constant_time.h"

bool dtls_ct_equal(const uint8_t *a, const uint8_t *b, size_t len) {
    volatile uint8_t difference = 0;
    for (size_t i = 0; i < len; i++)
        difference = (uint8_t)(difference | (a[i] ^ b[i]));
    return difference == 0;
}
