/* SPDX-License-Identifier: MIT
 *
 * Many sessions behind one socket, without I/O, clock or heap.
 *
 * A server takes the datagrams of one socket with their senders' addresses,
 * finds the session that each belongs to, and makes new ones. A stranger is
 * answered with a cookie and nothing is kept of him (RFC 6347 section 4.2.1);
 * only who sends it back, and so can be reached at his address, is given memory.
 *
 * How it is driven
 * ----------------
 * As one connection is (connection.h). After every call that is given the time,
 * take out events (`dtls_server_poll_event`) and datagrams
 * (`dtls_server_poll_datagram`) until both answer DTLS_NOTHING. A session's end
 * is told once its last datagram has been taken out: after datagrams ask for
 * events again, or DTLS_SERVER_EVENT_ENDED waits. Then wait for datagrams or
 * for `dtls_server_deadline`, and call `dtls_server_receive` or
 * `dtls_server_timeout`.
 *
 * Sessions
 * --------
 * A session is named by a handle. It is valid from the session's first event
 * until the next call after DTLS_SERVER_EVENT_ENDED; a stale handle is refused,
 * even when its place has been given to another session. What is to be done
 * with the session's connection (questions answered, data on it read, the
 * session closed) is done with the functions of connection.h on the answer of
 * `dtls_server_connection`; only what `dtls_server_receive`, `_protect`,
 * `_write`, `_poll_…`, `_timeout` do is never done on it directly.
 *
 * A server is used by one thread at a time.
 */
#ifndef DTLS_SERVER_H
#define DTLS_SERVER_H

#include "dtls/connection.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The longest address, bytes. */
#define DTLS_MAX_ADDRESS 32

/* The most sessions and the most handshakes that a server can be made for. */
#define DTLS_SERVER_MAX_SESSIONS (1u << 24)

/* A transport address in any form that is the same each time, with what a source is counted by in front. */
typedef struct dtls_address {
    uint8_t len;
    uint8_t bytes[DTLS_MAX_ADDRESS];
} dtls_address;

/* A server, in memory of the caller. */
typedef struct dtls_server dtls_server;

/* How sessions are found by connection ID (RFC 9146). */
typedef struct dtls_server_ids dtls_server_ids;

/* The one way there is: IDs of eight bytes that the server makes. A session then lives on when its peer's
 * address changes, as `dtls_config.path_policy` says. */
extern const dtls_server_ids dtls_server_connection_ids;
#define DTLS_SERVER_ID_LEN 8

/* A session's name. All zeros names none. */
typedef struct dtls_session {
    uint32_t slot;
    uint32_t generation;
} dtls_session;

/* Zero fields mean what their comment says; `connection` and the two budgets must be given. Everything it
 * points to must outlive the server. */
typedef struct dtls_server_config {
    const dtls_config *connection; /* of every session; its role is server */

    size_t max_sessions;   /* session blocks, those of handshakes under way among them */
    size_t max_handshakes; /* handshake blocks; each is free again once its handshake is over */

    /* Limit on the handshakes under way from one source: the first `source_prefix_len` bytes of an address.
     */
    size_t max_handshakes_per_source; /* 0: no limit */
    size_t source_prefix_len;         /* 0: the whole address */

    uint64_t idle_timeout_ns; /* a session silent for so long is closed; 0: never */

    /* What happens when a budget is used up. As soon as the last block is taken, the session that has been
     * silent longest (the handshake that began first) is closed for the next newcomer's sake if that is at
     * least so long ago; a newcomer who finds no room is dropped, and repeats his ClientHello. 0: nobody has
     * to go. */
    uint64_t evict_session_ns;
    uint64_t evict_handshake_ns;

    const dtls_server_ids
        *connection_ids; /* NULL: none; else `connection` names dtls_extension_connection_id */

    bool no_cookies;             /* give memory to whoever sends a ClientHello */
    uint64_t cookie_lifetime_ns; /* a new secret is made so often, and the last one stays good; 0: 60 s */
    size_t max_replies;          /* cookies that wait to be sent; 0: 64 */
} dtls_server_config;

/* Checks a configuration, that of the connections included. DTLS_OK, or DTLS_ERROR_CONFIG with
 * `*out_problem` (may be NULL) filled. */
dtls_error dtls_server_config_check(const dtls_server_config *config, dtls_config_problem *out_problem);

/* Bytes of memory that a server with this configuration needs, aligned as for any type. 0: the configuration
 * is wrong. */
size_t dtls_server_size(const dtls_server_config *config);

/* Makes a server in the caller's memory, which must stay in place until `dtls_server_wipe`. `config` is
 * copied. The block's contents may be anything; pages of sessions that never begin are never touched.
 * DTLS_ERROR_CONFIG, DTLS_ERROR_NO_ROOM, DTLS_ERROR_ARGUMENT (NULL, or misaligned), DTLS_ERROR_CRYPTO (no
 * randomness). */
dtls_error dtls_server_open(const dtls_server_config *config, void *memory, size_t len, dtls_time now,
                            dtls_server **out_server);

/* Wipes all secrets and ends everything without sending anything. Safe at any time, twice, and with NULL. */
void dtls_server_wipe(dtls_server *server);

/* A datagram in memory of the caller, with its sender. */
typedef struct dtls_server_datagram {
    uint8_t *bytes; /* altered: records are opened in place */
    size_t len;
    dtls_address address;
    uint64_t path; /* the caller's own word about the way it came, given back with datagrams to the session */
} dtls_server_datagram;

/* Application data found in a datagram: a place inside it. */
typedef struct dtls_server_plaintext {
    dtls_session session;
    dtls_plaintext plaintext; /* `datagram` is the index in the batch */
} dtls_server_plaintext;

/* Takes datagrams, a batch at a time. `out_plaintexts`, of which `*num_plaintexts` has the capacity and is
 * set to the number, tells where application data lies. When that capacity, or the room for cookies
 * (`max_replies`), is used up the call stops: `*out_datagrams` is the number of datagrams wholly taken; the
 * caller takes out what waits and repeats the call with the rest. DTLS_OK, DTLS_ERROR_ARGUMENT (an address
 * is longer than DTLS_MAX_ADDRESS or empty, NULL). */
dtls_error dtls_server_receive(dtls_server *server, dtls_time now, dtls_server_datagram *datagrams,
                               size_t num_datagrams, dtls_server_plaintext *out_plaintexts,
                               size_t *num_plaintexts, size_t *out_datagrams);

/* Writes the next datagram to be sent (cookies, handshakes, alerts) into `out`, which has at least the
 * configured MTU, with its receiver in `*out_address`. `out_path` may be NULL. DTLS_NOTHING,
 * DTLS_ERROR_NO_ROOM, DTLS_ERROR_ARGUMENT. */
dtls_error dtls_server_poll_datagram(dtls_server *server, dtls_time now, uint8_t *out, size_t out_cap,
                                     size_t *out_len, dtls_address *out_address, uint64_t *out_path);

/* Why a session has ended. */
typedef enum dtls_session_end {
    DTLS_SESSION_CLOSED = 1,   /* by the peer or by the application */
    DTLS_SESSION_FAILED = 2,   /* `dtls_connection_get_failure` says why */
    DTLS_SESSION_IDLE = 3,     /* `idle_timeout_ns` */
    DTLS_SESSION_EVICTED = 4,  /* `evict_session_ns`, `evict_handshake_ns` */
    DTLS_SESSION_REPLACED = 5, /* its peer has begun anew (RFC 6347 section 4.2.8) */
    DTLS_SESSION_SHUT_DOWN = 6 /* `dtls_server_close` */
} dtls_session_end;

/* What an event of a server tells. */
typedef enum dtls_server_event_kind {
    DTLS_SERVER_EVENT_SESSION = 1, /* `event` is the session's: the first is a question or that it is
                                      connected */
    DTLS_SERVER_EVENT_MOVED = 2,   /* the session's peer has a new address (RFC 9146 section 6) */
    DTLS_SERVER_EVENT_ENDED = 3    /* `end`; the handle is stale after the next call */
} dtls_server_event_kind;

/* Spans in `event` stay valid until the next call on the server that is given the time. */
typedef struct dtls_server_event {
    dtls_server_event_kind kind;
    dtls_session session;
    dtls_session_end end;
    dtls_event event;
} dtls_server_event;

/* Takes out the next event; DTLS_NOTHING when there is none, DTLS_ERROR_ARGUMENT. Sessions take turns in the
 * order in which something happened to them. */
dtls_error dtls_server_poll_event(dtls_server *server, dtls_server_event *out_event);

/* The monotonic time at which `dtls_server_timeout` is due; DTLS_NO_DEADLINE if never. The past while there
 * is something to poll. */
uint64_t dtls_server_deadline(const dtls_server *server);

/* Some deadline has come (called early, it does nothing). DTLS_OK, DTLS_ERROR_ARGUMENT. */
dtls_error dtls_server_timeout(dtls_server *server, dtls_time now);

/* The session's connection, to look at and to act upon; NULL if the handle is stale. What the action makes
 * is found by the next polls. */
dtls_connection *dtls_server_connection(dtls_server *server, dtls_session session);

/* Where the session's peer is: `*out_address`. `out_path` may be NULL. DTLS_ERROR_STATE: the handle is stale.
 */
dtls_error dtls_server_peer(const dtls_server *server, dtls_session session, dtls_address *out_address,
                            uint64_t *out_path);

/* The address that the session's DTLS_EVENT_PATH_CHANGED, whose `path` this is, was about, before
 * `dtls_accept_path` is called for it. DTLS_ERROR_STATE: the handle is stale, or it has moved elsewhere
 * meanwhile. */
dtls_error dtls_server_new_peer(const dtls_server *server, dtls_session session, uint64_t path,
                                dtls_address *out_address, uint64_t *out_path);

/* `dtls_protect` (`records`, of which `*out_protected` were done) and `dtls_write` for a session.
 * DTLS_ERROR_STATE also if the handle is stale. */
dtls_error dtls_server_protect(dtls_server *server, dtls_session session, dtls_time now,
                               dtls_record_buffer *records, size_t num_records, size_t *out_protected);
dtls_error dtls_server_write(dtls_server *server, dtls_session session, dtls_time now, const uint8_t *data,
                             size_t len, uint8_t *out, size_t out_cap, size_t *out_len);

/* The application's own pointer, `user`, kept with the session. NULL until set, and if the handle is stale.
 * DTLS_ERROR_STATE: stale. */
dtls_error dtls_server_set_user(dtls_server *server, dtls_session session, void *user);
void *dtls_server_get_user(const dtls_server *server, dtls_session session);

/* The session behind the one given, in no particular order, or the first if that is all zeros; all zeros
 * behind the last. A session that ends meanwhile does not disturb the walk. */
dtls_session dtls_server_next(const dtls_server *server, dtls_session session);

/* Closes every session with close_notify and takes no newcomers from then on. DTLS_ERROR_STATE: again. */
dtls_error dtls_server_close(dtls_server *server, dtls_time now);

/* Counters since the server was opened. */
typedef struct dtls_server_statistics {
    uint64_t sessions;   /* now */
    uint64_t handshakes; /* now */

    uint64_t datagrams_received;
    uint64_t datagrams_unknown; /* from nobody we know, and no ClientHello that can be judged */
    uint64_t hellos;            /* ClientHellos of newcomers */
    uint64_t hellos_repeated;   /* of sessions that have begun with them */
    uint64_t cookies_sent;
    uint64_t cookies_accepted;

    /* Newcomers dropped: no handshake block, no session block, too many from the source, a handshake under
     * way from the same address (without cookies), the server is closing. */
    uint64_t refused_handshakes;
    uint64_t refused_sessions;
    uint64_t refused_source;
    uint64_t refused_busy;
    uint64_t refused_closing;

    uint64_t opened;
    uint64_t connected;
    uint64_t moved;
    uint64_t ended[DTLS_SESSION_SHUT_DOWN + 1]; /* by dtls_session_end */
} dtls_server_statistics;

/* NULL if `server` is. */
const dtls_server_statistics *dtls_server_get_statistics(const dtls_server *server);

#ifdef __cplusplus
}
#endif

#endif
