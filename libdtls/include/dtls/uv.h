/* SPDX-License-Identifier: MIT
 *
 * libdtls in a libuv loop: a server of many sessions behind one UDP socket, and
 * a client. Part of `libdtls_posix.a`. These make the loop's handles, move
 * datagrams in batches, keep the deadlines, and tell what happens by handlers,
 * which run in the loop's thread. They take their own memory from malloc; the
 * library beneath still takes none.
 */
#ifndef DTLS_UV_H
#define DTLS_UV_H

#include "dtls/posix.h"

#include <uv.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A server in a loop. */
typedef struct dtls_uv_server dtls_uv_server;

/* What the loop calls. `user` is given back to each. */
typedef struct dtls_uv_server_handlers {
    /* Questions are answered on `dtls_server_connection`, here or later. */
    void (*on_event)(void *user, dtls_uv_server *server, const dtls_server_event *event);
    void (*on_data)(void *user, dtls_uv_server *server, dtls_session session, uint8_t *data, size_t len);
    void *user;
} dtls_uv_server_handlers;

/* Puts a server (server.h) with the socket `udp` into `loop`; both are the loop's until the stop, which
 * closes the socket and leaves the server alone. 0, or libuv's error number, and then they are the caller's.
 * `handlers` is copied. */
int dtls_uv_server_start(uv_loop_t *loop, int udp, dtls_server *server,
                         const dtls_uv_server_handlers *handlers, dtls_uv_server **out_server);

/* The server itself, for what server.h has. After acting on it outside a handler: `dtls_uv_server_wake`. */
dtls_server *dtls_uv_server_of(dtls_uv_server *server);
void dtls_uv_server_wake(dtls_uv_server *server);

/* Sends application data to a session as one record. Errors of `dtls_server_write`, and DTLS_NOTHING: the
 * socket takes no more now, and the data was dropped as the network would have. */
dtls_error dtls_uv_server_send(dtls_uv_server *server, dtls_session session, const uint8_t *data, size_t len);

/* Sends what waits, takes the handles out of the loop and gives the memory back once that is done. */
void dtls_uv_server_stop(dtls_uv_server *server);

/* A client's connection in a loop. */
typedef struct dtls_uv_client dtls_uv_client;

/* What the loop calls. `user` is given back to each. */
typedef struct dtls_uv_client_handlers {
    void (*on_event)(void *user, dtls_uv_client *client, const dtls_event *event);
    void (*on_data)(void *user, dtls_uv_client *client, uint8_t *data, size_t len);
    void *user;
} dtls_uv_client_handlers;

/* The same for a client: a connection with a connected socket in `loop`, which starts it. `handlers` is
 * copied. */
int dtls_uv_client_start(uv_loop_t *loop, int udp, dtls_connection *connection,
                         const dtls_uv_client_handlers *handlers, dtls_uv_client **out_client);

/* For a `client` what the functions of the same names are for a server. */
dtls_connection *dtls_uv_client_of(dtls_uv_client *client);
void dtls_uv_client_wake(dtls_uv_client *client);
dtls_error dtls_uv_client_send(dtls_uv_client *client, const uint8_t *data, size_t len);
void dtls_uv_client_stop(dtls_uv_client *client);

#ifdef __cplusplus
}
#endif

#endif
