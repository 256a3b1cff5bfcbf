/* SPDX-License-Identifier: MIT
 *
 * The words that every libdtls header uses: time, spans, roles, versions, results.
 */
#ifndef DTLS_TYPES_H
#define DTLS_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What time it is. The library has no clock: each call that needs the time is told. */
typedef struct dtls_time {
    uint64_t monotonic_ns; /* never goes back; the origin is the caller's; deadlines are on this scale */
    int64_t calendar_s; /* POSIX seconds, for certificates and tickets; 0: unknown, dates are not checked */
} dtls_time;

/* A deadline that never comes. */
#define DTLS_NO_DEADLINE UINT64_MAX

/* Bytes that somebody else owns. `data` may be NULL when `len` is 0. */
typedef struct dtls_span {
    const uint8_t *data;
    size_t len;
} dtls_span;

/* The two sides of a connection. */
typedef enum dtls_role { DTLS_CLIENT = 0, DTLS_SERVER = 1 } dtls_role;

/* Wire versions (RFC 6347 section 4.1, RFC 9147 section 5.3). */
enum { DTLS_VERSION_1_0 = 0xfeff, DTLS_VERSION_1_2 = 0xfefd, DTLS_VERSION_1_3 = 0xfefc };

/* The largest plaintext of one record (RFC 6347 section 4.1, by way of RFC 5246 section 6.2.1), bytes. */
#define DTLS_MAX_PLAINTEXT 16384

/* Room that a record needs in front of its plaintext and behind it, for every version and suite and
 * connection IDs of up to 64 bytes, without padding; `dtls_record_overhead` tells the exact figures of one
 * connection. Bytes. */
#define DTLS_MAX_HEADROOM 96
#define DTLS_MAX_TAILROOM 80

/* Alert descriptions (RFC 5246 section 7.2 and its registry). */
typedef enum dtls_alert {
    DTLS_ALERT_CLOSE_NOTIFY = 0,
    DTLS_ALERT_UNEXPECTED_MESSAGE = 10,
    DTLS_ALERT_BAD_RECORD_MAC = 20,
    DTLS_ALERT_RECORD_OVERFLOW = 22,
    DTLS_ALERT_HANDSHAKE_FAILURE = 40,
    DTLS_ALERT_BAD_CERTIFICATE = 42,
    DTLS_ALERT_UNSUPPORTED_CERTIFICATE = 43,
    DTLS_ALERT_CERTIFICATE_REVOKED = 44,
    DTLS_ALERT_CERTIFICATE_EXPIRED = 45,
    DTLS_ALERT_CERTIFICATE_UNKNOWN = 46,
    DTLS_ALERT_ILLEGAL_PARAMETER = 47,
    DTLS_ALERT_UNKNOWN_CA = 48,
    DTLS_ALERT_ACCESS_DENIED = 49,
    DTLS_ALERT_DECODE_ERROR = 50,
    DTLS_ALERT_DECRYPT_ERROR = 51,
    DTLS_ALERT_PROTOCOL_VERSION = 70,
    DTLS_ALERT_INSUFFICIENT_SECURITY = 71,
    DTLS_ALERT_INTERNAL_ERROR = 80,
    DTLS_ALERT_INAPPROPRIATE_FALLBACK = 86,
    DTLS_ALERT_USER_CANCELED = 90,
    DTLS_ALERT_NO_RENEGOTIATION = 100,
    DTLS_ALERT_MISSING_EXTENSION = 109,
    DTLS_ALERT_UNSUPPORTED_EXTENSION = 110,
    DTLS_ALERT_UNRECOGNIZED_NAME = 112,
    DTLS_ALERT_BAD_CERTIFICATE_STATUS_RESPONSE = 113,
    DTLS_ALERT_UNKNOWN_PSK_IDENTITY = 115,
    DTLS_ALERT_CERTIFICATE_REQUIRED = 116,
    DTLS_ALERT_NO_APPLICATION_PROTOCOL = 120,
    DTLS_ALERT_NONE = 255 /* no alert */
} dtls_alert;

#ifdef __cplusplus
}
#endif

#endif
