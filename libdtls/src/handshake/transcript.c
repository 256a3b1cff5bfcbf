/* SPDX-License-Identifier: MIT
 *
 * The transcript hash (RFC 5246 section 7.4.9, RFC 6347 section 4.2.6).
 */
#include "handshake/transcript.h"

#include <string.h>

dtls_error dtls_transcript_start(struct dtls_connection *connection) {
    struct dtls_handshake *handshake = connection->handshake;
    handshake->transcript_on = true;
    dtls_error error = connection->crypto->hash_start(connection->crypto->state, handshake->transcript,
                                                      dtls_connection_hash(connection));
    for (size_t i = 0; i < DTLS_MAX_HASHES && error == DTLS_OK; i++) {
        if (handshake->more_hashes[i] == dtls_connection_hash(connection))
            handshake->more_transcripts[i] = NULL;
        if (handshake->more_transcripts[i] != NULL)
            error = connection->crypto->hash_start(connection->crypto->state, handshake->more_transcripts[i],
                                                   (dtls_hash)handshake->more_hashes[i]);
    }
    return error;
}

static void keep(struct dtls_handshake *handshake, dtls_span bytes) {
    if (bytes.len > handshake->kept_cap - handshake->kept_len) {
        handshake->kept_cap = 0;
        handshake->kept_len = 0;
    }
    if (handshake->kept_cap == 0)
        return;
    memcpy(handshake->kept + handshake->kept_len, bytes.data, bytes.len);
    handshake->kept_len += bytes.len;
}

static dtls_error absorb(struct dtls_connection *connection, dtls_span bytes) {
    struct dtls_handshake *handshake = connection->handshake;
    const dtls_crypto *crypto = connection->crypto;
    dtls_error error = crypto->hash_update(handshake->transcript, bytes.data, bytes.len);
    for (size_t i = 0; i < DTLS_MAX_HASHES && error == DTLS_OK; i++) {
        if (handshake->more_transcripts[i] != NULL)
            error = crypto->hash_update(handshake->more_transcripts[i], bytes.data, bytes.len);
    }
    keep(handshake, bytes);
    return error;
}

dtls_error dtls_transcript_add(struct dtls_connection *connection, const struct dtls_message *message) {
    uint8_t header[DTLS_MESSAGE_HEADER];
    dtls_message_header_whole(message, header);
    const dtls_error error = absorb(connection, (dtls_span){header, sizeof header});
    if (error != DTLS_OK || message->len == 0)
        return error;
    return absorb(connection, (dtls_span){message->body, message->len});
}

dtls_error dtls_transcript_add_own(struct dtls_connection *connection, dtls_span message) {
    return absorb(connection, message);
}

dtls_error dtls_transcript_digest(const struct dtls_connection *connection, uint8_t *out, size_t *out_len) {
    return connection->crypto->hash_peek(connection->handshake->transcript, out, out_len);
}

bool dtls_transcript_serves(const struct dtls_connection *connection, const dtls_signature_scheme *scheme) {
    return scheme->hash != 0 || connection->config->kept_transcript > 0;
}

dtls_error dtls_transcript_to_sign(struct dtls_connection *connection, const dtls_signature_scheme *scheme) {
    struct dtls_handshake *handshake = connection->handshake;
    if (scheme->hash == 0) {
        handshake->to_sign = (dtls_span){handshake->kept, handshake->kept_len};
        return handshake->kept_cap > 0 ? DTLS_OK
                                       : dtls_connection_fail(connection, DTLS_ERROR_NO_ROOM,
                                                              "kept_transcript", "RFC 8422 section 5.10");
    }
    const void *slot = handshake->transcript;
    for (size_t i = 0; i < DTLS_MAX_HASHES; i++) {
        if (handshake->more_transcripts[i] != NULL && handshake->more_hashes[i] == scheme->hash)
            slot = handshake->more_transcripts[i];
    }
    handshake->to_sign.data = handshake->digest;
    return connection->crypto->hash_peek(slot, handshake->digest, &handshake->to_sign.len);
}

dtls_error dtls_digest(struct dtls_connection *connection, dtls_hash hash, const dtls_span *parts,
                       size_t num_parts, uint8_t *out, size_t *out_len) {
    const dtls_crypto *crypto = connection->crypto;
    void *slot = connection->handshake->digester;
    dtls_error error = crypto->hash_start(crypto->state, slot, hash);
    for (size_t i = 0; i < num_parts && error == DTLS_OK; i++)
        error = crypto->hash_update(slot, parts[i].data, parts[i].len);
    if (error == DTLS_OK)
        error = crypto->hash_peek(slot, out, out_len);
    crypto->hash_clear(slot);
    return error;
}
