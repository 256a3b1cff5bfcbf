/* SPDX-License-Identifier: MIT */
#include "names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAX_NAME 80

/* Parts of IANA's names and what OpenSSL makes of them, in the order in which they are looked for. */
static const struct {
    const char *from;
    const char *to;
} translations[] = {{"TLS_RSA_WITH_", ""},
                    {"TLS_", ""},
                    {"_WITH_", "-"},
                    {"CHACHA20_POLY1305_SHA256", "CHACHA20-POLY1305"},
                    {"AES_128_CBC_", "AES128-"},
                    {"AES_256_CBC_", "AES256-"},
                    {"AES_128_", "AES128-"},
                    {"AES_256_", "AES256-"},
                    {"CCM_8", "CCM8"},
                    {"_", "-"}};

static void openssl_name(const char *iana, char out[MAX_NAME]) {
    size_t len = 0;
    while (*iana != '\0' && len + 24 < MAX_NAME) {
        size_t i = 0;
        const size_t num = sizeof translations / sizeof *translations;
        while (i < num && strncmp(iana, translations[i].from, strlen(translations[i].from)) != 0)
            i++;
        if (i < num) {
            memcpy(out + len, translations[i].to, strlen(translations[i].to));
            len += strlen(translations[i].to);
            iana += strlen(translations[i].from);
        } else {
            out[len++] = *iana++;
        }
    }
    out[len] = '\0';
}

static bool is(const char *name, size_t len, const char *other) {
    return strlen(other) == len && strncasecmp(name, other, len) == 0;
}

/* Four hexadecimal digits, with or without 0x. */
static bool has_code(const char *name, size_t len, unsigned code) {
    char text[8];
    snprintf(text, sizeof text, "0x%04x", code);
    return is(name, len, text) || is(name, len, text + 2);
}

const dtls_cipher_suite *suite_by_name(const char *name, size_t len) {
    for (unsigned code = 0; code <= 0xffff; code++) {
        const dtls_cipher_suite *suite = dtls_cipher_suite_by_code(code);
        char other[MAX_NAME];
        if (suite == NULL)
            continue;
        openssl_name(dtls_cipher_suite_name(suite), other);
        if (has_code(name, len, code) || is(name, len, dtls_cipher_suite_name(suite)) || is(name, len, other))
            return suite;
    }
    return NULL;
}

const dtls_group *group_by_name(const char *name, size_t len) {
    static const struct {
        const char *name;
        unsigned code;
    } others[] = {{"P-256", 0x17},     {"prime256v1", 0x17}, {"secp256r1", 0x17},
                  {"P-384", 0x18},     {"secp384r1", 0x18},  {"P-521", 0x19},
                  {"secp521r1", 0x19}, {"X25519", 0x1d},     {"X448", 0x1e}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (is(name, len, others[i].name))
            return dtls_group_by_code(others[i].code);
    }
    for (unsigned code = 0; code <= 0xffff; code++) {
        const dtls_group *group = dtls_group_by_code(code);
        if (group != NULL && (has_code(name, len, code) || is(name, len, dtls_group_name(group))))
            return group;
    }
    return NULL;
}

const dtls_signature_scheme *scheme_by_name(const char *name, size_t len) {
    for (unsigned code = 0; code <= 0xffff; code++) {
        const dtls_signature_scheme *scheme = dtls_signature_scheme_by_code(code);
        if (scheme != NULL &&
            (has_code(name, len, code) || is(name, len, dtls_signature_scheme_name(scheme))))
            return scheme;
    }
    return NULL;
}

void names_print(void) {
    for (unsigned code = 0; code <= 0xffff; code++) {
        const dtls_cipher_suite *suite = dtls_cipher_suite_by_code(code);
        const dtls_group *group = dtls_group_by_code(code);
        const dtls_signature_scheme *scheme = dtls_signature_scheme_by_code(code);
        char other[MAX_NAME];
        if (suite != NULL) {
            openssl_name(dtls_cipher_suite_name(suite), other);
            printf("suite  %04x %-46s %s\n", code, dtls_cipher_suite_name(suite), other);
        }
        if (group != NULL)
            printf("group  %04x %s\n", code, dtls_group_name(group));
        if (scheme != NULL)
            printf("scheme %04x %s\n", code, dtls_signature_scheme_name(scheme));
    }
}

bool suite_is_psk(const dtls_cipher_suite *suite) {
    return strstr(dtls_cipher_suite_name(suite), "PSK") != NULL;
}
