/* SPDX-License-Identifier: MIT
 *
 * What the files of the libdtls adapter share. The library never allocates;
 * here its blocks come from malloc, and it is driven as any application would.
 */
#ifndef LIBDTLS_ADAPTER_H
#define LIBDTLS_ADAPTER_H

#include "adapter.h"
#include "dtls/dtls.h"
#include "dtls/libcrypto.h"

/* Entries of a list of algorithms, the NULL at its end not counted. */
#define LIBDTLS_MAX_LIST 64

/* Bytes of a configured certificate chain in DER. */
#define LIBDTLS_MAX_CHAIN_BYTES 16384

/* Bytes of a name or an identity, and of a key (what `dtls_answer_psk` takes). */
#define LIBDTLS_MAX_TEXT    256
#define LIBDTLS_MAX_PSK_KEY 64

/* Bytes of a connection ID, the most that there can be. */
#define LIBDTLS_MAX_CONNECTION_ID 255

/* Application protocols and SRTP profiles, the most that the library takes. */
#define LIBDTLS_MAX_PROTOCOLS 32
#define LIBDTLS_MAX_SRTP      4

/* Sessions of a server at a time, and handshakes among them. Their memory stays below what malloc would
 * give back to the system, so that thousands of short worlds in a row do not ask for the same pages again. */
#define LIBDTLS_MAX_SESSIONS   1024
#define LIBDTLS_MAX_HANDSHAKES 512

/* Sessions that a server keeps for resumption by their ids. */
#define LIBDTLS_CACHE_LEN 8

/* Bytes of a SubjectPublicKeyInfo. */
#define LIBDTLS_MAX_PUBLIC_KEY 1024

struct libdtls_cached {
    uint8_t id[DTLS_MAX_SESSION_ID];
    size_t id_len; /* 0: there is none */
    uint8_t state[DTLS_SESSION_STATE_SIZE];
    size_t state_len;
};

/* A configuration with everything that it points to. */
struct libdtls_context {
    dtls_libcrypto_provider provider;
    dtls_config config;
    const dtls_protocol *protocols[3];
    const dtls_cipher_suite *suites[LIBDTLS_MAX_LIST + 1];
    const dtls_group *groups[LIBDTLS_MAX_LIST + 1];
    const dtls_signature_scheme *schemes[LIBDTLS_MAX_LIST + 1];
    const dtls_extension *extensions[LIBDTLS_MAX_LIST + 1];

    dtls_credential credential;
    dtls_span chain[DTLS_MAX_CHAIN];
    uint8_t chain_bytes[LIBDTLS_MAX_CHAIN_BYTES];
    dtls_private_key *private_key;
    dtls_trust_anchors *anchors;

    char server_name[LIBDTLS_MAX_TEXT];
    uint8_t psk_identity[LIBDTLS_MAX_TEXT];
    uint8_t psk_hint[LIBDTLS_MAX_TEXT];
    uint8_t psk_key[LIBDTLS_MAX_PSK_KEY];
    size_t psk_identity_len;
    size_t psk_key_len;

    uint8_t connection_id[LIBDTLS_MAX_CONNECTION_ID];
    size_t connection_id_len;

    dtls_ticket_keys ticket_keys;                   /* server */
    uint8_t session_state[DTLS_SESSION_STATE_SIZE]; /* client: of the last session; empty: none */
    size_t session_state_len;

    struct libdtls_cached cache[LIBDTLS_CACHE_LEN]; /* server with session ids */
    size_t num_cached;                              /* ever */

    struct dtlslab_bytes *protocol_names; /* NULL: none */
    dtls_span application_protocols[LIBDTLS_MAX_PROTOCOLS];
    uint16_t srtp_profiles[LIBDTLS_MAX_SRTP];
    dtls_srtp srtp;
    char *exporter_label;   /* NULL: nothing is exported */
    uint8_t *ocsp_response; /* server; NULL: none */

    bool raw_public_keys;
    dtls_span raw_key; /* ours, in `chain_bytes`: SubjectPublicKeyInfo */
    dtls_span peer_key;
    uint8_t peer_key_bytes[LIBDTLS_MAX_PUBLIC_KEY];

    bool use_cookies;
    dtls_cookie_secret cookie_secret;
    dtls_server *server; /* NULL: clients, and servers whose connection ID is given, have a connection each */
    void *server_memory;
    uint64_t num_welcomed; /* of the sessions that the server has opened */
    uint32_t mtu;          /* as configured; 0: not */
    uint64_t calendar_s;

    uint8_t datagram[DTLSLAB_MAX_DATAGRAM]; /* one, on its way in or out */
};

/* One session: a handle at its server, whose memory it is in; or a connection, whose blocks are freed with
 * it, the handshake's earlier when the library gives it back. */
struct libdtls_session {
    dtls_session handle;                   /* zero once it has ended there */
    struct dtlslab_session_info described; /* when it ended there */
    dtls_connection *connection;
    void *session_block;
    void *handshake_block;
    uint8_t psk_hint[LIBDTLS_MAX_TEXT]; /* client: the server's */
    size_t psk_hint_len;
    uint8_t *ocsp_response; /* client: the server's; NULL: none */
    size_t ocsp_response_len;
};

int32_t libdtls_configure(struct dtlslab_endpoint *endpoint, const struct dtlslab_config *config,
                          char *message);
void libdtls_free_context(void *context);

/* features.c. A session to remember is a server's, connected; one that is not known is recalled as nothing.
 */
int32_t libdtls_use_features(struct libdtls_context *context, const struct dtlslab_config *config,
                             char *message);
void libdtls_free_features(struct libdtls_context *context);
void libdtls_remember_session(struct libdtls_context *context, const dtls_connection *connection);
int32_t libdtls_use_raw_keys(struct libdtls_context *context, const struct dtlslab_config *config,
                             char *message);
void libdtls_keep_ocsp_response(struct libdtls_session *own, dtls_span response);
dtls_span libdtls_recall_session(const struct libdtls_context *context, dtls_span id);
void libdtls_describe(const struct adapter_session *session, struct dtlslab_session_info *out);

/* connection.c */
struct libdtls_context *libdtls_context_of(const struct adapter_session *session);
dtls_time libdtls_time(const struct libdtls_context *context, uint64_t now);
dtls_time libdtls_time_of(const struct adapter_session *session);
dtls_connection *libdtls_connection_of(const struct adapter_session *session);
int32_t libdtls_open(struct adapter_session *session);
void libdtls_free(struct adapter_session *session);

/* events.c. `expired`: the event comes of a timer that has run out. */
void libdtls_take_event(struct adapter_session *session, const dtls_event *event, bool expired);

/* server.c. Datagrams and events that wait are taken out after whatever was done to one of its sessions. */
int32_t libdtls_open_server(struct libdtls_context *context, char *message);
void libdtls_close_server(struct libdtls_context *context);
void libdtls_take_out_server(struct dtlslab_endpoint *endpoint, bool expired);
const struct adapter_server *libdtls_server_of(const struct dtlslab_endpoint *endpoint);

/* session.c */
int libdtls_listen(struct adapter_session *session);
int libdtls_takes_new_associations(const struct dtlslab_endpoint *endpoint);
int libdtls_is_for(const struct adapter_session *session, const uint8_t *datagram, uint32_t len);
void libdtls_advance(struct adapter_session *session);
void libdtls_expire(struct adapter_session *session);
uint64_t libdtls_time_left(const struct adapter_session *session);
int32_t libdtls_send(struct adapter_session *session, const uint8_t *data, uint32_t len);
void libdtls_close(struct adapter_session *session);

#endif
