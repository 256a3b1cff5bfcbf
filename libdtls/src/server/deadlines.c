/* SPDX-License-Identifier: MIT
 *
 * The connections' deadlines: a binary heap of slots, each of which knows its
 * place in it.
 */
#include "server/server.h"

static uint64_t deadline_at(const struct dtls_server *server, uint32_t place) {
    return server->slots[server->heap[place]].deadline;
}

static void put(struct dtls_server *server, uint32_t place, uint32_t slot) {
    server->heap[place] = slot;
    server->slots[slot].heap_place = place;
}

static void swap(struct dtls_server *server, uint32_t a, uint32_t b) {
    const uint32_t slot = server->heap[a];
    put(server, a, server->heap[b]);
    put(server, b, slot);
}

static void sift(struct dtls_server *server, uint32_t place) {
    while (place > 0 && deadline_at(server, place) < deadline_at(server, (place - 1) / 2)) {
        swap(server, place, (place - 1) / 2);
        place = (place - 1) / 2;
    }
    for (uint32_t child = 2 * place + 1; child < server->heap_len; child = 2 * place + 1) {
        if (child + 1 < server->heap_len && deadline_at(server, child + 1) < deadline_at(server, child))
            child++;
        if (deadline_at(server, place) <= deadline_at(server, child))
            return;
        swap(server, place, child);
        place = child;
    }
}

static void take_out(struct dtls_server *server, struct dtls_slot *slot) {
    const uint32_t place = slot->heap_place;
    const uint32_t last = --server->heap_len;
    slot->heap_place = DTLS_NO_SLOT;
    if (place != last) {
        put(server, place, server->heap[last]);
        sift(server, place);
    }
}

void dtls_deadline_set(struct dtls_server *server, struct dtls_slot *slot, uint64_t deadline) {
    const bool present = slot->heap_place != DTLS_NO_SLOT;
    if (deadline == DTLS_NO_DEADLINE) {
        if (present)
            take_out(server, slot);
        return;
    }
    if (present && slot->deadline == deadline)
        return;
    slot->deadline = deadline;
    if (!present)
        put(server, server->heap_len++, dtls_slot_number(server, slot));
    sift(server, slot->heap_place);
}

uint64_t dtls_deadline_first(const struct dtls_server *server) {
    return server->heap_len == 0 ? DTLS_NO_DEADLINE : deadline_at(server, 0);
}
