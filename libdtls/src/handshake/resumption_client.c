/* SPDX-License-Identifier: MIT
 *
 * A client that offers sessions (RFC 5246 section 7.3, RFC 5077 section 3.1):
 *
 *     ClientHello [session_id] [ticket] ->
 *                            <- ServerHello [NewSessionTicket]
 *                               ChangeCipherSpec Finished
 *     ChangeCipherSpec Finished ->
 */
#include "handshake/config.h"
#include "handshake/key_schedule.h"
#include "handshake/resumption.h"
#include "handshake/steps.h"
#include "handshake/transcript.h"

#include <assert.h>
#include <string.h>

static dtls_error hash_name(struct dtls_connection *connection) {
    const char *name = connection->config->peer_name;
    return dtls_resuming_hash_name(connection,
                                   (dtls_span){(const uint8_t *)name, name != NULL ? strlen(name) : 0});
}

static bool of_use(const struct dtls_connection *connection, const struct dtls_resumable *session,
                   dtls_time now) {
    const dtls_config *config = connection->config;
    bool has_version = false;
    for (const dtls_protocol *const *p = config->protocols; *p != NULL; p++)
        has_version |= (*p)->version == session->version;
    return has_version && dtls_config_suite(config, session->suite) != NULL &&
           session->ticket_len <= dtls_config_max_ticket(config) && !dtls_resumable_expired(session, now) &&
           memcmp(session->name, connection->handshake->resuming->name, DTLS_NAME_HASH) == 0 &&
           (session->peer_authenticated || config->verification == DTLS_VERIFY_NOTHING) &&
           (session->extended_master_secret ||
            (config->trust_legacy_master_secret && !config->require_extended_master_secret));
}

/* With a ticket, an id of our own tells whether it was taken (RFC 5077 section 3.4): our random, which is
 * public too and saves drawing another. */
static void choose_id(struct dtls_connection *connection) {
    static_assert(DTLS_RANDOM == DTLS_MAX_SESSION_ID, "the random is as long as an id");
    struct dtls_resuming *resuming = connection->handshake->resuming;
    const bool ticket = resuming->ticket.len > 0;
    resuming->session_id_len = ticket ? DTLS_MAX_SESSION_ID : resuming->session.id_len;
    memcpy(resuming->session_id, ticket ? connection->handshake->client_random : resuming->session.id,
           sizeof resuming->session_id);
}

dtls_error dtls_connection_offer_session(dtls_connection *connection, dtls_time now, dtls_span state) {
    if (!dtls_connection_exists(connection) || state.data == NULL)
        return DTLS_ERROR_ARGUMENT;
    if (connection->state != DTLS_STATE_START || connection->handshake->resuming == NULL)
        return DTLS_ERROR_STATE;
    struct dtls_resuming *resuming = connection->handshake->resuming;
    resuming->offers = false;
    if (!dtls_state_read(state, DTLS_CLIENT, &resuming->session, &resuming->ticket) ||
        (resuming->session.id_len == 0 && resuming->ticket.len == 0)) {
        resuming->ticket = (dtls_span){.data = NULL};
        return DTLS_ERROR_ARGUMENT;
    }
    dtls_error error = hash_name(connection);
    choose_id(connection);
    if (error == DTLS_OK && !of_use(connection, &resuming->session, now))
        error = DTLS_NOTHING;
    if (error == DTLS_OK) {
        resuming->offers = true;
    } else {
        resuming->session_id_len = 0;
        resuming->ticket = (dtls_span){.data = NULL};
    }
    return error;
}

/* RFC 7627 section 5.3: what the session was, the handshake is. */
static dtls_error check_choices(struct dtls_connection *connection, const struct dtls_server_hello *hello) {
    const struct dtls_resumable *session = &connection->handshake->resuming->session;
    if (hello->version != session->version)
        return dtls_connection_fail(connection, DTLS_ERROR_ILLEGAL_PARAMETER, "server_version",
                                    "RFC 5246 section 7.3");
    if (hello->suite != session->suite)
        return dtls_connection_fail(connection, DTLS_ERROR_ILLEGAL_PARAMETER, "cipher_suite",
                                    "RFC 5246 section 7.4.1.3");
    if (connection->handshake->session_hash != session->extended_master_secret)
        return dtls_connection_fail(connection, DTLS_ERROR_EXTENDED_MASTER_SECRET, "extensions",
                                    "RFC 7627 section 5.3");
    return DTLS_OK;
}

static dtls_error take_server_hello(struct dtls_connection *connection,
                                    const struct dtls_server_hello *hello) {
    struct dtls_handshake *handshake = connection->handshake;
    struct dtls_resuming *resuming = handshake->resuming;
    if (!resuming->offers || hello->session_id.len == 0 ||
        hello->session_id.len != resuming->session_id_len ||
        memcmp(hello->session_id.data, resuming->session_id, resuming->session_id_len) != 0) {
        /* A ChangeCipherSpec that came before was not the server's. */
        handshake->early_ccs = false;
        connection->resumable->id_len = (uint8_t)hello->session_id.len;
        if (hello->session_id.len > 0)
            memcpy(connection->resumable->id, hello->session_id.data, hello->session_id.len);
        return hash_name(connection);
    }
    dtls_error error = check_choices(connection, hello);
    if (error != DTLS_OK)
        return error;
    dtls_resumable_use(connection, handshake->suite);
    if (resuming->ticket.len > 0)
        memcpy(dtls_resumable_ticket(connection->resumable), resuming->ticket.data, resuming->ticket.len);
    error = dtls_expand_keys(connection);
    if (error != DTLS_OK)
        return error;
    dtls_machine_choose(connection, handshake->ticket_promised ? DTLS_STATE_WAIT_RESUMED_NEW_SESSION_TICKET
                                                               : DTLS_STATE_WAIT_RESUMED_CHANGE_CIPHER_SPEC);
    return DTLS_NOTHING;
}

/* An empty ticket is none (RFC 5077 section 3.3), and one that is too long is not kept. A renewed one
 * replaces that which was offered. */
static dtls_error on_new_session_ticket(struct dtls_connection *connection, const struct dtls_input *input) {
    struct dtls_resumable *resumable = connection->resumable;
    struct dtls_reader reader = dtls_reader_of(input->message.body, input->message.len);
    const uint32_t lifetime_s = dtls_read_u32(&reader);
    const dtls_span ticket = dtls_read_vector(&reader, 2, 0, 0xffff);
    if (!dtls_read_done(&reader))
        return dtls_connection_fail(connection, DTLS_ERROR_DECODE, "ticket", "RFC 5077 section 3.3");
    if (ticket.len == 0 || ticket.len > dtls_config_max_ticket(connection->config))
        return DTLS_OK;
    memcpy(dtls_resumable_ticket(resumable), ticket.data, ticket.len);
    resumable->ticket_len = (uint16_t)ticket.len;
    resumable->lifetime_s = lifetime_s;
    if (connection->info.resumed)
        resumable->created_s = connection->now.calendar_s;
    return DTLS_OK;
}

/* The server has gone first: our answer ends the handshake. */
static dtls_error on_finished(struct dtls_connection *connection, const struct dtls_input *input) {
    dtls_error error = dtls_read_finished(connection, &input->message);
    if (error == DTLS_OK)
        error = dtls_transcript_add(connection, &input->message);
    if (error != DTLS_OK)
        return error;
    dtls_flight_open(connection, true);
    error = dtls_write_finished(connection);
    if (error == DTLS_OK)
        dtls_flight_send(connection);
    return error;
}

/* A server that says nothing about a lifetime leaves it to us (RFC 5077 section 5.6), and none is longer than
 * ours. */
static void established(struct dtls_connection *connection) {
    struct dtls_resumable *resumable = connection->resumable;
    const uint32_t longest = dtls_config_session_lifetime(connection->config);
    if (!connection->info.resumed)
        dtls_resumable_note(connection);
    if (resumable->lifetime_s == 0 || resumable->lifetime_s > longest)
        resumable->lifetime_s = longest;
}

static const struct dtls_state_row rows[] = {
    {DTLS_STATE_WAIT_SERVER_HELLO,
     DTLS_INPUT_CHANGE_CIPHER_SPEC,
     {DTLS_STATE_WAIT_SERVER_HELLO},
     false,
     dtls_on_early_change_cipher_spec},
    {DTLS_STATE_WAIT_NEW_SESSION_TICKET,
     DTLS_MESSAGE_NEW_SESSION_TICKET,
     {DTLS_STATE_WAIT_CHANGE_CIPHER_SPEC},
     true,
     on_new_session_ticket},
    {DTLS_STATE_WAIT_NEW_SESSION_TICKET,
     DTLS_INPUT_CHANGE_CIPHER_SPEC,
     {DTLS_STATE_WAIT_NEW_SESSION_TICKET},
     false,
     dtls_on_early_change_cipher_spec},
    {DTLS_STATE_WAIT_RESUMED_NEW_SESSION_TICKET,
     DTLS_MESSAGE_NEW_SESSION_TICKET,
     {DTLS_STATE_WAIT_RESUMED_CHANGE_CIPHER_SPEC},
     true,
     on_new_session_ticket},
    {DTLS_STATE_WAIT_RESUMED_NEW_SESSION_TICKET,
     DTLS_INPUT_CHANGE_CIPHER_SPEC,
     {DTLS_STATE_WAIT_RESUMED_NEW_SESSION_TICKET},
     false,
     dtls_on_early_change_cipher_spec},
    {DTLS_STATE_WAIT_RESUMED_CHANGE_CIPHER_SPEC,
     DTLS_INPUT_CHANGE_CIPHER_SPEC,
     {DTLS_STATE_WAIT_RESUMED_FINISHED},
     false,
     dtls_on_change_cipher_spec},
    {DTLS_STATE_WAIT_RESUMED_FINISHED, DTLS_MESSAGE_FINISHED, {DTLS_STATE_CONNECTED}, false, on_finished},
};

const dtls_resumption dtls_resumption_client = {
    .role = DTLS_CLIENT,
    .rows = rows,
    .num_rows = sizeof rows / sizeof rows[0],
    .extension = &dtls_extension_session_ticket,
    .take_server_hello = take_server_hello,
    .established = established,
};
