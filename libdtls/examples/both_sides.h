/* SPDX-License-Identifier: MIT
 *
 * A client and a server in one program, with datagrams handed over in memory:
 * what the examples of the how-to pages need around the thing that they show.
 */
#ifndef DTLS_EXAMPLES_BOTH_SIDES_H
#define DTLS_EXAMPLES_BOTH_SIDES_H

#include "dtls/dtls.h"
#include "dtls/libcrypto.h"

/* One side. `on_event` is called with every event, and answers those that are questions. */
struct example_side {
    dtls_connection *connection;
    void (*on_event)(dtls_connection *connection, const dtls_event *event);
    uint64_t path; /* its address, as the other side sees it */
    void *session_memory;
    void *handshake_memory;
};

/* What time it is: a clock of the program's own. */
extern dtls_time example_time;

/* Makes a connection of a side, in memory from malloc. */
void example_open(struct example_side *side, const dtls_config *config,
                  void (*on_event)(dtls_connection *connection, const dtls_event *event));

/* Starts the client and carries datagrams until nothing is on its way. False: they are not connected. */
bool example_connect(struct example_side *client, struct example_side *server);

/* Carries what waits, both ways, until nothing does. */
void example_carry(struct example_side *a, struct example_side *b);

/* Sends a text as application data. True if it has arrived whole. */
bool example_send(struct example_side *from, struct example_side *to, const char *text);

/* An `on_event` that answers for a key that both sides have. */
void example_answer_psk(dtls_connection *connection, const dtls_event *event);

/* Wipes the connection and frees its memory. */
void example_close(struct example_side *side);

/* Ends the program with status 1 and says what is wrong, unless `ok`. */
void example_expect(bool ok, const char *what);

#endif
