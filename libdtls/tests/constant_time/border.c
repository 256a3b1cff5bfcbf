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

static dtls_error aead_open(void *slot, const uint8_t nonce[DTLS_AEAD_NONCE], const uint8_t *associated,
                            size_t associated_len, uint8_t *data, size_t len, const uint8_t *tag) {
    uint8_t *copy = known(nonce, DTLS_AEAD_NONCE);
    const dtls_error error = dtls_libcrypto.aead_open(slot, copy, associated, associated_len, data, len, tag);
    free(copy);
    return error;
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
    return dtls_libcrypto.random(state, out, len);
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
    .key_share_start = key_share_start,
    .key_share_agree = key_share_agree,
    .key_share_clear = key_share_clear,
    .public_key_clear = public_key_clear,
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
