/* SPDX-License-Identifier: MIT
 *
 * Newcomers: who is answered with a cookie, who is given memory, who has to
 * wait, and who has to go (RFC 6347 sections 4.2.1 and 4.2.8).
 */
#include "server/server.h"

/* A new secret each lifetime; the last one stays good for another. Nothing wakes up for it. */
static dtls_error rotate_secret(struct dtls_server *server) {
    const uint64_t lifetime = dtls_server_cookie_lifetime(&server->config);
    const uint64_t now = server->now.monotonic_ns;
    if (now < server->secret_until)
        return DTLS_OK;
    dtls_cookie_secret *secret = &server->secret;
    uint8_t fresh[sizeof secret->current];
    if (server->crypto->random(server->crypto->state, fresh, sizeof fresh) != DTLS_OK)
        return DTLS_ERROR_CRYPTO;
    const bool late = now - server->secret_until >= lifetime;
    for (size_t i = 0; i < sizeof fresh; i++) {
        secret->previous[i] = late ? 0 : secret->current[i];
        secret->current[i] = fresh[i];
    }
    server->crypto->wipe(fresh, sizeof fresh);
    server->secret_until = now > UINT64_MAX - lifetime ? UINT64_MAX : now + lifetime;
    return DTLS_OK;
}

/* True: the cookie is good. */
static bool judge(struct dtls_server *server, const dtls_server_datagram *datagram,
                  dtls_cookie_state *out_state) {
    const dtls_span address = {datagram->address.bytes, datagram->address.len};
    const dtls_span bytes = {datagram->bytes, datagram->len};
    /* `dtls_server_receive` has seen to it that there is a place. */
    const uint32_t last = (server->first_reply + server->num_replies) % server->layout.num_replies;
    struct dtls_server_reply *reply = &server->replies[last];
    size_t len;
    if (rotate_secret(server) != DTLS_OK)
        return false;
    switch (
        dtls_cookie_judge(server->crypto, &server->secret, address, bytes, reply->bytes, &len, out_state)) {
    case DTLS_COOKIE_GOOD:
        server->statistics.cookies_accepted++;
        return true;
    case DTLS_COOKIE_REPLY:
        reply->len = (uint8_t)len;
        reply->address = datagram->address;
        reply->path = datagram->path;
        server->num_replies++;
        return false;
    default:
        server->statistics.datagrams_unknown++;
        return false;
    }
}

static bool silent_since(const struct dtls_server *server, uint32_t number, uint64_t span) {
    return span != 0 && number != DTLS_NO_SLOT &&
           server->now.monotonic_ns - server->slots[number].heard_at >= span;
}

/* When the last block of a kind is taken, the one who has had his longest goes, if he may be asked to. */
static void make_room(struct dtls_server *server) {
    const dtls_server_config *config = &server->config;
    if (server->free_handshake == DTLS_NO_SLOT &&
        silent_since(server, server->shaking.first, config->evict_handshake_ns))
        dtls_slot_end(server, &server->slots[server->shaking.first], DTLS_SESSION_EVICTED, false);
    if (server->free_slot == DTLS_NO_SLOT &&
        silent_since(server, server->silent.first, config->evict_session_ns))
        dtls_slot_end(server, &server->slots[server->silent.first], DTLS_SESSION_EVICTED, false);
}

/* Whether he may have memory. The handshake from his own address that he gives up is out of the way by then.
 */
static bool has_room(struct dtls_server *server, const dtls_server_datagram *datagram,
                     const struct dtls_route *known) {
    dtls_server_statistics *statistics = &server->statistics;
    const size_t limit = server->config.max_handshakes_per_source;
    if (limit != 0 && dtls_source_count(server, &datagram->address) >= limit) {
        statistics->refused_source++;
        return false;
    }
    if (server->free_handshake == DTLS_NO_SLOT)
        make_room(server);
    if (server->free_handshake == DTLS_NO_SLOT) {
        statistics->refused_handshakes++;
        return false;
    }
    if (server->free_slot != DTLS_NO_SLOT)
        return true;
    /* He can be reached, so his own old association may go at once. */
    if (known->established != NULL && !server->config.no_cookies)
        dtls_slot_end(server, known->established, DTLS_SESSION_REPLACED, true);
    else
        make_room(server);
    statistics->refused_sessions++;
    return false;
}

/* A handshake under way from the same address gives way to one who has sent back a cookie; without cookies,
 * only once its own peer seems to be gone, so that a forger cannot break it. */
static bool gives_way(const struct dtls_server *server, const struct dtls_slot *slot) {
    return !server->config.no_cookies || dtls_connection_get_statistics(slot->connection)->timeouts > 0;
}

struct dtls_slot *dtls_admit(struct dtls_server *server, const dtls_server_datagram *datagram,
                             const struct dtls_route *known, uint64_t hello) {
    const bool cookies = !server->config.no_cookies;
    dtls_cookie_state state;
    server->statistics.hellos++;
    if (server->closing) {
        server->statistics.refused_closing++;
        return NULL;
    }
    if (cookies && !judge(server, datagram, &state))
        return NULL;
    if (known->handshake != NULL) {
        if (!gives_way(server, known->handshake)) {
            server->statistics.refused_busy++;
            return NULL;
        }
        dtls_slot_end(server, known->handshake, DTLS_SESSION_REPLACED, true);
    }
    if (!has_room(server, datagram, known))
        return NULL;
    struct dtls_slot *slot = dtls_slot_take(server, &datagram->address, datagram->path, hello);
    if (slot == NULL)
        return NULL;
    /* Without an ID the session is found by its address, as one whose peer wants none. */
    if (server->config.connection_ids != NULL)
        (void)server->config.connection_ids->assign(server, slot);
    if (cookies)
        (void)dtls_connection_start_after_cookie(slot->connection, server->now, &state);
    make_room(server);
    return slot;
}
