/* SPDX-License-Identifier: MIT
 *
 * IP instances and UDP sockets on the switch inside a process.
 */
#include "net_world.h"

static UINT answer;
static UINT num_notified;

static void codes_of_ip(void) {
    static NX_IP ip;
    static UCHAR cache[64];
    ULONG actual;
    UINT index;
    NXD_ADDRESS v6 = {.nxd_ip_version = NX_IP_VERSION_V6, .nxd_ip_address.v6 = {0x20010DB8, 0, 0, 9}};
    memset(&ip, 0, sizeof ip);
    NX_PACKET_POOL *pool = netx_test_pool(4, 256);
    alice = netx_test_ip(IP_ADDRESS(1, 2, 3, 4));
#define CREATE(block, address, from, driver) nx_ip_create(block, NULL, address, 0, from, driver, NULL, 0, 1)
    CHECK_CODE(CREATE(NULL, 1, pool, _nx_ram_network_driver_1500), NX_PTR_ERROR);
    CHECK_CODE(CREATE(&ip, 1, pool, NULL), NX_PTR_ERROR);
    CHECK_CODE(CREATE(&ip, 1, NULL, _nx_ram_network_driver_1500), NX_POOL_ERROR);
    CHECK_CODE(CREATE(&ip, IP_ADDRESS(1, 2, 3, 4), pool, _nx_ram_network_driver_1500), NX_DUPLICATED_ENTRY);
    CHECK_CODE(CREATE(&ip, 0, pool, _nx_ram_network_driver_1500), NX_SUCCESS);
    CHECK_CODE(CREATE(&ip, 0, pool, _nx_ram_network_driver_1500), NX_PTR_ERROR);
    CHECK_CODE(nx_ip_status_check(NULL, NX_IP_LINK_ENABLED, &actual, 0), NX_PTR_ERROR);
    CHECK_CODE(nx_ip_status_check(&ip, 0, &actual, 0), NX_OPTION_ERROR);
    CHECK_CODE(nx_ip_status_check(&ip, NX_IP_LINK_ENABLED, &actual, 0), NX_SUCCESS);
    ULONG began = netx_test_ticks();
    CHECK_CODE(nx_ip_status_check(&ip, NX_IP_UDP_ENABLED, &actual, 4), NX_NOT_SUCCESSFUL);
    CHECK(netx_test_ticks() - began == 4 && actual == (NX_IP_INITIALIZE_DONE | NX_IP_LINK_ENABLED));
    CHECK_CODE(nx_udp_socket_create(&ip, &of_alice, NULL, 0, 0, 0x80, 4), NX_NOT_ENABLED);
    CHECK_CODE(nx_udp_enable(NULL), NX_PTR_ERROR);
    CHECK_CODE(nx_udp_enable(&ip), NX_SUCCESS);
    CHECK_CODE(nx_udp_enable(&ip), NX_ALREADY_ENABLED);
    CHECK_CODE(nx_arp_enable(&ip, cache, sizeof cache), NX_SUCCESS);
    CHECK_CODE(nx_arp_enable(&ip, NULL, 4), NX_PTR_ERROR);
    CHECK_CODE(nx_arp_enable(&ip, cache, 0), NX_SIZE_ERROR);
    CHECK_CODE(nx_icmp_enable(&ip), NX_SUCCESS);
    CHECK_CODE(nx_icmp_enable(NULL), NX_PTR_ERROR);
    CHECK_CODE(nxd_icmp_enable(&ip), NX_SUCCESS);
    CHECK_CODE(nxd_icmp_enable(NULL), NX_PTR_ERROR);
    CHECK_CODE(nxd_ipv6_enable(NULL), NX_PTR_ERROR);
    CHECK_CODE(nxd_ipv6_address_set(NULL, 0, &v6, 64, NULL), NX_PTR_ERROR);
    CHECK_CODE(nxd_ipv6_address_set(&ip, 1, &v6, 64, NULL), NX_INVALID_INTERFACE);
    CHECK_CODE(nxd_ipv6_address_set(&ip, 0, &v6, 129, NULL), NX_IP_ADDRESS_ERROR);
    CHECK_CODE(nxd_ipv6_address_set(&ip, 0, &bob_at, 64, NULL), NX_IP_ADDRESS_ERROR);
    CHECK_CODE(nxd_ipv6_address_set(&ip, 0, &v6, 64, &index), NX_SUCCESS);
    CHECK_CODE(nxd_ipv6_address_set(&ip, 0, &v6, 64, &index), NX_DUPLICATED_ENTRY);
    CHECK_CODE(nxd_ipv6_address_set(&ip, 0, NULL, 10, &index), NX_SUCCESS);
    CHECK(index == 1 && ip.nx_ip_address_v6[1].nxd_ip_address.v6[0] == 0xFE800000);
    for (v6.nxd_ip_address.v6[3] = 10; v6.nxd_ip_address.v6[3] < 12; v6.nxd_ip_address.v6[3]++)
        CHECK_CODE(nxd_ipv6_address_set(&ip, 0, &v6, 64, NULL), NX_SUCCESS);
    CHECK_CODE(nxd_ipv6_address_set(&ip, 0, &v6, 64, NULL), NX_NO_MORE_ENTRIES);
    CHECK_CODE(nx_ip_delete(NULL), NX_PTR_ERROR);
    CHECK_CODE(nx_ip_delete(&ip), NX_SUCCESS);
    CHECK_CODE(nx_ip_delete(&ip), NX_PTR_ERROR);
    CHECK_CODE(nx_ip_delete(alice), NX_SUCCESS);
}

static void codes_of_sockets(void) {
    static NX_UDP_SOCKET socket;
    UINT port;
    NX_PACKET *packet;
    make_two();
    memset(&socket, 0, sizeof socket);
    CHECK_CODE(nx_udp_socket_create(NULL, &socket, NULL, 0, 0, 0x80, 4), NX_PTR_ERROR);
    CHECK_CODE(nx_udp_socket_create(alice, NULL, NULL, 0, 0, 0x80, 4), NX_PTR_ERROR);
    CHECK_CODE(nx_udp_socket_create(alice, &socket, NULL, 0, 1, 0x80, 4), NX_OPTION_ERROR);
    CHECK_CODE(nx_udp_socket_create(alice, &socket, NULL, 0, 0, 0x100, 4), NX_OPTION_ERROR);
    CHECK_CODE(nx_udp_socket_create(alice, &socket, NULL, 0, NX_DONT_FRAGMENT, 0x80, 4), NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_create(alice, &socket, NULL, 0, 0, 0x80, 4), NX_PTR_ERROR);
    CHECK_CODE(nx_udp_socket_port_get(&socket, &port), NX_NOT_BOUND);
    CHECK_CODE(nx_udp_socket_port_get(&socket, NULL), NX_PTR_ERROR);
    CHECK_CODE(nx_udp_socket_unbind(&socket), NX_NOT_BOUND);
    CHECK_CODE(nx_udp_socket_unbind(NULL), NX_PTR_ERROR);
    CHECK_CODE(nx_udp_socket_receive(&socket, &packet, 0), NX_NOT_BOUND);
    CHECK_CODE(nx_udp_socket_receive(NULL, &packet, 0), NX_PTR_ERROR);
    CHECK_CODE(nx_udp_socket_receive(&socket, NULL, 0), NX_PTR_ERROR);
    CHECK_CODE(nx_udp_socket_bind(NULL, 1, 0), NX_PTR_ERROR);
    CHECK_CODE(nx_udp_socket_bind(&socket, 65536, 0), NX_INVALID_PORT);
    CHECK_CODE(nx_udp_socket_port_get(&of_alice, &port), NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_bind(&socket, port, 0), NX_PORT_UNAVAILABLE);
    CHECK_CODE(nx_udp_socket_bind(&socket, port + 1, 0), NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_bind(&socket, port + 2, 0), NX_ALREADY_BOUND);
    CHECK_CODE(nx_udp_socket_delete(&socket), NX_STILL_BOUND);
    CHECK_CODE(nx_ip_delete(alice), NX_SOCKETS_BOUND);
    CHECK_CODE(nx_udp_socket_unbind(&socket), NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_delete(&socket), NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_delete(&socket), NX_PTR_ERROR);
    CHECK_CODE(nx_udp_socket_receive_notify(&socket, NULL), NX_PTR_ERROR);
    ULONG began = netx_test_ticks();
    CHECK_CODE(nx_udp_socket_receive(&of_alice, &packet, 6), NX_NO_PACKET);
    CHECK(packet == NULL && netx_test_ticks() - began == 6);
    unmake_two();
}

static void refused_packets_stay_the_callers(void) {
    NXD_ADDRESS none = {0};
    NXD_ADDRESS v6 = {.nxd_ip_version = NX_IP_VERSION_V6, .nxd_ip_address.v6 = {0x20010DB8, 0, 0, 9}};
    ULONG v4;
    UINT port;
    make_two();
    NX_PACKET *packet = packet_of(alice, "mine");
    CHECK_CODE(nxd_udp_socket_send(NULL, packet, &bob_at, PORT), NX_PTR_ERROR);
    CHECK_CODE(nxd_udp_socket_send(&of_alice, NULL, &bob_at, PORT), NX_PTR_ERROR);
    CHECK_CODE(nxd_udp_socket_send(&of_alice, packet, NULL, PORT), NX_PTR_ERROR);
    CHECK_CODE(nxd_udp_socket_send(&of_alice, packet, &none, PORT), NX_IP_ADDRESS_ERROR);
    CHECK_CODE(nx_udp_socket_send(&of_alice, packet, 0, PORT), NX_IP_ADDRESS_ERROR);
    CHECK_CODE(nxd_udp_socket_send(&of_alice, packet, &bob_at, 0), NX_INVALID_PORT);
    CHECK_CODE(nxd_udp_socket_send(&of_alice, packet, &bob_at, 65536), NX_INVALID_PORT);
    CHECK_CODE(nxd_udp_socket_send(&of_alice, packet, &v6, PORT), NX_NO_INTERFACE_ADDRESS);
    packet->nx_packet_length = 65508;
    CHECK_CODE(nxd_udp_socket_send(&of_alice, packet, &bob_at, PORT), NX_OVERFLOW);
    packet->nx_packet_length = 4;
    CHECK_CODE(nx_udp_socket_unbind(&of_alice), NX_SUCCESS);
    CHECK_CODE(nxd_udp_socket_send(&of_alice, packet, &bob_at, PORT), NX_NOT_BOUND);
    CHECK_CODE(nxd_udp_source_extract(packet, &none, &port), NX_INVALID_PACKET); /* nobody has sent it */
    CHECK_CODE(nx_udp_source_extract(packet, &v4, &port), NX_INVALID_PACKET);
    CHECK_CODE(nx_udp_source_extract(packet, NULL, &port), NX_PTR_ERROR);
    CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_bind(&of_alice, NX_ANY_PORT, 0), NX_SUCCESS);
    unmake_two();
}

static void there_and_back(void) {
    NXD_ADDRESS loopback = {.nxd_ip_version = NX_IP_VERSION_V4,
                            .nxd_ip_address.v4 = IP_ADDRESS(127, 0, 0, 1)};
    NX_PACKET *packet;
    ULONG from;
    UINT port;
    make_two();
    send_text(&of_alice, bob_at, PORT, "hello");
    CHECK_CODE(nx_udp_socket_receive(&of_bob, &packet, 5), NX_SUCCESS);
    CHECK_CODE(nx_udp_source_extract(packet, &from, &port), NX_SUCCESS);
    CHECK(from == IP_ADDRESS(1, 2, 3, 4) && port == of_alice.nx_udp_socket_port);
    CHECK(packet->nx_packet_pool_owner == bob->nx_ip_default_packet_pool);
    CHECK_CODE(nx_udp_socket_send(&of_bob, packet, from, port), NX_SUCCESS); /* the same packet */
    expect_text(&of_alice, "hello");
    send_text(&of_bob, loopback, PORT, "self");
    CHECK(expect_text(&of_bob, "self") == PORT);
    send_text(&of_alice, bob_at, PORT + 1, "no socket there");
    CHECK(of_alice.nx_udp_socket_packets_sent == 2 && of_alice.nx_udp_socket_bytes_sent == 20);
    CHECK(of_bob.nx_udp_socket_packets_received == 2 && of_bob.nx_udp_socket_bytes_received == 9);
    unmake_two();
}

static void long_datagrams_are_chains(void) {
    static UCHAR bytes[5000];
    static UCHAR back[5000];
    NX_PACKET *packet;
    ULONG copied;
    make_two();
    for (unsigned i = 0; i < sizeof bytes; i++)
        bytes[i] = (UCHAR)(i * 7);
    packet = packet_of(alice, "");
    CHECK_CODE(nx_packet_data_append(packet, bytes, sizeof bytes, alice->nx_ip_default_packet_pool, 0),
               NX_SUCCESS);
    CHECK_CODE(nxd_udp_socket_send(&of_alice, packet, &bob_at, PORT), NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_receive(&of_bob, &packet, 5), NX_SUCCESS);
    CHECK(packet->nx_packet_next != NULL);
    CHECK_CODE(nx_packet_data_retrieve(packet, back, &copied), NX_SUCCESS);
    CHECK(copied == sizeof bytes && memcmp(bytes, back, copied) == 0);
    CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
    unmake_two();
}

static void full_queues_and_pools_lose(void) {
    NX_PACKET *held[64 + 1]; /* and the one that there is not */
    UINT num = 0;
    make_two();
    for (char c[] = "0"; c[0] < '6'; c[0]++)
        send_text(&of_alice, bob_at, PORT, c);
    tx_thread_relinquish();
    CHECK(of_bob.nx_udp_socket_packets_dropped == 2);
    for (char c[] = "2"; c[0] < '6'; c[0]++) /* the oldest are gone */
        expect_text(&of_bob, c);
    while (nx_packet_allocate(bob->nx_ip_default_packet_pool, &held[num], 0, NX_NO_WAIT) == NX_SUCCESS)
        num++;
    send_text(&of_alice, bob_at, PORT, "lost");
    while (num > 0)
        CHECK_CODE(nx_packet_release(held[--num]), NX_SUCCESS);
    NX_PACKET *packet;
    CHECK_CODE(nx_udp_socket_receive(&of_bob, &packet, 5), NX_NO_PACKET);
    unmake_two();
}

static VOID receive_there(ULONG wait_option) {
    NX_PACKET *packet;
    answer = nx_udp_socket_receive(&of_bob, &packet, wait_option);
    if (answer == NX_SUCCESS)
        nx_packet_release(packet);
}

static VOID bind_there(ULONG wait_option) {
    answer = nx_udp_socket_bind(&of_alice, PORT, wait_option);
}

static void waits_end(void) {
    static NX_UDP_SOCKET holder;
    make_two();
    netx_test_thread(3, receive_there, NX_WAIT_FOREVER);
    send_text(&of_alice, bob_at, PORT, "x");
    CHECK_CODE(answer, NX_SUCCESS);
    TX_THREAD *aborted = netx_test_thread(3, receive_there, NX_WAIT_FOREVER);
    CHECK_CODE(tx_thread_wait_abort(aborted), TX_SUCCESS);
    CHECK_CODE(answer, NX_WAIT_ABORTED);
    netx_test_thread(3, receive_there, NX_WAIT_FOREVER);
    send_text(&of_alice, bob_at, PORT, "y");
    netx_test_thread(3, receive_there, NX_WAIT_FOREVER);
    CHECK_CODE(nx_udp_socket_unbind(&of_bob), NX_SUCCESS);
    CHECK_CODE(answer, NX_NOT_BOUND);
    CHECK_CODE(nx_udp_socket_bind(&of_bob, PORT, 0), NX_SUCCESS);
    /* For a port: two threads wait to bind one socket; when the port is free, one of them does. */
    CHECK_CODE(nx_udp_socket_unbind(&of_alice), NX_SUCCESS);
    make_socket(alice, &holder, PORT);
    netx_test_thread(3, bind_there, 5);
    tx_thread_sleep(6);
    CHECK_CODE(answer, NX_PORT_UNAVAILABLE);
    netx_test_thread(3, bind_there, NX_WAIT_FOREVER);
    netx_test_thread(4, bind_there, NX_WAIT_FOREVER);
    CHECK_CODE(nx_udp_socket_unbind(&holder), NX_SUCCESS);
    CHECK_CODE(answer, NX_ALREADY_BOUND);
    CHECK(of_alice.nx_udp_socket_port == PORT);
    unmake_two();
}

static VOID count_notified(NX_UDP_SOCKET *socket) {
    CHECK(socket == &of_bob);
    num_notified++;
}

static void notified(void) {
    num_notified = 0;
    make_two();
    CHECK_CODE(nx_udp_socket_receive_notify(&of_bob, count_notified), NX_SUCCESS);
    send_text(&of_alice, bob_at, PORT, "a");
    send_text(&of_alice, bob_at, PORT, "b");
    CHECK(num_notified == 2); /* the IP thread is more urgent than ours */
    CHECK_CODE(nx_udp_socket_receive_notify(&of_bob, NULL), NX_SUCCESS);
    send_text(&of_alice, bob_at, PORT, "c");
    CHECK(num_notified == 2);
    unmake_two(); /* with packets that nobody took */
}

static void version_6(void) {
    NXD_ADDRESS a = {.nxd_ip_version = NX_IP_VERSION_V6, .nxd_ip_address.v6 = {0x20010DB8, 0, 0, 1}};
    NXD_ADDRESS b = {.nxd_ip_version = NX_IP_VERSION_V6, .nxd_ip_address.v6 = {0x20010DB8, 0, 0, 2}};
    NXD_ADDRESS loopback = {.nxd_ip_version = NX_IP_VERSION_V6, .nxd_ip_address.v6 = {0, 0, 0, 1}};
    NXD_ADDRESS from;
    NX_PACKET *packet;
    ULONG v4;
    UINT port;
    make_two();
    CHECK_CODE(nxd_ipv6_address_set(alice, 0, &a, 64, NULL), NX_SUCCESS);
    CHECK_CODE(nxd_ipv6_address_set(bob, 0, &b, 64, NULL), NX_SUCCESS);
    send_text(&of_alice, b, PORT, "six");
    CHECK_CODE(nx_udp_socket_receive(&of_bob, &packet, 5), NX_SUCCESS);
    CHECK(packet->nx_packet_ip_version == NX_IP_VERSION_V6);
    CHECK_CODE(nxd_udp_source_extract(packet, &from, &port), NX_SUCCESS);
    CHECK(from.nxd_ip_version == NX_IP_VERSION_V6 && from.nxd_ip_address.v6[3] == 1);
    CHECK_CODE(nx_udp_source_extract(packet, &v4, &port), NX_INVALID_PACKET);
    CHECK_CODE(nxd_udp_socket_send(&of_bob, packet, &from, port), NX_SUCCESS);
    expect_text(&of_alice, "six");
    send_text(&of_bob, loopback, PORT, "self");
    expect_text(&of_bob, "self");
    send_text(&of_alice, bob_at, PORT, "four"); /* both, on one socket */
    expect_text(&of_bob, "four");
    unmake_two();
}

#define TEST(body)                                                                                           \
    static void test_##body(void **state) {                                                                  \
        (void)state;                                                                                         \
        netx_test_run(body);                                                                                 \
    }

TEST(codes_of_ip)
TEST(codes_of_sockets)
TEST(refused_packets_stay_the_callers)
TEST(there_and_back)
TEST(long_datagrams_are_chains)
TEST(full_queues_and_pools_lose)
TEST(waits_end)
TEST(notified)
TEST(version_6)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_codes_of_ip),
        cmocka_unit_test(test_codes_of_sockets),
        cmocka_unit_test(test_refused_packets_stay_the_callers),
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_long_datagrams_are_chains),
        cmocka_unit_test(test_full_queues_and_pools_lose),
        cmocka_unit_test(test_waits_end),
        cmocka_unit_test(test_notified),
        cmocka_unit_test(test_version_6),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
