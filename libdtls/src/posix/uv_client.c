/* SPDX-License-Identifier: MIT */
#include "posix/port.h"

#include <stdlib.h>

#define PLAINTEXTS 16

struct dtls_uv_client {
    struct dtls_port port;
    dtls_connection *connection;
    dtls_uv_client_handlers handlers;
};

static void take_events(void *owner) {
    dtls_uv_client *own = owner;
    dtls_event event;
    while (dtls_poll_event(own->connection, &event) == DTLS_OK)
        own->handlers.on_event(own->handlers.user, own, &event);
}

static dtls_error poll_datagram(void *owner, uint8_t *out, size_t cap, size_t *out_len,
                                dtls_address *address) {
    dtls_uv_client *own = owner;
    (void)address; /* the socket is connected */
    return dtls_poll_datagram(own->connection, dtls_posix_now(), out, cap, out_len, NULL);
}

static void receive_one(dtls_uv_client *own, const dtls_server_datagram *from) {
    dtls_datagram datagram = {.bytes = from->bytes, .len = from->len};
    size_t taken = 0;
    while (taken == 0) {
        dtls_plaintext plaintexts[PLAINTEXTS];
        size_t num = PLAINTEXTS;
        if (dtls_receive(own->connection, dtls_posix_now(), &datagram, 1, plaintexts, &num, &taken) !=
            DTLS_OK)
            return;
        /* The data may have come with the Finished that makes the connection: that is told first. */
        take_events(own);
        for (size_t i = 0; i < num; i++)
            own->handlers.on_data(own->handlers.user, own, plaintexts[i].data, plaintexts[i].len);
        if (num == 0)
            return;
    }
}

static void receive(void *owner, dtls_server_datagram *datagrams, size_t num) {
    for (size_t i = 0; i < num; i++)
        receive_one(owner, &datagrams[i]);
}

static void timeout(void *owner) {
    dtls_uv_client *own = owner;
    (void)dtls_timeout(own->connection, dtls_posix_now());
}

static uint64_t deadline(void *owner) {
    const dtls_uv_client *own = owner;
    return dtls_deadline(own->connection);
}

/* A flight that was cut for more is sent again, in smaller datagrams; application data is lost, as anywhere.
 */
static void too_long(void *owner) {
    dtls_uv_client *own = owner;
    const size_t mtu = dtls_udp_path_mtu(own->port.udp);
    if (mtu > 0)
        (void)dtls_set_path_mtu(own->connection, mtu);
}

static const struct dtls_port_owner functions = {.receive = receive,
                                                 .timeout = timeout,
                                                 .take_events = take_events,
                                                 .poll_datagram = poll_datagram,
                                                 .deadline = deadline,
                                                 .too_long = too_long};

int dtls_uv_client_start(uv_loop_t *loop, int udp, dtls_connection *connection,
                         const dtls_uv_client_handlers *handlers, dtls_uv_client **out_client) {
    if (loop == NULL || connection == NULL || handlers == NULL || handlers->on_event == NULL ||
        handlers->on_data == NULL || out_client == NULL)
        return UV_EINVAL;
    dtls_uv_client *own = calloc(1, sizeof *own);
    if (own == NULL)
        return UV_ENOMEM;
    own->connection = connection;
    own->handlers = *handlers;
    *out_client = own;
    (void)dtls_connection_start(connection, dtls_posix_now());
    const int error = dtls_port_start(&own->port, loop, udp, own, &functions);
    if (error != 0)
        free(own);
    return error;
}

dtls_connection *dtls_uv_client_of(dtls_uv_client *client) {
    return client != NULL ? client->connection : NULL;
}

void dtls_uv_client_wake(dtls_uv_client *client) {
    if (client != NULL)
        dtls_port_pump(&client->port);
}

dtls_error dtls_uv_client_send(dtls_uv_client *client, const uint8_t *data, size_t len) {
    if (client == NULL)
        return DTLS_ERROR_ARGUMENT;
    dtls_server_datagram *datagram = dtls_port_room(&client->port);
    if (datagram == NULL)
        return DTLS_NOTHING;
    const dtls_error error = dtls_write(client->connection, dtls_posix_now(), data, len, datagram->bytes,
                                        DTLS_PORT_DATAGRAM, &datagram->len);
    if (error == DTLS_OK)
        dtls_port_put(&client->port);
    return error;
}

void dtls_uv_client_stop(dtls_uv_client *client) {
    if (client != NULL)
        dtls_port_stop(&client->port);
}
