/* SPDX-License-Identifier: MIT
 *
 * Resumption: a handshake of one round trip less and no public keys, with the
 * master secret of a session before (RFC 5246 section 7.3), by session ids, of
 * which the application keeps the cache, or by tickets (RFC 5077), of which
 * nobody keeps anything but the client.
 *
 * What of a session can be resumed is a string of bytes to the application, its
 * state. It holds the master secret: keep it as you keep keys. A client takes
 * it from one connection (`dtls_session_export`) and gives it to the next
 * (`dtls_connection_offer_session`). A server with a cache keeps it by its
 * session id, and is asked for it by DTLS_EVENT_LOOK_UP_SESSION. A server that
 * issues tickets does neither.
 *
 * A session is resumed only with the suite, the version and the server name
 * that it was made with; before its lifetime is over; and by the rules of RFC
 * 7627 section 5.3 for the extended master secret. If not, the handshake is a
 * full one. An application should forget a session whose connection has failed
 * (RFC 5246 section 7.2.2).
 */
#ifndef DTLS_RESUMPTION_H
#define DTLS_RESUMPTION_H

#include "dtls/connection.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a configuration names in `resumption`, by its role. */
extern const dtls_resumption dtls_resumption_client;
extern const dtls_resumption dtls_resumption_server;

/* Room for any session's state, the longest ticket that a client keeps unless `max_ticket` says otherwise,
 * and the longest session id; bytes. */
#define DTLS_SESSION_STATE_SIZE 1280
#define DTLS_MAX_TICKET         1024
#define DTLS_MAX_SESSION_ID     32

/* What an application may have kept with a session, bytes. */
#define DTLS_MAX_SESSION_DATA 64

/* A key that tickets are sealed with. Names are public, and no two keys may share one. */
typedef struct dtls_ticket_key {
    uint8_t name[16];
    uint8_t key[32]; /* as many of its bytes as `aead` needs are used */
} dtls_ticket_key;

/* A server's ticket keys, the caller's to fill with random bytes and to rotate: `previous` takes what was
 * `current`, which is made anew. A ticket under the previous key is good, and is renewed. They may be changed
 * between calls while no connection that uses them is in one. A key serves at most 2^32 tickets. */
struct dtls_ticket_keys {
    dtls_aead aead; /* DTLS_AEAD_AES_256_GCM, or another that the provider has */
    dtls_ticket_key current;
    dtls_ticket_key previous;
    bool has_previous;
};

/* Client, before `dtls_connection_start`: offers a session. `state` must stay in place until the handshake is
 * over. DTLS_NOTHING: it is of no use now, and nothing will be offered: its lifetime is over, its suite or
 * its server's name are not those of the configuration, its server was not authenticated (and `verification`
 * is not DTLS_VERIFY_NOTHING), its ticket is longer than `max_ticket`, or it has no extended master secret
 * (see `trust_legacy_master_secret`). DTLS_ERROR_ARGUMENT: not a client's state. DTLS_ERROR_STATE: too late,
 * or the configuration does not name `dtls_resumption_client`. */
dtls_error dtls_connection_offer_session(dtls_connection *connection, dtls_time now, dtls_span state);

/* Server: answers DTLS_EVENT_LOOK_UP_SESSION with the state that was kept by this id. Empty: there is none,
 * and the handshake is a full one, as it is if the state does not fit (a state that is none counts as such).
 * DTLS_ERROR_STATE: nobody asked. DTLS_ERROR_ARGUMENT: NULL. */
dtls_error dtls_answer_session(dtls_connection *connection, dtls_time now, dtls_span state);

/* Writes the connected session's state; DTLS_SESSION_STATE_SIZE bytes are enough. DTLS_NOTHING: it cannot be
 * resumed, because the server has given neither id nor ticket or, on a server, because it has given a ticket
 * or `session_cache` is not set. DTLS_ERROR_STATE: not connected, or no resumption in the configuration.
 * DTLS_ERROR_NO_ROOM, DTLS_ERROR_ARGUMENT. */
dtls_error dtls_session_export(const dtls_connection *connection, uint8_t *out, size_t out_cap,
                               size_t *out_len);

/* The id by which the session can be resumed: a server's key to its cache. Empty: none. Valid as long as the
 * connection. */
dtls_span dtls_session_get_id(const dtls_connection *connection);

/* Has bytes of the application's, up to DTLS_MAX_SESSION_DATA, kept with the session, its tickets included:
 * who the peer is, say, or the digest of its certificate. To be called before the handshake is over: when a
 * question is being asked, at the latest. The bytes are copied. DTLS_ERROR_STATE: too late, or no resumption
 * in the configuration. DTLS_ERROR_ARGUMENT. */
dtls_error dtls_session_set_data(dtls_connection *connection, dtls_span data);

/* The bytes that were kept with the session, once connected. Valid as long as the connection. */
dtls_span dtls_session_get_data(const dtls_connection *connection);

/* Row `index` of the states, as `*out_transition`, that resumption adds to those of
 * `dtls_protocol_transition`; DTLS_NOTHING (1) past the last. */
int dtls_resumption_transition(const dtls_resumption *resumption, size_t index,
                               dtls_transition *out_transition);

#ifdef __cplusplus
}
#endif

#endif
