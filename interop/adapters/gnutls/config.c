/* SPDX-License-Identifier: MIT
 *
 * The contract's configuration, in GnuTLS's terms.
 */
#include <stdlib.h>
#include <string.h>

#include "gnutls_adapter.h"

/* Below this GnuTLS has no room for a fragment of a handshake message under every suite. */
#define MIN_MTU   100u
#define NS_PER_MS 1000000u

static int32_t refuse(const char *what, int error, char *message) {
    return adapter_refuse(DTLSLAB_INVALID, message, "%s: %s", what, gnutls_strerror(error));
}

static gnutls_datum_t borrow(const struct dtlslab_bytes *bytes) {
    return (gnutls_datum_t){(unsigned char *)bytes->data, bytes->len};
}

static int copy(gnutls_datum_t *out, const struct dtlslab_bytes *bytes) {
    out->data = gnutls_calloc(1, bytes->len + 1u);
    if (out->data == NULL)
        return 0;
    if (bytes->len > 0)
        memcpy(out->data, bytes->data, bytes->len);
    out->size = bytes->len;
    return 1;
}

static int32_t use_certificate(struct gnutls_context *context, const struct dtlslab_config *config,
                               char *message) {
    const gnutls_datum_t chain = borrow(&config->certificate_chain);
    const gnutls_datum_t key = borrow(&config->private_key);
    const gnutls_datum_t anchors = borrow(&config->trust_anchors);
    int result = GNUTLS_E_SUCCESS;

    if (chain.size > 0 && config->raw_public_keys != DTLSLAB_ON) {
        result = gnutls_certificate_set_x509_key_mem2(context->certificate, &chain, &key, GNUTLS_X509_FMT_PEM,
                                                      NULL, 0);
    }
    if (result < 0)
        return refuse("the certificate chain and its key cannot be used", result, message);
    if (anchors.size > 0) {
        /* Answers how many there were. */
        result = gnutls_certificate_set_x509_trust_mem(context->certificate, &anchors, GNUTLS_X509_FMT_PEM);
        result = result == 0 ? GNUTLS_E_NO_CERTIFICATE_FOUND : result;
    }
    return result < 0 ? refuse("no trust anchor can be read", result, message) : DTLSLAB_OK;
}

/* What a credentials function answers: GnuTLS goes on with a random key for a user that is not there, so that
 * the handshake ends as with a wrong key (RFC 4279 section 2), and gives up for a fault of the application.
 */
enum { PSK_NO_KEY = -1, PSK_NO_SUCH_USER = 1 };

static int give_psk(gnutls_session_t tls, const gnutls_datum_t *identity, gnutls_datum_t *out_key) {
    const struct adapter_session *session = gnutls_session_get_ptr(tls);
    const struct gnutls_context *context = session->endpoint->context;
    const struct dtlslab_bytes key = {context->psk_key.data, context->psk_key.size};

    if (identity->size != context->psk_identity.size ||
        memcmp(identity->data, context->psk_identity.data, identity->size) != 0) {
        return PSK_NO_SUCH_USER;
    }
    return copy(out_key, &key) ? 0 : PSK_NO_KEY;
}

static int use_server_psk(struct gnutls_context *context, const struct dtlslab_config *config) {
    int result = gnutls_psk_allocate_server_credentials(&context->psk_server);

    if (result == GNUTLS_E_SUCCESS)
        gnutls_psk_set_server_credentials_function2(context->psk_server, give_psk);
    if (result == GNUTLS_E_SUCCESS && config->psk_hint.len > 0) {
        gnutls_datum_t hint = {NULL, 0};

        result = copy(&hint, &config->psk_hint)
                     ? gnutls_psk_set_server_credentials_hint(context->psk_server, (const char *)hint.data)
                     : GNUTLS_E_MEMORY_ERROR;
        gnutls_free(hint.data);
    }
    return result;
}

static int32_t use_psk(struct gnutls_context *context, const struct dtlslab_config *config, char *message) {
    int result = GNUTLS_E_MEMORY_ERROR;

    if (config->psk_hint.len > 0 && memchr(config->psk_hint.data, 0, config->psk_hint.len) != NULL) {
        return adapter_refuse(DTLSLAB_UNSUPPORTED, message,
                              "GnuTLS takes no PSK hint with a zero byte in it");
    }
    if (copy(&context->psk_identity, &config->psk_identity) && copy(&context->psk_key, &config->psk_key)) {
        result = config->role == DTLSLAB_SERVER
                     ? use_server_psk(context, config)
                     : gnutls_psk_allocate_client_credentials(&context->psk_client);
    }
    if (result == GNUTLS_E_SUCCESS && config->role == DTLSLAB_CLIENT) {
        result = gnutls_psk_set_client_credentials2(context->psk_client, &context->psk_identity,
                                                    &context->psk_key, GNUTLS_PSK_KEY_RAW);
    }
    return result < 0 ? refuse("the pre-shared key cannot be used", result, message) : DTLSLAB_OK;
}

static int32_t make_keys(struct gnutls_context *context, const struct dtlslab_config *config, char *message) {
    const int is_server = config->role == DTLSLAB_SERVER;
    int result = GNUTLS_E_SUCCESS;

    if (is_server && config->cookies == DTLSLAB_ON)
        result = gnutls_key_generate(&context->cookie_key, GNUTLS_COOKIE_KEY_SIZE);
    if (is_server && config->tickets == DTLSLAB_ON && result == GNUTLS_E_SUCCESS)
        result = gnutls_session_ticket_key_generate(&context->ticket_key);
    return result < 0 ? refuse("the keys of cookies and tickets cannot be made", result, message)
                      : DTLSLAB_OK;
}

static int32_t set_numbers(struct gnutls_context *context, const struct dtlslab_config *config,
                           char *message) {
    static const gnutls_certificate_request_t requests[] = {GNUTLS_CERT_IGNORE, GNUTLS_CERT_REQUEST,
                                                            GNUTLS_CERT_REQUIRE};

    if (config->client_auth >= sizeof requests / sizeof requests[0]) {
        return adapter_refuse(DTLSLAB_INVALID, message, "client_auth is %u, expected 0 to 2",
                              config->client_auth);
    }
    if (config->mtu != 0 && config->mtu < MIN_MTU) {
        return adapter_refuse(DTLSLAB_UNSUPPORTED, message, "GnuTLS makes no datagrams below %u bytes",
                              MIN_MTU);
    }
    context->mtu = config->mtu;
    context->first_timeout_ms = (unsigned)((config->initial_timeout_ns + NS_PER_MS - 1) / NS_PER_MS);
    context->client_auth = requests[config->client_auth];
    context->verify = config->trust_anchors.len > 0;
    context->resume = config->role == DTLSLAB_CLIENT &&
                      (config->tickets == DTLSLAB_ON || config->session_ids == DTLSLAB_ON);
    context->init_flags = GNUTLS_DATAGRAM | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL;
    context->init_flags |= config->role == DTLSLAB_SERVER ? GNUTLS_SERVER : GNUTLS_CLIENT;
    context->init_flags |= config->tickets == DTLSLAB_OFF ? GNUTLS_NO_TICKETS : 0;
    if (config->role == DTLSLAB_CLIENT && config->server_name != NULL)
        context->server_name = gnutls_strdup(config->server_name);
    return DTLSLAB_OK;
}

static int32_t fill_context(struct gnutls_context *context, const struct dtlslab_config *config,
                            char *message) {
    int32_t result = set_numbers(context, config, message);

    if (result == DTLSLAB_OK)
        result = gnutls_adapter_make_priorities(config, &context->priorities, message);
    if (result == DTLSLAB_OK && gnutls_certificate_allocate_credentials(&context->certificate) < 0)
        result = adapter_refuse(DTLSLAB_FAILED, message, "there is no memory for credentials");
    result = result == DTLSLAB_OK ? use_certificate(context, config, message) : result;
    result = result == DTLSLAB_OK ? gnutls_adapter_use_features(context, config, message) : result;
    if (result == DTLSLAB_OK && config->psk_key.len > 0)
        result = use_psk(context, config, message);
    return result == DTLSLAB_OK ? make_keys(context, config, message) : result;
}

int32_t gnutls_adapter_configure(struct dtlslab_endpoint *endpoint, const struct dtlslab_config *config,
                                 char *message) {
    struct gnutls_context *context = calloc(1, sizeof *context);

    if (context == NULL)
        return adapter_refuse(DTLSLAB_FAILED, message, "there is no memory for a context");
    const int32_t result = fill_context(context, config, message);
    if (result == DTLSLAB_OK)
        endpoint->context = context;
    else
        gnutls_adapter_free_context(context);
    return result;
}

static void wipe(gnutls_datum_t *secret) {
    if (secret->data != NULL)
        gnutls_memset(secret->data, 0, secret->size);
    gnutls_free(secret->data);
}

void gnutls_adapter_free_context(void *context) {
    struct gnutls_context *own = context;

    if (own->priorities != NULL)
        gnutls_priority_deinit(own->priorities);
    if (own->certificate != NULL)
        gnutls_certificate_free_credentials(own->certificate);
    if (own->psk_client != NULL)
        gnutls_psk_free_client_credentials(own->psk_client);
    if (own->psk_server != NULL)
        gnutls_psk_free_server_credentials(own->psk_server);
    gnutls_adapter_free_features(own);
    gnutls_free(own->psk_identity.data);
    wipe(&own->psk_key);
    wipe(&own->cookie_key);
    wipe(&own->ticket_key);
    wipe(&own->last_session);
    gnutls_free(own->server_name);
    free(own);
}
