/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "netx/threadx/kernel.h"

/* What `tx_application_define` may carve stacks and pools out of, bytes. */
#define MEMORY_SIZE (16u * 1024u * 1024u)

static _Thread_local tx_host_kernel *used;
static _Thread_local bool dispatching;
static _Thread_local TX_THREAD adopted;
static _Thread_local unsigned adopted_depth;

static tx_host_kernel process_kernel;
static pthread_once_t process_kernel_once = PTHREAD_ONCE_INIT;

static void initialise(tx_host_kernel *kernel, tx_host_time time) {
    pthread_condattr_t monotonic;
    memset(kernel, 0, sizeof *kernel);
    pthread_mutex_init(&kernel->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&kernel->idle, &monotonic);
    pthread_condattr_destroy(&monotonic);
    kernel->time = time;
    if (time == TX_HOST_TIME_REAL)
        kernel->base_ns = netx_kernel_now(kernel);
}

static void initialise_process_kernel(void) {
    initialise(&process_kernel, TX_HOST_TIME_REAL);
}

tx_host_kernel *netx_kernel_used(void) {
    if (used != NULL)
        return used;
    pthread_once(&process_kernel_once, initialise_process_kernel);
    return &process_kernel;
}

tx_host_kernel *tx_host_kernel_used(void) {
    return netx_kernel_used();
}

void tx_host_kernel_use(tx_host_kernel *kernel) {
    used = kernel;
}

tx_host_kernel *tx_host_kernel_create(tx_host_time time) {
    tx_host_kernel *kernel = malloc(sizeof *kernel);
    if (kernel != NULL)
        initialise(kernel, time);
    return kernel;
}

void tx_host_kernel_destroy(tx_host_kernel *kernel) {
    if (kernel == NULL)
        return;
    tx_host_kernel *was = used;
    used = kernel;
    dispatching = true;
    netx_kernel_end_threads(kernel);
    dispatching = false;
    used = was == kernel ? NULL : was;
    if (kernel->network_free != NULL)
        kernel->network_free(kernel->network);
    pthread_cond_destroy(&kernel->idle);
    pthread_mutex_destroy(&kernel->lock);
    free(kernel->memory);
    free(kernel);
}

void tx_host_set_time(tx_host_time time) {
    tx_host_kernel *kernel = netx_kernel_used();
    if (!atomic_load(&kernel->running))
        kernel->time = time;
}

void netx_kernel_set_dispatching(bool is) {
    dispatching = is;
}

/* --- POSIX threads that ThreadX did not make. --- */

static void adopt(tx_host_kernel *kernel) {
    kernel_thread *host = netx_kernel_thread_of(&adopted);
    if (adopted.tx_thread_id == 0) {
        adopted.tx_thread_id = KERNEL_THREAD_ID;
        adopted.tx_thread_name = (CHAR *)"POSIX thread";
        adopted.tx_thread_priority = TX_MAX_PRIORITIES - 1;
        host->own_priority = TX_MAX_PRIORITIES - 1;
        host->adopted = true;
        host->has_pthread = true;
        pthread_cond_init(&host->turn, NULL);
    }
    host->kernel = kernel;
    pthread_mutex_lock(&kernel->lock);
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
    netx_kernel_set_self(&adopted);
}

void netx_kernel_enter_service(void) {
    TX_THREAD *self = netx_kernel_self();
    if (self == NULL) {
        tx_host_kernel *kernel = netx_kernel_used();
        if (dispatching || !atomic_load_explicit(&kernel->running, memory_order_acquire))
            return;
        adopt(kernel);
        adopted_depth = 1;
    } else if (netx_kernel_thread_of(self)->adopted) {
        adopted_depth++;
    }
}

void netx_kernel_leave_service(void) {
    TX_THREAD *self = netx_kernel_self();
    if (self == NULL || !netx_kernel_thread_of(self)->adopted || --adopted_depth > 0)
        return;
    tx_host_kernel *kernel = netx_kernel_thread_of(self)->kernel;
    TX_THREAD *next = netx_kernel_most_urgent(kernel);
    pthread_mutex_lock(&kernel->lock);
    netx_kernel_set_self(NULL);
    netx_kernel_hand_over(kernel, kernel->exiting ? NULL : next);
    pthread_mutex_unlock(&kernel->lock);
}

/* --- The dispatcher. --- */

/* Until a post, an arrival, the processor's return or the deadline. Under `lock`. */
static void idle_until(tx_host_kernel *kernel, uint64_t deadline_ns) {
    if (deadline_ns == TX_HOST_NEVER) {
        pthread_cond_wait(&kernel->idle, &kernel->lock);
        return;
    }
    uint64_t at = kernel->base_ns + deadline_ns;
    struct timespec until = {.tv_sec = (time_t)(at / 1000000000u), .tv_nsec = (long)(at % 1000000000u)};
    pthread_cond_timedwait(&kernel->idle, &kernel->lock, &until);
}

void netx_kernel_dispatch(tx_host_kernel *kernel) {
    pthread_mutex_lock(&kernel->lock);
    for (;;) {
        while (kernel->current != NULL)
            pthread_cond_wait(&kernel->idle, &kernel->lock);
        if (kernel->exiting)
            break;
        pthread_mutex_unlock(&kernel->lock);
        netx_kernel_attend(kernel);
        netx_kernel_expire(kernel);
        TX_THREAD *next = netx_kernel_most_urgent(kernel);
        pthread_mutex_lock(&kernel->lock);
        uint64_t deadline_ns = netx_kernel_next_deadline(kernel);
        if (next != NULL)
            netx_kernel_hand_over(kernel, next);
        else if (atomic_load(&kernel->attention))
            continue;
        else if (kernel->time == TX_HOST_TIME_REAL)
            idle_until(kernel, deadline_ns);
        else if (kernel->time == TX_HOST_TIME_STEPPED)
            break;
        else if (deadline_ns != TX_HOST_NEVER)
            kernel->now_ns = deadline_ns;
        else if (kernel->outside_sources > 0)
            idle_until(kernel, TX_HOST_NEVER);
        else
            break; /* nothing can ever happen again */
    }
    pthread_mutex_unlock(&kernel->lock);
}

void netx_kernel_end_threads(tx_host_kernel *kernel) {
    while (kernel->created != NULL) {
        TX_THREAD *thread = kernel->created;
        kernel->created = netx_kernel_thread_of(thread)->next_created;
        _tx_thread_terminate(thread);
        pthread_cond_destroy(&netx_kernel_thread_of(thread)->turn);
        thread->tx_thread_id = 0;
    }
}

static void begin(tx_host_kernel *kernel) {
    used = kernel;
    dispatching = true;
    atomic_store(&kernel->running, true);
}

static void end(tx_host_kernel *kernel) {
    atomic_store(&kernel->running, false);
    dispatching = false;
    (void)kernel;
}

UINT tx_host_run(tx_host_kernel *kernel, VOID (*define)(VOID *first_unused_memory)) {
    tx_host_kernel *was = used;
    if (kernel->memory == NULL)
        kernel->memory = calloc(1, MEMORY_SIZE);
    begin(kernel);
    define(kernel->memory);
    netx_kernel_dispatch(kernel);
    netx_kernel_end_threads(kernel);
    kernel->exiting = false;
    end(kernel);
    used = was;
    return kernel->status;
}

void tx_host_define(tx_host_kernel *kernel, VOID (*define)(VOID *first_unused_memory)) {
    tx_host_kernel *was = used;
    if (kernel->memory == NULL)
        kernel->memory = calloc(1, MEMORY_SIZE);
    begin(kernel);
    define(kernel->memory);
    end(kernel);
    used = was;
}

uint64_t tx_host_step(tx_host_kernel *kernel, uint64_t now_ns) {
    tx_host_kernel *was = used;
    begin(kernel);
    if (now_ns > kernel->now_ns)
        kernel->now_ns = now_ns;
    netx_kernel_dispatch(kernel);
    end(kernel);
    used = was;
    return netx_kernel_next_deadline(kernel);
}

void tx_host_exit(UINT status) {
    tx_host_kernel *kernel = netx_kernel_used();
    kernel->status = status;
    TX_THREAD *self = netx_kernel_self();
    pthread_mutex_lock(&kernel->lock);
    kernel->exiting = true;
    pthread_mutex_unlock(&kernel->lock);
    if (self != NULL && !netx_kernel_thread_of(self)->adopted) {
        self->tx_thread_state = TX_TERMINATED;
        netx_kernel_thread_of(self)->ending = true;
        pthread_exit(NULL);
    }
}
