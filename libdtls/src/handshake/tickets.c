/* SPDX-License-Identifier: MIT
 *
 * Tickets (RFC 5077 section 4): a session's state, sealed with a key that only
 * the server has.
 *
 *     key_name[16] | nonce[12] | AEAD(state), which covers key_name too | tag[16]
 */
#include "handshake/resumption.h"

#include <string.h>

#define KEY_NAME 16

static size_t key_len(dtls_aead aead) {
    return aead == DTLS_AEAD_AES_128_GCM || aead == DTLS_AEAD_AES_128_CCM ? 16 : 32;
}

dtls_error dtls_ticket_seal(struct dtls_connection *connection, struct dtls_writer *writer) {
    const dtls_crypto *crypto = connection->crypto;
    const dtls_ticket_keys *keys = connection->config->ticket_keys;
    void *slot = connection->handshake->resuming->sealer;
    dtls_write_bytes(writer, keys->current.name, KEY_NAME);
    uint8_t *nonce = dtls_write_room(writer, DTLS_AEAD_NONCE);
    uint8_t state[DTLS_STATE_BARE];
    struct dtls_writer inner = dtls_writer_of(state, sizeof state);
    dtls_state_write(&inner, connection->resumable, DTLS_SERVER, (dtls_span){.data = NULL});
    const size_t len = dtls_written(&inner).len;
    uint8_t *sealed = dtls_write_room(writer, len + DTLS_TICKET_TAG);
    dtls_error error =
        sealed == NULL ? DTLS_ERROR_NO_ROOM : crypto->random(crypto->state, nonce, DTLS_AEAD_NONCE);
    if (error == DTLS_OK) {
        memcpy(sealed, state, len);
        error = crypto->aead_start(crypto->state, slot, keys->aead, DTLS_SEAL, keys->current.key,
                                   key_len(keys->aead));
    }
    if (error == DTLS_OK)
        error = crypto->aead_seal(slot, nonce, keys->current.name, KEY_NAME, sealed, len, sealed + len);
    crypto->aead_clear(slot);
    crypto->wipe(state, sizeof state);
    return error;
}

/* A key's name is no secret. */
static const dtls_ticket_key *key_named(const dtls_ticket_keys *keys, const uint8_t *name) {
    if (memcmp(keys->current.name, name, KEY_NAME) == 0)
        return &keys->current;
    return keys->has_previous && memcmp(keys->previous.name, name, KEY_NAME) == 0 ? &keys->previous : NULL;
}

/* Opens a copy: the ticket stands in a message that is yet to be hashed. */
static bool open_state(struct dtls_connection *connection, const dtls_ticket_key *key, const uint8_t *nonce,
                       dtls_span sealed) {
    const dtls_crypto *crypto = connection->crypto;
    const dtls_ticket_keys *keys = connection->config->ticket_keys;
    struct dtls_resuming *resuming = connection->handshake->resuming;
    const size_t len = sealed.len - DTLS_TICKET_TAG;
    uint8_t state[DTLS_STATE_BARE];
    dtls_span no_ticket;
    memcpy(state, sealed.data, len);
    dtls_error error = crypto->aead_start(crypto->state, resuming->sealer, keys->aead, DTLS_OPEN, key->key,
                                          key_len(keys->aead));
    if (error == DTLS_OK)
        error =
            crypto->aead_open(resuming->sealer, nonce, key->name, KEY_NAME, state, len, sealed.data + len);
    crypto->aead_clear(resuming->sealer);
    const bool good = error == DTLS_OK &&
                      dtls_state_read((dtls_span){state, len}, DTLS_SERVER, &resuming->session, &no_ticket);
    crypto->wipe(state, sizeof state);
    return good;
}

bool dtls_ticket_open(struct dtls_connection *connection, dtls_span ticket) {
    const dtls_ticket_keys *keys = connection->config->ticket_keys;
    struct dtls_reader reader = dtls_reader_of(ticket.data, ticket.len);
    const dtls_span name = dtls_read_bytes(&reader, KEY_NAME);
    const dtls_span nonce = dtls_read_bytes(&reader, DTLS_AEAD_NONCE);
    const dtls_span sealed = dtls_read_rest(&reader);
    if (!dtls_read_ok(&reader) || sealed.len < DTLS_TICKET_TAG ||
        sealed.len > DTLS_STATE_BARE + DTLS_TICKET_TAG)
        return false;
    const dtls_ticket_key *key = key_named(keys, name.data);
    if (key == NULL || !open_state(connection, key, nonce.data, sealed))
        return false;
    connection->handshake->resuming->renews = key == &keys->previous;
    return true;
}
