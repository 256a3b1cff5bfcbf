/* SPDX-License-Identifier: MIT
 *
 * What BoGo tests and libdtls does not set out to do: the one table of it.
 * A test is matched by what it asks of the shim, never by its name.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bogo/shim.h"

typedef struct reason {
    const char *token;
    const char *sentence;
} reason;

static const reason table[] = {
    {"dtls-1.3", "DTLS 1.3 (RFC 9147) and what only it has: the peer would negotiate it"},
    {"tls", "TLS and QUIC: libdtls speaks DTLS only"},
    {"ech", "encrypted ClientHello, which needs DTLS 1.3"},
    {"early-data", "early data, which needs DTLS 1.3"},
    {"psk-importer", "imported pre-shared keys (RFC 9258), which need DTLS 1.3"},
    {"pake", "password-authenticated key exchange, which needs DTLS 1.3"},
    {"key-shares", "choice of key shares, which needs DTLS 1.3"},
    {"post-quantum", "hybrid and post-quantum groups, which need DTLS 1.3"},
    {"key-update", "KeyUpdate, which needs DTLS 1.3"},
    {"trust-anchor-ids", "trust anchor identifiers, a draft for TLS 1.3"},
    {"server-padding", "padding of the server's flight on request, a draft for TLS 1.3"},
    {"delegated-credentials", "delegated credentials (RFC 9345)"},
    {"certificate-compression", "certificate compression (RFC 8879)"},
    {"application-settings", "application-layer protocol settings, a draft"},
    {"next-protocol-negotiation", "NPN, superseded by ALPN"},
    {"channel-id", "Channel ID, an expired draft"},
    {"certificate-timestamps", "signed certificate timestamps (RFC 6962)"},
    {"grease", "GREASE (RFC 8701) and shuffled extensions in our ClientHello"},
    {"false-start", "False Start (RFC 7918), which DTLS does not have"},
    {"fallback-scsv", "the fallback SCSV (RFC 7507) in our ClientHello"},
    {"renegotiation", "renegotiation, which libdtls refuses"},
    {"issuer-selection", "choice of a credential by its issuer"},
    {"credential-schemes", "signature preferences of a single credential"},
    {"old-suite", "a cipher suite that is not offered: 3DES, RC4, NULL, or finite-field DH"},
    {"old-scheme", "a signature scheme that is not offered: SHA-1, MD5, or a group that is not named"},
    {"old-group", "a group that is not offered"},
    {"unoffered-protocol", "an ALPN protocol that was not offered, or is empty"},
    {"tls-unique", "tls-unique, which RFC 9266 replaces"},
    {"message-trace", "a trace of messages in BoringSSL's own words"},
    {"hello-callback", "a callback that refuses a ClientHello"},
    {"staple-callback", "a callback of a server that fails to make an OCSP response"},
    {"ticket-callback", "callbacks that seal and open tickets"},
    {"certificate-hash", "keeping only the hash of a client certificate"},
    {"certificate-request", "reading names and types of a CertificateRequest"},
    {"compliance-policy", "named sets of algorithms"},
    {"record-api", "reading, writing or peeking by the piece: libdtls gives whole records"},
    {"slow-key", "real time that passes while a key signs"},
    {"timeout-change",
     "a timeout that changes while a flight is on its way: libdtls takes a round trip for the next"},
    {"unknown-flag", "a flag that the shim does not know"},
};

static char reasons_prefix[4096];

void shim_leave_reasons(const char *prefix) {
    snprintf(reasons_prefix, sizeof reasons_prefix, "%s", prefix != NULL ? prefix : "");
}

void shim_print_reasons(void) {
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        printf("%s\t%s\n", table[i].token, table[i].sentence);
}

static bool is_listed(const char *token) {
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (strcmp(table[i].token, token) == 0)
            return true;
    }
    return false;
}

void shim_not_applicable(const char *token, const char *detail) {
    if (!is_listed(token))
        shim_fail("the reason %s is not in the table", token);
    printf("not applicable: %s (%s)\n", token, detail);
    if (reasons_prefix[0] != '\0') {
        char name[sizeof reasons_prefix + 32];
        snprintf(name, sizeof name, "%snot-applicable", reasons_prefix);
        FILE *file = fopen(name, "w");
        if (file != NULL) {
            fprintf(file, "%s\t%s\n", token, detail);
            fclose(file);
        }
    }
    fflush(stdout);
    _Exit(SHIM_NOT_APPLICABLE);
}

void shim_fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    fflush(stderr);
    _Exit(1);
}
