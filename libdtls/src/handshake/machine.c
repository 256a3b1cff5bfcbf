/* SPDX-License-Identifier: MIT
 *
 * Runs a protocol's table: finds the row of the state and the input, calls its
 * handler, goes on to the next state. RFC 5246 section 7.4: messages come in
 * the order prescribed, or the handshake ends with unexpected_message.
 */
#include "handshake/connection.h"

#include "handshake/resumption.h"
#include "handshake/transcript.h"

static const char *const state_names[] = {
    [DTLS_STATE_START] = "start",
    [DTLS_STATE_WAIT_CLIENT_HELLO] = "wait ClientHello",
    [DTLS_STATE_WAIT_SERVER_HELLO] = "wait ServerHello",
    [DTLS_STATE_WAIT_CERTIFICATE] = "wait Certificate",
    [DTLS_STATE_WAIT_CERTIFICATE_STATUS] = "wait CertificateStatus or what follows it",
    [DTLS_STATE_WAIT_SERVER_KEY_EXCHANGE] = "wait ServerKeyExchange",
    [DTLS_STATE_WAIT_PSK_HINT] = "wait ServerKeyExchange or ServerHelloDone",
    [DTLS_STATE_WAIT_CERTIFICATE_REQUEST] = "wait CertificateRequest or ServerHelloDone",
    [DTLS_STATE_WAIT_SERVER_HELLO_DONE] = "wait ServerHelloDone",
    [DTLS_STATE_WAIT_CLIENT_KEY_EXCHANGE] = "wait ClientKeyExchange",
    [DTLS_STATE_WAIT_CERTIFICATE_VERIFY] = "wait CertificateVerify",
    [DTLS_STATE_WAIT_CHANGE_CIPHER_SPEC] = "wait ChangeCipherSpec",
    [DTLS_STATE_WAIT_FINISHED] = "wait Finished",
    [DTLS_STATE_WAIT_NEW_SESSION_TICKET] = "wait NewSessionTicket",
    [DTLS_STATE_WAIT_RESUMED_NEW_SESSION_TICKET] = "resumed, wait NewSessionTicket",
    [DTLS_STATE_WAIT_RESUMED_CHANGE_CIPHER_SPEC] = "resumed, wait ChangeCipherSpec",
    [DTLS_STATE_WAIT_RESUMED_FINISHED] = "resumed, wait Finished",
    [DTLS_STATE_ASK_CERTIFICATE] = "ask for a verdict on the certificate",
    [DTLS_STATE_ASK_PSK] = "ask for the PSK",
    [DTLS_STATE_ASK_SIGNATURE] = "ask for a signature",
    [DTLS_STATE_ASK_DECRYPTION] = "ask for a decryption",
    [DTLS_STATE_ASK_SESSION] = "ask for the session",
    [DTLS_STATE_CONNECTED] = "connected",
    [DTLS_STATE_CLOSED] = "closed",
    [DTLS_STATE_FAILED] = "failed",
};

const char *dtls_state_name(unsigned state) {
    return state_names[state];
}

/* A table takes less code than a switch. */
static const struct {
    uint16_t kind;
    const char *name;
} input_names[] = {
    {DTLS_MESSAGE_HELLO_REQUEST, "HelloRequest"},
    {DTLS_MESSAGE_CLIENT_HELLO, "ClientHello"},
    {DTLS_MESSAGE_SERVER_HELLO, "ServerHello"},
    {DTLS_MESSAGE_HELLO_VERIFY_REQUEST, "HelloVerifyRequest"},
    {DTLS_MESSAGE_NEW_SESSION_TICKET, "NewSessionTicket"},
    {DTLS_MESSAGE_CERTIFICATE, "Certificate"},
    {DTLS_MESSAGE_CERTIFICATE_STATUS, "CertificateStatus"},
    {DTLS_MESSAGE_SERVER_KEY_EXCHANGE, "ServerKeyExchange"},
    {DTLS_MESSAGE_CERTIFICATE_REQUEST, "CertificateRequest"},
    {DTLS_MESSAGE_SERVER_HELLO_DONE, "ServerHelloDone"},
    {DTLS_MESSAGE_CERTIFICATE_VERIFY, "CertificateVerify"},
    {DTLS_MESSAGE_CLIENT_KEY_EXCHANGE, "ClientKeyExchange"},
    {DTLS_MESSAGE_FINISHED, "Finished"},
    {DTLS_INPUT_START, "dtls_connection_start"},
    {DTLS_INPUT_CHANGE_CIPHER_SPEC, "ChangeCipherSpec"},
    {DTLS_INPUT_CERTIFICATE_VERDICT, "dtls_answer_certificate"},
    {DTLS_INPUT_PSK, "dtls_answer_psk"},
    {DTLS_INPUT_SIGNATURE, "dtls_answer_signature"},
    {DTLS_INPUT_DECRYPTION, "dtls_answer_decryption"},
    {DTLS_INPUT_SESSION, "dtls_answer_session"},
};

const char *dtls_input_name(unsigned kind) {
    for (size_t i = 0; i < sizeof input_names / sizeof input_names[0]; i++) {
        if (input_names[i].kind == kind)
            return input_names[i].name;
    }
    return "unknown message";
}

bool dtls_state_asks(unsigned state) {
    return state == DTLS_STATE_ASK_CERTIFICATE || state == DTLS_STATE_ASK_PSK ||
           state == DTLS_STATE_ASK_SIGNATURE || state == DTLS_STATE_ASK_SESSION ||
           state == DTLS_STATE_ASK_DECRYPTION;
}

void dtls_machine_choose(struct dtls_connection *connection, enum dtls_state next) {
    connection->handshake->next = (uint8_t)next;
}

void dtls_machine_defer(struct dtls_connection *connection) {
    connection->handshake->again = true;
}

static const struct dtls_state_row *row_among(const struct dtls_state_row *rows, size_t num_rows,
                                              unsigned state, unsigned kind) {
    for (size_t i = 0; i < num_rows; i++) {
        if (rows[i].state == state && rows[i].input == kind)
            return &rows[i];
    }
    return NULL;
}

/* Rows that extensions of the configuration add. */
static const struct dtls_state_row *row_of_extension(const struct dtls_connection *connection,
                                                     unsigned kind) {
    const struct dtls_state_row *row = NULL;
    const dtls_extension *const *e = connection->config->extensions;
    for (; row == NULL && e != NULL && *e != NULL; e++)
        row = row_among((*e)->rows, (*e)->num_rows, connection->state, kind);
    return row;
}

/* The protocol's row, or one of those that resumption or an extension adds. */
static const struct dtls_state_row *find_row(const struct dtls_connection *connection, unsigned kind) {
    const dtls_protocol *protocol = connection->protocol;
    const dtls_resumption *resumption = connection->config->resumption;
    const struct dtls_state_row *row = row_among(protocol->rows, protocol->num_rows, connection->state, kind);
    if (row == NULL && resumption != NULL)
        row = row_among(resumption->rows, resumption->num_rows, connection->state, kind);
    return row != NULL ? row : row_of_extension(connection, kind);
}

static void refuse(struct dtls_connection *connection, const struct dtls_input *input) {
    if (input->kind == DTLS_INPUT_CHANGE_CIPHER_SPEC)
        connection->statistics.dropped_unexpected++;
    else
        dtls_connection_fail(connection, DTLS_ERROR_UNEXPECTED_MESSAGE, "msg_type", "RFC 5246 section 7.4");
}

/* After the handshake a row has neither a transcript nor a choice. */
static dtls_error handle(struct dtls_connection *connection, const struct dtls_state_row *row,
                         const struct dtls_input *input) {
    if (connection->handshake != NULL)
        connection->handshake->next = row->next[0];
    if (row->hashed) {
        const dtls_error error = dtls_transcript_add(connection, &input->message);
        if (error != DTLS_OK)
            return error;
    }
    return row->handle(connection, input);
}

void dtls_machine_take(struct dtls_connection *connection, const struct dtls_input *input) {
    connection->message = dtls_input_name(input->kind);
    const struct dtls_state_row *row = find_row(connection, input->kind);
    if (row == NULL) {
        refuse(connection, input);
        return;
    }
    const dtls_error error = handle(connection, row, input);
    if (connection->state == DTLS_STATE_FAILED)
        return;
    if (error != DTLS_OK)
        dtls_connection_fail(connection, error, "", "");
    else if (connection->handshake != NULL)
        connection->state = connection->handshake->next;
    connection->message = "";
}

void dtls_machine_change_cipher_spec(struct dtls_connection *connection) {
    const struct dtls_input input = {.kind = DTLS_INPUT_CHANGE_CIPHER_SPEC};
    dtls_machine_take(connection, &input);
    if (connection->state == DTLS_STATE_WAIT_FINISHED ||
        connection->state == DTLS_STATE_WAIT_RESUMED_FINISHED)
        dtls_receive_early_records(connection);
}

/* Fragments behind the last message of the handshake: they came under the peer's keys, as those of before
 * were forgotten, and can never have their turn. */
static void fail_excess(struct dtls_connection *connection) {
    connection->message = dtls_input_name(connection->handshake->reassembly.partials[0].type);
    dtls_connection_fail(connection, DTLS_ERROR_UNEXPECTED_MESSAGE, "msg_type", "RFC 5246 section 7.4");
}

/* The message next in sequence has been handled to its end. */
static void release(struct dtls_connection *connection) {
    struct dtls_handshake *handshake = connection->handshake;
    dtls_reassembly_release(&handshake->reassembly);
    handshake->held = false;
    if (handshake->answered)
        handshake->peer_flight_seq = handshake->reassembly.next_seq;
    handshake->answered = false;
    if (connection->state != DTLS_STATE_CONNECTED)
        return;
    if (handshake->reassembly.num_partials == 0)
        dtls_connection_established(connection);
    else
        fail_excess(connection);
}

static bool waits_for_change_cipher_spec(const struct dtls_connection *connection) {
    return connection->state == DTLS_STATE_WAIT_CHANGE_CIPHER_SPEC ||
           connection->state == DTLS_STATE_WAIT_RESUMED_CHANGE_CIPHER_SPEC;
}

/* Handles one thing; false if there is none. */
static bool run_once(struct dtls_connection *connection) {
    struct dtls_handshake *handshake = connection->handshake;
    if (handshake->held && !handshake->again) {
        release(connection);
        return true;
    }
    handshake->held = false;
    handshake->again = false;
    if (handshake->early_ccs && waits_for_change_cipher_spec(connection)) {
        handshake->early_ccs = false;
        dtls_machine_change_cipher_spec(connection);
        return true;
    }
    struct dtls_input input = {0};
    if (!dtls_reassembly_next(&handshake->reassembly, &input.message))
        return false;
    input.kind = input.message.type;
    dtls_machine_take(connection, &input);
    if (dtls_state_asks(connection->state))
        handshake->held = true;
    else if (connection->handshake != NULL && !handshake->again)
        release(connection);
    return true;
}

void dtls_machine_run(struct dtls_connection *connection) {
    while (connection->handshake != NULL && !dtls_state_asks(connection->state)) {
        if (!run_once(connection))
            return;
    }
}

int dtls_rows_transition(const struct dtls_state_row *rows, size_t num_rows, size_t index,
                         dtls_transition *out_transition) {
    if (out_transition == NULL)
        return DTLS_ERROR_ARGUMENT;
    for (size_t i = 0; i < num_rows; i++) {
        const struct dtls_state_row *row = &rows[i];
        for (size_t n = 0; n < DTLS_ROW_NEXT && row->next[n] != 0; n++) {
            if (index-- > 0)
                continue;
            *out_transition = (dtls_transition){.state = state_names[row->state],
                                                .message = dtls_input_name(row->input),
                                                .next = state_names[row->next[n]]};
            return DTLS_OK;
        }
    }
    return DTLS_NOTHING;
}

int dtls_protocol_transition(const dtls_protocol *protocol, size_t index, dtls_transition *out_transition) {
    if (protocol == NULL)
        return DTLS_ERROR_ARGUMENT;
    return dtls_rows_transition(protocol->rows, protocol->num_rows, index, out_transition);
}

int dtls_extension_transition(const dtls_extension *extension, size_t index,
                              dtls_transition *out_transition) {
    if (extension == NULL)
        return DTLS_ERROR_ARGUMENT;
    return dtls_rows_transition(extension->rows, extension->num_rows, index, out_transition);
}

dtls_role dtls_protocol_role(const dtls_protocol *protocol) {
    return protocol != NULL ? protocol->role : DTLS_CLIENT;
}

unsigned dtls_protocol_version(const dtls_protocol *protocol) {
    return protocol != NULL ? protocol->version : 0;
}
