/* SPDX-License-Identifier: MIT
 *
 * Packets and blocks that a program has spoilt, or whose parts are not there any more: they are refused, and
 * nothing beyond them is read or written.
 */
#include "net_world.h"

/* --- Packets. --- */

static NX_PACKET *chain_of(NX_IP *ip) {
    static UCHAR bytes[2000];
    NX_PACKET *packet = packet_of(ip, "");
    CHECK_CODE(nx_packet_data_append(packet, bytes, sizeof bytes, ip->nx_ip_default_packet_pool, 0),
               NX_SUCCESS);
    CHECK(packet->nx_packet_next != NULL);
    return packet;
}

static void a_length_that_the_data_does_not_have(void) {
    make_two();
    NX_PACKET *packet = packet_of(alice, "text");
    const ULONG lengths[] = {3, 5, 0, 1000};
    for (UINT i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        packet->nx_packet_length = lengths[i];
        CHECK_CODE(nxd_udp_socket_send(&of_alice, packet, &bob_at, PORT), NX_INVALID_PACKET);
    }
    packet->nx_packet_length = 4;
    CHECK_CODE(nxd_udp_socket_send(&of_alice, packet, &bob_at, PORT), NX_SUCCESS);
    expect_text(&of_bob, "text");
    packet = chain_of(alice);
    packet->nx_packet_length++;
    CHECK_CODE(nxd_udp_socket_send(&of_alice, packet, &bob_at, PORT), NX_INVALID_PACKET);
    packet->nx_packet_length--;
    UCHAR *end = packet->nx_packet_next->nx_packet_append_ptr;
    packet->nx_packet_next->nx_packet_append_ptr = packet->nx_packet_next->nx_packet_prepend_ptr - 1;
    CHECK_CODE(nxd_udp_socket_send(&of_alice, packet, &bob_at, PORT), NX_INVALID_PACKET);
    packet->nx_packet_next->nx_packet_append_ptr = end;
    CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
    unmake_two();
}

static ULONG length_of_next;

static VOID change_length(NX_IP *ip, NX_PACKET *packet) {
    packet->nx_packet_length = length_of_next;
    _nx_udp_packet_receive(ip, packet);
}

static void a_filter_that_leaves_a_wrong_length(void) {
    make_two();
    bob->nx_ip_udp_packet_receive = change_length;
    const ULONG lengths[] = {0, 7, 13, 0xFFFFFFFFu};
    for (UINT i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        length_of_next = lengths[i];
        send_text(&of_alice, bob_at, PORT, "text");
        CHECK(of_bob.nx_udp_socket_receive_count == 0);
    }
    length_of_next = 12;
    send_text(&of_alice, bob_at, PORT, "text");
    expect_text(&of_bob, "text");
    unmake_two();
}

static void a_chain_of_which_a_part_is_released_already(void) {
    make_two();
    NX_PACKET *packet = chain_of(alice);
    NX_PACKET_POOL *pool = packet->nx_packet_pool_owner;
    NX_PACKET *part = packet->nx_packet_next;
    CHECK_CODE(nx_packet_release(part), NX_SUCCESS);
    CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
    CHECK(pool->nx_packet_pool_available == pool->nx_packet_pool_total);
    /* Each packet can be had once. */
    NX_PACKET *taken[64];
    for (UINT i = 0; i < pool->nx_packet_pool_total; i++)
        CHECK_CODE(nx_packet_allocate(pool, &taken[i], 0, NX_NO_WAIT), NX_SUCCESS);
    CHECK(pool->nx_packet_pool_available_list == NULL);
    for (UINT i = 0; i < pool->nx_packet_pool_total; i++)
        CHECK_CODE(nx_packet_release(taken[i]), NX_SUCCESS);
    unmake_two();
}

static void a_packet_whose_pool_is_gone(void) {
    static NX_PACKET_POOL pool;
    static UCHAR memory[1024];
    NX_PACKET *packet;
    memset(&pool, 0, sizeof pool);
    CHECK_CODE(nx_packet_pool_create(&pool, NULL, 64, memory, sizeof memory), NX_SUCCESS);
    CHECK_CODE(nx_packet_allocate(&pool, &packet, 0, 0), NX_SUCCESS);
    CHECK_CODE(nx_packet_pool_delete(&pool), NX_SUCCESS);
    memset(&pool, 0xA5, sizeof pool);
    NX_PACKET_POOL was = pool;
    CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
    CHECK(memcmp(&pool, &was, sizeof pool) == 0);
}

/* --- Blocks. --- */

static NX_PACKET_POOL *empty_pool;
static NX_PACKET *got[2];
static UINT answers[2];

static VOID want_packet(ULONG which) {
    answers[which] = nx_packet_allocate(empty_pool, &got[which], 0, 500);
}

static void a_thread_that_goes_when_it_has_a_packet(void) {
    NX_PACKET *packet;
    empty_pool = netx_test_pool(1, 64);
    CHECK_CODE(nx_packet_allocate(empty_pool, &packet, 0, NX_NO_WAIT), NX_SUCCESS);
    TX_THREAD *first = netx_test_thread(NETX_TEST_PRIORITY + 1, want_packet, 0);
    netx_test_thread(NETX_TEST_PRIORITY + 1, want_packet, 1);
    tx_thread_sleep(1);
    ULONG began = netx_test_ticks();
    CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
    CHECK_CODE(tx_thread_terminate(first), TX_SUCCESS);
    tx_thread_sleep(1);
    CHECK_CODE(answers[1], NX_SUCCESS);
    CHECK(got[1] != NULL && netx_test_ticks() - began == 1);
    CHECK_CODE(nx_packet_release(got[1]), NX_SUCCESS);
}

static NX_PACKET *received[2];

static VOID want_datagram(ULONG which) {
    answers[which] = nx_udp_socket_receive(&of_bob, &received[which], 500);
}

static void a_thread_that_goes_when_it_has_a_datagram(void) {
    make_two();
    TX_THREAD *first = netx_test_thread(NETX_TEST_PRIORITY + 1, want_datagram, 0);
    netx_test_thread(NETX_TEST_PRIORITY + 1, want_datagram, 1);
    tx_thread_sleep(1);
    ULONG began = netx_test_ticks();
    send_text(&of_alice, bob_at, PORT, "text");
    CHECK_CODE(tx_thread_terminate(first), TX_SUCCESS);
    tx_thread_sleep(1);
    CHECK_CODE(answers[1], NX_SUCCESS);
    CHECK(received[1] != NULL && netx_test_ticks() - began == 1);
    CHECK_CODE(nx_packet_release(received[1]), NX_SUCCESS);
    unmake_two();
}

static void a_socket_that_goes_when_it_has_a_datagram(void) {
    make_two();
    answers[0] = NX_SUCCESS;
    netx_test_thread(NETX_TEST_PRIORITY + 1, want_datagram, 0);
    tx_thread_sleep(1);
    send_text(&of_alice, bob_at, PORT, "text");
    CHECK_CODE(nx_udp_socket_unbind(&of_bob), NX_SUCCESS);
    tx_thread_sleep(1);
    CHECK_CODE(answers[0], NX_NOT_BOUND);
    CHECK(received[0] == NULL);
    CHECK_CODE(nx_udp_socket_bind(&of_bob, PORT, NX_NO_WAIT), NX_SUCCESS);
    unmake_two();
}

static void a_pool_that_goes_when_it_has_a_packet(void) {
    static NX_PACKET_POOL pool;
    static UCHAR memory[sizeof(NX_PACKET) + 64 + 16];
    NX_PACKET *packet;
    memset(&pool, 0, sizeof pool);
    empty_pool = &pool;
    CHECK_CODE(nx_packet_pool_create(&pool, NULL, 64, memory, sizeof memory), NX_SUCCESS);
    CHECK_CODE(nx_packet_allocate(&pool, &packet, 0, NX_NO_WAIT), NX_SUCCESS);
    netx_test_thread(NETX_TEST_PRIORITY + 1, want_packet, 0);
    tx_thread_sleep(1);
    CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
    CHECK_CODE(nx_packet_pool_delete(&pool), NX_SUCCESS);
    tx_thread_sleep(1);
    CHECK_CODE(answers[0], NX_POOL_DELETED);
    CHECK(got[0] == NULL);
}

static void a_socket_whose_host_is_gone(VOID (*driver)(NX_IP_DRIVER *)) {
    NX_IP *ip = netx_test_memory(sizeof *ip);
    NX_UDP_SOCKET *socket = netx_test_memory(sizeof *socket);
    CHECK_CODE(nx_ip_create(ip, NULL, IP_ADDRESS(127, 0, 0, 1), 0xFF000000u, netx_test_pool(4, 256), driver,
                            NULL, 0, 1),
               NX_SUCCESS);
    CHECK_CODE(nx_udp_enable(ip), NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_create(ip, socket, NULL, 0, 0, 0x80, 4), NX_SUCCESS);
    CHECK_CODE(nx_ip_delete(ip), NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_bind(socket, NX_ANY_PORT, NX_NO_WAIT), NX_PTR_ERROR);
    CHECK_CODE(nx_udp_socket_delete(socket), NX_SUCCESS);
}

/* Each has been woken for what is garbage when it is terminated. */
static void threads_that_go_when_all_is_gone(void) {
    static NX_PACKET_POOL pool;
    static UCHAR memory[sizeof(NX_PACKET) + 64 + 16];
    NX_PACKET *packet;
    make_two();
    memset(&pool, 0, sizeof pool);
    empty_pool = &pool;
    CHECK_CODE(nx_packet_pool_create(&pool, NULL, 64, memory, sizeof memory), NX_SUCCESS);
    CHECK_CODE(nx_packet_allocate(&pool, &packet, 0, NX_NO_WAIT), NX_SUCCESS);
    TX_THREAD *of_pool = netx_test_thread(NETX_TEST_PRIORITY + 1, want_packet, 0);
    TX_THREAD *of_socket = netx_test_thread(NETX_TEST_PRIORITY + 1, want_datagram, 0);
    tx_thread_sleep(1);
    CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
    CHECK_CODE(nx_packet_pool_delete(&pool), NX_SUCCESS);
    memset(&pool, 0xA5, sizeof pool);
    send_text(&of_alice, bob_at, PORT, "text");
    unmake_two();
    memset(&of_bob, 0xA5, sizeof of_bob);
    CHECK_CODE(tx_thread_terminate(of_pool), TX_SUCCESS);
    CHECK_CODE(tx_thread_terminate(of_socket), TX_SUCCESS);
}

static void sockets_whose_host_is_gone(void) {
    a_socket_whose_host_is_gone(_nx_ram_network_driver_1500);
    a_socket_whose_host_is_gone(nx_host_udp_driver);
}

static UINT bound;
static NX_UDP_SOCKET second;

static VOID wait_for_port(ULONG port) {
    bound = nx_udp_socket_bind(&second, port, NX_WAIT_FOREVER);
}

static void a_host_that_goes_while_a_socket_waits_for_its_port(void) {
    make_two();
    memset(&second, 0, sizeof second);
    CHECK_CODE(nx_udp_socket_create(bob, &second, NULL, 0, 0, 0x80, 4), NX_SUCCESS);
    bound = NX_SUCCESS;
    TX_THREAD *thread = netx_test_thread(NETX_TEST_PRIORITY + 1, wait_for_port, PORT);
    tx_thread_sleep(1);
    CHECK_CODE(tx_thread_suspend(thread), TX_SUCCESS);
    unmake_two();
    memset(bob, 0xA5, sizeof *bob);
    CHECK_CODE(tx_thread_resume(thread), TX_SUCCESS);
    tx_thread_sleep(1);
    CHECK_CODE(bound, NX_INVALID_SOCKET);
}

#define TEST(body)                                                                                           \
    static void test_##body(void **state) {                                                                  \
        (void)state;                                                                                         \
        netx_test_run(body);                                                                                 \
    }

TEST(a_length_that_the_data_does_not_have)
TEST(a_filter_that_leaves_a_wrong_length)
TEST(a_chain_of_which_a_part_is_released_already)
TEST(a_packet_whose_pool_is_gone)
TEST(a_thread_that_goes_when_it_has_a_packet)
TEST(a_pool_that_goes_when_it_has_a_packet)
TEST(a_thread_that_goes_when_it_has_a_datagram)
TEST(a_socket_that_goes_when_it_has_a_datagram)
TEST(threads_that_go_when_all_is_gone)
TEST(sockets_whose_host_is_gone)
TEST(a_host_that_goes_while_a_socket_waits_for_its_port)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_length_that_the_data_does_not_have),
        cmocka_unit_test(test_a_filter_that_leaves_a_wrong_length),
        cmocka_unit_test(test_a_chain_of_which_a_part_is_released_already),
        cmocka_unit_test(test_a_packet_whose_pool_is_gone),
        cmocka_unit_test(test_a_thread_that_goes_when_it_has_a_packet),
        cmocka_unit_test(test_a_pool_that_goes_when_it_has_a_packet),
        cmocka_unit_test(test_a_thread_that_goes_when_it_has_a_datagram),
        cmocka_unit_test(test_a_socket_that_goes_when_it_has_a_datagram),
        cmocka_unit_test(test_threads_that_go_when_all_is_gone),
        cmocka_unit_test(test_sockets_whose_host_is_gone),
        cmocka_unit_test(test_a_host_that_goes_while_a_socket_waits_for_its_port),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
