/* SPDX-License-Identifier: MIT
 *
 * The pre-shared key exchange (RFC 4279 section 2).
 */
#include "handshake/psk.h"

#include <string.h>

static const char section[] = "RFC 4279 section 2";

static dtls_error choose(struct dtls_connection *connection, const dtls_cipher_suite *suite) {
    (void)connection;
    (void)suite;
    return DTLS_OK;
}

/* Without a hint there is no ServerKeyExchange. */
static dtls_error write_server(struct dtls_connection *connection, dtls_span signature) {
    (void)signature;
    const dtls_span hint = connection->config->psk_identity_hint;
    if (hint.len == 0)
        return DTLS_OK;
    struct dtls_writer writer = dtls_message_begin(connection);
    dtls_write_vector(&writer, 2, hint);
    return dtls_message_end(connection, &writer, DTLS_MESSAGE_SERVER_KEY_EXCHANGE);
}

void dtls_psk_take_hint(struct dtls_handshake *handshake, dtls_span hint) {
    if (hint.len > 0 && hint.len <= sizeof handshake->psk_name) {
        memcpy(handshake->psk_name, hint.data, hint.len);
        handshake->psk_name_len = hint.len;
    }
}

static dtls_error read_server(struct dtls_connection *connection, const struct dtls_message *message) {
    struct dtls_reader reader = dtls_reader_of(message->body, message->len);
    const dtls_span hint = dtls_read_vector(&reader, 2, 0, 0xffff);
    if (!dtls_read_done(&reader))
        return dtls_connection_fail(connection, DTLS_ERROR_DECODE, "psk_identity_hint", section);
    dtls_psk_take_hint(connection->handshake, hint);
    return DTLS_OK;
}

static dtls_error write_client(struct dtls_connection *connection) {
    const struct dtls_handshake *handshake = connection->handshake;
    struct dtls_writer writer = dtls_message_begin(connection);
    dtls_write_vector(&writer, 2, (dtls_span){handshake->psk_name, handshake->psk_name_len});
    return dtls_message_end(connection, &writer, DTLS_MESSAGE_CLIENT_KEY_EXCHANGE);
}

static dtls_error read_client(struct dtls_connection *connection, const struct dtls_message *message) {
    struct dtls_reader reader = dtls_reader_of(message->body, message->len);
    connection->handshake->question = dtls_read_vector(&reader, 2, 0, 0xffff);
    if (!dtls_read_done(&reader))
        return dtls_connection_fail(connection, DTLS_ERROR_DECODE, "psk_identity", section);
    return DTLS_OK;
}

dtls_error dtls_psk_take_key(struct dtls_connection *connection, struct dtls_writer *premaster,
                             dtls_span identity, dtls_span key) {
    struct dtls_handshake *handshake = connection->handshake;
    if (key.len == 0)
        return dtls_connection_fail(connection, DTLS_ERROR_PSK_UNKNOWN, "psk_identity", section);
    if (identity.len > 0)
        memmove(handshake->psk_name, identity.data, identity.len);
    handshake->psk_name_len = identity.len;
    dtls_write_vector(premaster, 2, key);
    handshake->premaster_len = dtls_written(premaster).len;
    handshake->peer_verified = true;
    return DTLS_OK;
}

/* premaster_secret: as many zeros as the key has bytes, then the key, each with its length. */
static dtls_error take_psk(struct dtls_connection *connection, dtls_span identity, dtls_span key) {
    struct dtls_handshake *handshake = connection->handshake;
    struct dtls_writer premaster = dtls_writer_of(handshake->premaster, sizeof handshake->premaster);
    dtls_write_u16(&premaster, (unsigned)key.len);
    uint8_t *zeros = dtls_write_room(&premaster, key.len);
    if (zeros != NULL)
        memset(zeros, 0, key.len);
    return dtls_psk_take_key(connection, &premaster, identity, key);
}

const struct dtls_key_exchange dtls_key_exchange_psk = {
    .name = "PSK",
    .asks_psk = true,
    .server_may_be_silent = true,
    .choose = choose,
    .write_server = write_server,
    .read_server = read_server,
    .write_client = write_client,
    .read_client = read_client,
    .take_psk = take_psk,
};
