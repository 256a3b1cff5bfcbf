/* SPDX-License-Identifier: MIT
 *
 * connect_notify before the cookie, for programs that count on the order of
 * NetX Secure: the first ClientHello has a slot, the start goes through the
 * exchange.
 */
#include "services_first.h"

static starter first;
static starter second;

static void say(const char *text) {
    NX_PACKET *packet = packet_with(&client.session, client_ip, text);
    CHECK_CODE(nx_secure_dtls_client_session_send(&client.session, packet), NX_SUCCESS);
    tx_thread_sleep(1);
    expect_data(first_slot(&server), text);
}

/* A stranger without a cookie: its hello is there, its HelloVerifyRequest is lost. */
static void make_stranger(UINT slots) {
    first_make(slots);
    edit_arrivals(client_ip, lose_verify_requests);
    CHECK_CODE(client_connect(&client, NX_NO_WAIT), NX_NOT_CONNECTED);
    tx_thread_sleep(1);
    CHECK(server.num_arrivals == 1 && server.arrivals[0] == first_slot(&server));
}

static void let_it_show_its_cookie(void) {
    edit_arrivals(client_ip, NULL);
    CHECK_CODE(client_connect(&client, SECONDS(5)), NX_SUCCESS);
    tx_thread_sleep(1);
}

static bool is_free(UINT slot) {
    return server.control.nx_dtls_server_sessions[slot].nx_secure_dtls_session_in_use == NX_FALSE;
}

/* --- The order. --- */

SERVICES_TEST(without_being_asked_the_server_tells_after_the_cookie) {
    world_make();
    server_make(&server, 1);
    server_listen(&server);
    client_make(&client);
    num_verify_requests = 0;
    edit_arrivals(client_ip, lose_verify_requests);
    CHECK_CODE(client_connect(&client, SECONDS(4)), NX_NOT_CONNECTED);
    CHECK(num_verify_requests > 1 && server.num_arrivals == 0 && is_free(0));
    finish();
}

SERVICES_TEST(a_stranger_has_a_slot_and_nothing_else) {
    NX_PACKET *packet;
    NXD_ADDRESS address;
    UINT port;
    make_stranger(1);
    CHECK_CODE(nx_secure_dtls_session_client_info_get(first_slot(&server), &address, &port, NX_NULL),
               NX_SUCCESS);
    CHECK(address.nxd_ip_address.v4 == CLIENT_ADDRESS && port == client.socket.nx_udp_socket_port);
    CHECK(nx_host_dtls_connection(first_slot(&server)) == NULL);
    CHECK_CODE(nx_secure_dtls_session_receive(first_slot(&server), &packet, NX_NO_WAIT),
               NX_SECURE_TLS_SESSION_UNINITIALIZED);
    NX_PACKET_POOL *pool = server_ip->nx_ip_default_packet_pool;
    CHECK(pool->nx_packet_pool_available == pool->nx_packet_pool_total);
    first_start(&first, first_slot(&server), NX_WAIT_FOREVER);
    CHECK(first_slot(&server)->nx_secure_dtls_thread_suspended == first.thread);
    CHECK(nx_host_dtls_connection(first_slot(&server)) == NULL);
    CHECK_CODE(nx_secure_dtls_server_session_start(first_slot(&server), NX_NO_WAIT), NX_ALREADY_SUSPENDED);
    let_it_show_its_cookie();
    CHECK_CODE(first.answer, NX_SUCCESS);
    CHECK(server.num_arrivals == 1 && first_slot(&server)->nx_secure_dtls_thread_suspended == NX_NULL);
    say("after the cookie");
    finish();
}

SERVICES_TEST(the_start_may_come_after_the_cookie) {
    first_make(1);
    CHECK_CODE(client_connect(&client, NX_NO_WAIT), NX_NOT_CONNECTED);
    tx_thread_sleep(1);
    CHECK_CODE(client_connect(&client, NX_NO_WAIT), NX_NO_PACKET);
    tx_thread_sleep(1);
    CHECK(server.num_arrivals == 1 && nx_host_dtls_connection(first_slot(&server)) == NULL);
    first_start(&first, first_slot(&server), SECONDS(5));
    CHECK_CODE(client_connect(&client, SECONDS(5)), NX_SUCCESS);
    tx_thread_sleep(1);
    CHECK_CODE(first.answer, NX_SUCCESS);
    say("late");
    finish();
}

SERVICES_TEST(a_start_without_a_wait_goes_on_by_itself) {
    make_stranger(1);
    CHECK_CODE(nx_secure_dtls_server_session_start(first_slot(&server), NX_NO_WAIT), NX_NO_PACKET);
    CHECK_CODE(nx_secure_dtls_server_session_start(first_slot(&server), NX_NO_WAIT), NX_NO_PACKET);
    let_it_show_its_cookie();
    CHECK_CODE(nx_secure_dtls_server_session_start(first_slot(&server), NX_NO_WAIT), NX_NOT_SUCCESSFUL);
    say("nobody has waited");
    finish();
}

SERVICES_TEST(a_program_has_it_by_how_it_is_compiled) {
    world_make();
    server_make(&server, 1);
    CHECK_CODE(first_program_starts(&server.control), NX_SUCCESS);
    CHECK_CODE(first_program_starts(&server.control), NX_ALREADY_BOUND);
    CHECK_CODE(first_program_starts(NULL), NX_PTR_ERROR);
    client_make(&client);
    edit_arrivals(client_ip, lose_verify_requests);
    CHECK_CODE(client_connect(&client, NX_NO_WAIT), NX_NOT_CONNECTED);
    tx_thread_sleep(1);
    CHECK(server.num_arrivals == 1);
    finish();
}

SERVICES_TEST(it_can_be_set_while_the_server_runs) {
    make_stranger(2);
    CHECK_CODE(nx_host_dtls_server_connect_notify_first_set(&server.control, NX_FALSE), NX_SUCCESS);
    test_client other;
    client_make(&other);
    CHECK_CODE(client_connect(&other, SECONDS(1)), NX_NOT_CONNECTED);
    CHECK(server.num_arrivals == 1 && is_free(1));
    client_end(&other);
    CHECK_CODE(nx_host_dtls_server_connect_notify_first_set(NULL, NX_TRUE), NX_PTR_ERROR);
    finish();
}

/* --- Hellos. --- */

SERVICES_TEST(a_hello_that_comes_again_is_answered_and_not_told) {
    make_stranger(2);
    CHECK_CODE(client_connect(&client, SECONDS(6)), NX_NOT_CONNECTED);
    CHECK(num_verify_requests == 3 && server.num_arrivals == 1 && is_free(1));
    finish();
}

static UCHAR forged_from;

static bool forge_cookie(UCHAR *bytes, ULONG *len) {
    UCHAR *message = find_message(bytes, *len, NX_SECURE_TLS_CLIENT_HELLO);
    /* Header, version, random, an empty session id, the cookie's length. */
    if (message != NULL && message[12 + 2 + 32 + 1] > 0 && forged_from == 0) {
        forged_from = message[12 + 2 + 32 + 2];
        message[12 + 2 + 32 + 2] ^= 1;
    }
    return true;
}

SERVICES_TEST(a_forged_cookie_changes_nothing) {
    make_stranger(2);
    forged_from = 0;
    first_start(&first, first_slot(&server), SECONDS(10));
    edit_arrivals(server_ip, forge_cookie);
    edit_arrivals(client_ip, count_verify_requests);
    num_verify_requests = 0;
    CHECK_CODE(client_connect(&client, SECONDS(10)), NX_SUCCESS);
    tx_thread_sleep(1);
    CHECK(forged_from != 0 && num_verify_requests >= 2 && server.num_arrivals == 1);
    CHECK_CODE(first.answer, NX_SUCCESS);
    finish();
}

SERVICES_TEST(what_is_no_hello_is_dropped) {
    static const UCHAR nonsense[64] = {NX_SECURE_TLS_APPLICATION_DATA, 0xFE, 0xFD};
    make_stranger(2);
    send_raw(&client.socket, server_address, SERVER_PORT, nonsense, sizeof nonsense);
    tx_thread_sleep(1);
    CHECK(server.num_arrivals == 1 && server.num_errors == 0 && is_free(1));
    first_start(&first, first_slot(&server), SECONDS(5));
    let_it_show_its_cookie();
    CHECK_CODE(first.answer, NX_SUCCESS);
    finish();
}

SERVICES_TEST(a_client_that_begins_anew_goes_on_in_its_slot) {
    make_stranger(2);
    CHECK_CODE(nx_secure_dtls_session_reset(&client.session), NX_SUCCESS);
    first_start(&first, first_slot(&server), SECONDS(5));
    let_it_show_its_cookie();
    CHECK(server.num_arrivals == 1 && is_free(1));
    say("anew");
    finish();
}

static bool keep_first(UCHAR *bytes, ULONG *len) {
    if (hello_len == 0)
        memcpy(hello, bytes, hello_len = *len);
    return true;
}

/* Its first hello comes once more, late, when its session has been ended. */
SERVICES_TEST(a_slot_knows_nothing_of_who_was_there_before) {
    first_make(1);
    edit_arrivals(server_ip, keep_first);
    CHECK_CODE(client_connect(&client, NX_NO_WAIT), NX_NOT_CONNECTED);
    tx_thread_sleep(1);
    CHECK_CODE(nx_secure_dtls_server_session_start(first_slot(&server), NX_NO_WAIT), NX_NO_PACKET);
    edit_arrivals(client_ip, lose_all);
    CHECK_CODE(client_connect(&client, NX_NO_WAIT), NX_NO_PACKET);
    tx_thread_sleep(1);
    CHECK(nx_host_dtls_connection(first_slot(&server)) != NULL);
    CHECK_CODE(nx_secure_dtls_session_end(first_slot(&server), NX_NO_WAIT), NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_session_reset(&client.session), NX_SUCCESS);
    send_raw(&client.socket, server_address, SERVER_PORT, hello, hello_len);
    tx_thread_sleep(1);
    CHECK(server.num_arrivals == 2);
    edit_arrivals(client_ip, NULL);
    CHECK_CODE(client_connect(&client, NX_NO_WAIT), NX_NOT_CONNECTED);
    tx_thread_sleep(1);
    CHECK_CODE(client_connect(&client, NX_NO_WAIT), NX_NO_PACKET);
    tx_thread_sleep(1);
    CHECK(nx_host_dtls_connection(first_slot(&server)) == NULL); /* nobody has started this one */
    first_start(&first, first_slot(&server), SECONDS(5));
    CHECK_CODE(client_connect(&client, SECONDS(5)), NX_SUCCESS);
    CHECK(server.num_arrivals == 2);
    finish();
}

static UCHAR hello_again[1536];
static ULONG hello_again_len;

static bool keep_both(UCHAR *bytes, ULONG *len) {
    if (hello_len != 0 && hello_again_len == 0)
        memcpy(hello_again, bytes, hello_again_len = *len);
    return keep_first(bytes, len);
}

SERVICES_TEST(a_hello_of_before_is_a_stranger_s_again) {
    first_make(1);
    hello_again_len = 0;
    edit_arrivals(server_ip, keep_both);
    CHECK_CODE(client_connect(&client, NX_NO_WAIT), NX_NOT_CONNECTED);
    tx_thread_sleep(1);
    CHECK_CODE(client_connect(&client, NX_NO_WAIT), NX_NO_PACKET);
    tx_thread_sleep(1);
    CHECK_CODE(nx_secure_dtls_session_end(first_slot(&server), NX_NO_WAIT), NX_SUCCESS);
    send_raw(&client.socket, server_address, SERVER_PORT, hello, hello_len);
    tx_thread_sleep(1);
    CHECK_CODE(nx_secure_dtls_server_session_start(first_slot(&server), NX_NO_WAIT), NX_NO_PACKET);
    CHECK(server.num_arrivals == 2 && nx_host_dtls_connection(first_slot(&server)) == NULL);
    send_raw(&client.socket, server_address, SERVER_PORT, hello_again, hello_again_len);
    tx_thread_sleep(1);
    CHECK(server.num_arrivals == 2 && nx_host_dtls_connection(first_slot(&server)) != NULL);
    finish();
}

/* --- Ends. --- */

SERVICES_TEST(the_start_ends_with_its_wait) {
    make_stranger(1);
    ULONG began = netx_test_ticks();
    first_start(&first, first_slot(&server), SECONDS(3));
    tx_thread_sleep(SECONDS(4));
    CHECK_CODE(first.answer, NX_NO_PACKET);
    CHECK(first.at - began == SECONDS(3));
    CHECK_CODE(nx_secure_dtls_server_session_start(first_slot(&server), NX_NO_WAIT), NX_NO_PACKET);
    CHECK(!is_free(0));
    CHECK_CODE(nx_secure_dtls_session_end(first_slot(&server), NX_NO_WAIT), NX_SUCCESS);
    CHECK(is_free(0));
    finish();
}

SERVICES_TEST(nobody_waits_for_a_cookie_for_ever) {
    make_stranger(1);
    ULONG began = netx_test_ticks();
    first_start(&first, first_slot(&server), NX_WAIT_FOREVER);
    tx_thread_sleep(NX_HOST_DTLS_IDLE_LIMIT + 1);
    CHECK_CODE(first.answer, NX_NO_PACKET);
    CHECK(first.at - began == NX_HOST_DTLS_IDLE_LIMIT);
    finish();
}

SERVICES_TEST(a_server_without_a_limit_waits) {
    make_stranger(1);
    CHECK_CODE(nx_host_dtls_server_idle_limit_set(&server.control, NX_WAIT_FOREVER), NX_SUCCESS);
    first_start(&first, first_slot(&server), NX_WAIT_FOREVER);
    tx_thread_sleep(2 * NX_HOST_DTLS_IDLE_LIMIT);
    CHECK(first.answer == STILL_WAITING);
    CHECK_CODE(tx_thread_wait_abort(first.thread), TX_SUCCESS);
    CHECK_CODE(first.answer, NX_NO_PACKET);
    finish();
}

static void end_while_it_waits(UINT (*how)(NX_SECURE_DTLS_SESSION *session)) {
    make_stranger(1);
    first_start(&first, first_slot(&server), NX_WAIT_FOREVER);
    CHECK(first.answer == STILL_WAITING);
    CHECK_CODE(how(first_slot(&server)), NX_SUCCESS);
    tx_thread_sleep(1);
    CHECK_CODE(first.answer, NX_SECURE_TLS_SESSION_UNINITIALIZED);
}

static UINT end_at_once(NX_SECURE_DTLS_SESSION *session) {
    return nx_secure_dtls_session_end(session, NX_NO_WAIT);
}

static UINT stop(NX_SECURE_DTLS_SESSION *session) {
    return nx_secure_dtls_server_stop(session->nx_secure_dtls_server_parent);
}

static UINT stop_and_delete(NX_SECURE_DTLS_SESSION *session) {
    NX_SECURE_DTLS_SERVER *of = session->nx_secure_dtls_server_parent;
    CHECK_CODE(nx_secure_dtls_server_stop(of), NX_SUCCESS);
    return nx_secure_dtls_server_delete(of);
}

SERVICES_TEST(ending_it_ends_the_wait) {
    end_while_it_waits(end_at_once);
    CHECK(is_free(0));
    first_start(&first, first_slot(&server), NX_NO_WAIT);
    CHECK_CODE(first.answer, NX_SECURE_TLS_SESSION_UNINITIALIZED);
    /* The client comes again, and is told of again. */
    CHECK_CODE(client_connect(&client, SECONDS(2)), NX_NOT_CONNECTED);
    CHECK(server.num_arrivals == 2);
    finish();
}

SERVICES_TEST(resetting_it_ends_the_wait) {
    end_while_it_waits(_nx_secure_dtls_session_reset);
    finish();
}

SERVICES_TEST(stopping_the_server_ends_the_wait) {
    end_while_it_waits(stop);
    finish();
}

SERVICES_TEST(deleting_the_server_ends_the_wait) {
    end_while_it_waits(stop_and_delete);
    client_end(&client);
}

SERVICES_TEST(a_thread_that_is_terminated_there_leaves_it_to_another) {
    make_stranger(1);
    first_start(&first, first_slot(&server), NX_WAIT_FOREVER);
    CHECK_CODE(tx_thread_terminate(first.thread), TX_SUCCESS);
    CHECK(first_slot(&server)->nx_secure_dtls_thread_suspended == NX_NULL);
    first_start(&second, first_slot(&server), SECONDS(5));
    let_it_show_its_cookie();
    CHECK_CODE(second.answer, NX_SUCCESS);
    finish();
}

SERVICES_TEST(a_start_that_cannot_begin_says_so_with_the_cookie) {
    world_make();
    server_make_bare(&server, 1, &nx_crypto_tls_ciphers_ecc);
    CHECK_CODE(first_program_starts(&server.control), NX_SUCCESS);
    client_make(&client);
    CHECK_CODE(client_connect(&client, NX_NO_WAIT), NX_NOT_CONNECTED);
    tx_thread_sleep(1);
    first_start(&first, first_slot(&server), SECONDS(5));
    CHECK(first.answer == STILL_WAITING);
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_NO_PACKET);
    CHECK_CODE(first.answer, NX_SECURE_TLS_NO_SUPPORTED_CIPHERS);
    finish();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_being_asked_the_server_tells_after_the_cookie),
        cmocka_unit_test(a_stranger_has_a_slot_and_nothing_else),
        cmocka_unit_test(the_start_may_come_after_the_cookie),
        cmocka_unit_test(a_start_without_a_wait_goes_on_by_itself),
        cmocka_unit_test(a_program_has_it_by_how_it_is_compiled),
        cmocka_unit_test(it_can_be_set_while_the_server_runs),
        cmocka_unit_test(a_hello_that_comes_again_is_answered_and_not_told),
        cmocka_unit_test(a_forged_cookie_changes_nothing),
        cmocka_unit_test(what_is_no_hello_is_dropped),
        cmocka_unit_test(a_client_that_begins_anew_goes_on_in_its_slot),
        cmocka_unit_test(a_slot_knows_nothing_of_who_was_there_before),
        cmocka_unit_test(a_hello_of_before_is_a_stranger_s_again),
        cmocka_unit_test(the_start_ends_with_its_wait),
        cmocka_unit_test(nobody_waits_for_a_cookie_for_ever),
        cmocka_unit_test(a_server_without_a_limit_waits),
        cmocka_unit_test(ending_it_ends_the_wait),
        cmocka_unit_test(resetting_it_ends_the_wait),
        cmocka_unit_test(stopping_the_server_ends_the_wait),
        cmocka_unit_test(deleting_the_server_ends_the_wait),
        cmocka_unit_test(a_thread_that_is_terminated_there_leaves_it_to_another),
        cmocka_unit_test(a_start_that_cannot_begin_says_so_with_the_cookie),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
