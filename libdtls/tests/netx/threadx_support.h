/* SPDX-License-Identifier: MIT
 *
 * A kernel around the body of a test. Bodies run in threads of that kernel,
 * where cmocka's assertions cannot jump out: CHECK counts, and the run asserts
 * in the end that nothing was counted.
 */
#ifndef NETX_TESTS_THREADX_SUPPORT_H
#define NETX_TESTS_THREADX_SUPPORT_H

#include <stdbool.h>

#include "tx_host.h"

/* The priority of bodies; other threads may be more and less urgent. */
#define BODY_PRIORITY 16

#define CHECK(condition)         check_that((condition), #condition, __FILE__, __LINE__)
#define CHECK_IS(actual, wanted) check_is((actual), (wanted), #actual, __FILE__, __LINE__)

void check_that(bool condition, const char *text, const char *file, int line);
void check_is(uint64_t actual, uint64_t wanted, const char *text, const char *file, int line);
void check_none_failed(void);

/* Runs `body` as a thread of a new kernel, which ends with it. */
void run_body(tx_host_time time, void (*body)(void));

/* Another thread; it starts at once if it is more urgent than the caller. */
TX_THREAD *spawn(UINT priority, VOID (*entry)(ULONG), ULONG input);

/* What happened, in order: a letter each. */
void note(char letter);
void check_noted(const char *letters); /* and begins anew */

#endif
