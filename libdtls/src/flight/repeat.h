/* SPDX-License-Identifier: MIT
 *
 * Tells when the peer has repeated his flight, so that ours can be repeated
 * once for it and not once for each of its datagrams (RFC 6347 section 4.2.4,
 * the second way out of WAITING).
 *
 * A repetition has new record numbers, a datagram that the network doubled or
 * delayed has not. Within one repetition the places in the flight grow; a new
 * record with a place that does not begins another repetition.
 */
#ifndef DTLS_FLIGHT_REPEAT_H
#define DTLS_FLIGHT_REPEAT_H

#include "dtls/types.h"

struct dtls_repeat_watch {
    uint64_t newest; /* the highest record number with fragments of the peer's flight */
    uint64_t place;  /* in the flight, of the last fragment in that record */
};

/* A fragment at `offset` of message `message_seq` came in record `number` (epoch << 48 | sequence). True: it
 * is the first sign of a repetition. Also to be told of fragments that are not old, from which it learns. */
bool dtls_repeat_watch(struct dtls_repeat_watch *watch, uint64_t number, uint16_t message_seq,
                       uint32_t offset);

/* How often the peer's repetitions were answered of late. A peer that answers each of our flights with his
 * own again, as we do, would keep both sides busy for ever; the timer has to be what drives them. And who
 * forges a fragment in plaintext shall not make us send flights. */
struct dtls_repeat_limit {
    uint64_t period_end;
    uint8_t answers; /* in this period */
};

/* Answers to repetitions in one period of the first timeout: to those that anybody can have sent, and to
 * those under the peer's keys. */
enum { DTLS_REPEAT_ANSWERS = 3, DTLS_REPEAT_ANSWERS_SEALED = 8 };

/* Whether a repetition at `now` may be answered at once; counts it if so. `period` in nanoseconds, `most` the
 * answers in it. */
bool dtls_repeat_allowed(struct dtls_repeat_limit *limit, uint64_t now, uint64_t period, unsigned most);

#endif
