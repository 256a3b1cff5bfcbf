/* SPDX-License-Identifier: MIT
 *
 * The AEAD protections of DTLS 1.2 suites: with an explicit nonce (RFC 5288
 * section 3, RFC 6655 section 3) and with none (RFC 7905 section 2).
 */
#include "record/protection.h"

#include <string.h>

static dtls_error start(const struct dtls_protection *protection, const dtls_crypto *crypto, void *slot,
                        dtls_direction direction, const uint8_t *mac_key, const uint8_t *key) {
    (void)mac_key;
    return crypto->aead_start(crypto->state, slot, protection->aead, direction, key, protection->key_len);
}

/* The provider may have a way of its own for such a fragment. */
static bool is_plain_gcm(const struct dtls_protection *protection, const struct dtls_fragment *fragment) {
    return (protection->aead == DTLS_AEAD_AES_128_GCM || protection->aead == DTLS_AEAD_AES_256_GCM) &&
           fragment->associated_len == DTLS_RECORD_ASSOCIATED && fragment->crypto->gcm_record_seal != NULL;
}

static dtls_error seal(const struct dtls_protection *protection, const struct dtls_fragment *fragment) {
    uint8_t nonce[DTLS_AEAD_NONCE];
    uint8_t *data = fragment->bytes + protection->explicit_len;
    /* RFC 5288 section 3 allows the record's own number for nonce_explicit: never the same twice. */
    memcpy(fragment->bytes, fragment->number, protection->explicit_len);
    protection->make_nonce(fragment->fixed_iv, fragment->bytes, fragment->number, nonce);
    dtls_fragment_set_len(fragment, fragment->len);
    if (is_plain_gcm(protection, fragment))
        return fragment->crypto->gcm_record_seal(fragment->slot, nonce, fragment->associated, fragment->bytes,
                                                 fragment->len);
    return fragment->crypto->aead_seal(fragment->slot, nonce, fragment->associated, fragment->associated_len,
                                       data, fragment->len, data + fragment->len);
}

static dtls_error open(const struct dtls_protection *protection, struct dtls_fragment *fragment) {
    uint8_t nonce[DTLS_AEAD_NONCE];
    uint8_t *data = fragment->bytes + protection->explicit_len;
    const size_t len = fragment->len - protection->explicit_len - protection->tag_len;
    protection->make_nonce(fragment->fixed_iv, fragment->bytes, fragment->number, nonce);
    dtls_fragment_set_len(fragment, len);
    fragment->bytes = data;
    fragment->len = len;
    if (is_plain_gcm(protection, fragment))
        return fragment->crypto->gcm_record_open(fragment->slot, nonce, fragment->associated,
                                                 data - protection->explicit_len, len);
    return fragment->crypto->aead_open(fragment->slot, nonce, fragment->associated, fragment->associated_len,
                                       data, len, data + len);
}

static void clear(const dtls_crypto *crypto, void *slot) {
    crypto->aead_clear(slot);
}

/* GCMNonce and CCMNonce: salt[4] || nonce_explicit[8]. */
static void salt_and_explicit(const uint8_t *fixed_iv, const uint8_t *explicit_part, const uint8_t *number,
                              uint8_t out_nonce[DTLS_AEAD_NONCE]) {
    (void)number;
    memcpy(out_nonce, fixed_iv, 4);
    memcpy(out_nonce + 4, explicit_part, 8);
}

/* The record's number, padded in front, XOR the fixed IV. */
static void iv_xor_number(const uint8_t *fixed_iv, const uint8_t *explicit_part, const uint8_t *number,
                          uint8_t out_nonce[DTLS_AEAD_NONCE]) {
    (void)explicit_part;
    memcpy(out_nonce, fixed_iv, DTLS_AEAD_NONCE);
    for (size_t i = 0; i < 8; i++)
        out_nonce[4 + i] ^= number[i];
}

/* 2^24.5 and 2^23 records of 2^14 bytes, told in blocks, so that short records use up less. */
#define GCM_MAX_BLOCKS UINT64_C(24296004000)
#define CCM_MAX_BLOCKS (UINT64_C(1) << 33)

/* 2^36 and 2^23.5. RFC 9147 forbids CCM_8 without a limit of its own because each forgery succeeds with
 * probability 2^-64. Ending the connection early would hand the forger what he wants, so the limit is CCM's:
 * all its tries together then succeed with probability 2^-40. */
#define GCM_MAX_FORGED (UINT64_C(1) << 36)
#define CCM_MAX_FORGED UINT64_C(11863283)

const struct dtls_protection dtls_protection_aes_128_gcm = {
    .key_len = 16,
    .fixed_iv_len = 4,
    .explicit_len = 8,
    .tag_len = 16,
    .max_blocks = GCM_MAX_BLOCKS,
    .max_forged = GCM_MAX_FORGED,
    .start = start,
    .seal = seal,
    .open = open,
    .clear = clear,
    .aead = DTLS_AEAD_AES_128_GCM,
    .make_nonce = salt_and_explicit,
};

const struct dtls_protection dtls_protection_aes_256_gcm = {
    .key_len = 32,
    .fixed_iv_len = 4,
    .explicit_len = 8,
    .tag_len = 16,
    .max_blocks = GCM_MAX_BLOCKS,
    .max_forged = GCM_MAX_FORGED,
    .start = start,
    .seal = seal,
    .open = open,
    .clear = clear,
    .aead = DTLS_AEAD_AES_256_GCM,
    .make_nonce = salt_and_explicit,
};

/* Sequence numbers end before the key does (RFC 8446 section 5.5). */
const struct dtls_protection dtls_protection_chacha20_poly1305 = {
    .key_len = 32,
    .fixed_iv_len = 12,
    .tag_len = 16,
    .max_blocks = UINT64_MAX,
    .max_forged = GCM_MAX_FORGED,
    .start = start,
    .seal = seal,
    .open = open,
    .clear = clear,
    .aead = DTLS_AEAD_CHACHA20_POLY1305,
    .make_nonce = iv_xor_number,
};

const struct dtls_protection dtls_protection_aes_128_ccm = {
    .key_len = 16,
    .fixed_iv_len = 4,
    .explicit_len = 8,
    .tag_len = 16,
    .max_blocks = CCM_MAX_BLOCKS,
    .max_forged = CCM_MAX_FORGED,
    .start = start,
    .seal = seal,
    .open = open,
    .clear = clear,
    .aead = DTLS_AEAD_AES_128_CCM,
    .make_nonce = salt_and_explicit,
};

const struct dtls_protection dtls_protection_aes_256_ccm = {
    .key_len = 32,
    .fixed_iv_len = 4,
    .explicit_len = 8,
    .tag_len = 16,
    .max_blocks = CCM_MAX_BLOCKS,
    .max_forged = CCM_MAX_FORGED,
    .start = start,
    .seal = seal,
    .open = open,
    .clear = clear,
    .aead = DTLS_AEAD_AES_256_CCM,
    .make_nonce = salt_and_explicit,
};

const struct dtls_protection dtls_protection_aes_128_ccm_8 = {
    .key_len = 16,
    .fixed_iv_len = 4,
    .explicit_len = 8,
    .tag_len = 8,
    .max_blocks = CCM_MAX_BLOCKS,
    .max_forged = CCM_MAX_FORGED,
    .start = start,
    .seal = seal,
    .open = open,
    .clear = clear,
    .aead = DTLS_AEAD_AES_128_CCM_8,
    .make_nonce = salt_and_explicit,
};

const struct dtls_protection dtls_protection_aes_256_ccm_8 = {
    .key_len = 32,
    .fixed_iv_len = 4,
    .explicit_len = 8,
    .tag_len = 8,
    .max_blocks = CCM_MAX_BLOCKS,
    .max_forged = CCM_MAX_FORGED,
    .start = start,
    .seal = seal,
    .open = open,
    .clear = clear,
    .aead = DTLS_AEAD_AES_256_CCM_8,
    .make_nonce = salt_and_explicit,
};
