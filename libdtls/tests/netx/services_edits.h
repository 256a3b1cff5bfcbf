/* SPDX-License-Identifier: MIT
 *
 * Faults in handshake messages that go in the clear, as edits of datagrams (services_world.h).
 */
#ifndef NETX_TESTS_SERVICES_EDITS_H
#define NETX_TESTS_SERVICES_EDITS_H

#include "services_world.h"

/* Types of handshake messages (RFC 5246 section 7.4). */
enum {
    MESSAGE_CLIENT_HELLO = 1,
    MESSAGE_SERVER_HELLO = 2,
    MESSAGE_CERTIFICATE = 11,
    MESSAGE_SERVER_KEY_EXCHANGE = 12,
    MESSAGE_CERTIFICATE_VERIFY = 15,
    MESSAGE_CLIENT_KEY_EXCHANGE = 16,
    MESSAGE_FINISHED = 20
};

/* To either side. */
bool edit_hello_length(UCHAR *bytes, ULONG *len);       /* a session id longer than its message */
bool edit_certificate_der(UCHAR *bytes, ULONG *len);    /* no certificate any more */
bool edit_renegotiation_info(UCHAR *bytes, ULONG *len); /* one that is not empty */

/* To a client. */
bool edit_server_version(UCHAR *bytes, ULONG *len);
bool edit_server_suite(UCHAR *bytes, ULONG *len);     /* one that was not offered */
bool edit_server_suite_rsa(UCHAR *bytes, ULONG *len); /* ECDHE_RSA, whatever the certificate */
bool edit_server_compression(UCHAR *bytes, ULONG *len);
bool edit_server_extension(UCHAR *bytes, ULONG *len); /* one that was not offered */
bool edit_server_group(UCHAR *bytes, ULONG *len);     /* one that is unknown */
bool edit_server_signature(UCHAR *bytes, ULONG *len);
bool edit_server_order(UCHAR *bytes, ULONG *len);     /* a Finished in ServerHello's place */
bool edit_server_fragments(UCHAR *bytes, ULONG *len); /* a fragment of another ServerHello in front */

/* To a server. */
bool edit_client_version(UCHAR *bytes, ULONG *len);
bool edit_client_compression(UCHAR *bytes, ULONG *len); /* no null */
bool edit_client_schemes(UCHAR *bytes, ULONG *len);     /* unknown ones alone */
bool edit_client_point(UCHAR *bytes, ULONG *len);       /* not on the curve */
bool edit_client_key_length(UCHAR *bytes, ULONG *len);
bool edit_client_signature(UCHAR *bytes, ULONG *len);
bool edit_client_order(UCHAR *bytes, ULONG *len);
bool edit_client_fragments(UCHAR *bytes, ULONG *len);
bool edit_client_certificate(UCHAR *bytes, ULONG *len); /* one with a key of a kind that has no use */

#endif
