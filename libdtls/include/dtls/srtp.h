/* SPDX-License-Identifier: MIT
 *
 * Keys for SRTP (RFC 5764). The media do not go through the library: the
 * handshake agrees on a profile and makes the keys. The configuration names
 * `dtls_extension_use_srtp`, gives `srtp` and says `keep_secrets`.
 */
#ifndef DTLS_SRTP_H
#define DTLS_SRTP_H

#include "dtls/connection.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Protection profiles (RFC 5764 section 4.1.2, RFC 7714 section 14.2). */
enum {
    DTLS_SRTP_AES128_CM_SHA1_80 = 0x0001,
    DTLS_SRTP_AES128_CM_SHA1_32 = 0x0002,
    DTLS_SRTP_AEAD_AES_128_GCM = 0x0007,
    DTLS_SRTP_AEAD_AES_256_GCM = 0x0008
};

/* What a configuration offers or takes. */
struct dtls_srtp {
    const uint16_t *profiles; /* the above, best first; the server's order decides */
    size_t num_profiles;
    dtls_span mki; /* at most 255 bytes. Client: offered; server: taken if the client offers the same; empty:
                      none */
};

/* The keys of a profile (RFC 5764 section 4.2); each side protects what it sends with its own. */
typedef struct dtls_srtp_keys {
    uint16_t profile;
    uint8_t key_len;
    uint8_t salt_len;
    bool uses_mki; /* SRTP packets carry the configuration's MKI */
    uint8_t client_key[32];
    uint8_t server_key[32];
    uint8_t client_salt[14];
    uint8_t server_salt[14];
} dtls_srtp_keys;

/* Makes the keys of a connected connection. DTLS_NOTHING: no profile was agreed on. Otherwise as
 * `dtls_export_keying_material`. They are the caller's to wipe. */
dtls_error dtls_srtp_export_keys(const dtls_connection *connection, dtls_srtp_keys *out_keys);

#ifdef __cplusplus
}
#endif

#endif
