/* SPDX-License-Identifier: MIT
 *
 * Kernels: time that is real, virtual and stepped; several in one process;
 * POSIX threads that take part; ends with threads that wait.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "netx/threadx_support.h"

#define TICK        (UINT64_C(1000000000) / TX_TIMER_TICKS_PER_SECOND)
#define REPETITIONS 100
#define GUESTS      8

static TX_SEMAPHORE semaphore;
static TX_MUTEX mutex;
static TX_THREAD first;
static TX_THREAD other;

static void make(TX_THREAD *thread, VOID (*entry)(ULONG), UINT priority) {
    memset(thread, 0, sizeof *thread);
    CHECK_IS(tx_thread_create(thread, NULL, entry, 0, NULL, 0, priority, priority, 0, TX_AUTO_START),
             TX_SUCCESS);
}

static void make_semaphore(void) {
    memset(&semaphore, 0, sizeof semaphore);
    CHECK_IS(tx_semaphore_create(&semaphore, NULL, 0), TX_SUCCESS);
}

/* --- Time. --- */

static void virtual_time_jumps(void) {
    ULONG began = tx_time_get();
    CHECK_IS(tx_thread_sleep(360000), TX_SUCCESS); /* an hour */
    CHECK_IS(tx_time_get() - began, 360000);
    CHECK_IS(tx_host_now() % TICK, 0);
    tx_time_set(5);
    CHECK_IS(tx_time_get(), 5);
    tx_thread_sleep(1);
    CHECK_IS(tx_time_get(), 6);
    CHECK(tx_host_calendar() == 0); /* nobody has said what day it is */
}

static VOID sleep_and_note(ULONG input) {
    tx_thread_sleep(input);
    note((char)('a' + input));
}

static void sleepers_wake_in_order(void) {
    spawn(3, sleep_and_note, 5);
    spawn(20, sleep_and_note, 2);
    spawn(20, sleep_and_note, 1);
    spawn(20, sleep_and_note, 3);
    spawn(2, sleep_and_note, 3); /* of those of one tick the more urgent first */
    tx_thread_sleep(10);
    check_noted("bcddf");
}

static void real_time_passes(void) {
    uint64_t began = tx_host_now();
    ULONG ticks = tx_time_get();
    tx_thread_sleep(3);
    CHECK(tx_host_now() - began >= 2 * TICK);
    CHECK(tx_time_get() - ticks >= 3);
    make_semaphore();
    CHECK_IS(tx_semaphore_get(&semaphore, 1), TX_NO_INSTANCE);
    CHECK(tx_host_calendar() > 1500000000);
}

static VOID turn_round(ULONG input) {
    (void)input;
    for (;;)
        tx_thread_relinquish();
}

static void the_busy_do_not_starve_sleepers(void) {
    spawn(20, turn_round, 0);
    spawn(20, turn_round, 0);
    CHECK_IS(tx_thread_sleep(2), TX_SUCCESS);
}

/* --- Stepped. --- */

static unsigned rounds;

static VOID beat(ULONG input) {
    (void)input;
    for (;;) {
        rounds++;
        tx_thread_sleep(10);
    }
}

static VOID answer_once(ULONG input) {
    (void)input;
    tx_semaphore_get(&semaphore, 25);
    note('s');
}

static VOID define_beat(VOID *memory) {
    (void)memory;
    make_semaphore();
    make(&first, beat, 5);
    make(&other, answer_once, 4);
    tx_host_set_calendar(tx_host_kernel_used(), 1000);
    check_noted("");
}

static void stepped(void **state) {
    (void)state;
    tx_host_kernel *kernel = tx_host_kernel_create(TX_HOST_TIME_STEPPED);
    rounds = 0;
    tx_host_define(kernel, define_beat);
    assert_int_equal(rounds, 0);
    assert_int_equal(tx_host_step(kernel, 0), 10 * TICK);
    assert_int_equal(rounds, 1);
    assert_int_equal(tx_host_step(kernel, 10 * TICK - 1), 10 * TICK);
    assert_int_equal(rounds, 1);
    assert_int_equal(tx_host_step(kernel, 10 * TICK + 3), 20 * TICK); /* the tenth tick from then */
    assert_int_equal(rounds, 2);
    assert_int_equal(tx_host_step(kernel, 0), 20 * TICK); /* time does not go back */
    tx_host_kernel_use(kernel);
    assert_int_equal(tx_host_now(), 10 * TICK + 3);
    assert_int_equal(tx_time_get(), 10);
    assert_int_equal(tx_semaphore_put(&semaphore), TX_SUCCESS); /* between steps */
    check_noted("");
    assert_int_equal(tx_host_step(kernel, 10 * TICK + 3), 20 * TICK);
    check_noted("s");
    assert_int_equal(tx_host_step(kernel, 200 * TICK), 210 * TICK);
    assert_int_equal(rounds, 3); /* what passed between is not made up for */
    assert_int_equal(tx_host_calendar(), 1002);
    tx_host_kernel_use(NULL);
    tx_host_kernel_destroy(kernel);
    check_none_failed();
}

static VOID define_nothing(VOID *memory) {
    (void)memory;
}

static void nothing_to_wait_for(void **state) {
    (void)state;
    tx_host_kernel *kernel = tx_host_kernel_create(TX_HOST_TIME_STEPPED);
    tx_host_define(kernel, define_nothing);
    assert_true(tx_host_step(kernel, 5) == TX_HOST_NEVER);
    tx_host_kernel_destroy(kernel);
    kernel = tx_host_kernel_create(TX_HOST_TIME_VIRTUAL);
    assert_int_equal(tx_host_run(kernel, define_nothing), 0);
    tx_host_kernel_destroy(kernel);
    tx_host_kernel_destroy(NULL);
}

/* --- Several. --- */

static TX_THREAD of_each[REPETITIONS];
static ULONG ended_at[REPETITIONS];

static VOID sleep_so_long(ULONG input) {
    tx_thread_sleep(input + 1);
    ended_at[input] = tx_time_get();
    tx_host_exit(input + 7);
}

static VOID define_sleeper(VOID *memory) {
    (void)memory;
    ULONG which = (ULONG)tx_host_calendar();
    memset(&of_each[which], 0, sizeof of_each[which]);
    CHECK_IS(tx_thread_create(&of_each[which], NULL, sleep_so_long, which, NULL, 0, 5, 5, 0, 1), TX_SUCCESS);
}

static void *run_one(void *kernel) {
    return (void *)(uintptr_t)tx_host_run(kernel, define_sleeper);
}

static void several_at_once(void **state) {
    (void)state;
    pthread_t runners[GUESTS];
    tx_host_kernel *kernels[GUESTS];
    for (int i = 0; i < GUESTS; i++) {
        kernels[i] = tx_host_kernel_create(TX_HOST_TIME_VIRTUAL);
        tx_host_set_calendar(kernels[i], i);
        assert_int_equal(pthread_create(&runners[i], NULL, run_one, kernels[i]), 0);
    }
    for (int i = 0; i < GUESTS; i++) {
        void *status;
        pthread_join(runners[i], &status);
        assert_int_equal((uintptr_t)status, i + 7);
        assert_int_equal(ended_at[i], i + 1);
        tx_host_kernel_destroy(kernels[i]);
    }
    check_none_failed();
}

static void a_kernel_runs_again(void **state) {
    (void)state;
    tx_host_kernel *kernel = tx_host_kernel_create(TX_HOST_TIME_VIRTUAL);
    for (int i = 0; i < REPETITIONS; i++) {
        tx_host_set_calendar(kernel, 0);
        assert_int_equal(tx_host_run(kernel, define_sleeper), 7);
    }
    tx_host_kernel_destroy(kernel);
}

static tx_host_kernel *inner;

/* A thread steps another kernel, as a simulation within one would. */
static void nested(void) {
    inner = tx_host_kernel_create(TX_HOST_TIME_STEPPED);
    rounds = 0;
    tx_host_define(inner, define_beat);
    CHECK_IS(tx_host_step(inner, 0), 10 * TICK);
    CHECK_IS(rounds, 1);
    CHECK(tx_host_kernel_used() != inner);
    CHECK(tx_thread_identify() != NULL);
    tx_thread_sleep(1);
    tx_host_kernel_destroy(inner);
}

/* --- POSIX threads that take part. --- */

static pthread_t guests[GUESTS];
static tx_host_kernel *shared;
static TX_SEMAPHORE come;
static ULONG counted;
static UINT answers[GUESTS];

static void invite(void *(*guest)(void *)) {
    shared = tx_host_kernel_used();
    make_semaphore();
    memset(&come, 0, sizeof come);
    memset(&mutex, 0, sizeof mutex);
    CHECK_IS(tx_semaphore_create(&come, NULL, 0), TX_SUCCESS);
    CHECK_IS(tx_mutex_create(&mutex, NULL, TX_INHERIT), TX_SUCCESS);
    for (uintptr_t i = 0; i < GUESTS; i++)
        CHECK_IS((unsigned)pthread_create(&guests[i], NULL, guest, (void *)i), 0);
}

static void join_guests(void) {
    for (int i = 0; i < GUESTS; i++)
        pthread_join(guests[i], NULL);
}

static void *count(void *unused) {
    tx_host_kernel_use(shared);
    for (int i = 0; i < REPETITIONS; i++) {
        CHECK_IS(tx_mutex_get(&mutex, TX_WAIT_FOREVER), TX_SUCCESS);
        CHECK_IS(mutex.tx_mutex_owner->tx_thread_priority, TX_MAX_PRIORITIES - 1);
        counted++;
        if (i % 10 == 0)
            tx_thread_relinquish();
        CHECK_IS(tx_mutex_put(&mutex), TX_SUCCESS);
    }
    CHECK_IS(tx_thread_sleep(1), TX_SUCCESS);
    CHECK(tx_thread_identify() == NULL); /* between services it takes no part */
    CHECK(tx_time_get() > 0);
    CHECK_IS(tx_semaphore_put(&come), TX_SUCCESS);
    return unused;
}

static void with_guests(void) {
    counted = 0;
    invite(count);
    for (int i = 0; i < GUESTS; i++)
        CHECK_IS(tx_semaphore_get(&come, TX_WAIT_FOREVER), TX_SUCCESS);
    CHECK_IS(counted, GUESTS * REPETITIONS);
}

static void posix_threads_take_part(void **state) {
    (void)state;
    run_body(TX_HOST_TIME_REAL, with_guests);
    join_guests();
}

/* Each waits for what never comes; when the kernel ends, so do their waits. */
static void *stay(void *which) {
    uintptr_t i = (uintptr_t)which;
    tx_host_kernel_use(shared);
    tx_semaphore_put(&come);
    if (i % 2 == 0)
        answers[i] = tx_semaphore_get(&semaphore, TX_WAIT_FOREVER);
    else
        answers[i] = tx_thread_sleep(TX_WAIT_FOREVER);
    return NULL;
}

static void with_guests_that_stay(void) {
    invite(stay);
    for (int i = 0; i < GUESTS; i++)
        CHECK_IS(tx_semaphore_get(&come, TX_WAIT_FOREVER), TX_SUCCESS);
    while (semaphore.tx_semaphore_suspended_count < GUESTS / 2)
        tx_thread_sleep(1);
}

static void guests_leave_a_kernel_that_ends(void **state) {
    (void)state;
    for (int i = 0; i < GUESTS; i++)
        answers[i] = TX_WAIT_ABORTED;
    run_body(TX_HOST_TIME_REAL, with_guests_that_stay);
    join_guests();
    for (int i = 0; i < GUESTS; i++) {
        /* One that came so late that nothing ran any more is told that it is no thread's. */
        if (i % 2 == 0 || answers[i] != TX_CALLER_ERROR)
            assert_int_equal(answers[i], TX_WAIT_ABORTED);
    }
}

static void *end_the_kernel(void *which) {
    tx_host_kernel_use(shared);
    if (which == NULL)
        tx_host_exit(42);
    return NULL;
}

static VOID wait_for_guests(ULONG input) {
    (void)input;
    invite(end_the_kernel);
    tx_semaphore_get(&semaphore, TX_WAIT_FOREVER);
    note('!');
}

static VOID define_host(VOID *memory) {
    (void)memory;
    make(&first, wait_for_guests, 5);
}

static void a_posix_thread_may_end_it(void **state) {
    (void)state;
    tx_host_kernel *kernel = tx_host_kernel_create(TX_HOST_TIME_REAL);
    check_noted("");
    assert_int_equal(tx_host_run(kernel, define_host), 42);
    join_guests();
    tx_host_kernel_destroy(kernel);
    check_noted("");
    check_none_failed();
}

/* --- The process's own. --- */

VOID tx_application_define(VOID *first_unused_memory) {
    memset(first_unused_memory, 1, 1000000);
    make(&first, sleep_so_long, 5);
}

static void the_kernel_of_the_process(void **state) {
    (void)state;
    tx_host_set_time(TX_HOST_TIME_VIRTUAL);
    assert_int_equal(tx_kernel_enter(), 7);
    assert_int_equal(ended_at[0], 1);
}

#define TEST(time, body)                                                                                     \
    static void test_##body(void **state) {                                                                  \
        (void)state;                                                                                         \
        run_body(time, body);                                                                                \
    }

TEST(TX_HOST_TIME_VIRTUAL, virtual_time_jumps)
TEST(TX_HOST_TIME_VIRTUAL, sleepers_wake_in_order)
TEST(TX_HOST_TIME_REAL, real_time_passes)
TEST(TX_HOST_TIME_REAL, the_busy_do_not_starve_sleepers)
TEST(TX_HOST_TIME_VIRTUAL, nested)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_virtual_time_jumps),
        cmocka_unit_test(test_sleepers_wake_in_order),
        cmocka_unit_test(test_real_time_passes),
        cmocka_unit_test(test_the_busy_do_not_starve_sleepers),
        cmocka_unit_test(stepped),
        cmocka_unit_test(nothing_to_wait_for),
        cmocka_unit_test(several_at_once),
        cmocka_unit_test(a_kernel_runs_again),
        cmocka_unit_test(test_nested),
        cmocka_unit_test(posix_threads_take_part),
        cmocka_unit_test(guests_leave_a_kernel_that_ends),
        cmocka_unit_test(a_posix_thread_may_end_it),
        cmocka_unit_test(the_kernel_of_the_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
