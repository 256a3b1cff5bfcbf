/* SPDX-License-Identifier: MIT
 *
 * An ordinary client and an ordinary server, for the examples whose matter is
 * something else. How they are made is in the examples of the services that
 * peers.c calls.
 */
#ifndef EXAMPLE_PEERS_H
#define EXAMPLE_PEERS_H

#include "credentials.h"
#include "setup.h"

/* What a peer shows and believes: a pre-shared key; the server's certificate; the client's besides. */
#define EXAMPLE_PSK                1u
#define EXAMPLE_CERTIFICATE        2u
#define EXAMPLE_CLIENT_CERTIFICATE 4u

/* The input of `example_echo_server` in addition: how many clients it serves before it ends. */
#define EXAMPLE_CLIENTS(n) ((ULONG)(n) << 8)

/* Sizes that do for any session (nx_secure_tls_metadata_size_calculate says how much is needed). */
#define EXAMPLE_METADATA   9000
#define EXAMPLE_REASSEMBLY 4000
#define EXAMPLE_SESSIONS   2

/* The key that `EXAMPLE_PSK` stands for. */
extern UCHAR example_psk[16];
extern UCHAR example_psk_identity[6];

typedef struct example_client {
    NX_SECURE_DTLS_SESSION session;
    NX_UDP_SOCKET socket;
    UCHAR metadata[EXAMPLE_METADATA];
    UCHAR reassembly[EXAMPLE_REASSEMBLY];
    NX_SECURE_X509_CERT anchor;
    NX_SECURE_X509_CERT certificate;
} example_client;

typedef struct example_server {
    NX_SECURE_DTLS_SERVER server;
    NX_SECURE_DTLS_SESSION sessions[EXAMPLE_SESSIONS];
    UCHAR metadata[EXAMPLE_SESSIONS * EXAMPLE_METADATA];
    UCHAR reassembly[EXAMPLE_SESSIONS * EXAMPLE_REASSEMBLY];
    UCHAR client_certificates[EXAMPLE_SESSIONS * (sizeof(NX_SECURE_X509_CERT) + 1024)];
    NX_SECURE_X509_CERT anchor;
    NX_SECURE_X509_CERT certificate;
} example_server;

/* Makes a client's session and its socket, and gives it the credentials. */
VOID example_client_open(example_client *client, ULONG credentials);
/* Connects to the server's host and prints the code. */
UINT example_client_connect(example_client *client);
/* Says a text and prints the answer. */
VOID example_client_talk(example_client *client, const char *text);
/* Ends what there is, deletes the session and the socket. */
VOID example_client_close(example_client *client);

/* Makes a server with its credentials, not started yet. */
VOID example_server_make(example_server *server, ULONG credentials,
                         UINT (*connect_notify)(NX_SECURE_DTLS_SESSION *session, NXD_ADDRESS *address,
                                                UINT port));
/* Makes one with the callbacks below, and starts it. */
VOID example_server_open(example_server *server, ULONG credentials);
/* Waits for a client and for the end of its handshake, whose code it prints; NULL: it failed. */
NX_SECURE_DTLS_SESSION *example_server_accept(VOID);
/* Sends back what the client says until it closes, then ends the session. */
VOID example_server_echo(NX_SECURE_DTLS_SESSION *session);
/* Stops and deletes the server. */
VOID example_server_close(example_server *server);

/* The callbacks of such a server, for one that is made otherwise. */
UINT example_connect_notify(NX_SECURE_DTLS_SESSION *session, NXD_ADDRESS *address, UINT port);
UINT example_receive_notify(NX_SECURE_DTLS_SESSION *session);

/* Threads: a server that echoes, and a client that says hello. `input`: credentials. */
VOID example_echo_server(ULONG input);
VOID example_hello_client(ULONG input);

/* Sends a text, and takes one: up to `size` bytes with the NUL, the code of the service. */
VOID example_send(NX_SECURE_DTLS_SESSION *session, NX_PACKET_POOL *pool, const char *text);
UINT example_receive(NX_SECURE_DTLS_SESSION *session, char *text, ULONG size, ULONG wait);

#endif
