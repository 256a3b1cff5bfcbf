/* SPDX-License-Identifier: MIT
 *
 * What an IP instance's link makes of its sockets and datagrams: fragments and hops on the host's sockets,
 * all addresses, pools that are too small, both links in one kernel, and hosts that are not ready.
 */
#include <netinet/in.h>
#include <sys/socket.h>

#include "net_world.h"
#include "netx/net/net.h"

#define LOOPBACK IP_ADDRESS(127, 0, 0, 1)
#define A_WHILE  (5 * NX_IP_PERIODIC_RATE)
#define LONGEST  65527u /* over IPv6: with its headers more than the 65,536 bytes of the host's loopback */

static NXD_ADDRESS v4 = {.nxd_ip_version = NX_IP_VERSION_V4, .nxd_ip_address.v4 = LOOPBACK};
static NXD_ADDRESS v6 = {.nxd_ip_version = NX_IP_VERSION_V6, .nxd_ip_address.v6 = {0, 0, 0, 1}};

static NX_IP *make_host(ULONG address, NX_PACKET_POOL *pool) {
    NX_IP *ip = netx_test_memory(sizeof *ip);
    CHECK_CODE(nx_ip_create(ip, NULL, address, 0xFF000000u, pool, nx_host_udp_driver, NULL, 0, 1),
               NX_SUCCESS);
    CHECK_CODE(nx_udp_enable(ip), NX_SUCCESS);
    return ip;
}

static void open_socket(NX_IP *ip, NX_UDP_SOCKET *socket, ULONG fragment, UINT hops) {
    memset(socket, 0, sizeof *socket);
    CHECK_CODE(nx_udp_socket_create(ip, socket, NULL, NX_IP_NORMAL, fragment, hops, 9), NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_bind(socket, NX_ANY_PORT, NX_NO_WAIT), NX_SUCCESS);
}

static void close_all(NX_IP *ip) {
    CHECK_CODE(nx_udp_socket_unbind(&of_alice), NX_SUCCESS);
    CHECK_CODE(nx_ip_delete(ip), NX_SUCCESS);
}

static void send_zeros(NX_UDP_SOCKET *socket, NXD_ADDRESS address, UINT port, ULONG len) {
    static UCHAR zeros[LONGEST];
    NX_PACKET *packet = packet_of(socket->nx_udp_socket_ip_ptr, "");
    CHECK_CODE(nx_packet_data_append(packet, zeros, len, packet->nx_packet_pool_owner, NX_NO_WAIT),
               NX_SUCCESS);
    CHECK_CODE(nxd_udp_socket_send(socket, packet, &address, port), NX_SUCCESS);
}

/* --- Fragments and hops. --- */

static int option(const NX_UDP_SOCKET *socket, int family, int level, int name) {
    int value = -2;
    socklen_t len = sizeof value;
    const int descriptor = netx_socket_of((NX_UDP_SOCKET *)(uintptr_t)socket)->descriptors[family];
    CHECK(getsockopt(descriptor, level, name, &value, &len) == 0);
    return value;
}

static void options(void) {
    NX_IP *ip = make_host(LOOPBACK, netx_test_pool(4, 256));
    CHECK_CODE(nxd_ipv6_address_set(ip, 0, &v6, 128, NULL), NX_SUCCESS);
    open_socket(ip, &of_alice, NX_DONT_FRAGMENT, 3);
    CHECK(option(&of_alice, 0, IPPROTO_IP, IP_MTU_DISCOVER) == IP_PMTUDISC_DO);
    CHECK(option(&of_alice, 0, IPPROTO_IP, IP_TTL) == 3);
    CHECK(option(&of_alice, 1, IPPROTO_IPV6, IPV6_DONTFRAG) == 1);
    CHECK(option(&of_alice, 1, IPPROTO_IPV6, IPV6_UNICAST_HOPS) == 3);
    CHECK_CODE(nx_udp_socket_unbind(&of_alice), NX_SUCCESS);
    open_socket(ip, &of_alice, NX_FRAGMENT_OKAY, 0);
    CHECK(option(&of_alice, 0, IPPROTO_IP, IP_MTU_DISCOVER) == IP_PMTUDISC_DONT);
    CHECK(option(&of_alice, 0, IPPROTO_IP, IP_TTL) > 3);
    CHECK(option(&of_alice, 1, IPPROTO_IPV6, IPV6_DONTFRAG) == 0);
    CHECK(option(&of_alice, 1, IPPROTO_IPV6, IPV6_UNICAST_HOPS) > 3);
    close_all(ip);
}

/* What is past the path's size comes in fragments, or is lost; the send answers NX_SUCCESS for both. */
static void past_the_size_of_the_path(void) {
    NX_PACKET *packet;
    NX_IP *ip = make_host(LOOPBACK, netx_test_pool(150, 1536));
    CHECK_CODE(nxd_ipv6_address_set(ip, 0, &v6, 128, NULL), NX_SUCCESS);
    open_socket(ip, &of_alice, NX_FRAGMENT_OKAY, 0x80);
    open_socket(ip, &of_bob, NX_DONT_FRAGMENT, 0x80);
    const UINT port = of_alice.nx_udp_socket_port;
    send_zeros(&of_bob, v6, port, LONGEST);
    send_zeros(&of_alice, v6, port, LONGEST);
    CHECK_CODE(nx_udp_socket_receive(&of_alice, &packet, A_WHILE), NX_SUCCESS);
    CHECK(packet->nx_packet_length == LONGEST);
    NXD_ADDRESS at;
    UINT from;
    CHECK_CODE(nxd_udp_source_extract(packet, &at, &from), NX_SUCCESS);
    CHECK(from == port); /* Bob's was sent before it, and is not there */
    CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
    send_zeros(&of_bob, v6, port, 1200);
    CHECK_CODE(nx_udp_socket_receive(&of_alice, &packet, A_WHILE), NX_SUCCESS);
    CHECK(packet->nx_packet_length == 1200);
    CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_unbind(&of_bob), NX_SUCCESS);
    close_all(ip);
}

/* --- The host's sockets. --- */

static void all_addresses(void) {
    NX_IP *ip = make_host(0, netx_test_pool(8, 256));
    open_socket(ip, &of_alice, NX_FRAGMENT_OKAY, 0x80);
    send_text(&of_alice, v4, of_alice.nx_udp_socket_port, "any");
    expect_text(&of_alice, "any");
    close_all(ip);
}

static void a_pool_that_is_too_small(void) {
    NX_IP *ip = make_host(LOOPBACK, netx_test_pool(4, 256));
    NX_IP *big = make_host(LOOPBACK, netx_test_pool(9, 256));
    open_socket(ip, &of_alice, NX_FRAGMENT_OKAY, 0x80);
    open_socket(big, &of_bob, NX_FRAGMENT_OKAY, 0x80);
    send_zeros(&of_bob, v4, of_alice.nx_udp_socket_port, 1500);
    send_text(&of_bob, v4, of_alice.nx_udp_socket_port, "small");
    expect_text(&of_alice, "small");
    CHECK_CODE(nx_udp_socket_unbind(&of_bob), NX_SUCCESS);
    CHECK_CODE(nx_ip_delete(big), NX_SUCCESS);
    close_all(ip);
}

/* More than are read at once: the others are read after. */
static void many_at_once(void) {
    enum { MANY = 45 };
    NX_PACKET *packet;
    NX_IP *ip = make_host(LOOPBACK, netx_test_pool(MANY + 4, 256));
    open_socket(ip, &of_alice, NX_FRAGMENT_OKAY, 0x80);
    of_alice.nx_udp_socket_queue_maximum = MANY;
    netx_kernel_enter_service(); /* nothing is read meanwhile */
    for (int i = 0; i < MANY; i++)
        send_text(&of_alice, v4, of_alice.nx_udp_socket_port, "x");
    netx_kernel_leave_service();
    for (int i = 0; i < MANY; i++) {
        CHECK_CODE(nx_udp_socket_receive(&of_alice, &packet, A_WHILE), NX_SUCCESS);
        CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
    }
    close_all(ip);
}

/* In virtual time: what may come from outside is waited for. */
static void waited_for_in_virtual_time(void) {
    NX_PACKET *packet;
    NX_IP *ip = make_host(LOOPBACK, netx_test_pool(8, 256));
    open_socket(ip, &of_alice, NX_FRAGMENT_OKAY, 0x80);
    for (int i = 0; i < 20; i++) {
        send_text(&of_alice, v4, of_alice.nx_udp_socket_port, "x");
        CHECK_CODE(nx_udp_socket_receive(&of_alice, &packet, NX_WAIT_FOREVER), NX_SUCCESS);
        CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
    }
    CHECK(netx_test_ticks() == 0);
    close_all(ip);
}

/* One host on each link: an address is not taken by one of the other, and each keeps its datagrams. */
static void both_links(void) {
    NX_IP *ip = make_host(LOOPBACK, netx_test_pool(8, 256));
    NX_UDP_SOCKET outer;
    open_socket(ip, &outer, NX_FRAGMENT_OKAY, 0x80);
    nx_host_inline_delivery_set(NX_TRUE);
    alice = netx_test_ip(LOOPBACK);
    make_socket(alice, &of_alice, PORT);
    send_text(&outer, v4, outer.nx_udp_socket_port, "outside");
    expect_text(&outer, "outside");
    send_text(&of_alice, v4, PORT, "inside");
    expect_text(&of_alice, "inside");
    CHECK(nx_host_bound_next(NX_NULL) == &of_alice);
    CHECK(nx_host_bound_next(&of_alice) == NX_NULL);
    nx_host_datagram down = {v4, v4, 1, outer.nx_udp_socket_port, 1, (const UCHAR *)"x"};
    down.destination.nxd_ip_address.v4 = IP_ADDRESS(1, 2, 3, 4); /* nobody's on the switch */
    CHECK_CODE(nx_host_deliver(&down), NX_NOT_FOUND);
    CHECK_CODE(nx_udp_socket_unbind(&outer), NX_SUCCESS);
    CHECK_CODE(nx_ip_delete(ip), NX_SUCCESS);
    close_all(alice);
}

/* --- The switch. --- */

static void to_a_host_without_udp(void) {
    static NX_IP bare;
    memset(&bare, 0, sizeof bare);
    make_two();
    CHECK_CODE(nx_ip_create(&bare, NULL, IP_ADDRESS(1, 2, 3, 6), 0, netx_test_pool(4, 256),
                            _nx_ram_network_driver, NULL, 0, 1),
               NX_SUCCESS);
    NXD_ADDRESS there = {NX_IP_VERSION_V4, {.v4 = IP_ADDRESS(1, 2, 3, 6)}};
    send_text(&of_alice, there, PORT, "lost");
    CHECK(bare.nx_ip_udp_packets_received == 1);
    CHECK_CODE(nx_ip_delete(&bare), NX_SUCCESS);
    unmake_two();
}

/* Its thread is less urgent than ours: what has come is still there when it goes. */
static void deleted_with_what_has_come(void) {
    static NX_IP slow;
    memset(&slow, 0, sizeof slow);
    make_two();
    CHECK_CODE(nx_ip_create(&slow, NULL, IP_ADDRESS(1, 2, 3, 6), 0, netx_test_pool(4, 256),
                            _nx_ram_network_driver, NULL, 0, NETX_TEST_PRIORITY + 1),
               NX_SUCCESS);
    CHECK_CODE(nx_udp_enable(&slow), NX_SUCCESS);
    NXD_ADDRESS there = {NX_IP_VERSION_V4, {.v4 = IP_ADDRESS(1, 2, 3, 6)}};
    send_text(&of_alice, there, PORT, "one");
    send_text(&of_alice, there, PORT, "two");
    CHECK(slow.nx_ip_default_packet_pool->nx_packet_pool_available == 2);
    CHECK_CODE(nx_ip_delete(&slow), NX_SUCCESS);
    CHECK(slow.nx_ip_default_packet_pool->nx_packet_pool_available == 4);
    unmake_two();
}

/* Receivers whose packets are too small for the datagram, for its headers, or for any. */
static void too_small_for_the_datagram(void) {
    static const struct {
        UINT num;
        UINT payload;
        UINT received;
    } pools[] = {{1, 48, 0}, {1, 56, 0}, {1, 64, 0}, {2, 64, 1}, {2, 56, 0}};
    NXD_ADDRESS there = {NX_IP_VERSION_V4, {.v4 = IP_ADDRESS(1, 2, 3, 6)}};
    make_two();
    for (UINT i = 0; i < sizeof pools / sizeof *pools; i++) {
        NX_IP ip = {0};
        NX_UDP_SOCKET socket = {0};
        NX_PACKET_POOL *pool = netx_test_pool(pools[i].num, pools[i].payload);
        CHECK_CODE(
            nx_ip_create(&ip, NULL, IP_ADDRESS(1, 2, 3, 6), 0, pool, _nx_ram_network_driver, NULL, 0, 1),
            NX_SUCCESS);
        CHECK_CODE(nx_udp_enable(&ip), NX_SUCCESS);
        make_socket(&ip, &socket, PORT);
        NX_PACKET *packet = packet_of(alice, "");
        CHECK_CODE(
            nx_packet_data_append(packet, (VOID *)(uintptr_t) "text", 4, packet->nx_packet_pool_owner, 0),
            NX_SUCCESS);
        CHECK_CODE(nxd_udp_socket_send(&of_alice, packet, &there, PORT), NX_SUCCESS);
        CHECK(socket.nx_udp_socket_receive_count == pools[i].received);
        CHECK_CODE(nx_udp_socket_unbind(&socket), NX_SUCCESS);
        CHECK_CODE(nx_ip_delete(&ip), NX_SUCCESS);
    }
    unmake_two();
}

/* A chain one of whose parts is empty. */
static void parts_without_data(void) {
    make_two();
    NX_PACKET *packet = packet_of(alice, "first");
    NX_PACKET *last = packet_of(alice, "last");
    NX_PACKET *empty = packet_of(alice, "");
    packet->nx_packet_next = empty;
    empty->nx_packet_next = last;
    packet->nx_packet_last = last;
    packet->nx_packet_length = 9;
    CHECK_CODE(nxd_udp_socket_send(&of_alice, packet, &bob_at, PORT), NX_SUCCESS);
    expect_text(&of_bob, "firstlast");
    unmake_two();
}

static void addresses_beside_the_loopback(void) {
    NXD_ADDRESS own = {NX_IP_VERSION_V6, {.v6 = {0, 0, 0, 3}}};
    NXD_ADDRESS near_it = {NX_IP_VERSION_V6, {.v6 = {0, 0, 0, 2}}};
    make_two();
    CHECK_CODE(nxd_ipv6_address_set(alice, 0, &own, 128, NULL), NX_SUCCESS);
    CHECK(!netx_same_address(&own, &near_it) && !netx_same_address(&own, &v4));
    send_text(&of_alice, near_it, of_alice.nx_udp_socket_port, "nobody's");
    CHECK(of_alice.nx_udp_socket_receive_count == 0);
    send_text(&of_alice, own, of_alice.nx_udp_socket_port, "own");
    expect_text(&of_alice, "own");
    unmake_two();
}

/* --- Who waits. --- */

static UINT answer;

static VOID receive_for_ever(ULONG input) {
    NX_PACKET *packet;
    (void)input;
    answer = nx_udp_socket_receive(&of_bob, &packet, NX_WAIT_FOREVER);
}

static VOID allocate_for_ever(ULONG input) {
    NX_PACKET *packet;
    (void)input;
    answer = nx_packet_allocate(bob->nx_ip_default_packet_pool, &packet, 0, NX_WAIT_FOREVER);
}

static void terminated_for_nothing(void) {
    NX_PACKET *held[64];
    make_two();
    CHECK_CODE(tx_thread_terminate(netx_test_thread(3, receive_for_ever, 0)), TX_SUCCESS);
    for (UINT i = 0; i < 64; i++)
        CHECK_CODE(nx_packet_allocate(bob->nx_ip_default_packet_pool, &held[i], 0, NX_NO_WAIT), NX_SUCCESS);
    CHECK_CODE(tx_thread_terminate(netx_test_thread(3, allocate_for_ever, 0)), TX_SUCCESS);
    for (UINT i = 0; i < 64; i++)
        CHECK_CODE(nx_packet_release(held[i]), NX_SUCCESS);
    unmake_two();
}

/* Between its being woken and its turn. */
static void deleted_under_the_woken(void) {
    make_two();
    TX_THREAD *receiver = netx_test_thread(NETX_TEST_PRIORITY + 1, receive_for_ever, 0);
    tx_thread_sleep(1);
    CHECK(receiver->tx_thread_state == TX_TCP_IP);
    send_text(&of_alice, bob_at, PORT, "x");
    CHECK(receiver->tx_thread_state == TX_READY);
    CHECK_CODE(nx_udp_socket_unbind(&of_bob), NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_delete(&of_bob), NX_SUCCESS);
    tx_thread_sleep(1);
    CHECK_CODE(answer, NX_NOT_BOUND);
    make_socket(bob, &of_bob, PORT);
    unmake_two();
}

static void a_pool_that_is_gone(void) {
    static NX_PACKET_POOL gone;
    static UCHAR memory[2000];
    memset(&gone, 0, sizeof gone);
    make_two();
    CHECK_CODE(nx_packet_pool_create(&gone, NULL, 256, memory, sizeof memory), NX_SUCCESS);
    NX_PACKET_POOL *own = bob->nx_ip_default_packet_pool;
    bob->nx_ip_default_packet_pool = &gone;
    CHECK_CODE(nx_packet_pool_delete(&gone), NX_SUCCESS);
    send_text(&of_alice, bob_at, PORT, "lost");
    const nx_host_datagram down = {bob_at, bob_at, 1, PORT, 1, (const UCHAR *)"x"};
    CHECK_CODE(nx_host_deliver(&down), NX_NO_PACKET);
    bob->nx_ip_default_packet_pool = own;
    CHECK_CODE(nx_host_deliver(&down), NX_SUCCESS);
    expect_text(&of_bob, "x");
    unmake_two();
}

/* The program's filter may hand on what is none. */
static void packets_that_are_none(void) {
    static NX_IP none;
    make_two();
    NX_PACKET *spoilt = packet_of(alice, "x");
    spoilt->nx_packet_append_ptr = spoilt->nx_packet_data_end + 1;
    _nx_udp_packet_receive(bob, spoilt); /* takes it */
    _nx_udp_packet_receive(bob, NX_NULL);
    NX_PACKET *packet = packet_of(alice, "x");
    _nx_udp_packet_receive(&none, packet);
    CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
    unmake_two();
}

#define TEST(time, body)                                                                                     \
    static void test_##body(void **state) {                                                                  \
        (void)state;                                                                                         \
        netx_test_run_at(time, body);                                                                        \
    }

TEST(TX_HOST_TIME_REAL, options)
TEST(TX_HOST_TIME_REAL, past_the_size_of_the_path)
TEST(TX_HOST_TIME_REAL, all_addresses)
TEST(TX_HOST_TIME_REAL, a_pool_that_is_too_small)
TEST(TX_HOST_TIME_REAL, many_at_once)
TEST(TX_HOST_TIME_VIRTUAL, waited_for_in_virtual_time)
TEST(TX_HOST_TIME_REAL, both_links)
TEST(TX_HOST_TIME_VIRTUAL, to_a_host_without_udp)
TEST(TX_HOST_TIME_VIRTUAL, deleted_with_what_has_come)
TEST(TX_HOST_TIME_VIRTUAL, too_small_for_the_datagram)
TEST(TX_HOST_TIME_VIRTUAL, parts_without_data)
TEST(TX_HOST_TIME_VIRTUAL, addresses_beside_the_loopback)
TEST(TX_HOST_TIME_VIRTUAL, terminated_for_nothing)
TEST(TX_HOST_TIME_VIRTUAL, deleted_under_the_woken)
TEST(TX_HOST_TIME_VIRTUAL, a_pool_that_is_gone)
TEST(TX_HOST_TIME_VIRTUAL, packets_that_are_none)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_past_the_size_of_the_path),
        cmocka_unit_test(test_all_addresses),
        cmocka_unit_test(test_a_pool_that_is_too_small),
        cmocka_unit_test(test_many_at_once),
        cmocka_unit_test(test_waited_for_in_virtual_time),
        cmocka_unit_test(test_both_links),
        cmocka_unit_test(test_to_a_host_without_udp),
        cmocka_unit_test(test_deleted_with_what_has_come),
        cmocka_unit_test(test_too_small_for_the_datagram),
        cmocka_unit_test(test_parts_without_data),
        cmocka_unit_test(test_addresses_beside_the_loopback),
        cmocka_unit_test(test_terminated_for_nothing),
        cmocka_unit_test(test_deleted_under_the_woken),
        cmocka_unit_test(test_a_pool_that_is_gone),
        cmocka_unit_test(test_packets_that_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
