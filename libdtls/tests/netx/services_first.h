/* SPDX-License-Identifier: MIT
 *
 * Strangers of a server that tells of clients before their cookie.
 */
#ifndef NETX_TESTS_SERVICES_FIRST_H
#define NETX_TESTS_SERVICES_FIRST_H

#include "services_both.h"

/* make_both with a server that tells first, started. */
void first_make(UINT slots);

/* nx_secure_dtls_server_session_start of a slot in a thread of its own, more urgent than the test's. */
typedef struct starter {
    TX_THREAD *thread;
    NX_SECURE_DTLS_SESSION *session;
    ULONG wait;
    UINT answer; /* STILL_WAITING until it has answered */
    ULONG at;    /* and when, ticks */
} starter;
#define STILL_WAITING 0xFFFFu
void first_start(starter *out, NX_SECURE_DTLS_SESSION *session, ULONG wait);

/* Edits for edit_arrivals: a HelloVerifyRequest is lost. */
bool lose_verify_requests(UCHAR *bytes, ULONG *len);
/* Counts the HelloVerifyRequests in `num_verify_requests`. */
bool count_verify_requests(UCHAR *bytes, ULONG *len);
extern UINT num_verify_requests;

/* A ClientHello without a cookie: `hello` and its length are what a client of the test has sent. */
void first_catch_hello(void);
extern UCHAR hello[1536];
extern ULONG hello_len;

/* A nx_secure_dtls_server_start of a program that is compiled with NX_HOST_DTLS_CONNECT_NOTIFY_FIRST. */
UINT first_program_starts(NX_SECURE_DTLS_SERVER *of);

#endif
