/* SPDX-License-Identifier: MIT
 *
 * The replay window (RFC 6347 section 4.1.2.6).
 */
#include "record/replay.h"

enum dtls_replay_place dtls_replay_check(const struct dtls_replay *replay, uint64_t sequence) {
    if (sequence >= replay->next)
        return DTLS_REPLAY_NEW;
    uint64_t age = replay->next - 1 - sequence;
    if (age >= DTLS_REPLAY_WINDOW)
        return DTLS_REPLAY_TOO_OLD;
    return (replay->seen >> age & 1) != 0 ? DTLS_REPLAY_REPEATED : DTLS_REPLAY_NEW;
}

void dtls_replay_mark(struct dtls_replay *replay, uint64_t sequence) {
    if (sequence >= replay->next) {
        uint64_t shift = sequence + 1 - replay->next;
        replay->seen = shift < DTLS_REPLAY_WINDOW ? replay->seen << shift : 0;
        replay->seen |= 1;
        replay->next = sequence + 1;
        return;
    }
    uint64_t age = replay->next - 1 - sequence;
    if (age < DTLS_REPLAY_WINDOW)
        replay->seen |= UINT64_C(1) << age;
}
