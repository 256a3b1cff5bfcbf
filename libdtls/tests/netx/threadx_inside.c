/* SPDX-License-Identifier: MIT
 *
 * The kernel from inside, where services and other POSIX threads meet it only in races: threads that are
 * woken twice, handlers that others post, and kernels that end meanwhile.
 */
#include "netx/threadx/kernel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "netx/threadx_support.h"

static TX_SEMAPHORE semaphore;
static UINT answer;

static void make_semaphore(void) {
    memset(&semaphore, 0, sizeof semaphore);
    CHECK_IS(tx_semaphore_create(&semaphore, NULL, 0), TX_SUCCESS);
}

static VOID get_and_note(ULONG input) {
    answer = tx_semaphore_get(&semaphore, TX_WAIT_FOREVER);
    note((char)input);
}

static VOID note_input(ULONG input) {
    note((char)input);
}

/* --- Woken twice. --- */

/* It stands among the ready once, those behind it are still there, and the later reason is the one that it
 * learns. */
static void woken_twice(void) {
    UINT old;
    make_semaphore();
    TX_THREAD *twice = spawn(3, get_and_note, 'a');
    CHECK_IS(tx_thread_priority_change(twice, 20, &old), TX_SUCCESS);
    netx_kernel_wake_thread(twice, KERNEL_WOKEN);
    spawn(20, note_input, 'b');
    spawn(20, note_input, 'c');
    netx_kernel_wake_thread(twice, KERNEL_ABORTED);
    tx_thread_sleep(1);
    check_noted("abc");
    CHECK_IS(answer, TX_WAIT_ABORTED);
    CHECK_IS(semaphore.tx_semaphore_suspended_count, 0);
    CHECK_IS(twice->tx_thread_run_count, 2);
}

/* --- Handlers. --- */

static kernel_post first;
static kernel_post second;
static tx_host_kernel *kernel;

static void note_post(void *context) {
    note(*(const char *)context);
}

/* Nothing waits in a handler, and nothing is preempted by what it wakes. */
static void call_services(void *context) {
    UINT *answers = context;
    answers[0] = tx_semaphore_get(&semaphore, TX_WAIT_FOREVER);
    answers[1] = tx_thread_sleep(5);
    tx_thread_relinquish();
    CHECK_IS(netx_kernel_wait(NULL, TX_HOST_NEVER, TX_SLEEP), KERNEL_TIMED_OUT);
    netx_kernel_attend(kernel);
    netx_kernel_preempt();
    answers[2] = tx_semaphore_put(&semaphore);
    note('h');
}

static void handlers_do_not_wait(void) {
    UINT answers[3] = {99, 99, 99};
    kernel = tx_host_kernel_used();
    make_semaphore();
    spawn(BODY_PRIORITY, note_input, 'e');
    memset(&first, 0, sizeof first);
    first.handler = call_services;
    first.context = answers;
    netx_kernel_post_handler(kernel, &first);
    check_noted("");
    CHECK_IS(tx_semaphore_get(&semaphore, TX_WAIT_FOREVER), TX_SUCCESS); /* the handler puts it */
    check_noted("he");
    CHECK_IS(answers[0], TX_NO_INSTANCE);
    CHECK_IS(answers[1], TX_SUCCESS);
    CHECK_IS(answers[2], TX_SUCCESS);
    CHECK_IS(tx_time_get(), 0);
}

static void posts_in_their_order(void) {
    kernel = tx_host_kernel_used();
    first = (kernel_post){.handler = note_post, .context = (void *)(uintptr_t) "1"};
    second = (kernel_post){.handler = note_post, .context = (void *)(uintptr_t) "2"};
    netx_kernel_post_handler(kernel, &first);
    netx_kernel_post_handler(kernel, &second);
    netx_kernel_post_handler(kernel, &first); /* which is waiting already */
    tx_thread_sleep(1);
    check_noted("12");
    /* Forgotten: the second of two, and one that is none. */
    netx_kernel_post_handler(kernel, &first);
    netx_kernel_post_handler(kernel, &second);
    netx_kernel_forget_post(kernel, &second);
    netx_kernel_forget_post(kernel, &second);
    tx_thread_sleep(1);
    check_noted("1");
    netx_kernel_post_handler(kernel, &first);
    netx_kernel_post_handler(kernel, &second);
    netx_kernel_forget_post(kernel, &first);
    tx_thread_sleep(1);
    check_noted("2");
}

/* A handler that posts another. */
static void post_the_second(void *context) {
    note_post(context);
    netx_kernel_post_handler(kernel, &second);
}

static void prepare_posts(void) {
    first = (kernel_post){.handler = post_the_second, .context = (void *)(uintptr_t) "1"};
    second = (kernel_post){.handler = note_post, .context = (void *)(uintptr_t) "2"};
}

static VOID define_nothing(VOID *memory) {
    (void)memory;
    check_noted("");
}

static void posts_that_come_while_nobody_runs(void **state) {
    (void)state;
    kernel = tx_host_kernel_create(TX_HOST_TIME_STEPPED);
    tx_host_define(kernel, define_nothing);
    prepare_posts();
    netx_kernel_post_handler(kernel, &first);
    assert_true(tx_host_step(kernel, 1) == TX_HOST_NEVER);
    check_noted("12");
    /* And while it ends. */
    netx_kernel_post_handler(kernel, &first);
    tx_host_kernel_destroy(kernel);
    check_noted("12");
    check_none_failed();
}

/* --- Where no thread runs, and within services. --- */

static void *abandoned;

static void abandon(void *what) {
    abandoned = what;
}

static VOID wait_for_something(ULONG input) {
    netx_kernel_wait_is_for(&answer, abandon);
    netx_kernel_wait(NULL, TX_HOST_NEVER, TX_SLEEP);
    note((char)input);
}

/* Who waited for something is told of it when it is terminated, and not when the kernel ends. */
static void terminated_while_it_waits_for_something(void) {
    abandoned = NULL;
    CHECK_IS(tx_thread_terminate(spawn(3, wait_for_something, '!')), TX_SUCCESS);
    CHECK(abandoned == &answer);
    abandoned = NULL;
    spawn(3, wait_for_something, '!');
}

static void outside(void **state) {
    (void)state;
    assert_int_equal(netx_kernel_wait(NULL, TX_HOST_NEVER, TX_SLEEP), KERNEL_TIMED_OUT);
    assert_int_equal(netx_kernel_give_way(), KERNEL_TIMED_OUT);
    netx_kernel_wait_is_for(state, abandon);
    netx_kernel_preempt();
}

static void told_of_what_it_waited_for(void **state) {
    (void)state;
    run_body(TX_HOST_TIME_VIRTUAL, terminated_while_it_waits_for_something);
    assert_null(abandoned);
    check_noted("");
}

static void within_services(void) {
    netx_kernel_enter_service();
    netx_kernel_enter_service();
    spawn(3, note_input, 'u');
    netx_kernel_preempt();
    check_noted("");
    netx_kernel_leave_service();
    check_noted("");
    netx_kernel_leave_service();
    check_noted("u");
    /* A wait that is over before it begins. */
    tx_thread_sleep(2);
    CHECK_IS(netx_kernel_wait(NULL, KERNEL_TICK_NS, TX_SLEEP), KERNEL_TIMED_OUT);
    CHECK_IS(tx_time_get(), 2);
}

/* --- POSIX threads that take part. --- */

static TX_SEMAPHORE come;
static unsigned waits;

/* One service that waits again and again: when the kernel ends, none of its waits lasts. */
static void *wait_again(void *argument) {
    tx_host_kernel_use(argument);
    netx_kernel_enter_service();
    TX_THREAD *self = tx_thread_identify();
    CHECK(self != NULL);
    CHECK_IS(tx_thread_terminate(self), TX_THREAD_ERROR);
    tx_semaphore_put(&come);
    for (waits = 0; waits < 3; waits++)
        CHECK_IS(netx_kernel_wait(NULL, TX_HOST_NEVER, TX_SLEEP), KERNEL_ABORTED);
    netx_kernel_leave_service();
    CHECK(tx_thread_identify() == NULL);
    return NULL;
}

/* One that ends the kernel from within a service, and goes on. */
static void *exit_within(void *argument) {
    tx_host_kernel_use(argument);
    netx_kernel_enter_service();
    tx_host_exit(0);
    note('x');
    netx_kernel_leave_service();
    return NULL;
}

static pthread_t guest;

static void invite(void *(*entry)(void *)) {
    memset(&come, 0, sizeof come);
    CHECK_IS(tx_semaphore_create(&come, NULL, 0), TX_SUCCESS);
    CHECK_IS((unsigned)pthread_create(&guest, NULL, entry, tx_host_kernel_used()), 0);
}

static void with_one_that_waits(void) {
    invite(wait_again);
    CHECK_IS(tx_semaphore_get(&come, TX_WAIT_FOREVER), TX_SUCCESS);
    tx_thread_sleep(1); /* it waits now: it is less urgent */
}

static void with_one_that_exits(void) {
    invite(exit_within);
    tx_semaphore_get(&come, TX_WAIT_FOREVER);
    note('!');
}

/* And one that ends it from outside, while a thread runs that is about to give way to another. */
static void *exit_outside(void *argument) {
    tx_host_kernel_use(argument);
    tx_host_exit(0);
    return NULL;
}

static void ended_while_it_runs(void) {
    invite(exit_outside);
    pthread_join(guest, NULL);
    spawn(BODY_PRIORITY, note_input, '!');
    tx_thread_relinquish();
    note('!');
}

static void guests_when_it_ends(void **state) {
    (void)state;
    run_body(TX_HOST_TIME_REAL, with_one_that_waits);
    pthread_join(guest, NULL);
    assert_int_equal(waits, 3);
    run_body(TX_HOST_TIME_REAL, with_one_that_exits);
    pthread_join(guest, NULL);
    check_noted("x");
    run_body(TX_HOST_TIME_REAL, ended_while_it_runs);
    check_noted("");
    check_none_failed();
}

/* --- Ends. --- */

static VOID define_the_end(VOID *memory) {
    (void)memory;
    tx_host_exit(5);
    spawn(3, note_input, '!');
}

static void ended_before_anything_runs(void **state) {
    (void)state;
    UINT status = 0;
    kernel = tx_host_kernel_create(TX_HOST_TIME_VIRTUAL);
    assert_int_equal(tx_host_exited(kernel, &status), TX_FALSE);
    assert_int_equal(tx_host_run(kernel, define_the_end), 5);
    check_noted("");
    assert_int_equal(tx_host_exited(kernel, &status), TX_TRUE);
    assert_int_equal(status, 5);
    assert_int_equal(tx_host_exited(kernel, NULL), TX_TRUE);
    tx_host_kernel_destroy(kernel);
    check_none_failed();
}

static void destroyed_while_it_is_used(void **state) {
    (void)state;
    tx_host_kernel *of_the_process = tx_host_kernel_used();
    kernel = tx_host_kernel_create(TX_HOST_TIME_VIRTUAL);
    tx_host_kernel_use(kernel);
    assert_ptr_equal(tx_host_kernel_used(), kernel);
    tx_host_kernel_destroy(kernel);
    assert_ptr_equal(tx_host_kernel_used(), of_the_process);
}

static VOID set_time_too_late(ULONG input) {
    (void)input;
    tx_host_set_time(TX_HOST_TIME_REAL);
    tx_thread_sleep(360000); /* an hour */
    tx_host_exit(9);
}

VOID tx_application_define(VOID *first_unused_memory) {
    (void)first_unused_memory;
    spawn(3, set_time_too_late, 0);
}

static void the_time_of_a_kernel_that_runs_stays(void **state) {
    (void)state;
    tx_host_set_time(TX_HOST_TIME_VIRTUAL);
    assert_int_equal(tx_kernel_enter(), 9);
}

#define TEST(body)                                                                                           \
    static void test_##body(void **state) {                                                                  \
        (void)state;                                                                                         \
        run_body(TX_HOST_TIME_VIRTUAL, body);                                                                \
    }

TEST(woken_twice)
TEST(handlers_do_not_wait)
TEST(posts_in_their_order)
TEST(within_services)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_woken_twice),
        cmocka_unit_test(test_handlers_do_not_wait),
        cmocka_unit_test(test_posts_in_their_order),
        cmocka_unit_test(posts_that_come_while_nobody_runs),
        cmocka_unit_test(outside),
        cmocka_unit_test(test_within_services),
        cmocka_unit_test(told_of_what_it_waited_for),
        cmocka_unit_test(guests_when_it_ends),
        cmocka_unit_test(ended_before_anything_runs),
        cmocka_unit_test(destroyed_while_it_is_used),
        cmocka_unit_test(the_time_of_a_kernel_that_runs_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
