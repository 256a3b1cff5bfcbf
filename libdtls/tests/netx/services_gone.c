/* SPDX-License-Identifier: MIT
 *
 * Sessions that are reset, deleted or given to somebody else while a service is under way.
 */
#include "services_world.h"

static test_server server;
static test_client client;

/* --- Sessions that go while somebody waits for them. --- */

static test_client *waiting;
static UINT answered;
static bool done;

static VOID wait_to_receive(ULONG wait) {
    NX_PACKET *packet;
    answered = nx_secure_dtls_session_receive(&waiting->session, &packet, wait);
    done = true;
}

static VOID wait_to_connect(ULONG wait) {
    answered = client_connect(waiting, wait);
    done = true;
}

static VOID wait_to_end(ULONG wait) {
    answered = nx_secure_dtls_session_end(&waiting->session, wait);
    done = true;
}

static VOID wait_for_client(ULONG wait) {
    answered = nx_secure_dtls_session_start(&waiting->session, &waiting->socket, 0, wait);
    done = true;
}

/* It is deleted, and what was its memory is the program's: the waiting thread runs later and must not look.
 */
static void delete_while(VOID (*entry)(ULONG), bool connected, UINT expected) {
    static NX_SECURE_DTLS_SESSION was;
    waiting = netx_test_memory(sizeof *waiting);
    client_make(waiting);
    edit_arrivals(server_ip, NULL);
    if (connected)
        CHECK_CODE(client_connect(waiting, SECONDS(1)), NX_SUCCESS);
    edit_arrivals(server_ip, lose_all);
    done = false;
    netx_test_thread(NETX_TEST_PRIORITY + 1, entry, SECONDS(100));
    tx_thread_sleep(3);
    CHECK(!done);
    was = waiting->session;
    CHECK_CODE(nx_secure_dtls_session_delete(&waiting->session), NX_SUCCESS);
    waiting->session = was;
    was = waiting->session;
    tx_thread_sleep(3);
    CHECK(done);
    CHECK_CODE(answered, expected);
    CHECK(memcmp(&was, &waiting->session, sizeof was) == 0);
    CHECK_CODE(nx_udp_socket_unbind(&waiting->socket), NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_delete(&waiting->socket), NX_SUCCESS);
}

SERVICES_TEST(nothing_of_a_deleted_session_is_looked_at_after_a_wait) {
    world_make();
    server_make(&server, 3);
    server_serve(&server);
    delete_while(wait_to_receive, true, NX_SECURE_TLS_SESSION_UNINITIALIZED);
    delete_while(wait_to_end, true, NX_SUCCESS);
    delete_while(wait_for_client, false, NX_SECURE_TLS_SESSION_UNINITIALIZED);
    delete_while(wait_to_connect, false, NX_SECURE_TLS_SESSION_UNINITIALIZED);
    server_end(&server);
}

/* A flight is due at the very moment at which the socket goes, whose memory is garbage then. */
SERVICES_TEST(the_socket_of_a_handshake_may_go) {
    world_make();
    client_make(&client);
    waiting = &client;
    done = false;
    netx_test_thread(NETX_TEST_PRIORITY + 1, wait_to_connect, SECONDS(100));
    tx_thread_sleep(1);
    CHECK(!done && netx_test_ticks() == 1);
    tx_thread_sleep(SECONDS(1) - 1);
    CHECK_CODE(nx_udp_socket_unbind(&client.socket), NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_delete(&client.socket), NX_SUCCESS);
    memset(&client.socket, 0xA5, sizeof client.socket);
    tx_thread_sleep(1);
    CHECK(done);
    CHECK_CODE(answered, NX_NOT_BOUND);
    CHECK_CODE(nx_secure_dtls_session_delete(&client.session), NX_SUCCESS);
}

/* --- Slots. --- */

SERVICES_TEST(slots_go_with_their_server) {
    connected_pair(&server, &client);
    NX_SECURE_DTLS_SESSION *slot = first_slot(&server);
    server_end(&server);
    CHECK_CODE(nx_secure_dtls_session_delete(slot), NX_PTR_ERROR);
    client_end(&client);
}

/* --- Sessions that take the first client on a socket. --- */

static VOID connect_to_other(ULONG wait) {
    answered =
        nx_secure_dtls_client_session_start(&client.session, &client.socket, &server_address, 7000, wait);
    done = true;
}

SERVICES_TEST(noise_is_no_client_and_a_client_shows_a_cookie) {
    static const UCHAR noise[70] = {22, 0xFE, 0xFD};
    static NX_SECURE_X509_CERT certificate;
    static test_client alone;
    world_make();
    client_make(&client);
    /* The one that serves is at the server's address. */
    NX_IP *ip = client_ip;
    client_ip = server_ip;
    client_make(&alone);
    client_ip = ip;
    CHECK_CODE(nx_udp_socket_unbind(&alone.socket), NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_bind(&alone.socket, 7000, NX_NO_WAIT), NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_session_local_certificate_add(
                   &alone.session, certificate_block(&certificate, CERT_SERVER, true), 9),
               NX_SUCCESS);
    send_raw(&client.socket, server_address, 7000, noise, sizeof noise);
    waiting = &alone;
    done = false;
    netx_test_thread(NETX_TEST_PRIORITY + 1, connect_to_other, SECONDS(1));
    CHECK_CODE(nx_secure_dtls_session_start(&alone.session, &alone.socket, 0, SECONDS(1)), NX_SUCCESS);
    tx_thread_sleep(1);
    CHECK(done);
    CHECK_CODE(answered, NX_SUCCESS);
    /* The noise, two hellos, and a flight. */
    CHECK(alone.socket.nx_udp_socket_packets_received == 4);
    client_end(&client);
    client_end(&alone);
}

/* --- Servers that a callback of theirs deletes. --- */

static UINT num_deleted;

/* What was theirs is the program's, and something else at once. */
static UINT delete_server(NX_SECURE_DTLS_SESSION *session) {
    (void)session;
    UINT num_slots = server.control.nx_dtls_server_sessions_count;
    num_deleted++;
    CHECK_CODE(nx_secure_dtls_server_stop(&server.control), NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_server_delete(&server.control), NX_SUCCESS);
    memset(&server.control, 0xA5, sizeof server.control);
    memset(server.slots, 0xA5, num_slots * sizeof *server.slots);
    return NX_SUCCESS;
}

static UINT delete_on_connect(NX_SECURE_DTLS_SESSION *session, NXD_ADDRESS *address, UINT port) {
    (void)address;
    (void)port;
    return delete_server(session);
}

static UINT delete_on_error(NX_SECURE_DTLS_SESSION *session, UINT code) {
    (void)code;
    return delete_server(session);
}

static void make_server_and_clients(UINT slots) {
    num_deleted = 0;
    world_make();
    server_make(&server, slots);
    server_serve(&server);
    client_make(&client);
}

static void expect_deleted(void) {
    tx_thread_sleep(SECONDS(1));
    CHECK(num_deleted == 1);
    client_end(&client);
}

SERVICES_TEST(a_server_may_be_deleted_when_a_client_comes) {
    make_server_and_clients(2);
    server.control.nx_secure_dtls_connect_notify = delete_on_connect;
    CHECK_CODE(client_connect(&client, SECONDS(2)), NX_NO_PACKET);
    expect_deleted();
}

SERVICES_TEST(a_server_may_be_deleted_when_a_client_is_announced) {
    make_server_and_clients(2);
    server.control.nx_secure_dtls_connect_notify = delete_on_connect;
    CHECK_CODE(nx_host_dtls_server_connect_notify_first_set(&server.control, NX_TRUE), NX_SUCCESS);
    CHECK_CODE(client_connect(&client, SECONDS(2)), NX_NOT_CONNECTED);
    expect_deleted();
}

static ULONG read_clock_and_delete(VOID) {
    delete_server(NX_NULL);
    return 1767225600;
}

SERVICES_TEST(a_server_may_be_deleted_when_a_stranger_has_shown_its_cookie) {
    make_server_and_clients(2);
    CHECK_CODE(nx_host_dtls_server_connect_notify_first_set(&server.control, NX_TRUE), NX_SUCCESS);
    CHECK_CODE(nx_secure_tls_session_time_function_set(&first_slot(&server)->nx_secure_dtls_tls_session,
                                                       read_clock_and_delete),
               NX_SUCCESS);
    CHECK_CODE(client_connect(&client, SECONDS(2)), NX_NO_PACKET);
    expect_deleted();
}

SERVICES_TEST(a_server_may_be_deleted_when_data_comes) {
    make_server_and_clients(2);
    server.control.nx_secure_dtls_receive_notify = delete_server;
    CHECK_CODE(client_connect(&client, SECONDS(2)), NX_SUCCESS);
    client_say(&client, "data");
    expect_deleted();
}

SERVICES_TEST(a_server_may_be_deleted_when_a_client_begins_anew) {
    make_server_and_clients(2);
    server.control.nx_secure_dtls_disconnect_notify = delete_server;
    CHECK_CODE(client_connect(&client, SECONDS(2)), NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_session_reset(&client.session), NX_SUCCESS);
    CHECK_CODE(client_connect(&client, SECONDS(2)), NX_NO_PACKET);
    expect_deleted();
}

SERVICES_TEST(a_server_may_be_deleted_when_there_is_no_slot) {
    static test_client second;
    make_server_and_clients(1);
    server.control.nx_secure_dtls_error_notify = delete_on_error;
    CHECK_CODE(client_connect(&client, SECONDS(2)), NX_SUCCESS);
    client_make(&second);
    CHECK_CODE(client_connect(&second, SECONDS(2)), NX_SECURE_TLS_ALERT_RECEIVED);
    client_end(&second);
    expect_deleted();
}

SERVICES_TEST(a_server_may_be_deleted_when_an_idle_slot_is_taken_back) {
    static test_client second;
    num_deleted = 0;
    world_make();
    server_make(&server, 1);
    server_listen(&server);
    client_make(&client);
    client_make(&second);
    server.control.nx_secure_dtls_error_notify = delete_on_error;
    CHECK_CODE(client_connect(&client, 1), NX_NO_PACKET);
    tx_thread_sleep(NX_HOST_DTLS_IDLE_LIMIT);
    CHECK_CODE(client_connect(&second, SECONDS(2)), NX_NO_PACKET);
    client_end(&second);
    expect_deleted();
}

/* Its memory may be another's; the others ask their clients for certificates all the same. */
SERVICES_TEST(what_a_server_is_told_of_its_slots_does_not_reach_one_that_is_deleted) {
    static UCHAR space[2 * (sizeof(NX_SECURE_X509_CERT) + NX_SECURE_TLS_MINIMUM_CERTIFICATE_SIZE)];
    static NX_SECURE_DTLS_SESSION before;
    world_make();
    server_make(&server, 2);
    NX_SECURE_DTLS_SESSION *slots = server.control.nx_dtls_server_sessions;
    CHECK_CODE(nx_secure_dtls_session_delete(&slots[0]), NX_SUCCESS);
    before = slots[0];
    CHECK_CODE(nx_secure_dtls_server_x509_client_verify_configure(&server.control, 1, space, sizeof space),
               NX_SUCCESS);
    CHECK(memcmp(&slots[0], &before, sizeof before) == 0);
    server_serve(&server);
    client_make(&client);
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SECURE_TLS_ALERT_RECEIVED);
    CHECK(server.num_arrivals == 1 && server.arrivals[0] == &slots[1]);
    client_end(&client);
    server_end(&server);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_of_a_deleted_session_is_looked_at_after_a_wait),
        cmocka_unit_test(the_socket_of_a_handshake_may_go),
        cmocka_unit_test(slots_go_with_their_server),
        cmocka_unit_test(noise_is_no_client_and_a_client_shows_a_cookie),
        cmocka_unit_test(a_server_may_be_deleted_when_a_client_comes),
        cmocka_unit_test(a_server_may_be_deleted_when_a_client_is_announced),
        cmocka_unit_test(a_server_may_be_deleted_when_a_stranger_has_shown_its_cookie),
        cmocka_unit_test(a_server_may_be_deleted_when_data_comes),
        cmocka_unit_test(a_server_may_be_deleted_when_a_client_begins_anew),
        cmocka_unit_test(a_server_may_be_deleted_when_there_is_no_slot),
        cmocka_unit_test(a_server_may_be_deleted_when_an_idle_slot_is_taken_back),
        cmocka_unit_test(what_a_server_is_told_of_its_slots_does_not_reach_one_that_is_deleted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
