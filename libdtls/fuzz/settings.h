/* SPDX-License-Identifier: MIT
 *
 * Configurations with the null provider, made of bits: what a fuzzer chooses
 * from.
 */
#ifndef DTLS_FUZZ_SETTINGS_H
#define DTLS_FUZZ_SETTINGS_H

#include "dtls/dtls.h"

enum {
    /* The cipher suites, one of these. */
    SETTINGS_DEFAULT_SUITES = 0,
    SETTINGS_PSK = 1,
    SETTINGS_ECDHE_PSK = 2,
    SETTINGS_CBC = 3,
    SETTINGS_PSK_CBC = 4,
    SETTINGS_RSA = 5, /* key transport */
    SETTINGS_ALL_SUITES = 6,
    SETTINGS_SUITES = 7, /* the mask */

    SETTINGS_1_0 = 1 << 3, /* behind 1.2; needs a suite with CBC and SHA-1 */
    SETTINGS_REQUEST = 1 << 4,
    SETTINGS_REQUIRE = 1 << 5,
    SETTINGS_ASK_VERDICT = 1 << 6,
    SETTINGS_ASK_KEY = 1 << 7, /* signatures and decryptions are asked for */
    SETTINGS_SMALL_MTU = 1 << 8,
    SETTINGS_REQUIRE_EMS = 1 << 9,
    SETTINGS_BARE = 1 << 10, /* no extensions but those of the suites */
    SETTINGS_RESUMPTION = 1 << 11,
    SETTINGS_CACHE = 1 << 12, /* a server looks up sessions, and issues no tickets */
    SETTINGS_CONNECTION_ID = 1 << 13,
    SETTINGS_PADDING = 1 << 14,
    SETTINGS_ALPN = 1 << 15,
    SETTINGS_SRTP = 1 << 16,
    SETTINGS_FRAGMENT_LENGTH = 1 << 17,
    SETTINGS_SIZE_LIMIT = 1 << 18,
    SETTINGS_ED25519 = 1 << 19, /* our key, instead of ECDSA and RSA ones */
    SETTINGS_KEEP_SECRETS = 1 << 20,
    SETTINGS_SLOW = 1 << 21, /* questions are answered when the input says so */
    SETTINGS_FOLLOW = 1 << 22,
    SETTINGS_HINT = 1 << 23,     /* a server's PSK identity hint */
    SETTINGS_STATUS = 1 << 24,   /* OCSP stapling */
    SETTINGS_RAW_KEYS = 1 << 25, /* raw public keys, in front of certificates */
    SETTINGS_NAMES = 1 << 26     /* a server whose certificate is for a name, and keeps others */
};

/* A configuration with what it points to; it must stay in place. */
struct settings {
    dtls_config config;
    dtls_span chains[3][2];
    dtls_credential credentials[3];
    const dtls_extension *extensions[16];
    dtls_span protocols[2];
};

/* False: the bits contradict each other. */
bool settings_make(struct settings *settings, dtls_role role, uint32_t bits);

#endif
