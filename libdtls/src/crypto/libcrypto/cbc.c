/* SPDX-License-Identifier: MIT
 *
 * AES-CBC with HMAC (RFC 5246 section 6.2.3.2, RFC 7366), in place.
 *
 * A MAC inside the ciphertext is verified by libcrypto's own means against
 * timing (Lucky 13): a cipher context that is told the version and the length
 * of the MAC removes padding and MAC in constant time, with a random MAC if the
 * padding was wrong; an HMAC context that is told how long the record is takes
 * as long for every length of its data.
 */
#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/prov_ssl.h>
#include <openssl/rand.h>
#include <string.h>

#include "crypto/libcrypto/internal.h"

struct cbc {
    EVP_CIPHER_CTX *cipher;
    EVP_MAC_CTX *mac; /* keyed; restarted for every record */
    size_t mac_len;
    bool encrypt_then_mac;
};

static struct cbc *cbc_of(void *slot) {
    return ((struct libcrypto_slot *)slot)->object;
}

static const EVP_CIPHER *named_cipher(size_t index) {
    return index == 0 ? EVP_aes_128_cbc() : EVP_aes_256_cbc();
}

void libcrypto_cbcs_open(struct libcrypto_state *state) {
    for (size_t i = 0; i < 2; i++)
        state->cbcs[i] = EVP_CIPHER_fetch(NULL, EVP_CIPHER_get0_name(named_cipher(i)), NULL);
}

void libcrypto_cbcs_close(struct libcrypto_state *state) {
    for (size_t i = 0; i < 2; i++)
        EVP_CIPHER_free(state->cbcs[i]);
}

static const EVP_CIPHER *cipher_of(const struct libcrypto_state *state, size_t key_len) {
    const size_t index = key_len != 16;
    return state != NULL && state->cbcs[index] != NULL ? state->cbcs[index] : named_cipher(index);
}

/* With an inner MAC, opening is left to libcrypto: it is told what the plaintext looks like. */
static int set_up(struct cbc *self, const EVP_CIPHER *cipher, const dtls_cbc *cbc, dtls_direction direction,
                  const uint8_t *key) {
    static const uint8_t no_iv[DTLS_CBC_BLOCK];
    int version = DTLS1_2_VERSION;
    OSSL_PARAM params[] = {OSSL_PARAM_construct_int(OSSL_CIPHER_PARAM_TLS_VERSION, &version),
                           OSSL_PARAM_construct_size_t(OSSL_CIPHER_PARAM_TLS_MAC_SIZE, &self->mac_len),
                           OSSL_PARAM_construct_end()};
    const bool inner = direction == DTLS_OPEN && !cbc->encrypt_then_mac;
    return EVP_CipherInit_ex2(self->cipher, cipher, key, no_iv, direction == DTLS_SEAL,
                              inner ? params : NULL) == 1 &&
           (inner || EVP_CIPHER_CTX_set_padding(self->cipher, 0) == 1);
}

dtls_error libcrypto_cbc_start(void *state, void *slot, const dtls_cbc *cbc, dtls_direction direction,
                               const uint8_t *mac_key, const uint8_t *key) {
    const EVP_MD *digest = libcrypto_digest(state, cbc->hash);
    libcrypto_cbc_clear(slot);
    if (digest == NULL || (cbc->key_len != 16 && cbc->key_len != 32))
        return DTLS_ERROR_ARGUMENT;
    struct cbc *self = OPENSSL_zalloc(sizeof *self);
    if (self == NULL)
        return DTLS_ERROR_CRYPTO;
    ((struct libcrypto_slot *)slot)->object = self;
    self->mac_len = (size_t)EVP_MD_get_size(digest);
    self->encrypt_then_mac = cbc->encrypt_then_mac;
    self->cipher = EVP_CIPHER_CTX_new();
    self->mac = libcrypto_hmac_keyed(state, cbc->hash, mac_key, self->mac_len);
    if (self->cipher == NULL || self->mac == NULL ||
        set_up(self, cipher_of(state, cbc->key_len), cbc, direction, key) != 1) {
        libcrypto_cbc_clear(slot);
        return DTLS_ERROR_CRYPTO;
    }
    return DTLS_OK;
}

void libcrypto_cbc_clear(void *slot) {
    struct cbc *self = cbc_of(slot);
    if (self != NULL) {
        EVP_CIPHER_CTX_free(self->cipher);
        EVP_MAC_CTX_free(self->mac);
    }
    OPENSSL_free(self);
    ((struct libcrypto_slot *)slot)->object = NULL;
}

static void set_len(uint8_t *associated, size_t associated_len, size_t len) {
    associated[associated_len - 2] = (uint8_t)(len >> 8);
    associated[associated_len - 1] = (uint8_t)len;
}

/* `out` has EVP_MAX_MD_SIZE bytes. */
static int authenticate(const struct cbc *self, const uint8_t *associated, size_t associated_len,
                        const uint8_t *data, size_t len, uint8_t *out) {
    size_t out_len;
    return EVP_MAC_init(self->mac, NULL, 0, NULL) == 1 &&
           EVP_MAC_update(self->mac, associated, associated_len) == 1 &&
           EVP_MAC_update(self->mac, data, len) == 1 &&
           EVP_MAC_final(self->mac, out, &out_len, EVP_MAX_MD_SIZE) == 1;
}

/* `len` bytes behind the IV, in place. */
static int run_cipher(const struct cbc *self, uint8_t *bytes, size_t len) {
    int done = 0;
    uint8_t *data = bytes + DTLS_CBC_BLOCK;
    return len <= INT_MAX && EVP_CipherInit_ex2(self->cipher, NULL, NULL, bytes, -1, NULL) == 1 &&
           EVP_CipherUpdate(self->cipher, data, &done, data, (int)len) == 1 && (size_t)done == len;
}

dtls_error libcrypto_cbc_seal(void *slot, uint8_t *associated, size_t associated_len, uint8_t *bytes,
                              size_t len) {
    const struct cbc *self = cbc_of(slot);
    uint8_t mac[EVP_MAX_MD_SIZE];
    uint8_t *data = bytes + DTLS_CBC_BLOCK;
    if (!self->encrypt_then_mac) {
        set_len(associated, associated_len, len);
        if (authenticate(self, associated, associated_len, data, len, mac) != 1)
            return DTLS_ERROR_CRYPTO;
        memcpy(data + len, mac, self->mac_len);
        len += self->mac_len;
    }
    const size_t padding = DTLS_CBC_BLOCK - len % DTLS_CBC_BLOCK;
    memset(data + len, (int)padding - 1, padding);
    len += padding;
    if (RAND_bytes(bytes, DTLS_CBC_BLOCK) != 1 || run_cipher(self, bytes, len) != 1)
        return DTLS_ERROR_CRYPTO;
    if (!self->encrypt_then_mac)
        return DTLS_OK;
    set_len(associated, associated_len, DTLS_CBC_BLOCK + len);
    if (authenticate(self, associated, associated_len, bytes, DTLS_CBC_BLOCK + len, mac) != 1)
        return DTLS_ERROR_CRYPTO;
    memcpy(data + len, mac, self->mac_len);
    return DTLS_OK;
}

/* The padding of data that has authenticated: how wrong it is tells nobody anything. */
static dtls_error remove_padding(const uint8_t *data, size_t *len) {
    const size_t padding = (size_t)data[*len - 1] + 1;
    if (padding > *len)
        return DTLS_NOTHING;
    for (size_t i = 1; i <= padding; i++) {
        if (data[*len - i] != padding - 1)
            return DTLS_NOTHING;
    }
    *len -= padding;
    return DTLS_OK;
}

static dtls_error open_outer(const struct cbc *self, uint8_t *associated, size_t associated_len,
                             uint8_t *bytes, size_t *len) {
    uint8_t mac[EVP_MAX_MD_SIZE];
    if (*len < self->mac_len + (size_t)2 * DTLS_CBC_BLOCK || (*len - self->mac_len) % DTLS_CBC_BLOCK != 0)
        return DTLS_NOTHING;
    const size_t covered = *len - self->mac_len;
    set_len(associated, associated_len, covered);
    if (authenticate(self, associated, associated_len, bytes, covered, mac) != 1 ||
        CRYPTO_memcmp(mac, bytes + covered, self->mac_len) != 0)
        return DTLS_NOTHING;
    *len = covered - DTLS_CBC_BLOCK;
    return run_cipher(self, bytes, *len) == 1 ? remove_padding(bytes + DTLS_CBC_BLOCK, len) : DTLS_NOTHING;
}

/* HMAC in a time that depends on `total` only, not on `len`: a context of its own, since such a one can be
 * used once. */
static int authenticate_secret_len(const struct cbc *self, const uint8_t *associated, size_t associated_len,
                                   const uint8_t *data, size_t len, size_t total, uint8_t *out) {
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_TLS_DATA_SIZE, &total),
                                 OSSL_PARAM_construct_end()};
    size_t out_len;
    EVP_MAC_CTX *context = EVP_MAC_CTX_dup(self->mac);
    const int done = context != NULL && EVP_MAC_CTX_set_params(context, params) == 1 &&
                     EVP_MAC_update(context, associated, associated_len) == 1 &&
                     EVP_MAC_update(context, data, len) == 1 &&
                     EVP_MAC_final(context, out, &out_len, EVP_MAX_MD_SIZE) == 1;
    EVP_MAC_CTX_free(context);
    return done;
}

static dtls_error open_inner(const struct cbc *self, uint8_t *associated, size_t associated_len,
                             uint8_t *bytes, size_t *len) {
    const size_t total = *len - DTLS_CBC_BLOCK;
    int data_len = 0;
    uint8_t mac[EVP_MAX_MD_SIZE];
    const uint8_t *inner = NULL;
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_ptr(OSSL_CIPHER_PARAM_TLS_MAC, (void **)&inner, self->mac_len),
        OSSL_PARAM_construct_end()};
    /* Fails only for what everybody can see: a length that cannot be. */
    if (*len > INT_MAX || EVP_CipherUpdate(self->cipher, bytes, &data_len, bytes, (int)*len) != 1 ||
        EVP_CIPHER_CTX_get_params(self->cipher, params) != 1 || inner == NULL)
        return DTLS_NOTHING;
    set_len(associated, associated_len, (size_t)data_len);
    if (authenticate_secret_len(self, associated, associated_len, bytes + DTLS_CBC_BLOCK, (size_t)data_len,
                                total, mac) != 1 ||
        CRYPTO_memcmp(mac, inner, self->mac_len) != 0)
        return DTLS_NOTHING;
    *len = (size_t)data_len;
    return DTLS_OK;
}

dtls_error libcrypto_cbc_open(void *slot, uint8_t *associated, size_t associated_len, uint8_t *bytes,
                              size_t *len) {
    const struct cbc *self = cbc_of(slot);
    ERR_set_mark();
    const dtls_error error = self->encrypt_then_mac
                                 ? open_outer(self, associated, associated_len, bytes, len)
                                 : open_inner(self, associated, associated_len, bytes, len);
    ERR_pop_to_mark();
    return error;
}
