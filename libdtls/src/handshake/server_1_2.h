/* SPDX-License-Identifier: MIT
 *
 * A server's answer to a ClientHello that has been negotiated, in its parts:
 * for resumption, which comes in between.
 */
#ifndef DTLS_HANDSHAKE_SERVER_1_2_H
#define DTLS_HANDSHAKE_SERVER_1_2_H

#include "handshake/connection.h"
#include "handshake/hello.h"

/* Begins the transcript with the ClientHello, and the flight with ServerHello. The suite is chosen. */
dtls_error dtls_server_write_hello(struct dtls_connection *connection, const struct dtls_message *message);

/* Chooses a suite and answers with the first flight of a full handshake. */
dtls_error dtls_server_go_on(struct dtls_connection *connection, const struct dtls_client_hello *hello,
                             const struct dtls_message *message);

#endif
