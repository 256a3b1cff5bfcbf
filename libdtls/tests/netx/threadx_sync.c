/* SPDX-License-Identifier: MIT
 *
 * Semaphores and mutexes: who gets them, at what priority, and their codes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "netx/threadx_support.h"

static TX_SEMAPHORE semaphore;
static TX_MUTEX mutex;
static TX_MUTEX second;
static TX_MUTEX plain;
static UINT answer;

static void make_all(void) {
    memset(&semaphore, 0, sizeof semaphore);
    memset(&mutex, 0, sizeof mutex);
    memset(&second, 0, sizeof second);
    memset(&plain, 0, sizeof plain);
    CHECK_IS(tx_semaphore_create(&semaphore, NULL, 0), TX_SUCCESS);
    CHECK_IS(tx_mutex_create(&mutex, NULL, TX_INHERIT), TX_SUCCESS);
    CHECK_IS(tx_mutex_create(&second, NULL, TX_INHERIT), TX_SUCCESS);
    CHECK_IS(tx_mutex_create(&plain, NULL, TX_NO_INHERIT), TX_SUCCESS);
}

/* --- Semaphores. --- */

static VOID get_and_note(ULONG input) {
    answer = tx_semaphore_get(&semaphore, TX_WAIT_FOREVER);
    note((char)input);
}

static void semaphore_codes(void) {
    TX_SEMAPHORE never = {0};
    make_all();
    CHECK_IS(tx_semaphore_create(NULL, NULL, 0), TX_SEMAPHORE_ERROR);
    CHECK_IS(tx_semaphore_create(&semaphore, NULL, 0), TX_SEMAPHORE_ERROR);
    CHECK_IS(tx_semaphore_get(NULL, 0), TX_SEMAPHORE_ERROR);
    CHECK_IS(tx_semaphore_put(&never), TX_SEMAPHORE_ERROR);
    CHECK_IS(tx_semaphore_delete(&never), TX_SEMAPHORE_ERROR);
    CHECK_IS(tx_semaphore_get(&semaphore, TX_NO_WAIT), TX_NO_INSTANCE);
    ULONG began = tx_time_get();
    CHECK_IS(tx_semaphore_get(&semaphore, 7), TX_NO_INSTANCE);
    CHECK_IS(tx_time_get() - began, 7);
    CHECK_IS(semaphore.tx_semaphore_suspended_count, 0);
    CHECK_IS(tx_semaphore_put(&semaphore), TX_SUCCESS);
    CHECK_IS(semaphore.tx_semaphore_count, 1);
    CHECK_IS(tx_semaphore_get(&semaphore, TX_NO_WAIT), TX_SUCCESS);
    CHECK_IS(tx_semaphore_delete(&semaphore), TX_SUCCESS);
    CHECK_IS(tx_semaphore_get(&semaphore, TX_NO_WAIT), TX_SEMAPHORE_ERROR);
    CHECK_IS(tx_semaphore_create(&semaphore, NULL, 3), TX_SUCCESS);
    CHECK_IS(semaphore.tx_semaphore_count, 3);
}

static void semaphore_is_first_come_first_served(void) {
    make_all();
    spawn(10, get_and_note, 'a');
    spawn(3, get_and_note, 'b');
    spawn(5, get_and_note, 'c');
    CHECK_IS(semaphore.tx_semaphore_suspended_count, 3);
    for (int i = 0; i < 3; i++)
        tx_semaphore_put(&semaphore);
    check_noted("abc");
    CHECK_IS(semaphore.tx_semaphore_count, 0);
}

static void semaphore_waits_end(void) {
    make_all();
    TX_THREAD *aborted = spawn(3, get_and_note, 'a');
    CHECK_IS(aborted->tx_thread_state, TX_SEMAPHORE_SUSP);
    CHECK_IS(tx_thread_wait_abort(aborted), TX_SUCCESS);
    CHECK_IS(answer, TX_WAIT_ABORTED);
    TX_THREAD *ended = spawn(3, get_and_note, '!');
    CHECK_IS(tx_thread_terminate(ended), TX_SUCCESS);
    CHECK_IS(semaphore.tx_semaphore_suspended_count, 0);
    spawn(3, get_and_note, 'd');
    CHECK_IS(tx_semaphore_delete(&semaphore), TX_SUCCESS);
    CHECK_IS(answer, TX_DELETED);
    check_noted("ad");
}

/* --- Mutexes. --- */

static VOID hold(ULONG ticks) {
    CHECK_IS(tx_mutex_get(&mutex, TX_WAIT_FOREVER), TX_SUCCESS);
    note('h');
    tx_thread_sleep(ticks);
    CHECK_IS(tx_mutex_put(&mutex), TX_SUCCESS);
    note('p');
}

static VOID want(ULONG input) {
    answer = tx_mutex_get(&mutex, TX_WAIT_FOREVER);
    note((char)input);
    if (answer == TX_SUCCESS)
        tx_mutex_put(&mutex);
}

static VOID want_plain(ULONG input) {
    if (tx_mutex_get(&plain, TX_WAIT_FOREVER) == TX_SUCCESS) {
        note((char)input);
        tx_mutex_put(&plain);
    }
}

static void mutex_codes(void) {
    TX_MUTEX never = {0};
    make_all();
    CHECK_IS(tx_mutex_create(NULL, NULL, 0), TX_MUTEX_ERROR);
    CHECK_IS(tx_mutex_create(&mutex, NULL, 0), TX_MUTEX_ERROR);
    CHECK_IS(tx_mutex_create(&never, NULL, 2), TX_INHERIT_ERROR);
    CHECK_IS(tx_mutex_get(&never, 0), TX_MUTEX_ERROR);
    CHECK_IS(tx_mutex_put(NULL), TX_MUTEX_ERROR);
    CHECK_IS(tx_mutex_delete(&never), TX_MUTEX_ERROR);
    CHECK_IS(tx_mutex_put(&mutex), TX_NOT_OWNED);
    CHECK_IS(tx_mutex_get(&mutex, TX_NO_WAIT), TX_SUCCESS);
    CHECK_IS(tx_mutex_get(&mutex, TX_NO_WAIT), TX_SUCCESS); /* again */
    CHECK_IS(mutex.tx_mutex_ownership_count, 2);
    CHECK(mutex.tx_mutex_owner == tx_thread_identify());
    CHECK_IS(tx_mutex_put(&mutex), TX_SUCCESS);
    CHECK_IS(tx_mutex_put(&mutex), TX_SUCCESS);
    CHECK_IS(tx_mutex_put(&mutex), TX_NOT_OWNED);
    spawn(3, hold, 20);
    CHECK_IS(tx_mutex_put(&mutex), TX_NOT_OWNED);
    CHECK_IS(tx_mutex_get(&mutex, TX_NO_WAIT), TX_NOT_AVAILABLE);
    ULONG began = tx_time_get();
    CHECK_IS(tx_mutex_get(&mutex, 5), TX_NOT_AVAILABLE);
    CHECK_IS(tx_time_get() - began, 5);
    CHECK_IS(tx_mutex_get(&mutex, 50), TX_SUCCESS);
    CHECK_IS(tx_time_get() - began, 20);
    CHECK_IS(_txe_mutex_put(&mutex), TX_SUCCESS);
}

static void plain_mutex_is_first_come_first_served(void) {
    make_all();
    tx_mutex_get(&plain, TX_NO_WAIT);
    spawn(5, want_plain, 'a');
    spawn(2, want_plain, 'b');
    CHECK_IS(tx_thread_identify()->tx_thread_priority, BODY_PRIORITY);
    CHECK_IS(plain.tx_mutex_suspended_count, 2);
    tx_mutex_put(&plain);
    check_noted("ab");
}

static void inherited(void) {
    TX_THREAD *self = tx_thread_identify();
    UINT old;
    make_all();
    tx_mutex_get(&mutex, TX_NO_WAIT);
    tx_mutex_get(&mutex, TX_NO_WAIT); /* nested */
    spawn(9, want, 'a');
    CHECK_IS(self->tx_thread_priority, 9);
    spawn(4, want, 'b');
    CHECK_IS(self->tx_thread_priority, 4);
    /* What is lent outlasts a change of its own priority, which is told and restored. */
    CHECK_IS(tx_thread_priority_change(self, 12, &old), TX_SUCCESS);
    CHECK_IS(old, BODY_PRIORITY);
    CHECK_IS(self->tx_thread_priority, 4);
    tx_mutex_put(&mutex);
    CHECK_IS(self->tx_thread_priority, 4);
    check_noted("");
    tx_mutex_put(&mutex); /* the most urgent first */
    check_noted("ba");
    CHECK_IS(self->tx_thread_priority, 12);
}

static void two_lend(void) {
    TX_THREAD *self = tx_thread_identify();
    make_all();
    tx_mutex_get(&mutex, TX_NO_WAIT);
    tx_mutex_get(&second, TX_NO_WAIT);
    spawn(4, want, 'a');
    CHECK_IS(self->tx_thread_priority, 4);
    tx_mutex_put(&second); /* of the other, nobody waits */
    CHECK_IS(self->tx_thread_priority, 4);
    tx_mutex_put(&mutex);
    CHECK_IS(self->tx_thread_priority, BODY_PRIORITY);
    check_noted("a");
}

static VOID hold_first_want_second(ULONG input) {
    (void)input;
    tx_mutex_get(&mutex, TX_WAIT_FOREVER);
    tx_mutex_get(&second, TX_WAIT_FOREVER);
    note('m');
    tx_mutex_put(&second);
    tx_mutex_put(&mutex);
}

static void lent_along_a_chain(void) {
    TX_THREAD *self = tx_thread_identify();
    make_all();
    tx_mutex_get(&second, TX_NO_WAIT);
    TX_THREAD *middle = spawn(10, hold_first_want_second, 0);
    CHECK_IS(self->tx_thread_priority, 10);
    TX_THREAD *urgent = spawn(2, want, 'u');
    CHECK_IS(middle->tx_thread_priority, 2);
    CHECK_IS(self->tx_thread_priority, 2);
    CHECK_IS(tx_thread_terminate(urgent), TX_SUCCESS); /* and given back along it */
    CHECK_IS(middle->tx_thread_priority, 10);
    tx_mutex_put(&second);
    CHECK_IS(self->tx_thread_priority, BODY_PRIORITY);
    check_noted("m");
}

static void given_back_when_the_wait_ends(void) {
    TX_THREAD *self = tx_thread_identify();
    make_all();
    tx_mutex_get(&mutex, TX_NO_WAIT);
    TX_THREAD *waiting = spawn(3, want, 'w');
    CHECK_IS(waiting->tx_thread_state, TX_MUTEX_SUSP);
    CHECK_IS(self->tx_thread_priority, 3);
    CHECK_IS(tx_thread_wait_abort(waiting), TX_SUCCESS);
    tx_thread_sleep(1);
    CHECK_IS(answer, TX_WAIT_ABORTED);
    CHECK_IS(self->tx_thread_priority, BODY_PRIORITY);
    CHECK_IS(mutex.tx_mutex_suspended_count, 0);
}

static void deleted_with_waiters(void) {
    TX_THREAD *self = tx_thread_identify();
    make_all();
    tx_mutex_get(&mutex, TX_NO_WAIT);
    spawn(3, want, 'a');
    CHECK_IS(tx_mutex_delete(&mutex), TX_SUCCESS);
    tx_thread_sleep(1);
    CHECK_IS(answer, TX_DELETED);
    CHECK_IS(self->tx_thread_priority, BODY_PRIORITY);
    check_noted("a");
}

static VOID hold_and_complete(ULONG input) {
    (void)input;
    tx_mutex_get(&mutex, TX_NO_WAIT);
    tx_mutex_get(&second, TX_NO_WAIT);
    tx_semaphore_get(&semaphore, TX_WAIT_FOREVER);
}

static void an_ending_thread_passes_its_mutexes_on(void) {
    make_all();
    TX_THREAD *holder = spawn(3, hold_and_complete, 0);
    spawn(4, want, 'a');
    CHECK_IS(tx_thread_terminate(holder), TX_SUCCESS);
    check_noted("a");
    CHECK_IS(second.tx_mutex_ownership_count, 0);
    spawn(3, hold_and_complete, 0);
    spawn(4, want, 'b');
    tx_semaphore_put(&semaphore); /* it returns from its entry function */
    check_noted("b");
    CHECK_IS(mutex.tx_mutex_ownership_count, 0);
}

static void outside(void **state) {
    (void)state;
    make_all();
    assert_int_equal(tx_semaphore_get(&semaphore, 5), TX_WAIT_ERROR);
    assert_int_equal(tx_mutex_get(&mutex, 0), TX_SUCCESS);
    assert_int_equal(tx_mutex_get(&mutex, 5), TX_SUCCESS); /* the same caller */
    assert_int_equal(tx_mutex_put(&mutex), TX_SUCCESS);
    assert_int_equal(tx_mutex_put(&mutex), TX_SUCCESS);
    check_none_failed();
}

static void initialisation_may_own_a_mutex(void) {
    /* A mutex that nobody's thread has taken lends nothing, and is waited for like others. */
    CHECK_IS(tx_mutex_get(&mutex, 3), TX_NOT_AVAILABLE);
}

static void owned_from_outside(void **state) {
    (void)state;
    make_all();
    assert_int_equal(tx_mutex_get(&mutex, 0), TX_SUCCESS);
    run_body(TX_HOST_TIME_VIRTUAL, initialisation_may_own_a_mutex);
}

#define TEST(body)                                                                                           \
    static void test_##body(void **state) {                                                                  \
        (void)state;                                                                                         \
        run_body(TX_HOST_TIME_VIRTUAL, body);                                                                \
    }

TEST(semaphore_codes)
TEST(semaphore_is_first_come_first_served)
TEST(semaphore_waits_end)
TEST(mutex_codes)
TEST(plain_mutex_is_first_come_first_served)
TEST(inherited)
TEST(two_lend)
TEST(lent_along_a_chain)
TEST(given_back_when_the_wait_ends)
TEST(deleted_with_waiters)
TEST(an_ending_thread_passes_its_mutexes_on)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_semaphore_codes),
        cmocka_unit_test(test_semaphore_is_first_come_first_served),
        cmocka_unit_test(test_semaphore_waits_end),
        cmocka_unit_test(test_mutex_codes),
        cmocka_unit_test(test_plain_mutex_is_first_come_first_served),
        cmocka_unit_test(test_inherited),
        cmocka_unit_test(test_two_lend),
        cmocka_unit_test(test_lent_along_a_chain),
        cmocka_unit_test(test_given_back_when_the_wait_ends),
        cmocka_unit_test(test_deleted_with_waiters),
        cmocka_unit_test(test_an_ending_thread_passes_its_mutexes_on),
        cmocka_unit_test(outside),
        cmocka_unit_test(owned_from_outside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
