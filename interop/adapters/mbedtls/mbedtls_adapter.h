/* SPDX-License-Identifier: MIT
 *
 * The Mbed TLS adapter (2.28): the parts and what they share.
 */
#ifndef MBEDTLS_ADAPTER_H
#define MBEDTLS_ADAPTER_H

#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_cache.h>
#include <mbedtls/ssl_cookie.h>
#include <mbedtls/ssl_ticket.h>
#include <mbedtls/x509_crt.h>

#include "adapter.h"

/* What every session of an endpoint uses. */
struct mbedtls_context {
    mbedtls_ssl_config config;
    mbedtls_x509_crt chain;
    mbedtls_x509_crt anchors;
    mbedtls_pk_context key;
    mbedtls_ssl_cookie_ctx cookies;
    mbedtls_ssl_ticket_context tickets;
    mbedtls_ssl_session last_session; /* client with `resume`: what the next session offers */
    int has_last_session;
    int resume;
    int use_cookies;
    int cookie_was_good; /* of the ClientHello that was read last */
    int verify;
    uint16_t mtu;
    char *server_name; /* NULL: none */
    int *suites;       /* ended by 0; NULL: the library's */
    mbedtls_ecp_group_id *groups;
    mbedtls_ssl_cache_context cache; /* server with session ids */
    struct dtlslab_bytes *protocols; /* NULL: none */
    const char **protocol_names;
#if defined(MBEDTLS_SSL_DTLS_SRTP)
    mbedtls_ssl_srtp_profile *srtp_profiles; /* NULL: none */
#endif
    char *exporter_label;            /* NULL: nothing is exported */
    struct adapter_session *current; /* the session that the library is called for: the key export is told
                                        nothing but the configuration */
};

/* One session's own: `session->tls`. */
struct mbedtls_tls {
    mbedtls_ssl_context ssl;
    uint64_t intermediate; /* the library's timer, absolute; `final` is DTLSLAB_NO_DEADLINE while it is off */
    uint64_t final;
    int starved; /* the library has looked for a datagram and there was none */
    int resumed;
    uint16_t group; /* of the ephemeral key exchange; 0: none */
    int extended_master_secret;
    int was_exported;
    unsigned char exported[DTLSLAB_EXPORTED_LEN];
    char server_name[DTLSLAB_MAX_TEXT]; /* that the client asked for; empty: none */
};

/* config.c */
int32_t mbedtls_adapter_configure(struct dtlslab_endpoint *endpoint, const struct dtlslab_config *config,
                                  char *message);
void mbedtls_adapter_free_context(void *context);

/* callbacks.c */

/* Makes the library tell of the alerts that it sends and receives; it has no call-back for them. 0 when its
 * calls of itself cannot be redirected. */
int mbedtls_adapter_watch_alerts(void);

int mbedtls_adapter_random(void *user, unsigned char *out, size_t len);
mbedtls_ssl_cookie_write_t mbedtls_adapter_write_cookie;
mbedtls_ssl_cookie_check_t mbedtls_adapter_check_cookie;
mbedtls_ssl_export_keys_ext_t mbedtls_adapter_export_keys;

/* features.c */
#define MBEDTLS_ADAPTER_RANDOM_LEN 32u

int32_t mbedtls_adapter_use_features(struct mbedtls_context *context, const struct dtlslab_config *config,
                                     char *message);
void mbedtls_adapter_free_features(struct mbedtls_context *context);
void mbedtls_adapter_export(struct mbedtls_tls *tls, const char *label, const unsigned char *master,
                            size_t master_len, const unsigned char *client_random,
                            const unsigned char *server_random, mbedtls_tls_prf_types prf);
void mbedtls_adapter_describe(const struct adapter_session *session, struct dtlslab_session_info *out);

/* codes.c: what this build knows. */
void mbedtls_adapter_add_codes(struct adapter_words *words);
mbedtls_ecp_group_id mbedtls_adapter_group(uint16_t code); /* MBEDTLS_ECP_DP_NONE: unknown */
uint16_t mbedtls_adapter_group_code(mbedtls_ecp_group_id group);

/* session.c */
int32_t mbedtls_adapter_open(struct adapter_session *session);
void mbedtls_adapter_free_tls(struct adapter_session *session);
int mbedtls_adapter_listen(struct adapter_session *session);
int mbedtls_adapter_takes_new_associations(const struct dtlslab_endpoint *endpoint);
void mbedtls_adapter_advance(struct adapter_session *session);
void mbedtls_adapter_expire(struct adapter_session *session);
uint64_t mbedtls_adapter_time_left(const struct adapter_session *session);
int32_t mbedtls_adapter_send(struct adapter_session *session, const uint8_t *data, uint32_t len);
void mbedtls_adapter_close(struct adapter_session *session);

#endif
