/* SPDX-License-Identifier: MIT
 *
 * The PRF of TLS 1.2 (RFC 5246 section 5), and that of DTLS 1.0.
 *
 * Made of hashes: libcrypto's TLS1-PRF copies contexts of contexts at every
 * step and takes three times as long, and of its HMAC two thirds of the time go
 * into setting the key.
 */
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <string.h>

#include "crypto/libcrypto/internal.h"

/* Spans that a seed can have besides the label; one message never has more. */
#define MAX_SEED 6

/* The longest block of a hash here, bytes. */
#define MAX_BLOCK 128

/* HMAC (RFC 2104) with a key: what both hashes have taken of it, and one under way. */
struct hmac {
    EVP_MD_CTX *inner;
    EVP_MD_CTX *outer;
    EVP_MD_CTX *running;
};

static void clear(struct hmac *hmac) {
    EVP_MD_CTX_free(hmac->inner);
    EVP_MD_CTX_free(hmac->outer);
    EVP_MD_CTX_free(hmac->running);
}

/* A hash that has begun with the key's block, each byte of which is changed by `pad`. */
static EVP_MD_CTX *begin(const EVP_MD *digest, uint8_t *block, size_t block_len, uint8_t pad) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    for (size_t i = 0; i < block_len; i++)
        block[i] ^= pad;
    if (context != NULL && (EVP_DigestInit_ex2(context, digest, NULL) != 1 ||
                            EVP_DigestUpdate(context, block, block_len) != 1)) {
        EVP_MD_CTX_free(context);
        context = NULL;
    }
    for (size_t i = 0; i < block_len; i++)
        block[i] ^= pad;
    return context;
}

/* False: failed; there is nothing to be cleared. */
static bool set_key(struct hmac *out, const EVP_MD *digest, const uint8_t *key, size_t key_len) {
    uint8_t block[MAX_BLOCK] = {0};
    const size_t block_len = (size_t)EVP_MD_get_block_size(digest);
    bool good = block_len <= sizeof block;
    if (good && key_len > block_len)
        good = EVP_Digest(key, key_len, block, NULL, digest, NULL) == 1;
    else if (good && key_len > 0)
        memcpy(block, key, key_len);
    *out = (struct hmac){.inner = NULL};
    if (good) {
        out->inner = begin(digest, block, block_len, 0x36);
        out->outer = begin(digest, block, block_len, 0x5c);
        out->running = EVP_MD_CTX_new();
    }
    dtls_libcrypto.wipe(block, sizeof block);
    if (out->inner != NULL && out->outer != NULL && out->running != NULL)
        return true;
    clear(out);
    return false;
}

static bool run(const struct hmac *hmac, const dtls_span *parts, size_t num_parts, uint8_t out[DTLS_MAX_HASH],
                unsigned *out_len) {
    bool good = EVP_MD_CTX_copy_ex(hmac->running, hmac->inner) == 1;
    for (size_t i = 0; i < num_parts && good; i++)
        good = EVP_DigestUpdate(hmac->running, parts[i].data, parts[i].len) == 1;
    return good && EVP_DigestFinal_ex(hmac->running, out, out_len) == 1 &&
           EVP_MD_CTX_copy_ex(hmac->running, hmac->outer) == 1 &&
           EVP_DigestUpdate(hmac->running, out, *out_len) == 1 &&
           EVP_DigestFinal_ex(hmac->running, out, out_len) == 1;
}

/* P_hash: HMAC(secret, A(i) + seed) for A(i) = HMAC(secret, A(i-1)), A(0) the seed. The first of `parts` is
 * for A(i), the others are the seed. */
static bool p_hash(const struct hmac *hmac, dtls_span *parts, size_t num_parts, uint8_t *out,
                   size_t out_len) {
    uint8_t a[DTLS_MAX_HASH];
    uint8_t block[DTLS_MAX_HASH];
    unsigned len = 0;
    bool good = run(hmac, parts + 1, num_parts - 1, a, &len);
    parts[0] = (dtls_span){a, len};
    while (good && out_len > 0) {
        good = run(hmac, parts, num_parts, block, &len);
        const size_t taken = out_len < len ? out_len : len;
        memcpy(out, block, taken);
        out += taken;
        out_len -= taken;
        if (good && out_len > 0)
            good = run(hmac, parts, 1, a, &len);
    }
    parts[0] = (dtls_span){NULL, 0};
    dtls_libcrypto.wipe(a, sizeof a);
    dtls_libcrypto.wipe(block, sizeof block);
    return good;
}

/* libcrypto's parameters are not const although it only reads them. */
static OSSL_PARAM octets(const char *name, const uint8_t *data, size_t len) {
    return OSSL_PARAM_construct_octet_string(name, (void *)data, len);
}

/* The PRF of RFC 4346, of which libcrypto halves the secret. */
static dtls_error prf_1_0(const EVP_MD *digest, const uint8_t *secret, size_t secret_len, const char *label,
                          const dtls_span *seed, size_t num_seed, uint8_t *out, size_t out_len) {
    /* The label and every part of the seed are seeds to libcrypto, taken one behind the other. */
    OSSL_PARAM params[MAX_SEED + 4];
    size_t n = 0;
    params[n++] =
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)EVP_MD_get0_name(digest), 0);
    params[n++] = octets(OSSL_KDF_PARAM_SECRET, secret, secret_len);
    params[n++] = octets(OSSL_KDF_PARAM_SEED, (const uint8_t *)label, strlen(label));
    for (size_t i = 0; i < num_seed; i++) {
        if (seed[i].len > 0)
            params[n++] = octets(OSSL_KDF_PARAM_SEED, seed[i].data, seed[i].len);
    }
    params[n] = OSSL_PARAM_construct_end();

    EVP_KDF *algorithm = EVP_KDF_fetch(NULL, "TLS1-PRF", NULL);
    EVP_KDF_CTX *context = algorithm == NULL ? NULL : EVP_KDF_CTX_new(algorithm);
    int done = context != NULL && EVP_KDF_derive(context, out, out_len, params) == 1;
    EVP_KDF_CTX_free(context);
    EVP_KDF_free(algorithm);
    return done ? DTLS_OK : DTLS_ERROR_CRYPTO;
}

dtls_error libcrypto_prf(void *state, dtls_hash hash, const uint8_t *secret, size_t secret_len,
                         const char *label, const dtls_span *seed, size_t num_seed, uint8_t *out,
                         size_t out_len) {
    const EVP_MD *digest = libcrypto_digest(state, hash);
    if (digest == NULL || num_seed > MAX_SEED)
        return DTLS_ERROR_ARGUMENT;
    if (hash == DTLS_HASH_MD5_SHA1)
        return prf_1_0(digest, secret, secret_len, label, seed, num_seed, out, out_len);
    dtls_span parts[2 + MAX_SEED];
    parts[1] = (dtls_span){(const uint8_t *)label, strlen(label)};
    for (size_t i = 0; i < num_seed; i++)
        parts[i + 2] = seed[i];
    struct hmac hmac;
    if (!set_key(&hmac, digest, secret, secret_len))
        return DTLS_ERROR_CRYPTO;
    const bool good = p_hash(&hmac, parts, num_seed + 2, out, out_len);
    clear(&hmac);
    return good ? DTLS_OK : DTLS_ERROR_CRYPTO;
}
