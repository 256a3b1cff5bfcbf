/* SPDX-License-Identifier: MIT
 *
 * Starts: sessions that are servers themselves, data that comes with the end of a handshake, other sockets;
 * and a crypto provider that fails.
 */
#include "netx/secure/session.h"
#include "services_both.h"

static test_client other;

/* --- A provider in the place of the library's own. --- */

static bool random_fails;
static bool sealing_fails;

static dtls_error random_bytes(void *state, uint8_t *out, size_t len) {
    return random_fails ? DTLS_ERROR_CRYPTO : dtls_libcrypto.random(state, out, len);
}

static dtls_error seal(void *slot, const uint8_t nonce[DTLS_AEAD_NONCE], const uint8_t *associated,
                       size_t associated_len, uint8_t *data, size_t len, uint8_t *out_tag) {
    if (sealing_fails)
        return DTLS_ERROR_CRYPTO;
    return dtls_libcrypto.aead_seal(slot, nonce, associated, associated_len, data, len, out_tag);
}

const dtls_crypto *netx_session_crypto(void) {
    static dtls_crypto provider;
    provider = dtls_libcrypto;
    provider.random = random_bytes;
    provider.aead_seal = seal;
    provider.gcm_record_seal = NULL;
    provider.gcm_record_open = NULL;
    return &provider;
}

static bool fail_from_here(UCHAR *bytes, ULONG *len) {
    (void)bytes;
    (void)len;
    random_fails = true;
    return true;
}

SERVICES_TEST(a_server_that_gets_no_new_secret_keeps_the_old_one) {
    world_make();
    server_make(&server, 2);
    server_serve(&server);
    client_make(&client);
    tx_thread_sleep(SECONDS(61));
    edit_arrivals(server_ip, fail_from_here);
    CHECK_CODE(client_connect(&client, NX_NO_WAIT), NX_NOT_CONNECTED);
    tx_thread_sleep(1);
    CHECK(random_fails);
    edit_arrivals(server_ip, NULL);
    random_fails = false;
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SUCCESS);
    CHECK(netx_test_ticks() == SECONDS(61) + 1 && server.num_arrivals == 1);
    /* The client's own secrets cannot be done without. */
    CHECK_CODE(nx_secure_dtls_session_end(&client.session, NX_NO_WAIT), NX_SUCCESS);
    random_fails = true;
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SECURE_TLS_MISSING_CRYPTO_ROUTINE);
    random_fails = false;
    finish();
}

SERVICES_TEST(a_record_that_cannot_be_sealed_is_the_end) {
    connected_pair(&server, &client);
    NX_PACKET *packet = packet_with(&client.session, client_ip, "data");
    sealing_fails = true;
    CHECK_CODE(nx_secure_dtls_client_session_send(&client.session, packet), NX_NOT_SUCCESSFUL);
    sealing_fails = false;
    CHECK_CODE(nx_secure_dtls_client_session_send(&client.session, packet), NX_NOT_SUCCESSFUL);
    nx_packet_release(packet);
    finish();
}

/* --- Sessions that are servers themselves. --- */

static UCHAR key[16] = {7};
static UCHAR name[] = "name";
static NXD_ADDRESS other_address;

static void make_two(bool with_keys) {
    world_make();
    other_address = server_address;
    other_address.nxd_ip_address.v4 = CLIENT_ADDRESS;
    client_make_bare(&client, &nx_crypto_tls_ciphers_ecc);
    client_make_bare(&other, &nx_crypto_tls_ciphers_ecc);
    CHECK_CODE(nx_secure_dtls_psk_add(&client.session, key, 16, name, 4, NX_NULL, 0), NX_SUCCESS);
    if (with_keys)
        CHECK_CODE(nx_secure_dtls_psk_add(&other.session, key, 16, name, 4, NX_NULL, 0), NX_SUCCESS);
}

static void finish_two(void) {
    client_end(&client);
    client_end(&other);
}

static UINT connect_to_other(UINT wait) {
    return nx_secure_dtls_client_session_start(&client.session, &client.socket, &other_address,
                                               other.socket.nx_udp_socket_port, wait);
}

static UINT serve(UINT wait) {
    return nx_secure_dtls_session_start(&other.session, &other.socket, NX_FALSE, wait);
}

SERVICES_TEST(a_session_serves_step_by_step) {
    make_two(true);
    UINT last = NX_NO_PACKET;
    for (UINT i = 0; i < 6 && last != NX_SUCCESS; i++) {
        connect_to_other(NX_NO_WAIT);
        tx_thread_sleep(1);
        last = serve(NX_NO_WAIT);
        CHECK(last == NX_SUCCESS || last == NX_NO_PACKET);
        tx_thread_sleep(1);
    }
    CHECK_CODE(last, NX_SUCCESS);
    CHECK_CODE(connect_to_other(NX_NO_WAIT), NX_SUCCESS);
    CHECK_CODE(serve(NX_NO_WAIT), NX_NOT_SUCCESSFUL);
    /* As a client it would have another peer; it has one. */
    CHECK_CODE(nx_secure_dtls_client_session_start(&other.session, &other.socket, &other_address, 9, 0),
               NX_NOT_SUCCESSFUL);
    finish_two();
}

SERVICES_TEST(a_session_without_credentials_serves_nobody) {
    make_two(false);
    connect_to_other(NX_NO_WAIT);
    tx_thread_sleep(1);
    CHECK_CODE(serve(NX_NO_WAIT), NX_NO_PACKET);
    connect_to_other(NX_NO_WAIT);
    tx_thread_sleep(1);
    CHECK_CODE(serve(NX_NO_WAIT), NX_SECURE_TLS_NO_SUPPORTED_CIPHERS);
    CHECK(other.session.nx_secure_dtls_session_in_use == NX_FALSE);
    random_fails = true;
    CHECK_CODE(serve(NX_NO_WAIT), NX_SECURE_TLS_MISSING_CRYPTO_ROUTINE);
    random_fails = false;
    finish_two();
}

/* In the middle of a handshake as a server it becomes a client. */
SERVICES_TEST(a_session_that_serves_can_turn_to_a_server) {
    make_two(true);
    connect_to_other(NX_NO_WAIT);
    tx_thread_sleep(1);
    serve(NX_NO_WAIT);
    connect_to_other(NX_NO_WAIT);
    tx_thread_sleep(1);
    CHECK_CODE(serve(NX_NO_WAIT), NX_NO_PACKET);
    CHECK(netx_session_of(&other.session)->state == SESSION_HANDSHAKE);
    NXD_ADDRESS address = other.session.nx_secure_dtls_remote_ip_address;
    UINT port = other.session.nx_secure_dtls_remote_port;
    CHECK_CODE(nx_secure_dtls_client_session_start(&other.session, &other.socket, &address, port, NX_NO_WAIT),
               NX_NOT_CONNECTED);
    CHECK(netx_session_of(&other.session)->is_client);
    finish_two();
}

static UINT answer;
static TX_THREAD *waiting;

static VOID serve_in_thread(ULONG wait) {
    answer = 0xFFFF;
    answer = serve((UINT)wait);
}

SERVICES_TEST(a_wait_for_a_client_ends_in_every_way) {
    make_two(true);
    waiting = netx_test_thread(NETX_TEST_PRIORITY - 1, serve_in_thread, NX_WAIT_FOREVER);
    CHECK_CODE(serve(NX_WAIT_FOREVER), NX_ALREADY_SUSPENDED);
    CHECK_CODE(tx_thread_wait_abort(waiting), TX_SUCCESS);
    CHECK_CODE(answer, NX_NO_PACKET);
    waiting = netx_test_thread(NETX_TEST_PRIORITY - 1, serve_in_thread, NX_WAIT_FOREVER);
    CHECK_CODE(nx_secure_dtls_session_reset(&other.session), NX_SUCCESS);
    CHECK_CODE(answer, NX_SECURE_TLS_SESSION_UNINITIALIZED);
    waiting = netx_test_thread(NETX_TEST_PRIORITY - 1, serve_in_thread, NX_WAIT_FOREVER);
    CHECK_CODE(nx_udp_socket_unbind(&other.socket), NX_SUCCESS);
    CHECK_CODE(answer, NX_NOT_BOUND);
    CHECK_CODE(nx_udp_socket_bind(&other.socket, NX_ANY_PORT, NX_NO_WAIT), NX_SUCCESS);
    waiting = netx_test_thread(NETX_TEST_PRIORITY - 1, serve_in_thread, NX_WAIT_FOREVER);
    CHECK_CODE(nx_secure_dtls_session_delete(&other.session), NX_SUCCESS);
    CHECK_CODE(answer, NX_SECURE_TLS_SESSION_UNINITIALIZED);
    client_end(&client);
    CHECK_CODE(nx_udp_socket_unbind(&other.socket), NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_delete(&other.socket), NX_SUCCESS);
}

/* --- Other sockets. --- */

SERVICES_TEST(another_socket_means_another_handshake) {
    world_make();
    server_make(&server, 1);
    server_serve(&server);
    client_make(&client);
    client_make(&other);
    CHECK_CODE(client_connect(&client, NX_NO_WAIT), NX_NOT_CONNECTED);
    CHECK_CODE(nx_secure_dtls_client_session_start(&client.session, &other.socket, &server_address,
                                                   SERVER_PORT, SECONDS(1)),
               NX_SUCCESS);
    NXD_ADDRESS address;
    UINT port;
    CHECK_CODE(nx_secure_dtls_session_client_info_get(first_slot(&server), &address, &port, NX_NULL),
               NX_SUCCESS);
    CHECK(port == other.socket.nx_udp_socket_port);
    client_end(&other);
    finish();
}

static VOID delete_socket(ULONG ticks) {
    tx_thread_sleep(ticks);
    nx_udp_socket_unbind(&client.socket);
    nx_udp_socket_delete(&client.socket);
}

/* Just when a flight is to be repeated on it. */
SERVICES_TEST(a_socket_that_goes_ends_the_start) {
    make_both(1);
    netx_test_thread(NETX_TEST_PRIORITY - 2, delete_socket, SECONDS(1));
    CHECK_CODE(client_connect(&client, SECONDS(5)), NX_NOT_BOUND);
    CHECK(netx_test_ticks() == SECONDS(1));
    CHECK_CODE(nx_secure_dtls_session_delete(&client.session), NX_SUCCESS);
    server_end(&server);
}

/* --- Data that comes with the end of a handshake. --- */

static VOID start_less_urgent(ULONG wait) {
    answer = nx_secure_dtls_server_session_start(first_slot(&server), (UINT)wait);
}

static void send_at_once(UINT expected) {
    world_make();
    server_make(&server, 1);
    server_listen(&server);
    client_make(&client);
    if (expected == 0)
        server.control.nx_secure_dtls_receive_notify = NX_NULL;
    CHECK_CODE(client_connect(&client, NX_NO_WAIT), NX_NOT_CONNECTED);
    tx_thread_sleep(1);
    CHECK_CODE(client_connect(&client, NX_NO_WAIT), NX_NO_PACKET);
    netx_test_thread(NETX_TEST_PRIORITY + 1, start_less_urgent, SECONDS(1));
    CHECK_CODE(client_connect(&client, SECONDS(1)), NX_SUCCESS);
    CHECK_CODE(
        nx_secure_dtls_client_session_send(&client.session, packet_with(&client.session, client_ip, "early")),
        NX_SUCCESS);
    CHECK(server.num_received == 0);
    tx_thread_sleep(1);
    CHECK_CODE(answer, NX_SUCCESS);
    CHECK(server.num_received == expected);
    expect_data(first_slot(&server), "early");
    finish();
}

SERVICES_TEST(data_that_comes_before_the_start_has_answered_is_told_of_then) {
    send_at_once(1);
}

SERVICES_TEST(data_that_comes_early_waits_where_nobody_is_told) {
    send_at_once(0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_that_gets_no_new_secret_keeps_the_old_one),
        cmocka_unit_test(a_record_that_cannot_be_sealed_is_the_end),
        cmocka_unit_test(a_session_serves_step_by_step),
        cmocka_unit_test(a_session_without_credentials_serves_nobody),
        cmocka_unit_test(a_session_that_serves_can_turn_to_a_server),
        cmocka_unit_test(a_wait_for_a_client_ends_in_every_way),
        cmocka_unit_test(another_socket_means_another_handshake),
        cmocka_unit_test(a_socket_that_goes_ends_the_start),
        cmocka_unit_test(data_that_comes_before_the_start_has_answered_is_told_of_then),
        cmocka_unit_test(data_that_comes_early_waits_where_nobody_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
