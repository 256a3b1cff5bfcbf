/* SPDX-License-Identifier: MIT
 *
 * What the shim keeps from one connection to the next: a client's session, a
 * server's cache, the ticket keys.
 */
#include <string.h>

#include "bogo/shim.h"

enum { MAX_CACHED = 4 };

typedef struct kept_session {
    uint8_t id[DTLS_MAX_SESSION_ID];
    size_t id_len;
    uint8_t state[DTLS_SESSION_STATE_SIZE + SHIM_MAX_TICKET];
    size_t state_len;
} kept_session;

static kept_session own;
static kept_session cache[MAX_CACHED];
static size_t num_cached;

const dtls_ticket_keys *shim_ticket_keys(void) {
    static const dtls_ticket_keys keys = {
        .aead = DTLS_AEAD_AES_256_GCM, .current = {.name = "bogo", .key = "the same for every connection"}};
    return &keys;
}

void shim_offer_session(const shim_options *options, dtls_connection *connection, dtls_time now) {
    if (options->server)
        return;
    if (own.state_len == 0)
        shim_fail("there is no session to offer");
    dtls_connection_offer_session(connection, now, (dtls_span){.data = own.state, .len = own.state_len});
}

void shim_answer_session(dtls_connection *connection, dtls_time now, dtls_span id) {
    dtls_span found = {.data = NULL};
    for (size_t i = 0; i < num_cached; i++) {
        if (cache[i].id_len == id.len && memcmp(cache[i].id, id.data, id.len) == 0)
            found = (dtls_span){.data = cache[i].state, .len = cache[i].state_len};
    }
    dtls_answer_session(connection, now, found);
}

/* A server's session goes into the cache under its id, a client's takes the place of the one before. */
bool shim_keep_session(const shim_options *options, const dtls_connection *connection) {
    kept_session kept = {.state_len = 0};
    if (dtls_session_export(connection, kept.state, sizeof kept.state, &kept.state_len) != DTLS_OK)
        return false;
    if (!options->server) {
        bool is_new = kept.state_len != own.state_len || memcmp(kept.state, own.state, own.state_len) != 0;
        own = kept;
        return is_new;
    }
    dtls_span id = dtls_session_get_id(connection);
    kept.id_len = id.len;
    memcpy(kept.id, id.data, id.len);
    if (num_cached < MAX_CACHED)
        cache[num_cached++] = kept;
    return true;
}
