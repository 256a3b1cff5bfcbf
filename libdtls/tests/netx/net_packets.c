/* SPDX-License-Identifier: MIT
 *
 * Packets and pools.
 */
#include "support.h"

#define PAYLOAD 64u

static NX_PACKET_POOL *pool;
static NX_PACKET *got;
static UINT answer;

static void no_pools_of_nothing(void) {
    static NX_PACKET_POOL made;
    static UCHAR memory[1024 + 1];
    memset(&made, 0, sizeof made);
    CHECK_CODE(nx_packet_pool_create(NULL, NULL, 64, memory, 1024), NX_POOL_ERROR);
    CHECK_CODE(nx_packet_pool_create(&made, NULL, 64, NULL, 1024), NX_PTR_ERROR);
    CHECK_CODE(nx_packet_pool_create(&made, NULL, 0, memory, 1024), NX_SIZE_ERROR);
    CHECK_CODE(nx_packet_pool_create(&made, NULL, 0xFFFFFFFF, memory, 1024), NX_SIZE_ERROR);
    CHECK_CODE(nx_packet_pool_create(&made, NULL, 1024, memory, 1024), NX_SIZE_ERROR);
    CHECK_CODE(nx_packet_pool_create(&made, NULL, 64, memory, 3), NX_SIZE_ERROR);
    /* Unaligned memory, and a payload that is no multiple of anything. */
    CHECK_CODE(nx_packet_pool_create(&made, NULL, 61, memory + 1, 1024), NX_SUCCESS);
    CHECK(made.nx_packet_pool_payload_size == 64);
    CHECK(made.nx_packet_pool_total >= 1020 / (64 + sizeof(NX_PACKET)));
    CHECK_CODE(nx_packet_pool_create(&made, NULL, 64, memory, 1024), NX_POOL_ERROR);
    CHECK_CODE(nx_packet_pool_delete(&made), NX_SUCCESS);
    CHECK_CODE(nx_packet_pool_delete(&made), NX_PTR_ERROR);
    CHECK_CODE(nx_packet_pool_delete(NULL), NX_PTR_ERROR);
    CHECK_CODE(nx_packet_allocate(&made, &got, 0, 0), NX_PTR_ERROR);
}

static void allocated_and_released(void) {
    NX_PACKET *packet;
    pool = netx_test_pool(2, PAYLOAD);
    CHECK_CODE(nx_packet_allocate(pool, NULL, 0, 0), NX_PTR_ERROR);
    CHECK_CODE(nx_packet_allocate(NULL, &packet, 0, 0), NX_PTR_ERROR);
    CHECK_CODE(nx_packet_allocate(pool, &packet, 3, 0), NX_OPTION_ERROR);
    CHECK_CODE(nx_packet_allocate(pool, &packet, PAYLOAD + 4, 0), NX_INVALID_PARAMETERS);
    CHECK(packet == NULL);
    CHECK_CODE(nx_packet_allocate(pool, &packet, NX_IPv4_UDP_PACKET, NX_NO_WAIT), NX_SUCCESS);
    CHECK(packet->nx_packet_prepend_ptr - packet->nx_packet_data_start == NX_IPv4_UDP_PACKET);
    CHECK(pool->nx_packet_pool_available == 1);
    NX_PACKET *again = packet;
    CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
    CHECK(packet == NULL);
    CHECK_CODE(nx_packet_release(packet), NX_PTR_ERROR);
    CHECK_CODE(_nx_packet_release(NULL), NX_PTR_ERROR);
    CHECK_CODE(nx_packet_release(again), NX_ALREADY_RELEASED);
    CHECK(pool->nx_packet_pool_invalid_releases == 1);
    static NX_PACKET foreign;
    NX_PACKET *stranger = &foreign;
    CHECK_CODE(nx_packet_release(stranger), NX_PTR_ERROR);
}

static void spoilt_packets_are_not_taken(void) {
    NX_PACKET *packet;
    ULONG copied;
    UCHAR bytes[8] = {0};
    pool = netx_test_pool(1, PAYLOAD);
    CHECK_CODE(nx_packet_allocate(pool, &packet, 0, 0), NX_SUCCESS);
    packet->nx_packet_prepend_ptr--;
    CHECK_CODE(nx_packet_data_append(packet, bytes, 1, pool, 0), NX_UNDERFLOW);
    CHECK_CODE(nx_packet_release(packet), NX_UNDERFLOW);
    CHECK_CODE(nx_packet_data_retrieve(packet, bytes, &copied), NX_PTR_ERROR);
    packet->nx_packet_prepend_ptr++;
    packet->nx_packet_append_ptr += PAYLOAD + 1;
    CHECK_CODE(nx_packet_data_append(packet, bytes, 1, pool, 0), NX_OVERFLOW);
    CHECK_CODE(nx_packet_release(packet), NX_OVERFLOW);
    packet->nx_packet_append_ptr -= PAYLOAD + 1;
    CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
}

static void chains(void) {
    UCHAR bytes[150];
    UCHAR back[150];
    NX_PACKET *packet;
    NX_PACKET *copy;
    ULONG length;
    for (unsigned i = 0; i < sizeof bytes; i++)
        bytes[i] = (UCHAR)i;
    pool = netx_test_pool(6, PAYLOAD);
    CHECK_CODE(nx_packet_allocate(pool, &packet, 16, 0), NX_SUCCESS);
    CHECK_CODE(nx_packet_data_append(packet, NULL, 1, pool, 0), NX_PTR_ERROR);
    CHECK_CODE(nx_packet_data_append(packet, bytes, 0, pool, 0), NX_SIZE_ERROR);
    CHECK_CODE(nx_packet_data_append(packet, bytes, 1, NULL, 0), NX_PTR_ERROR);
    CHECK_CODE(nx_packet_copy(packet, &copy, pool, 0), NX_INVALID_PACKET); /* of nothing */
    CHECK_CODE(nx_packet_data_append(packet, bytes, 100, pool, 0), NX_SUCCESS);
    CHECK_CODE(nx_packet_data_append(packet, bytes + 100, 50, pool, 0), NX_SUCCESS);
    CHECK(pool->nx_packet_pool_available == 3 && packet->nx_packet_next != NULL);
    CHECK_CODE(nx_packet_length_get(packet, &length), NX_SUCCESS);
    CHECK(length == sizeof bytes);
    CHECK_CODE(nx_packet_data_retrieve(packet, back, &length), NX_SUCCESS);
    CHECK(length == sizeof bytes && memcmp(bytes, back, sizeof bytes) == 0);
    CHECK_CODE(nx_packet_data_extract_offset(packet, 90, back, 20, &length), NX_SUCCESS);
    CHECK(length == 20 && memcmp(bytes + 90, back, 20) == 0);
    CHECK_CODE(nx_packet_data_extract_offset(packet, 140, back, 20, &length), NX_SUCCESS);
    CHECK(length == 10);
    CHECK_CODE(nx_packet_data_extract_offset(packet, 150, back, 20, &length), NX_PACKET_OFFSET_ERROR);
    CHECK_CODE(nx_packet_data_extract_offset(packet, 0, NULL, 20, &length), NX_PTR_ERROR);
    CHECK_CODE(nx_packet_data_retrieve(packet, back, NULL), NX_PTR_ERROR);
    CHECK_CODE(nx_packet_length_get(NULL, &length), NX_PTR_ERROR);
    /* What there is no room for is not appended in part. */
    CHECK_CODE(nx_packet_data_append(packet, bytes, 150, pool, NX_NO_WAIT), NX_SUCCESS);
    CHECK_CODE(nx_packet_data_append(packet, bytes, 150, pool, NX_NO_WAIT), NX_NO_PACKET);
    CHECK(packet->nx_packet_length == 300 && pool->nx_packet_pool_available == 1);
    CHECK_CODE(nx_packet_copy(packet, &copy, pool, NX_NO_WAIT), NX_NO_PACKET);
    CHECK(copy == NULL && pool->nx_packet_pool_available == 1);
    NX_PACKET_POOL *larger = netx_test_pool(1, 400);
    CHECK_CODE(nx_packet_copy(packet, &copy, larger, NX_NO_WAIT), NX_SUCCESS);
    CHECK(copy->nx_packet_next == NULL && copy->nx_packet_length == 300);
    CHECK_CODE(nx_packet_copy(packet, NULL, larger, NX_NO_WAIT), NX_PTR_ERROR);
    CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
    CHECK_CODE(nx_packet_release(copy), NX_SUCCESS);
    CHECK(pool->nx_packet_pool_available == 6);
}

static VOID want(ULONG wait_option) {
    answer = nx_packet_allocate(pool, &got, 0, wait_option);
}

static void waited_for(void) {
    NX_PACKET *packet;
    pool = netx_test_pool(1, PAYLOAD);
    CHECK_CODE(nx_packet_allocate(pool, &packet, 0, 0), NX_SUCCESS);
    ULONG began = netx_test_ticks();
    CHECK_CODE(nx_packet_allocate(pool, &got, 0, 9), NX_NO_PACKET);
    CHECK(netx_test_ticks() - began == 9);
    CHECK(pool->nx_packet_pool_empty_requests == 1 && pool->nx_packet_pool_empty_suspensions == 1);
    netx_test_thread(3, want, NX_WAIT_FOREVER);
    CHECK_CODE(nx_packet_release(packet), NX_SUCCESS); /* it runs at once */
    CHECK_CODE(answer, NX_SUCCESS);
    CHECK(pool->nx_packet_pool_available == 0);
    packet = got;
    TX_THREAD *aborted = netx_test_thread(3, want, 100);
    CHECK_CODE(tx_thread_wait_abort(aborted), TX_SUCCESS);
    CHECK_CODE(answer, NX_WAIT_ABORTED);
    netx_test_thread(3, want, NX_WAIT_FOREVER);
    CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
    CHECK_CODE(answer, NX_SUCCESS);
    CHECK_CODE(nx_packet_release(got), NX_SUCCESS);
}

static void deleted_with_waiters(void) {
    static NX_PACKET_POOL small;
    static UCHAR memory[sizeof(NX_PACKET) + PAYLOAD + 16];
    memset(&small, 0, sizeof small);
    pool = &small;
    CHECK_CODE(nx_packet_pool_create(&small, NULL, PAYLOAD, memory, sizeof memory), NX_SUCCESS);
    NX_PACKET *packet;
    CHECK_CODE(nx_packet_allocate(&small, &packet, 0, 0), NX_SUCCESS);
    netx_test_thread(3, want, NX_WAIT_FOREVER);
    CHECK_CODE(nx_packet_pool_delete(&small), NX_SUCCESS);
    CHECK_CODE(answer, NX_POOL_DELETED);
}

/* The first part of a chain has room that is not at the chain's end, which goes on in the pool that is named.
 */
static void appended_to_a_chain(void) {
    static UCHAR bytes[128];
    NX_PACKET_POOL *few = netx_test_pool(2, 64);
    NX_PACKET_POOL *more = netx_test_pool(1, 64);
    NX_PACKET *packet;
    CHECK_CODE(nx_packet_allocate(few, &packet, 0, 0), NX_SUCCESS);
    CHECK_CODE(nx_packet_data_append(packet, bytes, sizeof bytes, few, 0), NX_SUCCESS);
    packet->nx_packet_append_ptr -= 32;
    packet->nx_packet_length -= 32;
    CHECK_CODE(nx_packet_data_append(packet, bytes, 20, more, 0), NX_SUCCESS);
    CHECK(packet->nx_packet_length == 116 && more->nx_packet_pool_available == 0);
    CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
}

#define TEST(body)                                                                                           \
    static void test_##body(void **state) {                                                                  \
        (void)state;                                                                                         \
        netx_test_run(body);                                                                                 \
    }

TEST(no_pools_of_nothing)
TEST(allocated_and_released)
TEST(spoilt_packets_are_not_taken)
TEST(chains)
TEST(appended_to_a_chain)
TEST(waited_for)
TEST(deleted_with_waiters)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_pools_of_nothing),          cmocka_unit_test(test_allocated_and_released),
        cmocka_unit_test(test_spoilt_packets_are_not_taken), cmocka_unit_test(test_chains),
        cmocka_unit_test(test_appended_to_a_chain),          cmocka_unit_test(test_waited_for),
        cmocka_unit_test(test_deleted_with_waiters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
