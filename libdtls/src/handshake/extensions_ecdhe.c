/* SPDX-License-Identifier: MIT
 *
 * The extensions that come with ECDHE suites: supported_groups and
 * ec_point_formats (RFC 8422 section 5.1), signature_algorithms (RFC 5246
 * section 7.4.1.4.1).
 */
#include "handshake/ecdhe.h"

enum { UNCOMPRESSED = 0 };

/* Bits of the places in our list whose code `code` is. */
static uint32_t group_bit(const dtls_config *config, unsigned code) {
    for (unsigned i = 0; config->groups[i] != NULL; i++) {
        if (config->groups[i]->code == code)
            return 1U << i;
    }
    return 0;
}

static uint32_t scheme_bit(const dtls_config *config, unsigned code) {
    for (unsigned i = 0; config->signature_schemes[i] != NULL; i++) {
        if (config->signature_schemes[i]->code == code)
            return 1U << i;
    }
    return 0;
}

static uint32_t curve_bits(const dtls_config *config, unsigned code) {
    uint32_t bits = 0;
    for (unsigned i = 0; i < config->num_credentials; i++) {
        if (config->credentials[i].curve == code)
            bits |= 1U << i;
    }
    return bits;
}

/* Reads a vector of 16-bit codes, not empty. */
static uint32_t read_codes(const dtls_config *config, struct dtls_reader *reader,
                           uint32_t (*bit)(const dtls_config *, unsigned)) {
    uint32_t bits = 0;
    struct dtls_block list = dtls_read_open(reader, 2);
    if (dtls_read_left(reader) == 0)
        dtls_read_fail(reader);
    while (dtls_read_left(reader) > 0)
        bits |= bit(config, dtls_read_u16(reader));
    dtls_read_close(reader, list);
    return bits;
}

static void write_groups(const struct dtls_connection *connection, struct dtls_writer *writer) {
    struct dtls_block list = dtls_write_open(writer, 2);
    for (const dtls_group *const *group = connection->config->groups; *group != NULL; group++)
        dtls_write_u16(writer, (*group)->code);
    dtls_write_close(writer, list);
}

static dtls_error read_groups(struct dtls_connection *connection, struct dtls_reader *reader) {
    connection->handshake->peer_has_groups = true;
    struct dtls_reader again = *reader;
    connection->handshake->peer_groups = read_codes(connection->config, reader, group_bit);
    connection->handshake->peer_curves = read_codes(connection->config, &again, curve_bits);
    return DTLS_OK;
}

/* A server's supported_groups is for later versions, and not acted upon (RFC 8446 section 4.2.7). */
const dtls_extension dtls_extension_supported_groups = {
    .name = "supported_groups",
    .code = DTLS_CODE_SUPPORTED_GROUPS,
    .section = "RFC 8422 section 5.1.1",
    .write_offer = write_groups,
    .read_offer = read_groups,
};

static void write_formats(const struct dtls_connection *connection, struct dtls_writer *writer) {
    (void)connection;
    dtls_write_u8(writer, 1);
    dtls_write_u8(writer, UNCOMPRESSED);
}

static dtls_error read_formats(struct dtls_connection *connection, struct dtls_reader *reader) {
    const dtls_span formats = dtls_read_vector(reader, 1, 1, 255);
    bool uncompressed = !dtls_read_ok(reader);
    for (size_t i = 0; i < formats.len; i++)
        uncompressed = uncompressed || formats.data[i] == UNCOMPRESSED;
    if (!uncompressed)
        return dtls_connection_fail(connection, DTLS_ERROR_ILLEGAL_PARAMETER, "ec_point_format_list",
                                    "RFC 8422 section 5.1.2");
    return DTLS_OK;
}

static bool formats_answered(const struct dtls_connection *connection) {
    return connection->handshake->group != NULL;
}

const dtls_extension dtls_extension_ec_point_formats = {
    .name = "ec_point_formats",
    .code = DTLS_CODE_EC_POINT_FORMATS,
    .section = "RFC 8422 section 5.1.2",
    .write_offer = write_formats,
    .read_offer = read_formats,
    .answered = formats_answered,
    .write_answer = write_formats,
    .read_answer = read_formats,
};

/* Not by a client of versions that do not know it alone. */
static bool schemes_offered(const struct dtls_connection *connection) {
    return connection->config->protocols[0]->version != DTLS_VERSION_1_0;
}

static void write_schemes(const struct dtls_connection *connection, struct dtls_writer *writer) {
    struct dtls_block list = dtls_write_open(writer, 2);
    const dtls_signature_scheme *const *scheme = connection->config->signature_schemes;
    for (; *scheme != NULL; scheme++)
        dtls_write_u16(writer, (*scheme)->code);
    dtls_write_close(writer, list);
}

static dtls_error read_schemes(struct dtls_connection *connection, struct dtls_reader *reader) {
    connection->handshake->peer_schemes = read_codes(connection->config, reader, scheme_bit);
    return DTLS_OK;
}

static dtls_error refuse_schemes(struct dtls_connection *connection, struct dtls_reader *reader) {
    (void)reader;
    return dtls_connection_fail(connection, DTLS_ERROR_ILLEGAL_PARAMETER, "signature_algorithms",
                                "RFC 5246 section 7.4.1.4.1");
}

const dtls_extension dtls_extension_signature_algorithms = {
    .name = "signature_algorithms",
    .code = DTLS_CODE_SIGNATURE_ALGORITHMS,
    .section = "RFC 5246 section 7.4.1.4.1",
    .offered = schemes_offered,
    .write_offer = write_schemes,
    .read_offer = read_schemes,
    .read_answer = refuse_schemes,
};
