/* SPDX-License-Identifier: MIT
 *
 * A hand on the wire: changes one plaintext handshake message on its way from
 * one end of a pair to the other, lengths and all, or makes messages of its own.
 */
#ifndef DTLS_TESTS_CONNECTION_EDIT_H
#define DTLS_TESTS_CONNECTION_EDIT_H

#include "connection/pair.h"
#include "flight/message_header.h"

enum edit_kind {
    EDIT_NOTHING = 0,
    EDIT_U8,          /* at `at`, to `value` */
    EDIT_U16,         /* the same */
    EDIT_CUT,         /* `value` bytes off the end */
    EDIT_PAD,         /* `value` zero bytes at the end */
    EDIT_EMPTY,       /* the body becomes the `value` low bytes of `at`, big-endian */
    EDIT_TYPE,        /* msg_type becomes `value` */
    EDIT_EXTENSION,   /* a hello gets an empty extension of type `value` at its end */
    EDIT_NO_EXTENSION /* a hello loses the extension of type `value` */
};

struct edit {
    int from;
    uint8_t type; /* of the message */
    enum edit_kind kind;
    int at; /* in the body; negative: from its end */
    unsigned value;
    unsigned num_done;
};

/* A `hook` of a pair whose `hook_state` is a struct edit. */
bool edit_hook(struct pair *pair, int from, uint8_t *bytes, size_t *len);

/* A handshake fragment in a plaintext record. Returns the length of the datagram. */
size_t make_fragment(uint8_t *out, uint64_t record_sequence, const struct dtls_message_header *header,
                     const uint8_t *body);

#endif
