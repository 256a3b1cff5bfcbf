/* SPDX-License-Identifier: MIT
 *
 * status_request (RFC 6066 section 8): a server sends an OCSP response behind
 * its Certificate. It passes through as it is; what it says is for the
 * application to judge.
 */
#include "handshake/config.h"
#include "handshake/steps.h"

enum { STATUS_OCSP = 1 };

static const char section[] = "RFC 6066 section 8";

/* status_type, and two empty lists. */
static size_t body_size(const dtls_config *config) {
    (void)config;
    return 1 + 2 + 2;
}

static bool offered(const struct dtls_connection *connection) {
    return dtls_config_has_certificates(connection->config);
}

static void write_offer(const struct dtls_connection *connection, struct dtls_writer *writer) {
    (void)connection;
    dtls_write_u8(writer, STATUS_OCSP);
    dtls_write_u16(writer, 0); /* responder_id_list: known to the server */
    dtls_write_u16(writer, 0); /* request_extensions */
}

/* Other types of status are passed over. */
static dtls_error read_offer(struct dtls_connection *connection, struct dtls_reader *reader) {
    if (dtls_read_u8(reader) != STATUS_OCSP) {
        dtls_read_bytes(reader, dtls_read_left(reader));
        return DTLS_OK;
    }
    struct dtls_block responders = dtls_read_open(reader, 2);
    while (dtls_read_left(reader) > 0)
        dtls_read_vector(reader, 2, 1, 0xffff);
    dtls_read_close(reader, responders);
    dtls_read_vector(reader, 2, 0, 0xffff);
    connection->handshake->status_wanted = dtls_read_ok(reader);
    return DTLS_OK;
}

/* There is a response for the certificate that is shown. */
static bool answered(const struct dtls_connection *connection) {
    const struct dtls_handshake *handshake = connection->handshake;
    return handshake->status_wanted && handshake->suite->key_exchange->certificates != NULL &&
           handshake->credential->ocsp_response.len > 0;
}

static dtls_error write_message(struct dtls_connection *connection) {
    struct dtls_writer writer = dtls_message_begin(connection);
    dtls_write_u8(&writer, STATUS_OCSP);
    dtls_write_vector(&writer, 3, connection->handshake->credential->ocsp_response);
    connection->info.certificate_status = true;
    return dtls_message_end(connection, &writer, DTLS_MESSAGE_CERTIFICATE_STATUS);
}

static dtls_error read_answer(struct dtls_connection *connection, struct dtls_reader *reader) {
    (void)reader;
    connection->handshake->status_promised = true;
    return DTLS_OK;
}

static dtls_error on_certificate_status(struct dtls_connection *connection, const struct dtls_input *input) {
    struct dtls_handshake *handshake = connection->handshake;
    struct dtls_reader reader = dtls_reader_of(input->message.body, input->message.len);
    const unsigned type = dtls_read_u8(&reader);
    if (dtls_read_ok(&reader) && type != STATUS_OCSP)
        return dtls_connection_fail(connection, DTLS_ERROR_ILLEGAL_PARAMETER, "status_type", section);
    handshake->status = dtls_read_vector(&reader, 3, 1, 0xffffff);
    if (!dtls_read_done(&reader))
        return dtls_connection_fail(connection, DTLS_ERROR_DECODE, "response", section);
    connection->info.certificate_status = true;
    dtls_choose_after_certificate(connection);
    dtls_ask_for_verdict(connection);
    return DTLS_OK;
}

/* The server has left CertificateStatus out, as he may: what has come instead is for the state behind it. */
static dtls_error on_other(struct dtls_connection *connection, const struct dtls_input *input) {
    (void)input;
    dtls_choose_after_certificate(connection);
    dtls_machine_defer(connection);
    dtls_ask_for_verdict(connection);
    return DTLS_OK;
}

#define AFTER                                                                                                \
    { DTLS_STATE_WAIT_SERVER_KEY_EXCHANGE, DTLS_STATE_WAIT_CERTIFICATE_REQUEST, DTLS_STATE_ASK_CERTIFICATE }

static const struct dtls_state_row rows[] = {
    {DTLS_STATE_WAIT_CERTIFICATE_STATUS, DTLS_MESSAGE_CERTIFICATE_STATUS, AFTER, true, on_certificate_status},
    {DTLS_STATE_WAIT_CERTIFICATE_STATUS, DTLS_MESSAGE_SERVER_KEY_EXCHANGE, AFTER, false, on_other},
    {DTLS_STATE_WAIT_CERTIFICATE_STATUS, DTLS_MESSAGE_CERTIFICATE_REQUEST, AFTER, false, on_other},
    {DTLS_STATE_WAIT_CERTIFICATE_STATUS, DTLS_MESSAGE_SERVER_HELLO_DONE, AFTER, false, on_other},
};

const dtls_extension dtls_extension_status_request = {
    .name = "status_request",
    .code = DTLS_CODE_STATUS_REQUEST,
    .section = section,
    .full_only = true,
    .body_size = body_size,
    .offered = offered,
    .write_offer = write_offer,
    .read_offer = read_offer,
    .answered = answered,
    .read_answer = read_answer,
    .write_message = write_message,
    .rows = rows,
    .num_rows = sizeof rows / sizeof rows[0],
};
