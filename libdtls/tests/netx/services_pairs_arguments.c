/* SPDX-License-Identifier: MIT
 *
 * What services with error checking say of their arguments, before anything changes.
 */
#undef NX_SECURE_DISABLE_ERROR_CHECKING
#include "services_pairs.h"

static NX_SECURE_DTLS_SESSION no_session; /* not created */
static NX_SECURE_DTLS_SERVER no_server;
static NX_SECURE_X509_CERT certificate;
static UCHAR key[] = {1, 2, 3, 4};
static UCHAR name[] = "root.test";
static UCHAR buffer[64];

static void make_client(void) {
    world_make();
    client_make(&client);
}

static void make_server(void) {
    world_make();
    server_make(&server, 1);
}

/* --- Services for sessions that take a session alone. --- */

PAIR(session_delete, NX_PTR_ERROR) {
    CHECK_CODE(nx_secure_dtls_session_delete(NX_NULL), expected);
    CHECK_CODE(nx_secure_dtls_session_delete(&no_session), expected);
    make_client();
    client_end(&client);
    CHECK_CODE(nx_secure_dtls_session_delete(&client.session), expected);
}

PAIR(session_reset, NX_PTR_ERROR) {
    CHECK_CODE(nx_secure_dtls_session_reset(NX_NULL), expected);
}

PAIR(session_reset, NX_SECURE_TLS_SESSION_UNINITIALIZED) {
    CHECK_CODE(nx_secure_dtls_session_reset(&no_session), expected);
}

PAIR(session_end, NX_PTR_ERROR) {
    CHECK_CODE(nx_secure_dtls_session_end(NX_NULL, NX_NO_WAIT), expected);
}

PAIR(session_end, NX_SECURE_TLS_SESSION_UNINITIALIZED) {
    CHECK_CODE(nx_secure_dtls_session_end(&no_session, NX_NO_WAIT), expected);
    make_client();
    CHECK_CODE(nx_secure_dtls_session_end(&client.session, NX_NO_WAIT), expected);
    client_end(&client);
}

PAIR(server_session_start, NX_PTR_ERROR) {
    CHECK_CODE(nx_secure_dtls_server_session_start(NX_NULL, NX_NO_WAIT), expected);
}

PAIR(session_client_info_get, NX_PTR_ERROR) {
    CHECK_CODE(nx_secure_dtls_session_client_info_get(NX_NULL, NX_NULL, NX_NULL, NX_NULL), expected);
}

PAIR(session_client_info_get, NX_SECURE_TLS_SESSION_UNINITIALIZED) {
    UINT port = 7;
    CHECK_CODE(nx_secure_dtls_session_client_info_get(&no_session, NX_NULL, &port, NX_NULL), expected);
    CHECK(port == 7);
}

PAIR(client_protocol_version_override, NX_SECURE_TLS_SESSION_UNINITIALIZED) {
    CHECK_CODE(nx_secure_dtls_client_protocol_version_override(&no_session, NX_SECURE_DTLS_VERSION_1_2),
               expected);
}

PAIR(client_protocol_version_override, NX_PTR_ERROR) {
    CHECK_CODE(nx_secure_dtls_client_protocol_version_override(NX_NULL, NX_SECURE_DTLS_VERSION_1_2),
               expected);
    make_client();
    CHECK_CODE(nx_secure_dtls_client_protocol_version_override(&client.session, 0xFEFC), expected);
    CHECK_CODE(nx_secure_dtls_client_protocol_version_override(&client.session, NX_SECURE_DTLS_VERSION_1_0),
               expected);
    client_end(&client);
}

PAIR(server_protocol_version_override, NX_PTR_ERROR) {
    CHECK_CODE(nx_secure_dtls_server_protocol_version_override(NX_NULL, NX_SECURE_DTLS_VERSION_1_2),
               expected);
    CHECK_CODE(nx_secure_dtls_server_protocol_version_override(&no_server, NX_SECURE_DTLS_VERSION_1_2),
               expected);
    make_server();
    CHECK_CODE(nx_secure_dtls_server_protocol_version_override(&server.control, 0xFEFE), expected);
    CHECK_CODE(nx_secure_dtls_server_protocol_version_override(&server.control, NX_SECURE_DTLS_VERSION_1_0),
               expected);
    server_end(&server);
}

/* --- Starting. --- */

PAIR(client_session_start, NX_PTR_ERROR) {
    NX_UDP_SOCKET none = {0};
    make_client();
    CHECK_CODE(nx_secure_dtls_client_session_start(NX_NULL, &client.socket, &server_address, 1, 0), expected);
    CHECK_CODE(nx_secure_dtls_client_session_start(&client.session, NX_NULL, &server_address, 1, 0),
               expected);
    CHECK_CODE(nx_secure_dtls_client_session_start(&client.session, &client.socket, NX_NULL, 1, 0), expected);
    CHECK_CODE(nx_secure_dtls_client_session_start(&client.session, &none, &server_address, 1, 0), expected);
    CHECK(client.session.nx_secure_dtls_session_in_use == NX_FALSE);
    client_end(&client);
}

PAIR(session_start, NX_PTR_ERROR) {
    NX_UDP_SOCKET none = {0};
    make_client();
    CHECK_CODE(nx_secure_dtls_session_start(NX_NULL, &client.socket, NX_TRUE, 0), expected);
    CHECK_CODE(nx_secure_dtls_session_start(&client.session, NX_NULL, NX_FALSE, 0), expected);
    CHECK_CODE(nx_secure_dtls_session_start(&client.session, &none, NX_TRUE, 0), expected);
    client_end(&client);
}

/* --- Packets. --- */

PAIR(packet_allocate, NX_PTR_ERROR) {
    NX_PACKET *packet = NX_NULL;
    NX_PACKET_POOL none = {0};
    make_client();
    NX_PACKET_POOL *pool = client_ip->nx_ip_default_packet_pool;
    CHECK_CODE(nx_secure_dtls_packet_allocate(NX_NULL, pool, &packet, 0), expected);
    CHECK_CODE(nx_secure_dtls_packet_allocate(&client.session, NX_NULL, &packet, 0), expected);
    CHECK_CODE(nx_secure_dtls_packet_allocate(&client.session, &none, &packet, 0), expected);
    CHECK_CODE(nx_secure_dtls_packet_allocate(&client.session, pool, NX_NULL, 0), expected);
    CHECK(packet == NX_NULL);
    client_end(&client);
}

PAIR(packet_allocate, NX_SECURE_TLS_SESSION_UNINITIALIZED) {
    NX_PACKET *packet = NX_NULL;
    world_make();
    NX_PACKET_POOL *pool = client_ip->nx_ip_default_packet_pool;
    CHECK_CODE(nx_secure_dtls_packet_allocate(&no_session, pool, &packet, 0), expected);
    CHECK(packet == NX_NULL);
}

/* A packet that was released, and one that never was a packet. */
static void refuse_packets(UINT (*send)(NX_SECURE_DTLS_SESSION *, NX_PACKET *), UINT expected) {
    NX_PACKET *packet;
    NX_PACKET foreign = {0};
    connected_pair(&server, &client);
    NX_PACKET_POOL *pool = client_ip->nx_ip_default_packet_pool;
    CHECK_CODE(nx_packet_allocate(pool, &packet, NX_UDP_PACKET, NX_NO_WAIT), NX_SUCCESS);
    NX_PACKET *released = packet;
    CHECK_CODE(send(NX_NULL, packet), expected);
    CHECK_CODE(send(&client.session, NX_NULL), expected);
    CHECK_CODE(send(&client.session, &foreign), expected);
    nx_packet_release(packet);
    CHECK_CODE(send(&client.session, released), expected);
    finish();
}

PAIR(server_session_send, NX_PTR_ERROR) {
    refuse_packets(nx_secure_dtls_server_session_send, expected);
}

PAIR(client_session_send, NX_PTR_ERROR) {
    refuse_packets(nx_secure_dtls_client_session_send, expected);
}

static UINT send_to_peer(NX_SECURE_DTLS_SESSION *session, NX_PACKET *packet) {
    return nx_secure_dtls_session_send(session, packet, &server_address, SERVER_PORT);
}

PAIR(session_send, NX_PTR_ERROR) {
    refuse_packets(send_to_peer, expected);
    connected_pair(&server, &client);
    NX_PACKET *packet = packet_with(&client.session, client_ip, "x");
    CHECK_CODE(nx_secure_dtls_session_send(&client.session, packet, NX_NULL, SERVER_PORT), expected);
    nx_packet_release(packet);
    finish();
}

PAIR(session_receive, NX_PTR_ERROR) {
    NX_PACKET *packet = NX_NULL;
    make_client();
    CHECK_CODE(nx_secure_dtls_session_receive(NX_NULL, &packet, NX_NO_WAIT), expected);
    CHECK_CODE(nx_secure_dtls_session_receive(&client.session, NX_NULL, NX_NO_WAIT), expected);
    client_end(&client);
}

/* --- Creation. --- */

PAIR(session_create, NX_PTR_ERROR) {
    static NX_SECURE_DTLS_SESSION session;
    const NX_SECURE_TLS_CRYPTO *table = &nx_crypto_tls_ciphers_ecc;
    memset(&session, 0, sizeof session);
    make_client();
    CHECK_CODE(
        nx_secure_dtls_session_create(NX_NULL, table, client.metadata, 9000, buffer, 64, 0, NX_NULL, 0),
        expected);
    CHECK_CODE(
        nx_secure_dtls_session_create(&session, NX_NULL, client.metadata, 9000, buffer, 64, 0, NX_NULL, 0),
        expected);
    CHECK_CODE(nx_secure_dtls_session_create(&session, table, NX_NULL, 9000, buffer, 64, 0, NX_NULL, 0),
               expected);
    CHECK_CODE(
        nx_secure_dtls_session_create(&session, table, client.metadata, 9000, NX_NULL, 64, 0, NX_NULL, 0),
        expected);
    CHECK_CODE(nx_secure_dtls_session_create(&client.session, table, client.metadata, 9000, buffer, 64, 0,
                                             NX_NULL, 0),
               expected);
    client_end(&client);
}

static UINT connected(NX_SECURE_DTLS_SESSION *session, NXD_ADDRESS *address, UINT port) {
    (void)session;
    (void)address;
    (void)port;
    return NX_SUCCESS;
}

static UINT received(NX_SECURE_DTLS_SESSION *session) {
    (void)session;
    return NX_SUCCESS;
}

PAIR(server_create, NX_PTR_ERROR) {
    static NX_SECURE_DTLS_SERVER control;
    memset(&control, 0, sizeof control);
    make_server();
    /* All arguments are good but the one that a row takes away. */
    for (UINT missing = 0; missing <= 8; missing++) {
        NX_IP no_ip = {0};
        CHECK_CODE(nx_secure_dtls_server_create(
                       missing == 0 ? NX_NULL : &control,
                       missing == 1   ? NX_NULL
                       : missing == 8 ? &no_ip
                                      : server_ip,
                       1, 0, missing == 2 ? NX_NULL : server.slots, sizeof *server.slots,
                       missing == 3 ? NX_NULL : &nx_crypto_tls_ciphers_ecc,
                       missing == 4 ? NX_NULL : server.metadata, METADATA_SIZE,
                       missing == 5 ? NX_NULL : server.reassembly, REASSEMBLY_SIZE,
                       missing == 6 ? NX_NULL : connected, missing == 7 ? NX_NULL : received),
                   expected);
    }
    CHECK(control.nx_dtls_server_id == 0);
    CHECK_CODE(nx_secure_dtls_server_create(&server.control, server_ip, 1, 0, server.slots,
                                            sizeof *server.slots, &nx_crypto_tls_ciphers_ecc, server.metadata,
                                            METADATA_SIZE, server.reassembly, REASSEMBLY_SIZE, connected,
                                            received),
               expected);
    server_end(&server);
}

/* --- Services for servers. --- */

PAIR(server_delete, NX_PTR_ERROR) {
    CHECK_CODE(nx_secure_dtls_server_delete(NX_NULL), expected);
    CHECK_CODE(nx_secure_dtls_server_delete(&no_server), expected);
    make_server();
    server_end(&server);
    CHECK_CODE(nx_secure_dtls_server_delete(&server.control), expected);
}

PAIR(server_start, NX_PTR_ERROR) {
    CHECK_CODE(nx_secure_dtls_server_start(NX_NULL), expected);
    CHECK_CODE(nx_secure_dtls_server_start(&no_server), expected);
}

PAIR(server_stop, NX_PTR_ERROR) {
    CHECK_CODE(nx_secure_dtls_server_stop(NX_NULL), expected);
    CHECK_CODE(nx_secure_dtls_server_stop(&no_server), expected);
}

PAIR(server_notify_set, NX_PTR_ERROR) {
    CHECK_CODE(nx_secure_dtls_server_notify_set(NX_NULL, NX_NULL, NX_NULL), expected);
    CHECK_CODE(nx_secure_dtls_server_notify_set(&no_server, NX_NULL, NX_NULL), expected);
}

PAIR(server_x509_client_verify_configure, NX_PTR_ERROR) {
    CHECK_CODE(nx_secure_dtls_server_x509_client_verify_configure(NX_NULL, 1, buffer, 64), expected);
    CHECK_CODE(nx_secure_dtls_server_x509_client_verify_configure(&no_server, 1, buffer, 64), expected);
    make_server();
    CHECK_CODE(nx_secure_dtls_server_x509_client_verify_configure(&server.control, 1, NX_NULL, 64), expected);
    server_end(&server);
}

PAIR(server_x509_client_verify_disable, NX_PTR_ERROR) {
    CHECK_CODE(nx_secure_dtls_server_x509_client_verify_disable(NX_NULL), expected);
    CHECK_CODE(nx_secure_dtls_server_x509_client_verify_disable(&no_server), expected);
}

/* --- Pre-shared keys and groups. --- */

PAIR(psk_add, NX_PTR_ERROR) {
    make_client();
    CHECK_CODE(nx_secure_dtls_psk_add(NX_NULL, key, 4, key, 4, key, 4), expected);
    CHECK_CODE(nx_secure_dtls_psk_add(&client.session, NX_NULL, 4, key, 4, key, 4), expected);
    CHECK_CODE(nx_secure_dtls_psk_add(&client.session, key, 0, key, 4, key, 4), expected);
    CHECK_CODE(nx_secure_dtls_psk_add(&client.session, key, 4, NX_NULL, 4, key, 4), expected);
    CHECK_CODE(nx_secure_dtls_psk_add(&client.session, key, 4, key, 4, NX_NULL, 4), expected);
    client_end(&client);
}

PAIR(psk_add, NX_SECURE_TLS_SESSION_UNINITIALIZED) {
    CHECK_CODE(nx_secure_dtls_psk_add(&no_session, key, 4, key, 4, key, 4), expected);
}

PAIR(server_psk_add, NX_PTR_ERROR) {
    make_server();
    CHECK_CODE(nx_secure_dtls_server_psk_add(NX_NULL, key, 4, key, 4, key, 4), expected);
    CHECK_CODE(nx_secure_dtls_server_psk_add(&no_server, key, 4, key, 4, key, 4), expected);
    CHECK_CODE(nx_secure_dtls_server_psk_add(&server.control, NX_NULL, 4, key, 4, key, 4), expected);
    CHECK_CODE(nx_secure_dtls_server_psk_add(&server.control, key, 0, key, 4, key, 4), expected);
    CHECK_CODE(nx_secure_dtls_server_psk_add(&server.control, key, 4, NX_NULL, 4, key, 4), expected);
    CHECK_CODE(nx_secure_dtls_server_psk_add(&server.control, key, 4, key, 4, NX_NULL, 4), expected);
    server_end(&server);
}

PAIR(ecc_initialize, NX_PTR_ERROR) {
    const USHORT groups[] = {23};
    make_client();
    CHECK_CODE(nx_secure_dtls_ecc_initialize(NX_NULL, groups, 1, nx_crypto_ecc_curves), expected);
    CHECK_CODE(nx_secure_dtls_ecc_initialize(&client.session, NX_NULL, 1, nx_crypto_ecc_curves), expected);
    CHECK_CODE(nx_secure_dtls_ecc_initialize(&client.session, groups, 1, NX_NULL), expected);
    client_end(&client);
}

PAIR(ecc_initialize, NX_SECURE_TLS_SESSION_UNINITIALIZED) {
    const USHORT groups[] = {23};
    CHECK_CODE(nx_secure_dtls_ecc_initialize(&no_session, groups, 1, nx_crypto_ecc_curves), expected);
}

PAIR(server_ecc_initialize, NX_PTR_ERROR) {
    const USHORT groups[] = {23};
    make_server();
    CHECK_CODE(nx_secure_dtls_server_ecc_initialize(NX_NULL, groups, 1, nx_crypto_ecc_curves), expected);
    CHECK_CODE(nx_secure_dtls_server_ecc_initialize(&no_server, groups, 1, nx_crypto_ecc_curves), expected);
    CHECK_CODE(nx_secure_dtls_server_ecc_initialize(&server.control, NX_NULL, 1, nx_crypto_ecc_curves),
               expected);
    CHECK_CODE(nx_secure_dtls_server_ecc_initialize(&server.control, groups, 1, NX_NULL), expected);
    server_end(&server);
}

/* --- Certificates: the same of both stores, of sessions and of servers. --- */

#define SESSION_STORE(which)                                                                                 \
    PAIR(session_##which##_certificate_add, NX_PTR_ERROR) {                                                  \
        make_client();                                                                                       \
        certificate_block(&certificate, CERT_SERVER, true);                                                  \
        CHECK_CODE(nx_secure_dtls_session_##which##_certificate_add(NX_NULL, &certificate, 5), expected);    \
        CHECK_CODE(nx_secure_dtls_session_##which##_certificate_add(&client.session, NX_NULL, 5), expected); \
        client_end(&client);                                                                                 \
    }                                                                                                        \
    PAIR(session_##which##_certificate_add, NX_SECURE_TLS_SESSION_UNINITIALIZED) {                           \
        certificate_block(&certificate, CERT_SERVER, true);                                                  \
        CHECK_CODE(nx_secure_dtls_session_##which##_certificate_add(&no_session, &certificate, 5),           \
                   expected);                                                                                \
    }                                                                                                        \
    PAIR(session_##which##_certificate_remove, NX_PTR_ERROR) {                                               \
        make_client();                                                                                       \
        CHECK_CODE(nx_secure_dtls_session_##which##_certificate_remove(NX_NULL, name, 9, 1), expected);      \
        CHECK_CODE(nx_secure_dtls_session_##which##_certificate_remove(&client.session, NX_NULL, 9, 0),      \
                   expected);                                                                                \
        CHECK_CODE(nx_secure_dtls_session_##which##_certificate_remove(&client.session, name, 0, 0),         \
                   expected);                                                                                \
        client_end(&client);                                                                                 \
    }                                                                                                        \
    PAIR(session_##which##_certificate_remove, NX_SECURE_TLS_SESSION_UNINITIALIZED) {                        \
        CHECK_CODE(nx_secure_dtls_session_##which##_certificate_remove(&no_session, name, 9, 1), expected);  \
    }
SESSION_STORE(local)
SESSION_STORE(trusted)

#define SERVER_STORE(which)                                                                                  \
    PAIR(server_##which##_certificate_add, NX_PTR_ERROR) {                                                   \
        make_server();                                                                                       \
        certificate_block(&certificate, CERT_SERVER, true);                                                  \
        CHECK_CODE(nx_secure_dtls_server_##which##_certificate_add(NX_NULL, &certificate, 5), expected);     \
        CHECK_CODE(nx_secure_dtls_server_##which##_certificate_add(&no_server, &certificate, 5), expected);  \
        CHECK_CODE(nx_secure_dtls_server_##which##_certificate_add(&server.control, NX_NULL, 5), expected);  \
        server_end(&server);                                                                                 \
    }                                                                                                        \
    PAIR(server_##which##_certificate_remove, NX_PTR_ERROR) {                                                \
        make_server();                                                                                       \
        CHECK_CODE(nx_secure_dtls_server_##which##_certificate_remove(NX_NULL, name, 9, 1), expected);       \
        CHECK_CODE(nx_secure_dtls_server_##which##_certificate_remove(&no_server, name, 9, 1), expected);    \
        CHECK_CODE(nx_secure_dtls_server_##which##_certificate_remove(&server.control, NX_NULL, 9, 0),       \
                   expected);                                                                                \
        CHECK_CODE(nx_secure_dtls_server_##which##_certificate_remove(&server.control, name, 0, 0),          \
                   expected);                                                                                \
        server_end(&server);                                                                                 \
    }
SERVER_STORE(local)
SERVER_STORE(trusted)
