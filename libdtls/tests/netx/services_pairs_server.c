/* SPDX-License-Identifier: MIT
 *
 * How handshakes end for servers: in a slot, and in a session that is a server by itself.
 */
#include "services_edits.h"
#include "services_pairs.h"

static NX_SECURE_X509_CERT own;
static NX_SECURE_X509_CERT intermediate;

/* A server that demands certificates, and a client that has `name`. */
static void make_with_client_certificate(certificate_name name) {
    make_both(1);
    server_demand_certificates(&server, 2);
    if (name != CERT_NUM)
        client_show(&client, name);
}

/* The handshake, which fails or not on the client's side too; then what the server's was. */
static void expect_of_server(UINT expected) {
    server_serve(&server);
    client_connect(&client, SECONDS(5));
    tx_thread_sleep(1);
    CHECK(server.num_started == 1);
    CHECK_CODE(server.start_code, expected);
    /* It was told by the service, so no callback tells it again. */
    CHECK(server.num_errors == 0);
    finish();
}

PAIR(server_session_start, NX_SUCCESS) {
    make_both(1);
    expect_of_server(expected);
}

/* --- What is no matter of messages. --- */

static bool only_hellos(UCHAR *bytes, ULONG *len) {
    return find_message(bytes, *len, MESSAGE_CLIENT_HELLO) != NULL;
}

/* A server that waits for a client that has gone silent, for ever. */
static void make_waiting_server(void) {
    make_both(1);
    edit_arrivals(server_ip, only_hellos);
    server_serve(&server);
    CHECK_CODE(client_connect(&client, 20), NX_NO_PACKET);
    CHECK(server.num_arrivals == 1 && server.num_started == 0);
}

PAIR(server_session_start, NX_NO_PACKET) {
    make_both(1);
    server.start_wait = 120;
    edit_arrivals(server_ip, only_hellos);
    server_listen(&server);
    CHECK_CODE(client_connect(&client, NX_NO_WAIT), NX_NOT_CONNECTED);
    tx_thread_sleep(1);
    CHECK_CODE(client_connect(&client, NX_NO_WAIT), NX_NO_PACKET);
    tx_thread_sleep(1);
    CHECK(server.num_arrivals == 1);
    CHECK_CODE(nx_secure_dtls_server_session_start(first_slot(&server), NX_NO_WAIT), expected);
    ULONG began = netx_test_ticks();
    CHECK_CODE(nx_secure_dtls_server_session_start(first_slot(&server), 120), expected);
    CHECK(netx_test_ticks() - began == 120);
    finish();
    make_waiting_server();
    CHECK_CODE(tx_thread_wait_abort(first_slot(&server)->nx_secure_dtls_thread_suspended), TX_SUCCESS);
    CHECK(server.num_started == 1);
    CHECK_CODE(server.start_code, expected);
    finish();
}

PAIR(server_session_start, NX_ALREADY_SUSPENDED) {
    make_waiting_server();
    CHECK_CODE(nx_secure_dtls_server_session_start(first_slot(&server), NX_NO_WAIT), expected);
    finish();
}

PAIR(server_session_start, NX_NOT_SUCCESSFUL) {
    connected_pair(&server, &client);
    CHECK_CODE(nx_secure_dtls_server_session_start(first_slot(&server), NX_NO_WAIT), expected);
    finish();
}

PAIR(server_session_start, NX_SECURE_TLS_SESSION_UNINITIALIZED) {
    make_waiting_server();
    CHECK_CODE(nx_secure_dtls_session_reset(first_slot(&server)), NX_SUCCESS);
    CHECK_CODE(server.start_code, expected);
    CHECK_CODE(nx_secure_dtls_server_session_start(first_slot(&server), NX_NO_WAIT), expected);
    finish();
}

PAIR(server_session_start, NX_SECURE_TLS_CLOSE_NOTIFY_RECEIVED) {
    make_waiting_server();
    edit_arrivals(server_ip, NULL);
    /* The same port, another ClientHello; the only slot is the program's until it ends it. */
    CHECK_CODE(client_connect(&client, 50), NX_SECURE_TLS_ALERT_RECEIVED);
    CHECK(server.num_started == 1 && server.num_errors == 1);
    CHECK_CODE(server.error, NX_SECURE_TLS_NO_FREE_DTLS_SESSIONS);
    CHECK_CODE(server.start_code, expected);
    CHECK_CODE(nx_secure_dtls_session_end(first_slot(&server), NX_NO_WAIT), NX_SUCCESS);
    CHECK_CODE(client_connect(&client, SECONDS(5)), NX_SUCCESS);
    finish();
}

/* --- Messages with faults. --- */

static void meet(datagram_edit edit, UINT expected) {
    make_both(1);
    edit_arrivals(server_ip, edit);
    expect_of_server(expected);
}

static void meet_with_certificate(datagram_edit edit, UINT expected) {
    make_with_client_certificate(CERT_CLIENT);
    edit_arrivals(server_ip, edit);
    expect_of_server(expected);
}

PAIR(server_session_start, NX_SECURE_TLS_INVALID_PACKET) {
    meet(edit_client_fragments, expected);
}

PAIR(server_session_start, NX_SECURE_TLS_HANDSHAKE_FAILURE) {
    const USHORT p256[] = {23};
    make_both(1);
    CHECK_CODE(nx_secure_dtls_server_ecc_initialize(&server.control, p256, 1, nx_crypto_ecc_curves),
               NX_SUCCESS);
    edit_arrivals(server_ip, edit_client_point);
    expect_of_server(expected);
}

PAIR(server_session_start, NX_SECURE_TLS_BAD_COMPRESSION_METHOD) {
    meet(edit_client_compression, expected);
}

PAIR(server_session_start, NX_SECURE_TLS_INCORRECT_MESSAGE_LENGTH) {
    meet(edit_client_key_length, expected);
}

PAIR(server_session_start, NX_SECURE_TLS_UNSUPPORTED_TLS_VERSION) {
    meet(edit_client_version, expected);
}

PAIR(server_session_start, NX_SECURE_TLS_RENEGOTIATION_EXTENSION_ERROR) {
    meet(edit_renegotiation_info, expected);
}

PAIR(server_session_start, NX_SECURE_TLS_UNEXPECTED_MESSAGE) {
    meet(edit_client_order, expected);
}

PAIR(server_session_start, NX_SECURE_TLS_UNSUPPORTED_SIGNATURE_ALGORITHM) {
    meet(edit_client_schemes, expected);
}

PAIR(server_session_start, NX_SECURE_TLS_INVALID_CERTIFICATE) {
    meet_with_certificate(edit_certificate_der, expected);
}

PAIR(server_session_start, NX_SECURE_TLS_UNSUPPORTED_PUBLIC_CIPHER) {
    meet_with_certificate(edit_client_certificate, expected);
}

PAIR(server_session_start, NX_SECURE_TLS_SIGNATURE_VERIFICATION_ERROR) {
    meet_with_certificate(edit_client_signature, expected);
}

PAIR(server_session_start, NX_SECURE_TLS_FINISHED_HASH_FAILURE) {
    make_both(1);
    provider_fails = "client finished";
    expect_of_server(expected);
}

PAIR(server_session_start, NX_SECURE_TLS_MISSING_CRYPTO_ROUTINE) {
    make_both(1);
    provider_fails = "key share";
    expect_of_server(expected);
    provider_fails = NULL;
}

/* --- Configurations that do not go together. --- */

static NX_SECURE_TLS_CRYPTO chosen;

PAIR(server_session_start, NX_SECURE_TLS_NO_SUPPORTED_CIPHERS) {
    static const USHORT rsa[] = {0xC02F};
    make_both(1);
    CHECK_CODE(nx_host_crypto_table_make(&chosen, rsa, 1, NX_FALSE), NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_session_delete(&client.session), NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_session_create(&client.session, &chosen, client.metadata, METADATA_SIZE,
                                             client.reassembly, REASSEMBLY_SIZE, 0, NX_NULL, 0),
               NX_SUCCESS);
    expect_of_server(expected);
}

PAIR(server_session_start, NX_SECURE_TLS_UNSUPPORTED_ECC_CURVE) {
    const USHORT p384[] = {24};
    const USHORT p256[] = {23};
    make_both(1);
    CHECK_CODE(nx_secure_dtls_server_ecc_initialize(&server.control, p384, 1, nx_crypto_ecc_curves),
               NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_ecc_initialize(&client.session, p256, 1, nx_crypto_ecc_curves), NX_SUCCESS);
    expect_of_server(expected);
}

PAIR(server_session_start, NX_SECURE_TLS_ALERT_RECEIVED) {
    make_both(1);
    CHECK_CODE(nx_secure_dtls_session_trusted_certificate_remove(&client.session, NX_NULL, 0, 1), NX_SUCCESS);
    expect_of_server(expected);
}

PAIR(server_session_start, NX_SECURE_TLS_ISSUER_CERTIFICATE_NOT_FOUND) {
    make_with_client_certificate(CERT_CLIENT);
    CHECK_CODE(nx_secure_dtls_server_trusted_certificate_remove(&server.control, NX_NULL, 0, 1), NX_SUCCESS);
    expect_of_server(expected);
}

PAIR(server_session_start, NX_SECURE_TLS_EMPTY_REMOTE_CERTIFICATE_RECEIVED) {
    make_with_client_certificate(CERT_NUM);
    expect_of_server(expected);
}

static ULONG refuse(NX_SECURE_TLS_SESSION *session, NX_SECURE_X509_CERT *certificate) {
    (void)session;
    CHECK(certificate->nx_secure_x509_certificate_raw_data_length == certificate_der(CERT_CLIENT).len);
    return 1;
}

PAIR(server_session_start, NX_SECURE_TLS_CERTIFICATE_VERIFY_FAILURE) {
    make_with_client_certificate(CERT_CLIENT);
    nx_secure_tls_session_certificate_callback_set(&first_slot(&server)->nx_secure_dtls_tls_session, refuse);
    expect_of_server(expected);
}

static ULONG now(VOID) {
    return 1767225600; /* 2026-01-01 */
}

PAIR(server_session_start, NX_SECURE_X509_CERTIFICATE_EXPIRED) {
    make_with_client_certificate(CERT_EXPIRED);
    nx_secure_tls_session_time_function_set(&first_slot(&server)->nx_secure_dtls_tls_session, now);
    expect_of_server(expected);
}

PAIR(server_session_start, NX_SECURE_TLS_PACKET_BUFFER_TOO_SMALL) {
    make_both(1);
    server_end(&server);
    server_make_small(&server, 524);
    server_demand_certificates(&server, 2);
    client_show(&client, CERT_UNDER);
    CHECK_CODE(nx_secure_dtls_session_local_certificate_add(
                   &client.session, certificate_block(&intermediate, CERT_INTERMEDIATE, false), 3),
               NX_SUCCESS);
    expect_of_server(expected);
}

static UCHAR key[16] = {1};
static UCHAR first_name[] = "first";
static UCHAR second_name[] = "second";

static void make_with_keys(UCHAR *name) {
    world_make();
    server_make_bare(&server, 1, &nx_crypto_tls_ciphers_ecc);
    client_make_bare(&client, &nx_crypto_tls_ciphers_ecc);
    CHECK_CODE(nx_secure_dtls_server_psk_add(&server.control, key, 16, first_name, 5, NX_NULL, 0),
               NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_psk_add(&client.session, key, 16, name, 5, NX_NULL, 0), NX_SUCCESS);
}

PAIR(server_session_start, NX_SECURE_TLS_NO_MATCHING_PSK) {
    make_with_keys(second_name);
    expect_of_server(expected);
}

/* --- A session that is a server by itself. --- */

static NX_UDP_SOCKET socket_alone;
static NX_SECURE_DTLS_SESSION alone;

static UINT serve_alone(UINT wait) {
    return nx_secure_dtls_session_start(&alone, &socket_alone, NX_FALSE, wait);
}

static VOID connect_in_thread(ULONG wait) {
    client_connect(&client, wait);
}

static void make_alone(void) {
    static UCHAR metadata[METADATA_SIZE];
    static UCHAR reassembly[REASSEMBLY_SIZE];
    memset(&socket_alone, 0, sizeof socket_alone);
    memset(&alone, 0, sizeof alone);
    world_make();
    client_make_bare(&client, &nx_crypto_tls_ciphers_ecc);
    CHECK_CODE(nx_udp_socket_create(server_ip, &socket_alone, (CHAR *)"alone", NX_IP_NORMAL, NX_FRAGMENT_OKAY,
                                    1, 16),
               NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_bind(&socket_alone, SERVER_PORT, NX_NO_WAIT), NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_session_create(&alone, &nx_crypto_tls_ciphers_ecc, metadata, METADATA_SIZE,
                                             reassembly, REASSEMBLY_SIZE, 0, NX_NULL, 0),
               NX_SUCCESS);
}

static void finish_alone(void) {
    tx_thread_sleep(1);
    CHECK_CODE(nx_secure_dtls_session_delete(&alone), NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_unbind(&socket_alone), NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_delete(&socket_alone), NX_SUCCESS);
    client_end(&client);
}

PAIR(session_start, NX_SECURE_TLS_NO_MATCHING_PSK) {
    make_alone();
    CHECK_CODE(nx_secure_dtls_psk_add(&client.session, key, 16, first_name, 5, NX_NULL, 0), NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_psk_add(&alone, key, 16, second_name, 6, NX_NULL, 0), NX_SUCCESS);
    /* Nobody comes. */
    ULONG began = netx_test_ticks();
    CHECK_CODE(serve_alone(40), NX_NO_PACKET);
    CHECK(netx_test_ticks() - began == 40);
    netx_test_thread(NETX_TEST_PRIORITY + 1, connect_in_thread, SECONDS(5));
    CHECK_CODE(serve_alone(SECONDS(5)), expected);
    finish_alone();
}

static void make_alone_with_certificate(void) {
    make_alone();
    CHECK_CODE(
        nx_secure_dtls_session_local_certificate_add(&alone, certificate_block(&own, CERT_SERVER, true), 1),
        NX_SUCCESS);
    client_trust(&client);
}

PAIR(session_start, NX_SECURE_TLS_UNSUPPORTED_ECC_CURVE) {
    const USHORT p384[] = {24};
    const USHORT p256[] = {23};
    make_alone_with_certificate();
    CHECK_CODE(nx_secure_dtls_ecc_initialize(&alone, p384, 1, nx_crypto_ecc_curves), NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_ecc_initialize(&client.session, p256, 1, nx_crypto_ecc_curves), NX_SUCCESS);
    netx_test_thread(NETX_TEST_PRIORITY + 1, connect_in_thread, SECONDS(5));
    CHECK_CODE(serve_alone(SECONDS(5)), expected);
    finish_alone();
}

PAIR(session_start, NX_SECURE_TLS_UNSUPPORTED_SIGNATURE_ALGORITHM) {
    make_alone_with_certificate();
    edit_arrivals(server_ip, edit_client_schemes);
    netx_test_thread(NETX_TEST_PRIORITY + 1, connect_in_thread, SECONDS(5));
    CHECK_CODE(serve_alone(SECONDS(5)), expected);
    finish_alone();
}
