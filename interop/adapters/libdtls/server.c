/* SPDX-License-Identifier: MIT
 *
 * A server of libdtls with all its sessions: it judges cookies, finds the
 * session of each datagram and makes new ones; here they get the
 * laboratory's numbers.
 */
#include <stdlib.h>
#include <string.h>

#include "libdtls_adapter.h"
#include "sessions.h"

#define MAX_PLAINTEXTS 16

static const dtls_session no_session = {.slot = 0, .generation = 0};

static dtls_time time_of(const struct dtlslab_endpoint *endpoint) {
    return libdtls_time(endpoint->context, endpoint->now);
}

int32_t libdtls_open_server(struct libdtls_context *context, char *message) {
    const dtls_server_config config = {
        .connection = &context->config,
        .max_sessions = LIBDTLS_MAX_SESSIONS,
        .max_handshakes = LIBDTLS_MAX_HANDSHAKES,
        .no_cookies = !context->use_cookies,
    };
    const size_t size = dtls_server_size(&config);

    context->server_memory = malloc(size); /* of which only what is used is ever touched */
    if (size == 0 || context->server_memory == NULL ||
        dtls_server_open(&config, context->server_memory, size, libdtls_time(context, 0), &context->server) !=
            DTLS_OK) {
        return adapter_refuse(DTLSLAB_FAILED, message, "there is no memory for a server");
    }
    return DTLSLAB_OK;
}

void libdtls_close_server(struct libdtls_context *context) {
    dtls_server_wipe(context->server);
    free(context->server_memory);
}

/* Gives a session that the server has begun a number. Without memory it stays without one, and silent. */
static void welcome(struct dtlslab_endpoint *endpoint, dtls_session handle) {
    struct libdtls_context *context = endpoint->context;
    dtls_address address;
    uint64_t path;

    if (dtls_server_peer(context->server, handle, &address, &path) != DTLS_OK)
        return;
    struct adapter_session *session = adapter_session_begin(endpoint, path);
    if (session != NULL) {
        ((struct libdtls_session *)session->tls)->handle = handle;
        (void)dtls_server_set_user(context->server, handle, session);
    }
}

static void welcome_newcomers(struct dtlslab_endpoint *endpoint) {
    struct libdtls_context *context = endpoint->context;
    const uint64_t opened = dtls_server_get_statistics(context->server)->opened;
    dtls_session handle = dtls_server_next(context->server, no_session);

    while (context->num_welcomed < opened && handle.generation != 0) {
        if (dtls_server_get_user(context->server, handle) == NULL) {
            welcome(endpoint, handle);
            context->num_welcomed++;
        }
        handle = dtls_server_next(context->server, handle);
    }
}

/* The connection is gone with the next call: what may be asked of it later is asked now. */
static void end(struct adapter_session *session) {
    struct libdtls_session *own = session->tls;

    if (session->was_connected)
        libdtls_describe(session, &own->described);
    if (!adapter_session_is_dead(session))
        adapter_closed(session);
    if (session->state == ADAPTER_FAILED) {
        libdtls_free(session);
        session->tls = NULL;
    } else {
        own->handle = no_session;
    }
}

static void take_event(struct dtlslab_endpoint *endpoint, const dtls_server_event *event, bool expired) {
    const struct libdtls_context *context = endpoint->context;
    struct adapter_session *session = dtls_server_get_user(context->server, event->session);

    if (session == NULL)
        return;
    if (event->kind == DTLS_SERVER_EVENT_SESSION)
        libdtls_take_event(session, &event->event, expired);
    else if (event->kind == DTLS_SERVER_EVENT_ENDED)
        end(session);
}

void libdtls_take_out_server(struct dtlslab_endpoint *endpoint, bool expired) {
    struct libdtls_context *context = endpoint->context;
    dtls_server_event event;
    dtls_address address;
    uint64_t path;
    size_t len;
    bool more = true;

    while (more) {
        more = false;
        while (dtls_server_poll_event(context->server, &event) == DTLS_OK)
            take_event(endpoint, &event, expired);
        while (dtls_server_poll_datagram(context->server, time_of(endpoint), context->datagram,
                                         sizeof context->datagram, &len, &address, &path) == DTLS_OK) {
            (void)adapter_queue_put(&endpoint->datagrams, path, context->datagram, (uint32_t)len);
            more = true;
        }
    }
}

static void put_data(const struct libdtls_context *context, const dtls_server_plaintext *plaintexts,
                     size_t num) {
    for (size_t i = 0; i < num; i++) {
        struct adapter_session *session = dtls_server_get_user(context->server, plaintexts[i].session);

        if (session != NULL)
            adapter_put_data(session, plaintexts[i].plaintext.data, plaintexts[i].plaintext.len);
    }
}

static void receive(struct dtlslab_endpoint *endpoint, uint64_t path, const uint8_t *bytes, uint32_t len) {
    struct libdtls_context *context = endpoint->context;
    dtls_server_datagram datagram = {.bytes = context->datagram, .len = len, .path = path};
    dtls_server_plaintext plaintexts[MAX_PLAINTEXTS];
    size_t num = MAX_PLAINTEXTS;
    size_t taken = 0;

    memcpy(context->datagram, bytes, len);
    datagram.address.len = sizeof path;
    memcpy(datagram.address.bytes, &path, sizeof path);
    while (taken == 0 && num > 0) {
        num = MAX_PLAINTEXTS;
        if (dtls_server_receive(context->server, time_of(endpoint), &datagram, 1, plaintexts, &num, &taken) !=
            DTLS_OK) {
            break;
        }
        welcome_newcomers(endpoint);
        put_data(context, plaintexts, num);
    }
    libdtls_take_out_server(endpoint, false);
}

static uint64_t deadline(const struct dtlslab_endpoint *endpoint) {
    const struct libdtls_context *context = endpoint->context;
    const uint64_t due = dtls_server_deadline(context->server);

    return due == DTLS_NO_DEADLINE ? DTLSLAB_NO_DEADLINE : due;
}

static void expire(struct dtlslab_endpoint *endpoint) {
    const struct libdtls_context *context = endpoint->context;

    (void)dtls_server_timeout(context->server, time_of(endpoint));
    libdtls_take_out_server(endpoint, true);
}

const struct adapter_server *libdtls_server_of(const struct dtlslab_endpoint *endpoint) {
    static const struct adapter_server server = {.receive = receive, .deadline = deadline, .expire = expire};
    const struct libdtls_context *context = endpoint->context;

    return context->server != NULL ? &server : NULL;
}
