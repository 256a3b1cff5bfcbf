/* SPDX-License-Identifier: MIT
 *
 * Ephemeral key agreement: NIST curves with uncompressed points (RFC 8422
 * section 5.4.1) and X25519/X448 (RFC 7748, RFC 8422 section 5.11).
 */
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <string.h>

#include "crypto/libcrypto/internal.h"

#define UNCOMPRESSED 0x04

static const struct group {
    uint16_t code;
    uint8_t public_len;
    uint8_t secret_len;
    const char *type;
    const char *curve; /* NULL: the type says it */
} groups[LIBCRYPTO_GROUPS] = {
    {DTLS_GROUP_X25519, 32, 32, "X25519", NULL}, {DTLS_GROUP_P256, 65, 32, "EC", "P-256"},
    {DTLS_GROUP_P384, 97, 48, "EC", "P-384"},    {DTLS_GROUP_P521, 133, 66, "EC", "P-521"},
    {DTLS_GROUP_X448, 56, 56, "X448", NULL},
};

static const struct group *group_by_code(unsigned code) {
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        if (groups[i].code == code)
            return &groups[i];
    }
    return NULL;
}

/* The group of a key that was made here: public values differ in length. */
static const struct group *group_of(const EVP_PKEY *key) {
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        if (!EVP_PKEY_is_a(key, groups[i].type))
            continue;
        if (groups[i].curve == NULL || (EVP_PKEY_get_bits(key) + 7) / 8 == groups[i].secret_len)
            return &groups[i];
    }
    return NULL;
}

void libcrypto_groups_open(struct libcrypto_state *state) {
    for (size_t i = 0; i < LIBCRYPTO_GROUPS; i++) {
        if (groups[i].curve == NULL)
            continue;
        EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, groups[i].type, NULL);
        if (context == NULL || EVP_PKEY_paramgen_init(context) != 1 ||
            EVP_PKEY_CTX_set_group_name(context, groups[i].curve) != 1 ||
            EVP_PKEY_paramgen(context, &state->parameters[i]) != 1)
            state->parameters[i] = NULL;
        EVP_PKEY_CTX_free(context);
    }
}

void libcrypto_groups_close(struct libcrypto_state *state) {
    for (size_t i = 0; i < LIBCRYPTO_GROUPS; i++)
        EVP_PKEY_free(state->parameters[i]);
}

/* A curve that is named costs as much as the key on it. */
static EVP_PKEY *key_by_parameters(EVP_PKEY *parameters) {
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, parameters, NULL);
    if (context == NULL || EVP_PKEY_keygen_init(context) != 1 || EVP_PKEY_generate(context, &key) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(context);
    return key;
}

static EVP_PKEY *new_key(const struct libcrypto_state *state, const struct group *group) {
    EVP_PKEY *parameters = state == NULL ? NULL : state->parameters[group - groups];
    if (parameters != NULL)
        return key_by_parameters(parameters);
    return group->curve != NULL ? EVP_PKEY_Q_keygen(NULL, NULL, group->type, group->curve)
                                : EVP_PKEY_Q_keygen(NULL, NULL, group->type);
}

dtls_error libcrypto_key_share_start(void *state, void *slot, unsigned group, uint8_t *out_public,
                                     size_t *out_public_len) {
    struct libcrypto_slot *self = slot;
    const struct group *found = group_by_code(group);
    libcrypto_key_share_clear(slot);
    if (found == NULL)
        return DTLS_ERROR_ARGUMENT;
    EVP_PKEY *key = new_key(state, found);
    unsigned char *encoded = NULL;
    size_t len = key == NULL ? 0 : EVP_PKEY_get1_encoded_public_key(key, &encoded);
    bool good = encoded != NULL && len == found->public_len;
    if (good) {
        memcpy(out_public, encoded, len);
        *out_public_len = len;
        self->object = key;
    } else {
        EVP_PKEY_free(key);
    }
    OPENSSL_free(encoded);
    return good ? DTLS_OK : DTLS_ERROR_CRYPTO;
}

/* The peer's public value as a key; NULL if it is not one. That a point is on its curve is checked on
 * reading; the curves here have cofactor 1, so that is all there is to check (SP 800-56A section 5.6.2.3.4).
 */
static EVP_PKEY *peer_key(const EVP_PKEY *own, const struct group *group, const uint8_t *data, size_t len) {
    if (len != group->public_len || (group->curve != NULL && data[0] != UNCOMPRESSED))
        return NULL;
    EVP_PKEY *peer = EVP_PKEY_new();
    if (peer != NULL && (EVP_PKEY_copy_parameters(peer, own) != 1 ||
                         EVP_PKEY_set1_encoded_public_key(peer, data, len) != 1)) {
        EVP_PKEY_free(peer);
        peer = NULL;
    }
    return peer;
}

static bool all_zero(const uint8_t *data, size_t len) {
    uint8_t bits = 0;
    for (size_t i = 0; i < len; i++)
        bits |= data[i];
    return bits == 0;
}

dtls_error libcrypto_key_share_agree(void *slot, const uint8_t *peer_public, size_t peer_public_len,
                                     uint8_t *out_secret, size_t *out_secret_len) {
    EVP_PKEY *own = ((struct libcrypto_slot *)slot)->object;
    const struct group *group = own == NULL ? NULL : group_of(own);
    if (group == NULL)
        return DTLS_ERROR_ARGUMENT;
    ERR_set_mark();
    EVP_PKEY *peer = peer_key(own, group, peer_public, peer_public_len);
    EVP_PKEY_CTX *context = peer == NULL ? NULL : EVP_PKEY_CTX_new_from_pkey(NULL, own, NULL);
    size_t len = DTLS_MAX_SHARED_SECRET;
    bool good = context != NULL && EVP_PKEY_derive_init(context) == 1 &&
                EVP_PKEY_derive_set_peer_ex(context, peer, 0) == 1 &&
                EVP_PKEY_derive(context, out_secret, &len) == 1 && len == group->secret_len &&
                !all_zero(out_secret, len);
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(peer);
    ERR_pop_to_mark();
    if (!good) {
        OPENSSL_cleanse(out_secret, DTLS_MAX_SHARED_SECRET);
        return DTLS_ERROR_KEY_SHARE;
    }
    *out_secret_len = len;
    return DTLS_OK;
}

void libcrypto_key_share_clear(void *slot) {
    struct libcrypto_slot *self = slot;
    EVP_PKEY_free(self->object);
    self->object = NULL;
}
