/* SPDX-License-Identifier: MIT
 *
 * Reads the command line that the runner gives.
 */
#include "bogo/flags.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first thing asked for that does not apply. */
typedef struct refusal {
    const char *token;
    const char *detail;
} refusal;

/* Decodes base64 into memory that lives as long as the process. */
static dtls_span decode(const char *text) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint8_t *bytes = malloc(strlen(text) + 1);
    if (bytes == NULL)
        shim_fail("no memory");
    size_t len = 0;
    uint32_t bits = 0;
    unsigned num_bits = 0;
    for (; *text != '\0' && *text != '='; text++) {
        const char *digit = strchr(digits, *text);
        if (digit == NULL)
            shim_fail("not base64: %s", text);
        bits = bits << 6 | (uint32_t)(digit - digits);
        num_bits += 6;
        if (num_bits >= 8) {
            num_bits -= 8;
            bytes[len++] = (uint8_t)(bits >> num_bits);
        }
    }
    return (dtls_span){.data = bytes, .len = len};
}

static void append(uint16_t *list, size_t *count, const char *text) {
    if (*count == SHIM_MAX_LIST)
        shim_fail("a list has more than %d entries", SHIM_MAX_LIST);
    list[(*count)++] = (uint16_t)strtoul(text, NULL, 10);
}

static void begin_credential(shim_options *options, bool raw_public_key) {
    if (options->num_credentials == SHIM_MAX_CREDENTIALS)
        shim_fail("more than %d credentials", SHIM_MAX_CREDENTIALS);
    options->credentials[options->num_credentials++].raw_public_key = raw_public_key;
}

static void set(shim_options *options, const flag *found, const char *value) {
    uint8_t *field = (uint8_t *)options + found->offset;
    shim_credential *credential = &options->credentials[options->num_credentials - 1];
    uint8_t *of_credential = (uint8_t *)credential + found->offset;
    switch (found->kind) {
    case FLAG_TRUE:
        *(bool *)field = true;
        break;
    case FLAG_INT:
        *(int *)(void *)field = (int)strtol(value, NULL, 10);
        if (found->counter != 0)
            *((bool *)options + found->counter) = true;
        break;
    case FLAG_U64:
        *(uint64_t *)(void *)field = strtoull(value, NULL, 10);
        break;
    case FLAG_STRING:
        *(const char **)(void *)field = value;
        break;
    case FLAG_BYTES:
        *(dtls_span *)(void *)field = decode(value);
        break;
    case FLAG_LIST:
        append((uint16_t *)(void *)field, (size_t *)(void *)((uint8_t *)options + found->counter), value);
        break;
    case FLAG_CREDENTIAL:
    case FLAG_PUBLIC_KEY:
        begin_credential(options, found->kind == FLAG_PUBLIC_KEY);
        break;
    case FLAG_OF_CREDENTIAL:
        *(const char **)(void *)of_credential = value;
        break;
    case FLAG_BYTES_OF_CREDENTIAL:
        *(dtls_span *)(void *)of_credential = decode(value);
        break;
    case FLAG_LIST_OF_CREDENTIAL:
        append(credential->schemes, &credential->num_schemes, value);
        break;
    case FLAG_NOTHING:
    case FLAG_NOTHING_TEXT:
    case FLAG_REFUSED:
    case FLAG_REFUSED_TEXT:
        break;
    }
}

static bool takes_value(const flag *found) {
    switch (found->kind) {
    case FLAG_TRUE:
    case FLAG_CREDENTIAL:
    case FLAG_PUBLIC_KEY:
    case FLAG_NOTHING:
    case FLAG_REFUSED:
        return false;
    default:
        return true;
    }
}

/* Which connections a flag is for, by the prefix of its name. */
typedef struct scope {
    bool initial;
    bool resume;
} scope;

static scope strip_prefix(const char **name) {
    static const struct {
        const char *prefix;
        scope scope;
    } prefixes[] = {
        {"-on-initial-", {.initial = true}},     {"-on-resume-", {.resume = true}},
        {"-on-retry-", {.initial = false}},      {"-on-shim-", {.initial = true, .resume = true}},
        {"-on-handshaker-", {.initial = false}},
    };
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        size_t len = strlen(prefixes[i].prefix);
        if (strncmp(*name, prefixes[i].prefix, len) == 0) {
            *name += len - 1; /* the flag keeps its hyphen */
            return prefixes[i].scope;
        }
    }
    return (scope){.initial = true, .resume = true};
}

static void set_defaults(shim_options *options) {
    *options = (shim_options){.num_credentials = 1,
                              .min_version = -1,
                              .max_version = -1,
                              .mtu = -1,
                              .initial_timeout_ms = -1,
                              .max_certificates = -1,
                              .expect_version = -1,
                              .expect_group = -1,
                              .expect_cipher = -1,
                              .expect_peer_scheme = -1,
                              .expect_peer_type = -1};
}

void shim_read_flags(int argc, char **argv, shim_options *out_initial, shim_options *out_resume) {
    refusal refused = {0};
    set_defaults(out_initial);
    set_defaults(out_resume);
    for (int i = 1; i < argc; i++) {
        const char *name = argv[i];
        scope wanted = strip_prefix(&name);
        const flag *found = flag_find(name);
        if (found == NULL) {
            /* Whether a word belongs to it is unknown; a word alone is no flag. */
            if (name[0] == '-' && refused.token == NULL)
                refused = (refusal){.token = "unknown-flag", .detail = name};
            continue;
        }
        const char *value = NULL;
        if (takes_value(found)) {
            if (++i == argc)
                shim_fail("%s wants a value", name);
            value = argv[i];
        }
        if (found->reason != NULL && refused.token == NULL)
            refused = (refusal){.token = found->reason, .detail = name};
        if (wanted.initial)
            set(out_initial, found, value);
        if (wanted.resume)
            set(out_resume, found, value);
    }
    shim_leave_reasons(out_initial->settings);
    if (!out_initial->dtls)
        shim_not_applicable("tls", "without -dtls");
    if (refused.token != NULL)
        shim_not_applicable(refused.token, refused.detail);
}
