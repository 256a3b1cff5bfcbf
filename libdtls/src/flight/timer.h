/* SPDX-License-Identifier: MIT
 *
 * The retransmission timer of flights, as a value (RFC 6347 section 4.2.4.1):
 * it holds times and is told the time.
 */
#ifndef DTLS_FLIGHT_TIMER_H
#define DTLS_FLIGHT_TIMER_H

#include "dtls/types.h"

struct dtls_timer {
    uint64_t initial; /* the first timeout, ns */
    uint64_t max;     /* where doubling stops, ns */
    uint64_t timeout; /* the current one, ns */
    uint64_t deadline;
    bool lossy; /* the current flight had to be repeated */
    bool reset; /* each flight begins with the first timeout, whatever became of the one before */
};

/* `now` plus `delay`, which never passes into DTLS_NO_DEADLINE. */
uint64_t dtls_time_after(uint64_t now, uint64_t delay);

/* A timer that is not running. With `reset` each flight begins with the first timeout. */
struct dtls_timer dtls_timer_of(uint64_t initial, uint64_t max, bool reset);

/* The first timeout is another from the next flight on, unless the one before it had to be repeated. */
void dtls_timer_set_initial(struct dtls_timer *timer, uint64_t initial);

/* A new flight was sent. The timeout goes back to the first one only if the flight before it came through
 * without repetition, unless the timer is to be reset. */
void dtls_timer_start(struct dtls_timer *timer, uint64_t now);

/* The deadline has passed and the flight is repeated: the timeout doubles. */
void dtls_timer_back_off(struct dtls_timer *timer, uint64_t now);

/* The flight is repeated because the peer repeated his: the same timeout begins anew. */
void dtls_timer_restart(struct dtls_timer *timer, uint64_t now);

/* Whether the flight was sent, for the first time or again, so short a time ago (a sixteenth of the first
 * timeout) that what comes in cannot tell that it was lost. */
bool dtls_timer_fresh(const struct dtls_timer *timer, uint64_t now);

void dtls_timer_stop(struct dtls_timer *timer);

#endif
