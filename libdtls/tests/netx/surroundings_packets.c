/* SPDX-License-Identifier: MIT
 *
 * Pools and packets.
 */
#include "surroundings.h"

#define PAYLOAD 64u

static NX_PACKET_POOL made;
static UCHAR memory[1024];
static UCHAR bytes[200];
static ULONG told;
static NX_PACKET_POOL *pool;
static NX_PACKET *taken;

static UINT create(NX_PACKET_POOL *at, ULONG payload, VOID *start, ULONG size) {
    return nx_packet_pool_create(at, NULL, payload, start, size);
}

static NX_PACKET_POOL *no_pool(void) {
    memset(&made, 0, sizeof made);
    return &made;
}

static NX_PACKET_POOL *pool_to_delete(void) {
    CHECK_CODE(create(no_pool(), PAYLOAD, memory, sizeof memory), NX_SUCCESS);
    return &made;
}

/* A pool without packets: `taken` is its only one. */
static NX_PACKET_POOL *empty_pool(void) {
    const ULONG one = (ULONG)sizeof(NX_PACKET) + PAYLOAD + 8;
    CHECK_CODE(create(no_pool(), PAYLOAD, memory, one), NX_SUCCESS);
    CHECK_CODE(nx_packet_allocate(&made, &taken, 0, NX_NO_WAIT), NX_SUCCESS);
    return &made;
}

static void delete_pool(void) {
    CHECK_CODE(nx_packet_pool_delete(&made), NX_SUCCESS);
}

static void release_taken(void) {
    CHECK_CODE(nx_packet_release(taken), NX_SUCCESS);
}

/* A packet of `pool`, which has five, with so much data. */
static NX_PACKET *packet_with(ULONG len) {
    NX_PACKET *packet;
    pool = netx_test_pool(5, PAYLOAD);
    CHECK_CODE(nx_packet_allocate(pool, &packet, 0, NX_NO_WAIT), NX_SUCCESS);
    for (UINT i = 0; i < sizeof bytes; i++)
        bytes[i] = (UCHAR)i;
    if (len > 0)
        CHECK_CODE(nx_packet_data_append(packet, bytes, len, pool, NX_NO_WAIT), NX_SUCCESS);
    return packet;
}

/* Packets that are none. */
static NX_PACKET *released(void) {
    NX_PACKET *packet = packet_with(0);
    NX_PACKET *again = packet;
    CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
    return again;
}

/* Calls with packets whose pointers contradict each other. */
static void spoilt_in_each_way(UINT (*call)(NX_PACKET *packet), UINT expected) {
    NX_PACKET *packet = packet_with(10);
    const NX_PACKET good = *packet;
    packet->nx_packet_prepend_ptr = good.nx_packet_data_start - 1;
    CHECK_CODE(call(packet), expected);
    packet->nx_packet_prepend_ptr = good.nx_packet_append_ptr + 1;
    CHECK_CODE(call(packet), expected);
    *packet = good;
    packet->nx_packet_append_ptr = good.nx_packet_data_end + 1;
    CHECK_CODE(call(packet), expected);
    *packet = good;
    CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
}

/* --- Pools. --- */

ANSWERS(nx_packet_pool_create, NX_SUCCESS, create(no_pool(), PAYLOAD, memory, sizeof memory))
ANSWERS(nx_packet_pool_create, NX_PTR_ERROR, create(no_pool(), PAYLOAD, NX_NULL, sizeof memory))
ROW(nx_packet_pool_create, NX_POOL_ERROR) {
    CHECK_CODE(create(NX_NULL, PAYLOAD, memory, sizeof memory), expected);
    CHECK_CODE(create(pool_to_delete(), PAYLOAD, memory, sizeof memory), expected);
}
ROW(nx_packet_pool_create, NX_SIZE_ERROR) {
    CHECK_CODE(create(no_pool(), 0, memory, sizeof memory), expected);
    CHECK_CODE(create(no_pool(), 0xFFFFFFFF, memory, sizeof memory), expected);
    CHECK_CODE(create(no_pool(), sizeof memory, memory, sizeof memory), expected);
    CHECK_CODE(create(no_pool(), PAYLOAD, memory + 1, 3), expected);
}

ANSWERS(nx_packet_pool_delete, NX_SUCCESS, nx_packet_pool_delete(pool_to_delete()))
ROW(nx_packet_pool_delete, NX_PTR_ERROR) {
    CHECK_CODE(nx_packet_pool_delete(NX_NULL), expected);
    CHECK_CODE(nx_packet_pool_delete(no_pool()), expected);
}

ROW(nx_packet_allocate, NX_SUCCESS) {
    NX_PACKET *packet;
    empty_pool();
    interrupted(release_taken);
    CHECK_CODE(nx_packet_allocate(&made, &packet, PAYLOAD, 9), expected);
    CHECK(netx_test_ticks() == 3 && packet->nx_packet_prepend_ptr == packet->nx_packet_data_end);
}

static UINT answer_outside;

static void allocate_outside(void) {
    NX_PACKET *packet;
    answer_outside = nx_packet_allocate(&made, &packet, 0, NX_WAIT_FOREVER);
}

ROW(nx_packet_allocate, NX_NO_PACKET) {
    NX_PACKET *packet;
    CHECK_CODE(nx_packet_allocate(empty_pool(), &packet, 0, NX_NO_WAIT), expected);
    CHECK_CODE(nx_packet_allocate(&made, &packet, 0, 2), expected);
    CHECK(netx_test_ticks() == 2 && packet == NX_NULL);
    outside_of_threads(allocate_outside); /* where nobody can wait */
    CHECK_CODE(answer_outside, expected);
}

ROW(nx_packet_allocate, NX_POOL_DELETED) {
    NX_PACKET *packet;
    interrupted(delete_pool);
    CHECK_CODE(nx_packet_allocate(empty_pool(), &packet, 0, 9), expected);
}

ROW(nx_packet_allocate, NX_WAIT_ABORTED) {
    NX_PACKET *packet;
    interrupted(abort_it);
    CHECK_CODE(nx_packet_allocate(empty_pool(), &packet, 0, 9), expected);
}

ROW(nx_packet_allocate, NX_PTR_ERROR) {
    NX_PACKET *packet;
    CHECK_CODE(nx_packet_allocate(NX_NULL, &packet, 0, NX_NO_WAIT), expected);
    CHECK_CODE(nx_packet_allocate(no_pool(), &packet, 0, NX_NO_WAIT), expected);
    CHECK_CODE(nx_packet_allocate(netx_test_pool(1, PAYLOAD), NX_NULL, 0, NX_NO_WAIT), expected);
}

ANSWERS(nx_packet_allocate, NX_OPTION_ERROR, nx_packet_allocate(netx_test_pool(1, PAYLOAD), &taken, 2, 0))
ANSWERS(nx_packet_allocate, NX_INVALID_PARAMETERS,
        nx_packet_allocate(netx_test_pool(1, PAYLOAD), &taken, PAYLOAD + 4, NX_NO_WAIT))

/* --- Packets. --- */

static UINT release(NX_PACKET *packet) {
    return nx_packet_release(packet);
}

ANSWERS(nx_packet_release, NX_SUCCESS, release(packet_with(150)))
ANSWERS(nx_packet_release, NX_ALREADY_RELEASED, release(released()))
ROW(nx_packet_release, NX_PTR_ERROR) {
    CHECK_CODE(_nx_packet_release(NX_NULL), expected);
    CHECK_CODE(release(NX_NULL), expected);
    CHECK_CODE(release(netx_test_memory(sizeof(NX_PACKET))), expected);
}

/* With its data before its payload, and behind it; then as it was. */
static void under_and_over(NX_PACKET *packet, UINT (*call)(NX_PACKET *packet), UINT under, UINT over) {
    packet->nx_packet_prepend_ptr = packet->nx_packet_data_start - 1;
    CHECK_CODE(call(packet), under);
    packet->nx_packet_prepend_ptr = packet->nx_packet_data_start;
    packet->nx_packet_append_ptr = packet->nx_packet_data_end + 1;
    CHECK_CODE(call(packet), over);
    packet->nx_packet_append_ptr = packet->nx_packet_data_start;
    CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
}

ROW(nx_packet_release, NX_UNDERFLOW) {
    under_and_over(packet_with(0), release, expected, NX_OVERFLOW);
}
ROW(nx_packet_release, NX_OVERFLOW) {
    under_and_over(packet_with(0), release, NX_UNDERFLOW, expected);
}

static UINT append(NX_PACKET *packet) {
    return nx_packet_data_append(packet, bytes, 1, pool, NX_NO_WAIT);
}

ROW(nx_packet_data_append, NX_SUCCESS) {
    NX_PACKET *packet = packet_with(0);
    CHECK_CODE(nx_packet_data_append(packet, bytes, 150, pool, NX_NO_WAIT), expected);
    CHECK(packet->nx_packet_length == 150 && pool->nx_packet_pool_available == 2);
    CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
}

/* What failed has added nothing. */
static void append_too_much(ULONG wait_option, UINT expected) {
    NX_PACKET *packet = packet_with(100);
    CHECK_CODE(nx_packet_data_append(packet, bytes, 100, &made, wait_option), expected);
    CHECK(packet->nx_packet_length == 100 && packet->nx_packet_next->nx_packet_next == NULL);
    CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
}

ROW(nx_packet_data_append, NX_NO_PACKET) {
    empty_pool();
    append_too_much(NX_NO_WAIT, expected);
    append_too_much(2, expected);
    CHECK(netx_test_ticks() == 2);
}

ROW(nx_packet_data_append, NX_POOL_DELETED) {
    empty_pool();
    interrupted(delete_pool);
    append_too_much(9, expected);
}

ROW(nx_packet_data_append, NX_WAIT_ABORTED) {
    empty_pool();
    interrupted(abort_it);
    append_too_much(9, expected);
}

ROW(nx_packet_data_append, NX_PTR_ERROR) {
    NX_PACKET *none = released();
    CHECK_CODE(append(NX_NULL), expected);
    CHECK_CODE(append(none), expected);
    NX_PACKET *packet = packet_with(0);
    CHECK_CODE(nx_packet_data_append(packet, NX_NULL, 1, pool, NX_NO_WAIT), expected);
    CHECK_CODE(nx_packet_data_append(packet, bytes, 1, no_pool(), NX_NO_WAIT), expected);
    CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
}

ROW(nx_packet_data_append, NX_SIZE_ERROR) {
    NX_PACKET *packet = packet_with(0);
    CHECK_CODE(nx_packet_data_append(packet, bytes, 0, pool, NX_NO_WAIT), expected);
    CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
}

ROW(nx_packet_data_append, NX_UNDERFLOW) {
    under_and_over(packet_with(0), append, expected, NX_OVERFLOW);
}
ROW(nx_packet_data_append, NX_OVERFLOW) {
    under_and_over(packet_with(0), append, NX_UNDERFLOW, expected);
}

static UINT retrieve(NX_PACKET *packet) {
    return nx_packet_data_retrieve(packet, bytes, &told);
}

ROW(nx_packet_data_retrieve, NX_SUCCESS) {
    NX_PACKET *packet = packet_with(150);
    memset(bytes, 0, sizeof bytes);
    CHECK_CODE(retrieve(packet), expected);
    CHECK(told == 150 && bytes[149] == 149);
    CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
}

ROW(nx_packet_data_retrieve, NX_PTR_ERROR) {
    CHECK_CODE(retrieve(released()), expected);
    spoilt_in_each_way(retrieve, expected);
    NX_PACKET *packet = packet_with(1);
    CHECK_CODE(nx_packet_data_retrieve(packet, NX_NULL, &told), expected);
    CHECK_CODE(nx_packet_data_retrieve(packet, bytes, NX_NULL), expected);
    CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
}

static UINT extract(NX_PACKET *packet) {
    return nx_packet_data_extract_offset(packet, 0, bytes, 10, &told);
}

ROW(nx_packet_data_extract_offset, NX_SUCCESS) {
    NX_PACKET *packet = packet_with(150);
    memset(bytes, 0, sizeof bytes);
    CHECK_CODE(nx_packet_data_extract_offset(packet, 60, bytes, 100, &told), expected);
    CHECK(told == 90 && bytes[0] == 60 && bytes[89] == 149);
    CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
    packet = packet_with(0); /* of nothing, nothing */
    CHECK_CODE(extract(packet), expected);
    CHECK(told == 0);
    CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
}

ROW(nx_packet_data_extract_offset, NX_PACKET_OFFSET_ERROR) {
    NX_PACKET *packet = packet_with(0);
    CHECK_CODE(nx_packet_data_extract_offset(packet, 1, bytes, 1, &told), expected);
    CHECK_CODE(nx_packet_data_append(packet, bytes, 5, pool, NX_NO_WAIT), NX_SUCCESS);
    CHECK_CODE(nx_packet_data_extract_offset(packet, 5, bytes, 1, &told), expected);
    CHECK(told == 0);
    CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
}

ROW(nx_packet_data_extract_offset, NX_PTR_ERROR) {
    CHECK_CODE(extract(released()), expected);
    spoilt_in_each_way(extract, expected);
    NX_PACKET *packet = packet_with(1);
    CHECK_CODE(nx_packet_data_extract_offset(packet, 0, NX_NULL, 1, &told), expected);
    CHECK_CODE(nx_packet_data_extract_offset(packet, 0, bytes, 1, NX_NULL), expected);
    CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
}

ROW(nx_packet_length_get, NX_SUCCESS) {
    NX_PACKET *packet = packet_with(150);
    CHECK_CODE(nx_packet_length_get(packet, &told), expected);
    CHECK(told == 150);
    CHECK_CODE(nx_packet_length_get(packet, NX_NULL), NX_PTR_ERROR);
    CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
}
ANSWERS(nx_packet_length_get, NX_PTR_ERROR, nx_packet_length_get(released(), &told))

static UINT copy(NX_PACKET *packet) {
    NX_PACKET *copied;
    UINT answer = nx_packet_copy(packet, &copied, pool, NX_NO_WAIT);
    if (answer == NX_SUCCESS)
        CHECK_CODE(nx_packet_release(copied), NX_SUCCESS);
    return answer;
}

/* Of a chain, one of whose parts is empty; the other pool's packets have no room for its headroom. */
ROW(nx_packet_copy, NX_SUCCESS) {
    NX_PACKET *copied;
    NX_PACKET *packet = packet_with(100);
    NX_PACKET_POOL *small = netx_test_pool(30, 8);
    packet->nx_packet_prepend_ptr = packet->nx_packet_append_ptr;
    packet->nx_packet_length = 100 - PAYLOAD;
    CHECK_CODE(nx_packet_copy(packet, &copied, small, NX_NO_WAIT), expected);
    CHECK_CODE(retrieve(copied), NX_SUCCESS);
    CHECK(told == 100 - PAYLOAD && bytes[0] == PAYLOAD);
    CHECK_CODE(copy(packet), expected);
    CHECK_CODE(nx_packet_release(copied), NX_SUCCESS);
    CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
}

static void copy_into_made(ULONG wait_option, UINT expected) {
    NX_PACKET *copied;
    NX_PACKET *packet = packet_with(10);
    CHECK_CODE(nx_packet_copy(packet, &copied, &made, wait_option), expected);
    CHECK(copied == NX_NULL);
    CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
}

ROW(nx_packet_copy, NX_NO_PACKET) {
    empty_pool();
    copy_into_made(NX_NO_WAIT, expected);
    copy_into_made(2, expected);
    NX_PACKET *packet = packet_with(200); /* four of five; one is not enough for a copy, and is given back */
    CHECK_CODE(copy(packet), expected);
    CHECK(pool->nx_packet_pool_available == 1);
    CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
}

ROW(nx_packet_copy, NX_POOL_DELETED) {
    empty_pool();
    interrupted(delete_pool);
    copy_into_made(9, expected);
}

ROW(nx_packet_copy, NX_WAIT_ABORTED) {
    empty_pool();
    interrupted(abort_it);
    copy_into_made(9, expected);
}

ROW(nx_packet_copy, NX_INVALID_PACKET) {
    NX_PACKET *packet = packet_with(0);
    CHECK_CODE(copy(packet), expected);
    CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
}

ROW(nx_packet_copy, NX_PTR_ERROR) {
    NX_PACKET *copied;
    CHECK_CODE(copy(released()), expected);
    spoilt_in_each_way(copy, expected);
    NX_PACKET *packet = packet_with(1);
    CHECK_CODE(nx_packet_copy(packet, NX_NULL, pool, NX_NO_WAIT), expected);
    CHECK_CODE(nx_packet_copy(packet, &copied, no_pool(), NX_NO_WAIT), expected);
    CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
}
