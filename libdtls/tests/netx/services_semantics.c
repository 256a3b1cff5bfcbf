/* SPDX-License-Identifier: MIT
 *
 * What callbacks tell, what the network may do to a session, and what a change of certificates and keys does
 * to sessions that are there.
 */
#include "services_both.h"
#include "services_edits.h"

static test_client other;

/* --- Callbacks. --- */

SERVICES_TEST(a_handshake_that_fails_outside_of_services_is_told) {
    make_both(1);
    server_listen(&server);
    CHECK_CODE(nx_secure_dtls_session_trusted_certificate_remove(&client.session, NX_NULL, 0, 1), NX_SUCCESS);
    CHECK_CODE(client_connect(&client, NX_NO_WAIT), NX_NOT_CONNECTED);
    tx_thread_sleep(1);
    CHECK_CODE(client_connect(&client, NX_NO_WAIT), NX_NO_PACKET);
    tx_thread_sleep(1);
    CHECK_CODE(nx_secure_dtls_server_session_start(first_slot(&server), NX_NO_WAIT), NX_NO_PACKET);
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SECURE_TLS_ISSUER_CERTIFICATE_NOT_FOUND);
    tx_thread_sleep(1);
    CHECK(server.num_errors == 1 && server.session == first_slot(&server));
    CHECK_CODE(server.error, NX_SECURE_TLS_ALERT_RECEIVED);
    CHECK_CODE(nx_secure_dtls_server_session_start(first_slot(&server), NX_NO_WAIT),
               NX_SECURE_TLS_ALERT_RECEIVED);
    CHECK(server.num_errors == 1 && server.num_disconnected == 0);
    finish();
}

SERVICES_TEST(a_client_for_whom_there_is_no_slot_is_told_and_so_is_the_program) {
    make_both(1);
    server_serve(&server);
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SUCCESS);
    client_make(&other);
    ULONG began = netx_test_ticks();
    CHECK_CODE(client_connect(&other, SECONDS(5)), NX_SECURE_TLS_ALERT_RECEIVED);
    CHECK(netx_test_ticks() == began);
    CHECK(server.num_errors == 1 && server.session == NX_NULL && server.num_arrivals == 1);
    CHECK_CODE(server.error, NX_SECURE_TLS_NO_FREE_DTLS_SESSIONS);
    client_say(&client, "undisturbed");
    expect_data(first_slot(&server), "undisturbed");
    client_end(&other);
    finish();
}

static UINT receive_at_once(NX_SECURE_DTLS_SESSION *session) {
    server.num_received++;
    expect_data(session, "in the callback");
    return NX_SUCCESS;
}

SERVICES_TEST(data_can_be_received_in_its_callback) {
    connected_pair(&server, &client);
    server.control.nx_secure_dtls_receive_notify = receive_at_once;
    client_say(&client, "in the callback");
    client_say(&client, "in the callback");
    CHECK(server.num_received == 2);
    finish();
}

static UINT end_at_once(NX_SECURE_DTLS_SESSION *session) {
    server.num_disconnected++;
    CHECK_CODE(nx_secure_dtls_session_end(session, NX_NO_WAIT), NX_SUCCESS);
    return NX_SUCCESS;
}

SERVICES_TEST(a_session_can_be_ended_in_its_callback_and_used_again) {
    make_both(1);
    CHECK_CODE(nx_secure_dtls_server_notify_set(&server.control, end_at_once, NX_NULL), NX_SUCCESS);
    server_serve(&server);
    for (UINT i = 0; i < 20; i++) {
        CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SUCCESS);
        client_say(&client, "data");
        CHECK_CODE(nx_secure_dtls_session_end(&client.session, SECONDS(1)), NX_SUCCESS);
        tx_thread_sleep(1);
        CHECK(server.num_disconnected == i + 1);
        CHECK(first_slot(&server)->nx_secure_dtls_session_in_use == NX_FALSE);
    }
    finish();
}

/* --- The network. --- */

/* A client that has lost its session begins anew (RFC 6347 section 4.2.8). */
SERVICES_TEST(a_client_may_begin_anew_from_the_same_port) {
    NX_PACKET *packet;
    make_both(2);
    server_serve(&server);
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SUCCESS);
    client_say(&client, "before");
    CHECK_CODE(nx_secure_dtls_session_reset(&client.session), NX_SUCCESS);
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SUCCESS);
    tx_thread_sleep(1);
    CHECK(server.num_arrivals == 2 && server.num_started == 2 && server.num_disconnected == 1);
    CHECK(server.arrivals[0] != server.arrivals[1]);
    client_say(&client, "after");
    expect_data(server.arrivals[1], "after");
    expect_data(server.arrivals[0], "before");
    CHECK_CODE(nx_secure_dtls_session_receive(server.arrivals[0], &packet, SECONDS(1)),
               NX_SECURE_TLS_CLOSE_NOTIFY_RECEIVED);
    CHECK_CODE(nx_secure_dtls_session_end(server.arrivals[0], SECONDS(1)), NX_SUCCESS);
    client_say(&client, "still");
    expect_data(server.arrivals[1], "still");
    finish();
}

static UCHAR first_hello[1536];
static ULONG first_hello_len;

static bool keep_hello(UCHAR *bytes, ULONG *len) {
    if (first_hello_len == 0 && find_message(bytes, *len, MESSAGE_CLIENT_HELLO) != NULL) {
        first_hello_len = *len;
        memcpy(first_hello, bytes, *len);
    }
    return true;
}

SERVICES_TEST(a_hello_without_a_cookie_disturbs_nobody) {
    make_both(1);
    first_hello_len = 0;
    edit_arrivals(server_ip, keep_hello);
    server_serve(&server);
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SUCCESS);
    first_hello[27] ^= 1; /* its random: a hello of somebody else */
    for (UINT i = 0; i < 5; i++)
        send_raw(&client.socket, server_address, SERVER_PORT, first_hello, first_hello_len);
    tx_thread_sleep(1);
    CHECK(server.num_arrivals == 1 && server.num_disconnected == 0);
    client_say(&client, "undisturbed");
    expect_data(first_slot(&server), "undisturbed");
    finish();
}

static UINT num_to_spoil;

static bool spoil(UCHAR *bytes, ULONG *len) {
    if (num_to_spoil > 0) {
        num_to_spoil--;
        bytes[*len - 1] ^= 1;
    }
    return true;
}

SERVICES_TEST(forged_records_and_noise_are_dropped_without_a_word) {
    static const UCHAR noise[40] = {23, 0xFE, 0xFD, 0, 1, 0, 0, 0, 0, 0, 9, 0, 27};
    NX_PACKET *packet;
    connected_pair(&server, &client);
    edit_arrivals(server_ip, spoil);
    num_to_spoil = 1;
    client_say(&client, "spoiled");
    CHECK(num_to_spoil == 0);
    send_raw(&client.socket, server_address, SERVER_PORT, noise, sizeof noise);
    send_raw(&client.socket, server_address, SERVER_PORT, noise, 1);
    tx_thread_sleep(1);
    CHECK_CODE(nx_secure_dtls_session_receive(first_slot(&server), &packet, NX_NO_WAIT), NX_NO_PACKET);
    CHECK(server.num_received == 0 && server.num_errors == 0);
    client_say(&client, "good");
    expect_data(first_slot(&server), "good");
    finish();
}

static bool without_last_flight(UCHAR *bytes, ULONG *len) {
    (void)len;
    if (bytes[0] != NX_SECURE_TLS_CHANGE_CIPHER_SPEC || num_to_spoil == 0)
        return true;
    num_to_spoil--;
    return false;
}

SERVICES_TEST(a_last_flight_that_is_lost_is_repeated_by_a_server_whose_start_is_over) {
    make_both(1);
    server_serve(&server);
    edit_arrivals(client_ip, without_last_flight);
    num_to_spoil = 2;
    ULONG began = netx_test_ticks();
    CHECK_CODE(client_connect(&client, SECONDS(10)), NX_SUCCESS);
    /* After the client's timeouts of one and two seconds. */
    CHECK(netx_test_ticks() - began == SECONDS(3));
    CHECK(server.num_started == 1 && num_to_spoil == 0);
    CHECK_CODE(server.start_code, NX_SUCCESS);
    client_say(&client, "data");
    expect_data(first_slot(&server), "data");
    finish();
}

SERVICES_TEST(a_slot_that_is_never_started_keeps_only_a_few_packets) {
    make_both(1);
    server_listen(&server);
    CHECK_CODE(client_connect(&client, SECONDS(200)), NX_NO_PACKET);
    CHECK(server.num_arrivals == 1);
    const NX_PACKET_POOL *pool = server_ip->nx_ip_default_packet_pool;
    CHECK(pool->nx_packet_pool_total - pool->nx_packet_pool_available <= 4);
    CHECK_CODE(nx_secure_dtls_session_end(first_slot(&server), NX_NO_WAIT), NX_SUCCESS);
    finish();
}

/* --- Changes of certificates and keys. --- */

static bool silent;

static bool without_server_hello(UCHAR *bytes, ULONG *len) {
    return !silent || find_message(bytes, *len, MESSAGE_SERVER_HELLO) == NULL;
}

static VOID connect_in_thread(ULONG wait) {
    client_connect(&client, wait);
}

SERVICES_TEST(handshakes_under_way_keep_the_credentials_that_they_began_with) {
    static NX_SECURE_X509_CERT later;
    make_both(2);
    CHECK_CODE(nx_secure_dtls_server_trusted_certificate_add(
                   &server.control, certificate_block(&server.trusted, CERT_ROOT, false), 3),
               NX_SUCCESS);
    server_serve(&server);
    client_make(&other);
    edit_arrivals(client_ip, without_server_hello);
    silent = true;
    netx_test_thread(NETX_TEST_PRIORITY + 1, connect_in_thread, SECONDS(20));
    tx_thread_sleep(10);
    CHECK(server.num_arrivals == 1);
    CHECK(server.num_started == 0);
    /* The certificate goes, with all that was its, and another comes. */
    CHECK_CODE(nx_secure_dtls_server_local_certificate_remove(&server.control, NX_NULL, 0, 1), NX_SUCCESS);
    memset(&server.certificate, 0xEE, sizeof server.certificate);
    CHECK_CODE(nx_secure_dtls_server_local_certificate_add(&server.control,
                                                           certificate_block(&later, CERT_RSA, true), 2),
               NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_server_trusted_certificate_remove(&server.control, NX_NULL, 0, 3), NX_SUCCESS);
    silent = false;
    CHECK_CODE(client_connect(&other, SECONDS(5)), NX_SUCCESS);
    tx_thread_sleep(SECONDS(10));
    CHECK(server.num_started == 2);
    CHECK_CODE(server.start_code, NX_SUCCESS);
    client_say(&client, "slow");
    expect_data(server.arrivals[0], "slow");
    client_end(&other);
    finish();
}

SERVICES_TEST(sessions_outlive_their_certificate_and_new_ones_want_one) {
    make_both(2);
    server_serve(&server);
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_server_local_certificate_remove(&server.control,
                                                              (UCHAR *)(uintptr_t) "server.test", 11, 0),
               NX_SUCCESS);
    client_make(&other);
    /* Nobody waits any more when the server cannot even begin. */
    CHECK_CODE(client_connect(&other, SECONDS(1)), NX_NO_PACKET);
    CHECK_CODE(server.start_code, NX_SECURE_TLS_NO_SUPPORTED_CIPHERS);
    client_say(&client, "still");
    expect_data(server.arrivals[0], "still");
    client_end(&other);
    finish();
}

SERVICES_TEST(clients_certificates_are_verified_as_long_as_that_is_asked_for) {
    make_both(1);
    server_demand_certificates(&server, 2);
    server_serve(&server);
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SECURE_TLS_ALERT_RECEIVED);
    CHECK_CODE(server.start_code, NX_SECURE_TLS_EMPTY_REMOTE_CERTIFICATE_RECEIVED);
    CHECK_CODE(nx_secure_dtls_session_end(first_slot(&server), NX_NO_WAIT), NX_SUCCESS);
    client_show(&client, CERT_CLIENT);
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_session_end(&client.session, NX_NO_WAIT), NX_SUCCESS);
    tx_thread_sleep(1);
    CHECK_CODE(nx_secure_dtls_session_end(first_slot(&server), NX_NO_WAIT), NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_session_local_certificate_remove(&client.session, NX_NULL, 0, 2), NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_server_x509_client_verify_disable(&server.control), NX_SUCCESS);
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SUCCESS);
    finish();
}

static UCHAR keys[2][16] = {{1}, {2}};
static UCHAR names[2][3] = {"id0", "id1"};
static UCHAR hints[2][5] = {"hint0", "hint1"};

static void add_keys(void) {
    world_make();
    server_make_bare(&server, 1, &nx_crypto_tls_ciphers_ecc);
    client_make_bare(&client, &nx_crypto_tls_ciphers_ecc);
    /* Neither side has them in the order of the other. */
    for (UINT i = 0; i < 2; i++) {
        CHECK_CODE(nx_secure_dtls_server_psk_add(&server.control, keys[i], 16, names[i], 3, hints[i], 5),
                   NX_SUCCESS);
        CHECK_CODE(nx_secure_dtls_psk_add(&client.session, keys[1 - i], 16, names[1 - i], 3, hints[1 - i], 5),
                   NX_SUCCESS);
    }
    server_serve(&server);
}

SERVICES_TEST(keys_are_found_by_hint_and_by_identity) {
    add_keys();
    /* The server hints at its first. */
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SUCCESS);
    client_say(&client, "first");
    expect_data(first_slot(&server), "first");
    CHECK_CODE(nx_secure_dtls_session_end(&client.session, NX_NO_WAIT), NX_SUCCESS);
    tx_thread_sleep(1);
    CHECK_CODE(nx_secure_dtls_session_end(first_slot(&server), NX_NO_WAIT), NX_SUCCESS);
    /* The client insists on its own, which is the server's second. */
    CHECK_CODE(nx_secure_tls_client_psk_set(&client.session.nx_secure_dtls_tls_session, keys[1], 16, names[1],
                                            3, NX_NULL, 0),
               NX_SUCCESS);
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SUCCESS);
    client_say(&client, "second");
    expect_data(first_slot(&server), "second");
    finish();
}

SERVICES_TEST(devices_in_the_field_are_met_with_the_legacy_table_alone) {
    static NX_SECURE_X509_CERT rsa;
    world_make();
    server_make_bare(&server, 1, &nx_crypto_tls_ciphers_legacy);
    CHECK_CODE(nx_secure_dtls_server_local_certificate_add(&server.control,
                                                           certificate_block(&rsa, CERT_RSA, true), 1),
               NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_server_protocol_version_override(&server.control, NX_SECURE_DTLS_VERSION_1_0),
               NX_SUCCESS);
    server_serve(&server);
    /* A modern client has nothing in common with it. */
    client_make(&other);
    CHECK_CODE(client_connect(&other, SECONDS(1)), NX_SECURE_TLS_ALERT_RECEIVED);
    CHECK_CODE(nx_secure_dtls_session_end(first_slot(&server), NX_NO_WAIT), NX_SUCCESS);
    client_end(&other);
    client_make_bare(&client, &nx_crypto_tls_ciphers_legacy);
    client_trust(&client);
    CHECK_CODE(nx_secure_dtls_client_protocol_version_override(&client.session, NX_SECURE_DTLS_VERSION_1_0),
               NX_SUCCESS);
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SUCCESS);
    client_say(&client, "old");
    expect_data(first_slot(&server), "old");
    finish();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_handshake_that_fails_outside_of_services_is_told),
        cmocka_unit_test(a_client_for_whom_there_is_no_slot_is_told_and_so_is_the_program),
        cmocka_unit_test(data_can_be_received_in_its_callback),
        cmocka_unit_test(a_session_can_be_ended_in_its_callback_and_used_again),
        cmocka_unit_test(a_client_may_begin_anew_from_the_same_port),
        cmocka_unit_test(a_hello_without_a_cookie_disturbs_nobody),
        cmocka_unit_test(forged_records_and_noise_are_dropped_without_a_word),
        cmocka_unit_test(a_last_flight_that_is_lost_is_repeated_by_a_server_whose_start_is_over),
        cmocka_unit_test(a_slot_that_is_never_started_keeps_only_a_few_packets),
        cmocka_unit_test(handshakes_under_way_keep_the_credentials_that_they_began_with),
        cmocka_unit_test(sessions_outlive_their_certificate_and_new_ones_want_one),
        cmocka_unit_test(clients_certificates_are_verified_as_long_as_that_is_asked_for),
        cmocka_unit_test(keys_are_found_by_hint_and_by_identity),
        cmocka_unit_test(devices_in_the_field_are_met_with_the_legacy_table_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
