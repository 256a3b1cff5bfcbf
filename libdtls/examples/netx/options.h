/* SPDX-License-Identifier: MIT
 *
 * What the complete client and server have in common that is not DTLS: the
 * command line, files, and the host's network. A device has constants instead.
 */
#ifndef EXAMPLE_OPTIONS_H
#define EXAMPLE_OPTIONS_H

#include "nx_secure_dtls_api.h"

/* A certificate in DER, perhaps with its key (DER), as a file has it. */
typedef struct example_file {
    UCHAR bytes[4096];
    USHORT len; /* 0: the command line names none */
} example_file;

typedef struct example_options {
    NXD_ADDRESS own;     /* 0.0.0.0: all of the host's */
    NXD_ADDRESS address; /* client: of the server */
    UINT port;
    const char *text; /* client: what to say */
    const char *name; /* client: whom the server's certificate must be for; NULL: anybody */
    UINT sessions;    /* client: at once; server: how many, until it ends */

    UCHAR psk_identity[64];
    UINT psk_identity_len;
    UCHAR psk[64];
    UINT psk_len; /* 0: no pre-shared key */

    example_file authority; /* --ca */
    example_file certificate;
    example_file key;
} example_options;

extern example_options options;

/* Reads the command line; ends the program if it is wrong. */
VOID example_read_options(int argc, char **argv, const char *usage, UINT is_client);

/* A packet pool and an IP instance on the host's UDP sockets. */
extern NX_PACKET_POOL pool;
extern NX_IP ip;
VOID example_make_ip(VOID);

/* Fills `out` from the files of the command line; the key's may be empty. */
UINT example_read_certificate(NX_SECURE_X509_CERT *out, const example_file *certificate,
                              const example_file *key);

/* POSIX seconds, for certificates' dates. */
ULONG example_calendar(VOID);

/* Ends the program with a message, unless `status` is NX_SUCCESS. */
VOID example_check(const char *what, UINT status);

#endif
