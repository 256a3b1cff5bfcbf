/* SPDX-License-Identifier: MIT
 *
 * The client of DTLS 1.2 (RFC 6347 section 4.2, RFC 5246 section 7.4): its
 * handlers in the order of the handshake, then its table.
 *
 *     ClientHello            ->
 *                            <- [HelloVerifyRequest]
 *     ClientHello            ->
 *                            <- ServerHello [Certificate] [CertificateStatus]
 *                               [ServerKeyExchange] [CertificateRequest]
 *                               ServerHelloDone
 *     [Certificate] ClientKeyExchange [CertificateVerify]
 *     ChangeCipherSpec Finished ->
 *                            <- ChangeCipherSpec Finished
 */
#include "handshake/config.h"
#include "handshake/extensions.h"
#include "handshake/hello.h"
#include "handshake/key_schedule.h"
#include "handshake/resumption.h"
#include "handshake/schemes_1_0.h"
#include "handshake/steps.h"
#include "handshake/transcript.h"

#include <string.h>

static const uint8_t no_compression[] = {0};

/* Where a ClientHello's session_id stands, its cookie behind it: after client_version and random. */
#define SESSION_ID_AT (2 + DTLS_RANDOM)

/* Writes ClientHello with a cookie, and sends it (RFC 6347 section 4.2.1: all else stays the same). */
static dtls_error send_hello(struct dtls_connection *connection, dtls_span cookie) {
    struct dtls_handshake *handshake = connection->handshake;
    uint8_t codes[2 * (DTLS_MAX_SUITES + 1)];
    struct dtls_writer suites = dtls_writer_of(codes, sizeof codes);
    for (const dtls_cipher_suite *const *s = connection->config->cipher_suites; *s != NULL; s++) {
        if (dtls_protocol_takes(connection->protocol, *s))
            dtls_write_u16(&suites, (*s)->code);
    }
    if (connection->config->fallback_scsv)
        dtls_write_u16(&suites, DTLS_FALLBACK_SCSV);
    handshake->client_version = connection->protocol->version;
    const struct dtls_client_hello hello = {
        .version = handshake->client_version,
        .random = {handshake->client_random, DTLS_RANDOM},
        .session_id = dtls_resumption_session_id(connection),
        .cookie = cookie,
        .suites = dtls_written(&suites),
        .compressions = {no_compression, sizeof no_compression},
    };
    dtls_flight_open(connection, false);
    struct dtls_writer writer = dtls_message_begin(connection);
    dtls_client_hello_write(&writer, &hello);
    dtls_extensions_write_offers(connection, &writer);
    const dtls_error error = dtls_message_end(connection, &writer, DTLS_MESSAGE_CLIENT_HELLO);
    /* So far a client has sent nothing but records of epoch 0, which are numbered from 0. */
    handshake->flight_sequence = connection->statistics.records_sent;
    dtls_flight_send(connection);
    return error;
}

static dtls_error on_start(struct dtls_connection *connection, const struct dtls_input *input) {
    (void)input;
    return send_hello(connection, (dtls_span){.data = NULL});
}

/* Another HelloVerifyRequest with the number of the first answers our second ClientHello if its record
 * number, which a server mirrors, says so and its cookie is another (RFC 6347 section 4.2.1). One that
 * answers a repeated first ClientHello must not be answered: the server may have taken the second already. */
static bool takes_old(const struct dtls_connection *connection, const struct dtls_message *message,
                      uint64_t sequence) {
    const struct dtls_handshake *handshake = connection->handshake;
    struct dtls_hello_verify_request request;
    if (connection->state != DTLS_STATE_WAIT_SERVER_HELLO ||
        message->type != DTLS_MESSAGE_HELLO_VERIFY_REQUEST ||
        message->seq + 1 != handshake->reassembly.next_seq || sequence < handshake->flight_sequence ||
        dtls_hello_verify_request_read((dtls_span){message->body, message->len}, &request) != NULL)
        return false;
    const uint8_t *session_id = handshake->flight.bytes + DTLS_MESSAGE_HEADER + SESSION_ID_AT;
    const uint8_t *cookie = session_id + 1 + session_id[0];
    return cookie[0] != request.cookie.len ||
           memcmp(cookie + 1, request.cookie.data, request.cookie.len) != 0;
}

static dtls_error on_hello_verify_request(struct dtls_connection *connection,
                                          const struct dtls_input *input) {
    static const char section[] = "RFC 6347 section 4.2.1";
    struct dtls_hello_verify_request request;
    const char *wrong =
        dtls_hello_verify_request_read((dtls_span){input->message.body, input->message.len}, &request);
    if (wrong != NULL)
        return dtls_connection_fail(connection, DTLS_ERROR_DECODE, wrong, section);
    /* The version says nothing but how to read this message. */
    if (request.version != DTLS_VERSION_1_0 && request.version != DTLS_VERSION_1_2)
        return dtls_connection_fail(connection, DTLS_ERROR_VERSION, "server_version", section);
    connection->handshake->flight.next_seq = (uint16_t)(input->message.seq + 1);
    return send_hello(connection, request.cookie);
}

/* The protocol of the version that the server has chosen. */
static bool take_version(struct dtls_connection *connection, unsigned version) {
    const dtls_protocol *const *protocol = connection->config->protocols;
    while (*protocol != NULL && (*protocol)->version != version)
        protocol++;
    if (*protocol != NULL)
        connection->protocol = *protocol;
    return *protocol != NULL;
}

/* What the server has chosen must be among what we offered. */
static dtls_error take_choices(struct dtls_connection *connection, const struct dtls_server_hello *hello) {
    static const char section[] = "RFC 5246 section 7.4.1.3";
    struct dtls_handshake *handshake = connection->handshake;
    if (!take_version(connection, hello->version))
        return dtls_connection_fail(connection, DTLS_ERROR_VERSION, "server_version", section);
    handshake->suite = dtls_config_suite(connection->config, hello->suite);
    if (handshake->suite == NULL)
        return dtls_connection_fail(connection, DTLS_ERROR_ILLEGAL_PARAMETER, "cipher_suite", section);
    if (hello->compression != 0)
        return dtls_connection_fail(connection, DTLS_ERROR_ILLEGAL_PARAMETER, "compression_method", section);
    const dtls_error error = dtls_extensions_read_answers(connection, hello->extensions);
    if (error != DTLS_OK)
        return error;
    if (!dtls_suite_usable(connection, handshake->suite))
        return dtls_connection_fail(connection, DTLS_ERROR_ILLEGAL_PARAMETER, "cipher_suite", section);
    if (connection->config->require_extended_master_secret && !handshake->session_hash)
        return dtls_connection_fail(connection, DTLS_ERROR_EXTENDED_MASTER_SECRET, "extensions",
                                    "RFC 7627 section 5.2");
    memcpy(handshake->server_random, hello->random.data, DTLS_RANDOM);
    connection->info.version = hello->version;
    connection->info.cipher_suite = hello->suite;
    dtls_record_set_version(&connection->records, hello->version, true);
    return DTLS_OK;
}

static dtls_error on_server_hello(struct dtls_connection *connection, const struct dtls_input *input) {
    struct dtls_handshake *handshake = connection->handshake;
    struct dtls_server_hello hello;
    const char *wrong = dtls_server_hello_read((dtls_span){input->message.body, input->message.len}, &hello);
    if (wrong != NULL)
        return dtls_connection_fail(connection, DTLS_ERROR_DECODE, wrong, "RFC 5246 section 7.4.1.3");
    dtls_error error = take_choices(connection, &hello);
    if (error == DTLS_OK)
        error = dtls_transcript_start(connection);
    if (error == DTLS_OK)
        error =
            dtls_transcript_add_own(connection, (dtls_span){handshake->flight.bytes, handshake->flight.len});
    if (error == DTLS_OK)
        error = dtls_transcript_add(connection, &input->message);
    const dtls_resumption *resumption = connection->config->resumption;
    if (error == DTLS_OK && resumption != NULL) {
        error = resumption->take_server_hello(connection, &hello);
        if (error == DTLS_NOTHING)
            return DTLS_OK;
    }
    if (error == DTLS_OK && handshake->suite->key_exchange->certificates == NULL)
        dtls_machine_choose(connection, handshake->suite->key_exchange->server_may_be_silent
                                            ? DTLS_STATE_WAIT_PSK_HINT
                                            : DTLS_STATE_WAIT_SERVER_KEY_EXCHANGE);
    return error;
}

void dtls_choose_after_certificate(struct dtls_connection *connection) {
    const struct dtls_key_exchange *key_exchange = connection->handshake->suite->key_exchange;
    /* With key transport the server has nothing to say in a ServerKeyExchange. */
    dtls_machine_choose(connection, key_exchange->read_server == NULL ? DTLS_STATE_WAIT_CERTIFICATE_REQUEST
                                                                      : DTLS_STATE_WAIT_SERVER_KEY_EXCHANGE);
}

/* A promised CertificateStatus may follow, and is judged with the certificate, which is kept for that. */
static dtls_error on_certificate(struct dtls_connection *connection, const struct dtls_input *input) {
    struct dtls_handshake *handshake = connection->handshake;
    dtls_choose_after_certificate(connection);
    if (!handshake->status_promised)
        return dtls_on_certificate(connection, input);
    dtls_machine_choose(connection, DTLS_STATE_WAIT_CERTIFICATE_STATUS);
    memcpy(handshake->certificate, input->message.body, input->message.len);
    handshake->certificate_len = input->message.len;
    return handshake->suite->key_exchange->certificates->read(connection, &input->message);
}

static dtls_error on_certificate_verdict(struct dtls_connection *connection, const struct dtls_input *input) {
    dtls_choose_after_certificate(connection);
    return dtls_on_certificate_verdict(connection, input);
}

static dtls_error on_server_key_exchange(struct dtls_connection *connection, const struct dtls_input *input) {
    const struct dtls_key_exchange *key_exchange = connection->handshake->suite->key_exchange;
    if (key_exchange->certificates == NULL)
        dtls_machine_choose(connection, DTLS_STATE_WAIT_SERVER_HELLO_DONE);
    return key_exchange->read_server(connection, &input->message);
}

static dtls_error on_certificate_request(struct dtls_connection *connection, const struct dtls_input *input) {
    return connection->handshake->suite->key_exchange->certificates->read_request(connection,
                                                                                  &input->message);
}

static dtls_error send_second_flight(struct dtls_connection *connection, dtls_span signature) {
    const struct dtls_handshake *handshake = connection->handshake;
    dtls_error error = DTLS_OK;
    if (handshake->credential != NULL)
        error = handshake->suite->key_exchange->certificates->write_verify(connection, signature);
    if (error == DTLS_OK)
        error = dtls_write_finished(connection);
    if (error == DTLS_OK)
        dtls_flight_send(connection);
    dtls_machine_choose(connection, handshake->ticket_promised ? DTLS_STATE_WAIT_NEW_SESSION_TICKET
                                                               : DTLS_STATE_WAIT_CHANGE_CIPHER_SPEC);
    return error;
}

/* Signs the transcript, if we have shown a certificate, and sends the flight, at once or after the answer. */
static dtls_error prove_and_send(struct dtls_connection *connection) {
    struct dtls_handshake *handshake = connection->handshake;
    uint8_t signature[DTLS_MAX_SIGNATURE];
    dtls_span signed_with = {.data = NULL};
    dtls_error error = DTLS_OK;
    if (handshake->credential != NULL) {
        error = dtls_transcript_to_sign(connection, handshake->scheme);
        if (error == DTLS_OK)
            error = dtls_sign_digest(connection, signature, &signed_with);
    }
    if (error == DTLS_NOTHING) {
        dtls_machine_choose(connection, DTLS_STATE_ASK_SIGNATURE);
        return DTLS_OK;
    }
    return error == DTLS_OK ? send_second_flight(connection, signed_with) : error;
}

static dtls_error write_second_flight(struct dtls_connection *connection) {
    const struct dtls_handshake *handshake = connection->handshake;
    const struct dtls_key_exchange *key_exchange = handshake->suite->key_exchange;
    dtls_error error = DTLS_OK;
    dtls_flight_open(connection, false);
    if (handshake->certificate_requested)
        error = key_exchange->certificates->write(connection, handshake->credential);
    if (error == DTLS_OK)
        error = key_exchange->write_client(connection);
    if (error == DTLS_OK)
        error = dtls_derive_keys(connection);
    return error == DTLS_OK ? prove_and_send(connection) : error;
}

static dtls_error on_server_hello_done(struct dtls_connection *connection, const struct dtls_input *input) {
    struct dtls_handshake *handshake = connection->handshake;
    if (input->message.len != 0)
        return dtls_connection_fail(connection, DTLS_ERROR_DECODE, "", "RFC 5246 section 7.4.5");
    if (!handshake->suite->key_exchange->asks_psk)
        return write_second_flight(connection);
    /* The ClientHello has been answered in full: it is not repeated while the application thinks. */
    dtls_timer_stop(&handshake->timer);
    handshake->question = (dtls_span){handshake->psk_name, handshake->psk_name_len};
    dtls_events_put(&connection->events, DTLS_EVENT_LOOK_UP_PSK, 0, 0);
    dtls_machine_choose(connection, DTLS_STATE_ASK_PSK);
    return DTLS_OK;
}

static dtls_error on_psk(struct dtls_connection *connection, const struct dtls_input *input) {
    const struct dtls_key_exchange *key_exchange = connection->handshake->suite->key_exchange;
    const dtls_error error = key_exchange->take_psk(connection, input->bytes, input->key);
    return error == DTLS_OK ? write_second_flight(connection) : error;
}

static dtls_error on_signature(struct dtls_connection *connection, const struct dtls_input *input) {
    if (input->bytes.len == 0)
        return dtls_connection_fail(connection, DTLS_ERROR_CRYPTO, "signature", "RFC 5246 section 7.4.8");
    return send_second_flight(connection, input->bytes);
}

static dtls_error on_finished(struct dtls_connection *connection, const struct dtls_input *input) {
    return dtls_read_finished(connection, &input->message);
}

static const struct dtls_state_row rows[] = {
    {DTLS_STATE_START, DTLS_INPUT_START, {DTLS_STATE_WAIT_SERVER_HELLO}, false, on_start},
    {DTLS_STATE_WAIT_SERVER_HELLO,
     DTLS_MESSAGE_HELLO_VERIFY_REQUEST,
     {DTLS_STATE_WAIT_SERVER_HELLO},
     false,
     on_hello_verify_request},
    {DTLS_STATE_WAIT_SERVER_HELLO,
     DTLS_MESSAGE_SERVER_HELLO,
     {DTLS_STATE_WAIT_CERTIFICATE, DTLS_STATE_WAIT_PSK_HINT, DTLS_STATE_WAIT_SERVER_KEY_EXCHANGE,
      DTLS_STATE_WAIT_RESUMED_NEW_SESSION_TICKET, DTLS_STATE_WAIT_RESUMED_CHANGE_CIPHER_SPEC},
     false,
     on_server_hello},
    {DTLS_STATE_WAIT_CERTIFICATE,
     DTLS_MESSAGE_CERTIFICATE,
     {DTLS_STATE_WAIT_SERVER_KEY_EXCHANGE, DTLS_STATE_WAIT_CERTIFICATE_REQUEST, DTLS_STATE_ASK_CERTIFICATE,
      DTLS_STATE_WAIT_CERTIFICATE_STATUS},
     true,
     on_certificate},
    {DTLS_STATE_ASK_CERTIFICATE,
     DTLS_INPUT_CERTIFICATE_VERDICT,
     {DTLS_STATE_WAIT_SERVER_KEY_EXCHANGE, DTLS_STATE_WAIT_CERTIFICATE_REQUEST},
     false,
     on_certificate_verdict},
    {DTLS_STATE_WAIT_SERVER_KEY_EXCHANGE,
     DTLS_MESSAGE_SERVER_KEY_EXCHANGE,
     {DTLS_STATE_WAIT_CERTIFICATE_REQUEST, DTLS_STATE_WAIT_SERVER_HELLO_DONE},
     true,
     on_server_key_exchange},
    {DTLS_STATE_WAIT_CERTIFICATE_REQUEST,
     DTLS_MESSAGE_CERTIFICATE_REQUEST,
     {DTLS_STATE_WAIT_SERVER_HELLO_DONE},
     true,
     on_certificate_request},
    {DTLS_STATE_WAIT_CERTIFICATE_REQUEST,
     DTLS_MESSAGE_SERVER_HELLO_DONE,
     {DTLS_STATE_WAIT_CHANGE_CIPHER_SPEC, DTLS_STATE_WAIT_NEW_SESSION_TICKET},
     true,
     on_server_hello_done},
    {DTLS_STATE_WAIT_PSK_HINT,
     DTLS_MESSAGE_SERVER_KEY_EXCHANGE,
     {DTLS_STATE_WAIT_SERVER_HELLO_DONE},
     true,
     on_server_key_exchange},
    {DTLS_STATE_WAIT_PSK_HINT,
     DTLS_MESSAGE_SERVER_HELLO_DONE,
     {DTLS_STATE_ASK_PSK},
     true,
     on_server_hello_done},
    {DTLS_STATE_WAIT_SERVER_HELLO_DONE,
     DTLS_MESSAGE_SERVER_HELLO_DONE,
     {DTLS_STATE_WAIT_CHANGE_CIPHER_SPEC, DTLS_STATE_WAIT_NEW_SESSION_TICKET, DTLS_STATE_ASK_SIGNATURE,
      DTLS_STATE_ASK_PSK},
     true,
     on_server_hello_done},
    {DTLS_STATE_ASK_PSK,
     DTLS_INPUT_PSK,
     {DTLS_STATE_WAIT_CHANGE_CIPHER_SPEC, DTLS_STATE_WAIT_NEW_SESSION_TICKET},
     false,
     on_psk},
    {DTLS_STATE_ASK_SIGNATURE,
     DTLS_INPUT_SIGNATURE,
     {DTLS_STATE_WAIT_CHANGE_CIPHER_SPEC, DTLS_STATE_WAIT_NEW_SESSION_TICKET},
     false,
     on_signature},
    {DTLS_STATE_WAIT_CHANGE_CIPHER_SPEC,
     DTLS_INPUT_CHANGE_CIPHER_SPEC,
     {DTLS_STATE_WAIT_FINISHED},
     false,
     dtls_on_change_cipher_spec},
    {DTLS_STATE_WAIT_FINISHED, DTLS_MESSAGE_FINISHED, {DTLS_STATE_CONNECTED}, false, on_finished},
    {DTLS_STATE_CONNECTED, DTLS_MESSAGE_HELLO_REQUEST, {DTLS_STATE_CONNECTED}, false, dtls_on_renegotiation},
};

/* The ClientHello, and the second flight without certificates and their signature. */
static size_t flight_size(const dtls_config *config) {
    const size_t hello = dtls_config_client_hello(config);
    const size_t second = DTLS_CLIENT_SECOND_FLIGHT + (config->allow_legacy ? DTLS_MAX_ENCRYPTED : 0);
    return hello > second ? hello : second;
}

/* RFC 4347 differs in what the fields say, and in no step. */
const dtls_protocol dtls_client_1_0 = {
    .role = DTLS_CLIENT,
    .version = DTLS_VERSION_1_0,
    .hash = DTLS_HASH_MD5_SHA1,
    .mac = DTLS_HASH_SHA1,
    .schemes = dtls_schemes_1_0,
    .rows = rows,
    .num_rows = sizeof rows / sizeof rows[0],
    .takes_old = takes_old,
    .flight_size = flight_size,
};

const dtls_protocol dtls_client_1_2 = {
    .role = DTLS_CLIENT,
    .version = DTLS_VERSION_1_2,
    .rows = rows,
    .num_rows = sizeof rows / sizeof rows[0],
    .takes_old = takes_old,
    .flight_size = flight_size,
};
