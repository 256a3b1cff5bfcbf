/* SPDX-License-Identifier: MIT
 *
 * The transcript hash (RFC 5246 section 7.4.9, RFC 6347 section 4.2.6).
 */
#include "handshake/transcript.h"

dtls_error dtls_transcript_start(struct dtls_connection *connection) {
    struct dtls_handshake *handshake = connection->handshake;
    handshake->transcript_on = true;
    return connection->crypto->hash_start(handshake->transcript, handshake->suite->hash);
}

dtls_error dtls_transcript_add(struct dtls_connection *connection, const struct dtls_message *message) {
    uint8_t header[DTLS_MESSAGE_HEADER];
    dtls_message_header_whole(message, header);
    const dtls_crypto *crypto = connection->crypto;
    void *slot = connection->handshake->transcript;
    const dtls_error error = crypto->hash_update(slot, header, sizeof header);
    if (error != DTLS_OK || message->len == 0)
        return error;
    return crypto->hash_update(slot, message->body, message->len);
}

dtls_error dtls_transcript_add_own(struct dtls_connection *connection, dtls_span message) {
    return connection->crypto->hash_update(connection->handshake->transcript, message.data, message.len);
}

dtls_error dtls_transcript_digest(const struct dtls_connection *connection, uint8_t *out, size_t *out_len) {
    return connection->crypto->hash_peek(connection->handshake->transcript, out, out_len);
}

dtls_error dtls_digest(struct dtls_connection *connection, dtls_hash hash, const dtls_span *parts,
                       size_t num_parts, uint8_t *out, size_t *out_len) {
    const dtls_crypto *crypto = connection->crypto;
    void *slot = connection->handshake->digester;
    dtls_error error = crypto->hash_start(slot, hash);
    for (size_t i = 0; i < num_parts && error == DTLS_OK; i++)
        error = crypto->hash_update(slot, parts[i].data, parts[i].len);
    if (error == DTLS_OK)
        error = crypto->hash_peek(slot, out, out_len);
    crypto->hash_clear(slot);
    return error;
}
