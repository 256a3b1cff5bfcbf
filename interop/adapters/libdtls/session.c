/* SPDX-License-Identifier: MIT
 *
 * One connection of libdtls: what goes in, what is taken out after every call,
 * and the questions that it asks.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libdtls_adapter.h"

#define NS_PER_S UINT64_C(1000000000)

/* Plaintexts taken out at a time. */
#define MAX_PLAINTEXTS 16

static struct libdtls_context *context_of(const struct adapter_session *session) {
    return session->endpoint->context;
}

dtls_time libdtls_time(const struct libdtls_context *context, uint64_t now) {
    return (dtls_time){.monotonic_ns = now, .calendar_s = (int64_t)(context->calendar_s + now / NS_PER_S)};
}

static dtls_time time_of(const struct adapter_session *session) {
    return libdtls_time(context_of(session), session->endpoint->now);
}

dtls_connection *libdtls_connection_of(const struct adapter_session *session) {
    const struct libdtls_session *own = session->tls;
    dtls_server *server = context_of(session)->server;

    return server != NULL ? dtls_server_connection(server, own->handle) : own->connection;
}

/* A configuration without connection IDs has none to set. */
static bool set_connection_id(const struct libdtls_context *context, dtls_connection *connection) {
    const dtls_span id = {.data = context->connection_id, .len = context->connection_id_len};

    return id.len == 0 || dtls_set_connection_id(connection, id) == DTLS_OK;
}

int32_t libdtls_open(struct adapter_session *session) {
    const dtls_config *config = &context_of(session)->config;
    const size_t session_size = dtls_session_size(config);
    const size_t handshake_size = dtls_handshake_size(config);
    struct libdtls_session *own = calloc(1, sizeof *own);

    if (own == NULL)
        return DTLSLAB_FAILED;
    session->tls = own;
    if (context_of(session)->server != NULL)
        return DTLSLAB_OK;
    own->session_block = malloc(session_size);
    own->handshake_block = malloc(handshake_size);
    if (own->session_block == NULL || own->handshake_block == NULL ||
        dtls_connection_open(config, own->session_block, session_size, own->handshake_block, handshake_size,
                             &own->connection) != DTLS_OK ||
        !set_connection_id(context_of(session), own->connection)) {
        libdtls_free(session);
        session->tls = NULL;
        return DTLSLAB_FAILED;
    }
    if (context_of(session)->session_state_len > 0) {
        /* Answers DTLS_NOTHING when the session is of no use any more. */
        (void)dtls_connection_offer_session(own->connection, time_of(session),
                                            (dtls_span){.data = context_of(session)->session_state,
                                                        .len = context_of(session)->session_state_len});
    }
    return DTLSLAB_OK;
}

void libdtls_free(struct adapter_session *session) {
    struct libdtls_session *own = session->tls;

    (void)dtls_server_set_user(context_of(session)->server, own->handle, NULL);
    dtls_connection_wipe(own->connection);
    free(own->session_block);
    free(own->handshake_block);
    free(own->ocsp_response);
    free(own);
}

static void answer_psk(struct adapter_session *session, const dtls_event *event) {
    const struct libdtls_context *context = context_of(session);
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
    (void)dtls_answer_psk(libdtls_connection_of(session), time_of(session), identity, key);
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
    struct libdtls_context *context = context_of(session);
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

static void report_key_log(struct adapter_session *session, dtls_span line) {
    char text[DTLSLAB_MAX_KEYLOG_LINE];

    if (line.len < sizeof text) {
        memcpy(text, line.data, line.len);
        text[line.len] = '\0';
        adapter_put_keylog(session, text);
    }
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
        report_key_log(session, event->bytes);
        break;
    case DTLS_EVENT_LOOK_UP_PSK:
        answer_psk(session, event);
        break;
    case DTLS_EVENT_PATH_CHANGED:
        adapter_moved(session, event->path);
        break;
    case DTLS_EVENT_LOOK_UP_SESSION:
        (void)dtls_answer_session(libdtls_connection_of(session), time_of(session),
                                  libdtls_recall_session(context_of(session), event->bytes));
        break;
    case DTLS_EVENT_VERIFY_CERTIFICATE: /* the provider has judged, or nobody does; what is stapled counts
                                           for nothing */
        libdtls_keep_ocsp_response(session->tls, event->ocsp_response);
        (void)dtls_answer_certificate(libdtls_connection_of(session), time_of(session), DTLS_OK);
        break;
    case DTLS_EVENT_SIGN:    /* never asked: the provider has the key */
    case DTLS_EVENT_DECRYPT: /* never asked: as above */
        break;
    }
}

/* Takes out everything that waits. Answers to questions make more, hence the loop. */
static void take_out(struct adapter_session *session, bool expired) {
    struct libdtls_session *own = session->tls;
    struct libdtls_context *context = context_of(session);
    dtls_event event;
    size_t len;

    if (context->server != NULL) {
        libdtls_take_out_server(session->endpoint, expired);
        return;
    }
    while (dtls_poll_event(own->connection, &event) == DTLS_OK)
        libdtls_take_event(session, &event, expired);
    while (dtls_poll_datagram(own->connection, time_of(session), context->datagram, sizeof context->datagram,
                              &len, NULL) == DTLS_OK) {
        adapter_put_datagram(session, context->datagram, len);
    }
    while (dtls_poll_event(own->connection, &event) == DTLS_OK)
        libdtls_take_event(session, &event, expired);
    if (dtls_connection_take_handshake_memory(own->connection) != NULL) {
        free(own->handshake_block);
        own->handshake_block = NULL;
    }
}

int libdtls_listen(struct adapter_session *session) {
    const struct libdtls_context *context = context_of(session);
    const dtls_span address = {.data = (const uint8_t *)&session->path, .len = sizeof session->path};
    const dtls_span datagram = {.data = session->inbox, .len = session->inbox_len};
    uint8_t reply[DTLS_COOKIE_REPLY_MAX];
    size_t reply_len = 0;
    dtls_cookie_state state;

    if (!context->use_cookies)
        return 1;
    switch (dtls_cookie_judge(&dtls_libcrypto, &context->cookie_secret, address, datagram, reply, &reply_len,
                              &state)) {
    case DTLS_COOKIE_REPLY:
        adapter_put_datagram(session, reply, reply_len);
        return 0;
    case DTLS_COOKIE_GOOD:
        return dtls_connection_start_after_cookie(libdtls_connection_of(session), time_of(session), &state) ==
               DTLS_OK;
    case DTLS_COOKIE_IGNORE:
        break;
    }
    return 0;
}

int libdtls_takes_new_associations(const struct dtlslab_endpoint *endpoint) {
    const struct libdtls_context *context = endpoint->context;

    return context->use_cookies;
}

int libdtls_is_for(const struct adapter_session *session, const uint8_t *datagram, uint32_t len) {
    const struct libdtls_context *context = context_of(session);
    dtls_span id;

    return dtls_connection_id_of(datagram, len, context->connection_id_len, &id) == DTLS_OK &&
           memcmp(id.data, context->connection_id, id.len) == 0;
}

static void receive(struct adapter_session *session) {
    struct libdtls_context *context = context_of(session);
    dtls_datagram datagram = {.bytes = context->datagram,
                              .len =
                                  adapter_take_datagram(session, context->datagram, sizeof context->datagram),
                              .path = session->inbox_path};
    dtls_plaintext plaintexts[MAX_PLAINTEXTS];
    size_t taken = 0;

    while (taken == 0) {
        size_t num = MAX_PLAINTEXTS;
        if (dtls_receive(libdtls_connection_of(session), time_of(session), &datagram, 1, plaintexts, &num,
                         &taken) != DTLS_OK) {
            break;
        }
        for (size_t i = 0; i < num; i++)
            adapter_put_data(session, plaintexts[i].data, plaintexts[i].len);
        if (num == 0)
            break;
    }
}

void libdtls_advance(struct adapter_session *session) {
    if (session->endpoint->role == DTLSLAB_CLIENT && session->state == ADAPTER_HANDSHAKING) {
        /* Answers DTLS_ERROR_STATE once it has begun. */
        (void)dtls_connection_start(libdtls_connection_of(session), time_of(session));
    }
    if (session->inbox != NULL)
        receive(session);
    take_out(session, false);
}

void libdtls_expire(struct adapter_session *session) {
    (void)dtls_timeout(libdtls_connection_of(session), time_of(session));
    take_out(session, true);
}

uint64_t libdtls_time_left(const struct adapter_session *session) {
    const uint64_t now = session->endpoint->now;
    const bool runs = session->tls != NULL && context_of(session)->server == NULL;
    const uint64_t deadline = runs ? dtls_deadline(libdtls_connection_of(session)) : DTLS_NO_DEADLINE;

    if (deadline == DTLS_NO_DEADLINE)
        return DTLSLAB_NO_DEADLINE;
    return deadline > now ? deadline - now : 0;
}

int32_t libdtls_send(struct adapter_session *session, const uint8_t *data, uint32_t len) {
    struct libdtls_context *context = context_of(session);
    const struct libdtls_session *own = session->tls;
    size_t headroom;
    size_t tailroom;
    size_t record_len;

    dtls_record_overhead(libdtls_connection_of(session), &headroom, &tailroom);
    if (len > DTLS_MAX_PLAINTEXT || (context->mtu != 0 && headroom + len + tailroom > context->mtu))
        return DTLSLAB_INVALID;
    const dtls_error error =
        context->server != NULL ? dtls_server_write(context->server, own->handle, time_of(session), data, len,
                                                    context->datagram, sizeof context->datagram, &record_len)
                                : dtls_write(own->connection, time_of(session), data, len, context->datagram,
                                             sizeof context->datagram, &record_len);
    if (error == DTLS_OK)
        adapter_put_datagram(session, context->datagram, record_len);
    take_out(session, false);
    return error == DTLS_OK ? DTLSLAB_OK : DTLSLAB_FAILED;
}

void libdtls_close(struct adapter_session *session) {
    (void)dtls_close(libdtls_connection_of(session), time_of(session));
    take_out(session, false);
}
