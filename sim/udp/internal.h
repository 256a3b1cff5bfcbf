/* SPDX-License-Identifier: MIT
 *
 * What the parts of the UDP carrier share: setup.c makes it from parameters,
 * udp.c moves datagrams.
 */
#ifndef DTLSLAB_UDP_INTERNAL_H
#define DTLSLAB_UDP_INTERNAL_H

#include <poll.h>

#include "address.h"
#include "dtlslab_carrier.h"
#include "schedule.h"

struct dtlslab_face {
    struct dtlslab_address address; /* of the socket */
    bool external;
    bool known;                     /* external: `program` is set */
    struct dtlslab_address program; /* external: where the program is */
};

/* A datagram between two nodes of the world that is inside the kernel. */
struct dtlslab_flight {
    struct dtlslab_flight *next;
    uint32_t from;
    uint32_t to;
    uint64_t datagram;
    uint64_t sent;
    uint64_t hash; /* of the bytes */
    uint32_t len;
};

struct dtlslab_carrier {
    uint64_t start; /* of the host's monotonic clock */
    uint32_t num_nodes;
    uint32_t num_external;
    uint32_t last_served; /* node; the next search for a readable socket begins behind it */
    uint64_t strays;
    struct dtlslab_face *faces;
    struct pollfd *sockets; /* one for each node */
    struct dtlslab_schedule schedule;
    struct dtlslab_pending *given;
    struct dtlslab_flight *flights; /* oldest first */
    struct dtlslab_flight **last_flight;
    uint8_t buffer[DTLSLAB_MAX_DATAGRAM];
};

/* The `create` and `destroy` of the carrier's table. */
int32_t dtlslab_udp_create(uint32_t num_nodes, uint64_t seed, uint64_t run,
                           const struct dtlslab_parameter *list, uint32_t num_parameters,
                           struct dtlslab_carrier **out_carrier, char *message);
void dtlslab_udp_destroy(struct dtlslab_carrier *carrier);

/* The host's monotonic clock, ns. */
uint64_t dtlslab_udp_clock(void);

#endif
