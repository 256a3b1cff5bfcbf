/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "netx/threadx/kernel.h"

_Static_assert(sizeof(kernel_waiters) <= sizeof(((TX_SEMAPHORE *)0)->tx_semaphore_host),
               "TX_SEMAPHORE has too little room");

static kernel_waiters *waiters_of(TX_SEMAPHORE *semaphore) {
    return (kernel_waiters *)(void *)semaphore->tx_semaphore_host;
}

static bool is_semaphore(const TX_SEMAPHORE *semaphore) {
    return semaphore != NULL && semaphore->tx_semaphore_id == KERNEL_SEMAPHORE_ID;
}

UINT _tx_semaphore_create(TX_SEMAPHORE *semaphore_ptr, CHAR *name_ptr, ULONG initial_count) {
    if (semaphore_ptr == NULL || is_semaphore(semaphore_ptr))
        return TX_SEMAPHORE_ERROR;
    memset(semaphore_ptr, 0, sizeof *semaphore_ptr);
    semaphore_ptr->tx_semaphore_id = KERNEL_SEMAPHORE_ID;
    semaphore_ptr->tx_semaphore_name = name_ptr;
    semaphore_ptr->tx_semaphore_count = initial_count;
    return TX_SUCCESS;
}

UINT _tx_semaphore_delete(TX_SEMAPHORE *semaphore_ptr) {
    if (!is_semaphore(semaphore_ptr))
        return TX_SEMAPHORE_ERROR;
    netx_kernel_enter_service();
    semaphore_ptr->tx_semaphore_id = 0;
    netx_kernel_wake_all(waiters_of(semaphore_ptr), KERNEL_DELETED);
    netx_kernel_preempt();
    netx_kernel_leave_service();
    return TX_SUCCESS;
}

static UINT wait_for(TX_SEMAPHORE *semaphore, ULONG wait_option) {
    if (netx_kernel_self() == NULL)
        return TX_WAIT_ERROR;
    semaphore->tx_semaphore_suspended_count++;
    kernel_woken woken =
        netx_kernel_wait(waiters_of(semaphore), netx_kernel_deadline(wait_option), TX_SEMAPHORE_SUSP);
    /* The block of a deleted semaphore is the program's again. */
    if (woken == KERNEL_DELETED)
        return TX_DELETED;
    semaphore->tx_semaphore_suspended_count--;
    if (woken == KERNEL_ABORTED)
        return TX_WAIT_ABORTED;
    return woken == KERNEL_TIMED_OUT ? TX_NO_INSTANCE : TX_SUCCESS;
}

UINT _tx_semaphore_get(TX_SEMAPHORE *semaphore_ptr, ULONG wait_option) {
    if (!is_semaphore(semaphore_ptr))
        return TX_SEMAPHORE_ERROR;
    netx_kernel_enter_service();
    UINT answer = TX_NO_INSTANCE;
    if (semaphore_ptr->tx_semaphore_count > 0) {
        semaphore_ptr->tx_semaphore_count--;
        answer = TX_SUCCESS;
    } else if (wait_option != TX_NO_WAIT) {
        answer = wait_for(semaphore_ptr, wait_option);
    }
    netx_kernel_leave_service();
    return answer;
}

UINT _tx_semaphore_put(TX_SEMAPHORE *semaphore_ptr) {
    if (!is_semaphore(semaphore_ptr))
        return TX_SEMAPHORE_ERROR;
    netx_kernel_enter_service();
    if (!netx_kernel_wake(waiters_of(semaphore_ptr), KERNEL_WOKEN))
        semaphore_ptr->tx_semaphore_count++;
    netx_kernel_preempt();
    netx_kernel_leave_service();
    return TX_SUCCESS;
}
