/* SPDX-License-Identifier: MIT
 *
 * Slots of clients that do not go on: a flood of forged addresses before a
 * server that tells first, sessions that are never started, handshakes that
 * fall silent; and callbacks that do not want a client.
 */
#include "services_first.h"

#define SLOTS 3

static starter first;
static test_client other;
static NX_UDP_SOCKET strangers[SLOTS + 1];

static NX_SECURE_DTLS_SESSION *slot(UINT i) {
    return &server.control.nx_dtls_server_sessions[i];
}

/* A hello from another port, whose owner never hears of it. */
static void say_hello_from(UINT i) {
    CHECK_CODE(nx_udp_socket_create(client_ip, &strangers[i], (CHAR *)"stranger", NX_IP_NORMAL,
                                    NX_FRAGMENT_OKAY, NX_IP_TIME_TO_LIVE, 16),
               NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_bind(&strangers[i], NX_ANY_PORT, NX_NO_WAIT), NX_SUCCESS);
    send_raw(&strangers[i], server_address, SERVER_PORT, hello, hello_len);
    tx_thread_sleep(1);
}

static void forget_strangers(void) {
    for (UINT i = 0; i <= SLOTS; i++) {
        if (nx_udp_socket_unbind(&strangers[i]) == NX_SUCCESS)
            nx_udp_socket_delete(&strangers[i]);
    }
    memset(strangers, 0, sizeof strangers);
}

/* All slots are those of strangers. */
static void flood(void) {
    first_make(SLOTS);
    first_catch_hello();
    for (UINT i = 0; i < SLOTS; i++)
        say_hello_from(i);
    CHECK(server.num_arrivals == SLOTS);
}

static void end(void) {
    forget_strangers();
    first_end();
}

/* --- A flood. --- */

SERVICES_TEST(a_client_with_a_cookie_takes_the_slot_of_the_oldest_without) {
    flood();
    CHECK_CODE(nx_secure_dtls_session_end(slot(0), NX_NO_WAIT), NX_SUCCESS);
    say_hello_from(SLOTS);
    CHECK_CODE(client_connect(&client, NX_NO_WAIT), NX_NOT_CONNECTED);
    tx_thread_sleep(1);
    CHECK(server.num_arrivals == SLOTS + 1 && server.num_errors == 0); /* it is asked for its cookie */
    CHECK_CODE(client_connect(&client, NX_NO_WAIT), NX_NO_PACKET);
    tx_thread_sleep(1);
    CHECK(server.num_arrivals == SLOTS + 2 && server.arrivals[SLOTS + 1] == slot(1));
    CHECK(server.num_errors == 1);
    CHECK_CODE(server.error, NX_NO_PACKET);
    first_start(&first, slot(1), SECONDS(5));
    CHECK_CODE(client_connect(&client, SECONDS(5)), NX_SUCCESS);
    tx_thread_sleep(1);
    CHECK_CODE(first.answer, NX_SUCCESS);
    end();
}

SERVICES_TEST(strangers_take_no_slot_of_others) {
    flood();
    say_hello_from(SLOTS);
    tx_thread_sleep(2 * NX_HOST_DTLS_IDLE_LIMIT);
    send_raw(&strangers[SLOTS], server_address, SERVER_PORT, hello, hello_len);
    tx_thread_sleep(1);
    CHECK(server.num_arrivals == SLOTS && server.num_errors == 0);
    end();
}

SERVICES_TEST(a_slot_where_a_thread_waits_is_not_taken) {
    starter starters[SLOTS];
    flood();
    for (UINT i = 0; i < SLOTS; i++)
        first_start(&starters[i], slot(i), SECONDS(4));
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SECURE_TLS_ALERT_RECEIVED);
    CHECK(server.num_errors == 1);
    CHECK_CODE(server.error, NX_SECURE_TLS_NO_FREE_DTLS_SESSIONS);
    tx_thread_sleep(SECONDS(4));
    for (UINT i = 0; i < SLOTS; i++)
        CHECK_CODE(starters[i].answer, NX_NO_PACKET);
    CHECK_CODE(nx_secure_dtls_session_end(slot(1), NX_NO_WAIT), NX_SUCCESS);
    CHECK_CODE(client_connect(&client, NX_NO_WAIT), NX_NOT_CONNECTED);
    tx_thread_sleep(1);
    CHECK(server.num_arrivals == SLOTS + 1 && server.arrivals[SLOTS] == slot(1));
    end();
}

SERVICES_TEST(those_who_were_driven_out_come_back_with_their_cookie) {
    first_make(1);
    edit_arrivals(client_ip, lose_all);
    CHECK_CODE(client_connect(&client, NX_NO_WAIT), NX_NOT_CONNECTED);
    tx_thread_sleep(1);
    edit_arrivals(client_ip, NULL);
    client_make(&other);
    CHECK_CODE(client_connect(&other, NX_NO_WAIT), NX_NOT_CONNECTED);
    tx_thread_sleep(1);
    CHECK_CODE(client_connect(&other, NX_NO_WAIT), NX_NO_PACKET);
    tx_thread_sleep(1);
    CHECK(server.num_arrivals == 2 && server.num_errors == 1);
    first_start(&first, slot(0), SECONDS(5));
    CHECK_CODE(client_connect(&other, SECONDS(5)), NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_session_end(&other.session, NX_NO_WAIT), NX_SUCCESS);
    tx_thread_sleep(1);
    CHECK_CODE(nx_secure_dtls_session_end(slot(0), NX_NO_WAIT), NX_SUCCESS);
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_NO_PACKET);
    CHECK(server.num_arrivals == 3);
    client_end(&other);
    first_end();
}

/* --- Sessions that are not started, or fall silent. --- */

/* Three datagrams of a client, and a cookie: its session is told of, and not started. */
static void park(test_client *which) {
    CHECK_CODE(client_connect(which, NX_NO_WAIT), NX_NOT_CONNECTED);
    tx_thread_sleep(1);
    CHECK_CODE(client_connect(which, NX_NO_WAIT), NX_NO_PACKET);
    tx_thread_sleep(1);
}

static void make_parked(void) {
    world_make();
    server_make(&server, 1);
    server_listen(&server);
    client_make(&client);
    client_make(&other);
    park(&client);
    CHECK(server.num_arrivals == 1);
}

static void expect_refused(void) {
    UINT had = server.num_arrivals;
    CHECK_CODE(client_connect(&other, SECONDS(1)), NX_SECURE_TLS_ALERT_RECEIVED);
    CHECK(server.num_arrivals == had);
    CHECK_CODE(server.error, NX_SECURE_TLS_NO_FREE_DTLS_SESSIONS);
}

static void expect_taken(void) {
    UINT had = server.num_arrivals;
    UINT had_errors = server.num_errors;
    park(&other);
    CHECK(server.num_arrivals == had + 1 && server.num_errors == had_errors + 1);
    CHECK_CODE(server.error, NX_NO_PACKET);
    first_start(&first, slot(0), SECONDS(5));
    CHECK_CODE(client_connect(&other, SECONDS(5)), NX_SUCCESS);
    tx_thread_sleep(1);
    CHECK_CODE(first.answer, NX_SUCCESS);
}

static void end_both(void) {
    client_end(&other);
    first_end();
}

SERVICES_TEST(a_session_that_is_never_started_is_another_s_after_the_limit) {
    make_parked();
    ULONG began = netx_test_ticks() - 1;
    tx_thread_sleep(NX_HOST_DTLS_IDLE_LIMIT - 100);
    expect_refused();
    CHECK(netx_test_ticks() - began < NX_HOST_DTLS_IDLE_LIMIT);
    tx_thread_sleep(100);
    expect_taken();
    end_both();
}

SERVICES_TEST(the_limit_is_the_program_s) {
    make_parked();
    CHECK_CODE(nx_host_dtls_server_idle_limit_set(&server.control, 0), NX_INVALID_PARAMETERS);
    CHECK_CODE(nx_host_dtls_server_idle_limit_set(NULL, 1), NX_PTR_ERROR);
    CHECK_CODE(nx_host_dtls_server_idle_limit_set(&server.control, NX_WAIT_FOREVER), NX_SUCCESS);
    tx_thread_sleep(NX_WAIT_FOREVER - 1);
    tx_thread_sleep(NX_WAIT_FOREVER - 1);
    expect_refused();
    CHECK_CODE(nx_host_dtls_server_idle_limit_set(&server.control, SECONDS(5)), NX_SUCCESS);
    expect_taken();
    end_both();
}

SERVICES_TEST(a_handshake_that_falls_silent_is_over_after_the_limit) {
    make_parked();
    tx_thread_sleep(NX_HOST_DTLS_IDLE_LIMIT - 100);
    edit_arrivals(client_ip, lose_all);
    CHECK_CODE(nx_secure_dtls_server_session_start(slot(0), NX_NO_WAIT), NX_NO_PACKET);
    edit_arrivals(client_ip, NULL);
    tx_thread_sleep(NX_HOST_DTLS_IDLE_LIMIT - 100);
    expect_refused();
    CHECK_CODE(client_connect(&client, NX_NO_WAIT), NX_NO_PACKET); /* something has come */
    tx_thread_sleep(NX_HOST_DTLS_IDLE_LIMIT - 100);
    expect_refused();
    tx_thread_sleep(100);
    expect_taken();
    end_both();
}

SERVICES_TEST(what_is_established_or_has_failed_is_the_program_s) {
    make_parked();
    first_start(&first, slot(0), SECONDS(5));
    CHECK_CODE(client_connect(&client, SECONDS(5)), NX_SUCCESS);
    tx_thread_sleep(10 * NX_HOST_DTLS_IDLE_LIMIT);
    expect_refused();
    CHECK_CODE(nx_secure_dtls_session_end(slot(0), NX_NO_WAIT), NX_SUCCESS);
    park(&other);
    client_end(&other);
    first_start(&first, slot(0), SECONDS(1));
    tx_thread_sleep(10 * NX_HOST_DTLS_IDLE_LIMIT);
    CHECK_CODE(first.answer, NX_NO_PACKET);
    client_make(&other);
    expect_refused();
    end_both();
}

/* --- Callbacks. --- */

static UINT num_told;

static UINT refuse(NX_SECURE_DTLS_SESSION *session, NXD_ADDRESS *address, UINT port) {
    CHECK(address->nxd_ip_address.v4 == CLIENT_ADDRESS && port == client.socket.nx_udp_socket_port);
    num_told++;
    CHECK_CODE(nx_secure_dtls_session_end(session, NX_NO_WAIT), NX_SUCCESS);
    return NX_SUCCESS;
}

SERVICES_TEST(a_client_that_the_program_does_not_want_gets_no_answer) {
    first_make(1);
    num_told = 0;
    server.control.nx_secure_dtls_connect_notify = refuse;
    edit_arrivals(client_ip, count_verify_requests);
    CHECK_CODE(client_connect(&client, SECONDS(2)), NX_NOT_CONNECTED);
    CHECK(num_told == 2 && num_verify_requests == 0);
    CHECK(slot(0)->nx_secure_dtls_session_in_use == NX_FALSE);
    first_end();
}

static UINT start_at_once(NX_SECURE_DTLS_SESSION *session, NXD_ADDRESS *address, UINT port) {
    (void)address;
    (void)port;
    num_told++;
    CHECK_CODE(nx_secure_dtls_server_session_start(session, NX_NO_WAIT), NX_NO_PACKET);
    return NX_SUCCESS;
}

SERVICES_TEST(a_program_may_start_it_in_the_callback) {
    first_make(1);
    num_told = 0;
    server.control.nx_secure_dtls_connect_notify = start_at_once;
    CHECK_CODE(client_connect(&client, SECONDS(2)), NX_SUCCESS);
    CHECK(num_told == 1);
    first_end();
}

static UINT stop_it(NX_SECURE_DTLS_SESSION *session, NXD_ADDRESS *address, UINT port) {
    (void)address;
    (void)port;
    CHECK_CODE(nx_secure_dtls_server_stop(session->nx_secure_dtls_server_parent), NX_SUCCESS);
    return NX_SUCCESS;
}

static UINT delete_it(NX_SECURE_DTLS_SESSION *session, NXD_ADDRESS *address, UINT port) {
    NX_SECURE_DTLS_SERVER *of = session->nx_secure_dtls_server_parent;
    stop_it(session, address, port);
    CHECK_CODE(nx_secure_dtls_server_delete(of), NX_SUCCESS);
    return NX_SUCCESS;
}

SERVICES_TEST(the_callback_may_stop_the_server) {
    first_make(1);
    server.control.nx_secure_dtls_connect_notify = stop_it;
    CHECK_CODE(client_connect(&client, SECONDS(2)), NX_NOT_CONNECTED);
    first_end();
}

SERVICES_TEST(the_callback_may_delete_the_server) {
    first_make(1);
    server.control.nx_secure_dtls_connect_notify = delete_it;
    CHECK_CODE(client_connect(&client, SECONDS(2)), NX_NOT_CONNECTED);
    client_end(&client);
}

static UINT stop_it_for_an_error(NX_SECURE_DTLS_SESSION *session, UINT code) {
    CHECK_CODE(code, NX_NO_PACKET);
    CHECK_CODE(nx_secure_dtls_server_stop(session->nx_secure_dtls_server_parent), NX_SUCCESS);
    return NX_SUCCESS;
}

SERVICES_TEST(the_server_may_be_stopped_when_it_takes_a_slot_back) {
    flood();
    server.control.nx_secure_dtls_error_notify = stop_it_for_an_error;
    CHECK_CODE(client_connect(&client, SECONDS(2)), NX_NO_PACKET);
    CHECK(server.num_arrivals == SLOTS);
    end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_with_a_cookie_takes_the_slot_of_the_oldest_without),
        cmocka_unit_test(strangers_take_no_slot_of_others),
        cmocka_unit_test(a_slot_where_a_thread_waits_is_not_taken),
        cmocka_unit_test(those_who_were_driven_out_come_back_with_their_cookie),
        cmocka_unit_test(a_session_that_is_never_started_is_another_s_after_the_limit),
        cmocka_unit_test(the_limit_is_the_program_s),
        cmocka_unit_test(a_handshake_that_falls_silent_is_over_after_the_limit),
        cmocka_unit_test(what_is_established_or_has_failed_is_the_program_s),
        cmocka_unit_test(a_client_that_the_program_does_not_want_gets_no_answer),
        cmocka_unit_test(a_program_may_start_it_in_the_callback),
        cmocka_unit_test(the_callback_may_stop_the_server),
        cmocka_unit_test(the_callback_may_delete_the_server),
        cmocka_unit_test(the_server_may_be_stopped_when_it_takes_a_slot_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
