/* SPDX-License-Identifier: MIT
 *
 * Events as the application sees them, and its answers to those that ask.
 */
#include "handshake/connection.h"

static void fill_question(const struct dtls_connection *connection, dtls_event *out_event) {
    const struct dtls_handshake *handshake = connection->handshake;
    struct dtls_message message = {.body = handshake->certificate, .len = handshake->certificate_len};
    switch (out_event->kind) {
    case DTLS_EVENT_LOOK_UP_PSK:
    case DTLS_EVENT_LOOK_UP_SESSION:
        out_event->bytes = handshake->question;
        break;
    case DTLS_EVENT_DECRYPT:
        out_event->bytes = handshake->question;
        out_event->credential = handshake->credential;
        break;
    case DTLS_EVENT_VERIFY_CERTIFICATE:
        if (message.len > 0 || dtls_reassembly_next(&handshake->reassembly, &message))
            handshake->suite->key_exchange->certificates->describe(connection, &message, out_event);
        out_event->ocsp_response = handshake->status;
        break;
    default:
        out_event->bytes = handshake->to_sign;
        out_event->scheme = handshake->scheme->code;
        out_event->credential = handshake->credential;
        break;
    }
}

dtls_error dtls_poll_event(dtls_connection *connection, dtls_event *out_event) {
    if (!dtls_connection_exists(connection) || out_event == NULL)
        return DTLS_ERROR_ARGUMENT;
    struct dtls_queued_event queued;
    if (!dtls_events_take(&connection->events, &queued))
        return DTLS_NOTHING;
    *out_event = (dtls_event){
        .kind = (dtls_event_kind)queued.kind, .alert_level = queued.alert_level, .alert = queued.alert};
    if (out_event->kind == DTLS_EVENT_KEY_LOG)
        out_event->bytes = (dtls_span){connection->key_log, DTLS_KEY_LOG_LINE};
    if (out_event->kind == DTLS_EVENT_PATH_CHANGED) {
        out_event->path = connection->new_path;
        connection->path_told = false;
    }
    if (out_event->kind >= DTLS_EVENT_LOOK_UP_PSK)
        fill_question(connection, out_event);
    return DTLS_OK;
}

dtls_error dtls_question_answer(dtls_connection *connection, dtls_time now, unsigned asking,
                                const struct dtls_input *input) {
    if (connection->state != asking)
        return DTLS_ERROR_STATE;
    connection->now = now;
    dtls_events_withdraw_questions(&connection->events);
    dtls_machine_take(connection, input);
    dtls_machine_run(connection);
    return DTLS_OK;
}

dtls_error dtls_answer_psk(dtls_connection *connection, dtls_time now, dtls_span identity, dtls_span key) {
    if (connection == NULL || identity.len > DTLS_MAX_PSK_IDENTITY || key.len > DTLS_MAX_PSK ||
        (identity.data == NULL && identity.len > 0) || (key.data == NULL && key.len > 0))
        return DTLS_ERROR_ARGUMENT;
    const struct dtls_input input = {.kind = DTLS_INPUT_PSK, .bytes = identity, .key = key};
    return dtls_question_answer(connection, now, DTLS_STATE_ASK_PSK, &input);
}

static bool is_verdict(dtls_error error) {
    return error == DTLS_OK ||
           (error <= DTLS_ERROR_CERTIFICATE_MISSING && error >= DTLS_ERROR_CERTIFICATE_REFUSED) ||
           (error <= DTLS_ERROR_CERTIFICATE_UNSUPPORTED && error >= DTLS_ERROR_PUBLIC_KEY_UNKNOWN);
}

dtls_error dtls_answer_certificate(dtls_connection *connection, dtls_time now, dtls_error verdict) {
    if (connection == NULL || !is_verdict(verdict))
        return DTLS_ERROR_ARGUMENT;
    const struct dtls_input input = {.kind = DTLS_INPUT_CERTIFICATE_VERDICT, .verdict = verdict};
    return dtls_question_answer(connection, now, DTLS_STATE_ASK_CERTIFICATE, &input);
}

dtls_error dtls_answer_signature(dtls_connection *connection, dtls_time now, dtls_span signature) {
    if (connection == NULL || signature.len > DTLS_MAX_SIGNATURE ||
        (signature.data == NULL && signature.len > 0))
        return DTLS_ERROR_ARGUMENT;
    const struct dtls_input input = {.kind = DTLS_INPUT_SIGNATURE, .bytes = signature};
    return dtls_question_answer(connection, now, DTLS_STATE_ASK_SIGNATURE, &input);
}

dtls_error dtls_answer_decryption(dtls_connection *connection, dtls_time now,
                                  const dtls_premaster *decrypted) {
    if (connection == NULL || decrypted == NULL)
        return DTLS_ERROR_ARGUMENT;
    const struct dtls_input input = {.kind = DTLS_INPUT_DECRYPTION, .decrypted = decrypted};
    return dtls_question_answer(connection, now, DTLS_STATE_ASK_DECRYPTION, &input);
}
