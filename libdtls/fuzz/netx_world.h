/* SPDX-License-Identifier: MIT
 *
 * A server of the NetX Secure DTLS services with clients, over a network that
 * does what a script says, in virtual time and without cryptography. Threads
 * start the sessions that connect and receive what comes; callbacks do things
 * that the script has chosen.
 */
#ifndef DTLS_FUZZ_NETX_WORLD_H
#define DTLS_FUZZ_NETX_WORLD_H

#include <stdbool.h>

#include "fuzz.h"
#include "nx_host.h"
#include "nx_secure_dtls_api.h"
#include "nx_secure_host.h"
#include "nx_udp.h"
#include "tx_host.h"
#include "wire/cursor.h"

#define NUM_SLOTS     3
#define NUM_CLIENTS   3
#define NUM_WORKERS   2
#define NUM_PACKETS   24
#define NUM_KEPT      8 /* datagrams that were seen, to be sent again */
#define LONGEST_KEPT  1024
#define SERVER_PORT   4433
#define MAIN_PRIORITY 8
#define GARBAGE       0xa5 /* in what was deleted */

/* Callbacks of which the script says what they do. */
enum hook {
    HOOK_CONNECT,
    HOOK_RECEIVE,
    HOOK_DISCONNECT,
    HOOK_ERROR,
    HOOK_CERTIFICATE,
    HOOK_CLOCK,
    NUM_HOOKS
};

enum hook_act {
    ACT_USUAL, /* the workers are told */
    ACT_NOTHING,
    ACT_START,
    ACT_RECEIVE,
    ACT_SEND,
    ACT_END,
    ACT_RESET,
    ACT_DELETE,
    ACT_SLEEP, /* gives the processor away */
    ACT_STOP,
    ACT_DELETE_SERVER,
    ACT_MAKE_SERVER, /* in the place of the one that called */
    NUM_ACTS
};

/* Bits of the settings. */
enum setting {
    SERVER_KEY = 1,
    SERVER_CERTIFICATE = 2,
    ASKS_CLIENTS = 4, /* for certificates */
    CLIENT_KEY = 8,
    CLIENT_TRUST = 16,
    INLINE = 32,        /* datagrams are taken in the sender's thread */
    NOTIFY_FIRST = 64,  /* before the cookie */
    SHORT_LIMIT = 128,  /* of idle slots */
    SMALL_SERVER = 256, /* its packets */
    SMALL_CLIENTS = 512,
    CLOCK = 1024
};

/* What becomes of the next datagrams to a side. */
enum fate { FATE_PASS, FATE_DROP, FATE_TWICE, FATE_CHANGE, FATE_CUT, NUM_FATES };

struct netx_client {
    NX_UDP_SOCKET socket;
    NX_SECURE_DTLS_SESSION session;
};

struct netx_world {
    NX_PACKET_POOL pools[2]; /* the server's, the clients' */
    NX_IP ips[2];
    NX_SECURE_DTLS_SERVER server;
    struct netx_client clients[NUM_CLIENTS];
    enum hook_act acts[NUM_HOOKS];
    struct {
        enum fate fate;
        unsigned argument;
        unsigned times;
    } fates[2];
    struct {
        UCHAR bytes[LONGEST_KEPT];
        ULONG len;
    } kept[NUM_KEPT];
    unsigned next_kept;
    NX_PACKET *taken; /* by the script, out of the server's pool */
    bool finished;
};

extern struct netx_world *world;

/* Makes everything, in a thread of the kernel. */
void netx_world_make(unsigned settings);
/* Ends everything, and checks that every packet is back. */
void netx_world_end(void);

void netx_make_server(void);
void netx_delete_server(void); /* stopped before, if need be; what was it is garbage then */
void netx_make_client(unsigned which);
void netx_delete_client(unsigned which);
NX_SECURE_DTLS_SESSION *netx_slot(unsigned which); /* NULL: there is no server */

/* A worker is terminated where it is and starts anew, its wait is aborted, or it is suspended or resumed. */
void netx_change_worker(unsigned which, unsigned how);

/* Sends some data from a session of the one side (0: the server's). */
void netx_send(unsigned side, NX_SECURE_DTLS_SESSION *session, ULONG len);
/* Receives and releases. */
void netx_receive(NX_SECURE_DTLS_SESSION *session, ULONG wait);

/* What a hook does to its session, which may be NULL. */
void netx_act(enum hook_act act, NX_SECURE_DTLS_SESSION *session);

#endif
