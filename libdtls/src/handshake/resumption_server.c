/* SPDX-License-Identifier: MIT
 *
 * A server that resumes sessions (RFC 5246 section 7.3, RFC 5077 section 3.1):
 * by a ticket of its own or, if the application keeps a cache, by a session id.
 *
 *                            <- ClientHello [session_id] [ticket]
 *     ServerHello [NewSessionTicket]
 *     ChangeCipherSpec Finished ->
 *                            <- ChangeCipherSpec Finished
 */
#include "handshake/config.h"
#include "handshake/key_schedule.h"
#include "handshake/resumption.h"
#include "handshake/server_1_2.h"
#include "handshake/steps.h"
#include "handshake/transcript.h"

#include <string.h>

/* The session fits this hello and this configuration; all but the extended master secret. */
static const dtls_cipher_suite *suite_to_resume(const struct dtls_connection *connection,
                                                const struct dtls_client_hello *hello) {
    const dtls_config *config = connection->config;
    const struct dtls_resuming *resuming = connection->handshake->resuming;
    const struct dtls_resumable *session = &resuming->session;
    const dtls_cipher_suite *suite = dtls_config_suite(config, session->suite);
    if (suite == NULL || !dtls_client_hello_offers(hello, session->suite) ||
        session->version != connection->protocol->version ||
        dtls_resumable_expired(session, connection->now) ||
        memcmp(session->name, resuming->name, DTLS_NAME_HASH) != 0)
        return NULL;
    const bool must_be_known =
        suite->key_exchange->certificates != NULL && config->client_auth == DTLS_CLIENT_AUTH_REQUIRE;
    return must_be_known && !session->peer_authenticated ? NULL : suite;
}

/* RFC 7627 section 5.3. DTLS_NOTHING: a full handshake instead. */
static dtls_error check_master_secret(struct dtls_connection *connection) {
    const bool now = connection->handshake->session_hash;
    const bool then = connection->handshake->resuming->session.extended_master_secret;
    if (now && !then)
        return DTLS_NOTHING;
    if (!now && (then || !connection->config->trust_legacy_master_secret))
        return dtls_connection_fail(connection, DTLS_ERROR_EXTENDED_MASTER_SECRET, "extensions",
                                    "RFC 7627 section 5.3");
    return DTLS_OK;
}

static dtls_error write_ticket(struct dtls_connection *connection) {
    struct dtls_resumable *resumable = connection->resumable;
    if (!connection->info.resumed)
        dtls_resumable_note(connection);
    uint64_t left_s = resumable->lifetime_s;
    if (connection->now.calendar_s > resumable->created_s && resumable->created_s != 0)
        left_s -= (uint64_t)(connection->now.calendar_s - resumable->created_s);
    struct dtls_writer writer = dtls_message_begin(connection);
    dtls_write_u32(&writer, (uint32_t)left_s);
    struct dtls_block ticket = dtls_write_open(&writer, 2);
    const dtls_error error = dtls_ticket_seal(connection, &writer);
    dtls_write_close(&writer, ticket);
    if (error != DTLS_OK)
        return error;
    return dtls_message_end(connection, &writer, DTLS_MESSAGE_NEW_SESSION_TICKET);
}

/* The abbreviated handshake's one flight of ours. */
static dtls_error resume(struct dtls_connection *connection, const struct dtls_client_hello *hello,
                         const struct dtls_message *message, const dtls_cipher_suite *suite) {
    struct dtls_handshake *handshake = connection->handshake;
    struct dtls_resuming *resuming = handshake->resuming;
    dtls_resumable_use(connection, suite);
    resuming->session_id_len = (uint8_t)hello->session_id.len;
    if (hello->session_id.len > 0)
        memcpy(resuming->session_id, hello->session_id.data, hello->session_id.len);
    handshake->ticket_promised = resuming->renews;
    dtls_error error = dtls_server_write_hello(connection, message);
    if (error == DTLS_OK && resuming->renews)
        error = write_ticket(connection);
    if (error == DTLS_OK)
        error = dtls_expand_keys(connection);
    if (error == DTLS_OK)
        error = dtls_write_finished(connection);
    if (error != DTLS_OK)
        return error;
    dtls_flight_send(connection);
    dtls_machine_choose(connection, DTLS_STATE_WAIT_RESUMED_CHANGE_CIPHER_SPEC);
    return DTLS_OK;
}

/* Resumes the session that was found, if it fits; DTLS_NOTHING: it does not. */
static dtls_error try_to_resume(struct dtls_connection *connection, const struct dtls_client_hello *hello,
                                const struct dtls_message *message) {
    const dtls_cipher_suite *suite = suite_to_resume(connection, hello);
    if (suite == NULL)
        return DTLS_NOTHING;
    const dtls_error error = check_master_secret(connection);
    return error == DTLS_OK ? resume(connection, hello, message, suite) : error;
}

/* A full handshake makes a session that can be resumed: by a ticket, if the client takes one, or by an id
 * (RFC 5077 section 3.4). */
static dtls_error make_resumable(struct dtls_connection *connection) {
    struct dtls_handshake *handshake = connection->handshake;
    struct dtls_resuming *resuming = handshake->resuming;
    struct dtls_resumable *resumable = connection->resumable;
    const dtls_config *config = connection->config;
    resumable->lifetime_s = dtls_config_session_lifetime(config);
    if (!handshake->session_hash && !config->trust_legacy_master_secret)
        return DTLS_OK;
    handshake->ticket_promised = resuming->offers && config->ticket_keys != NULL;
    if (handshake->ticket_promised || !config->session_cache)
        return DTLS_OK;
    resuming->session_id_len = DTLS_MAX_SESSION_ID;
    resumable->id_len = DTLS_MAX_SESSION_ID;
    const dtls_error error =
        connection->crypto->random(connection->crypto->state, resuming->session_id, DTLS_MAX_SESSION_ID);
    memcpy(resumable->id, resuming->session_id, DTLS_MAX_SESSION_ID);
    return error;
}

static dtls_error take_client_hello(struct dtls_connection *connection, const struct dtls_client_hello *hello,
                                    const struct dtls_message *message) {
    struct dtls_handshake *handshake = connection->handshake;
    const struct dtls_resuming *resuming = handshake->resuming;
    dtls_error error = dtls_resuming_hash_name(connection, handshake->server_name);
    if (error != DTLS_OK)
        return error;
    if (connection->config->ticket_keys != NULL && resuming->ticket.len > 0) {
        /* A client that offers a ticket means nothing by its session id (RFC 5077 section 3.4). */
        error = dtls_ticket_open(connection, resuming->ticket) ? try_to_resume(connection, hello, message)
                                                               : DTLS_NOTHING;
    } else if (connection->config->session_cache && hello->session_id.len > 0) {
        handshake->question = hello->session_id;
        dtls_events_put(&connection->events, DTLS_EVENT_LOOK_UP_SESSION, 0, 0);
        dtls_machine_choose(connection, DTLS_STATE_ASK_SESSION);
        return DTLS_NOTHING;
    } else {
        error = DTLS_NOTHING;
    }
    if (error == DTLS_NOTHING)
        return make_resumable(connection);
    return error == DTLS_OK ? DTLS_NOTHING : error;
}

/* The ClientHello still stands where it came. */
static dtls_error on_session(struct dtls_connection *connection, const struct dtls_input *input) {
    struct dtls_resuming *resuming = connection->handshake->resuming;
    struct dtls_message message;
    struct dtls_client_hello hello;
    dtls_span no_ticket;
    if (!dtls_reassembly_next(&connection->handshake->reassembly, &message) ||
        dtls_client_hello_read((dtls_span){message.body, message.len}, &hello) != NULL)
        return DTLS_ERROR_DECODE;
    dtls_error error = DTLS_NOTHING;
    if (dtls_state_read(input->bytes, DTLS_SERVER, &resuming->session, &no_ticket) &&
        resuming->session.id_len == hello.session_id.len &&
        memcmp(resuming->session.id, hello.session_id.data, hello.session_id.len) == 0)
        error = try_to_resume(connection, &hello, &message);
    if (error != DTLS_NOTHING)
        return error;
    error = make_resumable(connection);
    return error == DTLS_OK ? dtls_server_go_on(connection, &hello, &message) : error;
}

dtls_error dtls_answer_session(dtls_connection *connection, dtls_time now, dtls_span state) {
    if (connection == NULL || (state.data == NULL && state.len > 0))
        return DTLS_ERROR_ARGUMENT;
    const struct dtls_input input = {.kind = DTLS_INPUT_SESSION, .bytes = state};
    return dtls_question_answer(connection, now, DTLS_STATE_ASK_SESSION, &input);
}

/* The client's Finished ends the handshake: nothing is left to be sent. */
static dtls_error on_finished(struct dtls_connection *connection, const struct dtls_input *input) {
    return dtls_read_finished(connection, &input->message);
}

static void established(struct dtls_connection *connection) {
    if (!connection->info.resumed)
        dtls_resumable_note(connection);
}

static const struct dtls_state_row rows[] = {
    {DTLS_STATE_ASK_SESSION,
     DTLS_INPUT_SESSION,
     {DTLS_STATE_WAIT_CLIENT_KEY_EXCHANGE, DTLS_STATE_WAIT_CERTIFICATE, DTLS_STATE_ASK_SIGNATURE,
      DTLS_STATE_WAIT_RESUMED_CHANGE_CIPHER_SPEC},
     false,
     on_session},
    {DTLS_STATE_WAIT_RESUMED_CHANGE_CIPHER_SPEC,
     DTLS_INPUT_CHANGE_CIPHER_SPEC,
     {DTLS_STATE_WAIT_RESUMED_FINISHED},
     false,
     dtls_on_change_cipher_spec},
    {DTLS_STATE_WAIT_RESUMED_FINISHED, DTLS_MESSAGE_FINISHED, {DTLS_STATE_CONNECTED}, false, on_finished},
};

const dtls_resumption dtls_resumption_server = {
    .role = DTLS_SERVER,
    .rows = rows,
    .num_rows = sizeof rows / sizeof rows[0],
    .extension = &dtls_extension_session_ticket,
    .take_client_hello = take_client_hello,
    .write_ticket = write_ticket,
    .established = established,
};
