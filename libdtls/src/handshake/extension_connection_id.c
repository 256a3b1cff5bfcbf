/* SPDX-License-Identifier: MIT
 *
 * connection_id (RFC 9146 section 3): each side says which ID it wants in the
 * records sent to it; an empty one means none.
 */
#include "dtls/connection_id.h"

#include "handshake/config.h"

#include <string.h>

static const char section[] = "RFC 9146 section 3";

static size_t body_size(const dtls_config *config) {
    return 1 + dtls_config_max_connection_id(config);
}

static void write_id(const struct dtls_connection *connection, struct dtls_writer *writer) {
    dtls_write_vector(writer, 1, (dtls_span){connection->own_id, connection->own_id_len});
}

/* What is agreed holds for all records that are protected, from the first on. */
static void agree(struct dtls_connection *connection, dtls_span peer_id) {
    connection->ids_agreed = true;
    connection->peer_id_len = (uint8_t)peer_id.len;
    if (peer_id.len > 0)
        memcpy(connection->peer_id, peer_id.data, peer_id.len);
    dtls_use_connection_ids(connection);
}

/* An ID for which there is no room cannot be sent: a server then goes without connection IDs. */
static dtls_error read_offer(struct dtls_connection *connection, struct dtls_reader *reader) {
    const dtls_span id = dtls_read_vector(reader, 1, 0, DTLS_MAX_CID);
    if (dtls_read_done(reader) && id.len <= dtls_config_max_connection_id(connection->config))
        agree(connection, id);
    return DTLS_OK;
}

static bool answered(const struct dtls_connection *connection) {
    return connection->ids_agreed;
}

static dtls_error read_answer(struct dtls_connection *connection, struct dtls_reader *reader) {
    const dtls_span id = dtls_read_vector(reader, 1, 0, DTLS_MAX_CID);
    if (!dtls_read_done(reader))
        return DTLS_OK;
    if (id.len > dtls_config_max_connection_id(connection->config))
        return dtls_connection_fail(connection, DTLS_ERROR_CONNECTION_ID, "cid", section);
    agree(connection, id);
    return DTLS_OK;
}

const dtls_extension dtls_extension_connection_id = {
    .name = "connection_id",
    .code = DTLS_CODE_CONNECTION_ID,
    .section = section,
    .body_size = body_size,
    .write_offer = write_id,
    .read_offer = read_offer,
    .answered = answered,
    .write_answer = write_id,
    .read_answer = read_answer,
};

dtls_error dtls_set_connection_id(dtls_connection *connection, dtls_span id) {
    if (connection == NULL || (id.data == NULL && id.len > 0))
        return DTLS_ERROR_ARGUMENT;
    if (connection->own_id == NULL || connection->handshake == NULL ||
        connection->handshake->deadline != DTLS_NO_DEADLINE)
        return DTLS_ERROR_STATE;
    if (id.len > dtls_config_max_connection_id(connection->config))
        return DTLS_ERROR_ARGUMENT;
    if (id.len > 0)
        memcpy(connection->own_id, id.data, id.len);
    connection->own_id_len = (uint8_t)id.len;
    return DTLS_OK;
}

dtls_error dtls_connection_ids(const dtls_connection *connection, dtls_span *out_ours, dtls_span *out_peers) {
    if (connection == NULL)
        return DTLS_ERROR_ARGUMENT;
    if (!connection->ids_agreed)
        return DTLS_NOTHING;
    if (out_ours != NULL)
        *out_ours = (dtls_span){connection->own_id, connection->own_id_len};
    if (out_peers != NULL)
        *out_peers = (dtls_span){connection->peer_id, connection->peer_id_len};
    return DTLS_OK;
}
