/* SPDX-License-Identifier: MIT
 *
 * Abbreviated handshakes (RFC 5246 section 7.3, RFC 5077): what a resumption
 * object brings to the state machine of its role, what of a session can be
 * resumed, and that as bytes.
 */
#ifndef DTLS_HANDSHAKE_RESUMPTION_H
#define DTLS_HANDSHAKE_RESUMPTION_H

#include "dtls/resumption.h"
#include "handshake/connection.h"
#include "handshake/hello.h"

/* SHA-256 of the server's name; bytes. */
#define DTLS_NAME_HASH 32

/* A state without a ticket: format, role, version, suite, flags, times, session id, master secret, name,
 * data, length of the ticket; bytes. */
#define DTLS_STATE_BARE                                                                                      \
    (1 + 1 + 2 + 2 + 1 + 8 + 4 + 1 + DTLS_MAX_SESSION_ID + DTLS_MASTER_SECRET + DTLS_NAME_HASH + 1 +         \
     DTLS_MAX_SESSION_DATA + 2)

/* A ticket of ours: key name, nonce, sealed state, tag; bytes. */
#define DTLS_TICKET_TAG    16
#define DTLS_OUR_TICKET    (16 + DTLS_AEAD_NONCE + DTLS_STATE_BARE + DTLS_TICKET_TAG)
#define DTLS_TICKET_HEADER (4 + 2)

/* What of a session can be resumed; in the session block, a client's ticket behind it. */
struct dtls_resumable {
    int64_t created_s; /* calendar time of the full handshake; 0: unknown */
    uint32_t lifetime_s;
    uint16_t version;
    uint16_t suite;
    bool extended_master_secret;
    bool peer_authenticated;
    uint8_t id_len;
    uint8_t data_len;
    uint16_t ticket_len;
    uint8_t id[DTLS_MAX_SESSION_ID];
    uint8_t data[DTLS_MAX_SESSION_DATA];
    uint8_t name[DTLS_NAME_HASH];
    uint8_t master_secret[DTLS_MASTER_SECRET];
};

/* Resumption's part of the handshake block; the slot of the ticket's AEAD lies behind it. */
struct dtls_resuming {
    struct dtls_resumable session; /* that is offered or was found */
    bool offers;                   /* client: a session; server: the client has offered session_ticket */
    bool renews;                   /* server: the ticket was made with the previous key */
    dtls_span ticket;              /* that the client offers */
    uint8_t session_id[DTLS_MAX_SESSION_ID]; /* of our hello */
    uint8_t session_id_len;
    uint8_t name[DTLS_NAME_HASH];
    void *sealer;
};

struct dtls_resumption {
    dtls_role role;
    const struct dtls_state_row *rows;
    size_t num_rows;
    const dtls_extension *extension; /* that comes with it */
    /* Client: the ServerHello has come and is in the transcript. DTLS_OK: the handshake is a full one.
     * DTLS_NOTHING: it is abbreviated, and the next state is chosen. */
    dtls_error (*take_server_hello)(struct dtls_connection *connection,
                                    const struct dtls_server_hello *hello);
    /* Server: a ClientHello has been negotiated as far as it goes without a suite. Answers as above; or
     * DTLS_NOTHING: the application is asked. */
    dtls_error (*take_client_hello)(struct dtls_connection *connection, const struct dtls_client_hello *hello,
                                    const struct dtls_message *message);
    /* Server: adds the NewSessionTicket that was promised. */
    dtls_error (*write_ticket)(struct dtls_connection *connection);
    /* The handshake is over. */
    void (*established)(struct dtls_connection *connection);
};

extern const dtls_extension dtls_extension_session_ticket; /* RFC 5077 */

/* The session_id of our hello: empty without resumption. */
static inline dtls_span dtls_resumption_session_id(const struct dtls_connection *connection) {
    const struct dtls_resuming *resuming = connection->handshake->resuming;
    if (resuming == NULL)
        return (dtls_span){.data = NULL};
    return (dtls_span){resuming->session_id, resuming->session_id_len};
}

/* What both roles do (resumption.c). */

/* The ticket behind what can be resumed. */
uint8_t *dtls_resumable_ticket(struct dtls_resumable *resumable);

/* Notes the session of a full handshake that is as good as over. */
void dtls_resumable_note(struct dtls_connection *connection);

/* Sessions are kept apart by the server's name that the client looks for (RFC 6066 section 3): notes its hash
 * in `resuming`. */
dtls_error dtls_resuming_hash_name(struct dtls_connection *connection, dtls_span name);

/* The handshake goes on with `resuming->session`: takes its suite and its master secret. */
void dtls_resumable_use(struct dtls_connection *connection, const dtls_cipher_suite *suite);

/* Its lifetime is over, as far as we can tell. */
bool dtls_resumable_expired(const struct dtls_resumable *resumable, dtls_time now);

uint32_t dtls_config_session_lifetime(const dtls_config *config);

/* session_state.c: a session as bytes. */

void dtls_state_write(struct dtls_writer *writer, const struct dtls_resumable *resumable, dtls_role role,
                      dtls_span ticket);

/* False: not a state, or one of the other role. */
bool dtls_state_read(dtls_span state, dtls_role role, struct dtls_resumable *out_resumable,
                     dtls_span *out_ticket);

/* tickets.c (RFC 5077 section 4, with an AEAD). */

dtls_error dtls_ticket_seal(struct dtls_connection *connection, struct dtls_writer *writer);

/* Fills `resuming->session` and `renews`. False: not a ticket under our keys. */
bool dtls_ticket_open(struct dtls_connection *connection, dtls_span ticket);

#endif
