/* SPDX-License-Identifier: MIT
 *
 * What is under way in a carrier: arrivals ordered by time, and by the order
 * in which they were put in where times are equal.
 */
#ifndef DTLSLAB_SCHEDULE_H
#define DTLSLAB_SCHEDULE_H

#include <stdint.h>

#include "dtlslab_carrier.h"

/* One arrival to come; `arrival.bytes` points behind it. Owned by the schedule until taken, then freed by the
 * taker. */
struct dtlslab_pending {
    uint64_t order;
    struct dtlslab_arrival arrival;
    uint8_t bytes[];
};

/* A binary heap. Starts as zeroes. */
struct dtlslab_schedule {
    struct dtlslab_pending **heap;
    uint32_t num;
    uint32_t cap;
    uint64_t next_order;
};

/* Puts in a copy of `arrival` and of its bytes. DTLSLAB_FAILED: out of memory. */
int32_t dtlslab_schedule_put(struct dtlslab_schedule *schedule, const struct dtlslab_arrival *arrival);

/* The time of the earliest, or DTLSLAB_NO_DEADLINE when there is none. */
uint64_t dtlslab_schedule_next(const struct dtlslab_schedule *schedule);

/* Takes out the earliest; NULL when there is none. The caller frees it. */
struct dtlslab_pending *dtlslab_schedule_take(struct dtlslab_schedule *schedule);

/* Frees all that is left. */
void dtlslab_schedule_clear(struct dtlslab_schedule *schedule);

#endif
