/* SPDX-License-Identifier: MIT
 *
 * Extensions and services of GnuTLS: what is asked for, and what came of it.
 */
#include <gnutls/abstract.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gnutls_adapter.h"

#define MAX_PROTOCOLS 8 /* as many as the library takes */
#define MAX_NAME_LEN  255u

static const struct gnutls_context *context_of(const struct adapter_session *session) {
    return session->endpoint->context;
}

static int is_same(const gnutls_datum_t *one, const gnutls_datum_t *other) {
    return one->size == other->size && (one->size == 0 || memcmp(one->data, other->data, one->size) == 0);
}

static int copy(gnutls_datum_t *out, const void *bytes, size_t len) {
    out->data = gnutls_malloc(len);
    if (out->data == NULL)
        return 0;
    memcpy(out->data, bytes, len);
    out->size = (unsigned)len;
    return 1;
}

/* A server's cache of sessions, for those that are resumed by their ids. */

static struct gnutls_cached *find(struct gnutls_context *context, const gnutls_datum_t *id) {
    for (size_t i = 0; i < GNUTLS_CACHE_LEN; i++) {
        if (context->cache[i].id.size > 0 && is_same(&context->cache[i].id, id))
            return &context->cache[i];
    }
    return NULL;
}

static void forget(struct gnutls_cached *cached) {
    gnutls_free(cached->id.data);
    if (cached->state.data != NULL)
        gnutls_memset(cached->state.data, 0, cached->state.size);
    gnutls_free(cached->state.data);
    memset(cached, 0, sizeof *cached);
}

static int on_store(void *user, gnutls_datum_t id, gnutls_datum_t state) {
    struct gnutls_context *context = user;
    struct gnutls_cached *cached = find(context, &id);

    if (cached == NULL)
        cached = &context->cache[context->num_cached++ % GNUTLS_CACHE_LEN];
    forget(cached);
    return copy(&cached->id, id.data, id.size) && copy(&cached->state, state.data, state.size) ? 0 : -1;
}

static gnutls_datum_t on_retrieve(void *user, gnutls_datum_t id) {
    const struct gnutls_cached *cached = find(user, &id);
    gnutls_datum_t state = {NULL, 0};

    if (cached != NULL)
        (void)copy(&state, cached->state.data, cached->state.size);
    return state;
}

static int on_remove(void *user, gnutls_datum_t id) {
    struct gnutls_cached *cached = find(user, &id);

    if (cached == NULL)
        return -1;
    forget(cached);
    return 0;
}

static int on_status(gnutls_session_t tls, void *user, gnutls_datum_t *out_response) {
    const struct gnutls_context *context = user;

    (void)tls;
    if (context->ocsp_response.size == 0)
        return GNUTLS_E_NO_CERTIFICATE_STATUS;
    return copy(out_response, context->ocsp_response.data, context->ocsp_response.size)
               ? 0
               : GNUTLS_E_MEMORY_ERROR;
}

/* Our public key, made of the private one. */
static int use_raw_key(struct gnutls_context *context, const struct dtlslab_bytes *pem) {
    const gnutls_datum_t key = {(unsigned char *)pem->data, pem->len};
    gnutls_datum_t spki = {NULL, 0};
    gnutls_privkey_t private_key = NULL;
    gnutls_pubkey_t public_key = NULL;
    int result = gnutls_privkey_init(&private_key);

    result = result == 0 ? gnutls_pubkey_init(&public_key) : result;
    result = result == 0 ? gnutls_privkey_import_x509_raw(private_key, &key, GNUTLS_X509_FMT_PEM, NULL, 0)
                         : result;
    result = result == 0 ? gnutls_pubkey_import_privkey(public_key, private_key, 0, 0) : result;
    result = result == 0 ? gnutls_pubkey_export2(public_key, GNUTLS_X509_FMT_PEM, &spki) : result;
    result = result == 0 ? gnutls_certificate_set_rawpk_key_mem(context->certificate, &spki, &key,
                                                                GNUTLS_X509_FMT_PEM, NULL, 0, NULL, 0, 0)
                         : result;
    gnutls_free(spki.data);
    gnutls_pubkey_deinit(public_key);
    gnutls_privkey_deinit(private_key);
    return result;
}

static int use_raw_keys(struct gnutls_context *context, const struct dtlslab_config *config) {
    const gnutls_datum_t pem = {(unsigned char *)config->peer_public_key.data, config->peer_public_key.len};
    int result = config->private_key.len > 0 ? use_raw_key(context, &config->private_key) : 0;

    context->init_flags |= GNUTLS_ENABLE_RAWPK;
    context->raw_public_keys = 1;
    if (result >= 0 && pem.size > 0)
        result = gnutls_pem_base64_decode2("PUBLIC KEY", &pem, &context->peer_key);
    return result;
}

int32_t gnutls_adapter_use_features(struct gnutls_context *context, const struct dtlslab_config *config,
                                    char *message) {
    int result = 0;

    context->max_fragment_length = config->max_fragment_length;
    context->record_size_limit = config->record_size_limit;
    if (config->num_application_protocols > MAX_PROTOCOLS || config->srtp_profiles.num > GNUTLS_MAX_SRTP) {
        return adapter_refuse(DTLSLAB_UNSUPPORTED, message,
                              "GnuTLS takes no more than %d application protocols and %d SRTP profiles",
                              MAX_PROTOCOLS, GNUTLS_MAX_SRTP);
    }
    context->protocols = adapter_copy_protocols(config);
    context->num_protocols = config->num_application_protocols;
    for (uint32_t i = 0; i < config->srtp_profiles.num; i++)
        context->srtp_profiles[i] = config->srtp_profiles.codes[i];
    context->num_srtp_profiles = config->srtp_profiles.num;
    context->use_cache = config->role == DTLSLAB_SERVER && config->session_ids == DTLSLAB_ON;
    if (config->exporter_label != NULL)
        context->exporter_label = gnutls_strdup(config->exporter_label);
    if (config->role == DTLSLAB_CLIENT && config->ocsp_stapling == DTLSLAB_OFF) {
        return adapter_refuse(DTLSLAB_UNSUPPORTED, message,
                              "a client of GnuTLS always asks for OCSP responses");
    }
    if (config->ocsp_response.len > 0) {
        result = copy(&context->ocsp_response, config->ocsp_response.data, config->ocsp_response.len)
                     ? 0
                     : GNUTLS_E_MEMORY_ERROR;
        gnutls_certificate_set_ocsp_status_request_function(context->certificate, on_status, context);
    }
    if (result == 0 && config->raw_public_keys == DTLSLAB_ON)
        result = use_raw_keys(context, config);
    return result >= 0 ? DTLSLAB_OK
                       : adapter_refuse(DTLSLAB_INVALID, message, "an extension cannot be used: %s",
                                        gnutls_strerror(result));
}

void gnutls_adapter_free_features(struct gnutls_context *context) {
    for (size_t i = 0; i < GNUTLS_CACHE_LEN; i++)
        forget(&context->cache[i]);
    free(context->protocols);
    gnutls_free(context->exporter_label);
    gnutls_free(context->ocsp_response.data);
    gnutls_free(context->peer_key.data);
}

static int set_protocols(gnutls_session_t tls, const struct gnutls_context *context) {
    gnutls_datum_t names[MAX_PROTOCOLS];

    for (uint32_t i = 0; i < context->num_protocols; i++)
        names[i] = (gnutls_datum_t){(unsigned char *)context->protocols[i].data, context->protocols[i].len};
    return gnutls_alpn_set_protocols(tls, names, context->num_protocols,
                                     GNUTLS_ALPN_MANDATORY | GNUTLS_ALPN_SERVER_PRECEDENCE);
}

int gnutls_adapter_set_features(gnutls_session_t tls, struct gnutls_context *context) {
    int result = context->num_protocols > 0 ? set_protocols(tls, context) : 0;

    for (uint32_t i = 0; result == 0 && i < context->num_srtp_profiles; i++)
        result = gnutls_srtp_set_profile(tls, (gnutls_srtp_profile_t)context->srtp_profiles[i]);
    if (result == 0 && context->max_fragment_length != 0)
        result = (int)gnutls_record_set_max_size(tls, context->max_fragment_length);
    if (result == 0 && context->record_size_limit != 0)
        result = (int)gnutls_record_set_max_recv_size(tls, context->record_size_limit);
    if (context->use_cache) {
        gnutls_db_set_ptr(tls, context);
        gnutls_db_set_store_function(tls, on_store);
        gnutls_db_set_retrieve_function(tls, on_retrieve);
        gnutls_db_set_remove_function(tls, on_remove);
    }
    return result;
}

int gnutls_adapter_knows_key(gnutls_session_t tls, const struct gnutls_context *context) {
    unsigned num = 0;
    const gnutls_datum_t *key = gnutls_certificate_get_peers(tls, &num);

    return num == 1 && (context->peer_key.size == 0 || is_same(key, &context->peer_key));
}

static enum dtlslab_switch as_switch(unsigned on) {
    return on != 0 ? DTLSLAB_ON : DTLSLAB_OFF;
}

static void describe_names(gnutls_session_t tls, int is_server, struct dtlslab_session_info *out) {
    gnutls_datum_t protocol = {NULL, 0};
    gnutls_datum_t response = {NULL, 0};
    char name[MAX_NAME_LEN + 1];
    size_t name_len = sizeof name;
    unsigned type = 0;

    if (gnutls_alpn_get_selected_protocol(tls, &protocol) == GNUTLS_E_SUCCESS)
        adapter_tell_protocol(out, protocol.data, protocol.size);
    if (is_server && gnutls_server_name_get(tls, name, &name_len, &type, 0) == GNUTLS_E_SUCCESS)
        adapter_tell_server_name(out, name, strlen(name));
    if (!is_server) {
        const char *hint = gnutls_psk_client_get_hint(tls);

        adapter_tell_hint(out, hint, hint != NULL ? strlen(hint) : 0);
    }
    if (!is_server && gnutls_ocsp_status_request_get(tls, &response) == GNUTLS_E_SUCCESS)
        adapter_tell_ocsp_response(out, response.data, response.size);
}

void gnutls_adapter_describe(const struct adapter_session *session, struct dtlslab_session_info *out) {
    const struct gnutls_tls *own = session->tls;
    gnutls_session_t tls = own->session;
    const struct gnutls_context *context = context_of(session);
    const int is_server = session->endpoint->role == DTLSLAB_SERVER;
    const uint16_t server_scheme = gnutls_adapter_scheme_code(gnutls_sign_algorithm_get(tls));
    const uint16_t client_scheme = gnutls_adapter_scheme_code(gnutls_sign_algorithm_get_client(tls));
    const char *label = context->exporter_label;
    gnutls_srtp_profile_t srtp;

    describe_names(tls, is_server, out);
    if (gnutls_srtp_get_selected_profile(tls, &srtp) == GNUTLS_E_SUCCESS)
        out->srtp_profile = (uint16_t)srtp;
    out->signature_scheme = is_server ? server_scheme : client_scheme;
    out->peer_signature_scheme = is_server ? client_scheme : server_scheme;
    out->extended_master_secret = (uint8_t)as_switch(gnutls_session_ext_master_secret_status(tls));
    out->encrypt_then_mac = (uint8_t)as_switch(gnutls_session_etm_status(tls));
    out->raw_public_key =
        (uint8_t)as_switch(gnutls_certificate_type_get2(tls, GNUTLS_CTYPE_PEERS) == GNUTLS_CRT_RAWPK);
    if (label != NULL && gnutls_prf_rfc5705(tls, strlen(label), label, 0, NULL, sizeof out->exported,
                                            (char *)out->exported) == GNUTLS_E_SUCCESS) {
        out->exported_len = sizeof out->exported;
    }
}
