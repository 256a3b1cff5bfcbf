/* SPDX-License-Identifier: MIT
 *
 * IP instances on the host's own sockets, in real time.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support.h"

#define LOOPBACK    IP_ADDRESS(127, 0, 0, 1)
#define A_WHILE     (5 * NX_IP_PERIODIC_RATE)
#define REPETITIONS 100

static NX_IP *alice;
static NX_IP *bob;
static NX_UDP_SOCKET of_alice;
static NX_UDP_SOCKET of_bob;
static UINT answer;
static NXD_ADDRESS v4 = {.nxd_ip_version = NX_IP_VERSION_V4, .nxd_ip_address.v4 = LOOPBACK};
static NXD_ADDRESS v6 = {.nxd_ip_version = NX_IP_VERSION_V6, .nxd_ip_address.v6 = {0, 0, 0, 1}};

static NX_IP *make_ip(bool with_v6) {
    NX_IP *ip = netx_test_memory(sizeof *ip);
    CHECK_CODE(nx_ip_create(ip, NULL, LOOPBACK, 0xFF000000u, netx_test_pool(64, 1536), nx_host_udp_driver,
                            NULL, 0, 1),
               NX_SUCCESS);
    CHECK_CODE(nx_udp_enable(ip), NX_SUCCESS);
    if (with_v6)
        CHECK_CODE(nxd_ipv6_address_set(ip, 0, &v6, 128, NULL), NX_SUCCESS);
    return ip;
}

static void make_socket(NX_IP *ip, NX_UDP_SOCKET *socket) {
    memset(socket, 0, sizeof *socket);
    CHECK_CODE(nx_udp_socket_create(ip, socket, NULL, 0, 0, 0x80, 50), NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_bind(socket, NX_ANY_PORT, 0), NX_SUCCESS);
    CHECK(socket->nx_udp_socket_port != 0);
}

static void make_two(void) {
    alice = make_ip(true);
    bob = make_ip(true);
    make_socket(alice, &of_alice);
    make_socket(bob, &of_bob);
}

static void unmake_two(void) {
    CHECK_CODE(nx_udp_socket_unbind(&of_alice), NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_unbind(&of_bob), NX_SUCCESS);
    CHECK_CODE(nx_ip_delete(alice), NX_SUCCESS);
    CHECK_CODE(nx_ip_delete(bob), NX_SUCCESS);
}

static NX_PACKET *packet_of(NX_IP *ip, const UCHAR *bytes, ULONG len) {
    NX_PACKET *packet;
    NX_PACKET_POOL *pool = ip->nx_ip_default_packet_pool;
    CHECK_CODE(nx_packet_allocate(pool, &packet, NX_UDP_PACKET, NX_NO_WAIT), NX_SUCCESS);
    if (len > 0)
        CHECK_CODE(nx_packet_data_append(packet, (VOID *)(uintptr_t)bytes, len, pool, 0), NX_SUCCESS);
    return packet;
}

/* Bytes from Alice to Bob and, in the same packets, back. */
static void round_trip(NXD_ADDRESS address, ULONG len) {
    static UCHAR bytes[4000];
    static UCHAR back[4000];
    NXD_ADDRESS from;
    NX_PACKET *packet;
    ULONG copied;
    UINT port;
    for (ULONG i = 0; i < len; i++)
        bytes[i] = (UCHAR)(i * 3);
    CHECK_CODE(
        nxd_udp_socket_send(&of_alice, packet_of(alice, bytes, len), &address, of_bob.nx_udp_socket_port),
        NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_receive(&of_bob, &packet, A_WHILE), NX_SUCCESS);
    CHECK_CODE(nxd_udp_source_extract(packet, &from, &port), NX_SUCCESS);
    CHECK(from.nxd_ip_version == address.nxd_ip_version && port == of_alice.nx_udp_socket_port);
    CHECK_CODE(nxd_udp_socket_send(&of_bob, packet, &from, port), NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_receive(&of_alice, &packet, A_WHILE), NX_SUCCESS);
    CHECK_CODE(nx_packet_data_retrieve(packet, back, &copied), NX_SUCCESS);
    CHECK(copied == len && memcmp(bytes, back, len) == 0);
    CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
}

static void both_versions(void) {
    make_two();
    round_trip(v4, 100);
    round_trip(v6, 100);
    round_trip(v4, 0);
    round_trip(v4, 4000); /* chains */
    for (int i = 0; i < REPETITIONS; i++)
        round_trip(i % 2 == 0 ? v4 : v6, 1200);
    CHECK(alice->nx_ip_udp_packets_sent == REPETITIONS + 4);
    unmake_two();
}

static void version_6_only_where_it_is_set(void) {
    alice = make_ip(false);
    make_socket(alice, &of_alice);
    NX_PACKET *packet = packet_of(alice, (const UCHAR *)"x", 1);
    CHECK_CODE(nxd_udp_socket_send(&of_alice, packet, &v6, 9), NX_NO_INTERFACE_ADDRESS);
    CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_unbind(&of_alice), NX_SUCCESS);
    CHECK_CODE(nx_ip_delete(alice), NX_SUCCESS);
}

static UINT take_port_of_host(int family, int *out_descriptor) {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address;
    socklen_t len = family == AF_INET ? sizeof address.v4 : sizeof address.v6;
    memset(&address, 0, sizeof address);
    address.any.sa_family = (sa_family_t)family;
    if (family == AF_INET)
        address.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    else
        address.v6.sin6_addr.s6_addr[15] = 1;
    *out_descriptor = socket(family, SOCK_DGRAM, 0);
    CHECK(*out_descriptor >= 0 && bind(*out_descriptor, &address.any, len) == 0);
    CHECK(getsockname(*out_descriptor, &address.any, &len) == 0);
    return ntohs(family == AF_INET ? address.v4.sin_port : address.v6.sin6_port);
}

static void ports_that_are_taken(void) {
    static NX_UDP_SOCKET socket;
    int descriptor;
    make_two();
    memset(&socket, 0, sizeof socket);
    CHECK_CODE(nx_udp_socket_create(alice, &socket, NULL, 0, 0, 0x80, 5), NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_bind(&socket, of_alice.nx_udp_socket_port, 0), NX_PORT_UNAVAILABLE);
    CHECK_CODE(nx_udp_socket_bind(&socket, of_bob.nx_udp_socket_port, 2), NX_PORT_UNAVAILABLE);
    UINT port = take_port_of_host(AF_INET, &descriptor);
    CHECK_CODE(nx_udp_socket_bind(&socket, port, 0), NX_PORT_UNAVAILABLE);
    close(descriptor);
    port = take_port_of_host(AF_INET6, &descriptor); /* half is not enough, and is given back */
    CHECK_CODE(nx_udp_socket_bind(&socket, port, 0), NX_PORT_UNAVAILABLE);
    close(descriptor);
    CHECK_CODE(nx_udp_socket_bind(&socket, port, 0), NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_unbind(&socket), NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_delete(&socket), NX_SUCCESS);
    unmake_two();
}

static void addresses_that_are_not_the_hosts(void) {
    static NX_IP ip;
    memset(&ip, 0, sizeof ip);
    CHECK_CODE(nx_ip_create(&ip, NULL, IP_ADDRESS(192, 0, 2, 1), 0, netx_test_pool(4, 256),
                            nx_host_udp_driver, NULL, 0, 1),
               NX_SUCCESS);
    CHECK_CODE(nx_udp_enable(&ip), NX_SUCCESS);
    memset(&of_alice, 0, sizeof of_alice);
    CHECK_CODE(nx_udp_socket_create(&ip, &of_alice, NULL, 0, 0, 0x80, 5), NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_bind(&of_alice, NX_ANY_PORT, 0), NX_INVALID_PORT);
    CHECK_CODE(nx_ip_delete(&ip), NX_SUCCESS);
}

static VOID receive_there(ULONG wait_option) {
    NX_PACKET *packet;
    answer = nx_udp_socket_receive(&of_bob, &packet, wait_option);
    if (answer == NX_SUCCESS)
        nx_packet_release(packet);
}

static void unbound_while_datagrams_come(void) {
    make_two();
    for (int i = 0; i < REPETITIONS; i++) {
        UINT port = of_bob.nx_udp_socket_port;
        netx_test_thread(3, receive_there, NX_WAIT_FOREVER);
        for (int n = 0; n < 3; n++)
            CHECK_CODE(nxd_udp_socket_send(&of_alice, packet_of(alice, (const UCHAR *)"x", 1),
                                           n == 1 ? &v6 : &v4, port),
                       NX_SUCCESS);
        CHECK_CODE(nx_udp_socket_unbind(&of_bob), NX_SUCCESS);
        CHECK(answer == NX_SUCCESS || answer == NX_NOT_BOUND);
        CHECK_CODE(nx_udp_socket_bind(&of_bob, NX_ANY_PORT, 0), NX_SUCCESS);
        if (i % 10 == 0) {
            CHECK_CODE(nx_udp_socket_unbind(&of_bob), NX_SUCCESS);
            CHECK_CODE(nx_ip_delete(bob), NX_SUCCESS);
            bob = make_ip(true);
            make_socket(bob, &of_bob);
        }
    }
    unmake_two();
}

/* A POSIX thread sends as fast as it can; the pool and the queue lose what they cannot take, and nothing
 * hangs. */
static void *flood(void *argument) {
    int descriptor = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)(uintptr_t)argument),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    for (int i = 0; i < 5000; i++)
        (void)!sendto(descriptor, "flood", 5, 0, (const struct sockaddr *)&to, sizeof to);
    close(descriptor);
    return NULL;
}

static void flooded(void) {
    pthread_t sender;
    NX_PACKET *packet;
    UINT num = 0;
    make_two();
    CHECK(pthread_create(&sender, NULL, flood, (void *)(uintptr_t)of_bob.nx_udp_socket_port) == 0);
    while (nx_udp_socket_receive(&of_bob, &packet, num == 0 ? A_WHILE : 10) == NX_SUCCESS) {
        num++;
        CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
    }
    pthread_join(sender, NULL);
    CHECK(num > 0);
    unmake_two();
}

/* The kernel ends with sockets bound and threads that wait: nothing of it is left behind. */
static void left_as_it_is(void) {
    make_two();
    netx_test_thread(3, receive_there, NX_WAIT_FOREVER);
}

#define TEST(body)                                                                                           \
    static void test_##body(void **state) {                                                                  \
        (void)state;                                                                                         \
        netx_test_run_at(TX_HOST_TIME_REAL, body);                                                           \
    }

TEST(both_versions)
TEST(version_6_only_where_it_is_set)
TEST(ports_that_are_taken)
TEST(addresses_that_are_not_the_hosts)
TEST(unbound_while_datagrams_come)
TEST(flooded)

static int num_open(void) {
    int num = 0;
    for (int descriptor = 0; descriptor < 256; descriptor++)
        num += fcntl(descriptor, F_GETFD) >= 0;
    return num;
}

static void descriptors_are_given_back(void **state) {
    (void)state;
    const int before = num_open();
    netx_test_run_at(TX_HOST_TIME_REAL, both_versions);
    netx_test_run_at(TX_HOST_TIME_REAL, ports_that_are_taken);
    netx_test_run_at(TX_HOST_TIME_REAL, left_as_it_is);
    assert_int_equal(num_open(), before);
}

static void left_again_and_again(void **state) {
    (void)state;
    for (int i = 0; i < REPETITIONS; i++)
        netx_test_run_at(TX_HOST_TIME_REAL, left_as_it_is);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_versions),
        cmocka_unit_test(test_version_6_only_where_it_is_set),
        cmocka_unit_test(test_ports_that_are_taken),
        cmocka_unit_test(test_addresses_that_are_not_the_hosts),
        cmocka_unit_test(test_unbound_while_datagrams_come),
        cmocka_unit_test(test_flooded),
        cmocka_unit_test(descriptors_are_given_back),
        cmocka_unit_test(left_again_and_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
