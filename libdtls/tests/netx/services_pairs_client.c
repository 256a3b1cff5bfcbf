/* SPDX-License-Identifier: MIT
 *
 * How handshakes end for clients, by either of the services that start them.
 */
#include "services_edits.h"
#include "services_pairs.h"

/* nx_secure_dtls_session_start takes the peer that the session had last. */
static UINT session_connect(test_client *who, UINT wait) {
    who->session.nx_secure_dtls_remote_ip_address = server_address;
    who->session.nx_secure_dtls_remote_port = SERVER_PORT;
    return nx_secure_dtls_session_start(&who->session, &who->socket, NX_TRUE, wait);
}

typedef UINT (*starter)(test_client *who, UINT wait);

/* A macro in between would turn the code into its number. */
#define BOTH(code, scenario)                                                                                 \
    void pair_client_session_start__##code(void) {                                                           \
        (void)known_client_session_start__##code;                                                            \
        scenario(client_connect, code);                                                                      \
    }                                                                                                        \
    void pair_session_start__##code(void) {                                                                  \
        (void)known_session_start__##code;                                                                   \
        scenario(session_connect, code);                                                                     \
    }

static void succeed(starter start, UINT expected) {
    make_both(1);
    server_serve(&server);
    CHECK_CODE(start(&client, SECONDS(5)), expected);
    finish();
}
BOTH(NX_SUCCESS, succeed)

/* --- What is no matter of messages. --- */

static void wait_for_nobody(starter start, UINT expected) {
    make_both(1);
    CHECK_CODE(start(&client, NX_NO_WAIT), expected);
    ULONG began = netx_test_ticks();
    CHECK_CODE(nx_secure_dtls_session_reset(&client.session), NX_SUCCESS);
    CHECK_CODE(start(&client, 250), expected);
    CHECK(netx_test_ticks() - began == 250);
    /* Ten repetitions: 1 + 2 + 4 + 8 + 16 + 32 + 5 times 60 seconds. */
    began = netx_test_ticks();
    CHECK_CODE(start(&client, NX_WAIT_FOREVER), expected);
    CHECK(netx_test_ticks() - began == SECONDS(363));
    finish();
}
BOTH(NX_NOT_CONNECTED, wait_for_nobody)

static void wait_for_a_program(starter start, UINT expected) {
    make_both(1);
    server_listen(&server);
    ULONG began = netx_test_ticks();
    CHECK_CODE(start(&client, 250), expected);
    CHECK(netx_test_ticks() - began == 250);
    CHECK(server.num_arrivals == 1);
    CHECK_CODE(nx_secure_dtls_session_end(first_slot(&server), NX_NO_WAIT), NX_SUCCESS);
    abort_later(tx_thread_identify(), 30);
    CHECK_CODE(start(&client, NX_WAIT_FOREVER), expected);
    CHECK(netx_test_ticks() - began == 280);
    finish();
}
BOTH(NX_NO_PACKET, wait_for_a_program)

static starter other_start;
static UINT other_answer;

static VOID start_in_thread(ULONG wait) {
    other_answer = other_start(&client, wait);
}

static void start_twice(starter start, UINT expected) {
    make_both(1);
    other_start = start;
    netx_test_thread(NETX_TEST_PRIORITY - 1, start_in_thread, 100);
    CHECK_CODE(start(&client, SECONDS(1)), expected);
    tx_thread_sleep(101);
    CHECK_CODE(other_answer, NX_NOT_CONNECTED);
    finish();
}
BOTH(NX_ALREADY_SUSPENDED, start_twice)

static void reset_meanwhile(starter start, UINT expected) {
    make_both(1);
    other_start = start;
    netx_test_thread(NETX_TEST_PRIORITY - 1, start_in_thread, NX_WAIT_FOREVER);
    CHECK_CODE(nx_secure_dtls_session_reset(&client.session), NX_SUCCESS);
    CHECK_CODE(other_answer, expected);
    finish();
}
BOTH(NX_SECURE_TLS_SESSION_UNINITIALIZED, reset_meanwhile)

static void start_again(starter start, UINT expected) {
    connected_pair(&server, &client);
    CHECK_CODE(start(&client, SECONDS(1)), expected);
    NX_PACKET *packet = packet_with(&client.session, client_ip, "still there");
    CHECK_CODE(nx_secure_dtls_client_session_send(&client.session, packet), NX_SUCCESS);
    expect_data(first_slot(&server), "still there");
    finish();
}
BOTH(NX_NOT_SUCCESSFUL, start_again)

static void unbind(starter start, UINT expected) {
    make_both(1);
    other_start = start;
    netx_test_thread(NETX_TEST_PRIORITY - 1, start_in_thread, NX_WAIT_FOREVER);
    CHECK_CODE(nx_udp_socket_unbind(&client.socket), NX_SUCCESS);
    tx_thread_sleep(1);
    CHECK_CODE(other_answer, expected);
    CHECK_CODE(start(&client, SECONDS(1)), expected);
    finish();
}
BOTH(NX_NOT_BOUND, unbind)

static void start_for_no_address(starter start, UINT expected) {
    make_both(1);
    memset(&server_address, 0, sizeof server_address);
    CHECK_CODE(start(&client, SECONDS(1)), expected);
    server_address.nxd_ip_version = 5;
    CHECK_CODE(start(&client, SECONDS(1)), expected);
    finish();
}
BOTH(NX_IP_ADDRESS_ERROR, start_for_no_address)

PAIR(client_session_start, NX_INVALID_PORT) {
    make_both(1);
    CHECK_CODE(nx_secure_dtls_client_session_start(&client.session, &client.socket, &server_address, 0, 1),
               expected);
    CHECK_CODE(
        nx_secure_dtls_client_session_start(&client.session, &client.socket, &server_address, 0x10000, 1),
        expected);
    finish();
}

PAIR(session_start, NX_INVALID_PORT) {
    make_both(1);
    client.session.nx_secure_dtls_remote_ip_address = server_address;
    CHECK_CODE(nx_secure_dtls_session_start(&client.session, &client.socket, NX_TRUE, 1), expected);
    finish();
}

/* --- Messages with faults. --- */

static void meet(starter start, datagram_edit edit, UINT expected) {
    make_both(1);
    server_serve(&server);
    edit_arrivals(client_ip, edit);
    CHECK_CODE(start(&client, SECONDS(5)), expected);
    tx_thread_sleep(1);
    CHECK_CODE(server.start_code, NX_SECURE_TLS_ALERT_RECEIVED);
    /* It can begin anew. */
    edit_arrivals(client_ip, NULL);
    CHECK_CODE(nx_secure_dtls_session_end(first_slot(&server), NX_NO_WAIT), NX_SUCCESS);
    CHECK_CODE(start(&client, SECONDS(5)), NX_SUCCESS);
    finish();
}

#define FAULT(code, edit)                                                                                    \
    void pair_client_session_start__##code(void) {                                                           \
        (void)known_client_session_start__##code;                                                            \
        meet(client_connect, edit, code);                                                                    \
    }                                                                                                        \
    void pair_session_start__##code(void) {                                                                  \
        (void)known_session_start__##code;                                                                   \
        meet(session_connect, edit, code);                                                                   \
    }
FAULT(NX_SECURE_TLS_INVALID_PACKET, edit_server_fragments)
FAULT(NX_SECURE_TLS_HANDSHAKE_FAILURE, edit_server_group)
FAULT(NX_SECURE_TLS_UNSUPPORTED_CIPHER, edit_server_suite)
FAULT(NX_SECURE_TLS_BAD_COMPRESSION_METHOD, edit_server_compression)
FAULT(NX_SECURE_TLS_INCORRECT_MESSAGE_LENGTH, edit_hello_length)
FAULT(NX_SECURE_TLS_UNSUPPORTED_PUBLIC_CIPHER, edit_server_suite_rsa)
FAULT(NX_SECURE_TLS_UNSUPPORTED_TLS_VERSION, edit_server_version)
FAULT(NX_SECURE_TLS_INVALID_CERTIFICATE, edit_certificate_der)
FAULT(NX_SECURE_TLS_UNSUPPORTED_FEATURE, edit_server_extension)
FAULT(NX_SECURE_TLS_RENEGOTIATION_EXTENSION_ERROR, edit_renegotiation_info)
FAULT(NX_SECURE_TLS_SIGNATURE_VERIFICATION_ERROR, edit_server_signature)
FAULT(NX_SECURE_TLS_UNEXPECTED_MESSAGE, edit_server_order)

static void verify_wrongly(starter start, UINT expected) {
    make_both(1);
    server_serve(&server);
    provider_fails = "server finished";
    CHECK_CODE(start(&client, SECONDS(5)), expected);
    CHECK(provider_fails == NULL);
    finish();
}
BOTH(NX_SECURE_TLS_FINISHED_HASH_FAILURE, verify_wrongly)

static void lack_a_routine(starter start, UINT expected) {
    make_both(1);
    server_serve(&server);
    provider_fails = "prf";
    CHECK_CODE(start(&client, SECONDS(5)), expected);
    provider_fails = NULL;
    finish();
}
BOTH(NX_SECURE_TLS_MISSING_CRYPTO_ROUTINE, lack_a_routine)

/* --- Configurations that do not go together. --- */

static NX_SECURE_TLS_CRYPTO chosen;

static const NX_SECURE_TLS_CRYPTO *table_of(const USHORT *suite) {
    CHECK_CODE(nx_host_crypto_table_make(&chosen, suite, 1, NX_FALSE), NX_SUCCESS);
    return &chosen;
}

static void client_make_with(const NX_SECURE_TLS_CRYPTO *table, certificate_name trusted) {
    client_make_bare(&client, table);
    CHECK_CODE(nx_secure_dtls_session_trusted_certificate_add(
                   &client.session, certificate_block(&client.trusted, trusted, false), 1),
               NX_SUCCESS);
}

static void have_no_suite(starter start, UINT expected) {
    static const USHORT psk[] = {0x00A8};
    world_make();
    server_make(&server, 1);
    server_serve(&server);
    client_make_with(table_of(psk), CERT_ROOT);
    CHECK_CODE(start(&client, SECONDS(5)), expected);
    CHECK(client.session.nx_secure_dtls_session_in_use == NX_FALSE);
    finish();
}
BOTH(NX_SECURE_TLS_NO_SUPPORTED_CIPHERS, have_no_suite)

static void be_refused(starter start, UINT expected) {
    static const USHORT rsa[] = {0xC02F};
    world_make();
    server_make(&server, 1);
    server_serve(&server);
    client_make_with(table_of(rsa), CERT_ROOT);
    CHECK_CODE(start(&client, SECONDS(5)), expected);
    finish();
}
BOTH(NX_SECURE_TLS_ALERT_RECEIVED, be_refused)

static void trust_another(starter start, UINT expected) {
    world_make();
    server_make(&server, 1);
    server_serve(&server);
    client_make_with(&nx_crypto_tls_ciphers_ecc, CERT_STRANGE_ROOT);
    CHECK_CODE(start(&client, SECONDS(5)), expected);
    /* Nobody is trusted. */
    CHECK_CODE(nx_secure_dtls_session_trusted_certificate_remove(&client.session, NX_NULL, 0, 1), NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_session_end(first_slot(&server), NX_NO_WAIT), NX_SUCCESS);
    CHECK_CODE(start(&client, SECONDS(5)), expected);
    finish();
}
BOTH(NX_SECURE_TLS_ISSUER_CERTIFICATE_NOT_FOUND, trust_another)

static ULONG refuse(NX_SECURE_TLS_SESSION *session, NX_SECURE_X509_CERT *certificate) {
    (void)session;
    CHECK(certificate->nx_secure_x509_certificate_raw_data_length == certificate_der(CERT_SERVER).len);
    return 1;
}

static void refuse_the_certificate(starter start, UINT expected) {
    make_both(1);
    server_serve(&server);
    nx_secure_tls_session_certificate_callback_set(&client.session.nx_secure_dtls_tls_session, refuse);
    CHECK_CODE(start(&client, SECONDS(5)), expected);
    finish();
}
BOTH(NX_SECURE_TLS_CERTIFICATE_VERIFY_FAILURE, refuse_the_certificate)

static ULONG now(VOID) {
    return 1767225600; /* 2026-01-01 */
}

static void serve(certificate_name name, const NX_SECURE_TLS_CRYPTO *table) {
    world_make();
    server_make_bare(&server, 1, table);
    CHECK_CODE(nx_secure_dtls_server_local_certificate_add(
                   &server.control, certificate_block(&server.certificate, name, true), 1),
               NX_SUCCESS);
    server_serve(&server);
}

static void meet_an_old_certificate(starter start, UINT expected) {
    serve(CERT_EXPIRED, &nx_crypto_tls_ciphers_ecc);
    client_make(&client);
    nx_secure_tls_session_time_function_set(&client.session.nx_secure_dtls_tls_session, now);
    CHECK_CODE(start(&client, SECONDS(5)), expected);
    /* Without a time nobody knows. */
    nx_secure_tls_session_time_function_set(&client.session.nx_secure_dtls_tls_session, NX_NULL);
    CHECK_CODE(nx_secure_dtls_session_end(first_slot(&server), NX_NO_WAIT), NX_SUCCESS);
    CHECK_CODE(start(&client, SECONDS(5)), NX_SUCCESS);
    finish();
}
BOTH(NX_SECURE_X509_CERTIFICATE_EXPIRED, meet_an_old_certificate)

static void meet_a_long_chain(starter start, UINT expected) {
    static NX_SECURE_X509_CERT intermediate;
    serve(CERT_UNDER, &nx_crypto_tls_ciphers_ecc);
    CHECK_CODE(nx_secure_dtls_server_local_certificate_add(
                   &server.control, certificate_block(&intermediate, CERT_INTERMEDIATE, false), 2),
               NX_SUCCESS);
    client_make(&client);
    CHECK_CODE(nx_secure_dtls_session_delete(&client.session), NX_SUCCESS);
    for (UINT size = 523; size <= 524; size++) {
        CHECK_CODE(nx_secure_dtls_session_create(&client.session, &nx_crypto_tls_ciphers_ecc, client.metadata,
                                                 METADATA_SIZE, client.reassembly, size, 0, NX_NULL, 0),
                   NX_SUCCESS);
        client_trust(&client);
        CHECK_CODE(start(&client, SECONDS(5)), expected);
        if (size == 523)
            CHECK_CODE(nx_secure_dtls_session_delete(&client.session), NX_SUCCESS);
    }
    finish();
}
BOTH(NX_SECURE_TLS_PACKET_BUFFER_TOO_SMALL, meet_a_long_chain)

static void want_another_name(starter start, UINT expected) {
    static NX_SECURE_X509_DNS_NAME name;
    static const UCHAR other[] = "other.test";
    make_both(1);
    server_serve(&server);
    CHECK_CODE(nx_secure_x509_dns_name_initialize(&name, other, 10), NX_SUCCESS);
    CHECK_CODE(nx_secure_tls_session_sni_extension_set(&client.session.nx_secure_dtls_tls_session, &name),
               NX_SUCCESS);
    CHECK_CODE(start(&client, SECONDS(5)), expected);
    finish();
}
BOTH(NX_SECURE_X509_CERTIFICATE_DNS_MISMATCH, want_another_name)
