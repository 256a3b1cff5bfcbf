/* SPDX-License-Identifier: MIT
 *
 * Thirty-two client threads against a server of eight slots, while other threads,
 * of ThreadX and of POSIX, send, receive, end, reset and stop in between. What a
 * call answers is not judged: that nothing breaks, that sessions come about all
 * the same, and that every packet is back in the end.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "nx_secure_dtls_api.h"
#include "nx_secure_host.h"
#include "support.h"

extern const NX_SECURE_TLS_CRYPTO nx_crypto_tls_ciphers_ecc;

#define CLIENTS    32u
#define SLOTS      8u
#define WORKERS    8u
#define GUESTS     4u
#define PORT       4433u
#define METADATA   9000u
#define REASSEMBLY 4000u

typedef struct racing_client {
    NX_UDP_SOCKET socket;
    NX_SECURE_DTLS_SESSION session;
    UCHAR metadata[METADATA];
    UCHAR reassembly[REASSEMBLY];
    unsigned random;
} racing_client;

/* Virtual time leaves POSIX threads little; in real time they come between all the others, and waits are
 * short. */
typedef struct race_kind {
    tx_host_time time;
    unsigned rounds; /* of each client */
    ULONG patience;  /* ticks */
    unsigned least;  /* sessions that the server has taken in the end */
    unsigned num_guests;
    bool tells_first; /* and slots are soon idle */
} race_kind;

static const race_kind in_virtual_time = {TX_HOST_TIME_VIRTUAL, 96, 3 * NX_IP_PERIODIC_RATE, 1000, 0, false};
static const race_kind in_real_time = {TX_HOST_TIME_REAL, 24, 15, 100, GUESTS, false};
static const race_kind telling_first = {TX_HOST_TIME_VIRTUAL, 96, 3 * NX_IP_PERIODIC_RATE, 1000, 0, true};
static const race_kind telling_first_in_real_time = {TX_HOST_TIME_REAL, 24, 15, 100, GUESTS, true};

static const race_kind *kind;
static NX_IP *server_ip;
static NX_IP *client_ip;
static NX_SECURE_DTLS_SERVER server;
static NX_SECURE_DTLS_SESSION *slots;
static racing_client *clients;
static TX_SEMAPHORE connected;
static TX_SEMAPHORE done;
static NX_SECURE_DTLS_SESSION *queue[256];
static unsigned num_queued;
static unsigned num_taken;
static unsigned num_established;
static unsigned num_echoed;
static atomic_bool over;
static atomic_uint num_from_outside;
static tx_host_kernel *kernel;
static NXD_ADDRESS server_at = {.nxd_ip_version = NX_IP_VERSION_V4,
                                .nxd_ip_address.v4 = IP_ADDRESS(1, 2, 3, 4)};

/* xorshift: the same race again for the same order of threads. */
static unsigned draw(unsigned *state, unsigned below) {
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state % below;
}

static UINT connect_notify(NX_SECURE_DTLS_SESSION *session, NXD_ADDRESS *address, UINT port) {
    (void)address;
    (void)port;
    queue[num_queued++ % 256] = session;
    tx_semaphore_put(&connected);
    return NX_SUCCESS;
}

static UINT receive_notify(NX_SECURE_DTLS_SESSION *session) {
    UINT port;
    UINT local;
    NXD_ADDRESS address;
    (void)nx_secure_dtls_session_client_info_get(session, &address, &port, &local);
    return NX_SUCCESS;
}

static UINT error_notify(NX_SECURE_DTLS_SESSION *session, UINT code) {
    (void)session;
    (void)code;
    return NX_SUCCESS;
}

static void send_one(NX_SECURE_DTLS_SESSION *session, NX_PACKET_POOL *pool, unsigned len) {
    static UCHAR bytes[1000];
    NX_PACKET *packet;
    if (nx_secure_dtls_packet_allocate(session, pool, &packet, NX_NO_WAIT) != NX_SUCCESS)
        return;
    if (nx_packet_data_append(packet, bytes, len, pool, NX_NO_WAIT) != NX_SUCCESS ||
        nx_secure_dtls_server_session_send(session, packet) != NX_SUCCESS)
        nx_packet_release(packet);
}

static bool receive_one(NX_SECURE_DTLS_SESSION *session, ULONG wait_option) {
    NX_PACKET *packet;
    if (nx_secure_dtls_session_receive(session, &packet, wait_option) != NX_SUCCESS)
        return false;
    nx_packet_release(packet);
    return true;
}

/* --- Those that interfere. --- */

static void interfere(NX_SECURE_DTLS_SESSION *session, NX_PACKET_POOL *pool, unsigned *random) {
    switch (draw(random, 12)) {
    case 0:
        nx_secure_dtls_session_reset(session);
        break;
    case 1:
        nx_secure_dtls_session_end(session, draw(random, 3));
        break;
    case 2:
    case 3:
    case 4:
        (void)receive_one(session, draw(random, 3));
        break;
    default:
        send_one(session, pool, 1 + draw(random, 1000));
        break;
    }
}

static void interfere_anywhere(unsigned *random) {
    if (draw(random, 2) == 0)
        interfere(&slots[draw(random, SLOTS)], server_ip->nx_ip_default_packet_pool, random);
    else
        interfere(&clients[draw(random, CLIENTS)].session, client_ip->nx_ip_default_packet_pool, random);
}

/* --- The server's threads. --- */

static void echo_until_the_end(NX_SECURE_DTLS_SESSION *session) {
    NX_PACKET *packet;
    while (nx_secure_dtls_session_receive(session, &packet, kind->patience) == NX_SUCCESS) {
        if (nx_secure_dtls_server_session_send(session, packet) != NX_SUCCESS)
            nx_packet_release(packet);
        else
            num_echoed++;
    }
}

static VOID work(ULONG input) {
    (void)input;
    while (!atomic_load(&over)) {
        if (tx_semaphore_get(&connected, 50) != TX_SUCCESS)
            continue;
        NX_SECURE_DTLS_SESSION *session = queue[num_taken++ % 256];
        if (nx_secure_dtls_server_session_start(session, kind->patience) == NX_SUCCESS)
            echo_until_the_end(session);
        nx_secure_dtls_session_end(session, 5);
    }
    tx_semaphore_put(&done);
}

/* --- The clients'. --- */

static void make_session(racing_client *client) {
    CHECK_CODE(nx_secure_dtls_session_create(&client->session, &nx_crypto_tls_ciphers_ecc, client->metadata,
                                             METADATA, client->reassembly, REASSEMBLY, 0, NX_NULL, 0),
               NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_psk_add(&client->session, (UCHAR *)"0123456789abcdef", 16, (UCHAR *)"racer", 5,
                                      (UCHAR *)"", 0),
               NX_SUCCESS);
}

static void use_session(racing_client *client) {
    unsigned num = draw(&client->random, 4);
    for (unsigned i = 0; i < num; i++)
        send_one(&client->session, client_ip->nx_ip_default_packet_pool, 1 + draw(&client->random, 1000));
    for (unsigned i = 0; i < num && receive_one(&client->session, 20); i++)
        num_established++;
}

static VOID race(ULONG which) {
    racing_client *client = &clients[which];
    for (unsigned round = 0; round < kind->rounds; round++) {
        UINT wait = draw(&client->random, 8) == 0 ? 1 : kind->patience;
        if (nx_secure_dtls_client_session_start(&client->session, &client->socket, &server_at, PORT, wait) ==
            NX_SUCCESS) {
            num_established++;
            use_session(client);
        }
        if (draw(&client->random, 4) == 0)
            interfere_anywhere(&client->random);
        if (draw(&client->random, 4) == 0)
            tx_thread_sleep(1);
        if (draw(&client->random, 4) != 0)
            nx_secure_dtls_session_end(&client->session, draw(&client->random, 10));
        else
            nx_secure_dtls_session_reset(&client->session);
        if (draw(&client->random, 16) == 0 && nx_secure_dtls_session_delete(&client->session) == NX_SUCCESS)
            make_session(client);
    }
    tx_semaphore_put(&done);
}

static VOID disturb(ULONG input) {
    unsigned random = input + 1;
    for (unsigned turn = 1; !atomic_load(&over); turn++) {
        interfere_anywhere(&random);
        if (turn % 64 == 0) {
            nx_secure_dtls_server_stop(&server);
            CHECK_CODE(nx_secure_dtls_server_start(&server), NX_SUCCESS);
        }
        tx_thread_sleep(1 + draw(&random, 20));
    }
    tx_semaphore_put(&done);
}

static void *disturb_from_outside(void *input) {
    unsigned random = 1000 + (unsigned)(uintptr_t)input;
    tx_host_kernel_use(kernel);
    while (!atomic_load(&over)) {
        interfere_anywhere(&random);
        atomic_fetch_add(&num_from_outside, 1);
    }
    tx_semaphore_put(&done);
    return NULL;
}

/* --- The race. --- */

static void make_server(void) {
    slots = netx_test_memory(SLOTS * sizeof *slots);
    memset(&server, 0, sizeof server);
    CHECK_CODE(nx_secure_dtls_server_create(
                   &server, server_ip, PORT, NX_IP_PERIODIC_RATE, slots, SLOTS * (UINT)sizeof *slots,
                   &nx_crypto_tls_ciphers_ecc, netx_test_memory(SLOTS * METADATA), SLOTS * METADATA,
                   netx_test_memory(SLOTS * REASSEMBLY), SLOTS * REASSEMBLY, connect_notify, receive_notify),
               NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_server_psk_add(&server, (UCHAR *)"0123456789abcdef", 16, (UCHAR *)"racer", 5,
                                             (UCHAR *)"", 0),
               NX_SUCCESS);
    CHECK_CODE(nx_secure_dtls_server_notify_set(&server, receive_notify, error_notify), NX_SUCCESS);
    if (kind->tells_first) {
        CHECK_CODE(nx_host_dtls_server_connect_notify_first_set(&server, NX_TRUE), NX_SUCCESS);
        CHECK_CODE(nx_host_dtls_server_idle_limit_set(&server, 2), NX_SUCCESS);
    }
    CHECK_CODE(nx_secure_dtls_server_start(&server), NX_SUCCESS);
}

static void make_clients(void) {
    clients = netx_test_memory(CLIENTS * sizeof *clients);
    for (ULONG i = 0; i < CLIENTS; i++) {
        clients[i].random = i + 1;
        CHECK_CODE(nx_udp_socket_create(client_ip, &clients[i].socket, NULL, 0, 0, 0x80, 16), NX_SUCCESS);
        CHECK_CODE(nx_udp_socket_bind(&clients[i].socket, NX_ANY_PORT, 0), NX_SUCCESS);
        make_session(&clients[i]);
    }
}

static void end_all(void) {
    nx_secure_dtls_server_stop(&server);
    CHECK_CODE(nx_secure_dtls_server_delete(&server), NX_SUCCESS);
    for (ULONG i = 0; i < CLIENTS; i++) {
        CHECK_CODE(nx_secure_dtls_session_delete(&clients[i].session), NX_SUCCESS);
        CHECK_CODE(nx_udp_socket_unbind(&clients[i].socket), NX_SUCCESS);
        CHECK_CODE(nx_udp_socket_delete(&clients[i].socket), NX_SUCCESS);
    }
    CHECK_CODE(nx_ip_delete(client_ip), NX_SUCCESS);
    CHECK_CODE(nx_ip_delete(server_ip), NX_SUCCESS);
}

static void wait_for(unsigned num) {
    while (num-- > 0)
        CHECK_CODE(tx_semaphore_get(&done, TX_WAIT_FOREVER), TX_SUCCESS);
}

static void run_race(void) {
    pthread_t guests[GUESTS];
    kernel = tx_host_kernel_used();
    num_queued = num_taken = num_established = num_echoed = 0;
    atomic_store(&over, false);
    atomic_store(&num_from_outside, 0);
    memset(&connected, 0, sizeof connected);
    memset(&done, 0, sizeof done);
    CHECK_CODE(tx_semaphore_create(&connected, NULL, 0), TX_SUCCESS);
    CHECK_CODE(tx_semaphore_create(&done, NULL, 0), TX_SUCCESS);
    server_ip = netx_test_ip(IP_ADDRESS(1, 2, 3, 4));
    client_ip = netx_test_ip(IP_ADDRESS(1, 2, 3, 5));
    make_server();
    make_clients();
    for (ULONG i = 0; i < WORKERS; i++)
        netx_test_thread(9 + i % 3, work, i);
    for (ULONG i = 0; i < CLIENTS; i++)
        netx_test_thread(9 + i % 5, race, i);
    netx_test_thread(5, disturb, 1);
    netx_test_thread(20, disturb, 2);
    for (uintptr_t i = 0; i < kind->num_guests; i++)
        CHECK(pthread_create(&guests[i], NULL, disturb_from_outside, (void *)i) == 0);
    wait_for(CLIENTS);
    atomic_store(&over, true);
    wait_for(WORKERS + 2 + kind->num_guests);
    for (unsigned i = 0; i < kind->num_guests; i++)
        pthread_join(guests[i], NULL);
    print_message(
        "%u sessions and echoes in %u rounds; the server took %u, echoed %u; ticks: %u; %u from outside\n",
        num_established, CLIENTS * kind->rounds, num_taken, num_echoed, netx_test_ticks(),
        atomic_load(&num_from_outside));
    CHECK(num_taken >= kind->least && num_echoed > 0);
    CHECK(atomic_load(&num_from_outside) >= 10 * kind->num_guests);
    end_all();
}

static void races(void **state) {
    kind = *state;
    netx_test_run_at(kind->time, run_race);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(races, (void *)(uintptr_t)&in_virtual_time),
        cmocka_unit_test_prestate(races, (void *)(uintptr_t)&in_real_time),
        cmocka_unit_test_prestate(races, (void *)(uintptr_t)&telling_first),
        cmocka_unit_test_prestate(races, (void *)(uintptr_t)&telling_first_in_real_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
