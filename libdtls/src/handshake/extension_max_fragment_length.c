/* SPDX-License-Identifier: MIT
 *
 * max_fragment_length (RFC 6066 section 4): a client asks for short records in
 * both directions, of 2^9 to 2^12 bytes. record_size_limit puts it out of use
 * (RFC 8449 section 5).
 */
#include "handshake/connection.h"

static const char section[] = "RFC 6066 section 4";

enum { SHORTEST = 512, LARGEST_CODE = 4 };

static uint8_t code_of(const struct dtls_connection *connection) {
    uint8_t code = 0;
    for (unsigned len = connection->config->max_fragment_length; len >= SHORTEST; len /= 2)
        code++;
    return code;
}

/* From now on, for all messages (RFC 6066 section 4). */
static void use(struct dtls_connection *connection, unsigned code) {
    const uint16_t len = (uint16_t)(SHORTEST / 2 << code);
    connection->handshake->fragment_code = (uint16_t)code;
    connection->records.plain_limit = len;
    connection->records.write_limit = len;
    connection->records.read_limit = len;
}

static bool offered(const struct dtls_connection *connection) {
    return connection->config->max_fragment_length != 0;
}

static void write_offer(const struct dtls_connection *connection, struct dtls_writer *writer) {
    dtls_write_u8(writer, code_of(connection));
}

static dtls_error read_offer(struct dtls_connection *connection, struct dtls_reader *reader) {
    const unsigned code = dtls_read_u8(reader);
    if (!dtls_read_done(reader))
        return DTLS_OK;
    if (code == 0 || code > LARGEST_CODE)
        return dtls_connection_fail(connection, DTLS_ERROR_ILLEGAL_PARAMETER, "max_fragment_length", section);
    if (!connection->handshake->size_limits_agreed)
        use(connection, code);
    return DTLS_OK;
}

static bool answered(const struct dtls_connection *connection) {
    return connection->handshake->fragment_code != 0;
}

static void write_answer(const struct dtls_connection *connection, struct dtls_writer *writer) {
    dtls_write_u8(writer, connection->handshake->fragment_code);
}

static dtls_error read_answer(struct dtls_connection *connection, struct dtls_reader *reader) {
    const unsigned code = dtls_read_u8(reader);
    if (!dtls_read_done(reader))
        return DTLS_OK;
    if (code != code_of(connection) || connection->handshake->size_limits_agreed)
        return dtls_connection_fail(connection, DTLS_ERROR_ILLEGAL_PARAMETER, "max_fragment_length", section);
    use(connection, code);
    return DTLS_OK;
}

const dtls_extension dtls_extension_max_fragment_length = {
    .name = "max_fragment_length",
    .code = DTLS_CODE_MAX_FRAGMENT_LENGTH,
    .section = section,
    .offered = offered,
    .write_offer = write_offer,
    .read_offer = read_offer,
    .answered = answered,
    .write_answer = write_answer,
    .read_answer = read_answer,
};
