/* SPDX-License-Identifier: MIT
 *
 * Connection IDs (RFC 9146): a connection that goes on when the peer's address
 * changes.
 *
 * A configuration that names `dtls_extension_connection_id` offers them, or
 * answers the offer. Each side says which ID it wants in the records sent to
 * it, or that it wants none (the default, a length of zero); the two directions
 * do not depend on each other. IDs are agreed on anew in each handshake.
 *
 * Whoever has many connections finds the one that a datagram is for by
 * `dtls_connection_id_of`, if all its IDs have one length. A datagram whose
 * address is new is given to that connection like any other, with the address's
 * own `path`; the connection says by DTLS_EVENT_PATH_CHANGED when it has proof
 * that the peer has moved, and goes on answering to the old address until
 * `dtls_accept_path`, or as `dtls_config.path_policy` says.
 */
#ifndef DTLS_CONNECTION_ID_H
#define DTLS_CONNECTION_ID_H

#include "dtls/connection.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Sets the connection ID that the peer shall put into records to us: before `dtls_connection_start`, or a
 * server's first datagram. It is copied. Empty (and never called): none. DTLS_ERROR_ARGUMENT: longer than the
 * configuration's `max_connection_id`, or NULL. DTLS_ERROR_STATE: too late, or the configuration does not
 * name dtls_extension_connection_id. */
dtls_error dtls_set_connection_id(dtls_connection *connection, dtls_span id);

/* The IDs that were agreed on, each empty if its direction has none: `*out_ours` in records to us,
 * `*out_peers` in records to the peer. Valid until the connection is wiped. Either output may be NULL.
 * DTLS_NOTHING: connection IDs were not negotiated, or not yet. DTLS_ERROR_ARGUMENT. */
dtls_error dtls_connection_ids(const dtls_connection *connection, dtls_span *out_ours, dtls_span *out_peers);

/* The connection ID of the first record in a datagram that has one of `id_len` bytes, where it stands.
 * DTLS_NOTHING: there is none; the datagram is for the connection with its sender's address. */
dtls_error dtls_connection_id_of(const uint8_t *datagram, size_t len, size_t id_len, dtls_span *out_id);

/* What we send goes to `path` from now on: the answer to DTLS_EVENT_PATH_CHANGED, at once or later. Before
 * that, the application should make sure that the peer can be reached there, lest it be made to flood
 * somebody else (RFC 9146 section 6). DTLS_ERROR_STATE: the connection is dead. DTLS_ERROR_ARGUMENT. */
dtls_error dtls_accept_path(dtls_connection *connection, uint64_t path);

#ifdef __cplusplus
}
#endif

#endif
