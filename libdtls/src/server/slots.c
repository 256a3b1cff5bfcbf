/* SPDX-License-Identifier: MIT
 *
 * The life of a slot: free, shaking hands, established, over, free again.
 */
#include "server/server.h"

#include <string.h>

struct dtls_slot *dtls_slot_of(const struct dtls_server *server, dtls_session session) {
    if (server == NULL || server->crypto == NULL || session.slot >= server->config.max_sessions)
        return NULL;
    struct dtls_slot *slot = &server->slots[session.slot];
    return slot->connection != NULL && slot->generation == session.generation ? slot : NULL;
}

/* The list of its state. */
static struct dtls_slot_list *list_of(struct dtls_server *server, const struct dtls_slot *slot) {
    return slot->state == DTLS_SLOT_HANDSHAKE ? &server->shaking : &server->silent;
}

static void list_append(struct dtls_server *server, struct dtls_slot *slot) {
    struct dtls_slot_list *list = list_of(server, slot);
    const uint32_t number = dtls_slot_number(server, slot);
    slot->list_previous = list->last;
    slot->list_next = DTLS_NO_SLOT;
    if (list->last == DTLS_NO_SLOT)
        list->first = number;
    else
        server->slots[list->last].list_next = number;
    list->last = number;
}

static void list_remove(struct dtls_server *server, struct dtls_slot *slot) {
    struct dtls_slot_list *list = list_of(server, slot);
    if (slot->list_previous == DTLS_NO_SLOT)
        list->first = slot->list_next;
    else
        server->slots[slot->list_previous].list_next = slot->list_next;
    if (slot->list_next == DTLS_NO_SLOT)
        list->last = slot->list_previous;
    else
        server->slots[slot->list_next].list_previous = slot->list_previous;
}

static void *session_memory(struct dtls_server *server, uint32_t slot) {
    return (uint8_t *)server + server->layout.sessions + slot * server->layout.session_stride;
}

static void *handshake_memory(struct dtls_server *server, uint32_t place) {
    return (uint8_t *)server + server->layout.handshakes + place * server->layout.handshake_stride;
}

struct dtls_slot *dtls_slot_take(struct dtls_server *server, const dtls_address *address, uint64_t path,
                                 uint64_t hello) {
    const uint32_t number = server->free_slot;
    const uint32_t place = server->free_handshake;
    struct dtls_slot *slot = &server->slots[number];
    dtls_connection *connection;
    if (dtls_connection_open_checked(&server->connection, session_memory(server, number),
                                     server->layout.session_stride, handshake_memory(server, place),
                                     server->layout.handshake_stride, &connection) != DTLS_OK)
        return NULL;
    server->free_slot = slot->list_next;
    server->free_handshake = server->places[place].next_free;
    *slot = (struct dtls_slot){.connection = connection,
                               .heard_at = server->now.monotonic_ns,
                               .hello = hello,
                               .path = path,
                               .generation = slot->generation,
                               .handshake = place,
                               .heap_place = DTLS_NO_SLOT,
                               .path_number = 1,
                               .last_path_number = 1,
                               .address = *address,
                               .state = DTLS_SLOT_HANDSHAKE};
    list_append(server, slot);
    dtls_route_add(server, slot);
    server->places[place].slot = number;
    dtls_source_add(server, place);
    server->statistics.opened++;
    server->statistics.sessions++;
    server->statistics.handshakes++;
    return slot;
}

void dtls_slot_queue_event(struct dtls_server *server, struct dtls_slot *slot) {
    const uint32_t number = dtls_slot_number(server, slot);
    if (slot->queued_event)
        return;
    slot->queued_event = true;
    slot->next_event = DTLS_NO_SLOT;
    if (server->events.last == DTLS_NO_SLOT)
        server->events.first = number;
    else
        server->slots[server->events.last].next_event = number;
    server->events.last = number;
}

static void queue_datagram(struct dtls_server *server, struct dtls_slot *slot) {
    const uint32_t number = dtls_slot_number(server, slot);
    if (slot->queued_datagram)
        return;
    slot->queued_datagram = true;
    slot->next_datagram = DTLS_NO_SLOT;
    if (server->datagrams.last == DTLS_NO_SLOT)
        server->datagrams.first = number;
    else
        server->slots[server->datagrams.last].next_datagram = number;
    server->datagrams.last = number;
}

void dtls_slot_queue(struct dtls_server *server, struct dtls_slot *slot) {
    dtls_slot_queue_event(server, slot);
    queue_datagram(server, slot);
}

void dtls_slot_dequeue_event(struct dtls_server *server) {
    struct dtls_slot *slot = &server->slots[server->events.first];
    slot->queued_event = false;
    server->events.first = slot->next_event;
    if (slot->next_event == DTLS_NO_SLOT)
        server->events.last = DTLS_NO_SLOT;
}

void dtls_slot_dequeue_datagram(struct dtls_server *server) {
    struct dtls_slot *slot = &server->slots[server->datagrams.first];
    slot->queued_datagram = false;
    server->datagrams.first = slot->next_datagram;
    if (slot->next_datagram == DTLS_NO_SLOT)
        server->datagrams.last = DTLS_NO_SLOT;
}

static void give_handshake_back(struct dtls_server *server, struct dtls_slot *slot) {
    if (slot->handshake == DTLS_NO_SLOT || dtls_connection_take_handshake_memory(slot->connection) == NULL)
        return;
    dtls_source_remove(server, slot->handshake);
    server->places[slot->handshake] =
        (struct dtls_handshake_place){.slot = DTLS_NO_SLOT, .next_free = server->free_handshake};
    server->free_handshake = slot->handshake;
    slot->handshake = DTLS_NO_SLOT;
    server->statistics.handshakes--;
}

/* Its Finished was good: the association that it replaces is discarded (RFC 6347 section 4.2.8). */
static void establish(struct dtls_server *server, struct dtls_slot *slot) {
    const struct dtls_route known = dtls_route_find(server, &slot->address);
    if (known.established != NULL)
        dtls_slot_end(server, known.established, DTLS_SESSION_REPLACED, true);
    list_remove(server, slot);
    slot->state = DTLS_SLOT_ESTABLISHED;
    slot->heard_at = server->now.monotonic_ns;
    list_append(server, slot);
    server->statistics.connected++;
}

/* Closed by the application, while the peer may still be waiting for our last flight: it is kept until that
 * is sure to have come, or is of no use any more. */
static bool lingers(const struct dtls_slot *slot) {
    const struct dtls_connection *connection = slot->connection;
    return slot->end == 0 && slot->state == DTLS_SLOT_ESTABLISHED && !slot->heard &&
           connection->state == DTLS_STATE_CLOSED && !connection->close_received &&
           dtls_deadline(connection) != DTLS_NO_DEADLINE;
}

static void put_aside(struct dtls_server *server, struct dtls_slot *slot) {
    if (slot->end == 0)
        slot->end =
            dtls_connection_get_failure(slot->connection) != NULL ? DTLS_SESSION_FAILED : DTLS_SESSION_CLOSED;
    dtls_route_remove(server, slot);
    dtls_deadline_set(server, slot, DTLS_NO_DEADLINE);
    list_remove(server, slot);
    slot->state = DTLS_SLOT_OVER;
    dtls_slot_queue(server, slot);
}

/* The connection has accepted the new address (RFC 9146 section 6). */
static void move(struct dtls_server *server, struct dtls_slot *slot) {
    dtls_route_remove(server, slot);
    slot->address = slot->new_address;
    slot->path = slot->new_path;
    slot->path_number = slot->new_path_number;
    slot->new_path_number = 0;
    slot->moved = true;
    dtls_route_add(server, slot);
    server->statistics.moved++;
    dtls_slot_queue_event(server, slot);
}

void dtls_slot_settle(struct dtls_server *server, struct dtls_slot *slot) {
    if (slot->state == DTLS_SLOT_OVER)
        return;
    if (slot->new_path_number != 0 && slot->connection->path == slot->new_path_number)
        move(server, slot);
    const dtls_connection_info *info = dtls_connection_get_info(slot->connection);
    if (info->connected && slot->state == DTLS_SLOT_HANDSHAKE)
        establish(server, slot);
    give_handshake_back(server, slot);
    if (info->closed && !lingers(slot))
        put_aside(server, slot);
    else
        dtls_deadline_set(server, slot, dtls_deadline(slot->connection));
}

void dtls_slot_heard(struct dtls_server *server, struct dtls_slot *slot) {
    slot->heard_at = server->now.monotonic_ns;
    slot->heard = true;
    if (slot->list_next == DTLS_NO_SLOT)
        return;
    list_remove(server, slot);
    list_append(server, slot);
}

void dtls_slot_end(struct dtls_server *server, struct dtls_slot *slot, dtls_session_end end, bool silent) {
    if (slot->state == DTLS_SLOT_OVER)
        return;
    slot->end = (uint8_t)end;
    slot->silent = silent;
    /* Answers DTLS_ERROR_STATE if it was closed before, and lingers. */
    (void)dtls_close(slot->connection, server->now);
    dtls_slot_settle(server, slot);
}

void dtls_slot_release_ended(struct dtls_server *server) {
    if (server->ended == DTLS_NO_SLOT)
        return;
    struct dtls_slot *slot = &server->slots[server->ended];
    dtls_connection_wipe(slot->connection);
    *slot = (struct dtls_slot){.generation = slot->generation + 1, .list_next = server->free_slot};
    if (slot->generation == 0)
        slot->generation = 1;
    server->free_slot = server->ended;
    server->ended = DTLS_NO_SLOT;
    server->statistics.sessions--;
}
