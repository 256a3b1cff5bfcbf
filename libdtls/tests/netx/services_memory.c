/* SPDX-License-Identifier: MIT
 *
 * Buffers of any alignment, each to its last byte.
 */
#include <stdlib.h>

#include "services_world.h"

static test_server server;
static test_client clients[3];

/* Of exactly this size, so that a sanitizer sees every byte behind it. */
static UCHAR *odd_buffer(size_t len, size_t offset) {
    return (UCHAR *)netx_test_memory(len + offset) + offset;
}

static UINT connected(NX_SECURE_DTLS_SESSION *session, NXD_ADDRESS *address, UINT port) {
    (void)address;
    (void)port;
    CHECK((uintptr_t)session % _Alignof(NX_SECURE_DTLS_SESSION) == 0);
    server.arrivals[server.num_arrivals++] = session;
    return tx_semaphore_put(&server.arrived);
}

static UINT received(NX_SECURE_DTLS_SESSION *session) {
    (void)session;
    return NX_SUCCESS;
}

/* A server of three sessions and three clients, with buffers `offset` bytes behind what malloc gives. */
static void talk_at(size_t offset) {
    const UINT sessions = 3 * (UINT)sizeof(NX_SECURE_DTLS_SESSION);
    world_make();
    memset(&server, 0, sizeof server);
    server.start_wait = SECONDS(5);
    CHECK_CODE(tx_semaphore_create(&server.arrived, (CHAR *)"arrived", 0), TX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_server_create(
                   &server.control, server_ip, SERVER_PORT, 0, odd_buffer(sessions, offset), sessions,
                   &nx_crypto_tls_ciphers_ecc, odd_buffer(3 * METADATA_SIZE + 2, offset),
                   3 * METADATA_SIZE + 2, odd_buffer(3 * REASSEMBLY_SIZE + 2, offset),
                   3 * REASSEMBLY_SIZE + 2, connected, received),
               NX_SUCCESS);
    CHECK(server.control.nx_dtls_server_sessions_count == 3);
    server_show(&server, CERT_SERVER);
    server_serve(&server);
    for (UINT i = 0; i < 3; i++) {
        client_make(&clients[i]);
        CHECK_CODE(nx_secure_dtls_session_delete(&clients[i].session), NX_SUCCESS);
        CHECK_CODE(nx_secure_dtls_session_create(&clients[i].session, &nx_crypto_tls_ciphers_ecc,
                                                 odd_buffer(METADATA_SIZE, offset), METADATA_SIZE,
                                                 odd_buffer(REASSEMBLY_SIZE, offset), REASSEMBLY_SIZE, 2,
                                                 odd_buffer(1600, offset), 1600),
                   NX_SUCCESS);
        certificate_block(&clients[i].trusted, CERT_ROOT, false);
        CHECK_CODE(
            nx_secure_dtls_session_trusted_certificate_add(&clients[i].session, &clients[i].trusted, 1),
            NX_SUCCESS);
        CHECK_CODE(client_connect(&clients[i], SECONDS(5)), NX_SUCCESS);
    }
    tx_thread_sleep(1);
    for (UINT i = 0; i < 3; i++) {
        CHECK_CODE(nx_secure_dtls_client_session_send(&clients[i].session,
                                                      packet_with(&clients[i].session, client_ip, "hello")),
                   NX_SUCCESS);
        expect_data(server.arrivals[i], "hello");
        client_end(&clients[i]);
    }
    server_end(&server);
}

static void talk(void) {
    talk_at(0);
    for (size_t offset = 1; offset < 16; offset += 3)
        talk_at(offset);
}

static void buffers_may_stand_anywhere(void **state) {
    (void)state;
    netx_test_run(talk);
}

/* A certificate that the peer shows, in the buffer for it or in the reassembly buffer. */
static UINT num_shown;

static ULONG count(NX_SECURE_TLS_SESSION *session, NX_SECURE_X509_CERT *certificate) {
    (void)session;
    for (num_shown = 0; certificate != NX_NULL; num_shown++)
        certificate = certificate->nx_secure_x509_next_certificate;
    return NX_SUCCESS;
}

static void show_to(UINT num, ULONG len, UINT expected_shown, UINT expected) {
    test_client *client = &clients[0];
    client_make(client);
    CHECK_CODE(nx_secure_dtls_session_delete(&client->session), NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_session_create(&client->session, &nx_crypto_tls_ciphers_ecc, client->metadata,
                                             METADATA_SIZE, client->reassembly, REASSEMBLY_SIZE, num,
                                             num == 0 ? NX_NULL : odd_buffer(len, 1), len),
               NX_SUCCESS);
    certificate_block(&client->trusted, CERT_ROOT, false);
    CHECK_CODE(nx_secure_dtls_session_trusted_certificate_add(&client->session, &client->trusted, 1),
               NX_SUCCESS);
    nx_secure_tls_session_certificate_callback_set(&client->session.nx_secure_dtls_tls_session, count);
    num_shown = 0;
    CHECK_CODE(client_connect(client, SECONDS(5)), expected);
    CHECK(num_shown == expected_shown);
    client_end(client);
    tx_thread_sleep(1);
    CHECK_CODE(nx_secure_dtls_session_end(first_slot(&server), NX_NO_WAIT), NX_SUCCESS);
}

static void show(void) {
    const ULONG block = (ULONG)sizeof(NX_SECURE_X509_CERT);
    world_make();
    server_make_bare(&server, 1, &nx_crypto_tls_ciphers_ecc);
    server_show_chain(&server);
    server_serve(&server);
    show_to(2, 2 * (block + 1024), 2, NX_SUCCESS);
    show_to(1, block + 1024, 1, NX_SUCCESS);
    show_to(0, 0, 1, NX_SUCCESS);
    /* Not even the first has room: what cannot be shown cannot be approved. */
    show_to(1, block + 257, 0, NX_SECURE_TLS_CERTIFICATE_VERIFY_FAILURE);
    server_end(&server);
}

static void certificates_are_shown_where_there_is_room(void **state) {
    (void)state;
    netx_test_run(show);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buffers_may_stand_anywhere),
        cmocka_unit_test(certificates_are_shown_where_there_is_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
