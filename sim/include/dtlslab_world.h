/* SPDX-License-Identifier: MIT
 *
 * A world: endpoints on the nodes of one carrier, and the loop that moves them.
 *
 * The loop is plain C and touches no interpreter; a hook is the one way out of
 * it. Everything that happens is written to a log in memory, which the caller
 * drains; with the same carrier, seeds, endpoints and calls the log is the same.
 */
#ifndef DTLSLAB_WORLD_H
#define DTLSLAB_WORLD_H

#include <stdint.h>

#include "dtlslab_carrier.h"
#include "dtlslab_endpoint.h"

#ifdef __cplusplus
extern "C" {
#endif

enum dtlslab_log_kind {
    DTLSLAB_LOG_DATAGRAM_SENT = 1,      /* node, peer, path, datagram, bytes */
    DTLSLAB_LOG_DATAGRAM_DELIVERED = 2, /* node (receiver), peer, path, datagram, bytes */
    DTLSLAB_LOG_DATAGRAM_LOST =
        3, /* by the network; node (intended receiver), peer, path, datagram; text is the reason */
    DTLSLAB_LOG_DATAGRAM_DROPPED =
        4, /* by the hook; node (sender), peer, path, datagram; text is the reason it gave */
    DTLSLAB_LOG_DATAGRAM_CHANGED =
        5, /* by the hook; node (sender), peer, path, datagram; `value` is the original's id,
              bytes are those that go out, text is the hook's reason or one of "altered",
              "delayed", "duplicated"; see struct dtlslab_fate */
    DTLSLAB_LOG_DATAGRAM_INJECTED = 6, /* by the script; node (sender), peer, path, datagram, bytes */
    DTLSLAB_LOG_DEADLINE = 7,          /* node's deadline is now `value` (DTLSLAB_NO_DEADLINE: none) */
    DTLSLAB_LOG_TIMEOUT = 8,           /* node's `timeout` is called */
    DTLSLAB_LOG_EVENT = 9,             /* event */
    DTLSLAB_LOG_KEYLOG = 10,           /* text is the line */
    DTLSLAB_LOG_DATA_SENT = 11,        /* node, session, value = bytes */
    DTLSLAB_LOG_DATA_RECEIVED = 12,    /* node, session, bytes (if asked for) or value = bytes */
    DTLSLAB_LOG_MARKER = 13            /* the script's own; text */
};

struct dtlslab_log_entry {
    uint64_t time;
    uint32_t kind; /* enum dtlslab_log_kind */
    uint32_t node;
    uint32_t peer;
    uint32_t len;
    uint64_t path;
    uint64_t session;
    uint64_t datagram; /* ids run from 1 */
    uint64_t value;
    const uint8_t *bytes;              /* valid until the next `dtlslab_world_next_log` */
    const char *text;                  /* likewise; may be NULL */
    const struct dtlslab_event *event; /* likewise; NULL unless kind is EVENT */
};

/* A datagram about to be given to the carrier, as a hook sees it. */
struct dtlslab_passing {
    uint64_t time;
    uint64_t datagram;
    uint64_t path;
    uint32_t from;
    uint32_t to;
    uint64_t nth; /* the n-th datagram that `from` has sent to `to`, from 1 */
    const uint8_t *bytes;
    uint32_t len;
    uint32_t reserved;
};

enum dtlslab_fate_kind {
    DTLSLAB_PASS = 0,
    DTLSLAB_DROP = 1,
    DTLSLAB_CHANGE = 2,
    DTLSLAB_HOLD = 3 /* goes right after the next datagram from the same node to the same peer, whatever
                        becomes of that one; never, if there is none */
};

/* What becomes of a datagram. The first copy keeps the datagram's id unless its bytes are new; every datagram
 * with new bytes and every further copy gets an id of its own. Each that differs from the original leaves a
 * CHANGED entry. */
struct dtlslab_fate {
    uint32_t kind;        /* enum dtlslab_fate_kind */
    uint32_t copies;      /* CHANGE: how many go out, 1 or more; 0 counts as 1 */
    uint64_t delay_ns;    /* CHANGE: extra delay */
    const uint8_t *bytes; /* CHANGE: new bytes, or NULL to keep them; valid until the hook is called again */
    uint32_t len;
    uint32_t reserved;
    const char *reason; /* a word for the log; may be NULL */
};

/* Decides the fate of a datagram. `out_fate` comes zeroed (PASS). A negative answer ends the run with
 * DTLSLAB_STOP_HOOK_FAILED. */
typedef int32_t (*dtlslab_hook)(void *user, const struct dtlslab_passing *passing,
                                struct dtlslab_fate *out_fate);

enum dtlslab_stop {
    DTLSLAB_STOP_UNTIL = 1,       /* the time asked for has come */
    DTLSLAB_STOP_EVENT = 2,       /* an event of `stop_events` happened */
    DTLSLAB_STOP_QUIET = 3,       /* nothing is under way and no deadline is set: nothing can happen any more.
                                     The time stays that of the last happening, unless `pass_quiet` is set */
    DTLSLAB_STOP_DATA = 4,        /* application data arrived and `stop_on_data` was set */
    DTLSLAB_STOP_STALLED = 5,     /* an endpoint's deadline does not move: a hang; `node` tells whose */
    DTLSLAB_STOP_HOOK_FAILED = 6, /* the hook answered a negative number */
    DTLSLAB_STOP_ENDPOINT_FAILED = 7, /* an endpoint answered a negative number where none is allowed */
    DTLSLAB_STOP_DATAGRAMS = 8,       /* more than `max_datagrams` were sent */
    DTLSLAB_STOP_INTERRUPTED = 9      /* a signal came during a wait in real time, or the slice is over:
                                         let handlers of signals run and run again, with `go_on` set */
};

struct dtlslab_run_options {
    uint64_t until;         /* absolute time, ns; DTLSLAB_NO_DEADLINE: no limit */
    uint64_t max_datagrams; /* 0: 1,000,000 */
    uint32_t stop_events;   /* bit mask, 1 << enum dtlslab_event_kind: stop as soon as `stop_count` of these
                               were seen */
    uint32_t stop_count;    /* counted from the start of this run; 0 means 1 */
    uint32_t stop_on_data;  /* 1: stop when a node without echo received application data */
    uint32_t pass_quiet;    /* 1: being quiet is no reason to stop before `until`, so that time comes there */
    uint64_t slice_ns;      /* real time after which the run is given back as INTERRUPTED; 0: never */
    uint32_t go_on; /* 1: go on with the run that was interrupted: what it has counted stays counted */
    uint32_t reserved;
};

struct dtlslab_stopped {
    uint32_t why; /* enum dtlslab_stop */
    uint32_t node;
    uint64_t time;
};

struct dtlslab_world;

/* Makes a world on `carrier`, which stays the caller's and outlives the world. NULL when out of memory. */
struct dtlslab_world *dtlslab_world_create(const struct dtlslab_carrier_api *carrier_api,
                                           struct dtlslab_carrier *carrier);
void dtlslab_world_destroy(struct dtlslab_world *world);

/* Puts an endpoint on node `node`. The world does not own it. `seed` and `calendar_seconds` are those of its
 * configuration: they feed the redirected clock and random entries while the world is inside this endpoint;
 * an endpoint that this world made goes on with the random stream of its making. An endpoint whose table
 * names no `clock_objects` is never entered under the virtual clock. A datagram for a node without an
 * endpoint is logged and forgotten. DTLSLAB_INVALID: no such node, or the node is taken. */
int32_t dtlslab_world_place(struct dtlslab_world *world, uint32_t node,
                            const struct dtlslab_endpoint_api *api, struct dtlslab_endpoint *endpoint,
                            uint64_t seed, uint64_t calendar_seconds);

/* Makes an endpoint as `api->create` does, but under the virtual clock and the given seed. */
int32_t dtlslab_world_make_endpoint(struct dtlslab_world *world, const struct dtlslab_endpoint_api *api,
                                    const struct dtlslab_config *config,
                                    struct dtlslab_endpoint **out_endpoint, char *message);

/* What a script may do between runs, or from a hook of its own thread: the same calls as the contract's. What
 * the endpoint wants to say in answer is polled by the next run (from a hook: by this one), at the same time.
 * DTLSLAB_INVALID: no such node, or no endpoint there; else the endpoint's own answer. */
int32_t dtlslab_world_connect(struct dtlslab_world *world, uint32_t node, uint32_t peer,
                              uint64_t *out_session);
int32_t dtlslab_world_send(struct dtlslab_world *world, uint32_t node, uint64_t session, const uint8_t *data,
                           uint32_t len);
int32_t dtlslab_world_close(struct dtlslab_world *world, uint32_t node, uint64_t session);

/* What was agreed on in a session; `out_info->size` is the caller's. DTLSLAB_UNSUPPORTED: the endpoint's
 * table has no such function; else as above. */
int32_t dtlslab_world_session_info(struct dtlslab_world *world, uint32_t node, uint64_t session,
                                   struct dtlslab_session_info *out_info);

/* Puts a datagram of the script's own on the network, as if `node` had sent it to `peer`. No hook sees it. */
int32_t dtlslab_world_inject(struct dtlslab_world *world, uint32_t node, uint32_t peer, const uint8_t *bytes,
                             uint32_t len);

/* Echo: application data that `node` receives is sent back at once. What would block is kept and tried again
 * after each step of this endpoint; while too much is kept (1 MiB), no more is taken from the endpoint. One
 * with the capability own-data is left to itself. */
void dtlslab_world_set_echo(struct dtlslab_world *world, uint32_t node, uint32_t on);
void dtlslab_world_set_hook(struct dtlslab_world *world, dtlslab_hook hook, void *user);

/* What the log keeps: bytes of datagrams (default yes), bytes of received data (default yes). */
void dtlslab_world_set_log(struct dtlslab_world *world, uint32_t datagram_bytes, uint32_t data_bytes);
int32_t dtlslab_world_mark(struct dtlslab_world *world, const char *text);

uint64_t dtlslab_world_now(struct dtlslab_world *world);

/* Runs until a stop condition holds; everything that happens at that very time is done first, and at `until`
 * as well. The order at one time: endpoints are polled by node number (datagrams, events, key log, data),
 * then arrivals in the carrier's order, one by one, then deadlines by node number. Not to be called from a
 * hook (DTLSLAB_INVALID). Negative: out of memory (DTLSLAB_FAILED), or the carrier's own answer. */
int32_t dtlslab_world_run(struct dtlslab_world *world, const struct dtlslab_run_options *options,
                          struct dtlslab_stopped *out_stopped);

/* Takes out the oldest log entry. DTLSLAB_NOTHING when the log is empty. */
int32_t dtlslab_world_next_log(struct dtlslab_world *world, struct dtlslab_log_entry *out_entry);

/* Opens a shared object that exports the endpoint contract, checks its ABI and redirects the clock and random
 * entries of the objects that it names. Loaded once per process and path; never unloaded. */
int32_t dtlslab_load_endpoint(const char *path, const struct dtlslab_endpoint_api **out_api, char *message);

/* Opens a shared object that exports the carrier contract. */
int32_t dtlslab_load_carrier(const char *path, const struct dtlslab_carrier_api **out_api, char *message);

/* The carriers built in: sim/memory/memory.h and sim/udp/udp.h list their parameters. */
const struct dtlslab_carrier_api *dtlslab_memory_carrier(void);
const struct dtlslab_carrier_api *dtlslab_udp_carrier(void);

/* The port, in host order, at which others reach `node` of a UDP carrier; 0 when there is no such node. */
uint32_t dtlslab_udp_carrier_port(struct dtlslab_carrier *carrier, uint32_t node);

/* How many datagrams came to the sockets of a UDP carrier from an address that no node has; they were thrown
 * away. */
uint64_t dtlslab_udp_carrier_strays(struct dtlslab_carrier *carrier);

#ifdef __cplusplus
}
#endif

#endif
