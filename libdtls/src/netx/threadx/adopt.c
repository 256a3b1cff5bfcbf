/* SPDX-License-Identifier: MIT
 *
 * POSIX threads that ThreadX did not make take part while they are in a service,
 * as threads of the lowest priority.
 */
#include "netx/threadx/kernel.h"

static _Thread_local TX_THREAD adopted;

static void prepare(void) {
    kernel_thread *host = netx_kernel_thread_of(&adopted);
    if (adopted.tx_thread_id != 0)
        return;
    adopted.tx_thread_id = KERNEL_THREAD_ID;
    adopted.tx_thread_name = (CHAR *)"POSIX thread";
    adopted.tx_thread_priority = TX_MAX_PRIORITIES - 1;
    host->own_priority = TX_MAX_PRIORITIES - 1;
    host->adopted = true;
    host->has_pthread = true;
    pthread_cond_init(&host->turn, NULL);
}

/* Waits for the processor; false: the kernel does not run. */
static bool arrive(tx_host_kernel *kernel) {
    kernel_thread *host = netx_kernel_thread_of(&adopted);
    prepare();
    pthread_mutex_lock(&kernel->lock);
    if (!atomic_load(&kernel->running)) {
        pthread_mutex_unlock(&kernel->lock);
        return false;
    }
    host->kernel = kernel;
    TX_THREAD **place = &kernel->arrivals;
    while (*place != NULL)
        place = &netx_kernel_thread_of(*place)->next;
    *place = &adopted;
    host->next = NULL;
    atomic_store_explicit(&kernel->attention, true, memory_order_release);
    if (kernel->current == NULL)
        pthread_cond_signal(&kernel->idle);
    while (kernel->current != &adopted)
        pthread_cond_wait(&host->turn, &kernel->lock);
    pthread_mutex_unlock(&kernel->lock);
    netx_kernel_running = &adopted;
    return true;
}

static void depart(tx_host_kernel *kernel) {
    TX_THREAD **place = &kernel->adopted;
    while (*place != &adopted)
        place = &netx_kernel_thread_of(*place)->next_created;
    *place = netx_kernel_thread_of(&adopted)->next_created;
    TX_THREAD *next = netx_kernel_most_urgent(kernel);
    netx_kernel_running = NULL;
    pthread_mutex_lock(&kernel->lock);
    netx_kernel_hand_over(kernel, atomic_load(&kernel->exiting) ? NULL : next);
    pthread_mutex_unlock(&kernel->lock);
}

TX_THREAD *netx_kernel_adopt(void) {
    tx_host_kernel *kernel = netx_kernel_used();
    if (netx_kernel_is_dispatching() || !atomic_load_explicit(&kernel->running, memory_order_acquire))
        return NULL;
    return arrive(kernel) ? &adopted : NULL;
}

/* Whether there may be somebody who is more urgent, or will be once posts and waits are looked at. */
static bool is_quiet(const TX_THREAD *thread, const tx_host_kernel *kernel) {
    const uint32_t more_urgent = (UINT32_C(1) << thread->tx_thread_priority) - 1;
    return (kernel->ready_priorities & more_urgent) == 0 && kernel->sleepers == NULL &&
           !atomic_load_explicit(&kernel->attention, memory_order_relaxed);
}

/* Apart, so that the usual end of a service saves no registers. */
static __attribute__((noinline)) void make_way(kernel_thread *host) {
    netx_kernel_preempt();
    host->depth = 0;
    if (host->adopted)
        depart(host->kernel);
}

NETX_HOT void netx_kernel_leave_outermost(TX_THREAD *self) {
    kernel_thread *host = netx_kernel_thread_of(self);
    if (!host->adopted && is_quiet(self, host->kernel))
        host->depth = 0;
    else
        make_way(host);
}

void netx_kernel_release_adopted(tx_host_kernel *kernel) {
    for (;;) {
        netx_kernel_attend(kernel);
        TX_THREAD *thread = kernel->adopted;
        pthread_mutex_lock(&kernel->lock);
        if (thread == NULL && !atomic_load(&kernel->attention))
            break;
        if (thread != NULL) {
            netx_kernel_thread_of(thread)->suspend_asked = false;
            netx_kernel_wake_thread(thread, KERNEL_ABORTED);
            netx_kernel_hand_over(kernel, thread);
            while (kernel->current != NULL)
                pthread_cond_wait(&kernel->idle, &kernel->lock);
        }
        pthread_mutex_unlock(&kernel->lock);
    }
    atomic_store(&kernel->running, false);
    pthread_mutex_unlock(&kernel->lock);
}
