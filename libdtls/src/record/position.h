/* SPDX-License-Identifier: MIT
 *
 * How far a record layer has come, for another to carry on from there.
 */
#ifndef DTLS_RECORD_POSITION_H
#define DTLS_RECORD_POSITION_H

#include "record/record.h"

/* Epoch 1 in both directions, and epoch 0 for what may still have to be repeated in it. */
struct dtls_record_position {
    uint64_t write_sequence;
    uint64_t write_used;
    uint64_t read_used;
    struct dtls_replay replay;
    uint64_t first_sequence; /* of the next record in epoch 0 */
    uint16_t read_limit;     /* as in the record layer */
    uint16_t write_limit;
    uint16_t plain_limit;
    bool encrypt_then_mac; /* the protection is not the suite's own but the one that goes with it */
};

/* `protection` is the suite's. Epoch 1 is in use in both directions. */
void dtls_record_position_of(const struct dtls_record_layer *layer, const struct dtls_protection *protection,
                             struct dtls_record_position *out_position);

/* Goes over to epoch 1, whose keys are installed. DTLS_ERROR_ARGUMENT: no such position can be. */
dtls_error dtls_record_continue(struct dtls_record_layer *layer, const struct dtls_record_position *position);

#endif
