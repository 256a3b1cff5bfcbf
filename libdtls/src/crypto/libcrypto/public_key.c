/* SPDX-License-Identifier: MIT
 *
 * Raw public keys (RFC 7250 section 3): SubjectPublicKeyInfos, read into a
 * slot, and found in what keys and certificates are kept in.
 */
#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "crypto/libcrypto/internal.h"

/* The key, which must fill the span; NULL if it does not parse. */
static EVP_PKEY *read_der(const uint8_t *bytes, size_t len) {
    const unsigned char *at = bytes;
    EVP_PKEY *key = len > LONG_MAX ? NULL : d2i_PUBKEY(NULL, &at, (long)len);
    if (key != NULL && at != bytes + len) {
        EVP_PKEY_free(key);
        key = NULL;
    }
    return key;
}

dtls_error libcrypto_public_key_read(void *state, void *public_key_slot, dtls_span public_key,
                                     dtls_key_type *out_type) {
    (void)state;
    struct libcrypto_slot *slot = public_key_slot;
    libcrypto_public_key_clear(public_key_slot);
    if (public_key.data == NULL)
        return DTLS_ERROR_ARGUMENT;
    ERR_set_mark();
    EVP_PKEY *key = read_der(public_key.data, public_key.len);
    ERR_pop_to_mark();
    if (key == NULL)
        return DTLS_ERROR_CERTIFICATE_BAD;
    if (libcrypto_key_type(key, out_type) != DTLS_OK) {
        EVP_PKEY_free(key);
        return DTLS_ERROR_CERTIFICATE_UNSUPPORTED;
    }
    slot->object = key;
    return DTLS_OK;
}

static int no_passphrase(char *buffer, int size, int rwflag, void *user) {
    (void)buffer;
    (void)size;
    (void)rwflag;
    (void)user;
    return 0;
}

static EVP_PKEY *key_of_certificate(X509 *certificate) {
    EVP_PKEY *key = certificate == NULL ? NULL : X509_get_pubkey(certificate);
    X509_free(certificate);
    return key;
}

/* Each reader looks for its own kind of PEM block, from the beginning. */
static EVP_PKEY *read_pem(const uint8_t *bytes, size_t len) {
    BIO *input = len > INT_MAX ? NULL : BIO_new_mem_buf(bytes, (int)len);
    EVP_PKEY *key = input == NULL ? NULL : PEM_read_bio_PUBKEY(input, NULL, NULL, NULL);
    if (key == NULL && input != NULL && BIO_reset(input) == 1)
        key = key_of_certificate(PEM_read_bio_X509(input, NULL, NULL, NULL));
    if (key == NULL && input != NULL && BIO_reset(input) == 1)
        key = PEM_read_bio_PrivateKey(input, NULL, no_passphrase, NULL);
    BIO_free(input);
    return key;
}

dtls_error dtls_libcrypto_public_key_read(const uint8_t *bytes, size_t len, uint8_t *out, size_t out_cap,
                                          size_t *out_len) {
    if (bytes == NULL || out == NULL || out_len == NULL)
        return DTLS_ERROR_ARGUMENT;
    ERR_set_mark();
    EVP_PKEY *key = read_der(bytes, len);
    if (key == NULL)
        key = read_pem(bytes, len);
    const int needed = key == NULL ? -1 : i2d_PUBKEY(key, NULL);
    dtls_error error = needed <= 0 ? DTLS_ERROR_ARGUMENT : DTLS_OK;
    if (error == DTLS_OK && (size_t)needed > out_cap)
        error = DTLS_ERROR_NO_ROOM;
    if (error == DTLS_OK) {
        i2d_PUBKEY(key, &out);
        *out_len = (size_t)needed;
    }
    EVP_PKEY_free(key);
    ERR_pop_to_mark();
    return error;
}
