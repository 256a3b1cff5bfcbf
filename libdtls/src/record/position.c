/* SPDX-License-Identifier: MIT
 *
 * How far a record layer has come.
 */
#include "record/position.h"

/* The place of a live epoch; DTLS_RECORD_EPOCHS if there is none. */
static size_t place_of(const struct dtls_epoch *epochs, uint16_t number) {
    size_t place = 0;
    while (place < DTLS_RECORD_EPOCHS && !(epochs[place].live && epochs[place].number == number))
        place++;
    return place;
}

static const struct dtls_epoch *find(const struct dtls_epoch *epochs, uint16_t number) {
    const size_t place = place_of(epochs, number);
    return place < DTLS_RECORD_EPOCHS ? &epochs[place] : NULL;
}

bool dtls_record_position_of(const struct dtls_record_layer *layer, const struct dtls_protection *protection,
                             struct dtls_record_position *out_position) {
    const struct dtls_epoch *first = find(layer->write, 0);
    const struct dtls_epoch *write = find(layer->write, 1);
    const struct dtls_epoch *read = find(layer->read, 1);
    if (write == NULL || read == NULL || layer->write_epoch != 1 || layer->read_epoch != 1)
        return false;
    *out_position = (struct dtls_record_position){
        .write_sequence = write->sequence,
        .write_used = write->used,
        .read_used = read->used,
        .replay = read->replay,
        .first_sequence = first != NULL ? first->sequence : 0,
        .read_limit = layer->read_limit,
        .write_limit = layer->write_limit,
        .plain_limit = layer->plain_limit,
        .encrypt_then_mac = write->protection != protection,
    };
    return true;
}

/* No record_size_limit is less than 64 (RFC 8449 section 4), and no max_fragment_length. */
static bool can_be_agreed_on(uint16_t limit) {
    return limit == 0 || (limit >= 64 && limit <= DTLS_MAX_PLAINTEXT);
}

dtls_error dtls_record_continue(struct dtls_record_layer *layer,
                                const struct dtls_record_position *position) {
    const size_t write_place = place_of(layer->write, 1);
    const size_t read_place = place_of(layer->read, 1);
    if (write_place == DTLS_RECORD_EPOCHS || read_place == DTLS_RECORD_EPOCHS)
        return DTLS_ERROR_STATE;
    struct dtls_epoch *write = &layer->write[write_place];
    struct dtls_epoch *read = &layer->read[read_place];
    /* One past the last number means that there are none left. */
    const uint64_t most_used = UINT64_C(1) << 62; /* more than all numbers with the longest records */
    if (position->write_used > most_used || position->read_used > most_used)
        return DTLS_ERROR_ARGUMENT;
    if (position->write_sequence > DTLS_MAX_SEQUENCE + 1 || position->replay.next > DTLS_MAX_SEQUENCE + 1 ||
        position->first_sequence > DTLS_MAX_SEQUENCE + 1)
        return DTLS_ERROR_ARGUMENT;
    if (!can_be_agreed_on(position->read_limit) || !can_be_agreed_on(position->write_limit) ||
        !can_be_agreed_on(position->plain_limit))
        return DTLS_ERROR_ARGUMENT;
    layer->read_limit = position->read_limit;
    layer->write_limit = position->write_limit;
    layer->plain_limit = position->plain_limit;
    write->sequence = position->write_sequence;
    write->used = position->write_used;
    read->used = position->read_used;
    read->replay = position->replay;
    dtls_record_set_sequence(layer, position->first_sequence);
    dtls_error error = dtls_record_advance(layer, DTLS_SEAL);
    if (error == DTLS_OK)
        error = dtls_record_advance(layer, DTLS_OPEN);
    dtls_record_retire(layer, DTLS_OPEN, 0);
    return error;
}
