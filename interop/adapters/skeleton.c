/* SPDX-License-Identifier: MIT
 *
 * A place to start from: a stack of your own behind the endpoint contract.
 *
 * Copy this file, fill in the functions, and build it as a shared object:
 *
 *     cc -std=c17 -fPIC -shared -fvisibility=hidden -I interop/contract skeleton.c -o mystack.so -lmystack
 *     ./dtlslab interop --client ./mystack.so --server openssl
 *
 * As it stands it builds and loads, says that it can do nothing, and refuses
 * to make an endpoint with a sentence. The header `dtlslab_endpoint.h` is the
 * contract; the comments here say what the laboratory makes of each answer.
 *
 * The files in `common/` do most of what is left to you here (queues, the
 * session table, deadlines, refusals): a stack that can be driven one session
 * at a time is less work on top of them. `openssl/` and `gnutls/` are two
 * examples.
 */
#include <stdio.h>
#include <stdlib.h>

#include "dtlslab_endpoint.h"

/* One endpoint: your configuration, and a session for each path. A client may have several, a server a
 * thousand. Keep queues of datagrams, events, data and key-log lines here; the laboratory empties them after
 * every call. Bound them. */
struct dtlslab_endpoint {
    uint32_t role;
};

/* Read `config` up to `config->size` bytes; fields past that are zero. Copy what you keep, for its pointers
 * end with this call. What your stack cannot do, refuse with DTLSLAB_UNSUPPORTED and a sentence: an option
 * that is silently ignored makes every verdict after it wrong. Broken input (a PEM text that cannot be read)
 * is DTLSLAB_INVALID. */
static int32_t create(const struct dtlslab_config *config, struct dtlslab_endpoint **out_endpoint,
                      char *message) {
    (void)config;
    *out_endpoint = NULL;
    snprintf(message, DTLSLAB_MAX_TEXT, "the skeleton speaks no DTLS: fill in its functions first");
    return DTLSLAB_UNSUPPORTED;
}

/* Free everything. Send nothing: for the peers it is as if the host had lost its power. */
static void destroy(struct dtlslab_endpoint *endpoint) {
    free(endpoint);
}

/* Client: make a session with the peer at `path`, give it an id of your own (from 1, never used again), put
 * its first flight into the datagram queue and start its timer at `now`. A server answers DTLSLAB_INVALID. */
static int32_t connect_to(struct dtlslab_endpoint *endpoint, uint64_t now, uint64_t path,
                          uint64_t *out_session) {
    (void)endpoint;
    (void)now;
    (void)path;
    (void)out_session;
    return DTLSLAB_INVALID;
}

/* Find the session of `path` and give it the datagram, all of its records. A server makes a session for a
 * path that it does not know (and says so with SESSION_NEW), with cookies only once the cookie has come back.
 * Noise is dropped and is DTLSLAB_OK. Keep reading after the handshake is over: the peer may have lost your
 * last flight. */
static int32_t receive(struct dtlslab_endpoint *endpoint, uint64_t now, uint64_t path,
                       const uint8_t *datagram, uint32_t len) {
    (void)endpoint;
    (void)now;
    (void)path;
    (void)datagram;
    (void)len;
    return DTLSLAB_OK;
}

/* Take out the oldest datagram: whole, as your stack meant it. DTLSLAB_NO_ROOM leaves it in the queue. */
static int32_t poll_datagram(struct dtlslab_endpoint *endpoint, uint64_t now, uint64_t *out_path,
                             uint8_t *out, uint32_t out_cap, uint32_t *out_len) {
    (void)endpoint;
    (void)now;
    (void)out_path;
    (void)out;
    (void)out_cap;
    (void)out_len;
    return DTLSLAB_NOTHING;
}

/* The earliest deadline of all sessions, absolute, rounded up. Change nothing. If your stack tells the time
 * left and not the time when, read it once, when the timer starts, and remember `now` plus that: reading it
 * again and again gathers rounding errors. A stack that answers 0 when it is not waiting must be read as
 * DTLSLAB_NO_DEADLINE. */
static uint64_t deadline(struct dtlslab_endpoint *endpoint, uint64_t now) {
    (void)endpoint;
    (void)now;
    return DTLSLAB_NO_DEADLINE;
}

/* Let every session whose deadline has come repeat its flight, with a TIMEOUT event each, and start its next
 * timer. If nothing is to be sent, clear the deadline: an endpoint whose deadline stays in the past is a
 * `hang`. */
static int32_t timeout(struct dtlslab_endpoint *endpoint, uint64_t now) {
    (void)endpoint;
    (void)now;
    return DTLSLAB_OK;
}

/* Take out the oldest event. Report CONNECTED once, with version, suite, group and whether it was resumed;
 * CLOSED or FAILED once; and alerts of both directions if you claim "alert-events". The text of FAILED is
 * what a reader of the report sees first: say what your stack knows. */
static int32_t poll_event(struct dtlslab_endpoint *endpoint, struct dtlslab_event *out_event) {
    (void)endpoint;
    (void)out_event;
    return DTLSLAB_NOTHING;
}

/* Protect `data` as one record and queue it. DTLSLAB_WOULD_BLOCK before the handshake is over,
 * DTLSLAB_INVALID for an unknown or dead session and for more than fits into one record or the MTU. */
static int32_t send_data(struct dtlslab_endpoint *endpoint, uint64_t now, uint64_t session,
                         const uint8_t *data, uint32_t len) {
    (void)endpoint;
    (void)now;
    (void)session;
    (void)data;
    (void)len;
    return DTLSLAB_INVALID;
}

/* Take out the application data of the oldest record that was received. */
static int32_t poll_data(struct dtlslab_endpoint *endpoint, uint64_t *out_session, uint8_t *out,
                         uint32_t out_cap, uint32_t *out_len) {
    (void)endpoint;
    (void)out_session;
    (void)out;
    (void)out_cap;
    (void)out_len;
    return DTLSLAB_NOTHING;
}

/* Send close_notify and report CLOSED. The session stays known, for what the peer may still send. */
static int32_t close_session(struct dtlslab_endpoint *endpoint, uint64_t now, uint64_t session) {
    (void)endpoint;
    (void)now;
    (void)session;
    return DTLSLAB_INVALID;
}

/* Take out the oldest line of the key log, as "CLIENT_RANDOM <hex> <hex>". Without it captures cannot be
 * decrypted, and diagrams end at the ChangeCipherSpec. */
static int32_t poll_keylog(struct dtlslab_endpoint *endpoint, char *out, uint32_t out_cap) {
    (void)endpoint;
    (void)out;
    (void)out_cap;
    return DTLSLAB_NOTHING;
}

/* What your build can do, in the words of the contract. A case that needs a word that is not here is
 * `unsupported`, so this list decides what is run; claim nothing that does not work. */
static const char *const capabilities[] = {NULL};

/* Parts of the file names of the shared objects in which your stack reads clocks and random devices, for
 * example "libmystack.so". This object is always among them, so a stack that is linked into it needs none. */
static const char *const clock_objects[] = {NULL};

static const struct dtlslab_endpoint_api api = {
    .abi = DTLSLAB_ENDPOINT_ABI,
    .size = sizeof(struct dtlslab_endpoint_api),
    .name = "skeleton",
    .version = "0",
    .capabilities = capabilities,
    .clock_objects = clock_objects,
    .create = create,
    .destroy = destroy,
    .connect = connect_to,
    .receive = receive,
    .poll_datagram = poll_datagram,
    .deadline = deadline,
    .timeout = timeout,
    .poll_event = poll_event,
    .send = send_data,
    .poll_data = poll_data,
    .close = close_session,
    .poll_keylog = poll_keylog,
};

__attribute__((visibility("default"))) const struct dtlslab_endpoint_api *dtlslab_endpoint_api(void) {
    return &api;
}
