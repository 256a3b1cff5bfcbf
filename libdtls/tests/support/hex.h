/* SPDX-License-Identifier: MIT
 *
 * Test vectors as the RFCs print them.
 */
#ifndef DTLS_TESTS_SUPPORT_HEX_H
#define DTLS_TESTS_SUPPORT_HEX_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of a test vector. */
struct test_bytes {
    uint8_t data[512];
    size_t len;
};

/* Reads hexadecimal digits; blanks between bytes are skipped. Anything else fails the test. */
struct test_bytes test_hex(const char *digits);

#endif
