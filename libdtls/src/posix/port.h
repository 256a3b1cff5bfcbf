/* SPDX-License-Identifier: MIT
 *
 * What client and server have in common in a libuv loop: a socket that is
 * watched, a timer, a batch of datagrams each way.
 */
#ifndef DTLS_POSIX_PORT_H
#define DTLS_POSIX_PORT_H

#include "dtls/uv.h"

/* The longest datagram taken or sent, bytes: one record of the largest plaintext. */
#define DTLS_PORT_DATAGRAM (DTLS_MAX_PLAINTEXT + DTLS_MAX_HEADROOM + DTLS_MAX_TAILROOM)

/* What the port does for its owner. */
struct dtls_port_owner {
    void (*receive)(void *owner, dtls_server_datagram *datagrams, size_t num);
    void (*timeout)(void *owner);
    void (*take_events)(void *owner);
    /* As `dtls_server_poll_datagram`. */
    dtls_error (*poll_datagram)(void *owner, uint8_t *out, size_t cap, size_t *out_len,
                                dtls_address *address);
    uint64_t (*deadline)(void *owner);
    /* The system has refused a datagram that is too long for the path. NULL: of no interest. */
    void (*too_long)(void *owner);
};

struct dtls_port {
    uv_poll_t poll;
    uv_timer_t timer;
    int udp;
    unsigned num_handles;
    bool pumping;  /* a handler is under way, and what it does is found afterwards */
    bool stopping; /* as soon as the pump has ended */
    bool stopped;
    bool too_long; /* a datagram was, for the path */
    void *owner;   /* an allocation, freed with the port */
    const struct dtls_port_owner *functions;

    size_t first_out; /* sent up to here */
    size_t num_out;
    dtls_server_datagram out[DTLS_UDP_BATCH];
    dtls_server_datagram in[DTLS_UDP_BATCH];
    uint8_t out_bytes[DTLS_UDP_BATCH][DTLS_PORT_DATAGRAM];
    uint8_t in_bytes[DTLS_UDP_BATCH][DTLS_PORT_DATAGRAM];
};

int dtls_port_start(struct dtls_port *port, uv_loop_t *loop, int udp, void *owner,
                    const struct dtls_port_owner *functions);

/* Takes out everything that waits, and sets the timer. */
void dtls_port_pump(struct dtls_port *port);

/* A place for one more datagram of DTLS_PORT_DATAGRAM bytes; NULL if the socket takes no more now. It is sent
 * with the next pump once `dtls_port_put` has told its length. */
dtls_server_datagram *dtls_port_room(struct dtls_port *port);
void dtls_port_put(struct dtls_port *port);

/* Closes the handles and the socket; frees the owner once that is done. */
void dtls_port_stop(struct dtls_port *port);

#endif
