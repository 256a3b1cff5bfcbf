/* SPDX-License-Identifier: MIT
 *
 * Sessions that are made, kept and resumed by pairs of connections.
 */
#ifndef DTLS_TESTS_CONNECTION_SESSIONS_H
#define DTLS_TESTS_CONNECTION_SESSIONS_H

#include "connection/pair.h"

/* Ways to resume. */
struct session_kind {
    const char *name;
    void (*init)(struct pair *pair);
    bool tickets;
    bool client_auth;
    bool cookies;
    bool renews;
};

#define SESSION_KINDS 5

extern const struct session_kind session_kinds[SESSION_KINDS];

/* Those with certificates. */
#define BY_ID     (&session_kinds[2])
#define BY_TICKET (&session_kinds[3])
#define RENEWED   (&session_kinds[4])

extern dtls_ticket_keys session_keys;

/* For a program's beginning: keys and credentials. */
int sessions_make_keys(void **state);

/* New ticket keys; those before become the previous ones. */
void sessions_rotate(void);

/* A pair whose ends resume; change it, and run it until both ends know how it ended. */
void sessions_init(struct pair *pair, const struct session_kind *kind, size_t mtu);
void sessions_run(struct pair *pair);

const dtls_connection_info *sessions_info(const struct pair *pair, int which);

/* Both ends say whether they have resumed. */
void sessions_check(const struct pair *pair, bool resumed);

/* Takes the states that both ends export into `next`. */
void sessions_keep(const struct pair *pair, struct pair *next);

/* A full handshake, whose session `next` holds. `change` (may be NULL) alters its configuration. */
void sessions_make(const struct session_kind *kind, struct pair *next, void (*change)(struct pair *pair));

/* A pair that offers the session which `session` holds. */
struct pair sessions_offer(const struct pair *session, const struct session_kind *kind, size_t mtu);

/* Runs it, and checks that it was resumed. Returns the time it took. */
uint64_t sessions_resume(struct pair *pair, const struct session_kind *kind);

#endif
