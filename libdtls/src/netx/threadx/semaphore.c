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
    waiters_of(semaphore_ptr)->num = &semaphore_ptr->tx_semaphore_suspended_count;
    return TX_SUCCESS;
}

UINT _tx_semaphore_delete(TX_SEMAPHORE *semaphore_ptr) {
    netx_kernel_enter_service();
    UINT answer = TX_SEMAPHORE_ERROR;
    if (is_semaphore(semaphore_ptr)) {
        semaphore_ptr->tx_semaphore_id = 0;
        netx_kernel_wake_all(waiters_of(semaphore_ptr), KERNEL_DELETED);
        answer = TX_SUCCESS;
    }
    netx_kernel_leave_service();
    return answer;
}

UINT _tx_semaphore_get(TX_SEMAPHORE *semaphore_ptr, ULONG wait_option) {
    netx_kernel_enter_service();
    UINT answer = TX_SUCCESS;
    if (!is_semaphore(semaphore_ptr))
        answer = TX_SEMAPHORE_ERROR;
    else if (semaphore_ptr->tx_semaphore_count > 0)
        semaphore_ptr->tx_semaphore_count--;
    else
        answer = netx_kernel_wait_in_service(waiters_of(semaphore_ptr), NULL, wait_option, TX_SEMAPHORE_SUSP,
                                             TX_NO_INSTANCE);
    netx_kernel_leave_service();
    return answer;
}

UINT _tx_semaphore_put(TX_SEMAPHORE *semaphore_ptr) {
    netx_kernel_enter_service();
    UINT answer = TX_SEMAPHORE_ERROR;
    if (is_semaphore(semaphore_ptr)) {
        if (!netx_kernel_wake(waiters_of(semaphore_ptr), KERNEL_WOKEN))
            semaphore_ptr->tx_semaphore_count++;
        answer = TX_SUCCESS;
    }
    netx_kernel_leave_service();
    return answer;
}
