/* SPDX-License-Identifier: MIT
 *
 * Slots of clients that do not go on: a flood of forged addresses before a
 * server that tells first, sessions that are never started, handshakes that
 * fall silent, threads that are terminated.
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
    finish();
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
    finish();
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
    finish();
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

static UINT num_cut;

/* Of the client's last flight only ClientKeyExchange comes. */
static bool cut_behind_key_exchange(UCHAR *bytes, ULONG *len) {
    UCHAR *message = find_message(bytes, *len, NX_SECURE_TLS_CLIENT_KEY_EXCHANGE);
    if (message == NULL)
        return find_message(bytes, *len, NX_SECURE_TLS_CLIENT_HELLO) != NULL;
    num_cut++;
    *len = (ULONG)(message - bytes) + NX_SECURE_DTLS_HANDSHAKE_HEADER_SIZE + message[3];
    return true;
}

SERVICES_TEST(a_handshake_that_falls_silent_is_over_after_the_limit) {
    make_parked();
    tx_thread_sleep(NX_HOST_DTLS_IDLE_LIMIT - 100);
    edit_arrivals(client_ip, lose_all);
    CHECK_CODE(nx_secure_dtls_server_session_start(slot(0), NX_NO_WAIT), NX_NO_PACKET);
    edit_arrivals(client_ip, NULL);
    tx_thread_sleep(NX_HOST_DTLS_IDLE_LIMIT - 100);
    expect_refused();
    edit_arrivals(server_ip, cut_behind_key_exchange);
    CHECK_CODE(client_connect(&client, SECONDS(3)), NX_NO_PACKET);
    CHECK(num_cut > 1); /* a message is taken, and counts once */
    edit_arrivals(server_ip, NULL);
    tx_thread_sleep(NX_HOST_DTLS_IDLE_LIMIT - SECONDS(3) - 100);
    expect_refused();
    tx_thread_sleep(100);
    expect_taken();
    end_both();
}

/* Anyone can send in the client's name, whose cookie it has not. */
SERVICES_TEST(what_no_handshake_takes_keeps_no_slot) {
    static const UCHAR others[][26] = {
        {0},                                                                   /* no record */
        {22, 0xFE, 0xFD, 0, 1, 0, 0, 0, 0, 0, 9, 0, 4, 1, 2, 3, 4},            /* that cannot be opened */
        {22, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 1, 0, 0, 13, 1, 0, 0, 1, [24] = 1}, /* a message again */
        {21, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 1, 1, 0, 2, 1, 90},                 /* a warning */
    };
    make_parked();
    CHECK_CODE(nx_secure_dtls_server_session_start(slot(0), NX_NO_WAIT), NX_NO_PACKET);
    for (ULONG waited = 0; waited < NX_HOST_DTLS_IDLE_LIMIT; waited += SECONDS(1)) {
        const UCHAR *junk = others[waited / SECONDS(1) % (sizeof others / sizeof *others)];
        send_raw(&client.socket, server_address, SERVER_PORT, junk, sizeof others[0]);
        tx_thread_sleep(SECONDS(1));
    }
    CHECK(slot(0)->nx_secure_dtls_session_in_use && server.num_errors == 0);
    expect_taken();
    end_both();
}

/* --- Threads that are terminated. --- */

static ULONG never_come_back(VOID) {
    tx_thread_sleep(TX_WAIT_FOREVER);
    return 0;
}

static void terminate_first(void) {
    CHECK_CODE(first.answer, STILL_WAITING);
    CHECK_CODE(tx_thread_terminate(first.thread), TX_SUCCESS);
    CHECK_CODE(tx_thread_delete(first.thread), TX_SUCCESS);
    memset(first.thread, 0xEE, sizeof *first.thread);
}

static void ask_slot(ULONG (*date)(VOID)) {
    CHECK_CODE(nx_secure_tls_session_time_function_set(&slot(0)->nx_secure_dtls_tls_session, date),
               NX_SUCCESS);
}

SERVICES_TEST(a_thread_that_is_terminated_in_a_callback_keeps_no_slot) {
    make_parked();
    ask_slot(never_come_back);
    first_start(&first, slot(0), SECONDS(5));
    tx_thread_sleep(NX_HOST_DTLS_IDLE_LIMIT);
    expect_refused(); /* it has it for as long as it is there */
    terminate_first();
    ask_slot(NX_NULL);
    expect_taken();
    end_both();
}

SERVICES_TEST(a_thread_that_is_terminated_where_it_waits_keeps_no_slot) {
    make_parked();
    edit_arrivals(client_ip, lose_all);
    first_start(&first, slot(0), TX_WAIT_FOREVER);
    terminate_first();
    edit_arrivals(client_ip, NULL);
    tx_thread_sleep(NX_HOST_DTLS_IDLE_LIMIT);
    expect_taken();
    end_both();
}

/* What it was in is over, and may be another's: nothing of it is touched. */
SERVICES_TEST(a_thread_may_outlive_the_session_that_it_starts) {
    make_parked();
    ask_slot(never_come_back);
    first_start(&first, slot(0), SECONDS(5));
    CHECK_CODE(nx_secure_dtls_session_reset(slot(0)), NX_SUCCESS);
    starter second;
    ask_slot(NX_NULL);
    park(&other);
    edit_arrivals(client_ip, lose_all);
    first_start(&second, slot(0), SECONDS(5));
    terminate_first();
    tx_thread_sleep(1);
    UINT had_errors = server.num_errors;
    edit_arrivals(client_ip, NULL);
    CHECK_CODE(client_connect(&other, SECONDS(4)), NX_SUCCESS);
    tx_thread_sleep(1);
    CHECK_CODE(second.answer, NX_SUCCESS);
    CHECK(server.num_errors == had_errors);
    end_both();
}

SERVICES_TEST(a_thread_may_outlive_the_memory_of_the_session_that_it_starts) {
    make_parked();
    ask_slot(never_come_back);
    first_start(&first, slot(0), SECONDS(5));
    CHECK_CODE(nx_secure_dtls_session_delete(slot(0)), NX_SUCCESS);
    memset(slot(0), 0xEE, sizeof *slot(0));
    terminate_first();
    end_both();
}

static ULONG start_the_second(VOID) {
    CHECK_CODE(nx_secure_dtls_server_session_start(slot(1), SECONDS(1000)), NX_SUCCESS);
    return 0;
}

/* The outer session is over first: the thread is in the middle of the inner one still. */
SERVICES_TEST(a_thread_that_starts_one_session_in_another_s_callback_keeps_neither) {
    world_make();
    server_make(&server, 2);
    server_listen(&server);
    client_make(&client);
    client_make(&other);
    park(&client);
    park(&other);
    ask_slot(start_the_second);
    edit_arrivals(client_ip, lose_all);
    first_start(&first, slot(0), SECONDS(5));
    CHECK_CODE(nx_secure_dtls_session_reset(slot(0)), NX_SUCCESS);
    terminate_first();
    edit_arrivals(client_ip, NULL);
    tx_thread_sleep(NX_HOST_DTLS_IDLE_LIMIT);
    client_end(&client);
    client_make(&client);
    park(&client);
    CHECK(server.num_arrivals == 3 && server.arrivals[2] == slot(0) && server.num_errors == 0);
    client_end(&other);
    client_make(&other);
    park(&other);
    CHECK(server.num_arrivals == 4 && server.arrivals[3] == slot(1) && server.num_errors == 1);
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

/* --- The callback of what is over. --- */

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
        cmocka_unit_test(what_no_handshake_takes_keeps_no_slot),
        cmocka_unit_test(a_thread_that_is_terminated_in_a_callback_keeps_no_slot),
        cmocka_unit_test(a_thread_that_is_terminated_where_it_waits_keeps_no_slot),
        cmocka_unit_test(a_thread_may_outlive_the_session_that_it_starts),
        cmocka_unit_test(a_thread_may_outlive_the_memory_of_the_session_that_it_starts),
        cmocka_unit_test(a_thread_that_starts_one_session_in_another_s_callback_keeps_neither),
        cmocka_unit_test(what_is_established_or_has_failed_is_the_program_s),
        cmocka_unit_test(the_server_may_be_stopped_when_it_takes_a_slot_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
