/* SPDX-License-Identifier: MIT
 *
 * Packet pools of any packet size, and without packets.
 */
#include "netx/secure/session.h"
#include "services_both.h"

/* --- Sizes. --- */

#define LEAST_PAYLOAD 192

static void serve_a_chain(void) {
    server_make_bare(&server, 1, &nx_crypto_tls_ciphers_ecc);
    server_show_chain(&server);
    server_serve(&server);
}

static void exchange(const char *text) {
    NX_SECURE_DTLS_SESSION *slot = first_slot(&server);
    CHECK_CODE(
        nx_secure_dtls_client_session_send(&client.session, packet_with(&client.session, client_ip, text)),
        NX_SUCCESS);
    expect_data(slot, text);
    CHECK_CODE(nx_secure_dtls_server_session_send(slot, packet_with(slot, server_ip, text)), NX_SUCCESS);
    expect_data(&client.session, text);
}

/* Datagrams of either side come in chains where the other's packets are smaller. */
static const UINT payloads[][2] = {{LEAST_PAYLOAD, LEAST_PAYLOAD},
                                   {LEAST_PAYLOAD, 1536},
                                   {1536, LEAST_PAYLOAD},
                                   {208, 320},
                                   {320, 208},
                                   {512, 1264},
                                   {1264, 512},
                                   {4096, 20000}};
static UINT pair;

static void talk_with_payloads(void) {
    world_make_with(payloads[pair][0], payloads[pair][1]);
    serve_a_chain();
    client_make(&client);
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SUCCESS);
    CHECK(netx_test_ticks() == 0);
    exchange("x");
    exchange("some more of it");
    finish();
}

static void packets_may_have_any_size(void **state) {
    (void)state;
    for (pair = 0; pair < sizeof payloads / sizeof *payloads; pair++)
        netx_test_run(talk_with_payloads);
}

static UINT too_small;

static void start_client_without_room(void) {
    world_make_with(1536, too_small);
    server_make(&server, 1);
    server_serve(&server);
    client_make(&client);
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SECURE_TLS_PACKET_BUFFER_TOO_SMALL);
    CHECK(netx_test_ticks() == 0 && client.session.nx_secure_dtls_session_in_use == NX_FALSE);
    CHECK(client_ip->nx_ip_udp_packets_sent == 0 && server.num_arrivals == 0);
    finish();
}

static void start_slot_without_room(void) {
    world_make_with(too_small, 1536);
    server_make(&server, 1);
    server_serve(&server);
    client_make(&client);
    CHECK_CODE(client_connect(&client, SECONDS(2)), NX_NO_PACKET);
    CHECK(server.num_started == 1);
    CHECK_CODE(server.start_code, NX_SECURE_TLS_PACKET_BUFFER_TOO_SMALL);
    CHECK_CODE(nx_secure_dtls_session_end(first_slot(&server), NX_NO_WAIT), NX_SUCCESS);
    finish();
}

static void no_session_begins_without_room_for_its_datagrams(void **state) {
    (void)state;
    for (too_small = 16; too_small < LEAST_PAYLOAD; too_small += 16) {
        netx_test_run(start_client_without_room);
        /* What a hello is known by has to be in the first packet of its chain. */
        if (too_small >= 128)
            netx_test_run(start_slot_without_room);
    }
}

/* --- Pools that are empty for a while. --- */

static NX_PACKET *taken;

static void take_all(const NX_IP *ip) {
    NX_PACKET_POOL *pool = ip->nx_ip_default_packet_pool;
    while (pool->nx_packet_pool_available > 0) {
        NX_PACKET *packet;
        CHECK_CODE(nx_packet_allocate(pool, &packet, 0, NX_NO_WAIT), NX_SUCCESS);
        packet->nx_packet_queue_next = taken;
        taken = packet;
    }
}

static void give_back(void) {
    while (taken != NULL) {
        NX_PACKET *packet = taken;
        taken = packet->nx_packet_queue_next;
        CHECK_CODE(nx_packet_release(packet), NX_SUCCESS);
    }
}

/* Of the datagrams to one side, the one at which the pools are emptied. */
static struct {
    NX_IP *ip; /* receives, and is emptied */
    UINT nth;
} emptying;

static bool empty_at(UCHAR *bytes, ULONG *len) {
    (void)bytes;
    (void)len;
    if (emptying.nth > 0 && --emptying.nth == 0)
        take_all(emptying.ip);
    return true;
}

static VOID refill(ULONG ticks) {
    tx_thread_sleep(ticks);
    give_back();
}

static void connect_while_empty(void) {
    edit_arrivals(emptying.ip, empty_at);
    server_serve(&server);
    netx_test_thread(NETX_TEST_PRIORITY - 2, refill, 50);
    CHECK_CODE(client_connect(&client, SECONDS(10)), NX_SUCCESS);
    CHECK(emptying.nth == 0);
    tx_thread_sleep(SECONDS(1));
    CHECK_CODE(server.start_code, NX_SUCCESS);
    exchange("in the end");
    finish();
}

static UINT at;

static void empty_server(void) {
    make_both(1);
    emptying.ip = server_ip;
    emptying.nth = at;
    connect_while_empty();
}

static void empty_client(void) {
    make_both(1);
    emptying.ip = client_ip;
    emptying.nth = at;
    if (at == 0)
        take_all(client_ip);
    connect_while_empty();
}

static void handshakes_survive_a_pool_that_is_empty_for_a_while(void **state) {
    (void)state;
    /* At a hello, the one with the cookie, the client's second flight. */
    for (at = 1; at <= 3; at++)
        netx_test_run(empty_server);
    /* From the start; at a HelloVerifyRequest, a flight. */
    for (at = 0; at <= 2; at++)
        netx_test_run(empty_client);
}

/* --- Networks that refuse. --- */

static const net_link *usual;
static net_link refusing;
static UINT num_refused;

static UINT refuse(NX_UDP_SOCKET *socket, NX_PACKET *packet, const NXD_ADDRESS *address, UINT port) {
    (void)packet;
    (void)address;
    (void)port;
    num_refused++;
    /* Once. */
    netx_ip_of(socket->nx_udp_socket_ip_ptr)->link = usual;
    return NX_IP_ADDRESS_ERROR;
}

static bool refuse_answer(UCHAR *bytes, ULONG *len) {
    (void)bytes;
    (void)len;
    if (emptying.nth > 0 && --emptying.nth == 0) {
        usual = netx_ip_of(emptying.ip)->link;
        refusing = *usual;
        refusing.send = refuse;
        netx_ip_of(emptying.ip)->link = &refusing;
    }
    return true;
}

static bool of_server;

static void connect_against_refusal(void) {
    world_make();
    server_make(&server, 1);
    server_serve(&server);
    client_make(&client);
    num_refused = 0;
    emptying.ip = of_server ? server_ip : client_ip;
    emptying.nth = at;
    edit_arrivals(emptying.ip, refuse_answer);
    CHECK_CODE(client_connect(&client, SECONDS(10)), NX_SUCCESS);
    CHECK(num_refused == 1);
    finish();
}

static void datagrams_that_the_network_refuses_are_lost(void **state) {
    (void)state;
    of_server = true;
    for (at = 1; at <= 2; at++)
        netx_test_run(connect_against_refusal);
    of_server = false;
    for (at = 1; at <= 2; at++)
        netx_test_run(connect_against_refusal);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_may_have_any_size),
        cmocka_unit_test(no_session_begins_without_room_for_its_datagrams),
        cmocka_unit_test(handshakes_survive_a_pool_that_is_empty_for_a_while),
        cmocka_unit_test(datagrams_that_the_network_refuses_are_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
