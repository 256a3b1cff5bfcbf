/* SPDX-License-Identifier: MIT
 *
 * UDP sockets: ports, and what they receive.
 */
#include "surroundings.h"

#define FIRST_FREE_PORT 49152u

static NX_UDP_SOCKET spare;

static NX_UDP_SOCKET *none(void) {
    memset(&spare, 0, sizeof spare);
    return &spare;
}

static UINT create(NX_IP *ip, NX_UDP_SOCKET *socket) {
    return nx_udp_socket_create(ip, socket, NULL, NX_IP_NORMAL, NX_DONT_FRAGMENT, 255, 5);
}

/* Alice's, not bound. */
static NX_UDP_SOCKET *made(void) {
    make_two();
    CHECK_CODE(create(alice, none()), NX_SUCCESS);
    return &spare;
}

static void unbind_spare(void) {
    CHECK_CODE(nx_udp_socket_unbind(&spare), NX_SUCCESS);
}

ROW(nx_udp_socket_create, NX_SUCCESS) {
    CHECK_CODE(create(netx_test_ip(1), none()), expected);
    CHECK(spare.nx_udp_socket_time_to_live == 255 && spare.nx_udp_socket_port == 0);
}
ROW(nx_udp_socket_create, NX_PTR_ERROR) {
    CHECK_CODE(create(NX_NULL, none()), expected);
    CHECK_CODE(create(netx_test_ip(1), NX_NULL), expected);
    CHECK_CODE(create(alice, made()), expected);
    unmake_two();
}
ROW(nx_udp_socket_create, NX_NOT_ENABLED) {
    NX_IP *bare = netx_test_memory(sizeof *bare);
    CHECK_CODE(nx_ip_create(bare, NULL, 1, 0, netx_test_pool(1, 256), _nx_ram_network_driver, NULL, 0, 1),
               NX_SUCCESS);
    CHECK_CODE(create(bare, none()), expected);
}
ROW(nx_udp_socket_create, NX_OPTION_ERROR) {
    NX_IP *ip = netx_test_ip(1);
    CHECK_CODE(nx_udp_socket_create(ip, none(), NULL, NX_IP_NORMAL, 1, 0x80, 5), expected);
    CHECK_CODE(nx_udp_socket_create(ip, none(), NULL, NX_IP_NORMAL, NX_FRAGMENT_OKAY, 256, 5), expected);
}

/* --- Ports. --- */

ROW(nx_udp_socket_bind, NX_SUCCESS) {
    CHECK_CODE(nx_udp_socket_bind(made(), NX_MAX_PORT, NX_NO_WAIT), expected);
    unbind_spare();
    CHECK_CODE(nx_udp_socket_bind(&spare, NX_ANY_PORT, NX_NO_WAIT), expected);
    CHECK(spare.nx_udp_socket_port >= FIRST_FREE_PORT);
    /* Another waits for that port. */
    UINT port = spare.nx_udp_socket_port;
    CHECK_CODE(nx_udp_socket_unbind(&of_alice), NX_SUCCESS);
    interrupted(unbind_spare);
    CHECK_CODE(nx_udp_socket_bind(&of_alice, port, 9), expected);
    CHECK(netx_test_ticks() == 3 && of_alice.nx_udp_socket_port == port);
    unmake_two();
}

ROW(nx_udp_socket_bind, NX_PTR_ERROR) {
    CHECK_CODE(nx_udp_socket_bind(NX_NULL, PORT, 0), expected);
    CHECK_CODE(nx_udp_socket_bind(none(), PORT, 0), expected);
    CHECK_CODE(create(netx_test_ip(1), none()), NX_SUCCESS);
    CHECK_CODE(nx_ip_delete(spare.nx_udp_socket_ip_ptr), NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_bind(&spare, PORT, 0), expected);
}

ROW(nx_udp_socket_bind, NX_INVALID_PORT) {
    CHECK_CODE(nx_udp_socket_bind(made(), NX_MAX_PORT + 1, 0), expected);
    unmake_two();
}

static void bind_the_waiting(void) {
    CHECK_CODE(nx_udp_socket_bind(&spare, PORT + 1, 0), NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_unbind(&of_alice), NX_SUCCESS);
}

ROW(nx_udp_socket_bind, NX_ALREADY_BOUND) {
    made();
    CHECK_CODE(nx_udp_socket_bind(&of_alice, PORT, 0), expected);
    interrupted(bind_the_waiting);
    CHECK_CODE(nx_udp_socket_bind(&spare, of_alice.nx_udp_socket_port, 9), expected);
    unbind_spare();
    CHECK_CODE(nx_udp_socket_bind(&of_alice, PORT, 0), NX_SUCCESS);
    unmake_two();
}

ROW(nx_udp_socket_bind, NX_PORT_UNAVAILABLE) {
    made();
    UINT port = of_alice.nx_udp_socket_port;
    CHECK_CODE(nx_udp_socket_bind(&spare, port, 0), expected);
    CHECK_CODE(nx_udp_socket_bind(&spare, port, 2), expected);
    CHECK(netx_test_ticks() == 2);
    CHECK_CODE(nx_udp_socket_bind(&spare, PORT, 2), NX_SUCCESS); /* Bob's are his own */
    unbind_spare();
    unmake_two();
}

/* Every port from 49152 on. */
ROW(nx_udp_socket_bind, NX_NO_FREE_PORTS) {
    const UINT num = NX_MAX_PORT - FIRST_FREE_PORT + 1;
    NX_UDP_SOCKET *sockets = netx_test_memory((num - 1) * sizeof *sockets);
    made(); /* and Alice has one */
    for (UINT i = 0; i < num - 1; i++) {
        CHECK_CODE(create(alice, &sockets[i]), NX_SUCCESS);
        CHECK_CODE(nx_udp_socket_bind(&sockets[i], NX_ANY_PORT, 0), NX_SUCCESS);
    }
    /* Of which the last is looked at too. */
    CHECK_CODE(nx_udp_socket_unbind(&sockets[num - 2]), NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_bind(&sockets[num - 2], NX_ANY_PORT, 0), NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_bind(&spare, NX_ANY_PORT, 9), expected);
    CHECK(netx_test_ticks() == 0);
    UINT port = sockets[77].nx_udp_socket_port;
    CHECK_CODE(nx_udp_socket_unbind(&sockets[77]), NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_bind(&spare, NX_ANY_PORT, 0), NX_SUCCESS);
    CHECK(spare.nx_udp_socket_port == port);
    unbind_spare();
    for (UINT i = 0; i < num - 1; i++) {
        if (i != 77)
            CHECK_CODE(nx_udp_socket_unbind(&sockets[i]), NX_SUCCESS);
    }
    unmake_two();
}

ROW(nx_udp_socket_bind, NX_WAIT_ABORTED) {
    made();
    interrupted(abort_it);
    CHECK_CODE(nx_udp_socket_bind(&spare, of_alice.nx_udp_socket_port, 9), expected);
    unmake_two();
}

static void delete_the_waiting(void) {
    CHECK_CODE(nx_udp_socket_delete(&spare), NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_unbind(&of_alice), NX_SUCCESS);
}

static void delete_the_host(void) {
    CHECK_CODE(nx_udp_socket_unbind(&of_alice), NX_SUCCESS);
    CHECK_CODE(nx_ip_delete(alice), NX_SUCCESS);
}

ROW(nx_udp_socket_bind, NX_INVALID_SOCKET) {
    made();
    UINT port = of_alice.nx_udp_socket_port;
    interrupted(delete_the_waiting);
    CHECK_CODE(nx_udp_socket_bind(&spare, port, 9), expected);
    CHECK_CODE(nx_udp_socket_bind(&of_alice, port, 0), NX_SUCCESS);
    CHECK_CODE(create(alice, &spare), NX_SUCCESS);
    interrupted(delete_the_host);
    CHECK_CODE(nx_udp_socket_bind(&spare, port, 9), expected);
    CHECK_CODE(nx_udp_socket_unbind(&of_bob), NX_SUCCESS);
}

ROW(nx_udp_socket_unbind, NX_SUCCESS) {
    make_two();
    send_text(&of_alice, bob_at, PORT, "that nobody takes");
    CHECK_CODE(nx_udp_socket_unbind(&of_bob), expected);
    CHECK_CODE(nx_udp_socket_bind(&of_bob, PORT, 0), NX_SUCCESS);
    CHECK(of_bob.nx_udp_socket_receive_count == 0);
    unmake_two();
}
ROW(nx_udp_socket_unbind, NX_PTR_ERROR) {
    CHECK_CODE(nx_udp_socket_unbind(NX_NULL), expected);
    CHECK_CODE(nx_udp_socket_unbind(none()), expected);
}
ROW(nx_udp_socket_unbind, NX_NOT_BOUND) {
    CHECK_CODE(nx_udp_socket_unbind(made()), expected);
    unmake_two();
}

ROW(nx_udp_socket_delete, NX_SUCCESS) {
    CHECK_CODE(nx_udp_socket_delete(made()), expected);
    unmake_two();
}
ROW(nx_udp_socket_delete, NX_PTR_ERROR) {
    CHECK_CODE(nx_udp_socket_delete(NX_NULL), expected);
    CHECK_CODE(nx_udp_socket_delete(none()), expected);
}
ROW(nx_udp_socket_delete, NX_STILL_BOUND) {
    make_two();
    CHECK_CODE(nx_udp_socket_delete(&of_bob), expected);
    unmake_two();
}

ROW(nx_udp_socket_port_get, NX_SUCCESS) {
    UINT port;
    make_two();
    CHECK_CODE(nx_udp_socket_port_get(&of_bob, &port), expected);
    CHECK(port == PORT);
    unmake_two();
}
ROW(nx_udp_socket_port_get, NX_PTR_ERROR) {
    UINT port;
    CHECK_CODE(nx_udp_socket_port_get(none(), &port), expected);
    CHECK_CODE(nx_udp_socket_port_get(made(), NX_NULL), expected);
    unmake_two();
}
ROW(nx_udp_socket_port_get, NX_NOT_BOUND) {
    UINT port = 9;
    CHECK_CODE(nx_udp_socket_port_get(made(), &port), expected);
    CHECK(port == 0);
    unmake_two();
}

ROW(nx_udp_socket_checksum_disable, NX_SUCCESS) {
    CHECK_CODE(nx_udp_socket_checksum_disable(made()), expected);
    unmake_two();
}
ANSWERS(nx_udp_socket_checksum_disable, NX_PTR_ERROR, nx_udp_socket_checksum_disable(none()))

/* --- What comes. --- */

static void send_x(void) {
    send_text(&of_alice, bob_at, PORT, "x");
}

static void unbind_bob(void) {
    CHECK_CODE(nx_udp_socket_unbind(&of_bob), NX_SUCCESS);
}

ROW(nx_udp_socket_receive, NX_SUCCESS) {
    NX_PACKET *packet;
    make_two();
    interrupted(send_x);
    CHECK_CODE(nx_udp_socket_receive(&of_bob, &packet, NX_WAIT_FOREVER), expected);
    CHECK(netx_test_ticks() == 3 && packet->nx_packet_length == 1);
    CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
    unmake_two();
}
ROW(nx_udp_socket_receive, NX_PTR_ERROR) {
    NX_PACKET *packet;
    CHECK_CODE(nx_udp_socket_receive(none(), &packet, 9), expected);
    CHECK_CODE(nx_udp_socket_receive(made(), NX_NULL, 9), expected);
    unmake_two();
}
ROW(nx_udp_socket_receive, NX_NO_PACKET) {
    NX_PACKET *packet;
    make_two();
    CHECK_CODE(nx_udp_socket_receive(&of_bob, &packet, NX_NO_WAIT), expected);
    CHECK_CODE(nx_udp_socket_receive(&of_bob, &packet, 2), expected);
    CHECK(netx_test_ticks() == 2 && packet == NX_NULL);
    unmake_two();
}
ROW(nx_udp_socket_receive, NX_NOT_BOUND) {
    NX_PACKET *packet;
    make_two();
    interrupted(unbind_bob);
    CHECK_CODE(nx_udp_socket_receive(&of_bob, &packet, 9), expected);
    CHECK_CODE(nx_udp_socket_receive(&of_bob, &packet, 9), expected);
    CHECK(netx_test_ticks() == 3);
    CHECK_CODE(nx_udp_socket_bind(&of_bob, PORT, 0), NX_SUCCESS);
    unmake_two();
}
ROW(nx_udp_socket_receive, NX_WAIT_ABORTED) {
    NX_PACKET *packet;
    make_two();
    interrupted(abort_it);
    CHECK_CODE(nx_udp_socket_receive(&of_bob, &packet, 9), expected);
    unmake_two();
}

static UINT num_notified;

static VOID count(NX_UDP_SOCKET *socket) {
    (void)socket;
    num_notified++;
}

ROW(nx_udp_socket_receive_notify, NX_SUCCESS) {
    make_two();
    num_notified = 0;
    CHECK_CODE(nx_udp_socket_receive_notify(&of_bob, count), expected);
    send_x();
    CHECK_CODE(nx_udp_socket_receive_notify(&of_bob, NX_NULL), expected);
    send_x();
    CHECK(num_notified == 1);
    unmake_two();
}
ANSWERS(nx_udp_socket_receive_notify, NX_PTR_ERROR, nx_udp_socket_receive_notify(none(), count))
