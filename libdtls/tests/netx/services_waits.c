/* SPDX-License-Identifier: MIT
 *
 * Threads that wait for sessions, and are ended there.
 */
#include "services_both.h"

static UINT answer;

static VOID receive(ULONG which) {
    NX_PACKET *packet;
    answer = nx_secure_dtls_session_receive(which == 0 ? &client.session : first_slot(&server), &packet,
                                            NX_WAIT_FOREVER);
    if (answer == NX_SUCCESS)
        nx_packet_release(packet);
}

static void end_one_that_waits_for(NX_SECURE_DTLS_SESSION *session, ULONG which) {
    NX_PACKET *packet;
    TX_THREAD *thread = netx_test_thread(NETX_TEST_PRIORITY - 1, receive, which);
    CHECK(session->nx_secure_dtls_thread_suspended == thread);
    CHECK_CODE(nx_secure_dtls_session_receive(session, &packet, NX_NO_WAIT), NX_ALREADY_SUSPENDED);
    CHECK_CODE(tx_thread_terminate(thread), TX_SUCCESS);
    CHECK(session->nx_secure_dtls_thread_suspended == NX_NULL);
    CHECK_CODE(nx_secure_dtls_session_receive(session, &packet, NX_NO_WAIT), NX_NO_PACKET);
}

SERVICES_TEST(a_thread_that_is_terminated_waits_no_longer) {
    connected_pair(&server, &client);
    end_one_that_waits_for(&client.session, 0);
    end_one_that_waits_for(first_slot(&server), 1);
    NX_PACKET *packet = packet_with(&client.session, client_ip, "after");
    CHECK_CODE(nx_secure_dtls_client_session_send(&client.session, packet), NX_SUCCESS);
    expect_data(first_slot(&server), "after");
    finish();
}

static VOID connect_again(ULONG input) {
    (void)input;
    answer = client_connect(&client, SECONDS(1));
}

/* It has been woken, and has not run: what it waited for may be another's by now. */
SERVICES_TEST(a_thread_that_is_terminated_after_a_reset_does_no_harm) {
    connected_pair(&server, &client);
    TX_THREAD *late = netx_test_thread(NETX_TEST_PRIORITY + 1, receive, 0);
    tx_thread_sleep(1);
    CHECK(client.session.nx_secure_dtls_thread_suspended == late);
    CHECK_CODE(nx_secure_dtls_session_reset(&client.session), NX_SUCCESS);
    edit_arrivals(server_ip, lose_all);
    TX_THREAD *next = netx_test_thread(NETX_TEST_PRIORITY - 1, connect_again, 0);
    CHECK(client.session.nx_secure_dtls_thread_suspended == next);
    CHECK_CODE(tx_thread_terminate(late), TX_SUCCESS);
    CHECK(client.session.nx_secure_dtls_thread_suspended == next);
    CHECK_CODE(tx_thread_terminate(next), TX_SUCCESS);
    finish();
}

static VOID start(ULONG input) {
    (void)input;
    answer = nx_secure_dtls_server_session_start(first_slot(&server), NX_WAIT_FOREVER);
}

SERVICES_TEST(another_thread_takes_up_a_handshake) {
    make_both(1);
    server_listen(&server);
    CHECK_CODE(client_connect(&client, NX_NO_WAIT), NX_NOT_CONNECTED);
    tx_thread_sleep(1);
    CHECK_CODE(client_connect(&client, NX_NO_WAIT), NX_NO_PACKET);
    tx_thread_sleep(1);
    edit_arrivals(client_ip, lose_all);
    TX_THREAD *thread = netx_test_thread(NETX_TEST_PRIORITY - 1, start, 0);
    CHECK(first_slot(&server)->nx_secure_dtls_thread_suspended == thread);
    CHECK_CODE(tx_thread_terminate(thread), TX_SUCCESS);
    edit_arrivals(client_ip, NULL);
    answer = NX_NOT_SUCCESSFUL;
    netx_test_thread(NETX_TEST_PRIORITY - 1, start, 0);
    CHECK_CODE(client_connect(&client, SECONDS(5)), NX_SUCCESS);
    tx_thread_sleep(1);
    CHECK_CODE(answer, NX_SUCCESS);
    finish();
}

/* What tells of a handshake that has failed is silent only while a thread will. */
SERVICES_TEST(a_failure_is_told_when_the_thread_that_would_answer_it_is_gone) {
    make_both(1);
    CHECK_CODE(nx_secure_dtls_session_trusted_certificate_remove(&client.session, NX_NULL, 0, 1), NX_SUCCESS);
    server_listen(&server);
    CHECK_CODE(client_connect(&client, NX_NO_WAIT), NX_NOT_CONNECTED);
    tx_thread_sleep(1);
    CHECK_CODE(client_connect(&client, NX_NO_WAIT), NX_NO_PACKET);
    tx_thread_sleep(1);
    CHECK_CODE(tx_thread_terminate(netx_test_thread(NETX_TEST_PRIORITY - 1, start, 0)), TX_SUCCESS);
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SECURE_TLS_ISSUER_CERTIFICATE_NOT_FOUND);
    tx_thread_sleep(1);
    CHECK(server.num_errors == 1);
    CHECK_CODE(server.error, NX_SECURE_TLS_ALERT_RECEIVED);
    finish();
}

static UINT num_hellos;

static bool count_hellos(UCHAR *bytes, ULONG *len) {
    if (find_message(bytes, *len, NX_SECURE_TLS_CLIENT_HELLO) != NULL)
        num_hellos++;
    return true;
}

static VOID start_after_a_second(ULONG input) {
    tx_thread_sleep(SECONDS(1));
    start(input);
}

/* The server's flight and the client's timer come in the same tick. */
SERVICES_TEST(what_has_come_is_taken_before_a_flight_is_repeated) {
    make_both(1);
    server_listen(&server);
    num_hellos = 0;
    edit_arrivals(server_ip, count_hellos);
    netx_test_thread(NETX_TEST_PRIORITY - 1, start_after_a_second, 0);
    ULONG began = netx_test_ticks();
    CHECK_CODE(client_connect(&client, SECONDS(5)), NX_SUCCESS);
    CHECK(netx_test_ticks() - began == SECONDS(1));
    CHECK(num_hellos == 2); /* without and with a cookie */
    tx_thread_sleep(1);
    CHECK_CODE(answer, NX_SUCCESS);
    finish();
}

SERVICES_TEST(a_close_that_comes_at_once_is_not_left_in_the_socket) {
    NX_PACKET *packet;
    connected_pair(&server, &client);
    CHECK_CODE(nx_secure_dtls_session_end(&client.session, NX_NO_WAIT), NX_SUCCESS);
    tx_thread_sleep(1);
    CHECK(server.num_disconnected == 1);
    CHECK_CODE(nx_udp_socket_receive(&client.socket, &packet, NX_NO_WAIT), NX_NO_PACKET);
    finish();
}

static UINT delete_at_once(NX_SECURE_DTLS_SESSION *session) {
    (void)session;
    CHECK_CODE(nx_secure_dtls_session_delete(&client.session), NX_SUCCESS);
    memset(&client.session, 0xA5, sizeof client.session);
    return NX_SUCCESS;
}

static UINT delete_it(NX_SECURE_DTLS_SESSION *session) {
    CHECK(client.session.nx_secure_dtls_thread_suspended != NX_NULL);
    return delete_at_once(session);
}

SERVICES_TEST(a_session_may_be_deleted_while_another_thread_ends_it) {
    connected_pair(&server, &client);
    CHECK_CODE(nx_secure_dtls_server_notify_set(&server.control, delete_it, NX_NULL), NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_session_end(&client.session, NX_NO_WAIT), NX_SUCCESS);
    for (size_t i = 0; i < sizeof client.session; i++)
        CHECK(((UCHAR *)&client.session)[i] == 0xA5);
    NX_PACKET *packet;
    while (nx_udp_socket_receive(&client.socket, &packet, NX_NO_WAIT) == NX_SUCCESS)
        nx_packet_release(packet);
    CHECK_CODE(nx_udp_socket_unbind(&client.socket), NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_delete(&client.socket), NX_SUCCESS);
    server_end(&server);
}

static VOID end_slot(ULONG wait) {
    answer = nx_secure_dtls_session_end(first_slot(&server), (UINT)wait);
}

/* Its answer to the peer's close_notify is what tells the server. */
SERVICES_TEST(a_session_may_be_deleted_while_it_answers_a_close) {
    NX_PACKET *packet;
    nx_host_inline_delivery_set(NX_TRUE);
    connected_pair(&server, &client);
    CHECK_CODE(nx_secure_dtls_server_notify_set(&server.control, delete_at_once, NX_NULL), NX_SUCCESS);
    netx_test_thread(NETX_TEST_PRIORITY - 1, end_slot, SECONDS(5));
    CHECK_CODE(nx_secure_dtls_session_receive(&client.session, &packet, NX_NO_WAIT),
               NX_SECURE_TLS_SESSION_UNINITIALIZED);
    for (size_t i = 0; i < sizeof client.session; i++)
        CHECK(((UCHAR *)&client.session)[i] == 0xA5);
    CHECK_CODE(nx_udp_socket_unbind(&client.socket), NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_delete(&client.socket), NX_SUCCESS);
    CHECK_CODE(answer, NX_SUCCESS);
    server_end(&server);
}

/* There is no session yet that a peer could close. */
SERVICES_TEST(the_end_of_a_handshake_is_not_waited_for) {
    world_make();
    client_make(&client);
    CHECK_CODE(client_connect(&client, NX_NO_WAIT), NX_NOT_CONNECTED);
    CHECK_CODE(nx_secure_dtls_session_end(&client.session, SECONDS(5)), NX_SUCCESS);
    CHECK(netx_test_ticks() == 0 && client_ip->nx_ip_udp_packets_sent == 1);
    client_end(&client);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thread_that_is_terminated_waits_no_longer),
        cmocka_unit_test(a_thread_that_is_terminated_after_a_reset_does_no_harm),
        cmocka_unit_test(another_thread_takes_up_a_handshake),
        cmocka_unit_test(a_failure_is_told_when_the_thread_that_would_answer_it_is_gone),
        cmocka_unit_test(what_has_come_is_taken_before_a_flight_is_repeated),
        cmocka_unit_test(a_close_that_comes_at_once_is_not_left_in_the_socket),
        cmocka_unit_test(a_session_may_be_deleted_while_another_thread_ends_it),
        cmocka_unit_test(a_session_may_be_deleted_while_it_answers_a_close),
        cmocka_unit_test(the_end_of_a_handshake_is_not_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
