/* SPDX-License-Identifier: MIT
 *
 * The services, as a program calls them: a client and a server on two IP
 * instances of one kernel. In one thread nobody waits and datagrams are
 * delivered from within the call that sends them.
 */
#include <string.h>

#include "netx.h"
#include "nx_host.h"
#include "nx_secure_dtls_api.h"
#include "nx_secure_host.h"
#include "tx_host.h"

#define POOL_PACKETS   16
#define PAYLOAD        1700
#define POOL_SIZE      (POOL_PACKETS * (PAYLOAD + sizeof(NX_PACKET)))
#define SERVER_PORT    4433
#define CLIENT_ADDRESS IP_ADDRESS(10, 0, 0, 2)
#define SERVER_ADDRESS IP_ADDRESS(10, 0, 0, 1)

/* One end's surroundings. */
struct host {
    NX_PACKET_POOL pool;
    NX_IP ip;
    UCHAR pool_memory[POOL_SIZE];
    UCHAR metadata[12000];
    UCHAR reassembly[4000];
};

static struct host client_host;
static struct host server_host;
static NX_UDP_SOCKET client_socket;
static NX_SECURE_DTLS_SESSION clients[NETX_BENCH_KINDS];
static NX_SECURE_DTLS_SERVER servers[NETX_BENCH_KINDS];
static NX_SECURE_DTLS_SESSION server_sessions[NETX_BENCH_KINDS];
static NX_SECURE_TLS_CRYPTO tables[NETX_BENCH_KINDS];
static NX_SECURE_X509_CERT certificate;
static NX_SECURE_X509_CERT anchor;
static NX_SECURE_DTLS_SESSION *client;
static NX_SECURE_DTLS_SESSION *server;
static NX_SECURE_DTLS_SESSION *arrived;

static void need(UINT status, const char *what) {
    netx_bench_need(status == NX_SUCCESS, what);
}

static UINT connect_notify(NX_SECURE_DTLS_SESSION *session, NXD_ADDRESS *address, UINT port) {
    (void)address;
    (void)port;
    arrived = session;
    return NX_SUCCESS;
}

static UINT receive_notify(NX_SECURE_DTLS_SESSION *session) {
    (void)session;
    return NX_SUCCESS;
}

static void make_host(struct host *host, ULONG address) {
    need(nx_packet_pool_create(&host->pool, (CHAR *)"pool", PAYLOAD, host->pool_memory,
                               sizeof host->pool_memory),
         "services: pool");
    need(nx_ip_create(&host->ip, (CHAR *)"ip", address, 0xFFFFFF00, &host->pool, _nx_ram_network_driver_1500,
                      NULL, 0, 1),
         "services: IP instance");
    need(nx_udp_enable(&host->ip), "services: UDP");
}

static UCHAR *writable(dtls_span bytes) {
    return (UCHAR *)(uintptr_t)bytes.data;
}

static void give_credentials(enum netx_bench_kind kind) {
    NX_SECURE_DTLS_SESSION *session = &clients[kind];
    if (kind == NETX_BENCH_ECDSA) {
        need(nx_secure_dtls_server_local_certificate_add(&servers[kind], &certificate, 1),
             "services: certificate");
        need(nx_secure_dtls_session_trusted_certificate_add(session, &anchor, 1), "services: anchor");
        return;
    }
    UCHAR *key = (UCHAR *)(uintptr_t)netx_bench_psk;
    UCHAR *identity = (UCHAR *)(uintptr_t)netx_bench_identity;
    need(nx_secure_dtls_psk_add(session, key, sizeof netx_bench_psk, identity, sizeof netx_bench_identity,
                                identity, 0),
         "services: client's key");
    need(nx_secure_dtls_server_psk_add(&servers[kind], key, sizeof netx_bench_psk, identity,
                                       sizeof netx_bench_identity, identity, 0),
         "services: server's key");
}

static void make_pair(enum netx_bench_kind kind) {
    static UCHAR metadata[NETX_BENCH_KINDS][2][12000];
    static UCHAR reassembly[NETX_BENCH_KINDS][2][4000];
    static USHORT suites[NETX_BENCH_KINDS];
    suites[kind] = netx_bench_suites[kind];
    need(nx_host_crypto_table_make(&tables[kind], &suites[kind], 1, NX_FALSE), "services: table");
    need(nx_secure_dtls_session_create(&clients[kind], &tables[kind], metadata[kind][0],
                                       sizeof metadata[kind][0], reassembly[kind][0],
                                       sizeof reassembly[kind][0], 0, NULL, 0),
         "services: session");
    need(nx_secure_dtls_server_create(&servers[kind], &server_host.ip, SERVER_PORT + (UINT)kind,
                                      NX_IP_PERIODIC_RATE, &server_sessions[kind],
                                      sizeof server_sessions[kind], &tables[kind], metadata[kind][1],
                                      sizeof metadata[kind][1], reassembly[kind][1],
                                      sizeof reassembly[kind][1], connect_notify, receive_notify),
         "services: server");
    give_credentials(kind);
    need(nx_secure_dtls_server_start(&servers[kind]), "services: server's start");
}

static void prepare(const struct netx_bench_credentials *credentials) {
    nx_host_inline_delivery_set(NX_TRUE);
    make_host(&client_host, CLIENT_ADDRESS);
    make_host(&server_host, SERVER_ADDRESS);
    need(nx_udp_socket_create(&client_host.ip, &client_socket, (CHAR *)"socket", NX_IP_NORMAL,
                              NX_DONT_FRAGMENT, NX_IP_TIME_TO_LIVE, POOL_PACKETS),
         "services: socket");
    need(nx_udp_socket_bind(&client_socket, NX_ANY_PORT, NX_NO_WAIT), "services: port");
    need(nx_secure_x509_certificate_initialize(
             &certificate, writable(credentials->certificate), (USHORT)credentials->certificate.len, NULL, 0,
             credentials->key.data, (USHORT)credentials->key.len, NX_SECURE_X509_KEY_TYPE_EC_DER),
         "services: certificate");
    need(nx_secure_x509_certificate_initialize(&anchor, writable(credentials->anchor),
                                               (USHORT)credentials->anchor.len, NULL, 0, NULL, 0,
                                               NX_SECURE_X509_KEY_TYPE_NONE),
         "services: anchor");
    for (int kind = 0; kind < NETX_BENCH_KINDS; kind++)
        make_pair((enum netx_bench_kind)kind);
}

static void connect_pair(enum netx_bench_kind kind) {
    NXD_ADDRESS address = {.nxd_ip_version = NX_IP_VERSION_V4, .nxd_ip_address.v4 = SERVER_ADDRESS};
    UINT at_client = NX_NO_PACKET;
    UINT at_server = NX_NO_PACKET;
    client = &clients[kind];
    arrived = NULL;
    for (int turns = 0; at_client != NX_SUCCESS || at_server != NX_SUCCESS; turns++) {
        if (at_client != NX_SUCCESS)
            at_client = nx_secure_dtls_client_session_start(client, &client_socket, &address,
                                                            SERVER_PORT + (UINT)kind, NX_NO_WAIT);
        if (arrived != NULL && at_server != NX_SUCCESS)
            at_server = nx_secure_dtls_server_session_start(arrived, NX_NO_WAIT);
        /* The client's last flight has been taken in from within the client's call. */
        if (at_server == NX_NOT_SUCCESSFUL)
            at_server = NX_SUCCESS;
        netx_bench_need(turns < 10, "services: handshake");
    }
    server = arrived;
}

static void close_pair(void) {
    need(nx_secure_dtls_session_end(client, NX_NO_WAIT), "services: client's end");
    need(nx_secure_dtls_session_end(server, NX_NO_WAIT), "services: server's end");
}

static void send_record(const uint8_t *data, size_t len) {
    NX_PACKET *packet;
    need(nx_secure_dtls_packet_allocate(client, &client_host.pool, &packet, NX_NO_WAIT), "services: packet");
    need(nx_packet_data_append(packet, (VOID *)(uintptr_t)data, (ULONG)len, &client_host.pool, NX_NO_WAIT),
         "services: append");
    need(nx_secure_dtls_client_session_send(client, packet), "services: send");
}

static void receive_record(size_t len, ULONG wait_option) {
    NX_PACKET *packet;
    need(nx_secure_dtls_session_receive(server, &packet, wait_option), "services: receive");
    netx_bench_need(packet->nx_packet_length == len, "services: length");
    nx_packet_release(packet);
}

static void carry(const uint8_t *data, size_t len) {
    send_record(data, len);
    receive_record(len, NX_NO_WAIT);
}

const struct netx_bench_subject netx_bench_services = {prepare, connect_pair, close_pair, carry};

/* --- With threads. --- */

static struct {
    TX_THREAD thread;
    TX_SEMAPHORE done;
    size_t num;
    size_t len;
} receiver;

static VOID receive_all(ULONG input) {
    (void)input;
    for (size_t i = 0; i < receiver.num; i++)
        receive_record(receiver.len, NX_WAIT_FOREVER);
    tx_semaphore_put(&receiver.done);
}

void netx_bench_carry_to_waiting(const uint8_t *data, size_t len, size_t num) {
    memset(&receiver, 0, sizeof receiver);
    receiver.num = num;
    receiver.len = len;
    nx_host_inline_delivery_set(NX_FALSE);
    need(tx_semaphore_create(&receiver.done, (CHAR *)"done", 0), "services: semaphore");
    /* More urgent than the sender: it waits again before the next record goes out. */
    need(tx_thread_create(&receiver.thread, (CHAR *)"receiver", receive_all, 0, NULL, 0, 4, 4,
                          TX_NO_TIME_SLICE, TX_AUTO_START),
         "services: thread");
    for (size_t i = 0; i < num; i++)
        send_record(data, len);
    need(tx_semaphore_get(&receiver.done, TX_WAIT_FOREVER), "services: receiver");
    need(tx_thread_delete(&receiver.thread), "services: thread's end");
    need(tx_semaphore_delete(&receiver.done), "services: semaphore's end");
    nx_host_inline_delivery_set(NX_TRUE);
}

static TX_THREAD worker;
static void (*work_of_worker)(void);

static VOID enter(ULONG input) {
    (void)input;
    work_of_worker();
    tx_host_exit(0);
}

static VOID define(VOID *memory) {
    (void)memory;
    need(tx_thread_create(&worker, (CHAR *)"bench", enter, 0, NULL, 0, 8, 8, TX_NO_TIME_SLICE, TX_AUTO_START),
         "services: thread");
}

void netx_bench_in_thread(void (*work)(void)) {
    tx_host_kernel *kernel = tx_host_kernel_create(TX_HOST_TIME_REAL);
    netx_bench_need(kernel != NULL, "services: kernel");
    work_of_worker = work;
    tx_host_run(kernel, define);
    tx_host_kernel_destroy(kernel);
}
