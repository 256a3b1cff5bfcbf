/* SPDX-License-Identifier: MIT
 *
 * The replay window (RFC 6347 section 4.1.2.6).
 */
#include "record/replay.h"

static uint64_t bit_of(uint64_t sequence) {
    return UINT64_C(1) << sequence % 64;
}

static size_t word_of(uint64_t sequence) {
    return (size_t)(sequence / 64 % DTLS_REPLAY_WORDS);
}

/* Older than the window. */
static bool too_old(const struct dtls_replay *replay, uint64_t sequence) {
    return sequence < replay->next && replay->next - sequence > DTLS_REPLAY_WINDOW;
}

enum dtls_replay_place dtls_replay_check(const struct dtls_replay *replay, uint64_t sequence) {
    if (sequence >= replay->next)
        return DTLS_REPLAY_NEW;
    if (too_old(replay, sequence))
        return DTLS_REPLAY_TOO_OLD;
    return (replay->seen[word_of(sequence)] & bit_of(sequence)) != 0 ? DTLS_REPLAY_REPEATED : DTLS_REPLAY_NEW;
}

/* Numbers that come into the window without having been received take the bits of those that leave it. */
static void move_to(struct dtls_replay *replay, uint64_t sequence) {
    uint64_t at = replay->next;
    if (sequence - at >= DTLS_REPLAY_WINDOW)
        at = sequence - (DTLS_REPLAY_WINDOW - 1);
    for (; at < sequence; at++)
        replay->seen[word_of(at)] &= ~bit_of(at);
    replay->next = sequence + 1;
}

void dtls_replay_mark(struct dtls_replay *replay, uint64_t sequence) {
    if (sequence >= replay->next)
        move_to(replay, sequence);
    else if (too_old(replay, sequence))
        return;
    replay->seen[word_of(sequence)] |= bit_of(sequence);
}
