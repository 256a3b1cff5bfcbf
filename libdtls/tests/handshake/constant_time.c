/* SPDX-License-Identifier: MIT
 *
 * Comparison in constant time: at least it compares.
 */
#include "support/check.h"

#include "handshake/constant_time.h"

static void compares(void **state) {
    (void)state;
    uint8_t a[33] = {0};
    uint8_t b[33] = {0};
    assert_true(dtls_ct_equal(a, b, sizeof a));
    assert_true(dtls_ct_equal(a, b, 0));
    for (size_t i = 0; i < sizeof a; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            b[i] = (uint8_t)(1U << bit);
            assert_false(dtls_ct_equal(a, b, sizeof a));
            assert_true(dtls_ct_equal(a, b, i));
        }
        b[i] = 0;
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(compares)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
