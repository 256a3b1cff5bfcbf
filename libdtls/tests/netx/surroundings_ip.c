/* SPDX-License-Identifier: MIT
 *
 * IP instances, and what comes to them from outside.
 */
#include "surroundings.h"

#define ADDRESS IP_ADDRESS(1, 2, 3, 4)

static NX_IP bare;
static UINT answer;

static NX_IP *none(void) {
    memset(&bare, 0, sizeof bare);
    return &bare;
}

static UINT create(NX_IP *ip, ULONG address, UINT priority) {
    return nx_ip_create(ip, NULL, address, 0xFFFFFF00u, netx_test_pool(4, 256), _nx_ram_network_driver, NULL,
                        0, priority);
}

/* Without UDP and IPv6. */
static NX_IP *made(void) {
    CHECK_CODE(create(none(), ADDRESS, 1), NX_SUCCESS);
    return &bare;
}

static NXD_ADDRESS v6(ULONG last) {
    return (NXD_ADDRESS){NX_IP_VERSION_V6, {.v6 = {0x20010DB8, 0, 0, last}}};
}

ANSWERS(nx_ip_create, NX_SUCCESS, create(none(), ADDRESS, 1))
ANSWERS(nx_ip_create, NX_POOL_ERROR,
        nx_ip_create(none(), NULL, ADDRESS, 0, NX_NULL, _nx_ram_network_driver, NULL, 0, 1))
ROW(nx_ip_create, NX_PTR_ERROR) {
    NX_PACKET_POOL *pool = netx_test_pool(1, 256);
    CHECK_CODE(create(NX_NULL, ADDRESS, 1), expected);
    CHECK_CODE(nx_ip_create(none(), NULL, ADDRESS, 0, pool, NX_NULL, NULL, 0, 1), expected);
    CHECK_CODE(create(made(), ADDRESS + 1, 1), expected);
}
ROW(nx_ip_create, NX_IP_INTERNAL_ERROR) {
    CHECK_CODE(create(none(), ADDRESS, TX_MAX_PRIORITIES), expected);
    CHECK_CODE(create(&bare, ADDRESS, 1), NX_SUCCESS); /* nothing is left of it */
}
ROW(nx_ip_create, NX_DUPLICATED_ENTRY) {
    netx_test_ip(ADDRESS);
    CHECK_CODE(create(none(), ADDRESS, 1), expected);
    CHECK_CODE(create(none(), 0, 1), NX_SUCCESS); /* no address is nobody's */
}

ANSWERS(nx_ip_delete, NX_SUCCESS, nx_ip_delete(made()))
ROW(nx_ip_delete, NX_PTR_ERROR) {
    CHECK_CODE(nx_ip_delete(NX_NULL), expected);
    CHECK_CODE(nx_ip_delete(none()), expected);
}
ROW(nx_ip_delete, NX_SOCKETS_BOUND) {
    make_two();
    CHECK_CODE(nx_ip_delete(bob), expected);
    unmake_two();
}

static VOID delete_own(NX_UDP_SOCKET *socket) {
    CHECK_CODE(nx_udp_socket_unbind(socket), NX_SUCCESS);
    answer = nx_ip_delete(bob);
    CHECK_CODE(nx_udp_socket_bind(socket, PORT, NX_NO_WAIT), NX_SUCCESS);
}

ROW(nx_ip_delete, NX_CALLER_ERROR) {
    make_two();
    CHECK_CODE(nx_udp_socket_receive_notify(&of_bob, delete_own), NX_SUCCESS);
    send_text(&of_alice, bob_at, PORT, "x");
    CHECK_CODE(answer, expected);
    unmake_two();
}

static void enable_udp(void) {
    CHECK_CODE(nx_udp_enable(&bare), NX_SUCCESS);
}

ROW(nx_ip_status_check, NX_SUCCESS) {
    ULONG actual;
    const ULONG all = NX_IP_INITIALIZE_DONE | NX_IP_ADDRESS_RESOLVED | NX_IP_LINK_ENABLED | NX_IP_UDP_ENABLED;
    CHECK_CODE(nx_ip_status_check(made(), NX_IP_INITIALIZE_DONE, &actual, NX_NO_WAIT), expected);
    CHECK(actual == (all & ~(ULONG)NX_IP_UDP_ENABLED));
    interrupted(enable_udp);
    CHECK_CODE(nx_ip_status_check(&bare, all, &actual, NX_WAIT_FOREVER), expected);
    CHECK(actual == all && netx_test_ticks() == 3);
}

ROW(nx_ip_status_check, NX_NOT_SUCCESSFUL) {
    ULONG actual;
    CHECK_CODE(nx_ip_status_check(made(), NX_IP_UDP_ENABLED, &actual, NX_NO_WAIT), expected);
    CHECK_CODE(nx_ip_status_check(&bare, NX_IP_UDP_ENABLED, &actual, 4), expected);
    CHECK(netx_test_ticks() == 4);
    interrupted_at(NETX_TEST_PRIORITY + 1, abort_it);
    CHECK_CODE(nx_ip_status_check(&bare, NX_IP_UDP_ENABLED, &actual, NX_WAIT_FOREVER), expected);
    CHECK(netx_test_ticks() == 7);
    CHECK_CODE(nx_ip_delete(&bare), NX_SUCCESS);
    CHECK_CODE(create(none(), 0, 1), NX_SUCCESS);
    CHECK_CODE(nx_ip_status_check(&bare, NX_IP_ADDRESS_RESOLVED, &actual, NX_NO_WAIT), expected);
}

ROW(nx_ip_status_check, NX_PTR_ERROR) {
    ULONG actual;
    CHECK_CODE(nx_ip_status_check(none(), NX_IP_INITIALIZE_DONE, &actual, 0), expected);
    CHECK_CODE(nx_ip_status_check(made(), NX_IP_INITIALIZE_DONE, NX_NULL, 0), expected);
}
ROW(nx_ip_status_check, NX_OPTION_ERROR) {
    ULONG actual;
    CHECK_CODE(nx_ip_status_check(made(), 0, &actual, 0), expected);
    CHECK_CODE(nx_ip_status_check(&bare, 0x80, &actual, 0), expected);
}

/* --- What is enabled. --- */

ANSWERS(nx_arp_enable, NX_SUCCESS, nx_arp_enable(made(), &answer, 1))
ANSWERS(nx_arp_enable, NX_SIZE_ERROR, nx_arp_enable(made(), &answer, 0))
ROW(nx_arp_enable, NX_PTR_ERROR) {
    CHECK_CODE(nx_arp_enable(none(), &answer, 1), expected);
    CHECK_CODE(nx_arp_enable(made(), NX_NULL, 1), expected);
}
ANSWERS(nx_icmp_enable, NX_SUCCESS, nx_icmp_enable(made()))
ANSWERS(nx_icmp_enable, NX_PTR_ERROR, nx_icmp_enable(none()))
ANSWERS(nx_ip_fragment_enable, NX_SUCCESS, nx_ip_fragment_enable(made()))
ANSWERS(nx_ip_fragment_enable, NX_PTR_ERROR, nx_ip_fragment_enable(none()))
ANSWERS(nxd_icmp_enable, NX_SUCCESS, nxd_icmp_enable(made()))
ANSWERS(nxd_icmp_enable, NX_PTR_ERROR, nxd_icmp_enable(none()))
ANSWERS(nxd_ipv6_enable, NX_SUCCESS, nxd_ipv6_enable(made()))
ANSWERS(nxd_ipv6_enable, NX_PTR_ERROR, nxd_ipv6_enable(none()))
ANSWERS(nx_udp_enable, NX_SUCCESS, nx_udp_enable(made()))
ANSWERS(nx_udp_enable, NX_PTR_ERROR, nx_udp_enable(none()))
ROW(nx_udp_enable, NX_ALREADY_ENABLED) {
    CHECK_CODE(nx_udp_enable(made()), NX_SUCCESS);
    CHECK_CODE(nx_udp_enable(&bare), expected);
}

static UINT set_v6(NX_IP *ip, ULONG last) {
    NXD_ADDRESS address = v6(last);
    return nxd_ipv6_address_set(ip, 0, &address, 64, NX_NULL);
}

ROW(nxd_ipv6_address_set, NX_SUCCESS) {
    UINT index = 9;
    CHECK_CODE(set_v6(made(), 1), expected);
    CHECK_CODE(nxd_ipv6_address_set(&bare, 0, NX_NULL, 10, &index), expected);
    CHECK(index == 1 && bare.nx_ip_address_v6[1].nxd_ip_address.v6[0] == 0xFE800000);
    CHECK(bare.nx_ip_address_v6[1].nxd_ip_address.v6[3] == ADDRESS);
}
ANSWERS(nxd_ipv6_address_set, NX_PTR_ERROR, set_v6(none(), 1))
ANSWERS(nxd_ipv6_address_set, NX_INVALID_INTERFACE, nxd_ipv6_address_set(made(), 1, NX_NULL, 64, NX_NULL))
ROW(nxd_ipv6_address_set, NX_IP_ADDRESS_ERROR) {
    NXD_ADDRESS wrong = {NX_IP_VERSION_V4, {.v4 = ADDRESS}};
    CHECK_CODE(nxd_ipv6_address_set(made(), 0, &wrong, 64, NX_NULL), expected);
    wrong = (NXD_ADDRESS){.nxd_ip_version = NX_IP_VERSION_V6};
    CHECK_CODE(nxd_ipv6_address_set(&bare, 0, &wrong, 64, NX_NULL), expected);
    CHECK_CODE(nxd_ipv6_address_set(&bare, 0, NX_NULL, 129, NX_NULL), expected);
}
ROW(nxd_ipv6_address_set, NX_DUPLICATED_ENTRY) {
    CHECK_CODE(set_v6(made(), 1), NX_SUCCESS);
    CHECK_CODE(set_v6(&bare, 1), expected);
}
ROW(nxd_ipv6_address_set, NX_NO_MORE_ENTRIES) {
    made();
    for (ULONG last = 1; last <= 4; last++)
        CHECK_CODE(set_v6(&bare, last), NX_SUCCESS);
    CHECK_CODE(set_v6(&bare, 5), expected);
}

/* --- From outside. --- */

static UINT deliver(ULONG to, UINT len) {
    static const UCHAR bytes[2000];
    nx_host_datagram datagram = {bob_at, bob_at, 1, PORT, len, bytes};
    datagram.destination.nxd_ip_address.v4 = to;
    return nx_host_deliver(&datagram);
}

ROW(nx_host_deliver, NX_SUCCESS) {
    make_two();
    CHECK_CODE(deliver(bob_at.nxd_ip_address.v4, 0), expected);
    expect_text(&of_bob, "");
    unmake_two();
}
ROW(nx_host_deliver, NX_PTR_ERROR) {
    nx_host_datagram datagram = {bob_at, bob_at, 1, PORT, 1, NX_NULL};
    CHECK_CODE(nx_host_deliver(NX_NULL), expected);
    CHECK_CODE(nx_host_deliver(&datagram), expected);
    datagram.length = 0; /* of nothing there is none */
    CHECK_CODE(nx_host_deliver(&datagram), NX_NOT_FOUND);
}
ROW(nx_host_deliver, NX_NOT_FOUND) {
    made();
    CHECK_CODE(deliver(IP_ADDRESS(9, 9, 9, 9), 1), expected);
    CHECK_CODE(deliver(IP_ADDRESS(127, 0, 0, 1), 1), expected);
    CHECK_CODE(deliver(0, 1), expected);
}
ROW(nx_host_deliver, NX_NOT_ENABLED) {
    made();
    CHECK_CODE(deliver(ADDRESS, 1), expected);
}
ROW(nx_host_deliver, NX_NO_PACKET) {
    CHECK_CODE(nx_udp_enable(made()), NX_SUCCESS);
    CHECK_CODE(deliver(ADDRESS, 2000), expected);
}
