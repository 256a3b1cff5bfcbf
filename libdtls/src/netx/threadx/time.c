/* SPDX-License-Identifier: MIT */
#include <time.h>

#include "netx/threadx/kernel.h"

uint64_t netx_kernel_now(tx_host_kernel *kernel) {
    if (kernel->time != TX_HOST_TIME_REAL)
        return kernel->now_ns;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec - kernel->base_ns;
}

/* Ticks come at multiples of KERNEL_TICK_NS, so a wait of n ends with the n-th from now. Where nobody can
 * wait it is over: those who look at the clock themselves would do so for ever, since it may stand still. */
uint64_t netx_kernel_end_of_wait(ULONG wait_option) {
    const TX_THREAD *self = netx_kernel_self();
    if (self == NULL || netx_kernel_used()->handling)
        return 0;
    if (wait_option == TX_WAIT_FOREVER)
        return TX_HOST_NEVER;
    return (netx_kernel_now(netx_kernel_used()) / KERNEL_TICK_NS + wait_option) * KERNEL_TICK_NS;
}

ULONG _tx_time_get(VOID) {
    tx_host_kernel *kernel = netx_kernel_used();
    return (ULONG)(netx_kernel_now(kernel) / KERNEL_TICK_NS) + kernel->tick_offset;
}

VOID _tx_time_set(ULONG new_time) {
    tx_host_kernel *kernel = netx_kernel_used();
    kernel->tick_offset = new_time - (ULONG)(netx_kernel_now(kernel) / KERNEL_TICK_NS);
}

uint64_t tx_host_now(void) {
    return netx_kernel_now(netx_kernel_used());
}

int64_t tx_host_calendar(void) {
    tx_host_kernel *kernel = netx_kernel_used();
    if (kernel->time == TX_HOST_TIME_REAL)
        return (int64_t)time(NULL);
    int64_t begun_s = kernel->calendar_s;
    return begun_s == 0 ? 0 : begun_s + (int64_t)(kernel->now_ns / 1000000000u);
}

void tx_host_set_calendar(tx_host_kernel *kernel, int64_t posix_seconds) {
    kernel->calendar_s = posix_seconds;
}
