/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "netx/threadx_support.h"

#define MAX_THREADS 64

static TX_THREAD threads[MAX_THREADS];
static unsigned num_threads;
static TX_THREAD body_thread;
static void (*body_now)(void);
static char noted[512];
static size_t num_noted;
static atomic_uint failures;

void check_that(bool condition, const char *text, const char *file, int line) {
    if (condition)
        return;
    atomic_fetch_add(&failures, 1);
    print_error("%s:%d: %s does not hold\n", file, line, text);
}

void check_is(uint64_t actual, uint64_t wanted, const char *text, const char *file, int line) {
    if (actual == wanted)
        return;
    atomic_fetch_add(&failures, 1);
    print_error("%s:%d: %s is %llu, not %llu\n", file, line, text, (unsigned long long)actual,
                (unsigned long long)wanted);
}

void check_none_failed(void) {
    assert_int_equal(atomic_exchange(&failures, 0), 0);
}

static VOID run_it(ULONG input) {
    (void)input;
    body_now();
    tx_host_exit(0);
}

static VOID define_body(VOID *memory) {
    CHECK(memory != NULL);
    memset(threads, 0, sizeof threads);
    num_threads = 0;
    num_noted = 0;
    CHECK_IS(tx_thread_create(&body_thread, (CHAR *)(uintptr_t) "body", run_it, 0, NULL, 0, BODY_PRIORITY,
                              BODY_PRIORITY, TX_NO_TIME_SLICE, TX_AUTO_START),
             TX_SUCCESS);
}

void run_body(tx_host_time time, void (*body)(void)) {
    tx_host_kernel *kernel = tx_host_kernel_create(time);
    assert_non_null(kernel);
    body_now = body;
    assert_int_equal(tx_host_run(kernel, define_body), 0);
    assert_int_equal(tx_host_exited(kernel, NULL), TX_TRUE); /* not: all wait for ever */
    tx_host_kernel_destroy(kernel);
    check_none_failed();
}

TX_THREAD *spawn(UINT priority, VOID (*entry)(ULONG), ULONG input) {
    TX_THREAD *thread = &threads[num_threads++ % MAX_THREADS];
    CHECK_IS(tx_thread_create(thread, (CHAR *)(uintptr_t) "spawned", entry, input, NULL, 0, priority,
                              priority, TX_NO_TIME_SLICE, TX_AUTO_START),
             TX_SUCCESS);
    return thread;
}

void note(char letter) {
    if (num_noted + 1 < sizeof noted)
        noted[num_noted++] = letter;
    noted[num_noted] = '\0';
}

void check_noted(const char *letters) {
    noted[num_noted] = '\0';
    if (strcmp(noted, letters) != 0) {
        atomic_fetch_add(&failures, 1);
        print_error("it went \"%s\", not \"%s\"\n", noted, letters);
    }
    num_noted = 0;
}
