/* SPDX-License-Identifier: MIT
 *
 * The GnuTLS adapter (3.6.13 and later): the parts and what they share.
 */
#ifndef GNUTLS_ADAPTER_H
#define GNUTLS_ADAPTER_H

#include <gnutls/dtls.h>
#include <gnutls/gnutls.h>

#include "adapter.h"

/* Sessions that a server keeps for resumption by their ids, and the most SRTP profiles that the library
 * takes.
 */
#define GNUTLS_CACHE_LEN 8u
#define GNUTLS_MAX_SRTP  4

struct gnutls_cached {
    gnutls_datum_t id;
    gnutls_datum_t state;
};

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

    struct dtlslab_bytes *protocols; /* NULL: none */
    uint32_t num_protocols;
    uint16_t srtp_profiles[GNUTLS_MAX_SRTP];
    uint32_t num_srtp_profiles;
    uint32_t max_fragment_length; /* 0: not asked for */
    uint32_t record_size_limit;   /* 0: the library's */
    int use_cache;
    struct gnutls_cached cache[GNUTLS_CACHE_LEN];
    uint32_t num_cached; /* ever */
    int raw_public_keys;
    gnutls_datum_t peer_key; /* SubjectPublicKeyInfo in DER; empty: any */
    gnutls_datum_t ocsp_response;
    char *exporter_label;
};

/* One session's own: `session->tls`. */
struct gnutls_tls {
    gnutls_session_t session;
    int starved;            /* GnuTLS has looked for a datagram and there was none */
    unsigned verify_status; /* what is wrong with the peer's chain */
};

/* config.c */
int32_t gnutls_adapter_configure(struct dtlslab_endpoint *endpoint, const struct dtlslab_config *config,
                                 char *message);
void gnutls_adapter_free_context(void *context);

/* features.c: for a context, for a session, and at the end. */
int32_t gnutls_adapter_use_features(struct gnutls_context *context, const struct dtlslab_config *config,
                                    char *message);
int gnutls_adapter_set_features(gnutls_session_t tls, struct gnutls_context *context);
void gnutls_adapter_free_features(struct gnutls_context *context);
int gnutls_adapter_knows_key(gnutls_session_t tls, const struct gnutls_context *context);
void gnutls_adapter_describe(const struct adapter_session *session, struct dtlslab_session_info *out);

/* codes.c: IANA code points and GnuTLS's names. */
uint16_t gnutls_adapter_suite_code(gnutls_session_t tls);
uint16_t gnutls_adapter_group_code(gnutls_group_t group);
const char *gnutls_adapter_group_name(uint16_t code);
const char *gnutls_adapter_scheme_name(uint16_t code);
uint16_t gnutls_adapter_scheme_code(int algorithm);         /* 0: unknown, or none */
void gnutls_adapter_add_codes(struct adapter_words *words); /* of groups and signature schemes */

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

/* The suites that priorities can ask for. */
void gnutls_adapter_add_suites(struct adapter_words *words);

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
