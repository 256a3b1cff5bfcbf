/* SPDX-License-Identifier: MIT
 *
 * What leaves the switch and what comes from outside, and delivery within the
 * sending call.
 */
#include "net_world.h"

/* --- What leaves the switch, and what comes from outside. --- */

static nx_host_datagram went_up;
static UCHAR went_up_bytes[4000];
static UINT num_up;

static VOID take_up(VOID *context, const nx_host_datagram *datagram) {
    CHECK(context == &went_up);
    went_up = *datagram;
    memcpy(went_up_bytes, datagram->data, datagram->length);
    num_up++;
}

static void uplink(void) {
    NXD_ADDRESS far = {.nxd_ip_version = NX_IP_VERSION_V4, .nxd_ip_address.v4 = IP_ADDRESS(9, 9, 9, 9)};
    NXD_ADDRESS loopback = {.nxd_ip_version = NX_IP_VERSION_V4,
                            .nxd_ip_address.v4 = IP_ADDRESS(127, 0, 0, 1)};
    static UCHAR bytes[3000];
    make_two();
    num_up = 0;
    send_text(&of_alice, far, 77, "nowhere");
    nx_host_uplink_set(take_up, &went_up);
    send_text(&of_alice, far, 77, "far");
    CHECK(num_up == 1 && went_up.length == 3 && memcmp(went_up_bytes, "far", 3) == 0);
    CHECK(went_up.source.nxd_ip_address.v4 == IP_ADDRESS(1, 2, 3, 4) && went_up.destination_port == 77);
    CHECK(went_up.source_port == of_alice.nx_udp_socket_port);
    send_text(&of_alice, bob_at, PORT, "near");
    CHECK(num_up == 1);
    expect_text(&of_bob, "near");
    NX_PACKET *packet = packet_of(alice, "");
    memset(bytes, 7, sizeof bytes);
    CHECK_CODE(nx_packet_data_append(packet, bytes, sizeof bytes, alice->nx_ip_default_packet_pool, 0),
               NX_SUCCESS);
    CHECK_CODE(nxd_udp_socket_send(&of_alice, packet, &far, 77), NX_SUCCESS); /* a chain, in one piece */
    CHECK(went_up.length == sizeof bytes && memcmp(went_up_bytes, bytes, sizeof bytes) == 0);
    nx_host_datagram down = {far, bob_at, 77, PORT, 4, (const UCHAR *)"down"};
    CHECK_CODE(nx_host_deliver(NULL), NX_PTR_ERROR);
    CHECK_CODE(nx_host_deliver(&down), NX_SUCCESS);
    CHECK(expect_text(&of_bob, "down") == 77);
    down.length = 0;
    CHECK_CODE(nx_host_deliver(&down), NX_SUCCESS);
    expect_text(&of_bob, "");
    static const UCHAR much[200000];
    down.length = sizeof much; /* more than its packets hold */
    down.data = much;
    CHECK_CODE(nx_host_deliver(&down), NX_NO_PACKET);
    down.destination = far;
    CHECK_CODE(nx_host_deliver(&down), NX_NOT_FOUND);
    down.destination = loopback; /* nobody's, from outside */
    CHECK_CODE(nx_host_deliver(&down), NX_NOT_FOUND);
    unmake_two();
}

static void delivered_before_udp_is_there(void) {
    static NX_IP bare;
    memset(&bare, 0, sizeof bare);
    NX_PACKET_POOL *pool = netx_test_pool(2, 256);
    CHECK_CODE(nx_ip_create(&bare, NULL, IP_ADDRESS(1, 2, 3, 9), 0, pool, _nx_ram_network_driver, NULL, 0, 1),
               NX_SUCCESS);
    nx_host_datagram down = {bob_at, bob_at, 1, 2, 1, (const UCHAR *)"x"};
    down.destination.nxd_ip_address.v4 = IP_ADDRESS(1, 2, 3, 9);
    CHECK_CODE(nx_host_deliver(&down), NX_NOT_ENABLED);
    CHECK_CODE(nx_ip_delete(&bare), NX_SUCCESS);
}

/* --- Delivery within the sending call. --- */

static TX_THREAD *notified_in;
static UINT num_echoes;

static VOID echo(NX_UDP_SOCKET *socket) {
    NX_PACKET *packet;
    NXD_ADDRESS from;
    UINT port;
    notified_in = tx_thread_identify();
    if (num_echoes >= 50 || nx_udp_socket_receive(socket, &packet, NX_NO_WAIT) != NX_SUCCESS)
        return;
    num_echoes++;
    CHECK_CODE(nxd_udp_source_extract(packet, &from, &port), NX_SUCCESS);
    CHECK_CODE(nxd_udp_socket_send(socket, packet, &from, port), NX_SUCCESS);
}

static void delivered_inline(void) {
    make_two();
    nx_host_inline_delivery_set(NX_TRUE);
    num_echoes = 0;
    CHECK_CODE(nx_udp_socket_receive_notify(&of_bob, echo), NX_SUCCESS);
    send_text(&of_alice, bob_at, PORT, "inline");
    CHECK(notified_in == tx_thread_identify());
    CHECK(of_alice.nx_udp_socket_receive_count == 1);
    expect_text(&of_alice, "inline");
    /* Two that answer each other do not fill the stack. */
    CHECK_CODE(nx_udp_socket_receive_notify(&of_alice, echo), NX_SUCCESS);
    send_text(&of_alice, bob_at, PORT, "ball");
    tx_thread_sleep(1);
    CHECK(num_echoes == 50);
    nx_host_inline_delivery_set(NX_FALSE);
    unmake_two();
}

#define TEST(body)                                                                                           \
    static void test_##body(void **state) {                                                                  \
        (void)state;                                                                                         \
        netx_test_run(body);                                                                                 \
    }

TEST(uplink)
TEST(delivered_before_udp_is_there)
TEST(delivered_inline)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_uplink),
        cmocka_unit_test(test_delivered_before_udp_is_there),
        cmocka_unit_test(test_delivered_inline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
