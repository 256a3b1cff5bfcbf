/* SPDX-License-Identifier: MIT */
#include "netx/net/net.h"

_Static_assert(sizeof(net_packet) <= sizeof(((NX_PACKET *)0)->nx_packet_host),
               "NX_PACKET has too little room");

bool netx_chain_len(const NX_PACKET *packet, size_t *out_len) {
    *out_len = 0;
    for (; packet != NULL; packet = packet->nx_packet_next) {
        if (!netx_is_well_formed(packet))
            return false;
        *out_len += (size_t)(packet->nx_packet_append_ptr - packet->nx_packet_prepend_ptr);
    }
    return true;
}

/* An empty packet out of the pool; NULL: there is none. */
static NX_PACKET *take(NX_PACKET_POOL *pool, ULONG headroom) {
    NX_PACKET *packet = pool->nx_packet_pool_available_list;
    if (packet == NULL)
        return NULL;
    pool->nx_packet_pool_available_list = packet->nx_packet_queue_next;
    pool->nx_packet_pool_available--;
    packet->nx_packet_queue_next = NULL;
    packet->nx_packet_next = NULL;
    packet->nx_packet_last = NULL;
    packet->nx_packet_length = 0;
    packet->nx_packet_ip_version = 0;
    packet->nx_packet_prepend_ptr = packet->nx_packet_data_start + headroom;
    packet->nx_packet_append_ptr = packet->nx_packet_prepend_ptr;
    *netx_packet_of(packet) = (net_packet){.id = NET_PACKET_ID};
    return packet;
}

NETX_HOT NX_PACKET *netx_take_packet(NX_PACKET_POOL *pool, ULONG headroom) {
    if (!netx_is_pool(pool) || headroom > pool->nx_packet_pool_payload_size)
        return NULL;
    NX_PACKET *packet = take(pool, headroom);
    if (packet == NULL)
        pool->nx_packet_pool_empty_requests++;
    return packet;
}

/* The thread that was woken for a packet has been terminated: the packet is for the next. */
static void wake_next(void *what) {
    NX_PACKET_POOL *pool = what;
    if (netx_is_pool(pool) && pool->nx_packet_pool_available > 0)
        netx_kernel_wake(&netx_pool_of(pool)->waiters, KERNEL_WOKEN);
}

/* Apart, so that who finds one saves no registers. */
static __attribute__((noinline)) UINT wait_and_take(NX_PACKET_POOL *pool, NX_PACKET **out_packet,
                                                    ULONG headroom, ULONG wait_option) {
    uint64_t deadline_ns = netx_kernel_deadline(wait_option);
    pool->nx_packet_pool_empty_requests++;
    while (*out_packet == NULL && wait_option != NX_NO_WAIT) {
        pool->nx_packet_pool_empty_suspensions++;
        netx_kernel_wait_is_for(pool, wake_next);
        kernel_woken woken = netx_kernel_wait(&netx_pool_of(pool)->waiters, deadline_ns, TX_TCP_IP);
        netx_kernel_wait_is_for(NULL, NULL);
        /* Or deleted between its being woken and its turn. */
        if (woken == KERNEL_DELETED || !netx_is_pool(pool))
            return NX_POOL_DELETED;
        if (woken == KERNEL_ABORTED)
            return NX_WAIT_ABORTED;
        if (woken == KERNEL_TIMED_OUT)
            break;
        *out_packet = take(pool, headroom);
    }
    return *out_packet == NULL ? NX_NO_PACKET : NX_SUCCESS;
}

NETX_HOT UINT netx_wait_for_packet(NX_PACKET_POOL *pool, NX_PACKET **out_packet, ULONG headroom,
                                   ULONG wait_option) {
    *out_packet = take(pool, headroom);
    return *out_packet != NULL ? NX_SUCCESS : wait_and_take(pool, out_packet, headroom, wait_option);
}

NETX_HOT UINT _nx_packet_allocate(NX_PACKET_POOL *pool_ptr, NX_PACKET **packet_ptr, ULONG packet_type,
                                  ULONG wait_option) {
    if (packet_ptr == NULL || !netx_is_pool(pool_ptr))
        return NX_PTR_ERROR;
    *packet_ptr = NX_NULL;
    if (packet_type % 4 != 0)
        return NX_OPTION_ERROR;
    if (packet_type > pool_ptr->nx_packet_pool_payload_size)
        return NX_INVALID_PARAMETERS;
    netx_kernel_enter_service();
    UINT answer = netx_wait_for_packet(pool_ptr, packet_ptr, packet_type, wait_option);
    netx_kernel_leave_service();
    return answer;
}

static void give_back(NX_PACKET *packet) {
    NX_PACKET_POOL *pool = packet->nx_packet_pool_owner;
    netx_packet_of(packet)->id = NET_FREE_ID;
    if (!netx_is_pool(pool))
        return;
    packet->nx_packet_queue_next = pool->nx_packet_pool_available_list;
    pool->nx_packet_pool_available_list = packet;
    pool->nx_packet_pool_available++;
    netx_kernel_wake(&netx_pool_of(pool)->waiters, KERNEL_WOKEN);
}

NETX_HOT void netx_discard(NX_PACKET *packet) {
    /* A part that the program has released already is not in the chain any more, nor is what follows it. */
    while (netx_is_packet(packet)) {
        NX_PACKET *next = packet->nx_packet_next;
        give_back(packet);
        packet = next;
    }
}

static UINT release(NX_PACKET *packet) {
    if (!netx_is_packet(packet)) {
        if (netx_packet_of(packet)->id != NET_FREE_ID)
            return NX_PTR_ERROR;
        packet->nx_packet_pool_owner->nx_packet_pool_invalid_releases++;
        return NX_ALREADY_RELEASED;
    }
    if (packet->nx_packet_prepend_ptr < packet->nx_packet_data_start)
        return NX_UNDERFLOW;
    if (packet->nx_packet_append_ptr > packet->nx_packet_data_end)
        return NX_OVERFLOW;
    netx_discard(packet);
    return NX_SUCCESS;
}

NETX_HOT UINT _nx_packet_release(NX_PACKET **packet_ptr_ptr) {
    if (packet_ptr_ptr == NULL || *packet_ptr_ptr == NULL)
        return NX_PTR_ERROR;
    netx_kernel_enter_service();
    UINT answer = release(*packet_ptr_ptr);
    if (answer == NX_SUCCESS)
        *packet_ptr_ptr = NX_NULL;
    netx_kernel_leave_service();
    return answer;
}

/* Fills what is left in the last packet of the chain and goes on in new ones. */
static UINT append(NX_PACKET *packet, const UCHAR *data, ULONG len, NX_PACKET_POOL *pool, ULONG wait_option) {
    NX_PACKET *last = packet->nx_packet_last != NULL ? packet->nx_packet_last : packet;
    for (;;) {
        ULONG room = (ULONG)(last->nx_packet_data_end - last->nx_packet_append_ptr);
        ULONG part = len < room ? len : room;
        memcpy(last->nx_packet_append_ptr, data, part);
        last->nx_packet_append_ptr += part;
        packet->nx_packet_length += part;
        data += part;
        len -= part;
        if (len == 0)
            return NX_SUCCESS;
        NX_PACKET *more;
        UINT status = netx_wait_for_packet(pool, &more, 0, wait_option);
        if (status != NX_SUCCESS)
            return status;
        last->nx_packet_next = more;
        packet->nx_packet_last = more;
        last = more;
    }
}

/* Takes back what an append that failed has added. */
static void shorten(NX_PACKET *packet, NX_PACKET *last, UCHAR *append_ptr, ULONG length) {
    netx_discard(last->nx_packet_next);
    last->nx_packet_next = NULL;
    last->nx_packet_append_ptr = append_ptr;
    packet->nx_packet_last = last == packet ? NULL : last;
    packet->nx_packet_length = length;
}

static UINT append_or_nothing(NX_PACKET *packet, const UCHAR *data, ULONG len, NX_PACKET_POOL *pool,
                              ULONG wait_option) {
    NX_PACKET *last = packet->nx_packet_last != NULL ? packet->nx_packet_last : packet;
    UCHAR *append_ptr = last->nx_packet_append_ptr;
    ULONG length = packet->nx_packet_length;
    UINT status = append(packet, data, len, pool, wait_option);
    if (status != NX_SUCCESS)
        shorten(packet, last, append_ptr, length);
    return status;
}

NETX_HOT UINT _nx_packet_data_append(NX_PACKET *packet_ptr, VOID *data_start, ULONG data_size,
                                     NX_PACKET_POOL *pool_ptr, ULONG wait_option) {
    if (!netx_is_packet(packet_ptr) || data_start == NULL || !netx_is_pool(pool_ptr))
        return NX_PTR_ERROR;
    if (data_size == 0)
        return NX_SIZE_ERROR;
    if (packet_ptr->nx_packet_prepend_ptr < packet_ptr->nx_packet_data_start)
        return NX_UNDERFLOW;
    if (packet_ptr->nx_packet_append_ptr > packet_ptr->nx_packet_data_end)
        return NX_OVERFLOW;
    netx_kernel_enter_service();
    const bool fits =
        packet_ptr->nx_packet_last == NULL &&
        data_size <= (size_t)(packet_ptr->nx_packet_data_end - packet_ptr->nx_packet_append_ptr);
    UINT answer = fits ? netx_append(packet_ptr, data_start, data_size)
                       : append_or_nothing(packet_ptr, data_start, data_size, pool_ptr, wait_option);
    netx_kernel_leave_service();
    return answer;
}

UINT netx_append_chain(NX_PACKET *packet, const void *data, ULONG len) {
    return append_or_nothing(packet, data, len, packet->nx_packet_pool_owner, NX_NO_WAIT);
}

/* Copies up to `len` bytes from `offset` on; answers how many there were. */
static ULONG extract(const NX_PACKET *packet, ULONG offset, UCHAR *out, ULONG len) {
    ULONG copied = 0;
    for (; packet != NULL && copied < len; packet = packet->nx_packet_next) {
        ULONG here = (ULONG)(packet->nx_packet_append_ptr - packet->nx_packet_prepend_ptr);
        if (offset >= here) {
            offset -= here;
            continue;
        }
        ULONG part = here - offset < len - copied ? here - offset : len - copied;
        memcpy(out + copied, packet->nx_packet_prepend_ptr + offset, part);
        copied += part;
        offset = 0;
    }
    return copied;
}

void netx_gather(const NX_PACKET *packet, UCHAR *out) {
    extract(packet, 0, out, packet->nx_packet_length);
}

UINT _nx_packet_data_retrieve(NX_PACKET *packet_ptr, VOID *buffer_start, ULONG *bytes_copied) {
    if (!netx_is_packet(packet_ptr) || !netx_is_well_formed(packet_ptr) || buffer_start == NULL ||
        bytes_copied == NULL)
        return NX_PTR_ERROR;
    *bytes_copied = extract(packet_ptr, 0, buffer_start, packet_ptr->nx_packet_length);
    return NX_SUCCESS;
}

UINT _nx_packet_data_extract_offset(NX_PACKET *packet_ptr, ULONG offset, VOID *buffer_start,
                                    ULONG buffer_length, ULONG *bytes_copied) {
    if (!netx_is_packet(packet_ptr) || !netx_is_well_formed(packet_ptr) || buffer_start == NULL ||
        bytes_copied == NULL)
        return NX_PTR_ERROR;
    *bytes_copied = 0;
    if (offset >= packet_ptr->nx_packet_length)
        return packet_ptr->nx_packet_length == 0 && offset == 0 ? NX_SUCCESS : NX_PACKET_OFFSET_ERROR;
    *bytes_copied = extract(packet_ptr, offset, buffer_start, buffer_length);
    return NX_SUCCESS;
}

UINT _nx_packet_length_get(NX_PACKET *packet_ptr, ULONG *length) {
    if (!netx_is_packet(packet_ptr) || length == NULL)
        return NX_PTR_ERROR;
    *length = packet_ptr->nx_packet_length;
    return NX_SUCCESS;
}

UINT _nx_packet_copy(NX_PACKET *packet_ptr, NX_PACKET **new_packet_ptr, NX_PACKET_POOL *pool_ptr,
                     ULONG wait_option) {
    if (!netx_is_packet(packet_ptr) || !netx_is_well_formed(packet_ptr) || new_packet_ptr == NULL ||
        !netx_is_pool(pool_ptr))
        return NX_PTR_ERROR;
    *new_packet_ptr = NX_NULL;
    if (packet_ptr->nx_packet_length == 0)
        return NX_INVALID_PACKET;
    netx_kernel_enter_service();
    NX_PACKET *copy;
    ULONG headroom = (ULONG)(packet_ptr->nx_packet_prepend_ptr - packet_ptr->nx_packet_data_start);
    if (headroom > pool_ptr->nx_packet_pool_payload_size)
        headroom = 0;
    UINT answer = netx_wait_for_packet(pool_ptr, &copy, headroom, wait_option);
    for (const NX_PACKET *part = packet_ptr; answer == NX_SUCCESS && part != NULL;
         part = part->nx_packet_next) {
        ULONG len = (ULONG)(part->nx_packet_append_ptr - part->nx_packet_prepend_ptr);
        if (len > 0)
            answer = append(copy, part->nx_packet_prepend_ptr, len, pool_ptr, wait_option);
        if (answer != NX_SUCCESS)
            netx_discard(copy);
    }
    if (answer == NX_SUCCESS) {
        copy->nx_packet_ip_version = packet_ptr->nx_packet_ip_version;
        *netx_packet_of(copy) = *netx_packet_of(packet_ptr);
        *new_packet_ptr = copy;
    }
    netx_kernel_leave_service();
    return answer;
}
