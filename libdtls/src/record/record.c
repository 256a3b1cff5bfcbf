/* SPDX-License-Identifier: MIT
 *
 * The record layer: epochs, sealing and opening (RFC 6347 section 4.1; RFC
 * 5246 section 6.2.3.3 for the associated data).
 */
#include "record/record.h"

#include <string.h>

/* DTLSCiphertext.length: RFC 5246 section 6.2.3 by way of RFC 6347 section 4.1. */
#define MAX_CIPHERTEXT (DTLS_MAX_PLAINTEXT + 1024)

/* A header's type and version, then epoch and sequence_number; bytes. */
#define NUMBER_PLACE 3
#define NUMBER_LEN   8

/* What sealing `len` bytes costs of `max_blocks`: the data's blocks and those of the associated data and of
 * the tag. */
#define BLOCKS_OF(len) (((uint64_t)(len) + 15) / 16 + 2)

size_t dtls_record_slots_size(const dtls_crypto *crypto) {
    return (size_t)2 * DTLS_RECORD_KEYED_EPOCHS * crypto->aead_slot;
}

void dtls_record_init(struct dtls_record_layer *layer, const dtls_crypto *crypto, dtls_statistics *statistics,
                      void *slots) {
    memset(layer, 0, sizeof *layer);
    memset(slots, 0, dtls_record_slots_size(crypto));
    layer->crypto = crypto;
    layer->statistics = statistics;
    layer->version = DTLS_VERSION_1_0;
    layer->read[0].live = true;
    layer->write[0].live = true;
    uint8_t *slot = slots;
    for (size_t i = 0; i < DTLS_RECORD_KEYED_EPOCHS; i++, slot += 2 * crypto->aead_slot) {
        layer->read[DTLS_RECORD_EPOCHS - 1 - i].slot = slot;
        layer->write[DTLS_RECORD_EPOCHS - 1 - i].slot = slot + crypto->aead_slot;
    }
}

/* Frees an entry; its slot stays with it. */
static void epoch_clear(const dtls_crypto *crypto, struct dtls_epoch *epoch) {
    void *slot = epoch->slot;
    if (epoch->protection != NULL)
        epoch->protection->clear(crypto, slot);
    crypto->wipe(epoch, sizeof *epoch);
    epoch->slot = slot;
}

void dtls_record_wipe(struct dtls_record_layer *layer) {
    if (layer->crypto == NULL)
        return;
    for (size_t i = 0; i < DTLS_RECORD_EPOCHS; i++) {
        epoch_clear(layer->crypto, &layer->read[i]);
        if (layer->write[i].slot != NULL)
            epoch_clear(layer->crypto, &layer->write[i]);
    }
}

void dtls_record_set_way(struct dtls_record_layer *layer, dtls_direction direction,
                         const struct dtls_record_way *way) {
    if (direction == DTLS_OPEN)
        layer->read_way = *way;
    else
        layer->write_way = *way;
}

void dtls_record_set_version(struct dtls_record_layer *layer, uint16_t version, bool fixed) {
    layer->version = version;
    layer->version_fixed = fixed;
}

static struct dtls_epoch *epochs_of(struct dtls_record_layer *layer, dtls_direction direction) {
    return direction == DTLS_OPEN ? layer->read : layer->write;
}

/* The place of a live epoch; DTLS_RECORD_EPOCHS: there is none of this number. */
static size_t epoch_index(const struct dtls_epoch *epochs, uint16_t number) {
    size_t i = 0;
    while (i < DTLS_RECORD_EPOCHS && !(epochs[i].live && epochs[i].number == number))
        i++;
    return i;
}

static struct dtls_epoch *epoch_find(struct dtls_epoch *epochs, uint16_t number) {
    size_t i = epoch_index(epochs, number);
    return i < DTLS_RECORD_EPOCHS ? &epochs[i] : NULL;
}

void dtls_record_set_sequence(struct dtls_record_layer *layer, uint64_t sequence) {
    struct dtls_epoch *epoch = epoch_find(layer->write, 0);
    if (epoch != NULL)
        epoch->sequence = sequence;
}

dtls_error dtls_record_install(struct dtls_record_layer *layer, dtls_direction direction, uint16_t epoch,
                               const struct dtls_protection *protection, const uint8_t *mac_key,
                               const uint8_t *key, const uint8_t *fixed_iv) {
    struct dtls_epoch *epochs = epochs_of(layer, direction);
    if (epoch_find(epochs, epoch) != NULL)
        return DTLS_ERROR_STATE;
    for (size_t i = 0; i < DTLS_RECORD_EPOCHS; i++) {
        struct dtls_epoch *entry = &epochs[i];
        if (entry->live || entry->slot == NULL)
            continue;
        if (protection->start(protection, layer->crypto, entry->slot, direction, mac_key, key) != DTLS_OK)
            return DTLS_ERROR_CRYPTO;
        entry->protection = protection;
        entry->number = epoch;
        entry->live = true;
        if (protection->fixed_iv_len > 0)
            memcpy(entry->fixed_iv, fixed_iv, protection->fixed_iv_len);
        return DTLS_OK;
    }
    return DTLS_ERROR_STATE;
}

dtls_error dtls_record_advance(struct dtls_record_layer *layer, dtls_direction direction) {
    uint16_t *newest = direction == DTLS_OPEN ? &layer->read_epoch : &layer->write_epoch;
    if (*newest == UINT16_MAX || epoch_find(epochs_of(layer, direction), (uint16_t)(*newest + 1)) == NULL)
        return DTLS_ERROR_STATE;
    *newest = (uint16_t)(*newest + 1);
    return DTLS_OK;
}

void dtls_record_retire(struct dtls_record_layer *layer, dtls_direction direction, uint16_t epoch) {
    struct dtls_epoch *entry = epoch_find(epochs_of(layer, direction), epoch);
    if (entry != NULL)
        epoch_clear(layer->crypto, entry);
}

/* The bytes of a fragment that holds `len` bytes of plaintext. */
static size_t sealed_len(const struct dtls_epoch *epoch, size_t len) {
    return epoch->protection == NULL ? len : dtls_protection_sealed(epoch->protection, len);
}

/* Epoch and sequence number within a header, as they stand on the wire. */
static const uint8_t *number_of(const uint8_t *header) {
    return header + NUMBER_PLACE;
}

/* seq_num, type, version, length (RFC 5246 section 6.2.3.3), from the header that stands in front of the
 * fragment; the length is the protection's to fill in. */
static size_t associate(const struct dtls_record_way *way, const uint8_t *header,
                        uint8_t out[DTLS_MAX_ASSOCIATED]) {
    if (way->format != NULL)
        return way->format->associate(header, way->cid_len, out);
    memcpy(out, number_of(header), NUMBER_LEN);
    memcpy(out + NUMBER_LEN, header, NUMBER_PLACE);
    return NUMBER_LEN + NUMBER_PLACE + 2;
}

static struct dtls_fragment fragment_of(const struct dtls_record_layer *layer, const struct dtls_epoch *epoch,
                                        const struct dtls_record_way *way, uint8_t *header, size_t len,
                                        uint8_t associated[DTLS_MAX_ASSOCIATED]) {
    const size_t associated_len = associate(way, header, associated);
    return (struct dtls_fragment){
        .crypto = layer->crypto,
        .slot = epoch->slot,
        .fixed_iv = epoch->fixed_iv,
        .number = number_of(header),
        .associated = associated,
        .associated_len = associated_len,
        .bytes = header + DTLS_RECORD_HEADER + way->cid_len,
        .len = len,
    };
}

/* Receiving. */

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
    return header->length < sealed_len(epoch, 0) ? FAULT_LENGTH : SOUND;
}

static size_t limit_or_most(uint16_t limit) {
    return limit != 0 ? limit : DTLS_MAX_PLAINTEXT;
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
    if (counted > limit_or_most(layer->read_limit))
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
    struct dtls_fragment fragment = fragment_of(layer, epoch, way, header, record->len, associated);
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
        struct dtls_epoch *epoch = epoch_find(layer->read, header.epoch);
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

/* Sending. */

/* NULL: the null cipher, or no such epoch. */
static const struct dtls_protection *write_protection(const struct dtls_record_layer *layer, uint16_t epoch) {
    size_t i = epoch_index(layer->write, epoch);
    return i < DTLS_RECORD_EPOCHS ? layer->write[i].protection : NULL;
}

size_t dtls_record_max_content(const struct dtls_record_layer *layer, uint16_t epoch) {
    if (write_protection(layer, epoch) == NULL)
        return limit_or_most(layer->plain_limit);
    return limit_or_most(layer->write_limit) - (size_t)(layer->write_way.format != NULL ? 1 : 0);
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
        fragment_of(layer, epoch, plaintext->way, plaintext->record, plaintext->len, associated);
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
        if (plaintext->capacity < header_len + sealed_len(epoch, most))
            return DTLS_ERROR_NO_ROOM;
        plaintext->len = way->format->wrap(plaintext->record + header_len + epoch->protection->explicit_len,
                                           plaintext->len, plaintext->type, way->padding, plaintext->limit);
    }
    return plaintext->capacity < header_len + sealed_len(epoch, plaintext->len) ? DTLS_ERROR_NO_ROOM
                                                                                : DTLS_OK;
}

static dtls_error seal_record(struct dtls_record_layer *layer, struct dtls_epoch *epoch, uint8_t type,
                              uint8_t *bytes, size_t capacity, size_t *len) {
    struct plaintext plaintext = {.way = epoch->protection != NULL ? &layer->write_way : &plain_way,
                                  .record = bytes,
                                  .capacity = capacity,
                                  .len = *len,
                                  .limit = limit_or_most(layer->write_limit),
                                  .type = type};
    const size_t limit = epoch->protection != NULL ? plaintext.limit : limit_or_most(layer->plain_limit);
    if (bytes == NULL || *len > limit - (size_t)(plaintext.way->format != NULL ? 1 : 0))
        return DTLS_ERROR_ARGUMENT;
    dtls_error error = wrap(epoch, &plaintext);
    if (error == DTLS_OK && epoch->sequence > DTLS_MAX_SEQUENCE)
        error = DTLS_ERROR_SEQUENCE_EXHAUSTED;
    if (error != DTLS_OK)
        return error;

    const size_t fragment_len = sealed_len(epoch, plaintext.len);
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
    struct dtls_epoch *entry = epoch_find(layer->write, epoch);
    return entry == NULL ? DTLS_ERROR_STATE : seal_record(layer, entry, type, bytes, capacity, len);
}

dtls_error dtls_record_seal_batch(struct dtls_record_layer *layer, dtls_record_buffer *records,
                                  size_t num_records, size_t *out_sealed) {
    struct dtls_epoch *epoch = epoch_find(layer->write, layer->write_epoch);
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
