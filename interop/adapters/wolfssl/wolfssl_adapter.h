/* SPDX-License-Identifier: MIT
 *
 * The wolfSSL adapter (5.5): the parts and what they share.
 */
#ifndef WOLFSSL_ADAPTER_H
#define WOLFSSL_ADAPTER_H

#include <wolfssl/options.h>

#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/ecc.h>

#include "adapter.h"

/* No group, and no list of groups: any will do. */
#define WOLFSSL_MAX_GROUPS 16u

/* What every session of an endpoint uses. */
struct wolfssl_context {
    WOLFSSL_CTX *ctx;
    uint64_t timeout_unit_ns; /* what the library calls a second */
    int use_cookies;
    int resume; /* client: keeps the last session and offers it in the next one */
    WOLFSSL_SESSION *last_session;
    int verify;
    char *server_name; /* NULL: none */
    char *psk_identity;
    unsigned char psk_key[64];
    unsigned psk_key_len;
    unsigned char cookie_secret[32];
    uint16_t groups[WOLFSSL_MAX_GROUPS];
    uint32_t num_groups;
    char *schemes;        /* NULL: the library's */
    char *protocols;      /* NULL: none */
    char *exporter_label; /* NULL: nothing is exported */
};

/* One session's own: `session->tls`. */
struct wolfssl_tls {
    WOLFSSL *ssl;
    uint64_t deadline;            /* of the flight sent last; the library leaves the timer to its user */
    WOLFSSL_ALERT_HISTORY alerts; /* those already told */
    int starved;                  /* the library has looked for a datagram and there was none */
    int probing;       /* whether a ClientHello would begin a session: nothing but HelloVerifyRequest
                          is sent */
    int alert_is_due;  /* something else would have been sent */
    int hello_is_good; /* the cookie was right */
};

/* config.c */
int32_t wolfssl_configure(struct dtlslab_endpoint *endpoint, const struct dtlslab_config *config,
                          char *message);
void wolfssl_free_context(void *context);

/* callbacks.c */
void wolfssl_set_callbacks(WOLFSSL_CTX *ctx);
void wolfssl_set_psk_callbacks(WOLFSSL_CTX *ctx);

/* Answers below 0 to stop the handshake after the ClientHello. `user` is the session. */
int wolfssl_on_good_hello(WOLFSSL *ssl, void *user);

/* features.c: for a context, for a session, and at the end. */
int32_t wolfssl_use_features(struct wolfssl_context *context, const struct dtlslab_config *config,
                             char *message);
int wolfssl_set_features(WOLFSSL *ssl, const struct wolfssl_context *context);
void wolfssl_free_features(struct wolfssl_context *context);
void wolfssl_describe(const struct adapter_session *session, struct dtlslab_session_info *out);

/* codes.c: what this build knows, and IANA code points in wolfSSL's words. */
void wolfssl_add_codes(struct adapter_words *words);
int wolfssl_set_suites(WOLFSSL_CTX *ctx, const struct dtlslab_codes *codes);
int wolfssl_has_group(uint16_t code);
char *wolfssl_make_scheme_list(const struct dtlslab_codes *codes); /* NULL: unknown, or no memory */
uint16_t wolfssl_group_code(WOLFSSL *ssl);                         /* 0: none in use */

/* session.c */
int32_t wolfssl_open(struct adapter_session *session);
void wolfssl_free_tls(struct adapter_session *session);
int wolfssl_listen(struct adapter_session *session);
void wolfssl_advance(struct adapter_session *session);
void wolfssl_expire(struct adapter_session *session);
uint64_t wolfssl_time_left(const struct adapter_session *session);
int32_t wolfssl_send(struct adapter_session *session, const uint8_t *data, uint32_t len);
void wolfssl_close(struct adapter_session *session);

#endif
