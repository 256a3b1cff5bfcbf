/* SPDX-License-Identifier: MIT
 *
 * record_size_limit (RFC 8449): each side says how much plaintext it takes in a
 * protected record. Only if both say so, either counts, and
 * max_fragment_length then does not.
 */
#include "handshake/connection.h"

static const char section[] = "RFC 8449 section 4";

enum { LEAST = 64 };

static uint16_t own_limit(const struct dtls_connection *connection) {
    const uint16_t limit = connection->config->record_size_limit;
    return limit != 0 ? limit : DTLS_MAX_PLAINTEXT;
}

static void write_own(const struct dtls_connection *connection, struct dtls_writer *writer) {
    dtls_write_u16(writer, own_limit(connection));
}

/* A limit beyond what the version allows is good, and means the latter. */
static dtls_error read_peers(struct dtls_connection *connection, struct dtls_reader *reader) {
    struct dtls_handshake *handshake = connection->handshake;
    const unsigned limit = dtls_read_u16(reader);
    if (!dtls_read_done(reader))
        return DTLS_OK;
    if (limit < LEAST)
        return dtls_connection_fail(connection, DTLS_ERROR_ILLEGAL_PARAMETER, "record_size_limit", section);
    const bool client = connection->protocol->role == DTLS_CLIENT;
    if (client && handshake->fragment_code != 0)
        return dtls_connection_fail(connection, DTLS_ERROR_ILLEGAL_PARAMETER, "max_fragment_length",
                                    "RFC 8449 section 5");
    handshake->fragment_code = 0;
    handshake->size_limits_agreed = true;
    connection->records.plain_limit = 0;
    connection->records.write_limit = (uint16_t)(limit < DTLS_MAX_PLAINTEXT ? limit : DTLS_MAX_PLAINTEXT);
    connection->records.read_limit = own_limit(connection);
    return DTLS_OK;
}

static bool answered(const struct dtls_connection *connection) {
    return connection->handshake->size_limits_agreed;
}

const dtls_extension dtls_extension_record_size_limit = {
    .name = "record_size_limit",
    .code = DTLS_CODE_RECORD_SIZE_LIMIT,
    .section = section,
    .write_offer = write_own,
    .read_offer = read_peers,
    .answered = answered,
    .write_answer = write_own,
    .read_answer = read_peers,
};
