/* SPDX-License-Identifier: MIT
 *
 * What a connection tells of, and the questions that it asks.
 */
#include <stdio.h>
#include <string.h>

#include "libdtls_adapter.h"
#include "libdtls_report.h"

static void answer_psk(struct adapter_session *session, const dtls_event *event) {
    const struct libdtls_context *context = libdtls_context_of(session);
    dtls_span identity = {.data = context->psk_identity, .len = context->psk_identity_len};
    dtls_span key = {.data = context->psk_key, .len = context->psk_key_len};
    struct libdtls_session *own = session->tls;

    if (session->endpoint->role == DTLSLAB_CLIENT && event->bytes.len <= sizeof own->psk_hint) {
        own->psk_hint_len = event->bytes.len;
        if (event->bytes.len > 0)
            memcpy(own->psk_hint, event->bytes.data, event->bytes.len);
    }
    if (session->endpoint->role == DTLSLAB_SERVER) {
        const bool known = event->bytes.len == identity.len &&
                           (identity.len == 0 || memcmp(event->bytes.data, identity.data, identity.len) == 0);

        identity.len = 0;
        key.len = known ? key.len : 0;
    }
    (void)dtls_answer_psk(libdtls_connection_of(session), libdtls_time_of(session), identity, key);
}

static void report_failure(struct adapter_session *session) {
    const dtls_failure *failure = dtls_connection_get_failure(libdtls_connection_of(session));
    char text[DTLSLAB_MAX_TEXT];

    snprintf(text, sizeof text, "%s%s%s%s%s%s%s", dtls_strerror(failure->error),
             *failure->message != '\0' ? "; " : "", failure->message, *failure->field != '\0' ? " " : "",
             failure->field, *failure->section != '\0' ? "; " : "", failure->section);
    adapter_failed(session, text);
}

static void report_connected(struct adapter_session *session) {
    struct libdtls_context *context = libdtls_context_of(session);
    const dtls_connection *connection = libdtls_connection_of(session);
    const dtls_connection_info *info = dtls_connection_get_info(connection);

    adapter_connected(session, info->version, info->cipher_suite, info->group, info->resumed);
    if (context->config.resumption != NULL && session->endpoint->role == DTLSLAB_CLIENT) {
        /* Answers DTLS_NOTHING, and a length of 0, when the server has given no ticket. */
        (void)dtls_session_export(connection, context->session_state, sizeof context->session_state,
                                  &context->session_state_len);
    }
    if (context->config.session_cache)
        libdtls_remember_session(context, connection);
}

void libdtls_take_event(struct adapter_session *session, const dtls_event *event, bool expired) {
    switch (event->kind) {
    case DTLS_EVENT_CONNECTED:
        report_connected(session);
        break;
    case DTLS_EVENT_PEER_CLOSED:
        adapter_closed(session);
        break;
    case DTLS_EVENT_FAILED:
        report_failure(session);
        break;
    case DTLS_EVENT_ALERT_RECEIVED:
        adapter_alert_received(session, event->alert_level, event->alert);
        break;
    case DTLS_EVENT_ALERT_SENT:
        adapter_alert_sent(session, event->alert_level, event->alert);
        break;
    case DTLS_EVENT_RETRANSMITTED:
        if (expired)
            adapter_repeated(session);
        break;
    case DTLS_EVENT_KEY_LOG:
        adapter_libdtls_keylog(session, event->bytes);
        break;
    case DTLS_EVENT_LOOK_UP_PSK:
        answer_psk(session, event);
        break;
    case DTLS_EVENT_PATH_CHANGED:
        adapter_moved(session, event->path);
        break;
    case DTLS_EVENT_LOOK_UP_SESSION:
        (void)dtls_answer_session(libdtls_connection_of(session), libdtls_time_of(session),
                                  libdtls_recall_session(libdtls_context_of(session), event->bytes));
        break;
    case DTLS_EVENT_VERIFY_CERTIFICATE: /* the provider has judged, or nobody does; what is stapled counts
                                           for nothing */
        libdtls_keep_ocsp_response(session->tls, event->ocsp_response);
        (void)dtls_answer_certificate(libdtls_connection_of(session), libdtls_time_of(session), DTLS_OK);
        break;
    case DTLS_EVENT_SIGN:    /* never asked: the provider has the key */
    case DTLS_EVENT_DECRYPT: /* never asked: as above */
        break;
    }
}
