/* SPDX-License-Identifier: MIT */
#include "peers.h"

extern const NX_SECURE_TLS_CRYPTO nx_crypto_tls_ciphers_ecc;

UCHAR example_psk[16] = {0x4e, 0x1c, 0x8a, 0x35, 0xd0, 0x97, 0x62, 0xbb,
                         0x03, 0xf4, 0x29, 0x7e, 0xc8, 0x51, 0xa6, 0x1d};
UCHAR example_psk_identity[6] = {'p', 'u', 'm', 'p', '-', '7'};

static NX_SECURE_DTLS_SESSION *arrived[EXAMPLE_SESSIONS];
static UINT num_arrived;
static UINT num_taken;
static TX_SEMAPHORE arrivals; /* 0 before the first server */

/* --- Data. --- */

VOID example_send(NX_SECURE_DTLS_SESSION *session, NX_PACKET_POOL *pool, const char *text) {
    NX_PACKET *packet;
    example_check("nx_secure_dtls_packet_allocate",
                  nx_secure_dtls_packet_allocate(session, pool, &packet, EXAMPLE_SECONDS(1)));
    UINT status = nx_packet_data_append(packet, (VOID *)text, (ULONG)strlen(text), pool, EXAMPLE_SECONDS(1));
    if (status == NX_SUCCESS)
        status = nx_secure_dtls_server_session_send(session, packet);
    if (status != NX_SUCCESS)
        nx_packet_release(packet);
    example_check("nx_secure_dtls_server_session_send", status);
}

UINT example_receive(NX_SECURE_DTLS_SESSION *session, char *text, ULONG size, ULONG wait) {
    NX_PACKET *packet;
    ULONG len = 0;
    text[0] = '\0';
    UINT status = nx_secure_dtls_session_receive(session, &packet, wait);
    if (status != NX_SUCCESS)
        return status;
    (void)nx_packet_data_extract_offset(packet, 0, text, size - 1, &len);
    text[len] = '\0';
    nx_packet_release(packet);
    return NX_SUCCESS;
}

/* --- Client. --- */

static VOID give_anchor(NX_SECURE_X509_CERT *anchor) {
    example_check("nx_secure_x509_certificate_initialize",
                  nx_secure_x509_certificate_initialize(anchor, example_authority, sizeof example_authority,
                                                        NX_NULL, 0, NX_NULL, 0,
                                                        NX_SECURE_X509_KEY_TYPE_NONE));
}

VOID example_client_open(example_client *client, ULONG credentials) {
    example_check("nx_secure_dtls_session_create",
                  nx_secure_dtls_session_create(&client->session, &nx_crypto_tls_ciphers_ecc,
                                                client->metadata, sizeof client->metadata, client->reassembly,
                                                sizeof client->reassembly, 0, NX_NULL, 0));
    example_check("nx_secure_dtls_ecc_initialize",
                  nx_secure_dtls_ecc_initialize(&client->session, nx_crypto_ecc_supported_groups,
                                                (USHORT)nx_crypto_ecc_supported_groups_size,
                                                nx_crypto_ecc_curves));
    if (credentials & EXAMPLE_PSK)
        example_check("nx_secure_dtls_psk_add",
                      nx_secure_dtls_psk_add(&client->session, example_psk, sizeof example_psk,
                                             example_psk_identity, sizeof example_psk_identity, NX_NULL, 0));
    if (credentials & EXAMPLE_CERTIFICATE) {
        give_anchor(&client->anchor);
        example_check("nx_secure_dtls_session_trusted_certificate_add",
                      nx_secure_dtls_session_trusted_certificate_add(&client->session, &client->anchor, 1));
    }
    if (credentials & EXAMPLE_CLIENT_CERTIFICATE) {
        example_check("nx_secure_x509_certificate_initialize",
                      nx_secure_x509_certificate_initialize(&client->certificate, example_client_certificate,
                                                            sizeof example_client_certificate, NX_NULL, 0,
                                                            example_client_key, sizeof example_client_key,
                                                            NX_SECURE_X509_KEY_TYPE_EC_DER));
        example_check(
            "nx_secure_dtls_session_local_certificate_add",
            nx_secure_dtls_session_local_certificate_add(&client->session, &client->certificate, 1));
    }
    example_check("nx_udp_socket_create",
                  nx_udp_socket_create(&example_client_host.ip, &client->socket, (CHAR *)"client",
                                       NX_IP_NORMAL, NX_FRAGMENT_OKAY, NX_IP_TIME_TO_LIVE, 8));
    example_check("nx_udp_socket_bind", nx_udp_socket_bind(&client->socket, NX_ANY_PORT, NX_NO_WAIT));
}

UINT example_client_connect(example_client *client) {
    UINT status = nx_secure_dtls_client_session_start(
        &client->session, &client->socket, &example_server_host.address, EXAMPLE_PORT, EXAMPLE_SECONDS(10));
    example_say("the handshake: %s", example_code(status));
    return status;
}

VOID example_client_talk(example_client *client, const char *text) {
    char answer[64];
    example_send(&client->session, &example_client_host.pool, text);
    UINT status = example_receive(&client->session, answer, sizeof answer, EXAMPLE_SECONDS(10));
    if (status == NX_SUCCESS)
        example_say("said \"%s\", heard \"%s\"", text, answer);
    else
        example_say("said \"%s\", heard nothing: %s", text, example_code(status));
}

VOID example_client_close(example_client *client) {
    (void)nx_secure_dtls_session_end(&client->session, EXAMPLE_SECONDS(2));
    example_check("nx_secure_dtls_session_delete", nx_secure_dtls_session_delete(&client->session));
    example_check("nx_udp_socket_unbind", nx_udp_socket_unbind(&client->socket));
    example_check("nx_udp_socket_delete", nx_udp_socket_delete(&client->socket));
}

VOID example_hello_client(ULONG input) {
    static example_client client;
    example_client_open(&client, input);
    if (example_client_connect(&client) == NX_SUCCESS)
        example_client_talk(&client, "hello");
    example_client_close(&client);
}

/* --- Server. --- */

/* Called by the IP thread, which must go on to other clients: the handshake is another thread's. */
UINT example_connect_notify(NX_SECURE_DTLS_SESSION *session, NXD_ADDRESS *address, UINT port) {
    (void)address;
    (void)port;
    arrived[num_arrived++ % EXAMPLE_SESSIONS] = session;
    return tx_semaphore_put(&arrivals) == TX_SUCCESS ? NX_SUCCESS : NX_NOT_SUCCESSFUL;
}

UINT example_receive_notify(NX_SECURE_DTLS_SESSION *session) {
    (void)session;
    return NX_SUCCESS; /* a thread waits in nx_secure_dtls_session_receive */
}

static VOID give_certificates(example_server *server, ULONG credentials) {
    example_check("nx_secure_x509_certificate_initialize",
                  nx_secure_x509_certificate_initialize(&server->certificate, example_server_certificate,
                                                        sizeof example_server_certificate, NX_NULL, 0,
                                                        example_server_key, sizeof example_server_key,
                                                        NX_SECURE_X509_KEY_TYPE_EC_DER));
    example_check("nx_secure_dtls_server_local_certificate_add",
                  nx_secure_dtls_server_local_certificate_add(&server->server, &server->certificate, 1));
    if (!(credentials & EXAMPLE_CLIENT_CERTIFICATE))
        return;
    give_anchor(&server->anchor);
    example_check("nx_secure_dtls_server_trusted_certificate_add",
                  nx_secure_dtls_server_trusted_certificate_add(&server->server, &server->anchor, 2));
    example_check("nx_secure_dtls_server_x509_client_verify_configure",
                  nx_secure_dtls_server_x509_client_verify_configure(
                      &server->server, 1, server->client_certificates, sizeof server->client_certificates));
}

VOID example_server_make(example_server *server, ULONG credentials,
                         UINT (*connect_notify)(NX_SECURE_DTLS_SESSION *session, NXD_ADDRESS *address,
                                                UINT port)) {
    num_arrived = 0;
    num_taken = 0;
    if (arrivals.tx_semaphore_id == 0)
        example_check("tx_semaphore_create", tx_semaphore_create(&arrivals, (CHAR *)"arrivals", 0));
    example_check("nx_secure_dtls_server_create",
                  nx_secure_dtls_server_create(
                      &server->server, &example_server_host.ip, EXAMPLE_PORT, EXAMPLE_SECONDS(1),
                      server->sessions, sizeof server->sessions, &nx_crypto_tls_ciphers_ecc, server->metadata,
                      sizeof server->metadata, server->reassembly, sizeof server->reassembly, connect_notify,
                      example_receive_notify));
    example_check("nx_secure_dtls_server_ecc_initialize",
                  nx_secure_dtls_server_ecc_initialize(&server->server, nx_crypto_ecc_supported_groups,
                                                       (USHORT)nx_crypto_ecc_supported_groups_size,
                                                       nx_crypto_ecc_curves));
    if (credentials & EXAMPLE_PSK)
        example_check("nx_secure_dtls_server_psk_add",
                      nx_secure_dtls_server_psk_add(&server->server, example_psk, sizeof example_psk,
                                                    example_psk_identity, sizeof example_psk_identity,
                                                    NX_NULL, 0));
    if (credentials & (EXAMPLE_CERTIFICATE | EXAMPLE_CLIENT_CERTIFICATE))
        give_certificates(server, credentials);
}

VOID example_server_open(example_server *server, ULONG credentials) {
    example_server_make(server, credentials, example_connect_notify);
    example_check("nx_secure_dtls_server_start", nx_secure_dtls_server_start(&server->server));
}

NX_SECURE_DTLS_SESSION *example_server_accept(void) {
    example_check("tx_semaphore_get", tx_semaphore_get(&arrivals, TX_WAIT_FOREVER));
    NX_SECURE_DTLS_SESSION *session = arrived[num_taken++ % EXAMPLE_SESSIONS];
    UINT status = nx_secure_dtls_server_session_start(session, EXAMPLE_SECONDS(10));
    example_say("a client's handshake: %s", example_code(status));
    if (status == NX_SUCCESS)
        return session;
    (void)nx_secure_dtls_session_reset(session); /* the slot is free again */
    return NX_NULL;
}

VOID example_server_echo(NX_SECURE_DTLS_SESSION *session) {
    char text[64];
    UINT status;
    while ((status = example_receive(session, text, sizeof text, NX_WAIT_FOREVER)) == NX_SUCCESS)
        example_send(session, &example_server_host.pool, text);
    example_say("the session has ended: %s", example_code(status));
    (void)nx_secure_dtls_session_end(session, NX_NO_WAIT);
}

VOID example_server_close(example_server *server) {
    example_check("nx_secure_dtls_server_stop", nx_secure_dtls_server_stop(&server->server));
    example_check("nx_secure_dtls_server_delete", nx_secure_dtls_server_delete(&server->server));
}

VOID example_echo_server(ULONG input) {
    static example_server server;
    example_server_open(&server, input & 0xFF);
    for (ULONG left = input >> 8; left > 0; left--) {
        NX_SECURE_DTLS_SESSION *session = example_server_accept();
        if (session != NX_NULL)
            example_server_echo(session);
    }
    example_server_close(&server);
}
