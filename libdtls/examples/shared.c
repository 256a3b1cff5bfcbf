/* SPDX-License-Identifier: MIT
 *
 * Time, files and the command line for the examples.
 */
#include "shared.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NS_PER_S  1000000000u
#define NS_PER_MS 1000000u

dtls_time example_now(void) {
    struct timespec monotonic;
    struct timespec calendar;
    clock_gettime(CLOCK_MONOTONIC, &monotonic);
    clock_gettime(CLOCK_REALTIME, &calendar);
    return (dtls_time){.monotonic_ns = (uint64_t)monotonic.tv_sec * NS_PER_S + (uint64_t)monotonic.tv_nsec,
                       .calendar_s = (int64_t)calendar.tv_sec};
}

int example_wait(uint64_t deadline_ns) {
    if (deadline_ns == DTLS_NO_DEADLINE)
        return -1;
    uint64_t now = example_now().monotonic_ns;
    uint64_t left = deadline_ns > now ? (deadline_ns - now + NS_PER_MS - 1) / NS_PER_MS : 0;
    return left < INT_MAX ? (int)left : INT_MAX;
}

void example_fail(const char *what) {
    fprintf(stderr, "%s\n", what);
    exit(1);
}

/* A whole file, to be freed. */
static uint8_t *read_file(const char *name, size_t *out_len) {
    FILE *file = fopen(name, "rb");
    uint8_t *bytes = malloc(65536);
    if (file == NULL || bytes == NULL)
        example_fail(name);
    *out_len = fread(bytes, 1, 65536, file);
    fclose(file);
    return bytes;
}

static void read_psk(struct example_options *options, const char *text) {
    const char *colon = strchr(text, ':');
    if (colon == NULL)
        example_fail("--psk wants IDENTITY:KEY, the key in hexadecimal digits");
    options->psk_identity = (dtls_span){.data = (const uint8_t *)text, .len = (size_t)(colon - text)};
    for (const char *at = colon + 1; at[0] != '\0' && at[1] != '\0'; at += 2) {
        char digits[3] = {at[0], at[1], '\0'};
        if (options->psk_key_len == sizeof options->psk_key)
            example_fail("the key is longer than 64 bytes");
        options->psk_key[options->psk_key_len++] = (uint8_t)strtoul(digits, NULL, 16);
    }
}

static void read_credentials(struct example_options *options, const char *chain, const char *key,
                             const char *anchors) {
    size_t len;
    if (chain != NULL) {
        uint8_t *pem = read_file(chain, &len);
        options->credential.chain_len = DTLS_MAX_CHAIN;
        if (dtls_libcrypto_chain_read(pem, len, options->chain_bytes, sizeof options->chain_bytes,
                                      options->chain, &options->credential.chain_len) != DTLS_OK)
            example_fail("--cert: not a certificate chain in PEM, or too long");
        options->credential.chain = options->chain;
        free(pem);
    }
    if (key != NULL) {
        uint8_t *pem = read_file(key, &len);
        if (dtls_libcrypto_private_key_read(pem, len, &options->private_key, &options->credential.key_type) !=
            DTLS_OK)
            example_fail("--key: not a private key");
        options->credential.private_key = options->private_key;
        dtls_libcrypto.wipe(pem, len);
        free(pem);
    }
    if (anchors != NULL) {
        uint8_t *pem = read_file(anchors, &len);
        if (dtls_libcrypto_trust_anchors_read(pem, len, &options->anchors) != DTLS_OK)
            example_fail("--ca: no certificates");
        free(pem);
    }
}

void example_options_read(struct example_options *options, int argc, char **argv, const char *usage) {
    const char *psk = NULL;
    const char *chain = NULL;
    const char *key = NULL;
    const char *anchors = NULL;
    const struct {
        const char *name;
        const char **value;
    } named[] = {
        {"--psk", &psk}, {"--name", &options->name}, {"--cert", &chain}, {"--key", &key}, {"--ca", &anchors}};
    const char **const positional[] = {&options->address, &options->port, &options->text};
    size_t num_positional = 0;
    *options = (struct example_options){.once = false};

    for (int i = 1; i < argc; i++) {
        const char **value = NULL;
        if (strcmp(argv[i], "--once") == 0) {
            options->once = true;
            continue;
        }
        for (size_t j = 0; j < sizeof named / sizeof *named; j++) {
            if (strcmp(argv[i], named[j].name) == 0 && i + 1 < argc)
                value = named[j].value;
        }
        if (value != NULL)
            *value = argv[++i];
        else if (strncmp(argv[i], "--", 2) != 0 && num_positional < 3)
            *positional[num_positional++] = argv[i];
        else
            example_fail(usage);
    }
    if (num_positional < 2)
        example_fail(usage);
    if (psk != NULL)
        read_psk(options, psk);
    read_credentials(options, chain, key, anchors);
}

void example_options_free(struct example_options *options) {
    dtls_libcrypto_private_key_free(options->private_key);
    dtls_libcrypto_trust_anchors_free(options->anchors);
    dtls_libcrypto.wipe(options, sizeof *options);
}
