/* SPDX-License-Identifier: MIT */
#include "netx_world.h"

#include "netx/secure/session.h"
#include "null_crypto.h"
#include "support/authority.h"

#define METADATA      9000
#define REASSEMBLY    2000
#define PAYLOAD       1536
#define SMALL_PAYLOAD 240
#define ODD           1 /* buffers are not aligned */

struct netx_world *world;

extern const NX_SECURE_TLS_CRYPTO nx_crypto_tls_ciphers_ecc;

/* In the place of secure/provider.c. */
const dtls_crypto *netx_session_crypto(void) {
    return &null_crypto;
}

/* --- Memory of the program, each block of its own. --- */

static struct {
    UCHAR *packets[2];
    UCHAR *slots;
    UCHAR *server_metadata;
    UCHAR *server_reassembly;
    UCHAR *certificates;
    UCHAR *metadata[NUM_CLIENTS];
    UCHAR *reassembly[NUM_CLIENTS];
    dtls_span der;
    char *key; /* PEM */
} memory;

static const ULONG pool_size = NUM_PACKETS * (PAYLOAD + (ULONG)sizeof(NX_PACKET)) + ODD;
static const ULONG slots_size = NUM_SLOTS * (ULONG)sizeof(NX_SECURE_DTLS_SESSION);

static UCHAR *block(size_t len) {
    UCHAR *bytes = malloc(len + ODD);
    fuzz_check(bytes != NULL);
    memset(bytes, GARBAGE, len + ODD);
    return bytes;
}

static void make_memory(void) {
    if (memory.slots != NULL)
        return;
    for (unsigned i = 0; i < 2; i++)
        memory.packets[i] = block(pool_size);
    memory.slots = block(slots_size);
    memory.server_metadata = block(NUM_SLOTS * METADATA);
    memory.server_reassembly = block(NUM_SLOTS * REASSEMBLY);
    memory.certificates = block(NUM_SLOTS * METADATA);
    for (unsigned i = 0; i < NUM_CLIENTS; i++) {
        memory.metadata[i] = block(METADATA);
        memory.reassembly[i] = block(REASSEMBLY);
    }
    struct test_identity identity =
        test_issue(&(struct test_request){.common_name = "fuzz", .authority = true});
    memory.der = test_certificate_der(&identity);
    memory.key = test_key_pem(&identity);
    test_identity_free(&identity);
}

/* --- Workers: they start sessions and receive. --- */

static struct {
    TX_THREAD threads[NUM_WORKERS];
    NX_SECURE_DTLS_SESSION *sessions[16];
    unsigned first;
    unsigned num;
    TX_SEMAPHORE there;
} work;
static NX_SECURE_X509_CERT certificates[4 + NUM_CLIENTS];

static void tell_workers(NX_SECURE_DTLS_SESSION *session) {
    if (work.num == 16)
        return;
    work.sessions[(work.first + work.num++) % 16] = session;
    tx_semaphore_put(&work.there);
}

static VOID serve(ULONG wait) {
    for (;;) {
        if (tx_semaphore_get(&work.there, TX_WAIT_FOREVER) != TX_SUCCESS || work.num == 0)
            continue;
        NX_SECURE_DTLS_SESSION *session = work.sessions[work.first];
        work.first = (work.first + 1) % 16;
        work.num--;
        (void)nx_secure_dtls_server_session_start(session, wait);
        netx_receive(session, wait);
    }
}

static void start_worker(unsigned which) {
    memset(&work.threads[which], GARBAGE, sizeof work.threads[which]);
    fuzz_check(tx_thread_create(&work.threads[which], NULL, serve, which == 0 ? 300 : 3, NULL, 0,
                                MAIN_PRIORITY - 1 + 2 * which, MAIN_PRIORITY - 1 + 2 * which,
                                TX_NO_TIME_SLICE, TX_AUTO_START) == TX_SUCCESS);
}

void netx_change_worker(unsigned which, unsigned how) {
    TX_THREAD *thread = &work.threads[which];
    if (how % 4 == 0) {
        fuzz_check(tx_thread_terminate(thread) == TX_SUCCESS);
        fuzz_check(tx_thread_delete(thread) == TX_SUCCESS);
        start_worker(which);
    } else if (how % 4 == 1) {
        (void)tx_thread_wait_abort(thread);
    } else if (how % 4 == 2) {
        fuzz_check(tx_thread_suspend(thread) == TX_SUCCESS);
    } else {
        UINT status = tx_thread_resume(thread);
        fuzz_check(status == TX_SUCCESS || status == TX_SUSPEND_LIFTED);
    }
}

/* --- What is done with sessions. --- */

void netx_send(unsigned side, NX_SECURE_DTLS_SESSION *session, ULONG len) {
    static UCHAR text[8 * 256];
    NX_PACKET *packet;
    NX_PACKET_POOL *pool = &world->pools[side];
    if (nx_secure_dtls_packet_allocate(session, pool, &packet, NX_NO_WAIT) != NX_SUCCESS)
        return;
    if (len > 0 && nx_packet_data_append(packet, text, len, pool, NX_NO_WAIT) != NX_SUCCESS) {
        nx_packet_release(packet);
        return;
    }
    UCHAR *prepend = packet->nx_packet_prepend_ptr;
    if (nx_secure_dtls_server_session_send(session, packet) == NX_SUCCESS)
        return;
    fuzz_check(packet->nx_packet_prepend_ptr == prepend && packet->nx_packet_length == len);
    nx_packet_release(packet);
}

void netx_receive(NX_SECURE_DTLS_SESSION *session, ULONG wait) {
    NX_PACKET *packet;
    UINT status = nx_secure_dtls_session_receive(session, &packet, wait);
    fuzz_check((status == NX_SUCCESS) == (packet != NULL));
    if (packet == NULL)
        return;
    fuzz_check(packet->nx_packet_length > 0);
    for (NX_PACKET *part = packet; part != NULL; part = part->nx_packet_next)
        fuzz_check(part->nx_packet_prepend_ptr >= part->nx_packet_data_start &&
                   part->nx_packet_append_ptr <= part->nx_packet_data_end);
    fuzz_check(nx_packet_release(packet) == NX_SUCCESS);
}

void netx_act(enum hook_act act, NX_SECURE_DTLS_SESSION *session) {
    switch (act) {
    case ACT_USUAL:
        tell_workers(session);
        break;
    case ACT_START:
        (void)nx_secure_dtls_server_session_start(session, NX_NO_WAIT);
        break;
    case ACT_RECEIVE:
        netx_receive(session, NX_NO_WAIT);
        break;
    case ACT_SEND:
        netx_send(0, session, 10);
        break;
    case ACT_END:
        (void)nx_secure_dtls_session_end(session, 2);
        break;
    case ACT_RESET:
        (void)nx_secure_dtls_session_reset(session);
        break;
    case ACT_DELETE:
        (void)nx_secure_dtls_session_delete(session);
        break;
    case ACT_SLEEP:
        tx_thread_sleep(3);
        break;
    case ACT_STOP:
        (void)nx_secure_dtls_server_stop(&world->server);
        break;
    case ACT_DELETE_SERVER:
        netx_delete_server();
        break;
    case ACT_MAKE_SERVER:
        netx_delete_server();
        netx_make_server();
        break;
    default:
        break;
    }
}

/* --- Callbacks. --- */

static UINT on_connect(NX_SECURE_DTLS_SESSION *session, NXD_ADDRESS *address, UINT port) {
    fuzz_check(address->nxd_ip_version == NX_IP_VERSION_V4 && port != 0);
    fuzz_check(nx_secure_dtls_session_client_info_get(session, NULL, NULL, NULL) == NX_SUCCESS);
    netx_act(world->acts[HOOK_CONNECT], session);
    return NX_SUCCESS;
}

static UINT on_receive(NX_SECURE_DTLS_SESSION *session) {
    netx_act(world->acts[HOOK_RECEIVE], session);
    return NX_SUCCESS;
}

static UINT on_disconnect(NX_SECURE_DTLS_SESSION *session) {
    netx_act(world->acts[HOOK_DISCONNECT], session);
    return NX_SUCCESS;
}

static UINT on_error(NX_SECURE_DTLS_SESSION *session, UINT code) {
    fuzz_check(code != NX_SUCCESS);
    netx_act(world->acts[HOOK_ERROR], session);
    return NX_SUCCESS;
}

static ULONG on_certificate(NX_SECURE_TLS_SESSION *inner, NX_SECURE_X509_CERT *certificate) {
    fuzz_check(certificate != NULL);
    netx_act(world->acts[HOOK_CERTIFICATE],
             (NX_SECURE_DTLS_SESSION *)(void *)((UCHAR *)inner - offsetof(NX_SECURE_DTLS_SESSION,
                                                                          nx_secure_dtls_tls_session)));
    return world->acts[HOOK_CERTIFICATE] == ACT_NOTHING;
}

static ULONG on_clock(VOID) {
    netx_act(world->acts[HOOK_CLOCK] == ACT_USUAL ? ACT_NOTHING : world->acts[HOOK_CLOCK], netx_slot(0));
    return world->acts[HOOK_CLOCK] == ACT_NOTHING ? 0 : 1767225600;
}

/* --- The network. --- */

static void keep(const UCHAR *bytes, ULONG len) {
    unsigned at = world->next_kept++ % NUM_KEPT;
    world->kept[at].len = len < LONGEST_KEPT ? len : LONGEST_KEPT;
    memcpy(world->kept[at].bytes, bytes, world->kept[at].len);
}

static VOID pass(NX_IP *ip, NX_PACKET *packet) {
    unsigned side = ip == &world->ips[1];
    enum fate fate = world->fates[side].times > 0 ? world->fates[side].fate : FATE_PASS;
    unsigned argument = world->fates[side].argument;
    UCHAR *bytes = packet->nx_packet_prepend_ptr + sizeof(NX_UDP_HEADER);
    ULONG len = (ULONG)(packet->nx_packet_append_ptr - bytes);
    if (world->fates[side].times > 0)
        world->fates[side].times--;
    keep(bytes, len);
    NX_PACKET *copy;
    if (fate == FATE_CHANGE && len > 0)
        bytes[argument % len] ^= (UCHAR)(1 + argument / 7);
    if (fate == FATE_CUT && packet->nx_packet_next == NULL && len > 0) {
        packet->nx_packet_length -= argument % len;
        packet->nx_packet_append_ptr -= argument % len;
    }
    if (fate == FATE_TWICE && nx_packet_copy(packet, &copy, ip->nx_ip_default_packet_pool, 0) == NX_SUCCESS)
        _nx_udp_packet_receive(ip, copy);
    if (fate == FATE_DROP)
        nx_packet_release(packet);
    else
        _nx_udp_packet_receive(ip, packet);
}

/* --- Making and ending. --- */

static UCHAR psk[16] = "0123456789abcdef";
static UCHAR identity[2] = "id";

static NX_SECURE_X509_CERT *certificate(unsigned which, bool with_key) {
    fuzz_check(nx_secure_x509_certificate_initialize(
                   &certificates[which], memory.der.data, (USHORT)memory.der.len, NULL, 0,
                   with_key ? (const UCHAR *)memory.key : NULL, with_key ? (USHORT)strlen(memory.key) : 0,
                   with_key ? NX_SECURE_X509_KEY_TYPE_EC_DER : 0) == NX_SUCCESS);
    return &certificates[which];
}

static unsigned settings_of_world;

void netx_make_server(void) {
    UINT status = nx_secure_dtls_server_create(
        &world->server, &world->ips[0], SERVER_PORT, 2, memory.slots + ODD, slots_size - ODD + 7,
        &nx_crypto_tls_ciphers_ecc, memory.server_metadata + ODD, NUM_SLOTS * METADATA,
        memory.server_reassembly + ODD, NUM_SLOTS * REASSEMBLY, on_connect, on_receive);
    if (status != NX_SUCCESS)
        return; /* it is there */
    (void)nx_secure_dtls_server_notify_set(&world->server, on_disconnect, on_error);
    if ((settings_of_world & SERVER_KEY) != 0)
        fuzz_check(nx_secure_dtls_server_psk_add(&world->server, psk, sizeof psk, identity, 2, NULL, 0) ==
                   NX_SUCCESS);
    if ((settings_of_world & SERVER_CERTIFICATE) != 0)
        fuzz_check(nx_secure_dtls_server_local_certificate_add(&world->server, certificate(0, true), 1) ==
                   NX_SUCCESS);
    if ((settings_of_world & ASKS_CLIENTS) != 0) {
        fuzz_check(nx_secure_dtls_server_trusted_certificate_add(&world->server, certificate(1, false), 2) ==
                   NX_SUCCESS);
        fuzz_check(nx_secure_dtls_server_x509_client_verify_configure(
                       &world->server, 2, memory.certificates + ODD, NUM_SLOTS * METADATA) == NX_SUCCESS);
        for (unsigned i = 0; i < world->server.nx_dtls_server_sessions_count; i++)
            (void)nx_secure_tls_session_certificate_callback_set(&netx_slot(i)->nx_secure_dtls_tls_session,
                                                                 on_certificate);
    }
    for (unsigned i = 0; i < world->server.nx_dtls_server_sessions_count && (settings_of_world & CLOCK) != 0;
         i++)
        (void)nx_secure_tls_session_time_function_set(&netx_slot(i)->nx_secure_dtls_tls_session, on_clock);
    if ((settings_of_world & NOTIFY_FIRST) != 0)
        fuzz_check(nx_host_dtls_server_connect_notify_first_set(&world->server, NX_TRUE) == NX_SUCCESS);
    if ((settings_of_world & SHORT_LIMIT) != 0)
        fuzz_check(nx_host_dtls_server_idle_limit_set(&world->server, 20) == NX_SUCCESS);
    (void)nx_secure_dtls_server_start(&world->server);
}

void netx_delete_server(void) {
    if (!netx_server_is_created(&world->server))
        return;
    (void)nx_secure_dtls_server_stop(&world->server);
    fuzz_check(nx_secure_dtls_server_delete(&world->server) == NX_SUCCESS);
    memset(&world->server, GARBAGE, sizeof world->server);
    memset(memory.slots, GARBAGE, slots_size);
}

NX_SECURE_DTLS_SESSION *netx_slot(unsigned which) {
    if (!netx_server_is_created(&world->server))
        return NULL;
    return &world->server.nx_dtls_server_sessions[which % world->server.nx_dtls_server_sessions_count];
}

void netx_make_client(unsigned which) {
    struct netx_client *client = &world->clients[which];
    if (netx_session_is_created(&client->session))
        return;
    fuzz_check(nx_udp_socket_create(&world->ips[1], &client->socket, NULL, 0, 0, 0x80, 8) == NX_SUCCESS);
    fuzz_check(nx_udp_socket_bind(&client->socket, 5000 + which, NX_NO_WAIT) == NX_SUCCESS);
    fuzz_check(nx_secure_dtls_session_create(
                   &client->session, &nx_crypto_tls_ciphers_ecc, memory.metadata[which] + ODD, METADATA,
                   memory.reassembly[which] + ODD, REASSEMBLY, 0, NULL, 0) == NX_SUCCESS);
    if ((settings_of_world & CLIENT_KEY) != 0)
        (void)nx_secure_dtls_psk_add(&client->session, psk, sizeof psk, identity, 2, NULL, 0);
    if ((settings_of_world & CLIENT_TRUST) != 0)
        (void)nx_secure_dtls_session_trusted_certificate_add(&client->session, certificate(4 + which, true),
                                                             1);
}

void netx_delete_client(unsigned which) {
    struct netx_client *client = &world->clients[which];
    (void)nx_secure_dtls_session_delete(&client->session);
    (void)nx_udp_socket_unbind(&client->socket);
    (void)nx_udp_socket_delete(&client->socket);
    memset(client, GARBAGE, sizeof *client);
}

static void make_hosts(void) {
    for (unsigned i = 0; i < 2; i++) {
        bool small = (settings_of_world & (i == 0 ? SMALL_SERVER : SMALL_CLIENTS)) != 0;
        fuzz_check(nx_packet_pool_create(&world->pools[i], NULL, small ? SMALL_PAYLOAD : PAYLOAD,
                                         memory.packets[i] + ODD, pool_size) == NX_SUCCESS);
        fuzz_check(nx_ip_create(&world->ips[i], NULL, IP_ADDRESS(1, 2, 3, 4 + i), 0xFFFFFF00u,
                                &world->pools[i], _nx_ram_network_driver_1500, NULL, 0, 1) == NX_SUCCESS);
        fuzz_check(nx_udp_enable(&world->ips[i]) == NX_SUCCESS);
        world->ips[i].nx_ip_udp_packet_receive = pass;
    }
}

void netx_world_make(unsigned settings) {
    make_memory();
    world = malloc(sizeof *world);
    fuzz_check(world != NULL);
    memset(world, GARBAGE, sizeof *world);
    memset(world->acts, 0, sizeof *world - offsetof(struct netx_world, acts));
    memset(&work, 0, sizeof work);
    settings_of_world = settings;
    make_hosts();
    nx_host_inline_delivery_set((settings & INLINE) != 0);
    fuzz_check(tx_semaphore_create(&work.there, NULL, 0) == TX_SUCCESS);
    for (unsigned i = 0; i < NUM_WORKERS; i++)
        start_worker(i);
    netx_make_server();
    for (unsigned i = 0; i < NUM_CLIENTS; i++)
        netx_make_client(i);
}

void netx_world_end(void) {
    memset(world->acts, 0, sizeof world->acts);
    while (world->taken != NULL) {
        NX_PACKET *packet = world->taken;
        world->taken = packet->nx_packet_queue_next;
        fuzz_check(nx_packet_release(packet) == NX_SUCCESS);
    }
    for (unsigned i = 0; i < NUM_CLIENTS; i++)
        netx_delete_client(i);
    netx_delete_server();
    for (unsigned i = 0; i < NUM_WORKERS; i++)
        (void)tx_thread_resume(&work.threads[i]);
    tx_thread_sleep(400);
    netx_delete_server(); /* a callback that was under way may have made it once more */
    tx_thread_sleep(400);
    for (unsigned i = 0; i < 2; i++)
        fuzz_check(world->pools[i].nx_packet_pool_available == world->pools[i].nx_packet_pool_total);
    world->finished = true;
}
