/* SPDX-License-Identifier: MIT
 *
 * Extensions and services of OpenSSL: what is asked for, and what came of it.
 */
#include <openssl/crypto.h>
#include <openssl/srtp.h>
#include <stdio.h>
#include <string.h>

#include "openssl_adapter.h"

static const struct {
    uint16_t code;
    const char *name;
} srtp_profiles[] = {{SRTP_AES128_CM_SHA1_80, "SRTP_AES128_CM_SHA1_80"},
                     {SRTP_AES128_CM_SHA1_32, "SRTP_AES128_CM_SHA1_32"},
                     {SRTP_AEAD_AES_128_GCM, "SRTP_AEAD_AES_128_GCM"},
                     {SRTP_AEAD_AES_256_GCM, "SRTP_AEAD_AES_256_GCM"}};

#define NUM_SRTP_PROFILES (sizeof srtp_profiles / sizeof srtp_profiles[0])
#define SMALLEST_FRAGMENT 512u

void openssl_add_srtp_profiles(struct adapter_words *words) {
    for (size_t i = 0; i < NUM_SRTP_PROFILES; i++)
        adapter_words_add(words, "srtp:%04x", srtp_profiles[i].code);
}

static const struct openssl_context *context_of(const SSL *ssl) {
    return openssl_session(ssl)->endpoint->context;
}

/* The server's order counts; without a protocol in common there is no session (RFC 7301 section 3.2). */
static int on_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len, const unsigned char *offered,
                   unsigned offered_len, void *user) {
    const struct openssl_context *context = context_of(ssl);
    unsigned char *chosen = NULL;

    (void)user;
    if (SSL_select_next_proto(&chosen, out_len, context->protocols, context->protocols_len, offered,
                              offered_len) != OPENSSL_NPN_NEGOTIATED) {
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    }
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

/* In the form of the extension: each name behind its length. */
static int use_protocols(struct openssl_context *context, const struct dtlslab_config *config) {
    size_t len = 0;

    for (uint32_t i = 0; i < config->num_application_protocols; i++)
        len += 1u + config->application_protocols[i].len;
    context->protocols = OPENSSL_malloc(len);
    if (context->protocols == NULL)
        return 0;
    for (uint32_t i = 0; i < config->num_application_protocols; i++) {
        const struct dtlslab_bytes *name = &config->application_protocols[i];

        context->protocols[context->protocols_len++] = (unsigned char)name->len;
        memcpy(context->protocols + context->protocols_len, name->data, name->len);
        context->protocols_len += name->len;
    }
    if (config->role == DTLSLAB_SERVER) {
        SSL_CTX_set_alpn_select_cb(context->ssl_ctx, on_alpn, NULL);
        return 1;
    }
    return SSL_CTX_set_alpn_protos(context->ssl_ctx, context->protocols, context->protocols_len) == 0;
}

static int use_srtp(struct openssl_context *context, const struct dtlslab_codes *codes) {
    char list[256] = "";
    size_t len = 0;

    for (uint32_t i = 0; i < codes->num; i++) {
        size_t known = 0;

        while (known < NUM_SRTP_PROFILES && srtp_profiles[known].code != codes->codes[i])
            known++;
        if (known == NUM_SRTP_PROFILES || len + 32 > sizeof list)
            return 0;
        len += (size_t)snprintf(list + len, sizeof list - len, "%s%s", len > 0 ? ":" : "",
                                srtp_profiles[known].name);
    }
    return SSL_CTX_set_tlsext_use_srtp(context->ssl_ctx, list) == 0;
}

/* Server: staples the response. Client: takes what there is; whether it is any good is for the case to say.
 */
static int on_status(SSL *ssl, void *user) {
    const struct openssl_context *context = context_of(ssl);
    unsigned char *response;

    (void)user;
    if (!SSL_is_server(ssl))
        return 1;
    if (context->ocsp_response_len == 0)
        return SSL_TLSEXT_ERR_NOACK;
    response = OPENSSL_memdup(context->ocsp_response, context->ocsp_response_len);
    if (response == NULL)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    SSL_set_tlsext_status_ocsp_resp(ssl, response, (long)context->ocsp_response_len);
    return SSL_TLSEXT_ERR_OK;
}

static int use_ocsp(struct openssl_context *context, const struct dtlslab_config *config) {
    SSL_CTX_set_tlsext_status_cb(context->ssl_ctx, on_status);
    if (config->role == DTLSLAB_CLIENT && config->ocsp_stapling == DTLSLAB_ON)
        return SSL_CTX_set_tlsext_status_type(context->ssl_ctx, TLSEXT_STATUSTYPE_ocsp) == 1;
    if (config->ocsp_response.len > 0) {
        context->ocsp_response = OPENSSL_memdup(config->ocsp_response.data, config->ocsp_response.len);
        context->ocsp_response_len = config->ocsp_response.len;
        return context->ocsp_response != NULL;
    }
    return 1;
}

/* The code of RFC 6066 section 4: 1 for 512 bytes, 2 for 1,024 and so on. 0: there is none. */
static uint8_t fragment_code(uint32_t len) {
    for (uint8_t code = 1; code <= 4; code++) {
        if (len == SMALLEST_FRAGMENT << (code - 1))
            return code;
    }
    return 0;
}

int32_t openssl_use_features(struct openssl_context *context, const struct dtlslab_config *config,
                             char *message) {
    SSL_CTX *ssl_ctx = context->ssl_ctx;
    const uint32_t fragment = config->max_fragment_length;

    if (config->encrypt_then_mac == DTLSLAB_OFF)
        SSL_CTX_set_options(ssl_ctx, SSL_OP_NO_ENCRYPT_THEN_MAC);
    if (fragment != 0 && !SSL_CTX_set_tlsext_max_fragment_length(ssl_ctx, fragment_code(fragment)))
        return adapter_refuse(DTLSLAB_INVALID, message, "max_fragment_length cannot be %u", fragment);
    if (config->num_application_protocols > 0 && !use_protocols(context, config))
        return adapter_refuse(DTLSLAB_INVALID, message, "the application protocols cannot be used");
    if (config->srtp_profiles.num > 0 && !use_srtp(context, &config->srtp_profiles)) {
        return adapter_refuse(DTLSLAB_UNSUPPORTED, message,
                              "OpenSSL has none of the SRTP profiles, or not all");
    }
    if (!use_ocsp(context, config))
        return adapter_refuse(DTLSLAB_FAILED, message, "OCSP responses cannot be used");
    if (config->exporter_label != NULL)
        context->exporter_label = OPENSSL_strdup(config->exporter_label);
    return DTLSLAB_OK;
}

static enum dtlslab_switch as_switch(int on) {
    return on ? DTLSLAB_ON : DTLSLAB_OFF;
}

static void describe_names(SSL *ssl, struct dtlslab_session_info *out) {
    const unsigned char *protocol = NULL;
    unsigned protocol_len = 0;
    const char *name = SSL_is_server(ssl) ? SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name) : NULL;
    const char *hint = SSL_is_server(ssl) ? NULL : SSL_get_psk_identity_hint(ssl);

    SSL_get0_alpn_selected(ssl, &protocol, &protocol_len);
    adapter_tell_protocol(out, protocol, protocol_len);
    adapter_tell_server_name(out, name, name != NULL ? strlen(name) : 0);
    adapter_tell_hint(out, hint, hint != NULL ? strlen(hint) : 0);
}

void openssl_describe(const struct adapter_session *session, struct dtlslab_session_info *out) {
    SSL *ssl = session->tls;
    const struct openssl_context *context = context_of(ssl);
    const SRTP_PROTECTION_PROFILE *srtp = SSL_get_selected_srtp_profile(ssl);
    const uint8_t fragment = SSL_SESSION_get_max_fragment_length(SSL_get_session(ssl));
    const unsigned char *response = NULL;
    const long response_len = SSL_get_tlsext_status_ocsp_resp(ssl, &response);
    const char *label = context->exporter_label;

    describe_names(ssl, out);
    out->srtp_profile = srtp != NULL ? (uint16_t)srtp->id : 0;
    out->extended_master_secret = (uint8_t)as_switch(SSL_get_extms_support(ssl) == 1);
    out->max_data = fragment >= 1 && fragment <= 4 ? SMALLEST_FRAGMENT << (fragment - 1) : 0;
    if (!SSL_is_server(ssl) && response_len > 0)
        adapter_tell_ocsp_response(out, response, (size_t)response_len);
    if (label != NULL && SSL_export_keying_material(ssl, out->exported, sizeof out->exported, label,
                                                    strlen(label), NULL, 0, 0) == 1) {
        out->exported_len = sizeof out->exported;
    }
}
