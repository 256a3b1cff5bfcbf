/* SPDX-License-Identifier: MIT
 *
 * What wolfSSL calls out for: datagrams, pre-shared keys, ClientHellos.
 */
#include <string.h>

#include "wolfssl_adapter.h"

#define RECORD_HEADER_LEN 13
#define HANDSHAKE         22
#define HELLO_VERIFY      3

static struct adapter_session *session_of(WOLFSSL *ssl) {
    return wolfSSL_GetIOReadCtx(ssl);
}

static int is_hello_verify(const char *bytes, int len) {
    return len > RECORD_HEADER_LEN && bytes[0] == HANDSHAKE && bytes[RECORD_HEADER_LEN] == HELLO_VERIFY;
}

static int on_send(WOLFSSL *ssl, char *bytes, int len, void *user) {
    struct adapter_session *session = user;
    struct wolfssl_tls *tls = session->tls;

    (void)ssl;
    if (!tls->probing || is_hello_verify(bytes, len))
        adapter_put_datagram(session, bytes, (size_t)len);
    else
        tls->alert_is_due = 1;
    return len;
}

static int on_receive(WOLFSSL *ssl, char *out, int out_cap, void *user) {
    struct adapter_session *session = user;
    struct wolfssl_tls *tls = session->tls;
    const size_t len = adapter_take_datagram(session, out, (size_t)out_cap);

    (void)ssl;
    tls->starved = len == 0;
    return len > 0 ? (int)len : WOLFSSL_CBIO_ERR_WANT_READ;
}

void wolfssl_set_callbacks(WOLFSSL_CTX *ctx) {
    wolfSSL_CTX_SetIOSend(ctx, on_send);
    wolfSSL_CTX_SetIORecv(ctx, on_receive);
}

static unsigned copy_key(const struct wolfssl_context *context, unsigned char *out, unsigned out_cap) {
    if (context->psk_key_len > out_cap)
        return 0;
    memcpy(out, context->psk_key, context->psk_key_len);
    return context->psk_key_len;
}

static unsigned client_psk(WOLFSSL *ssl, const char *hint, char *identity, unsigned identity_cap,
                           unsigned char *key, unsigned key_cap) {
    const struct wolfssl_context *context = session_of(ssl)->endpoint->context;
    const size_t len = strlen(context->psk_identity);

    (void)hint;
    if (len >= identity_cap)
        return 0;
    memcpy(identity, context->psk_identity, len + 1);
    return copy_key(context, key, key_cap);
}

static unsigned server_psk(WOLFSSL *ssl, const char *identity, unsigned char *key, unsigned key_cap) {
    const struct wolfssl_context *context = session_of(ssl)->endpoint->context;

    return strcmp(identity, context->psk_identity) == 0 ? copy_key(context, key, key_cap) : 0;
}

void wolfssl_set_psk_callbacks(WOLFSSL_CTX *ctx) {
    wolfSSL_CTX_set_psk_client_callback(ctx, client_psk);
    wolfSSL_CTX_set_psk_server_callback(ctx, server_psk);
}

/* A server of DTLS 1.2 cannot be told groups; it takes what the client prefers. Here a group that was not
 * configured ends the handshake. */
static int group_is_wanted(WOLFSSL *ssl, const struct wolfssl_context *context) {
    const uint16_t group = wolfssl_group_code(ssl);
    uint32_t i = 0;

    while (i < context->num_groups && context->groups[i] != group)
        i++;
    return group == 0 || context->num_groups == 0 || i < context->num_groups;
}

int wolfssl_on_good_hello(WOLFSSL *ssl, void *user) {
    struct adapter_session *session = user;
    struct wolfssl_tls *tls = session->tls;

    tls->hello_is_good = 1;
    if (tls->probing)
        return WOLFSSL_FATAL_ERROR;
    return group_is_wanted(ssl, session->endpoint->context) ? 0 : ECC_CURVE_ERROR;
}
