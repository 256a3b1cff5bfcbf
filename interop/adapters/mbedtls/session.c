/* SPDX-License-Identifier: MIT
 *
 * One DTLS session of Mbed TLS: handshake, timer, data, close.
 */
#include <mbedtls/error.h>
#include <stdlib.h>
#include <string.h>

#include "mbedtls_adapter.h"

#define NS_PER_MS 1000000u

/* More calls than one datagram can have records; a library that asks for more is not waiting for anything. */
#define MAX_CALLS 8192

static struct mbedtls_context *context_of(const struct adapter_session *session) {
    return session->endpoint->context;
}

/* What the library is called with; from here on it speaks of this session. */
static mbedtls_ssl_context *enter(struct adapter_session *session) {
    struct mbedtls_tls *tls = session->tls;

    context_of(session)->current = session;
    return &tls->ssl;
}

static int send_datagram(void *user, const unsigned char *bytes, size_t len) {
    adapter_put_datagram(user, bytes, len);
    return (int)len;
}

static int receive_datagram(void *user, unsigned char *out, size_t out_cap) {
    struct adapter_session *session = user;
    struct mbedtls_tls *tls = session->tls;
    const size_t len = adapter_take_datagram(session, out, out_cap);

    tls->starved = len == 0;
    return len > 0 ? (int)len : MBEDTLS_ERR_SSL_WANT_READ;
}

static void set_timer(void *user, uint32_t intermediate_ms, uint32_t final_ms) {
    const struct adapter_session *session = user;
    struct mbedtls_tls *tls = session->tls;
    const uint64_t now = session->endpoint->now;

    tls->intermediate = now + (uint64_t)intermediate_ms * NS_PER_MS;
    tls->final = final_ms == 0 ? DTLSLAB_NO_DEADLINE : now + (uint64_t)final_ms * NS_PER_MS;
}

/* -1: off. 0, 1, 2: neither, the first or both of its times have passed. */
static int get_timer(void *user) {
    const struct adapter_session *session = user;
    const struct mbedtls_tls *tls = session->tls;
    const uint64_t now = session->endpoint->now;

    if (tls->final == DTLSLAB_NO_DEADLINE)
        return -1;
    return now >= tls->final ? 2 : now >= tls->intermediate;
}

static int set_up_client(mbedtls_ssl_context *ssl, const struct mbedtls_context *context) {
    int result = context->server_name != NULL ? mbedtls_ssl_set_hostname(ssl, context->server_name) : 0;

    if (result == 0 && context->has_last_session)
        result = mbedtls_ssl_set_session(ssl, &context->last_session);
    return result;
}

static int set_up(struct adapter_session *session) {
    const struct mbedtls_context *context = context_of(session);
    mbedtls_ssl_context *ssl = enter(session);
    int result = mbedtls_ssl_setup(ssl, &context->config);

    mbedtls_ssl_set_bio(ssl, session, send_datagram, receive_datagram, NULL);
    mbedtls_ssl_set_timer_cb(ssl, session, set_timer, get_timer);
    if (context->mtu != 0)
        mbedtls_ssl_set_mtu(ssl, context->mtu);
    if (result == 0 && session->endpoint->role == DTLSLAB_CLIENT)
        result = set_up_client(ssl, context);
    return result;
}

int32_t mbedtls_adapter_open(struct adapter_session *session) {
    struct mbedtls_tls *tls = calloc(1, sizeof *tls);

    if (tls == NULL)
        return DTLSLAB_FAILED;
    mbedtls_ssl_init(&tls->ssl);
    tls->final = DTLSLAB_NO_DEADLINE;
    session->tls = tls;
    return set_up(session) == 0 ? DTLSLAB_OK : DTLSLAB_FAILED;
}

void mbedtls_adapter_free_tls(struct adapter_session *session) {
    struct mbedtls_tls *tls = session->tls;

    mbedtls_ssl_free(&tls->ssl);
    free(tls);
}

static int name_client(struct adapter_session *session) {
    return mbedtls_ssl_set_client_transport_id(enter(session), (const unsigned char *)&session->path,
                                               sizeof session->path);
}

/* The context forgets the ClientHello that it has read. */
static int forget(struct adapter_session *session) {
    struct mbedtls_tls *tls = session->tls;

    tls->final = DTLSLAB_NO_DEADLINE;
    return mbedtls_ssl_session_reset(enter(session));
}

/* The library is let go as far as the ClientHello. A good cookie begins the session, with the same datagram
 * once more; without one it goes on as far as its HelloVerifyRequest, and all is forgotten. */
int mbedtls_adapter_listen(struct adapter_session *session) {
    struct mbedtls_context *context = context_of(session);
    const uint8_t *inbox = session->inbox;
    mbedtls_ssl_context *ssl = enter(session);
    int result = context->use_cookies ? name_client(session) : 0;

    if (!context->use_cookies || result != 0)
        return result == 0;
    context->cookie_was_good = 0;
    while (result == 0 && ssl->state <= MBEDTLS_SSL_CLIENT_HELLO)
        result = mbedtls_ssl_handshake_step(ssl);
    if (result == 0 && !context->cookie_was_good)
        (void)mbedtls_ssl_handshake(ssl);
    result = forget(session);
    if (result != 0)
        session->state = ADAPTER_FAILED;
    if (result == 0 && context->cookie_was_good) {
        session->inbox = inbox;
        return name_client(session) == 0;
    }
    return 0;
}

int mbedtls_adapter_takes_new_associations(const struct dtlslab_endpoint *endpoint) {
    const struct mbedtls_context *context = endpoint->context;

    return context->use_cookies;
}

static void fail(struct adapter_session *session, int error) {
    const struct mbedtls_tls *tls = session->tls;
    const uint32_t flags = mbedtls_ssl_get_verify_result(&tls->ssl);
    char text[DTLSLAB_MAX_TEXT] = "";

    if (error == MBEDTLS_ERR_X509_CERT_VERIFY_FAILED && flags != UINT32_MAX) {
        mbedtls_x509_crt_verify_info(text, sizeof text, "", flags);
        text[strcspn(text, "\n")] = '\0';
    }
    if (text[0] == '\0')
        mbedtls_strerror(error, text, sizeof text);
    adapter_failed(session, text);
}

static void keep_session(struct adapter_session *session) {
    struct mbedtls_context *context = context_of(session);

    if (!context->resume)
        return;
    mbedtls_ssl_session_free(&context->last_session);
    mbedtls_ssl_session_init(&context->last_session);
    context->has_last_session = mbedtls_ssl_get_session(enter(session), &context->last_session) == 0;
}

static void report_connected(struct adapter_session *session) {
    const struct mbedtls_tls *tls = session->tls;
    const uint16_t version = tls->ssl.minor_ver == MBEDTLS_SSL_MINOR_VERSION_2 ? 0xfeff : 0xfefd;

    keep_session(session);
    adapter_connected(session, version, (uint16_t)tls->ssl.session->ciphersuite, tls->group, tls->resumed);
}

/* The library may answer "want read" although there is a datagram, or a record of one, that it has not seen.
 */
static int wants_another_call(const struct adapter_session *session, int result) {
    const struct mbedtls_tls *tls = session->tls;

    return !tls->starved && (result == MBEDTLS_ERR_SSL_WANT_READ || result == MBEDTLS_ERR_SSL_WANT_WRITE);
}

static void shake_hands(struct adapter_session *session) {
    struct mbedtls_tls *tls = session->tls;
    int result = MBEDTLS_ERR_SSL_WANT_READ;

    for (int i = 0; i < MAX_CALLS && wants_another_call(session, result); i++)
        result = mbedtls_ssl_handshake(enter(session));
    if (result == 0) {
        tls->starved = 0;
        report_connected(session);
    } else if (result != MBEDTLS_ERR_SSL_WANT_READ && result != MBEDTLS_ERR_SSL_WANT_WRITE) {
        fail(session, result);
    }
}

static void on_end(struct adapter_session *session, int result) {
    if (session->state != ADAPTER_CONNECTED)
        return;
    if (result == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY) {
        mbedtls_adapter_close(session); /* RFC 5246 section 7.2.1: answer with a close_notify */
        adapter_closed(session);
    } else {
        fail(session, result);
    }
}

static void read_data(struct adapter_session *session) {
    unsigned char data[ADAPTER_MAX_RECORD_DATA];
    int result = MBEDTLS_ERR_SSL_WANT_READ;

    for (int i = 0; i < MAX_CALLS && (result > 0 || wants_another_call(session, result)); i++) {
        result = mbedtls_ssl_read(enter(session), data, sizeof data);
        if (result > 0 &&
            session->state == ADAPTER_CONNECTED) { /* the library goes on after a close_notify */
            adapter_put_data(session, data, (size_t)result);
        }
    }
    if (result < 0 && result != MBEDTLS_ERR_SSL_WANT_READ && result != MBEDTLS_ERR_SSL_WANT_WRITE)
        on_end(session, result);
}

void mbedtls_adapter_advance(struct adapter_session *session) {
    struct mbedtls_tls *tls = session->tls;

    if (get_timer(session) == 2) { /* so that the repetition is seen as one */
        mbedtls_adapter_expire(session);
    }
    tls->starved = 0;
    if (session->state == ADAPTER_HANDSHAKING)
        shake_hands(session);
    if (session->state == ADAPTER_CONNECTED || session->state == ADAPTER_CLOSED)
        read_data(session);
}

/* One call: it repeats the flight, or gives up, before it looks for a datagram. */
void mbedtls_adapter_expire(struct adapter_session *session) {
    const uint64_t num_sent_before = session->num_sent;
    const int result = mbedtls_ssl_handshake(enter(session));

    if (result != 0 && result != MBEDTLS_ERR_SSL_WANT_READ && result != MBEDTLS_ERR_SSL_WANT_WRITE)
        fail(session, result);
    else if (session->num_sent > num_sent_before)
        adapter_repeated(session);
}

uint64_t mbedtls_adapter_time_left(const struct adapter_session *session) {
    const struct mbedtls_tls *tls = session->tls;
    const uint64_t now = session->endpoint->now;

    if (tls == NULL || tls->final == DTLSLAB_NO_DEADLINE)
        return DTLSLAB_NO_DEADLINE;
    return tls->final > now ? tls->final - now : 0;
}

int32_t mbedtls_adapter_send(struct adapter_session *session, const uint8_t *data, uint32_t len) {
    const int result = mbedtls_ssl_write(enter(session), data, len);

    if (result >= 0)
        return DTLSLAB_OK;
    if (result == MBEDTLS_ERR_SSL_BAD_INPUT_DATA)
        return DTLSLAB_INVALID;
    if (result == MBEDTLS_ERR_SSL_WANT_READ || result == MBEDTLS_ERR_SSL_WANT_WRITE)
        return DTLSLAB_WOULD_BLOCK;
    fail(session, result);
    return DTLSLAB_FAILED;
}

void mbedtls_adapter_close(struct adapter_session *session) {
    (void)mbedtls_ssl_close_notify(enter(session));
}
