/* SPDX-License-Identifier: MIT
 *
 * Sessions that are made, kept and resumed by pairs of connections.
 */
#include "connection/sessions.h"

dtls_ticket_keys session_keys;

const struct session_kind session_kinds[SESSION_KINDS] = {
    {"psk, id", pair_init_psk, false, false, false, false},
    {"psk, ticket, cookies", pair_init_psk, true, false, true, false},
    {"certificates, id, cookies", pair_init_certificates, false, true, true, false},
    {"certificates, ticket", pair_init_certificates, true, true, false, false},
    {"certificates, ticket renewed", pair_init_certificates, true, false, false, true},
};

int sessions_make_keys(void **state) {
    session_keys = (dtls_ticket_keys){.aead = DTLS_AEAD_AES_256_GCM};
    memset(&session_keys.current, 0x11, sizeof session_keys.current);
    memset(&session_keys.previous, 0x22, sizeof session_keys.previous);
    return credentials_make(state);
}

void sessions_rotate(void) {
    session_keys.previous = session_keys.current;
    session_keys.has_previous = true;
    memset(&session_keys.current, session_keys.current.name[0] + 1, sizeof session_keys.current);
}

void sessions_init(struct pair *pair, const struct session_kind *kind, size_t mtu) {
    kind->init(pair);
    pair->cookies = kind->cookies;
    for (int i = 0; i < 2; i++)
        pair->ends[i].config.mtu = mtu;
    dtls_config *client = &pair->ends[CLIENT_END].config;
    dtls_config *server = &pair->ends[SERVER_END].config;
    client->resumption = &dtls_resumption_client;
    server->resumption = &dtls_resumption_server;
    server->session_cache = !kind->tickets;
    server->ticket_keys = kind->tickets ? &session_keys : NULL;
    if (kind->client_auth)
        server->client_auth = DTLS_CLIENT_AUTH_REQUIRE;
}

void sessions_run(struct pair *pair) {
    pair_open(pair);
    pair_run(pair, pair->now.monotonic_ns + 170 * SECOND);
}

const dtls_connection_info *sessions_info(const struct pair *pair, int which) {
    return dtls_connection_get_info(pair->ends[which].connection);
}

void sessions_check(const struct pair *pair, bool resumed) {
    assert_int_equal(sessions_info(pair, CLIENT_END)->resumed, resumed);
    assert_int_equal(sessions_info(pair, SERVER_END)->resumed, resumed);
}

static const char who[] = "who the client is";

/* Takes the states that both ends export into `next`. */
void sessions_keep(const struct pair *pair, struct pair *next) {
    assert_int_equal(dtls_session_export(pair->ends[CLIENT_END].connection, next->offered,
                                         sizeof next->offered, &next->offered_len),
                     DTLS_OK);
    const dtls_error error = dtls_session_export(pair->ends[SERVER_END].connection, next->cached,
                                                 sizeof next->cached, &next->cached_len);
    assert_int_equal(error, pair->ends[SERVER_END].config.session_cache ? DTLS_OK : DTLS_NOTHING);
}

/* A full handshake, whose session `next` may resume. */
void sessions_make(const struct session_kind *kind, struct pair *next, void (*change)(struct pair *pair)) {
    struct pair pair;
    sessions_init(&pair, kind, 1200);
    if (change != NULL)
        change(&pair);
    pair_open(&pair);
    const dtls_span data = {(const uint8_t *)who, sizeof who};
    assert_int_equal(dtls_session_set_data(pair.ends[SERVER_END].connection, data), DTLS_OK);
    pair_run(&pair, pair.now.monotonic_ns + 170 * SECOND);
    pair_check_connected(&pair);
    sessions_check(&pair, false);
    sessions_keep(&pair, next);
    pair_free(&pair);
    if (kind->renews)
        sessions_rotate();
}

uint64_t sessions_resume(struct pair *pair, const struct session_kind *kind) {
    const uint64_t start = pair->now.monotonic_ns;
    sessions_run(pair);
    const uint64_t took = pair->now.monotonic_ns - start;
    pair_check_connected(pair);
    sessions_check(pair, true);
    assert_int_equal(sessions_info(pair, SERVER_END)->peer_authenticated,
                     kind->client_auth || kind->init == pair_init_psk);
    assert_true(sessions_info(pair, CLIENT_END)->peer_authenticated);
    const dtls_span data = dtls_session_get_data(pair->ends[SERVER_END].connection);
    assert_int_equal(data.len, sizeof who);
    assert_memory_equal(data.data, who, sizeof who);
    return took;
}

struct pair sessions_offer(const struct pair *session, const struct session_kind *kind, size_t mtu) {
    struct pair pair;
    sessions_init(&pair, kind, mtu);
    memcpy(pair.offered, session->offered, sizeof pair.offered);
    memcpy(pair.cached, session->cached, sizeof pair.cached);
    pair.offered_len = session->offered_len;
    pair.cached_len = session->cached_len;
    return pair;
}
