/* SPDX-License-Identifier: MIT
 *
 * What is measured, and against what: libdtls, OpenSSL's own DTLS, and the
 * bare primitives that any DTLS needs for the same work, all over the same
 * libcrypto in one process.
 */
#ifndef DTLS_BENCH_BENCH_H
#define DTLS_BENCH_BENCH_H

#include "dtls/libcrypto.h"

/* Records sealed, then opened, at a time; the longest plaintext, bytes. */
#define BENCH_BATCH  32
#define BENCH_RECORD 1400

/* The largest datagram on the way between two ends, bytes, and the path's MTU. */
#define BENCH_DATAGRAM 2048
#define BENCH_MTU      1500

/* Resumption is that of an ECDHE-ECDSA session. With a known chain, the client has verified the same
 * certificates before. */
enum bench_handshake {
    BENCH_ECDHE_ECDSA,
    BENCH_KNOWN_CHAIN,
    BENCH_PSK,
    BENCH_RESUMED_BY_ID,
    BENCH_RESUMED_BY_TICKET,
    BENCH_NUM_HANDSHAKES
};

static inline int bench_resumes(enum bench_handshake kind) {
    return kind == BENCH_RESUMED_BY_ID || kind == BENCH_RESUMED_BY_TICKET;
}

/* One certificate for all; its authority is the anchor. */
struct bench_credentials {
    char *certificate_pem; /* NUL-terminated */
    char *key_pem;
    char *anchor_pem;
    uint8_t psk[16];
};

#define BENCH_SERVER_NAME  "server.example"
#define BENCH_PSK_IDENTITY "bench"

/* Memory from here counts, like libcrypto's. */
void *bench_alloc(size_t len);
void bench_free(void *block);

/* A way to do the work. Functions end the program when the work fails. There is one pair at a time: queues
 * and record buffers of a subject stand where they are, so that nobody waits for the kernel to clear them. */
struct bench_subject {
    const char *name;
    void (*prepare)(const struct bench_credentials *credentials);
    void (*finish)(void);

    /* A client and a server after their handshake, in memory. What was needed for the handshake only is given
     * back. */
    void *(*connect)(enum bench_handshake kind);
    /* The client seals BENCH_BATCH records of `len` bytes; the server opens them. */
    void (*seal)(void *pair, size_t len);
    /* The same, with a call for each record. NULL: `seal` does so. */
    void (*seal_singly)(void *pair, size_t len);
    void (*open)(void *pair, size_t len);
    void (*disconnect)(void *pair);
};

extern const struct bench_subject bench_libdtls;
extern const struct bench_subject bench_openssl;
extern const struct bench_subject bench_primitives;

/* Ends the program with a message. */
_Noreturn void bench_fail(const char *what);

/* Does so unless `good`. */
static inline void bench_need(int good, const char *what) {
    if (!good)
        bench_fail(what);
}

#endif
