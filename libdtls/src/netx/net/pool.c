/* SPDX-License-Identifier: MIT */
#include "netx/net/net.h"

_Static_assert(sizeof(net_pool) <= sizeof(((NX_PACKET_POOL *)0)->nx_packet_pool_host),
               "NX_PACKET_POOL has too little room");

#define ALIGNMENT ((ULONG) _Alignof(NX_PACKET))

VOID _nx_system_initialize(VOID) {
}

/* Cuts the memory into packets, the first at the lowest address. */
static void cut(NX_PACKET_POOL *pool, UCHAR *at, ULONG stride) {
    NX_PACKET **place = &pool->nx_packet_pool_available_list;
    for (ULONG i = 0; i < pool->nx_packet_pool_total; i++, at += stride) {
        NX_PACKET *packet = (NX_PACKET *)(void *)at;
        memset(packet, 0, sizeof *packet);
        packet->nx_packet_pool_owner = pool;
        packet->nx_packet_data_start = at + sizeof *packet;
        packet->nx_packet_data_end = packet->nx_packet_data_start + pool->nx_packet_pool_payload_size;
        netx_packet_of(packet)->id = NET_FREE_ID;
        *place = packet;
        place = &packet->nx_packet_queue_next;
    }
}

UINT _nx_packet_pool_create(NX_PACKET_POOL *pool_ptr, CHAR *name, ULONG payload_size, VOID *pool_start,
                            ULONG pool_size) {
    if (pool_ptr == NULL || netx_is_pool(pool_ptr))
        return NX_POOL_ERROR;
    if (pool_start == NULL)
        return NX_PTR_ERROR;
    ULONG skipped = (ULONG)(-(uintptr_t)pool_start % ALIGNMENT);
    ULONG payload = payload_size + (ULONG)(-payload_size % ALIGNMENT);
    ULONG64 stride = (ULONG64)sizeof(NX_PACKET) + payload;
    if (payload_size == 0 || payload < payload_size || pool_size < skipped || pool_size - skipped < stride)
        return NX_SIZE_ERROR;
    memset(pool_ptr, 0, sizeof *pool_ptr);
    pool_ptr->nx_packet_pool_id = NET_POOL_ID;
    pool_ptr->nx_packet_pool_name = name;
    pool_ptr->nx_packet_pool_start = pool_start;
    pool_ptr->nx_packet_pool_size = pool_size;
    pool_ptr->nx_packet_pool_payload_size = payload;
    pool_ptr->nx_packet_pool_total = (ULONG)((pool_size - skipped) / stride);
    pool_ptr->nx_packet_pool_available = pool_ptr->nx_packet_pool_total;
    cut(pool_ptr, (UCHAR *)pool_start + skipped, (ULONG)stride);
    return NX_SUCCESS;
}

UINT _nx_packet_pool_delete(NX_PACKET_POOL *pool_ptr) {
    netx_kernel_enter_service();
    UINT answer = NX_PTR_ERROR;
    if (netx_is_pool(pool_ptr)) {
        pool_ptr->nx_packet_pool_id = 0;
        netx_kernel_wake_all(&netx_pool_of(pool_ptr)->waiters, KERNEL_DELETED);
        answer = NX_SUCCESS;
    }
    netx_kernel_leave_service();
    return answer;
}
