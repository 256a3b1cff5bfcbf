/* SPDX-License-Identifier: MIT
 *
 * The contract's configuration, in Mbed TLS's terms.
 */
#define _POSIX_C_SOURCE 200809L
#include <mbedtls/error.h>
#include <mbedtls/platform_util.h>
#include <stdlib.h>
#include <string.h>

#include "mbedtls_adapter.h"

/* Below this the library has no room for a fragment of a handshake message under every suite. */
#define MIN_MTU           128u
#define NS_PER_MS         1000000u
#define MAX_TIMEOUT_MS    60000u /* the library's own default */
#define TICKET_LIFETIME_S 86400u

static int32_t refuse(const char *what, int error, char *message) {
    char text[160];

    mbedtls_strerror(error, text, sizeof text);
    return adapter_refuse(DTLSLAB_INVALID, message, "%s: %s", what, text);
}

/* The library knows PEM from DER by the zero at its end. */
static unsigned char *copy_text(const struct dtlslab_bytes *text) {
    unsigned char *copy = malloc(text->len + 1u);

    if (copy != NULL) {
        memcpy(copy, text->data, text->len);
        copy[text->len] = '\0';
    }
    return copy;
}

/* Every certificate of the text, or an error. */
static int read_certificates(mbedtls_x509_crt *out, const struct dtlslab_bytes *text) {
    unsigned char *copy = copy_text(text);
    const int result =
        copy != NULL ? mbedtls_x509_crt_parse(out, copy, text->len + 1u) : MBEDTLS_ERR_X509_ALLOC_FAILED;

    free(copy);
    return result > 0 ? MBEDTLS_ERR_X509_INVALID_FORMAT : result;
}

static int read_key(mbedtls_pk_context *out, const struct dtlslab_bytes *text) {
    unsigned char *copy = copy_text(text);
    const int result =
        copy != NULL ? mbedtls_pk_parse_key(out, copy, text->len + 1u, NULL, 0) : MBEDTLS_ERR_PK_ALLOC_FAILED;

    if (copy != NULL)
        mbedtls_platform_zeroize(copy, text->len);
    free(copy);
    return result;
}

static int32_t use_certificate(struct mbedtls_context *context, const struct dtlslab_config *config,
                               char *message) {
    int result = read_certificates(&context->chain, &config->certificate_chain);

    if (result != 0)
        return refuse("the certificate chain cannot be used", result, message);
    result = read_key(&context->key, &config->private_key);
    result = result == 0 ? mbedtls_pk_check_pair(&context->chain.pk, &context->key) : result;
    result =
        result == 0 ? mbedtls_ssl_conf_own_cert(&context->config, &context->chain, &context->key) : result;
    return result == 0 ? DTLSLAB_OK : refuse("the private key cannot be used", result, message);
}

static int32_t use_anchors(struct mbedtls_context *context, const struct dtlslab_config *config,
                           char *message) {
    const int result = read_certificates(&context->anchors, &config->trust_anchors);

    if (result != 0)
        return refuse("no trust anchor can be read", result, message);
    mbedtls_ssl_conf_ca_chain(&context->config, &context->anchors, NULL);
    return DTLSLAB_OK;
}

static int accept_any(void *user, mbedtls_x509_crt *certificate, int depth, uint32_t *flags) {
    (void)user, (void)certificate, (void)depth;
    *flags = 0;
    return 0;
}

/* "Optional" to the library means that a bad certificate is as good as none. Here it means that none will do,
 * and the error that is not the library's own for a bad one is the way to say so. */
static int refuse_bad(void *user, mbedtls_x509_crt *certificate, int depth, uint32_t *flags) {
    (void)user, (void)certificate, (void)depth;
    return *flags == 0 ? 0 : MBEDTLS_ERR_X509_FATAL_ERROR;
}

static void set_verification(struct mbedtls_context *context, const struct dtlslab_config *config) {
    const int is_server = config->role == DTLSLAB_SERVER;
    int mode = context->verify ? MBEDTLS_SSL_VERIFY_REQUIRED : MBEDTLS_SSL_VERIFY_NONE;

    if (is_server) {
        mode = config->client_auth == DTLSLAB_CLIENT_AUTH_NONE      ? MBEDTLS_SSL_VERIFY_NONE
               : config->client_auth == DTLSLAB_CLIENT_AUTH_REQUEST ? MBEDTLS_SSL_VERIFY_OPTIONAL
                                                                    : MBEDTLS_SSL_VERIFY_REQUIRED;
    }
    mbedtls_ssl_conf_authmode(&context->config, mode);
    if (!context->verify) {
        mbedtls_ssl_conf_verify(&context->config, accept_any, NULL);
        /* The library wants anchors where it requires a certificate, even if nobody looks at them. */
        mbedtls_ssl_conf_ca_chain(&context->config, &context->chain, NULL);
        mbedtls_ssl_conf_cert_req_ca_list(&context->config, MBEDTLS_SSL_CERT_REQ_CA_LIST_DISABLED);
    } else if (mode == MBEDTLS_SSL_VERIFY_OPTIONAL) {
        mbedtls_ssl_conf_verify(&context->config, refuse_bad, NULL);
    }
}

static int minor_of(uint16_t version) {
    return version == 0xfeff ? MBEDTLS_SSL_MINOR_VERSION_2 : MBEDTLS_SSL_MINOR_VERSION_3;
}

static void set_versions(struct mbedtls_context *context, const struct dtlslab_config *config) {
    if (config->min_version != 0) {
        mbedtls_ssl_conf_min_version(&context->config, MBEDTLS_SSL_MAJOR_VERSION_3,
                                     minor_of(config->min_version));
    }
    if (config->max_version != 0) {
        mbedtls_ssl_conf_max_version(&context->config, MBEDTLS_SSL_MAJOR_VERSION_3,
                                     minor_of(config->max_version));
    }
}

static int set_codes(struct mbedtls_context *context, const struct dtlslab_config *config) {
    const struct dtlslab_codes *suites = &config->cipher_suites;
    const struct dtlslab_codes *groups = &config->groups;

    if (suites->num > 0) {
        context->suites = calloc(suites->num + 1u, sizeof *context->suites);
        for (uint32_t i = 0; context->suites != NULL && i < suites->num; i++)
            context->suites[i] = suites->codes[i];
        mbedtls_ssl_conf_ciphersuites(&context->config, context->suites);
    }
    if (groups->num > 0) {
        context->groups = calloc(groups->num + 1u, sizeof *context->groups);
        for (uint32_t i = 0; context->groups != NULL && i < groups->num; i++)
            context->groups[i] = mbedtls_adapter_group(groups->codes[i]);
        mbedtls_ssl_conf_curves(&context->config, context->groups);
    }
    return (suites->num == 0 || context->suites != NULL) && (groups->num == 0 || context->groups != NULL);
}

static int use_cookies(struct mbedtls_context *context) {
    const int result =
        context->use_cookies ? mbedtls_ssl_cookie_setup(&context->cookies, mbedtls_adapter_random, NULL) : 0;

    mbedtls_ssl_conf_dtls_cookies(&context->config,
                                  context->use_cookies ? mbedtls_adapter_write_cookie : NULL,
                                  context->use_cookies ? mbedtls_adapter_check_cookie : NULL, context);
    return result;
}

static int use_tickets(struct mbedtls_context *context, const struct dtlslab_config *config) {
    int result = 0;

    if (config->role == DTLSLAB_CLIENT) {
        context->resume = config->tickets == DTLSLAB_ON || config->session_ids == DTLSLAB_ON;
        if (config->tickets == DTLSLAB_OFF)
            mbedtls_ssl_conf_session_tickets(&context->config, MBEDTLS_SSL_SESSION_TICKETS_DISABLED);
    } else if (config->tickets == DTLSLAB_ON) {
        result = mbedtls_ssl_ticket_setup(&context->tickets, mbedtls_adapter_random, NULL,
                                          MBEDTLS_CIPHER_AES_256_GCM, TICKET_LIFETIME_S);
        mbedtls_ssl_conf_session_tickets_cb(&context->config, mbedtls_ssl_ticket_write,
                                            mbedtls_ssl_ticket_parse, &context->tickets);
    }
    return result;
}

static int32_t set_switches(struct mbedtls_context *context, const struct dtlslab_config *config,
                            char *message) {
    const int is_server = config->role == DTLSLAB_SERVER;

    /* Mbed TLS has no server without cookies unless it is told so. */
    context->use_cookies = is_server && config->cookies != DTLSLAB_OFF;
    if (config->extended_master_secret == DTLSLAB_OFF)
        mbedtls_ssl_conf_extended_master_secret(&context->config, MBEDTLS_SSL_EXTENDED_MS_DISABLED);
    int result = is_server ? use_cookies(context) : 0;
    result = result == 0 ? use_tickets(context, config) : result;
    return result == 0 ? DTLSLAB_OK
                       : refuse("the keys of cookies and tickets cannot be made", result, message);
}

static int32_t set_numbers(struct mbedtls_context *context, const struct dtlslab_config *config,
                           char *message) {
    const uint64_t first_ms = (config->initial_timeout_ns + NS_PER_MS - 1) / NS_PER_MS;

    if (config->mtu != 0 && config->mtu < MIN_MTU) {
        return adapter_refuse(DTLSLAB_UNSUPPORTED, message, "Mbed TLS makes no datagrams below %u bytes",
                              MIN_MTU);
    }
    context->mtu = (uint16_t)(config->mtu < UINT16_MAX ? config->mtu : UINT16_MAX);
    if (first_ms != 0) {
        const uint32_t first = (uint32_t)(first_ms < MAX_TIMEOUT_MS ? first_ms : MAX_TIMEOUT_MS);

        mbedtls_ssl_conf_handshake_timeout(&context->config, first, MAX_TIMEOUT_MS);
    }
    if (config->role == DTLSLAB_CLIENT && config->server_name != NULL)
        context->server_name = strdup(config->server_name);
    return DTLSLAB_OK;
}

static int32_t use_psk(struct mbedtls_context *context, const struct dtlslab_config *config, char *message) {
    if (config->psk_key.len > MBEDTLS_PSK_MAX_LEN || config->psk_identity.len == 0) {
        return adapter_refuse(DTLSLAB_UNSUPPORTED, message,
                              "Mbed TLS takes pre-shared keys of at most %d bytes, with an identity",
                              MBEDTLS_PSK_MAX_LEN);
    }
    const int result = mbedtls_ssl_conf_psk(&context->config, config->psk_key.data, config->psk_key.len,
                                            config->psk_identity.data, config->psk_identity.len);
    return result == 0 ? DTLSLAB_OK : refuse("the pre-shared key cannot be used", result, message);
}

static int32_t fill_context(struct mbedtls_context *context, const struct dtlslab_config *config,
                            char *message) {
    int32_t result = set_numbers(context, config, message);

    mbedtls_ssl_conf_rng(&context->config, mbedtls_adapter_random, NULL);
    mbedtls_ssl_conf_export_keys_ext_cb(&context->config, mbedtls_adapter_export_keys, context);
    context->verify = config->trust_anchors.len > 0;
    set_versions(context, config);
    set_verification(context, config);
    result = result == DTLSLAB_OK ? set_switches(context, config, message) : result;
    result = result == DTLSLAB_OK ? mbedtls_adapter_use_features(context, config, message) : result;
    if (result == DTLSLAB_OK && !set_codes(context, config))
        result = adapter_refuse(DTLSLAB_FAILED, message, "there is no memory for lists");
    if (result == DTLSLAB_OK && config->certificate_chain.len > 0)
        result = use_certificate(context, config, message);
    if (result == DTLSLAB_OK && context->verify)
        result = use_anchors(context, config, message);
    if (result == DTLSLAB_OK && config->psk_key.len > 0)
        result = use_psk(context, config, message);
    return result;
}

static void init(struct mbedtls_context *context) {
    mbedtls_ssl_config_init(&context->config);
    mbedtls_x509_crt_init(&context->chain);
    mbedtls_x509_crt_init(&context->anchors);
    mbedtls_pk_init(&context->key);
    mbedtls_ssl_cookie_init(&context->cookies);
    mbedtls_ssl_ticket_init(&context->tickets);
    mbedtls_ssl_cache_init(&context->cache);
    mbedtls_ssl_session_init(&context->last_session);
}

int32_t mbedtls_adapter_configure(struct dtlslab_endpoint *endpoint, const struct dtlslab_config *config,
                                  char *message) {
    struct mbedtls_context *context = calloc(1, sizeof *context);

    if (context == NULL)
        return adapter_refuse(DTLSLAB_FAILED, message, "there is no memory for a context");
    init(context);
    const int error = mbedtls_ssl_config_defaults(
        &context->config, config->role == DTLSLAB_SERVER ? MBEDTLS_SSL_IS_SERVER : MBEDTLS_SSL_IS_CLIENT,
        MBEDTLS_SSL_TRANSPORT_DATAGRAM, MBEDTLS_SSL_PRESET_DEFAULT);
    const int32_t result = error == 0 ? fill_context(context, config, message)
                                      : refuse("Mbed TLS makes no configuration", error, message);
    if (result == DTLSLAB_OK)
        endpoint->context = context;
    else
        mbedtls_adapter_free_context(context);
    return result;
}

void mbedtls_adapter_free_context(void *context) {
    struct mbedtls_context *own = context;

    mbedtls_ssl_session_free(&own->last_session);
    mbedtls_ssl_ticket_free(&own->tickets);
    mbedtls_ssl_cookie_free(&own->cookies);
    mbedtls_ssl_config_free(&own->config);
    mbedtls_pk_free(&own->key);
    mbedtls_x509_crt_free(&own->anchors);
    mbedtls_x509_crt_free(&own->chain);
    mbedtls_adapter_free_features(own);
    free(own->server_name);
    free(own->suites);
    free(own->groups);
    free(own);
}
