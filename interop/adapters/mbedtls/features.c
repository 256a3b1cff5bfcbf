/* SPDX-License-Identifier: MIT
 *
 * Extensions and services of Mbed TLS: what is asked for, and what came of it.
 */
#define _POSIX_C_SOURCE 200809L
#include <mbedtls/ssl_internal.h>
#include <stdlib.h>
#include <string.h>

#include "mbedtls_adapter.h"

#define SMALLEST_FRAGMENT 512u

/* The code of RFC 6066 section 4: 1 for 512 bytes, 2 for 1,024 and so on. 0: there is none. */
static unsigned char fragment_code(uint32_t len) {
    for (unsigned char code = 1; code <= 4; code++) {
        if (len == SMALLEST_FRAGMENT << (code - 1))
            return code;
    }
    return MBEDTLS_SSL_MAX_FRAG_LEN_NONE;
}

static int on_server_name(void *user, mbedtls_ssl_context *ssl, const unsigned char *name, size_t len) {
    struct mbedtls_context *context = user;
    struct mbedtls_tls *tls = context->current->tls;

    (void)ssl;
    if (len < sizeof tls->server_name) {
        memcpy(tls->server_name, name, len);
        tls->server_name[len] = '\0';
    }
    return 0;
}

/* The library wants names that end with a zero. */
static int use_protocols(struct mbedtls_context *context, const struct dtlslab_config *config) {
    const uint32_t num = config->num_application_protocols;

    context->protocols = adapter_copy_protocols(config);
    context->protocol_names = calloc(num + 1u, sizeof *context->protocol_names);
    if (context->protocols == NULL || context->protocol_names == NULL)
        return 0;
    for (uint32_t i = 0; i < num; i++)
        context->protocol_names[i] = (const char *)context->protocols[i].data;
    return mbedtls_ssl_conf_alpn_protocols(&context->config, context->protocol_names) == 0;
}

/* The list is read later, and ends with a profile that is none. */
static int use_srtp(struct mbedtls_context *context, const struct dtlslab_codes *codes) {
#if defined(MBEDTLS_SSL_DTLS_SRTP)
    context->srtp_profiles = calloc(codes->num + 1u, sizeof *context->srtp_profiles);
    for (uint32_t i = 0; context->srtp_profiles != NULL && i < codes->num; i++)
        context->srtp_profiles[i] = codes->codes[i];
    return context->srtp_profiles != NULL &&
           mbedtls_ssl_conf_dtls_srtp_protection_profiles(&context->config, context->srtp_profiles) == 0;
#else
    (void)context, (void)codes;
    return 0;
#endif
}

int32_t mbedtls_adapter_use_features(struct mbedtls_context *context, const struct dtlslab_config *config,
                                     char *message) {
    const uint32_t fragment = config->max_fragment_length;

    if (config->encrypt_then_mac != DTLSLAB_DEFAULT) {
        mbedtls_ssl_conf_encrypt_then_mac(&context->config, config->encrypt_then_mac == DTLSLAB_ON
                                                                ? MBEDTLS_SSL_ETM_ENABLED
                                                                : MBEDTLS_SSL_ETM_DISABLED);
    }
    if (fragment != 0 && (fragment_code(fragment) == MBEDTLS_SSL_MAX_FRAG_LEN_NONE ||
                          mbedtls_ssl_conf_max_frag_len(&context->config, fragment_code(fragment)) != 0)) {
        return adapter_refuse(DTLSLAB_INVALID, message, "max_fragment_length cannot be %u", fragment);
    }
    if (config->num_application_protocols > 0 && !use_protocols(context, config))
        return adapter_refuse(DTLSLAB_INVALID, message, "the application protocols cannot be used");
    if (config->srtp_profiles.num > 0 && !use_srtp(context, &config->srtp_profiles))
        return adapter_refuse(DTLSLAB_UNSUPPORTED, message, "the SRTP profiles cannot be used");
    if (config->role == DTLSLAB_SERVER)
        mbedtls_ssl_conf_sni(&context->config, on_server_name, context);
    if (config->role == DTLSLAB_SERVER && config->session_ids == DTLSLAB_ON) {
        mbedtls_ssl_conf_session_cache(&context->config, &context->cache, mbedtls_ssl_cache_get,
                                       mbedtls_ssl_cache_set);
    }
    context->exporter_label = config->exporter_label != NULL ? strdup(config->exporter_label) : NULL;
    return DTLSLAB_OK;
}

void mbedtls_adapter_free_features(struct mbedtls_context *context) {
    mbedtls_ssl_cache_free(&context->cache);
    free(context->protocols);
    free(context->protocol_names);
    free(context->exporter_label);
#if defined(MBEDTLS_SSL_DTLS_SRTP)
    free(context->srtp_profiles);
#endif
}

/* RFC 5705 section 4, without a context: the library has the function, and gives what it is to be called with
 * only while it exports keys. */
void mbedtls_adapter_export(struct mbedtls_tls *tls, const char *label, const unsigned char *master,
                            size_t master_len, const unsigned char *client_random,
                            const unsigned char *server_random, mbedtls_tls_prf_types prf) {
    unsigned char randoms[2 * MBEDTLS_ADAPTER_RANDOM_LEN];

    memcpy(randoms, client_random, MBEDTLS_ADAPTER_RANDOM_LEN);
    memcpy(randoms + MBEDTLS_ADAPTER_RANDOM_LEN, server_random, MBEDTLS_ADAPTER_RANDOM_LEN);
    tls->was_exported = mbedtls_ssl_tls_prf(prf, master, master_len, label, randoms, sizeof randoms,
                                            tls->exported, sizeof tls->exported) == 0;
}

static enum dtlslab_switch as_switch(int on) {
    return on ? DTLSLAB_ON : DTLSLAB_OFF;
}

void mbedtls_adapter_describe(const struct adapter_session *session, struct dtlslab_session_info *out) {
    const struct mbedtls_tls *tls = session->tls;
    const mbedtls_ssl_context *ssl = &tls->ssl;
    const char *protocol = mbedtls_ssl_get_alpn_protocol(ssl);

    adapter_tell_protocol(out, protocol, protocol != NULL ? strlen(protocol) : 0);
    adapter_tell_server_name(out, tls->server_name, strlen(tls->server_name));
    out->max_data = (uint32_t)mbedtls_ssl_get_output_max_frag_len(ssl);
    out->extended_master_secret = (uint8_t)as_switch(tls->extended_master_secret);
    out->encrypt_then_mac = (uint8_t)as_switch(ssl->session->encrypt_then_mac);
#if defined(MBEDTLS_SSL_DTLS_SRTP)
    mbedtls_dtls_srtp_info srtp = {0};

    mbedtls_ssl_get_dtls_srtp_negotiation_result(ssl, &srtp);
    out->srtp_profile = srtp.chosen_dtls_srtp_profile;
#endif
    if (tls->was_exported) {
        memcpy(out->exported, tls->exported, sizeof tls->exported);
        out->exported_len = sizeof tls->exported;
    }
}
