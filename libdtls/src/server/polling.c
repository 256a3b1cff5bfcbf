/* SPDX-License-Identifier: MIT
 *
 * Events and datagrams out, one session after the other; and the passing of
 * time.
 */
#include "server/server.h"

#include <string.h>

static dtls_error poll_reply(struct dtls_server *server, uint8_t *out, size_t *out_len,
                             dtls_address *out_address, uint64_t *out_path) {
    const struct dtls_server_reply *reply = &server->replies[server->first_reply];
    server->first_reply = (server->first_reply + 1) % server->layout.num_replies;
    server->num_replies--;
    server->statistics.cookies_sent++;
    memcpy(out, reply->bytes, reply->len);
    *out_len = reply->len;
    *out_address = reply->address;
    if (out_path != NULL)
        *out_path = reply->path;
    return DTLS_OK;
}

dtls_error dtls_server_poll_datagram(dtls_server *server, dtls_time now, uint8_t *out, size_t out_cap,
                                     size_t *out_len, dtls_address *out_address, uint64_t *out_path) {
    if (server == NULL || server->crypto == NULL || out == NULL || out_len == NULL || out_address == NULL)
        return DTLS_ERROR_ARGUMENT;
    *out_len = 0;
    if (out_cap < DTLS_COOKIE_REPLY_MAX)
        return DTLS_ERROR_NO_ROOM;
    server->now = now;
    dtls_slot_release_ended(server);
    if (server->num_replies > 0)
        return poll_reply(server, out, out_len, out_address, out_path);
    while (server->datagrams.first != DTLS_NO_SLOT) {
        struct dtls_slot *slot = &server->slots[server->datagrams.first];
        const dtls_error error = dtls_poll_datagram(slot->connection, now, out, out_cap, out_len, NULL);
        if (error == DTLS_ERROR_NO_ROOM)
            return error;
        if (error == DTLS_OK) {
            if (slot->silent)
                continue;
            *out_address = slot->address;
            if (out_path != NULL)
                *out_path = slot->path;
            return DTLS_OK;
        }
        dtls_slot_dequeue_datagram(server);
        dtls_slot_settle(server, slot);
        /* Its end can be told now that everything it had to say is said. */
        if (slot->state == DTLS_SLOT_OVER)
            dtls_slot_queue_event(server, slot);
    }
    *out_len = 0;
    return DTLS_NOTHING;
}

/* What the first session in the queue has to tell. DTLS_NOTHING: no more, and it is out of the queue. */
static dtls_error poll_slot(struct dtls_server *server, struct dtls_slot *slot, dtls_server_event *out) {
    out->session = dtls_slot_handle(server, slot);
    if (!slot->moved && dtls_poll_event(slot->connection, &out->event) == DTLS_OK) {
        out->kind = DTLS_SERVER_EVENT_SESSION;
        return DTLS_OK;
    }
    dtls_slot_settle(server, slot);
    if (slot->moved) {
        slot->moved = false;
        out->kind = DTLS_SERVER_EVENT_MOVED;
        return DTLS_OK;
    }
    dtls_slot_dequeue_event(server);
    if (slot->state != DTLS_SLOT_OVER || slot->queued_datagram)
        return DTLS_NOTHING;
    out->kind = DTLS_SERVER_EVENT_ENDED;
    out->end = (dtls_session_end)slot->end;
    server->statistics.ended[slot->end]++;
    server->ended = out->session.slot;
    return DTLS_OK;
}

dtls_error dtls_server_poll_event(dtls_server *server, dtls_server_event *out_event) {
    if (server == NULL || server->crypto == NULL || out_event == NULL)
        return DTLS_ERROR_ARGUMENT;
    dtls_slot_release_ended(server);
    *out_event = (dtls_server_event){.end = 0};
    while (server->events.first != DTLS_NO_SLOT) {
        if (poll_slot(server, &server->slots[server->events.first], out_event) == DTLS_OK)
            return DTLS_OK;
    }
    *out_event = (dtls_server_event){.end = 0};
    return DTLS_NOTHING;
}

/* When the session that has been silent longest has been so for too long. */
static uint64_t idle_deadline(const struct dtls_server *server) {
    const uint64_t span = server->config.idle_timeout_ns;
    if (span == 0 || server->silent.first == DTLS_NO_SLOT)
        return DTLS_NO_DEADLINE;
    const uint64_t since = server->slots[server->silent.first].heard_at;
    return since > DTLS_NO_DEADLINE - span ? DTLS_NO_DEADLINE : since + span;
}

uint64_t dtls_server_deadline(const dtls_server *server) {
    if (server == NULL || server->crypto == NULL)
        return DTLS_NO_DEADLINE;
    if (server->num_replies > 0 || server->events.first != DTLS_NO_SLOT ||
        server->datagrams.first != DTLS_NO_SLOT)
        return 0;
    const uint64_t idle = idle_deadline(server);
    const uint64_t first = dtls_deadline_first(server);
    return idle < first ? idle : first;
}

dtls_error dtls_server_timeout(dtls_server *server, dtls_time now) {
    if (server == NULL || server->crypto == NULL)
        return DTLS_ERROR_ARGUMENT;
    server->now = now;
    dtls_slot_release_ended(server);
    while (idle_deadline(server) <= now.monotonic_ns)
        dtls_slot_end(server, &server->slots[server->silent.first], DTLS_SESSION_IDLE, false);
    /* A connection whose deadline has come has a later one afterwards, or none; one turn each. */
    for (uint32_t turns = server->heap_len; turns > 0 && dtls_deadline_first(server) <= now.monotonic_ns;
         turns--) {
        struct dtls_slot *slot = &server->slots[server->heap[0]];
        (void)dtls_timeout(slot->connection, now);
        dtls_slot_queue(server, slot);
        dtls_slot_settle(server, slot);
    }
    return DTLS_OK;
}
