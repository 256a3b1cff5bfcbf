/* SPDX-License-Identifier: MIT
 *
 * Two ping endpoints in a world over a carrier: node 0 asks, node 1 answers.
 * The log is read as lines of text, so that tests compare what a person reads.
 */
#ifndef DTLSLAB_PAIR_H
#define DTLSLAB_PAIR_H

#include <stddef.h>

#include "dtlslab_world.h"
#include "ping.h"

#define MS     UINT64_C(1000000)
#define SECOND UINT64_C(1000000000)

struct pair {
    const struct dtlslab_carrier_api *api;
    struct dtlslab_carrier *carrier;
    struct dtlslab_world *world;
    struct dtlslab_endpoint client;
    struct dtlslab_endpoint server;
    struct dtlslab_stopped stopped;
};

/* Makes the world; fails the test if that cannot be done. `parameters` ends with {NULL, NULL}; may be NULL.
 */
void pair_open(struct pair *pair, const struct dtlslab_carrier_api *api, uint64_t seed, uint64_t run,
               const struct dtlslab_parameter *parameters);
void pair_close(struct pair *pair);

/* The client begins. Answers the session. */
uint64_t pair_connect(struct pair *pair);

/* Runs until quiet or `until`, or until the first event of the kinds in the mask. Answers why it stopped. */
uint32_t pair_run(struct pair *pair, uint64_t until, uint32_t stop_events);

/* Drains the log into `out` as lines "<time in ns> <kind> <node> <details>"; answers how many entries. */
uint32_t pair_log(struct pair *pair, char *out, size_t cap);

/* How many entries of `kind` a drained log has. */
uint32_t lines_with(const char *log, const char *kind);

#endif
