/* SPDX-License-Identifier: MIT
 *
 * The key schedule of DTLS 1.2 (RFC 5246 sections 5, 6.3, 7.4.9 and 8.1; RFC
 * 7627 section 4).
 */
#include "handshake/key_schedule.h"

#include "handshake/transcript.h"

#include <string.h>

static dtls_error derive_master_secret(struct dtls_connection *connection) {
    struct dtls_handshake *handshake = connection->handshake;
    const dtls_hash hash = dtls_connection_hash(connection);
    if (!handshake->session_hash) {
        const dtls_span seed[] = {{handshake->client_random, DTLS_RANDOM},
                                  {handshake->server_random, DTLS_RANDOM}};
        return connection->crypto->prf(connection->crypto->state, hash, handshake->premaster,
                                       handshake->premaster_len, "master secret", seed, 2,
                                       handshake->master_secret, DTLS_MASTER_SECRET);
    }
    uint8_t digest[DTLS_MAX_HASH];
    dtls_span seed = {.data = digest};
    const dtls_error error = dtls_transcript_digest(connection, digest, &seed.len);
    if (error != DTLS_OK)
        return error;
    return connection->crypto->prf(connection->crypto->state, hash, handshake->premaster,
                                   handshake->premaster_len, "extended master secret", &seed, 1,
                                   handshake->master_secret, DTLS_MASTER_SECRET);
}

static const struct dtls_protection *protection_of(const struct dtls_handshake *handshake) {
    const struct dtls_protection *protection = handshake->suite->protection;
    return handshake->encrypt_then_mac && protection->encrypt_then_mac != NULL ? protection->encrypt_then_mac
                                                                               : protection;
}

/* One direction's part of the key block, which has MAC keys, keys and IVs, the client's first each time
 * (RFC 5246 section 6.3). */
static dtls_error install_direction(struct dtls_connection *connection, dtls_direction direction,
                                    const struct dtls_protection *protection, const uint8_t *key_block) {
    const size_t server = (direction == DTLS_SEAL) == (connection->protocol->role == DTLS_SERVER);
    const uint8_t *keys = key_block + 2 * (size_t)protection->mac_key_len;
    const uint8_t *ivs = keys + 2 * (size_t)protection->key_len;
    return dtls_record_install(&connection->records, direction, 1, protection,
                               key_block + server * protection->mac_key_len,
                               keys + server * protection->key_len, ivs + server * protection->fixed_iv_len);
}

static uint8_t *write_hex(uint8_t *out, const uint8_t *data, size_t len) {
    for (size_t i = 0; i < len; i++) {
        *out++ = (uint8_t) "0123456789abcdef"[data[i] >> 4];
        *out++ = (uint8_t) "0123456789abcdef"[data[i] & 15];
    }
    return out;
}

/* The NSS key log format: "CLIENT_RANDOM", the client random, the master secret. */
static void log_key(struct dtls_connection *connection) {
    if (connection->key_log == NULL)
        return;
    memcpy(connection->key_log, "CLIENT_RANDOM ", 14);
    uint8_t *at = write_hex(connection->key_log + 14, connection->handshake->client_random, DTLS_RANDOM);
    *at++ = ' ';
    write_hex(at, connection->handshake->master_secret, DTLS_MASTER_SECRET);
    dtls_events_put(&connection->events, DTLS_EVENT_KEY_LOG, 0, 0);
}

dtls_error dtls_install_keys(struct dtls_connection *connection, const struct dtls_protection *protection,
                             const struct dtls_secrets *secrets) {
    const dtls_crypto *crypto = connection->crypto;
    uint8_t key_block[2 * (DTLS_MAX_MAC_KEY + DTLS_MAX_KEY + DTLS_MAX_FIXED_IV)];
    const dtls_span seed[] = {{secrets->server_random, DTLS_RANDOM}, {secrets->client_random, DTLS_RANDOM}};
    dtls_error error = crypto->prf(
        crypto->state, secrets->hash, secrets->master_secret, DTLS_MASTER_SECRET, "key expansion", seed, 2,
        key_block, 2 * ((size_t)protection->mac_key_len + protection->key_len + protection->fixed_iv_len));
    if (error == DTLS_OK)
        error = install_direction(connection, DTLS_SEAL, protection, key_block);
    if (error == DTLS_OK)
        error = install_direction(connection, DTLS_OPEN, protection, key_block);
    crypto->wipe(key_block, sizeof key_block);
    return error;
}

dtls_error dtls_derive_keys(struct dtls_connection *connection) {
    struct dtls_handshake *handshake = connection->handshake;
    const dtls_error error = derive_master_secret(connection);
    connection->crypto->wipe(handshake->premaster, sizeof handshake->premaster);
    return error == DTLS_OK ? dtls_expand_keys(connection) : error;
}

dtls_error dtls_expand_keys(struct dtls_connection *connection) {
    const struct dtls_handshake *handshake = connection->handshake;
    struct dtls_secrets secrets = {.hash = dtls_connection_hash(connection)};
    memcpy(secrets.master_secret, handshake->master_secret, DTLS_MASTER_SECRET);
    memcpy(secrets.client_random, handshake->client_random, DTLS_RANDOM);
    memcpy(secrets.server_random, handshake->server_random, DTLS_RANDOM);
    if (connection->secrets != NULL)
        *connection->secrets = secrets;
    log_key(connection);
    const dtls_error error = dtls_install_keys(connection, protection_of(handshake), &secrets);
    connection->crypto->wipe(&secrets, sizeof secrets);
    return error;
}

dtls_error dtls_verify_data(const struct dtls_connection *connection, dtls_role role,
                            uint8_t out[DTLS_VERIFY_DATA]) {
    const struct dtls_handshake *handshake = connection->handshake;
    uint8_t digest[DTLS_MAX_HASH];
    dtls_span seed = {.data = digest};
    const dtls_error error = dtls_transcript_digest(connection, digest, &seed.len);
    if (error != DTLS_OK)
        return error;
    return connection->crypto->prf(connection->crypto->state, dtls_connection_hash(connection),
                                   handshake->master_secret, DTLS_MASTER_SECRET,
                                   role == DTLS_CLIENT ? "client finished" : "server finished", &seed, 1, out,
                                   DTLS_VERIFY_DATA);
}
