/* SPDX-License-Identifier: MIT
 *
 * What is received: a datagram cut into records, and each opened or dropped
 * (RFC 6347 section 4.1.2).
 */
#include <string.h>

#include "record/epoch.h"

/* DTLSCiphertext.length: RFC 5246 section 6.2.3 by way of RFC 6347 section 4.1. */
#define MAX_CIPHERTEXT (DTLS_MAX_PLAINTEXT + 1024)

struct dtls_record_walk dtls_record_walk_of(uint8_t *bytes, size_t len) {
    return (struct dtls_record_walk){.bytes = bytes, .len = len};
}

bool dtls_record_walk_ended(const struct dtls_record_walk *walk) {
    return walk->at == walk->len;
}

/* Whether a header in this direction can have a connection ID. */
static bool takes_cid(const struct dtls_record_way *way, uint8_t type) {
    return way->format != NULL && way->format->type == type;
}

static bool known_type(uint8_t type) {
    return type >= DTLS_CONTENT_CHANGE_CIPHER_SPEC && type <= DTLS_CONTENT_APPLICATION_DATA;
}

static bool version_fits(const struct dtls_record_layer *layer, const struct dtls_record_header *header) {
    if (!layer->version_fixed)
        return header->version >> 8 == DTLS_VERSION_1_2 >> 8;
    return header->version == layer->version || (header->epoch == 0 && header->version == DTLS_VERSION_1_0);
}

/* RFC 5246 section 6.2.1: only application data may be empty. */
static bool plaintext_len_fits(uint8_t type, size_t len) {
    return len <= DTLS_MAX_PLAINTEXT && (len > 0 || type == DTLS_CONTENT_APPLICATION_DATA);
}

/* Why a record is dropped (RFC 6347 section 4.1.2.7). */
enum fault {
    SOUND = 0,
    FAULT_HEADER,
    FAULT_TYPE,
    FAULT_VERSION,
    FAULT_LENGTH,
    FAULT_EPOCH,
    FAULT_REPLAY,
    FAULT_MAC,
    FAULT_UNEXPECTED,
    FAULT_CID,
    FAULT_UNTYPED
};

static void count_drop(dtls_statistics *drops, enum fault fault) {
    uint64_t *const counters[] = {
        [FAULT_HEADER] = &drops->dropped_header,   [FAULT_TYPE] = &drops->dropped_type,
        [FAULT_VERSION] = &drops->dropped_version, [FAULT_LENGTH] = &drops->dropped_length,
        [FAULT_EPOCH] = &drops->dropped_epoch,     [FAULT_REPLAY] = &drops->dropped_replay,
        [FAULT_MAC] = &drops->dropped_mac,         [FAULT_UNEXPECTED] = &drops->dropped_unexpected,
        [FAULT_CID] = &drops->dropped_cid,         [FAULT_UNTYPED] = &drops->dropped_unexpected,
    };
    (*counters[fault])++;
}

static enum fault header_fault(const struct dtls_record_layer *layer,
                               const struct dtls_record_header *header) {
    if (!known_type(header->type) && !takes_cid(&layer->read_way, header->type))
        return FAULT_TYPE;
    if (!version_fits(layer, header))
        return FAULT_VERSION;
    return header->length > MAX_CIPHERTEXT ? FAULT_LENGTH : SOUND;
}

/* Protected records have the format that was agreed, and others have not (RFC 9146 section 3). */
static enum fault format_fault(const struct dtls_record_layer *layer, bool keyed, uint8_t type) {
    const bool cid = takes_cid(&layer->read_way, type);
    if (cid && !keyed)
        return FAULT_TYPE;
    return keyed && !cid && layer->read_way.format != NULL ? FAULT_CID : SOUND;
}

/* The epoch's part: whether the record can be opened, and is no replay. Nothing is authenticated in epoch 0,
 * so its window tells repetitions but refuses nothing for being old. */
static enum fault epoch_fault(const struct dtls_epoch *epoch, const struct dtls_record_header *header) {
    if (epoch->protection == NULL && header->type == DTLS_CONTENT_APPLICATION_DATA)
        return FAULT_UNEXPECTED;
    enum dtls_replay_place place = dtls_replay_check(&epoch->replay, header->sequence);
    if (place == DTLS_REPLAY_REPEATED || (place == DTLS_REPLAY_TOO_OLD && epoch->protection != NULL))
        return FAULT_REPLAY;
    return header->length < dtls_epoch_sealed_len(epoch, 0) ? FAULT_LENGTH : SOUND;
}

/* Finds the type of a record whose header does not tell. What is longer than we said that we take is dropped
 * (RFC 8449 section 4): record_size_limit counts type and padding too, all else the content. */
static enum fault unwrap(const struct dtls_record_layer *layer, struct dtls_record *record) {
    const struct dtls_record_way *way = &layer->read_way;
    size_t counted = record->len;
    if (way->format != NULL) {
        if (!way->format->unwrap(record->bytes, &record->len, &record->type))
            return FAULT_UNTYPED;
        record->has_cid = true;
        if (layer->plain_limit != 0 || layer->read_limit == 0)
            counted = record->len;
    }
    if (counted > dtls_limit_or_most(layer->read_limit))
        return FAULT_LENGTH;
    return known_type(record->type) ? SOUND : FAULT_TYPE;
}

/* Removes the protection, in place. */
static enum fault open_fragment(struct dtls_record_layer *layer, struct dtls_epoch *epoch,
                                struct dtls_record *record) {
    const struct dtls_protection *protection = epoch->protection;
    if (protection == NULL)
        return SOUND;

    const struct dtls_record_way *way = &layer->read_way;
    uint8_t associated[DTLS_MAX_ASSOCIATED];
    uint8_t *header = record->bytes - DTLS_RECORD_HEADER - way->cid_len;
    struct dtls_fragment fragment = dtls_epoch_fragment(layer, epoch, way, header, record->len, associated);
    if (protection->open(protection, &fragment) != DTLS_OK) {
        epoch->used++;
        return FAULT_MAC;
    }
    record->bytes = fragment.bytes;
    record->len = fragment.len;
    return SOUND;
}

/* Opens one record whose header is sound. */
static enum fault take_record(struct dtls_record_layer *layer, struct dtls_epoch *epoch,
                              const struct dtls_record_header *header, struct dtls_record *record) {
    const bool keyed = epoch != NULL && epoch->protection != NULL;
    enum fault fault = epoch == NULL ? FAULT_EPOCH : format_fault(layer, keyed, header->type);
    if (fault == SOUND)
        fault = epoch_fault(epoch, header);
    if (fault == SOUND)
        fault = open_fragment(layer, epoch, record);
    if (fault != SOUND)
        return fault;
    record->newest = keyed && header->epoch == layer->read_epoch && header->sequence >= epoch->replay.next;
    dtls_replay_mark(&epoch->replay, header->sequence);
    if (keyed)
        fault = unwrap(layer, record);
    if (fault != SOUND)
        return fault;
    return plaintext_len_fits(record->type, record->len) ? SOUND : FAULT_LENGTH;
}

/* A header with its connection ID, if it has one; the reader then stands behind the record. */
static enum fault read_header(const struct dtls_record_way *way, struct dtls_reader *reader,
                              struct dtls_record_header *out_header, size_t *out_len) {
    dtls_record_number_read(reader, out_header);
    const bool has_cid = takes_cid(way, out_header->type);
    /* Whoever does not know the length of the connection ID does not find the record's. */
    if (out_header->type == DTLS_CONTENT_TLS12_CID && !has_cid)
        return FAULT_TYPE;
    *out_len = DTLS_RECORD_HEADER + (size_t)(has_cid ? way->cid_len : 0);
    const dtls_span cid = dtls_read_bytes(reader, *out_len - DTLS_RECORD_HEADER);
    out_header->length = dtls_read_u16(reader);
    dtls_read_bytes(reader, out_header->length);
    if (!dtls_read_ok(reader))
        return FAULT_HEADER;
    return has_cid && memcmp(cid.data, way->cid, cid.len) != 0 ? FAULT_CID : SOUND;
}

bool dtls_record_peek(const struct dtls_record_layer *layer, const struct dtls_record_walk *walk,
                      uint8_t *out_type, size_t *out_len) {
    struct dtls_reader reader = dtls_reader_of(walk->bytes + walk->at, walk->len - walk->at);
    struct dtls_record_header header;
    if (read_header(&layer->read_way, &reader, &header, out_len) != SOUND)
        return false;
    *out_type = header.type;
    *out_len += header.length;
    return true;
}

/* Cuts the next record out of the datagram; false at its end, and when what follows is not a whole record, or
 * one that cannot be told from where it ends. The record is the fragment; `*out_header_len` bytes are in
 * front.
 */
static bool cut_record(struct dtls_record_layer *layer, struct dtls_record_walk *walk,
                       struct dtls_record_header *out_header, size_t *out_header_len,
                       struct dtls_record *out_record) {
    if (dtls_record_walk_ended(walk))
        return false;
    uint8_t *start = walk->bytes + walk->at;
    struct dtls_reader reader = dtls_reader_of(start, walk->len - walk->at);
    const enum fault fault = read_header(&layer->read_way, &reader, out_header, out_header_len);
    if (fault != SOUND) {
        count_drop(layer->statistics, fault);
        walk->at = walk->len;
        return false;
    }
    walk->at += *out_header_len + out_header->length;
    *out_record = (struct dtls_record){
        .bytes = start + *out_header_len,
        .len = out_header->length,
        .sequence = out_header->sequence,
        .epoch = out_header->epoch,
        .version = out_header->version,
        .type = out_header->type,
    };
    return true;
}

enum dtls_record_verdict dtls_record_next(struct dtls_record_layer *layer, struct dtls_record_walk *walk,
                                          struct dtls_record *out_record) {
    struct dtls_record_header header;
    size_t header_len;
    while (cut_record(layer, walk, &header, &header_len, out_record)) {
        enum fault fault = header_fault(layer, &header);
        if (fault == SOUND && header.epoch == layer->read_epoch + 1) {
            fault = format_fault(layer, true, header.type);
            out_record->bytes -= header_len;
            out_record->len += header_len;
            if (fault == SOUND)
                return DTLS_RECORD_EARLY;
        }
        struct dtls_epoch *epoch = dtls_epoch_find(layer->read, header.epoch);
        if (fault == SOUND)
            fault = take_record(layer, epoch, &header, out_record);
        if (fault == SOUND) {
            layer->statistics->records_received++;
            return DTLS_RECORD_OPENED;
        }
        count_drop(layer->statistics, fault);
        if (fault == FAULT_UNTYPED)
            return DTLS_RECORD_UNTYPED;
        if (epoch != NULL && epoch->protection != NULL && epoch->used > epoch->protection->max_forged)
            return DTLS_RECORD_EXHAUSTED;
    }
    return DTLS_RECORD_END;
}
