/* SPDX-License-Identifier: MIT
 *
 * How a kernel ends, and who sees it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "netx/threadx_support.h"

#define TICK (UINT64_C(1000000000) / TX_TIMER_TICKS_PER_SECOND)

static TX_THREAD thread;

static VOID sleep_and_end(ULONG input) {
    (void)input;
    tx_thread_sleep(1);
    tx_host_exit(9);
}

static VOID define_end(VOID *memory) {
    (void)memory;
    memset(&thread, 0, sizeof thread);
    CHECK_IS(tx_thread_create(&thread, NULL, sleep_and_end, 0, NULL, 0, 5, 5, 0, TX_AUTO_START), TX_SUCCESS);
}

static VOID define_nothing(VOID *memory) {
    (void)memory;
}

static void its_caller_sees_that_it_has_exited(void **state) {
    (void)state;
    UINT status = 1;
    tx_host_kernel *kernel = tx_host_kernel_create(TX_HOST_TIME_STEPPED);
    assert_int_equal(tx_host_exited(kernel, &status), TX_FALSE);
    tx_host_define(kernel, define_end);
    tx_host_step(kernel, 0);
    assert_int_equal(tx_host_exited(kernel, &status), TX_FALSE);
    assert_int_equal(status, 1);
    tx_host_step(kernel, TICK);
    assert_int_equal(tx_host_exited(kernel, &status), TX_TRUE);
    assert_int_equal(status, 9);
    assert_int_equal(tx_host_exited(kernel, NULL), TX_TRUE);
    tx_host_kernel_destroy(kernel);
    check_none_failed();
}

static void a_later_run_has_not_exited(void **state) {
    (void)state;
    tx_host_kernel *kernel = tx_host_kernel_create(TX_HOST_TIME_VIRTUAL);
    assert_int_equal(tx_host_run(kernel, define_end), 9);
    assert_int_equal(tx_host_exited(kernel, NULL), TX_TRUE);
    assert_int_equal(tx_host_run(kernel, define_nothing), 0);
    assert_int_equal(tx_host_exited(kernel, NULL), TX_FALSE);
    tx_host_kernel_destroy(kernel);
    check_none_failed();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_caller_sees_that_it_has_exited),
        cmocka_unit_test(a_later_run_has_not_exited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
