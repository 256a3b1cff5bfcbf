/* SPDX-License-Identifier: MIT
 *
 * The hash over all handshake messages (RFC 5246 section 7.4.9, RFC 6347
 * section 4.2.6: as if none had been sent in fragments).
 */
#ifndef DTLS_HANDSHAKE_TRANSCRIPT_H
#define DTLS_HANDSHAKE_TRANSCRIPT_H

#include "handshake/connection.h"

/* Begins it with the hash of the suite that was chosen. */
dtls_error dtls_transcript_start(struct dtls_connection *connection);

/* Adds one of the peer's messages; one of ours, header included. */
dtls_error dtls_transcript_add(struct dtls_connection *connection, const struct dtls_message *message);
dtls_error dtls_transcript_add_own(struct dtls_connection *connection, dtls_span message);

/* The suite's hash so far. `out` has DTLS_MAX_HASH bytes. */
dtls_error dtls_transcript_digest(const struct dtls_connection *connection, uint8_t *out, size_t *out_len);

/* Whether a CertificateVerify can be made with `scheme`. */
bool dtls_transcript_serves(const struct dtls_connection *connection, const dtls_signature_scheme *scheme);

/* Puts what a CertificateVerify with `scheme` signs here into `to_sign`. */
dtls_error dtls_transcript_to_sign(struct dtls_connection *connection, const dtls_signature_scheme *scheme);

/* The digest of `parts` with `hash`, by the handshake's second hash slot. */
dtls_error dtls_digest(struct dtls_connection *connection, dtls_hash hash, const dtls_span *parts,
                       size_t num_parts, uint8_t *out, size_t *out_len);

#endif
