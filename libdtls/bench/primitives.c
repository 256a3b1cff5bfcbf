/* SPDX-License-Identifier: MIT
 *
 * The bare primitives: what a handshake or a record cannot do without, called
 * one after the other, with no protocol around them. No DTLS over this
 * libcrypto can be faster.
 */
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

#define TAG       16
#define SECRET    32
#define MASTER    48
#define KEY_BLOCK 40

struct pair {
    EVP_CIPHER_CTX *contexts[2]; /* sealing, opening */
    uint64_t number;
    uint8_t records[BENCH_BATCH][BENCH_DATAGRAM];
};

static EVP_PKEY *signing_key;
static dtls_span certificate;
static uint8_t certificate_bytes[2048];
static dtls_trust_anchors *anchors;

static void prepare(const struct bench_credentials *credentials) {
    BIO *key_pem = BIO_new_mem_buf(credentials->key_pem, -1);
    signing_key = PEM_read_bio_PrivateKey(key_pem, NULL, NULL, NULL);
    BIO_free(key_pem);
    size_t num = 1;
    bench_need(signing_key != NULL &&
                   dtls_libcrypto_chain_read((const uint8_t *)credentials->certificate_pem,
                                             strlen(credentials->certificate_pem), certificate_bytes,
                                             sizeof certificate_bytes, &certificate, &num) == DTLS_OK &&
                   dtls_libcrypto_trust_anchors_read((const uint8_t *)credentials->anchor_pem,
                                                     strlen(credentials->anchor_pem), &anchors) == DTLS_OK,
               "primitives: credentials");
}

static void finish(void) {
    EVP_PKEY_free(signing_key);
    dtls_libcrypto_trust_anchors_free(anchors);
}

static void derive(EVP_PKEY *own, EVP_PKEY *peer, uint8_t *secret) {
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(own, NULL);
    size_t len = SECRET;
    bench_need(EVP_PKEY_derive_init(context) == 1 && EVP_PKEY_derive_set_peer_ex(context, peer, 0) == 1 &&
                   EVP_PKEY_derive(context, secret, &len) == 1,
               "primitives: derive");
    EVP_PKEY_CTX_free(context);
}

static void sign_and_verify(void) {
    static const uint8_t digest[32];
    uint8_t signature[128];
    size_t len = sizeof signature;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(signing_key, NULL);
    bench_need(EVP_PKEY_sign_init(context) == 1 &&
                   EVP_PKEY_sign(context, signature, &len, digest, sizeof digest) == 1 &&
                   EVP_PKEY_verify_init(context) == 1 &&
                   EVP_PKEY_verify(context, signature, len, digest, sizeof digest) == 1,
               "primitives: signature");
    EVP_PKEY_CTX_free(context);
}

/* Two ephemeral keys, two agreements, one signature made and checked, one chain judged. */
static void ecdhe_ecdsa(uint8_t *secret) {
    const dtls_identity identity = {
        .name = BENCH_SERVER_NAME, .peer_role = DTLS_SERVER, .calendar_s = 1767225600};
    EVP_PKEY *client = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    EVP_PKEY *server = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    derive(client, server, secret);
    derive(server, client, secret);
    sign_and_verify();
    uint64_t slot = 0;
    dtls_key_type type;
    bench_need(dtls_libcrypto.certificates_read(dtls_libcrypto.state, &slot, &certificate, 1, DTLS_KEY_SIGNS,
                                                anchors, &identity, &type) == DTLS_OK,
               "primitives: chain");
    dtls_libcrypto.public_key_clear(&slot);
    EVP_PKEY_free(client);
    EVP_PKEY_free(server);
}

/* What each end derives: the master secret, the key block, both verify_data. */
static void key_schedule(const uint8_t *secret) {
    static const size_t lens[] = {MASTER, KEY_BLOCK, 12, 12};
    uint8_t seed_bytes[64] = {0};
    const dtls_span seed = {.data = seed_bytes, .len = sizeof seed_bytes};
    uint8_t out[MASTER];
    for (int end = 0; end < 2; end++) {
        for (size_t i = 0; i < 4; i++)
            bench_need(dtls_libcrypto.prf(dtls_libcrypto.state, DTLS_HASH_SHA256, secret, SECRET,
                                          "master secret", &seed, 1, out, lens[i]) == DTLS_OK,
                       "primitives: PRF");
    }
}

static void *connect_pair(enum bench_handshake kind) {
    struct pair *pair = calloc(1, sizeof *pair);
    uint8_t secret[SECRET] = {0};
    bench_need(pair != NULL, "memory");
    if (kind == BENCH_ECDHE_ECDSA)
        ecdhe_ecdsa(secret);
    key_schedule(secret);
    /* Each end has a key for either direction. */
    for (int i = 0; i < 4; i++) {
        EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
        bench_need(context != NULL &&
                       EVP_CipherInit_ex(context, EVP_aes_128_gcm(), NULL, secret, NULL, i % 2 == 0) == 1,
                   "primitives: key");
        if (i < 2)
            pair->contexts[i] = context;
        else
            EVP_CIPHER_CTX_free(context);
    }
    return pair;
}

static void run(EVP_CIPHER_CTX *context, uint64_t number, uint8_t *data, size_t len) {
    uint8_t nonce[12] = {0};
    uint8_t associated[13] = {0};
    int done;
    memcpy(nonce + 4, &number, sizeof number);
    memcpy(associated, &number, sizeof number);
    bench_need(EVP_CipherInit_ex2(context, NULL, NULL, nonce, -1, NULL) == 1 &&
                   EVP_CipherUpdate(context, NULL, &done, associated, sizeof associated) == 1 &&
                   EVP_CipherUpdate(context, data, &done, data, (int)len) == 1,
               "primitives: record");
}

static void seal(void *user, size_t len) {
    struct pair *pair = user;
    for (size_t i = 0; i < BENCH_BATCH; i++) {
        uint8_t *data = pair->records[i];
        OSSL_PARAM tag[] = {OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, data + len, TAG),
                            OSSL_PARAM_construct_end()};
        int done;
        run(pair->contexts[0], pair->number + i, data, len);
        bench_need(EVP_CipherFinal_ex(pair->contexts[0], data, &done) == 1 &&
                       EVP_CIPHER_CTX_get_params(pair->contexts[0], tag) == 1,
                   "primitives: seal");
    }
}

static void open_records(void *user, size_t len) {
    struct pair *pair = user;
    for (size_t i = 0; i < BENCH_BATCH; i++) {
        uint8_t *data = pair->records[i];
        OSSL_PARAM tag[] = {OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, data + len, TAG),
                            OSSL_PARAM_construct_end()};
        int done;
        run(pair->contexts[1], pair->number + i, data, len);
        bench_need(EVP_CIPHER_CTX_set_params(pair->contexts[1], tag) == 1 &&
                       EVP_CipherFinal_ex(pair->contexts[1], data, &done) == 1,
                   "primitives: open");
    }
    pair->number += BENCH_BATCH;
}

static void disconnect(void *user) {
    struct pair *pair = user;
    EVP_CIPHER_CTX_free(pair->contexts[0]);
    EVP_CIPHER_CTX_free(pair->contexts[1]);
    free(pair);
}

const struct bench_subject bench_primitives = {
    .name = "primitives",
    .prepare = prepare,
    .finish = finish,
    .connect = connect_pair,
    .seal = seal,
    .open = open_records,
    .disconnect = disconnect,
};
