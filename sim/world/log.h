/* SPDX-License-Identifier: MIT
 *
 * The log of a world: a queue of entries in chunks of memory. Entries go in at
 * one end with everything they point to, and come out at the other.
 */
#ifndef DTLSLAB_LOG_H
#define DTLSLAB_LOG_H

#include <stdbool.h>

#include "dtlslab_world.h"

struct dtlslab_log_chunk;

/* Starts as zeroes. */
struct dtlslab_log {
    struct dtlslab_log_chunk *oldest;
    struct dtlslab_log_chunk *newest;
    struct dtlslab_log_chunk *spare; /* an emptied chunk, kept for the next need */
    bool failed;                     /* an entry was lost because memory ran out */
};

/* Puts in a copy of `entry`, of its `len` bytes if `bytes` is not NULL, of its text and of its event.
 * Out of memory: sets `failed`. */
void dtlslab_log_put(struct dtlslab_log *log, const struct dtlslab_log_entry *entry);

/* Takes out the oldest entry; its pointers are valid until the next call. DTLSLAB_NOTHING when empty. */
int32_t dtlslab_log_take(struct dtlslab_log *log, struct dtlslab_log_entry *out_entry);

/* Frees everything. */
void dtlslab_log_clear(struct dtlslab_log *log);

#endif
