/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <string.h>

#include "netx/threadx/kernel.h"

/* In the id of one that is there. */
#define BYTE_POOL_ID 0x42595445u

/* In front of each piece of a pool's memory, used or free; the pieces stand in its order. */
typedef struct byte_piece {
    struct byte_piece *next; /* NULL: the end, which is no piece */
    TX_BYTE_POOL *owner;     /* NULL: free */
} byte_piece;

#define ALIGNMENT 16u
_Static_assert(sizeof(byte_piece) <= ALIGNMENT, "what is allocated stays aligned");
_Static_assert(sizeof(kernel_waiters) <= sizeof(((TX_BYTE_POOL *)0)->tx_byte_pool_host),
               "TX_BYTE_POOL has too little room");

/* What a thread waits for, on its stack. */
typedef struct byte_request {
    ULONG size;
    VOID **memory;
} byte_request;

static kernel_waiters *waiters_of(TX_BYTE_POOL *pool) {
    return (kernel_waiters *)(void *)pool->tx_byte_pool_host;
}

static bool is_pool(const TX_BYTE_POOL *pool) {
    return pool != NULL && pool->tx_byte_pool_id == BYTE_POOL_ID;
}

static byte_piece *piece_behind(byte_piece *piece, ULONG size) {
    return (byte_piece *)(void *)((UCHAR *)piece + ALIGNMENT + size);
}

static ULONG size_of(const byte_piece *piece) {
    return (ULONG)((const UCHAR *)piece->next - (const UCHAR *)piece - ALIGNMENT);
}

UINT _tx_byte_pool_create(TX_BYTE_POOL *pool_ptr, CHAR *name_ptr, VOID *pool_start, ULONG pool_size) {
    if (pool_ptr == NULL || is_pool(pool_ptr))
        return TX_POOL_ERROR;
    if (pool_start == NULL)
        return TX_PTR_ERROR;
    ULONG skipped = (ULONG)(-(uintptr_t)pool_start % ALIGNMENT);
    if (pool_size < skipped + 3 * ALIGNMENT)
        return TX_SIZE_ERROR;
    memset(pool_ptr, 0, sizeof *pool_ptr);
    pool_ptr->tx_byte_pool_id = BYTE_POOL_ID;
    pool_ptr->tx_byte_pool_name = name_ptr;
    waiters_of(pool_ptr)->num = &pool_ptr->tx_byte_pool_suspended_count;
    byte_piece *first = (byte_piece *)(void *)((UCHAR *)pool_start + skipped);
    ULONG whole = (pool_size - skipped) / ALIGNMENT * ALIGNMENT;
    byte_piece *end = piece_behind(first, whole - 2 * ALIGNMENT);
    *end = (byte_piece){NULL, pool_ptr};
    *first = (byte_piece){end, NULL};
    pool_ptr->tx_byte_pool_first = first;
    pool_ptr->tx_byte_pool_available = size_of(first);
    return TX_SUCCESS;
}

UINT _tx_byte_pool_delete(TX_BYTE_POOL *pool_ptr) {
    NETX_SERVICE;
    if (!is_pool(pool_ptr))
        return TX_POOL_ERROR;
    pool_ptr->tx_byte_pool_id = 0;
    netx_kernel_wake_all(waiters_of(pool_ptr), KERNEL_DELETED);
    return TX_SUCCESS;
}

/* Neighbours that are free become one. */
static void join_free_ones(TX_BYTE_POOL *pool, byte_piece *piece) {
    for (; piece->next->owner == NULL; pool->tx_byte_pool_available += ALIGNMENT)
        piece->next = piece->next->next;
}

/* The first piece that is large enough, cut to size. */
static bool take(TX_BYTE_POOL *pool, const byte_request *request) {
    byte_piece *piece = pool->tx_byte_pool_first;
    ULONG size = (request->size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    for (; piece->next != NULL; piece = piece->next) {
        if (piece->owner != NULL)
            continue;
        join_free_ones(pool, piece);
        if (size_of(piece) >= size && size >= request->size)
            break;
    }
    if (piece->next == NULL)
        return false;
    if (size_of(piece) > size + ALIGNMENT) {
        byte_piece *rest = piece_behind(piece, size);
        *rest = (byte_piece){piece->next, NULL};
        piece->next = rest;
        pool->tx_byte_pool_available -= ALIGNMENT;
    }
    piece->owner = pool;
    pool->tx_byte_pool_available -= size_of(piece);
    *request->memory = (UCHAR *)piece + ALIGNMENT;
    return true;
}

UINT _tx_byte_allocate(TX_BYTE_POOL *pool_ptr, VOID **memory_ptr, ULONG memory_size, ULONG wait_option) {
    NETX_SERVICE;
    if (!is_pool(pool_ptr))
        return TX_POOL_ERROR;
    if (memory_ptr == NULL)
        return TX_PTR_ERROR;
    *memory_ptr = NULL;
    if (memory_size == 0)
        return TX_SIZE_ERROR;
    byte_request request = {memory_size, memory_ptr};
    if (waiters_of(pool_ptr)->first == NULL && take(pool_ptr, &request))
        return TX_SUCCESS;
    return netx_kernel_wait_in_service(waiters_of(pool_ptr), &request, wait_option, TX_BYTE_MEMORY,
                                       TX_NO_MEMORY);
}

UINT _tx_byte_release(VOID *memory_ptr) {
    NETX_SERVICE;
    if (memory_ptr == NULL)
        return TX_PTR_ERROR;
    byte_piece *piece = (byte_piece *)(void *)((UCHAR *)memory_ptr - ALIGNMENT);
    TX_BYTE_POOL *pool = piece->owner;
    if (!is_pool(pool))
        return TX_PTR_ERROR;
    piece->owner = NULL;
    pool->tx_byte_pool_available += size_of(piece);
    TX_THREAD *first;
    while ((first = waiters_of(pool)->first) != NULL && take(pool, netx_kernel_thread_of(first)->what))
        netx_kernel_wake_thread(first, KERNEL_WOKEN);
    return TX_SUCCESS;
}
