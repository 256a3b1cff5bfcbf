/* SPDX-License-Identifier: MIT
 *
 * Application data going out, in place and with a copy (RFC 6347 section 4.1).
 */
#include "handshake/connection.h"

#include <string.h>

/* It has keys for application data; they come before the handshake is over. */
static bool keyed(const struct dtls_connection *connection) {
    return connection != NULL && connection->info.connected && connection->state != DTLS_STATE_FAILED;
}

void dtls_record_overhead(const dtls_connection *connection, size_t *out_headroom, size_t *out_tailroom) {
    const bool with_keys = keyed(connection);
    if (out_headroom != NULL)
        *out_headroom =
            with_keys ? dtls_record_headroom(&connection->records, connection->records.write_epoch) : 0;
    if (out_tailroom != NULL)
        *out_tailroom =
            with_keys ? dtls_record_tailroom(&connection->records, connection->records.write_epoch) : 0;
}

size_t dtls_max_data(const dtls_connection *connection) {
    return keyed(connection) ? dtls_record_max_content(&connection->records, connection->records.write_epoch)
                             : 0;
}

dtls_error dtls_protect(dtls_connection *connection, dtls_time now, dtls_record_buffer *records,
                        size_t num_records, size_t *out_protected) {
    if (connection == NULL || (records == NULL && num_records > 0) || out_protected == NULL)
        return DTLS_ERROR_ARGUMENT;
    *out_protected = 0;
    if (connection->state != DTLS_STATE_CONNECTED)
        return DTLS_ERROR_STATE;
    connection->now = now;
    const dtls_error error =
        dtls_record_seal_batch(&connection->records, records, num_records, out_protected);
    if (error == DTLS_ERROR_SEQUENCE_EXHAUSTED)
        dtls_connection_fail(connection, error, "sequence_number", "RFC 6347 section 4.1");
    else if (error == DTLS_ERROR_CRYPTO)
        dtls_connection_fail(connection, error, "", "");
    return error;
}

dtls_error dtls_write(dtls_connection *connection, dtls_time now, const uint8_t *data, size_t len,
                      uint8_t *out, size_t out_cap, size_t *out_len) {
    if (connection == NULL || (data == NULL && len > 0) || out == NULL || out_len == NULL ||
        len > DTLS_MAX_PLAINTEXT)
        return DTLS_ERROR_ARGUMENT;
    *out_len = 0;
    if (connection->state != DTLS_STATE_CONNECTED)
        return DTLS_ERROR_STATE;
    size_t headroom;
    size_t tailroom;
    dtls_record_overhead(connection, &headroom, &tailroom);
    if (out_cap < headroom + len + tailroom)
        return DTLS_ERROR_NO_ROOM;
    if (len > 0)
        memmove(out + headroom, data, len);
    dtls_record_buffer record = {.bytes = out, .capacity = out_cap, .len = len};
    size_t num;
    const dtls_error error = dtls_protect(connection, now, &record, 1, &num);
    if (error == DTLS_OK)
        *out_len = record.len;
    return error;
}
