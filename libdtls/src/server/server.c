/* SPDX-License-Identifier: MIT
 *
 * A server's beginning and end, and what is asked of it about its sessions.
 */
#include "server/server.h"

#include <stdalign.h>
#include <string.h>

static void lay_out(struct dtls_server *server) {
    const struct dtls_server_layout *layout = &server->layout;
    uint8_t *memory = (uint8_t *)server;
    server->slots = (void *)(memory + layout->slots);
    server->heap = (void *)(memory + layout->heap);
    server->routes = (void *)(memory + layout->routes);
    server->places = (void *)(memory + layout->places);
    server->sources = (void *)(memory + layout->sources);
    server->replies = (void *)(memory + layout->replies);
    server->scratch = memory + layout->scratch;
    const uint32_t num_slots = (uint32_t)server->config.max_sessions;
    for (uint32_t i = 0; i < num_slots; i++)
        server->slots[i] =
            (struct dtls_slot){.generation = 1, .list_next = i + 1 < num_slots ? i + 1 : DTLS_NO_SLOT};
    const uint32_t num_places = (uint32_t)server->config.max_handshakes;
    for (uint32_t i = 0; i < num_places; i++)
        server->places[i] = (struct dtls_handshake_place){
            .slot = DTLS_NO_SLOT, .next_free = i + 1 < num_places ? i + 1 : DTLS_NO_SLOT};
    for (uint32_t i = 0; i < layout->num_routes; i++)
        server->routes[i] = DTLS_NO_SLOT;
    for (uint32_t i = 0; i < layout->num_sources; i++)
        server->sources[i] = DTLS_NO_SLOT;
}

dtls_error dtls_server_open(const dtls_server_config *config, void *memory, size_t len, dtls_time now,
                            dtls_server **out_server) {
    static const struct dtls_slot_list empty = {.first = DTLS_NO_SLOT, .last = DTLS_NO_SLOT};
    if (config == NULL || memory == NULL || out_server == NULL ||
        (uintptr_t)memory % alignof(max_align_t) != 0)
        return DTLS_ERROR_ARGUMENT;
    *out_server = NULL;
    if (dtls_server_config_check(config, NULL) != DTLS_OK)
        return DTLS_ERROR_CONFIG;
    const struct dtls_server_layout layout = dtls_server_layout_of(config);
    if (len < layout.size)
        return DTLS_ERROR_NO_ROOM;
    struct dtls_server *server = memory;
    *server = (struct dtls_server){.config = *config,
                                   .layout = layout,
                                   .now = now,
                                   .shaking = empty,
                                   .silent = empty,
                                   .events = empty,
                                   .datagrams = empty,
                                   .ended = DTLS_NO_SLOT};
    const dtls_error error = dtls_checked_config_make(config->connection, &server->connection, NULL);
    if (error != DTLS_OK)
        return error;
    const dtls_crypto *crypto = config->connection->crypto;
    if (crypto->random(crypto->state, server->hash_key, sizeof server->hash_key) != DTLS_OK ||
        crypto->random(crypto->state, server->secret.current, sizeof server->secret.current) != DTLS_OK)
        return DTLS_ERROR_CRYPTO;
    const uint64_t lifetime = dtls_server_cookie_lifetime(config);
    server->secret_until =
        now.monotonic_ns > UINT64_MAX - lifetime ? UINT64_MAX : now.monotonic_ns + lifetime;
    server->crypto = crypto;
    lay_out(server);
    *out_server = server;
    return DTLS_OK;
}

void dtls_server_wipe(dtls_server *server) {
    if (server == NULL || server->crypto == NULL)
        return;
    for (size_t i = 0; i < server->config.max_sessions; i++)
        dtls_connection_wipe(server->slots[i].connection);
    server->crypto->wipe(server, sizeof *server);
}

dtls_connection *dtls_server_connection(dtls_server *server, dtls_session session) {
    struct dtls_slot *slot = dtls_slot_of(server, session);
    if (slot == NULL)
        return NULL;
    /* Whatever the application does to it is found by the next polls. */
    if (slot->state != DTLS_SLOT_OVER)
        dtls_slot_queue(server, slot);
    return slot->connection;
}

dtls_error dtls_server_peer(const dtls_server *server, dtls_session session, dtls_address *out_address,
                            uint64_t *out_path) {
    if (server == NULL || out_address == NULL)
        return DTLS_ERROR_ARGUMENT;
    const struct dtls_slot *slot = dtls_slot_of(server, session);
    if (slot == NULL)
        return DTLS_ERROR_STATE;
    *out_address = slot->address;
    if (out_path != NULL)
        *out_path = slot->path;
    return DTLS_OK;
}

dtls_error dtls_server_new_peer(const dtls_server *server, dtls_session session, uint64_t path,
                                dtls_address *out_address, uint64_t *out_path) {
    if (server == NULL || out_address == NULL)
        return DTLS_ERROR_ARGUMENT;
    const struct dtls_slot *slot = dtls_slot_of(server, session);
    if (slot == NULL || slot->new_path_number == 0 || slot->new_path_number != path)
        return DTLS_ERROR_STATE;
    *out_address = slot->new_address;
    if (out_path != NULL)
        *out_path = slot->new_path;
    return DTLS_OK;
}

/* A connection that died of sending is put aside. */
static dtls_error sent(struct dtls_server *server, struct dtls_slot *slot, dtls_error error) {
    if (dtls_connection_get_failure(slot->connection) != NULL) {
        dtls_slot_queue(server, slot);
        dtls_slot_settle(server, slot);
    }
    return error;
}

dtls_error dtls_server_protect(dtls_server *server, dtls_session session, dtls_time now,
                               dtls_record_buffer *records, size_t num_records, size_t *out_protected) {
    if (server == NULL || out_protected == NULL)
        return DTLS_ERROR_ARGUMENT;
    struct dtls_slot *slot = dtls_slot_of(server, session);
    *out_protected = 0;
    if (slot == NULL)
        return DTLS_ERROR_STATE;
    return sent(server, slot, dtls_protect(slot->connection, now, records, num_records, out_protected));
}

dtls_error dtls_server_write(dtls_server *server, dtls_session session, dtls_time now, const uint8_t *data,
                             size_t len, uint8_t *out, size_t out_cap, size_t *out_len) {
    if (server == NULL || out_len == NULL)
        return DTLS_ERROR_ARGUMENT;
    struct dtls_slot *slot = dtls_slot_of(server, session);
    *out_len = 0;
    if (slot == NULL)
        return DTLS_ERROR_STATE;
    return sent(server, slot, dtls_write(slot->connection, now, data, len, out, out_cap, out_len));
}

dtls_error dtls_server_set_user(dtls_server *server, dtls_session session, void *user) {
    struct dtls_slot *slot = dtls_slot_of(server, session);
    if (slot == NULL)
        return server == NULL ? DTLS_ERROR_ARGUMENT : DTLS_ERROR_STATE;
    slot->user = user;
    return DTLS_OK;
}

void *dtls_server_get_user(const dtls_server *server, dtls_session session) {
    const struct dtls_slot *slot = dtls_slot_of(server, session);
    return slot == NULL ? NULL : slot->user;
}

dtls_session dtls_server_next(const dtls_server *server, dtls_session session) {
    const dtls_session none = {.slot = 0, .generation = 0};
    if (server == NULL || server->crypto == NULL)
        return none;
    const bool first = session.generation == 0;
    for (size_t i = first ? 0 : (size_t)session.slot + 1; i < server->config.max_sessions; i++) {
        if (server->slots[i].connection != NULL)
            return dtls_slot_handle(server, &server->slots[i]);
    }
    return none;
}

dtls_error dtls_server_close(dtls_server *server, dtls_time now) {
    if (server == NULL || server->crypto == NULL)
        return DTLS_ERROR_ARGUMENT;
    if (server->closing)
        return DTLS_ERROR_STATE;
    server->now = now;
    server->closing = true;
    dtls_slot_release_ended(server);
    for (size_t i = 0; i < server->config.max_sessions; i++) {
        if (server->slots[i].connection != NULL)
            dtls_slot_end(server, &server->slots[i], DTLS_SESSION_SHUT_DOWN, false);
    }
    return DTLS_OK;
}

const dtls_server_statistics *dtls_server_get_statistics(const dtls_server *server) {
    return server == NULL || server->crypto == NULL ? NULL : &server->statistics;
}
