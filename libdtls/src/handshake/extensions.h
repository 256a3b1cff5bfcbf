/* SPDX-License-Identifier: MIT
 *
 * The extensions of hellos (RFC 5246 section 7.4.1.4): those of the
 * configuration, then those that its suites bring, then resumption's.
 */
#ifndef DTLS_HANDSHAKE_EXTENSIONS_H
#define DTLS_HANDSHAKE_EXTENSIONS_H

#include "handshake/connection.h"

/* The most extensions of one configuration: `offered` has a bit for each. */
#define DTLS_MAX_EXTENSIONS 32

/* The extension at a place; NULL past the last. */
const dtls_extension *dtls_extension_at(const dtls_config *config, size_t place);

/* Client: writes the extensions of a ClientHello, and notes which were offered. */
void dtls_extensions_write_offers(struct dtls_connection *connection, struct dtls_writer *writer);

/* Server: takes those of a ClientHello; unknown ones are passed over. */
dtls_error dtls_extensions_read_offers(struct dtls_connection *connection, dtls_span extensions);

/* Server: a suite code that stands for an extension counts as its offer (RFC 5746 section 3.3). */
void dtls_extensions_read_signal(struct dtls_connection *connection, unsigned suite_code);

/* Server: writes those of a ServerHello; nothing, not even a length, if there are none. */
void dtls_extensions_write_answers(struct dtls_connection *connection, struct dtls_writer *writer);

/* Server: adds the messages that extensions which it has answered put behind its Certificate. */
dtls_error dtls_extensions_write_messages(struct dtls_connection *connection);

/* Client: takes those of a ServerHello. One that was not offered is refused. */
dtls_error dtls_extensions_read_answers(struct dtls_connection *connection, dtls_span extensions);

#endif
