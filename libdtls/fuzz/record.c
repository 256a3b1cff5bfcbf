/* SPDX-License-Identifier: MIT
 *
 * The record layer: the input is one datagram, received twice by a layer with
 * keys for epoch 1. What was opened must lie inside the datagram, and the
 * second time nothing may be opened in epoch 1.
 */
#include <string.h>

#include "fuzz.h"
#include "null_crypto.h"
#include "record/record.h"

/* Records opened in epoch 1. */
static unsigned receive(struct dtls_record_layer *layer, uint8_t *bytes, size_t len) {
    struct dtls_record_walk walk = dtls_record_walk_of(bytes, len);
    struct dtls_record record;
    enum dtls_record_verdict verdict;
    unsigned opened = 0;
    while ((verdict = dtls_record_next(layer, &walk, &record)) != DTLS_RECORD_END) {
        fuzz_check(verdict != DTLS_RECORD_EXHAUSTED);
        fuzz_check(record.bytes >= bytes && record.bytes + record.len <= bytes + len);
        fuzz_check(verdict == DTLS_RECORD_EARLY ? record.epoch == 2 : record.epoch <= 1);
        fuzz_check(record.len <= DTLS_MAX_PLAINTEXT || verdict == DTLS_RECORD_EARLY);
        opened += verdict == DTLS_RECORD_OPENED && record.epoch == 1;
    }
    fuzz_check(dtls_record_walk_ended(&walk));
    return opened;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
    static const uint8_t key[DTLS_MAX_KEY];
    struct dtls_record_layer layer;
    dtls_statistics statistics = {0};
    uint64_t slots[2];
    dtls_record_init(&layer, &null_crypto, &statistics, slots);
    dtls_record_set_version(&layer, DTLS_VERSION_1_2, true);
    fuzz_check(dtls_record_install(&layer, DTLS_OPEN, 1, &dtls_protection_aes_128_ccm_8, NULL, key, key) ==
               DTLS_OK);
    fuzz_check(dtls_record_advance(&layer, DTLS_OPEN) == DTLS_OK);

    uint8_t *bytes = malloc(len + 1);
    fuzz_check(bytes != NULL);
    memcpy(bytes, data, len);
    (void)receive(&layer, bytes, len);
    memcpy(bytes, data, len);
    fuzz_check(receive(&layer, bytes, len) == 0);
    free(bytes);
    dtls_record_wipe(&layer);
    return 0;
}
