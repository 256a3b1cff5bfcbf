/* SPDX-License-Identifier: MIT
 *
 * Signatures over digests: ECDSA (RFC 8422 section 5.4), RSASSA-PKCS1-v1_5
 * (RFC 5246 section 4.7), RSASSA-PSS (RFC 8446 section 4.2.3), Ed25519 over
 * messages (RFC 8422 section 5.10); private keys.
 */
#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <string.h>

#include "crypto/libcrypto/internal.h"

static const struct scheme {
    uint16_t code;
    uint8_t hash; /* dtls_hash; 0: the scheme hashes by itself */
    uint8_t key_type;
    int padding; /* of RSA */
} schemes[] = {
    {0x0403, DTLS_HASH_SHA256, DTLS_KEY_ECDSA, 0},
    {0x0503, DTLS_HASH_SHA384, DTLS_KEY_ECDSA, 0},
    {0x0603, DTLS_HASH_SHA512, DTLS_KEY_ECDSA, 0},
    {0x0804, DTLS_HASH_SHA256, DTLS_KEY_RSA, RSA_PKCS1_PSS_PADDING},
    {0x0805, DTLS_HASH_SHA384, DTLS_KEY_RSA, RSA_PKCS1_PSS_PADDING},
    {0x0806, DTLS_HASH_SHA512, DTLS_KEY_RSA, RSA_PKCS1_PSS_PADDING},
    {0x0809, DTLS_HASH_SHA256, DTLS_KEY_RSA_PSS, RSA_PKCS1_PSS_PADDING},
    {0x080a, DTLS_HASH_SHA384, DTLS_KEY_RSA_PSS, RSA_PKCS1_PSS_PADDING},
    {0x080b, DTLS_HASH_SHA512, DTLS_KEY_RSA_PSS, RSA_PKCS1_PSS_PADDING},
    {0x0401, DTLS_HASH_SHA256, DTLS_KEY_RSA, RSA_PKCS1_PADDING},
    {0x0501, DTLS_HASH_SHA384, DTLS_KEY_RSA, RSA_PKCS1_PADDING},
    {0x0601, DTLS_HASH_SHA512, DTLS_KEY_RSA, RSA_PKCS1_PADDING},
    {0x0807, 0, DTLS_KEY_ED25519, 0},
    {0x0203, DTLS_HASH_SHA1, DTLS_KEY_ECDSA, 0},
    {DTLS_SCHEME_RSA_MD5_SHA1, DTLS_HASH_MD5_SHA1, DTLS_KEY_RSA, RSA_PKCS1_PADDING},
};

/* The scheme, if the key can make its signatures. */
static const struct scheme *scheme_for(const EVP_PKEY *key, unsigned code) {
    dtls_key_type type;
    if (key == NULL || libcrypto_key_type(key, &type) != DTLS_OK)
        return NULL;
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        if (schemes[i].code == code)
            return schemes[i].key_type == type ? &schemes[i] : NULL;
    }
    return NULL;
}

dtls_error libcrypto_key_type(const EVP_PKEY *key, dtls_key_type *out_type) {
    static const struct {
        int id;
        dtls_key_type type;
    } types[] = {{EVP_PKEY_EC, DTLS_KEY_ECDSA},
                 {EVP_PKEY_RSA, DTLS_KEY_RSA},
                 {EVP_PKEY_ED25519, DTLS_KEY_ED25519},
                 {EVP_PKEY_RSA_PSS, DTLS_KEY_RSA_PSS}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (EVP_PKEY_get_base_id(key) == types[i].id) {
            *out_type = types[i].type;
            return DTLS_OK;
        }
    }
    return DTLS_ERROR_ARGUMENT;
}

/* Padding, with a salt as long as the digest (RFC 8446 section 4.2.3), and hash. */
static int set_scheme(EVP_PKEY_CTX *context, const struct scheme *scheme) {
    if (scheme->padding != 0 && EVP_PKEY_CTX_set_rsa_padding(context, scheme->padding) != 1)
        return 0;
    if (EVP_PKEY_CTX_set_signature_md(context, libcrypto_digest(NULL, (dtls_hash)scheme->hash)) != 1)
        return 0;
    return scheme->padding != RSA_PKCS1_PSS_PADDING ||
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

/* Schemes that hash by themselves take the one-call interface. */
static int verify_message(EVP_PKEY *key, const uint8_t *message, size_t len, const uint8_t *signature,
                          size_t signature_len) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int good = context != NULL && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1 &&
               EVP_DigestVerify(context, signature, signature_len, message, len) == 1;
    EVP_MD_CTX_free(context);
    return good;
}

static int sign_message(EVP_PKEY *key, const uint8_t *message, size_t len, uint8_t *out, size_t *out_len) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int good = context != NULL && EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1 &&
               EVP_DigestSign(context, out, out_len, message, len) == 1;
    EVP_MD_CTX_free(context);
    return good;
}

dtls_error libcrypto_verify(const void *public_key_slot, unsigned scheme, const uint8_t *digest,
                            size_t digest_len, const uint8_t *signature, size_t signature_len) {
    EVP_PKEY *key = ((const struct libcrypto_slot *)public_key_slot)->object;
    const struct scheme *found = scheme_for(key, scheme);
    if (found == NULL)
        return DTLS_ERROR_SIGNATURE;
    ERR_set_mark();
    int good;
    if (found->hash == 0) {
        good = verify_message(key, digest, digest_len, signature, signature_len);
    } else {
        EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
        good = context != NULL && EVP_PKEY_verify_init(context) == 1 && set_scheme(context, found) &&
               EVP_PKEY_verify(context, signature, signature_len, digest, digest_len) == 1;
        EVP_PKEY_CTX_free(context);
    }
    ERR_pop_to_mark();
    return good ? DTLS_OK : DTLS_ERROR_SIGNATURE;
}

dtls_error libcrypto_sign(void *state, const dtls_private_key *key, unsigned scheme, const uint8_t *digest,
                          size_t digest_len, uint8_t *out, size_t *out_len) {
    (void)state;
    EVP_PKEY *private_key = (EVP_PKEY *)key;
    const struct scheme *found = scheme_for(private_key, scheme);
    if (found == NULL)
        return DTLS_ERROR_ARGUMENT;
    size_t room = *out_len;
    size_t most = (size_t)EVP_PKEY_get_size(private_key);
    *out_len = most;
    if (room < most)
        return DTLS_ERROR_NO_ROOM;
    ERR_set_mark();
    int good;
    if (found->hash == 0) {
        good = sign_message(private_key, digest, digest_len, out, out_len);
    } else {
        EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, private_key, NULL);
        good = context != NULL && EVP_PKEY_sign_init(context) == 1 && set_scheme(context, found) &&
               EVP_PKEY_sign(context, out, out_len, digest, digest_len) == 1;
        EVP_PKEY_CTX_free(context);
    }
    ERR_pop_to_mark();
    return good ? DTLS_OK : DTLS_ERROR_CRYPTO;
}

/* An encrypted key is refused; libcrypto would otherwise ask on the terminal. */
static int no_passphrase(char *buffer, int size, int writing, void *user) {
    (void)buffer;
    (void)size;
    (void)writing;
    (void)user;
    return -1;
}

dtls_error dtls_libcrypto_private_key_read(const uint8_t *bytes, size_t len, dtls_private_key **out_key,
                                           dtls_key_type *out_type) {
    if (out_key == NULL)
        return DTLS_ERROR_ARGUMENT;
    *out_key = NULL;
    if (bytes == NULL || len > INT_MAX || out_type == NULL)
        return DTLS_ERROR_ARGUMENT;
    ERR_set_mark();
    BIO *input = BIO_new_mem_buf(bytes, (int)len);
    EVP_PKEY *key = input == NULL ? NULL : PEM_read_bio_PrivateKey(input, NULL, no_passphrase, NULL);
    BIO_free(input);
    const unsigned char *der = bytes;
    if (key == NULL)
        key = d2i_AutoPrivateKey(NULL, &der, (long)len);
    ERR_pop_to_mark();
    if (key == NULL || libcrypto_key_type(key, out_type) != DTLS_OK) {
        EVP_PKEY_free(key);
        return DTLS_ERROR_ARGUMENT;
    }
    *out_key = (dtls_private_key *)key;
    return DTLS_OK;
}

uint16_t dtls_libcrypto_private_key_curve(const dtls_private_key *key) {
    static const struct {
        uint16_t code;
        const char *name;
    } curves[] = {
        {DTLS_GROUP_P256, "prime256v1"}, {DTLS_GROUP_P384, "secp384r1"}, {DTLS_GROUP_P521, "secp521r1"}};
    char name[32];
    if (key == NULL || EVP_PKEY_get_group_name((const EVP_PKEY *)key, name, sizeof name, NULL) != 1)
        return 0;
    for (size_t i = 0; i < sizeof curves / sizeof *curves; i++) {
        if (strcmp(name, curves[i].name) == 0)
            return curves[i].code;
    }
    return 0;
}

void dtls_libcrypto_private_key_free(dtls_private_key *key) {
    EVP_PKEY_free((EVP_PKEY *)key);
}
