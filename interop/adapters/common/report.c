/* SPDX-License-Identifier: MIT
 *
 * What a stack reports of a session, turned into the contract's queues.
 */
#include <stdio.h>
#include <string.h>

#include "adapter.h"
#include "sessions.h"

/* A listener has no session of which anything could be said. */
static void put_event(struct adapter_session *session, struct dtlslab_event *event) {
    if (session->id == 0)
        return;
    event->session = session->id;
    event->path = session->path;
    (void)adapter_queue_put(&session->endpoint->events, 0, event, sizeof *event);
}

size_t adapter_take_datagram(struct adapter_session *session, void *out, size_t out_cap) {
    const size_t len = session->inbox_len < out_cap ? session->inbox_len : out_cap;

    if (session->inbox == NULL)
        return 0;
    memcpy(out, session->inbox, len);
    session->inbox = NULL;
    return len;
}

void adapter_put_datagram(struct adapter_session *session, const void *bytes, size_t len) {
    if (len <= DTLSLAB_MAX_DATAGRAM &&
        adapter_queue_put(&session->endpoint->datagrams, session->path, bytes, (uint32_t)len) == DTLSLAB_OK) {
        session->num_sent++;
    }
}

void adapter_moved(struct adapter_session *session, uint64_t path) {
    struct dtlslab_event event = {.kind = DTLSLAB_EVENT_PATH_CHANGED};

    adapter_session_move(session, path);
    put_event(session, &event);
}

void adapter_put_data(struct adapter_session *session, const void *bytes, size_t len) {
    (void)adapter_queue_put(&session->endpoint->data, session->id, bytes, (uint32_t)len);
}

void adapter_put_keylog(struct adapter_session *session, const char *line) {
    const size_t len = strlen(line) + 1;

    if (len <= DTLSLAB_MAX_KEYLOG_LINE)
        (void)adapter_queue_put(&session->endpoint->keylog, session->id, line, (uint32_t)len);
}

void adapter_connected(struct adapter_session *session, uint16_t version, uint16_t cipher_suite,
                       uint16_t group, int resumed) {
    struct dtlslab_event event = {.kind = DTLSLAB_EVENT_CONNECTED,
                                  .version = version,
                                  .cipher_suite = cipher_suite,
                                  .group = group,
                                  .resumed = (uint8_t)(resumed != 0)};

    session->state = ADAPTER_CONNECTED;
    session->was_connected = 1;
    put_event(session, &event);
}

void adapter_repeated(struct adapter_session *session) {
    struct dtlslab_event event = {.kind = DTLSLAB_EVENT_TIMEOUT};

    put_event(session, &event);
}

void adapter_closed(struct adapter_session *session) {
    struct dtlslab_event event = {.kind = DTLSLAB_EVENT_CLOSED};

    if (session->state != ADAPTER_CLOSED) {
        session->state = ADAPTER_CLOSED;
        put_event(session, &event);
    }
}

void adapter_failed(struct adapter_session *session, const char *text) {
    struct dtlslab_event event = {.kind = DTLSLAB_EVENT_FAILED,
                                  .alert_level = session->alert_level,
                                  .alert_description = session->alert_description};

    if (session->state == ADAPTER_FAILED)
        return;
    session->state = ADAPTER_FAILED;
    snprintf(event.text, sizeof event.text, "%s", text);
    put_event(session, &event);
}

static void put_alert(struct adapter_session *session, uint32_t kind, int level, int description) {
    struct dtlslab_event event = {
        .kind = kind, .alert_level = (uint8_t)level, .alert_description = (uint8_t)description};

    if (level == 2) {
        session->alert_level = event.alert_level;
        session->alert_description = event.alert_description;
    }
    put_event(session, &event);
}

void adapter_alert_sent(struct adapter_session *session, int level, int description) {
    put_alert(session, DTLSLAB_EVENT_ALERT_SENT, level, description);
}

void adapter_alert_received(struct adapter_session *session, int level, int description) {
    put_alert(session, DTLSLAB_EVENT_ALERT_RECEIVED, level, description);
}

static int has_room(size_t len, size_t cap) {
    return len > 0 && len <= cap;
}

void adapter_tell_protocol(struct dtlslab_session_info *out, const void *bytes, size_t len) {
    if (has_room(len, sizeof out->application_protocol)) {
        memcpy(out->application_protocol, bytes, len);
        out->application_protocol_len = (uint8_t)len;
    }
}

void adapter_tell_hint(struct dtlslab_session_info *out, const void *bytes, size_t len) {
    if (has_room(len, sizeof out->psk_hint)) {
        memcpy(out->psk_hint, bytes, len);
        out->psk_hint_len = (uint8_t)len;
    }
}

void adapter_tell_server_name(struct dtlslab_session_info *out, const void *bytes, size_t len) {
    if (has_room(len, sizeof out->server_name - 1))
        memcpy(out->server_name, bytes, len);
}

void adapter_tell_ocsp_response(struct dtlslab_session_info *out, const void *bytes, size_t len) {
    if (has_room(len, sizeof out->ocsp_response)) {
        memcpy(out->ocsp_response, bytes, len);
        out->ocsp_response_len = (uint32_t)len;
    }
}
