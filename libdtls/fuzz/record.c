/* SPDX-License-Identifier: MIT
 *
 * The record layer: the input is a byte that chooses the protection of epoch 1
 * and whether its records carry a connection ID, and one datagram, received
 * twice. What was opened must lie inside the datagram, and the second time
 * nothing may be opened in epoch 1.
 */
#include <string.h>

#include "fuzz.h"
#include "null_crypto.h"
#include "record/record.h"
#include "wire/cursor.h"

static const struct dtls_protection *protection_of(unsigned choice) {
    const struct dtls_protection *const cbc = &dtls_protection_aes_128_cbc_sha256;
    switch (choice & 3) {
    case 0:
        return &dtls_protection_aes_128_ccm_8;
    case 1:
        return &dtls_protection_chacha20_poly1305;
    case 2:
        return cbc;
    default:
        return cbc->encrypt_then_mac;
    }
}

/* Records opened in epoch 1. */
static unsigned receive(struct dtls_record_layer *layer, uint8_t *bytes, size_t len) {
    struct dtls_record_walk walk = dtls_record_walk_of(bytes, len);
    struct dtls_record record;
    enum dtls_record_verdict verdict;
    unsigned opened = 0;
    while ((verdict = dtls_record_next(layer, &walk, &record)) != DTLS_RECORD_END) {
        fuzz_check(verdict != DTLS_RECORD_EXHAUSTED);
        if (verdict == DTLS_RECORD_UNTYPED)
            continue;
        fuzz_check(record.bytes >= bytes && record.bytes + record.len <= bytes + len);
        fuzz_check(verdict == DTLS_RECORD_EARLY ? record.epoch == 2 : record.epoch <= 1);
        fuzz_check(record.len <= DTLS_MAX_PLAINTEXT || verdict == DTLS_RECORD_EARLY);
        opened += verdict == DTLS_RECORD_OPENED && record.epoch == 1;
    }
    fuzz_check(dtls_record_walk_ended(&walk));
    return opened;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
    static const uint8_t key[DTLS_MAX_HASH];
    static const struct dtls_record_way way = {&dtls_record_format_cid, (const uint8_t *)"cid", 3, 0};
    struct dtls_reader reader = dtls_reader_of(data, len);
    struct dtls_record_layer layer;
    dtls_statistics statistics = {0};
    uint64_t slots[2];
    const unsigned choice = dtls_read_u8(&reader);
    const dtls_span datagram = dtls_read_rest(&reader);
    dtls_record_init(&layer, &null_crypto, &statistics, slots);
    dtls_record_set_version(&layer, DTLS_VERSION_1_2, true);
    if ((choice & 4) != 0)
        dtls_record_set_way(&layer, DTLS_OPEN, &way);
    fuzz_check(dtls_record_install(&layer, DTLS_OPEN, 1, protection_of(choice), key, key, key) == DTLS_OK);
    fuzz_check(dtls_record_advance(&layer, DTLS_OPEN) == DTLS_OK);

    uint8_t *bytes = malloc(datagram.len + 1);
    fuzz_check(bytes != NULL);
    for (int round = 0; round < 2; round++) {
        if (datagram.len > 0)
            memcpy(bytes, datagram.data, datagram.len);
        const unsigned opened = receive(&layer, bytes, datagram.len);
        fuzz_check(round == 0 || opened == 0);
    }
    free(bytes);
    dtls_record_wipe(&layer);
    return 0;
}
