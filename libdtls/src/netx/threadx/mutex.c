/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "netx/threadx/kernel.h"

typedef struct kernel_mutex {
    kernel_waiters waiters;
    TX_MUTEX *next_owned;
} kernel_mutex;

_Static_assert(sizeof(kernel_mutex) <= sizeof(((TX_MUTEX *)0)->tx_mutex_host),
               "TX_MUTEX has too little room");

static kernel_mutex *mutex_of(TX_MUTEX *mutex) {
    return (kernel_mutex *)(void *)mutex->tx_mutex_host;
}

static bool is_mutex(const TX_MUTEX *mutex) {
    return mutex != NULL && mutex->tx_mutex_id == KERNEL_MUTEX_ID;
}

/* --- Priority that is lent. --- */

/* The owner runs at `priority` at least; so does whoever keeps it waiting. */
static void lend(TX_MUTEX *mutex, UINT priority) {
    while (mutex != NULL && mutex->tx_mutex_inherit == TX_INHERIT && mutex->tx_mutex_owner != NULL &&
           mutex->tx_mutex_owner->tx_thread_priority > priority) {
        netx_kernel_set_priority(mutex->tx_mutex_owner, priority);
        mutex = netx_kernel_thread_of(mutex->tx_mutex_owner)->wanted;
    }
}

static UINT priority_of(TX_THREAD *thread) {
    const kernel_thread *host = netx_kernel_thread_of(thread);
    UINT priority = host->own_priority;
    for (TX_MUTEX *mutex = host->owned; mutex != NULL; mutex = mutex_of(mutex)->next_owned) {
        TX_THREAD *waiter = mutex->tx_mutex_inherit == TX_INHERIT ? mutex_of(mutex)->waiters.first : NULL;
        for (; waiter != NULL; waiter = netx_kernel_thread_of(waiter)->next) {
            if (waiter->tx_thread_priority < priority)
                priority = waiter->tx_thread_priority;
        }
    }
    return priority;
}

void netx_kernel_restore_priority(TX_THREAD *thread) {
    while (thread != NULL && thread->tx_thread_priority != priority_of(thread)) {
        netx_kernel_set_priority(thread, priority_of(thread));
        TX_MUTEX *wanted = netx_kernel_thread_of(thread)->wanted;
        thread = wanted == NULL ? NULL : wanted->tx_mutex_owner;
    }
}

void netx_kernel_stop_wanting(TX_THREAD *thread) {
    const TX_MUTEX *wanted = netx_kernel_thread_of(thread)->wanted;
    netx_kernel_thread_of(thread)->wanted = NULL;
    if (wanted != NULL)
        netx_kernel_restore_priority(wanted->tx_mutex_owner);
}

/* --- Owners. --- */

static void give(TX_MUTEX *mutex, TX_THREAD *owner) {
    mutex->tx_mutex_owner = owner;
    mutex->tx_mutex_ownership_count = 1;
    if (owner != NULL) {
        mutex_of(mutex)->next_owned = netx_kernel_thread_of(owner)->owned;
        netx_kernel_thread_of(owner)->owned = mutex;
    }
}

static void take_from_owner(TX_MUTEX *mutex) {
    TX_THREAD *owner = mutex->tx_mutex_owner;
    mutex->tx_mutex_owner = NULL;
    mutex->tx_mutex_ownership_count = 0;
    if (owner == NULL)
        return;
    TX_MUTEX **place = &netx_kernel_thread_of(owner)->owned;
    while (*place != mutex)
        place = &mutex_of(*place)->next_owned;
    *place = mutex_of(mutex)->next_owned;
    netx_kernel_restore_priority(owner);
}

/* Whose turn it is: the most urgent if the mutex lends priority, else the first. */
static TX_THREAD *successor(TX_MUTEX *mutex) {
    TX_THREAD *chosen = mutex_of(mutex)->waiters.first;
    if (chosen == NULL || mutex->tx_mutex_inherit == TX_NO_INHERIT)
        return chosen;
    for (TX_THREAD *thread = chosen; thread != NULL; thread = netx_kernel_thread_of(thread)->next) {
        if (thread->tx_thread_priority < chosen->tx_thread_priority)
            chosen = thread;
    }
    return chosen;
}

static void pass_on(TX_MUTEX *mutex) {
    take_from_owner(mutex);
    TX_THREAD *next = successor(mutex);
    if (next == NULL)
        return;
    netx_kernel_wake_thread(next, KERNEL_WOKEN);
    give(mutex, next);
    netx_kernel_restore_priority(next);
}

void netx_kernel_release_mutexes(TX_THREAD *thread) {
    while (netx_kernel_thread_of(thread)->owned != NULL) {
        TX_MUTEX *oldest = netx_kernel_thread_of(thread)->owned;
        while (mutex_of(oldest)->next_owned != NULL)
            oldest = mutex_of(oldest)->next_owned;
        pass_on(oldest);
    }
}

/* --- Services. --- */

UINT _tx_mutex_create(TX_MUTEX *mutex_ptr, CHAR *name_ptr, UINT inherit) {
    if (mutex_ptr == NULL || is_mutex(mutex_ptr))
        return TX_MUTEX_ERROR;
    if (inherit > TX_INHERIT)
        return TX_INHERIT_ERROR;
    memset(mutex_ptr, 0, sizeof *mutex_ptr);
    mutex_ptr->tx_mutex_id = KERNEL_MUTEX_ID;
    mutex_ptr->tx_mutex_name = name_ptr;
    mutex_ptr->tx_mutex_inherit = inherit;
    mutex_of(mutex_ptr)->waiters.num = &mutex_ptr->tx_mutex_suspended_count;
    return TX_SUCCESS;
}

UINT _tx_mutex_delete(TX_MUTEX *mutex_ptr) {
    netx_kernel_enter_service();
    UINT answer = TX_MUTEX_ERROR;
    if (is_mutex(mutex_ptr)) {
        mutex_ptr->tx_mutex_id = 0;
        take_from_owner(mutex_ptr);
        netx_kernel_wake_all(&mutex_of(mutex_ptr)->waiters, KERNEL_DELETED);
        answer = TX_SUCCESS;
    }
    netx_kernel_leave_service();
    return answer;
}

/* Whoever puts the mutex makes us its owner. */
static UINT wait_for(TX_MUTEX *mutex, ULONG wait_option) {
    TX_THREAD *self = netx_kernel_self();
    if (self == NULL)
        return TX_WAIT_ERROR;
    netx_kernel_thread_of(self)->wanted = mutex;
    lend(mutex, self->tx_thread_priority);
    return netx_kernel_wait_in_service(&mutex_of(mutex)->waiters, NULL, wait_option, TX_MUTEX_SUSP,
                                       TX_NOT_AVAILABLE);
}

UINT _tx_mutex_get(TX_MUTEX *mutex_ptr, ULONG wait_option) {
    netx_kernel_enter_service();
    UINT answer = TX_NOT_AVAILABLE;
    if (!is_mutex(mutex_ptr)) {
        answer = TX_MUTEX_ERROR;
    } else if (mutex_ptr->tx_mutex_ownership_count == 0) {
        give(mutex_ptr, netx_kernel_self());
        answer = TX_SUCCESS;
    } else if (mutex_ptr->tx_mutex_owner == netx_kernel_self()) {
        mutex_ptr->tx_mutex_ownership_count++;
        answer = TX_SUCCESS;
    } else if (wait_option != TX_NO_WAIT) {
        answer = wait_for(mutex_ptr, wait_option);
    }
    netx_kernel_leave_service();
    return answer;
}

UINT _tx_mutex_put(TX_MUTEX *mutex_ptr) {
    netx_kernel_enter_service();
    UINT answer = TX_SUCCESS;
    if (!is_mutex(mutex_ptr))
        answer = TX_MUTEX_ERROR;
    else if (mutex_ptr->tx_mutex_ownership_count == 0 || mutex_ptr->tx_mutex_owner != netx_kernel_self())
        answer = TX_NOT_OWNED;
    else if (mutex_ptr->tx_mutex_ownership_count > 1)
        mutex_ptr->tx_mutex_ownership_count--;
    else
        pass_on(mutex_ptr);
    netx_kernel_leave_service();
    return answer;
}
