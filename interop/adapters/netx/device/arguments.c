/* SPDX-License-Identifier: MIT
 *
 * The arguments of the program's `main`, with what is configured in place of
 * {words}, and files for those that name one.
 */
#define _GNU_SOURCE
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "device.h"

#define MAX_ARGUMENTS 64u

enum kind { TEXT, HEX, PEM_FILE, CERTIFICATE_DER, KEY_DER };

struct word {
    const char *name;
    enum kind kind;
    struct dtlslab_bytes value;
};

#define NUM_WORDS 11u

/* --- Files. --- */

static int make_folder(struct device *device) {
    const char *parent = getenv("TMPDIR");

    if (device->folder != NULL)
        return 1;
    if (asprintf(&device->folder, "%s/dtlslab-XXXXXX", parent != NULL ? parent : "/tmp") < 0)
        device->folder = NULL;
    if (device->folder != NULL && mkdtemp(device->folder) == NULL) {
        free(device->folder);
        device->folder = NULL;
    }
    return device->folder != NULL;
}

static int write_der(BIO *out, const struct word *word) {
    BIO *pem = BIO_new_mem_buf(word->value.data, (int)word->value.len);
    X509 *certificate = word->kind == CERTIFICATE_DER ? PEM_read_bio_X509(pem, NULL, NULL, NULL) : NULL;
    EVP_PKEY *key = word->kind == KEY_DER ? PEM_read_bio_PrivateKey(pem, NULL, NULL, NULL) : NULL;
    const int done = (certificate != NULL && i2d_X509_bio(out, certificate) == 1) ||
                     (key != NULL && i2d_PrivateKey_bio(out, key) == 1);

    X509_free(certificate);
    EVP_PKEY_free(key);
    BIO_free(pem);
    return done;
}

/* The path of a file with the word's value; NULL: it cannot be written. */
static char *write_file(struct device *device, const struct word *word) {
    char *path = NULL;

    if (!make_folder(device) || asprintf(&path, "%s/%s", device->folder, word->name) < 0)
        return NULL;
    BIO *out = BIO_new_file(path, "wb");
    const int written =
        out != NULL && (word->kind == PEM_FILE
                            ? BIO_write(out, word->value.data, (int)word->value.len) == (int)word->value.len
                            : write_der(out, word));
    BIO_free(out);
    if (!written) {
        free(path);
        return NULL;
    }
    return path;
}

/* --- Words. --- */

static char *value_of(struct device *device, const struct word *word) {
    const struct dtlslab_bytes *value = &word->value;
    char *text;

    if (word->kind == TEXT)
        return value->len > 0 ? strndup((const char *)value->data, value->len) : strdup("");
    if (word->kind != HEX)
        return write_file(device, word);
    text = calloc(2 * (size_t)value->len + 1, 1);
    for (uint32_t i = 0; text != NULL && i < value->len; i++)
        snprintf(text + 2 * (size_t)i, 3, "%02x", value->data[i]);
    return text;
}

static const struct word *word_at(const struct word *words, const char *text, size_t len) {
    for (size_t i = 0; i < NUM_WORDS; i++) {
        if (strlen(words[i].name) == len && memcmp(words[i].name, text, len) == 0)
            return &words[i];
    }
    return NULL;
}

/* A copy of `argument` with its words filled in. NULL: no memory, or a file cannot be written. */
static char *fill(struct device *device, const struct word *words, const char *argument) {
    char *filled = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&filled, &size);
    int good = out != NULL;

    while (good && *argument != '\0') {
        const char *end = *argument == '{' ? strchr(argument, '}') : NULL;
        const struct word *word =
            end != NULL ? word_at(words, argument + 1, (size_t)(end - argument) - 1) : NULL;
        if (word == NULL) {
            (void)fputc(*argument++, out);
            continue;
        }
        char *value = value_of(device, word);
        good = value != NULL;
        if (good)
            (void)fputs(value, out);
        free(value);
        argument = end + 1;
    }
    if (out != NULL && fclose(out) != 0)
        good = 0;
    if (good)
        return filled;
    free(filled);
    return NULL;
}

/* --- The table. --- */

static int is_configured(const char *feature, const struct dtlslab_config *config) {
    const int is_server = config->role == DTLSLAB_SERVER;

    if (strcmp(feature, "psk") == 0)
        return config->psk_key.len > 0;
    if (strcmp(feature, "certificate") == 0)
        return (is_server ? config->certificate_chain : config->trust_anchors).len > 0;
    if (strcmp(feature, "client-auth") == 0)
        return is_server ? config->client_auth != DTLSLAB_CLIENT_AUTH_NONE
                         : config->certificate_chain.len > 0;
    return 0;
}

static int32_t add(struct device *device, const struct word *words, const char *argument, size_t *num,
                   char *message) {
    if (*num == MAX_ARGUMENTS)
        return adapter_refuse(DTLSLAB_INVALID, message, "the program has more than %u arguments",
                              MAX_ARGUMENTS);
    device->arguments[*num] = fill(device, words, argument);
    if (device->arguments[*num] == NULL)
        return adapter_refuse(DTLSLAB_FAILED, message, "the program's argument %s cannot be made", argument);
    (*num)++;
    return DTLSLAB_OK;
}

int32_t device_make_arguments(struct device *device, const struct dtlslab_config *config, char *message) {
    const char *name = config->server_name != NULL ? config->server_name : "";
    const struct word words[NUM_WORDS] = {
        {"psk_identity", TEXT, config->psk_identity},
        {"psk_key_hex", HEX, config->psk_key},
        {"psk_key", TEXT, config->psk_key},
        {"psk_hint", TEXT, config->psk_hint},
        {"server_name", TEXT, {(const uint8_t *)name, (uint32_t)strlen(name)}},
        {"certificate", PEM_FILE, config->certificate_chain},
        {"certificate_der", CERTIFICATE_DER, config->certificate_chain},
        {"key", PEM_FILE, config->private_key},
        {"key_der", KEY_DER, config->private_key},
        {"authority", PEM_FILE, config->trust_anchors},
        {"authority_der", CERTIFICATE_DER, config->trust_anchors},
    };
    size_t num = 0;

    device->arguments = calloc(MAX_ARGUMENTS + 1, sizeof *device->arguments);
    if (device->arguments == NULL)
        return adapter_refuse(DTLSLAB_FAILED, message, "there is no memory for arguments");
    int32_t result = add(device, words, device_name, &num, message);
    for (const struct device_arguments *next = device_settings.arguments;
         result == DTLSLAB_OK && next->argument != NULL; next++) {
        if (next->when == NULL || is_configured(next->when, config))
            result = add(device, words, next->argument, &num, message);
    }
    return result;
}

static void remove_folder(const struct device *device) {
    static const char *const names[] = {"certificate", "certificate_der", "key",
                                        "key_der",     "authority",       "authority_der"};
    char *path = NULL;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (asprintf(&path, "%s/%s", device->folder, names[i]) < 0)
            continue;
        (void)unlink(path);
        free(path);
    }
    (void)rmdir(device->folder);
}

void device_free_arguments(struct device *device) {
    for (size_t i = 0; device->arguments != NULL && device->arguments[i] != NULL; i++) {
        explicit_bzero(device->arguments[i], strlen(device->arguments[i]));
        free(device->arguments[i]);
    }
    free(device->arguments);
    if (device->folder != NULL)
        remove_folder(device);
    free(device->folder);
}
