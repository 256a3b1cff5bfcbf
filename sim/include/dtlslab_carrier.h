/* SPDX-License-Identifier: MIT
 *
 * The carrier contract: what moves datagrams between nodes, and what time it is.
 *
 * A carrier numbers its nodes from 0. A path id names a way from one node to a
 * peer, as the endpoint at that node sees it. The carrier owns time: `run` is
 * the only call that advances it.
 *
 * A node is `external` when it stands for a program outside the laboratory,
 * which no world drives. What that program sends enters the world by an
 * ENTERED arrival at the external node, and the world sends it on as it sends
 * on the datagrams of its own endpoints: past the hook, into the log, back to
 * the carrier's `send`. What is sent to an external node leaves the carrier
 * and never arrives.
 */
#ifndef DTLSLAB_CARRIER_H
#define DTLSLAB_CARRIER_H

#include <stdint.h>

#include "dtlslab_endpoint.h"

#ifdef __cplusplus
extern "C" {
#endif

#define DTLSLAB_CARRIER_ABI 1u

/* Answer of `run` in real time: a signal came while waiting. The caller lets its signal handlers run and
 * calls again. */
#define DTLSLAB_INTERRUPTED 2

/* A parameter as text: {"delay", "15ms"}, {"loss", "0.1"}. Each carrier documents its own. */
struct dtlslab_parameter {
    const char *name;
    const char *value;
};

enum dtlslab_arrival_kind {
    DTLSLAB_ARRIVAL_DELIVERED = 1, /* hand `bytes` to `node` */
    DTLSLAB_ARRIVAL_LOST = 2, /* the datagram will not arrive; `reason` is a word: "loss", "queue", "mtu" … */
    DTLSLAB_ARRIVAL_ENTERED =
        3 /* a program outside sent `bytes` as the external node `node`, along `path` as that
             node sees it; `datagram` is 0 and becomes real when the world sends it on */
};

struct dtlslab_arrival {
    uint32_t kind;     /* enum dtlslab_arrival_kind */
    uint32_t node;     /* the receiver; for LOST the intended one, for ENTERED the sender */
    uint64_t path;     /* as `node` sees the other side */
    uint64_t datagram; /* the id given to `send`; a datagram that the network duplicates arrives twice under
                          it; 0 when the carrier cannot tell */
    uint64_t time;
    const uint8_t *bytes; /* valid until the next call of `run`; NULL for LOST */
    uint32_t len;
    uint32_t reserved;
    const char *reason;
};

struct dtlslab_carrier;

struct dtlslab_carrier_api {
    uint32_t abi;
    uint32_t size;
    const char *name; /* "memory", "ns3", "udp" */
    const char *version;
    uint32_t real_time; /* 1: time is the host's monotonic clock and `run` waits */
    uint32_t reserved;

    /* Makes a network of `num_nodes` nodes. `seed` and `run` fix every random stream. On failure `message`
     * (DTLSLAB_MAX_TEXT bytes) names the parameter and what was expected. */
    int32_t (*create)(uint32_t num_nodes, uint64_t seed, uint64_t run,
                      const struct dtlslab_parameter *parameters, uint32_t num_parameters,
                      struct dtlslab_carrier **out_carrier, char *message);
    void (*destroy)(struct dtlslab_carrier *carrier);

    uint64_t (*now)(struct dtlslab_carrier *carrier);

    /* The path by which `from` reaches `to`. */
    int32_t (*path)(struct dtlslab_carrier *carrier, uint32_t from, uint32_t to, uint64_t *out_path);

    /* Sends one datagram from `node` along `path` after `delay_ns` more. `datagram` comes back in the
     * arrival. DTLSLAB_INVALID: no such node or path. What the network cannot take is a LOST arrival, not an
     * error. */
    int32_t (*send)(struct dtlslab_carrier *carrier, uint32_t node, uint64_t path, uint64_t datagram,
                    uint64_t delay_ns, const uint8_t *bytes, uint32_t len);

    /* Advances time to the next arrival or to `until`, whichever comes first. DTLSLAB_OK: `out_arrival` is
     * set. DTLSLAB_NOTHING: the time is now `until`, or the carrier is idle and `until` is
     * DTLSLAB_NO_DEADLINE. DTLSLAB_INTERRUPTED: see there. An `until` in the past means now. */
    int32_t (*run)(struct dtlslab_carrier *carrier, uint64_t until, struct dtlslab_arrival *out_arrival);

    /* How many nodes the network has. */
    uint32_t (*num_nodes)(struct dtlslab_carrier *carrier);

    /* The node that `node` reaches along `path`: the inverse of `path`. */
    int32_t (*peer)(struct dtlslab_carrier *carrier, uint32_t node, uint64_t path, uint32_t *out_peer);

    /* 1 when nothing is under way and nothing can arrive unless something is sent first; else 0. */
    uint32_t (*idle)(struct dtlslab_carrier *carrier);
};

/* The one symbol of a carrier in a shared object of its own. */
const struct dtlslab_carrier_api *dtlslab_carrier_api(void);

#ifdef __cplusplus
}
#endif

#endif
