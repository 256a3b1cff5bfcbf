/* SPDX-License-Identifier: MIT
 *
 * libdtls as an application uses it: two connections, datagrams handed over in
 * memory, records in batches and in place.
 */
#include <string.h>

#include "bench.h"
#include "dtls/dtls.h"

/* One end of a pair. */
struct end {
    dtls_connection *connection;
    void *session_block;
    void *handshake_block;
};

struct pair {
    struct end ends[2]; /* by dtls_role */
    dtls_time now;
    enum bench_handshake kind;
    uint8_t records[BENCH_BATCH][BENCH_DATAGRAM];
    dtls_datagram datagrams[BENCH_BATCH];
};

/* What one end keeps of a session. */
struct kept {
    uint8_t state[DTLS_SESSION_STATE_SIZE];
    size_t len;
};

static dtls_libcrypto_provider provider;
static dtls_libcrypto_provider provider_with_cache;
static dtls_libcrypto_known_chain known_chains[4];
static dtls_checked_config configs[BENCH_NUM_HANDSHAKES][2];
static struct kept kept[BENCH_NUM_HANDSHAKES][2];
static struct pair the_pair;
static const struct bench_credentials *shared;
static dtls_credential credential;
static dtls_span chain[1];
static uint8_t chain_bytes[2048];
static dtls_private_key *private_key;
static dtls_trust_anchors *anchors;
static dtls_ticket_keys ticket_keys = {.aead = DTLS_AEAD_AES_256_GCM};

static void read_credentials(const struct bench_credentials *credentials) {
    credential.chain_len = 1;
    bench_need(dtls_libcrypto_chain_read((const uint8_t *)credentials->certificate_pem,
                                         strlen(credentials->certificate_pem), chain_bytes,
                                         sizeof chain_bytes, chain, &credential.chain_len) == DTLS_OK &&
                   dtls_libcrypto_private_key_read((const uint8_t *)credentials->key_pem,
                                                   strlen(credentials->key_pem), &private_key,
                                                   &credential.key_type) == DTLS_OK &&
                   dtls_libcrypto_trust_anchors_read((const uint8_t *)credentials->anchor_pem,
                                                     strlen(credentials->anchor_pem), &anchors) == DTLS_OK,
               "libdtls: credentials");
    credential.chain = chain;
    credential.private_key = private_key;
}

static dtls_config config_of(enum bench_handshake kind, dtls_role role) {
    static const dtls_protocol *const protocols[2][2] = {
        [DTLS_CLIENT] = {&dtls_client_1_2}, [DTLS_SERVER] = {&dtls_server_1_2}};
    static const dtls_cipher_suite *const ecdsa_suites[] = {&dtls_suite_ecdhe_ecdsa_aes_128_gcm_sha256, NULL};
    static const dtls_cipher_suite *const psk_suites[] = {&dtls_suite_psk_aes_128_gcm_sha256, NULL};
    static const dtls_group *const groups[] = {&dtls_group_p256, NULL};
    static const dtls_signature_scheme *const schemes[] = {&dtls_scheme_ecdsa_secp256r1_sha256, NULL};
    dtls_config config = {
        .crypto = kind == BENCH_KNOWN_CHAIN ? &provider_with_cache.crypto : &provider.crypto,
        .protocols = protocols[role],
        .cipher_suites = kind == BENCH_PSK ? psk_suites : ecdsa_suites,
        .groups = groups,
        .signature_schemes = schemes,
        .extensions = dtls_default_extensions,
        .mtu = BENCH_MTU,
    };
    if (bench_resumes(kind))
        config.resumption = role == DTLS_CLIENT ? &dtls_resumption_client : &dtls_resumption_server;
    if (role == DTLS_CLIENT) {
        config.trust_anchors = anchors;
        config.peer_name = BENCH_SERVER_NAME;
        return config;
    }
    config.credentials = kind == BENCH_PSK ? NULL : &credential;
    config.num_credentials = kind != BENCH_PSK;
    config.session_cache = kind == BENCH_RESUMED_BY_ID;
    config.ticket_keys = kind == BENCH_RESUMED_BY_TICKET ? &ticket_keys : NULL;
    return config;
}

static void prepare(const struct bench_credentials *credentials) {
    shared = credentials;
    bench_need(dtls_libcrypto_open(&provider) == DTLS_OK &&
                   dtls_libcrypto_open(&provider_with_cache) == DTLS_OK &&
                   dtls_libcrypto_remember_chains(&provider_with_cache, known_chains, 4, 3600) == DTLS_OK,
               "libdtls: provider");
    read_credentials(credentials);
    for (int kind = 0; kind < BENCH_NUM_HANDSHAKES; kind++) {
        for (int role = 0; role < 2; role++) {
            const dtls_config config = config_of((enum bench_handshake)kind, (dtls_role)role);
            bench_need(dtls_checked_config_make(&config, &configs[kind][role], NULL) == DTLS_OK,
                       "libdtls: configuration");
        }
    }
}

static void finish(void) {
    dtls_libcrypto_private_key_free(private_key);
    dtls_libcrypto_trust_anchors_free(anchors);
    dtls_libcrypto_close(&provider);
    dtls_libcrypto_close(&provider_with_cache);
}

static void end_open(struct end *end, const dtls_checked_config *config) {
    end->session_block = bench_alloc(config->session_size);
    end->handshake_block = bench_alloc(config->handshake_size);
    bench_need(dtls_connection_open_checked(config, end->session_block, config->session_size,
                                            end->handshake_block, config->handshake_size,
                                            &end->connection) == DTLS_OK,
               "libdtls: open");
}

static void end_close(struct end *end) {
    dtls_connection_wipe(end->connection);
    bench_free(end->session_block);
    bench_free(end->handshake_block);
}

static void answer(struct pair *pair, dtls_role role, const dtls_event *event) {
    dtls_connection *connection = pair->ends[role].connection;
    const struct kept *state = &kept[pair->kind][role];
    const dtls_span identity = {.data = (const uint8_t *)BENCH_PSK_IDENTITY,
                                .len = role == DTLS_CLIENT ? strlen(BENCH_PSK_IDENTITY) : 0};
    const dtls_span key = {.data = shared->psk, .len = sizeof shared->psk};
    bench_need(event->kind != DTLS_EVENT_FAILED, "libdtls: handshake");
    if (event->kind == DTLS_EVENT_LOOK_UP_PSK)
        bench_need(dtls_answer_psk(connection, pair->now, identity, key) == DTLS_OK, "libdtls: PSK");
    if (event->kind == DTLS_EVENT_LOOK_UP_SESSION)
        bench_need(dtls_answer_session(connection, pair->now, (dtls_span){state->state, state->len}) ==
                       DTLS_OK,
                   "libdtls: session");
}

/* Answers questions, then moves this end's datagrams to the other. The number moved. */
static int take_out(struct pair *pair, dtls_role role) {
    struct end *end = &pair->ends[role];
    struct end *other = &pair->ends[1 - role];
    dtls_event event;
    while (dtls_poll_event(end->connection, &event) == DTLS_OK)
        answer(pair, role, &event);
    int moved = 0;
    size_t num = 0;
    size_t taken;
    dtls_datagram *datagram = &pair->datagrams[0];
    while (dtls_poll_datagram(end->connection, pair->now, pair->records[0], BENCH_DATAGRAM, &datagram->len,
                              NULL) == DTLS_OK) {
        datagram->bytes = pair->records[0];
        bench_need(dtls_receive(other->connection, pair->now, datagram, 1, NULL, &num, &taken) == DTLS_OK,
                   "libdtls: receive");
        moved++;
    }
    return moved;
}

static void shake_hands(struct pair *pair, enum bench_handshake kind) {
    const struct kept *session = &kept[kind][DTLS_CLIENT];
    pair->kind = kind;
    pair->now = (dtls_time){.monotonic_ns = 1, .calendar_s = 1767225600};
    end_open(&pair->ends[DTLS_CLIENT], &configs[kind][DTLS_CLIENT]);
    end_open(&pair->ends[DTLS_SERVER], &configs[kind][DTLS_SERVER]);
    dtls_connection *client = pair->ends[DTLS_CLIENT].connection;
    if (session->len > 0)
        bench_need(dtls_connection_offer_session(client, pair->now,
                                                 (dtls_span){session->state, session->len}) == DTLS_OK,
                   "libdtls: offer");
    bench_need(dtls_connection_start(client, pair->now) == DTLS_OK, "libdtls: start");
    while (take_out(pair, DTLS_CLIENT) + take_out(pair, DTLS_SERVER) > 0)
        ;
    for (int role = 0; role < 2; role++) {
        struct end *end = &pair->ends[role];
        const dtls_connection_info *info = dtls_connection_get_info(end->connection);
        bench_need(info->connected && info->resumed == (session->len > 0), "libdtls: not connected");
        if (dtls_connection_take_handshake_memory(end->connection) != NULL) {
            bench_free(end->handshake_block);
            end->handshake_block = NULL;
        }
    }
}

static void disconnect(void *user) {
    struct pair *pair = user;
    end_close(&pair->ends[DTLS_CLIENT]);
    end_close(&pair->ends[DTLS_SERVER]);
}

/* A full handshake, of which the session is kept. */
static void make_session(enum bench_handshake kind) {
    shake_hands(&the_pair, kind);
    for (int role = 0; role < 2; role++) {
        struct kept *session = &kept[kind][role];
        const dtls_error error = dtls_session_export(the_pair.ends[role].connection, session->state,
                                                     sizeof session->state, &session->len);
        bench_need(error == DTLS_OK || (role == DTLS_SERVER && error == DTLS_NOTHING), "libdtls: export");
    }
    disconnect(&the_pair);
}

static void *connect_pair(enum bench_handshake kind) {
    if (bench_resumes(kind) && kept[kind][DTLS_CLIENT].len == 0)
        make_session(kind);
    shake_hands(&the_pair, kind);
    return &the_pair;
}

static void seal_in_calls_of(struct pair *pair, size_t len, size_t call) {
    dtls_record_buffer buffers[BENCH_BATCH];
    size_t done;
    for (size_t i = 0; i < BENCH_BATCH; i++)
        buffers[i] = (dtls_record_buffer){.bytes = pair->records[i], .capacity = BENCH_DATAGRAM, .len = len};
    for (size_t i = 0; i < BENCH_BATCH; i += call)
        bench_need(dtls_protect(pair->ends[DTLS_CLIENT].connection, pair->now, &buffers[i], call, &done) ==
                       DTLS_OK,
                   "libdtls: seal");
    for (size_t i = 0; i < BENCH_BATCH; i++)
        pair->datagrams[i] = (dtls_datagram){.bytes = buffers[i].bytes, .len = buffers[i].len};
}

static void seal(void *user, size_t len) {
    seal_in_calls_of(user, len, BENCH_BATCH);
}

static void seal_singly(void *user, size_t len) {
    seal_in_calls_of(user, len, 1);
}

static void open_records(void *user, size_t len) {
    struct pair *pair = user;
    dtls_plaintext plaintexts[BENCH_BATCH];
    size_t num = BENCH_BATCH;
    size_t taken;
    bench_need(dtls_receive(pair->ends[DTLS_SERVER].connection, pair->now, pair->datagrams, BENCH_BATCH,
                            plaintexts, &num, &taken) == DTLS_OK &&
                   num == BENCH_BATCH && plaintexts[BENCH_BATCH - 1].len == len,
               "libdtls: open");
}

const struct bench_subject bench_libdtls = {
    .name = "libdtls",
    .prepare = prepare,
    .finish = finish,
    .connect = connect_pair,
    .seal = seal,
    .seal_singly = seal_singly,
    .open = open_records,
    .disconnect = disconnect,
};
