/* SPDX-License-Identifier: MIT
 *
 * Recognition of the peer's repeated flights.
 */
#include "support/check.h"

#include "flight/repeat.h"

/* A flight of three datagrams: messages 4 (in two fragments), 5 and 6. */
static unsigned flight(struct dtls_repeat_watch *watch, uint64_t number) {
    unsigned repeated = 0;
    repeated += dtls_repeat_watch(watch, number, 4, 0);
    repeated += dtls_repeat_watch(watch, number + 1, 4, 100);
    repeated += dtls_repeat_watch(watch, number + 1, 5, 0);
    repeated += dtls_repeat_watch(watch, number + 2, 6, 0);
    return repeated;
}

static void once_for_each_repetition(void **state) {
    (void)state;
    struct dtls_repeat_watch watch = {0};
    assert_int_equal(flight(&watch, 10), 0);
    for (uint64_t number = 20; number < 100; number += 10)
        assert_int_equal(flight(&watch, number), 1);
}

static void not_for_what_the_network_doubles(void **state) {
    (void)state;
    struct dtls_repeat_watch watch = {0};
    flight(&watch, 10);
    assert_int_equal(flight(&watch, 10), 0);
    assert_int_equal(flight(&watch, 20), 1);
    assert_int_equal(flight(&watch, 20), 0);
    assert_int_equal(flight(&watch, 10), 0);
}

static void from_the_middle_if_the_beginning_is_lost(void **state) {
    (void)state;
    struct dtls_repeat_watch watch = {0};
    flight(&watch, 10);
    assert_true(dtls_repeat_watch(&watch, 21, 5, 0));
    assert_false(dtls_repeat_watch(&watch, 22, 6, 0));
    assert_true(dtls_repeat_watch(&watch, 32, 6, 0));
}

static void fragments_of_one_record(void **state) {
    (void)state;
    struct dtls_repeat_watch watch = {0};
    assert_false(dtls_repeat_watch(&watch, 0, 0, 0));
    assert_false(dtls_repeat_watch(&watch, 0, 1, 0));
    assert_true(dtls_repeat_watch(&watch, 1, 0, 0));
    assert_false(dtls_repeat_watch(&watch, 1, 1, 0));
    /* The next epoch's numbers are higher. */
    assert_true(dtls_repeat_watch(&watch, UINT64_C(1) << 48, 1, 0));
}

/* However often the peer repeats himself, we do so a few times in a period. */
static void answers_are_limited(void **state) {
    (void)state;
    struct dtls_repeat_limit limit = {0};
    unsigned answers = 0;
    for (uint64_t now = 0; now < 3000; now++)
        answers += dtls_repeat_allowed(&limit, now, 1000, DTLS_REPEAT_ANSWERS);
    assert_int_equal(answers, 3 * DTLS_REPEAT_ANSWERS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(once_for_each_repetition),
        cmocka_unit_test(not_for_what_the_network_doubles),
        cmocka_unit_test(from_the_middle_if_the_beginning_is_lost),
        cmocka_unit_test(fragments_of_one_record),
        cmocka_unit_test(answers_are_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
