/* SPDX-License-Identifier: MIT
 *
 * What the objects of a configuration are made of: protocols, cipher suites,
 * key exchanges, groups, signature schemes and extensions. They are const, and
 * code is reached only through them, so that what no configuration names is
 * not linked.
 */
#ifndef DTLS_HANDSHAKE_ALGORITHMS_H
#define DTLS_HANDSHAKE_ALGORITHMS_H

#include "dtls/connection.h"
#include "flight/message_header.h"
#include "record/protection.h"

struct dtls_connection;
struct dtls_state_row;

/* Code that a suite of the RFCs uses as a signal and that is none (RFC 5746 section 3.3). */
enum { DTLS_SUITE_EMPTY_RENEGOTIATION_INFO = 0x00ff };

/* Extension code points. */
enum {
    DTLS_CODE_SERVER_NAME = 0,
    DTLS_CODE_MAX_FRAGMENT_LENGTH = 1,
    DTLS_CODE_STATUS_REQUEST = 5,
    DTLS_CODE_SUPPORTED_GROUPS = 10,
    DTLS_CODE_EC_POINT_FORMATS = 11,
    DTLS_CODE_SIGNATURE_ALGORITHMS = 13,
    DTLS_CODE_ALPN = 16,
    DTLS_CODE_CLIENT_CERTIFICATE_TYPE = 19,
    DTLS_CODE_SERVER_CERTIFICATE_TYPE = 20,
    DTLS_CODE_ENCRYPT_THEN_MAC = 22,
    DTLS_CODE_EXTENDED_MASTER_SECRET = 23,
    DTLS_CODE_USE_SRTP = 14,
    DTLS_CODE_RECORD_SIZE_LIMIT = 28,
    DTLS_CODE_SESSION_TICKET = 35,
    DTLS_CODE_CONNECTION_ID = 54,
    DTLS_CODE_RENEGOTIATION_INFO = 0xff01
};

struct dtls_group {
    const char *name;
    uint16_t code;
};

struct dtls_signature_scheme {
    const char *name;
    uint16_t code;
    dtls_key_type key_type;
    dtls_hash hash; /* 0: the scheme hashes by itself */
};

/* One hello extension. A function that is NULL has nothing to do. */
struct dtls_extension {
    const char *name;
    uint16_t code;
    uint16_t signal;     /* a suite code that a client may send instead; 0: none */
    const char *section; /* what defines it */
    bool full_only; /* a server does not answer it when it resumes a session (RFC 5246 section 7.4.1.4) */

    /* The most bytes of a body. NULL: 2. */
    size_t (*body_size)(const dtls_config *config);
    /* Whether a client offers it, and the body of its offer. NULL: always, and empty. */
    bool (*offered)(const struct dtls_connection *connection);
    void (*write_offer)(const struct dtls_connection *connection, struct dtls_writer *writer);
    /* A server meets the offer. The reader holds the body; what is left in it afterwards is an error. */
    dtls_error (*read_offer)(struct dtls_connection *connection, struct dtls_reader *reader);
    /* Whether a server answers an offer, and the body of its answer. NULL: never; and empty. */
    bool (*answered)(const struct dtls_connection *connection);
    void (*write_answer)(const struct dtls_connection *connection, struct dtls_writer *writer);
    /* A client meets the answer. NULL: a server may not answer, the offer is a mere statement. */
    dtls_error (*read_answer)(struct dtls_connection *connection, struct dtls_reader *reader);
    /* A server that has answered adds this message behind its Certificate. */
    dtls_error (*write_message)(struct dtls_connection *connection);
    /* What a client's table has besides. */
    const struct dtls_state_row *rows;
    size_t num_rows;
};

/* A chain as it stands on the wire. */
struct dtls_chain {
    dtls_span certificates[DTLS_MAX_CHAIN];
    size_t num; /* may be more than there are places */
};

/* What a Certificate message holds (RFC 7250 section 3). */
struct dtls_certificate_form {
    dtls_certificate_type type;
    /* The body. NULL: nothing is shown (a client only). */
    void (*write)(struct dtls_writer *writer, const dtls_credential *credential);
    bool (*read)(const struct dtls_message *message, struct dtls_chain *out_chain);
    /* Takes the leaf's key, and judges the chain if that is not the application's task. */
    dtls_error (*take)(struct dtls_connection *connection, const struct dtls_chain *chain);
};

/* How peers show who they are by certificates (RFC 5246 sections 7.4.2, 7.4.4, 7.4.6, 7.4.8): one object,
 * reached through the key exchanges that need it. Writers add a message to the flight, readers take one from
 * the peer. */
struct dtls_certificates {
    /* NULL: none is shown (a client only). */
    dtls_error (*write)(struct dtls_connection *connection, const dtls_credential *credential);
    dtls_error (*read)(struct dtls_connection *connection, const struct dtls_message *message);
    dtls_error (*write_request)(struct dtls_connection *connection);
    dtls_error (*read_request)(struct dtls_connection *connection, const struct dtls_message *message);
    dtls_error (*write_verify)(struct dtls_connection *connection, dtls_span signature);
    dtls_error (*read_verify)(struct dtls_connection *connection, const struct dtls_message *message);
    /* The chain in a Certificate message that was read, with its type. */
    void (*describe)(const struct dtls_connection *connection, const struct dtls_message *message,
                     dtls_event *out_event);
};

/* How the premaster secret comes about (RFC 5246 section 7.4.3 and 7.4.7). */
struct dtls_key_exchange {
    const char *name;
    const struct dtls_certificates *certificates; /* NULL: peers do not show certificates */
    const dtls_extension *const *extensions;      /* NULL-terminated: those that come with it; NULL: none */
    bool asks_psk;                                /* the premaster secret waits for `dtls_answer_psk` */
    bool needs_group;                             /* the configuration must name groups */
    bool server_may_be_silent;                    /* ServerKeyExchange may be left out */
    bool legacy;                                  /* key transport: only by `allow_legacy` */

    /* Server: whether `suite` can be used with what the client offers; if so, notes what it will use. */
    dtls_error (*choose)(struct dtls_connection *connection, const dtls_cipher_suite *suite);
    /* Server: puts the digest that ServerKeyExchange signs into the handshake. NULL: it signs nothing. */
    dtls_error (*prepare)(struct dtls_connection *connection);
    /* Server: adds ServerKeyExchange, if there is one to send. */
    dtls_error (*write_server)(struct dtls_connection *connection, dtls_span signature);
    /* Client: NULL if there is no ServerKeyExchange. */
    dtls_error (*read_server)(struct dtls_connection *connection, const struct dtls_message *message);
    dtls_error (*write_client)(struct dtls_connection *connection);
    /* DTLS_NOTHING: the application is asked for the decryption. */
    dtls_error (*read_client)(struct dtls_connection *connection, const struct dtls_message *message);
    /* Makes the premaster secret of the key that was answered. NULL if `asks_psk` is not set. */
    dtls_error (*take_psk)(struct dtls_connection *connection, dtls_span identity, dtls_span key);
    /* Makes the premaster secret of the application's decryption. NULL if `legacy` is not set. */
    dtls_error (*take_decryption)(struct dtls_connection *connection, const dtls_premaster *decrypted);
};

struct dtls_cipher_suite {
    const char *name;
    uint16_t code;
    dtls_hash hash; /* of the PRF and the transcript */
    const struct dtls_protection *protection;
    const struct dtls_key_exchange *key_exchange;
    dtls_key_type key_type; /* of the server's certificate, if it shows one */
};

/* Whether a server's key is of the kind that a suite asks for: EdDSA goes by the name of ECDSA (RFC 8422
 * section 5.10), RSASSA-PSS, which cannot decrypt, by that of RSA. */
static inline bool dtls_suite_takes_key(const dtls_cipher_suite *suite, dtls_key_type key_type) {
    return key_type == suite->key_type ||
           (key_type == DTLS_KEY_ED25519 && suite->key_type == DTLS_KEY_ECDSA) ||
           (key_type == DTLS_KEY_RSA_PSS && suite->key_type == DTLS_KEY_RSA && !suite->key_exchange->legacy);
}

struct dtls_protocol {
    dtls_role role;
    uint16_t version;
    /* What a version prescribes that others negotiate; 0 and NULL: nothing. */
    dtls_hash hash;                              /* of the PRF and the transcript */
    dtls_hash mac;                               /* of the suites that may be used */
    const dtls_signature_scheme *const *schemes; /* one for each type of key; no message names them */
    const struct dtls_state_row *rows;
    size_t num_rows;
    /* A message in one fragment that is older than the next in sequence: whether it must be handled all the
     * same. `sequence` is its record's number. NULL: never. */
    bool (*takes_old)(const struct dtls_connection *connection, const struct dtls_message *message,
                      uint64_t sequence);
    /* The longest flight kept in the handshake block, without certificates and their signatures, bytes. */
    size_t (*flight_size)(const dtls_config *config);
};

#endif
