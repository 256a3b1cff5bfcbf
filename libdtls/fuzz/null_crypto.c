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

static uint8_t digest_len(dtls_hash hash) {
    static const uint8_t lens[] = {0, 32, 48, 64, 20, 36};
    return lens[hash];
}

static dtls_error hash_start(void *state, void *slot, dtls_hash hash) {
    (void)state;
    memset(slot, 0, 8);
    *(uint8_t *)slot = digest_len(hash);
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
    memset(out, 0xcc, digest_len(hash));
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

/* The length of the MAC, and whether it is outside. */
static dtls_error cbc_start(void *state, void *slot, const dtls_cbc *cbc, dtls_direction direction,
                            const uint8_t *mac_key, const uint8_t *key) {
    (void)state;
    (void)direction;
    (void)mac_key;
    (void)key;
    uint8_t *self = slot;
    memset(slot, 0, 8);
    self[0] = digest_len(cbc->hash);
    self[1] = cbc->encrypt_then_mac;
    return DTLS_OK;
}

static dtls_error cbc_seal(void *slot, uint8_t *associated, size_t associated_len, uint8_t *bytes,
                           size_t len) {
    const uint8_t *self = slot;
    uint8_t *at = bytes + DTLS_CBC_BLOCK + len;
    (void)associated;
    (void)associated_len;
    memset(bytes, 0x1f, DTLS_CBC_BLOCK);
    const size_t inner = self[1] ? len : len + self[0];
    const size_t padding = DTLS_CBC_BLOCK - inner % DTLS_CBC_BLOCK;
    if (!self[1]) {
        memset(at, TAG, self[0]);
        at += self[0];
    }
    memset(at, (int)(padding - 1), padding);
    if (self[1])
        memset(at + padding, TAG, self[0]);
    return DTLS_OK;
}

static dtls_error cbc_open(void *slot, uint8_t *associated, size_t associated_len, uint8_t *bytes,
                           size_t *len) {
    const uint8_t *self = slot;
    (void)associated;
    (void)associated_len;
    size_t end = *len;
    if (end < DTLS_CBC_BLOCK + 1 + (size_t)self[0])
        return DTLS_NOTHING;
    const uint8_t *mac = bytes + end - self[0];
    end -= self[1] ? self[0] : 0;
    const size_t padding = (size_t)bytes[end - 1] + 1;
    const size_t around = DTLS_CBC_BLOCK + padding + (self[1] ? 0 : self[0]);
    if (end % DTLS_CBC_BLOCK != 0 || around > end)
        return DTLS_NOTHING;
    *len = end - around;
    if (!self[1])
        mac = bytes + DTLS_CBC_BLOCK + *len;
    for (size_t i = 0; i < self[0]; i++) {
        if (mac[i] != TAG)
            return DTLS_NOTHING;
    }
    return DTLS_OK;
}

static dtls_error encrypt_premaster(void *state, const void *public_key_slot,
                                    const uint8_t premaster[DTLS_TRANSPORTED_PREMASTER], uint8_t *out,
                                    size_t *out_len) {
    (void)state;
    (void)public_key_slot;
    *out_len = 64;
    memset(out, 0x22, *out_len);
    memcpy(out, premaster, DTLS_TRANSPORTED_PREMASTER);
    return DTLS_OK;
}

static dtls_error decrypt_premaster(void *state, const dtls_private_key *key, uint16_t client_version,
                                    const uint8_t *encrypted, size_t len,
                                    uint8_t out_premaster[DTLS_TRANSPORTED_PREMASTER]) {
    (void)state;
    (void)key;
    (void)client_version;
    memset(out_premaster, 0x44, DTLS_TRANSPORTED_PREMASTER);
    memcpy(out_premaster, encrypted, len < DTLS_TRANSPORTED_PREMASTER ? len : DTLS_TRANSPORTED_PREMASTER);
    return DTLS_OK;
}

static dtls_error key_share_start(void *state, void *slot, unsigned group, uint8_t *out_public,
                                  size_t *out_public_len) {
    (void)state;
    memset(slot, 0, 8);
    *out_public_len = group == DTLS_GROUP_X25519 ? 32
                      : group == DTLS_GROUP_X448 ? 56
                      : group == DTLS_GROUP_P256 ? 65
                      : group == DTLS_GROUP_P384 ? 97
                                                 : 133;
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
    const unsigned type = chain[0].data[0];
    *out_type = type >= DTLS_KEY_ECDSA && type <= DTLS_KEY_RSA_PSS ? type : DTLS_KEY_ECDSA;
    return anchors != NULL && sum == 0xee ? DTLS_ERROR_CERTIFICATE_EXPIRED : DTLS_OK;
}

static dtls_error public_key_read(void *state, void *public_key_slot, dtls_span public_key,
                                  dtls_key_type *out_type) {
    (void)state;
    memset(public_key_slot, 0, 8);
    if (public_key.len == 0)
        return DTLS_ERROR_CERTIFICATE_BAD;
    const unsigned type = public_key.data[0];
    *out_type = type >= DTLS_KEY_ECDSA && type <= DTLS_KEY_RSA_PSS ? type : DTLS_KEY_ECDSA;
    return DTLS_OK;
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
    .cbc_start = cbc_start,
    .cbc_seal = cbc_seal,
    .cbc_open = cbc_open,
    .cbc_clear = slot_clear,
    .key_share_start = key_share_start,
    .key_share_agree = key_share_agree,
    .key_share_clear = slot_clear,
    .certificates_read = certificates_read,
    .public_key_read = public_key_read,
    .public_key_clear = slot_clear,
    .verify = verify,
    .sign = sign,
    .encrypt_premaster = encrypt_premaster,
    .decrypt_premaster = decrypt_premaster,
    .wipe = wipe,
};
