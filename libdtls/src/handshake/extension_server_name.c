/* SPDX-License-Identifier: MIT
 *
 * server_name (RFC 6066 section 3): a client tells the name that it looks for.
 * A server chooses its credential by it, tells the application, and says by an
 * empty answer that it has done either.
 */
#include "handshake/connection.h"

#include <string.h>

enum { HOST_NAME = 0 };

static const char section[] = "RFC 6066 section 3";

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

static unsigned lower(unsigned c) {
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

/* DNS names are compared without regard to the case of ASCII letters (RFC 9525 section 6.3). */
static bool same_name(dtls_span name, const char *other) {
    for (size_t i = 0; i < name.len; i++) {
        if (name.data[i] == 0 || lower(name.data[i]) != lower((uint8_t)other[i]))
            return false;
    }
    return other[name.len] == '\0';
}

/* The name as the credential lists it; NULL: it does not. */
static const char *listed(const dtls_credential *credential, dtls_span name) {
    for (const char *const *n = credential->server_names; n != NULL && *n != NULL; n++) {
        if (same_name(name, *n))
            return *n;
    }
    return NULL;
}

/* Notes the credentials for the name: those that list it or, if there are none, those for any name. */
static void find_credentials(struct dtls_connection *connection, dtls_span name) {
    const dtls_config *config = connection->config;
    uint32_t named = 0;
    uint32_t open = 0;
    for (size_t i = 0; i < config->num_credentials; i++) {
        const char *own = listed(&config->credentials[i], name);
        if (own != NULL) {
            named |= 1U << i;
            connection->info.server_name = (dtls_span){(const uint8_t *)own, name.len};
        } else if (config->credentials[i].server_names == NULL) {
            open |= 1U << i;
        }
    }
    connection->handshake->named = named != 0 ? named : open;
}

static dtls_error take_name(struct dtls_connection *connection, dtls_span name) {
    const dtls_config *config = connection->config;
    find_credentials(connection, name);
    if (connection->handshake->named == 0 && config->num_credentials > 0 && config->refuse_unknown_names)
        return dtls_connection_fail(connection, DTLS_ERROR_UNRECOGNIZED_NAME, "server_name", section);
    if (connection->info.server_name.len == 0 && name.len <= config->max_server_name) {
        memcpy(connection->server_name, name.data, name.len);
        connection->info.server_name = (dtls_span){connection->server_name, name.len};
    }
    return DTLS_OK;
}

static dtls_error read_offer(struct dtls_connection *connection, struct dtls_reader *reader) {
    struct dtls_handshake *handshake = connection->handshake;
    struct dtls_block list = dtls_read_open(reader, 2);
    unsigned num_host_names = 0;
    if (dtls_read_left(reader) == 0)
        dtls_read_fail(reader);
    while (dtls_read_left(reader) > 0) {
        const bool host_name = dtls_read_u8(reader) == HOST_NAME;
        const dtls_span name = dtls_read_vector(reader, 2, 1, 0xffff);
        num_host_names += host_name;
        if (host_name)
            handshake->server_name = name;
    }
    dtls_read_close(reader, list);
    if (!dtls_read_done(reader))
        return DTLS_OK;
    if (num_host_names > 1)
        return dtls_connection_fail(connection, DTLS_ERROR_ILLEGAL_PARAMETER, "server_name", section);
    return num_host_names == 0 ? DTLS_OK : take_name(connection, handshake->server_name);
}

static bool answered(const struct dtls_connection *connection) {
    return connection->info.server_name.len > 0;
}

/* The answer is empty. */
static dtls_error read_answer(struct dtls_connection *connection, struct dtls_reader *reader) {
    (void)connection;
    (void)reader;
    return DTLS_OK;
}

/* An abbreviated handshake must not answer. */
const dtls_extension dtls_extension_server_name = {
    .name = "server_name",
    .code = DTLS_CODE_SERVER_NAME,
    .section = section,
    .full_only = true,
    .offered = offered,
    .write_offer = write_offer,
    .read_offer = read_offer,
    .answered = answered,
    .read_answer = read_answer,
};
