/* SPDX-License-Identifier: MIT */
#include "authentication.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A whole file in memory, to be freed. */
static uint8_t *read_file(const struct options *options, const char *option, const char *name,
                          size_t *out_len) {
    enum { MOST = 1 << 20 };
    FILE *file = fopen(name, "rb");
    if (file == NULL)
        fail(options, 2, "-%s: %s: %s", option, name, strerror(errno));
    uint8_t *bytes = malloc(MOST);
    if (bytes == NULL)
        fail(options, 1, "no memory");
    *out_len = fread(bytes, 1, MOST, file);
    const bool good = ferror(file) == 0 && *out_len < MOST;
    fclose(file);
    if (!good)
        fail(options, 2, "-%s: %s: it cannot be read, or is over a megabyte", option, name);
    return bytes;
}

static void read_key(struct options *options, const char *option, const char *name, struct shown_files *files,
                     dtls_credential *out_credential) {
    size_t len;
    uint8_t *pem = read_file(options, option, name, &len);
    const dtls_error error =
        dtls_libcrypto_private_key_read(pem, len, &files->private_key, &out_credential->key_type);
    dtls_libcrypto.wipe(pem, len);
    free(pem);
    if (error != DTLS_OK)
        fail(options, 2, "-%s: %s: not a private key without passphrase", option, name);
    out_credential->private_key = files->private_key;
}

/* A certificate chain with its key, which stands in the same file if `key` is NULL. */
static void read_certificate(struct options *options, const char *option, const char *cert,
                             const char *key_option, const char *key, struct shown_files *files) {
    dtls_credential *credential = &options->credentials[options->config.num_credentials++];
    size_t len;
    uint8_t *pem = read_file(options, option, cert, &len);
    credential->chain = files->chain;
    credential->chain_len = DTLS_MAX_CHAIN;
    const dtls_error error = dtls_libcrypto_chain_read(
        pem, len, files->chain_bytes, sizeof files->chain_bytes, files->chain, &credential->chain_len);
    free(pem);
    if (error != DTLS_OK)
        fail(options, 2, "-%s: %s: no certificates in PEM, or too many", option, cert);
    read_key(options, key != NULL ? key_option : option, key != NULL ? key : cert, files, credential);
}

/* Any file that a public key can be found in. */
static dtls_span read_public_key(const struct options *options, const char *option, const char *name,
                                 uint8_t out[MAX_PUBLIC_KEY]) {
    size_t len;
    size_t key_len;
    uint8_t *bytes = read_file(options, option, name, &len);
    const dtls_error error = dtls_libcrypto_public_key_read(bytes, len, out, MAX_PUBLIC_KEY, &key_len);
    dtls_libcrypto.wipe(bytes, len);
    free(bytes);
    if (error != DTLS_OK)
        fail(options, 2, "-%s: %s: no public key, certificate or private key", option, name);
    return (dtls_span){.data = out, .len = key_len};
}

/* Our key without a certificate; it is shown to whoever takes it. */
static void read_raw(struct options *options, const struct authentication *given) {
    const char *key = given->key != NULL ? given->key : given->cert;
    if (key == NULL)
        fail(options, 2, "a raw public key needs -key");
    dtls_credential *credential = &options->credentials[options->config.num_credentials++];
    read_key(options, "key", key, &options->files[2], credential);
    options->files[2].chain[0] = read_public_key(options, "key", key, options->files[2].chain_bytes);
    credential->type = DTLS_CERTIFICATE_RAW_PUBLIC_KEY;
    credential->chain = options->files[2].chain;
    credential->chain_len = 1;
}

/* A server with two certificates shows the second to those who look for its name. With -servername_fatal the
 * first is for nobody by name. */
static void name_credentials(struct options *options, const struct authentication *given) {
    static const char *const nobody[] = {NULL};
    options->server_names[0] = given->server_name;
    if (options->role != DTLS_SERVER || given->server_name == NULL)
        return;
    for (size_t i = 0; i < options->config.num_credentials; i++) {
        dtls_credential *credential = &options->credentials[i];
        const bool second = given->cert2 == NULL || credential->chain == options->files[1].chain;
        if (second)
            credential->server_names = options->server_names;
        else if (given->server_name_fatal)
            credential->server_names = nobody;
    }
    options->config.refuse_unknown_names = given->server_name_fatal;
}

static void read_shown(struct options *options, const struct authentication *given) {
    const bool raw = options->role == DTLS_SERVER ? given->server_rpk : given->client_rpk;
    if (raw)
        read_raw(options, given);
    if (given->cert != NULL)
        read_certificate(options, "cert", given->cert, "key", given->key, &options->files[0]);
    if (given->cert != NULL && given->status_file != NULL) {
        dtls_credential *first = &options->credentials[options->config.num_credentials - 1];
        options->status = read_file(options, "status_file", given->status_file, &first->ocsp_response.len);
        first->ocsp_response.data = options->status;
    }
    if (given->cert2 != NULL)
        read_certificate(options, "cert2", given->cert2, "key2", given->key2, &options->files[1]);
    options->config.credentials = options->credentials;
    name_credentials(options, given);
}

static void read_taken(struct options *options, const struct authentication *given) {
    static const dtls_certificate_type types[] = {DTLS_CERTIFICATE_RAW_PUBLIC_KEY, DTLS_CERTIFICATE_X509};
    dtls_config *config = &options->config;
    const bool raw = options->role == DTLS_SERVER ? given->client_rpk : given->server_rpk;
    if (given->anchors != NULL) {
        size_t len;
        uint8_t *pem = read_file(options, "CAfile", given->anchors, &len);
        const dtls_error error = dtls_libcrypto_trust_anchors_read(pem, len, &options->anchors);
        free(pem);
        if (error != DTLS_OK)
            fail(options, 2, "-CAfile: %s: no certificates", given->anchors);
    }
    if (given->peer_key != NULL) {
        options->peer_key = read_public_key(options, "peer_key", given->peer_key, options->peer_key_bytes);
        config->known_public_keys = &options->peer_key;
        config->num_known_public_keys = 1;
    }
    if (raw) {
        config->peer_certificate_types = types;
        config->num_peer_certificate_types = given->peer_key != NULL && given->anchors == NULL ? 1 : 2;
    }
    config->trust_anchors = options->anchors;
    config->verification = options->anchors != NULL || (raw && given->peer_key != NULL) ? DTLS_VERIFY_ANCHORS
                                                                                        : DTLS_VERIFY_NOTHING;
}

void authentication_read(struct options *options, const struct authentication *given) {
    read_shown(options, given);
    read_taken(options, given);
    if (options->role == DTLS_SERVER)
        options->config.max_server_name = 255;
    else
        options->config.peer_name = given->server_name;
}

size_t authentication_extensions(const struct options *options, const struct authentication *given,
                                 const dtls_extension **out) {
    size_t num = 0;
    if (options->role == DTLS_SERVER ? given->status_file != NULL : given->status)
        out[num++] = &dtls_extension_status_request;
    if (given->server_rpk)
        out[num++] = &dtls_extension_server_certificate_type;
    if (given->client_rpk)
        out[num++] = &dtls_extension_client_certificate_type;
    return num;
}

void authentication_free(struct options *options) {
    for (size_t i = 0; i < MAX_SHOWN; i++)
        dtls_libcrypto_private_key_free(options->files[i].private_key);
    dtls_libcrypto_trust_anchors_free(options->anchors);
    free(options->status);
}
