/* SPDX-License-Identifier: MIT */
#include "net_world.h"

NX_IP *alice;
NX_IP *bob;
NX_UDP_SOCKET of_alice;
NX_UDP_SOCKET of_bob;
NXD_ADDRESS bob_at = {.nxd_ip_version = NX_IP_VERSION_V4, .nxd_ip_address.v4 = IP_ADDRESS(1, 2, 3, 5)};

void make_socket(NX_IP *ip, NX_UDP_SOCKET *socket, UINT port) {
    memset(socket, 0, sizeof *socket);
    CHECK_CODE(nx_udp_socket_create(ip, socket, NULL, NX_IP_NORMAL, NX_FRAGMENT_OKAY, NX_IP_TIME_TO_LIVE, 4),
               NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_bind(socket, port, NX_NO_WAIT), NX_SUCCESS);
}

void make_two(void) {
    alice = netx_test_ip(IP_ADDRESS(1, 2, 3, 4));
    bob = netx_test_ip(IP_ADDRESS(1, 2, 3, 5));
    make_socket(alice, &of_alice, NX_ANY_PORT);
    make_socket(bob, &of_bob, PORT);
}

void unmake_two(void) {
    CHECK_CODE(nx_udp_socket_unbind(&of_alice), NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_delete(&of_alice), NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_unbind(&of_bob), NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_delete(&of_bob), NX_SUCCESS);
    CHECK_CODE(nx_ip_delete(alice), NX_SUCCESS);
    CHECK_CODE(nx_ip_delete(bob), NX_SUCCESS);
}

NX_PACKET *packet_of(NX_IP *ip, const char *text) {
    NX_PACKET *packet;
    NX_PACKET_POOL *pool = ip->nx_ip_default_packet_pool;
    CHECK_CODE(nx_packet_allocate(pool, &packet, NX_UDP_PACKET, NX_NO_WAIT), NX_SUCCESS);
    if (text[0] != '\0')
        CHECK_CODE(nx_packet_data_append(packet, (VOID *)(uintptr_t)text, (ULONG)strlen(text), pool, 0),
                   NX_SUCCESS);
    return packet;
}

void send_text(NX_UDP_SOCKET *socket, NXD_ADDRESS address, UINT port, const char *text) {
    NX_PACKET *packet = packet_of(socket->nx_udp_socket_ip_ptr, text);
    CHECK_CODE(nxd_udp_socket_send(socket, packet, &address, port), NX_SUCCESS);
}

UINT expect_text(NX_UDP_SOCKET *socket, const char *text) {
    UCHAR bytes[64];
    ULONG copied;
    NXD_ADDRESS from;
    UINT port;
    NX_PACKET *packet;
    CHECK_CODE(nx_udp_socket_receive(socket, &packet, 100), NX_SUCCESS);
    CHECK_CODE(nx_packet_data_retrieve(packet, bytes, &copied), NX_SUCCESS);
    CHECK(copied == strlen(text) && memcmp(bytes, text, copied) == 0);
    CHECK_CODE(nxd_udp_source_extract(packet, &from, &port), NX_SUCCESS);
    CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
    return port;
}
