/* SPDX-License-Identifier: MIT
 *
 * One DTLS session of GnuTLS: handshake, timer, data, close.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gnutls_adapter.h"

#define NS_PER_MS        1000000u
#define TOTAL_TIMEOUT_MS 60000u /* GnuTLS's own default */
#define CLOSE_NOTIFY     0

/* More calls than one datagram can have records; a library that asks for more is not waiting for anything. */
#define MAX_CALLS 8192

static struct gnutls_context *context_of(const struct adapter_session *session) {
    return session->endpoint->context;
}

static gnutls_session_t tls_of(const struct adapter_session *session) {
    return ((struct gnutls_tls *)session->tls)->session;
}

static ssize_t push(gnutls_transport_ptr_t user, const void *bytes, size_t len) {
    adapter_put_datagram(user, bytes, len);
    return (ssize_t)len;
}

static ssize_t pull(gnutls_transport_ptr_t user, void *out, size_t out_cap) {
    struct adapter_session *session = user;
    struct gnutls_tls *tls = session->tls;
    const size_t len = adapter_take_datagram(session, out, out_cap);

    if (len == 0) {
        tls->starved = 1;
        gnutls_transport_set_errno(tls->session, EAGAIN);
        return -1;
    }
    return (ssize_t)len;
}

static int pull_timeout(gnutls_transport_ptr_t user, unsigned ms) {
    const struct adapter_session *session = user;
    struct gnutls_tls *tls = session->tls;

    (void)ms;
    tls->starved |= session->inbox == NULL;
    return session->inbox != NULL;
}

static int on_keylog(gnutls_session_t tls, const char *label, const gnutls_datum_t *secret) {
    gnutls_datum_t random = {NULL, 0};
    char random_hex[2 * 32 + 1];
    char secret_hex[2 * 64 + 1];
    size_t random_hex_len = sizeof random_hex;
    size_t secret_hex_len = sizeof secret_hex;
    char line[DTLSLAB_MAX_KEYLOG_LINE];

    gnutls_session_get_random(tls, &random, NULL);
    if (gnutls_hex_encode(&random, random_hex, &random_hex_len) == GNUTLS_E_SUCCESS &&
        gnutls_hex_encode(secret, secret_hex, &secret_hex_len) == GNUTLS_E_SUCCESS) {
        snprintf(line, sizeof line, "%s %s %s", label, random_hex, secret_hex);
        adapter_put_keylog(gnutls_session_get_ptr(tls), line);
    }
    return 0;
}

/* GnuTLS's own check would refuse a client that has no certificate where one is requested and not required.
 */
static int verify_peer(gnutls_session_t session) {
    const struct adapter_session *own = gnutls_session_get_ptr(session);
    struct gnutls_tls *tls = own->tls;
    unsigned num_certificates = 0;

    if (gnutls_certificate_get_peers(session, &num_certificates) == NULL)
        return 0;
    if (context_of(own)->raw_public_keys) {
        return gnutls_adapter_knows_key(session, context_of(own)) ? 0
                                                                  : GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR;
    }
    const int result =
        gnutls_certificate_verify_peers3(session, context_of(own)->server_name, &tls->verify_status);
    return result == GNUTLS_E_SUCCESS && tls->verify_status == 0 ? 0
                                                                 : GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR;
}

static int set_credentials(gnutls_session_t tls, const struct gnutls_context *context) {
    int result = gnutls_credentials_set(tls, GNUTLS_CRD_CERTIFICATE, context->certificate);

    if (result == GNUTLS_E_SUCCESS && context->psk_client != NULL)
        result = gnutls_credentials_set(tls, GNUTLS_CRD_PSK, context->psk_client);
    if (result == GNUTLS_E_SUCCESS && context->psk_server != NULL)
        result = gnutls_credentials_set(tls, GNUTLS_CRD_PSK, context->psk_server);
    return result;
}

static int set_up_role(gnutls_session_t tls, const struct gnutls_context *context) {
    int result = GNUTLS_E_SUCCESS;

    if (context->server_name != NULL) {
        result =
            gnutls_server_name_set(tls, GNUTLS_NAME_DNS, context->server_name, strlen(context->server_name));
    }
    if (result == GNUTLS_E_SUCCESS && context->last_session.size > 0)
        result = gnutls_session_set_data(tls, context->last_session.data, context->last_session.size);
    if (result == GNUTLS_E_SUCCESS && context->ticket_key.size > 0)
        result = gnutls_session_ticket_enable_server(tls, &context->ticket_key);
    if ((context->init_flags & GNUTLS_SERVER) != 0)
        gnutls_certificate_server_set_request(tls, context->client_auth);
    if (context->verify || context->raw_public_keys)
        gnutls_session_set_verify_function(tls, verify_peer);
    return result;
}

static int set_up(gnutls_session_t tls, struct adapter_session *session) {
    struct gnutls_context *context = context_of(session);
    int result = gnutls_priority_set(tls, context->priorities);

    gnutls_session_set_ptr(tls, session);
    gnutls_transport_set_ptr(tls, session);
    gnutls_transport_set_push_function(tls, push);
    gnutls_transport_set_pull_function(tls, pull);
    gnutls_transport_set_pull_timeout_function(tls, pull_timeout);
    gnutls_session_set_keylog_function(tls, on_keylog);
    if (context->mtu != 0)
        gnutls_dtls_set_mtu(tls, context->mtu);
    if (context->first_timeout_ms != 0)
        gnutls_dtls_set_timeouts(tls, context->first_timeout_ms, TOTAL_TIMEOUT_MS);
    result = result == GNUTLS_E_SUCCESS ? set_credentials(tls, context) : result;
    result = result == GNUTLS_E_SUCCESS ? gnutls_adapter_set_features(tls, context) : result;
    return result == GNUTLS_E_SUCCESS ? set_up_role(tls, context) : result;
}

int32_t gnutls_adapter_open(struct adapter_session *session) {
    struct gnutls_tls *tls = calloc(1, sizeof *tls);

    if (tls == NULL || gnutls_init(&tls->session, context_of(session)->init_flags) != GNUTLS_E_SUCCESS) {
        free(tls);
        return DTLSLAB_FAILED;
    }
    session->tls = tls;
    return set_up(tls->session, session) == GNUTLS_E_SUCCESS ? DTLSLAB_OK : DTLSLAB_FAILED;
}

void gnutls_adapter_free_tls(struct adapter_session *session) {
    gnutls_deinit(tls_of(session));
    free(session->tls);
}

int gnutls_adapter_listen(struct adapter_session *session) {
    gnutls_datum_t *key = &context_of(session)->cookie_key;
    gnutls_dtls_prestate_st prestate = {0};

    if (key->size == 0)
        return 1;
    const int result = gnutls_dtls_cookie_verify(key, &session->path, sizeof session->path,
                                                 (void *)session->inbox, session->inbox_len, &prestate);
    if (result == GNUTLS_E_SUCCESS) {
        gnutls_dtls_prestate_set(tls_of(session), &prestate);
        return 1;
    }
    if (result == GNUTLS_E_BAD_COOKIE)
        gnutls_dtls_cookie_send(key, &session->path, sizeof session->path, &prestate, session, push);
    return 0;
}

static void report_received_alert(struct adapter_session *session, int result) {
    if (result == GNUTLS_E_WARNING_ALERT_RECEIVED || result == GNUTLS_E_FATAL_ALERT_RECEIVED) {
        adapter_alert_received(session,
                               result == GNUTLS_E_FATAL_ALERT_RECEIVED ? GNUTLS_AL_FATAL : GNUTLS_AL_WARNING,
                               (int)gnutls_alert_get(tls_of(session)));
    }
}

static void send_alert(struct adapter_session *session, int level, int description) {
    if (gnutls_alert_send(tls_of(session), (gnutls_alert_level_t)level,
                          (gnutls_alert_description_t)description) == GNUTLS_E_SUCCESS) {
        adapter_alert_sent(session, level, description);
    }
}

/* GnuTLS leaves the alert to the application. */
static void fail(struct adapter_session *session, int error) {
    const struct gnutls_tls *tls = session->tls;
    gnutls_datum_t text = {NULL, 0};
    int level = 0;

    if (error != GNUTLS_E_FATAL_ALERT_RECEIVED && error != GNUTLS_E_TIMEDOUT &&
        error != GNUTLS_E_PREMATURE_TERMINATION) {
        const int description = gnutls_error_to_alert(error, &level);

        if (description >= 0)
            send_alert(session, level, description);
    }
    if (error == GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR &&
        gnutls_certificate_verification_status_print(tls->verify_status, GNUTLS_CRT_X509, &text, 0) ==
            GNUTLS_E_SUCCESS) {
        adapter_failed(session, (const char *)text.data);
        gnutls_free(text.data);
        return;
    }
    adapter_failed(session, gnutls_strerror(error));
}

static void keep_ticket(struct adapter_session *session) {
    struct gnutls_context *context = context_of(session);
    gnutls_datum_t data = {NULL, 0};

    if (context->resume && gnutls_session_get_data2(tls_of(session), &data) == GNUTLS_E_SUCCESS) {
        gnutls_free(context->last_session.data);
        context->last_session = data;
    }
}

static void report_connected(struct adapter_session *session) {
    gnutls_session_t tls = tls_of(session);
    const int resumed = gnutls_session_is_resumed(tls);
    const uint16_t version = gnutls_protocol_get_version(tls) == GNUTLS_DTLS1_2 ? 0xfefd : 0xfeff;
    const uint16_t group = resumed ? 0 : gnutls_adapter_group_code(gnutls_group_get(tls));

    keep_ticket(session);
    adapter_connected(session, version, gnutls_adapter_suite_code(tls), group, resumed);
}

/* A call may take one record of a datagram and then ask to be called again. */
static int wants_another_call(const struct adapter_session *session, int result) {
    const struct gnutls_tls *tls = session->tls;

    if (result == GNUTLS_E_AGAIN || result == GNUTLS_E_INTERRUPTED)
        return !tls->starved;
    return result < 0 && !gnutls_error_is_fatal(result);
}

static void shake_hands(struct adapter_session *session) {
    struct gnutls_tls *tls = session->tls;
    int result = GNUTLS_E_AGAIN;

    for (int i = 0; i < MAX_CALLS && wants_another_call(session, result); i++) {
        tls->starved = 0;
        result = gnutls_handshake(tls->session);
        report_received_alert(session, result);
    }
    if (result == GNUTLS_E_SUCCESS)
        report_connected(session);
    else if (gnutls_error_is_fatal(result))
        fail(session, result);
}

/* RFC 5246 section 7.2.1: a close_notify is answered with one. */
static void on_end(struct adapter_session *session) {
    adapter_alert_received(session, GNUTLS_AL_WARNING, CLOSE_NOTIFY);
    if (session->state == ADAPTER_CONNECTED) {
        gnutls_adapter_close(session);
        adapter_closed(session);
    }
}

static void read_data(struct adapter_session *session) {
    struct gnutls_tls *tls = session->tls;
    unsigned char data[ADAPTER_MAX_RECORD_DATA];
    ssize_t result = GNUTLS_E_AGAIN;

    tls->starved = 0;
    for (int i = 0; i < MAX_CALLS && (result > 0 || wants_another_call(session, (int)result)); i++) {
        result = gnutls_record_recv(tls->session, data, sizeof data);
        report_received_alert(session, (int)result);
        if (result > 0)
            adapter_put_data(session, data, (size_t)result);
        else if (result == GNUTLS_E_REHANDSHAKE)
            send_alert(session, GNUTLS_AL_WARNING, GNUTLS_A_NO_RENEGOTIATION);
    }
    if (result == 0)
        on_end(session);
    else if (result < 0 && gnutls_error_is_fatal((int)result) && session->state == ADAPTER_CONNECTED)
        fail(session, (int)result);
}

void gnutls_adapter_advance(struct adapter_session *session) {
    struct gnutls_tls *tls = session->tls;

    tls->starved = 0;
    if (session->state == ADAPTER_HANDSHAKING)
        shake_hands(session);
    if (session->state == ADAPTER_CONNECTED || session->state == ADAPTER_CLOSED)
        read_data(session);
}

void gnutls_adapter_expire(struct adapter_session *session) {
    const uint64_t num_sent_before = session->num_sent;

    gnutls_adapter_advance(session);
    if (session->num_sent > num_sent_before && session->state != ADAPTER_FAILED)
        adapter_repeated(session);
}

/* Before the first flight, and after the handshake, the number that GnuTLS gives means nothing. */
uint64_t gnutls_adapter_time_left(const struct adapter_session *session) {
    if (session->tls == NULL || session->state != ADAPTER_HANDSHAKING || session->num_sent == 0)
        return DTLSLAB_NO_DEADLINE;
    return (uint64_t)gnutls_dtls_get_timeout(tls_of(session)) * NS_PER_MS;
}

int32_t gnutls_adapter_send(struct adapter_session *session, const uint8_t *data, uint32_t len) {
    const ssize_t result = gnutls_record_send(tls_of(session), data, len);

    if (result >= 0)
        return DTLSLAB_OK;
    if (result == GNUTLS_E_LARGE_PACKET)
        return DTLSLAB_INVALID;
    if (!gnutls_error_is_fatal((int)result))
        return DTLSLAB_WOULD_BLOCK;
    fail(session, (int)result);
    return DTLSLAB_FAILED;
}

void gnutls_adapter_close(struct adapter_session *session) {
    if (gnutls_bye(tls_of(session), GNUTLS_SHUT_WR) == GNUTLS_E_SUCCESS)
        adapter_alert_sent(session, GNUTLS_AL_WARNING, CLOSE_NOTIFY);
}
