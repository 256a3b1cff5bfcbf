/* SPDX-License-Identifier: MIT
 *
 * encrypt_then_mac (RFC 7366 section 3): the MAC of CBC suites moves out of the
 * ciphertext. Both bodies are empty.
 */
#include "handshake/connection.h"

static const char section[] = "RFC 7366 section 3";

static bool offered(const struct dtls_connection *connection) {
    for (const dtls_cipher_suite *const *s = connection->config->cipher_suites; *s != NULL; s++) {
        if ((*s)->protection->encrypt_then_mac != NULL)
            return true;
    }
    return false;
}

static dtls_error read_offer(struct dtls_connection *connection, struct dtls_reader *reader) {
    (void)reader;
    connection->handshake->encrypt_then_mac = true;
    return DTLS_OK;
}

static bool answered(const struct dtls_connection *connection) {
    return connection->handshake->suite->protection->encrypt_then_mac != NULL;
}

static dtls_error read_answer(struct dtls_connection *connection, struct dtls_reader *reader) {
    if (!answered(connection))
        return dtls_connection_fail(connection, DTLS_ERROR_ILLEGAL_PARAMETER, "encrypt_then_mac", section);
    return read_offer(connection, reader);
}

const dtls_extension dtls_extension_encrypt_then_mac = {
    .name = "encrypt_then_mac",
    .code = DTLS_CODE_ENCRYPT_THEN_MAC,
    .section = "RFC 7366 section 2",
    .offered = offered,
    .read_offer = read_offer,
    .answered = answered,
    .read_answer = read_answer,
};
