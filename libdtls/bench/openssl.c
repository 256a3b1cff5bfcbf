/* SPDX-License-Identifier: MIT
 *
 * OpenSSL's own DTLS over BIOs that hand datagrams over in memory.
 */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <string.h>

#include "bench.h"

/* Datagrams on their way to one end. */
struct queue {
    uint8_t bytes[BENCH_BATCH + 8][BENCH_DATAGRAM];
    int lens[BENCH_BATCH + 8];
    int first;
    int num;
};

struct pair {
    SSL *ends[2]; /* by dtls_role */
    struct queue to_client;
    struct queue to_server;
};

/* What a BIO reads from and writes to. */
struct ends_of_bio {
    struct queue *in;
    struct queue *out;
};

static SSL_CTX *contexts[BENCH_NUM_HANDSHAKES][2];
static SSL_SESSION *sessions[BENCH_NUM_HANDSHAKES]; /* that are offered; NULL: none */
static struct pair the_pair;
static BIO_METHOD *method;
static const struct bench_credentials *shared;

static int bio_write(BIO *bio, const char *data, int len) {
    struct queue *out = ((struct ends_of_bio *)BIO_get_data(bio))->out;
    bench_need(out->num < BENCH_BATCH + 8 && len <= BENCH_DATAGRAM, "openssl: queue");
    int place = (out->first + out->num++) % (BENCH_BATCH + 8);
    memcpy(out->bytes[place], data, (size_t)len);
    out->lens[place] = len;
    return len;
}

static int bio_read(BIO *bio, char *data, int cap) {
    struct queue *in = ((struct ends_of_bio *)BIO_get_data(bio))->in;
    BIO_clear_retry_flags(bio);
    if (in->num == 0) {
        BIO_set_retry_read(bio);
        return -1;
    }
    int len = in->lens[in->first] < cap ? in->lens[in->first] : cap;
    memcpy(data, in->bytes[in->first], (size_t)len);
    in->first = (in->first + 1) % (BENCH_BATCH + 8);
    in->num--;
    return len;
}

static long bio_ctrl(BIO *bio, int command, long number, void *pointer) {
    (void)bio;
    (void)number;
    (void)pointer;
    return command == BIO_CTRL_FLUSH;
}

static int bio_destroy(BIO *bio) {
    bench_free(BIO_get_data(bio));
    return 1;
}

static BIO *bio_new(struct queue *in, struct queue *out) {
    struct ends_of_bio *ends = bench_alloc(sizeof *ends);
    BIO *bio = BIO_new(method);
    bench_need(bio != NULL, "memory");
    *ends = (struct ends_of_bio){.in = in, .out = out};
    BIO_set_data(bio, ends);
    BIO_set_init(bio, 1);
    return bio;
}

static unsigned client_psk(SSL *ssl, const char *hint, char *identity, unsigned identity_cap,
                           unsigned char *psk, unsigned psk_cap) {
    (void)ssl;
    (void)hint;
    (void)identity_cap;
    (void)psk_cap;
    memcpy(identity, BENCH_PSK_IDENTITY, sizeof BENCH_PSK_IDENTITY);
    memcpy(psk, shared->psk, sizeof shared->psk);
    return sizeof shared->psk;
}

static unsigned server_psk(SSL *ssl, const char *identity, unsigned char *psk, unsigned psk_cap) {
    (void)ssl;
    (void)psk_cap;
    if (strcmp(identity, BENCH_PSK_IDENTITY) != 0)
        return 0;
    memcpy(psk, shared->psk, sizeof shared->psk);
    return sizeof shared->psk;
}

static SSL_CTX *new_context(enum bench_handshake kind, dtls_role role) {
    const char *suites = kind == BENCH_PSK ? "PSK-AES128-GCM-SHA256" : "ECDHE-ECDSA-AES128-GCM-SHA256";
    SSL_CTX *context = SSL_CTX_new(role == DTLS_CLIENT ? DTLS_client_method() : DTLS_server_method());
    bench_need(context != NULL && SSL_CTX_set_cipher_list(context, suites) == 1 &&
                   SSL_CTX_set1_groups_list(context, "P-256") == 1 &&
                   SSL_CTX_set1_sigalgs_list(context, "ECDSA+SHA256") == 1,
               "openssl: context");
    SSL_CTX_set_options(context,
                        SSL_OP_NO_QUERY_MTU | (kind != BENCH_RESUMED_BY_TICKET ? SSL_OP_NO_TICKET : 0));
    SSL_CTX_set_session_cache_mode(context, kind == BENCH_RESUMED_BY_ID && role == DTLS_SERVER
                                                ? SSL_SESS_CACHE_SERVER
                                                : SSL_SESS_CACHE_OFF);
    bench_need(SSL_CTX_set_session_id_context(context, (const unsigned char *)"bench", 5) == 1,
               "openssl: context");
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    return context;
}

static void use_certificate(SSL_CTX *server, SSL_CTX *client, const struct bench_credentials *credentials) {
    BIO *certificate_pem = BIO_new_mem_buf(credentials->certificate_pem, -1);
    BIO *key_pem = BIO_new_mem_buf(credentials->key_pem, -1);
    BIO *anchor_pem = BIO_new_mem_buf(credentials->anchor_pem, -1);
    X509 *certificate = PEM_read_bio_X509(certificate_pem, NULL, NULL, NULL);
    X509 *anchor = PEM_read_bio_X509(anchor_pem, NULL, NULL, NULL);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(key_pem, NULL, NULL, NULL);
    bench_need(SSL_CTX_use_certificate(server, certificate) == 1 &&
                   SSL_CTX_use_PrivateKey(server, key) == 1 &&
                   X509_STORE_add_cert(SSL_CTX_get_cert_store(client), anchor) == 1,
               "openssl: credentials");
    SSL_CTX_set_verify(client, SSL_VERIFY_PEER, NULL);
    X509_free(certificate);
    X509_free(anchor);
    EVP_PKEY_free(key);
    BIO_free(certificate_pem);
    BIO_free(key_pem);
    BIO_free(anchor_pem);
}

static void prepare(const struct bench_credentials *credentials) {
    shared = credentials;
    method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "datagrams in memory");
    bench_need(method != NULL, "memory");
    BIO_meth_set_write(method, bio_write);
    BIO_meth_set_read(method, bio_read);
    BIO_meth_set_ctrl(method, bio_ctrl);
    BIO_meth_set_destroy(method, bio_destroy);
    for (int kind = 0; kind < BENCH_NUM_HANDSHAKES; kind++) {
        for (int role = 0; role < 2; role++)
            contexts[kind][role] = new_context((enum bench_handshake)kind, (dtls_role)role);
        if (kind != BENCH_PSK)
            use_certificate(contexts[kind][DTLS_SERVER], contexts[kind][DTLS_CLIENT], credentials);
    }
    SSL_CTX_set_psk_client_callback(contexts[BENCH_PSK][DTLS_CLIENT], client_psk);
    SSL_CTX_set_psk_server_callback(contexts[BENCH_PSK][DTLS_SERVER], server_psk);
}

static void finish(void) {
    for (int kind = 0; kind < BENCH_NUM_HANDSHAKES; kind++) {
        SSL_SESSION_free(sessions[kind]);
        SSL_CTX_free(contexts[kind][DTLS_CLIENT]);
        SSL_CTX_free(contexts[kind][DTLS_SERVER]);
    }
    BIO_meth_free(method);
}

/* Whether this end is done. */
static int advance(SSL *ssl) {
    int result = SSL_do_handshake(ssl);
    bench_need(result == 1 || SSL_get_error(ssl, result) == SSL_ERROR_WANT_READ, "openssl: handshake");
    return result == 1;
}

static void shake_hands(struct pair *pair, enum bench_handshake kind) {
    pair->to_client.num = 0;
    pair->to_server.num = 0;
    for (int role = 0; role < 2; role++) {
        SSL *ssl = SSL_new(contexts[kind][role]);
        struct queue *in = role == DTLS_CLIENT ? &pair->to_client : &pair->to_server;
        struct queue *out = role == DTLS_CLIENT ? &pair->to_server : &pair->to_client;
        bench_need(ssl != NULL, "memory");
        BIO *bio = bio_new(in, out);
        SSL_set_bio(ssl, bio, bio);
        SSL_set_mtu(ssl, BENCH_MTU);
        pair->ends[role] = ssl;
    }
    SSL_set_connect_state(pair->ends[DTLS_CLIENT]);
    SSL_set_accept_state(pair->ends[DTLS_SERVER]);
    if (kind != BENCH_PSK)
        bench_need(SSL_set1_host(pair->ends[DTLS_CLIENT], BENCH_SERVER_NAME) == 1, "openssl: name");
    if (sessions[kind] != NULL)
        bench_need(SSL_set_session(pair->ends[DTLS_CLIENT], sessions[kind]) == 1, "openssl: session");
    while (!(advance(pair->ends[DTLS_CLIENT]) & advance(pair->ends[DTLS_SERVER])))
        ;
    bench_need(SSL_session_reused(pair->ends[DTLS_SERVER]) == (sessions[kind] != NULL),
               "openssl: resumption");
}

/* As if close_notify had gone both ways: a session whose connection was cut off is forgotten. */
static void disconnect(void *user) {
    struct pair *pair = user;
    for (int role = 0; role < 2; role++) {
        SSL_set_shutdown(pair->ends[role], SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
        SSL_free(pair->ends[role]);
    }
}

static void *connect_pair(enum bench_handshake kind) {
    if (bench_resumes(kind) && sessions[kind] == NULL) {
        shake_hands(&the_pair, kind);
        sessions[kind] = SSL_get1_session(the_pair.ends[DTLS_CLIENT]);
        disconnect(&the_pair);
    }
    shake_hands(&the_pair, kind);
    return &the_pair;
}

static void seal(void *user, size_t len) {
    static const uint8_t data[BENCH_RECORD];
    struct pair *pair = user;
    for (int i = 0; i < BENCH_BATCH; i++)
        bench_need(SSL_write(pair->ends[DTLS_CLIENT], data, (int)len) == (int)len, "openssl: seal");
}

static void open_records(void *user, size_t len) {
    uint8_t data[BENCH_RECORD];
    struct pair *pair = user;
    for (int i = 0; i < BENCH_BATCH; i++)
        bench_need(SSL_read(pair->ends[DTLS_SERVER], data, sizeof data) == (int)len, "openssl: open");
}

const struct bench_subject bench_openssl = {
    .name = "openssl",
    .prepare = prepare,
    .finish = finish,
    .connect = connect_pair,
    .seal = seal,
    .open = open_records,
    .disconnect = disconnect,
};
