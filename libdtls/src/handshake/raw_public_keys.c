/* SPDX-License-Identifier: MIT
 *
 * Raw public keys (RFC 7250): the type of the server's and of the client's
 * certificate is agreed on, and a Certificate message may hold a
 * SubjectPublicKeyInfo and nothing else.
 */
#include "handshake/certificates.h"
#include "handshake/config.h"

#include <string.h>

/* The bit of all types that we do not know. */
enum { OTHER_TYPE = 7 };

static const char section[] = "RFC 7250 section 4";

static void write_key(struct dtls_writer *writer, const dtls_credential *credential) {
    dtls_write_vector(writer, 3, credential != NULL ? credential->chain[0] : (dtls_span){.data = NULL});
}

/* An empty one is that of a client who has none to show. */
static bool read_key(const struct dtls_message *message, struct dtls_chain *out_chain) {
    struct dtls_reader reader = dtls_reader_of(message->body, message->len);
    out_chain->certificates[0] = dtls_read_vector(&reader, 3, 0, 0xffffff);
    out_chain->num = out_chain->certificates[0].len > 0;
    return dtls_read_done(&reader);
}

static bool is_known(const dtls_config *config, dtls_span key) {
    for (size_t i = 0; i < config->num_known_public_keys; i++) {
        const dtls_span *known = &config->known_public_keys[i];
        if (known->len == key.len && memcmp(known->data, key.data, key.len) == 0)
            return true;
    }
    return false;
}

static dtls_error take_key(struct dtls_connection *connection, const struct dtls_chain *chain) {
    struct dtls_handshake *handshake = connection->handshake;
    const bool judged = dtls_config_has_anchors_decide(connection->config);
    if (judged && !is_known(connection->config, chain->certificates[0]))
        return DTLS_ERROR_PUBLIC_KEY_UNKNOWN;
    const dtls_error error = connection->crypto->public_key_read(
        connection->crypto->state, handshake->public_key, chain->certificates[0], &handshake->peer_key_type);
    if (error == DTLS_OK)
        handshake->peer_verified = judged;
    return error;
}

static const struct dtls_certificate_form raw_public_key = {
    .type = DTLS_CERTIFICATE_RAW_PUBLIC_KEY, .write = write_key, .read = read_key, .take = take_key};

static const struct dtls_certificate_form *form_of(unsigned type) {
    return type == DTLS_CERTIFICATE_RAW_PUBLIC_KEY ? &raw_public_key : NULL;
}

/* The lists have X.509 and raw public keys, each at most once. */
struct types {
    dtls_certificate_type type[2];
    size_t num;
};

static void add(struct types *types, dtls_certificate_type type) {
    if (types->num == 0 || (types->num == 1 && types->type[0] != type))
        types->type[types->num++] = type;
}

/* What we can show, and what we take from the peer; in the order of the configuration. */
static struct types shown(const dtls_config *config) {
    struct types types = {.num = 0};
    for (size_t i = 0; i < config->num_credentials; i++)
        add(&types, config->credentials[i].type);
    return types;
}

static struct types taken(const dtls_config *config) {
    struct types types = {.num = 0};
    for (size_t i = 0; i < config->num_peer_certificate_types; i++)
        add(&types, config->peer_certificate_types[i]);
    if (types.num == 0)
        add(&types, DTLS_CERTIFICATE_X509);
    return types;
}

/* A list of X.509 alone says nothing and must be left out (RFC 7250 section 4.1). */
static bool says_something(const dtls_config *config, const struct types *types) {
    return dtls_config_has_certificates(config) &&
           (types->num == 2 || (types->num == 1 && types->type[0] != DTLS_CERTIFICATE_X509));
}

static void write_types(struct dtls_writer *writer, const struct types *types) {
    struct dtls_block list = dtls_write_open(writer, 1);
    for (size_t i = 0; i < types->num; i++)
        dtls_write_u8(writer, types->type[i]);
    dtls_write_close(writer, list);
}

/* The types in a list, bits by type. Others than we know are none that anybody here could show. */
static unsigned read_types(struct dtls_reader *reader) {
    const dtls_span list = dtls_read_vector(reader, 1, 1, 255);
    unsigned types = 1U << OTHER_TYPE;
    for (size_t i = 0; i < list.len; i++)
        types |= 1U << (list.data[i] < OTHER_TYPE ? list.data[i] : OTHER_TYPE);
    return types;
}

/* Client: the type that the server has chosen among those that were offered. */
static dtls_error read_choice(struct dtls_connection *connection, struct dtls_reader *reader,
                              const struct types *offered, const char *field,
                              const struct dtls_certificate_form **out_form) {
    const unsigned type = dtls_read_u8(reader);
    if (!dtls_read_done(reader))
        return DTLS_OK;
    if (type != offered->type[0] && (offered->num == 1 || type != offered->type[1]))
        return dtls_connection_fail(connection, DTLS_ERROR_CERTIFICATE_UNSUPPORTED, field, section);
    *out_form = form_of(type);
    return DTLS_OK;
}

static size_t body_size(const dtls_config *config) {
    (void)config;
    return 1 + 2;
}

static bool server_type_offered(const struct dtls_connection *connection) {
    const struct types types = taken(connection->config);
    return says_something(connection->config, &types);
}

static void write_server_types(const struct dtls_connection *connection, struct dtls_writer *writer) {
    const struct types types = taken(connection->config);
    write_types(writer, &types);
}

static dtls_error read_server_types(struct dtls_connection *connection, struct dtls_reader *reader) {
    connection->handshake->peer_takes = (uint8_t)read_types(reader);
    return DTLS_OK;
}

/* The credential has been chosen among those that the client takes. */
static bool server_type_answered(const struct dtls_connection *connection) {
    const struct dtls_handshake *handshake = connection->handshake;
    return handshake->suite->key_exchange->certificates != NULL;
}

static void write_server_type(const struct dtls_connection *connection, struct dtls_writer *writer) {
    const dtls_certificate_type type = connection->handshake->credential->type;
    connection->handshake->own_form = form_of(type);
    dtls_write_u8(writer, type);
}

static dtls_error read_server_type(struct dtls_connection *connection, struct dtls_reader *reader) {
    const struct types offered = taken(connection->config);
    return read_choice(connection, reader, &offered, "server_certificate_type",
                       &connection->handshake->peer_form);
}

const dtls_extension dtls_extension_server_certificate_type = {
    .name = "server_certificate_type",
    .code = DTLS_CODE_SERVER_CERTIFICATE_TYPE,
    .section = section,
    .full_only = true,
    .body_size = body_size,
    .offered = server_type_offered,
    .write_offer = write_server_types,
    .read_offer = read_server_types,
    .answered = server_type_answered,
    .write_answer = write_server_type,
    .read_answer = read_server_type,
};

static bool client_type_offered(const struct dtls_connection *connection) {
    const struct types types = shown(connection->config);
    return says_something(connection->config, &types);
}

static void write_client_types(const struct dtls_connection *connection, struct dtls_writer *writer) {
    const struct types types = shown(connection->config);
    write_types(writer, &types);
}

/* The first type of ours that the client has. */
static dtls_error read_client_types(struct dtls_connection *connection, struct dtls_reader *reader) {
    struct dtls_handshake *handshake = connection->handshake;
    const struct types types = taken(connection->config);
    const unsigned shown_types = read_types(reader);
    handshake->peer_types_told = true;
    for (size_t i = 0; i < types.num && !handshake->peer_type_agreed; i++) {
        handshake->peer_type_agreed = (shown_types >> types.type[i] & 1) != 0;
        handshake->peer_form = form_of(types.type[i]);
    }
    return DTLS_OK;
}

/* Only if the client is asked for a certificate (RFC 7250 section 4.2). */
static bool client_type_answered(const struct dtls_connection *connection) {
    return connection->handshake->suite->key_exchange->certificates != NULL &&
           connection->config->client_auth != DTLS_CLIENT_AUTH_NONE && dtls_client_type_agreed(connection);
}

static void write_client_type(const struct dtls_connection *connection, struct dtls_writer *writer) {
    const struct dtls_certificate_form *form = connection->handshake->peer_form;
    dtls_write_u8(writer, form != NULL ? form->type : DTLS_CERTIFICATE_X509);
}

static dtls_error read_client_type(struct dtls_connection *connection, struct dtls_reader *reader) {
    const struct types offered = shown(connection->config);
    return read_choice(connection, reader, &offered, "client_certificate_type",
                       &connection->handshake->own_form);
}

const dtls_extension dtls_extension_client_certificate_type = {
    .name = "client_certificate_type",
    .code = DTLS_CODE_CLIENT_CERTIFICATE_TYPE,
    .section = section,
    .full_only = true,
    .body_size = body_size,
    .offered = client_type_offered,
    .write_offer = write_client_types,
    .read_offer = read_client_types,
    .answered = client_type_answered,
    .write_answer = write_client_type,
    .read_answer = read_client_type,
};
