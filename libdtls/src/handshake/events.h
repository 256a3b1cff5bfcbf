/* SPDX-License-Identifier: MIT
 *
 * The queue of events that wait to be polled. It holds kinds and alerts; what
 * else an event carries is looked up when it is taken out.
 */
#ifndef DTLS_HANDSHAKE_EVENTS_H
#define DTLS_HANDSHAKE_EVENTS_H

#include "dtls/connection.h"

#define DTLS_EVENTS 16

/* Places that alerts and retransmissions leave free for the events of which there is at most one each. */
#define DTLS_EVENTS_RESERVED 6

struct dtls_queued_event {
    uint8_t kind; /* dtls_event_kind */
    uint8_t alert_level;
    uint8_t alert;
};

struct dtls_events {
    struct dtls_queued_event ring[DTLS_EVENTS];
    uint8_t first;
    uint8_t num;
};

/* Queues an event. Alerts and retransmissions are forgotten when the application leaves too many lying. */
void dtls_events_put(struct dtls_events *events, dtls_event_kind kind, uint8_t alert_level, uint8_t alert);

/* Takes out the oldest; false if there is none. */
bool dtls_events_take(struct dtls_events *events, struct dtls_queued_event *out_event);

/* A question was answered, or is no longer asked: takes it out wherever it stands. */
void dtls_events_withdraw_questions(struct dtls_events *events);

#endif
