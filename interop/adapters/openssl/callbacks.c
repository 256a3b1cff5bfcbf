/* SPDX-License-Identifier: MIT
 *
 * What OpenSSL calls out for: alerts, the key log, tickets, cookies.
 */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#include "openssl_adapter.h"

static void on_info(const SSL *ssl, int where, int value) {
    struct adapter_session *session = openssl_session(ssl);
    const int level = value >> 8;
    const int description = value & 0xff;

    if ((where & SSL_CB_ALERT) == 0)
        return;
    if ((where & SSL_CB_READ) != 0)
        adapter_alert_received(session, level, description);
    else
        adapter_alert_sent(session, level, description);
}

static void on_keylog(const SSL *ssl, const char *line) {
    adapter_put_keylog(openssl_session(ssl), line);
}

static int on_new_session(SSL *ssl, SSL_SESSION *resumable) {
    struct openssl_context *context = openssl_session(ssl)->endpoint->context;

    if (!context->resume)
        return 0;
    SSL_SESSION_free(context->last_session);
    context->last_session = resumable;
    return 1;
}

/* RFC 6347 section 4.2.1: a keyed hash over what names the client, here its path. */
static unsigned make_cookie(const SSL *ssl, unsigned char *out) {
    const struct adapter_session *session = openssl_session(ssl);
    const struct openssl_context *context = session->endpoint->context;
    unsigned len = 0;

    HMAC(EVP_sha256(), context->cookie_key, sizeof context->cookie_key, (const unsigned char *)&session->path,
         sizeof session->path, out, &len);
    return len;
}

static int on_generate_cookie(SSL *ssl, unsigned char *out_cookie, unsigned *out_len) {
    *out_len = make_cookie(ssl, out_cookie);
    return *out_len > 0;
}

static int on_verify_cookie(SSL *ssl, const unsigned char *cookie, unsigned len) {
    unsigned char expected[EVP_MAX_MD_SIZE];

    return len > 0 && len == make_cookie(ssl, expected) && CRYPTO_memcmp(cookie, expected, len) == 0;
}

void openssl_set_callbacks(SSL_CTX *ssl_ctx) {
    SSL_CTX_set_info_callback(ssl_ctx, on_info);
    SSL_CTX_set_keylog_callback(ssl_ctx, on_keylog);
    SSL_CTX_sess_set_new_cb(ssl_ctx, on_new_session);
    SSL_CTX_set_cookie_generate_cb(ssl_ctx, on_generate_cookie);
    SSL_CTX_set_cookie_verify_cb(ssl_ctx, on_verify_cookie);
}
