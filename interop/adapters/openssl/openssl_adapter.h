/* SPDX-License-Identifier: MIT
 *
 * The OpenSSL adapter (3.0 and later): the parts and what they share.
 */
#ifndef OPENSSL_ADAPTER_H
#define OPENSSL_ADAPTER_H

#include <openssl/ssl.h>

#include "adapter.h"

/* What every session of an endpoint uses. */
struct openssl_context {
    SSL_CTX *ssl_ctx;
    uint32_t mtu;
    uint64_t initial_timeout_ns;
    int use_cookies;
    int verify;
    int resume; /* client: keeps the last ticket and offers it in the next session */
    SSL_SESSION *last_session;
    char *server_name;           /* NULL: none */
    unsigned char *psk_identity; /* NUL-terminated: the callbacks of OpenSSL deal in strings */
    size_t psk_identity_len;
    unsigned char psk_key[PSK_MAX_PSK_LEN];
    size_t psk_key_len;
    unsigned char cookie_key[32];
    unsigned char *protocols; /* as in the extension; NULL: none */
    unsigned protocols_len;
    unsigned char *ocsp_response; /* server; NULL: none */
    size_t ocsp_response_len;
    char *exporter_label; /* NULL: nothing is exported */
};

/* config.c */
int32_t openssl_configure(struct dtlslab_endpoint *endpoint, const struct dtlslab_config *config,
                          char *message);
void openssl_free_context(void *context);

/* callbacks.c */
void openssl_set_callbacks(SSL_CTX *ssl_ctx);

/* psk.c: installs what was configured. DTLSLAB_OK or a refusal. */
int32_t openssl_use_psk(struct openssl_context *context, const struct dtlslab_config *config, char *message);

/* features.c */
int32_t openssl_use_features(struct openssl_context *context, const struct dtlslab_config *config,
                             char *message);
void openssl_add_srtp_profiles(struct adapter_words *words);
void openssl_describe(const struct adapter_session *session, struct dtlslab_session_info *out);

/* codes.c: what this build knows, and IANA code points in OpenSSL's words. */
void openssl_add_suites(struct adapter_words *words);
void openssl_add_groups(struct adapter_words *words);
void openssl_add_schemes(struct adapter_words *words);
int openssl_set_suites(SSL_CTX *ssl_ctx, const struct dtlslab_codes *codes);
int openssl_set_groups(SSL_CTX *ssl_ctx, const struct dtlslab_codes *codes);
int openssl_set_schemes(SSL_CTX *ssl_ctx, const struct dtlslab_codes *codes);
uint16_t openssl_group_code(int nid);

/* What OpenSSL would learn from a socket on Ethernet: 1500 bytes less the headers of IPv4 and UDP. */
#define OPENSSL_ETHERNET_MTU 1472
/* What OpenSSL's own BIO answers when repeated timeouts suggest a smaller one: IPv4's 576 bytes less those.
 */
#define OPENSSL_FALLBACK_MTU 548

/* bio.c: a BIO whose datagrams are the session's inbox and the endpoint's queue. NULL when out of memory. */
BIO *openssl_new_bio(struct adapter_session *session);

/* session.c */
int32_t openssl_open(struct adapter_session *session);
void openssl_free_tls(struct adapter_session *session);
int openssl_listen(struct adapter_session *session);
void openssl_advance(struct adapter_session *session);
void openssl_expire(struct adapter_session *session);
uint64_t openssl_time_left(const struct adapter_session *session);
int32_t openssl_send(struct adapter_session *session, const uint8_t *data, uint32_t len);
void openssl_close(struct adapter_session *session);

/* The session that `ssl` belongs to. */
struct adapter_session *openssl_session(const SSL *ssl);

/* Describes the oldest error of the thread's queue, and empties it. */
const char *openssl_error_text(char *out, size_t out_cap);

#endif
