/* SPDX-License-Identifier: MIT
 *
 * The configuration: immutable, shared by any number of connections, and able
 * to live in read-only memory. Everything it points to must outlive the
 * connections that use it.
 */
#ifndef DTLS_CONFIG_H
#define DTLS_CONFIG_H

#include "dtls/algorithms.h"
#include "dtls/crypto.h"
#include "dtls/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a Certificate message holds (RFC 7250 section 3; IANA's code points). */
typedef enum dtls_certificate_type {
    DTLS_CERTIFICATE_X509 = 0,
    DTLS_CERTIFICATE_RAW_PUBLIC_KEY = 2 /* a SubjectPublicKeyInfo and nothing else */
} dtls_certificate_type;

/* A certificate chain, or a raw public key, with its private key. */
typedef struct dtls_credential {
    const dtls_span *chain; /* DER, leaf first; of a raw public key one SubjectPublicKeyInfo */
    size_t chain_len;       /* certificates; 1 to DTLS_MAX_CHAIN; of a raw public key 1 */
    dtls_key_type key_type;
    uint16_t curve; /* of a server's ECDSA key, DTLS_GROUP_*: it is shown to clients that have this group only
                       (RFC 8422 section 5.3); 0: to all */
    const dtls_private_key
        *private_key; /* of the provider; NULL: signatures are asked for by DTLS_EVENT_SIGN */

    dtls_certificate_type type;

    /* Server, with dtls_extension_status_request: the OCSP response for the leaf, DER (RFC 6960), shown to
     * clients that ask for it; empty: none. It is sent as it is. */
    dtls_span ocsp_response;

    /* Server, with dtls_extension_server_name: the DNS names that the credential is for, NULL-terminated and
     * compared without regard to case; NULL: for any name that no other credential lists. */
    const char *const *server_names;
} dtls_credential;

/* The most certificates in a chain. */
#define DTLS_MAX_CHAIN 10

/* Who judges the peer's certificate chain. */
typedef enum dtls_verification {
    DTLS_VERIFY_ANCHORS = 0, /* the provider, against `trust_anchors` and `peer_name`; a raw public key must
                                be one of `known_public_keys` */
    DTLS_VERIFY_APPLICATION =
        1,                   /* the application: DTLS_EVENT_VERIFY_CERTIFICATE, answered at once or later */
    DTLS_VERIFY_NOTHING = 2, /* nobody: for laboratories; the peer is then not authenticated */
    DTLS_VERIFY_ANCHORS_AND_APPLICATION =
        3 /* the provider, and of what it finds good the application is asked too */
} dtls_verification;

/* Whether a server asks clients for certificates. */
typedef enum dtls_client_auth {
    DTLS_CLIENT_AUTH_NONE = 0,
    DTLS_CLIENT_AUTH_REQUEST = 1,
    DTLS_CLIENT_AUTH_REQUIRE = 2
} dtls_client_auth;

/* What happens when the peer's newest record, with its connection ID, comes from another address (RFC 9146
 * section 6). It has authenticated, but whoever can alter addresses on the way may have done so. */
typedef enum dtls_path_policy {
    DTLS_PATH_ASK = 0, /* DTLS_EVENT_PATH_CHANGED; nothing changes unless `dtls_accept_path` is called, once
                          the application is satisfied that the peer can be reached there */
    DTLS_PATH_FOLLOW = 1, /* we send there from now on; DTLS_EVENT_PATH_CHANGED tells */
    DTLS_PATH_KEEP = 2    /* nothing */
} dtls_path_policy;

/* A server's ticket keys (resumption.h). */
typedef struct dtls_ticket_keys dtls_ticket_keys;
/* What is agreed on for SRTP (srtp.h). */
typedef struct dtls_srtp dtls_srtp;

/* Zero fields mean what their comment says; only `crypto`, `protocols` and `cipher_suites` must be given. */
typedef struct dtls_config {
    const dtls_crypto *crypto;

    /* NULL-terminated lists, most preferred first. All protocols have the same role, which is the
     * connection's. */
    const dtls_protocol *const *protocols;
    const dtls_cipher_suite *const *cipher_suites;
    const dtls_group *const *groups;                       /* NULL: no suite may need one */
    const dtls_signature_scheme *const *signature_schemes; /* NULL: no suite may need one */
    const dtls_extension *const *extensions;               /* NULL: none */

    /* Our certificates, of which the first that fits the negotiation is used. */
    const dtls_credential *credentials;
    size_t num_credentials;

    dtls_verification verification;
    const dtls_trust_anchors *trust_anchors; /* of the provider; with DTLS_VERIFY_ANCHORS */
    /* The DNS name or literal IP address that the peer's certificate must be for (RFC 9525), and if it is a
     * name, a client's SNI; NULL: any, and none. */
    const char *peer_name;
    dtls_client_auth client_auth; /* server */

    /* With dtls_extension_server_certificate_type (servers') and dtls_extension_client_certificate_type
     * (clients') the types of certificate that we take from the peer, most preferred first; none named: X.509
     * alone. What we show of ourselves is what `credentials` has. */
    const dtls_certificate_type *peer_certificate_types;
    size_t num_peer_certificate_types;
    /* SubjectPublicKeyInfos in DER: the raw public keys that are trusted, with DTLS_VERIFY_ANCHORS. */
    const dtls_span *known_public_keys;
    size_t num_known_public_keys;

    /* Server, with dtls_extension_server_name. The name that a client looks for is told in
     * `dtls_connection_info` if a credential lists it, or if there is room to keep it. */
    size_t max_server_name; /* the longest name that is kept if no credential lists it, bytes, up to 255. It
                               is kept in the session block, in addition to DTLS_SESSION_SIZE */
    bool refuse_unknown_names; /* end the handshake with unrecognized_name if every credential lists names and
                                  none the client's; else the credentials are chosen from as if it had not
                                  named any */

    dtls_span psk_identity_hint; /* server; empty: none (RFC 4279 section 2) */

    /* With dtls_extension_connection_id (RFC 9146). */
    size_t
        max_connection_id; /* the longest ID of either side, bytes, up to 255; 0: 32. Each side's is kept in
                              the session block, in addition to DTLS_SESSION_SIZE. A client that
                              asks for a longer one gets none */
    size_t record_padding; /* records with an ID are padded to a multiple of so many bytes, up to 1,024;
                              0: not */
    dtls_path_policy path_policy;

    /* With dtls_extension_alpn (RFC 7301): application protocols by name, 1 to 255 bytes each, most preferred
     * first; at most 32. A server takes the first of its own that the client offers, and refuses a client
     * that offers others only; the negotiated one is in `dtls_connection_info`. */
    const dtls_span *application_protocols;
    size_t num_application_protocols;

    /* With dtls_extension_max_fragment_length (RFC 6066 section 4): the most bytes of plaintext in a record
     * of either side that a client asks for, 512, 1,024, 2,048 or 4,096; 0: it does not ask. Servers agree.
     */
    uint16_t max_fragment_length;

    /* With dtls_extension_record_size_limit (RFC 8449): the most bytes of plaintext in a protected record to
     * us, 64 to 16,384; 0: 16,384. The peer's own limit is kept to. If both sides know it,
     * max_fragment_length does not count. */
    uint16_t record_size_limit;

    size_t mtu;                   /* largest datagram we send, bytes of UDP payload; 0: 1,200; least 128 */
    size_t max_message;           /* longest handshake message that we accept, bytes; 0: 4,000 */
    size_t kept_transcript;       /* bytes of handshake messages that are kept for client certificates with
                                     Ed25519, which signs them all; 0: none, and such a certificate is neither
                                     asked for nor shown */
    size_t max_certificate_chain; /* longest own Certificate message we may send; 0: as long as our longest
                                     chain needs */

    uint64_t initial_timeout_ns; /* first retransmission timeout; 0: 1 s (RFC 6347 section 4.2.4.1) */
    uint64_t max_timeout_ns;     /* where doubling stops; 0: 60 s */
    bool reset_timeout;          /* each flight begins with the first timeout again. Otherwise one that losses
                                    have made longer is kept until a flight comes through at once, as RFC
                                    6347 section 4.2.4.1 has it */
    uint64_t handshake_timeout_ns; /* a handshake not over by then has failed; 0: 180 s */
    uint64_t last_flight_kept_ns;  /* how long the last flight can be repeated; 0: 240 s (2 MSL) */

    bool allow_legacy;  /* lets `cipher_suites` name RSA key transport, which has no forward secrecy (RFC 9325
                           section 4.1) */
    bool fallback_scsv; /* client, of DTLS 1.0 alone: tells the server that this is another try after one at
                           a higher version has failed (RFC 7507). A server that has a higher one ends the
                           handshake */
    bool require_extended_master_secret; /* refuse peers without RFC 7627 */
    bool key_log;                        /* give DTLS_EVENT_KEY_LOG: secrets leave the library */
    bool keep_secrets; /* the session block keeps the master secret: for exporters (exporter.h)
                          and to move the connection (transfer.h) */

    const dtls_srtp *srtp; /* with dtls_extension_use_srtp; NULL: none */

    const dtls_resumption *resumption; /* of the protocols' role (resumption.h); NULL: full handshakes only */
    const dtls_ticket_keys *ticket_keys; /* server; NULL: no tickets */
    size_t max_ticket;  /* client: the longest ticket that is kept, bytes, up to 65,535 (with a client's
                           certificates in it a ticket gets long); 0: DTLS_MAX_TICKET. What it is over that is
                           needed besides in the session block, the handshake block and a session's state */
    bool session_cache; /* server: gives session ids, and asks for sessions by them */
    uint32_t session_lifetime_s;     /* how long a session can be resumed after its full handshake; 0: 7,200;
                                        most 604,800 (RFC 8446 section 4.6.1) */
    bool trust_legacy_master_secret; /* resume sessions and export keys without RFC 7627, which says not to
                                        (sections 5.3 and 5.4) */
} dtls_config;

/* What is wrong with a configuration. */
typedef struct dtls_config_problem {
    const char *field;    /* the name of the field */
    const char *expected; /* a sentence */
} dtls_config_problem;

/* Checks a configuration. DTLS_OK, or DTLS_ERROR_CONFIG with `*out_problem` (may be NULL) filled. */
dtls_error dtls_config_check(const dtls_config *config, dtls_config_problem *out_problem);

/* Bytes of memory that a connection with this configuration needs, aligned as for any type. The session block
 * lives as long as the connection, the handshake block until the handshake is over. 0: the configuration is
 * wrong. */
size_t dtls_session_size(const dtls_config *config);
size_t dtls_handshake_size(const dtls_config *config);

/* The same as constants, enough for every configuration whose provider's slots together are at most
 * DTLS_SLOTS_MAX bytes (libcrypto's are), whose `max_message` and own Certificate message are at most the
 * arguments, that keep no transcript and allow no legacy. With dtls_extension_status_request a client needs
 * `max_message` bytes more, and a server's OCSP response counts as part of its Certificate message. */
#define DTLS_SLOTS_MAX    192
#define DTLS_SESSION_SIZE 1536

/* What a session block needs besides with `resumption`. */
#define DTLS_SESSION_RESUMPTION_SIZE 1280

/* What a handshake block needs besides with `resumption`. */
#define DTLS_HANDSHAKE_RESUMPTION_SIZE 1664

/* A handshake block, for handshake messages of up to `max_message` bytes and an own Certificate message of up
 * to `own_certificate_message`. */
#define DTLS_HANDSHAKE_SIZE(max_message, own_certificate_message)                                            \
    (3264 + (max_message) + (max_message) / 8 + (own_certificate_message))

#ifdef __cplusplus
}
#endif

#endif
