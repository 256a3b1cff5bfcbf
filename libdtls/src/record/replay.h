/* SPDX-License-Identifier: MIT
 *
 * The replay window of one epoch (RFC 6347 section 4.1.2.6; RFC 4303 section
 * 3.4.3), 256 records wide: 64 are the least that a window should have, and
 * paths that spread datagrams over many queues reorder by more.
 */
#ifndef DTLS_RECORD_REPLAY_H
#define DTLS_RECORD_REPLAY_H

#include "dtls/types.h"

#define DTLS_REPLAY_WINDOW 256
#define DTLS_REPLAY_WORDS  (DTLS_REPLAY_WINDOW / 64)

/* All zero: nothing has been received. The bits are a ring, so that nothing moves when the window does. */
struct dtls_replay {
    uint64_t next;                    /* one past the highest sequence number that was marked */
    uint64_t seen[DTLS_REPLAY_WORDS]; /* bit n % 256: number n, of the last 256 before `next`, was marked */
};

enum dtls_replay_place { DTLS_REPLAY_NEW, DTLS_REPLAY_REPEATED, DTLS_REPLAY_TOO_OLD };

/* Where `sequence` stands. Changes nothing. */
enum dtls_replay_place dtls_replay_check(const struct dtls_replay *replay, uint64_t sequence);

/* Marks `sequence` as received: to be called only once the record has authenticated. */
void dtls_replay_mark(struct dtls_replay *replay, uint64_t sequence);

#endif
