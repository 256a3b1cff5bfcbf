/* SPDX-License-Identifier: MIT
 *
 * renegotiation_info (RFC 5746 sections 3.4 and 3.6): both sides state that
 * this is a first handshake. There is never another.
 */
#include "handshake/connection.h"

static void write_empty(const struct dtls_connection *connection, struct dtls_writer *writer) {
    (void)connection;
    dtls_write_u8(writer, 0);
}

static dtls_error read_empty(struct dtls_connection *connection, struct dtls_reader *reader) {
    const dtls_span renegotiated_connection = dtls_read_vector(reader, 1, 0, 255);
    if (dtls_read_ok(reader) && renegotiated_connection.len > 0)
        return dtls_connection_fail(connection, DTLS_ERROR_RENEGOTIATION_INFO, "renegotiated_connection",
                                    connection->protocol->role == DTLS_SERVER ? "RFC 5746 section 3.6"
                                                                              : "RFC 5746 section 3.4");
    return DTLS_OK;
}

static bool answered(const struct dtls_connection *connection) {
    (void)connection;
    return true;
}

const dtls_extension dtls_extension_renegotiation_info = {
    .name = "renegotiation_info",
    .code = DTLS_CODE_RENEGOTIATION_INFO,
    .signal = DTLS_SUITE_EMPTY_RENEGOTIATION_INFO,
    .section = "RFC 5746 section 3.2",
    .write_offer = write_empty,
    .read_offer = read_empty,
    .answered = answered,
    .write_answer = write_empty,
    .read_answer = read_empty,
};
