/* SPDX-License-Identifier: MIT
 *
 * extended_master_secret (RFC 7627 section 5): the master secret covers the
 * handshake up to ClientKeyExchange. Both bodies are empty.
 */
#include "handshake/connection.h"

static dtls_error agree(struct dtls_connection *connection, struct dtls_reader *reader) {
    (void)reader;
    connection->handshake->session_hash = true;
    connection->info.extended_master_secret = true;
    return DTLS_OK;
}

static bool answered(const struct dtls_connection *connection) {
    return connection->handshake->session_hash;
}

const dtls_extension dtls_extension_extended_master_secret = {
    .name = "extended_master_secret",
    .code = DTLS_CODE_EXTENDED_MASTER_SECRET,
    .section = "RFC 7627 section 5.1",
    .read_offer = agree,
    .answered = answered,
    .read_answer = agree,
};
