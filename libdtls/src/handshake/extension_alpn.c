/* SPDX-License-Identifier: MIT
 *
 * application_layer_protocol_negotiation (RFC 7301): the client offers names,
 * the server takes one.
 */
#include "handshake/connection.h"

#include <string.h>

static const char section[] = "RFC 7301 section 3.2";

static size_t body_size(const dtls_config *config) {
    size_t size = 2;
    for (size_t i = 0; i < config->num_application_protocols; i++)
        size += 1 + config->application_protocols[i].len;
    return size;
}

static bool offered(const struct dtls_connection *connection) {
    return connection->config->num_application_protocols > 0;
}

static void write_offer(const struct dtls_connection *connection, struct dtls_writer *writer) {
    struct dtls_block list = dtls_write_open(writer, 2);
    for (size_t i = 0; i < connection->config->num_application_protocols; i++)
        dtls_write_vector(writer, 1, connection->config->application_protocols[i]);
    dtls_write_close(writer, list);
}

/* ProtocolNameList (RFC 7301 section 3.1). */
static dtls_span read_list(struct dtls_reader *reader) {
    const dtls_span list = dtls_read_vector(reader, 2, 2, 0xffff);
    struct dtls_reader names = dtls_reader_of(list.data, list.len);
    while (dtls_read_left(&names) > 0)
        dtls_read_vector(&names, 1, 1, 255);
    if (!dtls_read_ok(&names))
        dtls_read_fail(reader);
    return list;
}

static bool lists(dtls_span list, const dtls_span *name) {
    struct dtls_reader names = dtls_reader_of(list.data, list.len);
    while (dtls_read_left(&names) > 0) {
        const dtls_span other = dtls_read_vector(&names, 1, 1, 255);
        if (other.len == name->len && memcmp(other.data, name->data, name->len) == 0)
            return true;
    }
    return false;
}

/* The first name of ours in the list; NULL if there is none. */
static const dtls_span *choose(const dtls_config *config, dtls_span list) {
    for (size_t i = 0; i < config->num_application_protocols; i++) {
        if (lists(list, &config->application_protocols[i]))
            return &config->application_protocols[i];
    }
    return NULL;
}

static dtls_error read_offer(struct dtls_connection *connection, struct dtls_reader *reader) {
    const dtls_span list = read_list(reader);
    if (!dtls_read_done(reader) || !offered(connection))
        return DTLS_OK;
    const dtls_span *name = choose(connection->config, list);
    if (name == NULL)
        return dtls_connection_fail(connection, DTLS_ERROR_NO_APPLICATION_PROTOCOL, "protocol_name_list",
                                    section);
    connection->info.application_protocol = *name;
    return DTLS_OK;
}

static bool answered(const struct dtls_connection *connection) {
    return connection->info.application_protocol.len > 0;
}

static void write_answer(const struct dtls_connection *connection, struct dtls_writer *writer) {
    struct dtls_block list = dtls_write_open(writer, 2);
    dtls_write_vector(writer, 1, connection->info.application_protocol);
    dtls_write_close(writer, list);
}

/* Exactly one name, and one that was offered. */
static dtls_error read_answer(struct dtls_connection *connection, struct dtls_reader *reader) {
    const dtls_span list = read_list(reader);
    if (!dtls_read_done(reader))
        return DTLS_OK;
    const dtls_span *name = choose(connection->config, list);
    if (name == NULL || list.len != 1 + name->len)
        return dtls_connection_fail(connection, DTLS_ERROR_ILLEGAL_PARAMETER, "protocol_name_list",
                                    "RFC 7301 section 3.1");
    connection->info.application_protocol = *name;
    return DTLS_OK;
}

const dtls_extension dtls_extension_alpn = {
    .name = "application_layer_protocol_negotiation",
    .code = DTLS_CODE_ALPN,
    .section = "RFC 7301 section 3.1",
    .body_size = body_size,
    .offered = offered,
    .write_offer = write_offer,
    .read_offer = read_offer,
    .answered = answered,
    .write_answer = write_answer,
    .read_answer = read_answer,
};
