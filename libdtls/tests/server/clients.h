/* SPDX-License-Identifier: MIT
 *
 * A server and any number of clients over a network in memory, in virtual
 * time. The server's block stands between canaries; its application echoes.
 */
#ifndef DTLS_TESTS_SERVER_CLIENTS_H
#define DTLS_TESTS_SERVER_CLIENTS_H

#include "support/check.h"

#include "dtls/dtls.h"
#include "dtls/libcrypto.h"

#define MS     UINT64_C(1000000)
#define SECOND (1000 * MS)

#define ONE_WAY      (10 * MS)
#define MAX_DATAGRAM 2048
#define CANARY       64
#define MAX_ENDS     4096

struct client {
    dtls_connection *connection;
    void *session_memory;
    void *handshake_memory;
    dtls_address address;
    bool connected;
    bool failed;
    bool closed;
    uint8_t received[64];
    size_t received_len;
};

struct flying {
    uint64_t arrival;
    uint64_t order;
    struct flying *next;
    dtls_address address; /* the client's */
    int client;           /* receiver; -1: the server */
    size_t len;
    uint8_t bytes[];
};

/* An ended session, as it was told. */
struct ended {
    dtls_session session;
    dtls_session_end end;
};

struct world {
    dtls_time now;
    uint64_t order;
    uint64_t random; /* of the losses */
    unsigned loss;   /* in 1,000 */

    struct flying *flying; /* by arrival */
    struct flying **last;
    size_t num_to_server;
    size_t num_to_clients;

    dtls_config server_connections;
    dtls_config client_connections;
    dtls_server_config config;
    uint8_t *memory;
    size_t memory_len;
    dtls_server *server;
    bool mute; /* the server's application answers no questions */

    struct client *clients;
    size_t num_clients;

    /* What the server's application has seen. */
    size_t num_connected;
    dtls_session last_connected;
    struct ended ended[MAX_ENDS];
    size_t num_ended;
};

/* Fills the configurations, with PSK; the test may change them before `world_open`. */
void world_init(struct world *world, size_t max_sessions, size_t max_handshakes);
void world_open(struct world *world, size_t num_clients);
void world_free(struct world *world);

/* A client at an address that its number makes begins, or begins anew from the same address. */
struct client *world_client(struct world *world, size_t number);
dtls_address world_address(size_t number);

/* Takes out everything that waits, everywhere. */
void world_pump(struct world *world);

/* A client's, or the server's, turn. */
void world_pump_client(struct world *world, size_t number);
void world_pump_server(struct world *world);

/* Gives the server a datagram at once. */
void world_give(struct world *world, const dtls_address *address, const uint8_t *bytes, size_t len);

/* Time goes on until nothing is under way, or until `until`. Deadlines of the server that are later than
 * `until` are not waited for. */
void world_run(struct world *world, uint64_t until);

/* The same for as many seconds. */
void world_run_for(struct world *world, unsigned seconds);

/* The client says something, and hears it back. */
void world_check_echo(struct world *world, size_t number);

void world_check_canaries(const struct world *world);

/* Writes a ClientHello without extensions whose random is made of `number`. Its length. */
size_t world_hello(uint64_t number, uint8_t *out);

const dtls_server_statistics *world_statistics(const struct world *world);

#endif
