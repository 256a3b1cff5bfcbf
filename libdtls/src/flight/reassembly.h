/* SPDX-License-Identifier: MIT
 *
 * Puts handshake messages together from fragments that come in any order,
 * overlapping and repeated (RFC 6347 section 4.2.3), in one fixed buffer.
 *
 * The buffer holds the message that is next in sequence and, as far as there
 * is room, messages behind it that came early; the next one has precedence. A
 * bitmap tells which bytes are there, so that fragments which contradict each
 * other are found.
 */
#ifndef DTLS_FLIGHT_REASSEMBLY_H
#define DTLS_FLIGHT_REASSEMBLY_H

#include "flight/message_header.h"

/* Messages that can be under way at a time: as many as the longest flight has. */
#define DTLS_REASSEMBLY_MESSAGES 6

/* Bytes of buffer for messages of up to `max_message` bytes, bitmap included. */
#define DTLS_REASSEMBLY_SIZE(max_message) (((max_message) + 7) / 8 * 9)

/* A message under way. */
struct dtls_partial {
    uint32_t place; /* of its body in the buffer, a multiple of 8 */
    uint32_t length;
    uint32_t received; /* bytes that are there */
    uint16_t seq;
    uint8_t type;
};

struct dtls_reassembly {
    uint8_t *bytes;
    uint8_t *have; /* one bit for each byte of `bytes` */
    size_t cap;    /* of `bytes`, a multiple of 8 */
    size_t max_message;
    struct dtls_partial partials[DTLS_REASSEMBLY_MESSAGES]; /* in the order of their places */
    unsigned num_partials;
    uint16_t next_seq; /* of the message that is to be handled next */
};

enum dtls_fragment_verdict {
    DTLS_FRAGMENT_TAKEN = 0,
    DTLS_FRAGMENT_OLD,   /* of a message that was handled already */
    DTLS_FRAGMENT_AHEAD, /* of a later message, for which there is no room or which is wrong: dropped */

    /* What follows is the peer's fault, and fatal. */
    DTLS_FRAGMENT_OUTSIDE, /* reaches past the end of its message */
    DTLS_FRAGMENT_TOO_LONG,
    DTLS_FRAGMENT_OTHER_TYPE,
    DTLS_FRAGMENT_OTHER_LENGTH,
    DTLS_FRAGMENT_OTHER_CONTENT
};

/* `buffer` has DTLS_REASSEMBLY_SIZE(max_message) bytes. */
void dtls_reassembly_init(struct dtls_reassembly *reassembly, uint8_t *buffer, size_t max_message,
                          uint16_t next_seq);

/* Takes a fragment whose body of `header->fragment_length` bytes stands at `body`. */
enum dtls_fragment_verdict dtls_reassembly_add(struct dtls_reassembly *reassembly,
                                               const struct dtls_message_header *header, const uint8_t *body);

/* The message next in sequence, if it is whole. It stays in place until it is released, whatever is added. */
bool dtls_reassembly_next(const struct dtls_reassembly *reassembly, struct dtls_message *out_message);

/* The message next in sequence has been handled: gives its room back. */
void dtls_reassembly_release(struct dtls_reassembly *reassembly);

/* Forgets everything that is not handled: at a change of epoch, since nothing that came before may count as
 * having come under the new keys. */
void dtls_reassembly_forget(struct dtls_reassembly *reassembly);

#endif
