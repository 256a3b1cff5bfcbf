/* SPDX-License-Identifier: MIT
 *
 * The border between the library and libcrypto; and the verdicts of
 * comparisons, which everybody may know.
 */
#include "constant_time/secret.h"

#include <stdbool.h>
#include <stdlib.h>

#include "dtls/libcrypto.h"

/* A public copy; the caller frees it. */
static uint8_t *known(const uint8_t *data, size_t len) {
    uint8_t *copy = malloc(len + 1);
    if (copy == NULL)
        abort();
    if (len > 0)
        memcpy(copy, data, len);
    make_public(copy, len);
    return copy;
}

static dtls_error hash_update(void *slot, const uint8_t *data, size_t len) {
    uint8_t *copy = known(data, len);
    const dtls_error error = dtls_libcrypto.hash_update(slot, copy, len);
    free(copy);
    return error;
}

#define MOST_PARTS 8

static size_t known_parts(const dtls_span *parts, size_t num, dtls_span *out) {
    if (num > MOST_PARTS)
        abort();
    for (size_t i = 0; i < num; i++)
        out[i] = (dtls_span){known(parts[i].data, parts[i].len), parts[i].len};
    return num;
}

static void free_parts(const dtls_span *parts, size_t num) {
    for (size_t i = 0; i < num; i++)
        free((void *)parts[i].data);
}

static dtls_error hmac(void *state, dtls_hash hash, const uint8_t *key, size_t key_len,
                       const dtls_span *parts, size_t num_parts, uint8_t *out) {
    dtls_span copies[MOST_PARTS];
    const size_t num = known_parts(parts, num_parts, copies);
    uint8_t *copy = known(key, key_len);
    const dtls_error error = dtls_libcrypto.hmac(state, hash, copy, key_len, copies, num, out);
    make_secret(out, 32);
    free(copy);
    free_parts(copies, num);
    return error;
}

static dtls_error prf(void *state, dtls_hash hash, const uint8_t *secret, size_t secret_len,
                      const char *label, const dtls_span *seed, size_t num_seed, uint8_t *out,
                      size_t out_len) {
    dtls_span copies[MOST_PARTS];
    const size_t num = known_parts(seed, num_seed, copies);
    uint8_t *copy = known(secret, secret_len);
    const dtls_error error =
        dtls_libcrypto.prf(state, hash, copy, secret_len, label, copies, num, out, out_len);
    make_secret(out, out_len);
    free(copy);
    free_parts(copies, num);
    return error;
}

static dtls_error aead_start(void *state, void *slot, dtls_aead aead, dtls_direction direction,
                             const uint8_t *key, size_t key_len) {
    uint8_t *copy = known(key, key_len);
    const dtls_error error = dtls_libcrypto.aead_start(state, slot, aead, direction, copy, key_len);
    free(copy);
    return error;
}

static dtls_error aead_seal(void *slot, const uint8_t nonce[DTLS_AEAD_NONCE], const uint8_t *associated,
                            size_t associated_len, uint8_t *data, size_t len, uint8_t *out_tag) {
    uint8_t *copy = known(nonce, DTLS_AEAD_NONCE);
    make_public(data, len);
    const dtls_error error =
        dtls_libcrypto.aead_seal(slot, copy, associated, associated_len, data, len, out_tag);
    free(copy);
    return error;
}

/* In a session's state, which is what tickets hold, the master secret stands behind the id. */
#define STATE_ID      19
#define MASTER_SECRET 48

/* A ticket is sealed under its key's name. */
#define TICKET_KEY_NAME 16

static dtls_error aead_open(void *slot, const uint8_t nonce[DTLS_AEAD_NONCE], const uint8_t *associated,
                            size_t associated_len, uint8_t *data, size_t len, const uint8_t *tag) {
    uint8_t *copy = known(nonce, DTLS_AEAD_NONCE);
    const dtls_error error = dtls_libcrypto.aead_open(slot, copy, associated, associated_len, data, len, tag);
    free(copy);
    if (error == DTLS_OK && associated_len == TICKET_KEY_NAME)
        make_secret(data + STATE_ID + 1 + data[STATE_ID], MASTER_SECRET);
    return error;
}

static dtls_error cbc_start(void *state, void *slot, const dtls_cbc *cbc, dtls_direction direction,
                            const uint8_t *mac_key, const uint8_t *key) {
    const size_t mac_len = cbc->hash == DTLS_HASH_SHA1 ? 20 : cbc->hash == DTLS_HASH_SHA256 ? 32 : 48;
    uint8_t *mac_copy = known(mac_key, mac_len);
    uint8_t *copy = known(key, cbc->key_len);
    const dtls_error error = dtls_libcrypto.cbc_start(state, slot, cbc, direction, mac_copy, copy);
    free(mac_copy);
    free(copy);
    return error;
}

static dtls_error cbc_seal(void *slot, uint8_t *associated, size_t associated_len, uint8_t *bytes,
                           size_t len) {
    make_public(bytes + DTLS_CBC_BLOCK, len);
    return dtls_libcrypto.cbc_seal(slot, associated, associated_len, bytes, len);
}

static dtls_error cbc_open(void *slot, uint8_t *associated, size_t associated_len, uint8_t *bytes,
                           size_t *len) {
    return dtls_libcrypto.cbc_open(slot, associated, associated_len, bytes, len);
}

static void cbc_clear(void *slot) {
    dtls_libcrypto.cbc_clear(slot);
}

static dtls_error encrypt_premaster(void *state, const void *public_key_slot,
                                    const uint8_t premaster[DTLS_TRANSPORTED_PREMASTER], uint8_t *out,
                                    size_t *out_len) {
    uint8_t *copy = known(premaster, DTLS_TRANSPORTED_PREMASTER);
    const dtls_error error = dtls_libcrypto.encrypt_premaster(state, public_key_slot, copy, out, out_len);
    free(copy);
    return error;
}

static dtls_error decrypt_premaster(void *state, const dtls_private_key *key, uint16_t client_version,
                                    const uint8_t *encrypted, size_t len,
                                    uint8_t out_premaster[DTLS_TRANSPORTED_PREMASTER]) {
    const dtls_error error =
        dtls_libcrypto.decrypt_premaster(state, key, client_version, encrypted, len, out_premaster);
    make_secret(out_premaster, DTLS_TRANSPORTED_PREMASTER);
    return error;
}

static dtls_error certificates_read(void *state, void *public_key_slot, const dtls_span *chain,
                                    size_t chain_len, dtls_key_usage usage, const dtls_trust_anchors *anchors,
                                    const dtls_identity *identity, dtls_key_type *out_type) {
    return dtls_libcrypto.certificates_read(state, public_key_slot, chain, chain_len, usage, anchors,
                                            identity, out_type);
}

static dtls_error verify(const void *public_key_slot, unsigned scheme, const uint8_t *digest,
                         size_t digest_len, const uint8_t *signature, size_t signature_len) {
    return dtls_libcrypto.verify(public_key_slot, scheme, digest, digest_len, signature, signature_len);
}

static dtls_error sign(void *state, const dtls_private_key *key, unsigned scheme, const uint8_t *digest,
                       size_t digest_len, uint8_t *out, size_t *out_len) {
    return dtls_libcrypto.sign(state, key, scheme, digest, digest_len, out, out_len);
}

static dtls_error key_share_agree(void *slot, const uint8_t *peer_public, size_t peer_public_len,
                                  uint8_t *out_secret, size_t *out_secret_len) {
    const dtls_error error =
        dtls_libcrypto.key_share_agree(slot, peer_public, peer_public_len, out_secret, out_secret_len);
    make_secret(out_secret, *out_secret_len);
    return error;
}

static dtls_error hash_start(void *state, void *slot, dtls_hash hash) {
    return dtls_libcrypto.hash_start(state, slot, hash);
}

static dtls_error hash_peek(const void *slot, uint8_t *out, size_t *out_len) {
    return dtls_libcrypto.hash_peek(slot, out, out_len);
}

static void hash_clear(void *slot) {
    dtls_libcrypto.hash_clear(slot);
}

static dtls_error take_random(void *state, uint8_t *out, size_t len) {
    const dtls_error error = dtls_libcrypto.random(state, out, len);
    /* Nothing else is as long. */
    if (len == DTLS_TRANSPORTED_PREMASTER)
        make_secret(out, len);
    return error;
}

static void aead_clear(void *slot) {
    dtls_libcrypto.aead_clear(slot);
}

static dtls_error key_share_start(void *state, void *slot, unsigned group, uint8_t *out_public,
                                  size_t *out_public_len) {
    return dtls_libcrypto.key_share_start(state, slot, group, out_public, out_public_len);
}

static void key_share_clear(void *slot) {
    dtls_libcrypto.key_share_clear(slot);
}

static void public_key_clear(void *slot) {
    dtls_libcrypto.public_key_clear(slot);
}

static void wipe(void *data, size_t len) {
    dtls_libcrypto.wipe(data, len);
}

const dtls_crypto bordered_crypto = {
    .name = "libcrypto behind a border",
    .notes = "For looking at the library's own use of secrets.",
    .hash_slot = 8,
    .aead_slot = 8,
    .key_share_slot = 8,
    .public_key_slot = 8,
    .random = take_random,
    .hash_start = hash_start,
    .hash_update = hash_update,
    .hash_peek = hash_peek,
    .hash_clear = hash_clear,
    .hmac = hmac,
    .prf = prf,
    .aead_start = aead_start,
    .aead_seal = aead_seal,
    .aead_open = aead_open,
    .aead_clear = aead_clear,
    .cbc_start = cbc_start,
    .cbc_seal = cbc_seal,
    .cbc_open = cbc_open,
    .cbc_clear = cbc_clear,
    .key_share_start = key_share_start,
    .key_share_agree = key_share_agree,
    .key_share_clear = key_share_clear,
    .certificates_read = certificates_read,
    .public_key_clear = public_key_clear,
    .verify = verify,
    .sign = sign,
    .encrypt_premaster = encrypt_premaster,
    .decrypt_premaster = decrypt_premaster,
    .wipe = wipe,
};

/* The linker puts these in the place of the comparisons. */
bool __real_dtls_ct_equal(const uint8_t *a, const uint8_t *b, size_t len);
bool __wrap_dtls_ct_equal(const uint8_t *a, const uint8_t *b, size_t len);
int __real_CRYPTO_memcmp(const void *a, const void *b, size_t len);
int __wrap_CRYPTO_memcmp(const void *a, const void *b, size_t len);

bool __wrap_dtls_ct_equal(const uint8_t *a, const uint8_t *b, size_t len) {
    const bool equal = __real_dtls_ct_equal(a, b, len);
    make_public(&equal, sizeof equal);
    return equal;
}

int __wrap_CRYPTO_memcmp(const void *a, const void *b, size_t len) {
    const int difference = __real_CRYPTO_memcmp(a, b, len);
    make_public(&difference, sizeof difference);
    return difference;
}
