/* SPDX-License-Identifier: MIT
 *
 * The GnuTLS adapter (3.6.13 and later): the parts and what they share.
 */
#ifndef GNUTLS_ADAPTER_H
#define GNUTLS_ADAPTER_H

#include <gnutls/dtls.h>
#include <gnutls/gnutls.h>

#include "adapter.h"

/* What every session of an endpoint uses. */
struct gnutls_context {
    gnutls_priority_t priorities;
    gnutls_certificate_credentials_t certificate;
    gnutls_psk_client_credentials_t psk_client; /* NULL: no pre-shared key */
    gnutls_psk_server_credentials_t psk_server;
    gnutls_datum_t psk_identity;
    gnutls_datum_t psk_key;
    gnutls_datum_t cookie_key;   /* server; empty: no cookies */
    gnutls_datum_t ticket_key;   /* server; empty: no tickets */
    gnutls_datum_t last_session; /* client with `resume`: what the next session offers */
    int resume;
    int verify;
    gnutls_certificate_request_t client_auth;
    unsigned init_flags;
    uint32_t mtu;
    unsigned first_timeout_ms; /* 0: the library's */
    char *server_name;         /* NULL: none */
};

/* config.c */
int32_t gnutls_adapter_configure(struct dtlslab_endpoint *endpoint, const struct dtlslab_config *config,
                                 char *message);
void gnutls_adapter_free_context(void *context);

/* codes.c: IANA code points and GnuTLS's names. */
uint16_t gnutls_adapter_suite_code(gnutls_session_t tls);
uint16_t gnutls_adapter_group_code(gnutls_group_t group);
const char *gnutls_adapter_group_name(uint16_t code);
const char *gnutls_adapter_scheme_name(uint16_t code);
void gnutls_adapter_add_codes(struct adapter_words *words);

/* What makes up a cipher suite in a priority string. */
struct gnutls_adapter_suite {
    gnutls_kx_algorithm_t kx;
    gnutls_cipher_algorithm_t cipher;
    gnutls_mac_algorithm_t mac;
};

/* 0 when there is no such suite. */
int gnutls_adapter_find_suite(uint16_t code, struct gnutls_adapter_suite *out_suite);

/* priority.c: the priorities that the configuration asks for. Answers as `create` does. */
int32_t gnutls_adapter_make_priorities(const struct dtlslab_config *config, gnutls_priority_t *out_priorities,
                                       char *message);

/* The code of the `index`-th suite that `priorities` enable for DTLS 1.2; 0 past the last. */
uint16_t gnutls_adapter_enabled_suite(gnutls_priority_t priorities, unsigned index);

/* session.c */
int32_t gnutls_adapter_open(struct adapter_session *session);
void gnutls_adapter_free_tls(struct adapter_session *session);
int gnutls_adapter_listen(struct adapter_session *session);
void gnutls_adapter_advance(struct adapter_session *session);
void gnutls_adapter_expire(struct adapter_session *session);
uint64_t gnutls_adapter_time_left(const struct adapter_session *session);
int32_t gnutls_adapter_send(struct adapter_session *session, const uint8_t *data, uint32_t len);
void gnutls_adapter_close(struct adapter_session *session);

#endif
