/* SPDX-License-Identifier: MIT
 *
 * What the example client and server have in common: time, files, credentials
 * from the command line. Everything about DTLS is in client.c and server.c.
 */
#ifndef DTLS_EXAMPLES_SHARED_H
#define DTLS_EXAMPLES_SHARED_H

#include "dtls/dtls.h"
#include "dtls/libcrypto.h"

/* The largest datagram we send or take, bytes. */
#define EXAMPLE_DATAGRAM 2048

/* What the command line said. */
struct example_options {
    const char *address;
    const char *port;
    const char *text; /* client: what to say */
    const char *name; /* client: the name that the server's certificate must be for */
    bool once;        /* server: end with the first session */

    dtls_span psk_identity;
    uint8_t psk_key[64];
    size_t psk_key_len;

    dtls_credential credential;
    dtls_span chain[DTLS_MAX_CHAIN];
    uint8_t chain_bytes[8192];
    dtls_private_key *private_key;
    dtls_trust_anchors *anchors;
};

/* Reads the command line and the files that it names. Ends the program with a message if something is wrong.
 */
void example_options_read(struct example_options *options, int argc, char **argv, const char *usage);
void example_options_free(struct example_options *options);

/* The time on two clocks, as libdtls wants it. */
dtls_time example_now(void);

/* Milliseconds from now to a deadline, rounded up, for poll(2); -1: wait for ever. */
int example_wait(uint64_t deadline_ns);

/* Prints a message and ends the program with status 1. */
_Noreturn void example_fail(const char *what);

#endif
