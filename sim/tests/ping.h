/* SPDX-License-Identifier: MIT
 *
 * A scripted endpoint for tests: "PING" is answered by "PONG", and whoever is
 * not answered asks again after 1 s, 2 s, 4 s. Data is "=" and the data.
 */
#ifndef DTLSLAB_PING_H
#define DTLSLAB_PING_H

#include <stdbool.h>

#include "dtlslab_endpoint.h"

#define PING_QUEUE   64u
#define PING_PAYLOAD 2000u

struct ping_item {
    uint64_t id; /* path or session */
    uint32_t len;
    uint8_t bytes[PING_PAYLOAD];
};

struct ping_queue {
    struct ping_item items[PING_QUEUE];
    uint32_t first;
    uint32_t num;
};

/* What a test may set and look at. The session's id is the path's. */
struct dtlslab_endpoint {
    uint64_t deadline;
    uint64_t interval;
    uint64_t path;
    uint32_t padding;   /* bytes added to each PING and PONG */
    uint32_t received;  /* datagrams */
    uint32_t timeouts;  /* calls of `timeout` */
    uint32_t blocked;   /* sends that answer WOULD_BLOCK before one succeeds */
    int32_t answer;     /* of `receive` */
    bool stuck;         /* `timeout` leaves the deadline where it is */
    bool crawls;        /* `timeout` moves the deadline to now */
    bool answers;       /* PING by PONG */
    uint64_t seen_wall; /* what time() said in `receive` */
    struct ping_queue datagrams;
    struct ping_queue data;
    struct ping_queue keylog;
    struct dtlslab_event events[PING_QUEUE];
    uint32_t num_events;
    uint32_t next_event;
};

/* Without clock objects, and with an empty list of them. */
extern const struct dtlslab_endpoint_api ping_api;
extern const struct dtlslab_endpoint_api ping_api_virtual;

void ping_init(struct dtlslab_endpoint *endpoint);

#endif
