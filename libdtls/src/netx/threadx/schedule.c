/* SPDX-License-Identifier: MIT */
#include "netx/threadx/kernel.h"

_Static_assert(sizeof(kernel_thread) <= sizeof(((TX_THREAD *)0)->tx_thread_host),
               "TX_THREAD has too little room");

_Static_assert(TX_MAX_PRIORITIES <= 32, "ready_priorities has too few bits");

_Thread_local TX_THREAD *netx_kernel_running;

/* --- The ready, by priority. --- */

void netx_kernel_make_ready(TX_THREAD *thread) {
    kernel_thread *host = netx_kernel_thread_of(thread);
    TX_THREAD **place = &host->kernel->ready[thread->tx_thread_priority];
    while (*place != NULL)
        place = &netx_kernel_thread_of(*place)->next;
    *place = thread;
    host->next = NULL;
    host->kernel->ready_priorities |= UINT32_C(1) << thread->tx_thread_priority;
    thread->tx_thread_state = TX_READY;
}

void netx_kernel_make_ready_first(TX_THREAD *thread) {
    kernel_thread *host = netx_kernel_thread_of(thread);
    host->next = host->kernel->ready[thread->tx_thread_priority];
    host->kernel->ready[thread->tx_thread_priority] = thread;
    host->kernel->ready_priorities |= UINT32_C(1) << thread->tx_thread_priority;
    thread->tx_thread_state = TX_READY;
}

static bool unlink_thread(TX_THREAD **place, TX_THREAD *thread) {
    while (*place != NULL && *place != thread)
        place = &netx_kernel_thread_of(*place)->next;
    if (*place == NULL)
        return false;
    *place = netx_kernel_thread_of(thread)->next;
    netx_kernel_thread_of(thread)->next = NULL;
    return true;
}

bool netx_kernel_unready(TX_THREAD *thread) {
    tx_host_kernel *kernel = netx_kernel_thread_of(thread)->kernel;
    UINT priority = thread->tx_thread_priority;
    bool was_ready = unlink_thread(&kernel->ready[priority], thread);
    if (kernel->ready[priority] == NULL)
        kernel->ready_priorities &= ~(UINT32_C(1) << priority);
    return was_ready;
}

TX_THREAD *netx_kernel_most_urgent(tx_host_kernel *kernel) {
    if (kernel->ready_priorities == 0)
        return NULL;
    return kernel->ready[__builtin_ctz(kernel->ready_priorities)];
}

/* --- Those that wait. --- */

void netx_kernel_remove_waiter(TX_THREAD *thread) {
    kernel_thread *host = netx_kernel_thread_of(thread);
    if (host->waiters != NULL) {
        unlink_thread(&host->waiters->first, thread);
        if (host->waiters->num != NULL)
            --*host->waiters->num;
    }
    host->waiters = NULL;
    netx_kernel_stop_wanting(thread);
}

void netx_kernel_remove_sleeper(TX_THREAD *thread) {
    kernel_thread *host = netx_kernel_thread_of(thread);
    TX_THREAD **place = &host->kernel->sleepers;
    while (*place != thread)
        place = &netx_kernel_thread_of(*place)->next_sleeper;
    *place = host->next_sleeper;
    host->next_sleeper = NULL;
    host->sleeper = false;
}

/* Sleepers stand in the order of their deadlines; those with the same in that of their coming. */
static void add_sleeper(TX_THREAD *thread) {
    kernel_thread *host = netx_kernel_thread_of(thread);
    TX_THREAD **place = &host->kernel->sleepers;
    while (*place != NULL && netx_kernel_thread_of(*place)->deadline_ns <= host->deadline_ns)
        place = &netx_kernel_thread_of(*place)->next_sleeper;
    host->next_sleeper = *place;
    *place = thread;
    host->sleeper = true;
}

uint64_t netx_kernel_next_deadline(tx_host_kernel *kernel) {
    return kernel->sleepers == NULL ? TX_HOST_NEVER : netx_kernel_thread_of(kernel->sleepers)->deadline_ns;
}

void netx_kernel_expire(tx_host_kernel *kernel) {
    if (kernel->sleepers == NULL)
        return;
    uint64_t now = netx_kernel_now(kernel);
    while (kernel->sleepers != NULL && netx_kernel_thread_of(kernel->sleepers)->deadline_ns <= now)
        netx_kernel_wake_thread(kernel->sleepers, KERNEL_TIMED_OUT);
}

void netx_kernel_wake_thread(TX_THREAD *thread, kernel_woken woken) {
    kernel_thread *host = netx_kernel_thread_of(thread);
    host->woken = woken;
    if (woken >= KERNEL_DELETED)
        host->abandon = NULL;
    /* One that was woken before, and has not run since, only learns of another reason. */
    if (thread->tx_thread_state < TX_SLEEP)
        return;
    netx_kernel_remove_waiter(thread);
    if (host->sleeper)
        netx_kernel_remove_sleeper(thread);
    if (host->suspend_asked) {
        host->suspend_asked = false;
        thread->tx_thread_state = TX_SUSPENDED;
    } else {
        netx_kernel_make_ready(thread);
    }
}

void netx_kernel_wake_all(kernel_waiters *waiters, kernel_woken woken) {
    while (netx_kernel_wake(waiters, woken)) {}
}

kernel_woken netx_kernel_wait(kernel_waiters *waiters, uint64_t deadline_ns, UINT state) {
    TX_THREAD *thread = netx_kernel_self();
    if (thread == NULL)
        return KERNEL_TIMED_OUT;
    kernel_thread *host = netx_kernel_thread_of(thread);
    if (host->kernel->handling || deadline_ns <= netx_kernel_now(host->kernel))
        return KERNEL_TIMED_OUT;
    if (host->adopted && atomic_load(&host->kernel->exiting))
        return KERNEL_ABORTED;
    host->waiters = waiters;
    host->next = NULL;
    if (waiters != NULL) {
        TX_THREAD **place = &waiters->first;
        while (*place != NULL)
            place = &netx_kernel_thread_of(*place)->next;
        *place = thread;
        if (waiters->num != NULL)
            ++*waiters->num;
    }
    host->deadline_ns = deadline_ns;
    if (deadline_ns != TX_HOST_NEVER)
        add_sleeper(thread);
    thread->tx_thread_state = state;
    netx_kernel_switch(thread);
    return host->woken;
}

UINT netx_kernel_wait_in_service(kernel_waiters *waiters, void *what, ULONG wait_option, UINT state,
                                 UINT none) {
    const UINT answers[] = {[KERNEL_WOKEN] = TX_SUCCESS,
                            [KERNEL_TIMED_OUT] = none,
                            [KERNEL_ABORTED] = TX_WAIT_ABORTED,
                            [KERNEL_DELETED] = TX_DELETED};
    if (wait_option == TX_NO_WAIT)
        return none;
    if (netx_kernel_self() == NULL)
        return TX_WAIT_ERROR;
    netx_kernel_wait_is_for(what, NULL);
    kernel_woken woken = netx_kernel_wait(waiters, netx_kernel_deadline(wait_option), state);
    netx_kernel_wait_is_for(NULL, NULL);
    return answers[woken];
}

/* --- The processor changes hands. --- */

void netx_kernel_hand_over(tx_host_kernel *kernel, TX_THREAD *next) {
    kernel->current = next;
    if (next == NULL) {
        pthread_cond_signal(&kernel->idle);
        return;
    }
    netx_kernel_unready(next);
    next->tx_thread_run_count++;
    if (!netx_kernel_thread_of(next)->has_pthread && !netx_kernel_start_thread(next)) {
        /* It can never run: the process is out of threads. */
        next->tx_thread_state = TX_TERMINATED;
        kernel->current = NULL;
        pthread_cond_signal(&kernel->idle);
        return;
    }
    pthread_cond_signal(&netx_kernel_thread_of(next)->turn);
}

void netx_kernel_switch(TX_THREAD *thread) {
    kernel_thread *host = netx_kernel_thread_of(thread);
    tx_host_kernel *kernel = host->kernel;
    /* Posts come when the thread stands where it waits: what they bring must find it there. */
    netx_kernel_attend(kernel);
    if (kernel->time == TX_HOST_TIME_REAL)
        netx_kernel_expire(kernel);
    TX_THREAD *next = netx_kernel_most_urgent(kernel);
    if (next == thread) {
        netx_kernel_unready(thread);
        return;
    }
    pthread_mutex_lock(&kernel->lock);
    netx_kernel_hand_over(kernel, kernel->exiting ? NULL : next);
    while (kernel->current != thread)
        pthread_cond_wait(&host->turn, &kernel->lock);
    pthread_mutex_unlock(&kernel->lock);
    if (host->ending)
        pthread_exit(NULL);
}

/* The first post, which may be queued again from here on; NULL: there is none. */
static kernel_post *next_post(tx_host_kernel *kernel) {
    pthread_mutex_lock(&kernel->lock);
    kernel_post *post = kernel->posts;
    if (post != NULL) {
        kernel->posts = post->next;
        post->posted = false;
    }
    pthread_mutex_unlock(&kernel->lock);
    return post;
}

void netx_kernel_attend(tx_host_kernel *kernel) {
    if (kernel->handling || !atomic_load_explicit(&kernel->attention, memory_order_acquire))
        return;
    pthread_mutex_lock(&kernel->lock);
    atomic_store_explicit(&kernel->attention, false, memory_order_relaxed);
    TX_THREAD *arrivals = kernel->arrivals;
    kernel->arrivals = NULL;
    pthread_mutex_unlock(&kernel->lock);
    while (arrivals != NULL) {
        TX_THREAD *next = netx_kernel_thread_of(arrivals)->next;
        netx_kernel_thread_of(arrivals)->next_created = kernel->adopted;
        kernel->adopted = arrivals;
        netx_kernel_make_ready(arrivals);
        arrivals = next;
    }
    kernel->handling = true;
    for (kernel_post *post = next_post(kernel); post != NULL; post = next_post(kernel))
        post->handler(post->context);
    kernel->handling = false;
}

/* To who is more urgent than the running thread, if there is one. */
static void yield_processor(TX_THREAD *thread) {
    tx_host_kernel *kernel = netx_kernel_thread_of(thread)->kernel;
    if (kernel->handling)
        return;
    netx_kernel_attend(kernel);
    if (kernel->time == TX_HOST_TIME_REAL)
        netx_kernel_expire(kernel);
    TX_THREAD *urgent = netx_kernel_most_urgent(kernel);
    if (urgent != NULL && urgent->tx_thread_priority < thread->tx_thread_priority) {
        if (netx_kernel_thread_of(thread)->behind)
            netx_kernel_make_ready(thread);
        else
            netx_kernel_make_ready_first(thread);
        netx_kernel_thread_of(thread)->behind = false;
        netx_kernel_switch(thread);
    }
}

void netx_kernel_preempt(void) {
    TX_THREAD *thread = netx_kernel_self();
    if (thread != NULL && netx_kernel_thread_of(thread)->depth <= 1)
        yield_processor(thread);
}

kernel_woken netx_kernel_give_way(void) {
    TX_THREAD *thread = netx_kernel_self();
    if (thread == NULL)
        return KERNEL_TIMED_OUT;
    netx_kernel_thread_of(thread)->woken = KERNEL_TIMED_OUT;
    yield_processor(thread);
    return netx_kernel_thread_of(thread)->woken;
}

void netx_kernel_post_handler(tx_host_kernel *kernel, kernel_post *post) {
    pthread_mutex_lock(&kernel->lock);
    if (!post->posted) {
        post->posted = true;
        kernel_post **place = &kernel->posts;
        while (*place != NULL)
            place = &(*place)->next;
        *place = post;
        post->next = NULL;
        atomic_store_explicit(&kernel->attention, true, memory_order_release);
        if (kernel->current == NULL)
            pthread_cond_signal(&kernel->idle);
    }
    pthread_mutex_unlock(&kernel->lock);
}

void netx_kernel_forget_post(tx_host_kernel *kernel, kernel_post *post) {
    pthread_mutex_lock(&kernel->lock);
    for (kernel_post **place = &kernel->posts; *place != NULL; place = &(*place)->next) {
        if (*place == post) {
            *place = post->next;
            break;
        }
    }
    post->posted = false;
    pthread_mutex_unlock(&kernel->lock);
}
