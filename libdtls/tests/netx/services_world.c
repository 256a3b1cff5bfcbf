/* SPDX-License-Identifier: MIT */
#include "services_world.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "support/authority.h"

NX_IP *server_ip;
NX_IP *client_ip;
NXD_ADDRESS server_address;
UINT num_seen;

/* --- Certificates. --- */

static struct {
    struct test_identity identity;
    dtls_span der;
    UCHAR *key;
    USHORT key_len;
    UINT key_type;
} certificates[CERT_NUM];

static void issue(certificate_name name, const struct test_request *request) {
    certificates[name].identity = test_issue(request);
    certificates[name].der = test_certificate_der(&certificates[name].identity);
    UCHAR *key = NULL;
    certificates[name].key_len = (USHORT)i2d_PrivateKey(certificates[name].identity.key, &key);
    certificates[name].key = key;
    certificates[name].key_type =
        request->rsa_bits > 0 ? NX_SECURE_X509_KEY_TYPE_RSA_PKCS1_DER : NX_SECURE_X509_KEY_TYPE_EC_DER;
}

static void free_certificates(void) {
    for (UINT i = 0; i < CERT_NUM; i++) {
        test_identity_free(&certificates[i].identity);
        free((void *)(uintptr_t)certificates[i].der.data);
        OPENSSL_free(certificates[i].key);
    }
}

static void make_certificates(void) {
    const struct test_identity *root = &certificates[CERT_ROOT].identity;
    if (certificates[CERT_ROOT].key != NULL)
        return;
    atexit(free_certificates);
    issue(CERT_ROOT, &(struct test_request){.common_name = "root.test", .authority = true});
    issue(CERT_SERVER, &(struct test_request){.common_name = "server.test", .issuer = root});
    issue(CERT_CLIENT, &(struct test_request){.common_name = "client.test", .issuer = root});
    issue(CERT_EXPIRED, &(struct test_request){.common_name = "expired.test",
                                               .issuer = root,
                                               .not_before = TEST_BEGINNING,
                                               .not_after = TEST_BEGINNING + 31536000});
    issue(CERT_STRANGE_ROOT, &(struct test_request){.common_name = "strange.test", .authority = true});
    issue(CERT_INTERMEDIATE,
          &(struct test_request){.common_name = "intermediate.test", .issuer = root, .authority = true});
    issue(CERT_UNDER, &(struct test_request){.common_name = "under.test",
                                             .issuer = &certificates[CERT_INTERMEDIATE].identity});
    issue(CERT_RSA, &(struct test_request){.common_name = "rsa.test", .issuer = root, .rsa_bits = 2048});
    issue(CERT_CLIENT_PURPOSE, &(struct test_request){.common_name = "purpose.test",
                                                      .issuer = root,
                                                      .extended_key_usage = "clientAuth"});
    issue(CERT_ODD_KEY,
          &(struct test_request){.common_name = "odd.test", .issuer = root, .key_type = "ED448"});
    issue(CERT_NAMED,
          &(struct test_request){.common_name = "named.test", .dns_name = "server.test", .issuer = root});
}

NX_SECURE_X509_CERT *certificate_block(NX_SECURE_X509_CERT *out, certificate_name name, bool with_key) {
    make_certificates();
    memset(out, 0, sizeof *out);
    CHECK_CODE(nx_secure_x509_certificate_initialize(
                   out, certificates[name].der.data, (USHORT)certificates[name].der.len, NX_NULL, 0,
                   with_key ? certificates[name].key : NX_NULL, with_key ? certificates[name].key_len : 0,
                   with_key ? certificates[name].key_type : NX_SECURE_X509_KEY_TYPE_NONE),
               NX_SUCCESS);
    return out;
}

dtls_span certificate_der(certificate_name name) {
    make_certificates();
    return certificates[name].der;
}

/* --- Servers. --- */

/* Callbacks have no argument for this. */
static test_server *server_of(const NX_SECURE_DTLS_SESSION *session) {
    return (test_server *)session->nx_secure_dtls_server_parent;
}

static test_server *last_made;

static UINT connect_notify(NX_SECURE_DTLS_SESSION *session, NXD_ADDRESS *address, UINT port) {
    test_server *server = server_of(session);
    NXD_ADDRESS told;
    UINT told_port;
    CHECK(address->nxd_ip_version != 0 && port != 0);
    CHECK_CODE(nx_secure_dtls_session_client_info_get(session, &told, &told_port, NX_NULL), NX_SUCCESS);
    CHECK(told.nxd_ip_address.v4 == address->nxd_ip_address.v4 && told_port == port);
    CHECK(server->num_arrivals < 64);
    server->session = session;
    server->arrivals[server->num_arrivals++] = session;
    tx_semaphore_put(&server->arrived);
    return NX_SUCCESS;
}

static UINT receive_notify(NX_SECURE_DTLS_SESSION *session) {
    server_of(session)->session = session;
    server_of(session)->num_received++;
    return NX_SUCCESS;
}

static UINT disconnect_notify(NX_SECURE_DTLS_SESSION *session) {
    NXD_ADDRESS address;
    UINT port;
    UINT local;
    server_of(session)->session = session;
    server_of(session)->num_disconnected++;
    CHECK_CODE(nx_secure_dtls_session_client_info_get(session, &address, &port, &local), NX_SUCCESS);
    CHECK(address.nxd_ip_version != 0 && port != 0 && local == SERVER_PORT);
    return NX_SUCCESS;
}

static UINT error_notify(NX_SECURE_DTLS_SESSION *session, UINT code) {
    test_server *server = session == NX_NULL ? last_made : server_of(session);
    server->session = session;
    server->num_errors++;
    server->error = code;
    return NX_SUCCESS;
}

void world_make(void) {
    world_make_with(1536, 1536);
}

void world_make_with(UINT server_payload, UINT client_payload) {
    static UINT made_for;
    if (made_for == netx_test_number())
        return;
    made_for = netx_test_number();
    server_ip = netx_test_ip_with(SERVER_ADDRESS, netx_test_pool(64, server_payload));
    client_ip = netx_test_ip_with(CLIENT_ADDRESS, netx_test_pool(64, client_payload));
    memset(&server_address, 0, sizeof server_address);
    server_address.nxd_ip_version = NX_IP_VERSION_V4;
    server_address.nxd_ip_address.v4 = SERVER_ADDRESS;
    num_seen = 0;
}

static void make_server(test_server *server, UINT slots, const NX_SECURE_TLS_CRYPTO *table,
                        UINT reassembly_len) {
    memset(server, 0, sizeof *server);
    last_made = server;
    server->start_wait = NX_WAIT_FOREVER;
    server->slots = netx_test_memory(slots * sizeof *server->slots);
    server->metadata = netx_test_memory((size_t)slots * METADATA_SIZE);
    server->reassembly = netx_test_memory((size_t)slots * reassembly_len);
    CHECK_CODE(tx_semaphore_create(&server->arrived, (CHAR *)"arrived", 0), TX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_server_create(&server->control, server_ip, SERVER_PORT, SECONDS(1),
                                            server->slots, slots * (UINT)sizeof *server->slots, table,
                                            server->metadata, slots * METADATA_SIZE, server->reassembly,
                                            slots * reassembly_len, connect_notify, receive_notify),
               NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_server_notify_set(&server->control, disconnect_notify, error_notify),
               NX_SUCCESS);
}

void server_show(test_server *server, certificate_name name) {
    CHECK_CODE(nx_secure_dtls_server_local_certificate_add(
                   &server->control, certificate_block(&server->certificate, name, true), 1),
               NX_SUCCESS);
}

void server_show_chain(test_server *server) {
    server_show(server, CERT_UNDER);
    CHECK_CODE(nx_secure_dtls_server_local_certificate_add(
                   &server->control, certificate_block(&server->intermediate, CERT_INTERMEDIATE, false), 2),
               NX_SUCCESS);
}

void server_demand_certificates(test_server *server, UINT num) {
    const UINT len = 4096;
    CHECK_CODE(nx_secure_dtls_server_trusted_certificate_add(
                   &server->control, certificate_block(&server->trusted, CERT_ROOT, false), 1),
               NX_SUCCESS);
    CHECK_CODE(
        nx_secure_dtls_server_x509_client_verify_configure(&server->control, num, netx_test_memory(len), len),
        NX_SUCCESS);
}

void server_make_bare(test_server *server, UINT slots, const NX_SECURE_TLS_CRYPTO *table) {
    make_server(server, slots, table, REASSEMBLY_SIZE);
}

void server_make_small(test_server *server, ULONG reassembly_len) {
    make_server(server, 1, &nx_crypto_tls_ciphers_ecc, reassembly_len);
    server_show(server, CERT_SERVER);
}

void server_make(test_server *server, UINT slots) {
    server_make_bare(server, slots, &nx_crypto_tls_ciphers_ecc);
    server_show(server, CERT_SERVER);
}

static VOID start_sessions(ULONG input) {
    (void)input;
    test_server *server = last_made;
    for (;;) {
        tx_semaphore_get(&server->arrived, TX_WAIT_FOREVER);
        NX_SECURE_DTLS_SESSION *session = server->arrivals[server->num_taken++];
        server->start_code = nx_secure_dtls_server_session_start(session, server->start_wait);
        server->num_started++;
    }
}

void server_listen(test_server *server) {
    CHECK_CODE(nx_secure_dtls_server_start(&server->control), NX_SUCCESS);
}

void server_serve(test_server *server) {
    last_made = server;
    server_listen(server);
    netx_test_thread(NETX_TEST_PRIORITY - 1, start_sessions, 0);
}

void server_end(test_server *server) {
    UINT status = nx_secure_dtls_server_stop(&server->control);
    CHECK(status == NX_SUCCESS || status == NX_NOT_BOUND);
    CHECK_CODE(nx_secure_dtls_server_delete(&server->control), NX_SUCCESS);
}

NX_SECURE_DTLS_SESSION *first_slot(test_server *server) {
    return &server->control.nx_dtls_server_sessions[0];
}

/* --- Clients. --- */

void client_make_bare(test_client *client, const NX_SECURE_TLS_CRYPTO *table) {
    memset(client, 0, sizeof *client);
    client->metadata = netx_test_memory(METADATA_SIZE);
    client->reassembly = netx_test_memory(REASSEMBLY_SIZE);
    CHECK_CODE(nx_udp_socket_create(client_ip, &client->socket, (CHAR *)"client", NX_IP_NORMAL,
                                    NX_FRAGMENT_OKAY, NX_IP_TIME_TO_LIVE, 16),
               NX_SUCCESS);
    CHECK_CODE(nx_udp_socket_bind(&client->socket, NX_ANY_PORT, NX_NO_WAIT), NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_session_create(&client->session, table, client->metadata, METADATA_SIZE,
                                             client->reassembly, REASSEMBLY_SIZE, 0, NX_NULL, 0),
               NX_SUCCESS);
}

void client_trust(test_client *client) {
    CHECK_CODE(nx_secure_dtls_session_trusted_certificate_add(
                   &client->session, certificate_block(&client->trusted, CERT_ROOT, false), 1),
               NX_SUCCESS);
}

void client_show(test_client *client, certificate_name name) {
    CHECK_CODE(nx_secure_dtls_session_local_certificate_add(
                   &client->session, certificate_block(&client->certificate, name, true), 2),
               NX_SUCCESS);
}

void client_make(test_client *client) {
    client_make_bare(client, &nx_crypto_tls_ciphers_ecc);
    client_trust(client);
}

UINT client_connect(test_client *client, UINT wait) {
    return nx_secure_dtls_client_session_start(&client->session, &client->socket, &server_address,
                                               SERVER_PORT, wait);
}

NX_PACKET *packet_with(NX_SECURE_DTLS_SESSION *session, NX_IP *ip, const char *text) {
    NX_PACKET *packet;
    NX_PACKET_POOL *pool = ip->nx_ip_default_packet_pool;
    CHECK_CODE(nx_secure_dtls_packet_allocate(session, pool, &packet, NX_NO_WAIT), NX_SUCCESS);
    CHECK_CODE(nx_packet_data_append(packet, (VOID *)(uintptr_t)text, (ULONG)strlen(text), pool, NX_NO_WAIT),
               NX_SUCCESS);
    return packet;
}

void client_say(test_client *client, const char *text) {
    NX_PACKET *packet = packet_with(&client->session, client_ip, text);
    CHECK_CODE(nx_secure_dtls_client_session_send(&client->session, packet), NX_SUCCESS);
    tx_thread_sleep(1);
}

void expect_data(NX_SECURE_DTLS_SESSION *session, const char *text) {
    NX_PACKET *packet;
    UCHAR got[256];
    ULONG len;
    CHECK_CODE(nx_secure_dtls_session_receive(session, &packet, SECONDS(1)), NX_SUCCESS);
    CHECK(packet->nx_packet_length == strlen(text) && packet->nx_packet_length <= sizeof got);
    CHECK_CODE(nx_packet_data_retrieve(packet, got, &len), NX_SUCCESS);
    CHECK(len == strlen(text) && memcmp(got, text, len) == 0);
    nx_packet_release(packet);
}

void client_end(test_client *client) {
    CHECK_CODE(nx_secure_dtls_session_delete(&client->session), NX_SUCCESS);
    UINT status = nx_udp_socket_unbind(&client->socket);
    CHECK(status == NX_SUCCESS || status == NX_NOT_BOUND);
    CHECK_CODE(nx_udp_socket_delete(&client->socket), NX_SUCCESS);
}

void connected_pair(test_server *server, test_client *client) {
    world_make();
    server_make(server, 1);
    server_serve(server);
    client_make(client);
    CHECK_CODE(client_connect(client, SECONDS(5)), NX_SUCCESS);
    tx_thread_sleep(1);
    CHECK(server->num_started == 1);
    CHECK_CODE(server->start_code, NX_SUCCESS);
}

const dtls_connection_info *info_of(NX_SECURE_DTLS_SESSION *session) {
    const dtls_connection *connection = nx_host_dtls_connection(session);
    CHECK(connection != NULL);
    return dtls_connection_get_info(connection);
}

/* --- Datagrams. --- */

static datagram_edit edits[2];
static void (*pass_on[2])(NX_IP *ip, NX_PACKET *packet);

static VOID filter(NX_IP *ip, NX_PACKET *packet) {
    UINT which = ip == client_ip;
    ULONG len = packet->nx_packet_length - (ULONG)sizeof(NX_UDP_HEADER);
    ULONG was = len;
    num_seen++;
    if (edits[which] != NULL && !edits[which](packet->nx_packet_prepend_ptr + sizeof(NX_UDP_HEADER), &len)) {
        nx_packet_release(packet);
        return;
    }
    packet->nx_packet_append_ptr = packet->nx_packet_append_ptr - was + len;
    packet->nx_packet_length = packet->nx_packet_length - was + len;
    pass_on[which](ip, packet);
}

void edit_arrivals(NX_IP *ip, datagram_edit edit) {
    UINT which = ip == client_ip;
    if (ip->nx_ip_udp_packet_receive != filter)
        pass_on[which] = ip->nx_ip_udp_packet_receive;
    edits[which] = edit;
    ip->nx_ip_udp_packet_receive = filter;
}

bool lose_all(UCHAR *bytes, ULONG *len) {
    (void)bytes;
    (void)len;
    return false;
}

UCHAR *find_message(UCHAR *bytes, ULONG len, UCHAR type) {
    ULONG at = 0;
    while (at + NX_SECURE_DTLS_RECORD_HEADER_SIZE < len) {
        ULONG record = ((ULONG)bytes[at + 11] << 8) | bytes[at + 12];
        bool clear = bytes[at + 3] == 0 && bytes[at + 4] == 0;
        ULONG message = at + NX_SECURE_DTLS_RECORD_HEADER_SIZE;
        ULONG end = message + record;
        while (clear && bytes[at] == NX_SECURE_TLS_HANDSHAKE && message + 12 <= end && end <= len) {
            ULONG body =
                ((ULONG)bytes[message + 9] << 16) | ((ULONG)bytes[message + 10] << 8) | bytes[message + 11];
            if (bytes[message] == type)
                return bytes + message;
            message += 12 + body;
        }
        at = end;
    }
    return NULL;
}

void send_raw(NX_UDP_SOCKET *socket, NXD_ADDRESS address, UINT port, const void *bytes, ULONG len) {
    NX_PACKET *packet;
    NX_PACKET_POOL *pool = socket->nx_udp_socket_ip_ptr->nx_ip_default_packet_pool;
    CHECK_CODE(nx_packet_allocate(pool, &packet, NX_UDP_PACKET, NX_NO_WAIT), NX_SUCCESS);
    CHECK_CODE(nx_packet_data_append(packet, (VOID *)(uintptr_t)bytes, len, pool, NX_NO_WAIT), NX_SUCCESS);
    CHECK_CODE(nxd_udp_socket_send(socket, packet, &address, port), NX_SUCCESS);
}
