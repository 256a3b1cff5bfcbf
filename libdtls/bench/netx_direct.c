/* SPDX-License-Identifier: MIT
 *
 * libdtls called directly, as the services call it: the same suites, groups and
 * answers, configurations checked once, a cookie for each client. The clock is
 * read before each call, as they ask for the time; the services spare that for
 * application data. Datagrams go from memory to memory with one copy; or over the
 * same UDP sockets as those of the services, which tells what these add.
 */
#include <string.h>
#include <time.h>

#include "dtls/cookie.h"
#include "dtls/dtls.h"
#include "netx.h"

#define DATAGRAM 2048

struct end {
    dtls_connection *connection;
    _Alignas(max_align_t) uint8_t session_memory[DTLS_SESSION_SIZE];
    _Alignas(max_align_t) uint8_t handshake_memory[DTLS_HANDSHAKE_SIZE(4000, 2000)];
};

static dtls_libcrypto_provider provider;
static dtls_checked_config configs[NETX_BENCH_KINDS][2];
static struct end ends[2]; /* by dtls_role */
static dtls_credential credential;
static dtls_span chain[1];
static dtls_private_key *private_key;
static dtls_trust_anchors *anchors;
static dtls_cookie_secret secret = {.current = {1}, .previous = {2}};

static dtls_time now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (dtls_time){.monotonic_ns = (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec};
}

static void make_config(enum netx_bench_kind kind, dtls_role role) {
    static const dtls_protocol *const protocols[2][2] = {
        [DTLS_CLIENT] = {&dtls_client_1_2}, [DTLS_SERVER] = {&dtls_server_1_2}};
    static const dtls_cipher_suite *suites[NETX_BENCH_KINDS][2];
    suites[kind][0] = dtls_cipher_suite_by_code(netx_bench_suites[kind]);
    dtls_config config = {.crypto = &provider.crypto,
                          .protocols = protocols[role],
                          .cipher_suites = suites[kind],
                          .groups = dtls_default_groups,
                          .signature_schemes = dtls_default_signature_schemes,
                          .extensions = dtls_default_extensions,
                          .mtu = 1200};
    if (kind == NETX_BENCH_ECDSA && role == DTLS_CLIENT) {
        config.trust_anchors = anchors;
    } else if (kind == NETX_BENCH_ECDSA) {
        config.credentials = &credential;
        config.num_credentials = 1;
    }
    netx_bench_need(dtls_checked_config_make(&config, &configs[kind][role], NULL) == DTLS_OK,
                    "direct: configuration");
}

static void prepare(const struct netx_bench_credentials *credentials) {
    netx_bench_need(dtls_libcrypto_open(&provider) == DTLS_OK &&
                        dtls_libcrypto_private_key_read(credentials->key.data, credentials->key.len,
                                                        &private_key, &credential.key_type) == DTLS_OK &&
                        dtls_libcrypto_trust_anchors_read(credentials->anchor.data, credentials->anchor.len,
                                                          &anchors) == DTLS_OK,
                    "direct: credentials");
    chain[0] = credentials->certificate;
    credential.chain = chain;
    credential.chain_len = 1;
    credential.private_key = private_key;
    for (int kind = 0; kind < NETX_BENCH_KINDS; kind++) {
        make_config((enum netx_bench_kind)kind, DTLS_CLIENT);
        make_config((enum netx_bench_kind)kind, DTLS_SERVER);
    }
}

static void open_end(enum netx_bench_kind kind, dtls_role role) {
    struct end *end = &ends[role];
    netx_bench_need(dtls_connection_open_checked(&configs[kind][role], end->session_memory,
                                                 sizeof end->session_memory, end->handshake_memory,
                                                 sizeof end->handshake_memory, &end->connection) == DTLS_OK,
                    "direct: open");
}

static void receive(dtls_role role, uint8_t *bytes, size_t len) {
    dtls_datagram datagram = {.bytes = bytes, .len = len};
    size_t num = 0;
    size_t taken;
    netx_bench_need(dtls_receive(ends[role].connection, now(), &datagram, 1, NULL, &num, &taken) == DTLS_OK,
                    "direct: receive");
}

static bool over_sockets;

/* Carries a datagram to the other end, where `take` is given it. */
static void carry_datagram(dtls_role from, uint8_t *bytes, size_t len,
                           void (*take)(dtls_role to, uint8_t *bytes, size_t len)) {
    uint8_t carried[DATAGRAM];
    if (over_sockets) {
        netx_bench_socket_carry(from, bytes, len, take);
        return;
    }
    memcpy(carried, bytes, len);
    take(1 - from, carried, len);
}

static enum netx_bench_kind kind_now;

/* The server's answer to a ClientHello: a cookie, or a session. */
static void greet(dtls_role role, uint8_t *bytes, size_t len) {
    (void)role;
    static const uint8_t address[24] = {1, 2, 3, 4};
    uint8_t reply[DTLS_COOKIE_REPLY_MAX];
    size_t reply_len;
    dtls_cookie_state state;
    dtls_cookie_verdict verdict =
        dtls_cookie_judge(&provider.crypto, &secret, (dtls_span){address, sizeof address},
                          (dtls_span){bytes, len}, reply, &reply_len, &state);
    netx_bench_need(verdict != DTLS_COOKIE_IGNORE, "direct: cookie");
    if (verdict == DTLS_COOKIE_REPLY) {
        carry_datagram(DTLS_SERVER, reply, reply_len, receive);
        return;
    }
    open_end(kind_now, DTLS_SERVER);
    netx_bench_need(dtls_connection_start_after_cookie(ends[DTLS_SERVER].connection, now(), &state) ==
                        DTLS_OK,
                    "direct: start");
    receive(DTLS_SERVER, bytes, len);
}

static void answer(dtls_role role, const dtls_event *event) {
    const dtls_span identity = {netx_bench_identity, role == DTLS_CLIENT ? sizeof netx_bench_identity : 0};
    const dtls_span key = {netx_bench_psk, sizeof netx_bench_psk};
    netx_bench_need(event->kind != DTLS_EVENT_FAILED, "direct: handshake");
    if (event->kind == DTLS_EVENT_LOOK_UP_PSK)
        netx_bench_need(dtls_answer_psk(ends[role].connection, now(), identity, key) == DTLS_OK,
                        "direct: PSK");
    if (event->kind == DTLS_EVENT_CONNECTED)
        dtls_connection_take_handshake_memory(ends[role].connection);
}

/* Events and datagrams of one end; whether there were any. */
static int turn(dtls_role role) {
    dtls_event event;
    uint8_t bytes[DATAGRAM];
    size_t len;
    int any = 0;
    if (ends[role].connection == NULL)
        return 0;
    while (dtls_poll_event(ends[role].connection, &event) == DTLS_OK)
        answer(role, &event);
    while (dtls_poll_datagram(ends[role].connection, now(), bytes, sizeof bytes, &len, NULL) == DTLS_OK) {
        const bool first = role == DTLS_CLIENT && ends[DTLS_SERVER].connection == NULL;
        any = 1;
        carry_datagram(role, bytes, len, first ? greet : receive);
    }
    return any;
}

static void connect_pair(enum netx_bench_kind kind) {
    kind_now = kind;
    open_end(kind, DTLS_CLIENT);
    netx_bench_need(dtls_connection_start(ends[DTLS_CLIENT].connection, now()) == DTLS_OK, "direct: start");
    while (turn(DTLS_CLIENT) + turn(DTLS_SERVER) > 0) {}
    for (int role = 0; role < 2; role++)
        netx_bench_need(dtls_connection_get_info(ends[role].connection)->connected, "direct: not connected");
}

static void close_pair(void) {
    dtls_close(ends[DTLS_CLIENT].connection, now());
    turn(DTLS_CLIENT);
    turn(DTLS_SERVER);
    for (int role = 0; role < 2; role++) {
        dtls_connection_wipe(ends[role].connection);
        ends[role].connection = NULL;
    }
}

static size_t seal(uint8_t **bytes, size_t headroom, size_t len, size_t tailroom) {
    dtls_record_buffer record = {.bytes = *bytes, .capacity = headroom + len + tailroom, .len = len};
    size_t done;
    netx_bench_need(dtls_protect(ends[DTLS_CLIENT].connection, now(), &record, 1, &done) == DTLS_OK,
                    "direct: protect");
    *bytes = record.bytes;
    return record.len;
}

static void open_record(dtls_role role, uint8_t *bytes, size_t len) {
    dtls_datagram datagram = {.bytes = bytes, .len = len};
    dtls_plaintext plaintext;
    size_t num = 1;
    size_t done;
    netx_bench_need(dtls_receive(ends[role].connection, now(), &datagram, 1, &plaintext, &num, &done) ==
                            DTLS_OK &&
                        num == 1,
                    "direct: receive");
}

static void carry(const uint8_t *data, size_t len) {
    static uint8_t out[DATAGRAM];
    uint8_t *bytes = out;
    size_t headroom;
    size_t tailroom;
    dtls_record_overhead(ends[DTLS_CLIENT].connection, &headroom, &tailroom);
    if (over_sockets) {
        netx_bench_socket_carry_record(data, len, headroom, tailroom, seal, open_record);
        return;
    }
    memcpy(out + headroom, data, len);
    len = seal(&bytes, headroom, len, tailroom);
    carry_datagram(DTLS_CLIENT, bytes, len, open_record);
}

static void connect_in_memory(enum netx_bench_kind kind) {
    over_sockets = false;
    connect_pair(kind);
}

static void connect_over_sockets(enum netx_bench_kind kind) {
    over_sockets = true;
    connect_pair(kind);
}

static void prepare_sockets(const struct netx_bench_credentials *credentials) {
    (void)credentials; /* as the other's */
    netx_bench_sockets_prepare();
}

const struct netx_bench_subject netx_bench_direct = {prepare, connect_in_memory, close_pair, carry};
const struct netx_bench_subject netx_bench_over_sockets = {prepare_sockets, connect_over_sockets, close_pair,
                                                           carry};
