/* SPDX-License-Identifier: MIT
 *
 * The stateless cookie exchange (RFC 6347 section 4.2.1): a server that has
 * taken no memory yet decides what to do with a datagram from a stranger.
 */
#ifndef DTLS_COOKIE_H
#define DTLS_COOKIE_H

#include "dtls/connection.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The secret behind the cookies. The caller fills `current` with random bytes, and moves it to `previous`
 * when it makes a new one; a cookie made with either is good. */
typedef struct dtls_cookie_secret {
    uint8_t current[32];
    uint8_t previous[32];
} dtls_cookie_secret;

/* What is to be done with a datagram from a stranger. */
typedef enum dtls_cookie_verdict {
    DTLS_COOKIE_IGNORE = 0, /* not a ClientHello that can be judged: drop it */
    DTLS_COOKIE_REPLY = 1,  /* send the HelloVerifyRequest that was written */
    DTLS_COOKIE_GOOD = 2    /* the address is the client's: open a connection and give it this datagram */
} dtls_cookie_verdict;

/* What a connection must know of the exchange before it. */
typedef struct dtls_cookie_state {
    uint64_t record_sequence; /* of our next record in epoch 0 */
    uint16_t message_seq;     /* of the ClientHello that carried the cookie */
} dtls_cookie_state;

/* Room for a HelloVerifyRequest, bytes. */
#define DTLS_COOKIE_REPLY_MAX 64

/* Judges the first record of `datagram` by its fragment at offset 0, which must hold the whole cookie field,
 * so a ClientHello in fragments passes too. `address` is the client's transport address in any form that is
 * the same each time. Writes a reply of at most DTLS_COOKIE_REPLY_MAX bytes, never longer than the datagram.
 * A cookie covers the address, the client's version, random, suites and compression methods as far as the
 * fragment holds them. It does not cover the session id, which some clients change between the two
 * ClientHellos of a resumption. `crypto` gives the HMAC, keyed with `secret`. With DTLS_COOKIE_GOOD
 * `*out_state` is set. */
dtls_cookie_verdict dtls_cookie_judge(const dtls_crypto *crypto, const dtls_cookie_secret *secret,
                                      dtls_span address, dtls_span datagram, uint8_t *out_reply,
                                      size_t *out_reply_len, dtls_cookie_state *out_state);

/* Tells a fresh server connection that its first ClientHello has passed a cookie exchange, which left `state`
 * behind.
 * DTLS_ERROR_STATE: it is a client, or has begun. */
dtls_error dtls_connection_start_after_cookie(dtls_connection *connection, dtls_time now,
                                              const dtls_cookie_state *state);

#ifdef __cplusplus
}
#endif

#endif
