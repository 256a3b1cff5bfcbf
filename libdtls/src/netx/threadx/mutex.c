/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "netx/threadx/kernel.h"

_Static_assert(sizeof(kernel_waiters) <= sizeof(((TX_MUTEX *)0)->tx_mutex_host),
               "TX_MUTEX has too little room");

static kernel_waiters *waiters_of(TX_MUTEX *mutex) {
    return (kernel_waiters *)(void *)mutex->tx_mutex_host;
}

static bool is_mutex(const TX_MUTEX *mutex) {
    return mutex != NULL && mutex->tx_mutex_id == KERNEL_MUTEX_ID;
}

UINT _tx_mutex_create(TX_MUTEX *mutex_ptr, CHAR *name_ptr, UINT inherit) {
    if (mutex_ptr == NULL || is_mutex(mutex_ptr))
        return TX_MUTEX_ERROR;
    if (inherit > TX_INHERIT)
        return TX_INHERIT_ERROR;
    memset(mutex_ptr, 0, sizeof *mutex_ptr);
    mutex_ptr->tx_mutex_id = KERNEL_MUTEX_ID;
    mutex_ptr->tx_mutex_name = name_ptr;
    mutex_ptr->tx_mutex_inherit = inherit;
    return TX_SUCCESS;
}

UINT _tx_mutex_delete(TX_MUTEX *mutex_ptr) {
    if (!is_mutex(mutex_ptr))
        return TX_MUTEX_ERROR;
    netx_kernel_enter_service();
    mutex_ptr->tx_mutex_id = 0;
    if (mutex_ptr->tx_mutex_owner != NULL)
        netx_kernel_set_priority(mutex_ptr->tx_mutex_owner,
                                 netx_kernel_thread_of(mutex_ptr->tx_mutex_owner)->own_priority);
    netx_kernel_wake_all(waiters_of(mutex_ptr), KERNEL_DELETED);
    netx_kernel_preempt();
    netx_kernel_leave_service();
    return TX_SUCCESS;
}

static UINT wait_for(TX_MUTEX *mutex, ULONG wait_option) {
    TX_THREAD *self = netx_kernel_self();
    if (self == NULL)
        return TX_WAIT_ERROR;
    if (mutex->tx_mutex_inherit == TX_INHERIT &&
        mutex->tx_mutex_owner->tx_thread_priority > self->tx_thread_priority)
        netx_kernel_set_priority(mutex->tx_mutex_owner, self->tx_thread_priority);
    mutex->tx_mutex_suspended_count++;
    kernel_woken woken =
        netx_kernel_wait(waiters_of(mutex), netx_kernel_deadline(wait_option), TX_MUTEX_SUSP);
    if (woken == KERNEL_DELETED)
        return TX_DELETED;
    mutex->tx_mutex_suspended_count--;
    if (woken == KERNEL_ABORTED)
        return TX_WAIT_ABORTED;
    return woken == KERNEL_TIMED_OUT ? TX_NOT_AVAILABLE : TX_SUCCESS;
}

UINT _tx_mutex_get(TX_MUTEX *mutex_ptr, ULONG wait_option) {
    if (!is_mutex(mutex_ptr))
        return TX_MUTEX_ERROR;
    netx_kernel_enter_service();
    UINT answer = TX_NOT_AVAILABLE;
    if (mutex_ptr->tx_mutex_ownership_count == 0 || mutex_ptr->tx_mutex_owner == netx_kernel_self()) {
        mutex_ptr->tx_mutex_owner = netx_kernel_self();
        mutex_ptr->tx_mutex_ownership_count++;
        answer = TX_SUCCESS;
    } else if (wait_option != TX_NO_WAIT) {
        answer = wait_for(mutex_ptr, wait_option); /* whoever puts it makes us its owner */
    }
    netx_kernel_leave_service();
    return answer;
}

UINT _tx_mutex_put(TX_MUTEX *mutex_ptr) {
    if (!is_mutex(mutex_ptr))
        return TX_MUTEX_ERROR;
    if (mutex_ptr->tx_mutex_ownership_count == 0 || mutex_ptr->tx_mutex_owner != netx_kernel_self())
        return TX_NOT_OWNED;
    netx_kernel_enter_service();
    if (--mutex_ptr->tx_mutex_ownership_count == 0) {
        if (mutex_ptr->tx_mutex_owner != NULL)
            netx_kernel_set_priority(mutex_ptr->tx_mutex_owner,
                                     netx_kernel_thread_of(mutex_ptr->tx_mutex_owner)->own_priority);
        mutex_ptr->tx_mutex_owner = waiters_of(mutex_ptr)->first;
        if (netx_kernel_wake(waiters_of(mutex_ptr), KERNEL_WOKEN))
            mutex_ptr->tx_mutex_ownership_count = 1;
    }
    netx_kernel_preempt();
    netx_kernel_leave_service();
    return TX_SUCCESS;
}
