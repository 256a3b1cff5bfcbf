/* SPDX-License-Identifier: MIT
 *
 * Pre-shared keys (RFC 4279) for OpenSSL.
 */
#include <openssl/crypto.h>
#include <string.h>

#include "openssl_adapter.h"

static const struct openssl_context *context_of(const SSL *ssl) {
    return openssl_session(ssl)->endpoint->context;
}

static unsigned copy_key(const struct openssl_context *context, unsigned char *psk, unsigned max_psk_len) {
    if (context->psk_key_len > max_psk_len)
        return 0;
    memcpy(psk, context->psk_key, context->psk_key_len);
    return (unsigned)context->psk_key_len;
}

static unsigned client_psk(SSL *ssl, const char *hint, char *identity, unsigned max_identity_len,
                           unsigned char *psk, unsigned max_psk_len) {
    const struct openssl_context *context = context_of(ssl);

    (void)hint;
    if (context->psk_identity_len >= max_identity_len)
        return 0;
    memcpy(identity, context->psk_identity, context->psk_identity_len + 1);
    return copy_key(context, psk, max_psk_len);
}

static unsigned server_psk(SSL *ssl, const char *identity, unsigned char *psk, unsigned max_psk_len) {
    const struct openssl_context *context = context_of(ssl);
    const size_t len = strlen(identity);

    if (len != context->psk_identity_len || memcmp(identity, context->psk_identity, len) != 0)
        return 0;
    return copy_key(context, psk, max_psk_len);
}

static int32_t use_hint(struct openssl_context *context, const struct dtlslab_bytes *hint, char *message) {
    char text[PSK_MAX_IDENTITY_LEN + 1] = "";

    if (hint->len > PSK_MAX_IDENTITY_LEN || memchr(hint->data, 0, hint->len) != NULL) {
        return adapter_refuse(DTLSLAB_UNSUPPORTED, message,
                              "OpenSSL takes PSK hints of at most %d bytes, none of them zero",
                              PSK_MAX_IDENTITY_LEN);
    }
    memcpy(text, hint->data, hint->len);
    return SSL_CTX_use_psk_identity_hint(context->ssl_ctx, text) == 1
               ? DTLSLAB_OK
               : adapter_refuse(DTLSLAB_FAILED, message, "OpenSSL refused the PSK hint");
}

int32_t openssl_use_psk(struct openssl_context *context, const struct dtlslab_config *config, char *message) {
    const struct dtlslab_bytes *identity = &config->psk_identity;

    if (identity->len > PSK_MAX_IDENTITY_LEN ||
        (identity->len > 0 && memchr(identity->data, 0, identity->len))) {
        return adapter_refuse(DTLSLAB_UNSUPPORTED, message,
                              "OpenSSL takes PSK identities of at most %d bytes, none of them zero",
                              PSK_MAX_IDENTITY_LEN);
    }
    if (config->psk_key.len > sizeof context->psk_key) {
        return adapter_refuse(DTLSLAB_UNSUPPORTED, message,
                              "OpenSSL takes pre-shared keys of at most %d bytes", PSK_MAX_PSK_LEN);
    }
    context->psk_identity = OPENSSL_zalloc(identity->len + 1u);
    if (context->psk_identity == NULL)
        return adapter_refuse(DTLSLAB_FAILED, message, "there is no memory for the PSK identity");
    if (identity->len > 0)
        memcpy(context->psk_identity, identity->data, identity->len);
    context->psk_identity_len = identity->len;
    memcpy(context->psk_key, config->psk_key.data, config->psk_key.len);
    context->psk_key_len = config->psk_key.len;
    SSL_CTX_set_psk_client_callback(context->ssl_ctx, client_psk);
    SSL_CTX_set_psk_server_callback(context->ssl_ctx, server_psk);
    return config->psk_hint.len > 0 ? use_hint(context, &config->psk_hint, message) : DTLSLAB_OK;
}
