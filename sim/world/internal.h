/* SPDX-License-Identifier: MIT
 *
 * What the parts of the world share: world.c holds the nodes and the calls of
 * a script, loop.c the run, passage.c the way of a datagram past the hook,
 * echo.c the data sent back, log.c the log.
 */
#ifndef DTLSLAB_WORLD_INTERNAL_H
#define DTLSLAB_WORLD_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "agenda.h"
#include "dtlslab_world.h"
#include "log.h"
#include "virtual_clock.h"

/* A piece of application data that waits to be sent back. */
struct dtlslab_echo_piece {
    struct dtlslab_echo_piece *next;
    uint64_t session;
    uint32_t len;
    bool blocked; /* in the pass under way */
    uint8_t bytes[];
};

struct dtlslab_node {
    const struct dtlslab_endpoint_api *api; /* NULL: no endpoint here */
    struct dtlslab_endpoint *endpoint;
    struct dtlslab_virtual virtual_time;
    uint64_t *sent_to;   /* by peer: how many datagrams; made when first used */
    uint32_t stuck;      /* timeouts running that did not move a deadline that was due */
    uint32_t idle_turns; /* timeouts running that said nothing and were due again at once */
    bool echo;
    struct dtlslab_held *held; /* kept back by the hook, oldest first */
    size_t echo_bytes;
    struct dtlslab_echo_piece *echo_first;
    struct dtlslab_echo_piece **echo_last; /* where the next piece is hung */
};

/* A datagram that waits until the next one from its node to its peer has gone. */
struct dtlslab_held {
    struct dtlslab_held *next;
    uint32_t peer;
    uint32_t len;
    uint64_t path;
    uint64_t datagram;
    uint8_t bytes[];
};

/* An endpoint that the world has made and not yet placed, with its random stream. */
struct dtlslab_made {
    struct dtlslab_endpoint *endpoint;
    struct dtlslab_virtual virtual_time;
};

/* What a run counts and watches. */
struct dtlslab_watch {
    struct dtlslab_run_options options;
    uint64_t datagrams;
    uint32_t events;
    int32_t failure;                /* what the run answers when it is not DTLSLAB_OK */
    struct dtlslab_stopped stopped; /* `why` is 0 while nothing stops the run */
};

struct dtlslab_world {
    const struct dtlslab_carrier_api *carrier_api;
    struct dtlslab_carrier *carrier;
    struct dtlslab_node *nodes;
    uint32_t num_nodes;
    struct dtlslab_agenda agenda; /* deadlines are those last read and logged */
    bool running;
    bool log_datagram_bytes;
    bool log_data_bytes;
    uint64_t next_datagram;
    dtlslab_hook hook;
    void *hook_user;
    struct dtlslab_log log;
    struct dtlslab_watch watch;
    struct dtlslab_made *made;
    uint32_t num_made;
    uint64_t total_made;
    uint8_t datagram_buffer[DTLSLAB_MAX_DATAGRAM];
    uint8_t data_buffer[DTLSLAB_MAX_DATAGRAM];
};

/* Time as the carrier has it. */
uint64_t dtlslab_world_time(struct dtlslab_world *world);

/* Every call of an endpoint stands between these two: the virtual clock holds for those that asked for it. */
void dtlslab_node_enter(struct dtlslab_node *node, uint64_t now);
void dtlslab_node_leave(const struct dtlslab_node *node);

/* Stops the run, unless something has stopped it already. What went wrong takes precedence over what was
 * waited for. */
void dtlslab_world_stop(struct dtlslab_world *world, enum dtlslab_stop why, uint32_t node);

/* Whether the run has to end at once, with endpoints left half polled: something went wrong. */
bool dtlslab_world_halted(const struct dtlslab_world *world);

/* Counts a datagram of `node` against the limit of the run. */
void dtlslab_world_count(struct dtlslab_world *world, uint32_t node);

/* Writes to the log with the time set; datagram bytes or data are left out as the caller of the world wished.
 */
void dtlslab_world_log(struct dtlslab_world *world, struct dtlslab_log_entry entry);

/* A datagram that `node` sends along `path`: logs it, asks the hook, and gives to the carrier what is left of
 * it. Negative: the path is none, or the carrier failed. */
int32_t dtlslab_world_pass(struct dtlslab_world *world, uint32_t node, uint64_t path, const uint8_t *bytes,
                           uint32_t len);

/* Forgets what the hook has kept back at a node. */
void dtlslab_world_forget_held(struct dtlslab_node *node);

/* Whether more data may be taken from an endpoint with echo. */
bool dtlslab_echo_has_room(const struct dtlslab_node *node);

/* Keeps a piece to be sent back. DTLSLAB_FAILED: out of memory. */
int32_t dtlslab_echo_keep(struct dtlslab_node *node, uint64_t session, const uint8_t *bytes, uint32_t len);

/* Sends back what can be sent, in order within each session. True when something was sent. */
bool dtlslab_echo_send(struct dtlslab_world *world, uint32_t node_number);

/* Forgets all pieces. */
void dtlslab_echo_clear(struct dtlslab_node *node);

#endif
