/* SPDX-License-Identifier: MIT
 *
 * What the programs agree on with their peers besides keys: application
 * protocols, SRTP, record lengths, keying material, and sessions that are
 * resumed.
 */
#ifndef DTLS_PROGRAMS_SERVICES_H
#define DTLS_PROGRAMS_SERVICES_H

#include "options.h"

/* What the command line says of it. NULL: nothing. */
struct services {
    const char *protocols;     /* names with commas between them */
    const char *srtp_profiles; /* names with colons between them */
    const char *session_in;    /* names of files */
    const char *session_out;
    bool no_ticket;
};

/* Reads the file, and completes the configuration. */
void services_read(struct options *options, const struct services *given);

/* Adds the extensions that go with it to a list, which has room. The number. */
size_t services_extensions(const struct options *options, const dtls_extension **out);

/* Client, before it starts: offers the session of -sess_in. Says so if it is of no use any more. */
void services_offer(const struct options *options, dtls_connection *connection);

/* Says what was agreed on, and keeps the session: a client in the file of -sess_out, a server in memory. */
void services_connected(struct options *options, const char *peer, const dtls_connection *connection);

/* The most bytes of application data, up to `most`, whose record fills a datagram of the path's MTU and keeps
 * to what was agreed on. 1 at least. */
size_t services_record_room(const dtls_connection *connection, size_t most);

/* Server: answers DTLS_EVENT_LOOK_UP_SESSION. */
void services_answer(const struct options *options, dtls_connection *connection, dtls_span id);

#endif
