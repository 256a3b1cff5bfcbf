/* SPDX-License-Identifier: MIT
 *
 * Hexadecimal digits to bytes.
 */
#include "support/hex.h"

#include "support/check.h"

static unsigned digit(char c) {
    static const char digits[] = "0123456789abcdef";
    const char *place = c == '\0' ? NULL : strchr(digits, c | 0x20);
    assert_non_null(place);
    return (unsigned)(place - digits);
}

struct test_bytes test_hex(const char *digits) {
    struct test_bytes bytes = {.len = 0};
    for (const char *at = digits; *at != '\0';) {
        if (*at == ' ') {
            at++;
            continue;
        }
        assert_true(bytes.len < sizeof bytes.data);
        bytes.data[bytes.len++] = (uint8_t)(digit(at[0]) << 4 | digit(at[1]));
        at += 2;
    }
    return bytes;
}
