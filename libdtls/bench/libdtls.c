/* SPDX-License-Identifier: MIT
 *
 * libdtls as an application uses it: two connections, datagrams handed over in
 * memory, records in batches and in place.
 */
#include <stdlib.h>
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
    const struct bench_credentials *credentials;
    uint8_t records[BENCH_BATCH][BENCH_DATAGRAM];
    dtls_datagram datagrams[BENCH_BATCH];
};

static dtls_libcrypto_provider provider;
static dtls_config configs[BENCH_NUM_HANDSHAKES][2];
static const struct bench_credentials *shared;
static dtls_credential credential;
static dtls_span chain[1];
static uint8_t chain_bytes[2048];
static dtls_private_key *private_key;
static dtls_trust_anchors *anchors;

static void prepare(const struct bench_credentials *credentials) {
    static const dtls_protocol *const client_protocols[] = {&dtls_client_1_2, NULL};
    static const dtls_protocol *const server_protocols[] = {&dtls_server_1_2, NULL};
    static const dtls_cipher_suite *const ecdsa_suites[] = {&dtls_suite_ecdhe_ecdsa_aes_128_gcm_sha256, NULL};
    static const dtls_cipher_suite *const psk_suites[] = {&dtls_suite_psk_aes_128_gcm_sha256, NULL};
    static const dtls_group *const groups[] = {&dtls_group_p256, NULL};
    static const dtls_signature_scheme *const schemes[] = {&dtls_scheme_ecdsa_secp256r1_sha256, NULL};

    shared = credentials;
    bench_need(dtls_libcrypto_open(&provider) == DTLS_OK, "libdtls: provider");
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
    for (int kind = 0; kind < BENCH_NUM_HANDSHAKES; kind++) {
        dtls_config config = {
            .crypto = &provider.crypto,
            .cipher_suites = kind == BENCH_PSK ? psk_suites : ecdsa_suites,
            .groups = groups,
            .signature_schemes = schemes,
            .extensions = dtls_default_extensions,
            .trust_anchors = anchors,
            .mtu = BENCH_MTU,
        };
        configs[kind][DTLS_CLIENT] = config;
        configs[kind][DTLS_CLIENT].protocols = client_protocols;
        configs[kind][DTLS_CLIENT].peer_name = BENCH_SERVER_NAME;
        configs[kind][DTLS_SERVER] = config;
        configs[kind][DTLS_SERVER].protocols = server_protocols;
        configs[kind][DTLS_SERVER].credentials = kind == BENCH_PSK ? NULL : &credential;
        configs[kind][DTLS_SERVER].num_credentials = kind != BENCH_PSK;
    }
}

static void finish(void) {
    dtls_libcrypto_private_key_free(private_key);
    dtls_libcrypto_trust_anchors_free(anchors);
    dtls_libcrypto_close(&provider);
}

static void end_open(struct end *end, const dtls_config *config) {
    size_t session_size = dtls_session_size(config);
    size_t handshake_size = dtls_handshake_size(config);
    end->session_block = bench_alloc(session_size);
    end->handshake_block = bench_alloc(handshake_size);
    bench_need(dtls_connection_open(config, end->session_block, session_size, end->handshake_block,
                                    handshake_size, &end->connection) == DTLS_OK,
               "libdtls: open");
}

static void end_close(struct end *end) {
    dtls_connection_wipe(end->connection);
    bench_free(end->session_block);
    bench_free(end->handshake_block);
}

/* Answers questions, then moves this end's datagrams to the other. The number moved. */
static int take_out(struct pair *pair, dtls_role role) {
    struct end *end = &pair->ends[role];
    struct end *other = &pair->ends[1 - role];
    const dtls_span identity = {.data = (const uint8_t *)BENCH_PSK_IDENTITY,
                                .len = role == DTLS_CLIENT ? strlen(BENCH_PSK_IDENTITY) : 0};
    const dtls_span key = {.data = pair->credentials->psk, .len = sizeof pair->credentials->psk};
    dtls_event event;
    while (dtls_poll_event(end->connection, &event) == DTLS_OK) {
        bench_need(event.kind != DTLS_EVENT_FAILED, "libdtls: handshake");
        if (event.kind == DTLS_EVENT_LOOK_UP_PSK)
            bench_need(dtls_answer_psk(end->connection, pair->now, identity, key) == DTLS_OK, "libdtls: PSK");
    }
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

static void *connect_pair(enum bench_handshake kind) {
    struct pair *pair = calloc(1, sizeof *pair);
    bench_need(pair != NULL, "memory");
    pair->credentials = shared;
    pair->now = (dtls_time){.monotonic_ns = 1, .calendar_s = 1767225600};
    end_open(&pair->ends[DTLS_CLIENT], &configs[kind][DTLS_CLIENT]);
    end_open(&pair->ends[DTLS_SERVER], &configs[kind][DTLS_SERVER]);
    bench_need(dtls_connection_start(pair->ends[DTLS_CLIENT].connection, pair->now) == DTLS_OK,
               "libdtls: start");
    while (take_out(pair, DTLS_CLIENT) + take_out(pair, DTLS_SERVER) > 0)
        ;
    for (int role = 0; role < 2; role++) {
        struct end *end = &pair->ends[role];
        bench_need(dtls_connection_get_info(end->connection)->connected, "libdtls: not connected");
        if (dtls_connection_take_handshake_memory(end->connection) != NULL) {
            bench_free(end->handshake_block);
            end->handshake_block = NULL;
        }
    }
    return pair;
}

static void seal(void *user, size_t len) {
    struct pair *pair = user;
    dtls_record_buffer buffers[BENCH_BATCH];
    size_t done;
    for (size_t i = 0; i < BENCH_BATCH; i++)
        buffers[i] = (dtls_record_buffer){.bytes = pair->records[i], .capacity = BENCH_DATAGRAM, .len = len};
    bench_need(dtls_protect(pair->ends[DTLS_CLIENT].connection, pair->now, buffers, BENCH_BATCH, &done) ==
                   DTLS_OK,
               "libdtls: seal");
    for (size_t i = 0; i < BENCH_BATCH; i++)
        pair->datagrams[i] = (dtls_datagram){.bytes = buffers[i].bytes, .len = buffers[i].len};
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

static void disconnect(void *user) {
    struct pair *pair = user;
    end_close(&pair->ends[DTLS_CLIENT]);
    end_close(&pair->ends[DTLS_SERVER]);
    free(pair);
}

const struct bench_subject bench_libdtls = {
    .name = "libdtls",
    .prepare = prepare,
    .finish = finish,
    .connect = connect_pair,
    .seal = seal,
    .open = open_records,
    .disconnect = disconnect,
};
