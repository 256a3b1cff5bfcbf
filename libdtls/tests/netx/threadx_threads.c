/* SPDX-License-Identifier: MIT
 *
 * Threads: their order, their states, their codes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "netx/threadx_support.h"

#define REPETITIONS 100

static TX_THREAD *other;
static UINT answer;

static VOID note_input(ULONG input) {
    note((char)input);
}

static VOID wait_forever(ULONG input) {
    (void)input;
    answer = tx_thread_sleep(TX_WAIT_FOREVER);
    note('w');
}

static void codes_of_create(void) {
    static TX_THREAD thread;
    CHAR *name = NULL;
#define CREATE(block, entry, priority, threshold, start)                                                     \
    tx_thread_create(block, name, entry, 'x', NULL, 0, priority, threshold, 5, start)
    memset(&thread, 0, sizeof thread);
    CHECK_IS(CREATE(NULL, note_input, 1, 1, 0), TX_THREAD_ERROR);
    CHECK_IS(CREATE(&thread, NULL, 1, 1, 0), TX_PTR_ERROR);
    CHECK_IS(CREATE(&thread, note_input, TX_MAX_PRIORITIES, 1, 0), TX_PRIORITY_ERROR);
    CHECK_IS(CREATE(&thread, note_input, 1, 2, 0), TX_THRESH_ERROR);
    CHECK_IS(CREATE(&thread, note_input, 1, 1, 2), TX_START_ERROR);
    CHECK_IS(CREATE(&thread, note_input, 1, 1, TX_DONT_START), TX_SUCCESS);
    CHECK_IS(CREATE(&thread, note_input, 1, 1, TX_DONT_START), TX_THREAD_ERROR);
    CHECK_IS(thread.tx_thread_state, TX_SUSPENDED);
    CHECK_IS(tx_thread_delete(&thread), TX_DELETE_ERROR);
    check_noted("");
    CHECK_IS(tx_thread_resume(&thread), TX_SUCCESS);
    check_noted("x");
    CHECK_IS(thread.tx_thread_state, TX_COMPLETED);
    CHECK_IS(thread.tx_thread_run_count, 1);
    CHECK_IS(tx_thread_delete(&thread), TX_SUCCESS);
    CHECK_IS(tx_thread_delete(&thread), TX_THREAD_ERROR);
}

static void codes_of_others(void) {
    static TX_THREAD none;
    UINT old;
    CHECK_IS(tx_thread_delete(NULL), TX_THREAD_ERROR);
    CHECK_IS(tx_thread_resume(NULL), TX_THREAD_ERROR);
    CHECK_IS(tx_thread_suspend(NULL), TX_THREAD_ERROR);
    CHECK_IS(tx_thread_terminate(NULL), TX_THREAD_ERROR);
    CHECK_IS(tx_thread_wait_abort(NULL), TX_THREAD_ERROR);
    CHECK_IS(tx_thread_priority_change(NULL, 1, &old), TX_THREAD_ERROR);
    CHECK_IS(tx_thread_priority_change(NULL, 99, NULL), TX_THREAD_ERROR);
    CHECK_IS(tx_thread_resume(&none), TX_THREAD_ERROR);
    other = spawn(1, note_input, 'o');
    CHECK_IS(tx_thread_resume(other), TX_RESUME_ERROR);
    CHECK_IS(tx_thread_suspend(other), TX_SUSPEND_ERROR);
    CHECK_IS(tx_thread_terminate(other), TX_SUCCESS);
    CHECK_IS(tx_thread_wait_abort(other), TX_WAIT_ABORT_ERROR);
    CHECK_IS(tx_thread_wait_abort(tx_thread_identify()), TX_WAIT_ABORT_ERROR);
    CHECK_IS(tx_thread_priority_change(other, 1, NULL), TX_PTR_ERROR);
    CHECK_IS(tx_thread_priority_change(other, TX_MAX_PRIORITIES, &old), TX_PRIORITY_ERROR);
    CHECK_IS(tx_thread_sleep(0), TX_SUCCESS);
}

static void order_is_by_priority(void) {
    spawn(20, note_input, 'c');
    spawn(20, note_input, 'd');
    spawn(18, note_input, 'b');
    spawn(3, note_input, 'a'); /* at once */
    check_noted("a");
    tx_thread_sleep(1);
    check_noted("bcd");
}

static VOID take_turns(ULONG input) {
    for (int i = 0; i < 3; i++) {
        note((char)input);
        tx_thread_relinquish();
    }
}

static void relinquish_goes_round(void) {
    spawn(BODY_PRIORITY, take_turns, 'a');
    spawn(BODY_PRIORITY, take_turns, 'b');
    spawn(BODY_PRIORITY + 1, note_input, 'z');
    for (int i = 0; i < 4; i++)
        tx_thread_relinquish();
    check_noted("ababab");
    tx_thread_sleep(1);
    check_noted("z");
}

static void suspended_and_resumed(void) {
    other = spawn(20, note_input, 'o');
    CHECK_IS(tx_thread_suspend(other), TX_SUCCESS); /* ready */
    CHECK_IS(tx_thread_suspend(other), TX_SUCCESS); /* suspended already */
    tx_thread_sleep(2);
    check_noted("");
    CHECK_IS(tx_thread_resume(other), TX_SUCCESS);
    tx_thread_sleep(1);
    check_noted("o");
    /* While it waits: it stays there, and is suspended when the wait is over. */
    other = spawn(3, wait_forever, 0);
    CHECK_IS(tx_thread_suspend(other), TX_SUCCESS);
    CHECK_IS(tx_thread_wait_abort(other), TX_SUCCESS);
    CHECK_IS(other->tx_thread_state, TX_SUSPENDED);
    CHECK_IS(tx_thread_wait_abort(other), TX_WAIT_ABORT_ERROR);
    check_noted("");
    CHECK_IS(tx_thread_resume(other), TX_SUCCESS);
    check_noted("w");
    CHECK_IS(answer, TX_WAIT_ABORTED);
    /* Taken back before the wait is over. */
    other = spawn(3, wait_forever, 0);
    CHECK_IS(tx_thread_suspend(other), TX_SUCCESS);
    CHECK_IS(tx_thread_resume(other), TX_SUSPEND_LIFTED);
    CHECK_IS(tx_thread_wait_abort(other), TX_SUCCESS);
    check_noted("w");
}

static VOID suspend_self(ULONG input) {
    (void)input;
    note('a');
    tx_thread_suspend(tx_thread_identify());
    note('b');
    tx_thread_suspend(tx_thread_identify());
    note('c');
}

static void resume_may_come_first(void) {
    other = spawn(20, suspend_self, 0);
    CHECK_IS(tx_thread_resume(other), TX_SUCCESS);
    tx_thread_sleep(1);
    check_noted("ab");
    CHECK_IS(tx_thread_resume(other), TX_SUCCESS);
    tx_thread_sleep(1);
    check_noted("c");
}

static VOID terminate_self(ULONG input) {
    (void)input;
    note('t');
    tx_thread_terminate(tx_thread_identify());
    note('!');
}

static void terminated(void) {
    other = spawn(3, wait_forever, 0);
    CHECK_IS(other->tx_thread_state, TX_SLEEP);
    CHECK_IS(tx_thread_terminate(other), TX_SUCCESS);
    CHECK_IS(other->tx_thread_state, TX_TERMINATED);
    CHECK_IS(tx_thread_terminate(other), TX_SUCCESS);
    CHECK_IS(tx_thread_delete(other), TX_SUCCESS);
    other = spawn(20, note_input, '!'); /* that never ran */
    CHECK_IS(tx_thread_terminate(other), TX_SUCCESS);
    other = spawn(3, terminate_self, 0);
    CHECK_IS(other->tx_thread_state, TX_TERMINATED);
    tx_thread_sleep(1);
    check_noted("t");
}

static void terminating_does_not_hand_on(void) {
    /* Who terminates goes on before others of its priority. */
    other = spawn(3, wait_forever, 0);
    spawn(BODY_PRIORITY, note_input, 'o');
    CHECK_IS(tx_thread_terminate(other), TX_SUCCESS);
    check_noted("");
}

static void priorities_change(void) {
    UINT old = 99;
    other = spawn(20, note_input, 'o');
    spawn(19, note_input, 'p');
    CHECK_IS(tx_thread_priority_change(other, 18, &old), TX_SUCCESS);
    CHECK_IS(old, 20);
    tx_thread_sleep(1);
    check_noted("op");
    other = spawn(20, note_input, 'q');
    CHECK_IS(tx_thread_priority_change(other, 2, &old), TX_SUCCESS); /* runs at once */
    check_noted("q");
    spawn(20, note_input, 'r');
    CHECK_IS(tx_thread_priority_change(tx_thread_identify(), 25, &old), TX_SUCCESS);
    CHECK_IS(old, BODY_PRIORITY);
    check_noted("r");
}

static void ends_with_many_that_wait(void) {
    for (unsigned i = 0; i < 20; i++)
        spawn(i + 1, wait_forever, 0);
    tx_thread_sleep(1);
}

static void outside(void **state) {
    (void)state;
    assert_null(tx_thread_identify());
    assert_int_equal(tx_thread_sleep(1), TX_CALLER_ERROR);
    tx_thread_relinquish();
}

static void again_and_again(void **state) {
    (void)state;
    for (int i = 0; i < REPETITIONS; i++)
        run_body(TX_HOST_TIME_VIRTUAL, ends_with_many_that_wait);
}

#define TEST(body)                                                                                           \
    static void test_##body(void **state) {                                                                  \
        (void)state;                                                                                         \
        run_body(TX_HOST_TIME_VIRTUAL, body);                                                                \
    }

TEST(codes_of_create)
TEST(codes_of_others)
TEST(order_is_by_priority)
TEST(relinquish_goes_round)
TEST(suspended_and_resumed)
TEST(resume_may_come_first)
TEST(terminated)
TEST(terminating_does_not_hand_on)
TEST(priorities_change)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_codes_of_create),
        cmocka_unit_test(test_codes_of_others),
        cmocka_unit_test(test_order_is_by_priority),
        cmocka_unit_test(test_relinquish_goes_round),
        cmocka_unit_test(test_suspended_and_resumed),
        cmocka_unit_test(test_resume_may_come_first),
        cmocka_unit_test(test_terminated),
        cmocka_unit_test(test_terminating_does_not_hand_on),
        cmocka_unit_test(test_priorities_change),
        cmocka_unit_test(outside),
        cmocka_unit_test(again_and_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
