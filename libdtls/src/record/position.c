/* SPDX-License-Identifier: MIT
 *
 * How far a record layer has come.
 */
#include "record/position.h"

/* The place of an epoch; both sides of a connected connection have epoch 1, and no other keys. */
static size_t place_of(const struct dtls_epoch *epochs, uint16_t number) {
    size_t place = 0;
    while (place < DTLS_RECORD_EPOCHS && !(epochs[place].live && epochs[place].number == number))
        place++;
    return place;
}

void dtls_record_position_of(const struct dtls_record_layer *layer, const struct dtls_protection *protection,
                             struct dtls_record_position *out_position) {
    const size_t first = place_of(layer->write, 0);
    const struct dtls_epoch *write = &layer->write[place_of(layer->write, 1)];
    const struct dtls_epoch *read = &layer->read[place_of(layer->read, 1)];
    *out_position = (struct dtls_record_position){
        .write_sequence = write->sequence,
        .write_used = write->used,
        .read_used = read->used,
        .replay = read->replay,
        .first_sequence = first < DTLS_RECORD_EPOCHS ? layer->write[first].sequence : 0,
        .read_limit = layer->read_limit,
        .write_limit = layer->write_limit,
        .plain_limit = layer->plain_limit,
        .encrypt_then_mac = write->protection != protection,
    };
}

/* No record_size_limit is less than 64 (RFC 8449 section 4), and no max_fragment_length. */
static bool can_be_agreed_on(uint16_t limit) {
    return limit == 0 || (limit >= 64 && limit <= DTLS_MAX_PLAINTEXT);
}

/* Numbers that can have been used up, and limits that can have been agreed on. One past the last number means
 * that there are none left. */
static bool is_possible(const struct dtls_record_position *position) {
    const uint64_t most_used = UINT64_C(1) << 62; /* more than all numbers with the longest records */
    const uint64_t sequences[] = {position->write_sequence, position->replay.next, position->first_sequence};
    const uint16_t limits[] = {position->read_limit, position->write_limit, position->plain_limit};
    for (size_t i = 0; i < 3; i++) {
        if (sequences[i] > DTLS_MAX_SEQUENCE + 1 || !can_be_agreed_on(limits[i]))
            return false;
    }
    return (position->write_used | position->read_used) < most_used;
}

dtls_error dtls_record_continue(struct dtls_record_layer *layer,
                                const struct dtls_record_position *position) {
    struct dtls_epoch *write = &layer->write[place_of(layer->write, 1)];
    struct dtls_epoch *read = &layer->read[place_of(layer->read, 1)];
    if (!is_possible(position))
        return DTLS_ERROR_ARGUMENT;
    layer->read_limit = position->read_limit;
    layer->write_limit = position->write_limit;
    layer->plain_limit = position->plain_limit;
    write->sequence = position->write_sequence;
    write->used = position->write_used;
    read->used = position->read_used;
    read->replay = position->replay;
    dtls_record_set_sequence(layer, position->first_sequence);
    dtls_record_advance(layer, DTLS_SEAL);
    dtls_record_advance(layer, DTLS_OPEN);
    dtls_record_retire(layer, DTLS_OPEN, 0);
    return DTLS_OK;
}
