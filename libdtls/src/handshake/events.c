/* SPDX-License-Identifier: MIT
 *
 * The event queue.
 */
#include "handshake/events.h"

static bool may_be_forgotten(dtls_event_kind kind) {
    return kind == DTLS_EVENT_ALERT_RECEIVED || kind == DTLS_EVENT_ALERT_SENT ||
           kind == DTLS_EVENT_RETRANSMITTED;
}

void dtls_events_put(struct dtls_events *events, dtls_event_kind kind, uint8_t alert_level, uint8_t alert) {
    const unsigned places = may_be_forgotten(kind) ? DTLS_EVENTS - DTLS_EVENTS_RESERVED : DTLS_EVENTS;
    if (events->num >= places)
        return;
    struct dtls_queued_event *event = &events->ring[(events->first + events->num) % DTLS_EVENTS];
    *event = (struct dtls_queued_event){.kind = (uint8_t)kind, .alert_level = alert_level, .alert = alert};
    events->num++;
}

bool dtls_events_take(struct dtls_events *events, struct dtls_queued_event *out_event) {
    if (events->num == 0)
        return false;
    *out_event = events->ring[events->first];
    events->first = (uint8_t)((events->first + 1) % DTLS_EVENTS);
    events->num--;
    return true;
}

void dtls_events_withdraw_questions(struct dtls_events *events) {
    const unsigned num = events->num;
    for (unsigned i = 0; i < num; i++) {
        struct dtls_queued_event event;
        if (dtls_events_take(events, &event) && event.kind < DTLS_EVENT_LOOK_UP_PSK)
            dtls_events_put(events, (dtls_event_kind)event.kind, event.alert_level, event.alert);
    }
}
