/* SPDX-License-Identifier: MIT
 *
 * What a program or a peer does that it should not: nothing is read or written that is not the layer's,
 * nobody waits for ever, and the others go on.
 */
#include "netx/secure/session.h"
#include "services_both.h"

static test_client other;

/* --- Packets. --- */

static void expect_refused(NX_PACKET *packet, ULONG len, const UCHAR *append) {
    packet->nx_packet_length = len;
    packet->nx_packet_append_ptr = (UCHAR *)(uintptr_t)append;
    CHECK_CODE(nx_secure_dtls_client_session_send(&client.session, packet),
               NX_SECURE_TLS_PACKET_BUFFER_TOO_SMALL);
    CHECK(packet->nx_packet_length == len && packet->nx_packet_append_ptr == append);
}

SERVICES_TEST(packets_whose_members_contradict_each_other_are_not_sent) {
    connected_pair(&server, &client);
    NX_PACKET *packet = packet_with(&client.session, client_ip, "text");
    UCHAR *prepend = packet->nx_packet_prepend_ptr;
    const UCHAR *append = packet->nx_packet_append_ptr;
    expect_refused(packet, 1400, append);
    expect_refused(packet, 3, append);
    expect_refused(packet, 4, prepend);
    expect_refused(packet, 4, prepend - 4);
    expect_refused(packet, 1600, prepend + 1600);
    packet->nx_packet_prepend_ptr = packet->nx_packet_data_start - 1;
    expect_refused(packet, 4, packet->nx_packet_data_start + 3);
    packet->nx_packet_prepend_ptr = prepend;
    packet->nx_packet_length = 4;
    packet->nx_packet_append_ptr = prepend + 4;
    CHECK_CODE(nx_secure_dtls_client_session_send(&client.session, packet), NX_SUCCESS);
    expect_data(first_slot(&server), "text");
    finish();
}

SERVICES_TEST(whatever_is_wrong_there_is_no_packet) {
    static NX_SECURE_DTLS_SESSION none;
    NX_PACKET spoilt;
    NX_PACKET *packet = &spoilt;
    world_make();
    NX_PACKET_POOL *pool = server_ip->nx_ip_default_packet_pool;
    CHECK_CODE(_nxe_secure_dtls_session_receive(NX_NULL, &packet, 0), NX_PTR_ERROR);
    CHECK(packet == NX_NULL);
    /* No pointer is told before no session. */
    CHECK_CODE(_nxe_secure_dtls_packet_allocate(&none, NX_NULL, &packet, 0), NX_PTR_ERROR);
    CHECK_CODE(_nxe_secure_dtls_client_session_start(&none, NX_NULL, &server_address, SERVER_PORT, 0),
               NX_PTR_ERROR);
    NX_SECURE_DTLS_SESSION *sessions[] = {NX_NULL, &none};
    for (UINT i = 0; i < 2; i++) {
        packet = &spoilt;
        CHECK(_nxe_secure_dtls_packet_allocate(sessions[i], pool, &packet, 0) != NX_SUCCESS);
        CHECK(packet == NX_NULL);
    }
}

/* --- Outside of threads nobody can wait. --- */

static UINT answers[3];

static void wait_in_handler(void *context) {
    NX_PACKET *packet;
    (void)context;
    answers[0] = nx_secure_dtls_session_receive(&client.session, &packet, NX_WAIT_FOREVER);
    answers[1] = nx_secure_dtls_session_end(&client.session, NX_WAIT_FOREVER);
    answers[2] = client_connect(&client, NX_WAIT_FOREVER);
}

SERVICES_TEST(services_do_not_wait_in_what_another_posix_thread_has_posted) {
    kernel_post post = {.handler = wait_in_handler};
    connected_pair(&server, &client);
    netx_kernel_post_handler(netx_kernel_used(), &post);
    tx_thread_sleep(1);
    CHECK_CODE(answers[0], NX_NO_PACKET);
    CHECK_CODE(answers[1], NX_NO_PACKET);
    CHECK_CODE(answers[2], NX_NOT_CONNECTED);
    finish();
}

static VOID define(VOID *memory) {
    (void)memory;
    NX_UDP_SOCKET *socket = &client.socket;
    server_ip = netx_test_ip(SERVER_ADDRESS);
    client_ip = server_ip;
    client_make_bare(&client, &nx_crypto_tls_ciphers_ecc);
    NXD_ADDRESS nobody = {.nxd_ip_version = NX_IP_VERSION_V4, .nxd_ip_address.v4 = CLIENT_ADDRESS};
    answers[0] = nx_secure_dtls_client_session_start(&client.session, socket, &nobody, 1, NX_WAIT_FOREVER);
    answers[1] = nx_secure_dtls_session_start(&client.session, socket, 0, NX_WAIT_FOREVER);
    client_end(&client);
}

static void services_do_not_wait_in_initialisation(void **state) {
    (void)state;
    netx_test_outside(TX_HOST_TIME_STEPPED, define);
    assert_int_equal(answers[0], NX_NOT_CONNECTED);
    assert_int_equal(answers[1], NX_NO_PACKET);
}

/* --- Slots. --- */

SERVICES_TEST(a_slot_that_the_program_has_deleted_is_in_nobodys_way) {
    make_both(2);
    server_serve(&server);
    CHECK_CODE(nx_secure_dtls_session_delete(first_slot(&server)), NX_SUCCESS);
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SUCCESS);
    CHECK(server.arrivals[0] == first_slot(&server) + 1);
    client_say(&client, "beside it");
    expect_data(server.arrivals[0], "beside it");
    client_make(&other);
    CHECK_CODE(client_connect(&other, SECONDS(1)), NX_SECURE_TLS_ALERT_RECEIVED);
    CHECK_CODE(server.error, NX_SECURE_TLS_NO_FREE_DTLS_SESSIONS);
    client_end(&other);
    /* Its memory may be of a session again, which the server does not touch. */
    NX_SECURE_DTLS_SESSION *alone = first_slot(&server);
    CHECK_CODE(nx_secure_dtls_session_create(alone, &nx_crypto_tls_ciphers_ecc, other.metadata, METADATA_SIZE,
                                             other.reassembly, REASSEMBLY_SIZE, 0, NX_NULL, 0),
               NX_SUCCESS);
    ULONG64 generation = netx_session_of(alone)->generation;
    finish();
    CHECK(netx_session_of(alone)->generation == generation);
    CHECK_CODE(nx_secure_dtls_session_delete(alone), NX_SUCCESS);
}

SERVICES_TEST(an_end_is_told_once) {
    make_both(2);
    server_serve(&server);
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_session_end(&client.session, NX_NO_WAIT), NX_SUCCESS);
    tx_thread_sleep(1);
    CHECK(server.num_disconnected == 1);
    /* The program has not ended its side when the client comes again. */
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SUCCESS);
    tx_thread_sleep(1);
    CHECK(server.num_arrivals == 2 && server.num_disconnected == 1 && server.num_errors == 0);
    finish();
}

/* --- Pools. --- */

/* Nor again when its client begins anew. */
SERVICES_TEST(a_failure_is_told_once) {
    world_make();
    server_make(&server, 2);
    server_listen(&server);
    client_make_bare(&client, &nx_crypto_tls_ciphers_ecc); /* which believes nobody */
    for (UINT i = 0; i < 8; i++) {
        client_connect(&client, NX_NO_WAIT);
        tx_thread_sleep(1);
        if (server.num_errors == 0)
            nx_secure_dtls_server_session_start(first_slot(&server), NX_NO_WAIT);
    }
    CHECK(server.num_arrivals == 2 && server.num_errors == 1);
    finish();
}

SERVICES_TEST(a_client_that_nobody_listens_to_leaves_packets_for_the_others) {
    const ULONG least = 16;
    make_both(2);
    server_serve(&server);
    const NX_PACKET_POOL *pool = server_ip->nx_ip_default_packet_pool;
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SUCCESS);
    for (UINT i = 0; i < 200; i++)
        client_say(&client, "flood");
    CHECK(pool->nx_packet_pool_total == 64 && pool->nx_packet_pool_available >= least);
    client_make(&other);
    ULONG began = netx_test_ticks();
    CHECK_CODE(client_connect(&other, SECONDS(1)), NX_SUCCESS);
    CHECK(netx_test_ticks() == began);
    client_say(&other, "heard");
    expect_data(server.arrivals[1], "heard");
    for (UINT i = 0; i < 64 - least - 1; i++)
        expect_data(server.arrivals[0], "flood");
    client_end(&other);
    finish();
}

SERVICES_TEST(clients_that_nobody_starts_leave_packets_for_the_others) {
    enum { SLOTS = 16 };
    static const UCHAR noise[64] = {23, 0xFE, 0xFD, 0, 1};
    static test_client many[SLOTS];
    world_make();
    server_make(&server, SLOTS);
    server_listen(&server);
    const NX_PACKET_POOL *pool = server_ip->nx_ip_default_packet_pool;
    for (UINT i = 0; i < SLOTS; i++) {
        client_make(&many[i]);
        CHECK_CODE(client_connect(&many[i], 1), NX_NO_PACKET);
        for (UINT j = 0; j < 8; j++)
            send_raw(&many[i].socket, server_address, SERVER_PORT, noise, sizeof noise);
        tx_thread_sleep(1);
    }
    CHECK(server.num_arrivals == SLOTS && pool->nx_packet_pool_available >= 16 - SLOTS / 2);
    CHECK(pool->nx_packet_pool_available > 0);
    for (UINT i = 0; i < SLOTS; i++)
        client_end(&many[i]);
    server_end(&server);
}

SERVICES_TEST(copied_data_says_where_it_came_from) {
    static UCHAR bytes[600];
    NX_PACKET *packet;
    ULONG address;
    UINT port;
    world_make_with(320, 1536);
    server_make(&server, 1);
    server_serve(&server);
    client_make(&client);
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SUCCESS);
    NX_PACKET_POOL *pool = client_ip->nx_ip_default_packet_pool;
    CHECK_CODE(nx_secure_dtls_packet_allocate(&client.session, pool, &packet, NX_NO_WAIT), NX_SUCCESS);
    CHECK_CODE(nx_packet_data_append(packet, bytes, sizeof bytes, pool, NX_NO_WAIT), NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_client_session_send(&client.session, packet), NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_session_receive(first_slot(&server), &packet, SECONDS(1)), NX_SUCCESS);
    CHECK(packet->nx_packet_next != NX_NULL);
    CHECK_CODE(nx_udp_source_extract(packet, &address, &port), NX_SUCCESS);
    CHECK(address == CLIENT_ADDRESS && port == client.socket.nx_udp_socket_port);
    nx_packet_release(packet);
    finish();
}

/* --- Cookies. --- */

static UCHAR hello[1536];
static ULONG hello_len;

/* Keeps the hello with a cookie for later. */
static bool hold_hello(UCHAR *bytes, ULONG *len) {
    const UCHAR *message = find_message(bytes, *len, NX_SECURE_TLS_CLIENT_HELLO);
    const UCHAR cookie = message == NULL ? 0 : message[12 + 2 + 32 + 1 + message[12 + 2 + 32]];
    if (cookie == 0 || hello_len > 0)
        return true;
    hello_len = *len;
    memcpy(hello, bytes, hello_len);
    return false;
}

static void repeat_hello_after(ULONG seconds, UINT expected) {
    make_both(1);
    hello_len = 0;
    edit_arrivals(server_ip, hold_hello);
    server_listen(&server);
    CHECK_CODE(client_connect(&client, 1), NX_NO_PACKET);
    tx_thread_sleep(SECONDS(seconds));
    send_raw(&client.socket, server_address, SERVER_PORT, hello, hello_len);
    tx_thread_sleep(1);
    CHECK(hello_len > 0 && server.num_arrivals == expected);
    finish();
}

SERVICES_TEST(a_cookie_is_good_for_a_minute) {
    repeat_hello_after(60, 1);
}

SERVICES_TEST(a_cookie_is_not_good_after_two_minutes_even_if_nobody_came_meanwhile) {
    repeat_hello_after(120, 0);
}

/* --- Clients. --- */

SERVICES_TEST(slots_of_a_server_are_no_clients) {
    make_both(1);
    server_listen(&server);
    CHECK_CODE(nx_secure_dtls_client_session_start(first_slot(&server), &client.socket, &server_address,
                                                   SERVER_PORT, NX_NO_WAIT),
               NX_PTR_ERROR);
    CHECK_CODE(nx_secure_dtls_session_start(first_slot(&server), &client.socket, 0, NX_NO_WAIT),
               NX_PTR_ERROR);
    finish();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_whose_members_contradict_each_other_are_not_sent),
        cmocka_unit_test(whatever_is_wrong_there_is_no_packet),
        cmocka_unit_test(services_do_not_wait_in_what_another_posix_thread_has_posted),
        cmocka_unit_test(services_do_not_wait_in_initialisation),
        cmocka_unit_test(a_slot_that_the_program_has_deleted_is_in_nobodys_way),
        cmocka_unit_test(an_end_is_told_once),
        cmocka_unit_test(a_failure_is_told_once),
        cmocka_unit_test(a_client_that_nobody_listens_to_leaves_packets_for_the_others),
        cmocka_unit_test(clients_that_nobody_starts_leave_packets_for_the_others),
        cmocka_unit_test(copied_data_says_where_it_came_from),
        cmocka_unit_test(a_cookie_is_good_for_a_minute),
        cmocka_unit_test(a_cookie_is_not_good_after_two_minutes_even_if_nobody_came_meanwhile),
        cmocka_unit_test(slots_of_a_server_are_no_clients),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
