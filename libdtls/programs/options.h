/* SPDX-License-Identifier: MIT
 *
 * What the command lines of dtls-client and dtls-server say.
 */
#ifndef DTLS_PROGRAMS_OPTIONS_H
#define DTLS_PROGRAMS_OPTIONS_H

#include "dtls/dtls.h"
#include "dtls/libcrypto.h"

#include <stdio.h>

/* Names in a list, the NULL behind the last not counted. */
#define MAX_NAMES 64

/* The longest SubjectPublicKeyInfo that is taken, bytes. */
#define MAX_PUBLIC_KEY 2048

/* Credentials that a program can have: -cert, -cert2, and a raw public key. */
#define MAX_SHOWN 3

/* What a credential points to. */
struct shown_files {
    dtls_span chain[DTLS_MAX_CHAIN];
    uint8_t chain_bytes[32768];
    dtls_private_key *private_key;
};

/* Application protocols, SRTP profiles, and bytes of keying material. */
#define MAX_PROTOCOLS     32
#define MAX_SRTP_PROFILES 4
#define MAX_EXPORTED      1024

/* Sessions that a server without tickets keeps. */
#define MAX_KEPT 32

struct kept_session {
    uint8_t id[DTLS_MAX_SESSION_ID];
    size_t id_len; /* 0: there is none */
    uint8_t state[DTLS_SESSION_STATE_SIZE];
    size_t len;
};

struct options {
    dtls_role role;
    const char *program;

    char *host; /* NULL: any */
    char *port;
    int family;

    dtls_libcrypto_provider provider;
    dtls_config config; /* filled from the rest */
    const dtls_cipher_suite *suites[MAX_NAMES + 1];
    const dtls_group *groups[MAX_NAMES + 1];
    const dtls_signature_scheme *schemes[MAX_NAMES + 1];

    dtls_credential credentials[MAX_SHOWN];
    struct shown_files files[MAX_SHOWN];
    const char *server_names[2];
    uint8_t *status; /* the OCSP response; NULL: none */
    dtls_trust_anchors *anchors;
    dtls_span peer_key;
    uint8_t peer_key_bytes[MAX_PUBLIC_KEY];
    dtls_span psk_identity;
    uint8_t psk[64];
    size_t psk_len;

    dtls_span protocols[MAX_PROTOCOLS];
    uint16_t srtp_profiles[MAX_SRTP_PROFILES];
    dtls_srtp srtp;
    const char *export_label; /* of -keymatexport; NULL: none */
    size_t export_len;
    const char *session_out; /* client: a file; NULL: none */
    uint8_t session[DTLS_SESSION_STATE_SIZE];
    size_t session_len;           /* client: what is to be resumed; 0: none */
    dtls_ticket_keys ticket_keys; /* server */
    struct kept_session kept[MAX_KEPT];
    size_t num_kept; /* ever */

    FILE *key_log;
    bool quiet;
    bool no_cookie;
    bool echo;
    bool connection_ids;
    bool ignore_end;
    unsigned long sessions; /* to end after; 0: never */
    unsigned long max_sessions;
    unsigned long max_handshakes;
    uint64_t idle_timeout_ns;
};

/* Prints "PROGRAM: " and a sentence made as printf does, and ends the program with `status`. */
_Noreturn void fail(const struct options *options, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
