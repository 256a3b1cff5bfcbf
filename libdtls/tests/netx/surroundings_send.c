/* SPDX-License-Identifier: MIT
 *
 * What UDP sockets send, and where it came from. A packet that is refused is as it was.
 */
#include "surroundings.h"

#define V4(a) ((NXD_ADDRESS){NX_IP_VERSION_V4, {.v4 = (a)}})
#define BOB   IP_ADDRESS(1, 2, 3, 5)

/* The two services; that of IPv4 takes what it can of the address. */
typedef UINT (*sender)(NX_UDP_SOCKET *socket, NX_PACKET *packet, NXD_ADDRESS *address, UINT port);

static UINT send_old(NX_UDP_SOCKET *socket, NX_PACKET *packet, NXD_ADDRESS *address, UINT port) {
    return nx_udp_socket_send(socket, packet, address->nxd_ip_address.v4, port);
}

static UINT send_new(NX_UDP_SOCKET *socket, NX_PACKET *packet, NXD_ADDRESS *address, UINT port) {
    return nxd_udp_socket_send(socket, packet, address, port);
}

static void succeed(sender send, UINT expected) {
    make_two();
    CHECK_CODE(send(&of_alice, packet_of(alice, "sent"), &bob_at, PORT), expected);
    expect_text(&of_bob, "sent");
    CHECK_CODE(send(&of_alice, packet_of(alice, "nobody's"), &V4(IP_ADDRESS(9, 9, 9, 9)), 1), expected);
    CHECK_CODE(send(&of_alice, packet_of(alice, "nobody's"), &bob_at, PORT + 1), expected);
    CHECK(of_alice.nx_udp_socket_packets_sent == 3 && alice->nx_ip_udp_packets_sent == 3);
    unmake_two();
}

static void refused(sender send, NX_UDP_SOCKET *socket, NXD_ADDRESS address, UINT port, UINT expected) {
    NX_PACKET *packet = packet_of(alice, "kept");
    const NX_PACKET before = *packet;
    CHECK_CODE(send(socket, packet, &address, port), expected);
    CHECK(memcmp(&before, packet, sizeof before) == 0);
    CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
}

static void without_what_it_needs(sender send, UINT expected) {
    static NX_UDP_SOCKET none;
    make_two();
    refused(send, NX_NULL, bob_at, PORT, expected);
    refused(send, &none, bob_at, PORT, expected);
    CHECK_CODE(send(&of_alice, NX_NULL, &bob_at, PORT), expected);
    unmake_two();
}

static void unbound(sender send, UINT expected) {
    make_two();
    CHECK_CODE(nx_udp_socket_unbind(&of_alice), NX_SUCCESS);
    refused(send, &of_alice, bob_at, PORT, expected);
    CHECK_CODE(nx_udp_socket_bind(&of_alice, NX_ANY_PORT, 0), NX_SUCCESS);
    unmake_two();
}

static void to_ports_that_are_none(sender send, UINT expected) {
    make_two();
    refused(send, &of_alice, bob_at, 0, expected);
    refused(send, &of_alice, bob_at, NX_MAX_PORT + 1, expected);
    unmake_two();
}

static void from_no_address(sender send, UINT expected) {
    make_two();
    alice->nx_ip_interface[0].nx_interface_ip_address = 0;
    refused(send, &of_alice, bob_at, PORT, expected);
    unmake_two();
}

static void from_before_the_payload(sender send, UINT expected) {
    make_two();
    NX_PACKET *packet = packet_of(alice, "text");
    UCHAR *prepend = packet->nx_packet_prepend_ptr;
    packet->nx_packet_prepend_ptr = packet->nx_packet_data_start - 1;
    CHECK_CODE(send(&of_alice, packet, &bob_at, PORT), expected);
    packet->nx_packet_prepend_ptr = prepend;
    CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
    unmake_two();
}

static void beyond_the_payload(sender send, UINT expected) {
    make_two();
    NX_PACKET *packet = packet_of(alice, "text");
    packet->nx_packet_length = 65508;
    CHECK_CODE(send(&of_alice, packet, &bob_at, PORT), expected);
    packet->nx_packet_length = 4;
    packet->nx_packet_append_ptr = packet->nx_packet_data_end + 1;
    CHECK_CODE(send(&of_alice, packet, &bob_at, PORT), expected);
    packet->nx_packet_append_ptr = packet->nx_packet_data_end;
    CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
    unmake_two();
}

static void of_another_length(sender send, UINT expected) {
    make_two();
    NX_PACKET *packet = packet_of(alice, "text");
    packet->nx_packet_length = 5;
    CHECK_CODE(send(&of_alice, packet, &bob_at, PORT), expected);
    CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
    unmake_two();
}

/* A row for each of the two. */
#define BOTH(code, test)                                                                                     \
    void row_nx_udp_socket_send__##code(void) {                                                              \
        _Static_assert(known_nx_udp_socket_send__##code == 1, "not in surroundings.toml");                   \
        test(send_old, code);                                                                                \
    }                                                                                                        \
    void row_nxd_udp_socket_send__##code(void) {                                                             \
        _Static_assert(known_nxd_udp_socket_send__##code == 1, "not in surroundings.toml");                  \
        test(send_new, code);                                                                                \
    }

BOTH(NX_SUCCESS, succeed)
BOTH(NX_NOT_BOUND, unbound)
BOTH(NX_INVALID_PORT, to_ports_that_are_none)
BOTH(NX_UNDERFLOW, from_before_the_payload)
BOTH(NX_OVERFLOW, beyond_the_payload)
BOTH(NX_INVALID_PACKET, of_another_length)

ROW(nx_udp_socket_send, NX_PTR_ERROR) {
    without_what_it_needs(send_old, expected);
}

ROW(nxd_udp_socket_send, NX_PTR_ERROR) {
    without_what_it_needs(send_new, expected);
    make_two();
    NX_PACKET *packet = packet_of(alice, "x");
    CHECK_CODE(nxd_udp_socket_send(&of_alice, packet, NX_NULL, PORT), expected);
    CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
    unmake_two();
}

ROW(nx_udp_socket_send, NX_IP_ADDRESS_ERROR) {
    make_two();
    refused(send_old, &of_alice, V4(0), PORT, expected);
    unmake_two();
}

ROW(nxd_udp_socket_send, NX_IP_ADDRESS_ERROR) {
    make_two();
    refused(send_new, &of_alice, V4(0), PORT, expected);
    refused(send_new, &of_alice, (NXD_ADDRESS){.nxd_ip_version = NX_IP_VERSION_V6}, PORT, expected);
    refused(send_new, &of_alice, (NXD_ADDRESS){5, {.v4 = BOB}}, PORT, expected);
    unmake_two();
}

ROW(nx_udp_socket_send, NX_NO_INTERFACE_ADDRESS) {
    from_no_address(send_old, expected);
}

ROW(nxd_udp_socket_send, NX_NO_INTERFACE_ADDRESS) {
    from_no_address(send_new, expected);
    make_two();
    refused(send_new, &of_alice, (NXD_ADDRESS){NX_IP_VERSION_V6, {.v6 = {0x20010DB8, 0, 0, 1}}}, PORT,
            expected);
    unmake_two();
}

/* --- Where it came from. --- */

static NXD_ADDRESS from;
static ULONG from_v4;
static UINT from_port;

/* Bob has received it. */
static NX_PACKET *received(NXD_ADDRESS address) {
    NX_PACKET *packet;
    make_two();
    NXD_ADDRESS v6 = {NX_IP_VERSION_V6, {.v6 = {0x20010DB8, 0, 0, 1}}};
    CHECK_CODE(nxd_ipv6_address_set(alice, 0, &v6, 64, NX_NULL), NX_SUCCESS);
    v6.nxd_ip_address.v6[3] = 2;
    CHECK_CODE(nxd_ipv6_address_set(bob, 0, &v6, 64, NX_NULL), NX_SUCCESS);
    send_text(&of_alice, address, PORT, "x");
    CHECK_CODE(nx_udp_socket_receive(&of_bob, &packet, NX_NO_WAIT), NX_SUCCESS);
    return packet;
}

static void done_with(NX_PACKET *packet) {
    CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
    unmake_two();
}

ROW(nxd_udp_source_extract, NX_SUCCESS) {
    NX_PACKET *packet = received((NXD_ADDRESS){NX_IP_VERSION_V6, {.v6 = {0x20010DB8, 0, 0, 2}}});
    CHECK_CODE(nxd_udp_source_extract(packet, &from, &from_port), expected);
    CHECK(from.nxd_ip_version == NX_IP_VERSION_V6 && from.nxd_ip_address.v6[3] == 1);
    CHECK(from_port == of_alice.nx_udp_socket_port);
    done_with(packet);
}
ROW(nxd_udp_source_extract, NX_PTR_ERROR) {
    NX_PACKET *packet = received(bob_at);
    CHECK_CODE(nxd_udp_source_extract(NX_NULL, &from, &from_port), expected);
    CHECK_CODE(nxd_udp_source_extract(packet, NX_NULL, &from_port), expected);
    CHECK_CODE(nxd_udp_source_extract(packet, &from, NX_NULL), expected);
    done_with(packet);
}
ROW(nxd_udp_source_extract, NX_INVALID_PACKET) {
    make_two();
    NX_PACKET *packet = packet_of(alice, "x");
    CHECK_CODE(nxd_udp_source_extract(packet, &from, &from_port), expected);
    done_with(packet);
}

ROW(nx_udp_source_extract, NX_SUCCESS) {
    NX_PACKET *packet = received(bob_at);
    CHECK_CODE(nx_udp_source_extract(packet, &from_v4, &from_port), expected);
    CHECK(from_v4 == IP_ADDRESS(1, 2, 3, 4) && from_port == of_alice.nx_udp_socket_port);
    done_with(packet);
}
ROW(nx_udp_source_extract, NX_PTR_ERROR) {
    NX_PACKET *packet = received(bob_at);
    CHECK_CODE(nx_udp_source_extract(NX_NULL, &from_v4, &from_port), expected);
    CHECK_CODE(nx_udp_source_extract(packet, NX_NULL, &from_port), expected);
    CHECK_CODE(nx_udp_source_extract(packet, &from_v4, NX_NULL), expected);
    done_with(packet);
}
ROW(nx_udp_source_extract, NX_INVALID_PACKET) {
    NX_PACKET *packet = received((NXD_ADDRESS){NX_IP_VERSION_V6, {.v6 = {0x20010DB8, 0, 0, 2}}});
    CHECK_CODE(nx_udp_source_extract(packet, &from_v4, &from_port), expected);
    NX_PACKET *own = packet_of(alice, "x");
    CHECK_CODE(nx_udp_source_extract(own, &from_v4, &from_port), expected);
    CHECK_CODE(nx_packet_release(own), NX_SUCCESS);
    done_with(packet);
}
