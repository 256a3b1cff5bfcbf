/* SPDX-License-Identifier: MIT
 *
 * Ephemeral key agreement together with a pre-shared key (RFC 5489 section 2):
 * the premaster secret is the agreed secret and the key, each with its length.
 */
#include "handshake/ecdhe.h"
#include "handshake/psk.h"

static const char section[] = "RFC 5489 section 2";

static dtls_error choose(struct dtls_connection *connection, const dtls_cipher_suite *suite) {
    (void)suite;
    return dtls_ecdhe_choose_group(connection);
}

static dtls_error write_server(struct dtls_connection *connection, dtls_span signature) {
    (void)signature;
    const dtls_error error = dtls_ecdhe_start(connection);
    if (error != DTLS_OK)
        return error;
    struct dtls_writer writer = dtls_message_begin(connection);
    dtls_write_vector(&writer, 2, connection->config->psk_identity_hint);
    dtls_ecdhe_params_write(connection->handshake, &writer);
    return dtls_message_end(connection, &writer, DTLS_MESSAGE_SERVER_KEY_EXCHANGE);
}

/* The agreed secret, with its length, begins the premaster secret. */
static dtls_error agree(struct dtls_connection *connection, dtls_span public_value, const char *field) {
    struct dtls_handshake *handshake = connection->handshake;
    size_t len = 0;
    const dtls_error error =
        dtls_ecdhe_agree(connection, public_value, field, handshake->premaster + 2, &len);
    if (error != DTLS_OK)
        return error;
    handshake->premaster[0] = (uint8_t)(len >> 8);
    handshake->premaster[1] = (uint8_t)len;
    handshake->premaster_len = 2 + len;
    return DTLS_OK;
}

static dtls_error read_server(struct dtls_connection *connection, const struct dtls_message *message) {
    struct dtls_reader reader = dtls_reader_of(message->body, message->len);
    struct dtls_ecdhe_params params;
    const dtls_span hint = dtls_read_vector(&reader, 2, 0, 0xffff);
    dtls_ecdhe_params_read(&reader, &params);
    dtls_error error = dtls_ecdhe_params_check(connection, &params, dtls_read_done(&reader));
    if (error != DTLS_OK)
        return error;
    dtls_psk_take_hint(connection->handshake, hint);
    error = dtls_ecdhe_start(connection);
    return error == DTLS_OK ? agree(connection, params.public_value, "public") : error;
}

static dtls_error write_client(struct dtls_connection *connection) {
    const struct dtls_handshake *handshake = connection->handshake;
    struct dtls_writer writer = dtls_message_begin(connection);
    dtls_write_vector(&writer, 2, (dtls_span){handshake->psk_name, handshake->psk_name_len});
    dtls_write_vector(&writer, 1, (dtls_span){handshake->public_value, handshake->public_value_len});
    return dtls_message_end(connection, &writer, DTLS_MESSAGE_CLIENT_KEY_EXCHANGE);
}

static dtls_error read_client(struct dtls_connection *connection, const struct dtls_message *message) {
    struct dtls_reader reader = dtls_reader_of(message->body, message->len);
    connection->handshake->question = dtls_read_vector(&reader, 2, 0, 0xffff);
    const bool named = dtls_read_ok(&reader);
    const dtls_span public_value = dtls_read_vector(&reader, 1, 1, 255);
    if (!dtls_read_done(&reader))
        return dtls_connection_fail(connection, DTLS_ERROR_DECODE, named ? "ecdh_Yc" : "psk_identity",
                                    section);
    return agree(connection, public_value, "ecdh_Yc");
}

static dtls_error take_psk(struct dtls_connection *connection, dtls_span identity, dtls_span key) {
    struct dtls_handshake *handshake = connection->handshake;
    struct dtls_writer premaster = dtls_writer_of(handshake->premaster, sizeof handshake->premaster);
    dtls_write_room(&premaster, handshake->premaster_len);
    return dtls_psk_take_key(connection, &premaster, identity, key);
}

static const dtls_extension *const extensions[] = {&dtls_extension_supported_groups,
                                                   &dtls_extension_ec_point_formats, NULL};

const struct dtls_key_exchange dtls_key_exchange_ecdhe_psk = {
    .name = "ECDHE_PSK",
    .extensions = extensions,
    .asks_psk = true,
    .needs_group = true,
    .choose = choose,
    .write_server = write_server,
    .read_server = read_server,
    .write_client = write_client,
    .read_client = read_client,
    .take_psk = take_psk,
};
