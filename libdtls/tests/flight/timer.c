/* SPDX-License-Identifier: MIT
 *
 * The retransmission timer (RFC 6347 section 4.2.4.1).
 */
#include "support/check.h"

#include "flight/timer.h"

static void doubles_to_the_greatest(void **state) {
    (void)state;
    struct dtls_timer timer = dtls_timer_of(1, 6, false);
    assert_int_equal(timer.deadline, DTLS_NO_DEADLINE);
    dtls_timer_start(&timer, 100);
    assert_int_equal(timer.deadline, 101);
    static const uint64_t expected[] = {102, 104, 106, 106};
    for (size_t i = 0; i < 4; i++) {
        dtls_timer_back_off(&timer, 100);
        assert_int_equal(timer.deadline, expected[i]);
    }
}

/* "Retain the current timer value until a transmission without loss occurs." */
static void goes_back_after_a_flight_without_loss(void **state) {
    (void)state;
    struct dtls_timer timer = dtls_timer_of(1, 60, false);
    dtls_timer_start(&timer, 0);
    dtls_timer_back_off(&timer, 1);
    dtls_timer_back_off(&timer, 3);
    dtls_timer_start(&timer, 10);
    assert_int_equal(timer.deadline, 14);
    dtls_timer_start(&timer, 20);
    assert_int_equal(timer.deadline, 21);
}

/* What most implementations do, for those who ask for it. */
static void goes_back_with_each_flight(void **state) {
    (void)state;
    struct dtls_timer timer = dtls_timer_of(1, 60, true);
    dtls_timer_start(&timer, 0);
    dtls_timer_back_off(&timer, 1);
    dtls_timer_back_off(&timer, 3);
    dtls_timer_start(&timer, 10);
    assert_int_equal(timer.deadline, 11);
}

/* What comes in right behind a flight of ours was sent before that arrived. */
static void fresh_for_a_sixteenth(void **state) {
    (void)state;
    struct dtls_timer timer = dtls_timer_of(160, 1000, false);
    assert_false(dtls_timer_fresh(&timer, 0));
    dtls_timer_start(&timer, 1000);
    assert_true(dtls_timer_fresh(&timer, 1000));
    assert_true(dtls_timer_fresh(&timer, 1009));
    assert_false(dtls_timer_fresh(&timer, 1010));
    dtls_timer_back_off(&timer, 1160);
    assert_true(dtls_timer_fresh(&timer, 1169));
    assert_false(dtls_timer_fresh(&timer, 1170));
    assert_false(dtls_timer_fresh(&timer, 5000));
    dtls_timer_set_initial(&timer, UINT64_MAX);
    assert_true(dtls_timer_fresh(&timer, 1170));
}

static void restarts_with_the_same_timeout(void **state) {
    (void)state;
    struct dtls_timer timer = dtls_timer_of(1, 60, false);
    dtls_timer_start(&timer, 0);
    dtls_timer_back_off(&timer, 1);
    dtls_timer_restart(&timer, 2);
    assert_int_equal(timer.deadline, 4);
}

static void stops(void **state) {
    (void)state;
    struct dtls_timer timer = dtls_timer_of(1, 60, false);
    dtls_timer_start(&timer, 0);
    dtls_timer_stop(&timer);
    assert_int_equal(timer.deadline, DTLS_NO_DEADLINE);
}

/* A deadline that cannot be told is the last that can, and not "never". */
static void end_of_time(void **state) {
    (void)state;
    assert_int_equal(dtls_time_after(UINT64_MAX - 5, 10), UINT64_MAX - 1);
    assert_int_equal(dtls_time_after(5, UINT64_MAX), UINT64_MAX - 1);
    assert_int_equal(dtls_time_after(5, 10), 15);
    struct dtls_timer timer = dtls_timer_of(UINT64_MAX / 2 + 10, UINT64_MAX, false);
    dtls_timer_start(&timer, 0);
    dtls_timer_back_off(&timer, 0);
    assert_int_equal(timer.timeout, UINT64_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(doubles_to_the_greatest),
        cmocka_unit_test(goes_back_after_a_flight_without_loss),
        cmocka_unit_test(goes_back_with_each_flight),
        cmocka_unit_test(fresh_for_a_sixteenth),
        cmocka_unit_test(restarts_with_the_same_timeout),
        cmocka_unit_test(stops),
        cmocka_unit_test(end_of_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
