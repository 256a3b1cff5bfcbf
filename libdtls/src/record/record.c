/* SPDX-License-Identifier: MIT
 *
 * The record layer's epochs and their keys (RFC 6347 section 4.1). See
 * sealing.c and opening.c.
 */
#include "record/epoch.h"

#include <string.h>

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

struct dtls_epoch *dtls_epoch_find(const struct dtls_epoch *epochs, uint16_t number) {
    for (size_t i = 0; i < DTLS_RECORD_EPOCHS; i++) {
        if (epochs[i].live && epochs[i].number == number)
            return (struct dtls_epoch *)&epochs[i];
    }
    return NULL;
}

size_t dtls_epoch_sealed_len(const struct dtls_epoch *epoch, size_t len) {
    return epoch->protection == NULL ? len : dtls_protection_sealed(epoch->protection, len);
}

void dtls_record_set_sequence(struct dtls_record_layer *layer, uint64_t sequence) {
    struct dtls_epoch *epoch = dtls_epoch_find(layer->write, 0);
    if (epoch != NULL)
        epoch->sequence = sequence;
}

dtls_error dtls_record_install(struct dtls_record_layer *layer, dtls_direction direction, uint16_t epoch,
                               const struct dtls_protection *protection, const uint8_t *mac_key,
                               const uint8_t *key, const uint8_t *fixed_iv) {
    struct dtls_epoch *epochs = epochs_of(layer, direction);
    if (dtls_epoch_find(epochs, epoch) != NULL)
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
    if (*newest == UINT16_MAX ||
        dtls_epoch_find(epochs_of(layer, direction), (uint16_t)(*newest + 1)) == NULL)
        return DTLS_ERROR_STATE;
    *newest = (uint16_t)(*newest + 1);
    return DTLS_OK;
}

void dtls_record_retire(struct dtls_record_layer *layer, dtls_direction direction, uint16_t epoch) {
    struct dtls_epoch *entry = dtls_epoch_find(epochs_of(layer, direction), epoch);
    if (entry != NULL)
        epoch_clear(layer->crypto, entry);
}
