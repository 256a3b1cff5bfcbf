/* SPDX-License-Identifier: MIT
 *
 * What the examples have around them: two hosts on one network, threads, a
 * line printed. Everything about DTLS is in peers.c and in the examples, and
 * only setup.c knows that it does not run on a device.
 */
#ifndef EXAMPLE_SETUP_H
#define EXAMPLE_SETUP_H

#include "nx_secure_dtls_api.h"

#define EXAMPLE_PORT       4433
#define EXAMPLE_SECONDS(n) ((n)*NX_IP_PERIODIC_RATE)

/* A host: its packets and its IP instance. */
typedef struct example_host {
    NX_PACKET_POOL pool;
    NX_IP ip;
    NXD_ADDRESS address;
} example_host;

/* 10.0.0.1 and 10.0.0.2. */
extern example_host example_server_host;
extern example_host example_client_host;

/* Makes both hosts; of `tx_application_define`. */
VOID example_hosts(VOID);

/* Starts a thread, of which there may be four. The server's priority is above that of the clients, so that it
 * listens first. */
VOID example_thread(const char *name, VOID (*entry)(ULONG input), ULONG input);

/* Prints a line, behind the time and the name of the thread. */
VOID example_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A code by its name. */
const char *example_code(UINT status);

/* Ends the program, unless the service has answered NX_SUCCESS: for what is not the example's matter. */
VOID example_check(const char *service, UINT status);

#endif
