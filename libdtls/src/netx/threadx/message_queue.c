/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "netx/threadx/kernel.h"

/* In the id of one that is there. */
#define QUEUE_ID 0x51554555u

#define QUEUE_MAX_MESSAGE 16 /* ULONGs */

typedef struct kernel_queue {
    kernel_waiters receivers;
    kernel_waiters senders;
} kernel_queue;

_Static_assert(sizeof(kernel_queue) <= sizeof(((TX_QUEUE *)0)->tx_queue_host),
               "TX_QUEUE has too little room");

static kernel_queue *queue_of(TX_QUEUE *queue) {
    return (kernel_queue *)(void *)queue->tx_queue_host;
}

static bool is_queue(const TX_QUEUE *queue) {
    return queue != NULL && queue->tx_queue_id == QUEUE_ID;
}

UINT _tx_queue_create(TX_QUEUE *queue_ptr, CHAR *name_ptr, UINT message_size, VOID *queue_start,
                      ULONG queue_size) {
    if (queue_ptr == NULL || is_queue(queue_ptr))
        return TX_QUEUE_ERROR;
    if (queue_start == NULL)
        return TX_PTR_ERROR;
    if (message_size < 1 || message_size > QUEUE_MAX_MESSAGE || queue_size < message_size * sizeof(ULONG))
        return TX_SIZE_ERROR;
    memset(queue_ptr, 0, sizeof *queue_ptr);
    queue_ptr->tx_queue_id = QUEUE_ID;
    queue_ptr->tx_queue_name = name_ptr;
    queue_ptr->tx_queue_message_size = message_size;
    queue_ptr->tx_queue_capacity = (UINT)(queue_size / (message_size * sizeof(ULONG)));
    queue_ptr->tx_queue_available_storage = queue_ptr->tx_queue_capacity;
    queue_ptr->tx_queue_start = queue_start;
    queue_of(queue_ptr)->receivers.num = &queue_ptr->tx_queue_suspended_count;
    queue_of(queue_ptr)->senders.num = &queue_ptr->tx_queue_suspended_count;
    return TX_SUCCESS;
}

UINT _tx_queue_delete(TX_QUEUE *queue_ptr) {
    NETX_SERVICE;
    if (!is_queue(queue_ptr))
        return TX_QUEUE_ERROR;
    queue_ptr->tx_queue_id = 0;
    netx_kernel_wake_all(&queue_of(queue_ptr)->receivers, KERNEL_DELETED);
    netx_kernel_wake_all(&queue_of(queue_ptr)->senders, KERNEL_DELETED);
    return TX_SUCCESS;
}

static size_t message_len(const TX_QUEUE *queue) {
    return queue->tx_queue_message_size * sizeof(ULONG);
}

static UCHAR *place(const TX_QUEUE *queue, UINT nth) {
    UINT position = (queue->tx_queue_first + nth) % queue->tx_queue_capacity;
    return (UCHAR *)queue->tx_queue_start + position * message_len(queue);
}

static void put_in(TX_QUEUE *queue, const void *message) {
    memcpy(place(queue, queue->tx_queue_enqueued), message, message_len(queue));
    queue->tx_queue_enqueued++;
    queue->tx_queue_available_storage--;
}

UINT _tx_queue_send(TX_QUEUE *queue_ptr, VOID *source_ptr, ULONG wait_option) {
    NETX_SERVICE;
    if (!is_queue(queue_ptr))
        return TX_QUEUE_ERROR;
    if (source_ptr == NULL)
        return TX_PTR_ERROR;
    TX_THREAD *receiver = queue_of(queue_ptr)->receivers.first;
    if (receiver != NULL) {
        memcpy(netx_kernel_thread_of(receiver)->what, source_ptr, message_len(queue_ptr));
        netx_kernel_wake_thread(receiver, KERNEL_WOKEN);
        return TX_SUCCESS;
    }
    if (queue_ptr->tx_queue_available_storage == 0)
        return netx_kernel_wait_in_service(&queue_of(queue_ptr)->senders, source_ptr, wait_option,
                                           TX_QUEUE_SUSP, TX_QUEUE_FULL);
    put_in(queue_ptr, source_ptr);
    return TX_SUCCESS;
}

UINT _tx_queue_receive(TX_QUEUE *queue_ptr, VOID *destination_ptr, ULONG wait_option) {
    NETX_SERVICE;
    if (!is_queue(queue_ptr))
        return TX_QUEUE_ERROR;
    if (destination_ptr == NULL)
        return TX_PTR_ERROR;
    if (queue_ptr->tx_queue_enqueued == 0)
        return netx_kernel_wait_in_service(&queue_of(queue_ptr)->receivers, destination_ptr, wait_option,
                                           TX_QUEUE_SUSP, TX_QUEUE_EMPTY);
    memcpy(destination_ptr, place(queue_ptr, 0), message_len(queue_ptr));
    queue_ptr->tx_queue_first = (queue_ptr->tx_queue_first + 1) % queue_ptr->tx_queue_capacity;
    queue_ptr->tx_queue_enqueued--;
    queue_ptr->tx_queue_available_storage++;
    TX_THREAD *sender = queue_of(queue_ptr)->senders.first;
    if (sender != NULL) {
        put_in(queue_ptr, netx_kernel_thread_of(sender)->what);
        netx_kernel_wake_thread(sender, KERNEL_WOKEN);
    }
    return TX_SUCCESS;
}
