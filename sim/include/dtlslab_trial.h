/* SPDX-License-Identifier: MIT
 *
 * Trials: the same handshake between two endpoints again and again, each time
 * with other datagrams lost, doubled or held back, as fast as the endpoints are.
 *
 * A trial is a world of its own over a memory carrier, with the server at node
 * 0 and the client at node 1. It keeps nothing but how it ended: who wants to
 * see it makes such a world, sets such a hook, and looks at its log.
 */
#ifndef DTLSLAB_TRIAL_H
#define DTLSLAB_TRIAL_H

#include <stdint.h>

#include "dtlslab_endpoint.h"
#include "dtlslab_world.h"

#ifdef __cplusplus
extern "C" {
#endif

#define DTLSLAB_MAX_FAULTS 4u

enum dtlslab_fault_kind {
    DTLSLAB_FAULT_DROP = 1,
    DTLSLAB_FAULT_DUPLICATE = 2, /* it arrives twice */
    DTLSLAB_FAULT_SWAP = 3       /* it arrives after the next one of its sender */
};

/* What becomes of one datagram of the handshake. */
struct dtlslab_fault {
    uint32_t kind; /* enum dtlslab_fault_kind */
    uint32_t nth;  /* which of all datagrams sent, of both sides, from 1 */
};

enum dtlslab_trial_end {
    DTLSLAB_TRIAL_COMPLETE =
        0, /* both connected and agreed, data went there and back, and all came to rest */
    DTLSLAB_TRIAL_NO_SETUP = 1,           /* an endpoint could not be made; `text` */
    DTLSLAB_TRIAL_UNDISTURBED_FAILED = 2, /* the first session, which the second resumes, was not completed */
    DTLSLAB_TRIAL_NOT_CONNECTED = 3,      /* one side failed or did not get there; `text` if it said why */
    DTLSLAB_TRIAL_DISAGREED = 4, /* version, suite or resumption differ, or what was to be resumed was not */
    DTLSLAB_TRIAL_NO_DATA = 5,   /* application data did not go there and back, once */
    DTLSLAB_TRIAL_ALERT = 6,     /* complete, but an alert was sent or received on the way */
    DTLSLAB_TRIAL_FAILED_LATER = 7, /* complete, and then a session failed or closed */
    DTLSLAB_TRIAL_NO_REST = 8,      /* datagrams answer datagrams without end */
    DTLSLAB_TRIAL_STALLED = 9,      /* a deadline that does not move */
    DTLSLAB_TRIAL_BROKEN = 10       /* an endpoint broke the contract, or no memory */
};

struct dtlslab_trial_side {
    const struct dtlslab_endpoint_api *api;
    const struct dtlslab_config *config;
};

/* What all trials of one batch have in common. */
struct dtlslab_trial_plan {
    struct dtlslab_trial_side server;
    struct dtlslab_trial_side client;
    uint64_t seed;     /* of the network */
    uint64_t delay_ns; /* one way */
    uint64_t limit_ns; /* virtual time for a handshake */
    uint64_t rest_ns;  /* virtual time in which all has to come to rest afterwards */
    uint32_t resume; /* 1: a session is made and closed first, undisturbed; the faults meet the second, which
                        must resume it */
    uint32_t data_len; /* bytes of application data that go there and back */
};

struct dtlslab_trial {
    struct dtlslab_fault faults[DTLSLAB_MAX_FAULTS]; /* given */
    uint32_t num_faults;                             /* given */
    uint32_t end;                                    /* enum dtlslab_trial_end */
    uint32_t datagrams;          /* sent when both sides were connected, or the trial failed */
    uint32_t node;               /* whose fault the end is, where that can be told; else 2 */
    uint64_t connected_ns;       /* virtual time from connect to both being connected */
    char text[DTLSLAB_MAX_TEXT]; /* what the failed endpoint said */
};

/* Carries out trials one after the other. DTLSLAB_INVALID: a fault that is none. `out_done`, how many were
 * carried out, is less than `num_trials` when `slice_ns` of real time were over (0: no limit). */
int32_t dtlslab_run_trials(const struct dtlslab_trial_plan *plan, struct dtlslab_trial *trials,
                           uint32_t num_trials, uint64_t slice_ns, uint32_t *out_done);

#ifdef __cplusplus
}
#endif

#endif
