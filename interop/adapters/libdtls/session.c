/* SPDX-License-Identifier: MIT
 *
 * What goes into a connection, and what is taken out after every call.
 */
#include <stdlib.h>
#include <string.h>

#include "libdtls_adapter.h"

/* Plaintexts taken out at a time. */
#define MAX_PLAINTEXTS 16

/* Takes out everything that waits. Answers to questions make more, hence the loop. */
static void take_out(struct adapter_session *session, bool expired) {
    struct libdtls_session *own = session->tls;
    struct libdtls_context *context = libdtls_context_of(session);
    dtls_event event;
    size_t len;

    if (context->server != NULL) {
        libdtls_take_out_server(session->endpoint, expired);
        return;
    }
    while (dtls_poll_event(own->connection, &event) == DTLS_OK)
        libdtls_take_event(session, &event, expired);
    while (dtls_poll_datagram(own->connection, libdtls_time_of(session), context->datagram,
                              sizeof context->datagram, &len, NULL) == DTLS_OK) {
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
    const struct libdtls_context *context = libdtls_context_of(session);
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
        return dtls_connection_start_after_cookie(libdtls_connection_of(session), libdtls_time_of(session),
                                                  &state) == DTLS_OK;
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
    const struct libdtls_context *context = libdtls_context_of(session);
    dtls_span id;

    return dtls_connection_id_of(datagram, len, context->connection_id_len, &id) == DTLS_OK &&
           memcmp(id.data, context->connection_id, id.len) == 0;
}

static void receive(struct adapter_session *session) {
    struct libdtls_context *context = libdtls_context_of(session);
    dtls_datagram datagram = {.bytes = context->datagram,
                              .len =
                                  adapter_take_datagram(session, context->datagram, sizeof context->datagram),
                              .path = session->inbox_path};
    dtls_plaintext plaintexts[MAX_PLAINTEXTS];
    size_t taken = 0;

    while (taken == 0) {
        size_t num = MAX_PLAINTEXTS;
        if (dtls_receive(libdtls_connection_of(session), libdtls_time_of(session), &datagram, 1, plaintexts,
                         &num, &taken) != DTLS_OK) {
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
        (void)dtls_connection_start(libdtls_connection_of(session), libdtls_time_of(session));
    }
    if (session->inbox != NULL)
        receive(session);
    take_out(session, false);
}

void libdtls_expire(struct adapter_session *session) {
    (void)dtls_timeout(libdtls_connection_of(session), libdtls_time_of(session));
    take_out(session, true);
}

uint64_t libdtls_time_left(const struct adapter_session *session) {
    const uint64_t now = session->endpoint->now;
    const bool runs = session->tls != NULL && libdtls_context_of(session)->server == NULL;
    const uint64_t deadline = runs ? dtls_deadline(libdtls_connection_of(session)) : DTLS_NO_DEADLINE;

    if (deadline == DTLS_NO_DEADLINE)
        return DTLSLAB_NO_DEADLINE;
    return deadline > now ? deadline - now : 0;
}

int32_t libdtls_send(struct adapter_session *session, const uint8_t *data, uint32_t len) {
    struct libdtls_context *context = libdtls_context_of(session);
    const struct libdtls_session *own = session->tls;
    size_t headroom;
    size_t tailroom;
    size_t record_len;

    dtls_record_overhead(libdtls_connection_of(session), &headroom, &tailroom);
    if (len > DTLS_MAX_PLAINTEXT || (context->mtu != 0 && headroom + len + tailroom > context->mtu))
        return DTLSLAB_INVALID;
    const dtls_error error =
        context->server != NULL
            ? dtls_server_write(context->server, own->handle, libdtls_time_of(session), data, len,
                                context->datagram, sizeof context->datagram, &record_len)
            : dtls_write(own->connection, libdtls_time_of(session), data, len, context->datagram,
                         sizeof context->datagram, &record_len);
    if (error == DTLS_OK)
        adapter_put_datagram(session, context->datagram, record_len);
    take_out(session, false);
    return error == DTLS_OK ? DTLSLAB_OK : DTLSLAB_FAILED;
}

void libdtls_close(struct adapter_session *session) {
    (void)dtls_close(libdtls_connection_of(session), libdtls_time_of(session));
    take_out(session, false);
}
