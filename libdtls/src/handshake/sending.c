/* SPDX-License-Identifier: MIT
 *
 * What a connection sends by itself: flights, their repetition, and alerts
 * (RFC 6347 sections 4.2.4 and 4.2.7).
 */
#include "handshake/config.h"
#include "handshake/connection.h"
#include "handshake/transcript.h"

void dtls_flight_open(struct dtls_connection *connection, bool last) {
    struct dtls_handshake *handshake = connection->handshake;
    dtls_timer_stop(&handshake->timer);
    dtls_path_mtu_answered(&connection->path_mtu);
    dtls_flight_clear(&handshake->flight);
    if (!last)
        return;
    dtls_flight_init(&connection->last_flight, connection->last_flight_bytes, connection->last_flight_cap,
                     handshake->flight.next_seq);
    connection->flight = &connection->last_flight;
}

struct dtls_writer dtls_message_begin(struct dtls_connection *connection) {
    return dtls_flight_begin(connection->flight);
}

dtls_error dtls_message_end(struct dtls_connection *connection, const struct dtls_writer *writer,
                            enum dtls_message_type type) {
    dtls_span message;
    const dtls_error error =
        dtls_flight_end(connection->flight, writer, (uint8_t)type, connection->records.write_epoch, &message);
    if (error != DTLS_OK || !connection->handshake->transcript_on)
        return error;
    return dtls_transcript_add_own(connection, message);
}

void dtls_flight_send(struct dtls_connection *connection) {
    struct dtls_handshake *handshake = connection->handshake;
    dtls_flight_rewind(connection->flight);
    handshake->answered = true;
    if (connection->flight == &handshake->flight)
        dtls_timer_start(&handshake->timer, connection->now.monotonic_ns);
}

/* Nothing has come of the flight that answers ours. */
static bool unanswered(const struct dtls_connection *connection) {
    const struct dtls_handshake *handshake = connection->handshake;
    return handshake != NULL && handshake->reassembly.num_partials == 0 &&
           handshake->reassembly.next_seq == handshake->peer_flight_seq;
}

void dtls_flight_repeat(struct dtls_connection *connection) {
    dtls_flight_rewind(connection->flight);
    if (unanswered(connection))
        dtls_path_mtu_repeat(&connection->path_mtu);
    connection->statistics.flights_retransmitted++;
    dtls_events_put(&connection->events, DTLS_EVENT_RETRANSMITTED, 0, 0);
    /* An alert is never repeated by itself; but a close_notify that came too early for the peer is lost. */
    if (connection->state == DTLS_STATE_CLOSED && !connection->close_received)
        connection->last_alert = (struct dtls_pending_alert){.level = DTLS_ALERT_LEVEL_WARNING,
                                                             .description = DTLS_ALERT_CLOSE_NOTIFY};
}

static dtls_error write_alert(struct dtls_connection *connection, struct dtls_pending_alert *alert,
                              uint8_t *out, size_t cap, size_t *out_len) {
    struct dtls_record_layer *records = &connection->records;
    const size_t headroom = dtls_record_headroom(records, records->write_epoch);
    out[headroom] = alert->level;
    out[headroom + 1] = alert->description;
    *alert = (struct dtls_pending_alert){0};
    *out_len = 2;
    return dtls_record_seal(records, records->write_epoch, DTLS_CONTENT_ALERT, out, cap, out_len);
}

/* The next datagram, if there is one: the flight goes first, unless the connection has died. */
static dtls_error write_datagram(struct dtls_connection *connection, uint8_t *out, size_t cap,
                                 size_t *out_len) {
    if (dtls_flight_pending(connection->flight))
        return dtls_flight_write(connection->flight, &connection->records, out, cap, out_len);
    if (connection->warning.level != 0)
        return write_alert(connection, &connection->warning, out, cap, out_len);
    if (connection->last_alert.level != 0)
        return write_alert(connection, &connection->last_alert, out, cap, out_len);
    return DTLS_NOTHING;
}

dtls_error dtls_poll_datagram(dtls_connection *connection, dtls_time now, uint8_t *out, size_t out_cap,
                              size_t *out_len, uint64_t *out_path) {
    if (!dtls_connection_exists(connection) || out == NULL || out_len == NULL)
        return DTLS_ERROR_ARGUMENT;
    const size_t mtu = connection->path_mtu.now;
    if (out_cap < dtls_config_mtu(connection->config))
        return DTLS_ERROR_NO_ROOM;
    connection->now = now;
    *out_len = 0;
    if (out_path != NULL)
        *out_path = connection->path;
    dtls_error error = write_datagram(connection, out, mtu, out_len);
    if (error < 0 && connection->state != DTLS_STATE_FAILED) {
        dtls_connection_fail(connection, error, "", "");
        error = write_datagram(connection, out, mtu, out_len);
    }
    /* A dead connection's keys have served when its alert is out. */
    if (connection->state == DTLS_STATE_FAILED && connection->last_alert.level == 0)
        dtls_record_wipe(&connection->records);
    if (error < 0)
        *out_len = 0;
    return error < 0 ? DTLS_NOTHING : error;
}

uint64_t dtls_deadline(const dtls_connection *connection) {
    if (!dtls_connection_exists(connection))
        return DTLS_NO_DEADLINE;
    const struct dtls_handshake *handshake = connection->handshake;
    if (handshake == NULL)
        return connection->forget_at;
    return handshake->timer.deadline < handshake->deadline ? handshake->timer.deadline : handshake->deadline;
}

/* Nobody needs the last flight any more, nor the epoch that it began in. */
static void forget_last_flight(struct dtls_connection *connection) {
    dtls_flight_clear(&connection->last_flight);
    dtls_record_retire(&connection->records, DTLS_SEAL, 0);
    connection->forget_at = DTLS_NO_DEADLINE;
}

dtls_error dtls_timeout(dtls_connection *connection, dtls_time now) {
    if (!dtls_connection_exists(connection))
        return DTLS_ERROR_ARGUMENT;
    if (connection->state == DTLS_STATE_FAILED)
        return DTLS_ERROR_STATE;
    connection->now = now;
    struct dtls_handshake *handshake = connection->handshake;
    if (handshake == NULL) {
        if (now.monotonic_ns >= connection->forget_at)
            forget_last_flight(connection);
        return DTLS_OK;
    }
    if (now.monotonic_ns >= handshake->deadline) {
        dtls_connection_fail(connection, DTLS_ERROR_HANDSHAKE_TIMEOUT, "handshake_timeout_ns", "");
    } else if (now.monotonic_ns >= handshake->timer.deadline) {
        connection->statistics.timeouts++;
        dtls_timer_back_off(&handshake->timer, now.monotonic_ns);
        dtls_flight_repeat(connection);
    }
    return DTLS_OK;
}
