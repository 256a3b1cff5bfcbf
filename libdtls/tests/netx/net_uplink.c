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

/* --- A host that is simulated: its program believes that it is on this one's network. --- */

static NX_PACKET_POOL simulated_pool;
static NX_IP simulated;
static NX_UDP_SOCKET first_socket;
static NX_UDP_SOCKET second_socket;
static _Alignas(8) UCHAR simulated_memory[8 * (512 + sizeof(NX_PACKET))];

static VOID define_simulated(VOID *first_unused_memory) {
    (void)first_unused_memory;
    memset(&simulated, 0, sizeof simulated);
    assert_int_equal(
        nx_packet_pool_create(&simulated_pool, NULL, 512, simulated_memory, sizeof simulated_memory), 0);
    assert_int_equal(nx_ip_create(&simulated, NULL, 0, 0, &simulated_pool, nx_host_udp_driver, NULL, 0, 1),
                     0);
    assert_int_equal(nx_udp_enable(&simulated), 0);
    assert_null(nx_host_bound_next(NULL));
    make_socket(&simulated, &first_socket, PORT);
    make_socket(&simulated, &second_socket, PORT + 1);
}

static void test_a_simulated_host_is_on_the_switch(void **state) {
    (void)state;
    NXD_ADDRESS far = {.nxd_ip_version = NX_IP_VERSION_V4, .nxd_ip_address.v4 = IP_ADDRESS(9, 9, 9, 9)};
    tx_host_kernel *kernel = tx_host_kernel_create(TX_HOST_TIME_STEPPED);
    tx_host_kernel_use(kernel);
    num_up = 0;
    nx_host_uplink_set(take_up, &went_up);
    tx_host_set_time(TX_HOST_TIME_REAL); /* that of the process's own kernel, not of this one */
    tx_host_define(kernel, define_simulated);
    assert_true(tx_host_step(kernel, 0) == TX_HOST_NEVER);
    NX_UDP_SOCKET *one = nx_host_bound_next(NULL);
    NX_UDP_SOCKET *other = nx_host_bound_next(one);
    assert_true((one == &first_socket && other == &second_socket) ||
                (one == &second_socket && other == &first_socket));
    assert_null(nx_host_bound_next(other));
    NXD_ADDRESS own;
    NXD_ADDRESS far_v6 = {.nxd_ip_version = NX_IP_VERSION_V6, .nxd_ip_address.v6 = {0x20010DB8, 0, 0, 9}};
    assert_true(nx_host_address_for(&simulated, &far, &own));
    assert_int_equal(own.nxd_ip_address.v4, NX_HOST_SIMULATED_ADDRESS);
    assert_false(nx_host_address_for(&simulated, &far_v6, &own));
    send_text(&first_socket, far, 77, "far");
    assert_int_equal(num_up, 1);
    assert_int_equal(went_up.source.nxd_ip_address.v4, NX_HOST_SIMULATED_ADDRESS);
    assert_int_equal(went_up.source_port, PORT);
    tx_host_kernel_use(NULL);
    tx_host_kernel_destroy(kernel);
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

/* --- A packet that has come, and is sent on. --- */

static NX_PACKET *next_of(NX_UDP_SOCKET *socket) {
    NX_PACKET *packet;
    CHECK_CODE(nx_udp_socket_receive(socket, &packet, 5), NX_SUCCESS);
    return packet;
}

/* From the address that it came to, where that can be: not from a loopback address to another host, not to
 * one from elsewhere, and not from another host's. */
static void sent_on(void) {
    NXD_ADDRESS loopback = {.nxd_ip_version = NX_IP_VERSION_V4,
                            .nxd_ip_address.v4 = IP_ADDRESS(127, 0, 0, 1)};
    NXD_ADDRESS far = {.nxd_ip_version = NX_IP_VERSION_V4, .nxd_ip_address.v4 = IP_ADDRESS(9, 9, 9, 9)};
    ULONG from;
    UINT port;
    make_two();
    nx_host_uplink_set(take_up, &went_up);
    send_text(&of_bob, loopback, PORT, "x");
    CHECK_CODE(nxd_udp_socket_send(&of_bob, next_of(&of_bob), &far, 77), NX_SUCCESS);
    CHECK(went_up.source.nxd_ip_address.v4 == bob_at.nxd_ip_address.v4);
    send_text(&of_alice, bob_at, PORT, "x");
    CHECK_CODE(nxd_udp_socket_send(&of_bob, next_of(&of_bob), &loopback, PORT), NX_SUCCESS);
    NX_PACKET *packet = next_of(&of_bob);
    CHECK_CODE(nx_udp_source_extract(packet, &from, &port), NX_SUCCESS);
    CHECK(from == IP_ADDRESS(127, 0, 0, 1));
    CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
    send_text(&of_alice, bob_at, PORT, "x");
    CHECK_CODE(nxd_udp_socket_send(&of_alice, next_of(&of_bob), &far, 77), NX_SUCCESS);
    CHECK(went_up.source.nxd_ip_address.v4 == IP_ADDRESS(1, 2, 3, 4));
    unmake_two();
}

#define TEST(body)                                                                                           \
    static void test_##body(void **state) {                                                                  \
        (void)state;                                                                                         \
        netx_test_run(body);                                                                                 \
    }

TEST(uplink)
TEST(sent_on)
TEST(delivered_before_udp_is_there)
TEST(delivered_inline)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_uplink),
        cmocka_unit_test(test_sent_on),
        cmocka_unit_test(test_delivered_before_udp_is_there),
        cmocka_unit_test(test_delivered_inline),
        cmocka_unit_test(test_a_simulated_host_is_on_the_switch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
