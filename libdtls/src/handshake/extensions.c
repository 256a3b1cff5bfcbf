/* SPDX-License-Identifier: MIT
 *
 * Hello extensions (RFC 5246 section 7.4.1.4).
 */
#include "handshake/extensions.h"

#include "handshake/resumption.h"

static bool contains(const dtls_extension *const *list, const dtls_extension *extension) {
    for (; list != NULL && *list != NULL; list++) {
        if (*list == extension)
            return true;
    }
    return false;
}

/* An extension of the suite at `suite` is also named by the configuration, or by a suite before. */
static bool came_before(const dtls_config *config, const dtls_cipher_suite *const *suite,
                        const dtls_extension *extension) {
    if (contains(config->extensions, extension))
        return true;
    for (const dtls_cipher_suite *const *s = config->cipher_suites; s != suite; s++) {
        if (contains((*s)->key_exchange->extensions, extension))
            return true;
    }
    return false;
}

const dtls_extension *dtls_extension_at(const dtls_config *config, size_t place) {
    for (const dtls_extension *const *e = config->extensions; e != NULL && *e != NULL; e++) {
        if (place-- == 0)
            return *e;
    }
    for (const dtls_cipher_suite *const *suite = config->cipher_suites; *suite != NULL; suite++) {
        const dtls_extension *const *e = (*suite)->key_exchange->extensions;
        for (; e != NULL && *e != NULL; e++) {
            if (!came_before(config, suite, *e) && place-- == 0)
                return *e;
        }
    }
    return place == 0 && config->resumption != NULL ? config->resumption->extension : NULL;
}

/* The place of the extension with a code point; DTLS_MAX_EXTENSIONS if there is none. */
static size_t place_of(const dtls_config *config, unsigned code) {
    const dtls_extension *extension;
    for (size_t place = 0; (extension = dtls_extension_at(config, place)) != NULL; place++) {
        if (extension->code == code)
            return place;
    }
    return DTLS_MAX_EXTENSIONS;
}

/* One extension on the wire. */
struct raw_extension {
    uint16_t code;
    dtls_span body;
};

static struct raw_extension read_raw(struct dtls_reader *reader) {
    const uint16_t code = dtls_read_u16(reader);
    return (struct raw_extension){.code = code, .body = dtls_read_vector(reader, 2, 0, 0xffff)};
}

/* More than there are types of extensions, and few enough to be compared with each other. */
#define MOST_RAW_EXTENSIONS 128

/* The list is made of whole extensions, no two of one type. */
static dtls_error check_list(struct dtls_connection *connection, dtls_span extensions) {
    static const char section[] = "RFC 5246 section 7.4.1.4";
    struct dtls_reader reader = dtls_reader_of(extensions.data, extensions.len);
    for (unsigned num = 0; dtls_read_left(&reader) > 0; num++) {
        struct dtls_reader earlier = dtls_reader_of(extensions.data, reader.at);
        const struct raw_extension extension = read_raw(&reader);
        if (num == MOST_RAW_EXTENSIONS)
            dtls_read_fail(&reader);
        while (dtls_read_ok(&reader) && dtls_read_left(&earlier) > 0) {
            if (read_raw(&earlier).code == extension.code)
                return dtls_connection_fail(connection, DTLS_ERROR_ILLEGAL_PARAMETER, "extension_type",
                                            section);
        }
    }
    if (!dtls_read_done(&reader))
        return dtls_connection_fail(connection, DTLS_ERROR_DECODE, "extensions", section);
    return DTLS_OK;
}

/* Calls a reader of the extension, which must take its whole body. */
static dtls_error read_body(struct dtls_connection *connection, const dtls_extension *extension,
                            dtls_error (*read)(struct dtls_connection *, struct dtls_reader *),
                            dtls_span body) {
    if (read == NULL)
        return DTLS_OK;
    struct dtls_reader reader = dtls_reader_of(body.data, body.len);
    const dtls_error error = read(connection, &reader);
    if (error == DTLS_OK && !dtls_read_done(&reader))
        return dtls_connection_fail(connection, DTLS_ERROR_DECODE, extension->name, extension->section);
    return error;
}

void dtls_extensions_write_offers(struct dtls_connection *connection, struct dtls_writer *writer) {
    struct dtls_handshake *handshake = connection->handshake;
    const dtls_extension *extension;
    handshake->offered = 0;
    struct dtls_block all = dtls_write_open(writer, 2);
    for (size_t place = 0; (extension = dtls_extension_at(connection->config, place)) != NULL; place++) {
        if (extension->offered != NULL && !extension->offered(connection))
            continue;
        handshake->offered |= 1U << place;
        dtls_write_u16(writer, extension->code);
        struct dtls_block body = dtls_write_open(writer, 2);
        if (extension->write_offer != NULL)
            extension->write_offer(connection, writer);
        dtls_write_close(writer, body);
    }
    dtls_write_close(writer, all);
}

dtls_error dtls_extensions_read_offers(struct dtls_connection *connection, dtls_span extensions) {
    dtls_error error = check_list(connection, extensions);
    struct dtls_reader reader = dtls_reader_of(extensions.data, extensions.len);
    while (error == DTLS_OK && dtls_read_left(&reader) > 0) {
        const struct raw_extension raw = read_raw(&reader);
        const size_t place = place_of(connection->config, raw.code);
        if (place == DTLS_MAX_EXTENSIONS)
            continue;
        connection->handshake->offered |= 1U << place;
        const dtls_extension *extension = dtls_extension_at(connection->config, place);
        error = read_body(connection, extension, extension->read_offer, raw.body);
    }
    return error;
}

void dtls_extensions_read_signal(struct dtls_connection *connection, unsigned suite_code) {
    const dtls_extension *extension;
    for (size_t place = 0; (extension = dtls_extension_at(connection->config, place)) != NULL; place++) {
        if (extension->signal != 0 && extension->signal == suite_code)
            connection->handshake->offered |= 1U << place;
    }
}

static bool is_answered(const struct dtls_connection *connection, const dtls_extension *extension,
                        size_t place) {
    return (connection->handshake->offered >> place & 1) != 0 && extension->answered != NULL &&
           !(extension->full_only && connection->info.resumed) && extension->answered(connection);
}

void dtls_extensions_write_answers(struct dtls_connection *connection, struct dtls_writer *writer) {
    const dtls_extension *extension;
    const struct dtls_writer without = *writer;
    struct dtls_block all = dtls_write_open(writer, 2);
    bool any = false;
    for (size_t place = 0; (extension = dtls_extension_at(connection->config, place)) != NULL; place++) {
        if (!is_answered(connection, extension, place))
            continue;
        any = true;
        dtls_write_u16(writer, extension->code);
        struct dtls_block body = dtls_write_open(writer, 2);
        if (extension->write_answer != NULL)
            extension->write_answer(connection, writer);
        dtls_write_close(writer, body);
    }
    dtls_write_close(writer, all);
    if (!any)
        *writer = without;
}

dtls_error dtls_extensions_write_messages(struct dtls_connection *connection) {
    const dtls_extension *extension;
    dtls_error error = DTLS_OK;
    for (size_t place = 0;
         error == DTLS_OK && (extension = dtls_extension_at(connection->config, place)) != NULL; place++) {
        if (extension->write_message != NULL && is_answered(connection, extension, place))
            error = extension->write_message(connection);
    }
    return error;
}

dtls_error dtls_extensions_read_answers(struct dtls_connection *connection, dtls_span extensions) {
    dtls_error error = check_list(connection, extensions);
    struct dtls_reader reader = dtls_reader_of(extensions.data, extensions.len);
    while (error == DTLS_OK && dtls_read_left(&reader) > 0) {
        const struct raw_extension raw = read_raw(&reader);
        const size_t place = place_of(connection->config, raw.code);
        if (place == DTLS_MAX_EXTENSIONS || (connection->handshake->offered >> place & 1) == 0)
            return dtls_connection_fail(connection, DTLS_ERROR_UNSUPPORTED_EXTENSION, "extension_type",
                                        "RFC 5246 section 7.4.1.4");
        const dtls_extension *extension = dtls_extension_at(connection->config, place);
        error = read_body(connection, extension, extension->read_answer, raw.body);
    }
    return error;
}
