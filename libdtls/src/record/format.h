/* SPDX-License-Identifier: MIT
 *
 * How protected records look on the wire. RFC 6347 section 4.1 says so for
 * most connections and needs no object (a format of NULL); RFC 9146 section 4
 * has another one for a direction with a connection ID (format_cid.c), reached
 * only through the extension that negotiates it.
 */
#ifndef DTLS_RECORD_FORMAT_H
#define DTLS_RECORD_FORMAT_H

#include "dtls/types.h"

/* What a header has in front of its length: type, version, epoch, sequence_number; bytes. */
#define DTLS_RECORD_NUMBERED 11

/* The longest connection ID (RFC 9146 section 3), bytes. */
#define DTLS_MAX_CID 255

/* The longest associated data: seq_num_placeholder, tls12_cid, cid_length, the header with a connection ID;
 * bytes. */
#define DTLS_MAX_ASSOCIATED (8 + 1 + 1 + DTLS_RECORD_NUMBERED + DTLS_MAX_CID + 2)

struct dtls_record_format {
    uint8_t type; /* in every header; the record's own type is inside */

    /* The associated data (RFC 9146 section 5), of which the last two bytes are left to the protection.
     * Answers its length. */
    size_t (*associate)(const uint8_t *header, size_t cid_len, uint8_t out[DTLS_MAX_ASSOCIATED]);
    /* Wraps `len` bytes of content, padding them to a multiple of `padding` (0: not), but to no more than
     * `limit` bytes. Answers the length of the whole, at most `len` + `dtls_record_wrapping`. */
    size_t (*wrap)(uint8_t *content, size_t len, uint8_t type, size_t padding, size_t limit);
    /* Finds content and type; false if there is no type, which nobody but the peer can have done. */
    bool (*unwrap)(const uint8_t *content, size_t *len, uint8_t *out_type);
};

extern const struct dtls_record_format dtls_record_format_cid;

/* What is agreed for the protected records of one direction. */
struct dtls_record_way {
    const struct dtls_record_format *format; /* NULL: RFC 6347's; all else is then 0 */
    const uint8_t *cid;
    uint8_t cid_len;  /* 1 at least */
    uint16_t padding; /* writing: to a multiple of so many bytes; 0: not */
};

/* The most bytes that wrapping adds. */
static inline size_t dtls_record_wrapping(const struct dtls_record_way *way) {
    if (way->format == NULL)
        return 0;
    return way->padding > 1 ? way->padding : 1;
}

#endif
