/* SPDX-License-Identifier: MIT
 *
 * Extensions and services of libdtls: what is asked for, and what came of it.
 */
#define _POSIX_C_SOURCE 200809L
#include <stdlib.h>
#include <string.h>

#include "libdtls_adapter.h"
#include "libdtls_report.h"

#define MAX_SERVER_NAME 255u

static void name_extension(struct libdtls_context *context, const dtls_extension *extension) {
    size_t num = 0;

    while (context->extensions[num] != NULL)
        num++;
    if (num < LIBDTLS_MAX_LIST)
        context->extensions[num] = extension;
}

static int32_t use_protocols(struct libdtls_context *context, const struct dtlslab_config *config,
                             char *message) {
    if (config->num_application_protocols > LIBDTLS_MAX_PROTOCOLS) {
        return adapter_refuse(DTLSLAB_UNSUPPORTED, message, "libdtls takes at most %d application protocols",
                              LIBDTLS_MAX_PROTOCOLS);
    }
    context->protocol_names = adapter_copy_protocols(config);
    if (context->protocol_names == NULL)
        return adapter_refuse(DTLSLAB_FAILED, message, "there is no memory for application protocols");
    for (uint32_t i = 0; i < config->num_application_protocols; i++) {
        context->application_protocols[i] =
            (dtls_span){.data = context->protocol_names[i].data, .len = context->protocol_names[i].len};
    }
    context->config.application_protocols = context->application_protocols;
    context->config.num_application_protocols = config->num_application_protocols;
    name_extension(context, &dtls_extension_alpn);
    return DTLSLAB_OK;
}

static int32_t use_srtp(struct libdtls_context *context, const struct dtlslab_codes *profiles,
                        char *message) {
    if (profiles->num > LIBDTLS_MAX_SRTP)
        return adapter_refuse(DTLSLAB_UNSUPPORTED, message, "libdtls has %d SRTP profiles", LIBDTLS_MAX_SRTP);
    for (uint32_t i = 0; i < profiles->num; i++)
        context->srtp_profiles[i] = profiles->codes[i];
    context->srtp = (dtls_srtp){.profiles = context->srtp_profiles, .num_profiles = profiles->num};
    context->config.srtp = &context->srtp;
    name_extension(context, &dtls_extension_use_srtp);
    context->config.keep_secrets = true;
    return DTLSLAB_OK;
}

/* Servers grant a maximum fragment length to whoever asks. */
static void use_limits(struct libdtls_context *context, const struct dtlslab_config *config) {
    context->config.max_fragment_length = (uint16_t)config->max_fragment_length;
    if (config->max_fragment_length != 0 || config->role == DTLSLAB_SERVER)
        name_extension(context, &dtls_extension_max_fragment_length);
    context->config.record_size_limit = (uint16_t)config->record_size_limit;
    if (config->record_size_limit != 0)
        name_extension(context, &dtls_extension_record_size_limit);
}

static int32_t use_ocsp(struct libdtls_context *context, const struct dtlslab_config *config, char *message) {
    const struct dtlslab_bytes *response = &config->ocsp_response;

    name_extension(context, &dtls_extension_status_request);
    if (response->len > 0) {
        context->ocsp_response = malloc(response->len);
        if (context->ocsp_response == NULL)
            return adapter_refuse(DTLSLAB_FAILED, message, "there is no memory for an OCSP response");
        memcpy(context->ocsp_response, response->data, response->len);
        context->credential.ocsp_response = (dtls_span){.data = context->ocsp_response, .len = response->len};
    }
    return DTLSLAB_OK;
}

/* Raw public keys both ways, and no certificates. */
int32_t libdtls_use_raw_keys(struct libdtls_context *context, const struct dtlslab_config *config,
                             char *message) {
    static const dtls_certificate_type types[] = {DTLS_CERTIFICATE_RAW_PUBLIC_KEY};
    dtls_credential *credential = &context->credential;
    size_t len = 0;

    name_extension(context, &dtls_extension_server_certificate_type);
    name_extension(context, &dtls_extension_client_certificate_type);
    context->config.peer_certificate_types = types;
    context->config.num_peer_certificate_types = 1;
    if (config->peer_public_key.len > 0) {
        if (dtls_libcrypto_public_key_read(config->peer_public_key.data, config->peer_public_key.len,
                                           context->peer_key_bytes, sizeof context->peer_key_bytes,
                                           &len) != DTLS_OK) {
            return adapter_refuse(DTLSLAB_INVALID, message, "the peer's public key cannot be read");
        }
        context->peer_key = (dtls_span){.data = context->peer_key_bytes, .len = len};
        context->config.known_public_keys = &context->peer_key;
        context->config.num_known_public_keys = 1;
        context->config.verification = DTLS_VERIFY_ANCHORS;
    }
    if (config->private_key.len == 0)
        return DTLSLAB_OK;
    if (dtls_libcrypto_public_key_read(config->private_key.data, config->private_key.len,
                                       context->chain_bytes, sizeof context->chain_bytes, &len) != DTLS_OK ||
        dtls_libcrypto_private_key_read(config->private_key.data, config->private_key.len,
                                        &context->private_key, &credential->key_type) != DTLS_OK) {
        return adapter_refuse(DTLSLAB_INVALID, message, "the private key cannot be used");
    }
    context->raw_key = (dtls_span){.data = context->chain_bytes, .len = len};
    credential->chain = &context->raw_key;
    credential->chain_len = 1;
    credential->type = DTLS_CERTIFICATE_RAW_PUBLIC_KEY;
    credential->private_key = context->private_key;
    context->config.credentials = credential;
    context->config.num_credentials = 1;
    return DTLSLAB_OK;
}

void libdtls_keep_ocsp_response(struct libdtls_session *own, dtls_span response) {
    free(own->ocsp_response);
    own->ocsp_response = response.len > 0 ? malloc(response.len) : NULL;
    own->ocsp_response_len = own->ocsp_response != NULL ? response.len : 0;
    if (own->ocsp_response != NULL)
        memcpy(own->ocsp_response, response.data, response.len);
}

int32_t libdtls_use_features(struct libdtls_context *context, const struct dtlslab_config *config,
                             char *message) {
    int32_t result = DTLSLAB_OK;

    use_limits(context, config);
    context->config.max_server_name = config->role == DTLSLAB_SERVER ? MAX_SERVER_NAME : 0;
    if (config->num_application_protocols > 0)
        result = use_protocols(context, config, message);
    if (result == DTLSLAB_OK && config->srtp_profiles.num > 0)
        result = use_srtp(context, &config->srtp_profiles, message);
    if (result == DTLSLAB_OK && (config->ocsp_stapling == DTLSLAB_ON || config->ocsp_response.len > 0))
        result = use_ocsp(context, config, message);
    if (config->exporter_label != NULL) {
        context->exporter_label = strdup(config->exporter_label);
        context->config.keep_secrets = true;
    }
    return result;
}

void libdtls_free_features(struct libdtls_context *context) {
    free(context->protocol_names);
    free(context->exporter_label);
    free(context->ocsp_response);
}

void libdtls_remember_session(struct libdtls_context *context, const dtls_connection *connection) {
    struct libdtls_cached *cached = &context->cache[context->num_cached % LIBDTLS_CACHE_LEN];
    const dtls_span id = dtls_session_get_id(connection);

    if (id.len == 0 || id.len > sizeof cached->id ||
        dtls_session_export(connection, cached->state, sizeof cached->state, &cached->state_len) != DTLS_OK) {
        return;
    }
    memcpy(cached->id, id.data, id.len);
    cached->id_len = id.len;
    context->num_cached++;
}

dtls_span libdtls_recall_session(const struct libdtls_context *context, dtls_span id) {
    for (size_t i = 0; i < LIBDTLS_CACHE_LEN; i++) {
        const struct libdtls_cached *cached = &context->cache[i];

        if (cached->id_len == id.len && id.len > 0 && memcmp(cached->id, id.data, id.len) == 0)
            return (dtls_span){.data = cached->state, .len = cached->state_len};
    }
    return (dtls_span){.len = 0};
}

void libdtls_describe(const struct adapter_session *session, struct dtlslab_session_info *out) {
    const struct libdtls_session *own = session->tls;
    const dtls_connection *connection = libdtls_connection_of(session);
    const char *label = libdtls_context_of(session)->exporter_label;

    if (connection == NULL) {
        const uint32_t size = out->size;

        *out = own->described;
        out->size = size;
        return;
    }
    const dtls_connection_info *info = dtls_connection_get_info(connection);

    adapter_libdtls_describe(connection, out);
    out->srtp_profile = info->srtp_profile;
    adapter_tell_protocol(out, info->application_protocol.data, info->application_protocol.len);
    adapter_tell_hint(out, own->psk_hint, own->psk_hint_len);
    adapter_tell_server_name(out, info->server_name.data, info->server_name.len);
    adapter_tell_ocsp_response(out, own->ocsp_response, own->ocsp_response_len);
    out->raw_public_key =
        info->peer_certificate_type == DTLS_CERTIFICATE_RAW_PUBLIC_KEY ? DTLSLAB_ON : DTLSLAB_OFF;
    if (label != NULL && dtls_export_keying_material(connection, label, NULL, out->exported,
                                                     sizeof out->exported) == DTLS_OK) {
        out->exported_len = sizeof out->exported;
    }
}
