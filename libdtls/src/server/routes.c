/* SPDX-License-Identifier: MIT
 *
 * Two hash tables in the server's block: from an address to the slots there,
 * and from a source (the beginning of an address) to the handshakes under way
 * from it. Their hash is keyed, so that nobody can choose addresses that
 * collide.
 */
#include "server/server.h"
#include "server/siphash.h"

#include <string.h>

static uint32_t bucket_of(const struct dtls_server *server, const dtls_address *address) {
    return (uint32_t)dtls_siphash(server->hash_key, address->bytes, address->len) &
           (server->layout.num_routes - 1);
}

bool dtls_address_equal(const dtls_address *a, const dtls_address *b) {
    return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

struct dtls_route dtls_route_find(const struct dtls_server *server, const dtls_address *address) {
    struct dtls_route route = {.established = NULL};
    for (uint32_t at = server->routes[bucket_of(server, address)]; at != DTLS_NO_SLOT;
         at = server->slots[at].next_routed) {
        struct dtls_slot *slot = &server->slots[at];
        if (!dtls_address_equal(&slot->address, address))
            continue;
        /* Two that were established apart may have come to the same address: the one that came last. */
        if (slot->state != DTLS_SLOT_ESTABLISHED)
            route.handshake = slot;
        else if (route.established == NULL)
            route.established = slot;
    }
    return route;
}

void dtls_route_add(struct dtls_server *server, struct dtls_slot *slot) {
    uint32_t *bucket = &server->routes[bucket_of(server, &slot->address)];
    slot->next_routed = *bucket;
    slot->routed = true;
    *bucket = dtls_slot_number(server, slot);
}

void dtls_route_remove(struct dtls_server *server, struct dtls_slot *slot) {
    if (!slot->routed)
        return;
    uint32_t *link = &server->routes[bucket_of(server, &slot->address)];
    while (*link != dtls_slot_number(server, slot))
        link = &server->slots[*link].next_routed;
    *link = slot->next_routed;
    slot->routed = false;
}

static dtls_span source_of(const struct dtls_server *server, const dtls_address *address) {
    const size_t prefix = server->config.source_prefix_len;
    return (dtls_span){address->bytes, prefix != 0 && prefix < address->len ? prefix : address->len};
}

static uint32_t source_bucket(const struct dtls_server *server, dtls_span source) {
    return (uint32_t)dtls_siphash(server->hash_key, source.data, source.len) &
           (server->layout.num_sources - 1);
}

size_t dtls_source_count(const struct dtls_server *server, const dtls_address *address) {
    const dtls_span source = source_of(server, address);
    size_t num = 0;
    for (uint32_t at = server->sources[source_bucket(server, source)]; at != DTLS_NO_SLOT;
         at = server->places[at].next_of_source) {
        const dtls_span other = source_of(server, &server->slots[server->places[at].slot].address);
        num += other.len == source.len && memcmp(other.data, source.data, source.len) == 0;
    }
    return num;
}

void dtls_source_add(struct dtls_server *server, uint32_t place) {
    struct dtls_handshake_place *own = &server->places[place];
    own->bucket = source_bucket(server, source_of(server, &server->slots[own->slot].address));
    own->next_of_source = server->sources[own->bucket];
    server->sources[own->bucket] = place;
}

void dtls_source_remove(struct dtls_server *server, uint32_t place) {
    uint32_t *link = &server->sources[server->places[place].bucket];
    while (*link != place)
        link = &server->places[*link].next_of_source;
    *link = server->places[place].next_of_source;
}
