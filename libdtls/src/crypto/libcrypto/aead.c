/* SPDX-License-Identifier: MIT
 *
 * AEAD, in place: GCM (NIST SP 800-38D), CCM (RFC 3610) and
 * ChaCha20-Poly1305 (RFC 8439). A context is keyed once; a record sets the
 * nonce only. Tags go through OSSL_PARAM, a tenth faster than the ctrl call
 * that translates to it.
 */
#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/params.h>

#include <string.h>

#include "crypto/libcrypto/internal.h"

/* A GCM record's parts around the data, bytes. */
#define EXPLICIT_NONCE 8
#define GCM_TAG        16

/* The length by which libcrypto knows that it is told the nonce and not only its fixed part. */
#define WHOLE_NONCE ((size_t)-1)

static const struct algorithm {
    const EVP_CIPHER *(*cipher)(void);
    uint8_t key_len;
    uint8_t tag_len;
    bool needs_len; /* CCM: the length comes before the data, the tag length before the key */
} algorithms[] = {
    [DTLS_AEAD_AES_128_GCM] = {EVP_aes_128_gcm, 16, 16, false},
    [DTLS_AEAD_AES_256_GCM] = {EVP_aes_256_gcm, 32, 16, false},
#ifndef OPENSSL_NO_CHACHA
    [DTLS_AEAD_CHACHA20_POLY1305] = {EVP_chacha20_poly1305, 32, 16, false},
#endif
    [DTLS_AEAD_AES_128_CCM] = {EVP_aes_128_ccm, 16, 16, true},
    [DTLS_AEAD_AES_256_CCM] = {EVP_aes_256_ccm, 32, 16, true},
    [DTLS_AEAD_AES_128_CCM_8] = {EVP_aes_128_ccm, 16, 8, true},
    [DTLS_AEAD_AES_256_CCM_8] = {EVP_aes_256_ccm, 32, 8, true},
};

/* What the slot points to beside the context is told by the context's application data. */
static const struct algorithm *algorithm_of(const EVP_CIPHER_CTX *context) {
    return EVP_CIPHER_CTX_get_app_data(context);
}

void libcrypto_aeads_open(struct libcrypto_state *state) {
    for (size_t i = 0; i < LIBCRYPTO_AEADS; i++) {
        if (algorithms[i].cipher != NULL)
            state->aeads[i] = EVP_CIPHER_fetch(NULL, EVP_CIPHER_get0_name(algorithms[i].cipher()), NULL);
    }
}

void libcrypto_aeads_close(struct libcrypto_state *state) {
    for (size_t i = 0; i < LIBCRYPTO_AEADS; i++)
        EVP_CIPHER_free(state->aeads[i]);
}

/* The nonce's length is that by which GCM and ChaCha20-Poly1305 begin. */
static int set_up(EVP_CIPHER_CTX *context, const EVP_CIPHER *cipher, const struct algorithm *algorithm,
                  dtls_direction direction, const uint8_t *key) {
    const int sealing = direction == DTLS_SEAL;
    EVP_CIPHER_CTX_set_app_data(context, (void *)algorithm);
    if (!algorithm->needs_len)
        return EVP_CipherInit_ex2(context, cipher, key, NULL, sealing, NULL);
    return EVP_CipherInit_ex2(context, cipher, NULL, NULL, sealing, NULL) == 1 &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, DTLS_AEAD_NONCE, NULL) == 1 &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, algorithm->tag_len, NULL) == 1 &&
           EVP_CipherInit_ex2(context, NULL, key, NULL, sealing, NULL) == 1;
}

dtls_error libcrypto_aead_start(void *state, void *slot, dtls_aead aead, dtls_direction direction,
                                const uint8_t *key, size_t key_len) {
    const struct libcrypto_state *looked_up = state;
    struct libcrypto_slot *self = slot;
    size_t index = (size_t)aead;
    libcrypto_aead_clear(slot);
    if (index >= sizeof algorithms / sizeof *algorithms || algorithms[index].cipher == NULL ||
        key_len != algorithms[index].key_len)
        return DTLS_ERROR_ARGUMENT;
    const EVP_CIPHER *cipher = looked_up != NULL && looked_up->aeads[index] != NULL
                                   ? looked_up->aeads[index]
                                   : algorithms[index].cipher();
    self->object = EVP_CIPHER_CTX_new();
    if (self->object == NULL || set_up(self->object, cipher, &algorithms[index], direction, key) != 1) {
        libcrypto_aead_clear(slot);
        return DTLS_ERROR_CRYPTO;
    }
    return DTLS_OK;
}

/* The nonce, the associated data, and the data in place. */
static int run(EVP_CIPHER_CTX *context, const struct algorithm *algorithm, const OSSL_PARAM *params,
               const uint8_t *nonce, const uint8_t *associated, size_t associated_len, uint8_t *data,
               size_t len) {
    int done = 0;
    if (associated_len > INT_MAX || len > INT_MAX ||
        EVP_CipherInit_ex2(context, NULL, NULL, nonce, -1, params) != 1)
        return 0;
    if (algorithm->needs_len && EVP_CipherUpdate(context, NULL, &done, NULL, (int)len) != 1)
        return 0;
    if (EVP_CipherUpdate(context, NULL, &done, associated, (int)associated_len) != 1)
        return 0;
    return EVP_CipherUpdate(context, data, &done, data, (int)len);
}

dtls_error libcrypto_aead_seal(void *slot, const uint8_t nonce[DTLS_AEAD_NONCE], const uint8_t *associated,
                               size_t associated_len, uint8_t *data, size_t len, uint8_t *out_tag) {
    EVP_CIPHER_CTX *context = ((struct libcrypto_slot *)slot)->object;
    const struct algorithm *algorithm = algorithm_of(context);
    OSSL_PARAM tag[] = {
        OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, out_tag, algorithm->tag_len),
        OSSL_PARAM_construct_end()};
    int last = 0;
    if (run(context, algorithm, NULL, nonce, associated, associated_len, data, len) != 1 ||
        EVP_CipherFinal_ex(context, data, &last) != 1 || EVP_CIPHER_CTX_get_params(context, tag) != 1)
        return DTLS_ERROR_CRYPTO;
    return DTLS_OK;
}

dtls_error libcrypto_aead_open(void *slot, const uint8_t nonce[DTLS_AEAD_NONCE], const uint8_t *associated,
                               size_t associated_len, uint8_t *data, size_t len, const uint8_t *tag) {
    EVP_CIPHER_CTX *context = ((struct libcrypto_slot *)slot)->object;
    const struct algorithm *algorithm = algorithm_of(context);
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, (void *)tag, algorithm->tag_len),
        OSSL_PARAM_construct_end()};
    int last = 0;
    int done = run(context, algorithm, params, nonce, associated, associated_len, data, len) == 1;
    /* CCM has judged the tag already, and its final call would say nothing new. */
    if (done && !algorithm->needs_len)
        done = EVP_CipherFinal_ex(context, data, &last) == 1;
    return done ? DTLS_OK : DTLS_NOTHING;
}

/* Libcrypto's way for TLS: told the associated data and the nonce, it does the whole fragment in one call, a
 * quarter faster with short records. It takes the length of the fragment from the associated data, where that
 * of the plaintext must be. */
static int run_record(EVP_CIPHER_CTX *context, const uint8_t *nonce, const uint8_t *associated,
                      uint8_t *fragment, size_t len, size_t told_len) {
    uint8_t told[DTLS_RECORD_ASSOCIATED];
    memcpy(told, associated, sizeof told - 2);
    told[sizeof told - 2] = (uint8_t)(told_len >> 8);
    told[sizeof told - 1] = (uint8_t)told_len;
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TLS1_AAD, told, sizeof told),
        OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TLS1_IV_FIXED, (void *)nonce, WHOLE_NONCE),
        OSSL_PARAM_construct_end()};
    return EVP_CIPHER_CTX_set_params(context, params) == 1 &&
           EVP_Cipher(context, fragment, fragment, (unsigned)(EXPLICIT_NONCE + len + GCM_TAG)) > 0;
}

dtls_error libcrypto_gcm_record_seal(void *slot, const uint8_t nonce[DTLS_AEAD_NONCE],
                                     const uint8_t associated[DTLS_RECORD_ASSOCIATED], uint8_t *fragment,
                                     size_t len) {
    EVP_CIPHER_CTX *context = ((struct libcrypto_slot *)slot)->object;
    return run_record(context, nonce, associated, fragment, len, EXPLICIT_NONCE + len) ? DTLS_OK
                                                                                       : DTLS_ERROR_CRYPTO;
}

dtls_error libcrypto_gcm_record_open(void *slot, const uint8_t nonce[DTLS_AEAD_NONCE],
                                     const uint8_t associated[DTLS_RECORD_ASSOCIATED], uint8_t *fragment,
                                     size_t len) {
    EVP_CIPHER_CTX *context = ((struct libcrypto_slot *)slot)->object;
    const size_t told_len = EXPLICIT_NONCE + len + GCM_TAG;
    return run_record(context, nonce, associated, fragment, len, told_len) ? DTLS_OK : DTLS_NOTHING;
}

void libcrypto_aead_clear(void *slot) {
    struct libcrypto_slot *self = slot;
    EVP_CIPHER_CTX_free(self->object);
    self->object = NULL;
}
