/* SPDX-License-Identifier: MIT
 *
 * Making and ending sessions, and their packets.
 */
#include "services_pairs.h"

static UINT create(NX_SECURE_DTLS_SESSION *session, ULONG metadata_len, UINT num, ULONG certificates_len) {
    static UCHAR metadata[METADATA_SIZE + 1];
    static UCHAR reassembly[REASSEMBLY_SIZE + 1];
    static UCHAR certificates[4096];
    memset(session, 0, sizeof *session);
    /* At odd addresses. */
    return nx_secure_dtls_session_create(session, &nx_crypto_tls_ciphers_ecc, metadata + 1, metadata_len,
                                         reassembly + 1, REASSEMBLY_SIZE, num,
                                         num == 0 ? NX_NULL : certificates + 1, certificates_len);
}

PAIR(session_create, NX_SUCCESS) {
    static NX_SECURE_DTLS_SESSION session;
    CHECK_CODE(create(&session, METADATA_SIZE, 0, 0), expected);
    CHECK_CODE(nx_secure_dtls_session_delete(&session), NX_SUCCESS);
    CHECK_CODE(create(&session, METADATA_SIZE, 2, 4095), expected);
    CHECK_CODE(nx_secure_dtls_session_delete(&session), NX_SUCCESS);
}

PAIR(session_create, NX_INVALID_PARAMETERS) {
    static NX_SECURE_DTLS_SESSION session;
    const ULONG least = (ULONG)sizeof(NX_SECURE_X509_CERT) + NX_SECURE_TLS_MINIMUM_CERTIFICATE_SIZE;
    ULONG needed;
    CHECK_CODE(nx_secure_tls_metadata_size_calculate(&nx_crypto_tls_ciphers_ecc, &needed), NX_SUCCESS);
    CHECK_CODE(create(&session, 0, 0, 0), expected);
    CHECK_CODE(create(&session, needed - 1, 0, 0), expected);
    CHECK_CODE(create(&session, METADATA_SIZE, 2, 2 * least - 1), expected);
    CHECK(session.nx_secure_dtls_tls_session.nx_secure_tls_id == 0);
    CHECK_CODE(create(&session, needed, 2, 2 * least), NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_session_delete(&session), NX_SUCCESS);
}

PAIR(session_delete, NX_SUCCESS) {
    connected_pair(&server, &client);
    CHECK_CODE(nx_secure_dtls_session_delete(&client.session), expected);
    nx_udp_socket_unbind(&client.socket);
    nx_udp_socket_delete(&client.socket);
    server_end(&server);
}

PAIR(session_reset, NX_SUCCESS) {
    connected_pair(&server, &client);
    CHECK_CODE(nx_secure_dtls_session_reset(&client.session), expected);
    CHECK(client.session.nx_secure_dtls_session_in_use == NX_FALSE);
    /* Certificates are kept: it can start again at once. */
    CHECK_CODE(nx_secure_dtls_session_end(first_slot(&server), NX_NO_WAIT), NX_SUCCESS);
    CHECK_CODE(client_connect(&client, SECONDS(5)), NX_SUCCESS);
    finish();
}

/* --- The end. --- */

PAIR(session_end, NX_SUCCESS) {
    connected_pair(&server, &client);
    /* The peer's answer comes by itself. */
    ULONG began = netx_test_ticks();
    CHECK_CODE(nx_secure_dtls_session_end(&client.session, SECONDS(5)), expected);
    CHECK(netx_test_ticks() == began && server.num_disconnected == 1);
    CHECK_CODE(nx_secure_dtls_session_end(first_slot(&server), SECONDS(5)), expected);
    CHECK(netx_test_ticks() == began);
    finish();
}

PAIR(session_end, NX_NO_PACKET) {
    connected_pair(&server, &client);
    edit_arrivals(client_ip, lose_all);
    ULONG began = netx_test_ticks();
    CHECK_CODE(nx_secure_dtls_session_end(&client.session, 75), expected);
    CHECK(netx_test_ticks() - began == 75);
    CHECK(client.session.nx_secure_dtls_session_in_use == NX_FALSE);
    finish();
}

PAIR(session_end, NX_WAIT_ABORTED) {
    connected_pair(&server, &client);
    edit_arrivals(client_ip, lose_all);
    abort_later(tx_thread_identify(), 20);
    CHECK_CODE(nx_secure_dtls_session_end(&client.session, NX_WAIT_FOREVER), expected);
    CHECK(client.session.nx_secure_dtls_session_in_use == NX_FALSE);
    finish();
}

PAIR(session_end, NX_SECURE_TLS_TCP_SEND_FAILED) {
    connected_pair(&server, &client);
    CHECK_CODE(nx_udp_socket_unbind(&client.socket), NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_session_end(&client.session, SECONDS(1)), expected);
    CHECK(client.session.nx_secure_dtls_session_in_use == NX_FALSE);
    finish();
}

/* Takes all packets of the pool; gives them back. */
static NX_PACKET *hoarded[64];

static UINT hoard(NX_PACKET_POOL *pool) {
    UINT num = 0;
    while (num < 64 && nx_packet_allocate(pool, &hoarded[num], 0, NX_NO_WAIT) == NX_SUCCESS)
        num++;
    return num;
}

static void give_back(UINT num) {
    while (num-- > 0)
        nx_packet_release(hoarded[num]);
}

PAIR(session_end, NX_SECURE_TLS_ALLOCATE_PACKET_FAILED) {
    connected_pair(&server, &client);
    UINT num = hoard(client_ip->nx_ip_default_packet_pool);
    CHECK_CODE(nx_secure_dtls_session_end(&client.session, SECONDS(1)), expected);
    CHECK(client.session.nx_secure_dtls_session_in_use == NX_FALSE);
    give_back(num);
    finish();
}

/* --- Packets. --- */

PAIR(packet_allocate, NX_SUCCESS) {
    NX_PACKET *packet;
    world_make();
    client_make(&client);
    CHECK_CODE(nx_secure_dtls_packet_allocate(&client.session, client_ip->nx_ip_default_packet_pool, &packet,
                                              NX_NO_WAIT),
               expected);
    CHECK(packet->nx_packet_prepend_ptr - packet->nx_packet_data_start >=
          NX_UDP_PACKET + NX_SECURE_DTLS_RECORD_HEADER_SIZE);
    nx_packet_release(packet);
    client_end(&client);
}

PAIR(packet_allocate, NX_SECURE_TLS_ALLOCATE_PACKET_FAILED) {
    NX_PACKET *packet;
    world_make();
    client_make(&client);
    NX_PACKET_POOL *pool = client_ip->nx_ip_default_packet_pool;
    UINT num = hoard(pool);
    ULONG began = netx_test_ticks();
    CHECK_CODE(nx_secure_dtls_packet_allocate(&client.session, pool, &packet, NX_NO_WAIT), expected);
    CHECK_CODE(nx_secure_dtls_packet_allocate(&client.session, pool, &packet, 40), expected);
    CHECK(netx_test_ticks() - began == 40 && packet == NX_NULL);
    give_back(num);
    client_end(&client);
}

PAIR(packet_allocate, NX_SECURE_TLS_PACKET_BUFFER_TOO_SMALL) {
    NX_PACKET *packet;
    world_make();
    client_make(&client);
    NX_PACKET_POOL *small = netx_test_pool(2, NX_UDP_PACKET + 32);
    CHECK_CODE(nx_secure_dtls_packet_allocate(&client.session, small, &packet, NX_NO_WAIT), expected);
    CHECK(packet == NX_NULL);
    client_end(&client);
}
