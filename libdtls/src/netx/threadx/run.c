/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "netx/threadx/kernel.h"

/* What `tx_application_define` may carve stacks and pools out of, bytes. */
#define MEMORY_SIZE ((size_t)16 * 1024 * 1024)

static _Thread_local tx_host_kernel *used;
static _Thread_local bool dispatching;

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

tx_host_kernel *netx_kernel_used_outside(void) {
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

void tx_host_set_time(tx_host_time time) {
    tx_host_kernel *kernel = netx_kernel_used();
    if (kernel == &process_kernel && !atomic_load(&kernel->running))
        kernel->time = time;
}

bool netx_kernel_is_dispatching(void) {
    return dispatching;
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
        if (atomic_load(&kernel->exiting))
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
        else if (kernel->time == TX_HOST_TIME_VIRTUAL && deadline_ns != TX_HOST_NEVER)
            kernel->now_ns = deadline_ns;
        else if (kernel->time == TX_HOST_TIME_VIRTUAL && kernel->outside_sources > 0)
            idle_until(kernel, TX_HOST_NEVER);
        else
            break; /* stepped: all wait; virtual: nothing can ever happen again */
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

/* What this POSIX thread was in another kernel, or in none, before it became the dispatcher. */
typedef struct outer {
    tx_host_kernel *used;
    TX_THREAD *self;
    bool dispatching;
} outer;

static outer begin(tx_host_kernel *kernel) {
    outer was = {used, netx_kernel_self(), dispatching};
    used = kernel;
    netx_kernel_running = NULL;
    dispatching = true;
    atomic_store(&kernel->running, true);
    return was;
}

static void end(tx_host_kernel *kernel, const outer *was) {
    pthread_mutex_lock(&kernel->lock);
    atomic_store(&kernel->running, false);
    pthread_mutex_unlock(&kernel->lock);
    dispatching = was->dispatching;
    netx_kernel_running = was->self;
    used = was->used;
}

/* Nothing of the kernel runs any more, or waits. */
static void wind_up(tx_host_kernel *kernel) {
    atomic_store(&kernel->exiting, true);
    netx_kernel_release_adopted(kernel);
    netx_kernel_end_threads(kernel);
    netx_kernel_join(kernel);
    if (kernel->network_close != NULL)
        kernel->network_close(kernel->network);
    atomic_store(&kernel->exiting, false);
}

void tx_host_kernel_destroy(tx_host_kernel *kernel) {
    if (kernel == NULL)
        return;
    outer was = begin(kernel);
    if (was.used == kernel)
        was.used = NULL;
    wind_up(kernel);
    end(kernel, &was);
    if (kernel->network_free != NULL)
        kernel->network_free(kernel->network);
    pthread_cond_destroy(&kernel->idle);
    pthread_mutex_destroy(&kernel->lock);
    if (kernel->memory != NULL)
        munmap(kernel->memory, MEMORY_SIZE);
    free(kernel);
}

/* Zeroed where it is touched, and given back whole. */
static void *map_memory(void) {
    void *memory = mmap(NULL, MEMORY_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

static void define_threads(tx_host_kernel *kernel, VOID (*define)(VOID *first_unused_memory)) {
    if (kernel->memory == NULL)
        kernel->memory = map_memory();
    define(kernel->memory);
}

UINT tx_host_run(tx_host_kernel *kernel, VOID (*define)(VOID *first_unused_memory)) {
    outer was = begin(kernel);
    pthread_mutex_lock(&kernel->lock);
    kernel->exited = false;
    kernel->status = 0;
    pthread_mutex_unlock(&kernel->lock);
    define_threads(kernel, define);
    netx_kernel_dispatch(kernel);
    wind_up(kernel);
    UINT status = kernel->status;
    end(kernel, &was);
    return status;
}

void tx_host_define(tx_host_kernel *kernel, VOID (*define)(VOID *first_unused_memory)) {
    outer was = begin(kernel);
    define_threads(kernel, define);
    end(kernel, &was);
}

uint64_t tx_host_step(tx_host_kernel *kernel, uint64_t now_ns) {
    outer was = begin(kernel);
    if (now_ns > kernel->now_ns)
        kernel->now_ns = now_ns;
    netx_kernel_dispatch(kernel);
    uint64_t next_ns = netx_kernel_next_deadline(kernel);
    end(kernel, &was);
    return next_ns;
}

void tx_host_exit(UINT status) {
    tx_host_kernel *kernel = netx_kernel_used();
    TX_THREAD *self = netx_kernel_self();
    pthread_mutex_lock(&kernel->lock);
    kernel->status = status;
    kernel->exited = true;
    atomic_store(&kernel->exiting, true);
    if (kernel->current == NULL)
        pthread_cond_signal(&kernel->idle);
    pthread_mutex_unlock(&kernel->lock);
    if (self != NULL && !netx_kernel_thread_of(self)->adopted) {
        self->tx_thread_state = TX_TERMINATED;
        netx_kernel_thread_of(self)->ending = true;
        pthread_exit(NULL);
    }
}

UINT tx_host_exited(tx_host_kernel *kernel, UINT *out_status) {
    pthread_mutex_lock(&kernel->lock);
    bool exited = kernel->exited;
    if (exited && out_status != NULL)
        *out_status = kernel->status;
    pthread_mutex_unlock(&kernel->lock);
    return exited ? TX_TRUE : TX_FALSE;
}
