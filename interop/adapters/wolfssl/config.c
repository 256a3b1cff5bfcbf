/* SPDX-License-Identifier: MIT
 *
 * The contract's configuration, in wolfSSL's terms.
 */
#define _POSIX_C_SOURCE 200809L
#include <stdlib.h>
#include <string.h>

#include "wolfssl_adapter.h"

#define NS_PER_S UINT64_C(1000000000)

static int32_t refuse(const char *what, int error, char *message) {
    char text[WOLFSSL_MAX_ERROR_SZ];

    wolfSSL_ERR_error_string_n((unsigned long)error, text, sizeof text);
    return adapter_refuse(DTLSLAB_INVALID, message, "%s: %s", what, text);
}

static int32_t use_certificate(struct wolfssl_context *context, const struct dtlslab_config *config,
                               char *message) {
    int result = wolfSSL_CTX_use_certificate_chain_buffer(context->ctx, config->certificate_chain.data,
                                                          config->certificate_chain.len);

    if (result != WOLFSSL_SUCCESS)
        return refuse("the certificate chain cannot be used", result, message);
    result = wolfSSL_CTX_use_PrivateKey_buffer(context->ctx, config->private_key.data,
                                               config->private_key.len, WOLFSSL_FILETYPE_PEM);
    result = result == WOLFSSL_SUCCESS ? wolfSSL_CTX_check_private_key(context->ctx) : result;
    return result == WOLFSSL_SUCCESS ? DTLSLAB_OK : refuse("the private key cannot be used", result, message);
}

static int32_t use_anchors(struct wolfssl_context *context, const struct dtlslab_config *config,
                           char *message) {
    const int result = wolfSSL_CTX_load_verify_buffer(context->ctx, config->trust_anchors.data,
                                                      config->trust_anchors.len, WOLFSSL_FILETYPE_PEM);

    return result == WOLFSSL_SUCCESS ? DTLSLAB_OK : refuse("no trust anchor can be read", result, message);
}

static int accept_any(int ok, WOLFSSL_X509_STORE_CTX *store) {
    (void)ok, (void)store;
    return 1;
}

static void set_verification(struct wolfssl_context *context, const struct dtlslab_config *config) {
    const int is_server = config->role == DTLSLAB_SERVER;
    int mode = WOLFSSL_VERIFY_NONE;

    context->verify = config->trust_anchors.len > 0;
    if (is_server ? config->client_auth != DTLSLAB_CLIENT_AUTH_NONE : context->verify)
        mode = WOLFSSL_VERIFY_PEER;
    if (is_server && config->client_auth == DTLSLAB_CLIENT_AUTH_REQUIRE)
        mode |= WOLFSSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    wolfSSL_CTX_set_verify(context->ctx, mode, context->verify ? NULL : accept_any);
}

static int32_t set_groups(struct wolfssl_context *context, const struct dtlslab_config *config,
                          char *message) {
    if (config->groups.num > WOLFSSL_MAX_GROUPS)
        return adapter_refuse(DTLSLAB_INVALID, message, "there are more than %u groups", WOLFSSL_MAX_GROUPS);
    for (uint32_t i = 0; i < config->groups.num; i++) {
        context->groups[i] = config->groups.codes[i];
        if (config->role == DTLSLAB_CLIENT &&
            wolfSSL_CTX_UseSupportedCurve(context->ctx, context->groups[i]) != WOLFSSL_SUCCESS) {
            return adapter_refuse(DTLSLAB_INVALID, message, "group 0x%04x cannot be used",
                                  context->groups[i]);
        }
    }
    context->num_groups = config->groups.num;
    return DTLSLAB_OK;
}

static int32_t set_codes(struct wolfssl_context *context, const struct dtlslab_config *config,
                         char *message) {
    if (config->cipher_suites.num > 0 && !wolfssl_set_suites(context->ctx, &config->cipher_suites))
        return adapter_refuse(DTLSLAB_INVALID, message, "the cipher suites cannot be used");
    if (config->signature_schemes.num > 0) {
        context->schemes = wolfssl_make_scheme_list(&config->signature_schemes);
        if (context->schemes == NULL)
            return adapter_refuse(DTLSLAB_INVALID, message, "the signature schemes cannot be used");
    }
    return set_groups(context, config, message);
}

static void set_tickets(struct wolfssl_context *context, const struct dtlslab_config *config) {
    const int is_server = config->role == DTLSLAB_SERVER;

    const int ids = config->session_ids == DTLSLAB_ON;

    if (config->session_ids == DTLSLAB_OFF || (config->tickets == DTLSLAB_OFF && !ids))
        wolfSSL_CTX_set_session_cache_mode(context->ctx, WOLFSSL_SESS_CACHE_OFF);
    if (is_server && config->tickets != DTLSLAB_ON)
        wolfSSL_CTX_NoTicketTLSv12(context->ctx);
    else if (!is_server && config->tickets == DTLSLAB_ON)
        wolfSSL_CTX_UseSessionTicket(context->ctx);
    context->resume = !is_server && (config->tickets == DTLSLAB_ON || ids);
}

static int32_t use_psk(struct wolfssl_context *context, const struct dtlslab_config *config, char *message) {
    const struct dtlslab_bytes *identity = &config->psk_identity;
    const struct dtlslab_bytes *hint = &config->psk_hint;

    if ((identity->len > 0 && memchr(identity->data, 0, identity->len) != NULL) ||
        (hint->len > 0 && memchr(hint->data, 0, hint->len) != NULL) ||
        config->psk_key.len > sizeof context->psk_key) {
        return adapter_refuse(DTLSLAB_UNSUPPORTED, message,
                              "wolfSSL takes pre-shared keys of at most %zu bytes, and no identity or hint "
                              "with a zero byte in it",
                              sizeof context->psk_key);
    }
    context->psk_identity = strndup(identity->len > 0 ? (const char *)identity->data : "", identity->len);
    char *text = strndup(hint->len > 0 ? (const char *)hint->data : "", hint->len);
    if (context->psk_identity == NULL || text == NULL) {
        free(text);
        return adapter_refuse(DTLSLAB_FAILED, message, "there is no memory for the PSK identity");
    }
    memcpy(context->psk_key, config->psk_key.data, config->psk_key.len);
    context->psk_key_len = config->psk_key.len;
    wolfssl_set_psk_callbacks(context->ctx);
    const int result =
        hint->len > 0 ? wolfSSL_CTX_use_psk_identity_hint(context->ctx, text) : WOLFSSL_SUCCESS;
    free(text);
    return result == WOLFSSL_SUCCESS ? DTLSLAB_OK : refuse("the PSK hint cannot be used", result, message);
}

static int32_t fill_context(struct wolfssl_context *context, const struct dtlslab_config *config,
                            char *message) {
    int32_t result = DTLSLAB_OK;

    context->timeout_unit_ns = config->initial_timeout_ns != 0 ? config->initial_timeout_ns : NS_PER_S;
    adapter_random(context->cookie_secret, sizeof context->cookie_secret);
    if (config->role == DTLSLAB_CLIENT && config->server_name != NULL)
        context->server_name = strdup(config->server_name);
    wolfssl_set_callbacks(context->ctx);
    set_verification(context, config);
    set_tickets(context, config);
    result = wolfssl_use_features(context, config, message);
    if (result == DTLSLAB_OK && config->psk_key.len > 0)
        result = use_psk(context, config, message);
    if (result == DTLSLAB_OK && config->certificate_chain.len > 0)
        result = use_certificate(context, config, message);
    if (result == DTLSLAB_OK && context->verify)
        result = use_anchors(context, config, message);
    return result == DTLSLAB_OK ? set_codes(context, config, message) : result;
}

/* The methods that know one version only, where one only is asked for; else those that negotiate. */
static WOLFSSL_CTX *new_ctx(const struct dtlslab_config *config) {
    const int is_server = config->role == DTLSLAB_SERVER;

    if (config->max_version == 0xfeff)
        return wolfSSL_CTX_new(is_server ? wolfDTLSv1_server_method() : wolfDTLSv1_client_method());
    if (config->min_version != 0xfeff)
        return wolfSSL_CTX_new(is_server ? wolfDTLSv1_2_server_method() : wolfDTLSv1_2_client_method());
    WOLFSSL_CTX *ctx = wolfSSL_CTX_new(is_server ? wolfDTLS_server_method() : wolfDTLS_client_method());
    if (ctx != NULL)
        wolfSSL_CTX_SetMinVersion(ctx, WOLFSSL_DTLSV1);
    return ctx;
}

int32_t wolfssl_configure(struct dtlslab_endpoint *endpoint, const struct dtlslab_config *config,
                          char *message) {
    struct wolfssl_context *context = calloc(1, sizeof *context);

    if (context == NULL)
        return adapter_refuse(DTLSLAB_FAILED, message, "there is no memory for a context");
    /* A cache of the process: what earlier endpoints have left in it would change what is drawn at random. */
    wc_ecc_fp_free();
    context->ctx = new_ctx(config);
    const int32_t result = context->ctx != NULL
                               ? fill_context(context, config, message)
                               : adapter_refuse(DTLSLAB_FAILED, message, "wolfSSL makes no context");
    if (result == DTLSLAB_OK)
        endpoint->context = context;
    else
        wolfssl_free_context(context);
    return result;
}

void wolfssl_free_context(void *context) {
    struct wolfssl_context *own = context;

    wolfSSL_SESSION_free(own->last_session);
    wolfSSL_CTX_free(own->ctx);
    free(own->server_name);
    free(own->psk_identity);
    free(own->schemes);
    wolfssl_free_features(own);
    free(own);
}
