/* SPDX-License-Identifier: MIT
 *
 * The provider without cryptography. Tags, digests and keys are constants;
 * what is refused is refused by length or by one marked byte.
 */
#include "null_crypto.h"

#include <string.h>

/* Every byte of a tag. */
#define TAG 0x5a

/* A signature that begins so does not verify. */
#define BAD_SIGNATURE 0xff

static uint8_t counter;

void null_crypto_reset(void) {
    counter = 0;
}

static dtls_error null_random(void *state, uint8_t *out, size_t len) {
    (void)state;
    for (size_t i = 0; i < len; i++)
        out[i] = counter++;
    return DTLS_OK;
}

static dtls_error hash_start(void *state, void *slot, dtls_hash hash) {
    (void)state;
    memset(slot, 0, 8);
    *(uint8_t *)slot = hash == DTLS_HASH_SHA384 ? 48 : 32;
    return DTLS_OK;
}

static dtls_error hash_update(void *slot, const uint8_t *data, size_t len) {
    uint8_t *state = slot;
    for (size_t i = 0; i < len; i++)
        state[1] = (uint8_t)(state[1] * 31 + data[i]);
    return DTLS_OK;
}

static dtls_error hash_peek(const void *slot, uint8_t *out, size_t *out_len) {
    const uint8_t *state = slot;
    *out_len = state[0];
    memset(out, state[1], state[0]);
    return DTLS_OK;
}

static void slot_clear(void *slot) {
    memset(slot, 0, 8);
}

static dtls_error hmac(void *state, dtls_hash hash, const uint8_t *key, size_t key_len,
                       const dtls_span *parts, size_t num_parts, uint8_t *out) {
    (void)state;
    (void)key;
    (void)key_len;
    (void)parts;
    (void)num_parts;
    memset(out, 0xcc, hash == DTLS_HASH_SHA384 ? 48 : 32);
    return DTLS_OK;
}

/* What comes out tells the label only, so both sides agree whatever they have hashed. */
static dtls_error prf(void *state, dtls_hash hash, const uint8_t *secret, size_t secret_len,
                      const char *label, const dtls_span *seed, size_t num_seed, uint8_t *out,
                      size_t out_len) {
    (void)state;
    (void)hash;
    (void)secret;
    (void)secret_len;
    (void)seed;
    (void)num_seed;
    memset(out, label[0], out_len);
    return DTLS_OK;
}

static dtls_error aead_start(void *state, void *slot, dtls_aead aead, dtls_direction direction,
                             const uint8_t *key, size_t key_len) {
    (void)state;
    (void)direction;
    (void)key;
    (void)key_len;
    memset(slot, 0, 8);
    *(uint8_t *)slot = aead == DTLS_AEAD_AES_128_CCM_8 || aead == DTLS_AEAD_AES_256_CCM_8 ? 8 : 16;
    return DTLS_OK;
}

static dtls_error aead_seal(void *slot, const uint8_t nonce[DTLS_AEAD_NONCE], const uint8_t *associated,
                            size_t associated_len, uint8_t *data, size_t len, uint8_t *out_tag) {
    (void)nonce;
    (void)associated;
    (void)associated_len;
    (void)data;
    (void)len;
    memset(out_tag, TAG, *(uint8_t *)slot);
    return DTLS_OK;
}

static dtls_error aead_open(void *slot, const uint8_t nonce[DTLS_AEAD_NONCE], const uint8_t *associated,
                            size_t associated_len, uint8_t *data, size_t len, const uint8_t *tag) {
    (void)nonce;
    (void)associated;
    (void)associated_len;
    (void)data;
    (void)len;
    for (size_t i = 0; i < *(uint8_t *)slot; i++) {
        if (tag[i] != TAG)
            return DTLS_NOTHING;
    }
    return DTLS_OK;
}

static dtls_error key_share_start(void *state, void *slot, unsigned group, uint8_t *out_public,
                                  size_t *out_public_len) {
    (void)state;
    memset(slot, 0, 8);
    *out_public_len = group == DTLS_GROUP_X25519 ? 32 : 65;
    *(uint8_t *)slot = (uint8_t)*out_public_len;
    memset(out_public, 4, *out_public_len);
    return DTLS_OK;
}

static dtls_error key_share_agree(void *slot, const uint8_t *peer_public, size_t peer_public_len,
                                  uint8_t *out_secret, size_t *out_secret_len) {
    if (peer_public_len != *(uint8_t *)slot || peer_public[0] != 4)
        return DTLS_ERROR_KEY_SHARE;
    *out_secret_len = 32;
    memset(out_secret, 0x33, 32);
    return DTLS_OK;
}

static dtls_error certificates_read(void *state, void *public_key_slot, const dtls_span *chain,
                                    size_t chain_len, dtls_key_usage usage, const dtls_trust_anchors *anchors,
                                    const dtls_identity *identity, dtls_key_type *out_type) {
    (void)state;
    (void)usage;
    (void)identity;
    memset(public_key_slot, 0, 8);
    if (chain[0].len == 0)
        return DTLS_ERROR_CERTIFICATE_BAD;
    uint8_t sum = 0;
    for (size_t i = 0; i < chain_len; i++) {
        for (size_t j = 0; j < chain[i].len; j++)
            sum ^= chain[i].data[j];
    }
    *out_type = chain[0].data[0] == DTLS_KEY_RSA ? DTLS_KEY_RSA : DTLS_KEY_ECDSA;
    return anchors != NULL && sum == 0xee ? DTLS_ERROR_CERTIFICATE_EXPIRED : DTLS_OK;
}

static dtls_error verify(const void *public_key_slot, unsigned scheme, const uint8_t *digest,
                         size_t digest_len, const uint8_t *signature, size_t signature_len) {
    (void)public_key_slot;
    (void)scheme;
    (void)digest;
    (void)digest_len;
    return signature_len > 0 && signature[0] != BAD_SIGNATURE ? DTLS_OK : DTLS_ERROR_SIGNATURE;
}

static dtls_error sign(void *state, const dtls_private_key *key, unsigned scheme, const uint8_t *digest,
                       size_t digest_len, uint8_t *out, size_t *out_len) {
    (void)state;
    (void)key;
    (void)scheme;
    (void)digest;
    (void)digest_len;
    if (*out_len < 8)
        return DTLS_ERROR_NO_ROOM;
    *out_len = 8;
    memset(out, 0x11, 8);
    return DTLS_OK;
}

/* The compiler may leave it out here: there are no secrets. */
static void wipe(void *data, size_t len) {
    memset(data, 0, len);
}

const dtls_crypto null_crypto = {
    .name = "null",
    .notes = "No cryptography.",
    .hash_slot = 8,
    .aead_slot = 8,
    .key_share_slot = 8,
    .public_key_slot = 8,
    .random = null_random,
    .hash_start = hash_start,
    .hash_update = hash_update,
    .hash_peek = hash_peek,
    .hash_clear = slot_clear,
    .hmac = hmac,
    .prf = prf,
    .aead_start = aead_start,
    .aead_seal = aead_seal,
    .aead_open = aead_open,
    .aead_clear = slot_clear,
    .key_share_start = key_share_start,
    .key_share_agree = key_share_agree,
    .key_share_clear = slot_clear,
    .certificates_read = certificates_read,
    .public_key_clear = slot_clear,
    .verify = verify,
    .sign = sign,
    .wipe = wipe,
};
