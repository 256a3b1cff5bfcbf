/* SPDX-License-Identifier: MIT
 *
 * server_name (RFC 6066 section 3): a client tells the name that it looks for.
 * A server checks the form; it has one set of credentials and does not answer.
 */
#include "handshake/connection.h"

#include <string.h>

enum { HOST_NAME = 0 };

/* Literal addresses are not host names. */
static bool is_host_name(const char *name) {
    const size_t len = strlen(name);
    return len > 0 && strspn(name, "0123456789.") != len && strchr(name, ':') == NULL;
}

static bool offered(const struct dtls_connection *connection) {
    return connection->config->peer_name != NULL && is_host_name(connection->config->peer_name);
}

static void write_offer(const struct dtls_connection *connection, struct dtls_writer *writer) {
    const char *name = connection->config->peer_name;
    struct dtls_block list = dtls_write_open(writer, 2);
    dtls_write_u8(writer, HOST_NAME);
    dtls_write_vector(writer, 2, (dtls_span){(const uint8_t *)name, strlen(name)});
    dtls_write_close(writer, list);
}

static dtls_error read_offer(struct dtls_connection *connection, struct dtls_reader *reader) {
    struct dtls_block list = dtls_read_open(reader, 2);
    unsigned num_host_names = 0;
    if (dtls_read_left(reader) == 0)
        dtls_read_fail(reader);
    while (dtls_read_left(reader) > 0) {
        const bool host_name = dtls_read_u8(reader) == HOST_NAME;
        const dtls_span name = dtls_read_vector(reader, 2, 1, 0xffff);
        num_host_names += host_name;
        if (host_name)
            connection->handshake->server_name = name;
    }
    dtls_read_close(reader, list);
    if (dtls_read_ok(reader) && num_host_names > 1)
        return dtls_connection_fail(connection, DTLS_ERROR_ILLEGAL_PARAMETER, "server_name",
                                    "RFC 6066 section 3");
    return DTLS_OK;
}

/* The answer is empty. */
static dtls_error read_answer(struct dtls_connection *connection, struct dtls_reader *reader) {
    (void)connection;
    (void)reader;
    return DTLS_OK;
}

const dtls_extension dtls_extension_server_name = {
    .name = "server_name",
    .code = DTLS_CODE_SERVER_NAME,
    .section = "RFC 6066 section 3",
    .offered = offered,
    .write_offer = write_offer,
    .read_offer = read_offer,
    .read_answer = read_answer,
};
