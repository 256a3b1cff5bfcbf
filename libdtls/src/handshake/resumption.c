/* SPDX-License-Identifier: MIT
 *
 * What both roles do to resume a session (RFC 5246 section 7.3), and the
 * session as the application sees it.
 */
#include "handshake/resumption.h"
#include "handshake/transcript.h"

#include <string.h>

uint8_t *dtls_resumable_ticket(struct dtls_resumable *resumable) {
    return (uint8_t *)(resumable + 1);
}

uint32_t dtls_config_session_lifetime(const dtls_config *config) {
    return config->session_lifetime_s != 0 ? config->session_lifetime_s : 7200;
}

bool dtls_resumable_expired(const struct dtls_resumable *resumable, dtls_time now) {
    if (now.calendar_s == 0 || resumable->created_s == 0)
        return false;
    return now.calendar_s < resumable->created_s ||
           (uint64_t)now.calendar_s - (uint64_t)resumable->created_s >= resumable->lifetime_s;
}

void dtls_resumable_note(struct dtls_connection *connection) {
    const struct dtls_handshake *handshake = connection->handshake;
    struct dtls_resumable *resumable = connection->resumable;
    resumable->created_s = connection->now.calendar_s;
    resumable->version = connection->info.version;
    resumable->suite = handshake->suite->code;
    resumable->extended_master_secret = handshake->session_hash;
    resumable->peer_authenticated = handshake->peer_verified;
    memcpy(resumable->name, handshake->resuming->name, DTLS_NAME_HASH);
    memcpy(resumable->master_secret, handshake->master_secret, DTLS_MASTER_SECRET);
}

void dtls_resumable_use(struct dtls_connection *connection, const dtls_cipher_suite *suite) {
    struct dtls_handshake *handshake = connection->handshake;
    const struct dtls_resumable *session = &handshake->resuming->session;
    handshake->suite = suite;
    handshake->peer_verified = session->peer_authenticated;
    memcpy(handshake->master_secret, session->master_secret, DTLS_MASTER_SECRET);
    *connection->resumable = *session;
    connection->info.resumed = true;
}

dtls_error dtls_resuming_hash_name(struct dtls_connection *connection, dtls_span name) {
    uint8_t digest[DTLS_MAX_HASH] = {0};
    size_t len;
    const dtls_error error =
        dtls_digest(connection, DTLS_HASH_SHA256, &name, name.len > 0 ? 1 : 0, digest, &len);
    memcpy(connection->handshake->resuming->name, digest, DTLS_NAME_HASH);
    return error;
}

dtls_error dtls_session_export(const dtls_connection *connection, uint8_t *out, size_t out_cap,
                               size_t *out_len) {
    if (connection == NULL || out == NULL || out_len == NULL)
        return DTLS_ERROR_ARGUMENT;
    *out_len = 0;
    struct dtls_resumable *resumable = connection->resumable;
    if (resumable == NULL || !connection->info.connected || connection->state == DTLS_STATE_FAILED)
        return DTLS_ERROR_STATE;
    if ((resumable->id_len == 0 && resumable->ticket_len == 0) ||
        (!resumable->extended_master_secret && !connection->config->trust_legacy_master_secret))
        return DTLS_NOTHING;
    const dtls_span ticket = {resumable->ticket_len > 0 ? dtls_resumable_ticket(resumable) : NULL,
                              resumable->ticket_len};
    struct dtls_writer writer = dtls_writer_of(out, out_cap);
    dtls_state_write(&writer, resumable, connection->protocol->role, ticket);
    if (!dtls_write_ok(&writer)) {
        connection->crypto->wipe(out, out_cap);
        return DTLS_ERROR_NO_ROOM;
    }
    *out_len = dtls_written(&writer).len;
    return DTLS_OK;
}

dtls_span dtls_session_get_id(const dtls_connection *connection) {
    if (connection == NULL || connection->resumable == NULL)
        return (dtls_span){.data = NULL};
    return (dtls_span){connection->resumable->id, connection->resumable->id_len};
}

dtls_error dtls_session_set_data(dtls_connection *connection, dtls_span data) {
    if (connection == NULL || data.len > DTLS_MAX_SESSION_DATA || (data.data == NULL && data.len > 0))
        return DTLS_ERROR_ARGUMENT;
    struct dtls_resumable *resumable = connection->resumable;
    if (resumable == NULL || connection->handshake == NULL || connection->info.resumed)
        return DTLS_ERROR_STATE;
    if (data.len > 0)
        memcpy(resumable->data, data.data, data.len);
    resumable->data_len = (uint8_t)data.len;
    return DTLS_OK;
}

dtls_span dtls_session_get_data(const dtls_connection *connection) {
    if (connection == NULL || connection->resumable == NULL || !connection->info.connected)
        return (dtls_span){.data = NULL};
    return (dtls_span){connection->resumable->data, connection->resumable->data_len};
}

int dtls_resumption_transition(const dtls_resumption *resumption, size_t index,
                               dtls_transition *out_transition) {
    if (resumption == NULL)
        return DTLS_ERROR_ARGUMENT;
    return dtls_rows_transition(resumption->rows, resumption->num_rows, index, out_transition);
}
