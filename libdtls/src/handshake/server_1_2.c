/* SPDX-License-Identifier: MIT
 *
 * The server of DTLS 1.2 (RFC 6347 section 4.2, RFC 5246 section 7.4): its
 * handlers in the order of the handshake, then its table. The cookie exchange
 * goes before it, in cookie.c, without a connection.
 *
 *                            <- ClientHello
 *     ServerHello [Certificate] [ServerKeyExchange]
 *     [CertificateRequest] ServerHelloDone ->
 *                            <- [Certificate] ClientKeyExchange
 *                               [CertificateVerify] ChangeCipherSpec Finished
 *     ChangeCipherSpec Finished ->
 */
#include "handshake/server_1_2.h"
#include "handshake/config.h"
#include "handshake/extensions.h"
#include "handshake/hello.h"
#include "handshake/key_schedule.h"
#include "handshake/resumption.h"
#include "handshake/schemes_1_0.h"
#include "handshake/steps.h"
#include "handshake/transcript.h"

#include <string.h>

static const char hello_section[] = "RFC 5246 section 7.4.1.2";

/* The first suite of ours that the client offers and that all else allows. */
static dtls_error choose_suite(struct dtls_connection *connection, const struct dtls_client_hello *hello) {
    const dtls_cipher_suite *const *suite = connection->config->cipher_suites;
    dtls_error why_not = DTLS_ERROR_NO_SHARED_SUITE;
    for (; *suite != NULL; suite++) {
        if (!dtls_client_hello_offers(hello, (*suite)->code) || !dtls_suite_usable(connection, *suite))
            continue;
        const dtls_error error = (*suite)->key_exchange->choose(connection, *suite);
        if (error == DTLS_OK) {
            connection->handshake->suite = *suite;
            return DTLS_OK;
        }
        if (error != DTLS_ERROR_NO_SHARED_SUITE)
            why_not = error;
    }
    const char *field = why_not == DTLS_ERROR_NO_SHARED_GROUP              ? "supported_groups"
                        : why_not == DTLS_ERROR_NO_SHARED_SIGNATURE_SCHEME ? "signature_algorithms"
                        : why_not == DTLS_ERROR_CERTIFICATE_UNSUPPORTED    ? "server_certificate_type"
                                                                           : "cipher_suites";
    return dtls_connection_fail(connection, why_not, field,
                                why_not == DTLS_ERROR_CERTIFICATE_UNSUPPORTED ? "RFC 7250 section 4.2"
                                                                              : hello_section);
}

static bool offers_no_compression(const struct dtls_client_hello *hello) {
    return memchr(hello->compressions.data, 0, hello->compressions.len) != NULL;
}

/* The best version of ours that the client's is not below. DTLS versions count downwards: what is higher has
 * a smaller number, of any major version (RFC 6347 section 4.1). Numbers in the lower half are TLS's. */
static bool choose_version(struct dtls_connection *connection, const struct dtls_client_hello *hello) {
    const dtls_protocol *const *protocol = connection->config->protocols;
    for (; hello->version >= 0x8000 && *protocol != NULL; protocol++) {
        if (hello->version <= (*protocol)->version) {
            connection->protocol = *protocol;
            return true;
        }
    }
    return false;
}

static dtls_error negotiate(struct dtls_connection *connection, const struct dtls_client_hello *hello) {
    struct dtls_handshake *handshake = connection->handshake;
    if (!choose_version(connection, hello))
        return dtls_connection_fail(connection, DTLS_ERROR_VERSION, "client_version",
                                    "RFC 5246 appendix E.1");
    if (connection->protocol != connection->config->protocols[0] &&
        dtls_client_hello_offers(hello, DTLS_FALLBACK_SCSV))
        return dtls_connection_fail(connection, DTLS_ERROR_INAPPROPRIATE_FALLBACK, "client_version",
                                    "RFC 7507 section 3");
    if (!offers_no_compression(hello))
        return dtls_connection_fail(connection, DTLS_ERROR_ILLEGAL_PARAMETER, "compression_methods",
                                    hello_section);
    handshake->client_version = hello->version;
    memcpy(handshake->client_random, hello->random.data, DTLS_RANDOM);
    struct dtls_reader suites = dtls_reader_of(hello->suites.data, hello->suites.len);
    while (dtls_read_left(&suites) > 0)
        dtls_extensions_read_signal(connection, dtls_read_u16(&suites));
    const dtls_error error = dtls_extensions_read_offers(connection, hello->extensions);
    if (error != DTLS_OK)
        return error;
    if (connection->config->require_extended_master_secret && !handshake->session_hash)
        return dtls_connection_fail(connection, DTLS_ERROR_EXTENDED_MASTER_SECRET, "extensions",
                                    "RFC 7627 section 5.2");
    return DTLS_OK;
}

dtls_error dtls_server_write_hello(struct dtls_connection *connection, const struct dtls_message *message) {
    struct dtls_handshake *handshake = connection->handshake;
    dtls_error error = dtls_transcript_start(connection);
    if (error == DTLS_OK)
        error = dtls_transcript_add(connection, message);
    if (error != DTLS_OK)
        return error;
    const struct dtls_server_hello hello = {
        .version = connection->protocol->version,
        .random = {handshake->server_random, DTLS_RANDOM},
        .session_id = dtls_resumption_session_id(connection),
        .suite = handshake->suite->code,
    };
    connection->info.version = hello.version;
    connection->info.cipher_suite = hello.suite;
    dtls_record_set_version(&connection->records, hello.version, true);
    dtls_flight_open(connection, false);
    struct dtls_writer writer = dtls_message_begin(connection);
    dtls_server_hello_write(&writer, &hello);
    dtls_extensions_write_answers(connection, &writer);
    return dtls_message_end(connection, &writer, DTLS_MESSAGE_SERVER_HELLO);
}

static bool asks_for_certificate(const struct dtls_connection *connection) {
    return connection->handshake->suite->key_exchange->certificates != NULL &&
           connection->config->client_auth != DTLS_CLIENT_AUTH_NONE && dtls_client_type_agreed(connection);
}

/* The client can show what we require, as far as he has said. */
static dtls_error check_client_type(struct dtls_connection *connection) {
    if (connection->handshake->suite->key_exchange->certificates == NULL ||
        connection->config->client_auth != DTLS_CLIENT_AUTH_REQUIRE || dtls_client_type_agreed(connection))
        return DTLS_OK;
    return dtls_connection_fail(connection, DTLS_ERROR_CERTIFICATE_UNSUPPORTED, "client_certificate_type",
                                "RFC 7250 section 4.2");
}

/* Certificate, and what extensions put behind it. */
static dtls_error write_certificate(struct dtls_connection *connection) {
    const struct dtls_handshake *handshake = connection->handshake;
    if (handshake->suite->key_exchange->certificates == NULL)
        return DTLS_OK;
    const dtls_error error =
        handshake->suite->key_exchange->certificates->write(connection, handshake->credential);
    return error == DTLS_OK ? dtls_extensions_write_messages(connection) : error;
}

static dtls_error send_hello_flight(struct dtls_connection *connection, dtls_span signature) {
    const struct dtls_key_exchange *key_exchange = connection->handshake->suite->key_exchange;
    dtls_error error = key_exchange->write_server(connection, signature);
    if (error == DTLS_OK && asks_for_certificate(connection))
        error = key_exchange->certificates->write_request(connection);
    if (error != DTLS_OK)
        return error;
    const struct dtls_writer done = dtls_message_begin(connection);
    error = dtls_message_end(connection, &done, DTLS_MESSAGE_SERVER_HELLO_DONE);
    if (error != DTLS_OK)
        return error;
    dtls_flight_send(connection);
    dtls_machine_choose(connection, asks_for_certificate(connection) ? DTLS_STATE_WAIT_CERTIFICATE
                                                                     : DTLS_STATE_WAIT_CLIENT_KEY_EXCHANGE);
    return DTLS_OK;
}

/* Signs what ServerKeyExchange says, if it is signed, and sends the flight, at once or after the answer. */
static dtls_error prove_and_send(struct dtls_connection *connection) {
    const struct dtls_key_exchange *key_exchange = connection->handshake->suite->key_exchange;
    uint8_t signature[DTLS_MAX_SIGNATURE];
    dtls_span signed_with = {.data = NULL};
    dtls_error error = DTLS_OK;
    if (key_exchange->prepare != NULL) {
        error = key_exchange->prepare(connection);
        if (error == DTLS_OK)
            error = dtls_sign_digest(connection, signature, &signed_with);
    }
    if (error == DTLS_NOTHING) {
        dtls_machine_choose(connection, DTLS_STATE_ASK_SIGNATURE);
        return DTLS_OK;
    }
    return error == DTLS_OK ? send_hello_flight(connection, signed_with) : error;
}

dtls_error dtls_server_go_on(struct dtls_connection *connection, const struct dtls_client_hello *hello,
                             const struct dtls_message *message) {
    dtls_error error = choose_suite(connection, hello);
    if (error == DTLS_OK)
        error = check_client_type(connection);
    if (error == DTLS_OK)
        error = dtls_server_write_hello(connection, message);
    if (error == DTLS_OK)
        error = write_certificate(connection);
    return error == DTLS_OK ? prove_and_send(connection) : error;
}

static dtls_error on_client_hello(struct dtls_connection *connection, const struct dtls_input *input) {
    struct dtls_client_hello hello;
    const char *wrong = dtls_client_hello_read((dtls_span){input->message.body, input->message.len}, &hello);
    if (wrong != NULL)
        return dtls_connection_fail(connection, DTLS_ERROR_DECODE, wrong, hello_section);
    dtls_error error = negotiate(connection, &hello);
    const dtls_resumption *resumption = connection->config->resumption;
    if (error == DTLS_OK && resumption != NULL) {
        error = resumption->take_client_hello(connection, &hello, &input->message);
        if (error == DTLS_NOTHING)
            return DTLS_OK;
    }
    return error == DTLS_OK ? dtls_server_go_on(connection, &hello, &input->message) : error;
}

static dtls_error on_signature(struct dtls_connection *connection, const struct dtls_input *input) {
    if (input->bytes.len == 0)
        return dtls_connection_fail(connection, DTLS_ERROR_CRYPTO, "signature", "RFC 5246 section 7.4.3");
    return send_hello_flight(connection, input->bytes);
}

static dtls_error on_client_key_exchange(struct dtls_connection *connection, const struct dtls_input *input) {
    const struct dtls_handshake *handshake = connection->handshake;
    const struct dtls_key_exchange *key_exchange = handshake->suite->key_exchange;
    const dtls_error error = key_exchange->read_client(connection, &input->message);
    if (error == DTLS_NOTHING) {
        dtls_events_put(&connection->events, DTLS_EVENT_DECRYPT, 0, 0);
        dtls_machine_choose(connection, DTLS_STATE_ASK_DECRYPTION);
        return DTLS_OK;
    }
    if (error != DTLS_OK)
        return error;
    if (key_exchange->asks_psk) {
        dtls_events_put(&connection->events, DTLS_EVENT_LOOK_UP_PSK, 0, 0);
        dtls_machine_choose(connection, DTLS_STATE_ASK_PSK);
        return DTLS_OK;
    }
    if (handshake->peer_certificate)
        dtls_machine_choose(connection, DTLS_STATE_WAIT_CERTIFICATE_VERIFY);
    return dtls_derive_keys(connection);
}

static dtls_error on_psk(struct dtls_connection *connection, const struct dtls_input *input) {
    const struct dtls_key_exchange *key_exchange = connection->handshake->suite->key_exchange;
    const dtls_error error = key_exchange->take_psk(connection, input->bytes, input->key);
    return error == DTLS_OK ? dtls_derive_keys(connection) : error;
}

static dtls_error on_decryption(struct dtls_connection *connection, const struct dtls_input *input) {
    const struct dtls_handshake *handshake = connection->handshake;
    const dtls_error error = handshake->suite->key_exchange->take_decryption(connection, input->decrypted);
    if (handshake->peer_certificate)
        dtls_machine_choose(connection, DTLS_STATE_WAIT_CERTIFICATE_VERIFY);
    return error == DTLS_OK ? dtls_derive_keys(connection) : error;
}

static dtls_error on_certificate_verify(struct dtls_connection *connection, const struct dtls_input *input) {
    const struct dtls_certificates *certificates = connection->handshake->suite->key_exchange->certificates;
    const dtls_error error = certificates->read_verify(connection, &input->message);
    return error == DTLS_OK ? dtls_transcript_add(connection, &input->message) : error;
}

/* The client's Finished is in the transcript of ours, which ends the handshake. */
static dtls_error on_finished(struct dtls_connection *connection, const struct dtls_input *input) {
    dtls_error error = dtls_read_finished(connection, &input->message);
    if (error == DTLS_OK)
        error = dtls_transcript_add(connection, &input->message);
    if (error != DTLS_OK)
        return error;
    dtls_flight_open(connection, true);
    if (connection->handshake->ticket_promised)
        error = connection->config->resumption->write_ticket(connection);
    if (error == DTLS_OK)
        error = dtls_write_finished(connection);
    if (error == DTLS_OK)
        dtls_flight_send(connection);
    return error;
}

static const struct dtls_state_row rows[] = {
    {DTLS_STATE_WAIT_CLIENT_HELLO,
     DTLS_MESSAGE_CLIENT_HELLO,
     {DTLS_STATE_WAIT_CLIENT_KEY_EXCHANGE, DTLS_STATE_WAIT_CERTIFICATE, DTLS_STATE_ASK_SIGNATURE,
      DTLS_STATE_ASK_SESSION, DTLS_STATE_WAIT_RESUMED_CHANGE_CIPHER_SPEC},
     false,
     on_client_hello},
    {DTLS_STATE_ASK_SIGNATURE,
     DTLS_INPUT_SIGNATURE,
     {DTLS_STATE_WAIT_CLIENT_KEY_EXCHANGE, DTLS_STATE_WAIT_CERTIFICATE},
     false,
     on_signature},
    {DTLS_STATE_WAIT_CERTIFICATE,
     DTLS_MESSAGE_CERTIFICATE,
     {DTLS_STATE_WAIT_CLIENT_KEY_EXCHANGE, DTLS_STATE_ASK_CERTIFICATE},
     true,
     dtls_on_certificate},
    {DTLS_STATE_WAIT_CERTIFICATE,
     DTLS_INPUT_CHANGE_CIPHER_SPEC,
     {DTLS_STATE_WAIT_CERTIFICATE},
     false,
     dtls_on_early_change_cipher_spec},
    {DTLS_STATE_ASK_CERTIFICATE,
     DTLS_INPUT_CERTIFICATE_VERDICT,
     {DTLS_STATE_WAIT_CLIENT_KEY_EXCHANGE},
     false,
     dtls_on_certificate_verdict},
    {DTLS_STATE_ASK_CERTIFICATE,
     DTLS_INPUT_CHANGE_CIPHER_SPEC,
     {DTLS_STATE_ASK_CERTIFICATE},
     false,
     dtls_on_early_change_cipher_spec},
    {DTLS_STATE_WAIT_CLIENT_KEY_EXCHANGE,
     DTLS_MESSAGE_CLIENT_KEY_EXCHANGE,
     {DTLS_STATE_WAIT_CHANGE_CIPHER_SPEC, DTLS_STATE_WAIT_CERTIFICATE_VERIFY, DTLS_STATE_ASK_PSK,
      DTLS_STATE_ASK_DECRYPTION},
     true,
     on_client_key_exchange},
    {DTLS_STATE_WAIT_CLIENT_KEY_EXCHANGE,
     DTLS_INPUT_CHANGE_CIPHER_SPEC,
     {DTLS_STATE_WAIT_CLIENT_KEY_EXCHANGE},
     false,
     dtls_on_early_change_cipher_spec},
    {DTLS_STATE_ASK_PSK, DTLS_INPUT_PSK, {DTLS_STATE_WAIT_CHANGE_CIPHER_SPEC}, false, on_psk},
    {DTLS_STATE_ASK_PSK,
     DTLS_INPUT_CHANGE_CIPHER_SPEC,
     {DTLS_STATE_ASK_PSK},
     false,
     dtls_on_early_change_cipher_spec},
    {DTLS_STATE_ASK_DECRYPTION,
     DTLS_INPUT_DECRYPTION,
     {DTLS_STATE_WAIT_CHANGE_CIPHER_SPEC, DTLS_STATE_WAIT_CERTIFICATE_VERIFY},
     false,
     on_decryption},
    {DTLS_STATE_ASK_DECRYPTION,
     DTLS_INPUT_CHANGE_CIPHER_SPEC,
     {DTLS_STATE_ASK_DECRYPTION},
     false,
     dtls_on_early_change_cipher_spec},
    {DTLS_STATE_WAIT_CERTIFICATE_VERIFY,
     DTLS_MESSAGE_CERTIFICATE_VERIFY,
     {DTLS_STATE_WAIT_CHANGE_CIPHER_SPEC},
     false,
     on_certificate_verify},
    {DTLS_STATE_WAIT_CERTIFICATE_VERIFY,
     DTLS_INPUT_CHANGE_CIPHER_SPEC,
     {DTLS_STATE_WAIT_CERTIFICATE_VERIFY},
     false,
     dtls_on_early_change_cipher_spec},
    {DTLS_STATE_WAIT_CHANGE_CIPHER_SPEC,
     DTLS_INPUT_CHANGE_CIPHER_SPEC,
     {DTLS_STATE_WAIT_FINISHED},
     false,
     dtls_on_change_cipher_spec},
    {DTLS_STATE_WAIT_FINISHED, DTLS_MESSAGE_FINISHED, {DTLS_STATE_CONNECTED}, false, on_finished},
    {DTLS_STATE_CONNECTED, DTLS_MESSAGE_CLIENT_HELLO, {DTLS_STATE_CONNECTED}, false, dtls_on_renegotiation},
};

/* ServerHello to ServerHelloDone, without certificates and their signature. */
static size_t flight_size(const dtls_config *config) {
    size_t size = DTLS_SERVER_FLIGHT + dtls_config_extensions(config) + config->psk_identity_hint.len;
    for (const dtls_signature_scheme *const *s = config->signature_schemes; s != NULL && *s != NULL; s++)
        size += 2;
    return size;
}

/* RFC 4347 differs in what the fields say, and in no step. */
const dtls_protocol dtls_server_1_0 = {
    .role = DTLS_SERVER,
    .version = DTLS_VERSION_1_0,
    .hash = DTLS_HASH_MD5_SHA1,
    .mac = DTLS_HASH_SHA1,
    .schemes = dtls_schemes_1_0,
    .rows = rows,
    .num_rows = sizeof rows / sizeof rows[0],
    .flight_size = flight_size,
};

const dtls_protocol dtls_server_1_2 = {
    .role = DTLS_SERVER,
    .version = DTLS_VERSION_1_2,
    .rows = rows,
    .num_rows = sizeof rows / sizeof rows[0],
    .flight_size = flight_size,
};
