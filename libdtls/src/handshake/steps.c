/* SPDX-License-Identifier: MIT
 *
 * The steps that both roles take (RFC 5246 sections 7.1, 7.4.2 and 7.4.9, RFC
 * 6347 section 4.2.5), and no renegotiation.
 */
#include "handshake/steps.h"

#include "handshake/config.h"
#include "handshake/constant_time.h"
#include "handshake/key_schedule.h"

dtls_error dtls_sign_digest(struct dtls_connection *connection, uint8_t *out, dtls_span *out_signature) {
    struct dtls_handshake *handshake = connection->handshake;
    if (handshake->credential->private_key == NULL) {
        dtls_events_put(&connection->events, DTLS_EVENT_SIGN, 0, 0);
        return DTLS_NOTHING;
    }
    *out_signature = (dtls_span){.data = out, .len = DTLS_MAX_SIGNATURE};
    return connection->crypto->sign(connection->crypto->state, handshake->credential->private_key,
                                    handshake->scheme->code, handshake->to_sign.data, handshake->to_sign.len,
                                    out, &out_signature->len);
}

dtls_error dtls_write_finished(struct dtls_connection *connection) {
    dtls_error error = dtls_flight_change_cipher_spec(connection->flight, connection->records.write_epoch);
    if (error == DTLS_OK)
        error = dtls_record_advance(&connection->records, DTLS_SEAL);
    uint8_t verify_data[DTLS_VERIFY_DATA];
    if (error == DTLS_OK)
        error = dtls_verify_data(connection, connection->protocol->role, verify_data);
    if (error != DTLS_OK)
        return error;
    struct dtls_writer writer = dtls_message_begin(connection);
    dtls_write_bytes(&writer, verify_data, sizeof verify_data);
    return dtls_message_end(connection, &writer, DTLS_MESSAGE_FINISHED);
}

dtls_error dtls_read_finished(struct dtls_connection *connection, const struct dtls_message *message) {
    static const char section[] = "RFC 5246 section 7.4.9";
    if (message->len != DTLS_VERIFY_DATA)
        return dtls_connection_fail(connection, DTLS_ERROR_DECODE, "verify_data", section);
    const dtls_role peer = connection->protocol->role == DTLS_CLIENT ? DTLS_SERVER : DTLS_CLIENT;
    uint8_t verify_data[DTLS_VERIFY_DATA];
    const dtls_error error = dtls_verify_data(connection, peer, verify_data);
    if (error != DTLS_OK)
        return error;
    if (!dtls_ct_equal(verify_data, message->body, DTLS_VERIFY_DATA))
        return dtls_connection_fail(connection, DTLS_ERROR_FINISHED, "verify_data", section);
    return DTLS_OK;
}

bool dtls_ask_for_verdict(struct dtls_connection *connection) {
    const dtls_config *config = connection->config;
    /* Whether the status of a certificate is good is not for the provider to say. */
    const bool status = connection->protocol->role == DTLS_CLIENT &&
                        config->verification == DTLS_VERIFY_ANCHORS &&
                        dtls_config_has_extension(config, DTLS_CODE_STATUS_REQUEST);
    if (!connection->handshake->peer_certificate ||
        (config->verification != DTLS_VERIFY_APPLICATION &&
         config->verification != DTLS_VERIFY_ANCHORS_AND_APPLICATION && !status))
        return false;
    dtls_events_put(&connection->events, DTLS_EVENT_VERIFY_CERTIFICATE, 0, 0);
    dtls_machine_choose(connection, DTLS_STATE_ASK_CERTIFICATE);
    return true;
}

dtls_error dtls_on_certificate(struct dtls_connection *connection, const struct dtls_input *input) {
    const struct dtls_certificates *certificates = connection->handshake->suite->key_exchange->certificates;
    const dtls_error error = certificates->read(connection, &input->message);
    if (error == DTLS_OK)
        dtls_ask_for_verdict(connection);
    return error;
}

dtls_error dtls_on_certificate_verdict(struct dtls_connection *connection, const struct dtls_input *input) {
    if (input->verdict != DTLS_OK)
        return dtls_connection_fail(connection, input->verdict, "certificate_list", "RFC 5246 section 7.4.2");
    connection->handshake->peer_verified = true;
    return DTLS_OK;
}

dtls_error dtls_on_change_cipher_spec(struct dtls_connection *connection, const struct dtls_input *input) {
    (void)input;
    const dtls_error error = dtls_record_advance(&connection->records, DTLS_OPEN);
    if (error != DTLS_OK)
        return error;
    dtls_record_retire(&connection->records, DTLS_OPEN, 0);
    dtls_reassembly_forget(&connection->handshake->reassembly);
    return DTLS_OK;
}

dtls_error dtls_on_early_change_cipher_spec(struct dtls_connection *connection,
                                            const struct dtls_input *input) {
    (void)input;
    connection->handshake->early_ccs = true;
    return DTLS_OK;
}

dtls_error dtls_on_renegotiation(struct dtls_connection *connection, const struct dtls_input *input) {
    (void)input;
    dtls_connection_alert(connection, DTLS_ALERT_LEVEL_WARNING, DTLS_ALERT_NO_RENEGOTIATION);
    return DTLS_OK;
}
