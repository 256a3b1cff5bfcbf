/* SPDX-License-Identifier: MIT
 *
 * A live connection as bytes: to be carried on by another process, or after a
 * restart, without the peer noticing.
 *
 * The bytes hold the connection's keys and nothing protects them: neither
 * encryption nor authentication. Seal them if they leave the machine, and take
 * them from nobody else. They are good for one connection once: two that carry
 * on from the same bytes would use the same nonces, which gives the keys away.
 */
#ifndef DTLS_TRANSFER_H
#define DTLS_TRANSFER_H

#include "dtls/connection.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Room for any connection, bytes. */
#define DTLS_CONNECTION_STATE_SIZE 1280

/* Writes a connected connection into `out`. It is dead afterwards, of DTLS_ERROR_EXPORTED, without an alert
 * to the peer; what is left is to poll DTLS_EVENT_FAILED and to wipe it. Data that comes meanwhile is for the
 * connection that carries on.
 * DTLS_ERROR_STATE: not connected, closed by either side, datagrams wait to be polled, or its configuration
 * does not say `keep_secrets`. DTLS_ERROR_NO_ROOM: it lives on. DTLS_ERROR_ARGUMENT. */
dtls_error dtls_connection_export(dtls_connection *connection, dtls_time now, uint8_t *out, size_t out_cap,
                                  size_t *out_len);

/* Makes a connection of `state`, those bytes, connected, in the caller's `session_memory` of `session_len`
 * bytes (`dtls_session_size`); there is no handshake block. The configuration must be fit for it: the same
 * role, the suite among its suites, the application protocol among its own, the peer's raw public key of a
 * type that it takes, room for its connection IDs and for the last flight. What a session before it could be
 * resumed by is not carried over, nor is `server_name`. No event is given.
 * DTLS_ERROR_ARGUMENT: NULL, misaligned, not a connection, or none that fits. DTLS_ERROR_CONFIG,
 * DTLS_ERROR_NO_ROOM, DTLS_ERROR_CRYPTO. */
dtls_error dtls_connection_import(const dtls_config *config, dtls_time now, dtls_span state,
                                  void *session_memory, size_t session_len, dtls_connection **out_connection);

#ifdef __cplusplus
}
#endif

#endif
