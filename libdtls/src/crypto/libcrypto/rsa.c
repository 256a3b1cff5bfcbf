/* SPDX-License-Identifier: MIT
 *
 * RSA key transport (RFC 5246 section 7.4.7.1). That decryption tells nobody
 * what was wrong with a ciphertext is left to libcrypto: its padding mode for
 * TLS checks padding and version and makes a random secret in their place, in
 * constant time.
 */
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <string.h>

#include "crypto/libcrypto/internal.h"

dtls_error libcrypto_encrypt_premaster(void *state, const void *public_key_slot,
                                       const uint8_t premaster[DTLS_TRANSPORTED_PREMASTER], uint8_t *out,
                                       size_t *out_len) {
    (void)state;
    EVP_PKEY *key = ((const struct libcrypto_slot *)public_key_slot)->object;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    *out_len = DTLS_MAX_ENCRYPTED;
    ERR_set_mark();
    const int done = context != NULL && EVP_PKEY_get_size(key) <= DTLS_MAX_ENCRYPTED &&
                     EVP_PKEY_encrypt_init(context) == 1 &&
                     EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
                     EVP_PKEY_encrypt(context, out, out_len, premaster, DTLS_TRANSPORTED_PREMASTER) == 1;
    ERR_pop_to_mark();
    EVP_PKEY_CTX_free(context);
    return done ? DTLS_OK : DTLS_ERROR_CRYPTO;
}

static int set_up(EVP_PKEY_CTX *context, unsigned client_version) {
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_uint(OSSL_ASYM_CIPHER_PARAM_TLS_CLIENT_VERSION, &client_version),
        OSSL_PARAM_construct_end()};
    return EVP_PKEY_decrypt_init(context) == 1 &&
           EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_WITH_TLS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_params(context, params) == 1;
}

dtls_error libcrypto_decrypt_premaster(void *state, const dtls_private_key *key, uint16_t client_version,
                                       const uint8_t *encrypted, size_t len,
                                       uint8_t out_premaster[DTLS_TRANSPORTED_PREMASTER]) {
    (void)state;
    uint8_t opened[DTLS_MAX_ENCRYPTED];
    size_t opened_len = sizeof opened;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, (EVP_PKEY *)key, NULL);
    if (context == NULL || RAND_priv_bytes(out_premaster, DTLS_TRANSPORTED_PREMASTER) != 1 ||
        set_up(context, client_version) != 1) {
        EVP_PKEY_CTX_free(context);
        return DTLS_ERROR_CRYPTO;
    }
    ERR_set_mark();
    /* Fails for a length that is not the key's, and for a number above its modulus: what everybody can see.
     */
    if (EVP_PKEY_decrypt(context, opened, &opened_len, encrypted, len) == 1 &&
        opened_len == DTLS_TRANSPORTED_PREMASTER)
        memcpy(out_premaster, opened, DTLS_TRANSPORTED_PREMASTER);
    ERR_pop_to_mark();
    OPENSSL_cleanse(opened, sizeof opened);
    EVP_PKEY_CTX_free(context);
    return DTLS_OK;
}
