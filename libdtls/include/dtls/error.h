/* SPDX-License-Identifier: MIT
 *
 * The one enumeration of everything that can go wrong.
 *
 * Functions answer DTLS_OK, DTLS_NOTHING or a negative value. The misuse
 * group changes nothing and the connection lives on. The others are what a
 * dead connection died of; `dtls_connection_get_failure` says where.
 */
#ifndef DTLS_ERROR_H
#define DTLS_ERROR_H

#include "dtls/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What functions answer, and what connections die of. */
typedef enum dtls_error {
    DTLS_OK = 0,
    DTLS_NOTHING = 1, /* nothing (more) to poll, or nothing happened */

    /* Misuse: the call did nothing. */
    DTLS_ERROR_ARGUMENT = -1, /* a NULL pointer, a length out of range, an unknown value */
    DTLS_ERROR_NO_ROOM = -2,  /* the caller's memory or buffer is too small */
    DTLS_ERROR_STATE = -3, /* not now: before the handshake is over, after the close, no such question open */
    DTLS_ERROR_CONFIG = -4, /* the configuration contradicts itself; `dtls_config_check` names the field */

    /* The connection is dead, and this is what of. */
    DTLS_ERROR_PEER_ALERT = -20,         /* the peer sent a fatal alert */
    DTLS_ERROR_HANDSHAKE_TIMEOUT = -21,  /* the handshake's deadline has passed */
    DTLS_ERROR_UNEXPECTED_MESSAGE = -22, /* a message that the state table does not allow now */
    DTLS_ERROR_DECODE = -23,             /* a message with lengths that do not add up */
    DTLS_ERROR_ILLEGAL_PARAMETER = -24,  /* a field with a value that is not allowed, or was not offered */
    DTLS_ERROR_FRAGMENTS_CONTRADICT =
        -25,                           /* fragments of one message that differ in type, length or content */
    DTLS_ERROR_MESSAGE_TOO_LONG = -26, /* longer than the configuration's largest message */
    DTLS_ERROR_VERSION = -27,          /* no version in common */
    DTLS_ERROR_NO_SHARED_SUITE = -28,
    DTLS_ERROR_NO_SHARED_GROUP = -29,
    DTLS_ERROR_NO_SHARED_SIGNATURE_SCHEME = -30,
    DTLS_ERROR_UNSUPPORTED_EXTENSION = -31, /* an answer to an extension that was not offered */
    DTLS_ERROR_CERTIFICATE_MISSING = -32,
    DTLS_ERROR_CERTIFICATE_BAD = -33, /* does not parse, or its key must not be used for this */
    DTLS_ERROR_CERTIFICATE_UNKNOWN_AUTHORITY = -34,
    DTLS_ERROR_CERTIFICATE_EXPIRED = -35, /* or not yet valid */
    DTLS_ERROR_CERTIFICATE_NAME = -36,    /* is for another name */
    DTLS_ERROR_CERTIFICATE_REFUSED = -37, /* by the application */
    DTLS_ERROR_SIGNATURE = -38,           /* the peer's signature does not verify */
    DTLS_ERROR_KEY_SHARE = -39,   /* a public key that is not on its curve, or gives an all-zero secret */
    DTLS_ERROR_PSK_UNKNOWN = -40, /* the application knows no key for this identity */
    DTLS_ERROR_FINISHED = -41,    /* verify_data does not verify: another key, or tampering */
    DTLS_ERROR_SEQUENCE_EXHAUSTED = -42, /* the 48-bit record number or the key's record limit is used up */
    DTLS_ERROR_EXTENDED_MASTER_SECRET = -43, /* required by the configuration, absent from the peer */
    DTLS_ERROR_RENEGOTIATION_INFO = -44,     /* a renegotiation_info that is not empty in a first handshake */
    DTLS_ERROR_CRYPTO = -45,                 /* the crypto provider failed for a reason of its own */
    DTLS_ERROR_ABORTED = -46,                /* by the application */
    DTLS_ERROR_CONNECTION_ID = -47,          /* the server asks for a longer one than `max_connection_id` */
    DTLS_ERROR_EXPORTED = -48,               /* by the application, to be carried on elsewhere */
    DTLS_ERROR_NO_APPLICATION_PROTOCOL = -49, /* the client offers none of ours (RFC 7301 section 3.2) */
    DTLS_ERROR_CERTIFICATE_UNSUPPORTED = -50, /* its type, or that of its key, is not of use: a key that does
                                                 not fit the suite, or no type in common (RFC 7250) */
    DTLS_ERROR_CERTIFICATE_REVOKED = -51,     /* as its authority says */
    DTLS_ERROR_CERTIFICATE_STATUS = -52,      /* the stapled OCSP response is not good (RFC 6066 section 8) */
    DTLS_ERROR_PUBLIC_KEY_UNKNOWN = -53, /* a raw public key that is not among the known ones (RFC 7250) */
    DTLS_ERROR_UNRECOGNIZED_NAME =
        -54, /* the client looks for a name that is not ours (RFC 6066 section 3) */
    DTLS_ERROR_INAPPROPRIATE_FALLBACK =
        -55 /* the client tries again at a lower version than need be (RFC 7507) */
} dtls_error;

/* A sentence that says what `error` means. Static; never NULL. */
const char *dtls_strerror(dtls_error error);

/* The name of the enumerator `error`, e.g. "DTLS_ERROR_FINISHED". Static; never NULL. */
const char *dtls_error_name(dtls_error error);

/* The alert that is sent when a connection dies of `error`; DTLS_ALERT_NONE if none is
 * (RFC 5246 section 7.2.2). */
dtls_alert dtls_error_alert(dtls_error error);

/* The name of an alert description, e.g. "decrypt_error"; "unknown" if it has none. Static. */
const char *dtls_alert_name(unsigned description);

#ifdef __cplusplus
}
#endif

#endif
