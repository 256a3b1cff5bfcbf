/* SPDX-License-Identifier: MIT */
#include "surroundings.h"

static void (*interrupt_now)(void);
static void (*call_now)(void);
static TX_THREAD *waiting;

static VOID wait_and_interrupt(ULONG ticks) {
    tx_thread_sleep(ticks);
    interrupt_now();
}

void interrupted_at(UINT priority, void (*interrupt)(void)) {
    interrupt_now = interrupt;
    waiting = tx_thread_identify();
    netx_test_thread(priority, wait_and_interrupt, 3);
}

void interrupted(void (*interrupt)(void)) {
    interrupted_at(NETX_TEST_PRIORITY - 1, interrupt);
}

void abort_it(void) {
    CHECK_CODE(tx_thread_wait_abort(waiting), TX_SUCCESS);
}

static VOID define(VOID *memory) {
    (void)memory;
    call_now();
}

void outside_of_threads(void (*call)(void)) {
    tx_host_kernel *other = tx_host_kernel_create(TX_HOST_TIME_STEPPED);
    CHECK(other != NULL);
    call_now = call;
    tx_host_define(other, define);
    tx_host_kernel_destroy(other);
}

#define ROW_TEST(service, code)                                                                              \
    static void service##_answers_##code(void **state) {                                                     \
        (void)state;                                                                                         \
        netx_test_run(row_##service##__##code);                                                              \
    }
SURROUNDINGS(ROW_TEST)

#define ROW_ENTRY(service, code) cmocka_unit_test(service##_answers_##code),

int main(void) {
    const struct CMUnitTest tests[] = {SURROUNDINGS(ROW_ENTRY)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
