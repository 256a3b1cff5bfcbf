/* SPDX-License-Identifier: MIT
 *
 * The peer's address (RFC 9146 section 6): only a record that has a connection
 * ID, has authenticated and is newer than all before may change it, and then
 * only as the configuration says.
 */
#include "handshake/path.h"

#include "dtls/connection_id.h"

void dtls_connection_note_path(struct dtls_connection *connection, const struct dtls_record *record,
                               uint64_t path) {
    /* A handshake stays where its hello came from: little of it is authenticated, and whoever has seen a
     * connection ID could have our flights sent to somebody else (RFC 6347 section 4.2.1). */
    if (connection->handshake != NULL && connection->info.version == 0)
        connection->path = path;
    if (connection->handshake != NULL || !record->has_cid || !record->newest)
        return;
    const bool known = path == connection->path || path == connection->new_path;
    connection->new_path = path;
    if (known || connection->config->path_policy == DTLS_PATH_KEEP)
        return;
    if (connection->config->path_policy == DTLS_PATH_FOLLOW)
        connection->path = path;
    if (!connection->path_told)
        dtls_events_put(&connection->events, DTLS_EVENT_PATH_CHANGED, 0, 0);
    connection->path_told = true;
}

dtls_error dtls_accept_path(dtls_connection *connection, uint64_t path) {
    if (!dtls_connection_exists(connection))
        return DTLS_ERROR_ARGUMENT;
    if (connection->state == DTLS_STATE_FAILED)
        return DTLS_ERROR_STATE;
    connection->path = path;
    return DTLS_OK;
}
