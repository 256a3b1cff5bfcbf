/* SPDX-License-Identifier: MIT
 *
 * What ThreadX has no word for: where its time comes from, and how a program
 * that is more than its threads starts and ends it. Not part of ThreadX; a
 * program that is to run on a device does without.
 */
#ifndef TX_HOST_H
#define TX_HOST_H

#include <stdint.h>

#include "tx_api.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Where ticks come from. */
typedef enum tx_host_time {
    TX_HOST_TIME_REAL = 0,    /* the host's monotonic clock */
    TX_HOST_TIME_VIRTUAL = 1, /* it jumps to the next deadline when every thread waits */
    TX_HOST_TIME_STEPPED = 2  /* the caller of `tx_host_step` says what time it is */
} tx_host_time;

/* A processor with its threads, clock and networks. A process has one that is there from the start, and may
 * make more; each thread belongs to one. */
typedef struct tx_host_kernel tx_host_kernel;

/* NULL: no memory. */
tx_host_kernel *tx_host_kernel_create(tx_host_time time);

/* Ends the kernel's threads where they wait, and frees it. */
void tx_host_kernel_destroy(tx_host_kernel *kernel);

/* The kernel that calls of this POSIX thread concern, from now on; NULL: the one of the process. Threads made
 * by `tx_thread_create` belong to the kernel of their maker. */
void tx_host_kernel_use(tx_host_kernel *kernel);
tx_host_kernel *tx_host_kernel_used(void);

/* Calls `define` with memory to carve up, as ThreadX calls `tx_application_define`, then runs the threads
 * until `tx_host_exit`, or, in virtual time, until all wait for what can never come; ends them, and answers
 * the status. */
UINT tx_host_run(tx_host_kernel *kernel, VOID (*define)(VOID *first_unused_memory));

/* Only calls `define`: of a stepped kernel, before the first step. */
void tx_host_define(tx_host_kernel *kernel, VOID (*define)(VOID *first_unused_memory));

/* Before the process's own kernel starts: where its time comes from. A kernel that was made with another
 * keeps it. */
void tx_host_set_time(tx_host_time time);

/* POSIX threads that ThreadX did not make may call services of a kernel that runs (in a stepped one: during
 * steps), with `tx_host_kernel_use` first if it is not the process's. When it ends, their waits answer
 * TX_WAIT_ABORTED. A virtual kernel does not wait for them between calls. Signal handlers may not call
 * services: they would wait for a processor that the interrupted thread may have. A child of fork has none of
 * the threads, and goes on to exec. Nobody enters a kernel that is being destroyed. */

/* Ends `tx_kernel_enter` of this kernel: it returns `status`. May be called from any of its threads, and does
 * not return to one. */
void tx_host_exit(UINT status);

/* TX_TRUE if one of the kernel's threads has called `tx_host_exit` since it last began to run, so that none
 * of them runs any more; then `*out_status` is what it said. TX_FALSE: not yet, or the kernel has ended by
 * itself. `out_status` may be NULL. From any POSIX thread. */
UINT tx_host_exited(tx_host_kernel *kernel, UINT *out_status);

/* No deadline. */
#define TX_HOST_NEVER UINT64_MAX

/* Of a stepped kernel, from outside its threads: sets the time, lets the threads run until all wait, and
 * answers when the next of their waits ends, in nanoseconds on the same scale; TX_HOST_NEVER: none does by
 * itself. `now_ns` never goes back. */
uint64_t tx_host_step(tx_host_kernel *kernel, uint64_t now_ns);

/* Time of the kernel in use, nanoseconds; finer than ticks. */
uint64_t tx_host_now(void);

/* POSIX seconds, for certificates' dates and tickets; of stepped and virtual kernels what was set as the
 * beginning, plus the time passed. */
int64_t tx_host_calendar(void);
void tx_host_set_calendar(tx_host_kernel *kernel, int64_t posix_seconds);

#ifdef __cplusplus
}
#endif

#endif
