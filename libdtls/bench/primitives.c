/* SPDX-License-Identifier: MIT
 *
 * The bare primitives: what a handshake or a record cannot do without, called
 * one after the other, with no protocol around them and no hash of a
 * transcript. Algorithms and the curve are looked up once.
 */
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
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

static dtls_libcrypto_provider provider;
static struct pair the_pair;
static EVP_CIPHER *aes_128_gcm;
static EVP_PKEY *p256; /* the curve, without a key */
static EVP_PKEY *signing_key;
static dtls_span certificate;
static uint8_t certificate_bytes[2048];
static dtls_trust_anchors *anchors;

static EVP_PKEY *curve(const char *name) {
    EVP_PKEY *parameters = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    bench_need(EVP_PKEY_paramgen_init(context) == 1 && EVP_PKEY_CTX_set_group_name(context, name) == 1 &&
                   EVP_PKEY_paramgen(context, &parameters) == 1,
               "primitives: curve");
    EVP_PKEY_CTX_free(context);
    return parameters;
}

static void prepare(const struct bench_credentials *credentials) {
    bench_need(dtls_libcrypto_open(&provider) == DTLS_OK, "primitives: provider");
    aes_128_gcm = EVP_CIPHER_fetch(NULL, "AES-128-GCM", NULL);
    p256 = curve("P-256");
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
    EVP_CIPHER_free(aes_128_gcm);
    EVP_PKEY_free(p256);
    EVP_PKEY_free(signing_key);
    dtls_libcrypto_close(&provider);
    dtls_libcrypto_trust_anchors_free(anchors);
}

static EVP_PKEY *ephemeral_key(void) {
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, p256, NULL);
    bench_need(EVP_PKEY_keygen_init(context) == 1 && EVP_PKEY_generate(context, &key) == 1,
               "primitives: key pair");
    EVP_PKEY_CTX_free(context);
    return key;
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

/* Two ephemeral keys, two agreements, one signature made and checked. */
static void ecdhe_ecdsa(uint8_t *secret) {
    EVP_PKEY *client = ephemeral_key();
    EVP_PKEY *server = ephemeral_key();
    derive(client, server, secret);
    derive(server, client, secret);
    sign_and_verify();
    EVP_PKEY_free(client);
    EVP_PKEY_free(server);
}

/* One chain read, d2i_X509, and judged, X509_verify_cert. */
static void chain(void) {
    const dtls_identity identity = {
        .name = BENCH_SERVER_NAME, .peer_role = DTLS_SERVER, .calendar_s = 1767225600};
    uint64_t slot = 0;
    dtls_key_type type;
    bench_need(dtls_libcrypto.certificates_read(dtls_libcrypto.state, &slot, &certificate, 1, DTLS_KEY_SIGNS,
                                                anchors, &identity, &type) == DTLS_OK,
               "primitives: chain");
    dtls_libcrypto.public_key_clear(&slot);
}

/* What each end draws and derives: its random; the master secret, but for a session that is resumed; the key
 * block, both verify_data. */
static void key_schedule(const uint8_t *secret, int resumes) {
    static const size_t lens[] = {MASTER, KEY_BLOCK, 12, 12};
    uint8_t seed_bytes[64] = {0};
    const dtls_span seed = {.data = seed_bytes, .len = sizeof seed_bytes};
    uint8_t out[MASTER];
    for (int end = 0; end < 2; end++) {
        bench_need(RAND_bytes(seed_bytes, 32) == 1, "primitives: random");
        for (size_t i = resumes != 0; i < 4; i++)
            bench_need(provider.crypto.prf(provider.crypto.state, DTLS_HASH_SHA256, secret, SECRET,
                                           "master secret", &seed, 1, out, lens[i]) == DTLS_OK,
                       "primitives: PRF");
    }
}

static void *connect_pair(enum bench_handshake kind) {
    struct pair *pair = &the_pair;
    uint8_t secret[SECRET] = {0};
    if (kind == BENCH_ECDHE_ECDSA || kind == BENCH_KNOWN_CHAIN)
        ecdhe_ecdsa(secret);
    if (kind == BENCH_ECDHE_ECDSA)
        chain();
    key_schedule(secret, bench_resumes(kind));
    /* Each end has a key for either direction. */
    for (int i = 0; i < 4; i++) {
        EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
        bench_need(context != NULL &&
                       EVP_CipherInit_ex2(context, aes_128_gcm, secret, NULL, i % 2 == 0, NULL) == 1,
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
