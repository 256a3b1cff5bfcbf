/* SPDX-License-Identifier: MIT
 *
 * One DTLS session of wolfSSL: handshake, timer, data, close.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wolfssl_adapter.h"

#define CLOSE_NOTIFY 0

/* More calls than one datagram can have records; a library that asks for more is not waiting for anything. */
#define MAX_CALLS 8192

static struct wolfssl_context *context_of(const struct adapter_session *session) {
    return session->endpoint->context;
}

static WOLFSSL *ssl_of(const struct adapter_session *session) {
    return ((struct wolfssl_tls *)session->tls)->ssl;
}

static int set_up_client(WOLFSSL *ssl, const struct wolfssl_context *context) {
    const char *name = context->server_name;

    if (name != NULL &&
        (wolfSSL_UseSNI(ssl, WOLFSSL_SNI_HOST_NAME, name, (unsigned short)strlen(name)) != WOLFSSL_SUCCESS ||
         (context->verify && wolfSSL_check_domain_name(ssl, name) != WOLFSSL_SUCCESS))) {
        return 0;
    }
    return context->last_session == NULL ||
           wolfSSL_set_session(ssl, context->last_session) == WOLFSSL_SUCCESS;
}

static int set_up_server(WOLFSSL *ssl, struct adapter_session *session) {
    const struct wolfssl_context *context = context_of(session);

    return wolfSSL_DTLS_SetCookieSecret(ssl, context->cookie_secret, sizeof context->cookie_secret) == 0 &&
           wolfDTLS_SetChGoodCb(ssl, wolfssl_on_good_hello, session) == WOLFSSL_SUCCESS;
}

static int set_up(WOLFSSL *ssl, struct adapter_session *session) {
    const struct wolfssl_context *context = context_of(session);

    wolfSSL_SetIOReadCtx(ssl, session);
    wolfSSL_SetIOWriteCtx(ssl, session);
    wolfSSL_dtls_set_using_nonblock(ssl, 1);
    wolfSSL_KeepArrays(ssl); /* for the key log */
    if (context->schemes != NULL && wolfSSL_set1_sigalgs_list(ssl, context->schemes) != WOLFSSL_SUCCESS)
        return 0;
    if (!wolfssl_set_features(ssl, context))
        return 0;
    return session->endpoint->role == DTLSLAB_CLIENT ? set_up_client(ssl, context)
                                                     : set_up_server(ssl, session);
}

int32_t wolfssl_open(struct adapter_session *session) {
    struct wolfssl_tls *tls = calloc(1, sizeof *tls);

    if (tls == NULL || (tls->ssl = wolfSSL_new(context_of(session)->ctx)) == NULL) {
        free(tls);
        return DTLSLAB_FAILED;
    }
    session->tls = tls;
    tls->deadline = DTLSLAB_NO_DEADLINE;
    wolfSSL_get_alert_history(tls->ssl, &tls->alerts);
    return set_up(tls->ssl, session) ? DTLSLAB_OK : DTLSLAB_FAILED;
}

void wolfssl_free_tls(struct adapter_session *session) {
    wolfSSL_free(ssl_of(session));
    free(session->tls);
}

static int is_new(const WOLFSSL_ALERT *alert, const WOLFSSL_ALERT *told) {
    return alert->code >= 0 && (alert->code != told->code || alert->level != told->level);
}

/* The library keeps the last alert of each direction; what it has not been told of before is new. */
static void report_alerts(struct adapter_session *session) {
    struct wolfssl_tls *tls = session->tls;
    WOLFSSL_ALERT_HISTORY now;

    if (wolfSSL_get_alert_history(tls->ssl, &now) != WOLFSSL_SUCCESS)
        return;
    if (is_new(&now.last_rx, &tls->alerts.last_rx))
        adapter_alert_received(session, now.last_rx.level, now.last_rx.code);
    if (is_new(&now.last_tx, &tls->alerts.last_tx))
        adapter_alert_sent(session, now.last_tx.level, now.last_tx.code);
    tls->alerts = now;
}

static void fail(struct adapter_session *session, int error) {
    char text[WOLFSSL_MAX_ERROR_SZ];

    report_alerts(session);
    wolfSSL_ERR_error_string_n((unsigned long)error, text, sizeof text);
    adapter_failed(session, text);
}

static int is_waiting(int error) {
    return error == WOLFSSL_ERROR_WANT_READ || error == WOLFSSL_ERROR_WANT_WRITE;
}

/* What was sent is a flight, or the end of one, and its timer begins anew. */
static void set_timer(struct adapter_session *session, uint64_t num_sent_before) {
    struct wolfssl_tls *tls = session->tls;

    if (session->state != ADAPTER_HANDSHAKING) {
        tls->deadline = DTLSLAB_NO_DEADLINE;
    } else if (session->num_sent != num_sent_before) {
        const uint64_t units = (uint64_t)wolfSSL_dtls_get_current_timeout(tls->ssl);

        tls->deadline = session->endpoint->now + units * context_of(session)->timeout_unit_ns;
    }
}

/* The library looks at the ClientHello, and nothing that it would send but a HelloVerifyRequest is. It stops
 * when the cookie is good. A ClientHello to which it would answer with an alert is shown to it once more, in
 * a session that can speak of it. */
int wolfssl_listen(struct adapter_session *session) {
    struct wolfssl_tls *tls = session->tls;
    const uint8_t *inbox = session->inbox;

    wolfSSL_dtls_set_peer(tls->ssl, &session->path, sizeof session->path);
    tls->hello_is_good = 0;
    tls->alert_is_due = 0;
    tls->probing = 1;
    const int result = wolfSSL_accept(tls->ssl);
    const int error = wolfSSL_get_error(tls->ssl, result);
    tls->probing = 0;
    if (tls->hello_is_good || is_waiting(error))
        return tls->hello_is_good;
    const int alert_is_due = tls->alert_is_due;
    wolfssl_free_tls(session);
    session->tls = NULL;
    if (wolfssl_open(session) != DTLSLAB_OK) {
        session->state = ADAPTER_FAILED;
        return 0;
    }
    wolfSSL_dtls_set_peer(ssl_of(session), &session->path, sizeof session->path);
    session->inbox = inbox;
    return alert_is_due;
}

static size_t append_hex(char *out, size_t len, const unsigned char *bytes, size_t num) {
    for (size_t i = 0; i < num; i++)
        len += (size_t)sprintf(out + len, "%02x", bytes[i]);
    return len;
}

/* This build of the library has no call-back for secrets; they can be read once the handshake is over. */
static void report_keys(struct adapter_session *session) {
    unsigned char *master = NULL;
    unsigned char *server_random = NULL;
    unsigned char *client_random = NULL;
    unsigned master_len = 0;
    unsigned server_random_len = 0;
    unsigned client_random_len = 0;
    char line[DTLSLAB_MAX_KEYLOG_LINE] = "CLIENT_RANDOM ";

    if (wolfSSL_get_keys(ssl_of(session), &master, &master_len, &server_random, &server_random_len,
                         &client_random, &client_random_len) != WOLFSSL_SUCCESS) {
        return;
    }
    size_t len = append_hex(line, strlen(line), client_random, client_random_len);
    line[len++] = ' ';
    append_hex(line, len, master, master_len);
    adapter_put_keylog(session, line);
}

static void keep_session(struct adapter_session *session) {
    struct wolfssl_context *context = context_of(session);

    if (context->resume) {
        wolfSSL_SESSION_free(context->last_session);
        context->last_session = wolfSSL_get1_session(ssl_of(session));
    }
}

static void report_connected(struct adapter_session *session) {
    WOLFSSL *ssl = ssl_of(session);
    const int resumed = wolfSSL_session_reused(ssl);

    report_keys(session);
    keep_session(session);
    adapter_connected(session, (uint16_t)wolfSSL_version(ssl),
                      (uint16_t)wolfSSL_get_current_cipher_suite(ssl), resumed ? 0 : wolfssl_group_code(ssl),
                      resumed);
}

static void shake_hands(struct adapter_session *session) {
    struct wolfssl_tls *tls = session->tls;
    const int is_client = session->endpoint->role == DTLSLAB_CLIENT;
    int result = 0;
    int error = WOLFSSL_ERROR_WANT_READ;

    for (int i = 0; i < MAX_CALLS && result != WOLFSSL_SUCCESS && !tls->starved && is_waiting(error); i++) {
        result = is_client ? wolfSSL_connect(tls->ssl) : wolfSSL_accept(tls->ssl);
        error = wolfSSL_get_error(tls->ssl, result);
    }
    if (result == WOLFSSL_SUCCESS)
        report_connected(session);
    else if (!is_waiting(error))
        fail(session, error);
}

static void on_end(struct adapter_session *session, int error) {
    if (session->state != ADAPTER_CONNECTED)
        return;
    if (error == WOLFSSL_ERROR_ZERO_RETURN) {
        report_alerts(session);
        wolfssl_close(session); /* RFC 5246 section 7.2.1: answer with a close_notify */
        adapter_closed(session);
    } else {
        fail(session, error);
    }
}

static void read_data(struct adapter_session *session) {
    struct wolfssl_tls *tls = session->tls;
    unsigned char data[ADAPTER_MAX_RECORD_DATA];
    int len = 1;
    int error = WOLFSSL_ERROR_WANT_READ;

    tls->starved = 0;
    for (int i = 0; i < MAX_CALLS && (len > 0 || (!tls->starved && is_waiting(error))); i++) {
        len = wolfSSL_read(tls->ssl, data, sizeof data);
        error = wolfSSL_get_error(tls->ssl, len);
        if (len > 0)
            adapter_put_data(session, data, (size_t)len);
    }
    if (len <= 0 && !is_waiting(error))
        on_end(session, error);
}

void wolfssl_advance(struct adapter_session *session) {
    struct wolfssl_tls *tls = session->tls;
    const uint64_t num_sent_before = session->num_sent;

    tls->starved = 0;
    if (session->state == ADAPTER_HANDSHAKING)
        shake_hands(session);
    if (session->state == ADAPTER_CONNECTED || session->state == ADAPTER_CLOSED)
        read_data(session);
    report_alerts(session);
    set_timer(session, num_sent_before);
}

void wolfssl_expire(struct adapter_session *session) {
    struct wolfssl_tls *tls = session->tls;
    const int result = wolfSSL_dtls_got_timeout(tls->ssl);

    if (result == WOLFSSL_SUCCESS) {
        adapter_repeated(session);
        set_timer(session, UINT64_MAX);
    } else {
        fail(session, wolfSSL_get_error(tls->ssl, result));
    }
}

uint64_t wolfssl_time_left(const struct adapter_session *session) {
    const struct wolfssl_tls *tls = session->tls;
    const uint64_t now = session->endpoint->now;

    if (tls == NULL || tls->deadline == DTLSLAB_NO_DEADLINE)
        return DTLSLAB_NO_DEADLINE;
    return tls->deadline > now ? tls->deadline - now : 0;
}

int32_t wolfssl_send(struct adapter_session *session, const uint8_t *data, uint32_t len) {
    WOLFSSL *ssl = ssl_of(session);
    const int result = wolfSSL_write(ssl, data, (int)len);

    if (result > 0 || len == 0)
        return DTLSLAB_OK;
    const int error = wolfSSL_get_error(ssl, result);
    if (error == DTLS_SIZE_ERROR)
        return DTLSLAB_INVALID;
    if (is_waiting(error))
        return DTLSLAB_WOULD_BLOCK;
    fail(session, error);
    return DTLSLAB_FAILED;
}

void wolfssl_close(struct adapter_session *session) {
    (void)wolfSSL_shutdown(ssl_of(session));
    report_alerts(session);
}
