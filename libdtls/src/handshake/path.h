/* SPDX-License-Identifier: MIT
 *
 * What a record's path has to do with the peer's address (RFC 9146 section 6).
 */
#ifndef DTLS_HANDSHAKE_PATH_H
#define DTLS_HANDSHAKE_PATH_H

#include "handshake/connection.h"

/* A record was opened that came by `path`. */
void dtls_connection_note_path(struct dtls_connection *connection, const struct dtls_record *record,
                               uint64_t path);

#endif
