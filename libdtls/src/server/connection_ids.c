/* SPDX-License-Identifier: MIT
 *
 * Sessions found by connection ID (RFC 9146). The server's IDs say where the
 * session stands, so that no table is needed: four random bytes, and the
 * slot's number masked by a keyed hash of them, so that an ID tells nobody
 * else how many sessions there are or which two are one.
 */
#include "dtls/connection_id.h"
#include "server/server.h"
#include "server/siphash.h"

#include <string.h>

enum { RANDOM = 4 };

static uint32_t mask(const struct dtls_server *server, const uint8_t random[RANDOM]) {
    return (uint32_t)(dtls_siphash(server->hash_key, random, RANDOM) >> 32);
}

static bool fits(const dtls_config *config) {
    const size_t most = config->max_connection_id != 0 ? config->max_connection_id : 32;
    if (most < DTLS_SERVER_ID_LEN || config->extensions == NULL)
        return false;
    for (size_t i = 0; config->extensions[i] != NULL; i++) {
        if (config->extensions[i] == &dtls_extension_connection_id)
            return true;
    }
    return false;
}

static dtls_error assign(struct dtls_server *server, struct dtls_slot *slot) {
    uint8_t id[DTLS_SERVER_ID_LEN];
    const dtls_error error = server->crypto->random(server->crypto->state, id, RANDOM);
    if (error != DTLS_OK)
        return error;
    const uint32_t masked = dtls_slot_number(server, slot) ^ mask(server, id);
    for (unsigned i = 0; i < 4; i++)
        id[RANDOM + i] = (uint8_t)(masked >> (8 * i));
    return dtls_set_connection_id(slot->connection, (dtls_span){id, sizeof id});
}

static struct dtls_slot *find(const struct dtls_server *server, dtls_span datagram) {
    dtls_span id;
    dtls_span ours;
    uint32_t masked = 0;
    if (dtls_connection_id_of(datagram.data, datagram.len, DTLS_SERVER_ID_LEN, &id) != DTLS_OK)
        return NULL;
    for (unsigned i = 0; i < 4; i++)
        masked |= (uint32_t)id.data[RANDOM + i] << (8 * i);
    const uint32_t number = masked ^ mask(server, id.data);
    if (number >= server->config.max_sessions)
        return NULL;
    struct dtls_slot *slot = &server->slots[number];
    if (!slot->routed || dtls_connection_ids(slot->connection, &ours, NULL) != DTLS_OK ||
        ours.len != DTLS_SERVER_ID_LEN || memcmp(ours.data, id.data, ours.len) != 0)
        return NULL;
    return slot;
}

const struct dtls_server_ids dtls_server_connection_ids = {.fits = fits, .assign = assign, .find = find};
