/* SPDX-License-Identifier: MIT
 *
 * One DTLS session of OpenSSL: handshake, timer, data, close.
 */
#include <openssl/err.h>
#include <string.h>
#include <sys/time.h>

#include "openssl_adapter.h"

#define NS_PER_US      1000u
#define MAX_TIMEOUT_US 60000000u /* RFC 6347 section 4.2.4.1 */

const char *openssl_error_text(char *out, size_t out_cap) {
    const unsigned long error = ERR_get_error();
    const char *reason = ERR_reason_error_string(error);

    BIO_snprintf(out, out_cap, "%s", reason != NULL ? reason : "no reason given");
    ERR_clear_error();
    return out;
}

static const struct openssl_context *context_of(const struct adapter_session *session) {
    return session->endpoint->context;
}

/* The first timeout when it was configured; OpenSSL's own rule (double it, up to 60 s) afterwards. */
static unsigned choose_timeout(SSL *ssl, unsigned timeout_us) {
    const uint64_t first_us =
        (context_of(openssl_session(ssl))->initial_timeout_ns + NS_PER_US - 1) / NS_PER_US;

    if (timeout_us == 0)
        return first_us < MAX_TIMEOUT_US ? (unsigned)first_us : MAX_TIMEOUT_US;
    return timeout_us < MAX_TIMEOUT_US / 2 ? timeout_us * 2 : MAX_TIMEOUT_US;
}

static int set_up_client(SSL *ssl, const struct openssl_context *context) {
    SSL_set_connect_state(ssl);
    if (context->server_name != NULL &&
        (SSL_set_tlsext_host_name(ssl, context->server_name) != 1 ||
         (context->verify && SSL_set1_host(ssl, context->server_name) != 1))) {
        return 0;
    }
    return context->last_session == NULL || SSL_set_session(ssl, context->last_session) == 1;
}

static int set_up(SSL *ssl, struct adapter_session *session) {
    const struct openssl_context *context = context_of(session);
    BIO *bio = openssl_new_bio(session);

    if (bio == NULL)
        return 0;
    SSL_set_bio(ssl, bio, bio);
    SSL_set_app_data(ssl, session);
    SSL_set_mtu(ssl, context->mtu != 0 ? context->mtu : OPENSSL_ETHERNET_MTU);
    if (context->initial_timeout_ns != 0)
        DTLS_set_timer_cb(ssl, choose_timeout);
    if (session->endpoint->role == DTLSLAB_CLIENT)
        return set_up_client(ssl, context);
    SSL_set_accept_state(ssl);
    return 1;
}

int32_t openssl_open(struct adapter_session *session) {
    SSL *ssl = SSL_new(context_of(session)->ssl_ctx);

    if (ssl == NULL || !set_up(ssl, session)) {
        SSL_free(ssl);
        return DTLSLAB_FAILED;
    }
    session->tls = ssl;
    return DTLSLAB_OK;
}

void openssl_free_tls(struct adapter_session *session) {
    SSL_free(session->tls);
}

struct adapter_session *openssl_session(const SSL *ssl) {
    return SSL_get_app_data(ssl);
}

int openssl_listen(struct adapter_session *session) {
    if (!context_of(session)->use_cookies)
        return 1;
    BIO_ADDR *nobody = BIO_ADDR_new();
    ERR_clear_error();
    const int result = nobody != NULL ? DTLSv1_listen(session->tls, nobody) : -1;
    BIO_ADDR_free(nobody);
    if (result < 0)
        session->state = ADAPTER_FAILED;
    return result == 1;
}

/* Of the ephemeral key exchange; 0 when there was none, as in a resumed session. */
static uint16_t used_group(SSL *ssl) {
    return SSL_session_reused(ssl) ? 0 : openssl_group_code((int)SSL_get_negotiated_group(ssl));
}

static void fail(struct adapter_session *session) {
    SSL *ssl = session->tls;
    const long verdict = SSL_get_verify_result(ssl);
    const unsigned long error = ERR_peek_error();
    char text[DTLSLAB_MAX_TEXT];

    if (ERR_GET_REASON(error) == SSL_R_CERTIFICATE_VERIFY_FAILED && verdict != X509_V_OK) {
        ERR_clear_error();
        adapter_failed(session, X509_verify_cert_error_string(verdict));
        return;
    }
    adapter_failed(session, openssl_error_text(text, sizeof text));
}

/* 1: done. 0: waiting for the peer, or dead. */
static int shake_hands(struct adapter_session *session) {
    SSL *ssl = session->tls;

    ERR_clear_error();
    const int result = SSL_do_handshake(ssl);
    if (result != 1) {
        const int error = SSL_get_error(ssl, result);

        if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
            fail(session);
        return 0;
    }
    const SSL_CIPHER *suite = SSL_get_current_cipher(ssl);
    adapter_connected(session, (uint16_t)SSL_version(ssl), SSL_CIPHER_get_protocol_id(suite), used_group(ssl),
                      SSL_session_reused(ssl));
    return 1;
}

static void read_data(struct adapter_session *session) {
    unsigned char data[ADAPTER_MAX_RECORD_DATA];
    SSL *ssl = session->tls;
    int len;

    do {
        ERR_clear_error();
        len = SSL_read(ssl, data, sizeof data);
        if (len > 0)
            adapter_put_data(session, data, (size_t)len);
    } while (len > 0);
    switch (SSL_get_error(ssl, len)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        break;
    case SSL_ERROR_ZERO_RETURN:
        if (session->state == ADAPTER_CONNECTED) {
            SSL_shutdown(ssl); /* RFC 5246 section 7.2.1: answer with a close_notify */
            adapter_closed(session);
        }
        break;
    default:
        if (session->state == ADAPTER_CONNECTED)
            fail(session);
        break;
    }
}

void openssl_advance(struct adapter_session *session) {
    /* OpenSSL repeats a flight by itself while reading, if its timer has run out; here it is seen to do so.
     */
    if (session->deadline != DTLSLAB_NO_DEADLINE)
        openssl_expire(session);
    if (session->state == ADAPTER_HANDSHAKING && !shake_hands(session))
        return;
    if (session->state == ADAPTER_CONNECTED || session->state == ADAPTER_CLOSED)
        read_data(session);
}

void openssl_expire(struct adapter_session *session) {
    ERR_clear_error();
    const long result = DTLSv1_handle_timeout(session->tls);
    if (result > 0)
        adapter_repeated(session);
    else if (result < 0)
        fail(session);
}

uint64_t openssl_time_left(const struct adapter_session *session) {
    struct timeval left;

    if (session->tls == NULL || !DTLSv1_get_timeout(session->tls, &left))
        return DTLSLAB_NO_DEADLINE;
    return ((uint64_t)left.tv_sec * 1000000u + (uint64_t)left.tv_usec) * NS_PER_US;
}

int32_t openssl_send(struct adapter_session *session, const uint8_t *data, uint32_t len) {
    SSL *ssl = session->tls;

    if (context_of(session)->mtu != 0 && len > DTLS_get_data_mtu(ssl))
        return DTLSLAB_INVALID;
    ERR_clear_error();
    const int result = SSL_write(ssl, data, (int)len);
    if (result > 0 || len == 0)
        return DTLSLAB_OK;
    const int error = SSL_get_error(ssl, result);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
        return DTLSLAB_WOULD_BLOCK;
    fail(session);
    return DTLSLAB_FAILED;
}

void openssl_close(struct adapter_session *session) {
    ERR_clear_error();
    SSL_shutdown(session->tls);
    ERR_clear_error();
}
