/* SPDX-License-Identifier: MIT
 *
 * What the services have no word for: suites of a program's own choice, and a
 * look at the libdtls connection behind a session, for programs that test or
 * watch. Not part of NetX Secure; a program that is to run on a device does
 * without.
 */
#ifndef NX_SECURE_HOST_H
#define NX_SECURE_HOST_H

#include "dtls/connection.h"
#include "nx_secure_dtls_api.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Makes a crypto table of cipher suites (IANA code points), most preferred first, which stay in place as long
 * as the table is used. Of them a session uses those that go with its certificates and pre-shared keys.
 * `legacy` is NX_TRUE if the table is to have what `nx_crypto_tls_ciphers_legacy` has: RSA key transport,
 * CBC, and DTLS 1.0 if the protocol version is overridden. NX_SUCCESS; NX_PTR_ERROR: NULL;
 * NX_INVALID_PARAMETERS: none, or more than NX_HOST_MAX_SUITES; NX_SECURE_TLS_UNKNOWN_CIPHERSUITE: one that
 * libdtls does not have. */
#define NX_HOST_MAX_SUITES 32
UINT nx_host_crypto_table_make(NX_SECURE_TLS_CRYPTO *table, const USHORT *suites, UINT num, UINT legacy);

/* Is called with every event of a session's connection (connection.h says what each has), key log lines among
 * them, before the services act on it. It runs in whichever thread made the event happen, and must not
 * call services. `expired` is NX_TRUE if a timer was the cause. */
typedef VOID (*nx_host_dtls_watch)(VOID *context, NX_SECURE_DTLS_SESSION *session, const dtls_event *event,
                                   UINT expired);

/* Watches a client's session from its next start on, or all sessions of a server; NULL: no more. The watch
 * stays when a session is reset. NX_SUCCESS, NX_PTR_ERROR. */
UINT nx_host_dtls_session_watch_set(NX_SECURE_DTLS_SESSION *session_ptr, nx_host_dtls_watch watch,
                                    VOID *context);
UINT nx_host_dtls_server_watch_set(NX_SECURE_DTLS_SERVER *server_ptr, nx_host_dtls_watch watch,
                                   VOID *context);

/* Who is told of all sessions of a kernel. Functions may be NULL; they run in whichever thread made it
 * happen, and must not call services. */
typedef struct nx_host_dtls_observer {
    VOID *context;
    /* The session has a peer and a connection. Nothing has gone out yet. */
    VOID (*begun)(VOID *context, NX_SECURE_DTLS_SESSION *session);
    nx_host_dtls_watch event;
    /* A record for nx_secure_dtls_session_receive. */
    VOID (*received)(VOID *context, NX_SECURE_DTLS_SESSION *session, const UCHAR *data, size_t len);
    /* The connection is about to be wiped: the session is reset or ended, or its handshake given up. */
    VOID (*over)(VOID *context, NX_SECURE_DTLS_SESSION *session);
} nx_host_dtls_observer;

/* Observes the sessions of the kernel in use, clients' and servers', beside their own watches; NULL: no more.
 * What is given stays in place meanwhile. */
VOID nx_host_dtls_observer_set(const nx_host_dtls_observer *observer);

/* When a server's connect_notify comes. NX_FALSE, as without this call: when the client has shown a good
 * cookie, so that forged addresses take nothing (RFC 6347 section 4.2.1). NX_TRUE: as in NetX Secure, with
 * the client's first ClientHello, if a slot is free. The slot then waits for the cookie, and
 * nx_secure_dtls_server_session_start goes through the exchange within its wait; HelloVerifyRequest is sent
 * when connect_notify has answered, unless that has ended the session. Nothing but the address is kept before
 * the cookie. If no slot is free, a client that shows a cookie takes that of one that has not, and for which
 * no thread waits: then error_notify says NX_NO_PACKET of the session, and connect_notify comes again for it.
 * Holds for ClientHellos that come from then on. NX_SUCCESS, NX_PTR_ERROR.
 *
 * A program that is not to be changed is compiled with NX_HOST_DTLS_CONNECT_NOTIFY_FIRST defined: its
 * nx_secure_dtls_server_start makes this call first. */
UINT nx_host_dtls_server_connect_notify_first_set(NX_SECURE_DTLS_SERVER *server_ptr, UINT first);

/* How long, in ticks, a server leaves a slot to a client that does not go on: one that the program has been
 * told of and has not started, one in whose handshake no thread waits and no message is taken. After that a
 * client with a good cookie may have the slot if no other is free; error_notify says NX_NO_PACKET of the
 * session first. It is also the longest that nx_secure_dtls_server_session_start waits for a cookie. An
 * established session, and one whose handshake has failed, is the program's for as long as it wants.
 * NX_WAIT_FOREVER: no limit. NX_SUCCESS; NX_PTR_ERROR; NX_INVALID_PARAMETERS: 0. */
#define NX_HOST_DTLS_IDLE_LIMIT (60 * NX_IP_PERIODIC_RATE) /* without this call */
UINT nx_host_dtls_server_idle_limit_set(NX_SECURE_DTLS_SERVER *server_ptr, ULONG ticks);

/* Gives back what the services keep of libcrypto for the whole process, before they are unloaded: no session
 * has a connection any more, and none begins. */
VOID nx_host_dtls_release(VOID);

/* The connection behind a session, for reading, until the session is reset or the handshake given up. NULL:
 * there is none. */
const dtls_connection *nx_host_dtls_connection(NX_SECURE_DTLS_SESSION *session_ptr);

#ifdef __cplusplus
}
#endif

#endif
