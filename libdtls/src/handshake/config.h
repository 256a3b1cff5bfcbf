/* SPDX-License-Identifier: MIT
 *
 * A configuration's values with its defaults filled in, and how the blocks are
 * laid out for it.
 */
#ifndef DTLS_HANDSHAKE_CONFIG_H
#define DTLS_HANDSHAKE_CONFIG_H

#include "handshake/connection.h"

/* The most that a configuration may name of each. */
#define DTLS_MAX_SUITES      64
#define DTLS_MAX_GROUPS      32
#define DTLS_MAX_SCHEMES     32
#define DTLS_MAX_CREDENTIALS 32

/* The smallest MTU, bytes. */
#define DTLS_LEAST_MTU 128

/* An MTU that has not been told is not guessed to be smaller, bytes. */
#define DTLS_LEAST_GUESSED_MTU 256

/* A client's second flight without certificates and CertificateVerify, bytes: a Certificate with nothing in
 * it, ClientKeyExchange, ChangeCipherSpec, Finished. */
#define DTLS_CLIENT_SECOND_FLIGHT                                                                            \
    (4 * DTLS_MESSAGE_HEADER + 3 + 2 + DTLS_MAX_PSK_IDENTITY + DTLS_MAX_KEY_SHARE + 1 + DTLS_VERIFY_DATA)

/* A server's flight without certificates, the signature in it, the identity hint and the signature schemes
 * that it asks for, bytes: ServerHello without extensions, ServerKeyExchange, CertificateRequest,
 * ServerHelloDone. */
#define DTLS_SERVER_FLIGHT (5 * DTLS_MESSAGE_HEADER + 38 + 2 + 8 + DTLS_MAX_KEY_SHARE + 7)

size_t dtls_config_mtu(const dtls_config *config);

/* No path may be smaller, bytes: every message can be sent in 128, besides connection ID and padding. */
size_t dtls_config_least_mtu(const dtls_config *config);

size_t dtls_config_max_message(const dtls_config *config);
size_t dtls_config_max_connection_id(const dtls_config *config);
size_t dtls_config_max_ticket(const dtls_config *config);
uint64_t dtls_config_initial_timeout(const dtls_config *config);
uint64_t dtls_config_max_timeout(const dtls_config *config);
uint64_t dtls_config_handshake_timeout(const dtls_config *config);
uint64_t dtls_config_last_flight_kept(const dtls_config *config);

/* The longest own Certificate message, header included; 0: there is none. */
size_t dtls_config_certificate_message(const dtls_config *config);

/* The longest ClientHello, header included. */
size_t dtls_config_client_hello(const dtls_config *config);

/* The hashes by which a CertificateVerify may come to be signed, each once; 0 behind the last. Answers their
 * number. */
size_t dtls_config_hashes(const dtls_config *config, uint8_t out_hashes[DTLS_MAX_HASHES]);

/* The configuration's suite with a code; NULL: it has none. */
const dtls_cipher_suite *dtls_config_suite(const dtls_config *config, unsigned code);

/* Some suite needs a group. */
bool dtls_config_has_groups(const dtls_config *config);

/* The most bytes of all extensions of the configuration in one hello, those left out whose size follows from
 * a list or a name. */
size_t dtls_config_extensions(const dtls_config *config);

/* The configuration names the extension with this code point. */
bool dtls_config_has_extension(const dtls_config *config, unsigned code);

/* The provider, with anchors or known keys, has a say in whether a peer is believed. */
bool dtls_config_has_anchors_decide(const dtls_config *config);

/* Some suite shows certificates. */
bool dtls_config_has_certificates(const dtls_config *config);

/* We take such certificates from the peer. */
bool dtls_config_takes_type(const dtls_config *config, dtls_certificate_type type);

/* Server: the type of the client's certificates is agreed on, or is X.509, which we take. */
bool dtls_client_type_agreed(const struct dtls_connection *connection);

/* Where things lie in the two blocks, bytes from their beginning. */
struct dtls_session_layout {
    size_t slots;
    size_t slots_len;
    size_t last_flight;
    size_t last_flight_len;
    /* 0: none. */
    size_t secrets;
    size_t resumable;
    size_t key_log;
    size_t ids; /* connection IDs */
    size_t server_name;
    size_t size;
};

struct dtls_handshake_layout {
    size_t transcript;
    size_t more_transcripts; /* as many as there are hashes of schemes */
    size_t digester;
    size_t key_share;
    size_t public_key;
    size_t resuming; /* 0: none */
    size_t sealer;
    size_t certificate; /* of the peer; 0: not kept */
    size_t reassembly;
    size_t flight;
    size_t flight_len;
    size_t kept;
    size_t size;
};

struct dtls_layouts {
    struct dtls_session_layout session;
    struct dtls_handshake_layout handshake;
    size_t num_hashes; /* of `dtls_config_hashes` */
    uint8_t hashes[DTLS_MAX_HASHES];
};

void dtls_layouts_of(const dtls_config *config, struct dtls_layouts *out_layouts);

/* The two blocks that a caller gives. */
struct dtls_connection_memory {
    void *session;
    size_t session_len;
    void *handshake;
    size_t handshake_len;
};

/* Makes a connection with a configuration that has been checked, and its layouts. */
dtls_error dtls_connection_make(const dtls_config *config, const struct dtls_layouts *layouts,
                                const struct dtls_connection_memory *memory,
                                dtls_connection **out_connection);

#endif
