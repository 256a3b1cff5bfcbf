/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "netx/threadx/kernel.h"

/* In the id of one that is there. */
#define EVENT_FLAGS_ID 0x4456444Eu

_Static_assert(sizeof(kernel_waiters) <= sizeof(((TX_EVENT_FLAGS_GROUP *)0)->tx_event_flags_group_host),
               "TX_EVENT_FLAGS_GROUP has too little room");

/* What a thread waits for, on its stack. */
typedef struct flags_request {
    ULONG flags;
    UINT option;
    ULONG *actual;
} flags_request;

static kernel_waiters *waiters_of(TX_EVENT_FLAGS_GROUP *group) {
    return (kernel_waiters *)(void *)group->tx_event_flags_group_host;
}

static bool is_group(const TX_EVENT_FLAGS_GROUP *group) {
    return group != NULL && group->tx_event_flags_group_id == EVENT_FLAGS_ID;
}

static bool is_met(const flags_request *request, ULONG current) {
    ULONG found = current & request->flags;
    return found != 0 && (request->option < TX_AND || found == request->flags);
}

/* The flags that a request takes away. */
static ULONG cleared_by(const flags_request *request) {
    return request->option == TX_OR_CLEAR || request->option == TX_AND_CLEAR ? request->flags : 0;
}

UINT _tx_event_flags_create(TX_EVENT_FLAGS_GROUP *group_ptr, CHAR *name_ptr) {
    if (group_ptr == NULL || is_group(group_ptr))
        return TX_GROUP_ERROR;
    memset(group_ptr, 0, sizeof *group_ptr);
    group_ptr->tx_event_flags_group_id = EVENT_FLAGS_ID;
    group_ptr->tx_event_flags_group_name = name_ptr;
    waiters_of(group_ptr)->num = &group_ptr->tx_event_flags_group_suspended_count;
    return TX_SUCCESS;
}

UINT _tx_event_flags_delete(TX_EVENT_FLAGS_GROUP *group_ptr) {
    NETX_SERVICE;
    if (!is_group(group_ptr))
        return TX_GROUP_ERROR;
    group_ptr->tx_event_flags_group_id = 0;
    netx_kernel_wake_all(waiters_of(group_ptr), KERNEL_DELETED);
    return TX_SUCCESS;
}

UINT _tx_event_flags_get(TX_EVENT_FLAGS_GROUP *group_ptr, ULONG requested_flags, UINT get_option,
                         ULONG *actual_flags_ptr, ULONG wait_option) {
    NETX_SERVICE;
    if (!is_group(group_ptr))
        return TX_GROUP_ERROR;
    if (actual_flags_ptr == NULL)
        return TX_PTR_ERROR;
    if (get_option > TX_AND_CLEAR)
        return TX_OPTION_ERROR;
    flags_request request = {requested_flags, get_option, actual_flags_ptr};
    if (is_met(&request, group_ptr->tx_event_flags_group_current)) {
        *actual_flags_ptr = group_ptr->tx_event_flags_group_current;
        group_ptr->tx_event_flags_group_current &= ~cleared_by(&request);
        return TX_SUCCESS;
    }
    return netx_kernel_wait_in_service(waiters_of(group_ptr), &request, wait_option, TX_EVENT_FLAG,
                                       TX_NO_EVENTS);
}

/* All whose flags are there go on, and only then are flags taken away. */
static void wake_those_that_have_theirs(TX_EVENT_FLAGS_GROUP *group) {
    const ULONG current = group->tx_event_flags_group_current;
    TX_THREAD *thread = waiters_of(group)->first;
    while (thread != NULL) {
        TX_THREAD *next = netx_kernel_thread_of(thread)->next;
        const flags_request *request = netx_kernel_thread_of(thread)->what;
        if (is_met(request, current)) {
            *request->actual = current;
            group->tx_event_flags_group_current &= ~cleared_by(request);
            netx_kernel_wake_thread(thread, KERNEL_WOKEN);
        }
        thread = next;
    }
}

UINT _tx_event_flags_set(TX_EVENT_FLAGS_GROUP *group_ptr, ULONG flags_to_set, UINT set_option) {
    NETX_SERVICE;
    if (!is_group(group_ptr))
        return TX_GROUP_ERROR;
    if (set_option != TX_OR && set_option != TX_AND)
        return TX_OPTION_ERROR;
    if (set_option == TX_AND) {
        group_ptr->tx_event_flags_group_current &= flags_to_set;
        return TX_SUCCESS;
    }
    group_ptr->tx_event_flags_group_current |= flags_to_set;
    wake_those_that_have_theirs(group_ptr);
    return TX_SUCCESS;
}
