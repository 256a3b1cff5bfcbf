/* SPDX-License-Identifier: MIT
 *
 * The replay window (RFC 6347 section 4.1.2.6) against a model that remembers
 * everything.
 */
#include "record/replay.h"

#include "support/check.h"

static void what_was_marked_is_repeated(void **state) {
    (void)state;
    struct dtls_replay replay = {0};
    assert_int_equal(dtls_replay_check(&replay, 0), DTLS_REPLAY_NEW);
    dtls_replay_mark(&replay, 0);
    assert_int_equal(dtls_replay_check(&replay, 0), DTLS_REPLAY_REPEATED);
    assert_int_equal(dtls_replay_check(&replay, 1), DTLS_REPLAY_NEW);
}

static void a_check_changes_nothing(void **state) {
    (void)state;
    struct dtls_replay replay = {0};
    assert_int_equal(dtls_replay_check(&replay, 1000), DTLS_REPLAY_NEW);
    assert_int_equal(dtls_replay_check(&replay, 1), DTLS_REPLAY_NEW);
    assert_int_equal(replay.next, 0);
}

static void the_window_is_256_wide(void **state) {
    (void)state;
    struct dtls_replay replay = {0};
    dtls_replay_mark(&replay, 300);
    assert_int_equal(dtls_replay_check(&replay, 45), DTLS_REPLAY_NEW);
    assert_int_equal(dtls_replay_check(&replay, 44), DTLS_REPLAY_TOO_OLD);
    dtls_replay_mark(&replay, 45);
    assert_int_equal(dtls_replay_check(&replay, 45), DTLS_REPLAY_REPEATED);
    dtls_replay_mark(&replay, 301);
    assert_int_equal(dtls_replay_check(&replay, 45), DTLS_REPLAY_TOO_OLD);
    dtls_replay_mark(&replay, 3); /* too old: nothing to mark */
    assert_int_equal(replay.next, 302);
    assert_int_equal(dtls_replay_check(&replay, 3 + 256), DTLS_REPLAY_NEW);
}

/* A sender whose path turns each 256 records round, and who then leaves a gap. */
static void backwards_within_the_window(void **state) {
    (void)state;
    struct dtls_replay replay = {0};
    for (uint64_t i = 0; i < 2048; i++) {
        const uint64_t number = i ^ 255;
        assert_int_equal(dtls_replay_check(&replay, number), DTLS_REPLAY_NEW);
        dtls_replay_mark(&replay, number);
        assert_int_equal(dtls_replay_check(&replay, number), DTLS_REPLAY_REPEATED);
    }
}

static void the_largest_numbers_fit(void **state) {
    (void)state;
    const uint64_t last = UINT64_C(0xffffffffffff);
    struct dtls_replay replay = {0};
    dtls_replay_mark(&replay, 5);
    dtls_replay_mark(&replay, last);
    assert_int_equal(dtls_replay_check(&replay, last), DTLS_REPLAY_REPEATED);
    assert_int_equal(dtls_replay_check(&replay, last - 255), DTLS_REPLAY_NEW);
    assert_int_equal(dtls_replay_check(&replay, last - 256), DTLS_REPLAY_TOO_OLD);
    assert_int_equal(dtls_replay_check(&replay, 5), DTLS_REPLAY_TOO_OLD);
}

static void agrees_with_a_full_memory(void **state) {
    (void)state;
    enum { NUMBERS = 6000 };
    bool seen[NUMBERS] = {false};
    struct dtls_replay replay = {0};
    uint64_t highest = 0;
    bool any = false;
    uint32_t random = 7;
    for (int step = 0; step < 20000; step++) {
        random = random * 1664525 + 1013904223;
        uint64_t wander = (random >> 16) % 700;
        uint64_t base = any ? highest : 0;
        uint64_t number = base + wander < 500 ? 0 : base + wander - 500;
        if (number >= NUMBERS)
            break;
        enum dtls_replay_place expected = DTLS_REPLAY_NEW;
        if (any && number + 256 <= highest)
            expected = DTLS_REPLAY_TOO_OLD;
        else if (seen[number])
            expected = DTLS_REPLAY_REPEATED;
        assert_int_equal(dtls_replay_check(&replay, number), expected);
        dtls_replay_mark(&replay, number);
        seen[number] = true;
        highest = number > highest ? number : highest;
        any = true;
    }
    assert_true(highest > NUMBERS / 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_marked_is_repeated), cmocka_unit_test(a_check_changes_nothing),
        cmocka_unit_test(the_window_is_256_wide),      cmocka_unit_test(backwards_within_the_window),
        cmocka_unit_test(the_largest_numbers_fit),     cmocka_unit_test(agrees_with_a_full_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
