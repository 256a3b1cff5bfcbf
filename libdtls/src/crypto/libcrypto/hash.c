/* SPDX-License-Identifier: MIT
 *
 * Hashes and HMAC (RFC 2104).
 */
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>

#include "crypto/libcrypto/internal.h"

static const EVP_MD *named_digest(dtls_hash hash) {
    switch (hash) {
    case DTLS_HASH_SHA256:
        return EVP_sha256();
    case DTLS_HASH_SHA384:
        return EVP_sha384();
    case DTLS_HASH_SHA512:
        return EVP_sha512();
    case DTLS_HASH_SHA1:
        return EVP_sha1();
    case DTLS_HASH_MD5_SHA1:
        return EVP_md5_sha1();
    }
    return NULL;
}

const EVP_MD *libcrypto_digest(const struct libcrypto_state *state, dtls_hash hash) {
    const EVP_MD *named = named_digest(hash);
    return state != NULL && named != NULL && state->digests[hash] != NULL ? state->digests[hash] : named;
}

dtls_error libcrypto_hash_start(void *state, void *slot, dtls_hash hash) {
    struct libcrypto_slot *self = slot;
    const EVP_MD *digest = libcrypto_digest(state, hash);
    libcrypto_hash_clear(slot);
    if (digest == NULL)
        return DTLS_ERROR_ARGUMENT;
    self->object = EVP_MD_CTX_new();
    if (self->object == NULL || EVP_DigestInit_ex2(self->object, digest, NULL) != 1) {
        libcrypto_hash_clear(slot);
        return DTLS_ERROR_CRYPTO;
    }
    return DTLS_OK;
}

dtls_error libcrypto_hash_update(void *slot, const uint8_t *data, size_t len) {
    struct libcrypto_slot *self = slot;
    return EVP_DigestUpdate(self->object, data, len) == 1 ? DTLS_OK : DTLS_ERROR_CRYPTO;
}

dtls_error libcrypto_hash_peek(const void *slot, uint8_t *out, size_t *out_len) {
    const struct libcrypto_slot *self = slot;
    unsigned len = 0;
    EVP_MD_CTX *copy = EVP_MD_CTX_new();
    int done = copy != NULL && EVP_MD_CTX_copy_ex(copy, self->object) == 1 &&
               EVP_DigestFinal_ex(copy, out, &len) == 1;
    EVP_MD_CTX_free(copy);
    *out_len = len;
    return done ? DTLS_OK : DTLS_ERROR_CRYPTO;
}

void libcrypto_hash_clear(void *slot) {
    struct libcrypto_slot *self = slot;
    EVP_MD_CTX_free(self->object);
    self->object = NULL;
}

/* Libcrypto's parameters are not const although it only reads them. */
static OSSL_PARAM digest_name(const EVP_MD *digest) {
    return OSSL_PARAM_construct_utf8_string(OSSL_ALG_PARAM_DIGEST, (char *)EVP_MD_get0_name(digest), 0);
}

/* A context that knows its hash, with a key of no meaning. */
static EVP_MAC_CTX *hmac_of(dtls_hash hash) {
    static const uint8_t nothing[1];
    const OSSL_PARAM params[] = {digest_name(named_digest(hash)), OSSL_PARAM_construct_end()};
    EVP_MAC *algorithm = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *context = algorithm == NULL ? NULL : EVP_MAC_CTX_new(algorithm);
    EVP_MAC_free(algorithm);
    if (context != NULL && EVP_MAC_init(context, nothing, sizeof nothing, params) != 1) {
        EVP_MAC_CTX_free(context);
        context = NULL;
    }
    return context;
}

EVP_MAC_CTX *libcrypto_hmac_keyed(const struct libcrypto_state *state, dtls_hash hash, const uint8_t *key,
                                  size_t key_len) {
    static const uint8_t nothing[1];
    EVP_MAC_CTX *context =
        state != NULL && state->hmacs[hash] != NULL ? EVP_MAC_CTX_dup(state->hmacs[hash]) : hmac_of(hash);
    if (context != NULL && EVP_MAC_init(context, key_len == 0 ? nothing : key, key_len, NULL) != 1) {
        EVP_MAC_CTX_free(context);
        context = NULL;
    }
    return context;
}

void libcrypto_hashes_open(struct libcrypto_state *state) {
    for (dtls_hash hash = DTLS_HASH_SHA256; hash <= DTLS_HASH_MD5_SHA1; hash++) {
        state->digests[hash] = EVP_MD_fetch(NULL, EVP_MD_get0_name(named_digest(hash)), NULL);
        state->hmacs[hash] = hmac_of(hash);
    }
}

void libcrypto_hashes_close(struct libcrypto_state *state) {
    for (size_t i = 0; i < LIBCRYPTO_HASHES; i++) {
        EVP_MD_free(state->digests[i]);
        EVP_MAC_CTX_free(state->hmacs[i]);
    }
}

static int update(EVP_MAC_CTX *context, const dtls_span *parts, size_t num_parts) {
    for (size_t i = 0; i < num_parts; i++) {
        if (EVP_MAC_update(context, parts[i].data, parts[i].len) != 1)
            return 0;
    }
    return 1;
}

dtls_error libcrypto_hmac(void *state, dtls_hash hash, const uint8_t *key, size_t key_len,
                          const dtls_span *parts, size_t num_parts, uint8_t *out) {
    size_t len;
    if (named_digest(hash) == NULL)
        return DTLS_ERROR_ARGUMENT;
    EVP_MAC_CTX *context = libcrypto_hmac_keyed(state, hash, key, key_len);
    const int done = context != NULL && update(context, parts, num_parts) == 1 &&
                     EVP_MAC_final(context, out, &len, DTLS_MAX_HASH) == 1;
    EVP_MAC_CTX_free(context);
    return done ? DTLS_OK : DTLS_ERROR_CRYPTO;
}
