/* SPDX-License-Identifier: MIT
 *
 * Making, starting and ending servers.
 */
#include "netx/net/net.h"
#include "services_pairs.h"

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

static UINT create(NX_IP *ip, UINT port, UINT slots_len, ULONG metadata_len, UINT slots) {
    memset(&server, 0, sizeof server);
    server.slots = netx_test_memory((slots + 1) * sizeof *server.slots);
    server.metadata = netx_test_memory((size_t)(slots + 1) * METADATA_SIZE);
    server.reassembly = netx_test_memory((size_t)(slots + 1) * REASSEMBLY_SIZE);
    return nx_secure_dtls_server_create(&server.control, ip, port, SECONDS(1), server.slots, slots_len,
                                        &nx_crypto_tls_ciphers_ecc, server.metadata, metadata_len,
                                        server.reassembly, slots * REASSEMBLY_SIZE, connected, received);
}

PAIR(server_create, NX_SUCCESS) {
    world_make();
    /* Three whole sessions, and a part of a fourth. */
    CHECK_CODE(create(server_ip, SERVER_PORT, 3 * sizeof(NX_SECURE_DTLS_SESSION) + 100, 3 * METADATA_SIZE, 3),
               expected);
    CHECK(server.control.nx_dtls_server_sessions_count == 3);
    server_end(&server);
}

PAIR(server_create, NX_INVALID_PARAMETERS) {
    ULONG needed;
    world_make();
    CHECK_CODE(nx_secure_tls_metadata_size_calculate(&nx_crypto_tls_ciphers_ecc, &needed), NX_SUCCESS);
    CHECK(needed <= METADATA_SIZE);
    CHECK_CODE(create(server_ip, SERVER_PORT, sizeof(NX_SECURE_DTLS_SESSION) - 1, METADATA_SIZE, 1),
               expected);
    CHECK_CODE(create(server_ip, SERVER_PORT, sizeof(NX_SECURE_DTLS_SESSION), needed - 1, 1), expected);
    CHECK_CODE(create(server_ip, SERVER_PORT, 2 * sizeof(NX_SECURE_DTLS_SESSION), 2 * needed - 1, 2),
               expected);
    CHECK(server.control.nx_dtls_server_id == 0);
    CHECK_CODE(create(server_ip, SERVER_PORT, 2 * sizeof(NX_SECURE_DTLS_SESSION), 2 * needed, 2), NX_SUCCESS);
    server_end(&server);
}

PAIR(server_create, NX_NOT_ENABLED) {
    enum { STACK = 4096 };
    NX_IP *ip = netx_test_memory(sizeof *ip);
    world_make();
    CHECK_CODE(nx_ip_create(ip, (CHAR *)"no UDP", IP_ADDRESS(1, 2, 3, 9), 0xFFFFFF00u,
                            server_ip->nx_ip_default_packet_pool, _nx_ram_network_driver_1500,
                            netx_test_memory(STACK), STACK, 1),
               NX_SUCCESS);
    CHECK_CODE(create(ip, SERVER_PORT, sizeof(NX_SECURE_DTLS_SESSION), METADATA_SIZE, 1), expected);
}

PAIR(server_delete, NX_SUCCESS) {
    world_make();
    server_make(&server, 1);
    CHECK_CODE(nx_secure_dtls_server_delete(&server.control), expected);
}

PAIR(server_delete, NX_STILL_BOUND) {
    connected_pair(&server, &client);
    CHECK_CODE(nx_secure_dtls_server_delete(&server.control), expected);
    /* Nothing was changed. */
    CHECK_CODE(
        nx_secure_dtls_client_session_send(&client.session, packet_with(&client.session, client_ip, "still")),
        NX_SUCCESS);
    expect_data(first_slot(&server), "still");
    finish();
}

PAIR(server_start, NX_SUCCESS) {
    world_make();
    server_make(&server, 1);
    for (UINT i = 0; i < 3; i++) {
        CHECK_CODE(nx_secure_dtls_server_start(&server.control), expected);
        CHECK_CODE(nx_secure_dtls_server_stop(&server.control), NX_SUCCESS);
    }
    server_end(&server);
}

PAIR(server_start, NX_ALREADY_BOUND) {
    world_make();
    server_make(&server, 1);
    server_listen(&server);
    CHECK_CODE(nx_secure_dtls_server_start(&server.control), expected);
    server_end(&server);
}

static NX_UDP_SOCKET other;

static void occupy(void) {
    memset(&other, 0, sizeof other);
    CHECK_CODE(nx_udp_socket_create(server_ip, &other, (CHAR *)"other", NX_IP_NORMAL, NX_FRAGMENT_OKAY, 1, 1),
               NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_bind(&other, SERVER_PORT, NX_NO_WAIT), NX_SUCCESS);
}

PAIR(server_start, NX_PORT_UNAVAILABLE) {
    world_make();
    server_make(&server, 1);
    occupy();
    ULONG began = netx_test_ticks();
    CHECK_CODE(nx_secure_dtls_server_start(&server.control), expected);
    CHECK(netx_test_ticks() - began == SECONDS(1));
    nx_udp_socket_unbind(&other);
    CHECK_CODE(nx_secure_dtls_server_start(&server.control), NX_SUCCESS);
    server_end(&server);
}

PAIR(server_start, NX_WAIT_ABORTED) {
    TX_THREAD *self = tx_thread_identify();
    world_make();
    server_make(&server, 1);
    occupy();
    abort_later(self, 10);
    ULONG began = netx_test_ticks();
    CHECK_CODE(nx_secure_dtls_server_start(&server.control), expected);
    CHECK(netx_test_ticks() - began == 10);
    server_end(&server);
}

PAIR(server_start, NX_NOT_SUCCESSFUL) {
    world_make();
    server_make(&server, 1);
    provider_fails = "random";
    CHECK_CODE(nx_secure_dtls_server_start(&server.control), expected);
    provider_fails = NULL;
    CHECK_CODE(nx_secure_dtls_server_start(&server.control), NX_SUCCESS);
    server_end(&server);
}

static UINT bind_nothing(NX_UDP_SOCKET *socket, UINT port, UINT *out_port) {
    (void)socket;
    (void)port;
    (void)out_port;
    return NX_NO_FREE_PORTS;
}

PAIR(server_start, NX_NO_FREE_PORTS) {
    world_make();
    CHECK_CODE(create(server_ip, NX_ANY_PORT, sizeof(NX_SECURE_DTLS_SESSION), METADATA_SIZE, 1), NX_SUCCESS);
    const net_link *link = netx_ip_of(server_ip)->link;
    net_link full = *link;
    full.bind = bind_nothing;
    netx_ip_of(server_ip)->link = &full;
    CHECK_CODE(nx_secure_dtls_server_start(&server.control), expected);
    netx_ip_of(server_ip)->link = link;
    CHECK_CODE(nx_secure_dtls_server_start(&server.control), NX_SUCCESS);
    server_end(&server);
}

PAIR(server_start, NX_INVALID_PORT) {
    world_make();
    CHECK_CODE(create(server_ip, 0x10000, sizeof(NX_SECURE_DTLS_SESSION), METADATA_SIZE, 1), NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_server_start(&server.control), expected);
    server_end(&server);
}

PAIR(server_stop, NX_SUCCESS) {
    NX_PACKET *packet;
    connected_pair(&server, &client);
    CHECK_CODE(nx_secure_dtls_server_stop(&server.control), expected);
    CHECK(first_slot(&server)->nx_secure_dtls_session_in_use == NX_FALSE);
    /* No close_notify. */
    CHECK_CODE(nx_secure_dtls_session_receive(&client.session, &packet, SECONDS(1)), NX_NO_PACKET);
    finish();
}

PAIR(server_stop, NX_NOT_BOUND) {
    world_make();
    server_make(&server, 1);
    CHECK_CODE(nx_secure_dtls_server_stop(&server.control), expected);
    server_end(&server);
}

PAIR(server_notify_set, NX_SUCCESS) {
    world_make();
    server_make(&server, 1);
    CHECK_CODE(nx_secure_dtls_server_notify_set(&server.control, NX_NULL, NX_NULL), expected);
    server_end(&server);
}

PAIR(server_x509_client_verify_configure, NX_SUCCESS) {
    static UCHAR space[2 * (sizeof(NX_SECURE_X509_CERT) + NX_SECURE_TLS_MINIMUM_CERTIFICATE_SIZE)];
    world_make();
    server_make(&server, 2);
    CHECK_CODE(nx_secure_dtls_server_x509_client_verify_configure(&server.control, 1, space, sizeof space),
               expected);
    server_end(&server);
}

PAIR(server_x509_client_verify_configure, NX_INVALID_PARAMETERS) {
    static UCHAR space[4 * (sizeof(NX_SECURE_X509_CERT) + NX_SECURE_TLS_MINIMUM_CERTIFICATE_SIZE)];
    NX_SECURE_DTLS_SERVER *control = &server.control;
    world_make();
    server_make(&server, 2);
    CHECK_CODE(nx_secure_dtls_server_x509_client_verify_configure(control, 0, space, sizeof space), expected);
    CHECK_CODE(nx_secure_dtls_server_x509_client_verify_configure(control, 1, space, 0), expected);
    CHECK_CODE(nx_secure_dtls_server_x509_client_verify_configure(control, 2, space, sizeof space - 1),
               expected);
    CHECK_CODE(nx_secure_dtls_server_x509_client_verify_configure(control, 2, space, sizeof space),
               NX_SUCCESS);
    server_end(&server);
}

PAIR(server_x509_client_verify_disable, NX_SUCCESS) {
    world_make();
    server_make(&server, 1);
    CHECK_CODE(nx_secure_dtls_server_x509_client_verify_disable(&server.control), expected);
    server_end(&server);
}

PAIR(session_client_info_get, NX_SUCCESS) {
    NXD_ADDRESS address;
    UINT port;
    UINT local;
    connected_pair(&server, &client);
    CHECK_CODE(nx_secure_dtls_session_client_info_get(first_slot(&server), &address, &port, &local),
               expected);
    CHECK(address.nxd_ip_version == NX_IP_VERSION_V4 && address.nxd_ip_address.v4 == CLIENT_ADDRESS);
    CHECK(port == client.socket.nx_udp_socket_port && local == SERVER_PORT);
    CHECK_CODE(nx_secure_dtls_session_client_info_get(first_slot(&server), NX_NULL, NX_NULL, NX_NULL),
               expected);
    finish();
}

PAIR(session_client_info_get, NX_INVALID_SOCKET) {
    NXD_ADDRESS address;
    UINT port;
    UINT local;
    connected_pair(&server, &client);
    CHECK_CODE(nx_secure_dtls_session_client_info_get(&client.session, &address, &port, &local), expected);
    finish();
}

PAIR(session_client_info_get, NX_NOT_CONNECTED) {
    NXD_ADDRESS address;
    UINT port;
    UINT local;
    connected_pair(&server, &client);
    CHECK_CODE(nx_secure_dtls_session_end(first_slot(&server), NX_NO_WAIT), NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_session_client_info_get(first_slot(&server), &address, &port, &local),
               expected);
    finish();
}
