/* SPDX-License-Identifier: MIT
 *
 * What all adapters share, and what a stack has to bring.
 *
 * An adapter is one constant, `adapter_stack`, plus the files in this folder:
 * they export the contract, hold the sessions and the queues, keep the
 * deadlines and refuse what the capability list does not name. The stack only
 * moves one session at a time: it reads `session->inbox` through
 * `adapter_take_datagram` and reports what happens through the functions at
 * the end of this file.
 */
#ifndef ADAPTER_H
#define ADAPTER_H

#include <stddef.h>
#include <stdint.h>

#include "dtlslab_endpoint.h"
#include "queue.h"

/* Sessions of one endpoint at a time. When there are more, the oldest dead one makes room; if none is dead
 * the datagram that would begin another is dropped. */
#define ADAPTER_MAX_SESSIONS 4096u

/* The largest plaintext of one record, RFC 6347 section 4.1. */
#define ADAPTER_MAX_RECORD_DATA 16384u

/* The random of a ClientHello, bytes, RFC 5246 section 7.4.1.2. */
#define ADAPTER_HELLO_RANDOM 32u

enum adapter_state {
    ADAPTER_LISTENING = 0, /* a server's next session: it has no peer yet */
    ADAPTER_HANDSHAKING,
    ADAPTER_CONNECTED,
    ADAPTER_CLOSED, /* close_notify was sent or received */
    ADAPTER_FAILED
};

struct adapter_session {
    struct dtlslab_endpoint *endpoint;
    struct adapter_session *next_by_id;
    struct adapter_session *next_by_path;
    uint64_t id; /* from 1; 0 while listening */
    uint64_t path;
    enum adapter_state state;
    int was_connected;
    void *tls; /* the stack's own; NULL once it is freed */

    const uint8_t *inbox; /* the datagram being received; NULL when it was taken */
    uint32_t inbox_len;
    uint64_t inbox_path; /* where it came from: not `path` if the peer was known by its connection ID */

    uint8_t hello_random[ADAPTER_HELLO_RANDOM]; /* server: of the ClientHello that began it */

    uint64_t deadline;
    uint64_t num_sent;   /* datagrams */
    uint8_t alert_level; /* of the last fatal alert; 0: none */
    uint8_t alert_description;
};

#define ADAPTER_NUM_BUCKETS 1024u

struct dtlslab_endpoint {
    uint32_t role;
    uint64_t now;  /* the time that the carrier told in the call that is under way, or in the last one */
    void *context; /* the stack's own: credentials, settings */

    struct adapter_session *by_id[ADAPTER_NUM_BUCKETS];
    struct adapter_session *by_path[ADAPTER_NUM_BUCKETS];
    uint32_t num_sessions;
    uint64_t last_id;
    struct adapter_session *listener; /* server: the session to be; NULL until it is needed */

    uint64_t deadline; /* the earliest of all sessions, unless `deadline_unknown` */
    int deadline_unknown;

    struct adapter_queue datagrams; /* tag: path */
    struct adapter_queue events;
    struct adapter_queue data; /* tag: session */
    struct adapter_queue keylog;
};

/* A list of words that grows, for capabilities. */
struct adapter_words {
    const char **words; /* NULL-terminated */
    size_t num;
};

/* Adds a word made as printf does. A list that cannot grow for want of memory stays as it is. */
void adapter_words_add(struct adapter_words *words, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* What a stack brings that serves many sessions by itself: it finds the session of each datagram, and begins
 * new ones with `adapter_session_begin`. */
struct adapter_server {
    void (*receive)(struct dtlslab_endpoint *endpoint, uint64_t path, const uint8_t *datagram, uint32_t len);
    uint64_t (*deadline)(const struct dtlslab_endpoint *endpoint); /* absolute; of all sessions */
    void (*expire)(struct dtlslab_endpoint *endpoint);             /* it has come */
};

/* What a stack brings. Functions that answer nothing report failures with `adapter_failed`. */
struct adapter_stack {
    const char *name;
    const char *const *clock_objects;

    /* How much early or late, in nanoseconds, the stack's own account of its timer may be while the timer
     * runs. */
    uint64_t timer_slack_ns;

    /* Once per process, before everything else: set-up of the library. */
    void (*prepare)(void);
    const char *(*version)(void);
    void (*add_capabilities)(struct adapter_words *words);

    /* Sets `endpoint->context`. What the capability list does not name has been refused already. Answers as
     * `create` of the contract does; on failure it leaves nothing behind. */
    int32_t (*configure)(struct dtlslab_endpoint *endpoint, const struct dtlslab_config *config,
                         char *message);
    void (*free_context)(void *context);

    /* Sets `session->tls`, for the endpoint's role. DTLSLAB_OK or DTLSLAB_FAILED. */
    int32_t (*open)(struct adapter_session *session);
    void (*free_tls)(struct adapter_session *session);

    /* Server: looks at the first datagram from a path. 1: the session begins (the cookie was right, or none
     * is asked for), and what is left of the inbox is its first datagram. 0: it was answered without keeping
     * state, or dropped. */
    int (*listen)(struct adapter_session *session);

    /* Server: whether a ClientHello from the path of a connected session may begin a new association there,
     * RFC 6347 section 4.2.8. `listen` then says 1 only after a cookie exchange, so that a forger cannot end
     * the old one. NULL: never; the stack leaves such datagrams to the old session. */
    int (*takes_new_associations)(const struct dtlslab_endpoint *endpoint);

    /* Whether a datagram from a path without a session is for this one, by its connection ID. NULL: never. */
    int (*is_for)(const struct adapter_session *session, const uint8_t *datagram, uint32_t len);

    /* The endpoint's own server, which then does what `listen`, `takes_new_associations`, `is_for`,
     * `advance`, `expire` and `time_left` do for others. NULL, the function or its answer: it has none. */
    const struct adapter_server *(*server_of)(const struct dtlslab_endpoint *endpoint);

    /* Carries the handshake on, or reads, until the inbox is empty and nothing more can be done. */
    void (*advance)(struct adapter_session *session);

    /* The retransmission timer has run out. */
    void (*expire)(struct adapter_session *session);

    /* Nanoseconds until then; DTLSLAB_NO_DEADLINE when no timer runs. */
    uint64_t (*time_left)(const struct adapter_session *session);

    /* As `send` of the contract, for a connected session. */
    int32_t (*send)(struct adapter_session *session, const uint8_t *data, uint32_t len);

    /* Sends close_notify. */
    void (*close)(struct adapter_session *session);

    /* Fills in what was agreed on in a session that is or was connected; `out` is zero. NULL: never. */
    void (*describe)(const struct adapter_session *session, struct dtlslab_session_info *out);
};

/* Each adapter defines this one. */
extern const struct adapter_stack adapter_stack;

/* The capability list of this build, NULL-terminated. The stack is asked for it once. */
const char *const *adapter_capabilities(void);

/* Whether `word` is in it. */
int adapter_can(const char *word);

/* Refuses what `config` asks for and the capability list does not name: DTLSLAB_OK, or DTLSLAB_UNSUPPORTED
 * and a sentence in `message`. */
int32_t adapter_check_config(const struct dtlslab_config *config, char *message);

/* Writes a sentence to `message` (DTLSLAB_MAX_TEXT bytes) and answers `result`. */
int32_t adapter_refuse(int32_t result, char *message, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Fills `out` with `len` bytes of getrandom(2). The laboratory redirects that call while it is inside an
 * endpoint, so these bytes are repeatable there and the system's otherwise. Never fails: it ends the process
 * if there is no randomness to be had. */
void adapter_random(void *out, size_t len);

/* A copy of the configured application protocols with a zero behind each, in one block for `free`. NULL:
 * there are none, or no memory. */
struct dtlslab_bytes *adapter_copy_protocols(const struct dtlslab_config *config);

/* The table of the contract's functions, shared by all adapters; `endpoint.c` fills it. */
void adapter_fill_api(struct dtlslab_endpoint_api *api);

/* What a stack says of a session. */

/* A session that an endpoint's own server has begun with the peer at `path`; opened, told of, and ready for
 * reports. NULL: no memory, or no room. */
struct adapter_session *adapter_session_begin(struct dtlslab_endpoint *endpoint, uint64_t path);

/* Takes the datagram being received, at most `out_cap` bytes (the rest is cut off, as recv(2) does). Answers
 * its length; 0 when there is none. */
size_t adapter_take_datagram(struct adapter_session *session, void *out, size_t out_cap);

/* Queues one whole datagram for the session's peer; one that does not fit into the queue is lost. */
void adapter_put_datagram(struct adapter_session *session, const void *bytes, size_t len);

void adapter_put_data(struct adapter_session *session, const void *bytes, size_t len);
void adapter_put_keylog(struct adapter_session *session, const char *line);

/* Fields of a description: bytes as far as there is room for all of them, else none. */
void adapter_tell_protocol(struct dtlslab_session_info *out, const void *bytes, size_t len);
void adapter_tell_hint(struct dtlslab_session_info *out, const void *bytes, size_t len);
void adapter_tell_server_name(struct dtlslab_session_info *out, const void *bytes, size_t len);
void adapter_tell_ocsp_response(struct dtlslab_session_info *out, const void *bytes, size_t len);

void adapter_connected(struct adapter_session *session, uint16_t version, uint16_t cipher_suite,
                       uint16_t group, int resumed);
void adapter_repeated(struct adapter_session *session); /* a flight, because the timer ran out */
void adapter_closed(struct adapter_session *session);
void adapter_moved(struct adapter_session *session, uint64_t path); /* its peer is there now */
void adapter_failed(struct adapter_session *session, const char *text);
void adapter_alert_sent(struct adapter_session *session, int level, int description);
void adapter_alert_received(struct adapter_session *session, int level, int description);

#endif
