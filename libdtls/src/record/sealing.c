/* SPDX-License-Identifier: MIT
 *
 * What is sent: the room that a record takes, and records made in place (RFC
 * 6347 section 4.1).
 */
#include "record/epoch.h"

/* What sealing `len` bytes costs of `max_blocks`: the data's blocks and those of the associated data and of
 * the tag. */
#define BLOCKS_OF(len) (((uint64_t)(len) + 15) / 16 + 2)

/* NULL: the null cipher, or no such epoch. */
static const struct dtls_protection *write_protection(const struct dtls_record_layer *layer, uint16_t epoch) {
    const struct dtls_epoch *entry = dtls_epoch_find(layer->write, epoch);
    return entry != NULL ? entry->protection : NULL;
}

size_t dtls_record_max_content(const struct dtls_record_layer *layer, uint16_t epoch) {
    if (write_protection(layer, epoch) == NULL)
        return dtls_limit_or_most(layer->plain_limit);
    return dtls_limit_or_most(layer->write_limit) - (size_t)(layer->write_way.format != NULL ? 1 : 0);
}

size_t dtls_record_headroom(const struct dtls_record_layer *layer, uint16_t epoch) {
    const struct dtls_protection *protection = write_protection(layer, epoch);
    if (protection == NULL)
        return DTLS_RECORD_HEADER;
    return DTLS_RECORD_HEADER + (size_t)layer->write_way.cid_len + protection->explicit_len;
}

size_t dtls_record_tailroom(const struct dtls_record_layer *layer, uint16_t epoch) {
    const struct dtls_protection *protection = write_protection(layer, epoch);
    if (protection == NULL)
        return 0;
    return dtls_record_wrapping(&layer->write_way) + protection->inner_len + protection->block_len +
           protection->tag_len;
}

size_t dtls_record_room(const struct dtls_record_layer *layer, uint16_t epoch, size_t cap) {
    const struct dtls_protection *protection = write_protection(layer, epoch);
    size_t outside = dtls_record_headroom(layer, epoch);
    size_t inside = 0; /* what is protected besides, the least padding included */
    if (protection != NULL) {
        outside += protection->tag_len;
        inside = dtls_record_wrapping(&layer->write_way) + protection->inner_len;
    }
    if (protection != NULL && protection->block_len > 0) {
        inside++;
        if (cap > outside)
            cap -= (cap - outside) % protection->block_len;
    }
    const size_t most = dtls_record_max_content(layer, epoch);
    const size_t room = cap > outside + inside ? cap - outside - inside : 0;
    return room < most ? room : most;
}

/* What a record is to be made of. */
struct plaintext {
    const struct dtls_record_way *way;
    uint8_t *record; /* where its header will begin */
    size_t capacity;
    size_t len;
    size_t limit; /* of what is protected */
    uint8_t type;
};

/* RFC 6347's, for epochs without keys and connections without connection IDs. */
static const struct dtls_record_way plain_way = {.format = NULL};

static void write_header(const struct dtls_record_layer *layer, const struct dtls_epoch *epoch,
                         const struct plaintext *plaintext, size_t fragment_len) {
    const struct dtls_record_way *way = plaintext->way;
    const struct dtls_record_header header = {
        .type = way->format != NULL ? way->format->type : plaintext->type,
        .version = layer->version,
        .epoch = epoch->number,
        .sequence = epoch->sequence,
    };
    struct dtls_writer writer = dtls_writer_of(plaintext->record, DTLS_RECORD_HEADER + (size_t)way->cid_len);
    dtls_record_number_write(&writer, &header);
    dtls_write_bytes(&writer, way->cid, way->cid_len);
    dtls_write_u16(&writer, (unsigned)fragment_len);
}

/* Protects `len` bytes of plaintext in place, behind the header and the room for the explicit part. */
static dtls_error seal_fragment(struct dtls_record_layer *layer, struct dtls_epoch *epoch,
                                const struct plaintext *plaintext) {
    const struct dtls_protection *protection = epoch->protection;
    if (protection == NULL)
        return DTLS_OK;
    if (epoch->used + BLOCKS_OF(plaintext->len) > protection->max_blocks)
        return DTLS_ERROR_SEQUENCE_EXHAUSTED;

    uint8_t associated[DTLS_MAX_ASSOCIATED];
    const struct dtls_fragment fragment =
        dtls_epoch_fragment(layer, epoch, plaintext->way, plaintext->record, plaintext->len, associated);
    if (protection->seal(protection, &fragment) != DTLS_OK)
        return DTLS_ERROR_CRYPTO;
    epoch->used += BLOCKS_OF(plaintext->len);
    return DTLS_OK;
}

/* Adds type and padding, if the format has them inside. DTLS_ERROR_NO_ROOM: `capacity`. */
static dtls_error wrap(const struct dtls_epoch *epoch, struct plaintext *plaintext) {
    const struct dtls_record_way *way = plaintext->way;
    const size_t header_len = DTLS_RECORD_HEADER + (size_t)way->cid_len;
    if (way->format != NULL) {
        const size_t most = plaintext->len + dtls_record_wrapping(way);
        if (plaintext->capacity < header_len + dtls_epoch_sealed_len(epoch, most))
            return DTLS_ERROR_NO_ROOM;
        plaintext->len = way->format->wrap(plaintext->record + header_len + epoch->protection->explicit_len,
                                           plaintext->len, plaintext->type, way->padding, plaintext->limit);
    }
    return plaintext->capacity < header_len + dtls_epoch_sealed_len(epoch, plaintext->len)
               ? DTLS_ERROR_NO_ROOM
               : DTLS_OK;
}

static dtls_error seal_record(struct dtls_record_layer *layer, struct dtls_epoch *epoch, uint8_t type,
                              uint8_t *bytes, size_t capacity, size_t *len) {
    struct plaintext plaintext = {.way = epoch->protection != NULL ? &layer->write_way : &plain_way,
                                  .record = bytes,
                                  .capacity = capacity,
                                  .len = *len,
                                  .limit = dtls_limit_or_most(layer->write_limit),
                                  .type = type};
    const size_t limit = epoch->protection != NULL ? plaintext.limit : dtls_limit_or_most(layer->plain_limit);
    if (bytes == NULL || *len > limit - (size_t)(plaintext.way->format != NULL ? 1 : 0))
        return DTLS_ERROR_ARGUMENT;
    dtls_error error = wrap(epoch, &plaintext);
    if (error == DTLS_OK && epoch->sequence > DTLS_MAX_SEQUENCE)
        error = DTLS_ERROR_SEQUENCE_EXHAUSTED;
    if (error != DTLS_OK)
        return error;

    const size_t fragment_len = dtls_epoch_sealed_len(epoch, plaintext.len);
    write_header(layer, epoch, &plaintext, fragment_len);
    error = seal_fragment(layer, epoch, &plaintext);
    if (error != DTLS_OK)
        return error;
    epoch->sequence++;
    layer->statistics->records_sent++;
    *len = DTLS_RECORD_HEADER + plaintext.way->cid_len + fragment_len;
    return DTLS_OK;
}

dtls_error dtls_record_seal(struct dtls_record_layer *layer, uint16_t epoch, uint8_t type, uint8_t *bytes,
                            size_t capacity, size_t *len) {
    struct dtls_epoch *entry = dtls_epoch_find(layer->write, epoch);
    return entry == NULL ? DTLS_ERROR_STATE : seal_record(layer, entry, type, bytes, capacity, len);
}

dtls_error dtls_record_seal_batch(struct dtls_record_layer *layer, dtls_record_buffer *records,
                                  size_t num_records, size_t *out_sealed) {
    struct dtls_epoch *epoch = dtls_epoch_find(layer->write, layer->write_epoch);
    dtls_error error = epoch == NULL ? DTLS_ERROR_STATE : DTLS_OK;
    size_t i = 0;
    while (i < num_records && error == DTLS_OK) {
        error = seal_record(layer, epoch, DTLS_CONTENT_APPLICATION_DATA, records[i].bytes,
                            records[i].capacity, &records[i].len);
        if (error == DTLS_OK)
            i++;
    }
    *out_sealed = i;
    return error;
}
