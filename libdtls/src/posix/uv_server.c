/* SPDX-License-Identifier: MIT */
#include "posix/port.h"

#include <stdlib.h>

/* Plaintexts taken at a time. */
#define PLAINTEXTS 64

struct dtls_uv_server {
    struct dtls_port port;
    dtls_server *server;
    dtls_uv_server_handlers handlers;
};

static void take_events(void *owner) {
    dtls_uv_server *own = owner;
    dtls_server_event event;
    while (dtls_server_poll_event(own->server, &event) == DTLS_OK)
        own->handlers.on_event(own->handlers.user, own, &event);
}

static dtls_error poll_datagram(void *owner, uint8_t *out, size_t cap, size_t *out_len,
                                dtls_address *address) {
    dtls_uv_server *own = owner;
    return dtls_server_poll_datagram(own->server, dtls_posix_now(), out, cap, out_len, address, NULL);
}

/* The call stops when there is no room for plaintexts or cookies; both are taken out in between. */
static void receive(void *owner, dtls_server_datagram *datagrams, size_t num) {
    dtls_uv_server *own = owner;
    size_t done = 0;
    while (done < num) {
        dtls_server_plaintext plaintexts[PLAINTEXTS];
        size_t num_plaintexts = PLAINTEXTS;
        size_t taken = 0;
        /* An address of no family that we know. */
        if (datagrams[done].address.len == 0) {
            done++;
            continue;
        }
        if (dtls_server_receive(own->server, dtls_posix_now(), datagrams + done, num - done, plaintexts,
                                &num_plaintexts, &taken) != DTLS_OK)
            return;
        /* Data may have come with the Finished that makes its session: that is told first. */
        take_events(own);
        for (size_t i = 0; i < num_plaintexts; i++)
            own->handlers.on_data(own->handlers.user, own, plaintexts[i].session,
                                  plaintexts[i].plaintext.data, plaintexts[i].plaintext.len);
        done += taken;
        if (own->port.stopping)
            return;
        if (done < num) {
            const size_t before = own->port.num_out;
            dtls_port_pump(&own->port);
            /* The socket takes nothing: what is left of the batch is lost, as it would be in the network. */
            if (taken == 0 && num_plaintexts == 0 && own->port.num_out >= before && before == DTLS_UDP_BATCH)
                return;
        }
    }
}

static void timeout(void *owner) {
    dtls_uv_server *own = owner;
    (void)dtls_server_timeout(own->server, dtls_posix_now());
}

static uint64_t deadline(void *owner) {
    const dtls_uv_server *own = owner;
    return dtls_server_deadline(own->server);
}

static const struct dtls_port_owner functions = {.receive = receive,
                                                 .timeout = timeout,
                                                 .take_events = take_events,
                                                 .poll_datagram = poll_datagram,
                                                 .deadline = deadline};

int dtls_uv_server_start(uv_loop_t *loop, int udp, dtls_server *server,
                         const dtls_uv_server_handlers *handlers, dtls_uv_server **out_server) {
    if (loop == NULL || server == NULL || handlers == NULL || handlers->on_event == NULL ||
        handlers->on_data == NULL || out_server == NULL)
        return UV_EINVAL;
    dtls_uv_server *own = calloc(1, sizeof *own);
    if (own == NULL)
        return UV_ENOMEM;
    own->server = server;
    own->handlers = *handlers;
    *out_server = own;
    const int error = dtls_port_start(&own->port, loop, udp, own, &functions);
    if (error != 0)
        free(own);
    return error;
}

dtls_server *dtls_uv_server_of(dtls_uv_server *server) {
    return server != NULL ? server->server : NULL;
}

void dtls_uv_server_wake(dtls_uv_server *server) {
    if (server != NULL)
        dtls_port_pump(&server->port);
}

dtls_error dtls_uv_server_send(dtls_uv_server *server, dtls_session session, const uint8_t *data,
                               size_t len) {
    if (server == NULL)
        return DTLS_ERROR_ARGUMENT;
    dtls_server_datagram *datagram = dtls_port_room(&server->port);
    if (datagram == NULL)
        return DTLS_NOTHING;
    dtls_error error = dtls_server_peer(server->server, session, &datagram->address, NULL);
    if (error == DTLS_OK)
        error = dtls_server_write(server->server, session, dtls_posix_now(), data, len, datagram->bytes,
                                  DTLS_PORT_DATAGRAM, &datagram->len);
    if (error == DTLS_OK)
        dtls_port_put(&server->port);
    return error;
}

void dtls_uv_server_stop(dtls_uv_server *server) {
    if (server != NULL)
        dtls_port_stop(&server->port);
}
