/* SPDX-License-Identifier: MIT
 *
 * What Mbed TLS calls out for: randomness, cookies, keys; and its alerts, for
 * which it does not call out.
 */
#include <mbedtls/ssl_internal.h>
#include <stdio.h>

#include "mbedtls_adapter.h"
#include "relocation.h"

#define MASTER_LEN 48u
#define ALERT_LEN  2u

int mbedtls_adapter_random(void *user, unsigned char *out, size_t len) {
    (void)user;
    adapter_random(out, len);
    return 0;
}

int mbedtls_adapter_write_cookie(void *user, unsigned char **position, unsigned char *end,
                                 const unsigned char *client, size_t client_len) {
    struct mbedtls_context *context = user;

    return mbedtls_ssl_cookie_write(&context->cookies, position, end, client, client_len);
}

int mbedtls_adapter_check_cookie(void *user, const unsigned char *cookie, size_t cookie_len,
                                 const unsigned char *client, size_t client_len) {
    struct mbedtls_context *context = user;
    const int result = mbedtls_ssl_cookie_check(&context->cookies, cookie, cookie_len, client, client_len);

    context->cookie_was_good = result == 0;
    return result;
}

static size_t append_hex(char *out, size_t len, const unsigned char *bytes, size_t num) {
    for (size_t i = 0; i < num; i++)
        len += (size_t)sprintf(out + len, "%02x", bytes[i]);
    return len;
}

static mbedtls_ecp_group_id ephemeral_group(const mbedtls_ssl_handshake_params *handshake) {
#if defined(MBEDTLS_ECDH_LEGACY_CONTEXT)
    return handshake->ecdh_ctx.grp.id;
#else
    return handshake->ecdh_ctx.grp_id;
#endif
}

/* The one time at which the library's handshake state, group and resumption included, is complete and still
 * there. */
int mbedtls_adapter_export_keys(void *user, const unsigned char *master, const unsigned char *key_block,
                                size_t mac_len, size_t key_len, size_t iv_len,
                                const unsigned char client_random[32], const unsigned char server_random[32],
                                mbedtls_tls_prf_types prf) {
    const struct mbedtls_context *context = user;
    struct mbedtls_tls *tls = context->current->tls;
    char line[DTLSLAB_MAX_KEYLOG_LINE] = "CLIENT_RANDOM ";
    size_t len = 14;

    (void)key_block, (void)mac_len, (void)key_len, (void)iv_len;
    tls->resumed = tls->ssl.handshake->resume != 0;
    tls->extended_master_secret = tls->ssl.handshake->extended_ms == MBEDTLS_SSL_EXTENDED_MS_ENABLED;
    if (context->exporter_label != NULL) {
        mbedtls_adapter_export(tls, context->exporter_label, master, MASTER_LEN, client_random, server_random,
                               prf);
    }
    tls->group = tls->resumed ? 0 : mbedtls_adapter_group_code(ephemeral_group(tls->ssl.handshake));
    len = append_hex(line, len, client_random, MBEDTLS_ADAPTER_RANDOM_LEN);
    line[len++] = ' ';
    append_hex(line, len, master, MASTER_LEN);
    adapter_put_keylog(context->current, line);
    return 0;
}

static int send_alert(mbedtls_ssl_context *ssl, unsigned char level, unsigned char description) {
    const int result = mbedtls_ssl_send_alert_message(ssl, level, description);

    if (result == 0)
        adapter_alert_sent(ssl->p_bio, level, description);
    return result;
}

static int handle_message_type(mbedtls_ssl_context *ssl) {
    if (ssl->in_msgtype == MBEDTLS_SSL_MSG_ALERT && ssl->in_msglen == ALERT_LEN)
        adapter_alert_received(ssl->p_bio, ssl->in_msg[0], ssl->in_msg[1]);
    return mbedtls_ssl_handle_message_type(ssl);
}

/* The library calls its own exported functions through its relocation table, as anybody would. */
int mbedtls_adapter_watch_alerts(void) {
    static const struct dtlslab_redirection table[] = {
        {"mbedtls_ssl_send_alert_message", (dtlslab_function)send_alert},
        {"mbedtls_ssl_handle_message_type", (dtlslab_function)handle_message_type},
    };

    return dtlslab_relocate("libmbedtls.so", NULL, table, sizeof table / sizeof table[0]) > 0;
}
