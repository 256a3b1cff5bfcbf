/* SPDX-License-Identifier: MIT
 *
 * What a connection does with what comes in: datagrams to records, records to
 * fragments, alerts, changes of cipher and application data (RFC 6347 sections
 * 4.1.2.7, 4.2.3, 4.2.4, 4.2.7; RFC 5246 section 7.2).
 */
#include "handshake/config.h"
#include "handshake/path.h"

#include <string.h>

/* close_notify: ours goes out in answer, unless it was sent first (RFC 5246 section 7.2.1). */
static void take_close_notify(struct dtls_connection *connection) {
    if (connection->handshake != NULL) {
        connection->failure.alert = DTLS_ALERT_CLOSE_NOTIFY;
        dtls_connection_fail(connection, DTLS_ERROR_PEER_ALERT, "", "RFC 5246 section 7.2.1");
        return;
    }
    if (connection->close_received)
        return;
    connection->close_received = true;
    if (!connection->close_sent) {
        connection->close_sent = true;
        connection->state = DTLS_STATE_CLOSED;
        connection->info.closed = true;
        connection->last_alert = (struct dtls_pending_alert){.level = DTLS_ALERT_LEVEL_WARNING,
                                                             .description = DTLS_ALERT_CLOSE_NOTIFY};
        dtls_events_put(&connection->events, DTLS_EVENT_ALERT_SENT, DTLS_ALERT_LEVEL_WARNING,
                        DTLS_ALERT_CLOSE_NOTIFY);
    }
    dtls_events_put(&connection->events, DTLS_EVENT_PEER_CLOSED, 0, 0);
}

static void take_alert(struct dtls_connection *connection, const struct dtls_record *record) {
    const bool known_level = record->len == 2 && (record->bytes[0] == DTLS_ALERT_LEVEL_WARNING ||
                                                  record->bytes[0] == DTLS_ALERT_LEVEL_FATAL);
    if (!known_level) {
        connection->statistics.dropped_length++;
        return;
    }
    const uint8_t level = record->bytes[0];
    const uint8_t description = record->bytes[1];
    dtls_events_put(&connection->events, DTLS_EVENT_ALERT_RECEIVED, level, description);
    if (description == DTLS_ALERT_CLOSE_NOTIFY) {
        take_close_notify(connection);
    } else if (level == DTLS_ALERT_LEVEL_FATAL) {
        connection->failure.alert = (dtls_alert)description;
        dtls_connection_fail(connection, DTLS_ERROR_PEER_ALERT, "", "RFC 5246 section 7.2.2");
    }
}

/* Whether one more repetition of the peer's may be answered with ours, of which `most` are in a period. */
static bool may_answer(struct dtls_connection *connection, unsigned most) {
    return dtls_repeat_allowed(&connection->repeat_limit, connection->now.monotonic_ns,
                               dtls_config_initial_timeout(connection->config), most);
}

/* A fragment of a message that was handled already. If it begins a repetition of the flight that ours
 * answers, ours is repeated, unless the peer's next flight shows that it has arrived, or ours has only just
 * gone out: then the fragment is a late one of the same flight, or has crossed ours. */
static void take_old(struct dtls_connection *connection, const struct dtls_message_header *header,
                     bool repeated) {
    struct dtls_handshake *handshake = connection->handshake;
    connection->statistics.messages_repeated++;
    if (!repeated || header->type == DTLS_MESSAGE_HELLO_VERIFY_REQUEST ||
        header->seq >= handshake->peer_flight_seq ||
        handshake->reassembly.next_seq != handshake->peer_flight_seq)
        return;
    if (!connection->flight->ready || dtls_flight_pending(connection->flight) ||
        dtls_timer_fresh(&handshake->timer, connection->now.monotonic_ns) ||
        !may_answer(connection, DTLS_REPEAT_ANSWERS))
        return;
    dtls_timer_restart(&handshake->timer, connection->now.monotonic_ns);
    dtls_flight_repeat(connection);
}

static void fail_fragment(struct dtls_connection *connection, const struct dtls_message_header *header,
                          enum dtls_fragment_verdict verdict) {
    static const char section[] = "RFC 6347 section 4.2.3";
    connection->message = dtls_input_name(header->type);
    switch (verdict) {
    case DTLS_FRAGMENT_OUTSIDE:
        dtls_connection_fail(connection, DTLS_ERROR_DECODE, "fragment_length", section);
        break;
    case DTLS_FRAGMENT_TOO_LONG:
        dtls_connection_fail(connection, DTLS_ERROR_MESSAGE_TOO_LONG, "length", section);
        break;
    case DTLS_FRAGMENT_OTHER_TYPE:
        dtls_connection_fail(connection, DTLS_ERROR_FRAGMENTS_CONTRADICT, "msg_type", section);
        break;
    case DTLS_FRAGMENT_OTHER_LENGTH:
        dtls_connection_fail(connection, DTLS_ERROR_FRAGMENTS_CONTRADICT, "length", section);
        break;
    default:
        dtls_connection_fail(connection, DTLS_ERROR_FRAGMENTS_CONTRADICT, "fragment", section);
        break;
    }
}

static struct dtls_input message_input(const struct dtls_message_header *header, const uint8_t *body) {
    return (struct dtls_input){
        .kind = header->type,
        .message = {.type = header->type, .seq = header->seq, .body = body, .len = header->fragment_length}};
}

/* It answers a flight of ours, but does not move the sequence on. */
static void take_out_of_turn(struct dtls_connection *connection, const struct dtls_input *input) {
    dtls_machine_take(connection, input);
    if (connection->handshake != NULL)
        connection->handshake->answered = false;
}

static void take_fragment(struct dtls_connection *connection, const struct dtls_record *record,
                          const struct dtls_message_header *header, const uint8_t *body) {
    struct dtls_handshake *handshake = connection->handshake;
    /* A HelloRequest has no place in the sequence of a handshake under way: ignored (RFC 5246 section
     * 7.4.1.1). */
    if (header->type == DTLS_MESSAGE_HELLO_REQUEST && connection->protocol->role == DTLS_CLIENT)
        return;
    const uint64_t number = (uint64_t)record->epoch << 48 | record->sequence;
    const bool repeated = dtls_repeat_watch(&handshake->watch, number, header->seq, header->fragment_offset);
    const enum dtls_fragment_verdict verdict = dtls_reassembly_add(&handshake->reassembly, header, body);
    if (verdict >= DTLS_FRAGMENT_OUTSIDE) {
        fail_fragment(connection, header, verdict);
        return;
    }
    if (verdict == DTLS_FRAGMENT_OLD) {
        const struct dtls_input input = message_input(header, body);
        if (connection->protocol->takes_old != NULL && header->fragment_length == header->length &&
            connection->protocol->takes_old(connection, &input.message, record->sequence))
            take_out_of_turn(connection, &input);
        else
            take_old(connection, header, repeated);
    }
    dtls_machine_run(connection);
}

/* Handshake messages after the handshake: attempts to renegotiate, and the peer's last flight again. */
static void take_later_fragment(struct dtls_connection *connection, const struct dtls_record *record,
                                const struct dtls_message_header *header) {
    const uint64_t number = (uint64_t)record->epoch << 48 | record->sequence;
    const uint8_t again =
        connection->protocol->role == DTLS_SERVER ? DTLS_MESSAGE_CLIENT_HELLO : DTLS_MESSAGE_HELLO_REQUEST;
    const bool repeated =
        dtls_repeat_watch(&connection->last_watch, number, header->seq, header->fragment_offset);
    if (header->type != again && header->seq < connection->next_receive_seq) {
        connection->statistics.messages_repeated++;
        if (repeated && connection->last_flight.ready && may_answer(connection, DTLS_REPEAT_ANSWERS_SEALED))
            dtls_flight_repeat(connection);
        return;
    }
    const struct dtls_input input = message_input(header, NULL);
    if (connection->state == DTLS_STATE_CONNECTED && header->fragment_offset == 0)
        dtls_machine_take(connection, &input);
}

static void take_handshake(struct dtls_connection *connection, const struct dtls_record *record) {
    struct dtls_reader reader = dtls_reader_of(record->bytes, record->len);
    do {
        struct dtls_message_header header;
        dtls_message_header_read(&reader, &header);
        if (!dtls_read_ok(&reader)) {
            connection->statistics.dropped_length++;
            return;
        }
        const dtls_span body = dtls_read_bytes(&reader, header.fragment_length);
        if (!dtls_read_ok(&reader)) {
            const struct dtls_handshake *handshake = connection->handshake;
            if (handshake != NULL && header.seq == handshake->reassembly.next_seq)
                fail_fragment(connection, &header, DTLS_FRAGMENT_OUTSIDE);
            else
                connection->statistics.dropped_length++;
            return;
        }
        if (connection->handshake != NULL)
            take_fragment(connection, record, &header, body.data);
        else
            take_later_fragment(connection, record, &header);
    } while (connection->state != DTLS_STATE_FAILED && dtls_read_left(&reader) > 0);
}

/* Everything but application data. */
static void take_record(struct dtls_connection *connection, const struct dtls_record *record) {
    switch (record->type) {
    case DTLS_CONTENT_HANDSHAKE:
        take_handshake(connection, record);
        break;
    case DTLS_CONTENT_ALERT:
        take_alert(connection, record);
        break;
    case DTLS_CONTENT_CHANGE_CIPHER_SPEC:
        if (record->len == 1 && record->bytes[0] == 1) {
            dtls_machine_change_cipher_spec(connection);
            dtls_machine_run(connection);
        } else {
            connection->statistics.dropped_length++;
        }
        break;
    default:
        connection->statistics.dropped_unexpected++;
        break;
    }
}

/* A record whose epoch has not begun: a Finished that has overtaken its ChangeCipherSpec, or waits with it
 * for an answer of the application, is worth keeping. */
static void take_early_record(struct dtls_connection *connection, const struct dtls_record *record) {
    struct dtls_handshake *handshake = connection->handshake;
    if (record->type == DTLS_CONTENT_APPLICATION_DATA) {
        connection->statistics.dropped_unexpected++;
    } else if (handshake == NULL || record->len > sizeof handshake->early - handshake->early_len ||
               (record->type != DTLS_CONTENT_HANDSHAKE && record->type != DTLS_CONTENT_TLS12_CID)) {
        connection->statistics.dropped_epoch++;
    } else {
        memcpy(handshake->early + handshake->early_len, record->bytes, record->len);
        handshake->early_len += record->len;
    }
}

/* An authenticated record without a type (RFC 9146 section 4, by way of RFC 8446 section 5.4). */
static void fail_untyped(struct dtls_connection *connection) {
    dtls_connection_fail(connection, DTLS_ERROR_UNEXPECTED_MESSAGE, "real_type", "RFC 9146 section 4");
}

void dtls_receive_early_records(struct dtls_connection *connection) {
    struct dtls_handshake *handshake = connection->handshake;
    struct dtls_record_walk walk = dtls_record_walk_of(handshake->early, handshake->early_len);
    handshake->early_len = 0;
    /* With the handshake go its records. */
    while (connection->handshake != NULL && !dtls_record_walk_ended(&walk)) {
        struct dtls_record record;
        const enum dtls_record_verdict verdict = dtls_record_next(&connection->records, &walk, &record);
        if (verdict == DTLS_RECORD_OPENED)
            take_record(connection, &record);
        else if (verdict == DTLS_RECORD_UNTYPED)
            fail_untyped(connection);
    }
}

/* Application data may be read: not before Finished (RFC 6347 section 4.2.4), not after close_notify. */
static bool takes_data(const struct dtls_connection *connection) {
    return connection->info.connected && connection->state != DTLS_STATE_FAILED &&
           !connection->close_received;
}

struct plaintexts {
    dtls_plaintext *out;
    size_t num;
    size_t cap;
};

/* Once there is no place for application data, records are walked one at a time, so that none is opened in
 * vain. False: the next one is application data, or may be. */
static bool next_record(struct dtls_connection *connection, struct dtls_record_walk *walk, bool full,
                        struct dtls_record *out_record, enum dtls_record_verdict *out_verdict) {
    const size_t end = walk->len;
    uint8_t type;
    size_t len;
    if (full && dtls_record_peek(&connection->records, walk, &type, &len)) {
        if (type == DTLS_CONTENT_APPLICATION_DATA || type == DTLS_CONTENT_TLS12_CID)
            return false;
        walk->len = walk->at + len;
    }
    *out_verdict = dtls_record_next(&connection->records, walk, out_record);
    walk->len = end;
    return true;
}

static void take_opened(struct dtls_connection *connection, const struct dtls_record *record, size_t datagram,
                        struct plaintexts *plaintexts) {
    if (record->type != DTLS_CONTENT_APPLICATION_DATA || !takes_data(connection) ||
        plaintexts->num == plaintexts->cap) {
        take_record(connection, record);
        return;
    }
    plaintexts->out[plaintexts->num++] = (dtls_plaintext){.data = record->bytes,
                                                          .len = record->len,
                                                          .datagram = datagram,
                                                          .epoch = record->epoch,
                                                          .sequence = record->sequence};
}

/* Takes one datagram; false if it had to stop inside. */
static bool take_datagram(struct dtls_connection *connection, const dtls_datagram *datagram, size_t index,
                          struct plaintexts *plaintexts) {
    struct dtls_record_walk walk = dtls_record_walk_of(datagram->bytes, datagram->len);
    while (connection->state != DTLS_STATE_FAILED && !dtls_record_walk_ended(&walk)) {
        struct dtls_record record;
        enum dtls_record_verdict verdict;
        const bool full = takes_data(connection) && plaintexts->num == plaintexts->cap;
        if (!next_record(connection, &walk, full, &record, &verdict))
            return false;
        if (verdict == DTLS_RECORD_OPENED) {
            dtls_connection_note_path(connection, &record, datagram->path);
            take_opened(connection, &record, index, plaintexts);
        } else if (verdict == DTLS_RECORD_EARLY) {
            take_early_record(connection, &record);
        } else if (verdict == DTLS_RECORD_EXHAUSTED) {
            dtls_connection_fail(connection, DTLS_ERROR_SEQUENCE_EXHAUSTED, "", "RFC 9325 section 4.4");
        } else if (verdict == DTLS_RECORD_UNTYPED) {
            fail_untyped(connection);
        }
    }
    connection->statistics.datagrams_received++;
    return true;
}

/* A peer who goes on with the handshake that has died has not got the alert: it comes again, once a period,
 * and in plaintext, since the keys are gone (RFC 6347 section 4.2.7). */
static void answer_offence(struct dtls_connection *connection, const dtls_datagram *datagram) {
    const dtls_failure *failure = &connection->failure;
    struct dtls_reader reader = dtls_reader_of(datagram->bytes, datagram->len);
    struct dtls_record_header record;
    dtls_record_header_read(&reader, &record);
    if (connection->records.write_epoch == 0 && failure->error != DTLS_ERROR_PEER_ALERT &&
        failure->alert != DTLS_ALERT_NONE && record.type == DTLS_CONTENT_HANDSHAKE && record.epoch == 0 &&
        dtls_read_ok(&reader) && may_answer(connection, 1))
        connection->last_alert = (struct dtls_pending_alert){.level = DTLS_ALERT_LEVEL_FATAL,
                                                             .description = (uint8_t)failure->alert};
}

dtls_error dtls_receive(dtls_connection *connection, dtls_time now, dtls_datagram *datagrams,
                        size_t num_datagrams, dtls_plaintext *out_plaintexts, size_t *num_plaintexts,
                        size_t *out_datagrams) {
    if (!dtls_connection_exists(connection) || (datagrams == NULL && num_datagrams > 0) ||
        num_plaintexts == NULL || out_datagrams == NULL || (out_plaintexts == NULL && *num_plaintexts > 0))
        return DTLS_ERROR_ARGUMENT;
    for (size_t i = 0; i < num_datagrams; i++) {
        if (datagrams[i].bytes == NULL && datagrams[i].len > 0)
            return DTLS_ERROR_ARGUMENT;
    }
    struct plaintexts plaintexts = {.out = out_plaintexts, .cap = *num_plaintexts};
    *num_plaintexts = 0;
    *out_datagrams = 0;
    if (connection->state == DTLS_STATE_FAILED) {
        connection->now = now;
        for (size_t i = 0; i < num_datagrams; i++)
            answer_offence(connection, &datagrams[i]);
        return DTLS_ERROR_STATE;
    }
    if (connection->state == DTLS_STATE_START) {
        /* Whoever speaks to a client that has said nothing yet cannot mean it. */
        *out_datagrams = num_datagrams;
        return DTLS_OK;
    }
    connection->now = now;
    /* A server's handshake, and its deadline, begin with the first datagram. */
    dtls_connection_begin(connection);
    while (*out_datagrams < num_datagrams &&
           take_datagram(connection, &datagrams[*out_datagrams], *out_datagrams, &plaintexts))
        (*out_datagrams)++;
    *num_plaintexts = plaintexts.num;
    return DTLS_OK;
}
