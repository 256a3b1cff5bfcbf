/* SPDX-License-Identifier: MIT
 *
 * Epochs, as sealing and opening share them (RFC 5246 section 6.2.3.3 for the
 * associated data). Internal to the record layer; inline is what every record
 * passes through.
 */
#ifndef DTLS_RECORD_EPOCH_H
#define DTLS_RECORD_EPOCH_H

#include <string.h>

#include "record/record.h"

/* A header's type and version, then epoch and sequence_number; bytes. */
#define DTLS_EPOCH_NUMBER_PLACE 3
#define DTLS_EPOCH_NUMBER_LEN   8

/* The live epoch of one direction with this number; NULL: there is none. May be changed if `epochs` may. */
struct dtls_epoch *dtls_epoch_find(const struct dtls_epoch *epochs, uint16_t number);

/* The bytes of a fragment that holds `len` bytes of plaintext. */
size_t dtls_epoch_sealed_len(const struct dtls_epoch *epoch, size_t len);

static inline size_t dtls_limit_or_most(uint16_t limit) {
    return limit != 0 ? limit : DTLS_MAX_PLAINTEXT;
}

/* Epoch and sequence number within a header, as they stand on the wire. */
static inline const uint8_t *dtls_epoch_number_of(const uint8_t *header) {
    return header + DTLS_EPOCH_NUMBER_PLACE;
}

/* seq_num, type, version, length (RFC 5246 section 6.2.3.3), from the header that stands in front of the
 * fragment; the length is the protection's to fill in. */
static inline size_t dtls_epoch_associate(const struct dtls_record_way *way, const uint8_t *header,
                                          uint8_t out[DTLS_MAX_ASSOCIATED]) {
    if (way->format != NULL)
        return way->format->associate(header, way->cid_len, out);
    memcpy(out, dtls_epoch_number_of(header), DTLS_EPOCH_NUMBER_LEN);
    memcpy(out + DTLS_EPOCH_NUMBER_LEN, header, DTLS_EPOCH_NUMBER_PLACE);
    return DTLS_EPOCH_NUMBER_LEN + DTLS_EPOCH_NUMBER_PLACE + 2;
}

/* What a protection is given of a record: `len` bytes of fragment behind the header, which is complete, and
 * what is authenticated besides, made in `associated`. */
static inline struct dtls_fragment dtls_epoch_fragment(const struct dtls_record_layer *layer,
                                                       const struct dtls_epoch *epoch,
                                                       const struct dtls_record_way *way, uint8_t *header,
                                                       size_t len, uint8_t associated[DTLS_MAX_ASSOCIATED]) {
    const size_t associated_len = dtls_epoch_associate(way, header, associated);
    return (struct dtls_fragment){
        .crypto = layer->crypto,
        .slot = epoch->slot,
        .fixed_iv = epoch->fixed_iv,
        .number = dtls_epoch_number_of(header),
        .associated = associated,
        .associated_len = associated_len,
        .bytes = header + DTLS_RECORD_HEADER + way->cid_len,
        .len = len,
    };
}

#endif
