/* SPDX-License-Identifier: MIT
 *
 * The contract's configuration, in OpenSSL's terms.
 */
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "openssl_adapter.h"

/* OpenSSL refuses to make datagrams smaller than this: 256 bytes less the headers of IPv4 and UDP. */
#define MIN_MTU 228u

/* Told to clients so that OpenSSL lets them resume sessions in which they sent a certificate. */
static const unsigned char session_id_context[] = "dtlslab";

static int32_t refuse_with_error(const char *what, char *message) {
    char text[128];

    return adapter_refuse(DTLSLAB_INVALID, message, "%s: %s", what, openssl_error_text(text, sizeof text));
}

static BIO *text_bio(const struct dtlslab_bytes *text) {
    return BIO_new_mem_buf(text->data, (int)text->len);
}

/* The leaf becomes the certificate of the context, what follows its chain. Reading stops at the end of the
 * text. */
static int use_chain(SSL_CTX *ssl_ctx, BIO *bio) {
    X509 *certificate = bio != NULL ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
    int good = certificate != NULL && SSL_CTX_use_certificate(ssl_ctx, certificate) == 1;

    X509_free(certificate);
    while (good && (certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
        good = SSL_CTX_add1_chain_cert(ssl_ctx, certificate) == 1;
        X509_free(certificate);
    }
    if (good)
        ERR_clear_error();
    return good;
}

static int use_key(SSL_CTX *ssl_ctx, BIO *bio) {
    EVP_PKEY *key = bio != NULL ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : NULL;
    const int good =
        key != NULL && SSL_CTX_use_PrivateKey(ssl_ctx, key) == 1 && SSL_CTX_check_private_key(ssl_ctx);

    EVP_PKEY_free(key);
    return good;
}

static int32_t use_certificate(struct openssl_context *context, const struct dtlslab_config *config,
                               char *message) {
    BIO *chain = text_bio(&config->certificate_chain);
    BIO *key = text_bio(&config->private_key);
    int32_t result = DTLSLAB_OK;

    if (!use_chain(context->ssl_ctx, chain))
        result = refuse_with_error("the certificate chain cannot be used", message);
    else if (!use_key(context->ssl_ctx, key))
        result = refuse_with_error("the private key cannot be used", message);
    BIO_free(chain);
    BIO_free(key);
    return result;
}

static int32_t use_anchors(struct openssl_context *context, const struct dtlslab_config *config,
                           char *message) {
    BIO *bio = text_bio(&config->trust_anchors);
    X509_STORE *store = SSL_CTX_get_cert_store(context->ssl_ctx);
    X509 *anchor = NULL;
    int num = 0;

    while (bio != NULL && (anchor = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
        num += X509_STORE_add_cert(store, anchor) == 1;
        if (config->role == DTLSLAB_SERVER)
            SSL_CTX_add_client_CA(context->ssl_ctx, anchor);
        X509_free(anchor);
    }
    BIO_free(bio);
    if (num == 0)
        return refuse_with_error("no trust anchor can be read", message);
    ERR_clear_error();
    return DTLSLAB_OK;
}

static int accept_any(int ok, X509_STORE_CTX *store) {
    (void)ok, (void)store;
    return 1;
}

static void set_verification(struct openssl_context *context, const struct dtlslab_config *config) {
    const int is_server = config->role == DTLSLAB_SERVER;
    int mode = SSL_VERIFY_NONE;

    context->verify = config->trust_anchors.len > 0;
    if (is_server ? config->client_auth != DTLSLAB_CLIENT_AUTH_NONE : context->verify)
        mode = SSL_VERIFY_PEER;
    if (is_server && config->client_auth == DTLSLAB_CLIENT_AUTH_REQUIRE)
        mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    SSL_CTX_set_verify(context->ssl_ctx, mode, context->verify ? NULL : accept_any);
}

static void set_options(struct openssl_context *context, const struct dtlslab_config *config) {
    SSL_CTX *ssl_ctx = context->ssl_ctx;

    if (config->mtu != 0) {
        /* A path MTU that is known stays; otherwise OpenSSL may fall back to a smaller one. */
        SSL_CTX_set_options(ssl_ctx, SSL_OP_NO_QUERY_MTU);
    }
    if (config->extended_master_secret == DTLSLAB_OFF)
        SSL_CTX_set_options(ssl_ctx, SSL_OP_NO_EXTENDED_MASTER_SECRET);
    const int resume = config->tickets == DTLSLAB_ON || config->session_ids == DTLSLAB_ON;
    if (config->tickets == DTLSLAB_OFF)
        SSL_CTX_set_options(ssl_ctx, SSL_OP_NO_TICKET);
    if (config->session_ids == DTLSLAB_OFF || (config->tickets == DTLSLAB_OFF && !resume))
        SSL_CTX_set_session_cache_mode(ssl_ctx, SSL_SESS_CACHE_OFF);
    if (resume && config->role == DTLSLAB_CLIENT) {
        SSL_CTX_set_session_cache_mode(ssl_ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
        context->resume = 1;
    }
    SSL_CTX_set_session_id_context(ssl_ctx, session_id_context, sizeof session_id_context - 1);
}

static int32_t set_versions(struct openssl_context *context, const struct dtlslab_config *config,
                            char *message) {
    /* OpenSSL counts DTLS 1.0, which signs with MD5 and SHA-1, as secure at level 0 only. */
    if (config->min_version == DTLS1_VERSION || config->max_version == DTLS1_VERSION)
        SSL_CTX_set_security_level(context->ssl_ctx, 0);
    if ((config->min_version != 0 &&
         SSL_CTX_set_min_proto_version(context->ssl_ctx, config->min_version) != 1) ||
        (config->max_version != 0 &&
         SSL_CTX_set_max_proto_version(context->ssl_ctx, config->max_version) != 1)) {
        return refuse_with_error("the versions cannot be used", message);
    }
    return DTLSLAB_OK;
}

static int32_t set_codes(struct openssl_context *context, const struct dtlslab_config *config,
                         char *message) {
    if (config->cipher_suites.num > 0 && !openssl_set_suites(context->ssl_ctx, &config->cipher_suites))
        return refuse_with_error("the cipher suites cannot be used", message);
    if (config->groups.num > 0 && !openssl_set_groups(context->ssl_ctx, &config->groups))
        return refuse_with_error("the groups cannot be used", message);
    if (config->signature_schemes.num > 0 &&
        !openssl_set_schemes(context->ssl_ctx, &config->signature_schemes)) {
        return refuse_with_error("the signature schemes cannot be used", message);
    }
    return DTLSLAB_OK;
}

static int32_t set_numbers(struct openssl_context *context, const struct dtlslab_config *config,
                           char *message) {
    if (config->mtu != 0 && config->mtu < MIN_MTU) {
        return adapter_refuse(DTLSLAB_UNSUPPORTED, message, "OpenSSL makes no datagrams below %u bytes",
                              MIN_MTU);
    }
    context->mtu = config->mtu;
    context->initial_timeout_ns = config->initial_timeout_ns;
    context->use_cookies = config->role == DTLSLAB_SERVER && config->cookies == DTLSLAB_ON;
    adapter_random(context->cookie_key, sizeof context->cookie_key);
    if (config->role == DTLSLAB_CLIENT && config->server_name != NULL)
        context->server_name = OPENSSL_strdup(config->server_name);
    return DTLSLAB_OK;
}

static int32_t fill_context(struct openssl_context *context, const struct dtlslab_config *config,
                            char *message) {
    int32_t result = set_versions(context, config, message);

    set_options(context, config);
    set_verification(context, config);
    result = result == DTLSLAB_OK ? set_numbers(context, config, message) : result;
    result = result == DTLSLAB_OK ? set_codes(context, config, message) : result;
    result = result == DTLSLAB_OK ? openssl_use_features(context, config, message) : result;
    if (result == DTLSLAB_OK && config->certificate_chain.len > 0)
        result = use_certificate(context, config, message);
    if (result == DTLSLAB_OK && config->trust_anchors.len > 0)
        result = use_anchors(context, config, message);
    if (result == DTLSLAB_OK && config->psk_key.len > 0)
        result = openssl_use_psk(context, config, message);
    return result;
}

int32_t openssl_configure(struct dtlslab_endpoint *endpoint, const struct dtlslab_config *config,
                          char *message) {
    struct openssl_context *context = OPENSSL_zalloc(sizeof *context);

    if (context == NULL)
        return adapter_refuse(DTLSLAB_FAILED, message, "there is no memory for a context");
    ERR_clear_error();
    context->ssl_ctx =
        SSL_CTX_new(config->role == DTLSLAB_SERVER ? DTLS_server_method() : DTLS_client_method());
    int32_t result = context->ssl_ctx != NULL ? fill_context(context, config, message)
                                              : refuse_with_error("OpenSSL makes no context", message);
    if (result == DTLSLAB_OK) {
        openssl_set_callbacks(context->ssl_ctx);
        endpoint->context = context;
    } else {
        openssl_free_context(context);
    }
    return result;
}

void openssl_free_context(void *context) {
    struct openssl_context *own = context;

    SSL_SESSION_free(own->last_session);
    SSL_CTX_free(own->ssl_ctx);
    OPENSSL_free(own->server_name);
    OPENSSL_free(own->psk_identity);
    OPENSSL_free(own->protocols);
    OPENSSL_free(own->ocsp_response);
    OPENSSL_free(own->exporter_label);
    OPENSSL_clear_free(own, sizeof *own);
}
