/* SPDX-License-Identifier: MIT
 *
 * The ECDHE key exchange (RFC 8422 sections 2.1, 2.2, 5.4, 5.7, 5.10, 5.11).
 */
#include "handshake/ecdhe.h"

#include "handshake/certificates.h"
#include "handshake/transcript.h"

/* curve_type, named_curve, and the public value with its length. */
#define MAX_PARAMS (4 + DTLS_MAX_KEY_SHARE)

static const char key_exchange_section[] = "RFC 8422 section 5.4";

/* The first scheme of ours that the client has. */
static const dtls_signature_scheme *choose_scheme(const struct dtls_connection *connection,
                                                  dtls_key_type key_type) {
    const struct dtls_handshake *handshake = connection->handshake;
    const bool told = connection->protocol->schemes == NULL;
    const dtls_signature_scheme *const *schemes = dtls_schemes_of(connection);
    for (unsigned i = 0; schemes[i] != NULL; i++) {
        if (schemes[i]->key_type == key_type && (!told || (handshake->peer_schemes >> i & 1) != 0))
            return schemes[i];
    }
    return NULL;
}

/* The client has the curve of our credential's key (RFC 8422 section 5.3). */
static bool has_curve(const struct dtls_connection *connection, size_t credential) {
    const struct dtls_handshake *handshake = connection->handshake;
    return connection->config->credentials[credential].curve == 0 || !handshake->peer_has_groups ||
           (handshake->peer_curves >> credential & 1) != 0;
}

/* The first certificate of ours that the suite takes and that the client can verify. */
static dtls_error choose_credential(struct dtls_connection *connection, const dtls_cipher_suite *suite) {
    struct dtls_handshake *handshake = connection->handshake;
    const dtls_config *config = connection->config;
    dtls_error why_not = DTLS_ERROR_NO_SHARED_SUITE;
    for (size_t i = 0; i < config->num_credentials; i++) {
        const dtls_error error = dtls_credential_fits(connection, suite, i);
        if (error != DTLS_OK) {
            why_not = why_not == DTLS_ERROR_NO_SHARED_SUITE ? error : why_not;
            continue;
        }
        why_not = DTLS_ERROR_NO_SHARED_SIGNATURE_SCHEME;
        handshake->scheme = choose_scheme(connection, config->credentials[i].key_type);
        handshake->credential = &config->credentials[i];
        if (handshake->scheme != NULL && has_curve(connection, i))
            return DTLS_OK;
    }
    return why_not;
}

static dtls_error choose(struct dtls_connection *connection, const dtls_cipher_suite *suite) {
    struct dtls_handshake *handshake = connection->handshake;
    const dtls_error error = choose_credential(connection, suite);
    if (error == DTLS_ERROR_NO_SHARED_SUITE)
        return error;
    const dtls_error group_error = dtls_ecdhe_choose_group(connection);
    if (group_error != DTLS_OK || error != DTLS_OK)
        return group_error != DTLS_OK ? group_error : error;
    connection->info.signature_scheme = handshake->scheme->code;
    return DTLS_OK;
}

/* What ServerKeyExchange signs: both randoms and the parameters. */
static dtls_error params_to_sign(struct dtls_connection *connection, dtls_hash hash, dtls_span params) {
    struct dtls_handshake *handshake = connection->handshake;
    const dtls_span parts[] = {
        {handshake->client_random, DTLS_RANDOM}, {handshake->server_random, DTLS_RANDOM}, params};
    handshake->to_sign.data = handshake->digest;
    if (hash != 0)
        return dtls_digest(connection, hash, parts, 3, handshake->digest, &handshake->to_sign.len);
    struct dtls_writer writer = dtls_writer_of(handshake->digest, sizeof handshake->digest);
    for (size_t i = 0; i < 3; i++)
        dtls_write_span(&writer, parts[i]);
    handshake->to_sign = dtls_written(&writer);
    return dtls_write_ok(&writer) ? DTLS_OK : DTLS_ERROR_NO_ROOM;
}

static dtls_error prepare(struct dtls_connection *connection) {
    struct dtls_handshake *handshake = connection->handshake;
    const dtls_error error = dtls_ecdhe_start(connection);
    if (error != DTLS_OK)
        return error;
    uint8_t params[MAX_PARAMS];
    struct dtls_writer writer = dtls_writer_of(params, sizeof params);
    dtls_ecdhe_params_write(handshake, &writer);
    return params_to_sign(connection, handshake->scheme->hash, dtls_written(&writer));
}

static dtls_error write_server(struct dtls_connection *connection, dtls_span signature) {
    struct dtls_writer writer = dtls_message_begin(connection);
    dtls_ecdhe_params_write(connection->handshake, &writer);
    dtls_scheme_write(connection, &writer);
    dtls_write_vector(&writer, 2, signature);
    return dtls_message_end(connection, &writer, DTLS_MESSAGE_SERVER_KEY_EXCHANGE);
}

/* ServerKeyExchange as it stands on the wire. */
struct server_message {
    struct dtls_ecdhe_params params;
    unsigned scheme;
    dtls_span signature;
};

static bool read_server_message(const struct dtls_connection *connection, const struct dtls_message *message,
                                struct server_message *out) {
    struct dtls_reader reader = dtls_reader_of(message->body, message->len);
    dtls_ecdhe_params_read(&reader, &out->params);
    out->scheme = dtls_scheme_read(connection, &reader);
    out->signature = dtls_read_vector(&reader, 2, 0, 0xffff);
    return dtls_read_done(&reader);
}

/* The server has signed with his certificate's key, by a scheme that we offered. */
static dtls_error verify_params(struct dtls_connection *connection, const struct server_message *server) {
    struct dtls_handshake *handshake = connection->handshake;
    const dtls_signature_scheme *scheme =
        dtls_scheme_offered(connection, server->scheme, handshake->peer_key_type);
    if (scheme == NULL)
        return dtls_connection_fail(connection, DTLS_ERROR_ILLEGAL_PARAMETER, "algorithm",
                                    "RFC 5246 section 7.4.3");
    connection->info.signature_scheme = scheme->code;
    connection->info.peer_signature_scheme = scheme->code;
    dtls_error error = params_to_sign(connection, scheme->hash, server->params.bytes);
    if (error != DTLS_OK)
        return error;
    error = connection->crypto->verify(handshake->public_key, scheme->code, handshake->to_sign.data,
                                       handshake->to_sign.len, server->signature.data, server->signature.len);
    if (error == DTLS_ERROR_SIGNATURE)
        return dtls_connection_fail(connection, error, "signature", key_exchange_section);
    return error;
}

/* Agrees with the peer's public value; the secret becomes the premaster secret. */
static dtls_error agree(struct dtls_connection *connection, dtls_span public_value, const char *field) {
    struct dtls_handshake *handshake = connection->handshake;
    return dtls_ecdhe_agree(connection, public_value, field, handshake->premaster, &handshake->premaster_len);
}

static dtls_error read_server(struct dtls_connection *connection, const struct dtls_message *message) {
    struct server_message server;
    const bool whole = read_server_message(connection, message, &server);
    dtls_error error = dtls_ecdhe_params_check(connection, &server.params, whole);
    if (error == DTLS_OK)
        error = verify_params(connection, &server);
    if (error == DTLS_OK)
        error = dtls_ecdhe_start(connection);
    return error == DTLS_OK ? agree(connection, server.params.public_value, "public") : error;
}

static dtls_error write_client(struct dtls_connection *connection) {
    const struct dtls_handshake *handshake = connection->handshake;
    struct dtls_writer writer = dtls_message_begin(connection);
    dtls_write_vector(&writer, 1, (dtls_span){handshake->public_value, handshake->public_value_len});
    return dtls_message_end(connection, &writer, DTLS_MESSAGE_CLIENT_KEY_EXCHANGE);
}

static dtls_error read_client(struct dtls_connection *connection, const struct dtls_message *message) {
    struct dtls_reader reader = dtls_reader_of(message->body, message->len);
    const dtls_span public_value = dtls_read_vector(&reader, 1, 1, 255);
    if (!dtls_read_done(&reader))
        return dtls_connection_fail(connection, DTLS_ERROR_DECODE, "ecdh_Yc", "RFC 8422 section 5.7");
    return agree(connection, public_value, "ecdh_Yc");
}

static const dtls_extension *const extensions[] = {&dtls_extension_supported_groups,
                                                   &dtls_extension_ec_point_formats,
                                                   &dtls_extension_signature_algorithms, NULL};

const struct dtls_key_exchange dtls_key_exchange_ecdhe = {
    .name = "ECDHE",
    .certificates = &dtls_certificates_x509,
    .extensions = extensions,
    .needs_group = true,
    .choose = choose,
    .prepare = prepare,
    .write_server = write_server,
    .read_server = read_server,
    .write_client = write_client,
    .read_client = read_client,
};
