/* SPDX-License-Identifier: MIT */
#include "posix/port.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void on_poll(uv_poll_t *poll, int status, int events);

static void watch(struct dtls_port *port) {
    const int events = port->num_out > port->first_out ? UV_READABLE | UV_WRITABLE : UV_READABLE;
    (void)uv_poll_start(&port->poll, events, on_poll);
}

/* Sends the batch as far as the socket takes it. */
static void flush(struct dtls_port *port) {
    while (port->first_out < port->num_out) {
        const int sent =
            dtls_udp_send(port->udp, port->out + port->first_out, port->num_out - port->first_out);
        if (sent == 0)
            return;
        port->too_long |= sent == 1 && errno == EMSGSIZE;
        port->first_out = sent < 0 ? port->num_out : port->first_out + (size_t)sent;
    }
    port->first_out = 0;
    port->num_out = 0;
}

dtls_server_datagram *dtls_port_room(struct dtls_port *port) {
    if (port->num_out == DTLS_UDP_BATCH)
        flush(port);
    if (port->num_out == DTLS_UDP_BATCH)
        return NULL;
    dtls_server_datagram *datagram = &port->out[port->num_out];
    datagram->bytes = port->out_bytes[port->num_out];
    datagram->len = 0;
    return datagram;
}

void dtls_port_put(struct dtls_port *port) {
    port->num_out++;
}

static bool take_datagrams(struct dtls_port *port) {
    bool any = false;
    for (;;) {
        dtls_server_datagram *datagram = dtls_port_room(port);
        if (datagram == NULL ||
            port->functions->poll_datagram(port->owner, datagram->bytes, DTLS_PORT_DATAGRAM, &datagram->len,
                                           &datagram->address) != DTLS_OK)
            return any;
        dtls_port_put(port);
        any = true;
    }
}

static void on_timer(uv_timer_t *timer) {
    struct dtls_port *port = timer->data;
    port->functions->timeout(port->owner);
    dtls_port_pump(port);
}

static void on_close(uv_handle_t *handle) {
    struct dtls_port *port = handle->data;
    if (--port->num_handles > 0)
        return;
    close(port->udp);
    free(port->owner);
}

static void close_handles(struct dtls_port *port) {
    port->stopped = true;
    uv_close((uv_handle_t *)&port->poll, on_close);
    uv_close((uv_handle_t *)&port->timer, on_close);
}

void dtls_port_pump(struct dtls_port *port) {
    if (port->pumping || port->stopped)
        return;
    port->pumping = true;
    do {
        port->functions->take_events(port->owner);
    } while (take_datagrams(port));
    port->pumping = false;
    flush(port);
    if (port->too_long && port->functions->too_long != NULL) {
        /* What has to be sent anew is shorter, or as long as before if nothing shorter will do: once more. */
        port->too_long = false;
        port->functions->too_long(port->owner);
        (void)take_datagrams(port);
        flush(port);
    }
    if (port->stopping) {
        close_handles(port);
        return;
    }
    watch(port);
    /* While the socket takes no more, what waits does not make the timer spin. */
    const int wait = port->num_out > 0 ? -1 : dtls_posix_wait(port->functions->deadline(port->owner));
    uv_update_time(port->timer.loop);
    if (wait < 0)
        (void)uv_timer_stop(&port->timer);
    else
        (void)uv_timer_start(&port->timer, on_timer, (uint64_t)wait, 0);
}

static void read_batch(struct dtls_port *port) {
    for (size_t i = 0; i < DTLS_UDP_BATCH; i++)
        port->in[i] = (dtls_server_datagram){.bytes = port->in_bytes[i], .len = DTLS_PORT_DATAGRAM};
    const int num = dtls_udp_receive(port->udp, port->in, DTLS_UDP_BATCH);
    if (num > 0)
        port->functions->receive(port->owner, port->in, (size_t)num);
}

static void on_poll(uv_poll_t *poll, int status, int events) {
    struct dtls_port *port = poll->data;
    if (status == 0 && (events & UV_READABLE) != 0)
        read_batch(port);
    dtls_port_pump(port);
}

int dtls_port_start(struct dtls_port *port, uv_loop_t *loop, int udp, void *owner,
                    const struct dtls_port_owner *functions) {
    port->udp = udp;
    port->owner = owner;
    port->functions = functions;
    port->num_handles = 2;
    const int error = uv_poll_init(loop, &port->poll, udp);
    if (error != 0)
        return error;
    (void)uv_timer_init(loop, &port->timer);
    port->poll.data = port;
    port->timer.data = port;
    dtls_port_pump(port);
    return 0;
}

void dtls_port_stop(struct dtls_port *port) {
    port->stopping = true;
    dtls_port_pump(port);
}
