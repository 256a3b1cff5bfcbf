/* SPDX-License-Identifier: MIT
 *
 * Datagrams in: whose each is, and what it does to him.
 */
#include "handshake/cookie.h"
#include "server/server.h"
#include "server/siphash.h"

#include <string.h>

struct batch {
    dtls_server_plaintext *out;
    size_t num;
    size_t cap;
};

/* Plaintexts asked of a connection at a time. */
#define PLAINTEXTS 16

/* Some record of the datagram claims to be protected. */
static bool has_protected(const dtls_server_datagram *datagram) {
    struct dtls_reader reader = dtls_reader_of(datagram->bytes, datagram->len);
    while (dtls_read_left(&reader) > 0) {
        struct dtls_record_header header;
        dtls_record_header_read(&reader, &header);
        (void)dtls_read_bytes(&reader, header.length);
        if (dtls_read_ok(&reader) && header.epoch != 0)
            return true;
    }
    return false;
}

/* The connection's number for the address that a datagram came from. */
static uint32_t path_of(const struct dtls_slot *slot, const dtls_server_datagram *datagram) {
    if (dtls_address_equal(&slot->address, &datagram->address))
        return slot->path_number;
    if (slot->new_path_number != 0 && dtls_address_equal(&slot->new_address, &datagram->address))
        return slot->new_path_number;
    return slot->last_path_number + 1;
}

/* Keeps the address if the connection found something in the datagram that speaks for it. */
static void note_path(struct dtls_slot *slot, const dtls_server_datagram *datagram, uint32_t number) {
    if (number == slot->path_number) {
        slot->path = datagram->path;
    } else if (slot->connection->path == number || slot->connection->new_path == number) {
        slot->new_address = datagram->address;
        slot->new_path = datagram->path;
        slot->new_path_number = number;
        slot->last_path_number = number > slot->last_path_number ? number : slot->last_path_number;
    }
}

static void note(struct dtls_server *server, struct dtls_slot *slot, const dtls_server_datagram *datagram,
                 uint32_t path_number, uint64_t accepted, size_t num_plaintexts) {
    const bool established = slot->state == DTLS_SLOT_ESTABLISHED;
    const bool closed = dtls_connection_get_info(slot->connection)->closed;
    if (accepted == 0 && established && !closed)
        return;
    if (established)
        dtls_slot_heard(server, slot);
    note_path(slot, datagram, path_number);
    /* Nothing but application data has come to a session in full health: there is nothing to be taken out. */
    if (established && accepted == num_plaintexts && !closed && path_number == slot->path_number)
        return;
    dtls_slot_queue(server, slot);
    dtls_slot_settle(server, slot);
}

/* Gives a datagram to a session; false if its plaintexts do not all fit. */
static bool deliver(struct dtls_server *server, struct dtls_slot *slot, const dtls_server_datagram *datagram,
                    size_t index, struct batch *batch) {
    const uint32_t path_number = path_of(slot, datagram);
    dtls_datagram given = {.bytes = datagram->bytes, .len = datagram->len, .path = path_number};
    const dtls_statistics *statistics = dtls_connection_get_statistics(slot->connection);
    const uint64_t before = statistics->records_received;
    size_t taken = 0;
    size_t num_all = 0;
    while (taken == 0) {
        dtls_plaintext plaintexts[PLAINTEXTS];
        const size_t left = batch->out == NULL ? 0 : batch->cap - batch->num;
        const size_t cap = left < PLAINTEXTS ? left : PLAINTEXTS;
        size_t num = cap;
        if (dtls_receive(slot->connection, server->now, &given, 1, plaintexts, &num, &taken) != DTLS_OK)
            break;
        for (size_t i = 0; i < num; i++) {
            plaintexts[i].datagram = index;
            /* `num` is at most `cap`, which is 0 without `out`.
             * NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
            batch->out[batch->num++] = (dtls_server_plaintext){.session = dtls_slot_handle(server, slot),
                                                               .plaintext = plaintexts[i]};
        }
        num_all += num;
        if (taken == 0 && cap == left)
            break;
    }
    const bool whole = taken == 1 || dtls_connection_get_failure(slot->connection) != NULL;
    note(server, slot, datagram, path_number, statistics->records_received - before, num_all);
    return whole;
}

/* Two associations from one address, of which the newer shakes hands: protected records may be either's.
 * Opening destroys what cannot be opened, so the newer one tries a copy. */
static bool deliver_to_either(struct dtls_server *server, const struct dtls_route *known,
                              const dtls_server_datagram *datagram, size_t index, struct batch *batch) {
    struct dtls_slot *newer = known->handshake;
    if (!has_protected(datagram))
        return deliver(server, newer, datagram, index, batch);
    if (datagram->len <= DTLS_SERVER_SCRATCH) {
        dtls_server_datagram copy = *datagram;
        struct batch nothing = {.out = NULL};
        copy.bytes = server->scratch;
        memcpy(copy.bytes, datagram->bytes, datagram->len);
        (void)deliver(server, newer, &copy, index, &nothing);
        /* It has proved itself, and data may follow in the same datagram. */
        if (newer->state == DTLS_SLOT_ESTABLISHED)
            return deliver(server, newer, datagram, index, batch);
    }
    return deliver(server, known->established, datagram, index, batch);
}

static bool take_hello(struct dtls_server *server, const struct dtls_route *known, dtls_span random,
                       const dtls_server_datagram *datagram, size_t index, struct batch *batch) {
    const uint64_t hello = dtls_siphash(server->hash_key, random.data, random.len);
    struct dtls_slot *slot = NULL;
    if (known->handshake != NULL && known->handshake->hello == hello)
        slot = known->handshake;
    else if (known->established != NULL && known->established->hello == hello)
        slot = known->established;
    if (slot != NULL)
        server->statistics.hellos_repeated++;
    else
        slot = dtls_admit(server, datagram, known, hello);
    return slot == NULL || deliver(server, slot, datagram, index, batch);
}

static bool take_datagram(struct dtls_server *server, const dtls_server_datagram *datagram, size_t index,
                          struct batch *batch) {
    const dtls_span bytes = {datagram->bytes, datagram->len};
    if (server->config.connection_ids != NULL) {
        struct dtls_slot *named = server->config.connection_ids->find(server, bytes);
        if (named != NULL)
            return deliver(server, named, datagram, index, batch);
    }
    const struct dtls_route known = dtls_route_find(server, &datagram->address);
    dtls_span random;
    if (dtls_client_hello_peek(bytes, &random))
        return take_hello(server, &known, random, datagram, index, batch);
    if (known.established != NULL && known.handshake != NULL)
        return deliver_to_either(server, &known, datagram, index, batch);
    if (known.established == NULL && known.handshake == NULL) {
        server->statistics.datagrams_unknown++;
        return true;
    }
    return deliver(server, known.established != NULL ? known.established : known.handshake, datagram, index,
                   batch);
}

static bool good_addresses(const dtls_server_datagram *datagrams, size_t num) {
    for (size_t i = 0; i < num; i++) {
        if (datagrams[i].address.len == 0 || datagrams[i].address.len > DTLS_MAX_ADDRESS ||
            (datagrams[i].bytes == NULL && datagrams[i].len > 0))
            return false;
    }
    return true;
}

dtls_error dtls_server_receive(dtls_server *server, dtls_time now, dtls_server_datagram *datagrams,
                               size_t num_datagrams, dtls_server_plaintext *out_plaintexts,
                               size_t *num_plaintexts, size_t *out_datagrams) {
    if (server == NULL || server->crypto == NULL || (datagrams == NULL && num_datagrams > 0) ||
        num_plaintexts == NULL || out_datagrams == NULL || (out_plaintexts == NULL && *num_plaintexts > 0) ||
        !good_addresses(datagrams, num_datagrams))
        return DTLS_ERROR_ARGUMENT;
    struct batch batch = {.out = out_plaintexts, .cap = *num_plaintexts};
    server->now = now;
    dtls_slot_release_ended(server);
    *out_datagrams = 0;
    while (*out_datagrams < num_datagrams && server->num_replies < server->layout.num_replies &&
           take_datagram(server, &datagrams[*out_datagrams], *out_datagrams, &batch))
        (*out_datagrams)++;
    server->statistics.datagrams_received += *out_datagrams;
    *num_plaintexts = batch.num;
    return DTLS_OK;
}
