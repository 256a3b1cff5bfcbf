/* SPDX-License-Identifier: MIT
 *
 * The steps of a handshake that both roles take: the peer's certificate,
 * signatures of ours, ChangeCipherSpec and Finished (RFC 5246 sections 7.1,
 * 7.4.2 and 7.4.9), and what is answered to a wish for another handshake.
 */
#ifndef DTLS_HANDSHAKE_STEPS_H
#define DTLS_HANDSHAKE_STEPS_H

#include "handshake/connection.h"

/* Signs the handshake's digest with our credential. DTLS_NOTHING: the application is asked. `out` has
 * DTLS_MAX_SIGNATURE bytes. */
dtls_error dtls_sign_digest(struct dtls_connection *connection, uint8_t *out, dtls_span *out_signature);

/* Adds ChangeCipherSpec and Finished to the flight; writing goes over to epoch 1. */
dtls_error dtls_write_finished(struct dtls_connection *connection);

/* Verifies the peer's Finished. It is not in the transcript yet. */
dtls_error dtls_read_finished(struct dtls_connection *connection, const struct dtls_message *message);

/* Puts the peer's certificate before the application, if that is to judge it: chooses the next state. False:
 * it is not. */
bool dtls_ask_for_verdict(struct dtls_connection *connection);

/* Client: chooses the state behind the server's Certificate, and what belongs to it. */
void dtls_choose_after_certificate(struct dtls_connection *connection);

/* Handlers. */

/* The peer's Certificate, and the application's verdict on it. */
dtls_error dtls_on_certificate(struct dtls_connection *connection, const struct dtls_input *input);
dtls_error dtls_on_certificate_verdict(struct dtls_connection *connection, const struct dtls_input *input);

/* ChangeCipherSpec in its place: reading goes over to epoch 1, and only to what comes in it. */
dtls_error dtls_on_change_cipher_spec(struct dtls_connection *connection, const struct dtls_input *input);

/* ChangeCipherSpec has overtaken messages in front of it: it counts when they are there. */
dtls_error dtls_on_early_change_cipher_spec(struct dtls_connection *connection,
                                            const struct dtls_input *input);

/* The peer wants another handshake: the warning no_renegotiation (RFC 5746 section 4.5). */
dtls_error dtls_on_renegotiation(struct dtls_connection *connection, const struct dtls_input *input);

#endif
